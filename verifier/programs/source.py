"""Where a log is read from: a folder or a URL in the layout of C2SP tlog-tiles.

Nothing that comes from here is believed, and everything is bounded: bytes of an answer, seconds that a server may take
for it in whole, attempts (:mod:`verifier.programs.http`).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from verifier.base.errors import Malformed
from verifier.log.hashing import HASH_SIZE
from verifier.log.note import MAX_NOTE_SIZE
from verifier.log.tiles import CHECKPOINT_PATH, MAX_ENTRY_SIZE, WIDTH, Tile, parse_entries
from verifier.programs.files import read_input
from verifier.programs.http import HttpError, ask_once, deadline_for, parse_url, persist

PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds between attempts, of which there is one more."""

MAX_BUNDLE = WIDTH * (2 + MAX_ENTRY_SIZE)

AGENT = "kembar-audit"


class Unreachable(Exception):
    """The source does not give what it must have. The message says what was asked for and what came instead."""


class Broken(Exception):
    """What the source serves is not what its checkpoint signs. The message says what."""


class Source(Protocol):
    """A log's files."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def is_remote(self) -> bool:
        """Whether asking for several things at once saves time."""

    def get(self, path: str, limit: int) -> bytes | None:
        """A file of at most ``limit`` bytes; None if there is none. Raises :class:`Unreachable`."""


_LIKE_URL = re.compile(r"[a-z][a-z0-9+.-]+:|https?[/\\]", re.IGNORECASE | re.ASCII)
"""What was probably meant as an address, unless it is there as a folder."""


def open_source(text: str) -> Source:
    """A URL prefix (``http`` or ``https``) or the path of a folder. Raises :class:`Unreachable`, and
    :class:`verifier.programs.http.BadUrl` for what is meant as a URL and is none.
    """
    root = Path(text)
    if "://" in text or (_LIKE_URL.match(text) and not root.exists()):
        return HttpSource(text)
    for place in (root, root / "mirror", root / "public"):  # the store of an audit, the folder of a registry
        if (place / CHECKPOINT_PATH).is_file():
            return FolderSource(place)
    raise Unreachable(f"{text} holds no log: it has no file named {CHECKPOINT_PATH}")


class FolderSource:
    """A log in a folder."""

    is_remote = False

    def __init__(self, root: Path) -> None:
        self.name = str(root)
        self._root = root

    def get(self, path: str, limit: int) -> bytes | None:
        try:
            data = read_input(str(self._root / path), limit)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise Unreachable(f"{self._root / path} cannot be read: {error.strerror}") from None
        if len(data) > limit:
            raise Unreachable(f"{self._root / path} has more than {limit} bytes")
        return data


class HttpSource:
    """A log under a URL prefix. Safe to use from several threads."""

    is_remote = True

    def __init__(self, prefix: str, pause: Callable[[float], None] = time.sleep) -> None:
        parse_url(prefix)
        self.name = prefix.rstrip("/")
        self._pause = pause

    def get(self, path: str, limit: int) -> bytes | None:
        url = f"{self.name}/{path}"
        try:
            answer = persist(
                lambda left: ask_once("GET", url, AGENT, limit=limit, timeout=left),
                timeout=deadline_for(limit),
                pauses=PAUSES,
                pause=self._pause,
            )
        except HttpError as error:
            raise Unreachable(f"{url}: {error}") from None
        if answer.status in (404, 410):
            return None
        if answer.status != 200:
            given_up = f"; given up after {len(PAUSES) + 1} attempts" if answer.may_pass else ""
            raise Unreachable(f"{url}: the server answers {answer.status}{given_up}")
        return answer.body


# ---- the files of a log


def get_checkpoint(source: Source) -> bytes:
    """The log's checkpoint, unread."""
    note = source.get(CHECKPOINT_PATH, MAX_NOTE_SIZE)
    if note is None:
        raise Unreachable(f"{source.name} holds no log: it has no {CHECKPOINT_PATH}")
    return note


def get_tile(source: Source, tile: Tile) -> bytes:
    """A hash tile, cut from the full one where a partial one is gone (C2SP tlog-tiles)."""
    return _get(source, tile, WIDTH * HASH_SIZE)[: tile.width * HASH_SIZE]


def get_bundle(source: Source, index: int, width: int) -> list[bytes]:
    """The first ``width`` entries of a bundle. Raises :class:`Broken` for what is none."""
    tile = Tile(level=None, index=index, width=width)
    data = _get(source, tile, MAX_BUNDLE)
    at = 0
    for _ in range(width):
        at += 2 + int.from_bytes(data[at : at + 2], "big")
    try:
        return parse_entries(data[:at], width)
    except Malformed as error:
        raise Broken(f"{source.name}/{tile.path}: {error}") from None


def _get(source: Source, tile: Tile, limit: int) -> bytes:
    data = source.get(tile.path, limit)
    if data is None and tile.width < WIDTH:
        data = source.get(Tile(level=tile.level, index=tile.index).path, limit)
    if data is None:
        raise Unreachable(f"{source.name} has no {tile.path}, which its checkpoint calls for")
    return data
