"""The log as static files: tiles, entry bundles and the checkpoint, for anyone's C2SP client (protocol, section 5).

A tile is written in its place, for nothing refers to it yet: only the checkpoint, which follows, does. Tiles are not
made durable one by one: the database holds everything they hold, and :meth:`TileWriter.resume` has those written anew
that a power cut may have taken. Only when the log leaves a *block* of entries are that block's full tiles made durable,
and nothing before the last two blocks needs to be looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from registry.log.durable import PUBLIC_MODE, make_folder, replace_file, sync, write_new
from registry.log.image import Nodes
from verifier.log.tiles import CHECKPOINT_PATH, HEIGHT, WIDTH, Tile, format_entries, new_tiles

BLOCK = 1 << 14
"""Entries after which full tiles are made durable."""


class TileWriter:
    """Keeps the tiles under ``root`` in step with the log. ``read_leaves(start, end)`` reads leaves."""

    def __init__(self, root: Path, nodes: Nodes, read_leaves: Callable[[int, int], Iterable[bytes]]) -> None:
        self._root = root
        self._nodes = nodes
        self._read_leaves = read_leaves
        self._bundle: list[bytes] = []  # the leaves of the last bundle that was written, if it is partial
        self.size = 0

    def resume(self, size: int) -> None:
        """After a start: take the tiles on disk to be durable but for the last two blocks of ``size`` entries.

        Without a checkpoint nothing was published here, or the folder was emptied: all of it is written.
        """
        whole = (self._root / CHECKPOINT_PATH).exists()
        self.size = max(0, size // BLOCK - 1) * BLOCK if whole else 0
        self._bundle = []

    def write(self, size: int) -> None:
        """Write all tiles that a log of ``size`` has and the files do not have yet.

        A crash within leaves some of them; none is referred to before the checkpoint is, and the next call writes them
        all again.
        """
        old = self.size
        for tile in new_tiles(old, size):
            start = tile.index * WIDTH
            assert tile.level is not None
            hashes = self._nodes.levels[tile.level * HEIGHT]
            self._write(tile, bytes(hashes[32 * start : 32 * (start + tile.width)]))
            if tile.level == 0:
                leaves = self._bundle if start + len(self._bundle) == old else []
                leaves = [*leaves, *self._read_leaves(start + len(leaves), start + tile.width)]
                self._write(Tile(level=None, index=tile.index, width=tile.width), format_entries(leaves))
                self._bundle = leaves if tile.width < WIDTH else []
        if old // BLOCK < size // BLOCK:
            self._make_durable(old // BLOCK * BLOCK, size // BLOCK * BLOCK)
        self.size = size

    def _write(self, tile: Tile, data: bytes) -> None:
        """A file that is there may be whole and in use, or what a crash left of it; so it is replaced as a whole."""
        path = f"{self._root}/{tile.path}"
        try:
            write_new(path, data)
        except FileNotFoundError:
            make_folder(Path(path).parent)
            write_new(path, data)
        except FileExistsError:
            replace_file(Path(path), data, mode=PUBLIC_MODE)
        if tile.width == WIDTH:
            self._drop_partial(tile)

    def _drop_partial(self, tile: Tile) -> None:
        """A full tile stands for all partial ones of its place (C2SP tlog-tiles), which go."""
        folder = self._root / (tile.path + ".p")
        if folder.is_dir():
            for file in folder.iterdir():
                file.unlink()
            folder.rmdir()

    def _make_durable(self, start: int, end: int) -> None:
        folders: set[Path] = set()
        for tile in new_tiles(start, end):
            tiles = [tile, Tile(level=None, index=tile.index)] if tile.level == 0 else [tile]
            for one in tiles:
                if one.width == WIDTH:
                    path = self._root / one.path
                    sync(path)
                    folders.update((path.parent, path.parent.parent))
        for folder in folders:
            sync(folder)
