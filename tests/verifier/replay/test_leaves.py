"""Leaves are read alike by the quick way and by the readers, and told of whatever their bytes are."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.audited_logs import story
from tests.support.world import World
from verifier.base import canonical
from verifier.base.errors import Malformed
from verifier.log.hashing import leaf_hash
from verifier.programs.audit.workers import Bundle, check_here
from verifier.replay.leaves import read_leaf, read_leaves
from verifier.statements import envelope as envelopes
from verifier.statements.envelope import Envelope, parse_envelope
from verifier.statements.types import MAX_LEAF


def readers(leaf: bytes) -> Envelope | None:
    """What the readers make of a leaf."""
    try:
        return envelopes._envelope(leaf, canonical.parse(leaf, limit=MAX_LEAF))
    except Malformed:
        return None


def world_leaves() -> list[bytes]:
    world = World()
    consent, _, _ = story(world)
    world.party("many", roles=["model"], keys=8, recovery=8)
    world.usage(consent, wrong_signatures=True)
    return world.log.leaves


LEAVES = world_leaves()


def test_every_good_leaf_is_read_at_once() -> None:
    for leaf in LEAVES:
        assert envelopes.match_envelope(leaf, 0, len(leaf)) == readers(leaf) != None  # noqa: E711 -- all three


@given(st.sampled_from(LEAVES), st.data())
def test_what_is_read_at_once_is_what_the_readers_read(leaf: bytes, data: st.DataObject) -> None:
    """One change anywhere: the quick way never takes what they refuse, nor reads it otherwise."""
    at = data.draw(st.integers(0, len(leaf) - 1))
    piece = data.draw(st.sampled_from([b"", b"A", b"=", b'"', b",", b"}", b"0", b"f", b" ", b"\n", leaf[at : at + 60]]))
    width = data.draw(st.integers(0, 3))
    changed = leaf[:at] + piece + leaf[at + width :]
    at_once = envelopes.match_envelope(changed, 0, len(changed))
    assert at_once is None or at_once == readers(changed)
    if readers(changed) is not None:
        assert at_once is not None


def test_signatures_that_repeat_or_fall_are_refused() -> None:
    value = json.loads(next(leaf for leaf in LEAVES if leaf.count(b"keyid") > 2))
    for signatures in (value["signatures"][::-1], [value["signatures"][0]] * 2, [], value["signatures"] * 9):
        leaf = canonical.encode({**value, "signatures": signatures})
        assert envelopes.match_envelope(leaf, 0, len(leaf)) is None
        with pytest.raises(Malformed):
            parse_envelope(leaf)


@given(st.binary(max_size=300) | st.sampled_from(LEAVES).flatmap(lambda leaf: st.integers(0, 99).map(
    lambda at: leaf[: len(leaf) * at // 100])))  # fmt: skip
def test_any_bytes_are_told_of(leaf: bytes) -> None:
    read = read_leaf(leaf)
    assert read.hash == leaf_hash(leaf)
    assert (read.statement is None) == bool(read.fault)
    assert read.statement is not None or (read.touches, read.bad, read.signers) == ((), None, frozenset())


@pytest.mark.parametrize("skip", [0, 3, len(LEAVES)])
def test_a_bundle_is_hashed_whole_and_read_from_where_it_is_new(skip: int) -> None:
    checked = check_here(Bundle(0, LEAVES, skip, False))
    assert checked.hashes() == [leaf_hash(leaf) for leaf in LEAVES]
    assert checked.leaves == read_leaves(LEAVES[skip:])
    assert [leaf.bad for leaf in read_leaves(LEAVES[-2:])] == [0, None]
