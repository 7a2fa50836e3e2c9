"""From a record and a question to an answer: every rule is asked, every time (RULES, Verdicts).

``decide`` is the whole contract as one pure function. The registry runs it for "may I?", an auditor when it replays,
a verifier when it reads evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from verifier.base.values import field, replace, value
from verifier.rules.decision import Decision, UsageDecision
from verifier.rules.model.codes import code_order
from verifier.rules.model.context import Context, Judgement, Standing, Unread
from verifier.rules.model.question import Question
from verifier.rules.model.record import Entry, Record, ShownRecord
from verifier.rules.model.results import Remark, Result, RuleResult, TimedResult, answer, merge, worst
from verifier.rules.model.timeline import FOREVER, Segment, always, as_unknown, during, segments, within
from verifier.rules.money.money_rules import CANNOT_TELL, Paid, judge_money
from verifier.rules.standing.disputes import judge_disputes, open_disputes
from verifier.rules.standing.judged import JudgedContext
from verifier.rules.standing.standing import void_checks
from verifier.rules.standing.stops import Stops, stops_of
from verifier.rules.use.alterations import judge_derivatives, judge_manipulations
from verifier.rules.use.approvals import judge_approval
from verifier.rules.use.caps import judge_caps
from verifier.rules.use.case import UsageCase, open_case
from verifier.rules.use.exclusivity import judge_exclusivity, use_of_case, use_of_consent
from verifier.rules.use.lifecycle import (
    judge_assets,
    judge_closed_world,
    judge_consent_in_force,
    judge_declared_late,
    judge_notice,
    judge_revoked,
    judge_suspended,
    judge_term,
    judge_twin,
)
from verifier.rules.use.payment_conditions import judge_money_first
from verifier.rules.use.profiles import judge_form, judge_label, warn_form
from verifier.rules.use.scope_rules import judge_channels, judge_countries, judge_purpose
from verifier.statements.sections import CreateTerms, Terms
from verifier.statements.types import Consent, Statement, Usage

RULE_SETS = frozenset({1})
"""The rule sets that this kernel knows."""

TIME_RULES = ("T2", "T4", "T6", "T7", "T8")
AUTHORITY_RULES = tuple(f"A{number}" for number in range(21))
MONEY_RULES = tuple(f"M{number}" for number in range(1, 9))
RULES = (*TIME_RULES, *AUTHORITY_RULES, *MONEY_RULES)
"""Every rule that has a row, in the order of a verdict. T1, T3 and T5 are definitions."""


@value
class Facts:
    """What a reader knows of a checkpoint beside the record: times are POSIX seconds, ``max_age`` seconds."""

    instant: int
    as_of: int
    basis: str
    rules: int
    max_age: int
    require_audited: bool = False
    files: tuple[str, ...] = ()

    @property
    def stale(self) -> bool:
        """Whether the instant lies too far past what the checkpoint vouches for (protocol, section 7.2)."""
        return self.instant > self.as_of + self.max_age

    @property
    def unaudited(self) -> bool:
        """Whether the reader wants an audited index and has none."""
        return self.require_audited and self.basis != "audited"


def decide(
    record: Record, question: Question, facts: Facts, context: Context | None = None, *, money: bool = True
) -> Decision:
    """Answer a question. The record shows its statement, or for ``asset`` and ``party`` its list (steps 13, 14).

    Who asks several questions of one record and one set of facts may keep the ``context`` that they share: what is
    looked at twice is judged once. The faults are then those that any of the questions came upon. Who asks only whether
    a usage is authorised leaves out the ``money``: there is no ``paid`` then, and no rule M is asked.
    """
    context = context or JudgedContext(record, instant=facts.instant, as_of=facts.as_of, stale=facts.stale)
    if facts.rules not in RULE_SETS:
        return _rules_unknown(question)
    match question.kind:
        case "usage":
            return _decide_usage(context, question.id, facts, money=money)
        case "consent":
            return _decide_consent(context, question.id, facts)
        case "party":
            return _decide_party(context, question.id, facts)
        case "asset":
            return _decide_asset(context, question.id, facts)


# -- a usage


@value(frozen=False, kw_only=False)
class Results:
    """Pieces by rule, while they are gathered."""

    pieces: dict[str, list[TimedResult]] = field(default_factory=dict)

    def add(self, rule: str, pieces: Iterable[TimedResult]) -> None:
        """More pieces of one rule's result."""
        self.pieces.setdefault(rule, []).extend(pieces)

    def rows(self, window: tuple[int, int] | None = None) -> list[RuleResult]:
        """One row per rule that was asked; with a window, of what matters inside it."""
        return [
            merge(rule, within(pieces, *window) if window else pieces) for rule, pieces in self.pieces.items()
        ]


