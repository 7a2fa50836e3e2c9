"""A18: money conditions: what had to come before a use, and what must not stay unpaid for too long while it runs.

Only the legs on which licensees pay count: ``direct`` and ``to_agency``. Whether an agency passed money on is no matter
of the licensee's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from verifier.base.values import replace
from verifier.rules.model.calendar import DAY
from verifier.rules.model.codes import code_order
from verifier.rules.model.context import Context
from verifier.rules.model.results import Result, TimedResult
from verifier.rules.model.timeline import FOREVER, always, during
from verifier.rules.money.allocation import DueLine, Inflow, allocate, settle
from verifier.rules.money.book import Book, open_book
from verifier.rules.money.claims import Claim
from verifier.rules.money.leg_book import LegBook
from verifier.rules.money.reasons import Reason
from verifier.rules.money.splits import LegKind
from verifier.rules.use.case import UsageCase

MANY_ENTRIES = 64
"""Entries that one result names at most."""

DATES_DIFFER = Reason("M5", "amounts_differ")
"""Why something cannot be told where payee and provider agree on what came, and not on when."""


def judge_money_first(case: UsageCase) -> list[TimedResult]:
    """A18 for one usage. Where the terms set no condition, no section about money is asked for."""
    terms = case.allowed
    if terms.pay_first == "none" and terms.overdue_limit is None:
        return [always(Result.NOT_APPLICABLE, "not_applicable")]
    book = open_book(case.context, case.statement.consent)
    results = [] if terms.pay_first == "none" else [_paid_first(case, book, session=terms.pay_first == "session")]
    if terms.overdue_limit is not None:
        results.extend(_overdue(case, book, terms.overdue_limit))
    return [*results, always(Result.PASS, "ok", case.consent.index, case.usage.index)]


# -- pay_first


def _paid_first(case: UsageCase, book: Book, *, session: bool) -> TimedResult:
    """Whether what the consent owes (``session``), or what the usage's own entry made due (``prepaid``), came before
    the start.

    PASS by the least received; else, before the start, UNKNOWN ``not_yet``; FAIL where the most does not do either.
    """
    index = case.usage.index
    if case.window is None:
        return always(Result.UNKNOWN, case.window_code, index)
    start = case.window[0]
    if not book.legs or _is_blocked(book):
        return _unknown(case, _blocked(book))
    if lost := _lost(case, book, start, session=session):
        return _unknown(case, lost)
    enough, possible, reasons = True, True, list[Reason]()
    for one in licensees_legs(book):
        unsure = [*book.blocked, *book.consent_blocked, *one.unknowns]
        if not _came(case, one, one.least, start, session=session, most=True):
            enough = False
            reasons.extend(unsure or [*one.reasons, *book.arising.doubts])
            possible = possible and (bool(unsure) or _came(case, one, one.most, start, session=session, most=False))
        elif unsure:
            enough = False
            reasons.extend(unsure)
    if enough:
        return always(Result.PASS, "ok", case.consent.index, index)
    if start > case.context.instant:
        return always(Result.UNKNOWN, "not_yet", index)
    if not possible:
        result, code = _no(case, "not_prepaid")
        return always(result, code, case.consent.index, index)
    return _unknown(case, reasons)


def _lost(case: UsageCase, book: Book, start: int, *, session: bool) -> list[Reason]:
    """Why it cannot be told what has to come first. Lines that fall due later have not to, whatever they are."""
    lost, own = book.dues.lost, book.claims.get(case.statement.id)
    claims = [] if own is None else [own]
    if session:
        claims = [claim for claim in book.consent_claims if claim in lost and book.comes_first(claim, start)]
    return [lost[claim] for claim in claims if claim in lost]


def _came(case: UsageCase, one: LegBook, inflows: Iterable[Inflow], start: int, *, session: bool, most: bool) -> bool:
    """Whether money from before the start fills, of each claim, what has to come first: by one reading of what is due,
    as it was once the usage was logged. What later reports add takes nothing away from it."""
    dues, freed = _dues_before(case, one, most=most)
    early = [inflow for inflow in inflows if inflow.at < start]
    found = allocate(dues, [*freed, *early], one.dues.names, one.dues.consent)
    wanted = ((claim, missing_first(case, one, claim, start, session=session, most=most)) for claim in one.claims)
    return all(found.received(claim) >= amount for claim, amount in wanted if amount > 0)


def missing_first(case: UsageCase, one: LegBook, claim: Claim, start: int, *, session: bool, most: bool) -> int:
    """What of a claim has to come before the start, by one reading of what is due."""
    if claim.of_consent:
        lines = one.lines(claim, most=most)
        if session:
            return sum(line.amount for line in lines if line.first or (line.due_at is not None and line.due_at < start))
        return sum(line.amount for line in lines if line.index == case.usage.index)
    if session or claim.id != case.statement.id:
        return 0
    return sum(line.amount for line in _lines_before(case, one, claim, most=most))


def _dues_before(case: UsageCase, one: LegBook, *, most: bool) -> tuple[dict[Claim, int | None], list[Inflow]]:
    """What was due of each claim once the usage was logged, and what negative lines leave for others."""
    dues: dict[Claim, int | None] = {}
    freed = []
    later = False
    for claim in one.claims:
        lines = _lines_before(case, one, claim, most=most, later=later)
        due = sum(line.amount for line in lines)
        if due < 0 and not later:
            freed.append(Inflow(lines[-1].logged, -due))
        dues[claim] = max(due, 0)
        later = later or claim.id == case.statement.id
    return dues, freed


def _lines_before(case: UsageCase, one: LegBook, claim: Claim, *, most: bool, later: bool = False) -> Sequence[DueLine]:
    """The lines of a claim; of a usage that was not declared ``later``, those that were there once this one was."""
    lines = one.debt(most=most).lines.get(claim, ())
    if claim.of_consent or later:
        return lines
    return [line for line in lines if line.index <= case.usage.index]


# -- overdue_limit


def _overdue(case: UsageCase, book: Book, limit: int) -> list[TimedResult]:
    """FAIL while a line of the consent is overdue for more than ``limit`` days, by the most received and by the least;
    UNKNOWN while it is by the least alone; nothing after the question's instant."""
    now = case.context.instant
    if not book.legs or _is_blocked(book):
        return [replace(_unknown(case, _blocked(book)), start=1 - FOREVER, end=now)]
    result, code = _no(case, "overdue")
    spans = book.recall(("overdue", limit), lambda: _late_spans(book, limit))
    begun = [replace(one, end=min(one.end, now)) for one in spans if one.start < now]
    return [replace(one, result=result, code=code) if one.result is Result.FAIL else one for one in begun]


