"""The operator's file for one reader is, byte for byte, what that reader gets over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from registry.cli import main
from registry.evidence_offline import FolderLog, Made, evidence_for
from registry.problems import Problem
from registry.readers.reader_store import READERS
from tests.support.served import Served, proved_list
from tests.support.signed_requests import app_at, asking_as
from tests.support.world import DAY, Actor, Logged
from verifier.rules.model.question import Kind, Question


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path / "registry")
    yield made
    made.service.close()


@pytest.fixture
def story(served: Served) -> dict[str, Logged | Actor]:
    consent, story = served.story()
    served.accept(*story)
    served.world.advance(DAY)
    usage = served.world.usage(consent, assets=["hero.jpg"])
    holder = served.world.party("holder", roles=["holder"])
    served.accept(usage, holder)
    anna, brand, maker = story[:3]
    return {"anna": anna, "brand": brand, "maker": maker, "holder": holder, "consent": consent, "usage": usage}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))


@pytest.mark.parametrize("who", ["anna", "brand", "maker", "holder"])
@pytest.mark.parametrize("only", [frozenset(), frozenset({"terms"}), None])
def test_it_is_what_the_party_gets(
    served: Served, story: dict[str, Logged | Actor], who: str, only: frozenset[str] | None
) -> None:
    party = story[who]
    assert isinstance(party, Actor)
    client = asking_as(app_at(served.service), party)
    query = "" if only is None else f"?sections={','.join(sorted(only))}"
    kinds: list[tuple[Kind, str]] = [("consent", "consent"), ("usage", "usage"), ("party", "brand"), ("party", who)]
    files = set()
    for kind, name in kinds:
        id = story[name].id
        more = {} if only is None else {"only": only}
        made = evidence_for(served.root, Question(kind=kind, id=id), party.id, clock=served.clock, **more)
        assert isinstance(made, Made)
        assert made.data == client.get(f"/evidence/{kind}/{id}{query}").data, (kind, name)
        files.add(made.data)
    assert len(files) >= 3


def test_grants_count_and_reads_are_kept(served: Served, story: dict[str, Logged | Actor]) -> None:
    brand, holder, usage = story["brand"].id, story["holder"].id, story["usage"]
    question = Question(kind="usage", id=usage.id)
    readers, now = served.service.readers, served.service.now()
    before = evidence_for(served.root, question, holder, clock=served.clock)
    assert readers.store.reads_of(brand, now) == []
    assert readers.store.grant(brand, holder, ["terms"], now, now + DAY) is not None
    after = evidence_for(served.root, question, holder, clock=served.clock)
    assert isinstance(before, Made) and isinstance(after, Made)
    assert isinstance(usage, Logged)
    secret = usage.disclosures["terms"].encode()
    assert [secret in one.data for one in (before, after)] == [False, True]
    [(_, reader, count)] = readers.store.reads_of(brand, now)
    assert reader == holder and count > 0


def test_what_is_erased_nobody_gets(served: Served, story: dict[str, Logged | Actor]) -> None:
    usage = story["usage"]
    assert isinstance(usage, Logged)
    served.accept(served.world.erasure(usage))
    made = evidence_for(served.root, Question(kind="usage", id=usage.id), story["brand"].id, clock=served.clock)
    assert isinstance(made, Made) and usage.disclosures["terms"].encode() not in made.data


def test_lists_are_proved_where_readers_were_shown_the_log(served: Served, story: dict[str, Logged | Actor]) -> None:
    consent = story["consent"]
    assert isinstance(consent, Logged)
    subjects = [f"party:{story[name].id}" for name in ("brand", "holder")] + ["party:" + "ab" * 32]
    before = {subject: proved_list(served.service, subject) for subject in subjects}
    shown = served.service.published
    served.accept(served.world.revocation(consent=consent))
    log = FolderLog(served.root)
    assert log.published.checkpoint.size > shown.checkpoint.size
    assert log.lists(shown, subjects) == before
    log.store.close()


@pytest.mark.parametrize(("kind", "name", "who"), [("usage", "consent", "brand"), ("usage", "usage", "consent")])
def test_what_is_not_there(served: Served, story: dict[str, Logged | Actor], kind: Kind, name: str, who: str) -> None:
    found = evidence_for(served.root, Question(kind=kind, id=story[name].id), story[who].id, clock=served.clock)
    assert isinstance(found, Problem) and found.code == "not_found"


class TestCommand:
    def test_it_writes_the_file(self, served: Served, story: dict[str, Logged | Actor], tmp_path: Path) -> None:
        usage, brand, file = story["usage"].id, story["brand"].id, tmp_path / "file.json"
        done = run("evidence", served.root, "usage", usage, "--for", brand, "-o", file)
        assert done.exit_code == 0, done.output
        assert "It stands at" in done.stdout
        again = run("evidence", served.root, "usage", usage, f"--for={brand}", "-o", file, "--replace", "--json")
        assert json.loads(again.stdout)["policy"] == "registry"
        served.service.close()
        whole = file.read_bytes()
        assert run("evidence", served.root, "usage", usage, "--for", brand, "-o", file, "--replace").exit_code == 0
        assert file.read_bytes() == whole, "it need not be served"

    def test_what_is_wrong_is_said(self, served: Served, story: dict[str, Logged | Actor], tmp_path: Path) -> None:
        usage, brand, file = story["usage"].id, story["brand"].id, tmp_path / "file.json"
        for where, who, code, said in (
            (served.root, "nobody", 2, "is no party's id"),
            (served.root, "ab" * 32, 1, "No party with this id"),
            ("https://registry.example", brand, 2, "give its folder"),
            (tmp_path / "elsewhere", brand, 2, "is not a registry's folder"),
        ):
            done = run("evidence", where, "usage", usage, "--for", who, "-o", file)
            assert done.exit_code == code and said in done.stderr, done.output
        served.service.close()
        (served.root / READERS).write_bytes(b"no database at all" * 100)
        done = run("evidence", served.root, "usage", usage, "--for", brand, "-o", file)
        assert done.exit_code == 3 and READERS in done.stderr, done.output
        assert not file.exists()
