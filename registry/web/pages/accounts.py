"""What a party is owed, as its reader may know it: worked out once, and kept for as long as it holds."""

from __future__ import annotations

from registry.lateness import by_calendar
from registry.readers.reader import Reader
from registry.service import Service
from registry.web.pages.kept import kept_answers
from registry.web.pages.reader_view import ReaderView
from registry.web.pages.viewing import viewing
from verifier.base.values import replace, value
from verifier.rules.model.record import Entry, holds
from verifier.rules.money.statement import AccountStatement, StatementLine, make_statement
from verifier.statements.types import Consent, Usage


@value
class PartyAccount:
    """``statement`` as of ``at`` (POSIX seconds); it has the lines of what goes to the party, or, in a role,
    all lines. What is late counts by the days of the zone in which the page is looked at."""

    statement: AccountStatement
    at: int


class Accounts:
    """For any number of threads. What a long account comes to is waited for by programs alone (:mod:`kept`)."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._kept = kept_answers(service)

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
        def make(view: ReaderView) -> PartyAccount:
            consents, usages = _deals(view, party, role)
            payee = party if role is None else None
            return PartyAccount(
                statement=make_statement(view.context, usages, consents=consents, payee=payee), at=view.now
            )

        entries = len(self._service.record().rows(f"party:{party}") or ())
        found = self._kept.get(reader, ("account", party, role), entries, make)
        now, zone = self._service.now(), viewing().zone
        return replace(found, statement=by_calendar(found.statement, now, zone))


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