def _late_spans(book: Book, limit: int) -> list[TimedResult]:
    """When lines are surely (FAIL), and when they are perhaps, overdue for longer than ``limit`` days: each in order,
    and without overlaps."""
    found: list[TimedResult] = []
    for one in licensees_legs(book):
        hidden = [*book.blocked, *one.unknowns]
        for claim in one.claims:
            if claim in book.dues.lost:
                late = book.falls_due(claim) + limit * DAY
                found.append(_perhaps(late, FOREVER, [book.dues.lost[claim]], book.entries(claim)))
            elif hidden or not _in_time(one, claim, limit):
                found.extend(_late(book, one, claim, limit, hidden))
    if book.consent_blocked:
        found.append(_perhaps(0, FOREVER, book.consent_blocked, ()))
    kinds = (Result.FAIL, Result.UNKNOWN)
    return [span for kind in kinds for span in _united([one for one in found if one.result is kind])]


def _in_time(one: LegBook, claim: Claim, limit: int) -> bool:
    """Whether all of a claim's lines were surely filled before any of them was overdue for too long."""
    dates = [line.due_at for line in one.debt(most=True).lines.get(claim, ()) if line.due_at is not None]
    full_at = one.sure.full_at(claim)
    return not dates or (full_at is not None and full_at <= min(dates) + limit * DAY)


