"""Erased text goes for good: from the database by zeroes, and from its journal once nobody reads the old pages.

SQLite writes zeroes over what is deleted (``secure_delete``), but into its write-ahead log, which still holds the page
as it was. Only when the log is carried over and truncated is the text gone, and that waits for every program that is
reading: a backup, a shell that was left open. So an erasure is *pending* until then, and it is tried again.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import sys
import threading
import time
from pathlib import Path

from registry.log.store import PendingErasure

LONGEST = 60.0
"""Seconds between two attempts, at most; the first comes after one second, then two, four, ..."""
NAMED_AFTER = 600
"""Seconds after which whoever is in the way is named in the log."""
LARGE = 64 * 1024 * 1024
"""Bytes of the write-ahead log beyond which it is truncated, as soon as nobody holds it."""
_READ_LOCKS = range(123, 128)  # bytes of the -shm file that readers lock (sqlite.org/walformat.html, 2.3.2)

_log = logging.getLogger(__name__)


class Eraser:
    """Carries the write-ahead log of the database ``path`` over, in a thread of its own until :meth:`close`.

    ``reading`` is held by our own readers; it is taken, so that they are never in the way.
    """

    def __init__(self, path: Path, reading: threading.Lock) -> None:
        self._path = path
        self._reading = reading
        self._conn = sqlite3.connect(path, check_same_thread=False, timeout=0)
        self._trying = threading.Lock()
        self._pending: PendingErasure | None = None
        self._named = False
        self._wake = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="eraser", daemon=True)
        self._thread.start()

    @property
    def pending(self) -> PendingErasure | None:
        """What is not gone yet; None where all is."""
        return self._pending

    def erased(self) -> PendingErasure | None:
        """Text was deleted just now: what is still in the way of its being gone."""
        now = int(time.time())
        with self._trying:
            older = self._pending
            self._pending = PendingErasure(since=older.since if older else now, reason="it was erased a moment ago")
        self._try()
        self._wake.set()
        return self._pending

    def close(self) -> None:
        """A last attempt, and the end."""
        self._closing = True
        self._wake.set()
        self._thread.join()
        if self._pending is not None:
            self._try()
        self._conn.close()

    def _run(self) -> None:
        pause = 1.0
        while True:
            woken = self._wake.wait(pause if self._pending is not None else LONGEST)
            self._wake.clear()
            if self._closing:
                return
            if self._pending is None:
                pause = 1.0
                if self._is_large():
                    self._carry_over()
            elif woken:
                pause = 1.0
            else:
                self._try()
                pause = min(2 * pause, LONGEST)

    def _is_large(self) -> bool:
        try:
            return os.stat(f"{self._path}-wal").st_size > LARGE
        except OSError:
            return False

    def _try(self) -> None:
        with self._trying:
            pending = self._pending
            if pending is None:
                return
            reason = self._carry_over()
            if reason is None:
                self._pending, self._named = None, False
                return
            self._pending = PendingErasure(since=pending.since, reason=reason)
            if not self._named and time.time() - pending.since > NAMED_AFTER:
                self._named = True
                _log.warning("an erasure of %d s ago is not done: %s", time.time() - pending.since, reason)

    def _carry_over(self) -> str | None:
        """Write the journal into the database and empty it; why that cannot be done now, or None."""
        try:
            with self._reading:
                (busy, _, _) = self._conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            return f"the database cannot be written ({type(error).__name__})"
        if not busy:
            return None
        names = readers(self._path)
        return f"another program is reading the database: {', '.join(names)}" if names else "the database is in use"


def readers(path: Path) -> list[str]:
    """The programs that hold old pages of the database, such as ``process 1234 (sqlite3)``; where the system tells."""
    if sys.platform != "linux":
        return []
    try:
        node = os.stat(f"{path}-shm").st_ino
        locks = Path("/proc/locks").read_text(encoding="ascii").splitlines()
    except OSError:
        return []
    found = set()
    for line in locks:  # 12: POSIX  ADVISORY  READ 1234 fe:01:5678 123 123
        words = line.split()
        if len(words) != 8 or words[3] != "READ" or words[5].rpartition(":")[2] != str(node):
            continue
        if words[6].isdecimal() and int(words[6]) in _READ_LOCKS and words[4] != str(os.getpid()):
            found.add(words[4])
    return [f"process {pid} ({_name(pid)})" for pid in sorted(found, key=int)]


def _name(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return "which has ended"
