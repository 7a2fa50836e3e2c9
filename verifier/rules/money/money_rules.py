"""Rules M1 to M8: one finding each about a usage, and the verdict's ``paid`` (RULES, Money; protocol, section 7.3).

One function per rule; what they read stands in the consent's :class:`~verifier.rules.money.book.Book`. Where nothing
at all can be told of the consent (its money is not disclosed, a list is not shown, ...) every rule that needs it says
why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from verifier.base.values import value
from verifier.rules.model.codes import code_order
from verifier.rules.model.context import Context, Kept
from verifier.rules.model.record import Entry
from verifier.rules.model.results import Remark, Result, RuleResult, answer, worst
from verifier.rules.money.allocation import Settled, days_late, settle
from verifier.rules.money.book import Book, LegBook, open_book
from verifier.rules.money.reasons import Reason, gather
from verifier.rules.money.splits import PROFILE_COMMISSION_BP, LegKind, agency_parts
from verifier.statements.sections import MandateMoney, Terms
from verifier.statements.types import Consent, Usage

PAID, NOT_PAID, CANNOT_TELL = "PAID", "NOT_PAID", "CANNOT_TELL"


@value
class PayeeLine:
    """What one payee is owed for the usage on one leg.

    ``due`` and ``received`` are the least of each, in minor units, ``outstanding`` what is between them. ``due_at`` is
    ``None`` while nothing has fallen due, ``days_late`` where lateness cannot be told.
    """

    payee: str
    leg: str
    answer: str
    due: int
    received: int
    outstanding: int
    due_at: int | None
    days_late: int | None


@value
class Paid:
    """The answer for the usage as a whole; payees rise by id. ``currency`` ``None``: the fees cannot be read."""

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
    """What the rules are asked about: one usage, the book of its consent, and the lines of its legs."""

    usage: str
    book: Book
    lines: tuple[JudgedLine, ...]

    @property
    def entries(self) -> tuple[int, ...]:
        return self.book.entries(self.usage)


def judge_money(context: Context, usage: Entry, *, stale: bool | None = None) -> MoneyDecision:
    """Decide ``paid`` for a good or doubtful usage; a void one has none, which is the caller's to say.

    ``stale``, by default the contract's own: NOT_PAID and lateness cannot be told, and PAID carries a warning.
    """
    assert isinstance(usage.statement, Usage)
    stale = context.stale if stale is None else stale
    book = open_book(context, usage.statement.consent)
    if book.legs and not book.entries(usage.statement.id):
        raise ValueError("a void usage has no paid")
    lines = tuple(_judge(context, book, leg, usage.statement.id, stale=stale) for leg in book.legs)
    case = PaymentCase(usage=usage.statement.id, book=book, lines=lines)
    findings = tuple(rule(case) for rule in RULES)
    whole = answer(worst(finding.result for finding in findings), yes=PAID, no=NOT_PAID, unknown=CANNOT_TELL)
    paid = Paid(
        answer=whole,
        currency=book.money.currency if book.money else None,
        payees=tuple(one.line for one in lines),
    )
    warnings = _warnings(context, book)
    if stale and whole == PAID:
        warnings = (*warnings, Remark(code="stale"))
    return MoneyDecision(findings=findings, paid=paid, warnings=warnings)


# -- one leg


def _judge(context: Context, book: Book, one: LegBook, usage: str, *, stale: bool) -> JudgedLine:
    """One leg's answer (M4), in this order of precedence:

    1. the consent or the payee's account is doubtful or not disclosed, or the sum too large: CANNOT_TELL;
    2. the most that is due is filled by the least received: PAID;
    3. the least due is not filled by the most received: NOT_PAID, or, too long after the checkpoint, CANNOT_TELL;
    4. else CANNOT_TELL.
    """
    reasons: tuple[Reason, ...] = ()
    if book.blocked or one.unknowns:
        said, reasons = CANNOT_TELL, (*book.blocked, *one.unknowns)
    elif usage in book.lost:
        said, reasons = CANNOT_TELL, (book.lost[usage],)
    elif one.sure.is_full(usage):
        said = PAID
    elif not one.possible.is_full(usage):
        said = CANNOT_TELL if stale else NOT_PAID
        reasons = (Reason("M4", "stale"),) if stale else ()
    else:
        said, reasons = CANNOT_TELL, tuple(book.why_untold(one, usage))
    parts = one.shown.parts(usage)
    received = sum(part.amount for part in parts if not part.inflow.credit)
    due = one.due[usage] - sum(part.amount for part in parts if part.inflow.credit)
    late = _latest(settle(one.lines(usage), one.shown.arrivals(usage)), context.instant)
    line = PayeeLine(
        payee=one.leg.payee,
        leg=one.leg.kind.value,
        answer=said,
        due=due,
        received=min(received, due) if due < 0 else received,
        outstanding=max(due - received, 0),
        due_at=late[0],
        days_late=None if stale or said == CANNOT_TELL else late[1],
    )
    shown_by = {index for part in parts for index in part.inflow.entries}
    return JudgedLine(line=line, book=one, reasons=reasons, entries=tuple(sorted({*book.entries(usage), *shown_by})))


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
    ``too_large``, ``bad_terms`` for a use that ends before it starts, and ``not_reported``, while the most that is due
    has no bound. Else PASS, on the usage's own lines."""
    book = case.book
    if blocked := _blocked(case, "M1"):
        return _unknown("M1", blocked)
    if book.schedule is None:
        return _unknown("M1", book.blocked)
    lost = book.lost.get(case.usage)
    code = lost.code if lost is not None and lost.rule == "M1" else book.schedule.open(case.usage)
    if code is not None:
        return RuleResult(rule="M1", result=Result.UNKNOWN, code=code, entries=case.entries)
    return RuleResult(rule="M1", result=Result.PASS, code="ok", entries=case.entries)


