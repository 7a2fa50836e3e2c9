"""A16: another licensee's exclusive scope, who came first, and for how long."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.cast import DAY, Cast, Logged, codes, key, row, segments, warnings

SPAN = {"starts": "2026-03-01T00:00:00Z", "ends": "2026-03-11T00:00:00Z"}
ALL = "03-01 yes 03-11"
NONE = "03-01 no 03-11"


def at(c: Cast, date: str) -> None:
    c.world.set_clock(f"2026-{date}T00:00:00Z")


def exclusive(c: Cast, **scope: Any) -> Logged:
    """What the brand alone may do; everything, if nothing else is said."""
    return c.consent(simple=True, exclusive=scope)


def theirs(c: Cast, **options: Any) -> Logged:
    """The rival's consent."""
    return c.world.consent(model=c.anna, licensee=c.rival, **options)


def use(c: Cast, consent: Logged, **terms: Any) -> Logged:
    """The rival's use: women's clothing, print, Germany, ten days of March."""
    at(c, "03-01")
    return c.world.usage(consent, terms={**SPAN, **terms})


def cut(c: Cast, usage: Logged, **how: Any) -> str:
    verdict = c.check(usage, **how)
    assert {code[:3] for code in codes(verdict)} <= {"A16"}
    return segments(verdict)


# ---- scopes that meet


@pytest.mark.parametrize("scope, terms, expected", [
    ({}, {}, NONE),
    ({"categories": ["1067"]}, {}, NONE),
    ({"categories": ["1059"]}, {}, NONE),
    ({"categories": ["1067"]}, {"category": "1059"}, NONE),
    ({"categories": ["1062"]}, {}, ALL),
    ({"categories": ["1062", "1067"]}, {}, NONE),
    ({"countries": ["DE"]}, {}, NONE),
    ({"countries": ["FR"]}, {}, ALL),
    ({"countries": ["FR"]}, {"countries": ["WORLD"]}, NONE),
    ({"countries_excluded": ["DE"]}, {}, ALL),
    ({"countries_excluded": ["DE"]}, {"countries": ["DE", "FR"]}, NONE),
    ({"countries": ["FR"]}, {"channels": ["social"], "countries": ["DE"]}, NONE),
    ({"countries": ["FR"]}, {"channels": ["social"], "countries": ["DE"], "targeted": True}, ALL),
    ({"channels": ["print"]}, {}, NONE),
    ({"channels": ["ooh"]}, {}, ALL),
    ({"channels": ["ooh", "print"]}, {"channels": ["display", "print"], "targeted": True}, NONE),
])  # fmt: skip
def test_scopes_meet_if_category_country_and_channel_do(
    scope: dict[str, Any], terms: dict[str, Any], expected: str
) -> None:
    c = Cast()
    exclusive(c, **scope)
    assert cut(c, use(c, theirs(c), **terms)) == expected


@pytest.mark.parametrize("starts, ends, hold_off, expected", [
    ("01-01", "03-01", 0, ALL), ("01-01", "03-02", 0, "03-01 no 03-02 yes 03-11"),
    ("01-01", "03-01", DAY, "03-01 no 03-02 yes 03-11"), ("01-01", "02-01", 28 * DAY, ALL),
    ("03-10", "12-01", 0, "03-01 yes 03-10 no 03-11"), ("03-11", "12-01", 0, ALL),
    ("03-03", "03-05", 2 * DAY, "03-01 yes 03-03 no 03-07 yes 03-11"),
])  # fmt: skip
def test_its_own_window_and_hold_off(starts: str, ends: str, hold_off: int, expected: str) -> None:
    c = Cast()
    exclusive(c, starts=f"2026-{starts}T00:00:00Z", ends=f"2026-{ends}T00:00:00Z", hold_off=hold_off)
    assert cut(c, use(c, theirs(c))) == expected


