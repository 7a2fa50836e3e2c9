"""The desk's SQLite file, in which nothing is left of what was erased.

It lies beside the log and is no part of it: without it the registry has lost what people had not yet signed, and
nothing that was logged. What is deleted or emptied is overwritten with zeroes (``secure_delete``), and the journal with
the pages as they were is cut off with each commit.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from registry.log.durable import PRIVATE_MODE
from registry.log.log_error import LogError

DATABASE = "desk.db"
BUSY_SECONDS = 10


class DeskFile:
    """A file of the registry in ``root``. For any number of threads; each change is durable when it returns."""

    def __init__(self, root: Path, name: str = DATABASE) -> None:
        """Raises :class:`~registry.log.log_error.LogError`."""
        path = root / name
        self._lock = RLock()
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_MODE))
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=BUSY_SECONDS)
            for pragma in ("journal_mode=TRUNCATE", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON"):
                self._db.execute(f"PRAGMA {pragma}").fetchall()
        except (sqlite3.Error, OSError) as error:
            raise LogError(f"{path}: {error}. Run this as the account that serves the registry.") from None

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def make(self, schema: str) -> None:
        """Have the tables of one part of the desk, if they are not there yet."""
        with self._lock:
            self._db.executescript(schema)

    def rows(self, query: str, *values: str | int | bytes | None) -> list[tuple[Any, ...]]:
        """All that a query finds."""
        with self._lock:
            return self._db.execute(query, values).fetchall()

    def change(self, query: str, *values: str | int | bytes | None) -> int:
        """Change something; how many rows were."""
        with self.transaction():
            return self._db.execute(query, values).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is changed within is there whole, or not at all; nobody else changes anything meanwhile."""
        with self._lock:
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
