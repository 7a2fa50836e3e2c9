"""M1 on the log: the worked cases' fees by day, month and thousand impressions, and what stops them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.money_story import Story, codes, figures, own
from verifier.base.strict import MAX_INTEGER, parse_instant

DAY = 86_400


def at(text: str) -> int:
    return parse_instant(f"{text}T00:00:00Z")


def paid_by(per: str, amount: int = 1_000, **more: Any) -> Story:
    s = Story()
    s.fees = [{"per": per, "amount": amount, **more}]
    s.due["days"] = 0
    return s


def due(s: Story, place: int = 0) -> int:
    (line,) = own(s.decide(place))
    return line.due


# ---- the worked cases: a use from 25 July to 5 August, revoked with effect from 1 August


def july(*, terms: dict[str, Any] | None = None, arbiter: bool = False) -> Story:
    """11 days at 10.00."""
    s = paid_by("day")
    if arbiter:
        s.arbiter = s.world.party("arbiter", roles=["arbiter"])
    s.consent_options["terms"] = {"ends": at("2027-01-01"), **(terms or {})}
    s.consent.index  # noqa: B018 -- logged now
    s.world.set_clock(at("2026-07-10"))
    return s


def use(s: Story) -> None:
    s.use(terms={"starts": at("2026-07-25"), "ends": at("2026-08-05")})


def stop(s: Story, effective: str = "2026-08-01", **more: Any) -> None:
    s.world.revocation(consent=s.consent, effective=at(effective), **more)


def pulled(s: Story, ends: str, logged: str = "2026-08-10") -> None:
    s.world.set_clock(at(logged))
    s.world.report(s.usages[0], terms={"ends": at(ends)})


def revoked(s: Story) -> None:
    use(s)
    stop(s)


def revoked_and_pulled(s: Story) -> None:
    revoked(s)
    pulled(s, "2026-08-01")


def revoked_and_pulled_later(s: Story) -> None:
    revoked(s)
    pulled(s, "2026-08-03")


def revoked_and_a_report_at_once_that_it_ended_before(s: Story) -> None:
    revoked(s)
    pulled(s, "2026-07-31", "2026-07-31")


def declared_after_the_revocation(s: Story) -> None:
    """Her claim counts against the declarer."""
    s.world.set_clock(at("2026-07-20"))
    stop(s)
    s.use(terms={"starts": at("2026-07-20"), "ends": at("2026-08-05")})
    pulled(s, "2026-08-01")


def declared_and_run_during_the_notice(s: Story) -> None:
    stop(s)
    s.use(terms={"starts": at("2026-07-20"), "ends": at("2026-07-31")})


def pulled_without_a_stop(s: Story) -> None:
    use(s)
    pulled(s, "2026-08-01")


def revoked_by_a_stranger(s: Story) -> None:
    """A void revocation stops nothing."""
    use(s)
    stop(s, signers=[s.crew])
    pulled(s, "2026-08-01")


def revoked_and_ruled_void(s: Story) -> None:
    use(s)
    revocation = s.world.revocation(consent=s.consent, effective=at("2026-08-01"))
    s.world.ruling(s.consent, [revocation])
    pulled(s, "2026-08-01")


def suspended(s: Story) -> None:
    use(s)
    s.world.suspension(s.consent, effective=at("2026-08-01"))
    pulled(s, "2026-08-02")


def suspended_and_resumed_before_it_began(s: Story) -> None:
    use(s)
    s.world.suspension(s.consent, effective=at("2026-08-01"))
    s.world.resumption(s.consent)
    pulled(s, "2026-08-01")


def twin_retired(s: Story) -> None:
    use(s)
    s.world.revocation(twin=s.world.twin_of(s.anna), effective=at("2026-08-01"))
    pulled(s, "2026-08-01")


def revoked_through_its_successor(s: Story) -> None:
    """A revocation of the new consent counts for what was declared under the old one, too."""
    use(s)
    s.replace()
    stop(s)
    pulled(s, "2026-08-01")


def revoked_through_its_successor_and_declared_after_it(s: Story) -> None:
    """What was declared under the old consent when there was a new one is nothing of the new one's (A5)."""
    old = s.consent
    s.replace()
    assert s.consent.id != old.id
    s.usages.append(s.world.usage(old, terms={"starts": at("2026-07-25"), "ends": at("2026-08-05")}))
    stop(s)
    pulled(s, "2026-08-01")


