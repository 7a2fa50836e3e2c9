"""From a record and a question to an answer: every rule is asked, every time (RULES, Verdicts).

``decide`` is the whole contract as one pure function. The registry runs it for "may I?", an auditor when it replays,
a verifier when it reads evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import TypeVar, assert_never

from verifier.base.limits import LEEWAY
from verifier.base.values import field, replace, value
from verifier.rules.model.codes import code_order
from verifier.rules.model.context import Context, Judgement, Kept, Standing, Unread
from verifier.rules.model.question import BOOK_LISTS, Ask, Question
from verifier.rules.model.record import Entry, Record, ShownRecord, entries_at, holds
from verifier.rules.model.results import Remark, Result, RuleResult, TimedResult, answer, merge, worst
from verifier.rules.model.timeline import FOREVER, CannotJudge, Segment, always, as_unknown, during, segments, within
from verifier.rules.money.book import BOOKS
from verifier.rules.money.money_rules import CANNOT_TELL, Paid, judge_consent_money, judge_money, own_lines
from verifier.rules.standing.disputes import judge_disputes, open_disputes
from verifier.rules.standing.judged import JudgedContext
from verifier.rules.standing.standing import void_checks
from verifier.rules.table import RULE_IDS, RULES
from verifier.rules.use.case import UsageCase, open_case, open_consent
from verifier.rules.use.exclusivity import judge_exclusivity, use_of_consent, warn_released
from verifier.rules.use.profiles import warn_form
from verifier.statements.sections import Terms
from verifier.statements.subjects import subjects
from verifier.statements.types import Consent, Statement, Usage

C = TypeVar("C")
S = TypeVar("S", bound=Statement)

RULE_SETS = frozenset({2})
"""The rule sets that this kernel knows."""


@value
class Facts:
    """What a reader knows of a checkpoint beside the record: times are POSIX seconds, ``max_age`` seconds.

    ``by_clock``: the instant is what the reader's clock shows, and not one that she chose.
    """

    instant: int
    as_of: int
    basis: str
    rules: int
    max_age: int
    require_audited: bool = False
    files: tuple[str, ...] = ()
    by_clock: bool = False

    @property
    def clock_behind(self) -> bool:
        """Whether the reader's clock is behind, so that it cannot tell how old the checkpoint is (protocol, 7.2)."""
        return self.by_clock and self.instant < self.as_of - LEEWAY

    @property
    def stale(self) -> bool:
        """Whether the instant lies too far past what the checkpoint vouches for (protocol, section 7.2)."""
        return self.instant > self.as_of + self.max_age

    @property
    def unaudited(self) -> bool:
        """Whether the reader wants an audited index and has none."""
        return self.require_audited and self.basis != "audited"


@value
class Decision:
    """``answer`` for a consent, an asset or a party; ``authorised``, ``segments`` and ``paid`` for a usage.

    Where one answer was asked for, the other is None. What is void, and a consent to create without money, has no
    ``paid``. ``usages`` and ``consents`` are the answers about those of a party, by id. ``then``: of a stale decision,
    what held at ``as_of``.
    """

    answer: str | None = None
    authorised: str | None = None
    segments: tuple[Segment, ...] = ()
    paid: Paid | None = None
    rules: tuple[RuleResult, ...] = ()
    usages: Mapping[str, Decision] = field(default_factory=dict, hash=False)
    consents: Mapping[str, Decision] = field(default_factory=dict, hash=False)
    warnings: tuple[Remark, ...] = ()
    faults: tuple[Remark, ...] = ()
    then: Decision | None = None


def decide(record: Record, question: Question, facts: Facts, context: Context | None = None) -> Decision:
    """Answer a question. The record shows its statement, or for ``asset`` and ``party`` its list (steps 13, 14).

    Who asks several questions of one record and one set of facts may keep the ``context`` that they share: what is
    looked at twice is judged once. The faults are then those that any of the questions came upon. Who asks only whether
    a usage is authorised is told nothing of money, and no rule M is asked.
    """
    context = context or JudgedContext(record, instant=facts.instant, as_of=facts.as_of, stale=facts.stale)
    if facts.rules not in RULE_SETS:
        return _rules_unknown(question)
    decision = _decide(context, question, facts)
    if not facts.stale or question.kind not in ("usage", "consent"):
        return decision
    earlier = context.memo.recall(THEN, None, lambda: JudgedContext(record, instant=facts.as_of, as_of=facts.as_of))
    return replace(decision, then=_decide(earlier, question, replace(facts, instant=facts.as_of), facts.as_of))


