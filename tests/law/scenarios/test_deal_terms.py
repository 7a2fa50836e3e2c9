"""Terms that deals have every week: placements, a term from the first use, options, renewals, the brand's way out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.cast import Cast, Logged, row, segments
from tests.support.deal_story import SPAN, at
from tests.support.world import key


def used(c: Cast, consent: Logged, starts: str, ends: str, **more: Any) -> Logged:
    span = {"starts": f"2026-{starts}T00:00:00Z", "ends": f"2026-{ends}T00:00:00Z"}
    return c.world.usage(consent, terms={**span, **more.pop("terms", {})}, **more)


def following(how: str, older: Logged) -> dict[str, Any]:
    """What makes a consent replace, or renew, an older one."""
    return {how: older}


# ---- A8: placements


@pytest.mark.parametrize("allowed, placed, expected", [
    (None, None, "yes"), (None, "organic", "yes"), (["paid"], None, "yes"),
    (["paid"], "organic", "no: A8 placement_denied"), (["owned"], None, "no: A8 placement_denied"),
    (["creator", "owned"], "creator", "yes"),
])  # fmt: skip
def test_where_it_is_placed(allowed: list[str] | None, placed: str | None, expected: str) -> None:
    c = Cast()
    consent = c.consent(terms={"placements": allowed})
    assert c.says(c.world.usage(consent, terms={"placement": placed})) == expected


# ---- A10: a term from the first use, and the longest use


def running(c: Cast, **terms: Any) -> Logged:
    return c.consent(terms={"run": {"months": 3}, "sell_off": 86_400 * 30, **terms})


def test_the_clock_is_the_first_good_usages_declared_start() -> None:
    c = Cast()
    consent = running(c)
    used(c, consent, "03-10", "03-20", signers=[c.stranger])
    used(c, consent, "03-10", "03-20")
    used(c, consent, "02-01", "02-10")
    late = used(c, consent, "06-01", "07-01")
    assert segments(c.check(late)) == "06-01 yes 06-10 no 07-01"
    assert row(c.check(late), "A10") == "FAIL expired"


@pytest.mark.parametrize("run, first, expected", [
    ({"months": 1}, "01-31", "02-01 yes 02-28 no 04-15"), ({"days": 10}, "01-31", "02-01 yes 02-10 no 04-15"),
    ({"months": 120}, "01-31", "02-01 yes 03-31 no 04-15"), ({"days": 20}, "01-10", "02-01 yes 02-04 no 04-15"),
])  # fmt: skip
def test_how_long_it_runs(run: dict[str, int], first: str, expected: str) -> None:
    c = Cast()
    consent = running(c, run=run, starts="2026-01-15T00:00:00Z", ends="2026-03-31T00:00:00Z")
    used(c, consent, first, "02-05")
    assert segments(c.check(used(c, consent, "02-01", "04-15"))) == expected


def test_a_usage_that_runs_backwards_starts_no_clock() -> None:
    c = Cast()
    consent = running(c)
    used(c, consent, "01-20", "01-10")
    used(c, consent, "03-10", "03-20")
    assert segments(c.check(used(c, consent, "06-01", "07-01"))) == "06-01 yes 06-10 no 07-01"


def test_the_first_use_under_a_consent_that_it_replaced_starts_it_and_one_that_it_renewed_does_not() -> None:
    for how, expected in (("replaces", "06-01 yes 06-10 no 07-01"), ("renews", "06-01 yes 07-01")):
        c = Cast()
        older = running(c)
        used(c, older, "03-10", "03-20")
        consent = c.consent(terms={"run": {"months": 3}}, **following(how, older))
        assert segments(c.check(used(c, consent, "06-01", "07-01"))) == expected


def test_a_first_use_that_is_not_shown() -> None:
    c = Cast()
    consent = running(c)
    first = used(c, consent, "03-10", "03-20")
    usage = used(c, consent, "03-20", "07-01")
    assert segments(c.check(usage)) == "03-20 yes 06-10 no 07-01"
    unread = c.check(usage, hide_sections=[(first, "terms")])
    assert segments(unread) == "03-20 yes 04-01 ? 07-01"
    assert row(unread, "A10") == "UNKNOWN not_disclosed"
    missing = c.check(usage, hide_lists=["uses"], more_lists=[f"usage:{consent.id}.{usage.id}"])
    assert row(missing, "A10") == "UNKNOWN list_missing"
    assert segments(missing) == "03-20 yes 04-01 ? 07-01"


def test_a_doubtful_first_use() -> None:
    c = Cast()
    consent = running(c)
    first = used(c, consent, "02-10", "02-20")
    used(c, consent, "03-10", "03-20")
    usage = used(c, consent, "05-01", "07-01")
    c.world.key(c.brand, add=[key("new")], retire=[c.brand.keys[0]])
    c.world.dispute(consent, [first], author=c.brand, tag="key")
    assert segments(c.check(usage)) == "05-01 yes 05-10 ? 07-01"


def test_whether_a_consent_with_a_run_is_in_force() -> None:
    c = Cast()
    consent = running(c)
    at(c, "03-10")
    used(c, consent, "03-10", "03-20")
    at(c, "06-09")
    assert c.says(consent) == "yes"
    at(c, "06-10")
    assert c.says(consent) == "no: A5 expired"


@pytest.mark.parametrize("days, expected", [
    (366, "yes"), (367, "?: T4 bad_terms, A3 bad_terms"),
])  # fmt: skip
def test_the_longest_use(days: int, expected: str) -> None:
    c = Cast()
    consent = c.consent(terms={"ends": "+2000d"})
    said = c.says(c.world.usage(consent, terms={"ends": f"+{days}d"}))
    assert said == expected if expected == "yes" else said.startswith("?: T4 bad_terms")


def test_a_report_makes_no_use_longer_than_that() -> None:
    c = Cast()
    consent = c.consent(terms={"ends": "+2000d"})
    usage = used(c, consent, "01-05", "02-01")
    c.world.report(usage, terms={"ends": "2029-01-01T00:00:00Z"})
    assert c.check(usage)["segments"][-1]["to"] == "2027-01-06T00:00:00Z"


# ---- A5: options


def option(c: Cast, **more: Any) -> Logged:
    return c.consent(exercise_by="2026-06-30T00:00:00Z", terms={"starts": "2026-01-01T00:00:00Z"}, **more)


def test_an_option_before_and_after_it_is_taken() -> None:
    c = Cast()
    consent = option(c)
    early = c.world.usage(consent)
    assert c.says(consent) == "no: A5 not_exercised"
    assert c.says(early) == "no: A5 not_exercised"
    c.world.advance("1d")
    c.world.exercise(consent)
    assert c.says(consent) == "yes"
    assert c.says(early) == "no: A5 not_exercised"
    assert c.says(c.world.usage(consent)) == "yes"


@pytest.mark.parametrize("logged, standing", [
    ("2026-06-29T23:59:59Z", "good"), ("2026-06-30T00:00:00Z", "void_late"), ("2026-07-01T00:00:00Z", "void_late"),
])  # fmt: skip
def test_an_option_is_taken_in_time(logged: str, standing: str) -> None:
    c = Cast()
    consent = option(c)
    c.world.set_clock(logged)
    taken = c.world.exercise(consent)
    assert c.standing(taken) == standing
    assert c.says(consent) == ("yes" if standing == "good" else "no: A5 not_exercised")


def test_who_may_take_an_option_and_what_is_one() -> None:
    c = Cast()
    assert c.standing(c.world.exercise(option(c), signers=[c.anna])) == "void_signers"
    assert c.standing(c.world.exercise(c.deal)) == "void_parties"
    assert c.standing(c.consent(exercise_by="-1d")) == "void_parties"


def test_an_option_that_is_ruled_not_taken() -> None:
    c = Cast()
    consent = option(c)
    taken = c.world.exercise(consent)
    usage = c.world.usage(consent)
    c.world.ruling(consent, [taken])
    assert c.says(usage) == "no: A5 not_exercised"


# ---- A5, A16: renewals


def test_a_renewal_takes_the_old_ones_place_and_not_its_caps() -> None:
    for how, expected in (("renews", "yes"), ("replaces", "no: A11 cap_exceeded")):
        c = Cast()
        older = c.consent(terms={"caps": {"uses": 1}})
        before = c.world.usage(older)
        consent = c.consent(terms={"caps": {"uses": 1}}, **following(how, older))
        assert c.says(c.world.usage(older)).startswith("no: A5 replaced")
        assert c.says(c.world.usage(consent)) == expected
        assert c.says(before) == "yes"
        assert c.says(older) == "no: A5 replaced"


@pytest.mark.parametrize("first, second", [("renews", "renews"), ("renews", "replaces"), ("replaces", "renews")])
def test_a_consent_is_followed_once(first: str, second: str) -> None:
    c = Cast()
    c.consent(**following(first, c.deal))
    assert c.standing(c.consent(**following(second, c.deal))) == "void_replaced"


def test_what_stops_a_renewal_stops_what_was_declared_before_it() -> None:
    c = Cast()
    older = c.consent()
    usage = c.world.usage(older, terms=SPAN)
    newer = c.consent(renews=older)
    at(c, "03-04")
    c.world.revocation(consent=newer)
    assert segments(c.check(usage)) == "03-01 yes 03-04 no 03-11"


def test_a_renewal_is_of_the_same_licensee() -> None:
    c = Cast()
    assert c.standing(c.consent(renews=c.deal, licensee=c.rival)) == "void_parties"


def test_a_lapsed_option_ends_nothing_that_was_declared_under_what_it_renewed() -> None:
    c = Cast()
    older = c.consent()
    usage = c.world.usage(older, terms={"starts": "2026-06-01T00:00:00Z", "ends": "2026-08-01T00:00:00Z"})
    option(c, renews=older)
    at(c, "07-10")
    assert c.says(usage) == "yes"


# ---- A6, A16: the licensee's way out


def test_the_licensee_alone_ends_its_uses_without_notice() -> None:
    c = Cast()
    consent = c.consent(terms={"notice": 86_400 * 30})
    usage = c.world.usage(consent, terms=SPAN)
    at(c, "03-04")
    ended = c.world.revocation(consent=consent, by=c.brand)
    assert c.standing(ended) == "good"
    assert segments(c.check(usage)) == "03-01 yes 03-04 no 03-11"
    assert c.says(consent) == "no: A5 revoked"


def test_both_sides_end_it() -> None:
    c = Cast()
    consent = c.consent(terms={"notice": 86_400 * 30})
    usage = c.world.usage(consent, terms=SPAN)
    at(c, "03-04")
    c.world.revocation(consent=consent, signers=[c.anna, c.brand])
    assert segments(c.check(usage)) == "03-01 yes 03-04 no 03-11"


def test_what_the_licensee_may_not_end() -> None:
    c = Cast()
    twin = c.world.twin_of(c.anna)
    assert c.standing(c.world.revocation(twin=twin, by=c.brand)) == "void_signers"
    assert c.standing(c.world.revocation(consent=c.deal, by=c.rival)) == "void_signers"
    part = c.world.revocation(consent=c.deal, by=c.brand, part="exclusive", ground="unpaid")
    assert c.standing(part) == "void_signers"
    under = c.world.revocation(consent=c.deal, under=c.mandate, signers=[c.gina, c.brand])
    assert c.standing(under) == "void_signers"
