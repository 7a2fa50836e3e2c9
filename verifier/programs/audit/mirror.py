"""A verified copy of a log as static files in the layout of C2SP tlog-tiles: it can itself be served and audited.

Files are put in place whole, by renaming. A file that a power cut took or damaged is fetched again by the next run that
needs it, for whatever is read from here is checked like anybody else's.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from verifier.base.errors import Malformed
from verifier.base.recent import Recent
from verifier.log.hashing import HASH_SIZE
from verifier.log.tiles import CHECKPOINT_PATH, WIDTH, Tile, new_tiles, parse_entries

KEPT_BUNDLES = 8
"""Entry bundles at hand, between so many and twice as many: usually 300 KiB each."""


class Mirror:
    """The files under ``root``. Nothing is written here that has not been shown to be in the log."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._bundles: Recent[int, Sequence[bytes]] = Recent(KEPT_BUNDLES)
        self._sound: Callable[[int], Sequence[bytes]] | None = None

    # ---- reading

    def get(self, path: str) -> bytes | None:
        """A file's bytes, or None."""
        try:
            return (self.root / path).read_bytes()
        except FileNotFoundError:
            return None

    def tile(self, tile: Tile) -> bytes | None:
        """A hash tile, perhaps cut from a wider one."""
        found = self._widest(tile)
        return None if found is None else found[: tile.width * HASH_SIZE]

    def leaf(self, index: int) -> bytes:
        """The bytes of an entry that is here."""
        number, place = divmod(index, WIDTH)
        entries = self._bundles.get(number)
        if entries is None or len(entries) <= place:
            entries = self.entries(number, place + 1) if self._sound is None else self._sound(number)
            if entries is None:
                raise FileNotFoundError(f"the mirror has lost entry {index}: remove the store and audit anew")
            self._bundles.put(number, entries)
        return entries[place]

    @contextmanager
    def checked_by(self, sound: Callable[[int], Sequence[bytes]]) -> Iterator[None]:
        """Meanwhile :meth:`leaf` takes a bundle from ``sound``, which shows that it is the log's, and mends it here."""
        self._bundles = Recent(KEPT_BUNDLES)
        self._sound = sound
        try:
            yield
        finally:
            self._sound = None

    def entries(self, number: int, width: int) -> list[bytes] | None:
        """The entries of bundle ``number``, at least ``width`` of them, if they are here."""
        data = self._widest(Tile(level=None, index=number, width=width))
        if data is None:
            return None
        try:
            entries = _all_entries(data)
        except Malformed:
            return None
        return entries if len(entries) >= width else None

    def _widest(self, tile: Tile) -> bytes | None:
        """The file of a tile that is at least as wide, as wide as there is."""
        data = self.get(Tile(level=tile.level, index=tile.index).path)
        if data is None:
            widths = [width for width in self._widths(tile) if width >= tile.width]
            if widths:
                data = self.get(Tile(level=tile.level, index=tile.index, width=max(widths)).path)
        return data

    def _widths(self, tile: Tile) -> Sequence[int]:
        folder = self.root / (Tile(level=tile.level, index=tile.index).path + ".p")
        try:
            return [int(name) for name in os.listdir(folder) if name.isdecimal()]
        except FileNotFoundError:
            return ()

    # ---- writing

    def put(self, path: str, data: bytes, *, durable: bool = False) -> None:
        """Make a file hold ``data``: a reader sees all of it or the old file."""
        place = self.root / path
        temporary = place.with_name(place.name + ".new")
        place.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, place)

    def publish(self, note: bytes, old_size: int, size: int) -> None:
        """Show a checkpoint of ``size``, all of whose tiles are here.

        Partial tiles stay for readers of older checkpoints until the full one can stand for them (C2SP tlog-tiles).
        """
        self.put(CHECKPOINT_PATH, note, durable=True)
        for tile in new_tiles(old_size, size):
            if tile.width == WIDTH:
                self._drop_partial(tile)
                if tile.level == 0:
                    self._drop_partial(Tile(level=None, index=tile.index))

    def _drop_partial(self, tile: Tile) -> None:
        folder = self.root / (tile.path + ".p")
        for width in self._widths(tile):
            (folder / str(width)).unlink(missing_ok=True)
        with suppress(OSError):
            folder.rmdir()


def _all_entries(data: bytes) -> list[bytes]:
    """The entries of a bundle of whatever width."""
    width = at = 0
    while at + 2 <= len(data):
        at += 2 + int.from_bytes(data[at : at + 2], "big")
        width += 1
    return parse_entries(data, width)