def back_dated(s: Story) -> None:
    """Logged on 28 July, it counts from then."""
    use(s)
    s.world.set_clock(at("2026-07-28"))
    stop(s, "2026-01-01")
    pulled(s, "2026-07-26")


def lengthened(s: Story) -> None:
    use(s)
    pulled(s, "2026-08-07")


CASES: list[tuple[Callable[[Story], None], int]] = [
    (use, 11),
    (revoked, 11),
    (revoked_and_pulled, 7),
    (revoked_and_pulled_later, 9),
    (revoked_and_a_report_at_once_that_it_ended_before, 7),
    (declared_after_the_revocation, 16),
    (declared_and_run_during_the_notice, 11),
    (pulled_without_a_stop, 11),
    (revoked_by_a_stranger, 11),
    (revoked_and_ruled_void, 11),
    (suspended, 8),
    (suspended_and_resumed_before_it_began, 11),
    (twin_retired, 7),
    (revoked_through_its_successor, 7),
    (revoked_through_its_successor_and_declared_after_it, 11),
    (back_dated, 3),
    (lengthened, 13),
]


@pytest.mark.parametrize("story, days", CASES, ids=[story.__name__ for story, _ in CASES])
def test_days_that_are_due(story: Callable[[Story], None], days: int) -> None:
    s = july(arbiter=True)
    story(s)
    decision = s.decide()
    assert figures(s, decision) == [f"anna direct: NOT_PAID {days * 1_000} 0"]
    assert codes(decision) == {"M4 unpaid", "M8 unpaid"}


@pytest.mark.parametrize("notice, days", [(0, 3), (2 * DAY, 5), (30 * DAY, 11)])
def test_the_notice_moves_the_cut(notice: int, days: int) -> None:
    s = july(terms={"notice": notice})
    use(s)
    s.world.set_clock(at("2026-07-28"))
    stop(s, "2026-07-28")
    pulled(s, "2026-07-28")
    assert due(s) == days * 1_000


@pytest.mark.parametrize("sell_off, days", [(0, 7), (3 * DAY, 7), (4 * DAY, 11)])
def test_what_may_be_sold_off_to_the_end_is_not_cut(sell_off: int, days: int) -> None:
    s = july(terms={"sell_off": sell_off})
    revoked_and_pulled(s)
    assert due(s) == days * 1_000


def test_paid_in_full_and_cut_is_over_payment() -> None:
    s = july()
    use(s)
    receipt = s.receipt(11_000)
    stop(s)
    pulled(s, "2026-08-01")
    decision = s.decide()
    assert figures(s, decision) == ["anna direct: PAID 7000 7000"]
    assert [(note.code, note.entries) for note in decision.warnings] == [("overpaid", (receipt.index,))]


def test_a_stop_that_is_doubtful() -> None:
    """By the agency, whose mandate is left out: whether the use was cut cannot be told."""
    s = july()
    mandate = s.world.mandate(model=s.anna, agency=s.gina)
    use(s)
    stop(s, under=mandate)
    s.hidden_lists.append("mandate")
    assert s.decide().paid.answer == "NOT_PAID"  # nobody says that it stopped
    pulled(s, "2026-08-01")
    decision = s.decide()
    assert codes(decision) == {f"M{rule} list_missing" for rule in (1, 4, 5, 7, 8)}
    assert figures(s, decision) == ["anna direct: CANNOT_TELL 11000 0"]