THEN: Kept[None, Context] = Kept()
"""The same record as it was read at its checkpoint."""


def _decide(context: Context, question: Question, facts: Facts, until: int | None = None) -> Decision:
    """``until``: segments go no further."""
    match question.kind:
        case "usage":
            usage = _entry_asked_about(context, question.id, Usage)
            found = judge_usage(context, usage, facts, question.ask, until)
        case "consent":
            found = judge_consent(context, _entry_asked_about(context, question.id, Consent), facts, question.ask)
        case "party":
            found = _judge_party(context, question, facts)
        case "asset":
            found = _judge_asset(context, question.id, facts)
        case _:
            assert_never(question.kind)
    return replace(found, faults=_faults(context))


# -- a usage


@value(frozen=False, kw_only=False)
class Results:
    """Timed results by rule, while they are gathered."""

    by_rule: dict[str, list[TimedResult]] = field(default_factory=dict)

    def add(self, rule: str, found: Iterable[TimedResult]) -> None:
        """More results of one rule."""
        self.by_rule.setdefault(rule, []).extend(found)

    def ask(self, rule: str, judge: Callable[[C], list[TimedResult]], case: C) -> None:
        """What a judge says of a case, or why it can say nothing."""
        try:
            self.add(rule, judge(case))
        except CannotJudge as found:
            self.add(rule, found.answer)

    def rows(self, window: tuple[int, int] | None = None) -> list[RuleResult]:
        """One row per rule that was asked; with a window, of what matters inside it."""
        return [merge(rule, within(found, *window) if window else found) for rule, found in self.by_rule.items()]


def judge_usage(
    context: Context, usage: Entry[Usage], facts: Facts, ask: Ask | None = None, until: int | None = None
) -> Decision:
    """Both answers about one usage; with ``ask`` one of them. With ``until`` its window is looked at up to that
    instant, if it has begun by then.
    """
    standing = context.standing(usage)
    if standing.standing is Standing.VOID:
        return Decision(rules=_void_rows(usage, standing), authorised="NOT_AUTHORISED")
    consent = context.consent_of(usage)
    results, case, window, reach = Results(), None, None, None
    _add_standing(results, context, usage, standing)
    if ask == "paid":
        results.add("A20", judge_disputes(context, usage, standing))
    elif consent is None:
        # The consent itself is not shown: nothing that rests on it can be told, and no notice is known of (T7).
        for rule in RULES:
            if rule.usage is not None and rule.id != "T7":
                results.add(rule.id, [always(Result.UNKNOWN, "list_missing", usage.index)])
    else:
        case = open_case(context, usage, consent, facts.files)
        window, reach = case.window, case.reach
        for rule in RULES:
            if rule.usage is not None:
                results.ask(rule.id, rule.usage, case)
                results.by_rule[rule.id] = _as_far_as_it_ran(case, results.by_rule[rule.id])
    results.add("T2", _currency(facts))
    begun = window is not None and (until is None or window[0] < until)
    if window is not None and reach is not None and until is not None and begun:
        window, reach = (window[0], min(window[1], until)), (reach[0], min(reach[1], until))
    rows = results.rows(reach)
    authorised = answer(worst(row.result for row in rows), yes="AUTHORISED", no="NOT_AUTHORISED")
    every = [one for found in results.by_rule.values() for one in found]
    stretches = segments(within(every, *window), *window) if window and begun else ()
    warnings = open_disputes(context, usage.statement.consent)
    if case is not None:
        warnings.extend(warn_form(case))
    paid = None
    if ask != "authorised":
        judged = judge_money(context, usage)
        rows.extend(judged.findings)
        warnings.extend(judged.warnings)
        paid = _as_proven(judged.paid, facts)
    return Decision(
        rules=in_order(rows),
        authorised=None if ask == "paid" else authorised,
        segments=stretches,
        paid=paid,
        warnings=_ordered(warnings),
    )


def _void_rows(entry: Entry, standing: Judgement) -> tuple[RuleResult, ...]:
    return in_order([RuleResult(rule=standing.rule, result=Result.FAIL, code=standing.code, entries=(entry.index,))])


def _as_proven(paid: Paid, facts: Facts) -> Paid:
    """Without an audited index, or a clock that tells how late it is, the figures stay and the answers go."""
    if not facts.unaudited and not facts.clock_behind:
        return paid
    payees = tuple(replace(line, answer=CANNOT_TELL) for line in paid.payees)
    return replace(paid, answer=CANNOT_TELL, payees=payees)


