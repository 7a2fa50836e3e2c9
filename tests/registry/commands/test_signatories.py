"""Who has signed and who is missing, by role, as the public log tells; and who is no registrar any more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from registry.cli import main
from registry.intake.submission import Submission, format_submission, parse_submission
from registry.web.app import create_app
from tests.support.answering import Answer, answering
from tests.support.served import Served, raw
from tests.support.world import Actor, Logged, key
from verifier.programs.keys import format_key


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


class Table:
    """A registry with its address, a model, a brand and a stranger, each with a key file, and an unsigned consent."""

    def __init__(self, folder: Path, served: Served, url: str) -> None:
        self.folder, self.served, self.url = folder, served, url
        world = served.world
        self.consent, story = served.story()
        served.accept(*story)
        named = self.consent.statement.parties
        self.anna, self.brand = world.actors[str(named.model)], world.actors[str(named.licensee)]
        self.other = world.party("other", roles=["licensee"])
        served.accept(self.other)
        for actor in (self.anna, self.brand, self.other):
            (folder / f"{actor.name}.key").write_bytes(format_key(actor.keys[0], None))
        self.file = folder / "consent.signed.json"
        self.put(world.consent(model=self.anna, licensee=self.brand, twin=world.twin_of(self.anna)))

    def put(self, made: Logged) -> None:
        whole = parse_submission(raw(made))
        self.file.write_bytes(
            format_submission(Submission(payload=whole.payload, signatures=(), disclosures=whole.disclosures))
        )

    def sign(self, actor: Actor, *more: str) -> Result:
        return run("sign", self.file, "--key", self.folder / f"{actor.name}.key", "--yes", *more)


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    served = Served(tmp_path / "registry")
    client = create_app(served.service).test_client()

    def answer(path: str, body: bytes) -> Answer:
        found = client.get(path)
        return found.status_code, found.content_type, found.data

    with answering(answer) as url:
        yield Table(tmp_path, served, url)
    served.service.close()


def test_each_role_is_signed_or_missing(table: Table) -> None:
    first = table.sign(table.anna, "--registry", table.url)
    assert first.exit_code == 0, first.output
    assert f"the model {table.anna.id} ({table.anna.keys[0].public.hex()}) - signed" in first.stdout
    assert f"the licensee {table.brand.id} - MISSING" in first.stdout
    last = table.sign(table.brand, "--registry", table.url, "--json")
    assert [one["done"] for one in json.loads(last.stdout)["needed"]] == [True, True]


def test_a_strangers_key_is_refused(table: Table) -> None:
    before = table.file.read_bytes()
    refused = table.sign(table.other, "--registry", table.url)
    assert refused.exit_code == 2 and "not asked for" in refused.stderr
    assert table.file.read_bytes() == before
    assert table.sign(table.other, "--registry", table.url, "--force").exit_code == 0


def test_a_key_that_was_retired_is_refused(table: Table) -> None:
    new = key("new")
    table.served.accept(table.served.world.key(table.anna, add=[new], retire=[table.anna.keys[0]]))
    assert table.sign(table.anna, "--registry", table.url).exit_code == 2
    (table.folder / "anna.key").write_bytes(format_key(new, None))
    assert table.sign(table.anna, "--registry", table.url).exit_code == 0


def test_without_the_registry_one_too_many_is_refused(table: Table) -> None:
    said = table.sign(table.anna).stdout
    assert "only the registry knows" in said and "MISSING" not in said
    assert table.sign(table.brand).exit_code == 0
    assert "not asked for" in table.sign(table.other).stderr
    assert table.sign(table.brand).exit_code == 0  # once more changes nothing


@pytest.mark.parametrize("by", ["folder", "address"])
def test_the_present_registrars_are_listed_and_who_goes_is_said(table: Table, by: str) -> None:
    where = str(table.folder / "registry") if by == "folder" else table.url
    present = table.served.world.registrar.public.hex()
    draft = table.folder / "registry.toml"
    made = run("draft", "registry", "--registry", where, "-o", draft)
    assert made.exit_code == 0, made.output
    assert f'registrars = ["{present}"]' in draft.read_text()
    draft.write_text(draft.read_text().replace(present, key("new registrar").public.hex()))
    (table.folder / "log.key").write_bytes(format_key(table.served.world.log_key, None))
    arguments = ("sign", draft, "--key", table.folder / "log.key", "--yes")
    assert f"It removes the registrar {present}." in run(*arguments, "--registry", where).stderr
    (table.folder / "registry.signed.json").unlink()
    assert "registrars no longer" in run(*arguments).stderr
