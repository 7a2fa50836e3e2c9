"""A11: caps on uses, images, impressions and days, kept entry by entry over all good usages and reports in log order.

Two tallies run side by side: the *least* that the disclosed, good entries add up to, and the *most* that may be behind
what is doubtful, undisclosed or not yet reported. The true crossing of a cap lies between theirs.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from verifier.rules.contract import DAY, Contract, Missing, Standing
from verifier.rules.logic import Piece, Result
from verifier.rules.record import Entry
from verifier.rules.timeline import always
from verifier.rules.usage import Case
from verifier.statements.sections import ReportTerms, UsageTerms
from verifier.statements.statement import Consent, Report, Usage
from verifier.values import dataclass, field

NEVER = 2**62
"""An index after every entry: where a tally never crosses."""

NO_DAYS = range(0)


class Days:
    """A set of days as stretches [first, last) that do not touch: a use may claim thousands of years of them."""

    def __init__(self) -> None:
        self._stretches: list[tuple[int, int]] = []

    def new_in(self, days: range) -> int:
        """How many of ``days`` are not in it yet."""
        begin, end = self._met(days.start, days.stop)
        known = self._stretches[begin:end]
        return len(days) - sum(min(last, days.stop) - max(first, days.start) for first, last in known)

    def add(self, days: range) -> None:
        """Take all of ``days`` in."""
        if not days:
            return
        first, last = days.start, days.stop
        begin, end = self._met(first - 1, last + 1)
        if begin < end:
            first, last = min(first, self._stretches[begin][0]), max(last, self._stretches[end - 1][1])
        self._stretches[begin:end] = [(first, last)]

    def _met(self, first: int, last: int) -> tuple[int, int]:
        """The places [begin, end) of the stretches that have a day in common with [first, last)."""
        begin = bisect_right(self._stretches, first, key=lambda stretch: stretch[1])
        return begin, max(begin, bisect_left(self._stretches, last, key=lambda stretch: stretch[0]))


@dataclass(slots=True, kw_only=True)
class Usages:
    """One usage's units as they grow with its reports."""

    entry: Entry
    use: UsageTerms | Missing
    images: int = 0
    impressions: int = 0
    days: range = NO_DAYS
    extra_days: int = 0
    ended: int | None = None
    reported: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one entry adds to a unit of a usage: ``least`` for certain; ``open`` says why it may be any amount."""

    index: int
    usage: str
    least: int
    most: int
    open: str | None = None


@dataclass(slots=True, kw_only=True)
class Tally:
    """The steps of one unit over a consent and those that it replaced, in log order."""

    steps: list[Step] = field(default_factory=list)

    def crossings(self, cap: int) -> tuple[Step | None, Step | None]:
        """The entry at which the most, and the one at which the least, first exceeds ``cap``."""
        least = most = 0
        early: Step | None = None
        for step in self.steps:
            least += step.least
            most += step.most
            if early is None and (most > cap or step.open):
                early = step
            if least > cap:
                return early, step
        return early, None


def judge_caps(case: Case) -> list[Piece]:
    """A11 for one usage. A name in ``overage`` may be passed at a price, which is M1's to find."""
    if isinstance(case.terms, Missing):
        return [always(Result.UNKNOWN, case.terms.code, *(case.terms.entries or (case.consent.index,)))]
    limits = {name: cap for name, cap in case.terms.caps.items() if name not in case.terms.overage}
    if not limits:
        return [always(Result.NOT_APPLICABLE, "not_applicable")]
    tallies = tallies_of(case.contract, case.consent)
    if isinstance(tallies, Missing):
        return [always(Result.UNKNOWN, tallies.code, *tallies.entries)]
    return [_judge(case, tallies[name], cap) for name, cap in sorted(limits.items())]


def _judge(case: Case, tally: Tally, cap: int) -> Piece:
    early, late = tally.crossings(cap)
    me, index = case.statement.id, case.usage.index
    last = late.index if late else NEVER
    if index > last:
        assert late is not None
        return always(Result.FAIL, "cap_exceeded", late.index, index)
    if early is None:
        return always(Result.PASS, "ok", index)
    if early is late:
        crossed = early.usage == me
        return always(Result.FAIL, "cap_exceeded", early.index, index) if crossed else always(Result.PASS, "ok", index)
    within = any(step.usage == me and early.index <= step.index <= last for step in tally.steps)
    if index > early.index or within:
        return always(Result.UNKNOWN, early.open or "list_missing", early.index, index)
    return always(Result.PASS, "ok", index)


def tallies_of(contract: Contract, consent: Entry) -> dict[str, Tally] | Missing:
    """The tally of each unit under a consent, the usages of the consents that it replaced included."""
    key = ("tallies", consent.index)
    if key not in contract.cache:
        contract.cache[key] = _count(contract, consent)
    found: dict[str, Tally] | Missing = contract.cache[key]
    return found


