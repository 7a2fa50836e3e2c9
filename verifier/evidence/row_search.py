"""The rows of some entries in a list that is shown, found by halving."""

from __future__ import annotations

from bisect import bisect_left
from operator import itemgetter

from verifier.evidence.rows import Rows

_index_of = itemgetter(0)


def holds_entry(rows: Rows, entry: int) -> bool:
    """Whether one of the rows is this entry's."""
    return bool(rows_between(rows, entry, entry + 1))


def rows_between(rows: Rows, first: int, end: int) -> Rows:
    """The rows of entries from ``first`` to below ``end``."""
    return rows[bisect_left(rows, first, key=_index_of) : bisect_left(rows, end, key=_index_of)]
