"""The units that are counted under a consent and those that it replaced, entry by entry (A11).

Two tallies run side by side: the *least* that the disclosed, good entries add up to, and the *most* that may be behind
what is doubtful or undisclosed. A :class:`Count` does not depend on what is asked or when, so that it can be kept while
a log grows (``history.py``), and goes on from where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.base.values import field, replace, value
from verifier.rules.model.calendar import LONGEST_USE
from verifier.rules.model.context import DAY, Context, Standing, Unread
from verifier.rules.model.intervals import IntervalSet
from verifier.rules.model.record import Entry, holds
from verifier.statements.sections import UNITS, ReportTerms, UsageTerms
from verifier.statements.types import Report, Usage

NO_DAYS = range(0)


@value(frozen=False)
class Units:
    """One usage's units as they grow with its reports."""

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
class Crossing:
    """How far the steps were added up against one cap, and where the most (``early``) and the least (``late``) first
    exceed it."""

    steps: int = 0
    least: int = 0
    most: int = 0
    early: Step | None = None
    late: Step | None = None


class Tally:
    """The steps of one unit in log order. A fork goes on above the tally that it was made of, which grows no more while
    the fork is in use."""

    def __init__(self, below: Tally | None = None) -> None:
        self._below = below
        self._own: list[Step] = []
        self._crossings: dict[int, Crossing] = {}

    def add(self, step: Step) -> None:
        """One more, by an entry that is not below the last one's."""
        self._own.append(step)

    @property
    def steps(self) -> Iterator[Step]:
        """All of them."""
        if self._below is not None:
            yield from self._below.steps
        yield from self._own

    def crossings(self, cap: int) -> Crossing:
        """Where ``cap`` is first exceeded. Each step is looked at once, however often it is asked."""
        found = self._crossings.get(cap)
        if found is None:
            below = self._below.crossings(cap) if self._below is not None else Crossing()
            found = self._crossings[cap] = replace(below, steps=0)
        for step in self._own[found.steps :]:
            found.least += step.least
            found.most += step.most
            if found.early is None and (found.most > cap or step.open):
                found.early = step
            if found.late is None and found.least > cap:
                found.late = step
        found.steps = len(self._own)
        return found


@value(frozen=False)
class Count:
    """All tallies of one consent, by the lists in ``subjects`` (``uses:``), up to but not including the entry ``next``.

    ``usages`` holds what the count itself took or changed, ``below`` the rest of what it was forked from.
    """

    subjects: tuple[str, ...]
    next: int = 0
    tallies: dict[str, Tally] = field(default_factory=lambda: {name: Tally() for name in UNITS})
    usages: dict[str, Units] = field(default_factory=dict)
    below: dict[str, Units] = field(default_factory=dict)
    days_run: IntervalSet = field(default_factory=IntervalSet)

    def fork(self) -> Count:
        """A copy that goes on by itself, while this one waits."""
        return Count(
            subjects=self.subjects,
            next=self.next,
            tallies={name: Tally(tally) for name, tally in self.tallies.items()},
            below=self.usages if not self.below else {**self.below, **self.usages},
            days_run=self.days_run.fork(),
        )

    def catch_up(self, context: Context) -> None:
        """Take all that the record shows beyond what was taken."""
        start, self.next = self.next, context.record.size
        for entry, judgement in context.fresh(self.subjects, start, Usage, Report):
            doubt = judgement.code if judgement.standing is Standing.DOUBTFUL else None
            if holds(entry, Usage):
                self._take_usage(context, entry, doubt)
            elif holds(entry, Report):
                mine = self._of(entry.statement.usage)
                if mine is not None:
                    self._take_report(context, entry, doubt, mine)

    def silent(self, context: Context) -> list[Step]:
        """A step for each usage that has ended and on which no report was logged since: it may have had any number of
        impressions from its declaration on. In log order."""
        everyone = {**self.below, **self.usages}.values() if self.below else self.usages.values()
        return sorted(
            (units.unreported() for units in everyone if units.silent(context.instant)), key=lambda step: step.index
        )

    def _of(self, usage: str) -> Units | None:
        """A usage's units, the count's own to change."""
        mine = self.usages.get(usage)
        if mine is None and (theirs := self.below.get(usage)) is not None:
            mine = self.usages[usage] = replace(theirs)
        return mine

    def _take_usage(self, context: Context, entry: Entry[Usage], doubt: str | None) -> None:
        statement = entry.statement
        use = context.section(entry, "terms", UsageTerms)
        mine = self.usages[statement.id] = Units(entry=entry, use=use)
        hidden = use.code if isinstance(use, Unread) else None
        mine.images = len(statement.assets)
        if isinstance(use, UsageTerms):
            mine.images = max(mine.images, use.units.get("images", 0))
            mine.impressions = use.units.get("impressions", 0)
            mine.days = days_begun(use.starts, _end_of(use, use.ends))
            mine.extra_days = max(0, use.units.get("days", 0) - len(mine.days))
            mine.ended = _end_of(use, use.ends)
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
            mine.images, mine.impressions, mine.days, mine.extra_days = images, impressions, days, extra_days
            self.days_run.add(days.start, days.stop)
            if section.ends is not None:
                mine.ended = _end_of(mine.use, section.ends)
            mine.last_report = entry.logged

    def _add(self, name: str, index: int, usage: str, count: int, doubt: str | None, open: str | None) -> None:
        """A doubtful entry adds nothing for certain, but may add all that it says."""
        self.tallies[name].add(Step(index=index, usage=usage, least=0 if doubt else count, most=count, open=open))


def _end_of(use: UsageTerms | Unread, said: int) -> int:
    """When a use ended that is said to have (A10)."""
    return said if isinstance(use, Unread) else min(said, use.starts + LONGEST_USE)


def days_begun(start: int, end: int) -> range:
    """The days (UTC, counted from 1970) that [start, end) touches; none for an end at or before the start."""
    return range(start // DAY, (end - 1) // DAY + 1) if start < end else NO_DAYS
