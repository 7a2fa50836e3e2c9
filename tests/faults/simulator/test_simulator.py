"""Every lie is caught by whoever should, and by nobody who cannot; what can be proved of it is, to anybody."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.lies import LIES, stage
from tests.support.roles import Said, alone, watch
from tests.support.views import Show
from verifier.log.trust import parse_policy
from verifier.misbehaviour.check import Proven, check


def kinds(show: Show, files: list[bytes]) -> frozenset[str]:
    """The kinds of the proofs, each of which is checked with nothing but the log's key."""
    found = set()
    for data in files:
        outcome = check(data, parse_policy(alone(show)))
        assert isinstance(outcome, Proven), outcome
        found.add(outcome.kind)
    return frozenset(found)


def codes(show: Show, said: Said) -> dict[str, object]:
    return {
        "reader": said.reader,
        "careful": said.careful,
        "witness": said.witness,
        "watcher": said.watcher,
        "auditor": said.auditor,
        "proofs": kinds(show, said.proofs),
        "compared": kinds(show, said.compared),
    }


@pytest.mark.parametrize("name", LIES)
def test_lie(name: str, tmp_path: Path) -> None:
    show, caught = LIES[name].tell(), LIES[name].caught
    assert codes(show, watch(show, tmp_path)) == {
        "reader": caught.reader,
        "careful": caught.careful,
        "witness": caught.witness,
        "watcher": caught.watcher,
        "auditor": caught.auditor,
        "proofs": caught.proofs,
        "compared": caught.compared,
    }


def test_every_lie_is_caught_by_somebody() -> None:
    """What a registry shows without cosignatures, and old, is a lie only to those who ask."""
    for name, told in LIES.items():
        assert told.caught.careful or told.caught.auditor, name
    unproven = {name for name, told in LIES.items() if not told.caught.proofs | told.caught.compared}
    assert unproven == {
        "shrunken_tree",
        "row_left_out_of_evidence",
        "back_dated_seal",
        "checkpoint_without_cosignatures",
        "stale_checkpoint",
    }


def test_an_honest_registry_is_accused_of_nothing(tmp_path: Path) -> None:
    one = stage()
    one.show.look(one.world, one.usage, kept=one.usage)
    one.world.advance("3h")
    revocation = one.world.revocation(consent=one.consent)
    one.show.look(one.world, one.consent, kept=revocation)
    one.show.look(one.world, one.anna)
    one.world.advance("1d")
    one.world.receipt(one.consent, payee=one.anna, amount=100_000)
    one.show.look(one.world, one.usage, kept=one.usage)
    said = codes(one.show, watch(one.show, tmp_path))
    assert said == {
        "reader": "",
        "careful": "",
        "witness": (200, 200, 200, 200),
        "watcher": frozenset(),
        "auditor": frozenset(),
        "proofs": frozenset(),
        "compared": frozenset(),
    }
