"""How a page is written for whoever looks at it: in which language, and in whose time.

Both stand in the address (``?language=id&zone=Asia/Jakarta``), and every link carries them on: nothing is kept about
anybody. A form that is sent again, to be seen otherwise, says so itself. Left out, the language is the browser's, and
the time that of the language's zone.
"""

from __future__ import annotations

import re
from functools import cache
from urllib.parse import urlencode
from zoneinfo import available_timezones

from flask import request

from registry.look import Look, Zone, zone_of
from registry.web.errors import fail
from registry.web.routes import LOOKS
from verifier.base.strict import civil_from_days, parse_instant
from verifier.base.values import field, value
from verifier.programs.language import DEFAULT, catalogue, languages

OFFERED = (
    "UTC", "America/Los_Angeles", "America/New_York", "America/Sao_Paulo", "Europe/London", "Europe/Berlin",
    "Europe/Istanbul", "Africa/Lagos", "Africa/Nairobi", "Asia/Dubai", "Asia/Kolkata", "Asia/Jakarta", "Asia/Makassar",
    "Asia/Jayapura", "Asia/Singapore", "Asia/Shanghai", "Asia/Tokyo", "Asia/Seoul", "Australia/Sydney",
    "Pacific/Auckland",
)  # fmt: skip
"""Zones to choose from; any other of the time-zone database may stand in the address."""
TWIN = ".json"
"""How a page's twin for programs ends. It says the same in every language, so its days are those of UTC where no zone
is named."""
CHANGED = "look."
"""How the fields of a form begin that is sent again to be seen in another language or time."""
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)
CARRIED = ("of",)
"""What else links carry on: whose pages they are."""


@value(kw_only=False)
class Viewing(Look):
    """``chosen`` is what of it stands in the address."""

    chosen: dict[str, str] = field(default_factory=dict)

    def month(self, at: int) -> str:
        """``Dec``."""
        return self.words.months[civil_from_days(self.zone.day(at))[1] - 1][:3]

    def month_name(self, text: str) -> str:
        """``December 2026``, of ``2026-12``."""
        return f"{self.words.months[int(text[5:]) - 1]} {text[:4]}"

    def month_and_year(self, at: int) -> str:
        """``December 2026``."""
        year, month, _ = civil_from_days(self.zone.day(at))
        return f"{self.words.months[month - 1]} {year}"

    def timed(self, text: str) -> str:
        """A text with its moments as people write them."""
        return _INSTANT.sub(lambda match: self.when(parse_instant(match[0])), text)

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
    given = request.args.to_dict()
    if request.method == "POST":
        given |= {name: one for name in LOOKS if (one := request.form.get(CHANGED + name))}
    language, zone = (given.get(name) for name in LOOKS)
    if language is not None and language not in languages():
        raise fail("question_malformed", f"is a language that is spoken here: {', '.join(languages())}", "language")
    if zone is not None and zone not in _zones():
        raise fail("question_malformed", "is no zone of the time-zone database, as Asia/Jakarta is", "zone")
    words = catalogue(language or request.accept_languages.best_match(languages(), DEFAULT))
    chosen = {name: given[name] for name in (*LOOKS, *CARRIED) if name in given}
    usual = Zone("UTC") if request.path.endswith(TWIN) else zone_of(words.language)
    return Viewing(words=words, zone=Zone(zone) if zone else usual, chosen=chosen)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
