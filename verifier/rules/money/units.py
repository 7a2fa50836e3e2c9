"""What fees count: uses, images, days, months and impressions, of one usage and over a consent (rules M1, A10, T5).

Readings that the rules leave to us:

* *Days and months begun* of one usage count from its own start: a day is 86,400 s, month n begins n months after it.
* Where several usages that run on one day or month count ``once``, days and months are those of the calendar in UTC,
  as for caps (A11): a usage's own start is no common measure. What a usage claims in ``units.days`` beyond the days of
  its window is its own and is shared with no other.
* A report moves the time that is charged for forward where it says a later end. It moves it back only if a stop was
  logged after the usage (and after the last report that moved it back), and took time from the use: a sell-off that
  reaches to the use's end takes none. ``units.days`` count no more then.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final, Protocol

from verifier.base.strict import civil_from_days
from verifier.base.values import value
from verifier.rules.model.calendar import DAY, LONGEST_USE, add_months
from verifier.rules.model.context import Growing
from verifier.rules.model.intervals import IntervalSet
from verifier.rules.model.scope import Territory, territory_of_known
from verifier.rules.money.reasons import Reason
from verifier.rules.standing.stops import ANYWHERE, Stop
from verifier.statements.sections import ReportLine
from verifier.statements.vocabulary import CHANNELS


@value(kw_only=False)
class Event:
    """A usage or report as fees see it.

    ``own`` is false where it is under a consent that this one replaced. Of a usage: its window, the days that it claims
    in ``units``, the ``stops`` of its consent, and what a fee's scope asks of it. Of a report: ``ends``, ``None`` where
    it does not say, and its ``lines``. ``images`` are the usage's total so far, ``impressions`` and ``earned`` (the
    ``value``) those reported so far; ``None`` where they are not stated. ``channels`` are the known ones.
    """

    index: int
    logged: int
    usage: str
    declares: bool
    own: bool = True
    images: int | None = None
    impressions: int | None = None
    starts: int = 0
    ends: int | None = None
    days: int = 0
    stops: tuple[Stop, ...] = ()
    earned: int | None = None
    lines: tuple[ReportLine, ...] = ()
    channels: tuple[str, ...] = ()
    countries: Territory | None = None
    placement: str = ""
    purpose: str = ""


@value(frozen=False, kw_only=False)
class UsageRun:
    """One usage, as far as its entries have said; ``said`` is what its own says.

    ``ends`` is what time-based fees run to, ``closes`` where the use ends by its last word (A10), ``heard`` when the
    last report was logged, ``since`` the index of the declaration or of the last report that moved ``ends`` back.
    ``channels`` and ``territories`` are those declared or reported that are known, ``lines`` the last report's.
    """

    said: Event
    declared: int
    ends: int
    closes: int
    since: int
    claimed_days: int
    images: int = 0
    impressions: int = 0
    heard: int = -1
    value: int = 0
    lines: tuple[ReportLine, ...] = ()
    channels: Collection[str] = ()
    territories: tuple[Territory, ...] = ()

    @classmethod
    def declare(cls, event: Event) -> UsageRun:
        """A usage as its own entry has it."""
        ends = event.starts if event.ends is None else event.ends
        return cls(
            said=event,
            declared=ends,
            ends=ends,
            closes=min(ends, event.starts + LONGEST_USE),
            since=event.index,
            claimed_days=event.days,
            images=event.images or 0,
            channels=event.channels,
            territories=() if event.countries is None else (event.countries,),
        )

    @property
    def starts(self) -> int:
        """When it starts, by its declaration alone."""
        return self.said.starts

    @property
    def senseless(self) -> bool:
        """Its window contradicts itself, or is longer than any use: it counts as no time at all."""
        return not self.starts < self.declared <= self.starts + LONGEST_USE

    @property
    def reported(self) -> bool:
        """Whether a report was logged at or after the use's end."""
        return self.heard >= self.closes

    def report(self, event: Event) -> Iterator[Reason]:
        """Take a report's totals: each replaces the one before, and a lower one is ignored (A11).

        Yields why it cannot be told to when its time is charged, if so.
        """
        self.images = max(self.images, event.images or 0)
        self.impressions = max(self.impressions, event.impressions or 0)
        self.value = max(self.value, event.earned or 0)
        self.heard = event.logged
        self._was_seen(event.lines)
        if event.ends is not None:
            ends = min(event.ends, self.starts + LONGEST_USE)
            self.closes = max(ends, self.starts)
            if not self.senseless:
                yield from self._end(ends, event.index)

    def _was_seen(self, lines: tuple[ReportLine, ...]) -> None:
        """Take where a report says that it ran; a channel with 0 impressions was not used (A8)."""
        self.lines = lines
        used = [line for line in lines if line.impressions]
        if used:
            self.channels = CHANNELS.intersection([*self.channels, *[line.channel for line in used]])
            seen = territory_of_known(tuple([line.country for line in used]))
            if seen is not None and seen not in self.territories:
                self.territories = (*self.territories, seen)

    def _end(self, end: int, index: int) -> Iterator[Reason]:
        """The charged time's end after a report, by the stops that are certain; yields which others would matter."""
        found = [
            stop
            for stop in self.said.stops
            if (stop.index == ANYWHERE or self.since < stop.index < index) and stop.bites(self.declared, self.ends)
        ]
        certain = min((stop.start for stop in found if stop.sure), default=None)
        after = max(self.ends if certain is None else certain, end)
        for stop in found:
            if not stop.sure and max(stop.start, end) < after:
                entries = stop.judgement.entries if stop.judgement.rule == "M1" else (stop.index,)
                yield Reason("M1", stop.judgement.code, entries)
        if after < self.ends:
            self.since, self.claimed_days = index, 0
        self.ends = after

    def days(self) -> int:
        """Days begun, or claimed if those are more."""
        if self.senseless:
            return max(self.claimed_days, 0)
        return max(-((self.starts - self.ends) // DAY), self.claimed_days, 0)

    def months(self) -> int:
        """Months begun: the least n with the start n months later not before the end."""
        if self.senseless or self.ends <= self.starts:
            return 0
        (year, month, _), (last_year, last_month, _) = _date(self.starts), _date(self.ends)
        count = (last_year - year) * 12 + last_month - month
        return count if add_months(self.starts, count) >= self.ends else count + 1

    def calendar_days(self) -> tuple[int, int]:
        """The days that it touches, [first, after the last), counted from 1970 in UTC."""
        return (self.starts // DAY, (self.ends - 1) // DAY + 1) if self._runs else (0, 0)

    def calendar_months(self) -> tuple[int, int]:
        """The months that it touches, counted from 1970 in UTC."""
        return (_month(self.starts), _month(self.ends - 1) + 1) if self._runs else (0, 0)

    @property
    def _runs(self) -> bool:
        return self.ends > self.starts and not self.senseless


def _date(instant: int) -> tuple[int, int, int]:
    return civil_from_days(instant // DAY)


def _month(instant: int) -> int:
    year, month, _ = _date(instant)
    return (year - 1970) * 12 + month - 1


class Counter(Protocol):
    """Units over a consent, in log order."""

    @property
    def total(self) -> int:
        """How many there are so far."""

    def count(self, usage: str, run: UsageRun) -> None:
        """Take what an entry has changed of a usage."""


class UnitSum(Growing):
    """Each usage's units, added up."""

    def __init__(self, measure: Callable[[UsageRun], int]) -> None:
        self.total = 0
        self._measure = measure
        self._of: dict[str, int] = {}

    def count(self, usage: str, run: UsageRun) -> None:
        units = self._measure(run)
        self.total += units - self._of.get(usage, 0)
        self._of[usage] = units


class Once(Growing):
    """Days or months that at least one usage touches; and what each usage claims beyond those of its own window."""

    def __init__(self, touched: Callable[[UsageRun], tuple[int, int]], claimed: Callable[[UsageRun], int]) -> None:
        self._touched = touched
        self._claimed = claimed
        self._covered = IntervalSet()
        self._beyond = 0
        self._of: dict[str, tuple[int, int, int]] = {}

    @property
    def total(self) -> int:
        return self._covered.places + self._beyond

    def count(self, usage: str, run: UsageRun) -> None:
        start, end = self._touched(run)
        before_start, before_end, beyond_before = self._of.get(usage, (0, 0, 0))
        places = self._covered.places
        if (start, end) != (before_start, before_end):
            self._covered.add(start, end)
            self._covered.remove(before_start, before_end)
        beyond = 0
        if claimed := self._claimed(run):
            # A longer window takes in what was claimed beyond it, but what others share of it is no reason to owe less.
            grown = max(0, self._covered.places - places)
            beyond = max(0, claimed - (end - start), beyond_before - grown)
        self._beyond += beyond - beyond_before
        self._of[usage] = (start, end, beyond)


@value(kw_only=False)
class Unit:
    """What a fee may be charged by, but for ``flat``.

    ``measure`` counts the units of one usage; ``shared``, for fees with ``once``, gives the places on a calendar that
    it touches and how many it claims beyond them. ``timed``: it matters what cuts a use short. ``per`` units have the
    fee's price.
    """

    measure: Callable[[UsageRun], int]
    shared: tuple[Callable[[UsageRun], tuple[int, int]], Callable[[UsageRun], int]] | None = None
    timed: bool = False
    per: int = 1


FEE_UNITS: Final[Mapping[str, Unit]] = {
    "use": Unit(lambda run: 1),
    "image": Unit(lambda run: run.images),
    "day": Unit(UsageRun.days, (UsageRun.calendar_days, lambda run: run.claimed_days), timed=True),
    "month": Unit(UsageRun.months, (UsageRun.calendar_months, lambda run: 0), timed=True),
    "mille": Unit(lambda run: run.impressions, per=1000),
    "value": Unit(lambda run: run.value, per=10_000),
}


def counter(unit: Unit, *, once: bool) -> Counter:
    """A counter of units, at 0. Only what has ``shared`` can be counted ``once``."""
    return Once(*unit.shared) if once and unit.shared is not None else UnitSum(unit.measure)
