"""Where a log keeps what it signed last, and what the world reads: the folder of one machine, or a bucket of many."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from registry.log.durable import PUBLIC_MODE, make_folder, replace_file, sync, write_new
from registry.log.log_error import LogError
from verifier.base.errors import KembarError
from verifier.log.checkpoint import Checkpoint, parse_checkpoint
from verifier.log.note import parse_note
from verifier.log.tiles import CHECKPOINT_PATH, WIDTH, Tile

SIGNED_CHECKPOINT = "signed-checkpoint"
QUORUM_CHECKPOINT = "quorum-checkpoint"
"""The newest checkpoint that met the quorum, and the cosignatures that did."""
DATABASE = "registry.db"
PUBLIC = "public"
BLOCK = 1 << 12
"""Entries after which full tiles are made durable."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The checkpoint that the world sees: parsed, and the signed note verbatim."""

    checkpoint: Checkpoint
    note: str


class TileSink(Protocol):
    """Where tiles go."""

    def whole_until(self, size: int) -> int:
        """Of a log of ``size`` entries that was published here: so many of them need no tile any more."""

    def put(self, tiles: Sequence[tuple[Tile, bytes]]) -> None:
        """Put tiles in their places. A full one stands for all partial ones of its place, which may go."""

    def make_durable(self, tiles: Sequence[Tile]) -> None:
        """See these full tiles on disk."""


class Publication(TileSink, Protocol):
    """``is_fence``: it stands outside the store and does not go back with it, so that no guard is needed."""

    is_fence: bool

    @property
    def signed_place(self) -> str:
        """What the place of the signed checkpoint is called in a message."""

    def read_signed(self) -> Published | None:
        """The checkpoint that was signed last. Raises :class:`LogError` where it cannot be read."""

    def expect_signed(self, known: Published | None) -> None:
        """Raises :class:`LogError` where another process has signed since ``known`` was."""

    def swap_signed(self, known: Published | None, new: Published) -> None:
        """Put ``new`` in the place of ``known``, durably. Raises :class:`LogError` as :meth:`expect_signed` does."""

    def read_shown(self) -> Published | None:
        """The published checkpoint."""

    def show(self, shown: Published) -> None:
        """Publish it."""

    def read_quorum(self) -> Published | None:
        """What :meth:`keep_quorum` kept."""

    def keep_quorum(self, published: Published) -> None:
        """Keep the newest checkpoint that met the quorum. Raises OSError."""


class FolderPublication:
    """In the registry's folder ``root``; ``public/`` in it is served as it is.

    A tile is written in its place, for nothing refers to it yet: only the checkpoint, which follows, does. Tiles are
    not made durable one by one: the database holds everything they hold, and those that a power cut may have taken are
    written anew at the start. Only when the log leaves a *block* of entries are that block's full tiles made durable,
    and nothing before the last two blocks needs to be looked at again.
    """

    is_fence = False

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def signed_place(self) -> str:
        return str(self._root / SIGNED_CHECKPOINT)

    def read_signed(self) -> Published | None:
        return read_checkpoint(self._root / SIGNED_CHECKPOINT)

    def expect_signed(self, known: Published | None) -> None:
        path = self._root / SIGNED_CHECKPOINT
        there = path.read_text(encoding="utf-8") if path.exists() else None
        if there != (known.note if known else None):
            raise LogError(f"{SIGNED_CHECKPOINT} was changed by another process: two registries run on one folder")

    def swap_signed(self, known: Published | None, new: Published) -> None:
        replace_file(self._root / SIGNED_CHECKPOINT, new.note.encode(), durable=True)

    def read_shown(self) -> Published | None:
        return read_checkpoint(self._root / PUBLIC / CHECKPOINT_PATH)

    def show(self, shown: Published) -> None:
        replace_file(self._root / PUBLIC / CHECKPOINT_PATH, shown.note.encode(), mode=PUBLIC_MODE)

    def read_quorum(self) -> Published | None:
        return read_checkpoint(self._root / QUORUM_CHECKPOINT)

    def keep_quorum(self, published: Published) -> None:
        replace_file(self._root / QUORUM_CHECKPOINT, published.note.encode(), durable=True, mode=PUBLIC_MODE)

    # ---- tiles

    def whole_until(self, size: int) -> int:
        is_there = (self._root / PUBLIC / CHECKPOINT_PATH).exists()  # else nothing was, or the folder was emptied
        return max(0, size // BLOCK - 1) * BLOCK if is_there else 0

    def put(self, tiles: Sequence[tuple[Tile, bytes]]) -> None:
        for tile, data in tiles:
            self._write(tile, data)

    def _write(self, tile: Tile, data: bytes) -> None:
        """A file that is there may be whole and in use, or what a crash left of it; so it is replaced as a whole."""
        path = f"{self._root}/{PUBLIC}/{tile.path}"
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
        folder = self._root / PUBLIC / (tile.path + ".p")
        if folder.is_dir():
            for file in folder.iterdir():
                file.unlink()
            folder.rmdir()

    def make_durable(self, tiles: Sequence[Tile]) -> None:
        folders: set[Path] = set()
        for tile in tiles:
            path = self._root / PUBLIC / tile.path
            sync(path)
            folders.update((path.parent, path.parent.parent))
        for folder in folders:
            sync(folder)


def read_checkpoint(path: Path) -> Published | None:
    """The checkpoint in a file of ours, or None where there is no file."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    return parse_published(data, path)


def parse_published(data: bytes, place: object) -> Published:
    """The checkpoint in the bytes of a file or an object of ours, called ``place`` in errors."""
    try:
        note = data.decode("utf-8")
        return Published(checkpoint=parse_checkpoint(parse_note(note).text), note=note)
    except (KembarError, UnicodeDecodeError) as error:
        raise LogError(f"{place} cannot be read: {error}. Put a good copy in its place, from a mirror.") from None
