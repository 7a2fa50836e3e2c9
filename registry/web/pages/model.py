"""A model's pages: what waits for her, what she is owed, who uses her twin, and who read about her."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from registry.desk.desk import Desk
from registry.readers.reader_store import DAY
from registry.service import Service
from registry.web.pages.accounts import Accounts, PartyAccount, is_late
from registry.web.pages.acts import Acts, Step
from registry.web.pages.atoms import Act, Instant, Person, Sum
from registry.web.pages.claims import Claimed, claims_on
from registry.web.pages.deals import RUNNING, Deal, deals_of
from registry.web.pages.form_fields import FormFields, sent
from registry.web.pages.money_lines import (
    NOTICES,
    AgesOf,
    MonthsOf,
    Notice,
    Owing,
    ages_of_party,
    months,
    notices,
    owings,
)
from registry.web.pages.options_page import OptionLine, option_lines
from registry.web.pages.paging import Part, part
from registry.web.pages.reader_view import ReaderView
from registry.web.pages.rendering import form_page, page
from registry.web.pages.unwelcome import involved
from registry.web.pages.use_lines import UseLine, UsePage, use_lines, use_page
from registry.web.pages.viewing import viewing
from registry.web.pages.waiting import WaitingDraft, waiting_drafts
from registry.web.pages.whose import whose
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.base.canonical import Json
from verifier.base.strict import format_instant, is_hex64
from verifier.base.values import value
from verifier.rules.model.calendar import add_months
from verifier.rules.model.record import Entry, holds
from verifier.statements.types import Consent, Party

GRANTED = ("terms", "money", "exclusive")
"""Sections that a page offers to let somebody read."""
MONTHS = ("1", "3", "6", "12")
SHOWN = 6
"""Deals and readers that the first page shows; the rest is on their own pages."""


@value
class ReadRow:
    """So many sections of statements that name her were read on a day."""

    day: Instant
    by: Person | None
    sections: int


@value
class AskedRow:
    """Somebody asked whether anybody's exclusivity on her is in the way of a plan."""

    at: Instant
    by: Person | None


@value
class Oldest:
    """What has been due for the longest: the sum of it that is late, from whom, since when."""

    amount: Sum
    who: Person | None
    since: Instant
    days: int


@value
class ModelHome:
    """``options`` are those to be answered. ``untold`` counts uses and consents of which it cannot be told what they
    owe her; ``running`` her consents that run now, ``all_deals`` all of them."""

    person: Person | None
    claims: tuple[Claimed, ...]
    drafts: tuple[WaitingDraft, ...]
    options: tuple[OptionLine, ...]
    owed: tuple[AgesOf, ...]
    oldest: Oldest | None
    untold: int
    deals: tuple[Deal, ...]
    running: int
    all_deals: int
    reads: tuple[ReadRow, ...]
    as_of: Instant


@value
class DealList:
    """All her consents."""

    person: Person | None
    deals: Part[Deal]
    as_of: Instant


@value
class UseList:
    """All uses of her twins, the newest first."""

    person: Person | None
    uses: Part[UseLine]
    as_of: Instant


@value
class ModelMoney:
    """What is owed to her line by line, the most late first, and what came and fell due month by month."""

    person: Person | None
    owed: tuple[AgesOf, ...]
    months: tuple[MonthsOf, ...]
    lines: Part[Owing]
    notices: tuple[Notice, ...]
    as_of: Instant


@value
class GivenGrant:
    """She lets somebody read these sections of hers until then."""

    id: str
    to: Person | None
    sections: tuple[str, ...]
    until: Instant
    take_back: Act | None


@value
class NewGrant:
    """What she is about to let ``to`` read; ``wrong`` is the field that is not filled in right."""

    to: Person | None
    sections: tuple[str, ...]
    until: Instant
    wrong: str
    give: Act | None


@value
class CalendarLine:
    """An address of her calendar: made and read last then."""

    id: str
    made: Instant
    used: Instant | None
    end: Act | None


@value
class ReadList:
    """Who read about her, who asked, and whom she lets read. ``known`` are parties whom she has to do with; ``new`` is
    the grant that she is about to give."""

    person: Person | None
    reads: Part[ReadRow]
    asked: tuple[AskedRow, ...]
    grants: tuple[GivenGrant, ...]
    known: tuple[Person, ...]
    sections: tuple[str, ...]
    new: NewGrant | None
    calendars: tuple[CalendarLine, ...]
    make_calendar: Act | None
    as_of: Instant


