"""Tables in a SQLite file.

One that is ``erasing`` keeps nothing of what was erased: what is deleted or emptied is overwritten with zeroes
(``secure_delete``), and the journal with the pages as they were is cut off with each commit.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from registry.log.durable import PRIVATE_MODE
from registry.log.log_error import LogError
from registry.tables.tables import Value, Words

BUSY_SECONDS = 10
_ERASING = ("journal_mode=TRUNCATE", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON")
_PLAIN = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON")


class SqliteTables:
    """Those in the file at ``path`` (:class:`registry.tables.tables.Tables`)."""

    is_shared = False

    def __init__(self, path: Path, *, erasing: bool) -> None:
        """Raises :class:`~registry.log.log_error.LogError`."""
        self._lock = RLock()
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_MODE))
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=BUSY_SECONDS)
            for pragma in _ERASING if erasing else _PLAIN:
                self._db.execute(f"PRAGMA {pragma}").fetchall()
        except (sqlite3.Error, OSError) as error:
            raise LogError(f"{path}: {error}. Run this as the account that serves the registry.") from None

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def make(self, schema: str) -> None:
        """Have the tables of a schema, if they are not there yet."""
        with self._lock:
            self._db.executescript(schema)

    def rows(self, query: str, *values: Value) -> list[tuple[Any, ...]]:
        """All that one statement finds, or returns of what it changes."""
        with self._lock:
            return self._db.execute(query, values).fetchall()

    def change(self, query: str, *values: Value) -> int:
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

    # ---- words: the file itself keeps nothing of what goes

    def hide(self, words: Words) -> Words:
        return words

    def show(self, held: Sequence[Words]) -> list[Words | None]:
        return list(held)

    def drop(self, held: Sequence[Words]) -> None:
        pass

    def tidy(self) -> None:
        pass
