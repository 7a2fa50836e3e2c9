"""What cases of misbehaviour files are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.world import World
from verifier.log.provers import prove_consistency
from verifier.misbehaviour.accuse import (
    LeafAtHand,
    read_leaf,
)
from verifier.misbehaviour.file import Misbehaviour, Whole


@dataclass(frozen=True, kw_only=True)
class Case:
    """A file, the reader's policy, and what must come of it: members of the outcome's JSON."""

    data: bytes
    policy: str
    expected: Mapping[str, Any]


CASES: dict[str, Callable[[], Case]] = {}


def case(make: Callable[[], Case]) -> Callable[[], Case]:
    """Register a case under its vector's name."""
    CASES[make.__name__.replace("_", "-")] = make
    return make


def leaf_of(world: World, index: int) -> LeafAtHand:
    """A leaf in the tree of a world as it is now, under a checkpoint that only the log signed."""
    return read_leaf(world.checkpoint(cosigners=[]), index, world.log.leaf(index), world.log.inclusion(index))


def shown_list(world: World, subject: str) -> Any:
    """A list as the world's index has it."""
    from verifier.evidence.build import show_list

    return show_list(subject, tuple(world.log.rows(subject)), world.log.index_proof(subject))


def whole(world: World, size: int) -> Misbehaviour:
    """That the last of the first ``size`` leaves has a wrong index root."""
    proof = tuple(prove_consistency(size, world.log.size, world.log.read_node))
    leaves = tuple(world.log.leaves[:size])
    return Misbehaviour(
        kind="wrong_index", material=Whole(checkpoints=(world.checkpoint(cosigners=[]),), leaves=leaves, proof=proof)
    )
