"""What is due under a consent and what came of it, cent by cent: M1 to M8, and A18.

Filling and sharing out are those of ``tests/support/naive_money.py``; here is who is owed what by the entries of a log.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.law.naive.contract import DAY, History, Untold
from tests.law.naive.contract_case import Case
from tests.law.naive.contract_due import DueLine, due_at, legs_of, makes_sense, netted, no_bound, shares_of
from tests.law.naive.contract_people import one_control
from tests.law.naive.contract_signers import guardian_of, live
from tests.law.naive.contract_use import uses_and_reports
from tests.support.naive_money import ENDLESS, Cent, Leg, Share, carried, grouped, pour, reached
from verifier.rules.model.record import Entry
from verifier.statements.sections import AdjustmentMoney, ConsentMoney, MoneyLine
from verifier.statements.types import (
    Adjustment,
    Dispute,
    Payment,
    Receipt,
    Ruling,
    Usage,
)

PAID, NOT_PAID, CANNOT_TELL = "PAID", "NOT_PAID", "CANNOT_TELL"

Line = tuple[str, str, str, int, int, int | None, int | None]
"""Payee, leg, answer, due, received, due at, days late."""


@dataclass(frozen=True)
class Paid:
    """``lines`` is None where there are no figures."""

    answer: str
    lines: tuple[Line, ...] | None = None


# ---- M4, M5, M7: what came


def grade(case: Case, paper: Entry) -> int:
    """How much a word is worth."""
    history, named = case.history, paper.statement.parties
    best = 4 if isinstance(paper.statement, Receipt) else 3 if named.provider is not None else 1
    if one_control(history, named.payer, [named.payee]):
        return 1
    if named.provider is not None:
        sides = [named.payer, case.consent.parties.licensee, *(case.consent.sublicensees or ())]
        if case.consent.parties.agency != named.payee:
            sides.append(case.consent.parties.agency)
        if one_control(history, named.provider, sides) or claimed_unpaid(case, paper):
            return 1
    return best


def claimed_unpaid(case: Case, paper: Entry) -> bool:
    """Whether the payee says that the money did not arrive, and nobody ruled."""
    history = case.history
    return any(
        said.tag == "unpaid" and said.parties.author == paper.statement.parties.payee and paper.statement.id in said.of
        and not settled(history, entry, said)
        for entry, said in history.of(f"consent:{case.consent.id}", Dispute)
    )  # fmt: skip


def settled(history: History, entry: Entry, said: Dispute) -> bool:
    """By a ruling on the dispute, or by later ones on all that it names."""
    rulings = [one for other, one in history.of(f"consent:{said.consent}", Ruling)
               if other.index > entry.index and one.consent == said.consent]  # fmt: skip
    ruled = {id for one in rulings for id in one.of}
    return said.id in ruled or set(said.of) <= ruled


def papers_of(case: Case, payee: str) -> list[Entry]:
    found = []
    for entry in case.history.touching(f"account:{case.consent.id}"):
        said = entry.statement
        if isinstance(said, Payment | Receipt) and said.parties.payee == payee and case.history.good(entry):
            found.append(entry)
    return found


Sides = dict[str, dict[str, list[Cent]]]


def cents_of(case: Case, payee: str, currency: str, usages: dict[str, int]) -> tuple[list[Cent], list[Cent]]:
    """The cents that surely came to a payee, and those that came at most. ``usages``: statement id -> index."""
    history = case.history
    groups: dict[str, list[Entry]] = {}
    for paper in papers_of(case, payee):
        money = history.section(paper, "money")  # M4: while one is not disclosed nothing can be told
        if money.lines and sum(line.amount for line in money.lines) != money.amount:
            raise Untold("bad_terms")
        groups.setdefault(history.section(paper, "evidence").reference, []).append(paper)
    sides: Sides = {"least": {}, "most": {}}
    licensees = (case.consent.parties.licensee, *(case.consent.sublicensees or ()))
    for reference, papers in groups.items():
        counted = first_of_each(papers)
        grades = {paper.index: grade(case, paper) for paper in counted}
        solid = max(grades.values()) > 1
        heard = [paper for paper in counted if grades[paper.index] > 1] if solid else counted
        amounts = {paper.index: history.section(paper, "money").amount for paper in heard}
        foreign = [paper for paper in heard if history.section(paper, "money").currency != currency]
        own = [paper for paper in heard if paper not in foreign]
        least = min((amounts[paper.index] for paper in own), default=0)
        most = max((amounts[paper.index] for paper in own), default=0)
        if foreign:
            receipts = [amounts[paper.index] for paper in own if isinstance(paper.statement, Receipt)]
            least, most = (receipts[0], receipts[0]) if receipts else (least, ENDLESS_MANY)
        words = {paper.index: word(paper) for paper in heard}
        payer = next(p.statement.parties.payer for p in heard if words[p.index] == max(words.values()))
        plain = [paper for paper in counted if history.section(paper, "money").currency == currency]
        named = [p for p in plain if isinstance(p.statement, Payment)] + [
            p for p in plain if isinstance(p.statement, Receipt)
        ]
        lines = next(
            (history.section(paper, "money").lines for paper in named if history.section(paper, "money").lines), ()
        )
        again = repeats(papers)
        payers = {payer, *(paper.statement.parties.payer for paper in again)}
        sides["least"][reference] = cents_for(
            least if solid else 0, tags_of(lines, least if solid else 0, usages),
            max(when(history, paper) for paper in heard), papers[0], payer in licensees,
        )  # fmt: skip
        more, named_by = raised(history, again, most, currency)
        sides["most"][reference] = cents_for(
            most + more, tags_of(lines, most, usages) + tags_of(named_by, more, usages),
            min(when(history, paper) for paper in [*heard, *again]), papers[0], not payers.isdisjoint(licensees),
        )  # fmt: skip
    credits = adjust(case, payee, currency, sides, groups, usages)
    found = {
        side: [cent for group in parts.values() for cent in group] + credits[side] for side, parts in sides.items()
    }
    return found["least"], found["most"]


def cents_for(amount: int, tags: list[int], at: int, first: Entry, licensee: bool) -> list[Cent]:
    """So many cents, the first of them for the usages that are named."""
    free = [None] * (amount - len(tags))
    return [Cent(at, first.index, tag, licensee) for tag in [*grouped(tags), *free]]


def signer_of(paper: Entry) -> str | None:
    """Whose word a payment or receipt is."""
    named = paper.statement.parties
    return named.payee if isinstance(paper.statement, Receipt) else named.provider or named.payer


def repeats(papers: list[Entry]) -> list[Entry]:
    """The entries of signers who used this reference more than once."""
    signers = [signer_of(paper) for paper in papers]
    return [paper for paper in papers if signers.count(signer_of(paper)) > 1]


def raised(history: History, again: list[Entry], most: int, currency: str) -> tuple[int, list[MoneyLine]]:
    """How much more may have come, if all that one signer says counts; and what her further entries are for."""
    more, lines = 0, []
    for signer in dict.fromkeys(signer_of(paper) for paper in again):
        own = [history.section(paper, "money") for paper in again if signer_of(paper) == signer]
        total = sum(money.amount if money.currency == currency else ENDLESS_MANY for money in own)
        if most < ENDLESS_MANY and total - most > more:
            more = min(total, ENDLESS_MANY) - most
            lines = [line for money in own[1:] if money.currency == currency for line in money.lines]
    return more, lines


def repeated(case: Case) -> set[int]:
    """The entries of which a reader is warned: a signer's under one reference, where she has several.

    There is no account of a consent whose money cannot be read.
    """
    history = case.history
    if (case.c.index, "money") not in history.sections or not all(
        makes_sense(fee) for fee in history.section(case.c, "money").fees
    ):
        return set()
    groups: dict[tuple[str | None, str], list[Entry]] = {}
    for entry in history.touching(f"account:{case.consent.id}"):
        readable = {(entry.index, name) in history.sections for name in ("money", "evidence")} == {True}
        if not (isinstance(entry.statement, Payment | Receipt) and readable and history.good(entry)):
            continue
        money = history.section(entry, "money")
        if not money.lines or sum(line.amount for line in money.lines) == money.amount:
            key = entry.statement.parties.payee, history.section(entry, "evidence").reference
            groups.setdefault(key, []).append(entry)
    return {paper.index for papers in groups.values() for paper in repeats(papers)}


def tags_of(lines: Iterable[MoneyLine], amount: int, usages: dict[str, int]) -> list[int]:
    """For which usages the cents of an amount are, line by line as far as it reaches; what names none is free."""
    named = [usages.get(line.for_) for line in lines for _ in range(line.amount)][:amount]
    return [usage for usage in named if usage is not None]


ENDLESS_MANY = 3_000
"""More cents than are due in any history."""


def word(paper: Entry) -> int:
    """How good a word is before anything lowers it: whose naming of the payer is heard."""
    return 4 if isinstance(paper.statement, Receipt) else 3 if paper.statement.parties.provider else 1


def first_of_each(papers: list[Entry]) -> list[Entry]:
    """Of several entries of one signer the first counts in the least."""
    found: dict[str | None, Entry] = {}
    for paper in papers:
        found.setdefault(signer_of(paper), paper)
    return sorted(found.values(), key=lambda paper: paper.index)


def when(history: History, paper: Entry) -> int:
    """M6: never later than logged."""
    money = history.section(paper, "money")
    said: int = money.received_at if isinstance(paper.statement, Receipt) else money.settled_at
    return min(said, paper.logged)


def adjust(
    case: Case, payee: str, currency: str, sides: Sides, groups: dict[str, list[Entry]], usages: dict[str, int]
) -> dict[str, list[Cent]]:
    """Take back what was returned; the cents that are let off, on both sides."""
    history = case.history
    credits: dict[str, list[Cent]] = {"least": [], "most": []}
    for entry, said in history.of(f"account:{case.consent.id}", Adjustment):
        if said.parties.payee != payee:
            continue
        money: AdjustmentMoney = history.section(entry, "money")
        tags = [usages[line.for_] for line in money.lines if line.for_ in usages for _ in range(line.amount)][
            : money.amount
        ]
        if not money.amount:
            continue
        if said.kind == "credit":
            licensees = (case.consent.parties.licensee, *(case.consent.sublicensees or ()))
            by_licensee = said.parties.payer in licensees
            own = money.currency == currency
            amount = money.amount if own else ENDLESS_MANY
            tags = tags_of(money.lines, money.amount, usages)
            for tag in [*tags, *[None] * (amount - len(tags))]:
                cent = Cent(entry.logged, entry.index, tag, by_licensee, credit=True)
                credits["most"].append(cent)
                if own:
                    credits["least"].append(cent)
            continue
        touched: dict[str, list[str]] = {"least": [], "most": []}
        for paper in sorted((one for papers in groups.values() for one in papers), key=lambda paper: paper.index):
            if paper.statement.id in (said.of or ()) and paper.index < entry.index:
                for side in returned(history, entry, said, paper):
                    touched[side].append(history.section(paper, "evidence").reference)
        if money.currency != currency:  # nobody knows how much of it: perhaps all, perhaps nothing
            for reference in touched["least"]:
                sides["least"][reference] = []
            continue
        order = dict.fromkeys(touched["least"])
        for side, references in touched.items():
            left = money.amount
            for reference in order:
                if reference in references:
                    before = len(sides[side][reference])
                    take_back(sides[side][reference], left, list(tags))
                    left -= before - len(sides[side][reference])
    return credits


def returned(history: History, entry: Entry, said: Adjustment, paper: Entry) -> list[str]:
    """What a return lowers: both sides if it re-opens, the least alone if only she says so, nothing if it fits none."""
    theirs, named = paper.statement.parties, said.parties

    def signed(party: str | None) -> bool:
        """She did, or her guardian and, if she has keys, she."""
        guardian = guardian_of(history, party, entry)
        whole = [one for one in (party, guardian) if one and (one == guardian or live(history, one, entry.index))]
        return bool(whole) and all(entry.signers & live(history, one, entry.index) for one in whole)

    by_provider = signed(named.provider) and named.provider == theirs.provider
    by_payer = signed(named.payer) and named.payer == theirs.payer
    if by_payer or (by_provider and not one_control(history, named.provider, [named.payee])):
        return ["least", "most"]
    return ["least"] if by_provider or signed(named.payee) else []


def take_back(group: list[Cent], amount: int, named: list[int]) -> None:
    for _ in range(min(amount, len(group))):
        wanted = next((tag for tag in named if any(cent.usage == tag for cent in group)), None)
        if wanted is not None:
            named.remove(wanted)
            del group[max(i for i, cent in enumerate(group) if cent.usage == wanted)]
        else:
            named = []
            free = [i for i, cent in enumerate(group) if cent.usage is None]
            del group[free[-1] if free else -1]


# ---- the answers


@dataclass
class Book:
    """Of one consent: its legs, and what came to each."""

    legs: list[tuple[Leg, list[DueLine]]]
    shares: list[Share]
    untold: set[str]
    """Payees of whom something is hidden."""
    past_agency: bool = False
    """Whether it cannot be told what the licensee's side paid them past the agency."""

    def hides(self, leg: Leg) -> bool:
        return leg.payee in self.untold or (leg.way == "to_agency" and self.past_agency)


