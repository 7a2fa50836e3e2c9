"""An entry's standing before any ruling: what voids it, in the order T6, T8, A0, A1, A2, A5."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping

from verifier.base.limits import LEEWAY
from verifier.rules.model.calendar import DAY
from verifier.rules.model.chain import followed
from verifier.rules.model.context import GOOD, Context, Judgement, Standing, doubtful, void
from verifier.rules.model.record import Entry, entries_at, holds
from verifier.rules.standing.parties import judge_parties
from verifier.rules.standing.power import judge_power
from verifier.rules.standing.signers import judge_signers
from verifier.statements.types import Consent, Exercise

LATE = 30 * DAY
"""Seconds after its claimed time by which a statement must be logged (T8)."""

MAX_DEPTH = 64
"""How deep one entry's standing may rest on another's. Chains of consents and of guardians, which may well be long, are
judged from their beginning and need no depth; a log that goes deeper has erasures of erasures, or worse."""


def base_standing(context: Context, entry: Entry) -> Judgement:
    """The standing of an entry as if there were no rulings on it, by every rule that can void one."""
    if context.record.assumed_good(entry.index):
        return GOOD
    memo, known = context.memo, context.memo.base
    if entry.index not in known:
        for older in _followed(context, entry, known):
            base_standing(context, older)
        if memo.depth >= MAX_DEPTH:
            return doubtful("A0", "list_missing")
        memo.depth += 1
        try:
            known[entry.index] = first_of(void_checks(context, entry))
        finally:
            memo.depth -= 1
    return known[entry.index]


def _followed(context: Context, entry: Entry, known: Mapping[int, Judgement]) -> Iterator[Entry]:
    """The consents that one follows and that are not judged yet, oldest first: a long chain needs no recursion."""
    chain: list[Entry] = []
    for copies in followed(context.record, entry):
        fresh = [one for one in copies if one.index not in known]
        if not fresh:
            break
        chain.extend(reversed(fresh))
    return reversed(chain)


def void_checks(context: Context, entry: Entry) -> list[Judgement]:
    """One judgement per rule that can void an entry: T6, T8, A0, A1, A2, A5."""
    parties = judge_parties(context, entry)
    if parties.standing is Standing.VOID:
        # Signers and mandates are looked up by the roles that A0 has just found wrong.
        return [judge_ahead(entry), judge_late(context, entry), parties]
    return [
        judge_ahead(entry),
        judge_late(context, entry),
        parties,
        judge_signers(context, entry),
        judge_power(context, entry),
        judge_replaces(context, entry),
    ]


def first_of(judgements: list[Judgement]) -> Judgement:
    """The first that voids, else the first that is doubtful, else good."""
    for wanted in (Standing.VOID, Standing.DOUBTFUL):
        for judgement in judgements:
            if judgement.standing is wanted:
                return judgement
    return GOOD


def judge_ahead(entry: Entry) -> Judgement:
    """T6: a claimed time more than 5 minutes after the logged time."""
    return void("T6", "void_ahead") if entry.statement.at > entry.logged + LEEWAY else GOOD


def judge_late(context: Context, entry: Entry) -> Judgement:
    """T8: logged more than 30 days after the claimed time (a signed paper does not lie in wait), or an option that is
    taken too late. Until when is in the consent's header, and so in its id: any copy says it."""
    late = entry.logged > entry.statement.at + LATE
    if holds(entry, Exercise):
        copies = entries_at(context.record, context.record.find(entry.statement.consent))
        until = [copy.statement.exercise_by for copy in copies if holds(copy, Consent)]
        late = late or any(by is not None and entry.logged >= by for by in until)
    return void("T8", "void_late") if late else GOOD


def judge_replaces(context: Context, entry: Entry) -> Judgement:
    """A5: a consent replaces, or renews, one that no good consent at a lower index replaces or renews."""
    statement = entry.statement
    if not isinstance(statement, Consent) or statement.follows is None:
        return GOOD
    rows = context.record.rows(f"consent:{statement.follows}")
    if rows is None:
        return doubtful("A5", "list_missing")
    unsure = GOOD
    for other in entries_at(context.record, rows[: bisect_left(rows, entry.index)]):
        if not holds(other, Consent):
            continue
        if other.statement.follows == statement.follows and other.statement.id != statement.id:
            judgement = context.standing(other)
            if judgement.standing is Standing.GOOD:
                return void("A5", "void_replaced", other.index)
            if judgement.standing is Standing.DOUBTFUL:
                unsure = doubtful("A5", judgement.code, other.index)
    return unsure
