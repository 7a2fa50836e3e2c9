"""A record book as a folder: its files say together what one file would say, and the check tells what is missing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from registry.cli import main
from registry.web.app import create_app
from tests.support.served import Served
from tests.support.witness_serving import serving
from tests.support.world import DAY, Actor, Logged
from verifier.base.strict import format_instant
from verifier.programs.cli import main as verifier_main


@dataclass(frozen=True, kw_only=True)
class Deal:
    """A registry that is served, and a brand with two consents, under one of which it has a use and an approval."""

    served: Served
    url: str
    brand: Actor
    first: Logged
    second: Logged
    usage: Logged
    policy: Path


@pytest.fixture
def deal(tmp_path: Path) -> Iterator[Deal]:
    served = Served(tmp_path / "registry")
    first, story = served.story()
    served.accept(*story)
    anna, brand = story[0], story[1]
    assert isinstance(anna, Actor) and isinstance(brand, Actor)
    world = served.world
    second = world.consent(model=anna, licensee=brand, terms={"approval": "each"})
    served.accept(second)
    world.advance(DAY)
    approval = world.approval(second, ["hero.jpg"])
    usage = world.usage(second, assets=["hero.jpg"])
    unused = world.approval(second, ["other.jpg"])
    served.accept(approval, usage, unused)
    (tmp_path / "policy").write_text(world.policy())
    with serving(create_app(served.service)) as url:
        yield Deal(
            served=served, url=url, brand=brand, first=first, second=second, usage=usage, policy=tmp_path / "policy"
        )
    served.service.close()


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))


def check(deal: Deal, capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    at = format_instant(deal.served.world.now)
    given = ["check", *map(str, arguments), "--trust", str(deal.policy), "--at", at, "--language", "en"]
    status = verifier_main(given)
    return status, capsys.readouterr().out


def answers(output: str) -> dict[str, Any]:
    """By id what verdicts say of usages and consents."""
    verdicts = [json.loads(line).get("verdict", {}) for line in output.splitlines()]
    listed = [one for verdict in verdicts for one in (*verdict.get("usages", ()), *verdict.get("consents", ()))]
    return {one.get("usage") or one["consent"]: one for one in listed}


def fetch(deal: Deal, output: str | Path, *more: str) -> Result:
    """As the registry's operator makes it, with all that the brand may read."""
    source = (deal.served.root, "party", deal.brand.id, "--for", deal.brand.id)
    return run("evidence", *source, "-o", output if isinstance(output, str) else f"{output}/", *more)


