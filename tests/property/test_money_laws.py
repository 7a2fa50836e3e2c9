"""Laws of money: nothing is lost, nothing is made, order does not matter, and the slow reading of RULES agrees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.money.naive import Facts, Op, Share, decide
from tests.money.story import Story
from tests.world import Logged
from verifier.money.amounts import within
from verifier.money.ledger import DueLine, Lot, fill, net
from verifier.money.schedule import Event, schedule
from verifier.money.splits import WHOLE_BP, Way, legs, quotas, split_totals
from verifier.money.transfers import Grade, Paper, transfers
from verifier.statements.sections import Fee, Split, Tier

amounts = st.integers(0, 10**6)
small = st.integers(0, 12)


# ---- schedules


@st.composite
def fees(draw: st.DrawFn) -> tuple[Fee, ...]:
    found = []
    for per in draw(st.lists(st.sampled_from(["flat", "use", "image"]), min_size=1, max_size=4)):
        if per != "flat" and draw(st.booleans()):
            starts = sorted(draw(st.sets(st.integers(1, 20), max_size=3)))
            tiers = tuple(Tier(from_=start, amount=draw(amounts)) for start in (0, *starts))
            found.append(Fee(per=per, tiers=tiers, above=draw(small)))
        else:
            found.append(Fee(per=per, amount=draw(amounts), above=0 if per == "flat" else draw(small)))
    return tuple(found)


@st.composite
def events(draw: st.DrawFn) -> list[Event]:
    found: list[Event] = []
    for index in range(draw(st.integers(0, 20))):
        declared = [event for event in found if event.declares]
        images = draw(small)
        if declared and index % 2:
            event = draw(st.sampled_from(declared))
            found.append(Event(index, index, event.usage, declares=False, own=event.own, images=images))
        else:
            found.append(Event(index, index, f"u{index}", declares=True, own=draw(st.booleans()), images=images))
    return found


class TestSchedule:
    @given(fees(), events())
    def test_one_line_per_own_entry_and_none_is_negative(self, prices: tuple[Fee, ...], log: list[Event]) -> None:
        lines = schedule(prices, log).least
        assert [line.index for line in lines] == [event.index for event in log if event.own]
        assert all(line.amount >= 0 for line in lines)

    @given(fees(), events(), st.integers(0, 20))
    def test_what_is_logged_later_changes_no_earlier_line(
        self, prices: tuple[Fee, ...], log: list[Event], cut: int
    ) -> None:
        lines = schedule(prices, log).least
        assert schedule(prices, log[:cut]).least == tuple(line for line in lines if line.index < cut)

    @given(fees(), fees(), events())
    def test_fees_add_up(self, some: tuple[Fee, ...], more: tuple[Fee, ...], log: list[Event]) -> None:
        together = schedule((*some, *more), log).least
        apart = zip(schedule(some, log).least, schedule(more, log).least, strict=True)
        assert [line.amount for line in together] == [one.amount + other.amount for one, other in apart]

    @given(fees(), events(), st.randoms())
    def test_a_consent_that_replaces_nothing_owes_the_same_in_any_order_of_fees(
        self, prices: tuple[Fee, ...], log: list[Event], random: Any
    ) -> None:
        shuffled = list(prices)
        random.shuffle(shuffled)
        assert schedule(shuffled, log) == schedule(prices, log)


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
        shares = quotas(total, parts, whole)
        assert sum(shares) == total
        assert all(
            total * part // whole <= share <= -(-total * part // whole)
            for part, share in zip(parts, shares, strict=True)
        )

    @given(splits(), running)
    def test_lines_add_up_to_the_total_before_gross(self, some: list[Split], totals: list[int]) -> None:
        plain = [Split(payee=one.payee, kind=one.kind, parts=one.parts) for one in some]
        lines = split_totals(totals, plain, legs(plain, None))
        before = 0
        for place, total in enumerate(totals):
            assert sum(one[place] for one in lines) == total - before
            before = total

    @given(splits(), running)
    def test_a_leg_comes_to_its_share_however_it_was_reached(self, some: list[Split], totals: list[int]) -> None:
        debts = legs(some, "p00")
        if totals:
            at_once = split_totals(totals[-1:], some, debts)
            step_by_step = split_totals(totals, some, debts)
            assert [sum(lines) for lines in at_once] == [sum(lines) for lines in step_by_step]

    @given(splits(), running)
    def test_no_line_takes_back_more_than_rounding_does(self, some: list[Split], totals: list[int]) -> None:
        debts = legs(some, "p00")
        for leg, lines in zip(debts, split_totals(totals, some, debts), strict=True):
            most = -(-leg.gross_bp * len(leg.places) // WHOLE_BP) + 1
            assert all(line >= -most for line in lines)

    @given(splits())
    def test_every_payee_is_on_one_leg(self, some: list[Split]) -> None:
        debts = legs(some, "p00")
        assert [leg.payee for leg in debts] == sorted({split.payee for split in some} | {leg.payee for leg in debts})
        covered = [place for leg in debts if leg.way is not Way.FROM_AGENCY for place in leg.places]
        assert sorted(covered) == list(range(len(some)))


# ---- filling


usages = st.sampled_from(["u", "v", "w", "elsewhere"])
lots = st.builds(
    lambda at, amount, lines, index: Lot(at, amount, within(tuple(lines), amount), (index,)),
    small,
    st.integers(1, 50),
    st.lists(st.tuples(usages, st.integers(0, 50)), max_size=3),
    st.integers(0, 10**6),
)
dues = st.fixed_dictionaries({usage: st.integers(0, 100) for usage in ("u", "v", "w")})


class TestFilling:
    @given(dues, st.lists(lots, max_size=8))
    def test_money_in_is_money_out(self, due: Mapping[str, int], came: list[Lot]) -> None:
        filling = fill(due, came)
        given_out = sum(part.amount for parts in filling.parts.values() for part in parts)
        left = sum(part.amount for part in filling.left)
        assert given_out + left == sum(lot.amount or 0 for lot in came)
        assert left == 0 or all(filling.is_full(usage) for usage in due)

    @given(dues, st.lists(lots, max_size=8))
    def test_nothing_is_filled_past_what_is_due(self, due: Mapping[str, int], came: list[Lot]) -> None:
        filling = fill(due, came)
        for usage, amount in due.items():
            got = sum(part.amount for part in filling.parts.get(usage, ()))
            assert 0 <= got <= amount and filling.short[usage] == amount - got

    @given(dues, st.lists(lots, max_size=8), st.randoms())
    def test_the_order_of_receipts_does_not_change_totals(
        self, due: Mapping[str, int], came: list[Lot], random: Any
    ) -> None:
        other = [Lot(random.randrange(12), lot.amount, lot.lines, lot.entries) for lot in came]
        random.shuffle(other)
        assert fill(due, other).short == fill(due, came).short

    @given(dues, st.lists(lots, max_size=8), lots)
    def test_more_money_leaves_no_usage_shorter(self, due: Mapping[str, int], came: list[Lot], more: Lot) -> None:
        before, after = fill(due, came).short, fill(due, [*came, more]).short
        assert all((after[usage] or 0) <= (before[usage] or 0) for usage in due)

    @given(dues, dues, st.lists(lots, max_size=8))
    def test_less_due_before_leaves_no_usage_shorter(
        self, due: Mapping[str, int], other: Mapping[str, int], came: list[Lot]
    ) -> None:
        less = {usage: min(due[usage], other[usage]) for usage in due}
        before, after = fill(due, came).short, fill(less, came).short
        assert all((after[usage] or 0) <= (before[usage] or 0) for usage in due)

    @given(dues, st.lists(lots, max_size=8), st.lists(lots, max_size=2))
    def test_money_without_a_bound_fills_everything(
        self, due: Mapping[str, int], came: list[Lot], more: list[Lot]
    ) -> None:
        endless = [Lot(lot.at, None, lot.lines, lot.entries) for lot in more]
        filling = fill(due, [*came, *endless])
        assert not endless or all(filling.is_full(usage) for usage in due)

    @given(st.lists(st.integers(-5, 20), max_size=10))
    def test_cancelling_keeps_the_sum(self, lines: list[int]) -> None:
        found = net(DueLine(index, index, amount, index) for index, amount in enumerate(lines))
        assert sum(line.amount for line in found) == sum(lines)
        signs = [line.amount > 0 for line in found]
        assert signs == sorted(signs)  # what could not be cancelled comes first


# ---- transfers


papers = st.builds(
    lambda index, who, amount, reference: Paper(
        index=index,
        author=who,
        grade={"anna": Grade.PAYEE, "brand": Grade.PAYER}.get(who, Grade.PROVIDER),
        payee="anna",
        payer="brand",
        reference=reference,
        amount=amount,
        at=index,
    ),
    st.integers(0, 10**6),
    st.sampled_from(["anna", "brand", "bank", "post"]),
    st.integers(1, 50) | st.none(),
    st.sampled_from(["r", "s"]),
)


class TestTransfers:
    @given(st.lists(papers, max_size=8))
    def test_the_least_is_never_more_than_the_most_and_a_gap_has_a_reason(self, log: list[Paper]) -> None:
        for transfer in transfers(log).values():
            least, most = transfer.least.amount, transfer.most.amount
            assert least is not None and (most is None or least <= most)
            assert bool(transfer.reasons) is (least != most)

    @given(st.lists(papers, max_size=8), st.integers(1, 50))
    def test_the_payers_word_never_raises_the_least(self, log: list[Paper], amount: int) -> None:
        before = sum(transfer.least.amount or 0 for transfer in transfers(log).values())
        word = Paper(index=10**7, author="brand", grade=Grade.PAYER, payee="anna", payer="brand", reference="r",
                     amount=amount, at=0)  # fmt: skip
        assert sum(transfer.least.amount or 0 for transfer in transfers([*log, word]).values()) == before


# ---- the whole, against the slow reading of RULES


@st.composite
def facts(draw: st.DrawFn) -> tuple[tuple[dict[str, Any], ...], tuple[Share, ...], tuple[Op, ...]]:
    prices: list[dict[str, Any]] = []
    for per in draw(st.lists(st.sampled_from(["flat", "use", "image"]), min_size=1, max_size=2)):
        price = st.integers(0, 9)
        if per == "image" and draw(st.booleans()):
            tiers = [{"from": 0, "amount": draw(price)}, {"from": 2, "amount": draw(price)}]
            prices.append({"per": per, "tiers": tiers})
        else:
            above = {} if per == "flat" else {"above": draw(st.integers(0, 2))}
            prices.append({"per": per, "amount": draw(price), **above})
    bp = st.sampled_from([10_000, 12_200, 7_000])
    through = draw(st.booleans())
    shares = [Share("anna", draw(st.integers(1, 9)), draw(bp), via=through)]
    if draw(st.booleans()):
        shares.append(Share("crew", draw(st.integers(1, 9)), draw(bp), via=through and draw(st.booleans())))
    if draw(st.booleans()):
        shares.append(Share("gina", draw(st.integers(1, 9)), draw(bp)))
    payees = st.sampled_from(sorted({share.payee for share in shares} | ({"gina"} if through else set())))
    ops: list[Op] = [Op("use", amount=1)]
    for _ in range(draw(st.integers(0, 7))):
        ops.append(draw(op(ops, payees)))
    return tuple(prices), tuple(shares), tuple(ops)


@st.composite
def op(draw: st.DrawFn, ops: list[Op], payees: st.SearchStrategy[str]) -> Op:
    count = sum(one.kind == "use" for one in ops)
    money = [place for place, one in enumerate(ops) if one.kind in ("receipt", "payment")]
    kinds = ["use", "report", "receipt", "receipt", "payment", "payment", "credit", *["return"] * (2 * bool(money))]
    kind: Any = draw(st.sampled_from(kinds))
    amount = draw(st.integers(1, 30))
    if kind == "use":
        return Op("use", amount=draw(st.integers(1, 3)))
    if kind == "report":
        return Op("report", amount=draw(st.integers(0, 5)), usage=draw(st.integers(0, count - 1)))
    named = st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, 9)), max_size=2).map(tuple)
    if kind == "return":
        of = draw(st.sampled_from(money))
        by = draw(st.sampled_from(["payer", "payee", *(["provider"] if ops[of].provider else [])]))
        one = ops[of]
        provider = draw(st.sampled_from(["bank", "post"])) if by == "provider" else None
        return Op(kind, amount, one.payee, one.payer, provider, of=of, by=by, lines=draw(named))
    payee = draw(payees)
    payer = draw(st.sampled_from([one for one in ("brand", "sub", "gina") if one != payee]))
    if kind == "credit":
        return Op(kind, amount, payee, payer, lines=draw(named))
    lines: tuple[tuple[int, int], ...] = draw(named)
    if lines:
        amount = sum(part for _, part in lines) or amount
        lines = lines if sum(part for _, part in lines) == amount else ()
    provider = draw(st.sampled_from([None, "bank", "post", "house bank"])) if kind == "payment" else None
    return Op(kind, amount, payee, payer, provider, draw(st.sampled_from(["r", "s", "t"])), lines=lines)


def play(prices: tuple[dict[str, Any], ...], shares: tuple[Share, ...], ops: tuple[Op, ...]) -> tuple[Story, Facts]:
    """Log what the facts say; the story, and the facts with the payees in the order of their ids."""
    story = Story()
    people = {actor.name: actor for actor in story.world.actors.values()}
    story.fees = list(prices)
    story.consent_options["under"] = story.world.mandate(model=story.anna, agency=story.gina)
    kinds = {"anna": "model", "crew": "crew", "gina": "agency"}
    story.splits = [
        {"payee": people[one.payee], "kind": kinds[one.payee], "parts": one.parts, "gross_bp": one.gross_bp,
         **({"via": story.gina} if one.via else {})}
        for one in shares
    ]  # fmt: skip
    made: list[Logged] = []
    for one in ops:
        lines = [{"usage": story.usages[number].id, "amount": amount} for number, amount in one.lines]
        money = {"lines": lines} if lines else {}
        actors: dict[str, Any] = {"payer": people[one.payer]}
        if one.provider is not None:
            actors["provider"] = people[one.provider]
        match one.kind:
            case "use":
                made.append(story.use(terms={"units": {"images": one.amount}}))
            case "report":
                made.append(story.world.report(story.usages[one.usage], terms={"images": one.amount}))
                story.world.advance("1d")
            case "receipt":
                made.append(
                    story.receipt(one.amount, people[one.payee], reference=one.reference, money=money, **actors)
                )
            case "payment":
                made.append(
                    story.payment(one.amount, people[one.payee], reference=one.reference, money=money, **actors)
                )
            case "return":
                by = people[one.payee] if one.by == "payee" else None
                actors.update(of=[made[one.of]], by=by)
                made.append(story.adjust("return", one.amount, people[one.payee], money=money, **actors))
            case "credit":
                made.append(story.adjust("credit", one.amount, people[one.payee], money=money, **actors))
    order = tuple(sorted(people, key=lambda name: people[name].id))
    return story, Facts(prices, shares, ops, order)


class TestAgainstTheSlowReading:
    @settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(facts())
    def test_the_same_answers_and_figures(
        self, told: tuple[tuple[dict[str, Any], ...], tuple[Share, ...], tuple[Op, ...]]
    ) -> None:
        story, same = play(*told)
        for place, expected in enumerate(decide(same)):
            decision = story.decide(place)
            lines = decision.paid.payees
            found = [(story.name(one.payee), one.leg, one.answer, one.due, one.received) for one in lines]
            assert sorted(found) == expected
