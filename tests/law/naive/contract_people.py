"""Who controls whom: M7, and A16's ``against``."""

from __future__ import annotations

from collections.abc import Iterable

from tests.law.naive.contract import History


def chain(history: History, party: str | None) -> set[str]:
    """A party, and who controls it, upward."""
    found: set[str] = set()
    while party is not None and party not in found:
        found.add(party)
        entry = history.first_good(f"keys:{party}", party, 1 << 60)
        party = entry.statement.parties.controller if entry is not None else None
    return found


def one_control(history: History, one: str | None, others: Iterable[str | None]) -> bool:
    return one is not None and any(chain(history, one) & chain(history, other) for other in others if other is not None)
