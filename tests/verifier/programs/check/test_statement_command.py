"""``verifier statement`` as people run it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.money_story import Story
from tests.support.world import World
from verifier.base.strict import format_instant
from verifier.programs.cli import main


class Desk:
    """A folder with evidence of a story: Anna's record book, two uses, and what has nothing to do with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        s = self.story = Story()
        s.fees = [{"per": "use", "amount": 10_000}]
        s.splits.append({"payee": s.crew, "kind": "crew", "parts": 1})
        s.use()
        s.use()
        s.receipt(10_000)
        s.payment(7_000, s.crew, provider=s.bank)
        self.now = format_instant(s.world.now)
        files = {
            "record": s.world.evidence(s.anna),
            "first": s.world.evidence(s.usages[0]),
            "second": s.world.evidence(s.usages[1]),
            "hidden": s.world.evidence(s.anna, hide_sections=[(s.consent, "money")]),
            "crew": s.world.evidence(s.crew),
            "consent": s.world.evidence(s.consent),
            "nobody": s.world.evidence(s.post),
            "policy": s.world.policy().encode(),
            "other policy": World(origin="other.example/log").policy().encode(),
            "broken": b"{}",
        }
        for name, data in files.items():
            (folder / name).write_bytes(data)

    def path(self, name: str) -> str:
        return str(self.folder / name)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("desk"))


def run(
    desk: Desk, capsysbinary: pytest.CaptureFixture[bytes], name: str, *more: str, policy: str = "policy"
) -> tuple[int, str]:
    arguments = ["statement", desk.path(name), "--trust", desk.path(policy), *more]
    if "--at" not in more:
        arguments += ["--at", desk.now]
    status = main(arguments)
    out, err = capsysbinary.readouterr()
    return status, (out + err).decode()


def unwrapped(text: str) -> str:
    """In one line, with blanks that do not break as others."""
    return " ".join(text.split())


def read(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found


def test_totals_reconcile_with_the_lines(desk: Desk, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    status, text = run(desk, capsysbinary, "record", "--json")
    made = read(text)
    assert status == 5
    assert made["totals"] == {
        "EUR": {
            "due": 20_000, "received": 17_000, "outstanding": 3_000, "overpaid": 0,
            "late": 0, "not_yet_due": 3_000, "upcoming": 0,
        }
    }  # fmt: skip
    for name in ("due", "received", "outstanding", "overpaid"):
        total = made["totals"]["EUR"][name]
        assert total == sum(line[name] for line in made["lines"])
    assert len(made["lines"]) == 4


def test_for_people(desk: Desk, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    status, text = run(desk, capsysbinary, "record", "--payee", desk.story.crew.id)
    first = desk.story.usages[0]
    assert status == 5
    assert text.startswith("STATEMENT OF ACCOUNT\n")
    assert "In all, EUR\n  due         EUR 100.00\n  received     EUR 70.00\n  outstanding  EUR 30.00\n" in text
    assert f"To {desk.story.crew.id[:12]}: not yet due EUR 30.00; 1 to 30 days late EUR 0.00;" in unwrapped(text)
    assert (
        f"  The use {first.id[:12]}, directly: due EUR 50.00, received EUR 50.00, outstanding EUR 0.00, due on "
        "1 February 2026, 00:00:00 UTC: PAID.\n"
        "    EUR 50.00 on 5 January 2026, 00:00:00 UTC by a provider's attestation (grade 3)"
    ) in text
    assert desk.story.anna.id not in text.partition("To ")[2]
    assert "What this rests on" in text


def test_csv(desk: Desk, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    status, text = run(desk, capsysbinary, "record", "--csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert status == 5
    assert [int(row["outstanding"]) for row in rows] == [0, 0, 0, 3_000]
    assert {row["currency"] for row in rows} == {"EUR"}
    assert next(row["evidence"] for row in rows if row["payee"] == desk.story.anna.id).startswith("receipt 4 5000 ")


@pytest.mark.parametrize(
    "name, more, status",
    [
        ("first", (), 0),
        ("second", (), 5),
        ("record", (), 5),
        ("crew", (), 5),
        ("hidden", (), 3),
        ("first", ("--require", "audited"), 3),
        ("second", ("--at", "2026-03-01T00:00:00Z"), 3),  # stale
        ("second", ("--at", "2026-03-01T00:00:00Z", "--max-age", "9999"), 1),
        ("record", ("--to", "2026-01-03T00:00:00Z"), 0),
        ("record", ("--from", "2026-01-03T00:00:00Z"), 5),
        ("nobody", (), 0),
        ("consent", (), 5),
        ("record", ("--payee", "anna"), 2),
        ("record", ("--from", "yesterday"), 2),
        ("absent", (), 2),
        ("broken", (), 4),
    ],
)
def test_exit_status(
    desk: Desk, capsysbinary: pytest.CaptureFixture[bytes], name: str, more: tuple[str, ...], status: int
) -> None:
    assert run(desk, capsysbinary, name, *more)[0] == status


def test_a_log_that_is_not_trusted(desk: Desk, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    status, text = run(desk, capsysbinary, "record", policy="other policy")
    assert (status, text.splitlines()[0]) == (4, "INVALID EVIDENCE")
    status, text = run(desk, capsysbinary, "record", "--json", policy="other policy")
    assert (status, read(text)["code"]) == (4, "log_untrusted")


def test_what_cannot_be_told_is_said(desk: Desk, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    _, text = run(desk, capsysbinary, "hidden")
    assert f"What cannot be told\n  What the use {desk.story.usages[0].id[:12]} owes." in text


def test_a_payee_who_is_owed_nothing_is_named(desk: Desk, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    licensee = desk.story.brand.id
    status, text = run(desk, capsysbinary, "record", "--payee", licensee)
    assert (status, f"No use in it owes the party {licensee} anything." in " ".join(text.split())) == (0, True)
    assert "No use in it owes anybody anything." in run(desk, capsysbinary, "nobody")[1]


@pytest.mark.parametrize("form", [(), ("--json",), ("--csv",)])
def test_a_payee_who_does_not_occur_is_an_error(
    desk: Desk, capsysbinary: pytest.CaptureFixture[bytes], form: tuple[str, ...]
) -> None:
    """A mistyped id must not look as if everything were paid."""
    status, text = run(desk, capsysbinary, "record", "--payee", "ab" * 32, *form)
    assert (status, "no entry of this evidence is about that party" in text) == (2, True)


def test_a_use_of_two_forms(desk: Desk, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(desk, capsysbinary, "record", "--csv", "--json")[0] == 2
