"""A month as a table: lanes for each model, cells that span days. Which day an instant lies in says the zone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from registry.look import Zone
from registry.web.errors import fail
from registry.web.pages.agreed import Agreed
from registry.web.pages.atoms import Person
from verifier.base.strict import civil_from_days, days_from_civil
from verifier.base.values import field, value

DAY = 86_400
_MONTH = re.compile(r"(20[0-9]{2}|2[1-9][0-9]{2})-(0[1-9]|1[0-2])\Z", re.ASCII)


@value
class Cell:
    """So many days, with what lies there or nothing."""

    days: int
    agreed: Agreed | None = None


@value(frozen=False)
class GridRow:
    """A model, and her lanes."""

    model: Person | None
    lanes: list[list[Cell]] = field(default_factory=list)


def parse_month(text: str | None, now: int, zone: Zone) -> tuple[int, int]:
    """(year, month) of ``2026-12``; the month that it is there now where nothing is said. Raises a problem."""
    if text is None:
        year, month, _ = civil_from_days(zone.day(now))
        return year, month
    match = _MONTH.match(text)
    if match is None:
        raise fail("question_malformed", "is a month, as 2026-12 is", "month")
    return int(match[1]), int(match[2])


def format_month(year: int, month: int, by: int = 0) -> str:
    """The month ``by`` months later, as :func:`parse_month` reads it."""
    count = year * 12 + month - 1 + by
    return f"{count // 12:04d}-{count % 12 + 1:02d}"


def span(year: int, month: int) -> tuple[int, int]:
    """The days of a month, as days since 1970: the first, and the first of the next."""
    return days_from_civil(year, month, 1), days_from_civil(year + month // 12, month % 12 + 1, 1)


def grid(agreed: Iterable[Agreed], text: str, zone: Zone) -> list[GridRow]:
    """What lies in a month, by model; a lane holds what does not overlap."""
    year, month = int(text[:4]), int(text[5:])
    first, end = span(year, month)
    rows: dict[str, GridRow] = {}
    spans: dict[str, list[list[tuple[int, int, Agreed]]]] = {}
    for one in agreed:
        start = max(zone.day(one.starts.at), first)
        stop = min(zone.day(one.ends.at - 1) + 1, end)
        if start >= stop:
            continue
        name = "" if one.model is None else one.model.party
        rows.setdefault(name, GridRow(model=one.model))
        lanes = spans.setdefault(name, [])
        lane = next((lane for lane in lanes if lane[-1][1] <= start), None)
        if lane is None:
            lanes.append([(start, stop, one)])
        else:
            lane.append((start, stop, one))
    for name, row in rows.items():
        row.lanes = [_cells(lane, first, end) for lane in spans[name]]
    return list(rows.values())


def _cells(lane: Sequence[tuple[int, int, Agreed]], first: int, end: int) -> list[Cell]:
    cells, at = [], first
    for start, stop, one in lane:
        if start > at:
            cells.append(Cell(days=start - at))
        cells.append(Cell(days=stop - start, agreed=one))
        at = stop
    if at < end:
        cells.append(Cell(days=end - at))
    return cells


def days_of(text: str, now: int, zone: Zone) -> list[tuple[int, bool, bool]]:
    """The days of a month: (number, at the weekend, today)."""
    first, end = span(int(text[:4]), int(text[5:]))
    today = zone.day(now)
    return [(day - first + 1, (day + 3) % 7 >= 5, day == today) for day in range(first, end)]