def _decide_usage(context: Context, id: str, facts: Facts, *, money: bool) -> Decision:
    usage = _entry_asked_about(context, id, Usage)
    rows, authorised, cut, paid, warnings = judge_usage(context, usage, facts, money=money)
    return Decision(
        rules=in_order(rows),
        authorised=authorised,
        segments=cut,
        paid=paid,
        warnings=_ordered(warnings),
        faults=_faults(context),
    )


UsageJudgement = tuple[list[RuleResult], str, tuple[Segment, ...], Paid | None, list[Remark]]


def judge_usage(context: Context, usage: Entry, facts: Facts, *, money: bool = True) -> UsageJudgement:
    """Both answers about one usage: rows, ``authorised``, segments, ``paid`` (``None`` for a void one), warnings.

    Without ``money`` only the first.
    """
    standing = context.standing(usage)
    if standing.standing is Standing.VOID:
        fault = RuleResult(rule=standing.rule, result=Result.FAIL, code=standing.code, entries=(usage.index,))
        return [fault], "NOT_AUTHORISED", (), None, []
    consent = context.consent_of(usage)
    results, case, window = Results(), None, None
    _add_standing(results, context, usage, standing)
    if consent is None or not isinstance(consent.statement, Consent):
        # The consent itself is not shown: nothing that rests on it can be told.
        for rule in ("T4", *AUTHORITY_RULES[3:]):
            results.add(rule, [always(Result.UNKNOWN, "list_missing", usage.index)])
    else:
        case = open_case(context, usage, consent)
        window = case.window
        stops = stops_of(context, consent, case.terms, onward=True)
        _add_authority(results, case, stops, facts)
    results.add("T2", _currency(facts))
    rows = results.rows(window)
    authorised = answer(worst(row.result for row in rows), yes="AUTHORISED", no="NOT_AUTHORISED")
    pieces = [piece for found in results.pieces.values() for piece in found]
    cut = segments(within(pieces, *window), *window) if window else ()
    warnings = open_disputes(context, _consent_id(usage))
    if case is not None:
        warnings.extend(warn_form(context, case.consent, case.terms))
    if not money:
        return rows, authorised, cut, None, warnings
    judged = judge_money(context, usage, stale=facts.stale)
    warnings.extend(judged.warnings)
    paid = _unproven(judged.paid) if facts.unaudited else judged.paid
    return [*rows, *judged.findings], authorised, cut, paid, warnings


def _unproven(paid: Paid) -> Paid:
    """The figures stay, the answers go: the reader asked for an audited index and has none."""
    payees = tuple(replace(line, answer=CANNOT_TELL) for line in paid.payees)
    return replace(paid, answer=CANNOT_TELL, payees=payees)


def _consent_id(usage: Entry) -> str:
    assert isinstance(usage.statement, Usage)
    return usage.statement.consent


def _add_standing(results: Results, context: Context, entry: Entry, standing: Judgement) -> None:
    """Rows of the rules that can void an entry, for one that they did not."""
    rules = ("T6", "T8", "A0", "A1", "A2", "A5")
    for rule, judgement in zip(rules, void_checks(context, entry), strict=True):
        good = judgement.standing is Standing.GOOD
        result = Result.PASS if good else Result.UNKNOWN
        piece = always(result, judgement.code, entry.index, *judgement.entries)
        if rule == "A2" and getattr(entry.statement, "under", None) is None:
            piece = always(Result.NOT_APPLICABLE, "not_applicable")
        results.add(rule, [piece])
    if standing.standing is Standing.DOUBTFUL:
        results.add(standing.rule, [always(Result.UNKNOWN, standing.code, entry.index, *standing.entries)])
    results.add("A20", judge_disputes(context, entry, standing))


