"""Stops of which it cannot be told whether they were lifted, settled by the words of the rules."""

from __future__ import annotations

import pytest

from tests.support.cast import DAY, Cast, key
from tests.support.stop_story import at, cut, running

# ---- A6: one suspension has one sell-off, whatever may have lifted it


@pytest.mark.parametrize("sell_off, until", [(0, "03-04"), (DAY, "03-05"), (3 * DAY, "03-07")])
def test_a_resumption_that_may_have_no_effect_begins_no_new_sell_off(sell_off: int, until: str) -> None:
    """Whether the union resumed what the model suspended turns on the union's keys."""
    c = Cast()
    consent, usage = running(c, sell_off=sell_off)
    c.world.suspension(consent)
    at(c, "03-06")
    c.world.resumption(consent, by=c.ulla)
    assert cut(c, usage) == f"03-01 yes {until} no 03-11"
    assert cut(c, usage, hide_lists=[f"keys:{c.ulla.id}"]) == f"03-01 yes {until} ? 03-11"


@pytest.mark.parametrize("sell_off, expected", [
    (0, "03-01 yes 03-04 no 03-06 ? 03-11"), (DAY, "03-01 yes 03-05 no 03-06 ? 03-11"),
    (3 * DAY, "03-01 yes 03-07 ? 03-11"),
])  # fmt: skip
def test_nor_does_one_that_is_disputed(sell_off: int, expected: str) -> None:
    c = Cast()
    consent, usage = running(c, sell_off=sell_off)
    c.world.suspension(consent)
    at(c, "03-06")
    lifted = c.world.resumption(consent)
    at(c, "03-08")
    c.world.key(c.anna, add=[key("new")], retire=[c.anna.keys[0]])
    c.world.dispute(consent, [lifted], author=c.anna, tag="key")
    assert cut(c, usage) == expected


# ---- A5: a good resumption makes no doubtful suspension good


def test_a_suspension_in_doubt_stays_so_beyond_what_may_have_lifted_it() -> None:
    """The model's, which a resumption of the new consent lifts: it names no union, the old one does."""
    c = Cast()
    consent, usage = running(c)
    c.world.suspension(consent)
    at(c, "03-06")
    again = c.consent(simple=True, replaces=consent)
    c.world.resumption(again)
    assert cut(c, usage) == "03-01 yes 03-04 no 03-06 yes 03-11"
    assert cut(c, usage, hide_lists=[f"keys:{c.ulla.id}"]) == "03-01 yes 03-04 ? 03-11"
