"""A11: caps on uses, images, impressions and days, kept entry by entry over all good usages and reports in log order.

The true crossing of a cap lies between that of the most that may have been used and that of the least that certainly
was (``counts.py``).
"""

from __future__ import annotations

from verifier.base.values import replace
from verifier.rules.model.chain import replaced_as_judged
from verifier.rules.model.context import Context, Kept, Unread
from verifier.rules.model.record import Entry
from verifier.rules.model.results import Result, TimedResult
from verifier.rules.model.timeline import always
from verifier.rules.use.case import UsageCase
from verifier.rules.use.counts import Count, Step, count_of
from verifier.statements.sections import UNITS
from verifier.statements.types import Consent

NEVER = 2**62
"""An index after every entry: where a tally never crosses."""


def judge_caps(case: UsageCase) -> list[TimedResult]:
    """A11 for one usage. A name in ``overage`` may be passed at a price, which is M1's to find."""
    terms = case.allowed
    if not set(terms.overage) <= set(terms.caps) <= set(UNITS):
        return [always(Result.UNKNOWN, "bad_terms", case.consent.index)]
    limits = {name: cap for name, cap in terms.caps.items() if name not in terms.overage}
    if not limits:
        return [always(Result.NOT_APPLICABLE, "not_applicable")]
    count = tallies_of(case.context, case.consent)
    if isinstance(count, Unread):
        return [always(Result.UNKNOWN, count.code, *count.entries)]
    return [_judge(case, count, name, cap) for name, cap in sorted(limits.items())]


COUNTS: Kept[str, Count] = Kept()
"""By consent."""


def tallies_of(context: Context, consent: Entry[Consent]) -> Count | Unread:
    """The tally of each unit under a consent, the usages of the consents that it replaced included."""
    id = consent.statement.id
    subjects = tuple(f"uses:{one}" for one in (id, *(older for older, _, _ in replaced_as_judged(context, consent))))
    if any(context.record.rows(subject) is None for subject in subjects):
        return Unread("list_missing")
    return context.memo.recall(COUNTS, id, lambda: count_of(context, subjects))


def _judge(case: UsageCase, count: Count, name: str, cap: int) -> TimedResult:
    tally = count.tallies[name]
    crossing = tally.crossings(cap)
    early, late = crossing.early, crossing.late
    silent = count.silent(case.context) if name == "impressions" else []
    if silent:
        early = _not_reported(silent[0], early)
    me, index = case.statement.id, case.usage.index
    last = late.index if late else NEVER
    if index > last:
        assert late is not None
        return always(Result.FAIL, "cap_exceeded", late.index, index)
    if early is None:
        return always(Result.PASS, "ok", index)
    if late is not None and early.index == late.index:
        crossed = early.usage == me
        return always(Result.FAIL, "cap_exceeded", early.index, index) if crossed else always(Result.PASS, "ok", index)
    # Any of these may be the one that crossed.
    adding = (step for step in (*silent, *tally.steps) if step.most or step.open)
    between = [early, *(step for step in adding if early.index <= step.index <= last)]
    fails = [step.usage == me or index > step.index for step in between]
    if late is not None and all(fails):
        return always(Result.FAIL, "cap_exceeded", late.index, index)
    if any(fails):
        return always(Result.UNKNOWN, early.open or "list_missing", early.index, index)
    return always(Result.PASS, "ok", index)


def _not_reported(silent: Step, early: Step | None) -> Step:
    """A use that has ended with no report since may have had any number of impressions."""
    if early is None or silent.index < early.index:
        return silent
    if early.index == silent.index:
        return replace(early, open=early.open or "not_reported")
    return early