def test_the_folder_says_what_one_file_says(
    deal: Deal, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, whole = tmp_path / "book", tmp_path / "whole.evidence.json"
    done = run("evidence", deal.url, "party", deal.brand.id, "-o", f"{folder}/")
    assert done.exit_code == 0, done.output
    assert "holds the list of the record book, and the files of 2 consents" in done.stdout
    names = [f"consent-{one.id}.evidence.json" for one in (deal.first, deal.second)]
    assert {one.name for one in folder.iterdir()} == {f"party-{deal.brand.id}.evidence.json", *names}
    assert run("evidence", deal.url, "party", deal.brand.id, "-o", whole).exit_code == 0
    _, many = check(deal, capsys, folder, "--json")
    _, one = check(deal, capsys, whole, whole, "--json")  # which makes it a batch
    assert answers(many) == answers(one)
    assert answers(many).keys() == {deal.first.id, deal.second.id, deal.usage.id}
    _, said = check(deal, capsys, folder)
    assert "COMPLETE. With the files of its 2 consents this is the whole record book." in said


def test_a_file_that_is_missing(deal: Deal, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "book"
    fetch(deal, folder)
    before, _ = check(deal, capsys, folder, "--ask", "authorised")
    (folder / f"consent-{deal.first.id}.evidence.json").unlink()
    status, said = check(deal, capsys, folder, "--ask", "authorised")
    assert (before, status) == (0, 3)
    assert f"no file is here of the consent {deal.first.id[:12]}." in said
    _, told = check(deal, capsys, folder, "--json")
    [line] = [one for one in map(json.loads, told.splitlines()) if "missing" in one]
    assert (line["missing"], line["conclusion"]) == ([deal.first.id], "cannot_tell")
    report = tmp_path / "report.csv"
    check(deal, capsys, folder, "--ask", "authorised", "--report", report)
    [row] = [line for line in report.read_text().splitlines() if deal.first.id in line]
    assert ",missing,consent," in row


@pytest.mark.parametrize("late", ["usage", "approval"])
def test_a_file_that_is_older_than_the_list(
    deal: Deal, tmp_path: Path, capsys: pytest.CaptureFixture[str], late: str
) -> None:
    folder = tmp_path / "book"
    fetch(deal, folder)
    world = deal.served.world
    made = world.usage(deal.second) if late == "usage" else world.approval(deal.second, ["hero.jpg"], decision="reject")
    deal.served.accept(made)
    list_ = folder / f"party-{deal.brand.id}.evidence.json"
    assert fetch(deal, str(list_), "--ask", "complete", "--replace").exit_code == 0
    status, said = check(deal, capsys, folder, "--ask", "authorised")
    assert f"The file of the consent {deal.second.id[:12]} is older than the list: fetch it again." in said
    assert status == 3
    newer = folder / f"consent-{deal.second.id}.evidence.json"
    assert fetch(deal, str(newer), "--consent", deal.second.id, "--replace").exit_code == 0
    assert "this is the whole record book" in check(deal, capsys, folder)[1]


def test_what_an_unused_file_was_approved_for_is_in_the_list_alone(
    deal: Deal, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An approval of a file that no use names changes no answer."""
    folder = tmp_path / "book"
    fetch(deal, folder)
    deal.served.accept(deal.served.world.approval(deal.second, ["nobody.jpg"]))
    fetch(deal, tmp_path / "newer")
    name = f"party-{deal.brand.id}.evidence.json"
    (tmp_path / "newer" / name).replace(folder / name)
    assert "this is the whole record book" in check(deal, capsys, folder)[1]


def test_a_list_alone_is_no_statement_of_account(
    deal: Deal, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch(deal, tmp_path / "book")
    given = ["--trust", str(deal.policy), "--language", "en"]
    list_, part = (tmp_path / "book" / f"{one}.evidence.json" for one in (
        f"party-{deal.brand.id}", f"consent-{deal.second.id}"))  # fmt: skip
    assert verifier_main(["statement", str(list_), *given]) == 2
    assert "shows only the list of a party's record book" in capsys.readouterr().err
    assert verifier_main(["statement", str(part), *given]) in (1, 3, 5)


def test_what_is_no_record_book_is_no_folder(deal: Deal, tmp_path: Path) -> None:
    for more in (["usage", deal.usage.id], ["party", deal.brand.id, "--ask", "complete"]):
        done = run("evidence", deal.url, *more, "-o", f"{tmp_path}/")
        assert done.exit_code == 2 and "only a party's whole record book is made as one" in done.stderr
    done = run("evidence", deal.url, "usage", deal.usage.id, "--consent", deal.second.id, "-o", tmp_path / "x")
    assert done.exit_code == 2 and "only the record book of a party has parts" in done.stderr
    done = run("evidence", deal.url, "party", deal.brand.id, "--consent", "ab" * 32, "-o", tmp_path / "x")
    assert done.exit_code == 1 and "no consent with this id is in the log" in done.stderr.lower()


def test_files_that_are_there_stay(deal: Deal, tmp_path: Path) -> None:
    folder = tmp_path / "book"
    fetch(deal, folder)
    again = fetch(deal, folder)
    assert again.exit_code == 2 and "exists already" in again.stderr
    assert fetch(deal, folder, "--replace").exit_code == 0
