"""Rules M1 to M8: one finding each about a usage or a consent, and the verdict's ``paid`` (RULES, Money; protocol,
section 7.3).

One function per rule; what they read stands in the consent's :class:`~verifier.rules.money.book.Book`. Where nothing
at all can be told of the consent (its money is not disclosed, a list is not shown, ...) every rule that needs it says
why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from verifier.base.values import value
from verifier.rules.model.codes import code_order
from verifier.rules.model.context import Context, Kept
from verifier.rules.model.record import Entry
from verifier.rules.model.results import Remark, Result, RuleResult, answer, worst
from verifier.rules.money.allocation import Settled, days_late, settle
from verifier.rules.money.book import Book, open_book
from verifier.rules.money.claims import Claim
from verifier.rules.money.leg_book import LegBook
from verifier.rules.money.reasons import Reason, gather
from verifier.rules.money.splits import PROFILE_COMMISSION_BP, LegKind, agency_parts
from verifier.statements.sections import MandateMoney, Terms
from verifier.statements.types import Consent, Usage

PAID, NOT_YET_DUE, NOT_PAID, CANNOT_TELL = "PAID", "NOT_YET_DUE", "NOT_PAID", "CANNOT_TELL"

ANSWERS: Final = (NOT_PAID, CANNOT_TELL, NOT_YET_DUE, PAID)
"""The worst first."""

HIDDEN: Final = frozenset({"erased", "key_disputed", "list_missing", "not_disclosed"})
"""Codes of what is not shown, or in doubt: behind them any word may stand."""


@value
class PayeeLine:
    """What one payee is owed on one leg: for the usage, or ``of`` the ``consent`` itself.

    ``due`` and ``received`` are the least of each, in minor units, ``outstanding`` what is between them. ``due_at`` is
    ``None`` while nothing has fallen due, ``days_late`` where lateness cannot be told.
    """

    payee: str
    leg: str
    of: str
    answer: str
    due: int
    received: int
    outstanding: int
    due_at: int | None
    days_late: int | None


@value
class Paid:
    """The answer as a whole; lines rise by payee, leg and ``of``. ``currency`` ``None``: the fees cannot be read."""

    answer: str
    currency: str | None
    payees: tuple[PayeeLine, ...]


@value
class MoneyDecision:
    """Findings M1 to M8 in order, the verdict's ``paid``, and warnings."""

    findings: tuple[RuleResult, ...]
    paid: Paid
    warnings: tuple[Remark, ...]


@value
class JudgedLine:
    """One leg's line with what it rests on: the reasons why it cannot be told, and entries."""

    line: PayeeLine
    book: LegBook
    reasons: tuple[Reason, ...]
    entries: tuple[int, ...]


@value
class PaymentCase:
    """What the rules are asked about: a usage's claim, with it what the consent itself owes, and the lines of the
    legs. ``usage`` ``None``: the consent's claims alone, or a usage of which the book could read nothing."""

    usage: Claim | None
    book: Book
    lines: tuple[JudgedLine, ...]
    instant: int

    @property
    def claims(self) -> list[Claim]:
        """All that is asked about."""
        if self.book.schedule is None:
            return []
        return [*self.book.consent_claims, *([self.usage] if self.usage is not None else [])]

    @property
    def entries(self) -> tuple[int, ...]:
        """What is due rests on these."""
        return tuple(sorted({index for claim in self.claims for index in self.book.entries(claim)}))

    @property
    def unfit(self) -> tuple[Reason, ...]:
        """Why there are no figures, or none if the terms, which are hidden, contradict the fees."""
        return self.book.consent_blocked if self.lines else self.book.blocked

    def blocked(self, rule: str) -> tuple[Reason, ...]:
        """Why a rule can tell nothing at all."""
        reasons = (*self.book.blocked, *(self.book.usages_blocked if self.usage is not None else ()))
        return tuple(reason for reason in (*reasons, *self.book.consent_blocked) if reason.rule == rule)


