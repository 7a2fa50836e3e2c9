"""A calendar as any program reads it: iCalendar (RFC 5545), with a name and how often to look anew (RFC 7986)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MEDIA_TYPE = "text/calendar"
PRODUCT = "-//Kembar//rights registry//EN"
LOOK = timedelta(hours=6)
"""How often calendar programs are asked to look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """From ``starts`` to ``ends`` (POSIX seconds), or a moment where the two are one. ``uid`` stays the same while the
    rest changes; ``kind`` is one word."""

    uid: str
    kind: str
    starts: int
    ends: int
    title: str
    details: str


def format_calendar(name: str, appointments: Iterable[Appointment], now: int) -> bytes:
    """The file, all times in UTC. It takes nobody's time: who looks at it is still free."""
    from icalendar import Calendar, Event  # with the first calendar: a twentieth of a start

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", LOOK, parameters={"VALUE": "DURATION"})
    for one in appointments:
        event = Event()
        event.add("uid", one.uid)
        event.add("dtstamp", _utc(now))
        event.add("dtstart", _utc(one.starts))
        if one.ends > one.starts:
            event.add("dtend", _utc(one.ends))
        event.add("summary", one.title)
        event.add("description", one.details)
        event.add("categories", [one.kind])
        event.add("class", "PRIVATE")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    data: bytes = calendar.to_ical()
    return data


def _utc(instant: int) -> datetime:
    return datetime.fromtimestamp(instant, UTC)
