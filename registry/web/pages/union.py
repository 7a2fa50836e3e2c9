"""A union's pages: what is wrong with the uses of those who let it read theirs, and the consents that it may suspend.

Exceptions are looked for among uses, newest first, for as long as one request may take; where it stopped, the next page
goes on. So it says what it has looked at, and never that all is well with what it has not.
"""

from __future__ import annotations

import time

from flask import Response, request

from registry.evidence import Verdicts
from registry.metering import TooMuch
from registry.service import Service
from registry.web.errors import fail
from registry.web.pages.acts import Acts
from registry.web.pages.atoms import Act, Instant, Person
from registry.web.pages.deals import ENDED, REPLACED, SUSPENDED, WITHDRAWN, Deal, deal_of, deals_of
from registry.web.pages.downloads import file_answer
from registry.web.pages.form_fields import sent
from registry.web.pages.kept import kept_answers
from registry.web.pages.next_steps import completed, consent_of, suspension_draft
from registry.web.pages.paging import Part, part
from registry.web.pages.reader_view import ReaderView
from registry.web.pages.rendering import form_page, page
from registry.web.pages.use_form import consent_under
from registry.web.pages.use_lines import UseLine, line_of, lines_of
from registry.web.pages.whose import whose
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.base.errors import KembarError
from verifier.base.strict import parse_decimal
from verifier.base.values import value
from verifier.evidence.verdict import Verdict
from verifier.rules.model.record import Entry, holds
from verifier.statements.sections import Terms, UsageTerms
from verifier.statements.types import GROUNDS, Consent, Usage

BUDGET = 2.0
"""Seconds that are looked for one page's exceptions, beside the request."""
MOST = 25
"""Exceptions that one page shows."""
UNAUTHORISED, UNPAID, LATE, CANNOT_TELL = KINDS = ("unauthorised", "unpaid", "late", "cannot_tell")
"""What can be wrong with a use, the worst first: nothing allows it, nothing came of what is due, some of that is late,
it cannot be told."""


@value
class Member:
    """Somebody who lets this union read her sections, until then."""

    person: Person | None
    sections: tuple[str, ...]
    until: Instant


@value
class Unruly:
    """A use that something is wrong with: ``kind`` says what, the worst of it."""

    kind: str
    use: UseLine


@value
class UnionHome:
    """``looked`` uses were looked at, of ``uses`` in all; ``before`` is where it goes on, None at the end."""

    person: Person | None
    members: tuple[Member, ...]
    found: tuple[Unruly, ...]
    looked: int
    uses: int
    before: int | None
    as_of: Instant


@value
class UnionConsents:
    """The consents that name this union, those that run first."""

    person: Person | None
    deals: Part[Deal]
    as_of: Instant


@value
class StoppedUse:
    """A use that runs, or will, and has to be pulled by then: at once, or where the sell-off ends."""

    use: UseLine
    by: Instant


@value
class SuspendPage:
    """What a suspension of a consent stops: ``stops`` are the uses that would run on (``more`` are not listed). Nothing
    that is owed falls away (M1). ``may``: it can be suspended now."""

    deal: Deal
    ground: str
    stops: tuple[StoppedUse, ...]
    more: int
    may: bool
    act: Act | None
    as_of: Instant


def views(service: Service) -> Views:
    """``/union`` and what lies below it."""
    acts = Acts(service)

    def home() -> UnionHome:
        view = ReaderView(service, reader())
        party = whose(view, "union")
        _, taken = service.readers.store.grants(party, view.now)
        uses = _uses_of(service, view, {one.giver for one in taken})
        before = _before(len(uses))
        name = ("exceptions", before, tuple(uses[:before][-1:]))
        found, at = kept_answers(service).get(reader(), name, len(uses), lambda own: _look(service, own, uses, before))
        page_ = UnionHome(
            person=view.person(party, "union"),
            members=tuple(
                Member(person=view.party(one.giver), sections=one.sections, until=Instant(one.until)) for one in taken
            ),
            found=tuple(found),
            looked=before - at,
            uses=len(uses),
            before=at or None,
            as_of=view.as_of,
        )
        view.done()
        return page_

    def consents() -> UnionConsents:
        view = ReaderView(service, reader())
        party = whose(view, "union")
        named = [deal for deal in deals_of(view, party) if _names(view, deal, party)]
        found = UnionConsents(person=view.person(party, "union"), deals=part(named), as_of=view.as_of)
        view.done()
        return found

    def suspend(id: str) -> SuspendPage:
        view = ReaderView(service, reader())
        entry = consent_under(view, id, whose(view, "union"), "union")
        deal = deal_of(view, entry)
        running, by = _running(service, view, id), view.now + _sell_off(view, entry)
        submission = completed(suspension_draft(view, entry, _ground()), view.now)
        may = deal.state not in (ENDED, REPLACED, SUSPENDED, WITHDRAWN)
        lines = lines_of(service, view, running[:MOST])
        found = SuspendPage(
            deal=deal,
            ground=_ground(),
            stops=tuple(
                StoppedUse(use=one, by=Instant(by if one.ends is None else min(by, one.ends.at))) for one in lines
            ),
            more=max(len(running) - MOST, 0),
            may=may,
            act=acts.submit(submission, back="/union/consents") if may and submission is not None else None,
            as_of=view.as_of,
        )
        view.done()
        return found

    def draft(id: str) -> Response:
        view = ReaderView(service, reader())
        entry = consent_under(view, id, whose(view, "union"), "union")
        return file_answer("suspension.toml", suspension_draft(view, entry, _ground()))

    return {
        **page("union", home),
        **page("union_consents", consents, scripted=True),
        **form_page("union_suspend", suspend, scripted=True),
        "suspend_draft": draft,
    }