def judge_money(context: Context, usage: Entry) -> MoneyDecision:
    """Decide ``paid`` for a good or doubtful usage, with what its consent owes; a void one has none, which is the
    caller's to say.

    While the contract is stale, NOT_PAID and lateness cannot be told, and PAID and NOT_YET_DUE carry a warning.
    """
    assert isinstance(usage.statement, Usage)
    book = open_book(context, usage.statement.consent)
    claim = book.claims.get(usage.statement.id)
    if book.legs and claim is None:
        raise ValueError("a void usage has no paid")
    return _decide(context, book, claim)


def judge_consent_money(context: Context, consent: Entry[Consent]) -> MoneyDecision:
    """Decide ``paid`` for a good or doubtful consent: for its own lines. A consent to create without money has none,
    which is the caller's to say."""
    return _decide(context, open_book(context, consent.statement.id), None)


def own_lines(paid: Paid, of: str) -> Paid:
    """The part of an answer about the lines ``of`` a usage, or a consent, alone (a party's verdict, section 7.3)."""
    lines = tuple(line for line in paid.payees if line.of == of)
    if not paid.payees:
        return paid
    whole = next(one for one in ANSWERS if any(line.answer == one for line in lines))
    return Paid(answer=whole, currency=paid.currency, payees=lines)


def _decide(context: Context, book: Book, usage: Claim | None) -> MoneyDecision:
    lines = []
    for leg in book.legs:
        lines.append(_judge_own(context, book, leg))
        if usage is not None:
            lines.append(judge_claims(context, book, leg, "usage", [usage]))
    case = PaymentCase(usage=usage, book=book, lines=tuple(lines), instant=context.instant)
    findings = tuple(rule(case) for rule in RULES)
    whole = answer(worst(finding.result for finding in findings), yes=PAID, no=NOT_PAID, unknown=CANNOT_TELL)
    if whole == PAID and any(one.line.answer == NOT_YET_DUE for one in lines):
        whole = NOT_YET_DUE
    paid = Paid(
        answer=whole,
        currency=book.money.currency if book.money else None,
        payees=tuple(one.line for one in lines),
    )
    warnings = _warnings(context, book)
    schedule = book.schedule if book.readable else None
    if usage is not None and schedule is not None and (index := schedule.unpriced(usage.id)) is not None:
        warnings = (*warnings, Remark(code="unpriced", entries=(index,)))
    if context.stale and whole in (PAID, NOT_YET_DUE):
        warnings = (*warnings, Remark(code="stale"))
    return MoneyDecision(findings=findings, paid=paid, warnings=warnings)


# -- one leg


def _judge_own(context: Context, book: Book, one: LegBook) -> JudgedLine:
    """What the consent itself owes on one leg: the same for each of its usages."""
    return book.recall(
        ("consent", one.leg, context.instant, context.stale),
        lambda: judge_claims(context, book, one, "consent", book.consent_claims),
    )


def judge_claims(context: Context, book: Book, one: LegBook, of: str, claims: Sequence[Claim]) -> JudgedLine:
    """What some claims come to on one leg: the worst of their answers (M4); all that there is to say where the consent
    or the payee's account is doubtful or not disclosed is CANNOT_TELL."""
    hidden = [*book.blocked, *one.unknowns, *(book.usages_blocked if of == "usage" else book.consent_blocked)]
    said, reasons = (CANNOT_TELL if hidden else PAID), list(hidden)
    if not hidden:
        for claim in claims:
            found, why = _answer(context, book, one, claim)
            said = min(said, found, key=ANSWERS.index)
            reasons.extend(why)
    parts = [part for claim in claims for part in one.shown.parts(claim)]
    credit = sum(part.amount for part in parts if part.inflow.credit)
    due = sum(one.due(claim) for claim in claims) - credit
    received = sum(part.amount for part in parts) - credit + sum(min(one.due(claim), 0) for claim in claims)
    settled = [line for claim in claims for line in settle(one.lines(claim), one.shown.arrivals(claim))]
    late = _latest(settled, context.instant)
    line = PayeeLine(
        payee=one.leg.payee,
        leg=one.leg.kind.value,
        of=of,
        answer=said,
        due=due,
        received=received,
        outstanding=max(due - received, 0),
        due_at=late[0],
        days_late=None if context.stale or said == CANNOT_TELL else late[1],
    )
    shown_by = {index for part in parts for index in part.inflow.entries}
    resting = {index for claim in claims for index in book.entries(claim)}
    return JudgedLine(line=line, book=one, reasons=tuple(reasons), entries=tuple(sorted({*resting, *shown_by})))


