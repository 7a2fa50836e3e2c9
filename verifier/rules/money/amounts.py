"""Sums of money and units: integers within the protocol's bounds, and exact rounding (protocol, section 2; M1, M2)."""

from __future__ import annotations

from verifier.base.strict import MAX_INTEGER
from verifier.rules.money.reasons import CannotTell

Lines = tuple[tuple[str, int], ...]
"""What money is for: (usage, amount)."""


def bounded(rule: str, amount: int) -> int:
    """The same amount; :class:`CannotTell` ``too_large``, for ``rule``, if it leaves ±(2^53−1)."""
    if not -MAX_INTEGER <= amount <= MAX_INTEGER:
        raise CannotTell(rule, "too_large")
    return amount


def half_even(numerator: int, denominator: int) -> int:
    """The integer nearest to an exact fraction; of two equally near, the even one. ``denominator`` > 0."""
    whole, rest = divmod(numerator, denominator)
    twice = 2 * rest
    return whole + (twice > denominator or (twice == denominator and whole % 2 == 1))


def within(lines: Lines, amount: int | None) -> Lines:
    """The lines as far as ``amount`` reaches, in order, each usage once. ``None``: there is no bound."""
    found: dict[str, int] = {}
    for usage, wanted in lines:
        part = wanted if amount is None else min(wanted, amount)
        if part:
            found[usage] = found.get(usage, 0) + part
            if amount is not None:
                amount -= part
    return tuple(found.items())
