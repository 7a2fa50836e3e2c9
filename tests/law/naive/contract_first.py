"""What must be paid first, and what must not stay unpaid: A18."""

from __future__ import annotations

from collections.abc import Iterator

from tests.law.naive.contract import DAY, NO, UNKNOWN, YES, Untold, worst
from tests.law.naive.contract_case import Case
from tests.law.naive.contract_due import DueLine, due_at, is_blind, netted
from tests.law.naive.contract_exclusive import released
from tests.law.naive.contract_fill import Cent, Claim, Leg, pour, reached
from tests.law.naive.contract_money import Book, fill, open_book, past_the_agency
from verifier.statements.types import Usage


def a18(case: Case, t: int) -> str:
    terms = case.terms
    answers = [YES]
    if terms.pay_first != "none":
        answers.append(first_paid(case))
    if terms.overdue_limit is not None:
        answers.append(overdue(case, t))
    return worst(answers)


def debts(book: Book) -> list[tuple[Leg, list[DueLine]]]:
    """The legs on which the licensee's side pays."""
    return [(leg, lines) for leg, lines in book.legs if leg.way != "from_agency"]


def first_paid(case: Case) -> str:
    """What had to be paid before the start was received before it.

    What a use's own entry made due comes after all that was due by then.
    """
    book, start = open_book(case.history, case.c), case.use.starts
    whole = fill(book.legs)
    answers = []
    for leg, lines in debts(book):
        if book.hides(leg):
            answers.append(UNKNOWN)
            continue
        came = [
            [cent for cent in (*own, *past_the_agency(leg, whole, side)) if cent.at < start]
            for own, side in ((leg.least, 1), (leg.most, 2))
        ]
        if any(line.step.open and is_wanted(case, book, line) for line in lines):
            answers.append(UNKNOWN)
            continue
        wanted = [line for line in left_of(lines) if is_wanted(case, book, line)]
        enough = [is_filled(case, leg, lines, wanted, cents) for cents in came]
        if enough[0]:
            answers.append(YES)
        elif start > case.history.instant:
            answers.append(UNKNOWN)
        else:
            answers.append(UNKNOWN if enough[1] or case.history.stale else NO)
    return worst(answers)


def is_wanted(case: Case, book: Book, line: DueLine) -> bool:
    step = line.step
    if case.terms.pay_first == "session":
        if step.usage is not None:
            return False
        return step.owed in ("use", "signed", "rata") or due_at(book.deal, book.money, step) < case.use.starts
    return step.entry is not None and step.entry.index == case.u.index


def left_of(lines: list[DueLine]) -> list[DueLine]:
    """The lines, what fell away of the consent's own left out, whenever it did (M6); what reports say is for later."""
    claims = dict.fromkeys(line.claim for line in lines if line.step.usage is None)
    left = [one for claim in claims for one in netted([line for line in lines if line.claim == claim])]
    return [line for line in lines if line.step.usage is not None] + left


def is_filled(case: Case, leg: Leg, lines: list[DueLine], wanted: list[DueLine], came: list[Cent]) -> bool:
    """Whether what had come fills all lines that are wanted, after those that arose before them.

    Later claims are there too, for money that names them: it goes there first (M6). What later reports add is not.
    """
    own: Claim = (case.u.logged, 1, case.u.index)
    there = [
        line for line in lines
        if line.step.usage is None or line.claim > own or (line.step.entry and line.step.entry.index <= case.u.index)
    ]  # fmt: skip
    dues: dict[Claim, int] = {}
    for line in there:
        dues[line.claim] = dues.get(line.claim, 0) + line.amount
    then = Leg(leg.payee, leg.way, dues, dues, dues, leg.last)
    filled = pour(then, dues, came)
    for claim in {line.claim for line in wanted}:
        if len(filled[claim]) < sum(line.amount for line in wanted if line.claim == claim):
            return False
    return True


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
    limit = case.terms.overdue_limit or 0
    return case.history.once(("overdue", case.consent.id), lambda: lines_due(case, limit))


def lines_due(case: Case, limit: int) -> list[tuple[float, float, int]]:
    book = open_book(case.history, case.c)
    whole = fill(book.legs)
    found = []
    for leg, lines in debts(book):
        sure = reached(leg, leg.most_due, leg.least + past_the_agency(leg, whole, 1))
        possible = reached(leg, leg.least_due, leg.most + past_the_agency(leg, whole, 2))
        for claim in leg.due:
            before = 0
            standing = netted([line for line in lines if line.claim == claim])
            for line in sorted(standing, key=lambda line: due_at(book.deal, book.money, line.step)):
                before += line.amount
                since = due_at(book.deal, book.money, line.step) + limit * DAY
                if line.step.open:  # whatever it comes to, and whatever came: it cannot be told
                    found.append((float("inf"), float("-inf"), since))
                    continue
                if before <= 0 or line.amount < 0:  # nothing is needed for it
                    continue
                times = (sure[claim], possible[claim])
                filled = [side[before - 1] if len(side) >= before else float("inf") for side in times]
                if book.hides(leg):
                    filled = [float("inf"), float("-inf")]
                found.append((filled[0], filled[1], since))
    return found


def wrongly_released(case: Case) -> set[int]:
    """Releases of the consent's exclusivity that were logged while nothing of it was overdue (A16)."""
    if "exclusive" not in case.consent.sections or (case.c.index, "exclusive") not in case.history.sections:
        return set()
    logged = {entry.index: entry.logged for entry in case.history.entries}
    if is_blind(case) and case.history.of(f"uses:{case.consent.id}", Usage):
        return set()
    try:
        late = [(sure, due) for sure, _, due in lines_due(case, 0)]
    except Untold:
        return set()
    return {
        index for index, _ in released(case.history, case.c)
        if not any(due < logged[index] < sure for sure, due in late)
    }  # fmt: skip


def instants(case: Case) -> Iterator[int]:
    """When A18 may change."""
    yield case.history.instant
    if case.terms.overdue_limit is not None:
        for sure, possible, since in overdue_lines(case):
            yield since
            yield from (int(at) for at in (sure, possible) if abs(at) != float("inf"))
