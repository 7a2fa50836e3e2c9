"""The public files of a log, at a mirror or in a folder: what is taken from them is compared with what was signed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from registry.log.log_error import LogError
from verifier.base.errors import KembarError
from verifier.log.checkpoint import parse_checkpoint
from verifier.log.hashing import HASH_SIZE
from verifier.log.note import MAX_NOTE_SIZE, parse_note
from verifier.log.tiles import CHECKPOINT_PATH, MAX_ENTRY_SIZE, WIDTH, Tile, parse_entries
from verifier.programs.http import HttpError, ask_once

if TYPE_CHECKING:
    from registry.log.bucket import Bucket

S3 = "s3://"
MAX_BUNDLE = WIDTH * (2 + MAX_ENTRY_SIZE)
TIMEOUT = 60.0
"""Seconds that one file of a mirror may take."""


class LogFiles:
    """The files of a log beside its checkpoint at ``address``: a URL, a path, or a bucket (``s3://...``)."""

    def __init__(self, address: str) -> None:
        self._base = address.removesuffix(f"/{CHECKPOINT_PATH}")

    @cached_property
    def _bucket(self) -> Bucket:
        try:
            from registry.log.bucket import Bucket
        except ImportError as error:
            raise LogError(f"{error.name} is missing: pip install 'kembar[registry,postgresql]'") from None
        return Bucket(self._base)

    def hashes(self, start: int, end: int) -> Iterator[bytes]:
        """Leaf hashes of entries ``start`` to ``end`` - 1, a tile's at a time."""
        for tile, skip in _tiles(0, start, end):
            data = self._get(tile, WIDTH * HASH_SIZE)[: tile.width * HASH_SIZE]
            if len(data) != tile.width * HASH_SIZE:
                raise LogError(f"{self._base}/{tile.path} is too short")
            yield data[skip * HASH_SIZE :]

    def entries(self, start: int, end: int) -> Iterator[bytes]:
        """The leaves of the same."""
        for tile, skip in _tiles(None, start, end):
            data, at = self._get(tile, MAX_BUNDLE), 0
            for _ in range(tile.width):
                at += 2 + int.from_bytes(data[at : at + 2], "big")
            try:
                yield from parse_entries(data[:at], tile.width)[skip:]
            except KembarError as error:
                raise LogError(f"{self._base}/{tile.path}: {error}") from None

    def leaf(self, index: int) -> bytes | None:
        """One entry, as this copy has it; None where it has none, or cannot be read."""
        try:
            note = self._read(CHECKPOINT_PATH, MAX_NOTE_SIZE)
            size = 0 if note is None else parse_checkpoint(parse_note(note).text).size
            end = min(size, index // WIDTH * WIDTH + WIDTH)
            return next(self.entries(index, end)) if index < end else None
        except (LogError, KembarError, OSError):
            return None

    def find(self, path: str) -> bytes | None:
        """One file by its path; None where there is none."""
        return self._read(path, MAX_BUNDLE)

    def file(self, path: str) -> bytes:
        """The same. Raises :class:`LogError` where there is none."""
        found = self.find(path)
        if found is None:
            raise LogError(f"{self._base} has no file {path}")
        return found

    def _get(self, tile: Tile, limit: int) -> bytes:
        for path in dict.fromkeys((tile.path, Tile(level=tile.level, index=tile.index).path)):
            found = self._read(path, limit)
            if found is not None:
                return found
        raise LogError(f"{self._base} has no {tile.path}, which its checkpoint calls for")

    def _read(self, path: str, limit: int) -> bytes | None:
        if self._base.startswith(S3):
            return self._bucket.read(path, limit)
        if "://" not in self._base:
            try:
                with open(f"{self._base}/{path}", "rb") as file:
                    return file.read(limit)
            except FileNotFoundError:
                return None
        try:
            answer = ask_once("GET", f"{self._base}/{path}", "kembar-registry", limit=limit, timeout=TIMEOUT)
        except HttpError as error:
            raise LogError(f"{self._base}/{path}: {error}") from None
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise LogError(f"{self._base}/{path}: the server answers {answer.status}")
        return answer.body


def _tiles(level: int | None, start: int, end: int) -> Iterator[tuple[Tile, int]]:
    """The tiles of level 0, or the bundles, that hold these entries; and how many of each come before ``start``."""
    for number in range(start // WIDTH, -(-end // WIDTH)):
        width = min(WIDTH, end - number * WIDTH)
        yield Tile(level=level, index=number, width=width), max(0, start - number * WIDTH)
