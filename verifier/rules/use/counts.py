"""The units that are counted under a consent and those that it replaced, entry by entry (A11).

Two tallies run side by side: the *least* that the disclosed, good entries add up to, and the *most* that may be behind
what is doubtful or undisclosed. A :class:`Count` does not depend on what is asked or when, so that it can be kept while
a log grows (``kept_folds.py``), and goes on from where it stopped.
"""

from __future__ import annotations

from verifier.base.values import field, replace, value
from verifier.rules.model.calendar import DAY, LONGEST_USE
from verifier.rules.model.context import Context, Growing, Standing, Unread
from verifier.rules.model.intervals import IntervalSet
from verifier.rules.model.record import Entry, holds
from verifier.statements.sections import UNITS, ReportTerms, UsageTerms
from verifier.statements.types import Report, Usage

NO_DAYS = range(0)


@value
class Units:
    """One usage's units, with its reports so far."""

    entry: Entry
    use: UsageTerms | Unread
    images: int = 0
    impressions: int = 0
    days: range = NO_DAYS
    extra_days: int = 0
    ended: int | None = None
    last_report: int | None = None

    def silent(self, instant: int) -> bool:
        """Whether the use has ended with no report logged at or after its end: its impressions may be any number."""
        if self.ended is None or self.ended > instant:
            return False
        return self.last_report is None or self.last_report < self.ended

    def unreported(self) -> Step:
        """What a silent use may have had, as its own declaration's step."""
        id = self.entry.statement.id
        return Step(index=self.entry.index, usage=id, least=0, most=self.impressions, open="not_reported")


@value
class Step:
    """What one entry adds to a unit of a usage: ``least`` for certain; ``open`` says why it may be any amount."""

    index: int
    usage: str
    least: int
    most: int
    open: str | None = None


@value(frozen=False)
class Crossing(Growing):
    """How far the steps were added up against one cap, and where the most (``early``) and the least (``late``) first
    exceed it."""

    steps: int = 0
    least: int = 0
    most: int = 0
    early: Step | None = None
    late: Step | None = None


class Tally(Growing):
    """The ``steps`` of one unit in log order."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._crossings: dict[int, Crossing] = {}

    def crossings(self, cap: int) -> Crossing:
        """Where ``cap`` is first exceeded. Each step is looked at once, however often it is asked."""
        found = self._crossings.setdefault(cap, Crossing())
        for step in self.steps[found.steps :]:
            found.least += step.least
            found.most += step.most
            if found.early is None and (found.most > cap or step.open):
                found.early = step
            if found.late is None and found.least > cap:
                found.late = step
        found.steps = len(self.steps)
        return found


@value(frozen=False)
class Count(Growing):
    """All tallies of one consent, by the lists in ``subjects`` (``uses:``), up to but not including the entry ``next``.
    """

    subjects: tuple[str, ...]
    next: int = 0
    tallies: dict[str, Tally] = field(default_factory=lambda: {name: Tally() for name in UNITS})
    usages: dict[str, Units] = field(default_factory=dict)
    days_run: IntervalSet = field(default_factory=IntervalSet)

    def catch_up(self, context: Context) -> None:
        """Take all that the record shows beyond what was taken."""
        start, self.next = self.next, context.record.size
        for entry, judgement in context.fresh(self.subjects, start, Usage, Report):
            doubt = judgement.code if judgement.standing is Standing.DOUBTFUL else None
            if holds(entry, Usage):
                self._take_usage(context, entry, doubt)
            elif holds(entry, Report):
                mine = self.usages.get(entry.statement.usage)
                if mine is not None:
                    self._take_report(context, entry, doubt, mine)

    def silent(self, context: Context) -> list[Step]:
        """A step for each usage that has ended and on which no report was logged since: it may have had any number of
        impressions from its declaration on. In log order."""
        silent = (units.unreported() for units in self.usages.values() if units.silent(context.instant))
        return sorted(silent, key=lambda step: step.index)

    def _take_usage(self, context: Context, entry: Entry[Usage], doubt: str | None) -> None:
        statement = entry.statement
        use = context.section(entry, "terms", UsageTerms)
        hidden = use.code if isinstance(use, Unread) else None
        mine = Units(entry=entry, use=use, images=len(statement.assets))
        if isinstance(use, UsageTerms):
            ended = _end_of(use, use.ends)
            days = days_begun(use.starts, ended)
            mine = replace(
                mine,
                images=max(mine.images, use.units.get("images", 0)),
                impressions=use.units.get("impressions", 0),
                days=days,
                extra_days=max(0, use.units.get("days", 0) - len(days)),
                ended=ended,
            )
        self.usages[statement.id] = mine
        self._add("uses", entry.index, statement.id, 1, doubt, None)
        self._add("images", entry.index, statement.id, mine.images, doubt, hidden)
        self._add("impressions", entry.index, statement.id, mine.impressions, doubt, hidden)
        fresh_days = self.days_run.missing(mine.days.start, mine.days.stop) + mine.extra_days
        self._add("days", entry.index, statement.id, fresh_days, doubt, hidden)
        if doubt is None:
            self.days_run.add(mine.days.start, mine.days.stop)

    def _take_report(self, context: Context, entry: Entry, doubt: str | None, mine: Units) -> None:
        """A report's total replaces the usage's; a lower one is ignored."""
        section = context.section(entry, "terms", ReportTerms)
        id = mine.entry.statement.id
        if isinstance(section, Unread):
            for name in ("days", "images", "impressions"):
                self._add(name, entry.index, id, 0, doubt, section.code)
            return
        images = max(section.images or 0, mine.images)
        impressions = max(sum(line.impressions for line in section.lines), mine.impressions)
        days = mine.days
        if section.ends is not None and isinstance(mine.use, UsageTerms):
            days = max(days, days_begun(mine.use.starts, _end_of(mine.use, section.ends)), key=len)
        new_days = self.days_run.missing(days.start, days.stop)
        extra_days = max(0, mine.extra_days - new_days)  # a longer window takes in what was claimed beyond it
        grown = {
            "images": images - mine.images,
            "impressions": impressions - mine.impressions,
            "days": new_days + extra_days - mine.extra_days,
        }
        for name, count in grown.items():
            if count > 0:
                self._add(name, entry.index, id, count, doubt, None)
        if doubt is None:
            self.days_run.add(days.start, days.stop)
            self.usages[id] = replace(
                mine,
                images=images,
                impressions=impressions,
                days=days,
                extra_days=extra_days,
                ended=mine.ended if section.ends is None else _end_of(mine.use, section.ends),
                last_report=entry.logged,
            )

    def _add(self, name: str, index: int, usage: str, count: int, doubt: str | None, open: str | None) -> None:
        """A doubtful entry adds nothing for certain, but may add all that it says."""
        step = Step(index=index, usage=usage, least=0 if doubt else count, most=count, open=open)
        self.tallies[name].steps.append(step)


def count_of(context: Context, subjects: tuple[str, ...]) -> Count:
    """The count of all that the record shows in these lists."""
    count = Count(subjects=subjects)
    count.catch_up(context)
    return count


def _end_of(use: UsageTerms | Unread, said: int) -> int:
    """When a use ended that is said to have (A10)."""
    return said if isinstance(use, Unread) else min(said, use.starts + LONGEST_USE)


def days_begun(start: int, end: int) -> range:
    """The days (UTC, counted from 1970) that [start, end) touches; none for an end at or before the start."""
    return range(start // DAY, (end - 1) // DAY + 1) if start < end else NO_DAYS