@pytest.mark.parametrize("scope", [
    {"categories": ["nonsense"]}, {"countries": ["ZZ"]}, {"channels": ["nonsense"]},
    {"starts": "2026-03-01T00:00:00Z", "ends": "2026-03-01T00:00:00Z"},
])  # fmt: skip
def test_scopes_that_make_no_sense(scope: dict[str, Any]) -> None:
    c = Cast()
    exclusive(c, **scope)
    assert c.says(use(c, theirs(c))) == "?: A16 bad_terms"


def test_what_is_reported_meets_too() -> None:
    c = Cast()
    exclusive(c, countries=["FR"])
    usage = use(c, theirs(c))
    assert cut(c, usage) == ALL
    c.world.report(usage, terms={"lines": [{"channel": "print", "country": "FR", "impressions": 1}]})
    assert cut(c, usage) == NONE


def test_each_line_of_a_report_is_held_against_a_scope_by_itself() -> None:
    """On social in France, in print in Germany: not in print in France."""
    c = Cast()
    exclusive(c, countries=["FR"], channels=["print"])
    usage = use(c, theirs(c))
    lines = [("print", "DE"), ("social", "FR")]
    told = [{"channel": channel, "country": country, "impressions": 1} for channel, country in lines]
    c.world.report(usage, terms={"lines": told})
    assert cut(c, usage) == ALL


# ---- whose it is


def test_ones_own_exclusivity_is_no_bar() -> None:
    c = Cast()
    consent = exclusive(c)
    assert cut(c, use(c, consent)) == ALL
    assert cut(c, use(c, c.consent(simple=True))) == ALL


@pytest.mark.parametrize("name, expected", [("rival", ALL), ("stranger", NONE), ("sub", NONE)])
def test_whom_the_model_may_let_in_all_the_same(name: str, expected: str) -> None:
    c = Cast()
    exclusive(c, **{"except": [c.actor(name)]})
    assert cut(c, use(c, theirs(c))) == expected


def test_the_same_persons_other_twins_count() -> None:
    c = Cast()
    exclusive(c)
    assert cut(c, use(c, theirs(c, twin=c.world.twin(c.anna)))) == NONE


def test_another_models_do_not() -> None:
    c = Cast()
    c.world.consent(model=c.actor("berta", roles=["model"]), licensee=c.brand, exclusive={})
    assert cut(c, use(c, theirs(c))) == ALL


def test_two_exclusive_ones_the_first_goes_first() -> None:
    c = Cast()
    first = exclusive(c)
    second = theirs(c, exclusive={})
    assert cut(c, use(c, second)) == NONE
    assert cut(c, use(c, first)) == ALL


def test_what_was_granted_before() -> None:
    c = Cast()
    consent = theirs(c)
    exclusive(c)
    assert cut(c, use(c, consent)) == ALL


def test_a_void_consent_excludes_nobody() -> None:
    c = Cast()
    c.consent(simple=True, exclusive={}, signers=[c.stranger])
    assert cut(c, use(c, theirs(c))) == ALL


def test_a_doubtful_one_may() -> None:
    c = Cast()
    exclusive(c)
    assert cut(c, use(c, theirs(c)), hide_lists=[f"keys:{c.brand.id}"]) == "03-01 ? 03-11"


# ---- until when it counts


@pytest.mark.parametrize("clock, effective, notice, expected", [
    ("03-01", "03-05", 0, "03-01 no 03-05 yes 03-11"),
    ("03-01", "03-11", 0, NONE),
    ("02-20", "02-01", 0, ALL),
    ("02-20", "03-01", 0, ALL),
    ("02-20", "02-01", 10 * DAY, "03-01 no 03-02 yes 03-11"),
    ("03-01", "03-05", 7 * DAY, "03-01 no 03-08 yes 03-11"),
])  # fmt: skip
def test_until_its_revocation_takes_effect(clock: str, effective: str, notice: int, expected: str) -> None:
    """With the exclusivity's own notice, not that of the terms."""
    c = Cast()
    consent = c.consent(simple=True, exclusive={"notice": notice}, terms={"notice": 99 * DAY})
    granted = theirs(c)
    at(c, clock)
    c.world.revocation(consent=consent, effective=f"2026-{effective}T00:00:00Z")
    assert cut(c, use(c, granted)) == expected


