"""A real log that Tessera made, at every size that it signed: we read its tiles, and its checkpoints fit together."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.samples import SAMPLES, needs_samples
from verifier.log.checkpoint import Checkpoint, parse_checkpoint
from verifier.log.consistency import check_consistency
from verifier.log.hashing import leaf_hash, root
from verifier.log.log_proof import format_log_proof, parse_log_proof
from verifier.log.note import parse_note
from verifier.log.proofs import check_inclusion
from verifier.log.provers import prove_consistency, prove_inclusion
from verifier.log.tiles import Tile, node_from_tiles, parse_entries, tiles_for_size

LOG = SAMPLES / "vectors/tessera/testdata/log"
SIZES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
NEXT = list(pairwise(SIZES))

pytestmark = needs_samples


def checkpoint(size: int) -> Checkpoint:
    return parse_checkpoint(parse_note((LOG / f"checkpoint.{size}").read_bytes()).text)


def entries(size: int) -> list[bytes]:
    if size == 0:
        return []
    return parse_entries((LOG / Tile(level=None, index=0, width=size).path).read_bytes(), size)


def read_tile(tile: Tile) -> bytes:
    return (LOG / tile.path).read_bytes()


@pytest.mark.parametrize("size", SIZES)
def test_entries_give_the_root(size: int) -> None:
    assert checkpoint(size).size == size
    assert root([leaf_hash(entry) for entry in entries(size)]) == checkpoint(size).root


@pytest.mark.parametrize("size", SIZES[1:])
def test_tiles_are_where_we_look(size: int) -> None:
    assert [Path(LOG / tile.path).is_file() for tile in tiles_for_size(size)] == [True]


@pytest.mark.parametrize("size", SIZES[1:])
def test_every_entry_is_included(size: int) -> None:
    for index, entry in enumerate(entries(size)):
        proof = prove_inclusion(index, size, node_from_tiles(size, read_tile))
        check_inclusion(leaf_hash(entry), index, size, proof, checkpoint(size).root)


@pytest.mark.parametrize("old, size", NEXT)
def test_each_checkpoint_grew_from_the_one_before(old: int, size: int) -> None:
    proof = prove_consistency(old, size, node_from_tiles(size, read_tile))
    check_consistency(old, checkpoint(old).root, size, checkpoint(size).root, proof)


def test_a_log_proof_that_another_program_made() -> None:
    text = (SAMPLES / "vectors/tessera/idx3.tlog-proof").read_text("utf-8")
    log_proof = parse_log_proof(text)
    tree = parse_checkpoint(parse_note(log_proof.checkpoint).text)
    check_inclusion(leaf_hash(entries(15)[3]), log_proof.index, tree.size, log_proof.proof, tree.root)
    assert format_log_proof(log_proof) == text