def _answer(context: Context, book: Book, one: LegBook, claim: Claim) -> tuple[str, Sequence[Reason]]:
    """One claim's answer on one leg (M4), in this order of precedence:

    1. nothing can be told of it: CANNOT_TELL;
    2. the most that is due is filled by the least received: PAID;
    3. the least of what has fallen due is not filled by the most received: NOT_PAID, or, too long after the checkpoint,
       CANNOT_TELL;
    4. the most of what has fallen due is filled by the least received: NOT_YET_DUE;
    5. else CANNOT_TELL.
    """
    if claim in book.dues.lost and one.leg.gross_bp:  # of nothing, whatever it comes to, nothing is due
        return CANNOT_TELL, (book.dues.lost[claim],)
    if one.sure.is_full(claim):
        return PAID, ()
    if one.possible.received(claim) < one.fallen_least(claim, context.instant):
        return (CANNOT_TELL, (Reason("M4", "stale"),)) if context.stale else (NOT_PAID, ())
    most = one.fallen_most(claim, context.instant)
    if most is not None and one.sure.received(claim) >= most:
        return NOT_YET_DUE, ()
    return CANNOT_TELL, book.why_untold(one, claim)


def _latest(lines: Sequence[Settled], instant: int) -> tuple[int | None, int]:
    """The due date and the days late of the line that is late longest (M6).

    If none is late: of the first that is not filled, else of the last.
    """
    found: tuple[int | None, int] = (None, 0)
    unfilled = False
    for one in lines:
        if one.line.amount <= 0:
            continue  # a line of -1 that cancels nothing is owed by nobody
        until = instant if one.filled_at is None else min(one.filled_at, instant)
        days = days_late(one.line.due_at, until)
        if days > found[1] or (found[1] == 0 and not unfilled):
            found = one.line.due_at, days
        unfilled = unfilled or one.filled_at is None
    return found


# -- the rules


def m1_due(case: PaymentCase) -> RuleResult:
    """What is due. UNKNOWN: the reasons that block the consent's schedule, in the order of the codes; then
    ``too_large``, ``bad_terms`` for a use that ends before it starts, and ``not_reported``, once what is open has
    fallen due or an advance turns on it. Else PASS, on the lines that are asked about."""
    book = case.book
    if blocked := case.blocked("M1"):
        return _unknown("M1", blocked)
    if book.schedule is None:
        return _unknown("M1", book.blocked)
    found: list[Reason] = []
    for claim in case.claims:
        lost, open_ = book.dues.lost.get(claim), book.dues.open.get(claim)
        if lost is not None and lost.rule == "M1":
            found.append(lost if claim.of_consent else Reason("M1", lost.code, book.entries(claim)))
        elif open_ is not None and (open_.due_at is None or open_.due_at <= case.instant):
            found.append(Reason("M1", open_.code, book.entries(claim)))
    if found:
        return _unknown("M1", found)
    return RuleResult(rule="M1", result=Result.PASS, code="ok", entries=case.entries)