def test_its_sell_off_is_no_matter() -> None:
    c = Cast()
    consent = c.consent(simple=True, exclusive={}, terms={"sell_off": 99 * DAY})
    usage = use(c, theirs(c))
    at(c, "03-04")
    c.world.revocation(consent=consent)
    assert cut(c, usage) == "03-01 no 03-04 yes 03-11"


def test_the_end_of_its_twin_is_its_revocation() -> None:
    c = Cast()
    exclusive(c)
    other = c.world.twin(c.anna)
    usage = use(c, theirs(c, twin=other))
    at(c, "03-04")
    c.world.revocation(twin=c.world.twin_of(c.anna))
    assert cut(c, usage) == "03-01 no 03-04 yes 03-11"


def test_a_suspension_does_not_lift_it() -> None:
    c = Cast()
    consent = exclusive(c)
    c.world.suspension(consent)
    assert cut(c, use(c, theirs(c))) == NONE


def test_the_end_of_its_terms_does_not_lift_it() -> None:
    c = Cast()
    c.consent(simple=True, exclusive={}, terms={"ends": "2026-02-01T00:00:00Z"})
    assert cut(c, use(c, theirs(c))) == NONE


def test_until_a_consent_that_replaces_it_is_logged() -> None:
    c = Cast()
    consent = exclusive(c)
    usage = use(c, theirs(c))
    at(c, "03-04")
    c.consent(simple=True, replaces=consent)
    assert cut(c, usage) == "03-01 no 03-04 yes 03-11"


def test_a_void_one_replaces_nothing() -> None:
    c = Cast()
    consent = exclusive(c)
    usage = use(c, theirs(c))
    c.consent(simple=True, replaces=consent, signers=[c.stranger])
    assert cut(c, usage) == NONE


# ---- places in the row


def test_a_replacement_keeps_the_place_where_the_scope_was_held() -> None:
    c = Cast()
    first = exclusive(c, countries=["DE"])
    granted = theirs(c)
    second = c.consent(simple=True, replaces=first, exclusive={"countries": ["DE"]})
    c.consent(simple=True, replaces=second, exclusive={"countries": ["DE", "FR"]})
    assert cut(c, use(c, granted)) == NONE
    assert cut(c, use(c, granted, countries=["FR"])) == ALL


def test_a_gap_in_the_chain_loses_the_place() -> None:
    """The second did not hold Germany, so the third's Germany is new."""
    c = Cast()
    first = exclusive(c, countries=["DE"])
    granted = theirs(c)
    second = c.consent(simple=True, replaces=first, exclusive={"countries": ["FR"]})
    c.consent(simple=True, replaces=second, exclusive={"countries": ["DE", "FR"]})
    assert cut(c, use(c, granted)) == ALL


def test_a_link_without_exclusivity_loses_the_place() -> None:
    c = Cast()
    first = exclusive(c)
    granted = theirs(c)
    second = c.consent(simple=True, replaces=first)
    c.consent(simple=True, replaces=second, exclusive={})
    assert cut(c, use(c, granted)) == ALL


@pytest.mark.parametrize("revoked, expected", [(True, ALL), (False, NONE)])
def test_one_that_was_revoked_before_it_was_replaced_loses_the_place(revoked: bool, expected: str) -> None:
    c = Cast()
    first = exclusive(c)
    granted = theirs(c)
    if revoked:
        c.world.revocation(consent=first)
        c.world.advance("1d")
    c.consent(simple=True, replaces=first, exclusive={})
    assert cut(c, use(c, granted)) == expected


def test_one_that_is_revoked_after_it_was_replaced_keeps_it() -> None:
    c = Cast()
    first = exclusive(c)
    granted = theirs(c)
    c.consent(simple=True, replaces=first, exclusive={})
    c.world.revocation(consent=first)
    assert cut(c, use(c, granted)) == NONE


