"""One use, the consent that it was declared under, and what is said about the two."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import cast

from tests.law.naive.contract import DAY, History, Untold
from verifier.rules.model.record import Entry
from verifier.statements.categories import CATEGORIES
from verifier.statements.sections import ReportTerms, Terms, UsageTerms
from verifier.statements.types import Consent, Genesis, Report, Twin, Usage
from verifier.statements.vocabulary import CHANNELS, COUNTRIES, ONLINE_CHANNELS

WORLD = frozenset({*COUNTRIES, "elsewhere"})
"""All countries, and that there is no end to the world."""

LONGEST = 366 * DAY
"""No use runs longer (A10)."""

Scope = tuple[frozenset[str], frozenset[str]]
"""Channels and countries."""


class Case:
    def __init__(self, history: History, u: Entry) -> None:
        assert isinstance(u.statement, Usage)
        self.history, self.u, self.said = history, u, u.statement
        consent = history.first_good(f"consent:{u.statement.consent}", u.statement.consent, u.index)
        assert consent is not None and isinstance(consent.statement, Consent)
        self.c, self.consent = consent, consent.statement

    @property
    def use(self) -> UsageTerms:
        return cast(UsageTerms, self.history.section(self.u, "terms"))

    @property
    def terms(self) -> Terms:
        return cast(Terms, self.history.section(self.c, "terms"))

    @property
    def profiles(self) -> set[str]:
        """The registry's and the consent's."""
        return {registry_profile(self.history), self.terms.profile or "open"}

    @property
    def notice(self) -> int:
        try:
            return 0 if "eu" in self.profiles else self.terms.notice
        except Untold:
            if self.history.notice is None:
                raise
            return self.history.notice

    def reports(self) -> list[tuple[Entry, ReportTerms]]:
        return reports_of(self.history, self.u)

    def twin(self) -> tuple[Entry, Twin]:
        entry = self.history.first_good(f"twin:{self.consent.twin}", self.consent.twin or "", self.c.index)
        assert entry is not None and isinstance(entry.statement, Twin)
        return entry, entry.statement

    # -- where and how it runs, as declared or reported

    def reported(self) -> dict[tuple[str, str], int]:
        """The largest total per channel and country, where there was any."""
        found: dict[tuple[str, str], int] = {}
        for _, report in self.reports():
            for line in report.lines:
                if line.impressions:
                    place = (line.channel, line.country)
                    found[place] = max(line.impressions, found.get(place, 0))
        return found

    def channels(self) -> frozenset[str]:
        return known({*self.use.channels, *(channel for channel, _ in self.reported())}, CHANNELS)

    def declared(self) -> Scope:
        """The channels and countries that it was declared for; an online channel knows no borders."""
        return self.history.once(("declared", self.u.index), self._declared)

    def _declared(self) -> Scope:
        channels = known(self.use.channels, CHANNELS)
        countries = territory(self.use.countries)
        return channels, countries if self.use.targeted or not channels & ONLINE_CHANNELS else WORLD

    def scopes(self) -> list[Scope]:
        """Where it runs: as declared, and wherever it was reported."""
        return [self.declared(), *((known([one], CHANNELS), territory([other])) for one, other in self.reported())]

    def window(self) -> tuple[int, int, int | None]:
        """When it runs (A10), and since when it may have stopped, if that was reported too late."""
        start, end = self.use.starts, self.use.ends
        if not start < end <= start + LONGEST:
            raise Untold("bad_terms")
        said = [(entry, report.ends) for entry, report in self.reports() if report.ends is not None]
        if not said:
            return start, end, None
        entry, ends = said[-1]
        try:
            late_window = self.terms.late_window
        except Untold:
            late_window = 0
        ends = min(ends, start + LONGEST)
        if ends >= end or entry.logged <= ends + late_window:
            return start, max(ends, start), None
        return start, max(start, min(end, entry.logged)), ends


class Grant(Case):
    """A consent on which nothing was declared: all that was logged since bears on it."""

    def __init__(self, history: History, c: Entry) -> None:
        assert isinstance(c.statement, Consent)
        self.history, self.u, self.c, self.consent = history, c, c, c.statement

    @property
    def notice(self) -> int:
        return super().notice if self.consent.act == "use" else 0


def reports_of(history: History, u: Entry) -> list[tuple[Entry, ReportTerms]]:
    """The good reports of a use, in log order."""
    return history.once(("reports", u.index), lambda: _reports_of(history, u))


def _reports_of(history: History, u: Entry) -> list[tuple[Entry, ReportTerms]]:
    return [(entry, history.section(entry, "terms")) for entry in report_entries(history, u)]


def report_entries(history: History, u: Entry) -> list[Entry]:
    assert isinstance(u.statement, Usage)
    reports = history.of(f"usage:{u.statement.consent}.{u.statement.id}", Report)
    return [entry for entry, said in reports if said.usage == u.statement.id]


def registry_profile(history: History) -> str:
    genesis = history.entries[0].statement
    assert isinstance(genesis, Genesis)
    return genesis.profile


def known(codes: Iterable[str], words: Iterable[str]) -> frozenset[str]:
    """Codes that are all among the words."""
    found = frozenset(codes)
    if not found <= set(words):
        raise Untold("bad_terms")
    return found


def territory(codes: Iterable[str], excluded: Iterable[str] = ()) -> frozenset[str]:
    codes = frozenset(codes)
    return (WORLD if codes == {"WORLD"} else known(codes, COUNTRIES)) - known(excluded, COUNTRIES)


@cache
def above(category: str) -> set[str]:
    """A category and all above it."""
    found = set()
    at: str | None = category
    while at is not None:
        found.add(at)
        known([at], CATEGORIES)
        at = CATEGORIES[at]
    return found


def related(one: str, other: str) -> bool:
    """The same category, or one above the other."""
    return one in above(other) or other in above(one)
