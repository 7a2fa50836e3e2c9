"""Mandates as pages show them: who may sign what for whom, until when, and how each stands now."""

from __future__ import annotations

from registry.readers.rights import mandate_end
from registry.web.pages.atoms import Instant, Person
from registry.web.pages.reader_view import ReaderView
from verifier.base.values import value
from verifier.rules.model.context import Standing
from verifier.rules.model.record import Entry, holds
from verifier.statements.sections import MandateMoney
from verifier.statements.types import Mandate, Revocation

RUNNING, COMING, ENDED = STATES = ("running", "coming", "ended")
"""How a mandate stands now, in the order in which that matters."""


@value
class MandateLine:
    """One that a model gave an agency, from ``starts`` (included) until ``ends``, or ``ended_at`` where somebody ended
    it before. ``commission`` is in hundredths of a per cent."""

    mandate: str
    model: Person | None
    agency: Person | None
    powers: tuple[str, ...]
    starts: Instant
    ends: Instant
    ended_at: Instant | None
    commission: int | None
    state: str


def mandate_lines(view: ReaderView, party: str, role: str) -> list[tuple[Entry[Mandate], MandateLine]]:
    """Those that name a party in a role and have effect or had it, those that run first, then the newest."""
    found = [
        (entry, _line(view, entry))
        for entry in view.contracts(party)
        if holds(entry, Mandate)
        and entry.statement.parties.role(role) == party
        and view.context.standing(entry).standing is not Standing.VOID
    ]
    return sorted(found, key=lambda one: (STATES.index(one[1].state), -one[1].starts.at, one[1].mandate))


def _line(view: ReaderView, entry: Entry[Mandate]) -> MandateLine:
    statement = entry.statement
    ends = mandate_end(statement)
    revoked = [
        max(one.statement.effective, one.logged)
        for one, judged in view.context.listed(f"mandate:{statement.id}", Revocation) or ()
        if judged.standing is Standing.GOOD
    ]
    ended = min(revoked, default=ends)
    money = view.context.section(entry, "money")
    state = ENDED if min(ended, ends) <= view.now else COMING if view.now < statement.starts else RUNNING
    return MandateLine(
        mandate=statement.id,
        model=view.person(statement.parties.model, "model"),
        agency=view.person(statement.parties.agency, "agency"),
        powers=statement.powers,
        starts=Instant(statement.starts),
        ends=Instant(ends),
        ended_at=Instant(ended) if ended < ends else None,
        commission=money.commission_bp if isinstance(money, MandateMoney) else None,
        state=state,
    )
