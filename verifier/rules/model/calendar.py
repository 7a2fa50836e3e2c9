"""Months on the calendar, without a time zone or its database (T5)."""

from __future__ import annotations

from verifier.base.strict import MAX_INSTANT, civil_from_days, days_from_civil, days_in_month

DAY = 86_400

LONGEST_USE = 366 * DAY
"""Seconds that a use runs at most, whatever is said (A10)."""


def add_months(instant: int, months: int) -> int:
    """The same day and time of day ``months`` months on, clamped to the month's end (T5); POSIX seconds."""
    days, time_of_day = divmod(instant, DAY)
    year, month, day = civil_from_days(days)
    count = year * 12 + (month - 1) + months
    year, month = count // 12, count % 12 + 1
    if year > 9999:
        return MAX_INSTANT + 1
    return days_from_civil(year, month, min(day, days_in_month(year, month))) * DAY + time_of_day
