"""What would cure a refusal: for each rule that a statement fails, a sentence that says what to change.

It reads the candidate's own case: the terms that it is under, what lies on its consent, and for A16 other brands'
exclusive scopes. The last are told only to those who may read them; all others learn that something clashes, and
nothing of what (protocol, section 8).

Every reason code that a dry run can answer has a cure. What is about the terms of a use (``uses.py``), its money
(``money.py``), the statement itself (``void.py``) or its number (``quotas.py``) is said of the case; all else, and what
cannot be read, has the catalogue's sentence (``cure.minor``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from registry.advice.clashes import Clashes
from registry.advice.cures import money, quotas, uses, void
from registry.advice.cures.asked import FailedRow
from verifier.programs.language import english
from verifier.rules.model.context import Context
from verifier.rules.model.record import Entry, holds
from verifier.rules.model.results import Remark, Result, RuleResult
from verifier.rules.use.case import open_case
from verifier.statements.sections import Section, Terms, UsageTerms
from verifier.statements.types import Usage

WARNED_BY = {
    "clashes": "A16", "commission_cap": "M2", "delivered_late": "A19", "disputed": "A20", "overpaid": "M6",
    "product_line_missing": "A19", "reference_repeated": "M5",
}  # fmt: skip
"""The rule that a warning is about."""

Sentence = Callable[[FailedRow], str | None]

_SENTENCES: Mapping[str, Sentence] = {**uses.SENTENCES, **money.SENTENCES, **void.SENTENCES, **quotas.SENTENCES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cure:
    """For one rule that does not pass: its reason code, and what to do about it."""

    rule: str
    code: str
    sentence: str


def cures(
    context: Context,
    entry: Entry,
    sections: Mapping[str, Section],
    findings: Iterable[RuleResult],
    warnings: Iterable[Remark] = (),
    clashes: Clashes | None = None,
) -> list[Cure]:
    """One cure for each finding that fails or cannot be told and for each warning, in their order.

    ``context`` shows the log with ``entry`` on top. ``clashes`` is what A16 found, for a caller who may read it.
    """
    asked = FailedRow(context=context, entry=entry, sections=sections, clashes=clashes)
    if holds(entry, Usage):
        consent = context.consent_of(entry)
        if consent is not None:
            case = open_case(context, entry, consent)
            readable = isinstance(case.terms, Terms) and isinstance(case.use, UsageTerms)
            asked.case = case if readable else None
    rows = [(one.rule, one.code, one.entries) for one in findings if one.result in (Result.FAIL, Result.UNKNOWN)]
    rows += [(WARNED_BY.get(one.code, "T2"), one.code, one.entries) for one in warnings]
    found: dict[tuple[str, str], Cure] = {}
    for rule, code, behind in rows:
        asked.rule, asked.behind = rule, behind
        found.setdefault((rule, code), Cure(rule=rule, code=code, sentence=_sentence(asked, code)))
    return list(found.values())


def _sentence(asked: FailedRow, code: str) -> str:
    said = _SENTENCES[code](asked) if code in _SENTENCES else None
    return said or english().say(f"cure.{code}" if f"cure.{code}" in english() else "cure.other")
