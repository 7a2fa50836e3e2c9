"""The verdict: what a check of an evidence file comes to, and its canonical JSON (protocol, section 7.3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from verifier import canonical
from verifier.canonical import Json
from verifier.evidence import Invalid
from verifier.question import Question, format_question
from verifier.rules.decision import Decision, Paid, UsageDecision
from verifier.rules.logic import Finding, Note
from verifier.rules.timeline import Segment
from verifier.strict import format_instant
from verifier.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOf:
    """What the answer holds for: the tree's ``size``, its time ``at`` (POSIX seconds), on what completeness rests
    (``audited``, ``witnessed`` or ``claimed``), and the rule set in force."""

    size: int
    at: int
    basis: str
    rules: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """An answer. ``instant`` is the question's, ``files`` the digests that were compared."""

    question: Question
    instant: int
    as_of: AsOf
    files: tuple[str, ...]
    decision: Decision


Outcome: TypeAlias = Verdict | Invalid
"""Invalid evidence yields no verdict at all."""


def format_verdict(outcome: Outcome) -> bytes:
    """Canonical JSON. Members that do not apply are left out."""
    return canonical.encode(verdict_json(outcome))


def verdict_json(outcome: Outcome) -> dict[str, Json]:
    """What :func:`format_verdict` encodes."""
    if isinstance(outcome, Invalid):
        return _present(outcome="invalid", step=outcome.step, code=outcome.code, where=outcome.where or None)
    decision, as_of = outcome.decision, outcome.as_of
    return _present(
        outcome="verdict",
        question=format_question(outcome.question),
        instant=format_instant(outcome.instant),
        as_of={"size": as_of.size, "at": format_instant(as_of.at), "basis": as_of.basis, "rules": as_of.rules},
        files=list(outcome.files),
        answer=decision.answer,
        authorised=decision.authorised,
        segments=_segments(decision.segments),
        paid=_paid(decision.paid),
        rules=[finding_json(finding) for finding in decision.rules],
        usages=[_usage(usage) for usage in decision.usages],
        warnings=_notes(decision.warnings),
        faults=_notes(decision.faults),
    )


def _present(**members: Json) -> dict[str, Json]:
    return {name: value for name, value in members.items() if value is not None and value != []}


def _segments(segments: Iterable[Segment]) -> list[Json]:
    return [
        {"from": format_instant(one.from_), "to": format_instant(one.to), "authorised": one.authorised}
        for one in segments
    ]


def _paid(paid: Paid | None) -> dict[str, Json] | None:
    if paid is None:
        return None
    payees = [
        _present(
            payee=one.payee,
            leg=one.leg,
            answer=one.answer,
            due=one.due,
            received=one.received,
            outstanding=one.outstanding,
            due_at=None if one.due_at is None else format_instant(one.due_at),
            days_late=one.days_late,
        )
        for one in paid.payees
    ]
    return _present(answer=paid.answer, currency=paid.currency, payees=payees)


def _usage(usage: UsageDecision) -> dict[str, Json]:
    return _present(
        usage=usage.usage,
        authorised=usage.authorised,
        segments=_segments(usage.segments),
        paid=_paid(usage.paid),
    )


def finding_json(finding: Finding) -> dict[str, Json]:
    """One rule's row, as verdicts and refusals show it."""
    return _present(
        rule=finding.rule, result=finding.result.value, code=finding.code, entries=list(finding.entries)
    )


def _notes(notes: Iterable[Note]) -> list[Json]:
    return [_present(code=note.code, entries=list(note.entries)) for note in notes]
