"""Evidence files and verdicts from the registry's own log, at its published checkpoint.

Which lists a question needs, how the file is built and what the answer is are the kernel's; this module only hands it
the log.
"""

from __future__ import annotations

from collections.abc import Callable

from registry.problems import Problem
from registry.service import Service
from verifier.build import TooLarge, build_evidence
from verifier.question import Question
from verifier.rules.contract import Contract
from verifier.rules.decide import Facts, decide
from verifier.rules.keys import registry_state
from verifier.rules.needs import lists_needed
from verifier.statements.statement import Consent, Party, Statement, Usage
from verifier.strict import MAX_INTEGER
from verifier.verdict import AsOf, Verdict

MaySee = Callable[[Statement, str], bool]
"""Whether the reader of a file gets a section (by its name) of a statement."""

_TYPES: dict[str, type[Statement]] = {"consent": Consent, "party": Party, "usage": Usage}


def evidence(service: Service, question: Question, may_see: MaySee) -> bytes | Problem:
    """The file that answers ``question`` for a reader who gets the sections that ``may_see`` says."""
    kind = _TYPES.get(question.kind)
    if kind is not None:
        found = service.entry(question.id)
        if found is None or not isinstance(found.entry.statement, kind):
            detail = f"no {question.kind} with this id is in the log"
            return Problem(code="not_found", detail=detail, where=question.kind)
    snapshot = service.snapshot(lambda record: lists_needed(record, question, may_see))
    if isinstance(snapshot, Problem):
        return snapshot
    try:
        return build_evidence(question, snapshot, snapshot.checkpoint, snapshot.lists, may_see)
    except TooLarge as error:
        return Problem(code="evidence_too_large", detail=error.message)


def verdict(service: Service, question: Question) -> Verdict:
    """The registry's own answer, with every section opened, as of its last seal and for that moment.

    It is a claim like any other: whoever wants to know takes the evidence and checks it.
    """
    record = service.record()
    as_of = service.logged(record.size)
    state = registry_state(Contract(record, instant=as_of, as_of=as_of), record.size + 1)
    rules = state.rules if state is not None else 0
    facts = Facts(instant=as_of, as_of=as_of, basis="claimed", rules=rules, max_age=MAX_INTEGER)
    decision = decide(record, question, facts)
    return Verdict(
        question=question,
        instant=as_of,
        as_of=AsOf(size=record.size + 1, at=as_of, basis="claimed", rules=rules),
        files=(),
        decision=decision,
    )