def _names(view: ReaderView, deal: Deal, union: str) -> bool:
    """Whether a consent lets a union suspend it."""
    entry = consent_of(view, deal.consent)
    return entry is not None and entry.statement.parties.union == union


def _ground() -> str:
    ground = next(iter(sent().get("ground", ())), "breach")
    if ground not in GROUNDS:
        raise fail("question_malformed", f"is a ground that there is: {', '.join(GROUNDS)}", "ground")
    return ground


def _uses_of(service: Service, view: ReaderView, members: set[str]) -> list[int]:
    """Where the uses of their twins lie, rising."""
    consents = (
        entry.statement.id
        for party in members
        for entry in service.readers.contracts(party)
        if isinstance(entry.statement, Consent) and entry.statement.parties.model == party
    )
    return sorted({index for consent in consents for index in view.record.rows(f"uses:{consent}") or ()})


def _before(size: int) -> int:
    """From where on the page looks back: a place in the list of uses."""
    text = request.args.get("before")
    if text is None:
        return size
    try:
        return min(parse_decimal(text), size)
    except KembarError as error:
        raise fail("question_malformed", error.message, "before") from None


def _look(service: Service, view: ReaderView, rows: list[int], before: int) -> tuple[list[Unruly], int]:
    """What is found from ``before`` on backwards, and where it stopped: at last where one request has read its most."""
    found: list[Unruly] = []
    end = time.monotonic() + BUDGET
    at = before
    with Verdicts(service, view.rights, view.answering) as verdicts:
        while at > 0 and len(found) < MOST and (at == before or time.monotonic() < end):
            at -= 1
            entry = view.record.entry(rows[at])
            try:
                if entry is not None and holds(entry, Usage):
                    verdict = verdicts.about(entry.statement)
                    if verdict is not None and (kind := kind_of(verdict)) is not None:
                        found.append(Unruly(kind=kind, use=line_of(view, entry, verdict)))
            except TooMuch:
                if at + 1 == before:
                    raise
                at += 1
                break
    return sorted(found, key=lambda one: KINDS.index(one.kind)), at


def kind_of(verdict: Verdict) -> str | None:
    """What is wrong with a use; None: nothing that this reader could know of."""
    decision = verdict.decision
    if decision.authorised == "NOT_AUTHORISED":
        return UNAUTHORISED
    if decision.paid is not None and decision.paid.answer == "NOT_PAID":
        return LATE if any(line.received for line in decision.paid.payees) else UNPAID
    answers = (decision.authorised, decision.paid.answer if decision.paid else None)
    return CANNOT_TELL if "CANNOT_TELL" in answers else None


def _sell_off(view: ReaderView, consent: Entry[Consent]) -> int:
    """How long a use that was declared before may run on (A6)."""
    terms = view.context.section(consent, "terms")
    return terms.sell_off if isinstance(terms, Terms) else 0


def _running(service: Service, view: ReaderView, consent: str) -> tuple[Entry[Usage], ...]:
    """The uses under a consent that run now or will, the newest first."""

    def make(own: ReaderView) -> tuple[Entry[Usage], ...]:
        found = []
        for entry in own.entries(f"uses:{consent}"):
            terms = own.context.section(entry, "terms")
            if holds(entry, Usage) and (not isinstance(terms, UsageTerms) or terms.ends > own.now):
                found.append(entry)
        return tuple(reversed(found))

    entries = len(view.record.rows(f"uses:{consent}") or ())
    return kept_answers(service).get(view.reader, ("running", consent), entries, make)
