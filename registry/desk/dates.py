"""When what a party has agreed ends: its consents, their exclusivity, and the uses under them, as far as it may read.

It is worked out from what its own evidence files would show it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from registry.readers.disclosing import Reading
from registry.readers.reader import Reader
from registry.readers.rights import ReaderRecord, Rights
from registry.service import Service
from verifier.rules.model.context import Standing
from verifier.rules.model.record import Entry, holds
from verifier.rules.standing.judged import JudgedContext
from verifier.rules.standing.stops import stops_of
from verifier.rules.use.case import open_case
from verifier.rules.use.term import run_of
from verifier.statements.sections import Exclusive, Terms, UsageTerms
from verifier.statements.types import Consent, Statement, Usage

MOST_CONSENTS = 1_000
"""Consents that are looked at for one answer, the newest."""
MOST_USES = 2_000
"""Uses that are looked at for one answer, the newest of each consent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentDates:
    """A consent in force from ``starts`` to ``ends`` (POSIX seconds), a revocation counted. ``exclusive`` likewise;
    ``exercise_by``: it is an option that nobody has taken yet."""

    entry: Entry[Consent]
    starts: int
    ends: int
    exclusive: tuple[int, int] | None = None
    exercise_by: int | None = None

    @property
    def consent(self) -> Consent:
        """Its statement."""
        return self.entry.statement


@dataclass(frozen=True, slots=True, kw_only=True)
class UseDates:
    """A use under a consent, and when it ends, as it was declared and reported."""

    usage: Usage
    under: ConsentDates
    ends: int


class AgreedDates:
    """For one answer to one reader. What it shows is noted as read by :meth:`note`."""

    def __init__(self, service: Service, reader: Reader) -> None:
        self.now = service.now()
        self.rights: Rights = service.readers.rights(reader)
        self._readers = service.readers
        self._reading = Reading(self.rights)
        self._record = ReaderRecord(service.record(), self.rights)
        self._context = JudgedContext(self._record, instant=self.now, as_of=self.now)
        self._left = MOST_USES

    def note(self) -> None:
        """Keep whose sections were read."""
        self._reading.note(self._readers)

    def gives(self, statement: Statement, section: str) -> bool:
        """Whether she may read a section, which she is then shown."""
        return self._reading.gives(statement, section)

    def consents(self, *, since: int) -> Iterator[ConsentDates]:
        """All good consents to a use that end after ``since`` and whose terms she may read, the newest first."""
        found: dict[int, Entry[Consent]] = {}
        for party in self.rights.acting_for():
            for entry in (*self._readers.contracts(party), *self._readers.sublicenses(party)):
                if holds(entry, Consent) and entry.statement.act == "use":
                    found[entry.index] = entry
        for index in islice(sorted(found, reverse=True), MOST_CONSENTS):
            dates = self._dates(found[index])
            if dates is not None and dates.ends > since:
                yield dates

    def uses(self, dates: ConsentDates, *, since: int) -> Iterator[UseDates]:
        """The good uses under a consent that end after ``since`` and whose terms she may read, the newest first."""
        rows = self._record.rows(f"uses:{dates.consent.id}") or ()
        for index in reversed(rows):
            if not self._left:
                return
            self._left -= 1
            entry = self._record.entry(index)
            if not holds(entry, Usage) or self._context.standing(entry).standing is not Standing.GOOD:
                continue
            terms = self._context.section(entry, "terms")
            if not isinstance(terms, UsageTerms) or terms.ends <= since:
                continue
            window = open_case(self._context, entry, dates.entry).window
            ends = terms.ends if window is None else window[1]
            if ends > since and self.gives(entry.statement, "terms"):
                yield UseDates(usage=entry.statement, under=dates, ends=ends)

    def _dates(self, entry: Entry[Consent]) -> ConsentDates | None:
        context, consent = self._context, entry.statement
        terms = context.section(entry, "terms")
        if not isinstance(terms, Terms) or context.standing(entry).standing is not Standing.GOOD:
            return None
        if not self.gives(consent, "terms"):
            return None
        stops = stops_of(context, entry, terms, onward=True)
        ends = [run_of(context, entry, terms).ends]
        ends += [one.start for one in (*stops.revocations, *stops.lapses) if one.sure]
        ends += [one.logged for one, judgement in stops.replaced_by if judgement.standing is Standing.GOOD]
        lapsing = [one.start for one in stops.lapses if not one.sure]
        return ConsentDates(
            entry=entry, starts=terms.starts, ends=min(ends), exclusive=self._exclusive(entry, min(ends)),
            exercise_by=min(lapsing, default=None),
        )  # fmt: skip

    def _exclusive(self, entry: Entry[Consent], ends: int) -> tuple[int, int] | None:
        if "exclusive" not in entry.statement.sections:
            return None
        scope = self._context.section(entry, "exclusive")
        if not isinstance(scope, Exclusive) or not self.gives(entry.statement, "exclusive"):
            return None
        releases = stops_of(self._context, entry, scope, onward=False).releases
        ends = min([scope.ends, ends, *(one.start for one in releases if one.sure)])
        return (scope.starts, ends) if scope.starts < ends else None
