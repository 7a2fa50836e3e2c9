"""How words and times are written for somebody: in a language, and in the time of a zone."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from verifier.base.strict import civil_from_days
from verifier.base.values import value
from verifier.words.catalogue import Catalogue

ZONES = {"en": "UTC", "id": "Asia/Jakarta"}
"""Whose time is shown where nobody says otherwise, by language."""


@value(kw_only=False)
class Zone:
    """A zone by its name in the time-zone database."""

    name: str

    @property
    def place(self) -> str:
        """As people call it: ``Jakarta``."""
        return self.name.rpartition("/")[2].replace("_", " ")

    def offset(self, at: int) -> int:
        """How many seconds it is ahead of UTC then."""
        try:
            ahead = datetime.fromtimestamp(at, _zone(self.name)).utcoffset()
        except (OverflowError, ValueError):  # the last day of the year 9999
            return 0
        return 0 if ahead is None else int(ahead.total_seconds())

    def day(self, at: int) -> int:
        """Which day it is there then (days since 1970)."""
        return (at + self.offset(at)) // 86_400

    def midnight(self, day: int) -> int:
        """When a day begins there (days since 1970)."""
        at = day * 86_400
        return at - self.offset(at - self.offset(at))

    def shown(self, at: int) -> str:
        """With how far it is ahead of UTC then: ``Jakarta, UTC+7``."""
        ahead = self.offset(at)
        if self.name == "UTC":
            return "UTC"
        hours, minutes = divmod(abs(ahead) // 60, 60)
        sign = "-" if ahead < 0 else "+"
        return f"{self.place}, UTC{sign}{hours}" + (f":{minutes:02d}" if minutes else "")


def zone_of(language: str) -> Zone:
    """Whose time goes with a language."""
    return Zone(ZONES.get(language, "UTC"))


@value(kw_only=False)
class Look:
    """A language's words, and a zone."""

    words: Catalogue
    zone: Zone

    def day(self, at: int) -> str:
        """``14 December 2026``."""
        year, month, day = civil_from_days(self.zone.day(at))
        return self.words.say("page.day", day=str(day), month=self.words.months[month - 1], year=str(year))

    def clock(self, at: int) -> str:
        """``09:12``."""
        seconds = (at + self.zone.offset(at)) % 86_400
        return self.words.say("page.clock", hour=f"{seconds // 3600:02d}", minute=f"{seconds // 60 % 60:02d}")

    def when(self, at: int) -> str:
        """The day, with the hour unless it is midnight; the page names the zone."""
        midnight = (at + self.zone.offset(at)) % 86_400 == 0
        return self.day(at) if midnight else self.words.say("page.when", day=self.day(at), clock=self.clock(at))

    def moment(self, at: int) -> str:
        """The day, the hour, the zone."""
        return self.words.say("page.moment", day=self.day(at), clock=self.clock(at), zone=self.zone.shown(at))


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def in_fours(id: str) -> str:
    """16 digits of an id, in fours."""
    return " ".join(id[at : at + 4] for at in range(0, 16, 4))
