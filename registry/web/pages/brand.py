"""A brand's pages: what it may still use until when, what it owes and to whom, and every use that it declared."""

from __future__ import annotations

from registry.desk.desk import Desk
from registry.service import Service
from registry.web.pages.accounts import Accounts, is_late
from registry.web.pages.atoms import Instant, Person, Sum
from registry.web.pages.deals import Deal, deals_of
from registry.web.pages.kept import kept_answers
from registry.web.pages.money_lines import AgesOf, Owing, ages_of_lines, owings
from registry.web.pages.paging import Part, part
from registry.web.pages.reader_view import ReaderView
from registry.web.pages.rendering import page
from registry.web.pages.transfers import Transfer, transfers
from registry.web.pages.use_lines import UseLine, UsePage, use_lines, use_page
from registry.web.pages.waiting import WaitingDraft, waiting_drafts
from registry.web.pages.whose import whose
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.base.values import value
from verifier.rules.model.record import Entry
from verifier.rules.money.splits import LegKind
from verifier.statements.types import Consent

SHOWN = 12
"""Dates to come that are listed."""


@value
class DateToCome:
    """What will fall due to somebody, if nothing ends the consent before."""

    consent: str
    payee: Person | None
    amount: Sum
    at: Instant


@value
class BrandHome:
    """``owed`` is what the brand owes by age, as the agency or the payee is to have it."""

    person: Person | None
    drafts: tuple[WaitingDraft, ...]
    owed: tuple[AgesOf, ...]
    to_come: tuple[DateToCome, ...]
    deals: Part[Deal]
    as_of: Instant


@value
class BrandMoney:
    """What it owes, line by line, and as the transfers that settle it."""

    person: Person | None
    owed: tuple[AgesOf, ...]
    transfers: tuple[Transfer, ...]
    lines: Part[Owing]
    as_of: Instant


@value
class BrandUses:
    """Every use that it declared, the newest first."""

    person: Person | None
    uses: Part[UseLine]
    as_of: Instant


def views(service: Service, desk: Desk) -> Views:
    """``/brand`` and what lies below it."""
    accounts = Accounts(service)

    def home() -> BrandHome:
        view = ReaderView(service, reader())
        party = whose(view, "licensee")
        statement = accounts.owed_by(reader(), party).statement
        own = [line for line in statement.lines if line.leg != LegKind.FROM_AGENCY.value]
        late = frozenset(line.consent for line in own if is_late(line))
        deals = deals_of(view, party, late, _sublicenses(service, party))
        coming = sorted(
            (one for one in statement.upcoming if one.leg != LegKind.FROM_AGENCY.value),
            key=lambda one: one.due_at or one.at,
        )
        found = BrandHome(
            person=view.person(party, "licensee"),
            drafts=tuple(waiting_drafts(view, desk, own=True)),
            owed=ages_of_lines(own),
            to_come=tuple(
                DateToCome(
                    consent=one.consent,
                    payee=view.person(one.payee, "payee"),
                    amount=Sum(one.amount, one.currency),
                    at=Instant(one.due_at or one.at),
                )
                for one in coming[:SHOWN]
            ),
            deals=part(deals),
            as_of=view.as_of,
        )
        view.done()
        return found

    def money() -> BrandMoney:
        view = ReaderView(service, reader())
        party = whose(view, "licensee")
        statement = accounts.owed_by(reader(), party).statement
        own = [line for line in statement.lines if line.leg != LegKind.FROM_AGENCY.value]
        found = BrandMoney(
            person=view.person(party, "licensee"),
            owed=ages_of_lines(own),
            transfers=transfers(view, own),
            lines=owings(view, own),
            as_of=view.as_of,
        )
        view.done()
        return found

    def uses() -> BrandUses:
        view = ReaderView(service, reader())
        party = whose(view, "licensee")
        found = BrandUses(person=view.person(party, "licensee"), uses=use_lines(service, view, party), as_of=view.as_of)
        view.done()
        return found

    def use(id: str) -> UsePage:
        view = ReaderView(service, reader())
        party = whose(view, "licensee")
        found = use_page(service, view, id, accounts.owed_by(reader(), party).statement)
        view.done()
        return found

    return {
        **page("brand", home, scripted=True),
        **page("brand_money", money, scripted=True),
        **page("brand_uses", uses, scripted=True),
        **page("brand_use", use),
    }


def _sublicenses(service: Service, party: str) -> tuple[Entry[Consent], ...]:
    """The consents that list a brand or that it used as a sub-licensee. After a start the whole log is looked through
    for them, which no page waits for."""
    readers, size = service.readers, service.record().size
    name = ("sublicenses", party, size)
    return kept_answers(service).get(
        reader(), name, readers.sublicenses_behind(), lambda _: tuple(readers.sublicenses(party))
    )
