"""What the contract says about a statement before it is logged: for ``require=yes`` and for "may I?" (dry runs)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from registry.advice.cache import Cache
from registry.advice.clashes import Clashes, clashes
from registry.log.candidate import Candidate
from verifier.base.values import replace
from verifier.rules.decide import Facts, decide, in_order
from verifier.rules.model.context import Context
from verifier.rules.model.question import Question
from verifier.rules.model.record import Entry, Record, holds
from verifier.rules.model.results import Remark, Result, RuleResult, answer, worst
from verifier.rules.money.book import open_book
from verifier.rules.money.money_rules import Paid
from verifier.rules.standing.judged import JudgedContext
from verifier.rules.standing.keys import registry_state
from verifier.rules.use.case import open_case
from verifier.rules.use.exclusivity import use_of_case, use_of_consent
from verifier.statements.sections import CreateTerms, Section, Terms
from verifier.statements.types import Consent, Payment, Receipt, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """``answer`` is the contract's word (``AUTHORISED``, ``IN_FORCE``, ...), None where there is no question to ask.

    ``allowed`` is whether the answer is yes, or nothing was to be asked. ``paid`` is what a usage would cost.
    """

    answer: str | None
    allowed: bool
    findings: tuple[RuleResult, ...] = ()
    warnings: tuple[Remark, ...] = ()
    paid: Paid | None = None


MAX_AGE = 86_400
"""Seconds; of no matter here, where the log is asked at its own time."""

NO_QUESTION = Opinion(answer=None, allowed=True)

WORDS = {"usage": ("AUTHORISED", "NOT_AUTHORISED"), "consent": ("IN_FORCE", "NOT_IN_FORCE")}
"""The words for yes and no, by kind of question."""


class Admitted(Candidate):
    """A candidate that admission has passed, or would once everybody has signed: the contract takes it as good."""

    def assumed_good(self, index: int) -> bool:
        return index == self.size - 1 or super().assumed_good(index)


def on_top(record: Record, entry: Entry, sections: Mapping[str, Section], *, good: bool = True) -> Context:
    """The log with a candidate on top, opened at the time at which it would be asked about.

    A consent whose term begins later is asked about at its beginning: it may be logged ahead of it.
    """
    instant = entry.logged
    terms = sections.get("terms")
    if isinstance(entry.statement, Consent) and isinstance(terms, Terms | CreateTerms):
        instant = max(instant, terms.starts)
    kind = Admitted if good else Candidate
    return JudgedContext(kind(record, entry, sections), instant=instant, as_of=instant)


def opinion(context: Context, entry: Entry, *, signed: bool = True, money: bool = True) -> Opinion:
    """Judge a candidate as if it were the log's next entry: whether a usage would be authorised, a consent in force.

    ``context`` has it on top. Admission is another question, which comes first. With ``signed`` false the answer is
    what it would be once all who must have signed, and A1 is left out of it. Without ``money`` the rules about what is
    due and paid are not asked; they bear on no answer here.
    """
    question = question_of(entry)
    if question is None:
        return NO_QUESTION
    if not money and question.kind == "usage":
        question = replace(question, ask="authorised")
    registry = registry_state(context, entry.index)
    facts = Facts(
        instant=context.instant,
        as_of=context.as_of,
        basis="claimed",
        rules=registry.rules if registry else 0,
        max_age=MAX_AGE,
    )
    decision = decide(context.record, question, facts, context)
    yes, no = WORDS[question.kind]
    word = decision.authorised if question.kind == "usage" else decision.answer
    findings = tuple(one for one in decision.rules if money or not one.rule.startswith("M"))
    if not signed:
        findings = tuple(finding for finding in findings if finding.rule != "A1")
        word = answer(worst(one.result for one in findings if not one.rule.startswith("M")), yes=yes, no=no)
    return Opinion(
        answer=word, allowed=word == yes, findings=findings, warnings=decision.warnings, paid=decision.paid
    )


def void_opinion(entry: Entry, findings: Iterable[RuleResult]) -> Opinion:
    """Of a candidate that would be void, by what admission found: no other rule applies to it."""
    question = question_of(entry)
    if question is None:
        return NO_QUESTION
    faults = [finding for finding in findings if finding.result is Result.FAIL]
    return Opinion(answer=WORDS[question.kind][1], allowed=False, findings=in_order(faults))


def question_of(entry: Entry) -> Question | None:
    """What is to be asked about a candidate: whether a usage is authorised, a consent in force; of others nothing."""
    statement = entry.statement
    if isinstance(statement, Usage):
        return Question(kind="usage", id=statement.id)
    return Question(kind="consent", id=statement.id) if isinstance(statement, Consent) else None


def remarks_on(context: Context, entry: Entry) -> tuple[Remark, ...]:
    """What there is to say of a payment or receipt, which has no question: that its reference was used before (M5).

    ``context`` has it on top. The remark names the earlier entries of the same signer, and its own place.
    """
    statement = entry.statement
    if not isinstance(statement, Payment | Receipt):
        return ()
    account = open_book(context, statement.consent).account
    word = account.by_id.get(statement.id) if account is not None else None
    if account is None or word is None:
        return ()
    group = account.groups[word.payee, word.reference]
    alike = tuple(other.index for other in group if other.author == word.author)
    return (Remark(code="reference_repeated", entries=alike),) if len(alike) > 1 else ()


def clashes_of(context: Context, entry: Entry) -> Clashes | None:
    """What A16 holds against a candidate; None for what is neither a usage nor a consent to one."""
    if holds(entry, Usage):
        consent = context.consent_of(entry)
        if consent is not None:
            return clashes(use_of_case(open_case(context, entry, consent)))
    elif holds(entry, Consent) and entry.statement.act == "use":
        terms = context.section(entry, "terms")
        if isinstance(terms, Terms):
            return clashes(use_of_consent(context, entry, terms))
    return None


class Opinions:
    """The sequencer's judge: opinions on candidates for the log, each on top of those that were taken before it.

    ``published`` is what others remember of the published log: it is forgotten along with what is remembered here.
    """

    def __init__(self, published: Cache) -> None:
        self._published = published
        self._memory = Cache()

    def __call__(self, record: Record, entry: Entry, sections: Mapping[str, Section]) -> Opinion:
        """Of a candidate; ``record`` is the log with the batch so far on top, and nothing of it may be taken back
        without :meth:`forget`."""
        top = on_top(record, entry, sections)
        if not isinstance(entry.statement, Usage):
            return opinion(top, entry, money=False)
        below = JudgedContext(record, instant=entry.logged, as_of=entry.logged)
        with self._memory.lent(below, top, entry.statement.consent, money=False):
            return opinion(top, entry, money=False)

    def forget(self) -> None:
        """Start over: something was taken back, or erased."""
        self._memory.forget()
        self._published.forget()
