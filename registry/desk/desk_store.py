"""The drafts in the desk's file, and what each party did with them."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from registry.desk.desk_file import DeskFile
from registry.desk.pending import Mark, PendingDraft, State

KEPT = 86_400
"""Seconds after its deadline when it is forgotten that there was a draft."""
BEAT = 30
"""Seconds after which it is noted anew that the desk is served."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS drafts (
  id TEXT PRIMARY KEY, proposer TEXT NOT NULL, controller TEXT NOT NULL, type TEXT NOT NULL,
  proposed INTEGER NOT NULL, deadline INTEGER NOT NULL, latest INTEGER NOT NULL, require INTEGER NOT NULL,
  turns TEXT NOT NULL, text BLOB NOT NULL, state TEXT NOT NULL, entry INTEGER, problem TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS by_controller ON drafts (controller, proposed);
CREATE TABLE IF NOT EXISTS marks (
  draft TEXT NOT NULL REFERENCES drafts (id) ON DELETE CASCADE, party TEXT NOT NULL, stranger INTEGER NOT NULL,
  read INTEGER, signed INTEGER, keyid TEXT NOT NULL DEFAULT '', signature BLOB NOT NULL DEFAULT x'',
  declined INTEGER, reason TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (draft, party)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_party ON marks (party);
CREATE TABLE IF NOT EXISTS beats (one INTEGER PRIMARY KEY CHECK (one = 1), at INTEGER NOT NULL) STRICT;
"""
_DRAFT = "id, proposer, controller, type, proposed, deadline, latest, require, turns, text, state, entry, problem"
_MARK = "read, signed, keyid, signature, declined, reason"


class DeskStore:
    """For any number of threads; each change is durable when it returns."""

    def __init__(self, file: DeskFile) -> None:
        self._file = file
        self.transaction = file.transaction
        file.make(_SCHEMA)

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
        return next((int(at) for (at,) in self._file.rows("SELECT at FROM beats")), None)

    def put_up_since(self, controller: str, since: int) -> int:
        """How many drafts all parties under one controller put up after ``since`` that were not logged."""
        query = "SELECT count(*) FROM drafts WHERE controller = ? AND proposed > ? AND state <> 'logged'"
        [(count,)] = self._file.rows(query, controller, since)
        return int(count)

    def open_from_strangers(self, controller: str, party: str) -> int:
        """How many open drafts to a party are from those under one controller who were strangers to her."""
        query = (
            "SELECT count(*) FROM marks JOIN drafts ON drafts.id = marks.draft"
            " WHERE party = ? AND stranger AND controller = ? AND state = 'open'"
        )
        [(count,)] = self._file.rows(query, party, controller)
        return int(count)

    def _found(self, where: str, *values: str) -> list[PendingDraft]:
        with self.transaction():
            rows = self._file.rows(f"SELECT {_DRAFT} FROM drafts WHERE {where}", *values)
            return [self._with_marks(row) for row in rows]

    def _with_marks(self, row: tuple[Any, ...]) -> PendingDraft:
        id, proposer, controller, type, proposed, deadline, latest, require, turns, text, state, entry, problem = row
        marks = self._file.rows(f"SELECT party, stranger, {_MARK} FROM marks WHERE draft = ?", id)
        return PendingDraft(
            id=id, proposer=proposer, controller=controller, type=type, proposed=proposed, deadline=deadline,
            latest=latest, require=bool(require), turns=json.loads(turns), text=text, state=state, entry=entry,
            problem=problem, strangers=frozenset(one[0] for one in marks if one[1]),
            marks={
                one[0]: Mark(read=one[2], signed=one[3], keyid=one[4], signature=one[5], declined=one[6], reason=one[7])
                for one in marks
            },
        )  # fmt: skip

    # ---- changing

    def add(self, draft: PendingDraft, named: Collection[str]) -> None:
        """A new draft, and those who are named in it: whoever may ever have to sign it."""
        values = (
            draft.id, draft.proposer, draft.controller, draft.type, draft.proposed, draft.deadline, draft.latest,
            int(draft.require), json.dumps(draft.turns), draft.text, draft.state, draft.entry, draft.problem,
        )  # fmt: skip
        with self.transaction():
            self._file.change(f"INSERT INTO drafts ({_DRAFT}) VALUES ({', '.join('?' * len(values))})", *values)
            for one in named:
                query = "INSERT INTO marks (draft, party, stranger) VALUES (?, ?, ?)"
                self._file.change(query, draft.id, one, int(one in draft.strangers))

    def set_mark(self, id: str, party: str, mark: Mark) -> None:
        """Put what a party did with an open draft in the place of what she did before."""
        columns = (mark.read, mark.signed, mark.keyid, mark.signature, mark.declined, mark.reason)
        with self.transaction():
            self._file.change(
                f"INSERT INTO marks (draft, party, stranger, {_MARK})"
                " SELECT id, ?, 0, ?, ?, ?, ?, ?, ? FROM drafts WHERE id = ? AND state = 'open'"
                " ON CONFLICT DO UPDATE SET read = excluded.read, signed = excluded.signed, keyid = excluded.keyid,"
                " signature = excluded.signature, declined = excluded.declined, reason = excluded.reason",
                party, *columns, id,
            )  # fmt: skip

    def end(self, id: str, state: State, entry: int | None = None) -> None:
        """The draft is not open any more: its text and all signatures go."""
        with self.transaction():
            self._file.change(
                "UPDATE drafts SET state = ?, entry = ?, problem = '', text = x'' WHERE id = ?", state, entry, id
            )
            self._file.change("UPDATE marks SET keyid = '', signature = x'' WHERE draft = ?", id)

    def set_problem(self, id: str, code: str) -> None:
        """What the registry said when all had signed."""
        self._file.change("UPDATE drafts SET problem = ? WHERE id = ?", code, id)

    def set_deadline(self, id: str, deadline: int) -> None:
        self._file.change("UPDATE drafts SET deadline = ? WHERE id = ?", deadline, id)

    def sweep(self, now: int, busy: Collection[str] = ()) -> None:
        """End what is past its deadline, but for those that are ``busy`` being logged; forget what ended long ago; and
        note now and then that the desk is served."""
        with self.transaction():
            for (id,) in self._file.rows("SELECT id FROM drafts WHERE state = 'open' AND deadline <= ?", now):
                if id not in busy:
                    self.end(id, "expired")
            self._file.change("DELETE FROM drafts WHERE state <> 'open' AND deadline + ? <= ?", KEPT, now)
            if not 0 <= now - (self.last_beat() or 0) < BEAT:
                self._file.change("INSERT OR REPLACE INTO beats (one, at) VALUES (1, ?)", now)
