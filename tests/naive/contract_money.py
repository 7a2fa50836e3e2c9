"""What is due under a consent and what came of it, cent by cent: M1 to M8, and A18.

Filling and sharing out are those of ``tests/money/naive.py``; here is who is owed what by the entries of a log.
"""

# ruff: noqa: E501 -- tables read better in long rows

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

from tests.money.naive import ENDLESS, Cent, Leg, Share, carried, grouped, pour, share_out
from tests.naive.contract import DAY, NO, UNKNOWN, YES, History, Untold, worst
from tests.naive.contract_case import Case
from tests.naive.contract_standing import first_good, live, months_after
from tests.naive.contract_stops import Stop, revocations, suspensions
from tests.naive.contract_use import family_back, uses_and_reports
from verifier.rules.record import Entry
from verifier.statements.sections import AdjustmentMoney, ConsentMoney, Fee, UsageTerms
from verifier.statements.statement import (
    Adjustment,
    Dispute,
    Mandate,
    Payment,
    Receipt,
    Ruling,
    Usage,
)

PAID, NOT_PAID, CANNOT_TELL = "PAID", "NOT_PAID", "CANNOT_TELL"

Line = tuple[str, str, str, int, int]
"""Payee, leg, answer, due, received."""


@dataclass(frozen=True)
class Paid:
    """``lines`` is None where there are no figures."""

    answer: str
    lines: tuple[Line, ...] | None = None


# ---- M1: what is due


def window_at(history: History, usage: Entry, now: int) -> tuple[int, int]:
    """From when to when a usage's time is charged once ``now`` was logged."""
    case = Case(history, usage)
    start, end = case.use.starts, case.use.ends
    if start >= end:
        return start, start
    since = usage.index
    for entry, report in case.reports():
        if entry.index > now or report.ends is None:
            continue
        after = max(report.ends, end)
        if report.ends < end:
            cuts = [cut for cut in cuts_of(case) if since < cut.index < entry.index]
            taking = [cut.start for cut in cuts if cut.start + case.terms.sell_off < end and cut.start < end]
            after = max(report.ends, min(taking)) if taking else end
            after = max(min(after, end), start)
        since = entry.index if after < end else since
        end = after
    return start, end


def cuts_of(case: Case) -> list[Stop]:
    """The revocations and suspensions that were logged after a use."""
    return [stop for stop in revocations(case) + suspensions(case) if stop.index > case.u.index]


