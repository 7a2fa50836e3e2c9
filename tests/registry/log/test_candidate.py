"""A list that grows without being copied is a list all the same."""

from __future__ import annotations

from bisect import bisect_left

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.log.candidate import Appended

ROWS = st.lists(st.integers(0, 1000), max_size=20)


@given(head=ROWS, tail=ROWS, start=st.integers(-25, 45), stop=st.integers(-25, 45), step=st.sampled_from([1, 2, -1]))
def test_it_is_what_both_are_together(head: list[int], tail: list[int], start: int, stop: int, step: int) -> None:
    whole, longer = head + tail, Appended(head, tail)
    assert list(longer) == whole
    assert len(longer) == len(whole)
    assert bool(longer) == bool(whole)
    assert list(longer[start:stop:step]) == whole[start:stop:step]
    assert list(reversed(longer)) == whole[::-1]
    assert [longer[place] for place in range(-len(whole), len(whole))] == whole + whole
    for place in (len(whole), -len(whole) - 1):
        with pytest.raises(IndexError):
            longer[place]


@given(head=ROWS, tail=ROWS, wanted=st.integers(0, 1000))
def test_it_is_searched_like_one(head: list[int], tail: list[int], wanted: int) -> None:
    whole = sorted(head + tail)
    assert bisect_left(Appended(whole[:3], whole[3:]), wanted) == bisect_left(whole, wanted)
