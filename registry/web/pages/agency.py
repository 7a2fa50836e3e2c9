"""An agency's desk: its models' calendar, what waits for whom, what is owed to it and by it, what runs out."""

from __future__ import annotations

from flask import request

from registry.desk.desk import Desk
from registry.service import Service
from registry.web.pages.accounts import Accounts
from registry.web.pages.agreed import Agreed, agreed_between
from registry.web.pages.atoms import Instant, Person
from registry.web.pages.deals import RUNNING, Deal, deals_of
from registry.web.pages.money_lines import (
    NOTICES,
    AgesOf,
    Notice,
    Owing,
    ages_of_lines,
    ages_of_party,
    notices,
    owing,
    owings,
    rank,
)
from registry.web.pages.month_grid import DAY, format_month, parse_month, span
from registry.web.pages.options_page import OptionLine, option_lines
from registry.web.pages.paging import Part, part
from registry.web.pages.reader_view import ReaderView
from registry.web.pages.rendering import page
from registry.web.pages.viewing import viewing
from registry.web.pages.waiting import WaitingDraft, waiting_drafts
from registry.web.pages.whose import whose
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.base.values import value
from verifier.rules.money.splits import LegKind

SOON = 60
"""Days before the end of a consent from which on it is time to renew it."""


@value
class AgencyCalendar:
    """A month (``2026-12``), what lies in it, the drafts that wait for somebody, and the options to be answered."""

    person: Person | None
    month: str
    previous: str
    next: str
    agreed: tuple[Agreed, ...]
    drafts: tuple[WaitingDraft, ...]
    options: tuple[OptionLine, ...]
    as_of: Instant


@value
class AgencyMoney:
    """What is owed to the agency (``owed_in``), and what it has to pass on to its models (``owed_out``)."""

    person: Person | None
    owed_in: tuple[AgesOf, ...]
    incoming: Part[Owing]
    owed_out: tuple[AgesOf, ...]
    outgoing: tuple[Owing, ...]
    more: int
    notices: tuple[Notice, ...]
    as_of: Instant


@value
class AgencyDeals:
    """Its consents, those that run out within :data:`SOON` days first."""

    person: Person | None
    soon: tuple[Deal, ...]
    deals: Part[Deal]
    as_of: Instant


def views(service: Service, desk: Desk) -> Views:
    """``/agency`` and what lies below it."""
    accounts = Accounts(service)

    def calendar() -> AgencyCalendar:
        view = ReaderView(service, reader())
        party = whose(view, "agency")
        year, month = parse_month(request.args.get("month"), view.now, viewing().zone)
        first, end = span(year, month)
        found = AgencyCalendar(
            person=view.person(party, "agency"),
            month=format_month(year, month),
            previous=format_month(year, month, -1),
            next=format_month(year, month, 1),
            agreed=tuple(agreed_between(service, view, desk, (first - 1) * DAY, (end + 1) * DAY)),
            drafts=tuple(waiting_drafts(view, desk, own=True)),
            options=tuple(one for one in option_lines(view, desk, party, is_model=False) if one.answers),
            as_of=view.as_of,
        )
        view.done()
        return found

    def consents() -> AgencyDeals:
        view = ReaderView(service, reader())
        party = whose(view, "agency")
        deals = deals_of(view, party)
        by = view.now + SOON * DAY
        soon = [one for one in deals if one.state == RUNNING and one.ends is not None and one.ends.at < by]
        found = AgencyDeals(
            person=view.person(party, "agency"),
            soon=tuple(sorted(soon, key=lambda one: one.ends.at if one.ends else 0)),
            deals=part(deals),
            as_of=view.as_of,
        )
        view.done()
        return found

    def money() -> AgencyMoney:
        view = ReaderView(service, reader())
        party = whose(view, "agency")
        incoming = accounts.owed_to(reader(), party).statement
        passing = accounts.through(reader(), party).statement
        outgoing = [line for line in passing.lines if line.leg == LegKind.FROM_AGENCY.value and line.outstanding]
        found = AgencyMoney(
            person=view.person(party, "agency"),
            owed_in=ages_of_party(incoming, party),
            incoming=owings(view, incoming.lines),
            owed_out=ages_of_lines(outgoing),
            outgoing=tuple(owing(view, line) for line in sorted(outgoing, key=rank)[:25]),
            more=max(len(outgoing) - 25, 0),
            notices=notices(view, incoming.lines)[:NOTICES],
            as_of=view.as_of,
        )
        view.done()
        return found

    return {
        **page("agency", calendar, scripted=True),
        **page("agency_consents", consents),
        **page("agency_money", money),
    }
