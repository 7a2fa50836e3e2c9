"""A12, A13: what may be done to her picture, what may be made of it, and the floor under a minor."""

from __future__ import annotations

from verifier.rules.approvals import approved
from verifier.rules.contract import Contract, Missing, Standing
from verifier.rules.logic import Piece, Result
from verifier.rules.record import Entry
from verifier.rules.timeline import always
from verifier.rules.usage import Case
from verifier.statements.sections import UsageTerms
from verifier.statements.statement import Guardian, Twin
from verifier.statements.vocabulary import MANIPULATIONS

PASS, FAIL, UNKNOWN, NOT_APPLICABLE = Result.PASS, Result.FAIL, Result.UNKNOWN, Result.NOT_APPLICABLE

FLOOR = frozenset({"lingerie", "nudity"})
"""Never of a minor, whatever was signed."""


def judge_manipulations(case: Case) -> list[Piece]:
    """A12: manipulations declared within those allowed, those to be approved approved; and the floor."""
    if isinstance(case.use, Missing):
        return [always(UNKNOWN, case.use.code, *(case.use.entries or (case.usage.index,)))]
    declared = set(case.use.manipulations)
    if not declared:
        return [always(NOT_APPLICABLE, "not_applicable")]
    pieces = _floor(case, case.use)
    if isinstance(case.terms, Missing):
        return [*pieces, always(UNKNOWN, case.terms.code, *(case.terms.entries or (case.consent.index,)))]
    allow, approve = set(case.terms.allow), set(case.terms.approve)
    if not MANIPULATIONS.issuperset(declared | allow | approve) or allow & approve:
        return [*pieces, always(UNKNOWN, "bad_terms", case.consent.index, case.usage.index)]
    if not declared <= allow | approve:
        pieces.append(always(FAIL, "manipulation_denied", case.consent.index, case.usage.index))
    if declared & approve:
        pieces.extend(approved(case))
    return [*pieces, always(PASS, "ok", case.consent.index, case.usage.index)]


def _floor(case: Case, use: UsageTerms) -> list[Piece]:
    if FLOOR.isdisjoint(use.manipulations):
        return []
    minor, entries = is_minor(case.contract, case.consent, use.starts)
    if minor is PASS:
        return []
    return [always(minor, "minor" if minor is FAIL else "list_missing", case.usage.index, *entries)]


def is_minor(contract: Contract, consent: Entry, starts: int) -> tuple[Result, tuple[int, ...]]:
    """FAIL for a minor: some good guardian statement, whenever logged, reaches past the use's start or her scan.

    With the indices of those statements; UNKNOWN where it cannot be told.
    """
    parties = consent.statement.parties
    listed = contract.listed(f"keys:{parties.model}", Guardian)
    twin_id: str | None = getattr(consent.statement, "twin", None)
    twin, _ = contract.named(f"twin:{twin_id}", twin_id or "", consent.index)
    creation: Entry | None = None
    if twin is not None and isinstance(twin.statement, Twin):
        id = twin.statement.creation
        creation, _ = contract.named(f"consent:{id}", id, twin.index)
    if listed is None:
        return UNKNOWN, ()
    since = min(starts, creation.logged if creation is not None else starts)
    unsure: tuple[int, ...] = ()
    for entry, judgement in listed:
        assert isinstance(entry.statement, Guardian)
        if entry.statement.until > since:
            if judgement.standing is Standing.GOOD:
                return FAIL, (entry.index,)
            unsure = (entry.index,)
    if unsure or (creation is None and listed):
        return UNKNOWN, unsure
    return PASS, ()


def judge_derivatives(case: Case) -> list[Piece]:
    """A13: derivatives and AI training only as the terms say."""
    if isinstance(case.use, Missing):
        return [always(UNKNOWN, case.use.code, *(case.use.entries or (case.usage.index,)))]
    if not case.use.derivative_of and not case.use.training:
        return [always(NOT_APPLICABLE, "not_applicable")]
    if isinstance(case.terms, Missing):
        return [always(UNKNOWN, case.terms.code, *(case.terms.entries or (case.consent.index,)))]
    pieces: list[Piece] = []
    if case.use.derivative_of:
        if case.terms.derivatives == "none":
            pieces.append(always(FAIL, "derivative_denied", case.consent.index, case.usage.index))
        elif case.terms.derivatives == "approve":
            pieces.extend(approved(case))
    if case.use.training and case.terms.training == "none":
        pieces.append(always(FAIL, "training_denied", case.consent.index, case.usage.index))
    return [*pieces, always(PASS, "ok", case.consent.index, case.usage.index)]
