"""A17 and A19: sub-licensees, and the form that profiles ask for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.cast import Cast, row, warnings

HOUR = 3_600

# ---- A17


@pytest.mark.parametrize("terms, expected", [
    ({}, "yes"), ({"countries": ["FR"]}, "no: A9 country_denied"), ({"channels": ["ooh"]}, "no: A8 channel_denied"),
])  # fmt: skip
def test_what_a_sublicensee_does_is_judged_by_the_consent(terms: dict[str, Any], expected: str) -> None:
    c = Cast()
    consent = c.consent(terms=terms)
    usage = c.world.usage(consent, sublicensee=c.sub)
    assert c.says(usage) == c.says(c.world.usage(consent)) == expected
    assert row(c.check(usage), "A17") == "PASS ok"


def test_the_licensees_own_use() -> None:
    c = Cast()
    assert row(c.check(c.world.usage(c.deal)), "A17") == "NOT_APPLICABLE not_applicable"


def test_what_a_sublicensee_used_is_used() -> None:
    c = Cast()
    consent = c.consent(terms={"caps": {"uses": 1}})
    c.world.usage(consent, sublicensee=c.sub)
    assert c.says(c.world.usage(consent)) == "no: A11 cap_exceeded"


def test_anothers_exclusivity_binds_her_too() -> None:
    c = Cast()
    c.world.consent(model=c.anna, licensee=c.rival, exclusive={})
    assert c.says(c.world.usage(c.consent(), sublicensee=c.sub)) == "no: A16 clashes"


# ---- A19


@pytest.mark.parametrize("registry, consent, before, expected", [
    ("open", None, 24 * HOUR, "NOT_APPLICABLE not_applicable"),
    ("ny", None, 24 * HOUR, "PASS ok"),
    ("ny", None, 24 * HOUR - 1, "FAIL delivered_late"),
    ("open", "ny", 24 * HOUR - 1, "FAIL delivered_late"),
    ("ny", "open", 24 * HOUR - 1, "FAIL delivered_late"),
    ("open", "sag-aftra", 48 * HOUR, "PASS ok"),
    ("open", "sag-aftra", 48 * HOUR - 1, "FAIL delivered_late"),
    ("ny", "sag-aftra", 24 * HOUR, "FAIL delivered_late"),
    ("sag-aftra", "ny", 24 * HOUR, "FAIL delivered_late"),
    ("open", "eu", 0, "NOT_APPLICABLE not_applicable"),
    ("open", "equity-uk", 0, "NOT_APPLICABLE not_applicable"),
])  # fmt: skip
def test_terms_delivered_in_time(registry: str, consent: str | None, before: int, expected: str) -> None:
    c = Cast(profile=registry)
    starts = c.world.now + 9 * 24 * HOUR
    terms = {"profile": consent, "starts": starts, "delivered": starts - before, "products": ["Spring"]}
    made = c.consent(simple=True, terms=terms)
    c.world.set_clock(starts)
    usage = c.world.usage(made, terms={"product": "Spring"})
    verdict = c.check(usage)
    assert row(verdict, "A19") == row(c.check(made), "A19") == expected
    assert ("delivered_late" in warnings(verdict)) == (expected[:3] == "NOT" and before < 24 * HOUR)


def test_a_product_line_where_the_profile_asks_for_one() -> None:
    c = Cast()
    made = c.consent(simple=True, terms={"profile": "sag-aftra"})
    assert row(c.check(made), "A19") == "FAIL product_line_missing"


def test_terms_that_are_not_disclosed() -> None:
    c = Cast()
    made = c.consent(simple=True)
    assert row(c.check(made, hide_sections=[(made, "terms")]), "A19") == "UNKNOWN not_disclosed"
