"""What a party is owed, as its reader may know it: worked out once, and kept for as long as it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from registry.readers.reader import Reader
from registry.service import Service
from registry.web.pages.reader_view import ReaderView
from verifier.base.recent import Recent
from verifier.rules.model.record import Entry, holds
from verifier.rules.money.statement import AccountStatement, StatementLine, make_statement
from verifier.statements.types import Consent, Usage

KEPT = 64
"""Readers whose accounts are kept (up to twice as many)."""
AGE = 600
"""Seconds after which what is late is worked out anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyAccount:
    """``statement`` as of ``at`` (POSIX seconds); it has the lines of what goes to the party, or, in a role,
    all lines. ``read`` are the lists that it rests on with their lengths, ``owners`` whose sections."""

    statement: AccountStatement
    at: int
    read: Mapping[str, int]
    owners: Mapping[str, int]


class Accounts:
    """For any number of threads. An account is thrown away when a list that it rests on grows: an erasure lengthens
    one, and so does whatever changes its reader's rights, but for grants, which are part of the key."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._kept: Recent[object, PartyAccount] = Recent(KEPT)

    def owed_to(self, reader: Reader, party: str) -> PartyAccount:
        """What a party is owed."""
        return self._of(reader, party, None)

    def owed_by(self, reader: Reader, party: str) -> PartyAccount:
        """What a party owes as a licensee, to everybody."""
        return self._of(reader, party, "licensee")

    def through(self, reader: Reader, party: str) -> PartyAccount:
        """What is owed under the consents that name a party as their agency, to everybody."""
        return self._of(reader, party, "agency")

    def _of(self, reader: Reader, party: str, role: str | None) -> PartyAccount:
        readers, now = self._service.readers, self._service.now()
        *_, granted = readers.permission(reader).packed()
        key = reader.party, reader.is_registrar, party, role, repr(granted)
        kept = self._kept.get(key)
        if kept is not None and kept.at // AGE == now // AGE and self._holds(kept.read):
            readers.note_reads(reader, kept.owners)
            return kept
        view = ReaderView(self._service, reader)
        consents, usages = _deals(view, party, role)
        statement = make_statement(view.context, usages, consents=consents, payee=party if role is None else None)
        owners = view.done()
        found = PartyAccount(statement=statement, at=view.now, read=dict(view.read), owners=owners)
        self._kept.put(key, found)
        return found

    def _holds(self, read: Mapping[str, int]) -> bool:
        record = self._service.record()
        return all(len(record.rows(subject)) == length for subject, length in read.items())


def _deals(view: ReaderView, party: str, role: str | None) -> tuple[list[Entry], list[Entry]]:
    """The consents and usages that name a party, in a role or in any."""
    consents: list[Entry] = []
    usages: list[Entry] = []
    for entry in view.entries(f"party:{party}"):
        if role is not None and entry.statement.parties.role(role) != party:
            continue
        if holds(entry, Consent):
            consents.append(entry)
        elif holds(entry, Usage):
            usages.append(entry)
    return consents, usages


def is_late(line: StatementLine) -> bool:
    """Whether something of a line is past its date."""
    return line.ages.late > 0
