"""A12, A13: what may be done to her picture, what may be made of it, and the floor under a minor."""

from __future__ import annotations

from verifier.rules.model.context import Context, Standing, Unread
from verifier.rules.model.record import Entry
from verifier.rules.model.results import Result, TimedResult
from verifier.rules.model.timeline import always, unread
from verifier.rules.use.approvals import approved
from verifier.rules.use.case import UsageCase
from verifier.rules.use.scope_rules import derivative_codes, manipulation_codes, result_of
from verifier.statements.sections import UsageTerms
from verifier.statements.types import Guardian, Twin

PASS, FAIL, UNKNOWN, NOT_APPLICABLE = Result.PASS, Result.FAIL, Result.UNKNOWN, Result.NOT_APPLICABLE

FLOOR = frozenset({"lingerie", "nudity"})
"""Never of a minor, whatever was signed."""


def judge_manipulations(case: UsageCase) -> list[TimedResult]:
    """A12: manipulations declared within those allowed, those to be approved approved; and the floor."""
    declared = set(case.use_terms.manipulations)
    if not declared:
        return [always(NOT_APPLICABLE, "not_applicable")]
    results = _floor(case, case.use_terms)
    if isinstance(case.terms, Unread):
        return [*results, unread(case.terms, case.consent)]
    codes = manipulation_codes(case.use_terms, case.terms)
    results += [result_of(case, code) for code in codes]
    if codes != ["bad_terms"] and declared & set(case.terms.approve):
        results.extend(approved(case))
    return results


def _floor(case: UsageCase, use: UsageTerms) -> list[TimedResult]:
    if FLOOR.isdisjoint(use.manipulations):
        return []
    minor, entries = is_minor(case.context, case.consent, use.starts)
    if minor is PASS:
        return []
    return [always(minor, "minor" if minor is FAIL else "list_missing", case.usage.index, *entries)]


def is_minor(context: Context, consent: Entry, starts: int) -> tuple[Result, tuple[int, ...]]:
    """FAIL for a minor: some good guardian statement, whenever logged, reaches past the use's start or her scan.

    With the indices of those statements; UNKNOWN where it cannot be told.
    """
    parties = consent.statement.parties
    listed = context.listed(f"keys:{parties.model}", Guardian)
    twin_id: str | None = getattr(consent.statement, "twin", None)
    twin, _ = context.named(f"twin:{twin_id}", twin_id or "", consent.index)
    creation: Entry | None = None
    if twin is not None and isinstance(twin.statement, Twin):
        id = twin.statement.creation
        creation, _ = context.named(f"consent:{id}", id, twin.index)
    if listed is None:
        return UNKNOWN, ()
    since = min(starts, creation.logged if creation is not None else starts)
    unsure: tuple[int, ...] = ()
    for entry, judgement in listed:
        if entry.statement.until > since:
            if judgement.standing is Standing.GOOD:
                return FAIL, (entry.index,)
            unsure = (entry.index,)
    if unsure or (creation is None and listed):
        return UNKNOWN, unsure
    return PASS, ()


def judge_derivatives(case: UsageCase) -> list[TimedResult]:
    """A13: derivatives and AI training only as the terms say."""
    use = case.use_terms
    if not use.derivative_of and not use.training:
        return [always(NOT_APPLICABLE, "not_applicable")]
    results = [result_of(case, code) for code in derivative_codes(use, case.allowed)]
    if use.derivative_of and case.allowed.derivatives == "approve":
        results.extend(approved(case))
    return results