def _add_standing(results: Results, context: Context, entry: Entry, standing: Judgement) -> None:
    """Rows of the rules that can void an entry, for one that they did not."""
    for rule, judgement in zip([rule.id for rule in RULES if rule.voids], void_checks(context, entry), strict=True):
        result = Result.PASS if judgement.standing is Standing.GOOD else Result.UNKNOWN
        found = always(result, judgement.code, entry.index, *judgement.entries)
        if rule == "A2" and getattr(entry.statement, "under", None) is None:
            found = always(Result.NOT_APPLICABLE, "not_applicable")
        results.add(rule, [found])
    if standing.standing is Standing.DOUBTFUL:
        results.add(standing.rule, [always(Result.UNKNOWN, standing.code, entry.index, *standing.entries)])


def _as_far_as_it_ran(case: UsageCase, found: list[TimedResult]) -> list[TimedResult]:
    """What would fail after an end that may or may not be true cannot be told (A10), nor when no window is known."""
    if case.window is None:
        return as_unknown(found, -FOREVER, FOREVER, case.window_code, (case.usage.index,))
    if case.doubt is not None:
        found = as_unknown(found, -FOREVER, FOREVER, case.doubt.code, case.doubt.entries)
    if case.unsure is not None:
        start, end, index = case.unsure
        found = as_unknown(found, start, end, "reported_late", (case.usage.index, index))
    return found


def _currency(facts: Facts) -> list[TimedResult]:
    """T2's row: how far the checkpoint's time and basis carry."""
    found = [always(Result.PASS, "ok")]
    if facts.stale:
        found.append(during(facts.as_of, FOREVER, Result.UNKNOWN, "stale"))
    if facts.clock_behind:
        found.append(always(Result.UNKNOWN, "clock_behind"))
    if facts.unaudited:
        found.append(always(Result.UNKNOWN, "not_audited"))
    return found


# -- a consent


def judge_consent(context: Context, consent: Entry[Consent], facts: Facts, ask: Ask | None = None) -> Decision:
    """Both answers about one consent; with ``ask`` one of them."""
    standing = context.standing(consent)
    if standing.standing is Standing.VOID:
        return Decision(rules=_void_rows(consent, standing), answer="NOT_IN_FORCE")
    results = Results()
    _add_standing(results, context, consent, standing)
    warnings = open_disputes(context, consent.statement.id)
    case = open_consent(context, consent)
    for rule in RULES:
        if rule.consent is not None and (ask != "paid" or rule.id == "A20"):
            results.ask(rule.id, rule.consent, case)
    results.add("T2", _currency(facts) if not facts.stale else [always(Result.UNKNOWN, "stale"), *_currency(facts)])
    warnings += warn_form(case)
    if ask != "in_force":
        warnings += warn_released(context, consent)
    if ask != "paid":
        warnings += _clashes(context, consent, case.notice)
    rows = results.rows()
    said = answer(worst(row.result for row in rows), yes="IN_FORCE", no="NOT_IN_FORCE")
    paid = None
    if ask != "in_force" and (consent.statement.act == "use" or "money" in consent.statement.sections):
        judged = judge_consent_money(context, consent)
        rows.extend(judged.findings)
        warnings += [note for note in judged.warnings if note not in warnings]
        paid = _as_proven(judged.paid, facts)
    return Decision(
        answer=None if ask == "paid" else said, paid=paid, rules=in_order(rows), warnings=_ordered(warnings)
    )


def _clashes(context: Context, consent: Entry[Consent], notice: object) -> list[Remark]:
    """A16 of a consent: another licensee's exclusive scope meets it, which is a warning."""
    if not isinstance(notice, Terms | Unread):
        return []
    against = judge_exclusivity(use_of_consent(context, consent, notice))
    clashes = {index for one in against if one.result is Result.FAIL for index in one.entries}
    return [Remark(code="clashes", entries=tuple(sorted(clashes)))] if clashes else []


# -- a party's record book, a file