def test_stops_that_are_not_shown_matter_only_where_a_use_stopped_early() -> None:
    s = july()
    use(s)
    s.hidden_lists.append("twin")
    assert s.decide().paid.answer == "CANNOT_TELL"  # without the twin nothing on it is good


# ---- months, tiers and several usages


def test_months_of_a_campaign() -> None:
    s = paid_by("month", 50_000)
    s.consent_options["terms"] = {"ends": at("2028-01-01")}
    s.use(terms={"starts": at("2026-01-31"), "ends": at("2026-03-31")})
    s.use(terms={"starts": at("2026-01-31"), "ends": at("2026-03-31") + 1})
    assert (due(s), due(s, 1)) == (100_000, 150_000)


def test_days_that_several_uses_share_are_due_once() -> None:
    s = paid_by("day", once=True)
    s.use(terms={"starts": at("2026-02-01"), "ends": at("2026-02-11")})
    s.use(terms={"starts": at("2026-02-06"), "ends": at("2026-02-16")})
    assert (due(s), due(s, 1)) == (10_000, 5_000)


def test_days_run_under_the_replaced_consent_count_and_cost_nothing() -> None:
    s = paid_by("day", once=True)
    s.use(terms={"starts": at("2026-02-01"), "ends": at("2026-02-11")})
    s.replace()
    s.use(terms={"starts": at("2026-02-06"), "ends": at("2026-02-16")})
    assert (due(s), due(s, 1)) == (10_000, 5_000)


def test_a_replaced_consents_cut_moves_the_count() -> None:
    """Above five days: of the old consent's ten days three are left, so five of the new one's ten are free."""
    s = paid_by("day", above=5)
    s.use(terms={"starts": at("2026-02-01"), "ends": at("2026-02-11")})
    s.replace()
    s.world.revocation(consent=s.consent, effective=at("2026-02-04"))
    s.world.set_clock(at("2026-02-05"))
    s.world.report(s.usages[0], terms={"ends": at("2026-02-04")})
    s.use(terms={"starts": at("2026-03-01"), "ends": at("2026-03-11")})
    assert due(s, 1) == 8_000


def test_a_line_that_takes_something_back() -> None:
    s = july()
    s.splits.append({"payee": s.crew, "kind": "crew", "parts": 1})
    s.replace()
    revoked_and_pulled(s)
    assert figures(s, s.decide()) == ["anna direct: NOT_PAID 3500 0", "crew direct: NOT_PAID 3500 0"]


# ---- impressions


def impressions(*counts: int) -> dict[str, Any]:
    countries = ["AT", "DE", "FR"]
    lines = [{"channel": "print", "country": countries[place], "impressions": count}
             for place, count in enumerate(counts)]  # fmt: skip
    return {"lines": lines}


def by_mille() -> Story:
    """5.00 per thousand; the use runs for 30 days."""
    s = paid_by("mille", 500)
    s.use()
    return s


def test_reported_at_the_end() -> None:
    s = by_mille()
    s.world.advance("29d")  # the use was declared a day before
    s.world.report(s.usages[0], terms=impressions(10_000, 500))
    decision = s.decide()
    assert figures(s, decision) == ["anna direct: NOT_PAID 5250 0"]
    assert codes(decision) == {"M4 unpaid", "M8 unpaid"}
    s.receipt(5_250)
    assert s.decide().paid.answer == "PAID"


def test_reported_a_second_before_the_end() -> None:
    s = by_mille()
    s.world.advance(29 * DAY - 1)
    s.world.report(s.usages[0], terms=impressions(10_000, 500))
    s.receipt(5_250)
    decision = s.decide()
    assert figures(s, decision) == ["anna direct: CANNOT_TELL 5250 5250"]
    assert codes(decision) == {"M1 not_reported", "M4 not_reported", "M8 not_reported"}


