"""The log as static files: tiles, entry bundles and the checkpoint, for anyone's C2SP client (protocol, section 5).

Nothing refers to a tile yet when it is put in its place: only the checkpoint, which follows, does. Where they are put,
and when they are sure to be there, is for :mod:`registry.log.publication`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from registry.log.image import Nodes
from registry.log.publication import BLOCK, TileSink
from verifier.log.tiles import HEIGHT, WIDTH, Tile, format_entries, new_tiles

AT_ONCE = 64
"""Tiles that are put together."""


class TileWriter:
    """Keeps the tiles in ``sink`` in step with the log. ``read_leaves(start, end)`` reads leaves."""

    def __init__(self, sink: TileSink, nodes: Nodes, read_leaves: Callable[[int, int], Iterable[bytes]]) -> None:
        self._sink = sink
        self._nodes = nodes
        self._read_leaves = read_leaves
        self._bundle: list[bytes] = []  # the leaves of the last bundle that was written, if it is partial
        self.size = 0

    def resume(self, size: int) -> None:
        """After a start: take those tiles to be there of which the sink is sure."""
        self.size = self._sink.whole_until(size)
        self._bundle = []

    def write(self, size: int) -> None:
        """Write all tiles that a log of ``size`` has and the sink does not have yet.

        A crash within leaves some of them; none is referred to before the checkpoint is, and the next call writes them
        all again.
        """
        old = self.size
        made: list[tuple[Tile, bytes]] = []
        for tile in new_tiles(old, size):
            start = tile.index * WIDTH
            assert tile.level is not None
            hashes = self._nodes.levels[tile.level * HEIGHT]
            made.append((tile, bytes(hashes[32 * start : 32 * (start + tile.width)])))
            if tile.level == 0:
                leaves = self._bundle if start + len(self._bundle) == old else []
                leaves = [*leaves, *self._read_leaves(start + len(leaves), start + tile.width)]
                made.append((Tile(level=None, index=tile.index, width=tile.width), format_entries(leaves)))
                self._bundle = leaves if tile.width < WIDTH else []
            if len(made) >= AT_ONCE:
                self._sink.put(made)
                made = []
        self._sink.put(made)
        if old // BLOCK < size // BLOCK:
            self._sink.make_durable(list(_full(old // BLOCK * BLOCK, size // BLOCK * BLOCK)))
        self.size = size


def _full(start: int, end: int) -> Iterable[Tile]:
    for tile in new_tiles(start, end):
        for one in [tile, Tile(level=None, index=tile.index)] if tile.level == 0 else [tile]:
            if one.width == WIDTH:
                yield one