def open_book(case: Case) -> Book:
    history = case.history
    money: ConsentMoney = history.section(case.c, "money")
    case.terms  # noqa: B018 -- caps, overage, notice and sell-off bear on what is due
    for entry, _ in uses_and_reports(history, [case.consent.id]):
        history.section(entry, "terms")  # M4: while one is not disclosed nothing can be told
    shares = shares_of(case, money)
    legs = legs_of(case, money, shares)
    usages = {said.id: entry.index for entry, said in reversed(history.of(f"uses:{case.consent.id}", Usage))}
    book = Book(legs, shares, set())
    for leg, _ in legs:
        try:
            leg.least, leg.most = cents_of(case, leg.payee, money.currency, usages)
        except Untold:
            book.untold.add(leg.payee)
            book.past_agency |= leg.way == "from_agency" and by_licensees(case, leg.payee)
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
    """M8: the usage as a whole, and each payee's leg."""
    history = case.history
    try:
        book = open_book(case)
        money: ConsentMoney = history.section(case.c, "money")
        endless_uses = endless(case, money)
    except Untold:
        return Paid(CANNOT_TELL)
    found: list[Line] = []
    whole = fill(book.legs, endless_uses)
    lines = {(leg.payee, leg.way): these for leg, these in book.legs}
    for leg, filled in whole:
        shown, sure, possible = filled
        usage = case.u.index
        due = leg.due[usage]
        if book.hides(leg):
            said = CANNOT_TELL
        elif len(sure[usage]) >= (ENDLESS if leg.grows and usage in endless_uses else due):
            said = PAID
        elif len(possible[usage]) < due:
            said = CANNOT_TELL if history.stale else NOT_PAID
        else:
            said = CANNOT_TELL
        credit = sum(cent.credit for cent in shown[usage])
        mine = [line for line in lines[leg.payee, leg.way] if line.usage == usage]
        if leg.way == "from_agency":
            since = passed_on_at(usage, whole, lines, endless_uses)
            dates = [(line, since) for line in netted(mine)]
        else:
            dates = [(line, due_at(case, money, line)) for line in netted(mine)]
        times = reached(leg, leg.due, leg.least + past_the_agency(leg, whole, 0))[usage]
        at, late = latest(dates, times, history.instant)
        received = due if due < 0 else len(shown[usage]) - credit
        untold = history.stale or said == CANNOT_TELL
        found.append((leg.payee, leg.way, said, due - credit, received, at, None if untold else late))
    if history.clock_behind:  # how late it is nobody can tell, so neither what is due
        found = [(one[0], one[1], CANNOT_TELL, *one[3:]) for one in found]
    answers = {line[2] for line in found}
    answer = NOT_PAID if NOT_PAID in answers else CANNOT_TELL if CANNOT_TELL in answers else PAID
    return Paid(answer, None if book.untold else tuple(sorted(found)))


