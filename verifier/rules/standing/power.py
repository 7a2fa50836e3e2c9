"""A2: what an agency signs for a model rests on a mandate that was in force and had the power."""

from __future__ import annotations

from verifier.rules.model.calendar import add_months
from verifier.rules.model.context import GOOD, Context, Judgement, Standing, doubtful, void
from verifier.rules.model.record import Entry
from verifier.statements.kinds import kind_of
from verifier.statements.types import Mandate, Revocation

LONGEST_MANDATE = 36
"""Months: a longer mandate ends then (A2; New York's Fashion Workers Act)."""


def judge_power(context: Context, entry: Entry) -> Judgement:
    """A2 for one entry; good where the statement names no mandate."""
    under: str | None = getattr(entry.statement, "under", None)
    if under is None:
        return GOOD
    mandate, judgement = context.named(f"mandate:{under}", under, entry.index)
    if mandate is None or judgement.standing is Standing.DOUBTFUL:
        return doubtful("A2", judgement.code)
    statement = mandate.statement
    assert isinstance(statement, Mandate)
    power = kind_of(entry.statement).power
    ends = min(statement.ends, add_months(statement.starts, LONGEST_MANDATE))
    if (power is not None and power not in statement.powers) or not statement.starts <= entry.logged < ends:
        return void("A2", "void_power", mandate.index)
    unsure: Judgement = GOOD
    for revocation, standing in context.listed(f"mandate:{under}", Revocation) or ():
        effective = max(revocation.statement.effective, revocation.logged)
        if revocation.index < entry.index and effective <= entry.logged:
            if standing.standing is Standing.GOOD:
                return void("A2", "void_power", mandate.index, revocation.index)
            unsure = doubtful("A2", standing.code, revocation.index)
    return unsure


