"""Laws of money: nothing is lost, nothing is made, order does not matter, and the slow reading of RULES agrees."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.fee_draws import KINDS, small
from tests.support.money_story import Grown, Story, own
from tests.support.money_values import transfers
from tests.support.naive_money import Facts, Op, Share, decide
from tests.support.world import Logged
from verifier.rules.kept_folds import KeptFolds
from verifier.rules.money.allocation import DueLine, Inflow, allocate, net
from verifier.rules.money.amounts import within
from verifier.rules.money.book import BOOKS, Book, open_book
from verifier.rules.money.money_rules import judge_money
from verifier.rules.money.statement import make_statement
from verifier.rules.money.transfers import Grade, TransferWord
from verifier.rules.standing.judged import JudgedContext

# ---- filling


usages = st.sampled_from(["u", "v", "w", "elsewhere"])
inflows = st.builds(
    lambda at, amount, lines, index: Inflow(at, amount, within(tuple(lines), amount), (index,)),
    small,
    st.integers(1, 50),
    st.lists(st.tuples(usages, st.integers(0, 50)), max_size=3),
    st.integers(0, 10**6),
)
dues = st.fixed_dictionaries({usage: st.integers(0, 100) for usage in ("u", "v", "w")})


def shorts(due: Mapping[str, int], came: list[Inflow]) -> dict[str, int]:
    allocation = allocate(due, came)
    return {usage: allocation.short(usage) or 0 for usage in due}


class TestFilling:
    @given(dues, st.lists(inflows, max_size=8))
    def test_money_in_is_money_out(self, due: Mapping[str, int], came: list[Inflow]) -> None:
        allocation = allocate(due, came)
        given_out = sum(part.amount for usage in due for part in allocation.parts(usage))
        left = sum(part.amount for part in allocation.left)
        assert given_out + left == sum(inflow.amount or 0 for inflow in came)
        assert left == 0 or all(allocation.is_full(usage) for usage in due)

    @given(dues, st.lists(inflows, max_size=8))
    def test_nothing_is_filled_past_what_is_due(self, due: Mapping[str, int], came: list[Inflow]) -> None:
        allocation = allocate(due, came)
        for usage, amount in due.items():
            got = sum(part.amount for part in allocation.parts(usage))
            assert 0 <= got <= amount and allocation.short(usage) == amount - got

    @given(dues, st.lists(inflows, max_size=8))
    def test_a_usage_has_at_each_time_what_had_come_by_then(self, due: Mapping[str, int], came: list[Inflow]) -> None:
        allocation = allocate(due, came)
        for at in range(14):
            then = shorts(due, [inflow for inflow in came if inflow.at <= at])
            for usage, amount in due.items():
                arrived = sum(part.amount for part in allocation.arrivals(usage) if part.inflow.at <= at)
                assert arrived == amount - then[usage]

    @given(dues, st.lists(inflows, max_size=8))
    def test_full_at_is_when_the_last_of_it_arrived(self, due: Mapping[str, int], came: list[Inflow]) -> None:
        allocation = allocate(due, came)
        for usage in due:
            last = max((part.inflow.at for part in allocation.arrivals(usage)), default=0)
            assert allocation.full_at(usage) == (last if allocation.is_full(usage) else None)

    @given(dues, st.lists(inflows, max_size=8), st.randoms())
    def test_the_order_of_receipts_does_not_change_totals(
        self, due: Mapping[str, int], came: list[Inflow], random: Any
    ) -> None:
        other = [Inflow(random.randrange(12), inflow.amount, inflow.lines, inflow.entries) for inflow in came]
        random.shuffle(other)
        assert shorts(due, other) == shorts(due, came)

    @given(dues, st.lists(inflows, max_size=8), inflows)
    def test_more_money_leaves_no_usage_shorter(self, due: Mapping[str, int], came: list[Inflow], more: Inflow) -> None:
        before, after = shorts(due, came), shorts(due, [*came, more])
        assert all(after[usage] <= before[usage] for usage in due)

    @given(dues, dues, st.lists(inflows, max_size=8))
    def test_less_due_before_leaves_no_usage_shorter(
        self, due: Mapping[str, int], other: Mapping[str, int], came: list[Inflow]
    ) -> None:
        less = {usage: min(due[usage], other[usage]) for usage in due}
        before, after = shorts(due, came), shorts(less, came)
        assert all(after[usage] <= before[usage] for usage in due)

    @given(dues, st.lists(inflows, max_size=8), st.lists(inflows, max_size=2))
    def test_money_without_a_bound_fills_everything(
        self, due: Mapping[str, int], came: list[Inflow], more: list[Inflow]
    ) -> None:
        endless = [Inflow(inflow.at, None, inflow.lines, inflow.entries) for inflow in more]
        allocation = allocate(due, [*came, *endless])
        assert not endless or all(allocation.is_full(usage) for usage in due)

    @given(st.lists(st.integers(-5, 20), max_size=10))
    def test_cancelling_keeps_the_sum(self, lines: list[int]) -> None:
        found = net(DueLine(index, index, amount, index) for index, amount in enumerate(lines))
        assert sum(line.amount for line in found) == sum(lines)
        signs = [line.amount > 0 for line in found]
        assert signs == sorted(signs)  # what could not be cancelled comes first


# ---- transfers


papers = st.builds(
    lambda index, who, amount, reference: TransferWord(
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
    def test_the_least_is_never_more_than_the_most_and_a_gap_has_a_reason(self, log: list[TransferWord]) -> None:
        for transfer in transfers(log).values():
            least, most = transfer.least.amount, transfer.most.amount
            assert least is not None and (most is None or least <= most)
            assert bool(transfer.reasons) is (least != most)

    @given(st.lists(papers, max_size=8), st.integers(1, 50))
    def test_the_payers_word_never_raises_the_least(self, log: list[TransferWord], amount: int) -> None:
        before = sum(transfer.least.amount or 0 for transfer in transfers(log).values())
        word = TransferWord(index=10**7, author="brand", grade=Grade.PAYER, payee="anna", payer="brand", reference="r",
                     amount=amount, at=0)  # fmt: skip
        assert sum(transfer.least.amount or 0 for transfer in transfers([*log, word]).values()) == before


# ---- the whole, against the slow reading of RULES


@st.composite
def facts(draw: st.DrawFn) -> tuple[tuple[dict[str, Any], ...], tuple[Share, ...], tuple[Op, ...]]:
    prices: list[dict[str, Any]] = []
    for per in draw(st.lists(st.sampled_from(KINDS[1:]), min_size=1, max_size=2)):
        price = st.integers(0, 9)
        once = {"once": True} if per in ("day", "month") and draw(st.booleans()) else {}
        if per in ("image", "day", "mille") and draw(st.booleans()):
            tiers = [{"from": 0, "amount": draw(price)}, {"from": 2, "amount": draw(price)}]
            prices.append({"per": per, "tiers": tiers, **once})
        else:
            prices.append({"per": per, "amount": draw(price), "above": draw(st.integers(0, 2)), **once})
    bp = st.sampled_from([10_000, 12_200, 7_000])
    through = draw(st.booleans())
    shares = [Share("anna", draw(st.integers(1, 9)), draw(bp), via=through)]
    if draw(st.booleans()):
        shares.append(Share("crew", draw(st.integers(1, 9)), draw(bp), via=through and draw(st.booleans())))
    if draw(st.booleans()):
        shares.append(Share("gina", draw(st.integers(1, 9)), draw(bp)))
    payees = st.sampled_from(sorted({share.payee for share in shares} | ({"gina"} if through else set())))
    ops: list[Op] = [Op("use", amount=1, start=0, end=draw(st.integers(1, 200)))]
    for _ in range(draw(st.integers(0, 7))):
        ops.append(draw(op(ops, payees)))
    return tuple(prices), tuple(shares), tuple(ops)


@st.composite
def op(draw: st.DrawFn, ops: list[Op], payees: st.SearchStrategy[str]) -> Op:
    count = sum(one.kind == "use" for one in ops)
    money = [place for place, one in enumerate(ops) if one.kind in ("receipt", "payment")]
    kinds = ["use", "report", "report", "stop", "receipt", "receipt", "payment", "payment", "credit"]
    kind: Any = draw(st.sampled_from([*kinds, *["return"] * (2 * bool(money))]))
    amount = draw(st.integers(1, 30))
    hour = st.integers(0, 200)
    if kind == "use":
        start = draw(hour)
        length = draw(hour | st.integers(700, 2_300))
        return Op("use", amount=draw(st.integers(1, 3)), start=start, end=start + 1 + length)
    if kind == "stop":
        return Op("stop", end=draw(hour))
    if kind == "report":
        return Op("report", amount=draw(st.integers(0, 5)), usage=draw(st.integers(0, count - 1)),
                  end=draw(st.none() | hour), impressions=draw(st.integers(0, 2_000)))  # fmt: skip
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
    return Op(kind, amount, payee, payer, provider, draw(st.sampled_from(["R", "S", "T"])), lines=lines)


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
    assert story.consent is not None
    begin = story.world.now
    for one in ops:
        lines = [{"for": story.usages[number].id, "amount": amount} for number, amount in one.lines]
        money = {"lines": lines} if lines else {}
        actors: dict[str, Any] = {"payer": people[one.payer]}
        if one.provider is not None:
            actors["provider"] = people[one.provider]
        match one.kind:
            case "use":
                terms = {"units": {"images": one.amount}, "starts": begin + one.start * 3_600}
                made.append(story.use(terms={**terms, "ends": begin + (one.end or 0) * 3_600}))
            case "report":
                impressions = [{"channel": "print", "country": "DE", "impressions": one.impressions}]
                ends = {} if one.end is None else {"ends": begin + one.end * 3_600}
                terms = {"images": one.amount, "lines": impressions, **ends}
                made.append(story.world.report(story.usages[one.usage], terms=terms))
                story.world.advance("1d")
            case "stop":
                made.append(
                    story.world.revocation(consent=story.consent, effective=begin + (one.end or 0) * 3_600)
                )
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
    return story, Facts(prices, shares, ops, order, datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=begin))


class TestStatement:
    @settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(facts())
    def test_it_adds_up_to_the_last_cent(
        self, told: tuple[tuple[dict[str, Any], ...], tuple[Share, ...], tuple[Op, ...]]
    ) -> None:
        story, _ = play(*told)
        context = story.context()
        usages = [story.world.entry(usage) for usage in story.usages]
        made = make_statement(context, usages)
        for line in made.lines:
            assert line.due + line.overpaid == line.received + line.outstanding
            shown = sum(one.amount for one in line.evidence if one.kind != "credit")
            assert shown == line.received or (line.due < 0 and shown == 0)
        found = [judge_money(context, usage) for usage in usages]
        assert sum(line.due for line in made.lines) == sum(line.due for one in found for line in own(one))
        totals = made.totals["EUR"]
        assert totals.due + totals.overpaid == totals.received + totals.outstanding
        once = [line for line in made.lines if line.leg != "from_agency"]  # and not twice what goes through an agency
        assert totals.due == sum(line.due for line in once)
        assert totals.received == sum(line.received for line in once)
        assert totals.late + totals.not_yet_due == totals.outstanding
        if not any(share.via for share in told[1]):
            sides = open_book(context, story.consent.id).sides.values()
            came = sum(inflow.amount or 0 for side in sides for inflow in side.least if not inflow.credit)
            assert totals.received == came

    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(facts(), st.randoms())
    def test_the_order_of_receipts_changes_no_sum(
        self, told: tuple[tuple[dict[str, Any], ...], tuple[Share, ...], tuple[Op, ...]], random: Any
    ) -> None:
        """All receipts of the story at its end, in whatever order."""
        prices, shares, ops = told
        rest = tuple(op for op in ops if op.kind in ("use", "report", "stop"))
        receipts = [Op("receipt", 7 + place, share.payee, reference=f"R{place}{n}")
                    for place, share in enumerate(shares) for n in range(3)]  # fmt: skip
        found = []
        for _ in range(2):
            random.shuffle(receipts)
            story, _ = play(prices, shares, (*rest, *receipts))
            made = make_statement(story.context(), [story.world.entry(usage) for usage in story.usages])
            found.append([
                (line.usage, line.payee, line.leg, line.due, line.received) for line in made.lines if line.usage
            ] + [(None, "", None, made.totals["EUR"].received, made.totals["EUR"].overpaid)])
        assert found[0] == found[1] or any(share.via for share in shares)


class TestBooks:
    @settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(facts(), st.integers(1, 8))
    def test_a_book_that_is_kept_says_what_a_new_one_says(
        self, told: tuple[tuple[dict[str, Any], ...], tuple[Share, ...], tuple[Op, ...]], step: int
    ) -> None:
        """However much was appended between the times that it was asked, and whatever its forks took."""
        story, _ = play(*told)
        whole = story.world.record()
        last = whole.size
        books = KeptFolds(BOOKS)
        for size in range(story.usages[0].index + 1, last + 1, step):
            record = Grown(whole, size)
            below = JudgedContext(record, instant=story.world.now, as_of=story.world.now)
            books.advance(below, story.consent.id, partial(Book, below, story.consent.id))
            ahead = JudgedContext(whole, instant=story.world.now, as_of=story.world.now)
            books.lend(ahead, story.consent.id)
            fresh = story.context()
            for usage in story.usages:
                assert judge_money(ahead, story.world.entry(usage)) == judge_money(fresh, story.world.entry(usage))


class TestAgainstTheSlowReading:
    @settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(facts())
    def test_the_same_answers_and_figures(
        self, told: tuple[tuple[dict[str, Any], ...], tuple[Share, ...], tuple[Op, ...]]
    ) -> None:
        story, same = play(*told)
        for place, expected in enumerate(decide(same)):
            lines = own(story.decide(place, at="+4000d"))  # all has fallen due by then
            found = [(story.name(one.payee), one.leg, one.answer, one.due, one.received) for one in lines]
            assert sorted(found) == expected
