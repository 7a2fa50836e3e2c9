"""What uses and reports make due, whatever their order: schedules and splits."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.support.fee_draws import KINDS, small
from tests.support.money_values import steps, with_
from tests.support.tally import Line, Tally
from verifier.rules.model.context import GOOD
from verifier.rules.money.schedule import price_of
from verifier.rules.money.splits import WHOLE_BP, LegKind, legs, quotas
from verifier.rules.money.units import Event
from verifier.rules.standing.stops import Stop
from verifier.statements.sections import Fee, Split, Tier

amounts = st.integers(0, 10**6)


# ---- schedules


@st.composite
def fees(draw: st.DrawFn) -> tuple[Fee, ...]:
    found = []
    for per in draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=4)):
        once = per in ("day", "month") and draw(st.booleans())
        if per != "flat" and draw(st.booleans()):
            starts = sorted(draw(st.sets(st.integers(1, 20), max_size=3)))
            tiers = tuple(Tier(from_=start, amount=draw(amounts)) for start in (0, *starts))
            found.append(Fee(per=per, tiers=tiers, above=draw(small), once=once))
        else:
            found.append(Fee(per=per, amount=draw(amounts), above=0 if per == "flat" else draw(small), once=once))
    return tuple(found)


hours = st.integers(0, 4_000).map(lambda hour: hour * 3_600)
cuts = st.builds(
    lambda index, at: Stop(index=index, start=at, end=2**62, code="revoked", judgement=GOOD), st.integers(0, 20), hours
)


@st.composite
def events(draw: st.DrawFn) -> list[Event]:
    found: list[Event] = []
    stops = tuple(draw(st.lists(cuts, max_size=2)))
    for index in range(draw(st.integers(0, 20))):
        declared = [event for event in found if event.declares]
        images = draw(small)
        if declared and index % 2:
            event = draw(st.sampled_from(declared))
            ends = draw(st.none() | hours)
            found.append(Event(index, index, event.usage, declares=False, own=event.own, images=images,
                               impressions=draw(amounts), ends=ends))  # fmt: skip
        else:
            starts = draw(hours)
            found.append(Event(index, index, f"u{index}", declares=True, own=draw(st.booleans()), images=images,
                               starts=starts, ends=starts + draw(hours), days=draw(small), stops=stops))  # fmt: skip
    return found


def lines_of(prices: Iterable[Fee], log: Iterable[Event]) -> list[Line]:
    made = Tally(tuple(prices))
    return [line for event in log if (line := made.add(event)) is not None]


class TestSchedule:
    @given(fees(), events())
    def test_one_line_per_own_entry(self, prices: tuple[Fee, ...], log: list[Event]) -> None:
        assert [line.index for line in lines_of(prices, log)] == [event.index for event in log if event.own]

    @given(fees(), events())
    def test_only_a_cut_takes_anything_back(self, prices: tuple[Fee, ...], log: list[Event]) -> None:
        uncut = [with_(event, {"stops": ()}) for event in log]
        assert all(line.amount >= 0 for line in lines_of(prices, uncut))
        if any(line.amount < 0 for line in lines_of(prices, log)):
            assert any(event.stops for event in log) and any(fee.per in ("day", "month") for fee in prices)

    @given(fees(), events(), st.integers(0, 20))
    def test_what_is_logged_later_changes_no_earlier_line(
        self, prices: tuple[Fee, ...], log: list[Event], cut: int
    ) -> None:
        assert lines_of(prices, log[:cut]) == [line for line in lines_of(prices, log) if line.index < cut]

    @given(fees(), events())
    def test_lines_add_up_to_the_price_of_all_units(self, prices: tuple[Fee, ...], log: list[Event]) -> None:
        """Without replaced consents it does not matter in which order the units came."""
        own = [with_(event, {"own": True}) for event in log]
        made = Tally(prices)
        total = sum(line.amount for event in own if (line := made.add(event)) is not None)
        expected = Fraction(sum(fee.amount or 0 for fee in prices if fee.per == "flat") if own else 0)
        for fee in prices:
            if fee.per != "flat":
                alone = Tally((Fee(per=fee.per, amount=1000, once=fee.once),))
                units = sum(line.amount for event in own if (line := alone.add(event)) is not None)
                units = units if fee.per == "mille" else units // 1000
                expected += Fraction(price_of(fee, 0, units), 1000 if fee.per == "mille" else 1)
        assert made.too_large or total == round(expected)

    @given(fees(), fees(), events())
    def test_fees_add_up_but_for_rounding(self, some: tuple[Fee, ...], more: tuple[Fee, ...], log: list[Event]) -> None:
        together = lines_of((*some, *more), log)
        apart = zip(lines_of(some, log), lines_of(more, log), strict=True)
        exact = all(fee.per != "mille" for fee in (*some, *more))
        for line, (one, other) in zip(together, apart, strict=True):
            assert abs(line.amount - one.amount - other.amount) <= (0 if exact else 2)

    @given(fees(), events(), st.randoms())
    def test_the_order_of_fees_does_not_matter(
        self, prices: tuple[Fee, ...], log: list[Event], random: Any
    ) -> None:
        shuffled = list(prices)
        random.shuffle(shuffled)
        assert lines_of(shuffled, log) == lines_of(prices, log)

    @given(fees(), events(), st.integers(0, 20))
    def test_a_fork_is_the_same_and_disturbs_nothing(
        self, prices: tuple[Fee, ...], log: list[Event], cut: int
    ) -> None:
        expected = lines_of(prices, log)
        made = Tally(prices)
        found = [line for event in log[:cut] if (line := made.add(event)) is not None]
        for one in (made.fork(), made.fork(), made):
            rest = [line for event in log[cut:] if (line := one.add(event)) is not None]
            assert [*found, *rest] == expected


# ---- splits


@st.composite
def splits(draw: st.DrawFn) -> list[Split]:
    parts = draw(st.lists(st.integers(1, 1_000_000) | st.integers(1, 5), min_size=1, max_size=16))
    through = [draw(st.booleans()) and place > 0 for place in range(len(parts))]
    gross = st.sampled_from([10_000, 12_200, 7_000, 0, 1])
    return [
        Split(
            payee=f"p{place:02}",
            kind="agency" if place == 0 else "model",
            parts=one,
            gross_bp=draw(gross),
            via="p00" if through[place] else None,
        )
        for place, one in enumerate(parts)
    ]


running = st.lists(amounts, max_size=20).map(sorted)


class TestSplits:
    @given(st.integers(0, 10**12), st.lists(st.integers(1, 1_000_000), min_size=1, max_size=16))
    def test_quotas_add_up_and_are_within_one_of_exact(self, total: int, parts: list[int]) -> None:
        whole = sum(parts)
        shares = quotas(total, parts)
        assert sum(shares) == total
        assert all(
            total * part // whole <= share <= -(-total * part // whole)
            for part, share in zip(parts, shares, strict=True)
        )

    @given(splits(), running)
    def test_lines_add_up_to_the_total_before_gross(self, some: list[Split], totals: list[int]) -> None:
        plain = [Split(payee=one.payee, kind=one.kind, parts=one.parts) for one in some]
        lines = [steps(leg, totals, plain) for leg in legs(plain, None)]
        before = 0
        for place, total in enumerate(totals):
            assert sum(one[place] for one in lines) == total - before
            before = total

    @given(splits(), running)
    def test_a_leg_comes_to_its_share_however_it_was_reached(self, some: list[Split], totals: list[int]) -> None:
        debts = legs(some, "p00")
        if totals:
            at_once = [steps(leg, totals[-1:], some) for leg in debts]
            step_by_step = [steps(leg, totals, some) for leg in debts]
            assert [sum(lines) for lines in at_once] == [sum(lines) for lines in step_by_step]

    @given(splits(), running)
    def test_no_line_takes_back_more_than_rounding_does(self, some: list[Split], totals: list[int]) -> None:
        debts = legs(some, "p00")
        for leg in debts:
            most = -(-leg.gross_bp * len(leg.places) // WHOLE_BP) + 1
            assert all(line >= -most for line in steps(leg, totals, some))

    @given(splits())
    def test_every_payee_is_on_one_leg(self, some: list[Split]) -> None:
        debts = legs(some, "p00")
        assert [leg.payee for leg in debts] == sorted({split.payee for split in some} | {leg.payee for leg in debts})
        covered = [place for leg in debts if leg.kind is not LegKind.FROM_AGENCY for place in leg.places]
        assert sorted(covered) == list(range(len(some)))
