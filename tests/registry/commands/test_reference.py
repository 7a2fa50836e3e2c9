"""``registry reference``: the protocol's own reference for the next transfer, as a command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from registry.cli import main
from tests.support.answering import Answer, answering
from tests.support.served import Served, raw
from tests.support.signed_requests import app_at, asking_as
from tests.support.world import Logged
from verifier.base.private_keys import SigningKey


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


@pytest.fixture
def asking() -> list[SigningKey]:
    """The key with which each request is signed: one, or none."""
    return []


@pytest.fixture
def served(tmp_path: Path, asking: list[SigningKey]) -> Iterator[tuple[Served, str, Logged, str]]:
    """A registry, its address, a consent and its payee, who asks."""
    made = Served(tmp_path / "registry")
    consent, story = made.story()
    made.accept(*story)
    app = app_at(made.service)
    asking.append(made.world.actors[str(consent.statement.parties.model)].keys[0])

    def answer(path: str, body: bytes) -> Answer:
        found = asking_as(app, asking[0] if asking else None).get(path)
        return found.status_code, found.content_type, found.data

    with answering(answer) as url:
        yield made, url, consent, str(consent.statement.parties.model)
    made.service.close()


def test_the_next_free_number(served: tuple[Served, str, Logged, str]) -> None:
    made, url, consent, payee = served
    world = made.world
    model = world.actors[payee]
    first = run("reference", consent.id, payee, "--registry", url)
    assert (first.exit_code, first.stdout) == (0, world.reference(consent, model, 1) + "\n"), first.output
    made.accept(
        world.receipt(consent, payee=model, amount=5, reference=world.reference(consent, model, 3)),
        world.payment(consent, payee=model, amount=7, reference="R9"),
    )
    value = json.loads(run("reference", consent.id, payee, "--registry", url, "--json").stdout)
    assert (value["number"], value["reference"]) == (4, world.reference(consent, model, 4))


def test_a_number_of_ones_own_needs_no_registry(served: tuple[Served, str, Logged, str], tmp_path: Path) -> None:
    made, _, consent, payee = served
    wanted = made.world.reference(consent, made.world.actors[payee], 12) + "\n"
    (tmp_path / "consent.signed.json").write_bytes(raw(consent))
    assert run("reference", consent.id, payee, "--number", "12").stdout == wanted
    assert run("reference", tmp_path / "consent.signed.json", payee, "--number", "12").stdout == wanted


def test_what_it_refuses(served: tuple[Served, str, Logged, str], tmp_path: Path) -> None:
    _, url, consent, payee = served
    asked = run("reference", consent.id, payee)
    assert asked.exit_code == 2 and "--registry URL" in asked.stderr and "--number N" in asked.stderr
    stranger = run("reference", consent.id, "ab" * 32, "--registry", url)
    assert stranger.exit_code == 2 and f"it names {payee}" in stranger.stderr
    assert run("reference", consent.id, "anna", "--number", "1").exit_code == 2
    twin = run("reference", str(consent.statement.twin), payee, "--registry", url)  # type: ignore[attr-defined]
    assert twin.exit_code == 2 and "not a consent" in twin.stderr


def test_numbers_that_are_not_shown_are_not_guessed(
    served: tuple[Served, str, Logged, str], asking: list[SigningKey]
) -> None:
    made, url, consent, payee = served
    made.accept(made.world.receipt(consent, payee=made.world.actors[payee], amount=5))
    assert run("reference", consent.id, payee, "--registry", url).exit_code == 0
    asking.clear()  # as a stranger asks
    asked = run("reference", consent.id, payee, "--registry", url)
    assert asked.exit_code == 3 and "references of 1 of the payments" in asked.stderr and "--number N" in asked.stderr
