"""Whether what is due under a consent was paid: M4's answer, M3's two legs, M6's dates, M8."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.law.naive.contract import DAY, UNKNOWN, History, Untold, told
from tests.law.naive.contract_came import cents_of
from tests.law.naive.contract_case import Case, Grant
from tests.law.naive.contract_due import (
    DueLine,
    due_at,
    is_blind,
    legs_of,
    members_of,
    netted,
    runs,
    shares_of,
    steps_of,
)
from tests.law.naive.contract_fill import (
    ENDLESS,
    OF_CONSENT,
    Cent,
    Claim,
    Filled,
    Leg,
    Tag,
    carried,
    of_consent,
    pour,
    reached,
)
from tests.law.naive.contract_use import uses_and_reports
from tests.support.naive_money import Share
from verifier.rules.model.record import Entry
from verifier.statements.sections import ConsentMoney
from verifier.statements.types import Adjustment, Payment, Receipt, Usage

PAID, NOT_PAID, CANNOT_TELL, NOT_YET_DUE = "PAID", "NOT_PAID", "CANNOT_TELL", "NOT_YET_DUE"
YEAR = 365 * DAY
"""No notice is longer."""
WORST = (NOT_PAID, CANNOT_TELL, NOT_YET_DUE, PAID)

Row = tuple[str, str, str, str, int, int, int | None, int | None]
"""Payee, leg, of, answer, due, received, due at, days late."""


@dataclass(frozen=True)
class Paid:
    """``lines`` is None where there are no figures."""

    answer: str
    lines: tuple[Row, ...] | None = None


@dataclass
class Book:
    """Of one consent: its legs, and what came to each."""

    deal: Grant
    money: ConsentMoney
    legs: list[tuple[Leg, list[DueLine]]]
    shares: list[Share]
    untold: set[str]
    """Payees of whom something is hidden."""
    past_agency: bool = False
    """Whether it cannot be told what the licensee's side paid them past the agency."""

    def hides(self, leg: Leg) -> bool:
        return leg.payee in self.untold or (leg.way == "to_agency" and self.past_agency)


def open_book(history: History, c: Entry) -> Book:
    return history.once(("book", c.index), lambda: _open_book(Grant(history, c)))


def _open_book(deal: Grant) -> Book:
    history, consent = deal.history, deal.consent
    money: ConsentMoney = history.section(deal.c, "money")
    for entry, _ in uses_and_reports(history, [consent.id]):
        history.section(entry, "terms")  # M4: while one is not disclosed nothing can be told
    shares = shares_of(deal, money)
    book = Book(deal, money, legs_of(deal, money, shares), shares, set())
    named: dict[str, Tag] = {
        said.id: (entry.logged, 1, entry.index) for entry, said in reversed(history.of(f"uses:{consent.id}", Usage))
    }
    named[consent.id] = OF_CONSENT
    for leg, _ in book.legs:
        try:
            leg.least, leg.most = cents_of(deal, leg.payee, money.currency, named)
        except Untold:
            book.untold.add(leg.payee)
            book.past_agency |= leg.way == "from_agency" and by_licensees(deal, leg.payee)
    return book


def by_licensees(case: Case, payee: str) -> bool:
    """Whether anything says that the licensee or a sub-licensee paid a payee; of what is hidden nobody knows."""
    licensees = (case.consent.parties.licensee, *(case.consent.sublicensees or ()))
    try:
        said = case.history.touching(f"account:{case.consent.id}")
    except Untold:
        return True
    return any(
        isinstance(entry.statement, Payment | Receipt | Adjustment)
        and entry.statement.parties.payee == payee
        and entry.statement.parties.payer in licensees
        for entry in said
    )


def paid(case: Case) -> Paid:
    """M8: what is told of a usage, by its own lines and the consent's that arose by the instant."""
    own = (case.u.logged, 1, case.u.index)
    return answered(case.history, case.c, {"usage": lambda claim: claim == own, "consent": of_consent})


def paid_of_consent(history: History, c: Entry) -> Paid:
    return answered(history, c, {"consent": of_consent})


def answered(history: History, c: Entry, rows: dict[str, Callable[[Claim], bool]]) -> Paid:
    """While the terms are hidden: what holds whatever notice they give."""
    assumed = [history.assuming(notice) for notice in notices(history, c)]
    said = [_answered(one, c, rows) for one in assumed or [history]]
    answers = {one.answer for one in said}
    if len(answers) == 1:
        return said[0]
    return Paid(NOT_YET_DUE if answers <= {PAID, NOT_YET_DUE} else CANNOT_TELL)