def _add_authority(results: Results, case: UsageCase, stops: Stops, facts: Facts) -> None:
    context, consent = case.context, case.consent
    moving = {
        "T4": judge_declared_late(case),
        "A5": judge_suspended(case, stops),
        "A6": judge_revoked(case, stops),
        "A10": judge_term(case),
        "A16": judge_exclusivity(use_of_case(case)),
    }
    for rule, pieces in moving.items():
        results.add(rule, _soften(case, pieces))
    results.add("T7", judge_notice(stops, case.terms))
    results.add("A3", [*judge_assets(case, facts.files), *judge_twin(context, consent)])
    results.add("A4", judge_closed_world(case))
    results.add("A7", judge_purpose(case))
    results.add("A8", judge_channels(case))
    results.add("A9", judge_countries(case))
    results.add("A11", judge_caps(case))
    results.add("A12", _soften(case, judge_manipulations(case)))
    results.add("A13", _soften(case, judge_derivatives(case)))
    results.add("A14", _soften(case, judge_approval(case)))
    results.add("A15", _soften(case, judge_label(case)))
    results.add("A17", _sublicence(case))
    results.add("A18", _soften(case, judge_money_first(case)))
    results.add("A19", judge_form(context, consent, case.terms))


def _sublicence(case: UsageCase) -> list[TimedResult]:
    """A17: what a sub-licensee does is judged by the consent, as every other rule here does; A0 asks who she is."""
    if case.statement.parties.sublicensee is None:
        return [always(Result.NOT_APPLICABLE, "not_applicable")]
    return [always(Result.PASS, "ok", case.consent.index, case.usage.index)]


def _soften(case: UsageCase, pieces: list[TimedResult]) -> list[TimedResult]:
    """What would fail after an end that may or may not be true cannot be told (A10), nor when no window is known."""
    if case.window is None:
        return as_unknown(pieces, -FOREVER, FOREVER, case.window_code, (case.usage.index,))
    if case.doubt is not None:
        pieces = as_unknown(pieces, -FOREVER, FOREVER, case.doubt.code, case.doubt.entries)
    if case.unsure is not None:
        start, end, index = case.unsure
        pieces = as_unknown(pieces, start, end, "reported_late", (case.usage.index, index))
    return pieces


def _currency(facts: Facts) -> list[TimedResult]:
    """T2's row: how far the checkpoint's time and basis carry."""
    pieces = [always(Result.PASS, "ok")]
    if facts.stale:
        pieces.append(during(facts.as_of, FOREVER, Result.UNKNOWN, "stale"))
    if facts.unaudited:
        pieces.append(always(Result.UNKNOWN, "not_audited"))
    return pieces


# -- a consent


def _decide_consent(context: Context, id: str, facts: Facts) -> Decision:
    consent = _entry_asked_about(context, id, Consent)
    standing = context.standing(consent)
    if standing.standing is Standing.VOID:
        fault = RuleResult(rule=standing.rule, result=Result.FAIL, code=standing.code, entries=(consent.index,))
        return Decision(answer="NOT_IN_FORCE", rules=in_order([fault]), faults=_faults(context))
    terms = context.section(consent, "terms")
    assert isinstance(terms, Terms | CreateTerms | Unread)
    results = Results()
    _add_standing(results, context, consent, standing)
    assert isinstance(consent.statement, Consent)
    creates = consent.statement.act == "create"
    usual = Unread("not_applicable") if creates or isinstance(terms, CreateTerms) else terms
    stops = stops_of(context, consent, usual, onward=True)
    if creates and stops.missing is usual:  # no notice is due, so that the terms are not needed
        stops.missing = None
    results.add("A5", judge_consent_in_force(context, consent, terms, stops))
    results.add("T7", judge_notice(stops, None if creates else terms))
    results.add("A3", judge_twin(context, consent))
    results.add("A19", judge_form(context, consent, terms))
    results.add("T2", _currency(facts) if not facts.stale else [always(Result.UNKNOWN, "stale"), *_currency(facts)])
    warnings = [*open_disputes(context, id), *warn_form(context, consent, terms)]
    if not creates:
        clashes = [
            index
            for piece in judge_exclusivity(use_of_consent(context, consent, usual))
            if piece.result is Result.FAIL
            for index in piece.entries
        ]
        if clashes:
            warnings.append(Remark(code="clashes", entries=tuple(sorted(set(clashes)))))
    rows = results.rows()
    return Decision(
        answer=answer(worst(row.result for row in rows), yes="IN_FORCE", no="NOT_IN_FORCE"),
        rules=in_order(rows),
        warnings=_ordered(warnings),
        faults=_faults(context),
    )


