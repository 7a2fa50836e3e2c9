"""Sets of intervals count like sets of places, whatever is laid on them and taken away again."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from verifier.rules.model.forks import fork
from verifier.rules.model.intervals import DEPTH, IntervalSet

spans = st.tuples(st.integers(0, 60), st.integers(0, 60))


class TestIntervalSet:
    @given(st.lists(spans, max_size=12), spans, st.randoms())
    def test_it_is_what_counting_says(
        self, laid: list[tuple[int, int]], asked: tuple[int, int], random: Any
    ) -> None:
        covered, forked = IntervalSet(), IntervalSet()
        for place, span in enumerate(laid):
            covered.add(*span)
            if place == len(laid) // 2:
                forked = fork(covered)
        before = forked.places
        gone = random.sample(range(len(laid)), len(laid) // 2)
        for place in gone:
            covered.remove(*laid[place])
        left = {place for one, span in enumerate(laid) if one not in gone for place in range(*span)}
        assert covered.places == len(left)
        assert covered.missing(*asked) == len(set(range(*asked)) - left)
        assert forked.places == before

    @given(st.lists(spans, max_size=12))
    def test_what_is_missing_is_what_adding_brings(self, laid: list[tuple[int, int]]) -> None:
        covered = IntervalSet()
        for span in laid:
            brings = covered.missing(*span)
            before = covered.places
            covered.add(*span)
            assert covered.places - before == brings
            assert covered.missing(*span) == 0

    def test_length_costs_nothing(self) -> None:
        covered, whole = IntervalSet(), 1 << DEPTH
        began = perf_counter()
        for start in range(2_000):
            covered.add(start, whole - start)
            assert covered.missing(0, whole) == 0
        assert perf_counter() - began < 5
        assert covered.places == whole
