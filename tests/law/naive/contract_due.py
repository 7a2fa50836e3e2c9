"""What is due under a consent, to whom and by which way: M1, M2, M3."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import cast

from tests.law.naive.contract import DAY, UNKNOWN, History, Untold, told
from tests.law.naive.contract_case import LONGEST, Case
from tests.law.naive.contract_fill import ENDLESS, Claim, Leg
from tests.law.naive.contract_lines import (
    Arising,
    arisings,
    begins,
    counted,
    dates,
    is_inside,
    makes_sense,
    meets_fee,
    nth,
)
from tests.law.naive.contract_standing import months_after
from tests.law.naive.contract_stops import Stop, revocations, suspensions
from tests.law.naive.contract_use import uses_and_reports
from tests.support.naive_money import Share, share_out
from verifier.rules.model.record import Entry
from verifier.statements.sections import ConsentMoney, Fee, ReportTerms, UsageTerms
from verifier.statements.types import Mandate, Usage

# ---- M1: what is due


def window_at(history: History, usage: Entry, now: int) -> tuple[int, int]:
    """From when to when a usage's time is charged once ``now`` was logged."""
    case = Case(history, usage)
    start, end = case.use.starts, case.use.ends
    if not runs(case):
        return start, start
    since = usage.index
    for entry, report in case.reports():
        if entry.index > now or report.ends is None:
            continue
        after = min(max(report.ends, end), start + LONGEST)
        if report.ends < end:
            cuts = [cut for cut in cuts_of(case) if since < cut.index < entry.index]
            declared = case.use.ends  # a sell-off lasts to the declared end (A6); without a cut nobody asks for it
            taking = [
                cut.start for cut in cuts if max(cut.start, min(cut.start + case.terms.sell_off, declared)) < end
            ]
            after = max(report.ends, min(taking)) if taking else end
            after = max(min(after, end), start)
        since = entry.index if after < end else since
        end = after
    return start, end


def cuts_of(case: Case) -> list[Stop]:
    """The revocations and suspensions that were logged after a use."""
    return [stop for stop in revocations(case) + suspensions(case) if stop.index > case.u.index]


def units_at(history: History, pairs: Sequence[tuple[Entry, Entry]], fee: Fee, now: int) -> int:
    """How many units of a fee there were over all usages that meet its scope once ``now`` was logged."""
    pairs = [(e, u) for e, u in pairs if u.index <= now and meets_fee(history, u, fee, now)]
    usages = [entry for entry, usage in pairs if entry is usage and entry.index <= now]
    if fee.once:
        return once_at(history, pairs, fee, now)
    total = 0
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
                total += max([impressions(fee, report) for _, report in reports], default=0)
            case "value":
                total += max([report.value or 0 for _, report in reports], default=0)
            case "day" | "month":
                total += max(begun(*window_at(history, usage, now), fee.per), claim(history, usage, fee, now))
            case _:
                pass
    return total


def impressions(fee: Fee, report: ReportTerms) -> int:
    """Those inside a fee's scope."""
    return sum(line.impressions for line in report.lines if is_inside(fee, line.channel, line.country))


def claim(history: History, usage: Entry, fee: Fee, now: int) -> int:
    """The days that a use claims whatever its window; none once it was stopped before its time."""
    use: UsageTerms = history.section(usage, "terms")
    stopped = (runs(Case(history, usage)) and window_at(history, usage, now)[1] < use.ends) or any(
        window_at(history, usage, entry.index)[1] < window_at(history, usage, entry.index - 1)[1]
        for entry, _ in Case(history, usage).reports() if entry.index <= now
    )  # fmt: skip
    return use.units.get("days", 0) if fee.per == "day" and not stopped else 0


