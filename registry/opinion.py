"""What the contract says about a statement before it is logged: for ``require=yes`` and for "may I?" (dry runs)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verifier.question import Question
from verifier.rules.contract import Contract
from verifier.rules.decide import Facts, decide
from verifier.rules.keys import registry_state
from verifier.rules.logic import Finding, answer, worst
from verifier.rules.record import Candidate, Entry, Record
from verifier.statements.sections import CreateTerms, Section, Terms
from verifier.statements.statement import Consent, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """``answer`` is the contract's word (``AUTHORISED``, ``IN_FORCE``, ...), None where there is no question to ask.

    ``allowed`` is whether the answer is yes, or nothing was to be asked.
    """

    answer: str | None
    allowed: bool
    findings: tuple[Finding, ...] = ()


MAX_AGE = 86_400
"""Seconds; of no matter here, where the log is asked at its own time."""

NO_QUESTION = Opinion(answer=None, allowed=True)


class _Admitted(Candidate):
    """A candidate that admission has passed, or would once everybody has signed: the contract takes it as good."""

    def assumed_good(self, index: int) -> bool:
        return True


def opinion(record: Record, entry: Entry, sections: Mapping[str, Section], *, signed: bool = True) -> Opinion:
    """Judge a candidate as if it were the log's next entry: whether a usage would be authorised, a consent in force.

    Admission is another question, which comes first. With ``signed`` false the answer is what it would be once all who
    must have signed, and A1 is left out of it.

    A consent whose term begins later is asked about at its beginning: it may be logged ahead of it.
    """
    statement = entry.statement
    instant = entry.logged
    if isinstance(statement, Usage):
        question = Question(kind="usage", id=statement.id)
    elif isinstance(statement, Consent) and statement.act == "use":
        question = Question(kind="consent", id=statement.id)
        terms = sections.get("terms")
        if isinstance(terms, Terms | CreateTerms):
            instant = max(instant, terms.starts)
    else:
        return NO_QUESTION
    candidate = _Admitted(record, entry, sections)
    registry = registry_state(Contract(candidate, instant=instant, as_of=instant), entry.index)
    facts = Facts(
        instant=instant, as_of=instant, basis="claimed", rules=registry.rules if registry else 0, max_age=MAX_AGE
    )
    decision = decide(candidate, question, facts)
    yes, no = ("AUTHORISED", "NOT_AUTHORISED") if question.kind == "usage" else ("IN_FORCE", "NOT_IN_FORCE")
    word = decision.authorised if question.kind == "usage" else decision.answer
    findings = decision.rules
    if not signed:
        findings = tuple(finding for finding in findings if finding.rule != "A1")
        word = answer(worst(one.result for one in findings if not one.rule.startswith("M")), yes=yes, no=no)
    return Opinion(answer=word, allowed=word == yes, findings=findings)
