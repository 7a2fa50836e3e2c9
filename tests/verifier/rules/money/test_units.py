"""M1 and T5: days, months and impressions; and what ends a time-based fee early."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

import pytest

from tests.support.money_values import with_
from tests.support.tally import Tally
from verifier.base.strict import MAX_INSTANT, MAX_INTEGER, parse_instant
from verifier.rules.model.context import GOOD, Judgement, doubtful
from verifier.rules.money.reasons import Reason
from verifier.rules.money.units import Event, UsageRun
from verifier.rules.standing.stops import ANYWHERE, Stop
from verifier.statements.sections import FEES_PER, Fee, Tier

DAY = 86_400
FOREVER = 2**62


def at(text: str) -> int:
    """ "2026-01-31" or "2026-01-31T12:00" as an instant."""
    return parse_instant({10: f"{text}T00:00:00Z", 16: f"{text}:00Z"}[len(text)])


def use(index: int, starts: str, ends: str, usage: str = "u", **more: object) -> Event:
    event = Event(index, 0, usage, declares=True, starts=at(starts), ends=at(ends))
    return with_(event, more)


def report(index: int, ends: str | None = None, usage: str = "u", **more: object) -> Event:
    event = Event(index, 0, usage, declares=False, ends=None if ends is None else at(ends))
    return with_(event, more)


def lines(fees: Fee | Sequence[Fee], *log: Event) -> list[int]:
    made = Tally([fees] if isinstance(fees, Fee) else fees)
    return [line.amount for event in log if (line := made.add(event)) is not None]


def test_every_kind_of_fee_is_counted_in_its_own_way() -> None:
    """Fees of 1.00 over one use of 40 days that begin in two months, with 3 images and 5,000 impressions."""
    due = {"flat": 100, "use": 100, "image": 300, "day": 4_000, "month": 200, "mille": 500, "value": 800}
    assert due.keys() == set(FEES_PER)
    for per, amount in due.items():
        told = report(5, images=3, impressions=5_000, earned=80_000)
        fee = Fee(per=per, bp=100) if per == "value" else Fee(per=per, amount=100)
        assert sum(lines(fee, use(1, "2026-07-01", "2026-08-10", images=3), told)) == amount, per


# ---- one usage


@pytest.mark.parametrize(
    "starts, ends, days",
    [
        ("2026-07-01", "2026-07-02", 1),
        ("2026-07-01T12:00", "2026-07-02T12:00", 1),  # from its start, not from midnight
        ("2026-07-01T12:00", "2026-07-02T12:01", 2),
        ("2026-07-01T23:59", "2026-07-02T00:01", 1),
        ("2026-07-01", "2026-07-31", 30),
        ("2024-02-28", "2024-03-01", 2),
    ],
)
def test_days_begun(starts: str, ends: str, days: int) -> None:
    assert lines(Fee(per="day", amount=1), use(0, starts, ends)) == [days]


@pytest.mark.parametrize(
    "starts, ends, months",
    [
        ("2026-01-31", "2026-02-01", 1),
        ("2026-01-31", "2026-02-28", 1),  # the second month begins on the 28th, for there is no 31st
        ("2026-01-31", "2026-02-28T00:01", 2),
        ("2026-01-31", "2026-03-31", 2),  # always counted from the first date: the third begins on the 31st
        ("2026-01-31", "2026-03-31T00:01", 3),
        ("2024-01-31", "2024-02-29", 1),
        ("2024-01-31", "2024-02-29T00:01", 2),
        ("2026-01-15T12:00", "2026-02-15T12:00", 1),
        ("2026-01-15T12:00", "2026-02-15T12:01", 2),
        ("2026-01-15", "2027-01-15", 12),
        ("2026-12-31", "2027-02-28", 2),
        ("2026-12-31", "2027-02-28T12:00", 3),
    ],
)
def test_months_begun(starts: str, ends: str, months: int) -> None:
    assert lines(Fee(per="month", amount=1), use(0, starts, ends)) == [months]


def test_more_days_than_there_are_in_the_window_may_be_claimed() -> None:
    assert lines(Fee(per="day", amount=1), use(0, "2026-07-01", "2026-07-11", days=12)) == [12]
    assert lines(Fee(per="day", amount=1), use(0, "2026-07-01", "2026-07-11", days=3)) == [10]
    assert lines(Fee(per="day", amount=1), use(0, "2026-07-01", "2026-07-11", days=12), report(1, "2026-07-13"),
                 report(2, "2026-07-14")) == [12, 0, 1]  # fmt: skip


@pytest.mark.parametrize("ends", ["2026-07-01", "2026-06-30"])
@pytest.mark.parametrize("per", ["day", "month", "mille"])
def test_a_window_that_contradicts_itself(per: str, ends: str) -> None:
    made = Tally([Fee(per=per, amount=1)])
    backwards = use(0, "2026-07-01", ends)
    ahead = use(1, "2026-07-01", "2026-07-02", usage="v", logged=at("2026-07-03"))
    found = [line.amount for event in (backwards, report(2, "2026-08-01"), ahead) if (line := made.add(event))]
    assert found == [0, 0, 0 if per == "mille" else 1]
    assert made.schedule.open("u") == "bad_terms"
    assert made.schedule.open("v") == ("not_reported" if per == "mille" else None)


def test_a_window_matters_only_where_time_does() -> None:
    made = Tally([Fee(per="use", amount=1)])
    made.add(use(0, "2026-07-01", "2026-06-01"))
    assert made.schedule.open("u") is None


# ---- several usages, counted once or each


TWO = use(0, "2026-07-01", "2026-07-11"), use(1, "2026-07-06", "2026-07-16", usage="v")


def test_each_day_of_each_usage() -> None:
    assert lines(Fee(per="day", amount=1), *TWO) == [10, 10]


def test_days_in_which_several_run_count_once() -> None:
    assert lines(Fee(per="day", amount=1, once=True), *TWO) == [10, 5]
    within = use(2, "2026-07-02", "2026-07-03", usage="w")
    assert lines(Fee(per="day", amount=1, once=True), *TWO, within) == [10, 5, 0]


def test_days_that_count_once_are_those_of_the_calendar() -> None:
    night = use(0, "2026-07-01T23:00", "2026-07-02T01:00")
    morning = use(1, "2026-07-02T08:00", "2026-07-02T09:00", usage="v")
    assert lines(Fee(per="day", amount=1, once=True), night, morning) == [2, 0]
    assert lines(Fee(per="day", amount=1), night, morning) == [1, 1]


def test_months_that_count_once_are_those_of_the_calendar() -> None:
    one = use(0, "2026-07-15", "2026-08-15")
    other = use(1, "2026-08-10", "2026-09-02", usage="v")
    assert lines(Fee(per="month", amount=1, once=True), one, other) == [2, 1]
    assert lines(Fee(per="month", amount=1), one, other) == [1, 1]
    to_the_end = use(2, "2026-07-01", "2026-08-01", usage="w")
    assert lines(Fee(per="month", amount=1, once=True), to_the_end) == [1]


def test_days_claimed_beyond_the_window_are_shared_with_nobody() -> None:
    one, other = (with_(event, {"days": 12}) for event in TWO)
    assert lines(Fee(per="day", amount=1, once=True), one, other) == [12, 7]


def test_claimed_days_that_turn_out_to_be_shared_are_still_owed() -> None:
    one, later = with_(TWO[0], {"days": 12}), use(1, "2026-07-11", "2026-07-21", usage="v")
    assert lines(Fee(per="day", amount=1, once=True), one, later, report(2, "2026-07-13")) == [12, 10, 0]
    alone = one, report(1, "2026-07-12"), report(2, "2026-07-14")
    assert lines(Fee(per="day", amount=1, once=True), *alone) == [12, 0, 1]


def test_days_run_under_a_replaced_consent_have_been_counted() -> None:
    old = with_(TWO[0], {"own": False})
    assert lines(Fee(per="day", amount=1, once=True), old, TWO[1]) == [5]
    assert lines(Fee(per="day", amount=1, above=12), old, TWO[1]) == [8]


def test_days_above_and_by_tiers() -> None:
    assert lines(Fee(per="day", amount=1, above=12), *TWO) == [0, 8]
    steps = Fee(per="day", tiers=(Tier(from_=0, amount=10), Tier(from_=15, amount=1)))
    assert lines(steps, *TWO) == [100, 55]


# ---- impressions


def test_per_mille_is_exact_and_rounded_once_at_each_entry() -> None:
    fee = Fee(per="mille", amount=5)
    log = [use(0, "2026-07-01", "2026-07-11"), *(report(n, impressions=100 * n) for n in range(1, 6))]
    assert lines(fee, *log) == [0, 0, 1, 1, 0, 0]  # 0.5, 1, 1.5, 2, 2.5: half to the even
    assert lines([fee, fee], *log) == [0, 1, 1, 1, 1, 1]


def test_a_lower_total_is_ignored() -> None:
    log = [use(0, "2026-07-01", "2026-07-11"), report(1, impressions=3000), report(2, impressions=1000), report(3)]
    assert lines(Fee(per="mille", amount=5), *log) == [0, 15, 0, 0]


def test_impressions_above_and_by_tiers() -> None:
    log = [
        use(0, "2026-07-01", "2026-07-11"), use(1, "2026-07-01", "2026-07-11", usage="v"),
        report(2, impressions=1_500_000), report(3, usage="v", impressions=1_500_000),
    ]  # fmt: skip
    assert lines(Fee(per="mille", amount=200, above=2_000_000), *log) == [0, 0, 0, 200_000]
    steps = Fee(per="mille", tiers=(Tier(from_=0, amount=200), Tier(from_=1_000_000, amount=100)))
    assert lines(steps, *log) == [0, 0, 250_000, 150_000]


@pytest.mark.parametrize(
    "reports, code",
    [
        ([], "not_reported"),
        ([("2026-07-10T23:59", None)], "not_reported"),
        ([("2026-07-11", None)], None),
        ([("2026-07-05", "2026-07-05")], None),  # it has stopped
        ([("2026-07-05", "2026-07-06")], "not_reported"),  # it will
        ([("2026-07-05", "2026-07-06"), ("2026-07-06", None)], None),
        ([("2026-07-12", None), ("2026-07-13", "2026-07-20")], "not_reported"),  # it still runs
        ([("2026-07-12", None), ("2026-07-13", "2026-07-20"), ("2026-07-20", None)], None),
        ([("2026-06-30", "2026-06-29")], "not_reported"),  # nothing ends before it starts
    ],
)
def test_there_is_no_bound_until_a_report_at_or_after_the_end(
    reports: list[tuple[str, str | None]], code: str | None
) -> None:
    made = Tally([Fee(per="mille", amount=1)])
    made.add(use(0, "2026-07-01", "2026-07-11"))
    for place, (logged, ends) in enumerate(reports):
        made.add(report(1 + place, ends, logged=at(logged)))
    assert made.schedule.open("u") == code


def test_what_costs_nothing_needs_no_report() -> None:
    free = Fee(per="mille", tiers=(Tier(from_=0, amount=0),))
    for fee in (Fee(per="mille", amount=0), free, Fee(per="day", amount=9)):
        made = Tally([fee])
        made.add(use(0, "2026-07-01", "2026-07-11"))
        assert made.schedule.open("u") is None


# ---- what ends time-based fees early, and what lengthens them: the worked case's use, 25 July to 5 August, 11 days


def cut(
    index: int, effective: str, until: str | None = None, sell_off: int = 0, judgement: Judgement = GOOD
) -> Stop:
    end = FOREVER if until is None else at(until)
    return Stop(index=index, start=at(effective), end=end, code="revoked", judgement=judgement, sell_off=sell_off)


UNSURE = doubtful("M1", "list_missing", 90)

ENDS: dict[str, tuple[list[Stop], list[tuple[int, str | None]], list[int]]] = {
    # cuts; reports (index, ends); lines
    "nothing stopped it, and it says that it stopped": ([], [(100, "2026-08-01")], [11, 0]),
    "revoked, and nobody says that it stopped": ([cut(90, "2026-08-01")], [], [11]),
    "revoked, reported without an end": ([cut(90, "2026-08-01")], [(100, None)], [11, 0]),
    "revoked, pulled on the day": ([cut(90, "2026-08-01")], [(100, "2026-08-01")], [11, -4]),
    "revoked, pulled two days later": ([cut(90, "2026-08-01")], [(100, "2026-08-03")], [11, -2]),
    "revoked, pulled at once: not before it took effect": ([cut(90, "2026-08-01")], [(100, "2026-07-31")], [11, -4]),
    "revoked, and a report before that": ([cut(90, "2026-08-01")], [(85, "2026-07-31")], [11, 0]),
    "reported before and after": ([cut(90, "2026-08-01")], [(85, "2026-07-31"), (95, "2026-08-01")], [11, 0, -4]),
    "revoked before it was declared: her claim counts": ([cut(70, "2026-08-01")], [(100, "2026-08-01")], [11, 0]),
    "revoked with effect at its end": ([cut(90, "2026-08-05")], [(100, "2026-08-01")], [11, 0]),
    "revoked with effect a minute before its end": ([cut(90, "2026-08-04T23:59")], [(100, "2026-08-01")], [11, 0]),
    "revoked before it began": ([cut(90, "2026-07-20")], [(100, "2026-07-20")], [11, -11]),
    "longer than declared": ([], [(100, "2026-08-07")], [11, 2]),
    "longer, then shorter": ([], [(100, "2026-08-07"), (101, "2026-08-01")], [11, 2, 0]),
    "longer than declared though revoked": ([cut(90, "2026-08-01")], [(100, "2026-08-07")], [11, 2]),
    "longer, then cut": ([cut(105, "2026-08-01")], [(100, "2026-08-07"), (110, "2026-08-02")], [11, 2, -5]),
    "only the longer use is cut": ([cut(105, "2026-08-06")], [(100, "2026-08-07"), (110, "2026-08-02")], [11, 2, -1]),
    "pulled later than first said": (
        [cut(90, "2026-08-01")], [(100, "2026-08-01"), (101, "2026-08-03")], [11, -4, 2]
    ),
    "pulled earlier than first said": (
        [cut(90, "2026-08-01")], [(100, "2026-08-03"), (101, "2026-08-01")], [11, -2, 0]
    ),
    "the earlier of two cuts": (
        [cut(90, "2026-08-03"), cut(91, "2026-08-01")], [(100, "2026-07-31")], [11, -4]
    ),
    "a second, earlier cut after the first report": (
        [cut(90, "2026-08-03"), cut(105, "2026-08-01")], [(100, "2026-08-01"), (110, "2026-08-01")], [11, -2, -2]
    ),
    "suspended": ([cut(90, "2026-08-01", "2026-09-01")], [(100, "2026-08-02")], [11, -3]),
    "a sell-off that reaches past the end takes nothing": (
        [cut(90, "2026-08-01", sell_off=30 * DAY)], [(100, "2026-08-01")], [11, 0]
    ),
    "a sell-off that is too short": ([cut(90, "2026-08-01", sell_off=2 * DAY)], [(100, "2026-08-01")], [11, -4]),
}  # fmt: skip


@pytest.mark.parametrize("cuts, reports, expected", ENDS.values(), ids=ENDS.keys())
def test_time_ends_early_only_where_a_stop_cut_it(
    cuts: list[Stop], reports: list[tuple[int, str | None]], expected: list[int]
) -> None:
    log = [use(80, "2026-07-25", "2026-08-05", stops=tuple(cuts)), *(report(index, ends) for index, ends in reports)]
    assert lines(Fee(per="day", amount=1), *log) == expected
    calendar = lines(Fee(per="day", amount=1, once=True), *log)
    assert calendar == expected  # midnights: the same days
    assert lines(Fee(per="image", amount=1), *log) == [0] * len(log)


def test_months_end_early_too() -> None:
    log = [use(80, "2026-07-01", "2026-12-01", stops=(cut(90, "2026-08-01"),)), report(100, "2026-08-01T00:01")]
    assert lines(Fee(per="month", amount=1), *log) == [5, -3]
    assert lines(Fee(per="month", amount=1, once=True), *log) == [5, -3]


def test_days_claimed_do_not_outlast_the_cut() -> None:
    log = [use(80, "2026-07-25", "2026-08-05", days=11, stops=(cut(90, "2026-08-01"),)), report(100, "2026-08-01")]
    assert lines(Fee(per="day", amount=1), *log) == [11, -4]
    assert lines(Fee(per="day", amount=1, once=True), *log) == [11, -4]


@pytest.mark.parametrize(
    "unsure, doubted",
    [
        (cut(90, "2026-08-01", judgement=UNSURE), True),
        (cut(ANYWHERE, "1970-01-01", judgement=UNSURE), True),  # a list that is not shown may hold anything
        (cut(70, "2026-08-01", judgement=UNSURE), False),
        (cut(90, "2026-08-05", judgement=UNSURE), False),
        (cut(90, "2026-08-02", judgement=UNSURE), True),
    ],
)
def test_a_doubtful_stop_is_a_doubt_only_where_it_would_matter(unsure: Stop, doubted: bool) -> None:
    made = Tally([Fee(per="day", amount=1)])
    made.add(use(80, "2026-07-25", "2026-08-05", stops=(unsure,)))
    assert made.schedule.doubts == []
    line = made.add(report(100, "2026-08-01"))
    assert line is not None and line.amount == 0  # what is shown is what is certain
    assert made.schedule.doubts == [Reason("M1", "list_missing", (90,))] * doubted


def test_a_doubtful_stop_beside_a_certain_one_that_does_as_much() -> None:
    made = Tally([Fee(per="day", amount=1)])
    stops = (cut(90, "2026-08-01"), cut(91, "2026-08-02", judgement=UNSURE))
    made.add(use(80, "2026-07-25", "2026-08-05", stops=stops))
    made.add(report(100, "2026-08-01"))
    assert made.schedule.doubts == []


# ---- hostile sizes


def test_eight_thousand_years_cost_no_more_time_than_a_day() -> None:
    fees = [Fee(per=per, amount=1, once=once) for per in ("day", "month") for once in (False, True)]
    began = perf_counter()
    made = Tally(fees)
    for index in range(2_000):
        event = Event(index, 0, f"u{index}", declares=True, starts=index * DAY, ends=MAX_INSTANT, days=MAX_INTEGER)
        made.add(event)
    assert perf_counter() - began < 5
    assert made.too_large


def test_the_longest_use() -> None:
    run = UsageRun.declare(Event(0, 0, "u", declares=True, starts=0, ends=366 * 86_400))
    assert (run.days(), run.calendar_days(), run.months(), run.calendar_months()) == (366, (0, 366), 13, (0, 13))
    for ends in (366 * 86_400 + 1, MAX_INSTANT):  # longer than any use: it counts as no time at all
        run = UsageRun.declare(Event(0, 0, "u", declares=True, starts=0, ends=ends))
        assert (run.days(), run.calendar_days(), run.months(), run.calendar_months()) == (0, (0, 0), 0, (0, 0))


def test_a_report_lengthens_a_use_to_366_days_at_most() -> None:
    run = UsageRun.declare(Event(0, 0, "u", declares=True, starts=0, ends=10 * 86_400))
    assert list(run.report(Event(1, 0, "u", declares=False, ends=MAX_INSTANT))) == []
    assert (run.days(), run.closes) == (366, 366 * 86_400)