def once_at(history: History, pairs: Sequence[tuple[Entry, Entry]], fee: Fee, now: int) -> int:
    """How many days or months somebody used once ``now`` was logged, and how many were claimed beyond those.

    Nobody knows which days a use claims beyond those of its window; nobody shares them. A report of a later end puts
    the days that nobody used so far in their place.
    """
    windows: dict[int, set[int]] = {}
    claimed: dict[int, int] = {}
    for entry, usage in pairs:
        if entry.index > now:
            continue
        start, end = window_at(history, usage, entry.index)
        used = set[int]().union(*windows.values())
        own = {stretch(second, fee.per) for second in (*range(start, end, DAY // 4), end - 1) if start < end}
        wanted = claim(history, usage, fee, entry.index)
        if entry is usage or not wanted:
            claimed[usage.index] = max(0, wanted - len(own))
        else:
            claimed[usage.index] = max(0, claimed[usage.index] - len(own - used))
        windows[usage.index] = own
    return len(set[int]().union(*windows.values())) + sum(claimed.values())


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
    """Of so many units from the first on; a share of so much ``value``."""
    if fee.per == "value":
        return Fraction(units * (fee.bp or 0), 10_000)
    total = 0
    for unit in range(units):
        tiers = fee.tiers
        amount = [tier.amount for tier in tiers if tier.from_ <= unit][-1] if tiers else fee.amount or 0
        total += amount if unit >= fee.above else 0
    return Fraction(total, 1000 if fee.per == "mille" else 1)


@dataclass(frozen=True)
class Step:
    """An entry of a usage, or an instant of the consent, and the rounded total of all that arose by it.

    ``days``: of the consent's lines, how long after ``at`` they fall due. ``open``: it cannot be told, for what was
    earned before a line of its claim is open.
    """

    claim: Claim
    at: int
    total: int
    usage: Entry | None = None
    entry: Entry | None = None
    owed: str = ""
    days: int = 0
    open: bool = False


def steps_of(case: Case, money: ConsentMoney) -> list[Step]:
    """All that adds to what is due under a consent, in the order in which it arose."""
    history = case.history
    pairs = uses_and_reports(history, counted(case, money))
    for entry, _ in pairs:
        history.section(entry, "terms")  # while one of them is not disclosed nothing can be told
    blind = is_blind(case)
    waiting = arisings(case, money)
    advances, earned = Advances(case, money), Fraction(0)
    before = {place: 0 for place, fee in enumerate(money.fees) if fee.per != "flat"}
    opened: dict[int, int] = {}
    found: list[Step] = []

    def arise(until: int) -> None:
        while waiting and waiting[0].at <= until:
            one = waiting.pop(0)
            advances.arise(one)
            is_open = one.amount > 0 and advances.set_off(one, opened)
            found.append(Step(claim=(one.claim, 0, 0), at=one.at, total=round(advances.total(earned)), entry=one.entry,
                              owed=one.owed, days=one.days, open=is_open))  # fmt: skip

    for entry, usage in pairs:
        arise(entry.logged)
        change = Fraction(0)
        for place, fee in enumerate(money.fees):
            if fee.per != "flat" and not blind:
                units = units_at(history, pairs, fee, entry.index)
                change += price(fee, units) - price(fee, before[place])
                before[place] = units
        if cast(Usage, usage.statement).consent != case.consent.id:
            continue
        earned += change
        advances.earn(usage, change)
        if blind or no_bound(Case(history, usage), money):
            opened[usage.index] = usage.logged
        claim = (usage.logged, 1, usage.index)
        found.append(Step(claim=claim, at=entry.logged, total=round(advances.total(earned)), usage=usage, entry=entry))
    arise(1 << 50)
    lost = {step.claim for step in found if step.open}
    return [replace(step, open=step.claim in lost) for step in found]


def is_blind(case: Case) -> bool:
    """Whether the consent's terms are hidden: caps, overage, notice and sell-off bear on what usages owe."""
    return (case.c.index, "terms") not in case.history.sections or told(lambda: str(case.terms)) == UNKNOWN


class Advances:
    """What has arisen of flat fees, and what of it is set off against what is earned."""

    def __init__(self, case: Case, money: ConsentMoney) -> None:
        self.fees = money.fees
        self.rest, self.all = Fraction(0), Fraction(0)
        self.by_date: dict[int, Fraction] = {}
        self.earned_in: dict[int, Fraction] = {}
        self.usages: dict[int, int] = {}
        self.starts: list[int] = []
        for fee in money.fees:
            if fee.recoup == "period" and begins(case) is not None:  # else no date of it arises
                self.starts = dates(case.terms, fee)
                self.starts.append(nth(fee, self.starts[0], len(self.starts)))

    def set_off(self, one: Arising, usages: dict[int, int]) -> bool:
        """Whether a line is set off against any of some usages: index -> logged."""
        recoup = self.fees[one.place].recoup
        within = [logged for logged in usages.values() if recoup == "all" or self.period(logged) == one.date]
        return recoup is not None and bool(within)

    def arise(self, one: Arising) -> None:
        match self.fees[one.place].recoup:
            case "all":
                self.all += one.amount
            case "period":
                self.by_date[one.date] = one.amount
            case _:
                self.rest += one.amount

    def period(self, logged: int) -> int | None:
        """The date whose line a usage is set off against."""
        began = [date for date in self.starts if date <= logged]
        return began[-1] if began and began[-1] != self.starts[-1] else None

    def earn(self, usage: Entry, change: Fraction) -> None:
        date = self.period(usage.logged)
        if date is not None:
            self.earned_in[date] = self.earned_in.get(date, Fraction(0)) + change

    def total(self, earned: Fraction) -> Fraction:
        within = sum(self.earned_in.values(), Fraction(0))
        dated = {*self.by_date, *self.earned_in}
        periods = sum(
            (max(self.by_date.get(one, Fraction(0)), self.earned_in.get(one, Fraction(0))) for one in dated),
            Fraction(0),
        )
        return self.rest + max(self.all, earned - within) + periods


def no_bound(case: Case, money: ConsentMoney) -> bool:
    """Whether what is charged per mille, or as a share, may still be anything: no report came at or after the end."""
    reports = case.reports()
    if not runs(case):  # nobody knows when it ran
        return any(fee.per in ("day", "month", "mille", "value") for fee in money.fees)
    if not any(grows(case, fee) for fee in money.fees):
        return False
    said = [report.ends for _, report in reports if report.ends is not None]
    end = min(max(said[-1], case.use.starts), case.use.starts + LONGEST) if said else case.use.ends
    return not any(entry.logged >= end for entry, _ in reports)


def runs(case: Case) -> bool:
    return case.use.starts < case.use.ends <= case.use.starts + LONGEST


def grows(case: Case, fee: Fee) -> bool:
    """Whether a fee is charged by what is reported of a use; where it runs may be reported too."""
    if fee.per not in ("mille", "value") or not any(
        [fee.amount, fee.bp, *(tier.amount for tier in fee.tiers or ())]
    ):
        return False
    return (fee.placements is None or case.use.placement in fee.placements) and (
        fee.purposes is None or case.use.purpose in fee.purposes
    )


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
            mandate = case.history.first_good(f"mandate:{case.consent.under}", case.consent.under, case.c.index)
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
    """What one step added to a leg."""

    step: Step
    amount: int

    @property
    def claim(self) -> Claim:
        return self.step.claim


def legs_of(case: Case, money: ConsentMoney, shares: Sequence[Share]) -> list[tuple[Leg, list[DueLine]]]:
    if not makes_sense(case, money):
        raise Untold("bad_terms")
    steps = steps_of(case, money)
    endless = endless_claims(case, money, steps)
    found = []
    for payee, way, members, bp in members_of(shares, case.consent.parties.agency):
        due = {claim: 0 for claim in sorted({step.claim for step in steps})}
        least = dict(due)
        last: dict[Claim, int] = {}
        lines = []
        before = 0
        for step in steps:
            after = leg_total(step.total, shares, members, bp)
            change = after - before
            due[step.claim] += change
            least[step.claim] += 0 if step.open else change
            if change or (step.open and bp > 0):
                last[step.claim] = step.at
                lines.append(DueLine(step, change))
            before = after
        most = {claim: ENDLESS if claim in endless and bp > 0 else amount for claim, amount in due.items()}
        found.append((Leg(payee, way, due, least, most, last), lines))
    return found


def endless_claims(case: Case, money: ConsentMoney, steps: Sequence[Step]) -> set[Claim]:
    """The claims of which nobody knows how much more may be due."""
    usages = {step.claim: step.usage for step in steps if step.usage is not None}
    blind = is_blind(case)
    found = {claim for claim, usage in usages.items() if blind or no_bound(Case(case.history, usage), money)}
    return found | {step.claim for step in steps if step.open}


def netted(lines: list[DueLine]) -> list[DueLine]:
    """A negative line cancels the same claim's latest ones."""
    found: list[DueLine] = []
    for line in lines:
        less = -line.amount
        if less <= 0:
            found.append(line)
        while less > 0 and found and found[-1].amount > 0:
            last = found.pop()
            if last.amount > less:
                found.append(DueLine(last.step, last.amount - less))
            less -= min(less, last.amount)
        if less > 0:  # nothing to cancel: so much less is needed of what comes
            found.append(DueLine(line.step, -less))
    return found


def due_at(case: Case, money: ConsentMoney, step: Step) -> int:
    """When a line falls due."""
    if step.usage is None:
        return step.at + step.days * DAY
    use: UsageTerms = case.history.section(step.usage, "terms")
    said = [report.ends for _, report in Case(case.history, step.usage).reports() if report.ends is not None]
    ends = min(use.ends, use.starts + LONGEST, *(max(end, use.starts) for end in said[-1:]))
    return {"declared": step.at, "starts": use.starts, "ends": ends}[money.due.from_] + money.due.days * DAY
