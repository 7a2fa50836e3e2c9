"""Files of a registry: put in place whole, made durable where it matters, and readable by those alone who should."""

from __future__ import annotations

import os
from pathlib import Path

PRIVATE_MODE, PUBLIC_MODE, FOLDER_MODE = 0o600, 0o640, 0o750
"""Of files for their owner alone, of files that a web server of the owner's group may serve, and of their folders."""


def write_new(path: str, data: bytes) -> None:
    """Create a public file that holds ``data``. A reader may see a part of it, a crash leave one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PUBLIC_MODE)
    try:
        os.fchmod(descriptor, PUBLIC_MODE)
        _write_all(descriptor, data)
    finally:
        os.close(descriptor)


def replace_file(path: Path, data: bytes, *, durable: bool = False, mode: int = PRIVATE_MODE) -> None:
    """Make ``path`` hold ``data``: a reader sees all of it or the old file, and so does who starts after a power cut.

    ``durable``: the bytes are on disk before they take their place, so that the new file is never found empty. That it
    took its place may still be lost with the power, unless its folder is synced. ``mode`` holds whatever the umask is.
    """
    temporary = f"{path}.new"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_MODE)
    try:
        os.fchmod(descriptor, mode)
        _write_all(descriptor, data)
        if durable:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.replace(temporary, path)


def make_folder(path: Path) -> None:
    """Make a public folder and those above it that are missing, which its owner's group may look into."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(exist_ok=True)
        path.chmod(FOLDER_MODE)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def sync(path: Path) -> None:
    """See a file's bytes, or a folder's names, on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

