"""The folder that a demo leaves behind; an earlier demo's is replaced, anybody else's is not touched."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.commands.common import Failure, Unable

MARKER = ".kembar-demo"
POLICY, EXPECTED, EVIDENCE, REGISTRY = "trust.policy", "expected.json", "evidence", "registry"
ASSETS, KEYS, DRAFTS, PARTIES = "assets", "keys", "drafts", "parties"
BROWSER_KEYS = "browser-keys"
TRANSCRIPT, NOTES, SERVER_LOG = "commands.txt", "terms.txt", "server.log"
GUARD = "guard.json"
GUARDS = (GUARD, f"{GUARD}.lock")
MADE = (
    *(POLICY, EXPECTED, EVIDENCE, REGISTRY, *GUARDS, ASSETS, KEYS, BROWSER_KEYS, DRAFTS, PARTIES, TRANSCRIPT, NOTES),
    SERVER_LOG,
)
"""All that a demo makes in its folder, and all that the next one removes from it."""


def check_folder(folder: Path) -> None:
    """:class:`Failure` unless a demo may use the folder: it does not exist, is empty, or was left by a demo."""
    if folder.exists() and not folder.is_dir():
        raise Failure(f"{folder} is not a folder: choose another with --out.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARKER).is_file():
        raise Failure(f"{folder} holds files that no demo left, so it is not touched: choose another with --out.")


@contextmanager
def fresh_folder(folder: Path) -> Iterator[None]:
    """Make the folder, or take what an earlier demo made out of it; two demos at a time do not share one."""
    check_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    marker = os.open(folder / MARKER, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Unable(f"another demo is using {folder}: choose another folder with --out.") from None
        if os.fstat(marker).st_size == 0:
            os.write(marker, b"Left by `registry demo`. The next one that is pointed here replaces what it made.\n")
        for name in MADE:
            path = folder / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        for name in (EVIDENCE, ASSETS, KEYS, DRAFTS):
            (folder / name).mkdir()
        (folder / KEYS).chmod(0o700)
        yield
    finally:
        os.close(marker)
