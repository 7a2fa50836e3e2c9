"""Tiles of other people's, made trustworthy: nothing leaves this file that the signed root does not vouch for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from verifier.base.errors import KembarError, Malformed
from verifier.log.checkpoint import Checkpoint
from verifier.log.consistency import check_consistency
from verifier.log.hashing import root
from verifier.log.provers import prove_consistency, prove_inclusion, range_root
from verifier.log.tiles import HEIGHT, WIDTH, Tile, node_from_tiles, parse_hashes

KEPT_TILES = 64
"""Full tiles that were shown to be right and are kept at hand, 8 KiB each."""


class WrongTile(KembarError):
    """A tile or bundle that does not belong to the tree, whoever may be at fault."""


class AuthenticTree:
    """The tree of a checkpoint, read from hash tiles that come from anywhere.

    Each of ``fetches`` gets a tile's bytes, or None; they are asked in turn until one gives what fits. The partial
    tiles at the right edge of the tree, one a level, make up its root; every full tile is one hash of the tile above
    it. Raises :class:`WrongTile` where nobody gives what fits, at once for the tiles of the edge.
    """

    def __init__(self, checkpoint: Checkpoint, *fetches: Callable[[Tile], bytes | None]) -> None:
        self.size = checkpoint.size
        self._fetches = fetches
        self._full: dict[tuple[int, int], bytes] = {}
        self._edge: dict[int, bytes] = {}
        if not any(self._has_edge(checkpoint.root, fetch) for fetch in fetches):
            raise WrongTile("the tiles at the edge of the tree do not make the checkpoint's root")
        self.read_node = node_from_tiles(self.size, self.tile)

    def _has_edge(self, root: bytes, fetch: Callable[[Tile], bytes | None]) -> bool:
        level = 0
        self._edge.clear()
        while there := self.size >> HEIGHT * level:
            if width := there % WIDTH:
                data = fetch(Tile(level=level, index=there // WIDTH, width=width))
                if data is None:
                    return False
                self._edge[level] = data
            level += 1
        read_node = node_from_tiles(self.size, lambda tile: self._edge[tile.level or 0])
        try:
            return range_root(0, self.size, read_node) == root
        except Malformed:
            return False

    def tile(self, tile: Tile) -> bytes:
        """A hash tile of this tree, as wide as the tree has it."""
        level = tile.level
        assert level is not None
        if tile.width < WIDTH:
            return self._edge[level]
        known = self._full.get((level, tile.index))
        if known is None:
            expected = self.hash_of(level, tile.index)
            known = next((data for data in self._candidates(tile) if _tile_root(data) == expected), None)
            if known is None:
                raise WrongTile(f"{tile.path} is not that of the checkpoint's tree")
            if len(self._full) >= KEPT_TILES:
                del self._full[next(iter(self._full))]
            self._full[level, tile.index] = known
        return known

    def _candidates(self, tile: Tile) -> Iterator[bytes]:
        for fetch in self._fetches:
            data = fetch(tile)
            if data is not None:
                yield data

    def hash_of(self, level: int, index: int) -> bytes:
        """The hash of a full tile, which stands in the tile above it."""
        above = self.size >> HEIGHT * (level + 1)
        number, place = divmod(index, WIDTH)
        data = self.tile(Tile(level=level + 1, index=number, width=min(WIDTH, above - number * WIDTH)))
        return data[32 * place : 32 * place + 32]

    def check_bundle(self, index: int, hashes: Sequence[bytes]) -> None:
        """That the leaves of an entry bundle, given by their hashes, are those of this tree, and all of them."""
        width = min(WIDTH, self.size - index * WIDTH)
        is_whole = width == WIDTH
        if not (root(hashes) == self.hash_of(0, index) if is_whole else b"".join(hashes) == self._edge[0]):
            raise WrongTile(f"the entries from {index * WIDTH} on are not those of the checkpoint's tree")

    def check_consistency(self, old: Checkpoint) -> None:
        """That this tree begins with an older one. Raises :class:`verifier.log.proofs.ProofError` if it does not."""
        size = self.size
        proof = prove_consistency(old.size, size, self.read_node)
        check_consistency(old.size, old.root, size, range_root(0, size, self.read_node), proof)

    def inclusion(self, index: int) -> list[bytes]:
        """The inclusion proof of a leaf, made of hashes that have been checked."""
        return prove_inclusion(index, self.size, self.read_node)


def _tile_root(data: bytes) -> bytes | None:
    """The root over a full tile."""
    try:
        return root(parse_hashes(data, WIDTH))
    except Malformed:
        return None
