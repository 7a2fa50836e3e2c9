"""What is agreed or asked for about models, each from when to when: consents, exclusivity, options, drafts, clashes."""

from __future__ import annotations

from collections.abc import Iterator

from registry.advice.clashes import CLASH, clashes
from registry.desk.dates import AgreedDates
from registry.desk.desk import Desk
from registry.intake.submission import parse_submission
from registry.service import Service
from registry.web.pages.atoms import Instant, Person
from registry.web.pages.reader_view import ReaderView
from verifier.base.values import value
from verifier.rules.use.exclusivity import use_of_consent
from verifier.statements.sections import Exclusive, Terms
from verifier.statements.types import Consent

CONSENT, EXCLUSIVE, OPTION, DRAFT, CLASHING = "consent", "exclusive", "option", "draft", "clash"
MOST_CLASHES = 200
"""Consents of which it is worked out whether they clash."""


@value
class Agreed:
    """``id`` is the consent's, the option's or the draft's. ``until``: an option that lapses then; ``with_``: whose
    exclusivity it meets."""

    kind: str
    id: str
    model: Person | None
    brand: Person | None
    starts: Instant
    ends: Instant
    categories: tuple[str, ...] | None = None
    countries: tuple[str, ...] | None = None
    about: str | None = None
    until: Instant | None = None
    with_: Person | None = None


def agreed_between(service: Service, view: ReaderView, desk: Desk, start: int, end: int) -> list[Agreed]:
    """All that touches [start, end) (POSIX seconds), by model, then by when it begins."""
    found = [*_consents(service, view, start, end), *_options(view, desk), *_drafts(view, desk)]
    inside = [one for one in found if one.starts.at < end and one.ends.at > start]
    return sorted(inside, key=lambda one: (_called(one.model), one.starts.at, one.kind, one.id))


def _called(person: Person | None) -> tuple[str, str]:
    return ("", "") if person is None else (person.name or "", person.party)


def _consents(service: Service, view: ReaderView, start: int, end: int) -> Iterator[Agreed]:
    dates = AgreedDates(service, view.reader)
    left = MOST_CLASHES
    for one in dates.consents(since=start):
        parties = one.consent.parties
        if one.starts >= end:
            continue
        model, brand = view.person(parties.model, "model"), view.person(parties.licensee, "licensee")
        terms = view.context.section(one.entry, "terms")
        known = terms if isinstance(terms, Terms) else None
        clash = None
        if known is not None and left:
            left -= 1
            said = clashes(use_of_consent(view.context, one.entry, known))
            if said.answer == CLASH:
                clash = view.person(next((rival.licensee for rival in said.found if rival.sure), None), "licensee")
        yield Agreed(
            kind=CLASHING if clash is not None else CONSENT if one.exercise_by is None else OPTION,
            id=one.consent.id,
            model=model,
            brand=brand,
            starts=Instant(one.starts),
            ends=Instant(one.ends),
            categories=None if known is None else known.categories,
            countries=None if known is None else known.countries,
            until=None if one.exercise_by is None else Instant(one.exercise_by),
            with_=clash,
        )
        if one.exclusive is not None:
            scope = view.context.section(one.entry, "exclusive")
            yield Agreed(
                kind=EXCLUSIVE,
                id=one.consent.id,
                model=model,
                brand=brand,
                starts=Instant(one.exclusive[0]),
                ends=Instant(one.exclusive[1]),
                categories=scope.categories if isinstance(scope, Exclusive) else None,
                countries=scope.countries if isinstance(scope, Exclusive) else None,
            )
    dates.note()


def _options(view: ReaderView, desk: Desk) -> Iterator[Agreed]:
    for seen in desk.options.options(view.reader.party):
        option = seen.option
        if option.state in ("asked", "granted"):
            yield Agreed(
                kind=OPTION,
                id=option.id,
                model=view.person(option.model, "model"),
                brand=view.party(option.asker),
                starts=Instant(option.starts),
                ends=Instant(option.ends),
                about=option.about,
                until=Instant(option.until if option.state == "granted" else option.answer_by),
            )


def _drafts(view: ReaderView, desk: Desk) -> Iterator[Agreed]:
    for seen in desk.drafts(view.reader.party):
        if seen.draft.state != "open":
            continue
        submission = parse_submission(seen.draft.text)
        statement = submission.statement()
        terms = {name: section for name, (_, section) in submission.opened().items()}.get("terms")
        if isinstance(statement, Consent) and isinstance(terms, Terms):
            yield Agreed(
                kind=DRAFT,
                id=seen.draft.id,
                model=view.person(statement.parties.model, "model"),
                brand=view.person(statement.parties.licensee, "licensee"),
                starts=Instant(terms.starts),
                ends=Instant(terms.ends),
                categories=terms.categories,
                countries=terms.countries,
                until=Instant(seen.draft.deadline),
            )
