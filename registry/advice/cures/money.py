"""Cures of what must be paid first (A18), and what a use is going to cost (M4, M8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from registry.advice.cures.asked import FailedRow, listed, moment
from verifier.programs.language import english
from verifier.rules.model.calendar import DAY
from verifier.rules.money.allocation import settle
from verifier.rules.money.book import Book, open_book
from verifier.rules.money.leg_book import LegBook
from verifier.rules.money.splits import LegKind
from verifier.rules.use.case import UsageCase
from verifier.rules.use.payment_conditions import licensees_legs, missing_first

PROOF = "the payee's receipt, or a listed provider's attestation, logged"
MAX_NAMED = 5


def _before(asked: FailedRow) -> str | None:
    """What has to come before the start, and has not."""
    case = asked.case
    if case is None:
        return None
    book = open_book(case.context, case.statement.consent)
    start = case.use_terms.starts
    if book.schedule is None or not book.legs:
        return None
    missing = list(_missing_first(case, book, start))
    if not missing:
        return None
    sums = "; ".join(missing)
    if start > case.usage.logged:
        return f"Before {moment(start)} this must have been received, with {PROOF}: {sums}."
    return f"Let it start after this has been received, with {PROOF}: {sums}."


def _missing_first(case: UsageCase, book: Book, start: int) -> Iterator[str]:
    """By leg: what the consent owes (``session``) or what the usage makes due (``prepaid``), less what surely came."""
    session = case.allowed.pay_first == "session"
    for one in licensees_legs(book):
        missing = 0
        for claim in one.claims:
            wanted = missing_first(case, one, claim, start, session=session, most=False)
            if wanted > 0:
                came = sum(part.amount for part in one.sure.arrivals(claim) if part.inflow.at < start)
                missing += max(wanted - came, 0)
        if missing > 0:
            yield _sum(book, one, missing)


def _sum(book: Book, one: LegBook, amount: int, link: str = "by") -> str:
    """An amount that is received by a payee, or goes to her."""
    currency = book.money.currency if book.money is not None else None
    role = "the agency " if one.leg.kind is LegKind.TO_AGENCY else ""
    return f"{english().money(amount, currency)} {link} {role}{one.leg.payee}"


def _not_yet(asked: FailedRow) -> str | None:
    """Two rules say so: A14, while silence may still approve, and A18, while the money may still come."""
    case = asked.case
    if case is None or asked.rule == "A18":
        return _before(asked)
    if case.allowed.silence is None:
        return None
    until = moment(case.usage.logged + case.allowed.silence)
    return f"If nobody decides until {until}, silence approves; to be sure at once, have the files approved first."


def _overdue(asked: FailedRow) -> str | None:
    """What is overdue for longer than the terms allow."""
    case = asked.case
    if case is None or case.allowed.overdue_limit is None:
        return None
    book = open_book(case.context, case.statement.consent)
    late = [one for leg in licensees_legs(book) for one in _late(book, leg, case, case.allowed.overdue_limit)]
    if not late:
        return None
    more = f"; and {len(late) - MAX_NAMED} more" if len(late) > MAX_NAMED else ""
    return f"Pay what is overdue, and have {PROOF}: {'; '.join(late[:MAX_NAMED])}{more}."


def _late(book: Book, one: LegBook, case: UsageCase, limit: int) -> Sequence[str]:
    found = []
    for claim in one.claims:
        due_at = [
            line.line.due_at
            for line in settle(one.lines(claim), one.sure.arrivals(claim))
            if line.filled_at is None and line.line.due_at is not None
        ]
        missing = one.sure.short(claim)
        if missing and due_at and min(due_at) + limit * DAY <= case.context.instant:
            what = "the consent" if claim.of_consent else "the usage"
            found.append(f"{_sum(book, one, missing)} for {what} {claim.id}, due since {moment(min(due_at))}")
    return found


def _unpaid(asked: FailedRow) -> str | None:
    """That a new use is not paid yet stands in nobody's way: what it will cost, and when that is due."""
    case = asked.case
    if case is None:
        return None
    book = open_book(case.context, case.statement.consent)
    said = []
    claim = book.claims.get(case.statement.id)
    for one in book.legs:
        lines = [] if claim is None else one.lines(claim)
        lines += [line for own in book.consent_claims for line in one.lines(own) if line.index == case.usage.index]
        due = sum(line.amount for line in lines)
        if due > 0:
            dates = [line.due_at for line in lines if line.due_at is not None]
            when = f", due {moment(max(dates))}" if dates else ""
            said.append(f"{_sum(book, one, due, 'to')}{when}")
    if not said:
        return None
    return f"This stands in the way of nothing. What it costs: {'; '.join(said)}."


def _repeated(asked: FailedRow) -> str | None:
    """Which entries share the reference, and what each transfer needs."""
    others = [str(index) for index in asked.behind if index != asked.entry.index]
    if asked.entry.index not in asked.behind or not others:
        return None
    which = f"Entry {others[0]}" if len(others) == 1 else f"Entries {listed(others)}"
    return (
        f"{which} of the same signer has this reference already: the same money is not signed for twice, and another "
        "transfer needs a reference of its own ('registry reference' prints one)."
    )


SENTENCES: Mapping[str, Callable[[FailedRow], str | None]] = {
    "not_prepaid": _before,
    "not_yet": _not_yet,
    "overdue": _overdue,
    "reference_repeated": _repeated,
    "unpaid": _unpaid,
}