def m2_splits(case: PaymentCase) -> RuleResult:
    """How it is split. UNKNOWN: ``split_mismatch``, ``too_large``, or what keeps the fees from being read."""
    if blocked := case.blocked("M2") or case.unfit:
        return _unknown("M2", blocked)
    if case.book.consent is None:
        return _unknown("M2", case.book.blocked)
    lost = [one for claim in case.claims if (one := case.book.dues.lost.get(claim)) is not None and one.rule == "M2"]
    if lost:
        return RuleResult(rule="M2", result=Result.UNKNOWN, code=lost[0].code, entries=case.entries)
    return RuleResult(rule="M2", result=Result.PASS, code="ok", entries=(case.book.consent.index,))


def m3_agency(case: PaymentCase) -> RuleResult:
    """What goes through the agency reaches the payees. FAIL ``not_passed_on``: the agency owes a payee's part.
    UNKNOWN: ``via`` is wrong (``bad_terms``), or the reasons of a ``from_agency`` line. NOT_APPLICABLE without any."""
    found = _lines(
        "M3", [one for one in case.lines if one.line.leg == LegKind.FROM_AGENCY.value], lambda _: "not_passed_on"
    )
    return _unknown("M3", case.unfit) if case.unfit and found.result is not Result.FAIL else found


def m4_received(case: PaymentCase) -> RuleResult:
    """What the payers owe was received, by words that prove it. FAIL ``returned`` where money that the payee had
    was returned, else ``unpaid``. UNKNOWN: the reasons of a ``direct`` or ``to_agency`` line."""
    if not case.lines:
        return _unknown("M4", case.book.blocked)
    owed = [one for one in case.lines if one.line.leg != LegKind.FROM_AGENCY.value]
    found = _lines("M4", owed, lambda one: "returned" if one.book.side.returned else "unpaid")
    hidden = _hidden(case)
    return _unknown("M4", hidden) if hidden and found.result is Result.PASS else found


def m5_transfers(case: PaymentCase) -> RuleResult:
    """One transfer counts once, for what both sides say. UNKNOWN, where a line turns on it: ``reference_repeated``,
    ``amounts_differ``, ``other_currency``, ``return_contested``, ``claimed_unpaid``, ``bad_terms``. NOT_APPLICABLE
    without any money."""
    return _words("M5", case)


def m6_dates(case: PaymentCase) -> RuleResult:
    """When it was due and when received; lateness shows in the figures and fails nothing. Over-payment is a warning.
    UNKNOWN only where there are no figures."""
    if case.unfit:
        return _unknown("M6", case.unfit)
    return RuleResult(rule="M6", result=Result.PASS, code="ok", entries=case.entries)


def m7_control(case: PaymentCase) -> RuleResult:
    """Who pays or attests is not whom it benefits. UNKNOWN, where a line turns on it: ``list_missing``,
    ``same_control``. NOT_APPLICABLE without any money."""
    return _words("M7", case)


def m8_whole(case: PaymentCase) -> RuleResult:
    """Every payee's line is paid, on every leg. FAIL ``unpaid``; UNKNOWN: the reasons of any line."""
    if not case.lines:
        return _unknown("M8", case.book.blocked)
    return _lines("M8", case.lines, lambda _: "unpaid")


RULES: tuple[Callable[[PaymentCase], RuleResult], ...] = (
    m1_due, m2_splits, m3_agency, m4_received, m5_transfers, m6_dates, m7_control, m8_whole,
)  # fmt: skip


def _lines(rule: str, lines: Iterable[JudgedLine], failure: Callable[[JudgedLine], str]) -> RuleResult:
    """The worst answer of some lines: NOT_PAID with its code, else why it cannot be told, else PASS."""
    lines = list(lines)
    if not lines:
        return RuleResult(rule=rule, result=Result.NOT_APPLICABLE, code="not_applicable")
    failed = [
        Reason(rule, failure(one), (*one.entries, *one.book.side.returned))
        for one in lines
        if one.line.answer == NOT_PAID
    ]
    if failed:
        first = gather(failed)[0]
        return RuleResult(rule=rule, result=Result.FAIL, code=first.code, entries=first.entries)
    if any(one.line.answer == CANNOT_TELL for one in lines):
        return _unknown(rule, [reason for one in lines for reason in one.reasons])
    entries = tuple(sorted({index for one in lines for index in one.entries}))
    code = "not_due" if any(one.line.answer == NOT_YET_DUE for one in lines) else "ok"
    return RuleResult(rule=rule, result=Result.PASS, code=code, entries=entries)


