"""What the sentences are written from, and the words that they share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from registry.advice.clashes import Clashes
from verifier.base.strict import MAX_INSTANT, format_instant
from verifier.rules.model.context import Context
from verifier.rules.model.record import Entry
from verifier.rules.use.case import UsageCase
from verifier.statements.sections import Section
from verifier.words.category_names import CATEGORY_NAMES

MAX_LISTED = 40
"""Codes that one sentence lists; the rest is counted."""


@dataclass(slots=True, kw_only=True)
class FailedRow:
    """A candidate on top of the log, and the row that is being cured: its ``rule`` and the entries ``behind`` it.

    ``case`` is a usage with its terms and its consent's, where both can be read. ``clashes`` are for those who may read
    other brands' scopes; ``None`` for all others.
    """

    context: Context
    entry: Entry
    sections: Mapping[str, Section]
    clashes: Clashes | None = None
    case: UsageCase | None = None
    rule: str = ""
    behind: tuple[int, ...] = ()


def listed(words: Iterable[str]) -> str:
    """The words with commas; of very many, the first."""
    found = list(words)
    more = len(found) - MAX_LISTED
    return ", ".join(found[:MAX_LISTED]) + (f" and {more} more" if more > 0 else "")


def categories(codes: Iterable[str]) -> str:
    """Category codes with their names."""
    return listed(f"{code} {CATEGORY_NAMES[code]}" if code in CATEGORY_NAMES else code for code in codes)


def moment(seconds: int) -> str:
    """An instant; one that never comes is the last that can be written."""
    return format_instant(min(seconds, MAX_INSTANT))
