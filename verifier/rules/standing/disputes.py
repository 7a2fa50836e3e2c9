"""A20: open disputes warn; a disputed key makes an entry doubtful; a ruling decides (standing is in ``rulings.py``)."""

from __future__ import annotations

from verifier.rules.model.context import Context, Judgement, Standing
from verifier.rules.model.record import Entry
from verifier.rules.model.results import Remark, Result, TimedResult
from verifier.rules.model.timeline import always
from verifier.rules.standing.rulings import consent_touched, disputed, rulings_of
from verifier.statements.types import Dispute


def judge_disputes(context: Context, entry: Entry, judgement: Judgement) -> list[TimedResult]:
    """A20's row for an entry that is not void: UNKNOWN where its key is disputed, PASS where an arbiter upheld it.

    Whatever else leaves the entry in doubt: it may be all that is hidden, and this is not.
    """
    for one in (judgement, disputed(context, entry)):
        if one.standing is Standing.DOUBTFUL and one.rule == "A20":
            return [always(Result.UNKNOWN, one.code, entry.index, *one.entries)]
    consent = consent_touched(entry.statement)
    rulings = None if consent is None else rulings_of(context, consent)
    upheld = [] if rulings is None else [ruling.index for ruling, _ in rulings.on(entry)]
    if upheld:
        return [always(Result.PASS, "ruled", *upheld)]
    return [always(Result.NOT_APPLICABLE, "not_applicable")]


def open_disputes(context: Context, consent: str) -> list[Remark]:
    """A warning with the disputes on a consent that no ruling has closed."""
    rulings = rulings_of(context, consent)
    listed = context.listed(f"consent:{consent}", Dispute)
    if rulings is None or listed is None:
        return []
    still_open = []
    for entry, _ in listed:
        ruled = [
            any(ruling.index > entry.index for ruling, _ in rulings.by_id.get(id, ())) for id in entry.statement.of
        ]
        if not rulings.close(entry) and not all(ruled):
            still_open.append(entry.index)
    return [Remark(code="disputed", entries=tuple(still_open))] if still_open else []
