"""Where a log is read from: a folder or a URL in the layout of C2SP tlog-tiles.

Nothing that comes from here is believed, and everything is bounded: bytes of an answer, before and after it is
unpacked; seconds that a server may take; attempts.
"""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from verifier.base.errors import Malformed
from verifier.log.hashing import HASH_SIZE
from verifier.log.note import MAX_NOTE_SIZE
from verifier.log.tiles import CHECKPOINT_PATH, MAX_ENTRY_SIZE, WIDTH, Tile, parse_entries

TIMEOUT = 30
"""Seconds without a byte before an attempt is given up."""

PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds between attempts, of which there is one more."""

LONGEST_PAUSE = 60
"""Seconds that a server may ask for with Retry-After."""

MAX_BUNDLE = WIDTH * (2 + MAX_ENTRY_SIZE)

_TRY_AGAIN = (408, 425, 429, 500, 502, 503, 504)


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


def open_source(text: str) -> Source:
    """A URL prefix (``http`` or ``https``) or the path of a folder. Raises :class:`Unreachable`."""
    if "://" in text:
        return HttpSource(text)
    root = Path(text)
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
            with (self._root / path).open("rb") as file:
                data = file.read(limit + 1)
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
        parts = urlsplit(prefix)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
            raise Unreachable(f"{prefix} is not the URL of a log: https://HOST/PATH")
        self.name = prefix.rstrip("/")
        self._pause = pause

    def get(self, path: str, limit: int) -> bytes | None:
        url = f"{self.name}/{path}"
        attempts = 0
        while True:
            asked = 0
            try:
                return self._ask(url, limit)
            except urllib.error.HTTPError as error:
                error.close()
                if error.code in (404, 410):
                    return None
                reason = f"the server answers {error.code}"
                if error.code not in _TRY_AGAIN:
                    raise Unreachable(f"{url}: {reason}") from None
                text = error.headers.get("Retry-After", "")
                asked = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
            except (OSError, http.client.HTTPException, zlib.error) as error:
                reason = str(error) or type(error).__name__
            if attempts == len(PAUSES):
                raise Unreachable(f"{url}: {reason}; given up after {attempts + 1} attempts")
            self._pause(max(PAUSES[attempts], min(asked, LONGEST_PAUSE)))
            attempts += 1

    def _ask(self, url: str, limit: int) -> bytes:
        request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip", "User-Agent": "kembar-audit"})
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            body: bytes = answer.read(limit + 1)
            length = answer.headers.get("Content-Length", "")
            encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
        if length.isascii() and length.isdecimal() and len(body) < min(int(length), limit + 1):
            raise http.client.IncompleteRead(body)
        if encoding in ("gzip", "x-gzip"):
            body = _unpack(body, limit)
        elif encoding not in ("", "identity"):
            raise Unreachable(f"{url}: the answer is packed with {encoding}, which was not asked for")
        if len(body) > limit:
            raise Unreachable(f"{url}: more than {limit} bytes")
        return body


def _unpack(body: bytes, limit: int) -> bytes:
    """At most ``limit`` + 1 bytes of what a gzip stream holds."""
    unpacker = zlib.decompressobj(wbits=31)
    data = unpacker.decompress(body, limit + 1)
    if len(data) <= limit and not unpacker.eof:
        raise zlib.error("the packed answer ends early")
    return data


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
