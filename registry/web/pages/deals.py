"""A consent to a use as pages show it: with whom, for what, where, until when, and how it stands."""

from __future__ import annotations

from collections.abc import Iterable

from registry.web.pages.atoms import Instant, Person
from registry.web.pages.reader_view import ReaderView
from verifier.base.values import replace, value
from verifier.rules.model.context import Standing
from verifier.rules.model.record import Entry, holds
from verifier.rules.standing.stops import stops_of
from verifier.statements.sections import Exclusive, Terms
from verifier.statements.types import Consent

RUNNING, SUSPENDED, OPTION, COMING, UNTOLD, WITHDRAWN, REPLACED, ENDED = STATES = (
    "running", "suspended", "option", "coming", "untold", "withdrawn", "replaced", "ended",
)  # fmt: skip
"""How a consent stands now, in the order in which that matters."""


@value
class Deal:
    """One consent. What its reader may not know is None; ``ended_at`` is when a withdrawal took effect or takes it.

    ``late``: money of it that was looked for is past its date.
    """

    consent: str
    model: Person | None
    brand: Person | None
    agency: Person | None
    state: str
    purposes: tuple[str, ...] | None = None
    categories: tuple[str, ...] | None = None
    channels: tuple[str, ...] | None = None
    countries: tuple[str, ...] | None = None
    countries_excluded: tuple[str, ...] = ()
    description: str | None = None
    starts: Instant | None = None
    ends: Instant | None = None
    ended_at: Instant | None = None
    exclusive_until: Instant | None = None
    uses: int = 0
    late: bool = False


def deals_of(
    view: ReaderView, party: str, late: frozenset[str] = frozenset(), sublicenses: Iterable[Entry[Consent]] = ()
) -> list[Deal]:
    """The consents to a use that name a party in whatever role, those that run first; void ones are none.

    Of ``sublicenses``, which only list it or were used by it, those whose terms the reader may read are among them."""
    named = {entry.index: entry for entry in view.contracts(party) if holds(entry, Consent)}
    listed = {entry.index: entry for entry in sublicenses if entry.index not in named}
    found = [
        deal
        for entry in (*named.values(), *listed.values())
        if entry.statement.act == "use"
        and view.context.standing(entry).standing is not Standing.VOID
        and ((deal := deal_of(view, entry, late)).state != UNTOLD or entry.index in named)
    ]
    return sorted(found, key=lambda deal: (STATES.index(deal.state), -(deal.ends.at if deal.ends else 0), deal.consent))


def deal_of(view: ReaderView, entry: Entry[Consent], late: frozenset[str] = frozenset()) -> Deal:
    """One of them."""
    consent, parties = entry.statement, entry.statement.parties
    terms = view.context.section(entry, "terms")
    bare = Deal(
        consent=consent.id,
        model=view.person(parties.model, "model"),
        brand=view.person(parties.licensee, "licensee"),
        agency=view.person(parties.agency, "agency"),
        state=UNTOLD,
        uses=len(view.record.rows(f"uses:{consent.id}") or ()),
        late=consent.id in late,
    )
    if not isinstance(terms, Terms):
        return bare
    state, ended_at = _state(view, entry, terms)
    exclusive = view.context.section(entry, "exclusive") if "exclusive" in consent.sections else None
    return replace(
        bare,
        state=state,
        purposes=terms.purposes,
        categories=terms.categories,
        channels=terms.channels,
        countries=terms.countries,
        countries_excluded=terms.countries_excluded,
        description=terms.description,
        starts=Instant(terms.starts),
        ends=Instant(terms.ends),
        ended_at=ended_at,
        exclusive_until=Instant(exclusive.ends) if isinstance(exclusive, Exclusive) else None,
    )


def _state(view: ReaderView, entry: Entry[Consent], terms: Terms) -> tuple[str, Instant | None]:
    now = view.now
    stops = stops_of(view.context, entry, terms, onward=True)
    ends = min((one.start for one in (*stops.revocations, *stops.lapses) if one.sure), default=None)
    ended_at = None if ends is None or ends >= terms.ends else Instant(ends)
    if ends is not None and ends <= now:
        return WITHDRAWN, ended_at
    if any(one.statement.replaces == entry.statement.id for one, _ in stops.replaced_by):
        return REPLACED, None
    if now >= terms.ends:
        return ENDED, None
    if any(one.start <= now < one.end and one.sure for one in stops.suspensions):
        return SUSPENDED, ended_at
    if entry.statement.exercise_by is not None and now < entry.statement.exercise_by:
        return OPTION, ended_at
    return (COMING if now < terms.starts else RUNNING), ended_at
