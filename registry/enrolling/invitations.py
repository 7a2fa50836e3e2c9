"""Invitations: a registrar makes one, a person makes her keys with it, and what she signs waits for the registrar.

The code is 128 random bits, made where the invitation is, and handed over behind the ``#`` of an address. Here there is
only its hash. It is good once and for 72 hours. The statement that waits is erased when it is logged, or was sent back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from registry.desk.pending import DeskRefusal
from registry.enrolling.locker_store import DAY, PART, LockerStore
from registry.intake.checks import check_submission
from registry.intake.submission import Submission, format_submission, parse_submission
from registry.problems import Problem
from registry.service import Service
from registry.tables.tables import Tables
from verifier.statements.sections import Person
from verifier.statements.types import PARTY_ROLES, Party

GOOD = 72 * 3600
"""Seconds for which an invitation is good."""
WAITS = 14 * DAY
"""Seconds that an enrolment waits for the registrar; and that it is told afterwards what became of it."""
MOST = 1_000
"""Invitations that are open, or whose enrolments wait, at a time."""
MAX_NAME = 80
"""Characters of a name."""
OPEN, WAITING, LOGGED, ENDED = "open", "waiting", "logged", "ended"
_CONTEXT = b"kembar/invitation\n"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS invitations (
  id TEXT PRIMARY KEY, registrar TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL, made INTEGER NOT NULL,
  until INTEGER NOT NULL, state TEXT NOT NULL, party TEXT NOT NULL, text BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS invitations_party ON invitations (party);
"""
_COLUMNS = "id, registrar, name, role, made, until, state, party, text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """``id`` is the hash of its code, ``registrar`` the key that made it. ``until``: good until then (POSIX seconds);
    once it was accepted, ``party`` waits as ``text`` until then. ``name`` is what the registrar calls the person."""

    id: str
    registrar: str
    name: str
    role: str
    made: int
    until: int
    state: str
    party: str = ""
    text: bytes = b""

    @property
    def owner(self) -> str:
        """Whose the lockers are that it fills: the party's, once it is one."""
        return self.party or f"invitation {self.id}"

    @property
    def submission(self) -> Submission:
        """What waits for the registrar."""
        return parse_submission(self.text)


def invitation_id(code: str) -> str:
    """The id of an invitation with this code (32 hex digits)."""
    return sha256(_CONTEXT + bytes.fromhex(code)).hexdigest()


def make_invitations(tables: Tables) -> None:
    """Have their table."""
    tables.make(_SCHEMA)


