"""A10: when a consent's term runs: from ``starts`` to ``ends``, or with ``run`` as long from the first use on."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge

from verifier.base.values import value
from verifier.rules.model.calendar import DAY, add_months
from verifier.rules.model.chain import replaced_as_judged
from verifier.rules.model.context import Context, Kept, Standing, Unread
from verifier.rules.model.record import Entry, entries_at, holds
from verifier.rules.model.results import Result, TimedResult
from verifier.rules.model.timeline import FOREVER, always, during
from verifier.rules.use.case import UsageCase
from verifier.statements.sections import Term, Terms, UsageTerms
from verifier.statements.types import Consent, Usage

PASS, FAIL, UNKNOWN = Result.PASS, Result.FAIL, Result.UNKNOWN


@value(kw_only=False)
class Run:
    """A term [``starts``, ``ends``) that ends for the ``entries``; POSIX seconds.

    From ``unsure`` on it cannot be told whether it has ended already, for the reason ``code``.
    """

    starts: int
    ends: int
    entries: tuple[int, ...] = ()
    unsure: int = FOREVER
    code: str = "ok"


def judge_term(case: UsageCase) -> list[TimedResult]:
    """A10: the window lies within the consent's term; what was declared before its end may run on for a sell-off."""
    if case.window is None:
        return [always(UNKNOWN, case.window_code, case.usage.index)]
    terms, consent = case.allowed, case.consent.index
    if terms.starts >= terms.ends:
        return [always(UNKNOWN, "bad_terms", consent)]
    run = run_of(case.context, case.consent, terms)
    sell_off = terms.sell_off if terms.run is None and case.usage.logged < terms.ends else 0
    ends = run.ends + sell_off
    results = [
        during(-FOREVER + 1, terms.starts, FAIL, "not_started", consent),
        during(terms.starts, ends, PASS, "ok", consent),
        during(ends, FOREVER, FAIL, "expired", consent, *run.entries),
    ]
    if run.unsure < ends:
        results.append(during(run.unsure, ends, UNKNOWN, run.code, consent, *run.entries))
    if case.doubt is not None:
        results.append(always(UNKNOWN, case.doubt.code, *case.doubt.entries))
    return results


RUNS: Kept[int, Run] = Kept()
"""By a consent's index."""


def run_of(context: Context, consent: Entry[Consent], terms: Terms) -> Run:
    """The term of a consent. The clock of ``run`` is the declared ``starts`` of the first good usage in log order; a
    usage that runs backwards starts none."""
    if terms.run is None:
        return Run(terms.starts, terms.ends)
    length = terms.run
    return context.memo.recall(RUNS, consent.index, lambda: _counted(context, consent, terms, length))


def _counted(context: Context, consent: Entry[Consent], terms: Terms, length: Term) -> Run:
    earliest, why, behind = terms.ends, "ok", tuple[int, ...]()
    for starts, code, entries in _clocks(context, consent):
        ends = min(terms.ends, _end(max(terms.starts, starts), length))
        if code == "ok" and why == "ok":
            return Run(terms.starts, ends, entries)
        if ends < earliest:
            earliest, behind = ends, entries
        why = why if why != "ok" else code
    return Run(terms.starts, terms.ends, behind, earliest if earliest < terms.ends else FOREVER, why)


def _clocks(context: Context, consent: Entry[Consent]) -> Iterator[tuple[int, str, tuple[int, ...]]]:
    """The starts of all usages that may be the first, up to one that surely is, and why any other may not be."""
    ids = [consent.statement.id, *(id for id, _, _ in replaced_as_judged(context, consent))]
    lists = [context.record.rows(f"uses:{id}") for id in ids]
    shown = [rows for rows in lists if rows is not None]
    if len(shown) < len(lists):
        yield -FOREVER, "list_missing", ()
        return
    for usage in entries_at(context.record, merge(*shown)):
        if not holds(usage, Usage) or (standing := context.standing(usage)).standing is Standing.VOID:
            continue
        use = context.section(usage, "terms", UsageTerms)
        if isinstance(use, Unread):
            yield -FOREVER, use.code, use.entries or (usage.index,)
            return
        if use.starts < use.ends:
            yield use.starts, standing.code if standing.standing is Standing.DOUBTFUL else "ok", (usage.index,)
            if standing.standing is Standing.GOOD:
                return


def _end(start: int, length: Term) -> int:
    return add_months(start, length.months) if length.months is not None else start + (length.days or 0) * DAY