def test_reported_with_its_end() -> None:
    s = by_mille()
    s.world.report(s.usages[0], terms={**impressions(1_000), "ends": s.world.now})
    assert codes(s.decide()) == {"M4 unpaid", "M8 unpaid"}


def test_one_silent_use_leaves_the_others_told() -> None:
    s = by_mille()
    s.use()
    s.world.advance("40d")
    s.world.report(s.usages[0], terms=impressions(1_000))
    s.receipt(500)
    assert (s.decide(0).paid.answer, s.decide(1).paid.answer) == ("PAID", "CANNOT_TELL")


def test_a_silent_use_before_takes_all_that_may_be_its() -> None:
    s = by_mille()
    s.use()
    s.world.advance("40d")
    s.world.report(s.usages[1], terms=impressions(1_000))
    s.receipt(500)
    assert (s.decide(0).paid.answer, s.decide(1).paid.answer) == ("CANNOT_TELL", "CANNOT_TELL")


def test_overage_above_the_cap() -> None:
    s = Story()
    s.consent_options["terms"] = {"caps": {"impressions": 1_000_000}, "overage": ["impressions"]}
    s.fees = [{"per": "flat", "amount": 10_000}, {"per": "mille", "amount": 200, "above": 1_000_000}]
    s.use()
    s.world.advance("40d")
    s.world.report(s.usages[0], terms=impressions(900_000, 350_000))
    assert due(s) == 50_000
    assert figures(s, s.decide(), "consent") == ["anna direct: NOT_PAID 10000 0"]


# ---- hostile sizes


def test_too_large_a_sum_leaves_what_came_before() -> None:
    """A use that claims what nobody can add up says nothing of the uses before it."""
    s = paid_by("day")
    s.use()
    s.use(terms={"units": {"days": MAX_INTEGER}})
    s.use()
    assert [s.decide(place).paid.answer for place in range(3)] == ["NOT_PAID", "CANNOT_TELL", "CANNOT_TELL"]
    assert codes(s.decide(1)) == {"M1 too_large", "M4 too_large", "M8 too_large"}
    s.receipt(30_000)
    assert [s.decide(place).paid.answer for place in range(3)] == ["PAID", "CANNOT_TELL", "CANNOT_TELL"]


def test_too_large_with_what_is_added_to_it() -> None:
    s = paid_by("day", MAX_INTEGER // 30)
    s.splits[0]["gross_bp"] = 12_200
    s.use()
    decision = s.decide()
    assert codes(decision) == {"M2 too_large", "M4 too_large", "M8 too_large"}
    assert decision.paid.answer == "CANNOT_TELL"


def test_a_use_of_eight_thousand_years() -> None:
    """Longer than any use: it counts as no time, and of it nothing can be told."""
    s = paid_by("day", once=True)
    s.use(terms={"starts": 0, "ends": at("9999-12-31")})
    assert due(s) == 0
    assert codes(s.decide()) == {"M1 bad_terms", "M4 bad_terms", "M8 bad_terms"}


def test_a_use_that_ends_before_it_starts() -> None:
    s = paid_by("day")
    s.use(terms={"starts": at("2026-02-02"), "ends": at("2026-02-01")})
    s.use()
    assert codes(s.decide(0)) == {"M1 bad_terms", "M4 bad_terms", "M8 bad_terms"}
    assert codes(s.decide(1)) == {"M4 unpaid", "M8 unpaid"}


def test_what_cannot_be_told_of_one_use_cannot_be_told_of_those_that_it_may_take_from() -> None:
    """The first use's report makes too large a sum, once the second was declared."""
    s = paid_by("image")
    s.use()
    s.use()
    s.world.report(s.usages[0], terms={"images": MAX_INTEGER})
    s.receipt(2_000)
    assert codes(s.decide(1)) == {"M1 too_large", "M4 too_large", "M8 too_large"} - {"M1 too_large"}
