"""How a page is written for whoever looks at it: in which language, and in whose time.

Both stand in the address (``?language=id&zone=Asia/Jakarta``), and every link carries them on: nothing is kept about
anybody. Left out, the language is the browser's, and the time that of the language's zone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, available_timezones

from flask import request

from registry.web.errors import fail
from registry.web.routes import LOOKS
from verifier.base.strict import civil_from_days
from verifier.programs.language import DEFAULT, catalogue, languages
from verifier.words.catalogue import Catalogue

ZONES = {"en": "UTC", "id": "Asia/Jakarta"}
"""Whose time is shown where nobody says otherwise, by language."""

OFFERED = (
    "UTC", "America/Los_Angeles", "America/New_York", "America/Sao_Paulo", "Europe/London", "Europe/Berlin",
    "Europe/Istanbul", "Africa/Lagos", "Africa/Nairobi", "Asia/Dubai", "Asia/Kolkata", "Asia/Jakarta", "Asia/Makassar",
    "Asia/Jayapura", "Asia/Singapore", "Asia/Shanghai", "Asia/Tokyo", "Asia/Seoul", "Australia/Sydney",
    "Pacific/Auckland",
)  # fmt: skip
"""Zones to choose from; any other of the time-zone database may stand in the address."""


CARRIED = ("of",)
"""What else links carry on: whose pages they are."""


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Viewing:
    """``chosen`` is what of it stands in the address."""

    words: Catalogue
    zone: Zone
    chosen: dict[str, str] = field(default_factory=dict)

    def day(self, at: int) -> str:
        """``14 December 2026``."""
        year, month, day = civil_from_days((at + self.zone.offset(at)) // 86_400)
        return self.words.say("page.day", day=str(day), month=self.words.months[month - 1], year=str(year))

    def month(self, at: int) -> str:
        """``Dec``."""
        return self.words.months[civil_from_days(at // 86_400)[1] - 1][:3]

    def month_name(self, text: str) -> str:
        """``December 2026``, of ``2026-12``."""
        return f"{self.words.months[int(text[5:]) - 1]} {text[:4]}"

    def month_and_year(self, at: int) -> str:
        """``December 2026``."""
        year, month, _ = civil_from_days(at // 86_400)
        return f"{self.words.months[month - 1]} {year}"

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

    @staticmethod
    def path(path: str) -> str:
        """A path of this registry, as seen from the page that is being shown: the registry may lie below another."""
        return ("../" * (request.path.count("/") - 1) + path.lstrip("/")) or "./"

    def address(self, path: str, /, **parameters: str | int | None) -> str:
        """The same, with parameters, and language and zone carried on."""
        given = {name: str(value) for name, value in parameters.items() if value not in (None, "")}
        query = urlencode({**given, **{name: one for name, one in self.chosen.items() if name not in parameters}})
        return self.path(path) + (f"?{query}" if query else "")


def viewing() -> Viewing:
    """As the request that is being answered says. Raises a problem where it names what there is not."""
    language, zone = (request.args.get(name) for name in LOOKS)
    if language is not None and language not in languages():
        raise fail("question_malformed", f"is a language that is spoken here: {', '.join(languages())}", "language")
    if zone is not None and zone not in _zones():
        raise fail("question_malformed", "is no zone of the time-zone database, as Asia/Jakarta is", "zone")
    words = catalogue(language or request.accept_languages.best_match(languages(), DEFAULT))
    chosen = {name: value for name in (*LOOKS, *CARRIED) if (value := request.args.get(name)) is not None}
    return Viewing(words=words, zone=Zone(zone or ZONES.get(words.language, "UTC")), chosen=chosen)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
