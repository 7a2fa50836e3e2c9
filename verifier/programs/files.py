"""Files that a command is given: of a kind that ends, of a bounded size, and never waited for without end.

What cannot be read raises OSError, whose ``strerror`` is a sentence for people.
"""

from __future__ import annotations

import errno
import os
import select
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import BinaryIO

SUFFIX = ".evidence.json"
"""What the names of evidence files end in, by which they are found in a folder."""

WAIT = 60.0
"""Seconds that a pipe may give nothing: a shell's process substitution is one, and so is one that nobody writes to."""

_BLOCK = 1 << 20

_KINDS = (
    (stat.S_ISDIR, "it is a folder, not a file"),
    (stat.S_ISCHR, "it is a device, not a file"),
    (stat.S_ISBLK, "it is a device, not a file"),
    (stat.S_ISSOCK, "it is a socket, not a file"),
)


def read_input(path: str, limit: int) -> bytes:
    """A file's bytes, or standard input's for ``-``; of one beyond ``limit`` just enough to be seen as too large."""
    if path == "-":
        return _standard_input().read(limit + 1)
    with _opened(path) as (handle, mode):
        if not stat.S_ISFIFO(mode):
            with open(handle, "rb", closefd=False) as file:
                return file.read(limit + 1)
        found = bytearray()
        while len(found) <= limit and (block := _next(handle, mode, limit + 1 - len(found))):
            found += block
        return bytes(found)


def read_line(path: str, limit: int) -> bytes:
    """The first line of a file or a pipe, without its end; at most one byte more than ``limit``."""
    return read_input(path, limit + 2).partition(b"\n")[0].removesuffix(b"\r")[: limit + 1]


def digest_input(path: str, told: Callable[[int, int], None] = lambda done, size: None) -> str:
    """SHA-256 (hex) of a file of any size, or of standard input for ``-``.

    ``told`` is called now and then with the bytes so far and those in all, 0 where nobody knows.
    """
    digest, done = sha256(), 0
    if path == "-":
        stream = _standard_input()
        while block := stream.read(_BLOCK):
            digest.update(block)
        return digest.hexdigest()
    with _opened(path) as (handle, mode):
        size = os.fstat(handle).st_size
        while block := _next(handle, mode, _BLOCK):
            digest.update(block)
            done += len(block)
            told(done, size)
    return digest.hexdigest()


def _standard_input() -> BinaryIO:
    if sys.stdin is None:
        raise OSError(errno.EBADF, "it is closed", "standard input")
    return sys.stdin.buffer


@contextmanager
def _opened(path: str) -> Iterator[tuple[int, int]]:
    """The descriptor and the mode of a file or a pipe; opening waits for nobody."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except ValueError:
        raise OSError(errno.EINVAL, "not the name of a file", path) from None
    try:
        mode = os.fstat(handle).st_mode
        for is_kind, what in _KINDS:
            if is_kind(mode):
                raise OSError(errno.EINVAL, what, path)
        yield handle, mode
    finally:
        os.close(handle)


def _next(handle: int, mode: int, most: int) -> bytes:
    """The next bytes, none at the end; of a pipe once there are any."""
    if stat.S_ISFIFO(mode) and not select.select([handle], [], [], WAIT)[0]:
        raise OSError(errno.ETIMEDOUT, f"it is a pipe, and nothing has come for {WAIT:g} seconds")
    return os.read(handle, min(most, _BLOCK))
