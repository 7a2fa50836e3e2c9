"""From a message to the story's terms: the gaps filled, the dates moved, the prices split, the answers adjusted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.demo.agreement import Agreement, dates
from registry.demo.story import LEFT_OUT, SCENES, SPLITS, VARIANTS
from registry.drafting.adapters.adcp import AdcpError, parse_acquire_rights
from verifier.base.strict import parse_instant
from verifier.rules.model.calendar import DAY
from verifier.statements.vocabulary import COUNTRIES

NOW = parse_instant("2026-11-24T13:14:15Z")
IDS = {actor: f"{number:064x}" for number, actor in enumerate(["crew", "ayu", "senja", "nia"])}
FIRST = SCENES[0]
BY_NAME = {scene.question.name: scene for scene in SCENES}


def agreement(terms: dict[str, Any] | None = None, constraint: dict[str, Any] | None = None, **top: Any) -> Agreement:
    message = {
        "rights_status": "acquired",
        "terms": {"amount": 2400, "currency": "EUR", "period": "one_time", "uses": ["likeness"]} | (terms or {}),
        "rights_constraint": {"uses": ["likeness"], "countries": ["DE", "FR"]} | (constraint or {}),
        **top,
    }
    return Agreement(parse_acquire_rights(json.dumps(message).encode()), NOW)


# ---- when


@pytest.mark.parametrize(
    "starts, ends, moved",
    [
        ("2026-01-01", "2026-06-01", True),
        ("2027-01-01", "2027-06-01", True),
        ("2026-11-24", "2027-06-01", True),
        ("2026-06-01", "2026-12-01", True),
        ("2026-06-01", "2027-06-01", False),
        ("2026-11-20", "2026-12-06", False),
        ("2026-01-01", "2026-01-03", True),
        ("2026-01-01", "2026-01-02", True),
        ("1971-01-01", "9000-01-01", False),
        ("1971-01-01", "2020-01-01", True),
    ],
)
def test_the_term_covers_the_run_and_the_uses(starts: str, ends: str, moved: bool) -> None:
    begin, end = (parse_instant(f"{day}T00:00:00Z") for day in (starts, ends))
    found = dates(NOW, begin, end)
    assert found.starts < NOW < found.use_starts < found.revoked < found.use_ends <= found.ends
    assert found.use_starts >= NOW + DAY // 4  # declared before it starts
    assert found.ended <= NOW
    assert (found.moved, found.length) == (moved, end - begin)
    assert moved or (found.starts, found.ends) == (begin, end)


def test_without_dates_the_term_is_the_storys() -> None:
    found = dates(NOW, None, None)
    assert found.starts < NOW < found.use_ends < found.ends
    assert not found.moved


def test_a_term_of_millennia_that_does_not_cover_the_run_is_refused() -> None:
    with pytest.raises(AdcpError, match="too long"):
        dates(NOW, parse_instant("2030-01-01T00:00:00Z"), parse_instant("9000-01-01T00:00:00Z"))


# ---- where


@pytest.mark.parametrize(
    "terms, constraint",
    [
        ({}, {}),
        ({}, {"countries": None}),
        ({}, {"countries": sorted(COUNTRIES)}),
        ({}, {"countries": None, "excluded_countries": ["DE", "US"]}),
        ({}, {"countries": ["US", "JP"], "excluded_countries": ["US"]}),
        ({"exclusivity": {"countries": ["FR"]}}, {}),
        ({"exclusivity": {"countries": ["US", "IS"]}}, {"countries": None}),
    ],
)
def test_inside_is_allowed_and_exclusive_and_outside_is_not(terms: dict[str, Any], constraint: dict[str, Any]) -> None:
    found = agreement(terms, constraint)
    allowed = found.consent_terms(FIRST)
    excluded = allowed.get("countries_excluded", [])
    names_all = allowed["countries"] == ["WORLD"]
    assert (names_all or found.inside in allowed["countries"]) and found.inside not in excluded
    assert (not names_all and found.outside not in allowed["countries"]) or found.outside in excluded
    scope = found.exclusive(FIRST)["countries"]
    assert scope == ["WORLD"] or found.inside in scope


def test_exclusivity_outside_the_grant_is_refused() -> None:
    with pytest.raises(AdcpError, match="outside the grant"):
        agreement({"exclusivity": {"countries": ["JP"]}})


# ---- how much


@pytest.mark.parametrize(
    "terms, price",
    [
        ({}, 240_000),
        ({"period": "daily", "amount": 10}, 10_000),
        ({"period": "monthly", "amount": 350}, 35_000),  # owed from the term's start on, which was yesterday
        ({"period": "monthly", "amount": 350, "start_date": "2026-06-01", "end_date": "2027-06-01"}, 210_000),
        ({"period": "weekly", "amount": 10, "start_date": "2026-11-10", "end_date": "2027-06-01"}, 3_000),
        ({"period": "annual", "amount": 10, "start_date": "2026-06-01", "end_date": "2028-06-01"}, 1_000),
        ({"impression_cap": 100, "overage_cpm": 4}, 240_000),
        ({"amount": 0}, 0),
    ],
)
def test_price_of_a_use_of_ten_days(terms: dict[str, Any], price: int) -> None:
    assert agreement(terms).price == price


@given(st.integers(0, 10**9))
def test_parts_add_up_to_the_price(cents: int) -> None:
    found = agreement({"amount": cents, "currency": "JPY"})
    for scene in SCENES:
        parts = found.parts(scene, IDS)
        collected = parts[scene.model] if scene.via else 0
        assert sum(parts.values()) - collected == cents
        for payee, _, share in SPLITS[scene.model]:
            exact = cents * share - 100 * (parts[payee] - (collected if payee == "senja" else 0))
            assert -100 < exact < 100


def test_left_over_units_go_to_the_largest_remainder_then_to_the_lower_id() -> None:
    assert agreement({"amount": 150, "currency": "JPY"}).parts(FIRST, IDS) == {"ayu": 118, "senja": 30, "crew": 2}


def test_what_goes_through_the_agency_is_one_sum() -> None:
    scene = BY_NAME["agency-paid-model-not"]
    parts = agreement().parts(scene, IDS)
    assert parts == {"ayu": 189_600, "senja": 237_600, "crew": 2_400}
    splits = agreement().consent_money(scene, IDS)["splits"]
    assert [split.get("via") for split in splits] == [IDS["senja"], None, None]


# ---- answers


def paid(found: Agreement, name: str) -> str:
    questions = {scene.question.name: scene.question for scene in SCENES}
    questions |= {question.name: question for _, question in (*VARIANTS, LEFT_OUT)}
    return found.expected(questions[name])["paid"]


@pytest.mark.parametrize(
    "terms, full, later, nothing, own_word",
    [
        ({}, "PAID", "NOT_YET_DUE", "NOT_PAID", "CANNOT_TELL"),
        ({"period": "monthly"}, "PAID", "NOT_YET_DUE", "NOT_PAID", "CANNOT_TELL"),
        ({"impression_cap": 100, "overage_cpm": 4}, "NOT_YET_DUE", "NOT_YET_DUE", "NOT_PAID", "CANNOT_TELL"),
        ({"impression_cap": 100, "overage_cpm": 0}, "PAID", "NOT_YET_DUE", "NOT_PAID", "CANNOT_TELL"),
        ({"amount": 0}, "PAID", "PAID", "PAID", "PAID"),
        ({"amount": 0, "impression_cap": 100, "overage_cpm": 4}, "NOT_YET_DUE", "NOT_YET_DUE", "CANNOT_TELL",
         "CANNOT_TELL"),
    ],
)  # fmt: skip
def test_what_terms_make_of_paid(terms: dict[str, Any], full: str, later: str, nothing: str, own_word: str) -> None:
    found = agreement(terms)
    assert paid(found, "authorised-and-paid") == full
    assert paid(found, "authorised-and-not-yet-due") == later
    assert paid(found, "authorised-and-unpaid") == nothing
    assert paid(found, "paid-on-the-payers-word") == own_word
    assert paid(found, "money-withheld") == paid(found, "list-left-out") == "CANNOT_TELL"


def test_terms_never_change_what_is_authorised() -> None:
    for scene in SCENES:
        expected = agreement({"impression_cap": 1}).expected(scene.question)
        assert expected["authorised"] == scene.question.authorised


# ---- what a use keeps to


def test_a_use_keeps_to_the_terms() -> None:
    found = agreement(
        {"impression_cap": 400},
        {"creative_approval_required": True, "disclosure": {"required": True, "text": "A twin"}},
    )
    use, terms = found.usage_terms(FIRST), found.consent_terms(FIRST)
    assert use["units"] == {"impressions": 400}
    assert use["label"] == terms["label"] == "visible"
    assert set(use["rights"]) <= set(terms["rights"]) and set(use["channels"]) <= set(terms["channels"])
    assert found.approves
    assert not agreement({}, {"creative_approval_required": False}).approves


def test_what_nobody_said_is_decided_and_told() -> None:
    found = agreement()
    assert {"terms.channels", "terms.categories", "money.splits"} <= set(found.filled)
    assert found.consent_terms(FIRST)["approval"] == "none"
    request = parse_acquire_rights(b'{"campaign": {"description": "Spring", "uses": ["likeness"]}}')
    asked = Agreement(request, NOW)
    assert asked.currency == "EUR" and asked.price > 0
    assert asked.consent_terms(FIRST)["countries"]