def _late(book: Book, one: LegBook, claim: Claim, limit: int, hidden: Sequence[Reason]) -> Iterator[TimedResult]:
    lines = one.lines(claim, most=True)
    surely = settle(lines, one.sure.arrivals(claim))
    perhaps = settle(lines, one.possible.arrivals(claim))
    for by_least, by_most in zip(surely, perhaps, strict=True):
        if by_least.line.due_at is None or by_least.line.amount <= 0:  # a line of -1 is owed by nobody
            continue
        late = by_least.line.due_at + limit * DAY
        ends = [FOREVER if filled is None else filled for filled in (by_most.filled_at, by_least.filled_at)]
        # Where the two readings of what is due part, the line itself may not be there.
        first, last = (late, FOREVER) if hidden else (late if one.differs(claim) else min(ends), ends[1])
        if late < first:
            yield during(late, first, Result.FAIL, "overdue", by_least.line.index)
        if max(late, first) < last:
            reasons = hidden or book.why_untold(one, claim)
            yield _perhaps(max(late, first), last, reasons, (by_least.line.index,))


def _united(spans: list[TimedResult]) -> list[TimedResult]:
    """The same stretches without overlaps, so that thousands of late lines make no thousands of results.

    Where several overlap, the one that begins first stands for them, as far as it reaches.
    """
    found: list[TimedResult] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end, span.entries)):
        reached = found[-1].end if found else -FOREVER
        if span.end <= reached:
            continue
        if span.start < reached or (found and span.start == reached and span.code == found[-1].code):
            last = found[-1]
            if last.code == span.code and len(last.entries) < MANY_ENTRIES:
                found[-1] = replace(last, end=span.end, entries=tuple(sorted({*last.entries, *span.entries})))
                continue
        found.append(replace(span, start=max(span.start, reached)))
    return found


def may_be_overdue(context: Context, consent_id: str, instant: int) -> bool:
    """Whether some line of a consent was overdue at an instant, as far as can be told."""
    book = open_book(context, consent_id)
    if not book.legs or _is_blocked(book):
        return True
    return bool(book.consent_blocked) or any(
        _claim_may_be_overdue(book, one, claim, instant) for one in licensees_legs(book) for claim in one.claims
    )


def _claim_may_be_overdue(book: Book, one: LegBook, claim: Claim, instant: int) -> bool:
    """Whether a line had fallen due before an instant, and was not surely filled by then."""
    if claim in book.dues.lost or (book.usages_blocked and not claim.of_consent):
        return book.falls_due(claim) < instant
    for settled in settle(one.lines(claim, most=True), one.sure.arrivals(claim)):
        due_at, filled_at = settled.line.due_at, settled.filled_at
        is_filled = filled_at is not None and filled_at <= instant and not one.unknowns
        if due_at is not None and settled.line.amount > 0 and due_at < instant and not is_filled:
            return True
    return False


# -- shared


def licensees_legs(book: Book) -> list[LegBook]:
    """The legs on which licensees pay."""
    return [one for one in book.legs if one.leg.kind is not LegKind.FROM_AGENCY]


def _blocked(book: Book) -> list[Reason]:
    """Why nothing can be told of the consent's lines, or of its usages': a condition turns on both."""
    return [*book.blocked, *(book.schedule.doubts if book.schedule is not None else ())]


def _is_blocked(book: Book) -> bool:
    """Whether it is not known what is due, whatever came."""
    return any(reason.rule in ("M1", "M2", "M3") for reason in _blocked(book))


def _no(case: UsageCase, code: str) -> tuple[Result, str]:
    """FAIL; but too long after the checkpoint nobody can tell what came since (section 7.2)."""
    return (Result.UNKNOWN, "stale") if case.context.stale else (Result.FAIL, code)


def _perhaps(start: int, end: int, reasons: Sequence[Reason], entries: tuple[int, ...]) -> TimedResult:
    """UNKNOWN in [start, end) for the first of the reasons, with the entries that it is about, or else these."""
    reason = min(reasons, key=lambda reason: code_order(reason.code), default=DATES_DIFFER)
    return during(start, end, Result.UNKNOWN, reason.code, *(reason.entries or entries))


def _unknown(case: UsageCase, reasons: Sequence[Reason]) -> TimedResult:
    return _perhaps(-FOREVER, FOREVER, reasons, (case.usage.index,))