def notices(history: History, c: Entry) -> list[int]:
    """Where the terms are hidden: the notices with which dates of the consent part, none and a year among them."""
    if (c.index, "money") not in history.sections or told(lambda: str(Grant(history, c).terms)) != UNKNOWN:
        return []
    money: ConsentMoney = history.sections[c.index, "money"]
    dates = {fee.at for fee in money.fees if fee.at is not None}
    apart = {date - entry.logged for date in dates for entry in history.entries}
    return sorted({0, YEAR, *(more for one in apart for more in (one, one + 1) if 0 < more < YEAR)})


def _answered(history: History, c: Entry, rows: dict[str, Callable[[Claim], bool]]) -> Paid:
    try:
        book = open_book(history, c)
    except Untold:
        return Paid(CANNOT_TELL)
    whole = fill(book.legs)
    found = [
        row(book, leg, lines, filled, whole, of, [claim for claim in leg.due if chosen(claim)])
        for (leg, lines), (_, filled) in zip(book.legs, in_order(book.legs, whole), strict=True)
        for of, chosen in rows.items()
    ]
    if history.clock_behind:  # how late it is nobody can tell, so neither what is due
        found = [(*one[:3], CANNOT_TELL, *one[4:]) for one in found]
    answer = min((line[3] for line in found), key=WORST.index, default=PAID)
    return Paid(answer, None if book.untold or is_blind(book.deal) else tuple(sorted(found)))


def in_order(legs: Sequence[tuple[Leg, list[DueLine]]], whole: list[tuple[Leg, Filling]]) -> list[tuple[Leg, Filling]]:
    return [next((leg, filled) for leg, filled in whole if leg is wanted) for wanted, _ in legs]


def row(
    book: Book, leg: Leg, lines: list[DueLine], filled: Filling, whole: list[tuple[Leg, Filling]], of: str,
    claims: list[Claim],
) -> Row:  # fmt: skip
    history, (shown, sure, possible) = book.deal.history, filled
    if book.hides(leg) or (of == "usage" and is_blind(book.deal)):
        said = CANNOT_TELL
    else:
        fallen = [fallen_due(book, leg, lines, whole, claim) for claim in claims]
        apart = [comes_after_hidden(book, claim) and gets_anything(book, leg) for claim in claims]
        if all(len(sure[claim]) >= leg.most_due[claim] for claim in claims) and not any(apart):
            said = PAID
        elif any(
            len(possible[claim]) < least and not hidden
            for claim, (least, _), hidden in zip(claims, fallen, apart, strict=True)
        ):
            said = CANNOT_TELL if history.stale else NOT_PAID
        elif not any(apart) and all(len(sure[claim]) >= most for claim, (_, most) in zip(claims, fallen, strict=True)):
            said = NOT_YET_DUE
        else:
            said = CANNOT_TELL
    credit = sum(cent.credit for claim in claims for cent in shown[claim])
    due = sum(leg.due[claim] for claim in claims)
    received = sum(leg.due[claim] if leg.due[claim] < 0 else len(shown[claim]) for claim in claims)
    dated: list[tuple[int, int | None, int | None]] = []
    times = reached(leg, leg.due, leg.least + past_the_agency(leg, whole, 0))
    for claim in claims:
        since = passed_on_at(claim, whole, book.legs)
        needed = 0
        standing = netted([line for line in lines if line.claim == claim])
        for line in sorted(standing, key=lambda line: due_at(book.deal, book.money, line.step)):
            needed += line.amount
            at = since if leg.way == "from_agency" else due_at(book.deal, book.money, line.step)
            full = len(times[claim]) >= needed
            when = (times[claim][needed - 1] if needed > 0 else line.step.at) if full else None
            dated.append((line.amount, at, when))
    at, late = latest(dated, history.instant)
    untold = history.stale or said == CANNOT_TELL
    return leg.payee, leg.way, of, said, due - credit, received - credit, at, None if untold else late


def fallen_due(
    book: Book, leg: Leg, lines: list[DueLine], whole: list[tuple[Leg, Filling]], claim: Claim
) -> tuple[int, int]:
    """D: how much of a claim has fallen due by the instant, at least and at most."""
    least = most = 0
    instant = book.deal.history.instant
    since = passed_on_at(claim, whole, book.legs) if leg.way == "from_agency" else None
    mine = [line for line in lines if line.claim == claim]

    def come(line: DueLine) -> bool:
        at = due_at(book.deal, book.money, line.step)
        if leg.way == "from_agency":  # 45 days after the agency had it all, or had to have it
            at = at + 45 * DAY if since is None else since
        return at <= instant

    for line in netted([line for line in mine if not line.step.open]):
        if line.amount > 0 and come(line):
            least += line.amount
            most += line.amount
    if leg.most_due[claim] == ENDLESS and (at_once(book, claim) or any(come(line) for line in opening(book, claim))):
        most = ENDLESS
    return least, most


def comes_after_hidden(book: Book, claim: Claim) -> bool:
    """Whether a line of the consent arose after one of a use of which nothing can be told: its share turns on that."""
    if not of_consent(claim) or not is_blind(book.deal):
        return False
    claims = [step.claim for step in steps_of(book.deal, book.money)]
    return any(not of_consent(one) for one in claims[: claims.index(claim)])


