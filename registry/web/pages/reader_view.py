"""What one reader may see of the log in one request, and that she saw it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from registry.metering import OWN, Meter, MeteredRecord
from registry.readers.disclosing import Reading
from registry.readers.reader import STRANGER, Reader
from registry.readers.rights import ReaderRecord
from registry.service import Service
from registry.web.pages.atoms import Instant, Person
from verifier.evidence.about import name_of
from verifier.rules.model.context import Context
from verifier.rules.model.record import Entry, holds
from verifier.rules.standing.judged import JudgedContext
from verifier.statements.sections import Name
from verifier.statements.types import Party, Statement


class ReaderView:
    """The log up to its newest seal at ``now`` (POSIX seconds), opened as far as a reader may read. For one request.

    ``answering`` is the same for the registry's verdicts: what they rest on is no section that anybody was shown.
    ``read`` are the lists that were looked at, with their lengths: while none of them grows, and rights do not change,
    what was made of them holds.
    """

    def __init__(self, service: Service, reader: Reader = STRANGER) -> None:
        self.reader = reader
        self.now = service.now()
        whole = MeteredRecord(service.record(), Meter(OWN))
        self.read = whole.read
        self.rights = service.readers.admit(service.readers.permission(reader), whole)
        self._reading = Reading(self.rights)
        self._service = service
        self.record = ReaderRecord(whole, self._reading)
        self.answering = ReaderRecord(whole, self.rights)
        self.context: Context = JudgedContext(self.record, instant=self.now, as_of=self.now)
        self._names: dict[str, str | None] = {}

    @property
    def as_of(self) -> Instant:
        """When it was looked at."""
        return Instant(self.now)

    def done(self) -> dict[str, int]:
        """Keep for those whose it is that it was read: whose sections, and how many of each."""
        owners = self._reading.owners()
        self._service.readers.note_reads(self.reader, owners)
        return owners

    def person(self, party: str | None, role: str) -> Person | None:
        """Somebody, by the name that this reader may know."""
        if party is None:
            return None
        if party not in self._names:
            found: Name | None = name_of(self.context, party)
            self._names[party] = None if found is None else found.name
        return Person(party=party, role=role, name=self._names[party])

    def party(self, party: str | None) -> Person | None:
        """Somebody in the first of the roles that it is enrolled in; None where there is no such party."""
        roles = () if party is None else self.roles(party)
        return self.person(party, roles[0]) if roles else None

    def statement(self, id: str, kind: type[Statement]) -> Entry | None:
        """The entry of an id, if it is of a kind."""
        for index in self.record.find(id):
            entry = self.record.entry(index)
            if holds(entry, kind):
                return entry
        return None

    def roles(self, party: str) -> tuple[str, ...]:
        """What a party is enrolled as."""
        entry = self.statement(party, Party)
        return entry.statement.roles if entry is not None and isinstance(entry.statement, Party) else ()

    def contracts(self, party: str) -> list[Entry]:
        """The consents, mandates and guardian statements that name a party, in log order, good or not."""
        rows = self.record.rows(f"party:{party}") or ()  # what is made of them holds until that list grows
        return [entry for entry in self._service.readers.contracts(party) if rows and entry.index <= rows[-1]]

    def but_uses(self, party: str) -> Iterator[Entry]:
        """What names a party, in log order, but the uses under its contracts and what is reported of them: those are
        thousands, and are told by their lists."""
        uses = {index for one in self.contracts(party) for index in self.record.rows(f"uses:{one.statement.id}") or ()}
        for index in self.record.rows(f"party:{party}") or ():
            entry = None if index in uses else self.record.entry(index)
            if entry is not None:
                yield entry

    def entries(self, subject: str) -> Iterator[Entry]:
        """Those of a list that can be read, in log order."""
        rows: Sequence[int] = self.record.rows(subject) or ()
        for index in rows:
            entry = self.record.entry(index)
            if entry is not None:
                yield entry