def m2_splits(case: PaymentCase) -> RuleResult:
    """How it is split. UNKNOWN: ``split_mismatch``, ``too_large``, or what keeps the fees from being read."""
    if blocked := _blocked(case, "M2"):
        return _unknown("M2", blocked)
    if not case.lines or case.book.consent is None:
        return _unknown("M2", case.book.blocked)
    lost = case.book.lost.get(case.usage)
    if lost is not None and lost.rule == "M2":
        return RuleResult(rule="M2", result=Result.UNKNOWN, code=lost.code, entries=case.entries)
    return RuleResult(rule="M2", result=Result.PASS, code="ok", entries=(case.book.consent.index,))


def m3_agency(case: PaymentCase) -> RuleResult:
    """What goes through the agency reaches the payees. FAIL ``not_passed_on``: the agency owes a payee's part.
    UNKNOWN: ``via`` is wrong (``bad_terms``), or the reasons of a ``from_agency`` line. NOT_APPLICABLE without any."""
    if not case.lines:
        return _unknown("M3", case.book.blocked)
    return _lines(
        "M3", [one for one in case.lines if one.line.leg == LegKind.FROM_AGENCY.value], lambda _: "not_passed_on"
    )


def m4_received(case: PaymentCase) -> RuleResult:
    """What the payers owe was received, by words that prove it. FAIL ``returned`` where money that the payee had
    was returned, else ``unpaid``. UNKNOWN: the reasons of a ``direct`` or ``to_agency`` line."""
    if not case.lines:
        return _unknown("M4", case.book.blocked)
    return _lines("M4", [one for one in case.lines if one.line.leg != LegKind.FROM_AGENCY.value], _why_not_paid)


def m5_transfers(case: PaymentCase) -> RuleResult:
    """One transfer counts once, for what both sides say. UNKNOWN, where a line turns on it: ``reference_repeated``,
    ``amounts_differ``, ``other_currency``, ``return_contested``, ``claimed_unpaid``, ``bad_terms``. NOT_APPLICABLE
    without any money."""
    return _words("M5", case)


def m6_dates(case: PaymentCase) -> RuleResult:
    """When it was due and when received; lateness shows in the figures and fails nothing. Over-payment is a warning.
    UNKNOWN only where there are no figures."""
    if not case.lines:
        return _unknown("M6", case.book.blocked)
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


def _why_not_paid(one: JudgedLine) -> str:
    return "returned" if one.book.side.returned else "unpaid"


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
    return RuleResult(rule=rule, result=Result.PASS, code="ok", entries=entries)


def _words(rule: str, case: PaymentCase) -> RuleResult:
    """A rule about the words that stand for money: its own reasons on lines that cannot be told, or what is hidden."""
    if not case.lines:
        return _unknown(rule, case.book.blocked)
    own = [reason for one in case.lines for reason in one.reasons if reason.rule == rule]
    if own:
        return _unknown(rule, own)
    unread = [*case.book.blocked, *(reason for one in case.lines for reason in (*one.book.unknowns, *one.reasons))]
    hidden = [reason for reason in unread if reason.code in HIDDEN]
    if hidden:  # words that are not shown may be any
        return _unknown(rule, hidden)
    if not any(one.book.side.paid for one in case.lines):
        return RuleResult(rule=rule, result=Result.NOT_APPLICABLE, code="not_applicable")
    entries = tuple(sorted({index for one in case.lines for index in one.entries if index not in case.entries}))
    return RuleResult(rule=rule, result=Result.PASS, code="ok", entries=entries)


def _blocked(case: PaymentCase, rule: str) -> tuple[Reason, ...]:
    return tuple(reason for reason in case.book.blocked if reason.rule == rule)


def _unknown(rule: str, reasons: Sequence[Reason]) -> RuleResult:
    """UNKNOWN for the reason whose code comes first in the list, with the entries of all that share it."""
    code = min((reason.code for reason in reasons), key=code_order)
    shared = dict.fromkeys(reason.entries for reason in reasons if reason.code == code)
    entries = next(iter(shared)) if len(shared) == 1 else tuple(sorted({index for one in shared for index in one}))
    return RuleResult(rule=rule, result=Result.UNKNOWN, code=code, entries=entries)


# -- warnings


HIDDEN = ("list_missing", "key_disputed", "erased", "not_disclosed")
"""Codes of what is not shown, or in doubt: behind them any word may stand."""
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
