"""What is due under a consent, to whom and by which way: M1, M2, M3."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

from tests.law.naive.contract import DAY, History, Untold
from tests.law.naive.contract_case import Case
from tests.law.naive.contract_standing import months_after
from tests.law.naive.contract_stops import Stop, revocations, suspensions
from tests.law.naive.contract_use import family_back, uses_and_reports
from tests.support.naive_money import Leg, Share, share_out
from verifier.rules.model.record import Entry
from verifier.statements.sections import ConsentMoney, Fee, UsageTerms
from verifier.statements.types import (
    Mandate,
    Usage,
)

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
            declared, sell_off = case.use.ends, case.terms.sell_off  # a sell-off lasts to the declared end (A6)
            taking = [cut.start for cut in cuts if max(cut.start, min(cut.start + sell_off, declared)) < end]
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
                total += max([sum(line.impressions for line in report.lines) for _, report in reports], default=0)
            case "day" | "month":
                total += max(begun(*window_at(history, usage, now), fee.per), claim(history, usage, fee, now))
            case _:
                pass
    return total


def claim(history: History, usage: Entry, fee: Fee, now: int) -> int:
    """The days that a use claims whatever its window; none once it was stopped before its time."""
    use: UsageTerms = history.section(usage, "terms")
    stopped = window_at(history, usage, now)[1] < use.ends or any(
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


def makes_sense(fee: Fee) -> bool:
    """A flat fee has no units; only days and months are ever shared."""
    return (fee.per != "flat" or (not fee.above and not fee.tiers)) and (not fee.once or fee.per in ("day", "month"))


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
    for entry, _ in pairs:
        history.section(entry, "terms")  # while one of them is not disclosed nothing can be told
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
    """What one usage or report added to a leg, and when that falls due."""

    entry: Entry
    usage: int
    amount: int


def legs_of(case: Case, money: ConsentMoney, shares: Sequence[Share]) -> list[tuple[Leg, list[DueLine]]]:
    if any(not makes_sense(fee) for fee in money.fees):
        raise Untold("bad_terms")
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
        found.append((Leg(payee, way, due, last, grows=bp > 0), lines))
    return found


def netted(lines: list[DueLine]) -> list[DueLine]:
    """A negative line cancels the same usage's latest ones."""
    found: list[DueLine] = []
    for line in lines:
        less = -line.amount
        if less <= 0:
            found.append(line)
        while less > 0 and found and found[-1].amount > 0:
            last = found.pop()
            if last.amount > less:
                found.append(DueLine(last.entry, last.usage, last.amount - less))
            less -= min(less, last.amount)
        if less > 0:  # nothing to cancel: so much less is needed of what comes
            found.append(DueLine(line.entry, line.usage, -less))
    return found


def due_at(case: Case, money: ConsentMoney, line: DueLine) -> int:
    """When a line falls due."""
    usage = next(entry for entry in case.history.entries if entry.index == line.usage)
    use: UsageTerms = case.history.section(usage, "terms")
    since = {"declared": line.entry.logged, "starts": use.starts, "ends": use.ends}[money.due.from_]
    return since + money.due.days * DAY