def units_at(history: History, pairs: Sequence[tuple[Entry, Entry]], fee: Fee, now: int) -> int:
    """How many units of a fee there were over all usages once ``now`` was logged."""
    usages = [entry for entry, usage in pairs if entry is usage and entry.index <= now]
    total = 0
    stretches: set[int] = set()
    for usage in usages:
        assert isinstance(usage.statement, Usage)
        reports = [(e, r) for e, r in Case(history, usage).reports() if e.index <= now]
        match fee.per:
            case "use":
                total += 1
            case "image":
                use: UsageTerms = history.section(usage, "terms")
                told = [report.images or 0 for _, report in reports]
                total += max([len(usage.statement.assets), use.units.get("images", 0), *told])
            case "mille":
                history.section(usage, "terms")
                total += max([sum(line.impressions for line in report.lines) for _, report in reports], default=0)
            case "day" | "month":
                start, end = window_at(history, usage, now)
                if fee.once:
                    stretches |= {
                        stretch(second, fee.per) for second in (*range(start, end, DAY // 4), end - 1) if start < end
                    }
                else:
                    total += begun(start, end, fee.per)
            case _:
                pass
    return len(stretches) if fee.once else total


def stretch(second: int, per: str) -> int:
    """The day or month of the calendar that a second lies in."""
    from datetime import UTC, datetime

    then = datetime.fromtimestamp(second, UTC)
    return then.toordinal() if per == "day" else then.year * 12 + then.month


def begun(start: int, end: int, per: str) -> int:
    """Days or months begun, from the use's own start."""
    count = 0
    while (start + count * DAY if per == "day" else months_after(start, count)) < end:
        count += 1
    return count


def price(fee: Fee, units: int) -> Fraction:
    """Of so many units from the first on."""
    total = 0
    for unit in range(units):
        tiers = fee.tiers
        amount = [tier.amount for tier in tiers if tier.from_ <= unit][-1] if tiers else fee.amount or 0
        total += amount if unit >= fee.above else 0
    return Fraction(total, 1000 if fee.per == "mille" else 1)


def running_totals(case: Case, money: ConsentMoney) -> list[tuple[Entry, Entry, int]]:
    """Each usage and report under the consent itself, its usage, and the rounded total once it was logged."""
    history = case.history
    over_all = any(fee.above or fee.tiers or fee.once for fee in money.fees)
    pairs = uses_and_reports(history, family_back(case) if over_all else [case.consent.id])
    total = Fraction(0)
    found = []
    before = {fee: 0 for fee in money.fees}
    paid_flat = False
    for entry, usage in pairs:
        own = cast(Usage, usage.statement).consent == case.consent.id
        for place, fee in enumerate(money.fees):
            if fee.per == "flat":
                total += (fee.amount or 0) if own and not paid_flat else 0
                continue
            units = units_at(history, pairs, fee, entry.index)
            if own:
                total += price(fee, units) - price(fee, before[money.fees[place]])
            before[fee] = units
        paid_flat = paid_flat or own
        if own:
            found.append((entry, usage, round(total)))
    return found


def no_bound(case: Case, money: ConsentMoney) -> bool:
    """Whether what is charged per mille may still be anything: no report was logged at or after the use's end."""
    reports = case.reports()
    prices = [amount for fee in money.fees if fee.per == "mille"
              for amount in [fee.amount or 0, *(tier.amount for tier in fee.tiers or ())]]  # fmt: skip
    if case.use.starts >= case.use.ends:  # nobody knows when it ran
        return any(fee.per in ("day", "month", "mille") for fee in money.fees)
    if not any(prices):
        return False
    said = [report.ends for _, report in reports if report.ends is not None]
    end = max(said[-1], case.use.starts) if said else case.use.ends
    return not any(entry.logged >= end for entry, _ in reports)


# ---- M2, M3: to whom, and by which way


def shares_of(case: Case, money: ConsentMoney) -> list[Share]:
    """The splits, by rising payee."""
    payees = [split.payee for split in money.splits]
    if sorted(payees) != sorted(case.consent.parties.payees) or len(set(payees)) < len(payees):
        raise Untold("split_mismatch")
    vias = {split.via for split in money.splits if split.via is not None}
    if vias:
        mandate = None
        if case.consent.under is not None:
            mandate = first_good(case.history, f"mandate:{case.consent.under}", case.consent.under, case.c.index)
        collects = (
            mandate is not None and isinstance(mandate.statement, Mandate) and "collect" in mandate.statement.powers
        )
        if vias != {case.consent.parties.agency} or not collects:
            raise Untold("bad_terms")
    found = [Share(split.payee, split.parts, split.gross_bp, split.via is not None) for split in money.splits]
    return sorted(found, key=lambda share: share.payee)


def members_of(shares: Sequence[Share], agency: str | None) -> list[tuple[str, str, list[str], int]]:
    """Payee, leg, whose shares are in it, and at how many of each 10,000."""
    through = [share.payee for share in shares if share.via]
    gross = {share.payee: share.gross_bp for share in shares}
    found = []
    if through:
        assert agency is not None
        own = [agency] if agency in gross and agency not in through else []
        found.append((agency, "to_agency", [*through, *own], gross.get(agency, 10_000)))
    for share in shares:
        if share.via:
            found.append((share.payee, "from_agency", [share.payee], share.gross_bp))
        elif not (through and share.payee == agency):
            found.append((share.payee, "direct", [share.payee], share.gross_bp))
    return found


def leg_total(total: int, shares: Sequence[Share], members: Iterable[str], bp: int) -> int:
    quotas = share_out(total, list(shares))
    return round(Fraction(sum(quotas[one] for one in members) * bp, 10_000))


@dataclass(frozen=True)
class DueLine:
    """What one usage or report added to a leg, and when that falls due."""

    entry: Entry
    usage: int
    amount: int


def legs_of(case: Case, money: ConsentMoney, shares: Sequence[Share]) -> list[tuple[Leg, list[DueLine]]]:
    totals = running_totals(case, money)
    found = []
    for payee, way, members, bp in members_of(shares, case.consent.parties.agency):
        due = {usage.index: 0 for entry, usage, _ in totals if entry is usage}
        last: dict[int, int] = {}
        lines = []
        before = 0
        for entry, usage, total in totals:
            after = leg_total(total, shares, members, bp)
            due[usage.index] += after - before
            if after != before:
                last[usage.index] = entry.logged
                lines.append(DueLine(entry, usage.index, after - before))
            before = after
        found.append((Leg(payee, way, due, last), lines))
    return found


# ---- M4, M5, M7: what came


def chain(history: History, party: str | None) -> set[str]:
    """A party, and who controls it, upward."""
    found: set[str] = set()
    while party is not None and party not in found:
        found.add(party)
        entry = first_good(history, f"keys:{party}", party, 1 << 60)
        party = entry.statement.parties.controller if entry is not None else None
    return found


def one_control(history: History, one: str | None, others: Iterable[str | None]) -> bool:
    return one is not None and any(chain(history, one) & chain(history, other) for other in others if other is not None)


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
        words = {paper.index: 4 if isinstance(paper.statement, Receipt) else 3 if paper.statement.parties.provider else 1
                 for paper in heard}  # fmt: skip
        payer = next(p.statement.parties.payer for p in heard if words[p.index] == max(words.values()))
        plain = [paper for paper in counted if history.section(paper, "money").currency == currency]
        named = [p for p in plain if isinstance(p.statement, Payment)] + [
            p for p in plain if isinstance(p.statement, Receipt)
        ]
        lines = next(
            (history.section(paper, "money").lines for paper in named if history.section(paper, "money").lines), ()
        )
        for side, amount, at in (
            ("least", least if solid else 0, max(when(history, paper) for paper in heard)),
            ("most", most, min(when(history, paper) for paper in heard)),
        ):
            tags = [usages[line.usage] for line in lines if line.usage in usages for _ in range(line.amount)][:amount]
            tags = grouped(tags)
            sides[side][reference] = [Cent(at, papers[0].index, tag, payer in licensees) for tag in tags]
            sides[side][reference] += [
                Cent(at, papers[0].index, None, payer in licensees) for _ in range(amount - len(tags))
            ]
    credits = adjust(case, payee, currency, sides, groups, usages)
    found = {
        side: [cent for group in parts.values() for cent in group] + credits[side] for side, parts in sides.items()
    }
    return found["least"], found["most"]


ENDLESS_MANY = 3_000
"""More cents than are due in any history."""


def first_of_each(papers: list[Entry]) -> list[Entry]:
    """Of several entries of one signer the first counts."""
    found: dict[str | None, Entry] = {}
    for paper in papers:
        named = paper.statement.parties
        found.setdefault(named.payee if isinstance(paper.statement, Receipt) else named.provider or named.payer, paper)
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
        tags = [usages[line.usage] for line in money.lines if line.usage in usages for _ in range(line.amount)][
            : money.amount
        ]
        if said.kind == "credit":
            licensees = (case.consent.parties.licensee, *(case.consent.sublicensees or ()))
            by_licensee = said.parties.payer in licensees
            own = money.currency == currency
            amount = money.amount if own else ENDLESS_MANY
            for tag in [*tags, *[None] * (amount - len(tags))]:
                cent = Cent(entry.logged, entry.index, tag, by_licensee, credit=True)
                credits["most"].append(cent)
                if own:
                    credits["least"].append(cent)
            continue
        for reference, papers in groups.items():
            for paper in papers:
                if paper.statement.id in (said.of or ()) and paper.index < entry.index:
                    for side in returned(history, entry, said, paper):
                        take_back(sides[side][reference], money.amount, list(tags))
    return credits


def returned(history: History, entry: Entry, said: Adjustment, paper: Entry) -> list[str]:
    """What a return lowers: both sides if it re-opens, the least alone if only she says so, nothing if it does not fit."""
    theirs, named = paper.statement.parties, said.parties

    def signed(party: str | None) -> bool:
        return party is not None and bool(entry.signers & live(history, party, entry.index))

    by_provider = signed(named.provider) and named.provider == theirs.provider
    by_payer = signed(named.payer) and named.payer == theirs.payer
    if by_payer or (by_provider and not one_control(history, named.provider, [named.payee])):
        return ["least", "most"]
    return ["least"] if by_provider or (not signed(named.provider) and not signed(named.payer)) else []


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
    return book


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
    for leg, filled in fill(book.legs, endless_uses):
        shown, sure, possible = filled
        usage = case.u.index
        due = leg.due[usage]
        hidden = leg.payee in book.untold or (leg.way == "to_agency" and bool(book.untold))
        if hidden:
            said = CANNOT_TELL
        elif len(sure[usage]) >= (ENDLESS if usage in endless_uses else due):
            said = PAID
        elif len(possible[usage]) < due:
            said = CANNOT_TELL if history.stale else NOT_PAID
        else:
            said = CANNOT_TELL
        credit = sum(cent.credit for cent in shown[usage])
        found.append((leg.payee, leg.way, said, due - credit, due if due < 0 else len(shown[usage]) - credit))
    answers = {line[2] for line in found}
    answer = NOT_PAID if NOT_PAID in answers else CANNOT_TELL if CANNOT_TELL in answers else PAID
    return Paid(answer, None if book.untold else tuple(sorted(found)))


def endless(case: Case, money: ConsentMoney) -> set[int]:
    """The usages under the consent of which nobody knows how much more may be due."""
    own = [entry for entry, _ in case.history.of(f"uses:{case.consent.id}", Usage)]
    return {entry.index for entry in own if no_bound(Case(case.history, entry), money)}


Filled = dict[int, list[Cent]]
Whole = dict[tuple[str, str], tuple[Filled, Filled, Filled]]
"""Payee and leg -> how it is filled: as shown, for certain, and at most."""


def fill(
    legs: Sequence[tuple[Leg, list[DueLine]]], endless_uses: set[int]
) -> list[tuple[Leg, tuple[Filled, Filled, Filled]]]:
    """Each leg, filled as shown, for certain and at most."""
    found = []
    passed: list[list[Cent]] = [[], [], []]
    for leg, _ in sorted(legs, key=lambda pair: pair[0].way == "to_agency"):
        extra = passed if leg.way == "to_agency" else [[], [], []]
        most_due = {usage: ENDLESS if usage in endless_uses else due for usage, due in leg.due.items()}
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


# ---- A18


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
        (leg, lines, leg.payee in book.untold or (leg.way == "to_agency" and bool(book.untold)))
        for leg, lines in book.legs
        if leg.way != "from_agency"
    ]


def first_paid(case: Case) -> str:
    """What had to be paid before the start was received before it.

    The flat fee comes first, whatever money names. What a use's own entry made due comes after all that was due by then.
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
            dues = dict.fromkeys(leg.due, 0) | {
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
    return [cent for _, sure, _ in passed for cent in carried(sure)], [cent for *_, most in passed for cent in carried(most)]


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
    came = {(leg.payee, leg.way): filled for leg, filled in fill(book.legs, endless(case, money))}
    found = []
    for leg, lines, hidden in debts(book):
        _, sure, possible = came[leg.payee, leg.way]
        for usage in leg.due:
            standing = netted([line for line in lines if line.usage == usage])
            before = 0
            for line in standing:
                before += line.amount
                times = [sorted(cent.at for cent in side[usage]) for side in (sure, possible)]
                filled = [side[before - 1] if len(side) >= before else float("inf") for side in times]
                filled = [float("inf"), float("-inf")] if hidden else filled
                found.append((filled[0], filled[1], due_at(case, money, line) + limit * DAY))
    return found


def netted(lines: list[DueLine]) -> list[DueLine]:
    """A negative line cancels the same usage's latest ones."""
    found: list[DueLine] = []
    for line in lines:
        less = -line.amount
        if less <= 0:
            found.append(line)
        while less > 0 and found:
            last = found.pop()
            if last.amount > less:
                found.append(DueLine(last.entry, last.usage, last.amount - less))
            less -= min(less, last.amount)
    return found


def due_at(case: Case, money: ConsentMoney, line: DueLine) -> int:
    usage = next(entry for entry in case.history.entries if entry.index == line.usage)
    starts, ends = window_at(case.history, usage, line.entry.index)
    since = {"declared": line.entry.logged, "starts": starts, "ends": ends}[money.due.from_]
    return since + money.due.days * DAY


def instants(case: Case) -> Iterator[int]:
    """When A18 may change."""
    yield case.history.instant
    if case.terms.overdue_limit is not None:
        for sure, possible, since in overdue_lines(case):
            yield since
            yield from (int(at) for at in (sure, possible) if abs(at) != float("inf"))
