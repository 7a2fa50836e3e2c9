"""M1: tables of fees and events, and the lines they make."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.support.tally import Tally
from verifier.base.strict import MAX_INTEGER
from verifier.rules.money.reasons import CannotTell
from verifier.rules.money.schedule import counts_over_the_consent, price_of
from verifier.rules.money.units import Event
from verifier.statements.sections import Fee, Tier

# An event is a letter and a number: "a2" declares usage a with 2 images, "A5" reports that it has 5 by now, "A" reports
# no images; "x1" and "y1" are usages of a consent that was replaced.


def events(*texts: str) -> list[Event]:
    return [
        Event(
            index=place,
            logged=100 + place,
            usage=text[0].lower(),
            declares=text[0].islower(),
            own=text[0] not in "xyXY",
            images=int(text[1:]) if text[1:] else None,
        )
        for place, text in enumerate(texts)
    ]


def flat(amount: int) -> Fee:
    return Fee(per="flat", amount=amount)


def use(amount: int, above: int = 0) -> Fee:
    return Fee(per="use", amount=amount, above=above)


def image(amount: int, above: int = 0) -> Fee:
    return Fee(per="image", amount=amount, above=above)


def tiers(per: str, *steps: tuple[int, int], above: int = 0) -> Fee:
    return Fee(per=per, tiers=tuple(Tier(from_=start, amount=amount) for start, amount in steps), above=above)


CASES = {
    "nothing was used": ([flat(100)], [], []),
    "flat once, at the first usage": ([flat(100)], ["a1", "b1", "A1"], [100, 0, 0]),
    "flat again for the consent that replaces": ([flat(100)], ["x1", "a1", "b1"], [100, 0]),
    "two flat fees": ([flat(100), flat(7)], ["a1", "b1"], [107, 0]),
    "per use": ([use(40)], ["a1", "b9", "B12"], [40, 40, 0]),
    "per use above two": ([use(40, above=2)], ["a1", "b1", "c1", "d1"], [0, 0, 40, 40]),
    "per use, a replaced consent's uses count": ([use(40, above=2)], ["x1", "a1", "y1", "b1"], [0, 40]),
    "per image": ([image(10)], ["a3", "b1"], [30, 10]),
    "a report's total replaces the declared one": ([image(10)], ["a3", "A5"], [30, 20]),
    "a lower total is ignored": ([image(10)], ["a3", "A2", "A4"], [30, 0, 10]),
    "a report without images": ([image(10)], ["a3", "A"], [30, 0]),
    "reports are cumulative per usage": ([image(10)], ["a3", "b2", "A5", "B5", "A6"], [30, 20, 20, 30, 10]),
    "per image above three": ([image(10, above=3)], ["a2", "b2", "A4"], [0, 10, 20]),
    "per image above, a replaced consent's reports count": ([image(10, above=3)], ["x2", "a1", "X4", "b1"], [0, 10]),
    "tiers": ([tiers("use", (0, 50), (2, 30), (3, 10))], ["a1", "b1", "c1", "d1", "e1"], [50, 50, 30, 10, 10]),
    "tiers within one usage": ([tiers("image", (0, 50), (2, 30))], ["a5"], [190]),
    "tiers across entries": ([tiers("image", (0, 50), (2, 30))], ["a1", "A3", "b1"], [50, 80, 30]),
    "tiers above": ([tiers("image", (0, 50), (2, 30), above=1)], ["a4"], [110]),
    "one tier from 0 is a plain price": ([tiers("use", (0, 50))], ["a1", "b1"], [50, 50]),
    "a free tier": ([tiers("use", (0, 0), (1, 5))], ["a1", "b1"], [0, 5]),
    "flat, use and image together": ([flat(100), use(7), image(1)], ["a2", "b3", "B4"], [109, 10, 1]),
    "fees of nothing": ([flat(0)], ["a1"], [0]),
}


def amounts(made: Tally, log: Sequence[Event]) -> list[int]:
    return [line.amount for event in log if (line := made.add(event)) is not None]


@pytest.mark.parametrize("fees, log, lines", CASES.values(), ids=CASES.keys())
def test_lines(fees: Sequence[Fee], log: Sequence[str], lines: list[int]) -> None:
    made = Tally(fees)
    found = [line for event in events(*log) if (line := made.add(event)) is not None]
    assert [line.amount for line in found] == lines
    own = [event for event in events(*log) if event.own]
    assert [(line.index, line.logged, line.usage) for line in found] == [(e.index, e.logged, e.usage) for e in own]
    assert made.total == sum(lines) and not made.too_large and not made.schedule.doubts
    assert all(made.schedule.open(event.usage) is None for event in own)


def code_of(*fees: Fee) -> str:
    with pytest.raises(CannotTell) as caught:
        Tally(fees)
    assert caught.value.reason.rule == "M1"
    return caught.value.reason.code


@pytest.mark.parametrize(
    "fee",
    [
        Fee(per="flat", amount=1, above=1),
        tiers("flat", (0, 1)),
        Fee(per="flat", amount=1, once=True),
        Fee(per="use", amount=1, once=True),
        Fee(per="image", amount=1, once=True),
        Fee(per="mille", amount=1, once=True),
    ],
)
def test_members_that_do_not_fit(fee: Fee) -> None:
    assert code_of(fee) == "bad_terms"


def test_the_largest_total_and_one_more() -> None:
    made = Tally([flat(MAX_INTEGER)])
    assert amounts(made, events("a1", "b1")) == [MAX_INTEGER, 0]
    assert not made.too_large
    made = Tally([flat(MAX_INTEGER), use(1, above=1)])
    assert amounts(made, events("a1", "b1", "c1")) == [MAX_INTEGER, 0, 0]
    assert made.too_large


def test_many_units_are_no_sum_of_money() -> None:
    made = Tally([image(0), image(1, above=2 * MAX_INTEGER)])
    assert amounts(made, events(f"a{MAX_INTEGER}", f"b{MAX_INTEGER}", "c3")) == [0, 0, 3]


def test_units_are_taken_back_at_the_price_of_the_last() -> None:
    fee = tiers("day", (0, 5), (2, 3), above=1)
    assert [price_of(fee, 0, n) for n in range(5)] == [0, 0, 5, 8, 11]
    assert price_of(fee, 4, 1) == -11


def test_a_fork_goes_on_by_itself() -> None:
    log = events("a2", "b1", "A5", "B9")
    made = Tally([use(7, above=1), image(1), Fee(per="day", amount=1, once=True)])
    before = amounts(made, log[:2])
    other = made.fork()
    assert amounts(other, log[2:]) == amounts(made, log[2:])
    again = Tally([use(7, above=1), image(1), Fee(per="day", amount=1, once=True)])
    assert before == amounts(again, log[:2])
    fork = again.fork()
    amounts(fork, log[2:3])
    assert amounts(again, log[3:]) == [8]  # what the fork took is not there


@pytest.mark.parametrize(
    "fee, matters",
    [
        (flat(1), False),
        (use(1), False),
        (use(1, above=1), True),
        (tiers("use", (0, 1)), False),
        (tiers("use", (0, 1), (1, 2)), True),
        (Fee(per="day", amount=1), False),
        (Fee(per="day", amount=1, once=True), True),
    ],
)
def test_when_units_of_replaced_consents_matter(fee: Fee, matters: bool) -> None:
    assert counts_over_the_consent([flat(3), fee]) is matters
