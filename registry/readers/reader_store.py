"""What is kept about readers, beside the log and never in it: grants, who read whose sections, questions, sessions.

``readers.db`` in the registry's folder, or tables that all front ends have together. Nothing in it is needed to prove
anything: whoever loses it loses permissions and a log of readers, and no statement.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from registry.tables.sqlite_tables import SqliteTables
from registry.tables.tables import Tables
from verifier.base.private_keys import random_bytes

PART = "readers"
READERS = f"{PART}.db"
DAY = 86_400
READS_KEPT = 90
"""Days that it is kept who read whose sections."""
QUESTIONS = 12
"""Questions about others' exclusivity on one model, for all parties under one controller, in :data:`QUESTION_DAYS`."""
QUESTION_DAYS = 30
GRANT_DAYS = 366
"""Days that a grant may last: twelve months."""
GRANTS = 256
"""Grants of one party at a time."""
IDLE, LONGEST = 30 * 60, 12 * 3600
"""Seconds after which a session ends: without a request, and in any case."""
SESSIONS = 16
"""Sessions of one key at a time; the one that was used least lately ends for another."""
_ALL = 1 << 31

_SCHEMA = """
CREATE TABLE IF NOT EXISTS grants (
    id TEXT PRIMARY KEY, giver TEXT NOT NULL, taker TEXT NOT NULL, sections TEXT NOT NULL,
    at INTEGER NOT NULL, until INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS grants_given ON grants (giver);
CREATE INDEX IF NOT EXISTS grants_taken ON grants (taker);
CREATE TABLE IF NOT EXISTS reads (
    day INTEGER NOT NULL, owner TEXT NOT NULL, reader TEXT NOT NULL, sections INTEGER NOT NULL,
    PRIMARY KEY (owner, day, reader)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS questions (
    at INTEGER NOT NULL, model TEXT NOT NULL, asker TEXT NOT NULL, controller TEXT NOT NULL,
    plan TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS questions_on ON questions (model, controller, at);
CREATE TABLE IF NOT EXISTS sessions (
    hash BLOB PRIMARY KEY, key TEXT NOT NULL, began INTEGER NOT NULL, seen INTEGER NOT NULL) STRICT, WITHOUT ROWID;
"""
_COPIED = {"reads": "day, owner, reader, sections", "questions": "at, model, asker, controller, plan"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """``taker`` may read the ``sections`` that ``giver`` may, until then (POSIX seconds)."""

    id: str
    giver: str
    taker: str
    sections: tuple[str, ...]
    at: int
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Somebody asked whether anybody's exclusivity on a model is in the way of a plan."""

    at: int
    model: str
    asker: str
    plan: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSession:
    """A session that has not ended: the hash of its cookie, whose key began it, when, and when it was used last."""

    hash: bytes
    key: str
    began: int
    seen: int


class ReaderStore:
    """For any number of threads; it closes its ``tables``."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        tables.make(_SCHEMA)

    def close(self) -> None:
        """Let go of them."""
        self.tables.close()

    # ---- grants

    def grant(self, giver: str, taker: str, sections: Sequence[str], now: int, until: int) -> Grant | None:
        """Keep a grant; None where this party has as many as may be. The very same again is the one that there is."""
        made = Grant(
            id=random_bytes(16).hex(), giver=giver, taker=taker, sections=tuple(sorted(sections)), at=now, until=until
        )
        with self.tables.transaction():
            self.tables.change("DELETE FROM grants WHERE until <= ?", now)
            there = [one for one in self.grants(giver, now)[0] if replace(one, id=made.id, at=now) == made]
            if there:
                return there[0]
            [(count,)] = self.tables.rows("SELECT count(*) FROM grants WHERE giver = ?", giver)
            if count >= GRANTS:
                return None
            row = (made.id, giver, taker, ",".join(made.sections), now, until)
            self.tables.change("INSERT INTO grants VALUES (?, ?, ?, ?, ?, ?)", *row)
        return made

    def revoke(self, giver: str, id: str) -> bool:
        """Take a grant back, at once."""
        return self.tables.change("DELETE FROM grants WHERE giver = ? AND id = ?", giver, id) > 0

    def grants(self, party: str, now: int) -> tuple[list[Grant], list[Grant]]:
        """Those that a party gave, and those that it was given, that hold now."""
        return self._grants("giver", party, now), self._grants("taker", party, now)

    def _grants(self, side: str, party: str, now: int) -> list[Grant]:
        columns = "id, giver, taker, sections, at, until"
        query = f"SELECT {columns} FROM grants WHERE {side} = ? AND until > ? ORDER BY at, id"
        return [
            Grant(id=id, giver=giver, taker=taker, sections=tuple(names.split(",")), at=at, until=until)
            for id, giver, taker, names, at, until in self.tables.rows(query, party, now)
        ]

    # ---- who read what

    def note_reads(self, reader: str, owners: Mapping[str, int], now: int) -> None:
        """So many sections of each of ``owners`` were read."""
        day = now // DAY
        rows = [(day, owner, reader, count) for owner, count in owners.items() if owner != reader]
        if not rows:
            return
        with self.tables.transaction():
            for row in rows:
                query = (
                    "INSERT INTO reads (day, owner, reader, sections) VALUES (?, ?, ?, ?)"
                    " ON CONFLICT (owner, day, reader) DO UPDATE SET sections = reads.sections + excluded.sections"
                )
                self.tables.change(query, *row)
            self.tables.change("DELETE FROM reads WHERE day <= ? AND owner = ?", day - READS_KEPT, rows[0][1])

    def reads_of(self, owner: str, now: int) -> list[tuple[int, str, int]]:
        """(day as days since 1970, reader, sections), newest day first."""
        query = "SELECT day, reader, sections FROM reads WHERE owner = ? AND day > ? ORDER BY day DESC, reader"
        return self.tables.rows(query, owner, now // DAY - READS_KEPT)

    # ---- questions about others' exclusivity

    def ask(self, model: str, asker: str, controller: str, plan: Mapping[str, object], now: int) -> int | None:
        """Count a question; how many are left, or None where there was none left."""
        since = now - QUESTION_DAYS * DAY
        with self.tables.transaction():
            self.tables.change("DELETE FROM questions WHERE at <= ?", now - READS_KEPT * DAY)
            query = "SELECT count(*) FROM questions WHERE model = ? AND controller = ? AND at > ?"
            [(count,)] = self.tables.rows(query, model, controller, since)
            if count >= QUESTIONS:
                return None
            row = (now, model, asker, controller, json.dumps(plan, sort_keys=True))
            self.tables.change("INSERT INTO questions VALUES (?, ?, ?, ?, ?)", *row)
        return int(QUESTIONS - count - 1)

    def questions_about(self, models: Iterable[str]) -> list[Question]:
        """For the models and those who act for them: newest first."""
        query = "SELECT at, asker, plan FROM questions WHERE model = ? ORDER BY at DESC"
        found = [
            Question(at=at, model=model, asker=asker, plan=json.loads(plan))
            for model in models
            for at, asker, plan in self.tables.rows(query, model)
        ]
        return sorted(found, key=lambda one: -one.at)

    # ---- sessions

    def begin_session(self, hash: bytes, key: str, now: int) -> None:
        """Keep a session by the hash of its cookie."""
        old = "SELECT hash FROM sessions WHERE key = ? ORDER BY seen DESC, hash LIMIT ? OFFSET ?"
        with self.tables.transaction():
            self.tables.change("DELETE FROM sessions WHERE seen <= ? OR began <= ?", now - IDLE, now - LONGEST)
            self.tables.change(f"DELETE FROM sessions WHERE hash IN ({old})", key, _ALL, SESSIONS - 1)
            self.tables.change("INSERT INTO sessions VALUES (?, ?, ?, ?)", hash, key, now, now)

    def session_key(self, hash: bytes, now: int) -> str | None:
        """The key of a session that has not ended, which goes on from now."""
        query = "UPDATE sessions SET seen = ? WHERE hash = ? AND seen > ? AND began > ? RETURNING key"
        rows = self.tables.rows(query, now, hash, now - IDLE, now - LONGEST)
        return str(rows[0][0]) if rows else None

    def sessions(self, keys: Iterable[str], now: int) -> list[KeptSession]:
        """Those of some keys, the one that was used last first."""
        query = "SELECT hash, key, began, seen FROM sessions WHERE key = ? AND seen > ? AND began > ?"
        rows = [row for key in keys for row in self.tables.rows(query, key, now - IDLE, now - LONGEST)]
        found = [KeptSession(hash=hash, key=key, began=began, seen=seen) for hash, key, began, seen in rows]
        return sorted(found, key=lambda one: (-one.seen, -one.began, one.hash))

    def end_session(self, hash: bytes) -> None:
        """End it. Again does nothing."""
        self.tables.change("DELETE FROM sessions WHERE hash = ?", hash)


def copy_readers(root: Path, target: Path) -> None:
    """Bring what is kept of reads and questions into a backup. Grants and sessions stay behind: one that was taken back
    since must not come back with it. Both folders may be in use."""
    if not (root / READERS).exists():
        return
    source, copy = (SqliteTables(folder / READERS, erasing=False) for folder in (root, target))
    try:
        for tables in (source, copy):
            tables.make(_SCHEMA)
        with copy.transaction():
            for table, columns in _COPIED.items():
                copy.change(f"DELETE FROM {table}")
                marks = ", ".join("?" * len(columns.split(",")))
                for row in source.rows(f"SELECT {columns} FROM {table}"):
                    copy.change(f"INSERT INTO {table} ({columns}) VALUES ({marks})", *row)
        copy.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        source.close()
        copy.close()
