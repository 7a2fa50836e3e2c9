"""The trust policy and the settings change while a registry is open."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.config import POLICY, write_policy
from registry.settings import read_settings, write_settings
from registry.witnesses.membership import joined, left
from tests.support.served import Served, proved_list
from tests.support.witness_serving import eventually, serving
from verifier.base.private_keys import SigningKey
from verifier.base.values import replace
from verifier.log.note import Verifier
from verifier.log.trust import Policy, open_checkpoint
from verifier.log.writing import Cosigner
from verifier.programs.witness.app import App
from verifier.programs.witness.store import WitnessStore
from verifier.programs.witness.witness import WitnessServer


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path / "registry")
    yield made
    made.service.close()


@pytest.fixture
def witness(served: Served, tmp_path: Path) -> Iterator[tuple[Verifier, str]]:
    cosigner = Cosigner("w.example", SigningKey(b"\x42" * 32))
    store = WitnessStore(tmp_path / "witness.db")
    log = replace(served.service.config.policy.logs[0], url=None)
    app = App(WitnessServer(cosigner, Policy(logs=(log,), witnesses=(), groups=(), quorum=None), store, served.clock))
    with serving(app) as url:
        yield cosigner.verifier, url
    store.close()


def test_a_witness_joins_and_leaves_an_open_registry(
    served: Served, witness: tuple[Verifier, str], caplog: pytest.LogCaptureFixture
) -> None:
    before = served.service.config.policy
    with_one = joined(before, *witness, None)
    write_policy(served.root, with_one)
    assert served.service.circle.look()
    served.accept(served.world.party("anna", roles=["model"]))
    size = served.service.published.checkpoint.size

    def is_met() -> bool:
        return served.service.shown.checkpoint.size == size and len(served.service.shown.note.split("\n— ")) == 3

    eventually(is_met)
    open_checkpoint(served.service.checkpoint(), with_one)
    proof = proved_list(served.service, "party:" + "00" * 32)
    open_checkpoint(proof.published.note, with_one)  # type: ignore[union-attr]

    write_policy(served.root, left(with_one, "w.example", None, may_fall=True))
    with caplog.at_level(logging.WARNING):
        assert served.service.circle.look()
    assert "the quorum of trust.policy falls from 1, of auditors 0 to 0, of auditors 0" in caplog.text
    assert served.service.witnesses() == []
    served.accept(served.world.party("brand", roles=["licensee"]))


def test_nothing_is_missed_while_it_changes(served: Served, witness: tuple[Verifier, str]) -> None:
    """What is logged between two policies is in the view that evidence is built from."""
    write_policy(served.root, joined(served.service.config.policy, *witness, None))
    served.service.circle.look()
    for number in range(4):
        served.accept(served.world.party(f"m{number}", roles=["model"]))
        moved = joined(served.service.config.policy, witness[0], f"{witness[1]}{'/' * (number % 2)}", None)
        write_policy(served.root, moved)
        served.service.circle.look()
    served.accept(served.world.party("last", roles=["model"]))
    newest = served.service.published.checkpoint.size
    eventually(lambda: served.service.shown.checkpoint.size == newest)
    found = served.service.snapshot(lambda record: [])
    assert found.size == newest  # type: ignore[union-attr]


@pytest.mark.parametrize("text", [b"quorum", b"log other.example/log+b2ecb11b+AZ+3\nquorum none\n", b""])
def test_a_policy_that_cannot_be_taken_up_changes_nothing(
    served: Served, caplog: pytest.LogCaptureFixture, text: bytes
) -> None:
    (served.root / POLICY).write_bytes(text)
    assert not served.service.circle.look()
    assert caplog.text.count("is not taken up; what was in force stays") == 1
    assert not served.service.circle.look() and caplog.text.count("is not taken up") == 1  # told once
    served.accept(served.world.party("anna", roles=["model"]))


def test_a_mirror_in_the_settings_is_asked(served: Served, tmp_path: Path) -> None:
    settings = read_settings(served.root)
    write_settings(served.root, dataclasses.replace(settings, mirrors=(str(tmp_path / "mirror"),)))
    assert served.service.circle.look()
    eventually(lambda: bool(served.service.circle.asking._sources[0].next))
    assert not served.service.circle.look()

