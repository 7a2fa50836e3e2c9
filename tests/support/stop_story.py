"""A use that runs from 1 to 11 March, and what cuts it short."""

from __future__ import annotations

from typing import Any

from tests.support.cast import Cast, Logged, segments

SPAN = {"starts": "2026-03-01T00:00:00Z", "ends": "2026-03-11T00:00:00Z"}


def at(c: Cast, date: str) -> None:
    c.world.set_clock(f"2026-{date}T00:00:00Z")


def running(c: Cast, **terms: Any) -> tuple[Logged, Logged]:
    """A consent, and a use of the first ten days of March, declared on the first."""
    consent = c.consent(terms=terms)
    at(c, "03-01")
    usage = c.world.usage(consent, terms=SPAN)
    at(c, "03-04")
    return consent, usage


def cut(c: Cast, usage: Logged, **how: Any) -> str:
    return segments(c.check(usage, **how))


def revoke(c: Cast, consent: Logged, **options: Any) -> None:
    c.world.revocation(consent=consent, **options)
