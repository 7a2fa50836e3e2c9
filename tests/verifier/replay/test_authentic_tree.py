"""Tiles of other people's: whatever is changed in them is seen, and nothing that is read is wrong."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.log.checkpoint import Checkpoint
from verifier.log.hashing import leaf_hash, root
from verifier.log.proofs import ProofError, check_inclusion
from verifier.log.tiles import HEIGHT, WIDTH, Tile, tiles_for_size
from verifier.replay.authentic_tree import AuthenticTree, WrongTile

LEAVES = [leaf_hash(b"%d" % number) for number in range(3 * WIDTH * WIDTH // 2)]


def tiles(size: int) -> dict[str, bytes]:
    """The tiles of the first so many leaves, by path."""
    rows = [LEAVES[:size]]
    while len(rows[-1]) >= WIDTH:
        below = rows[-1]
        rows.append([root(below[at : at + WIDTH]) for at in range(0, len(below) - WIDTH + 1, WIDTH)])
    found = {}
    for tile in tiles_for_size(size):
        assert tile.level is not None
        start = tile.index * WIDTH
        found[tile.path] = b"".join(rows[tile.level][start : start + tile.width])
    return found


def tree(size: int, files: Mapping[str, bytes]) -> AuthenticTree:
    checkpoint = Checkpoint(origin="log", size=size, root=root(LEAVES[:size]))
    return AuthenticTree(checkpoint, lambda tile: files.get(tile.path))


SIZES = st.one_of(st.integers(1, 1_500), st.sampled_from([256, 512, 65_536, 65_537, 66_000, 98_304]))
WHOLE: dict[int, dict[str, bytes]] = {}


def whole(size: int) -> dict[str, bytes]:
    if size not in WHOLE:
        WHOLE[size] = tiles(size)
    return dict(WHOLE[size])


@given(SIZES, st.data())
def test_an_honest_tree_proves_its_leaves_bundles_and_beginnings(size: int, data: st.DataObject) -> None:
    made = tree(size, whole(size))
    index = data.draw(st.integers(0, size - 1))
    check_inclusion(LEAVES[index], index, size, made.inclusion(index), root(LEAVES[:size]))
    number = index // WIDTH
    made.check_bundle(number, LEAVES[number * WIDTH : min(size, (number + 1) * WIDTH)])
    older = data.draw(st.integers(0, size))
    made.check_consistency(Checkpoint(origin="log", size=older, root=root(LEAVES[:older])))
    with pytest.raises(ProofError):
        made.check_consistency(Checkpoint(origin="log", size=older, root=leaf_hash(b"another")))


@given(SIZES, st.data())
def test_a_changed_tile_is_seen_when_it_is_read(size: int, data: st.DataObject) -> None:
    files = whole(size)
    path = data.draw(st.sampled_from(sorted(files)))
    old = files[path]
    at = data.draw(st.integers(0, len(old) - 1))
    change = data.draw(st.sampled_from(["bit", "short", "long", "gone"]))
    match change:
        case "bit":
            files[path] = old[:at] + bytes([old[at] ^ 1]) + old[at + 1 :]
        case "short":
            files[path] = old[:at]
        case "long":
            files[path] = old + bytes(32)
        case _:
            del files[path]
    with pytest.raises(WrongTile):
        made = tree(size, files)
        for tile in tiles_for_size(size):
            made.tile(tile)


@given(SIZES, st.data())
def test_a_changed_bundle_is_seen(size: int, data: st.DataObject) -> None:
    made = tree(size, whole(size))
    number = data.draw(st.integers(0, (size - 1) // WIDTH))
    hashes = LEAVES[number * WIDTH : min(size, (number + 1) * WIDTH)]
    at = data.draw(st.integers(0, len(hashes) - 1))
    for wrong in (
        hashes[:at] + hashes[at + 1 :],
        [*hashes[:at], leaf_hash(b"another"), *hashes[at + 1 :]],
        [*hashes, leaf_hash(b"one more")],
    ):
        with pytest.raises(WrongTile):
            made.check_bundle(number, wrong)


def test_a_second_source_is_asked_for_what_the_first_has_wrong() -> None:
    size = 1_000
    files = whole(size)
    checkpoint = Checkpoint(origin="log", size=size, root=root(LEAVES[:size]))
    asked: list[str] = []

    def far(tile: Tile) -> bytes:
        asked.append(tile.path)
        return files[tile.path]

    made = AuthenticTree(checkpoint, lambda tile: bytes(32 * tile.width), far)
    assert made.tile(Tile(level=0, index=1)) == files["tile/0/001"]
    assert asked == ["tile/0/003.p/232", "tile/1/000.p/3", "tile/0/001"]


def test_an_empty_tree_has_one_root() -> None:
    empty = Checkpoint(origin="log", size=0, root=root([]))
    assert AuthenticTree(empty, lambda tile: None).size == 0
    with pytest.raises(WrongTile):
        AuthenticTree(Checkpoint(origin="log", size=0, root=bytes(32)), lambda tile: None)


def test_heights_are_those_of_the_standard() -> None:
    assert (HEIGHT, WIDTH) == (8, 256)
