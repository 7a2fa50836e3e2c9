"""A verdict as canonical JSON: its one spelling (protocol, section 7.3)."""

from __future__ import annotations

from collections.abc import Iterable

from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.strict import format_instant
from verifier.evidence.about import About
from verifier.evidence.file import Invalid
from verifier.evidence.question_json import format_question
from verifier.evidence.verdict import AsOf, Outcome
from verifier.rules.decide import Decision
from verifier.rules.model.results import Remark, RuleResult
from verifier.rules.model.timeline import Segment
from verifier.rules.money.money_rules import Paid


def format_verdict(outcome: Outcome) -> bytes:
    """Canonical JSON. Members that do not apply are left out."""
    return canonical.encode(verdict_json(outcome))


def verdict_json(outcome: Outcome) -> dict[str, Json]:
    """What :func:`format_verdict` encodes."""
    if isinstance(outcome, Invalid):
        return _present(outcome="invalid", step=outcome.step, code=outcome.code, where=outcome.where or None)
    return _present(
        outcome="verdict",
        question=format_question(outcome.question),
        instant=format_instant(outcome.instant),
        as_of=as_of_json(outcome.as_of),
        files=list(outcome.files),
        about=about_json(outcome.about),
        **decision_json(outcome.decision),
    )


def decision_json(decision: Decision) -> dict[str, Json]:
    """What the rules said, as verdicts show it."""
    return _present(
        **_answers(decision),
        rules=[finding_json(finding) for finding in decision.rules],
        usages=[_present(usage=id, **_answers(one)) for id, one in decision.usages.items()],
        consents=[_present(consent=id, **_answers(one)) for id, one in decision.consents.items()],
        then=None if decision.then is None else _present(**_answers(decision.then)),
        warnings=_notes(decision.warnings),
        faults=_notes(decision.faults),
    )


def _answers(decision: Decision) -> dict[str, Json]:
    return {
        "answer": decision.answer,
        "authorised": decision.authorised,
        "segments": _segments(decision.segments),
        "paid": paid_json(decision.paid),
    }


def about_json(about: About | None) -> dict[str, Json] | None:
    """``about``, as verdicts show it."""
    if about is None:
        return None
    parties: list[Json] = [
        _present(role=one.role, party=one.party, name=one.name, public=one.public or None) for one in about.parties
    ]
    use = about.use
    if use is None:
        return _present(parties=parties, files=about.files)
    return _present(
        parties=parties,
        files=about.files,
        purpose=use.purpose,
        category=use.category,
        product=use.product,
        placement=use.placement,
        channels=list(use.channels),
        countries=list(use.countries),
        starts=format_instant(use.starts),
        ends=format_instant(use.ends),
    )


def as_of_json(as_of: AsOf) -> dict[str, Json]:
    """What an answer holds for."""
    return {"size": as_of.size, "at": format_instant(as_of.at), "basis": as_of.basis, "rules": as_of.rules}


def _present(**members: Json) -> dict[str, Json]:
    return {name: value for name, value in members.items() if value is not None and value != []}


def _segments(segments: Iterable[Segment]) -> list[Json]:
    return [
        {"from": format_instant(one.from_), "to": format_instant(one.to), "authorised": one.authorised}
        for one in segments
    ]


def paid_json(paid: Paid | None) -> dict[str, Json] | None:
    """``paid``, as verdicts show it."""
    if paid is None:
        return None
    payees = [
        _present(
            payee=one.payee,
            leg=one.leg,
            of=one.of,
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


def finding_json(finding: RuleResult) -> dict[str, Json]:
    """One rule's row, as verdicts and refusals show it."""
    return _present(
        rule=finding.rule, result=finding.result.value, code=finding.code, entries=list(finding.entries)
    )


def note_json(note: Remark) -> dict[str, Json]:
    """One warning or fault."""
    return _present(code=note.code, entries=list(note.entries))


def _notes(notes: Iterable[Remark]) -> list[Json]:
    return [note_json(note) for note in notes]
