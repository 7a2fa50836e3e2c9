"""When a use like a declared one could run: every rule about time, asked about the consent's whole term at once."""

from __future__ import annotations

from collections.abc import Sequence

from registry.advice.clashes import Span, free_of
from verifier.base.values import replace
from verifier.rules.use.case import UsageCase
from verifier.rules.use.exclusivity import judge_exclusivity, use_of_case
from verifier.rules.use.lifecycle import judge_revoked, judge_suspended
from verifier.rules.use.term import judge_term


def fitting(case: UsageCase, *, exclusivity: bool) -> list[Span]:
    """The stretches in which a use declared when this one is may run, by T4, A5, A6, A10 and, for those who may know
    of it, A16; in order."""
    terms, use, logged = case.allowed, case.use_terms, case.usage.logged
    start = max(terms.starts, min(logged, max(use.starts, logged - terms.late_window)))
    end = terms.ends + (terms.sell_off if logged < terms.ends else 0)
    if start >= end:
        return []
    wide = replace(case, use=replace(use, starts=start, ends=end), window=(start, end))
    results = [
        *judge_suspended(wide),
        *judge_revoked(wide),
        *judge_term(wide),
        *(judge_exclusivity(use_of_case(wide)) if exclusivity else ()),
    ]
    return free_of(results, (start, end))


def whole(free: Sequence[Span], start: int, length: int) -> Span | None:
    """The earliest stretch of ``length`` seconds that lies whole in what is free, at or after ``start`` if there is
    one, else the latest before it."""
    found = [(a, b) for a, b in free if b - a >= length]
    for a, b in found:
        at = max(a, start)
        if b - at >= length:
            return at, at + length
    return (found[-1][1] - length, found[-1][1]) if found else None
