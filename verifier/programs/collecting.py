"""Python's garbage collector, for programs that keep entries in their thousands: those make no rings of garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

RARELY = (20_000, 10, 1_000)
"""Thresholds. What is new is looked through in some 5 ms; all that there is, which takes seconds, next to never."""


def collect_rarely() -> None:
    """From here on: what is there stays, and is looked at no more."""
    gc.freeze()
    gc.set_threshold(*RARELY)


def settle() -> None:
    """The same, for a program that has begun: what it does not need any more goes first."""
    gc.collect()
    collect_rarely()


@contextmanager
def rare_collections() -> Iterator[None]:
    """While entries go by in their thousands."""
    former = gc.get_threshold()
    collect_rarely()
    try:
        yield
    finally:
        gc.set_threshold(*former)
        gc.unfreeze()