class Invitations:
    """Of one registry, for any number of threads."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._tables = service.config.tables(PART, erasing=True)
        make_invitations(self._tables)
        self.lockers = LockerStore(self._tables)
        service.before_close(self._tables.close)

    def now(self) -> int:
        """The time by which invitations end."""
        return self._service.now()

    def make(self, registrar: str, id: str, name: str, role: str) -> Invitation:
        """Invite somebody. Doing it again changes nothing."""
        if role not in PARTY_ROLES:
            raise DeskRefusal("bad_request", f"is one of {', '.join(sorted(PARTY_ROLES))}", "role")
        if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
            raise DeskRefusal("bad_request", f"is a name of at most {MAX_NAME} characters", "name")
        now = self.now()
        with self._tables.transaction():
            self._sweep(now)
            [(held,)] = self._tables.rows("SELECT count(*) FROM invitations WHERE state IN (?, ?)", OPEN, WAITING)
            if held >= MOST:
                raise DeskRefusal("too_often", f"{MOST} invitations are open: take some of them back")
            if self._find("id = ?", id) is None:
                values = (id, registrar, name, role, now, now + GOOD, OPEN, "", b"")
                self._tables.change(f"INSERT INTO invitations ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", *values)
        return self.show(id)

    def all(self) -> list[Invitation]:
        """Those that are open or wait, and what became of others lately; the newest first."""
        with self._tables.transaction():
            self._sweep(self.now())
            rows = self._tables.rows(f"SELECT {_COLUMNS} FROM invitations ORDER BY made DESC, id")
        return self._read(rows)

    def show(self, id: str) -> Invitation:
        """One of them."""
        found = self._find("id = ?", id)
        if found is None:
            raise DeskRefusal("not_found", "there is no such invitation", "id")
        return found

    def of_party(self, party: str) -> Invitation:
        """That by which a party came, whose enrolment waits."""
        with self._tables.transaction():
            self._sweep(self.now())
            found = self._find("party = ?", party)
        if found is None or found.state != WAITING:
            raise DeskRefusal("not_found", "no such enrolment waits", "id")
        return found

    def take_back(self, id: str) -> Invitation:
        """End one, or send back what waits: its text goes at once, and the copies of its keys. Of one that was logged
        meanwhile nothing goes."""
        with self._tables.transaction():
            self._sweep(self.now())
            found = self.show(id)
            if found.state in (OPEN, WAITING):
                self._end(found)
        return self.show(id)

    # ---- for whom it is made

    def look(self, code: str) -> Invitation:
        """The open invitation with a code."""
        with self._tables.transaction():
            self._sweep(self.now())
            found = self._find("id = ?", invitation_id(code))
        if found is None or found.state != OPEN:
            detail = "there is no such invitation, or it was used, or 72 hours have passed"
            raise DeskRefusal("not_found", detail, "code")
        return found

    def accept(self, code: str, submission: Submission) -> Invitation:
        """Use an invitation up: what she signed waits for the registrar. Doing it again, whose answer was lost, changes
        nothing."""
        raw = format_submission(submission)
        checked = check_submission(raw)
        if isinstance(checked, Problem):
            raise DeskRefusal(checked.code, checked.detail, checked.where)
        statement, now = submission.statement(), self.now()
        if not isinstance(statement, Party):
            raise DeskRefusal("bad_request", "an invitation is accepted with a party statement", "submission")
        with self._tables.transaction():
            before = self._find("id = ?", invitation_id(code))
            if before is not None and before.party == statement.id and before.state in (WAITING, LOGGED):
                return before
            found = self.look(code)
            self._check(found, submission, statement)
            self._tables.change(
                "UPDATE invitations SET state = ?, party = ?, text = ?, until = ? WHERE id = ?",
                WAITING, statement.id, self._tables.hide(raw), now + WAITS, found.id,
            )  # fmt: skip
            self.lockers.hand_over(found.owner, statement.id)
        return replace(found, state=WAITING, party=statement.id, text=raw, until=now + WAITS)

    def _check(self, found: Invitation, submission: Submission, statement: Party) -> None:
        if statement.registry != self._service.genesis:
            raise DeskRefusal("wrong_registry", "the statement is for another registry", "submission")
        if statement.roles != (found.role,):
            raise DeskRefusal("bad_request", f"the invitation is for the role {found.role} alone", "submission")
        if statement.parties.ids():
            raise DeskRefusal("bad_request", "who controls a party is for a registrar to say", "submission")
        if not isinstance(submission.opened().get("person", (None, None))[1], Person):
            raise DeskRefusal("section_missing", "it does not say who she is", "submission.disclosures")
        own = {*(statement.keys or ()), *(statement.recovery.keys if statement.recovery else ())}
        if {one.keyid for one in submission.signatures} != own or len(statement.keys or ()) != 1:
            detail = "its one key and its recovery keys sign it, and nobody else before the registrar"
            raise DeskRefusal("signatures_missing", detail, "submission.envelope.signatures")
        if any(self._service.readers.holders.of(key).party for key in own):
            raise DeskRefusal("key_seen", "a key of it is in the log already", "submission")

    # ---- what time does

    def _sweep(self, now: int) -> None:
        held = self._tables.rows(f"SELECT {_COLUMNS} FROM invitations WHERE state IN (?, ?)", OPEN, WAITING)
        for one in self._read(held):
            if one.state == WAITING and self._service.entry(one.party) is not None:
                self._close(one, LOGGED)
            elif one.until <= now:
                self._end(one)
        self._tables.change("DELETE FROM invitations WHERE state IN (?, ?) AND until <= ?", LOGGED, ENDED, now - WAITS)

    def _end(self, one: Invitation) -> None:
        self._close(one, ENDED)
        self.lockers.remove_all(one.owner)

    def _close(self, one: Invitation, state: str) -> None:
        """From now on only what became of it is told."""
        for row in self._tables.rows("SELECT text FROM invitations WHERE id = ?", one.id):
            self._tables.drop(row)
        change = "UPDATE invitations SET state = ?, text = ?, until = ? WHERE id = ?"
        self._tables.change(change, state, b"", self.now(), one.id)

    def _find(self, where: str, value: str) -> Invitation | None:
        rows = self._tables.rows(f"SELECT {_COLUMNS} FROM invitations WHERE {where}", value)
        return self._read(rows)[0] if rows else None

    def _read(self, rows: Sequence[tuple[Any, ...]]) -> list[Invitation]:
        names = _COLUMNS.split(", ")
        texts = self._tables.show([row[-1] for row in rows])
        return [
            Invitation(**dict(zip(names, (*row[:-1], text or b""), strict=True)))
            for row, text in zip(rows, texts, strict=True)
        ]
