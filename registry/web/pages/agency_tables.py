"""An agency's desk as tables for a spreadsheet program: its consents, what is owed to it and by it, the uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from flask import Response

from registry.drafting.drafts.currencies import format_amount
from registry.service import Service
from registry.web.pages.accounts import Accounts
from registry.web.pages.atoms import Instant, Person
from registry.web.pages.deals import deals_of
from registry.web.pages.downloads import csv_answer
from registry.web.pages.kept import kept_answers
from registry.web.pages.money_lines import counts, rank
from registry.web.pages.reader_view import ReaderView
from registry.web.pages.rendering import not_waited_for
from registry.web.pages.whose import whose
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.base.strict import format_instant
from verifier.rules.model.record import holds
from verifier.rules.money.splits import LegKind
from verifier.rules.money.statement import StatementLine
from verifier.statements.sections import UsageTerms
from verifier.statements.types import Usage

V = TypeVar("V")
MOST = 10_000
"""Rows of a table, the newest."""
CONSENTS = (
    "consent", "model", "brand", "state", "starts", "ends", "exclusive_until", "channels", "countries", "uses",
)  # fmt: skip
MONEY = (
    "direction", "consent", "usage", "payee", "currency", "due", "received", "outstanding", "due_at", "days_late",
    "answer",
)  # fmt: skip
USES = (
    "usage", "consent", "model", "brand", "declared", "starts", "ends", "purpose", "category", "channels", "countries",
    "files",
)  # fmt: skip


def views(service: Service) -> Views:
    """``/agency/consents.csv``, ``/agency/money.csv`` and ``/agency/uses.csv``."""
    accounts = Accounts(service)

    def kept(name: str, make: Callable[[ReaderView, str], V]) -> V:
        """What a table is made of, for as long as it holds."""
        view = ReaderView(service, reader())
        party = whose(view, "agency")
        entries = len(view.record.rows(f"party:{party}") or ())
        found = kept_answers(service).get(reader(), (name, party), entries, lambda own: make(own, party))
        view.done()
        return found

    def consents() -> Response:
        rows = kept("consents.csv", lambda view, party: [
            (
                one.consent, _called(one.model), _called(one.brand), one.state, _at(one.starts), _at(one.ends),
                _at(one.exclusive_until), _listed(one.channels), _listed(one.countries), one.uses,
            )
            for one in deals_of(view, party)[:MOST]
        ])  # fmt: skip
        return csv_answer("consents.csv", CONSENTS, rows)

    def money() -> Response:
        view = ReaderView(service, reader())
        party = whose(view, "agency")
        incoming = accounts.owed_to(reader(), party).statement.lines
        passing = accounts.through(reader(), party).statement.lines
        outgoing = [line for line in passing if line.leg == LegKind.FROM_AGENCY.value]
        rows = [*_lines(view, "in", incoming), *_lines(view, "out", outgoing)]
        view.done()
        return csv_answer("dues.csv", MONEY, rows[:MOST])

    def uses() -> Response:
        rows = kept("uses.csv", lambda view, party: list(_uses(view, party))[::-1][:MOST])
        return csv_answer("uses.csv", USES, rows)

    tables = {"agency_consents_csv": consents, "agency_money_csv": money, "agency_uses_csv": uses}
    return {name: not_waited_for(table) for name, table in tables.items()}


def _lines(view: ReaderView, direction: str, lines: Iterable[StatementLine]) -> Iterator[tuple[object, ...]]:
    for line in sorted(filter(counts, lines), key=rank):
        amounts = (_amount(one, line.currency) for one in (line.due, line.received, line.outstanding))
        payee = _called(view.person(line.payee, "payee"))
        due = None if line.due_at is None else format_instant(line.due_at)
        late = line.days_late if line.ages.late else None
        yield direction, line.consent, line.usage, payee, line.currency, *amounts, due, late, line.answer


def _uses(view: ReaderView, party: str) -> Iterator[tuple[object, ...]]:
    for entry in view.entries(f"party:{party}"):
        if not holds(entry, Usage):
            continue
        usage, parties = entry.statement, entry.statement.parties
        terms = view.context.section(entry, "terms")
        shown: tuple[object, ...] = (None,) * 6
        if isinstance(terms, UsageTerms):
            shown = (
                format_instant(terms.starts), format_instant(terms.ends), terms.purpose, terms.category,
                _listed(terms.channels), _listed(terms.countries),
            )  # fmt: skip
        people = (_called(view.person(one, "")) for one in (parties.model, parties.sublicensee or parties.licensee))
        yield usage.id, usage.consent, *people, format_instant(entry.logged), *shown, len(usage.assets)


def _called(person: Person | None) -> str | None:
    """A name, where the reader may know one, else the id."""
    return None if person is None else person.name or person.party


def _at(one: Instant | None) -> str | None:
    return None if one is None else format_instant(one.at)


def _listed(codes: tuple[str, ...] | None) -> str | None:
    return None if codes is None else " ".join(codes)


def _amount(amount: int, currency: str) -> str:
    """Without its currency, with a point."""
    return format_amount(amount, currency).partition(" ")[2]
