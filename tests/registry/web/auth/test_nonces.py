"""A nonce counts once: in one process, and among all that remember together."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from registry.web.auth import nonces
from registry.web.auth.nonces import KEPT, KEPT_TOGETHER, SWEEP, KeptNonces, Nonces, OwnNonces
from tests.support.kept_tables import KINDS, tables_of


@pytest.fixture(params=["own", *KINDS])
def opened(request: pytest.FixtureRequest) -> Callable[[], Nonces]:
    if request.param == "own":
        made = OwnNonces()
        return lambda: made
    tables = tables_of(request.param, request)
    return lambda: KeptNonces(tables())


class _Clock:
    """Stands in for the module ``time`` there."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def time(self) -> float:
        return time.time() + self.ahead

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    made = _Clock()
    monkeypatch.setattr(nonces, "time", made)
    return made


def test_once(opened: Callable[[], Nonces]) -> None:
    one, other = opened(), opened()
    assert one.use("a", "1") and other.use("b", "1") and other.use("a", "2")
    assert one.use("a", "1") is False and other.use("a", "1") is False


def test_what_was_used_before_the_first_of_them_began_is_not_known(opened: Callable[[], Nonces], clock: _Clock) -> None:
    """A registry that has just gone over from a folder must refuse what the folder's process may have seen."""
    one = opened()
    clock.ahead = 100
    assert opened().began == one.began
    assert one.began is None or 0 <= one.began - time.time() <= 1.5


def test_of_many_at_once_one_is_first(opened: Callable[[], Nonces]) -> None:
    all_nonces = [opened() for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda at: all_nonces[at % 4].use("a", "1"), range(32)))
    assert said.count(True) == 1 and said.count(False) == 31


def test_they_are_forgotten_in_time_and_bounded(
    opened: Callable[[], Nonces], clock: _Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = opened()
    assert one.use("a", "1") and one.use("b", "1")
    clock.ahead = KEPT - 1
    assert one.use("a", "1") is False
    clock.ahead = KEPT_TOGETHER + 1 if one.began else KEPT + 1
    assert one.use("a", "1") is True
    monkeypatch.setattr(nonces, "MOST", 1)
    clock.ahead += SWEEP if one.began else 0
    assert one.use("a", "2") is None