# -- a party's record book, a file


def _decide_party(context: Context, id: str, facts: Facts) -> Decision:
    rows = context.record.rows(f"party:{id}")
    assert rows is not None, "step 14 asks for the list"
    usages: dict[str, UsageDecision] = {}
    for index in rows:
        entry = context.record.entry(index)
        if entry is None or not isinstance(entry.statement, Usage) or entry.statement.id in usages:
            continue  # a copy adds no answer: of several with one id the first good one counts
        usage = _entry_asked_about(context, entry.statement.id, Usage)
        _, authorised, cut, paid, _ = judge_usage(context, usage, facts)
        usages[entry.statement.id] = UsageDecision(
            usage=entry.statement.id, authorised=authorised, segments=cut, paid=paid
        )
    row = _basis_row(facts, rows)
    return Decision(
        answer=answer(row.result, yes="COMPLETE", no="CANNOT_TELL"),
        rules=in_order([row]),
        usages=tuple(usages.values()),
        faults=_faults(context),
    )


def _decide_asset(context: Context, id: str, facts: Facts) -> Decision:
    rows = context.record.rows(f"asset:{id}")
    assert rows is not None, "step 14 asks for the list"
    row = _basis_row(facts, rows)
    return Decision(
        answer=answer(row.result, yes="REGISTERED" if rows else "NOT_REGISTERED", no="CANNOT_TELL"),
        rules=in_order([row]),
        faults=_faults(context),
    )


def _basis_row(facts: Facts, rows: Iterable[int]) -> RuleResult:
    """T2 for an answer about what the log holds: it is true as of the checkpoint, however old that is."""
    if facts.unaudited:
        return RuleResult(rule="T2", result=Result.UNKNOWN, code="not_audited")
    return RuleResult(rule="T2", result=Result.PASS, code="ok", entries=tuple(rows))


# -- shared


def _entry_asked_about(context: Context, id: str, kind: type[Statement]) -> Entry:
    """The first good copy of the statement, else the first one."""
    entries = [
        entry
        for index in context.record.find(id)
        if (entry := context.record.entry(index)) is not None and isinstance(entry.statement, kind)
    ]
    assert entries, "step 14 asks for the statement"
    good = [entry for entry in entries if context.standing(entry).standing is Standing.GOOD]
    return (good or entries)[0]


def in_order(found: Iterable[RuleResult]) -> tuple[RuleResult, ...]:
    """One row per rule, in order; rules that were not asked are not applicable."""
    rows: Mapping[str, RuleResult] = {row.rule: row for row in found}
    return tuple(
        rows.get(rule, RuleResult(rule=rule, result=Result.NOT_APPLICABLE, code="not_applicable")) for rule in RULES
    )


def _rules_unknown(question: Question) -> Decision:
    rows = tuple(RuleResult(rule=rule, result=Result.UNKNOWN, code="rules_unknown") for rule in RULES)
    if question.kind == "usage":
        paid = Paid(answer=CANNOT_TELL, currency=None, payees=())
        return Decision(rules=rows, authorised=CANNOT_TELL, paid=paid)
    return Decision(rules=rows, answer=CANNOT_TELL)


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