def _hidden(case: PaymentCase) -> list[Reason]:
    """What is not shown, or in doubt: no row of M4, M5 and M7 passes on it."""
    unread = [*case.book.blocked]
    for one in case.lines:
        unread += (*one.book.side.unknowns, *one.reasons)
    return [reason for reason in unread if reason.code in HIDDEN]


def _words(rule: str, case: PaymentCase) -> RuleResult:
    """A rule about the words that stand for money: its own reasons on lines that cannot be told, or what is hidden."""
    if not case.lines:
        return _unknown(rule, case.book.blocked)
    own = [reason for one in case.lines for reason in one.reasons if reason.rule == rule]
    if own:
        return _unknown(rule, own)
    missing = [*case.blocked("M4"), *_hidden(case)]
    if missing:  # words that are not shown may be any
        return _unknown(rule, missing)
    if not any(one.book.side.paid for one in case.lines):
        return RuleResult(rule=rule, result=Result.NOT_APPLICABLE, code="not_applicable")
    resting = set(case.entries)
    entries = tuple(sorted({index for one in case.lines for index in one.entries if index not in resting}))
    return RuleResult(rule=rule, result=Result.PASS, code="ok", entries=entries)


def _unknown(rule: str, reasons: Sequence[Reason]) -> RuleResult:
    """UNKNOWN for the reason whose code comes first in the list, with the entries of all that share it."""
    code = min((reason.code for reason in reasons), key=code_order)
    shared = dict.fromkeys(reason.entries for reason in reasons if reason.code == code)
    entries = next(iter(shared)) if len(shared) == 1 else tuple(sorted({index for one in shared for index in one}))
    return RuleResult(rule=rule, result=Result.UNKNOWN, code=code, entries=entries)


# -- warnings


WARNINGS: Kept[str, tuple[Remark, ...]] = Kept()
"""By consent."""


def _warnings(context: Context, book: Book) -> tuple[Remark, ...]:
    return context.memo.recall(WARNINGS, book.id, lambda: _warn(context, book))


def _warn(context: Context, book: Book) -> tuple[Remark, ...]:
    repeated = tuple(sorted(index for side in book.sides.values() for index in side.repeated))
    by_code = {"reference_repeated": repeated, "overpaid": book.overpaid}
    of_money = [Remark(code=code, entries=entries) for code, entries in by_code.items() if entries]
    return (*_commission(context, book), *of_money)


def _commission(context: Context, book: Book) -> list[Remark]:
    """M2: the agency's parts of all parts are more than its mandate's commission or a profile's cap."""
    if book.money is None or book.consent is None or not isinstance(book.consent.statement, Consent):
        return []
    consent = book.consent.statement
    terms = context.section(book.consent, "terms")
    profiles = {context.profile, terms.profile if isinstance(terms, Terms) else None}
    caps = [cap for profile, cap in PROFILE_COMMISSION_BP.items() if profile in profiles]
    entries = [book.consent.index]
    if consent.under is not None:
        mandate, _ = context.named(f"mandate:{consent.under}", consent.under, book.consent.index)
        money = context.section(mandate, "money") if mandate is not None else None
        if mandate is not None and isinstance(money, MandateMoney):
            caps.append(money.commission_bp)
            entries.append(mandate.index)
    parts, whole = agency_parts(book.money.splits)
    if caps and parts * 10_000 > min(caps) * whole:
        return [Remark(code="commission_cap", entries=tuple(sorted(entries)))]
    return []