def passed_on_at(
    usage: int, whole: list[tuple[Leg, Filling]], lines: dict[tuple[str, str], list[DueLine]], endless_uses: set[int]
) -> int | None:
    """M3: 45 days after the agency surely had all of a usage's sum."""
    for leg, (_, sure, _) in whole:
        if leg.way == "to_agency":
            most_due = {one: ENDLESS if leg.grows and one in endless_uses else due for one, due in leg.due.items()}
            wanted = most_due[usage]
            times = reached(leg, most_due, leg.least + past_the_agency(leg, whole, 1))[usage]
            times += [line.entry.logged for line in lines[leg.payee, leg.way] if line.usage == usage]
            return max(times) + 45 * DAY if len(sure[usage]) >= wanted and times else None
    return None


def past_the_agency(leg: Leg, whole: list[tuple[Leg, Filling]], side: int) -> list[Cent]:
    """What was paid to those whose part goes through the agency, where that counts."""
    if leg.way != "to_agency":
        return []
    return [cent for other, filled in whole if other.way == "from_agency" for cent in carried(filled[side])]


def latest(lines: list[tuple[DueLine, int | None]], times: list[int], instant: int) -> tuple[int | None, int]:
    """M6: when the line that is late longest fell due, and the days begun since; if none is late, 0 days and the date
    of the first that is not filled, else of the last."""
    found: list[tuple[int, bool, int | None]] = []
    needed = 0
    for line, at in lines:
        needed += line.amount
        if line.amount < 0:
            continue
        filled = len(times) >= needed
        until = min(times[needed - 1] if needed > 0 else line.entry.logged, instant) if filled else instant
        found.append((0 if at is None else max(0, -((at - until) // DAY)), filled, at))
    for days, _, at in found:
        if days and days == max(late for late, _, _ in found):
            return at, days
    waiting = [at for _, filled, at in found if not filled]
    return (waiting[0] if waiting else found[-1][2] if found else None), 0


def endless(case: Case, money: ConsentMoney) -> set[int]:
    """The usages under the consent of which nobody knows how much more may be due."""
    own = [entry for entry, _ in case.history.of(f"uses:{case.consent.id}", Usage)]
    return {entry.index for entry in own if no_bound(Case(case.history, entry), money)}


Filled = dict[int, list[Cent]]
Filling = tuple[Filled, Filled, Filled]
"""As shown, for certain, and at most."""
Whole = dict[tuple[str, str], Filling]
"""Payee and leg -> how it is filled."""


def fill(
    legs: Sequence[tuple[Leg, list[DueLine]]], endless_uses: set[int]
) -> list[tuple[Leg, tuple[Filled, Filled, Filled]]]:
    """Each leg, filled as shown, for certain and at most."""
    found = []
    passed: list[list[Cent]] = [[], [], []]
    for leg, _ in sorted(legs, key=lambda pair: pair[0].way == "to_agency"):
        extra = passed if leg.way == "to_agency" else [[], [], []]
        most_due = {usage: ENDLESS if leg.grows and usage in endless_uses else due for usage, due in leg.due.items()}
        least, most = leg.least, leg.most
        filled = (
            pour(leg, leg.due, least + extra[0]),
            pour(leg, most_due, least + extra[1]),
            pour(leg, leg.due, most + extra[2]),
        )
        if leg.way == "from_agency":
            for place, one in enumerate(filled):
                passed[place] += carried(one)
        found.append((leg, filled))
    return found
