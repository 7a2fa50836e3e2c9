"""What must be paid first, and what must not stay unpaid: A18."""

from __future__ import annotations

from collections.abc import Iterator

from tests.law.naive.contract import DAY, NO, UNKNOWN, YES, worst
from tests.law.naive.contract_case import Case
from tests.law.naive.contract_due import DueLine, due_at, leg_total, members_of, netted
from tests.law.naive.contract_money import Book, Whole, endless, fill, open_book
from tests.support.naive_money import ENDLESS, Cent, Leg, carried, pour, reached
from verifier.statements.sections import ConsentMoney


def a18(case: Case, t: int) -> str:
    terms = case.terms
    answers = [YES]
    if terms.pay_first != "none":
        answers.append(first_paid(case))
    if terms.overdue_limit is not None:
        answers.append(overdue(case, t))
    return worst(answers)


def debts(book: Book) -> list[tuple[Leg, list[DueLine], bool]]:
    """The legs on which the licensee's side pays, and whether something about what came is hidden."""
    return [
        (leg, lines, book.hides(leg))
        for leg, lines in book.legs
        if leg.way != "from_agency"
    ]


def first_paid(case: Case) -> str:
    """What had to be paid before the start was received before it.

    The flat fee comes first, whatever money names. What a use's own entry made due comes after all that was due by
    then.
    """
    book, money = open_book(case), case.history.section(case.c, "money")
    start = case.use.starts
    by_then = {usage for usage in book.legs[0][0].due if usage <= case.u.index}
    full: Whole = {(leg.payee, leg.way): filled for leg, filled in fill(book.legs, endless(case, money))}
    answers = []
    for leg, lines, hidden in debts(book):
        if hidden:
            answers.append(UNKNOWN)
            continue
        came = [
            [cent for cent in (*own, *passed) if cent.at < start]
            for own, passed in zip((leg.least, leg.most), past_the_agency(leg, full), strict=True)
        ]
        if case.terms.pay_first == "session":
            flat = sum(fee.amount or 0 for fee in money.fees if fee.per == "flat")
            wanted = flat_share(case, book, leg, flat)
            enough = [len(cents) >= wanted for cents in came]
        else:
            dues = leg.due | {
                usage: sum(line.amount for line in lines if line.usage == usage and line.entry.index <= case.u.index)
                for usage in by_then
            }
            then = Leg(leg.payee, leg.way, dues, leg.last)
            wanted = dues[case.u.index]
            enough = [len(pour(then, dues, cents)[case.u.index]) >= wanted for cents in came]
        if enough[0]:
            answers.append(YES)
        elif start > case.history.instant:
            answers.append(UNKNOWN)
        else:
            answers.append(UNKNOWN if enough[1] or case.history.stale else NO)
    return worst(answers)


def past_the_agency(leg: Leg, full: Whole) -> tuple[list[Cent], list[Cent]]:
    """What was paid to those whose part goes through the agency, for certain and at most, where that counts."""
    if leg.way != "to_agency":
        return [], []
    passed = [filled for (_, way), filled in full.items() if way == "from_agency"]
    return [cent for _, sure, _ in passed for cent in carried(sure)], [
        cent for *_, most in passed for cent in carried(most)
    ]


def flat_share(case: Case, book: Book, leg: Leg, flat: int) -> int:
    for payee, way, members, bp in members_of(book.shares, case.consent.parties.agency):
        if (payee, way) == (leg.payee, leg.way):
            return leg_total(flat, book.shares, members, bp)
    raise AssertionError


def overdue(case: Case, t: int) -> str:
    """Whether a line under the consent is overdue for longer than the terms allow."""
    history = case.history
    if t >= history.instant:
        return YES
    answers = []
    for sure, possible, since in overdue_lines(case):
        if t >= since:
            answers.append(YES if t >= sure else UNKNOWN if t >= possible or history.stale else NO)
    return worst(answers)


def overdue_lines(case: Case) -> list[tuple[float, float, int]]:
    """Of each line: when it is filled by the least, when by the most, and since when it is overdue for too long."""
    return case.history.once(("overdue", case.consent.id), lambda: _overdue_lines(case))


def _overdue_lines(case: Case) -> list[tuple[float, float, int]]:
    book = open_book(case)
    money: ConsentMoney = case.history.section(case.c, "money")
    limit = case.terms.overdue_limit or 0
    endless_uses = endless(case, money)
    full: Whole = {(leg.payee, leg.way): filled for leg, filled in fill(book.legs, endless_uses)}
    found = []
    for leg, lines, hidden in debts(book):
        past = past_the_agency(leg, full)
        most_due = {usage: ENDLESS if leg.grows and usage in endless_uses else due for usage, due in leg.due.items()}
        sure = reached(leg, most_due, leg.least + past[0])
        possible = reached(leg, leg.due, leg.most + past[1])
        for usage in leg.due:
            standing = netted([line for line in lines if line.usage == usage])
            before = 0
            for line in standing:
                before += line.amount
                if before <= 0 or line.amount < 0:  # nothing is needed for it
                    continue
                times = (sure[usage], possible[usage])
                filled = [side[before - 1] if len(side) >= before else float("inf") for side in times]
                filled = [float("inf"), float("-inf")] if hidden else filled
                found.append((filled[0], filled[1], due_at(case, money, line) + limit * DAY))
    return found


def instants(case: Case) -> Iterator[int]:
    """When A18 may change."""
    yield case.history.instant
    if case.terms.overdue_limit is not None:
        for sure, possible, since in overdue_lines(case):
            yield since
            yield from (int(at) for at in (sure, possible) if abs(at) != float("inf"))