def gets_anything(book: Book, leg: Leg) -> bool:
    """Whether its payee is owed more than nothing of what it is the share of."""
    members = members_of(book.shares, book.deal.consent.parties.agency)
    return any(bp for payee, way, _, bp in members if (payee, way) == (leg.payee, leg.way))


def at_once(book: Book, claim: Claim) -> bool:
    """Whether what is open is not because of a use nothing was reported: nothing is known of it, or it is the consent's
    line, which cannot be told once it arose."""
    if of_consent(claim):
        return True
    usage = next(entry for entry in book.deal.history.entries if entry.index == claim[2])
    case = Case(book.deal.history, usage)
    return is_blind(book.deal) or not runs(case)


def opening(book: Book, claim: Claim) -> list[DueLine]:
    """The lines whose due date is that of what is open of a claim: the consent's open ones, or a usage's own entry."""
    steps = [step for step in steps_of(book.deal, book.money) if step.claim == claim]
    return [DueLine(step, 0) for step in (steps[:1] if not of_consent(claim) else [one for one in steps if one.open])]


def passed_on_at(
    claim: Claim, whole: list[tuple[Leg, Filling]], legs: Sequence[tuple[Leg, list[DueLine]]]
) -> int | None:
    """M3: 45 days after the agency surely had all of a claim's sum."""
    for leg, (_, sure, _) in whole:
        if leg.way == "to_agency":
            wanted = leg.most_due[claim]
            times = list(reached(leg, leg.most_due, leg.least + past_the_agency(leg, whole, 1))[claim])
            times += [line.step.at for other, lines in legs if other is leg for line in lines if line.claim == claim]
            return max(times) + 45 * DAY if len(sure[claim]) >= wanted and times else None
    return None


def past_the_agency(leg: Leg, whole: list[tuple[Leg, Filling]], side: int) -> list[Cent]:
    """What was paid to those whose part goes through the agency, where that counts."""
    if leg.way != "to_agency":
        return []
    return [cent for other, filled in whole if other.way == "from_agency" for cent in carried(filled[side])]


def latest(lines: list[tuple[int, int | None, int | None]], instant: int) -> tuple[int | None, int]:
    """M6: when the line that is late longest fell due, and the days begun since; if none is late, 0 days and the date
    of the first that is not filled, else of the last. Lines are an amount, a due date, and when it was filled."""
    found: list[tuple[int, bool, int | None]] = []
    for amount, at, when in lines:
        if amount <= 0:
            continue
        until = instant if when is None else min(when, instant)
        found.append((0 if at is None else max(0, -((at - until) // DAY)), when is not None, at))
    for days, _, at in found:
        if days and days == max(late for late, _, _ in found):
            return at, days
    waiting = [at for _, filled, at in found if not filled]
    return (waiting[0] if waiting else found[-1][2] if found else None), 0


def overpaid(history: History, c: Entry) -> set[int] | None:
    """The first entries of money that surely came and fills nothing (M6); None where it cannot be told."""
    try:
        book = open_book(history, c)
        if book.untold or is_blind(book.deal):
            return None
        owed = {leg.payee for leg, _ in book.legs}
        said = [entry.statement for entry in history.touching(f"account:{book.deal.consent.id}")]
        payees = {one.parties.payee for one in said if isinstance(one, Payment | Receipt | Adjustment)} - {None, *owed}
        found = [cent for payee in payees for cent in cents_of(book.deal, str(payee), book.money.currency, {})[0]]
    except Untold:
        return None
    whole = fill(book.legs)
    for leg, (_, sure, _) in whole:
        left = leg.least + past_the_agency(leg, whole, 1)
        for cent in (one for cents in sure.values() for one in cents):
            if cent in left:
                left.remove(cent)
        found += left
    return {cent.first for cent in found if not cent.credit}


Filling = tuple[Filled, Filled, Filled]
"""As shown, for certain, and at most."""


def fill(legs: Sequence[tuple[Leg, list[DueLine]]]) -> list[tuple[Leg, Filling]]:
    """Each leg, filled as shown, for certain and at most."""
    found = []
    passed: list[list[Cent]] = [[], [], []]
    for leg, _ in sorted(legs, key=lambda pair: pair[0].way == "to_agency"):
        extra = passed if leg.way == "to_agency" else [[], [], []]
        filled = (
            pour(leg, leg.due, leg.least + extra[0]),
            pour(leg, leg.most_due, leg.least + extra[1]),
            pour(leg, leg.least_due, leg.most + extra[2]),
        )
        if leg.way == "from_agency":
            for place, one in enumerate(filled):
                passed[place] += carried(one)
        found.append((leg, filled))
    return found
