"""A11: caps on uses, images, impressions and days."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.cast import DAY, Cast, Logged, row

OK, OVER = "PASS ok", "FAIL cap_exceeded"


def capped(c: Cast, **caps: Any) -> Logged:
    """A consent with caps; ``overage`` names those that may be passed at a price."""
    overage = caps.pop("overage", None)
    return c.consent(simple=True, terms={"caps": caps, "overage": overage, "late_window": 99 * DAY})


def use(c: Cast, consent: Logged, assets: int = 1, days: int = 30, **units: Any) -> Logged:
    span = {"starts": "+0d", "ends": f"+{days}d"}
    files = [f"{number}.jpg" for number in range(assets)]
    return c.world.usage(consent, files, terms={**span, "units": units or None})


def impressions(c: Cast, usage: Logged, *lines: tuple[str, str, int], **more: Any) -> Logged:
    told = [{"channel": channel, "country": country, "impressions": count} for channel, country, count in lines]
    return c.world.report(usage, terms={"lines": told, **more})


def says(c: Cast, *usages: Logged, **how: Any) -> list[str]:
    return [row(c.check(usage, **how), "A11") for usage in usages]


@pytest.mark.parametrize(
    "cap, expected", [(3, [OK, OK, OK]), (2, [OK, OK, OVER]), (1, [OK, OVER, OVER]), (0, [OVER, OVER, OVER])]
)
def test_uses(cap: int, expected: list[str]) -> None:
    c = Cast()
    consent = capped(c, uses=cap)
    assert says(c, *[use(c, consent) for _ in range(3)]) == expected


@pytest.mark.parametrize("cap, expected", [(5, [OK, OK]), (4, [OK, OVER]), (1, [OVER, OVER])])
def test_images_are_at_least_the_assets(cap: int, expected: list[str]) -> None:
    c = Cast()
    consent = capped(c, images=cap)
    assert says(c, use(c, consent, 2, images=1), use(c, consent, 1, images=3)) == expected


def test_no_cap_no_rule() -> None:
    c = Cast()
    assert says(c, use(c, c.consent(simple=True))) == ["NOT_APPLICABLE not_applicable"]


def test_what_may_be_passed_at_a_price() -> None:
    c = Cast()
    consent = capped(c, uses=0, overage=["uses"])
    assert says(c, use(c, consent)) == ["NOT_APPLICABLE not_applicable"]


def test_days_that_are_claimed_give_way_only_to_days_that_are_new() -> None:
    """Five days are claimed, three of them in the window: two are left, which the other use does not share."""
    c = Cast()
    consent = capped(c, days=8)
    first = c.world.usage(consent, terms={"starts": "+0d", "ends": "+3d", "units": {"days": 5}})
    shared = c.world.usage(consent, terms={"starts": "+3d", "ends": "+6d"})
    c.world.report(first, terms={"ends": "+6d"})
    assert says(c, first, shared) == [OK, OK]
    c.world.report(first, terms={"ends": "+8d"})
    assert says(c, first, shared) == [OK, OK]
    c.world.report(first, terms={"ends": "+9d"})
    assert says(c, first, shared) == [OVER, OK]


def test_an_overage_of_what_is_not_capped_makes_no_sense() -> None:
    c = Cast()
    consent = capped(c, uses=0, overage=["images"])
    assert says(c, use(c, consent)) == ["UNKNOWN bad_terms"]


def test_a_void_usage_uses_nothing_up() -> None:
    c = Cast()
    consent = capped(c, uses=1)
    c.world.usage(consent, signers=[c.stranger])
    assert says(c, use(c, consent)) == [OK]


def test_a_usage_that_was_not_authorised_does() -> None:
    c = Cast()
    consent = capped(c, uses=1)
    c.world.usage(consent, terms={"purpose": "editorial"})
    assert says(c, use(c, consent)) == [OVER]


# ---- reports


def test_a_report_may_cross_for_its_usage_and_for_those_declared_later() -> None:
    c = Cast()
    consent = capped(c, impressions=1_000)
    first, second = use(c, consent), use(c, consent)
    impressions(c, first, ("print", "DE", 900))
    third = use(c, consent)
    impressions(c, second, ("print", "DE", 101))
    fourth = use(c, consent)
    assert says(c, first, second, third, fourth) == [OK, OVER, OK, OVER]


def test_exactly_the_cap() -> None:
    c = Cast()
    consent = capped(c, impressions=1_000)
    usage = use(c, consent)
    impressions(c, usage, ("print", "DE", 600), ("print", "FR", 400))
    assert says(c, usage) == [OK]
    impressions(c, usage, ("print", "DE", 601), ("print", "FR", 400))
    assert says(c, usage) == [OVER]


def test_a_reports_total_replaces_and_a_lower_one_is_ignored() -> None:
    c = Cast()
    consent = capped(c, impressions=1_000)
    usage = use(c, consent, impressions=500)
    impressions(c, usage, ("print", "DE", 600))
    impressions(c, usage, ("print", "DE", 100))
    assert says(c, usage, use(c, consent, impressions=400)) == [OK, OK]
    assert says(c, use(c, consent, impressions=1)) == [OVER]


def test_not_reported() -> None:
    """With a cap on impressions, a use that has ended without a report may have crossed it."""
    c = Cast()
    consent = capped(c, impressions=1_000)
    usage = use(c, consent, days=10, impressions=5)
    assert says(c, usage) == [OK]
    c.world.advance("10d")
    later = use(c, consent, days=1)
    assert says(c, usage, later) == ["UNKNOWN not_reported"] * 2
    impressions(c, usage, ("print", "DE", 5))
    assert says(c, usage, later) == [OK, OK]


def test_its_own_report_crossed_whatever_else_it_had() -> None:
    """What is not reported matters only if it might be another use whose entry crossed."""
    c = Cast()
    consent = capped(c, impressions=1_000)
    first = use(c, consent, days=1)
    usage = use(c, consent, days=10)
    use(c, consent, days=40)
    impressions(c, usage, ("print", "DE", 1_001))
    c.world.advance("20d")
    c.actor("stranger")
    assert says(c, first, usage) == ["UNKNOWN not_reported", OVER]


def test_each_use_that_was_not_reported_may_have_crossed() -> None:
    """The first, the second, or the report on the first in the end, which leaves the second out."""
    c = Cast()
    consent = capped(c, impressions=1_000)
    first = use(c, consent, days=10)
    second = use(c, consent, days=1)
    impressions(c, first, ("print", "DE", 1_001))
    c.world.advance("20d")
    c.actor("stranger")
    assert says(c, first, second) == ["UNKNOWN not_reported"] * 2


def test_a_report_before_the_end_does_not_do() -> None:
    c = Cast()
    consent = capped(c, impressions=1_000)
    usage = use(c, consent, days=10)
    c.world.advance(f"{10 * DAY - 1}s")
    impressions(c, usage, ("print", "DE", 5))
    c.world.advance("1d")
    c.actor("stranger")
    assert says(c, usage) == ["UNKNOWN not_reported"]


def test_nor_does_one_after_an_end_that_a_later_report_moved() -> None:
    c = Cast()
    consent = capped(c, impressions=1_000)
    usage = use(c, consent, days=10)
    impressions(c, usage, ("print", "DE", 5), ends="+0d")
    impressions(c, usage, ("print", "DE", 5), ends="+20d")
    c.world.advance("19d")
    c.actor("stranger")
    assert says(c, usage) == [OK]
    c.world.advance("1d")
    c.actor("mum")
    assert says(c, usage) == ["UNKNOWN not_reported"]
    impressions(c, usage, ("print", "DE", 5))
    assert says(c, usage) == [OK]


def test_no_cap_on_impressions_no_report_needed() -> None:
    c = Cast()
    consent = capped(c, uses=9)
    usage = use(c, consent, days=1)
    c.world.advance("10d")
    c.actor("stranger")
    assert says(c, usage) == [OK]


# ---- days


@pytest.mark.parametrize("cap, expected", [(40, [OK, OK]), (39, [OK, OVER]), (29, [OVER, OVER])])
def test_a_day_in_which_several_run_counts_once(cap: int, expected: list[str]) -> None:
    """30 days, and 30 days that begin 10 days later: 40 in all."""
    c = Cast()
    consent = capped(c, days=cap)
    first = use(c, consent)
    c.world.advance("10d")
    assert says(c, first, use(c, consent)) == expected


def test_days_may_be_declared_higher() -> None:
    c = Cast()
    assert says(c, use(c, capped(c, days=40))) == [OK]
    consent = capped(c, days=40)
    usage = c.world.usage(consent, terms={"units": {"days": 41}})
    assert says(c, usage) == [OVER]


def test_a_later_end_adds_days() -> None:
    c = Cast()
    consent = capped(c, days=30)
    usage = use(c, consent)
    c.world.report(usage, terms={"ends": "+30d"})
    assert says(c, usage) == [OK]
    c.world.report(usage, terms={"ends": "+31d"})
    assert says(c, usage) == [OVER]


def test_thousands_of_years_of_days_are_no_trouble() -> None:
    c = Cast()
    consent = capped(c, days=100)
    forever = {"ends": "9999-12-31T00:00:00Z"}
    usages = [c.world.usage(consent, terms=forever) for _ in range(20)]
    assert says(c, usages[0], usages[-1]) == [OVER, OVER]


# ---- replaced consents


def test_caps_go_on_in_the_consent_that_replaces() -> None:
    c = Cast()
    first = capped(c, uses=2)
    old = use(c, first)
    second = c.consent(simple=True, replaces=first, terms={"caps": {"uses": 2}})
    assert says(c, old, use(c, second), use(c, second)) == [OK, OK, OVER]


# ---- what is not shown


def test_units_that_are_not_disclosed_where_they_could_matter() -> None:
    c = Cast()
    consent = capped(c, images=5)
    first, hidden, second = use(c, consent), use(c, consent), use(c, consent)
    how = {"hide_sections": [(hidden, "terms")]}
    assert says(c, first, second) == [OK, OK]
    assert says(c, first, hidden, second, **how) == [OK, "UNKNOWN not_disclosed", "UNKNOWN not_disclosed"]


def test_a_use_is_a_use_whatever_is_not_disclosed() -> None:
    c = Cast()
    consent = capped(c, uses=1)
    hidden, second = use(c, consent), use(c, consent)
    assert says(c, second, hide_sections=[(hidden, "terms")]) == [OVER]


def test_what_crossed_for_certain_fails_all_the_same() -> None:
    c = Cast()
    consent = capped(c, images=1)
    use(c, consent, 2)
    hidden, last = use(c, consent), use(c, consent)
    assert says(c, last, hide_sections=[(hidden, "terms")]) == [OVER]


def test_a_report_that_is_not_disclosed() -> None:
    c = Cast()
    consent = capped(c, impressions=1_000)
    usage, other = use(c, consent), use(c, consent)
    hidden = impressions(c, usage, ("print", "DE", 5))
    how = {"hide_sections": [(hidden, "terms")]}
    assert says(c, usage, other, **how) == ["UNKNOWN not_disclosed", OK]
    assert says(c, use(c, consent), **how) == ["UNKNOWN not_disclosed"]


def test_the_uses_of_a_replaced_consent_are_not_shown() -> None:
    c = Cast()
    first = capped(c, uses=2)
    use(c, first)
    second = c.consent(simple=True, replaces=first, terms={"caps": {"uses": 2}})
    assert says(c, use(c, second), hide_lists=[f"uses:{first.id}"]) == ["UNKNOWN list_missing"]
