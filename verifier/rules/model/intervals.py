"""How much of a line of days or months is covered by intervals that come and go (A11; M1, fees with ``once``)."""

from __future__ import annotations

from verifier.rules.model.context import Growing

DEPTH = 22
"""The line has 2^22 places: more than the days of the years 1970 to 9999."""


class IntervalSet(Growing):
    """Counts the places in [0, 2^22) that at least one interval covers.

    A tree of halves, made only where an interval ends: adding or taking away costs some 4 × 22 steps however long an
    interval is and however many there are. So thousands of years cost no more than a day.
    """

    def __init__(self) -> None:
        self._whole: dict[int, int] = {}  # node -> how many intervals cover all of it and not all of the one above
        self._covered: dict[int, int] = {}  # node -> places below it that are covered

    @property
    def places(self) -> int:
        """How many places are covered."""
        return self._covered.get(1, 0)

    def add(self, start: int, end: int) -> None:
        """Lay an interval [start, end) on the line; an empty one covers nothing."""
        if start < end:
            self._change(1, 0, 1 << DEPTH, start, end, 1)

    def remove(self, start: int, end: int) -> None:
        """Take away an interval that was laid before."""
        if start < end:
            self._change(1, 0, 1 << DEPTH, start, end, -1)

    def missing(self, start: int, end: int) -> int:
        """How many places of [start, end) no interval covers."""
        return max(0, end - start) - self._within(1, 0, 1 << DEPTH, start, end)

    def _within(self, node: int, low: int, high: int, start: int, end: int) -> int:
        """How many places of [start, end) are covered at or below the node that stands for [low, high)."""
        start, end = max(start, low), min(end, high)
        if start >= end or not self._covered.get(node):
            return 0
        if self._whole.get(node):
            return end - start
        if (start, end) == (low, high):
            return self._covered[node]
        middle = (low + high) // 2
        below, above = 2 * node, 2 * node + 1
        return self._within(below, low, middle, start, end) + self._within(above, middle, high, start, end)

    def _change(self, node: int, low: int, high: int, start: int, end: int, by: int) -> None:
        """Lay or take an interval on the node that stands for [low, high); its halves are 2 × node and the next."""
        if start <= low and high <= end:
            self._whole[node] = self._whole.get(node, 0) + by
        else:
            middle = (low + high) // 2
            if start < middle:
                self._change(2 * node, low, middle, start, end, by)
            if end > middle:
                self._change(2 * node + 1, middle, high, start, end, by)
        if self._whole.get(node):
            self._covered[node] = high - low
        else:
            self._covered[node] = self._covered.get(2 * node, 0) + self._covered.get(2 * node + 1, 0)
