"""Drafts in a SQLite file of their own, in which nothing is left of what was erased.

It lies beside the log and is no part of it: without it the registry has lost what people had not yet signed, and
nothing that was logged. What is deleted or emptied is overwritten with zeroes (``secure_delete``), and the journal with
the pages as they were is cut off with each commit.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from registry.desk.pending import Mark, PendingDraft, State
from registry.log.durable import PRIVATE_MODE

DATABASE = "desk.db"
BUSY_SECONDS = 10
KEPT = 86_400
"""Seconds after its deadline when it is forgotten that there was a draft."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS drafts (
  id TEXT PRIMARY KEY, proposer TEXT NOT NULL, controller TEXT NOT NULL, type TEXT NOT NULL,
  proposed INTEGER NOT NULL, deadline INTEGER NOT NULL, latest INTEGER NOT NULL, require INTEGER NOT NULL,
  turns TEXT NOT NULL, text BLOB NOT NULL, state TEXT NOT NULL, entry INTEGER, problem TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS by_controller ON drafts (controller, proposed);
CREATE TABLE IF NOT EXISTS marks (
  draft TEXT NOT NULL REFERENCES drafts (id) ON DELETE CASCADE, party TEXT NOT NULL,
  read INTEGER, signed INTEGER, keyid TEXT NOT NULL DEFAULT '', signature BLOB NOT NULL DEFAULT x'',
  declined INTEGER, reason TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (draft, party)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_party ON marks (party);
CREATE TABLE IF NOT EXISTS beats (one INTEGER PRIMARY KEY CHECK (one = 1), at INTEGER NOT NULL) STRICT;
"""
_DRAFT = "id, proposer, controller, type, proposed, deadline, latest, require, turns, text, state, entry, problem"


class DeskStore:
    """The file ``path``. For any number of threads; each change is durable when it returns."""

    def __init__(self, path: Path) -> None:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_MODE))
        self._lock = RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=BUSY_SECONDS)
        for pragma in ("journal_mode=TRUNCATE", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON"):
            self._db.execute(f"PRAGMA {pragma}").fetchall()
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._db.close()

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

    # ---- reading

    def draft(self, id: str) -> PendingDraft | None:
        with self._lock:
            row = self._db.execute(f"SELECT {_DRAFT} FROM drafts WHERE id = ?", (id,)).fetchone()
            return None if row is None else self._with_marks(row)

    def concerning(self, party: str) -> list[PendingDraft]:
        """Those that a party put up or is named in, the newest first."""
        mine = "proposer = ? OR id IN (SELECT draft FROM marks WHERE party = ?)"
        return self._found(f"{mine} ORDER BY proposed DESC, id", (party, party))

    def open(self) -> list[PendingDraft]:
        """All that wait for signatures."""
        return self._found("state = 'open' ORDER BY proposed, id", ())

    def last_beat(self) -> int | None:
        """When the desk was last known to be served."""
        with self._lock:
            row = self._db.execute("SELECT at FROM beats").fetchone()
        return None if row is None else int(row[0])

    def _found(self, where: str, values: tuple[str | int, ...]) -> list[PendingDraft]:
        with self._lock:
            rows = self._db.execute(f"SELECT {_DRAFT} FROM drafts WHERE {where}", values).fetchall()
            return [self._with_marks(row) for row in rows]

    def _with_marks(self, row: tuple[Any, ...]) -> PendingDraft:
        id, proposer, controller, type, proposed, deadline, latest, require, turns, text, state, entry, problem = row
        marks = self._db.execute(
            "SELECT party, read, signed, keyid, signature, declined, reason FROM marks WHERE draft = ?", (id,)
        )
        return PendingDraft(
            id=id, proposer=proposer, controller=controller, type=type, proposed=proposed, deadline=deadline,
            latest=latest, require=bool(require), turns=json.loads(turns), text=text, state=state, entry=entry,
            problem=problem,
            marks={
                one[0]: Mark(read=one[1], signed=one[2], keyid=one[3], signature=one[4], declined=one[5], reason=one[6])
                for one in marks
            },
        )  # fmt: skip

    # ---- changing

    def add(self, draft: PendingDraft, named: Iterable[str]) -> None:
        """A new draft, and those who are named in it: whoever may ever have to sign it."""
        values = (
            draft.id, draft.proposer, draft.controller, draft.type, draft.proposed, draft.deadline, draft.latest,
            int(draft.require), json.dumps(draft.turns), draft.text, draft.state, draft.entry, draft.problem,
        )  # fmt: skip
        with self.transaction():
            self._db.execute(f"INSERT INTO drafts ({_DRAFT}) VALUES ({', '.join('?' * len(values))})", values)
            self._db.executemany("INSERT INTO marks (draft, party) VALUES (?, ?)", [(draft.id, one) for one in named])

    def set_mark(self, id: str, party: str, mark: Mark) -> None:
        """Put what a party did in the place of what she did before."""
        columns = (mark.read, mark.signed, mark.keyid, mark.signature, mark.declined, mark.reason)
        with self.transaction():
            self._db.execute(
                "INSERT OR REPLACE INTO marks (draft, party, read, signed, keyid, signature, declined, reason)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (id, party, *columns),
            )

    def end(self, id: str, state: State, entry: int | None = None) -> None:
        """The draft is not open any more: its text and all signatures go."""
        with self.transaction():
            self._db.execute(
                "UPDATE drafts SET state = ?, entry = ?, problem = '', text = x'' WHERE id = ?", (state, entry, id)
            )
            self._db.execute("UPDATE marks SET keyid = '', signature = x'' WHERE draft = ?", (id,))

    def set_problem(self, id: str, code: str) -> None:
        """What the registry said when all had signed."""
        with self.transaction():
            self._db.execute("UPDATE drafts SET problem = ? WHERE id = ?", (code, id))

    def set_deadline(self, id: str, deadline: int) -> None:
        with self.transaction():
            self._db.execute("UPDATE drafts SET deadline = ? WHERE id = ?", (deadline, id))

    def sweep(self, now: int) -> None:
        """End what is past its deadline, forget what ended long ago, and note that the desk is served."""
        with self.transaction():
            for (id,) in self._db.execute(
                "SELECT id FROM drafts WHERE state = 'open' AND deadline <= ?", (now,)
            ).fetchall():
                self.end(id, "expired")
            self._db.execute(
                "DELETE FROM drafts WHERE state <> 'open' AND deadline + ? <= ?", (KEPT, now)
            )
            self._db.execute("INSERT OR REPLACE INTO beats (one, at) VALUES (1, ?)", (now,))
