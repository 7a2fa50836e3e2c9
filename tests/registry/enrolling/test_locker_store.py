"""Lockers, in a file and in a database that front ends share."""

from __future__ import annotations

import pytest

from registry.desk.pending import DeskRefusal
from registry.enrolling.locker_store import CHANGES, DAY, MOST, Locker, LockerStore
from tests.support.kept_tables import KINDS, Opened, tables_of


@pytest.fixture(params=KINDS)
def opened(request: pytest.FixtureRequest) -> Opened:
    return tables_of(request.param, request)


def test_what_one_keeps_the_other_opens(opened: Opened) -> None:
    one, other = LockerStore(opened()), LockerStore(opened())
    blob = bytes(range(256))
    made = one.put("l1", "anna", blob, 100)
    assert made == Locker(id="l1", owner="anna", at=100, size=256) and other.open("l1", 101) == blob
    assert other.put("l1", "anna", b"anew", 102).size == 4 and one.open("l1", 103) == b"anew"
    with pytest.raises(DeskRefusal, match="somebody else's"):
        other.put("l1", "ben", b"x", 104)
    other.hand_over("anna", "ben")
    assert one.of("anna") == [] and one.of("ben") == [Locker(id="l1", owner="ben", at=102, size=4)]
    assert not one.remove("l1", "anna") and one.remove("l1", "ben") and other.open("l1", 105) is None


def test_their_number_and_their_changes_are_bounded_for_all_together(opened: Opened) -> None:
    stores = [LockerStore(opened()), LockerStore(opened())]
    for at in range(MOST):
        stores[at % 2].put(f"l{at}", "anna", b"x", 100)
    with pytest.raises(DeskRefusal, match="throw one away"):
        stores[0].put("more", "anna", b"x", 100)
    for at in range(CHANGES - MOST):
        stores[at % 2].put("l0", "anna", b"x", 100)
    with pytest.raises(DeskRefusal, match="times a day"):
        stores[0].put("l0", "anna", b"x", 100)
    stores[1].put("l0", "anna", b"x", 100 + DAY)
    stores[0].remove_all("anna")
    assert stores[1].of("anna") == []