def test_a_place_that_was_held_for_some_days_only() -> None:
    c = Cast()
    first = exclusive(c, ends="2026-03-05T00:00:00Z")
    granted = theirs(c)
    c.consent(simple=True, replaces=first, exclusive={})
    assert cut(c, use(c, granted)) == "03-01 no 03-05 yes 03-11"


def test_ones_own_place_is_kept_by_replacing_too() -> None:
    """The rival had been first, with terms that allow the use."""
    c = Cast()
    first = theirs(c)
    exclusive(c)
    assert cut(c, use(c, theirs(c, replaces=first))) == ALL
    assert cut(c, use(c, theirs(c))) == NONE


@pytest.mark.parametrize("terms, expected", [
    ({"countries": ["FR"]}, NONE), ({"channels": ["ooh"]}, NONE), ({"categories": ["1062"]}, NONE),
    ({"ends": "2026-03-05T00:00:00Z"}, "03-01 yes 03-05 no 03-11"), ({"rights": ["voice"]}, NONE),
    ({"purposes": ["editorial"]}, NONE), ({}, ALL),
])  # fmt: skip
def test_ones_own_place_goes_back_through_terms_that_allow_the_use(terms: dict[str, Any], expected: str) -> None:
    c = Cast()
    first = theirs(c, terms=terms)
    exclusive(c)
    assert cut(c, use(c, theirs(c, replaces=first))) == expected


ALTERED: dict[str, Any] = {"manipulations": ["hair"], "derivative_of": ["0" * 64], "training": True}


@pytest.mark.parametrize("terms, expected", [
    ({"allow": ["hair"], "derivatives": "allow", "training": "allow"}, ALL),
    ({"approve": ["hair"], "derivatives": "approve", "training": "own_twin"}, ALL),
    ({"allow": ["face-swap"], "derivatives": "allow", "training": "allow"}, NONE),
    ({"allow": ["hair"], "training": "allow"}, NONE), ({"allow": ["hair"], "derivatives": "allow"}, NONE),
])  # fmt: skip
def test_and_allow_what_is_done_to_her_picture(terms: dict[str, Any], expected: str) -> None:
    c = Cast()
    first = theirs(c, terms=terms)
    exclusive(c)
    wide = {"allow": ["hair"], "derivatives": "allow", "training": "allow"}
    assert cut(c, use(c, theirs(c, replaces=first, terms=wide), **ALTERED)) == expected


def test_ones_own_earlier_terms_that_are_not_disclosed() -> None:
    c = Cast()
    first = theirs(c)
    exclusive(c)
    usage = use(c, theirs(c, replaces=first))
    hidden = {"hide_sections": [(first, "terms")]}
    assert cut(c, usage, **hidden) == "03-01 ? 03-11"
    assert row(c.check(usage, **hidden), "A16") == "UNKNOWN not_disclosed"


def test_ones_own_earlier_consent_that_is_not_shown() -> None:
    """It may have come first, so that a file without it must not say no."""
    c = Cast()
    first = theirs(c)
    exclusive(c)
    usage = use(c, theirs(c, replaces=first))
    verdict = c.check(usage, hide_lists=[f"consent:{first.id}"])
    assert (verdict["authorised"], row(verdict, "A16")) == ("CANNOT_TELL", "UNKNOWN list_missing")


def test_a_rivals_link_that_is_not_disclosed() -> None:
    c = Cast()
    first = exclusive(c)
    granted = theirs(c)
    c.consent(simple=True, replaces=first, exclusive={})
    usage = use(c, granted)
    assert cut(c, usage, hide_sections=[(first, "exclusive")]) == "03-01 ? 03-11"