def _count(contract: Contract, consent: Entry) -> dict[str, Tally] | Missing:
    rows: set[int] = set()
    for id in _chain(contract, consent):
        listed = contract.record.rows(f"uses:{id}")
        if listed is None:
            return Missing("list_missing")
        rows.update(listed)
    tallies = {name: Tally() for name in ("days", "images", "impressions", "uses")}
    usages: dict[str, Usages] = {}
    days_run = Days()
    for index in sorted(rows):
        entry = contract.record.entry(index)
        if entry is None:
            continue
        standing = contract.standing(entry)
        if standing.standing is Standing.VOID:
            continue
        doubt = standing.code if standing.standing is Standing.DOUBTFUL else None
        if isinstance(entry.statement, Usage):
            _add_usage(contract, entry, doubt, usages, tallies, days_run)
        elif isinstance(entry.statement, Report) and entry.statement.usage in usages:
            _add_report(contract, entry, doubt, usages[entry.statement.usage], tallies, days_run)
    _mark_unreported(contract, usages, tallies["impressions"])
    return tallies


def _chain(contract: Contract, consent: Entry) -> Iterator[str]:
    """The consent's id and those of all that it replaced, however far back."""
    statement = consent.statement
    while isinstance(statement, Consent):
        yield statement.id
        if statement.replaces is None:
            return
        older, _ = contract.named(f"consent:{statement.replaces}", statement.replaces, consent.index)
        if older is None:
            yield statement.replaces
            return
        statement = older.statement


def _add_usage(
    contract: Contract,
    entry: Entry,
    doubt: str | None,
    usages: dict[str, Usages],
    tallies: dict[str, Tally],
    days_run: Days,
) -> None:
    statement = entry.statement
    assert isinstance(statement, Usage)
    use = contract.section(entry, "terms")
    assert isinstance(use, UsageTerms | Missing)
    mine = usages[statement.id] = Usages(entry=entry, use=use)
    hidden = use.code if isinstance(use, Missing) else None

    def add(name: str, count: int, open: str | None) -> None:
        tallies[name].steps.append(_step(entry.index, statement.id, count, doubt, open))

    mine.images = len(statement.assets)
    if isinstance(use, UsageTerms):
        mine.images = max(mine.images, use.units.get("images", 0))
        mine.impressions = use.units.get("impressions", 0)
        mine.days = days_begun(use.starts, use.ends)
        mine.extra_days = max(0, use.units.get("days", 0) - len(mine.days))
        mine.ended = use.ends
    add("uses", 1, None)
    add("images", mine.images, hidden)
    add("impressions", mine.impressions, hidden)
    add("days", days_run.new_in(mine.days) + mine.extra_days, hidden)
    if doubt is None:
        days_run.add(mine.days)


def _add_report(
    contract: Contract,
    entry: Entry,
    doubt: str | None,
    mine: Usages,
    tallies: dict[str, Tally],
    days_run: Days,
) -> None:
    """A report's total replaces the usage's; a lower one is ignored."""
    section = contract.section(entry, "terms")
    assert isinstance(section, ReportTerms | Missing)
    id = mine.entry.statement.id
    if isinstance(section, Missing):
        for name in ("days", "images", "impressions"):
            tallies[name].steps.append(_step(entry.index, id, 0, doubt, section.code))
        return
    images = max(section.images or 0, mine.images)
    impressions = max(sum(line.impressions for line in section.lines), mine.impressions)
    days = mine.days
    if section.ends is not None and isinstance(mine.use, UsageTerms):
        days = max(days, days_begun(mine.use.starts, section.ends), key=len)
    extra_days = max(0, mine.extra_days - (len(days) - len(mine.days)))
    grown = {
        "images": images - mine.images,
        "impressions": impressions - mine.impressions,
        "days": days_run.new_in(days) + extra_days - mine.extra_days,
    }
    for name, count in grown.items():
        if count > 0:
            tallies[name].steps.append(_step(entry.index, id, count, doubt, None))
    if doubt is None:
        mine.images, mine.impressions, mine.days, mine.extra_days = images, impressions, days, extra_days
        days_run.add(days)
        if section.ends is not None:
            mine.ended = section.ends
        if mine.ended is not None and entry.logged >= mine.ended:
            mine.reported = True


def _step(index: int, usage: str, count: int, doubt: str | None, open: str | None) -> Step:
    """A doubtful entry adds nothing for certain, but may add all that it says."""
    return Step(index=index, usage=usage, least=0 if doubt else count, most=count, open=open)


def _mark_unreported(contract: Contract, usages: dict[str, Usages], tally: Tally) -> None:
    """Open the impressions of every use that has ended with no report logged at or after its end."""
    silent = {
        id
        for id, mine in usages.items()
        if not mine.reported and mine.ended is not None and mine.ended <= contract.instant
    }
    tally.steps = [
        Step(index=step.index, usage=step.usage, least=step.least, most=step.most, open=step.open or "not_reported")
        if step.usage in silent
        else step
        for step in tally.steps
    ]


def days_begun(start: int, end: int) -> range:
    """The days (UTC, counted from 1970) that [start, end) touches; none for an end at or before the start."""
    return range(start // DAY, (end - 1) // DAY + 1) if start < end else NO_DAYS
