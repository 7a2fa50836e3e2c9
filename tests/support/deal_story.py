"""Deals and their uses, told in a line."""

from __future__ import annotations

from tests.support.cast import Cast

SPAN = {"starts": "2026-03-01T00:00:00Z", "ends": "2026-03-11T00:00:00Z"}


def at(c: Cast, date: str) -> None:
    """Move the clock, and have something logged then."""
    c.world.set_clock(f"2026-{date}T00:00:00Z")
    c.actor(f"somebody of {date}", roles=["holder"])
