"""The log as static files: tiles, entry bundles and the checkpoint, for anyone's C2SP client (protocol, section 5).

Each file is written beside its place and renamed, so that a reader sees all of it or nothing. They are not made
durable one by one: the database holds everything they hold, and :meth:`TileWriter.resume` writes anew whatever a power
cut may have taken. Only when the log leaves a *block* of entries are that block's full tiles made durable, and nothing
before the last two blocks needs to be looked at again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from registry.state import Nodes
from verifier.log.tiles import HEIGHT, WIDTH, Tile, format_entries, new_tiles

BLOCK = 1 << 14
"""Entries after which full tiles are made durable."""


class TileWriter:
    """Keeps the tiles under ``root`` in step with the log. ``read_leaves(start, end)`` reads leaves."""

    def __init__(self, root: Path, nodes: Nodes, read_leaves: Callable[[int, int], Iterable[bytes]]) -> None:
        self._root = root
        self._nodes = nodes
        self._read_leaves = read_leaves
        self.size = 0

    def resume(self, size: int) -> None:
        """After a start: take the tiles on disk to be durable but for the block that ends at ``size``, and the last."""
        self.size = max(0, size // BLOCK - 1) * BLOCK

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
            replace_file(self._root / tile.path, bytes(hashes[32 * start : 32 * (start + tile.width)]))
            if tile.level == 0:
                leaves = list(self._read_leaves(start, start + tile.width))
                bundle = Tile(level=None, index=tile.index, width=tile.width)
                replace_file(self._root / bundle.path, format_entries(leaves))
                if tile.width == WIDTH:
                    self._drop_partial(bundle)
            if tile.width == WIDTH:
                self._drop_partial(tile)
        if old // BLOCK < size // BLOCK:
            self._make_durable(old // BLOCK * BLOCK, size // BLOCK * BLOCK)
        self.size = size

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


def replace_file(path: Path, data: bytes, *, durable: bool = False) -> None:
    """Make ``path`` hold ``data``: a reader sees all of it or the old file. ``durable``: it is on disk on return."""
    temporary = path.with_name(path.name + ".new")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        if durable:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.replace(temporary, path)
    if durable:
        sync(path.parent)


def sync(path: Path) -> None:
    """See a file's bytes, or a folder's names, on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