def test_a_rivals_link_that_is_doubtful() -> None:
    """Its signer says that the key had been stolen: nobody knows whether it held the place."""
    c = Cast()
    first = exclusive(c)
    granted = theirs(c)
    c.consent(simple=True, replaces=first, exclusive={})
    c.world.key(c.brand, add=[key("new")], retire=[c.brand.keys[0]])
    c.world.dispute(first, [first], author=c.brand, tag="key")
    assert c.standing(first) == "? key_disputed"
    assert cut(c, use(c, granted)) == "03-01 ? 03-11"


# ---- what is not shown


def test_a_later_scope_need_not_be_disclosed() -> None:
    c = Cast()
    granted = theirs(c)
    later = exclusive(c)
    assert cut(c, use(c, granted), hide_sections=[(later, "exclusive")]) == ALL


def test_the_list_of_exclusive_consents_is_not_shown() -> None:
    c = Cast()
    assert c.says(use(c, theirs(c)), hide_lists=["exclusive"]) == "?: A16 list_missing"


def test_a_rivals_own_list_is_not_shown() -> None:
    """It may have been revoked."""
    c = Cast()
    consent = exclusive(c)
    usage = use(c, theirs(c))
    assert cut(c, usage, hide_lists=[f"consent:{consent.id}"]) == "03-01 ? 03-11"


def test_no_terms_of_the_rivals_are_asked_for() -> None:
    c = Cast()
    consent = exclusive(c)
    usage = use(c, theirs(c))
    assert cut(c, usage, hide_sections=[(consent, "terms"), (consent, "money")]) == NONE


@pytest.mark.parametrize("categories, expected", [(["1067"], "UNKNOWN bad_terms"), (["1062"], "PASS ok")])
def test_reported_where_nobody_knows(categories: list[str], expected: str) -> None:
    c = Cast()
    exclusive(c, countries=["FR"], categories=categories)
    usage = use(c, theirs(c))
    c.world.report(usage, terms={"lines": [{"channel": "print", "country": "ZZ", "impressions": 1}]})
    assert row(c.check(usage), "A16") == expected


def test_reported_where_nobody_knows_and_where_it_may_not_be() -> None:
    c = Cast()
    exclusive(c, countries=["FR"])
    usage = use(c, theirs(c))
    lines = [{"channel": "print", "country": country, "impressions": 1} for country in ("FR", "ZZ")]
    c.world.report(usage, terms={"lines": lines})
    assert row(c.check(usage), "A16") == "FAIL clashes"


def test_a_consent_that_was_ruled_void_hands_nothing_on() -> None:
    """So the one that replaces it came later, whatever its own scope says."""
    c = Cast()
    first = c.consent(simple=True, exclusive={}, arbiter=c.arno)
    c.world.ruling(first, [first], outcome="void")
    usage = use(c, theirs(c))
    c.consent(simple=True, replaces=first, exclusive={"countries": ["ZZ"]})
    assert row(c.check(usage), "A16") == "PASS ok"


def test_a_use_that_ends_before_it_starts() -> None:
    c = Cast()
    exclusive(c)
    usage = use(c, theirs(c), ends=SPAN["starts"])
    assert row(c.check(usage), "A16") == "UNKNOWN bad_terms"


# ---- on a consent it is a warning


def test_on_a_consent_it_is_a_warning() -> None:
    c = Cast()
    exclusive(c, countries=["DE"])
    consent = theirs(c)
    verdict = c.check(consent)
    assert (verdict["answer"], warnings(verdict)) == ("IN_FORCE", ["clashes"])
    assert warnings(c.check(theirs(c, terms={"countries": ["FR"]}))) == []
    assert warnings(c.check(theirs(c, terms={"countries": ["DE", "FR"]}))) == ["clashes"]


# ---- long chains


def test_a_long_chain_of_exclusive_consents() -> None:
    c = Cast()
    consent = exclusive(c)
    granted = theirs(c)
    with c.world.batch():
        for _ in range(150):
            consent = c.consent(simple=True, replaces=consent, exclusive={})
    assert cut(c, use(c, granted)) == NONE
    assert c.says(c.world.usage(consent, terms=SPAN)) == "yes"