def views(service: Service, desk: Desk) -> Views:
    """``/model`` and what lies below it."""
    accounts, acts = Accounts(service), Acts(service)

    def home() -> ModelHome:
        view = ReaderView(service, reader())
        party = whose(view, "model")
        account = accounts.owed_to(reader(), party)
        deals = deals_of(view, party, _late(account))
        found = ModelHome(
            person=view.person(party, "model"),
            claims=tuple(claims_on(view, party)),
            drafts=tuple(waiting_drafts(view, desk)),
            options=tuple(one for one in option_lines(view, desk, party, is_model=True) if one.answers),
            owed=ages_of_party(account.statement, party),
            oldest=_oldest(view, account, deals),
            untold=len(account.statement.untold),
            deals=tuple(deals[:SHOWN]),
            running=sum(deal.state == RUNNING for deal in deals),
            all_deals=len(deals),
            reads=tuple(_reads(service, view, party)[:SHOWN]),
            as_of=view.as_of,
        )
        view.done()
        return found

    def consents() -> DealList:
        view = ReaderView(service, reader())
        party = whose(view, "model")
        deals = deals_of(view, party, _late(accounts.owed_to(reader(), party)))
        found = DealList(person=view.person(party, "model"), deals=part(deals), as_of=view.as_of)
        view.done()
        return found

    def uses() -> UseList:
        view = ReaderView(service, reader())
        party = whose(view, "model")
        lines = use_lines(service, view, party)
        found = UseList(person=view.person(party, "model"), uses=lines, as_of=view.as_of)
        view.done()
        return found

    def use(id: str) -> UsePage:
        view = ReaderView(service, reader())
        party = whose(view, "model")
        found = use_page(service, view, id, accounts.owed_to(reader(), party).statement)
        view.done()
        return found

    def money() -> ModelMoney:
        view = ReaderView(service, reader())
        party = whose(view, "model")
        account = accounts.owed_to(reader(), party)
        found = ModelMoney(
            person=view.person(party, "model"),
            owed=ages_of_party(account.statement, party),
            months=months(account.statement, view.now, viewing().zone),
            lines=owings(view, account.statement.lines),
            notices=notices(view, account.statement.lines)[:NOTICES],
            as_of=view.as_of,
        )
        view.done()
        return found

    def reads() -> ReadList:
        view = ReaderView(service, reader())
        party = whose(view, "model")
        given, _ = service.readers.store.grants(party, view.now)
        own = reader().party == party  # a guardian lets nobody else read
        return ReadList(
            person=view.person(party, "model"),
            reads=part(_reads(service, view, party)),
            asked=tuple(
                AskedRow(at=Instant(one.at), by=view.party(one.asker))
                for one in service.readers.store.questions_about([party])
            ),
            grants=tuple(
                GivenGrant(
                    id=one.id,
                    to=view.party(one.taker),
                    sections=one.sections,
                    until=Instant(one.until),
                    take_back=acts.ask(Step("DELETE", f"/grants/{one.id}"), back="/model/reads") if own else None,
                )
                for one in given
            ),
            known=tuple(_known(view, party)),
            sections=GRANTED,
            new=_new_grant(acts, view) if own and sent() else None,
            calendars=tuple(
                CalendarLine(
                    id=one.id,
                    made=Instant(one.at),
                    used=None if one.used is None else Instant(one.used),
                    end=acts.ask(Step("DELETE", f"/desk/calendars/{one.id}"), back="/model/reads"),
                )
                for one in (desk.calendars.addresses(party) if own else ())
            ),
            make_calendar=acts.ask(
                Step("POST", "/desk/calendars", {"language": viewing().words.language, "names": True}),
                back="/model/reads",
            )
            if own
            else None,
            as_of=view.as_of,
        )

    return {
        **page("model", home),
        **page("model_consents", consents),
        **page("model_uses", uses),
        **page("model_use", use),
        **page("model_money", money),
        **form_page("model_reads", reads, scripted=True),
    }


def _known(view: ReaderView, party: str) -> Iterator[Person]:
    """Whom she has consents with, unions first."""
    found: dict[str, str] = {}
    for entry in view.contracts(party):
        if holds(entry, Consent):
            found |= {id: role for role, id in entry.statement.parties.roles().items() if id != party}
    people = (view.person(id, role) for id, role in found.items())
    yield from sorted((one for one in people if one), key=lambda one: (one.role != "union", one.name or "", one.party))


def _new_grant(acts: Acts, view: ReaderView) -> NewGrant:
    """What the form says: to whom, which sections, for how many months."""
    given = FormFields(sent(), viewing())
    to = given.text("other").lower().replace(" ", "") or given.text("to")
    sections = tuple(one for one in GRANTED if one in given.given.get("sections", ()))
    months = given.text("months")
    is_party = is_hex64(to) and to != view.reader.party and isinstance(view.statement(to, Party), Entry)
    wrong = "to" if not is_party else "sections" if not sections else "" if months in MONTHS else "months"
    until = add_months(view.now, int(months)) if months in MONTHS else view.now
    body: Json = {"sections": list(sections), "to": to, "until": format_instant(until)}
    return NewGrant(
        to=view.party(to) if is_party else None,
        sections=sections,
        until=Instant(until),
        wrong=wrong,
        give=None
        if wrong
        else acts.ask(Step("POST", "/grants", body), back="/model/reads", people=involved(view.party(to))),
    )


def _late(account: PartyAccount) -> frozenset[str]:
    """The consents of which something is late."""
    return frozenset(line.consent for line in account.statement.lines if is_late(line))


def _oldest(view: ReaderView, account: PartyAccount, deals: Iterable[Deal]) -> Oldest | None:
    lines = [line for line in account.statement.lines if is_late(line) and line.due_at is not None]
    if not lines:
        return None
    first = min(lines, key=lambda line: (line.due_at or 0, line.consent))
    same = [line for line in lines if (line.consent, line.currency) == (first.consent, first.currency)]
    assert first.due_at is not None
    zone = viewing().zone
    return Oldest(
        amount=Sum(sum(line.ages.late for line in same), first.currency),
        who=next((deal.brand for deal in deals if deal.consent == first.consent), None),
        since=Instant(first.due_at),
        days=zone.day(view.now) - zone.day(first.due_at),
    )


def _reads(service: Service, view: ReaderView, party: str) -> list[ReadRow]:
    """The newest day first; a registrar is nobody's party."""
    rows = service.readers.store.reads_of(party, view.now)
    return [ReadRow(day=Instant(day * DAY), by=view.party(by), sections=count) for day, by, count in rows]
