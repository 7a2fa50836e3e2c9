"""The drafts on the desk, and what each party did with them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Sequence
from typing import Any

from registry.desk.pending import Mark, PendingDraft, State
from registry.desk.picture_store import PictureStore
from registry.tables.tables import Tables

KEPT = 86_400
"""Seconds after its deadline when it is forgotten that there was a draft."""
BEAT = 30
"""Seconds after which it is noted anew that the desk is served."""
CLAIM = 120
"""Seconds for which one process has a draft logged, by the machines' clocks; then it is taken for dead."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS drafts (
  id TEXT PRIMARY KEY, proposer TEXT NOT NULL, controller TEXT NOT NULL, type TEXT NOT NULL,
  proposed INTEGER NOT NULL, deadline INTEGER NOT NULL, latest INTEGER NOT NULL, require INTEGER NOT NULL,
  turns TEXT NOT NULL, text BLOB NOT NULL, state TEXT NOT NULL, entry INTEGER, problem TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS by_controller ON drafts (controller, proposed);
CREATE TABLE IF NOT EXISTS marks (
  draft TEXT NOT NULL REFERENCES drafts (id) ON DELETE CASCADE, party TEXT NOT NULL, stranger INTEGER NOT NULL,
  read INTEGER, signed INTEGER, keyid TEXT NOT NULL, signature BLOB NOT NULL,
  declined INTEGER, reason TEXT NOT NULL,
  PRIMARY KEY (draft, party)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_party ON marks (party);
CREATE TABLE IF NOT EXISTS claims (draft TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS beats (one INTEGER PRIMARY KEY CHECK (one = 1), at INTEGER NOT NULL) STRICT;
"""
_DRAFT = "id, proposer, controller, type, proposed, deadline, latest, require, turns, text, state, entry, problem"
_TEXT = _DRAFT.split(", ").index("text")
_MARK = "read, signed, keyid, signature, declined, reason"
_MARKS = f"SELECT party, stranger, {_MARK} FROM marks"


class DeskStore:
    """For any number of threads; each change is durable when it returns."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.transaction = tables.transaction
        tables.make(_SCHEMA)
        self.pictures = PictureStore(tables)
        if not tables.is_shared:
            tables.change("DELETE FROM claims")  # of a process that has ended

    # ---- reading

    def draft(self, id: str) -> PendingDraft | None:
        return next(iter(self._found("id = ?", id)), None)

    def concerning(self, party: str) -> list[PendingDraft]:
        """Those that a party put up or is named in, the newest first."""
        mine = "proposer = ? OR id IN (SELECT draft FROM marks WHERE party = ?)"
        return self._found(f"{mine} ORDER BY proposed DESC, id", party, party)

    def open(self) -> list[PendingDraft]:
        """All that wait for signatures."""
        return self._found("state = 'open' ORDER BY proposed, id")

    def last_beat(self) -> int | None:
        """When the desk was last known to be served."""
        return next((int(at) for (at,) in self._tables.rows("SELECT at FROM beats")), None)

    def put_up_since(self, controller: str, since: int) -> int:
        """How many drafts all parties under one controller put up after ``since`` that were not logged."""
        query = "SELECT count(*) FROM drafts WHERE controller = ? AND proposed > ? AND state <> 'logged'"
        [(count,)] = self._tables.rows(query, controller, since)
        return int(count)

    def open_from_strangers(self, controller: str, party: str) -> int:
        """How many open drafts to a party are from those under one controller who were strangers to her."""
        query = (
            "SELECT count(*) FROM marks JOIN drafts ON drafts.id = marks.draft"
            " WHERE party = ? AND stranger = 1 AND controller = ? AND state = 'open'"
        )
        [(count,)] = self._tables.rows(query, party, controller)
        return int(count)

    def _found(self, where: str, *values: str) -> list[PendingDraft]:
        """One whose text went in the middle of it is read anew, as it is now; a text that is lost is no draft."""
        for is_last in (False, True):
            with self.transaction():
                rows = self._tables.rows(f"SELECT {_DRAFT} FROM drafts WHERE {where}", *values)
                marks = {row[0]: self._tables.rows(f"{_MARKS} WHERE draft = ?", row[0]) for row in rows}
            texts = self._tables.show([row[_TEXT] for row in rows])
            if is_last or None not in texts:
                break
        there = [(row, text) for row, text in zip(rows, texts, strict=True) if text is not None]
        return [self._draft(row, text, marks[row[0]]) for row, text in there]

    def _draft(self, row: tuple[Any, ...], text: bytes, marks: Sequence[tuple[Any, ...]]) -> PendingDraft:
        id, proposer, controller, type, proposed, deadline, latest, require, turns, _, state, entry, problem = row
        signatures = self._tables.show([one[5] for one in marks])
        reasons = self._tables.show([one[7] for one in marks])
        return PendingDraft(
            id=id, proposer=proposer, controller=controller, type=type, proposed=proposed, deadline=deadline,
            latest=latest, require=bool(require), turns=json.loads(turns), text=text, state=state, entry=entry,
            problem=problem, strangers=frozenset(one[0] for one in marks if one[1]),
            marks={
                party: Mark(
                    read=read, signed=signed, keyid=keyid, signature=signature or b"", declined=declined,
                    reason=reason or "",
                )
                for (party, _, read, signed, keyid, _, declined, _), signature, reason in zip(
                    marks, signatures, reasons, strict=True
                )
            },
        )  # fmt: skip

    # ---- changing

    def add(self, draft: PendingDraft, named: Collection[str]) -> None:
        """A new draft, and those who are named in it: whoever may ever have to sign it."""
        with self.transaction():
            values = (
                draft.id, draft.proposer, draft.controller, draft.type, draft.proposed, draft.deadline, draft.latest,
                int(draft.require), json.dumps(draft.turns), self._tables.hide(draft.text), draft.state, draft.entry,
                draft.problem,
            )  # fmt: skip
            self._tables.change(f"INSERT INTO drafts ({_DRAFT}) VALUES ({', '.join('?' * len(values))})", *values)
            for one in named:
                columns = "draft, party, stranger, keyid, signature, reason"
                query = f"INSERT INTO marks ({columns}) VALUES (?, ?, ?, '', ?, '')"
                self._tables.change(query, draft.id, one, int(one in draft.strangers), b"")

    def set_mark(self, id: str, party: str, mark: Mark) -> None:
        """Put what a party did with an open draft in the place of what she did before."""
        with self.transaction():
            if not self._tables.rows("SELECT 1 FROM drafts WHERE id = ? AND state = 'open'", id):
                return
            self._drop("SELECT signature, reason FROM marks WHERE draft = ? AND party = ?", id, party)
            self._tables.change(
                f"INSERT INTO marks (draft, party, stranger, {_MARK}) VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (draft, party) DO UPDATE SET read = excluded.read, signed = excluded.signed,"
                " keyid = excluded.keyid, signature = excluded.signature, declined = excluded.declined,"
                " reason = excluded.reason",
                id, party, mark.read, mark.signed, mark.keyid, self._tables.hide(mark.signature), mark.declined,
                self._tables.hide(mark.reason),
            )  # fmt: skip

    def end(self, id: str, state: State, entry: int | None = None) -> None:
        """The draft is not open any more: its text, its pictures and all signatures go."""
        with self.transaction():
            self.pictures.drop(id)
            self._drop("SELECT text FROM drafts WHERE id = ?", id)
            self._drop("SELECT signature FROM marks WHERE draft = ?", id)
            query = "UPDATE drafts SET state = ?, entry = ?, problem = '', text = ? WHERE id = ?"
            self._tables.change(query, state, entry, b"", id)
            self._tables.change("UPDATE marks SET keyid = '', signature = ? WHERE draft = ?", b"", id)

    def set_problem(self, id: str, code: str) -> None:
        """What the registry said when all had signed."""
        self._tables.change("UPDATE drafts SET problem = ? WHERE id = ?", code, id)

    def set_deadline(self, id: str, deadline: int) -> None:
        self._tables.change("UPDATE drafts SET deadline = ? WHERE id = ?", deadline, id)

    def sweep(self, now: int, is_logging: Callable[[str], bool]) -> None:
        """End what is past its deadline, but for what ``is_logging``; forget what ended long ago; and note now and
        then that the desk is served."""
        with self.transaction():
            for (id,) in self._tables.rows("SELECT id FROM drafts WHERE state = 'open' AND deadline <= ?", now):
                if not is_logging(id):
                    self.end(id, "expired")
            forgotten = "state <> 'open' AND deadline + ? <= ?"
            query = f"SELECT reason FROM marks WHERE draft IN (SELECT id FROM drafts WHERE {forgotten})"
            self._drop(query, KEPT, now)
            self._tables.change(f"DELETE FROM drafts WHERE {forgotten}", KEPT, now)
            if not 0 <= now - (self.last_beat() or 0) < BEAT:
                query = "INSERT INTO beats (one, at) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET at = excluded.at"
                self._tables.change(query, now)

    def _drop(self, query: str, *values: str | int) -> None:
        """The words that these rows hold."""
        for row in self._tables.rows(query, *values):
            self._tables.drop(row)

    # ---- which of all processes has a draft logged

    def claim(self, id: str) -> bool:
        """Be the one, if nobody is."""
        now = int(time.time())
        with self.transaction():
            self._tables.change("DELETE FROM claims WHERE until <= ?", now)
            query = "INSERT INTO claims (draft, until) VALUES (?, ?) ON CONFLICT (draft) DO NOTHING"
            return self._tables.change(query, id, now + CLAIM) > 0

    def is_claimed(self, id: str) -> bool:
        """Whether anybody is."""
        return bool(self._tables.rows("SELECT 1 FROM claims WHERE draft = ? AND until > ?", id, int(time.time())))

    def release(self, id: str) -> None:
        """Be it no more."""
        self._tables.change("DELETE FROM claims WHERE draft = ?", id)