def _judge_party(context: Context, question: Question, facts: Facts) -> Decision:
    rows = book_rows(context.record, question)
    of_consent: Ask | None = "in_force" if question.ask == "authorised" else question.ask
    under: dict[str, str] = {}  # by the ids in log order; a copy adds no answer: the first good one of an id counts
    for entry in entries_at(context.record, rows if question.ask != "complete" else ()):
        if holds(entry, Consent, Usage):
            under[entry.statement.id] = getattr(entry.statement, "consent", entry.statement.id)
    found: dict[str, Decision] = {}
    for consent, ids in groupby(sorted(under, key=under.__getitem__), under.__getitem__):
        for id in ids:
            if id == consent:
                judged = judge_consent(context, _entry_asked_about(context, id, Consent), facts, of_consent)
                found[id] = Decision(answer=judged.answer, paid=judged.paid)
                continue
            judged = judge_usage(context, _entry_asked_about(context, id, Usage), facts, question.ask)
            found[id] = Decision(
                authorised=judged.authorised,
                segments=judged.segments if question.standing else (),
                paid=None if judged.paid is None else own_lines(judged.paid, "usage"),
            )
        context.memo.forget(BOOKS, consent)  # one at a time: there may be thousands
    usages = {id: found[id] for id in under if id != under[id]}
    consents = {id: found[id] for id in under if id == under[id]}
    return replace(_judge_rows(facts, rows, "COMPLETE"), usages=usages, consents=consents)


def book_rows(record: Record, question: Question) -> Sequence[int]:
    """The entries of a record book: all that name the party; of one consent, those of its lists that do."""
    kinds = ("party",) if question.consent is None else BOOK_LISTS
    lists = [record.rows(f"{kind}:{question.consent or question.id}") for kind in kinds]
    assert None not in lists, "step 14 asks for the lists"
    found = {index for rows in lists for index in rows or ()}
    if question.consent is None:
        return sorted(found)
    named = f"party:{question.id}"
    return [entry.index for entry in entries_at(record, sorted(found)) if named in subjects(entry.statement)]


def _judge_asset(context: Context, id: str, facts: Facts) -> Decision:
    rows = context.record.rows(f"asset:{id}")
    assert rows is not None, "step 14 asks for the list"
    return _judge_rows(facts, rows, "REGISTERED" if rows else "NOT_REGISTERED")


def _judge_rows(facts: Facts, rows: Iterable[int], yes: str) -> Decision:
    """An answer about what the log holds: it is true as of the checkpoint, however old that is (T2). It does not turn
    on the clock; that the clock is wrong is said all the same."""
    row = RuleResult(rule="T2", result=Result.PASS, code="ok", entries=tuple(rows))
    if facts.unaudited:
        row = RuleResult(rule="T2", result=Result.UNKNOWN, code="not_audited")
    warnings = (Remark(code="clock_behind"),) if facts.clock_behind else ()
    return Decision(answer=answer(row.result, yes=yes, no="CANNOT_TELL"), rules=in_order([row]), warnings=warnings)


# -- shared


def _entry_asked_about(context: Context, id: str, kind: type[S]) -> Entry[S]:
    """The first good copy of the statement, else the first doubtful one, else the first."""
    entries = [entry for entry in entries_at(context.record, context.record.find(id)) if holds(entry, kind)]
    assert entries, "step 14 asks for the statement"
    rank = [Standing.GOOD, Standing.DOUBTFUL, Standing.VOID]
    return min(entries, key=lambda entry: rank.index(context.standing(entry).standing))


def in_order(found: Iterable[RuleResult]) -> tuple[RuleResult, ...]:
    """One row per rule, in order; rules that were not asked are not applicable."""
    rows: Mapping[str, RuleResult] = {row.rule: row for row in found}
    return tuple(
        rows.get(rule, RuleResult(rule=rule, result=Result.NOT_APPLICABLE, code="not_applicable")) for rule in RULE_IDS
    )


def _rules_unknown(question: Question) -> Decision:
    rows = tuple(RuleResult(rule=rule, result=Result.UNKNOWN, code="rules_unknown") for rule in RULE_IDS)
    if question.kind not in ("usage", "consent"):
        return Decision(rules=rows, answer=CANNOT_TELL)
    said = CANNOT_TELL if question.standing else None
    paid = Paid(answer=CANNOT_TELL, currency=None, payees=()) if question.money else None
    if question.kind == "usage":
        return Decision(rules=rows, authorised=said, paid=paid)
    return Decision(rules=rows, answer=said, paid=paid)


def _faults(context: Context) -> tuple[Remark, ...]:
    """The void entries that were looked at, by reason code; of an evidence file, all that it shows to be void."""
    if isinstance(context.record, ShownRecord):
        for entry in context.record.shown():
            context.standing(entry)
    by_code: dict[str, list[int]] = {}
    for index, judgement in context.faults():
        by_code.setdefault(judgement.code, []).append(index)
    return _ordered(Remark(code=code, entries=tuple(entries)) for code, entries in by_code.items())


def _ordered(notes: Iterable[Remark]) -> tuple[Remark, ...]:
    return tuple(sorted(notes, key=lambda note: (code_order(note.code), note.entries)))
