"""What a log's image derives of its rows, in a file beside them: a start reads it, where making it takes far longer.

Only that: the rows are read at every start as well, each with its checksum, and what stands in them is taken from them.
So a row that the disk has changed is noticed as ever, and never signed. The snapshot has a checksum for each of its
parts, and names the last row that it is of by that row's checksum, which the roots of tree and index are in. Where any
of this does not agree it is left aside, and made anew.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from io import BufferedReader
from pathlib import Path
from typing import Any

from registry.log.durable import PRIVATE_MODE
from registry.log.image import LogImage
from registry.log.store import Store

SNAPSHOT = "image"
"""The file in a registry's folder."""
VERSION = 1
LEAST = 4_096
"""Entries by which a log has grown before it is worth while to write one when it is closed."""
OFTEN = 16_384
"""Entries by which it has grown at least, and an eighth of its size, before one is written meanwhile."""
_CHUNK = 1 << 20
_END = 8 + 32  # the length of the head, which comes after the parts, and its checksum

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageSnapshot:
    """Of the image of the first ``size`` entries, whose last batch begins at ``first`` and has this ``checksum``.

    ``parts`` gives what :meth:`LogImage.derived` gave, once it is read; it raises OSError or ValueError where that is
    not what was written.
    """

    size: int
    first: int
    checksum: bytes
    parts: Callable[[], Mapping[str, bytes | bytearray]]

    @classmethod
    def of(cls, image: LogImage, store: Store) -> ImageSnapshot:
        """A copy of what ``image`` derives, while nothing writes to it."""
        first = image.span(image.size - 1)[0]
        checksum, derived = store.checksum(first), image.derived()
        assert checksum is not None
        return cls(size=image.size, first=first, checksum=checksum, parts=lambda: derived)

    def write(self, path: Path) -> None:
        """Put it in place whole and durably. Raises OSError, and leaves nothing then."""
        temporary = path.with_name(f"{path.name}.new")
        try:
            self._write(temporary)
            os.replace(temporary, path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise

    def _write(self, temporary: Path) -> None:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_MODE)
        with open(descriptor, "wb") as file:
            parts = []
            for name, data in self.parts().items():
                parts.append([name, len(data), sha256(data).hexdigest()])
                for at in range(0, len(data), _CHUNK):
                    file.write(data[at : at + _CHUNK])
            head = json.dumps(
                {
                    "version": VERSION,
                    "order": sys.byteorder,
                    "size": self.size,
                    "first": self.first,
                    "checksum": self.checksum.hex(),
                    "parts": parts,
                }
            ).encode()
            file.write(head + len(head).to_bytes(8, "big") + sha256(head).digest())
            file.flush()
            os.fsync(file.fileno())

    def is_of(self, store: Store) -> bool:
        """Whether the store holds the rows that it was made of."""
        return store.checksum(self.first) == self.checksum


def read_snapshot(path: Path) -> ImageSnapshot | None:
    """What lies there; None, with a line in the log, where it is not what was written, or of another version.

    Its parts are read by a thread meanwhile: that is the disk's work and hashing, beside which the rows can be taken.
    """
    try:
        file = open(path, "rb")  # noqa: SIM115 -- whoever reads the parts closes it
    except FileNotFoundError:
        return None
    try:
        head = _read_head(file)
    except (OSError, ValueError) as error:
        file.close()
        _log.warning("%s is left aside, and made anew of the rows: %s", path, error)
        return None
    beside = ThreadPoolExecutor(1, thread_name_prefix="snapshot")
    reading = beside.submit(_read_parts, file, head["parts"])
    beside.shutdown(wait=False)
    checksum = bytes.fromhex(head["checksum"])
    return ImageSnapshot(size=head["size"], first=head["first"], checksum=checksum, parts=reading.result)


def _read_head(file: BufferedReader) -> Mapping[str, Any]:
    file.seek(-_END, os.SEEK_END)
    end = file.read()
    length = int.from_bytes(end[:8], "big")
    file.seek(-_END - length, os.SEEK_END)
    text = file.read(length)
    if sha256(text).digest() != end[8:]:
        raise ValueError("its head was changed")
    head: Mapping[str, Any] = json.loads(text)
    if (head["version"], head["order"]) != (VERSION, sys.byteorder):
        raise ValueError("it is of another version, or of another kind of machine")
    return head


def _read_parts(file: BufferedReader, wanted: Sequence[tuple[str, int, str]]) -> Mapping[str, bytearray]:
    parts = {}
    with file:
        file.seek(0)
        for name, size, checksum in wanted:
            parts[name] = data = bytearray(size)
            file.readinto(data)
            if sha256(data).hexdigest() != checksum:
                raise ValueError(f"its part {name} was changed")
    return parts


def is_due(size: int, kept: int) -> bool:
    """Whether a log of ``size`` entries should write one while it goes on, having written one at ``kept``."""
    return size - kept >= max(OFTEN, size // 8)
