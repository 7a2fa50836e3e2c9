"""``acquire_rights`` messages as drafts: what is mapped and how, what is left to a person, what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.drafting.adapters.adcp import AdcpError, Drafted, parse_acquire_rights
from tests.support.samples import SAMPLES, needs_samples
from verifier.base.strict import parse_instant

EVERY: dict[str, Any] = {"per": "flat", "amount": 10_000, "owed": "every"}
ONCE: dict[str, Any] = {"per": "flat", "owed": "signed"}


def response(terms: dict[str, Any] | None = None, constraint: dict[str, Any] | None = None, **top: Any) -> bytes:
    """A response with ``terms`` and ``constraint`` laid over usual ones; ``None`` takes a member out."""
    message = {
        "rights_id": "ayu",
        "rights_status": "acquired",
        "brand_id": "ayu",
        "terms": {
            "pricing_option_id": "campaign",
            "amount": 1250,
            "currency": "EUR",
            "period": "one_time",
            "uses": ["likeness", "voice"],
            "start_date": "2026-04-01",
            "end_date": "2026-06-30",
        }
        | (terms or {}),
        "rights_constraint": {"uses": ["voice", "likeness"], "countries": ["NL", "DE"]} | (constraint or {}),
        **top,
    }
    return json.dumps(_present(message)).encode()


def _present(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _present(member) for name, member in value.items() if member is not None}
    return value


def draft(*arguments: Any, **top: Any) -> Drafted:
    return parse_acquire_rights(response(*arguments, **top))


def notes(drafted: Drafted) -> dict[str, str]:
    return {note.where: note.text for note in drafted.notes}


# ---- other people's messages


@needs_samples
def test_sample_of_acquired_rights() -> None:
    drafted = parse_acquire_rights((SAMPLES / "adcp" / "acquire_rights-01.json").read_bytes())
    description = drafted.terms.pop("description")
    assert drafted.kind == "response"
    assert drafted.terms == {
        "approval": "each",
        "caps": {"impressions": 100_000},
        "countries": ["NL"],
        "ends": "2026-07-01T00:00:00Z",
        "label": "visible",
        "overage": ["impressions"],
        "purposes": ["advertising"],
        "rights": ["likeness", "voice"],
        "starts": "2026-04-01T00:00:00Z",
    }
    assert drafted.money == {
        "currency": "EUR",
        "fees": [{**EVERY, "amount": 35_000, "months": 1}, {"per": "mille", "amount": 400, "above": 100_000}],
    }
    assert drafted.exclusive == {
        "countries": ["NL"],
        "ends": "2026-07-01T00:00:00Z",
        "starts": "2026-04-01T00:00:00Z",
    }
    assert "Exclusivity: Exclusive licensee for Daan Janssen in NL for food/restaurant brands." in description
    assert "Restriction: No modification of talent likeness beyond approved AI generation parameters." in description
    assert description.count("All generated creatives must be submitted") == 1
    assert "Label to be shown: Features AI-generated likeness of Daan Janssen" in description
    assert {"exclusive.categories", "exclusive.channels", "terms.categories", "terms.channels"} <= set(drafted.missing)
    assert {"generation_credentials", "approval_webhook", "rights_constraint.attestation_refs"} <= notes(drafted).keys()


@needs_samples
def test_sample_of_a_request() -> None:
    drafted = parse_acquire_rights((SAMPLES / "adcp" / "acquire_rights-00.json").read_bytes())
    assert drafted.kind == "request"
    assert drafted.money == {} and drafted.exclusive is None
    assert {"money.currency", "money.fees", "terms.approval"} <= set(drafted.missing)
    assert drafted.terms["rights"] == ["likeness", "voice"]
    assert drafted.terms["description"].startswith("AI-generated video ads for Bistro Oranje steakhouse")
    assert "campaign.estimated_impressions" in notes(drafted)


@needs_samples
def test_secrets_are_not_copied() -> None:
    for name in ("acquire_rights-00.json", "acquire_rights-01.json"):
        said = repr(parse_acquire_rights((SAMPLES / "adcp" / name).read_bytes()))
        assert "rk_" not in said and "whsk_" not in said and "http" not in said


@needs_samples
@pytest.mark.parametrize(
    "name, where",
    [
        ("acquire_rights-02.json", "rights_status"),
        ("get_rights-00.json", ""),
        ("get_rights-01.json", ""),
        ("update_rights-01.json", ""),
        ("walkthrough-rights-licensing-00.json", ""),
        ("schemas/rights-terms.json", ""),
    ],
)
def test_samples_without_terms(name: str, where: str) -> None:
    with pytest.raises(AdcpError) as caught:
        parse_acquire_rights((SAMPLES / "adcp" / name).read_bytes())
    assert caught.value.where == where


# ---- what is mapped


def test_bare_and_wrapped_are_alike() -> None:
    bare = response()
    assert parse_acquire_rights(b'{"caption": "x", "body": ' + bare + b"}") == parse_acquire_rights(bare)


def test_the_older_name_of_the_status() -> None:
    assert draft(rights_status=None, status="acquired").terms == draft().terms


def test_a_response_without_status_is_noted() -> None:
    assert "rights_status" in notes(draft(rights_status=None))


@pytest.mark.parametrize(
    "terms, fees",
    [
        ({"amount": 100, "period": "weekly"}, [{**EVERY, "days": 7}]),
        ({"amount": 100, "period": "monthly"}, [{**EVERY, "months": 1}]),
        ({"amount": 100, "period": "quarterly"}, [{**EVERY, "months": 3}]),
        ({"amount": 100, "period": "annual"}, [{**EVERY, "months": 12}]),
        ({"amount": 12.5, "period": "daily"}, [{"per": "day", "amount": 1_250, "once": True}]),
        ({"amount": 0, "period": "one_time"}, [{**ONCE, "amount": 0}]),
        ({"amount": 99.99, "period": None, "model": "flat_rate"}, [{**ONCE, "amount": 9_999}]),
        ({"amount": 3.5, "model": "cpm"}, [{"per": "mille", "amount": 350}]),
        ({"amount": 3.5, "period": None, "pricing_model": "vcpm"}, [{"per": "mille", "amount": 350}]),
        ({"amount": 3.5, "period": "monthly", "unit": "per_mille"}, [{"per": "mille", "amount": 350}]),
        ({"amount": 350, "currency": "JPY"}, [{**ONCE, "amount": 350}]),
        ({"amount": 1.234, "currency": "KWD"}, [{**ONCE, "amount": 1_234}]),
        (
            {"impression_cap": 500, "overage_cpm": 2.25},
            [{**ONCE, "amount": 125_000}, {"per": "mille", "amount": 225, "above": 500}],
        ),
    ],
)
def test_fees(terms: dict[str, Any], fees: list[dict[str, Any]]) -> None:
    assert draft(terms).money["fees"] == fees


@pytest.mark.parametrize(
    "terms, constraint, caps",
    [
        ({}, {}, None),
        ({"impression_cap": 500}, {}, {"impressions": 500}),
        ({}, {"impression_cap": 700}, {"impressions": 700}),
        ({"impression_cap": 500}, {"impression_cap": 400}, {"impressions": 400}),
    ],
)
def test_caps(terms: dict[str, Any], constraint: dict[str, Any], caps: dict[str, int] | None) -> None:
    drafted = draft(terms, constraint)
    assert drafted.terms.get("caps") == caps
    assert "overage" not in drafted.terms


@pytest.mark.parametrize(
    "terms", [{"period": None}, {"model": "cpc"}, {"model": "time", "period": None}, {"unit": "post"}]
)
def test_a_price_of_which_the_unit_is_not_told_is_not_drafted(terms: dict[str, Any]) -> None:
    drafted = draft(terms)
    assert drafted.money == {"currency": "EUR"} and "money.fees" in drafted.missing
    assert any("is to be filled in" in note.text for note in drafted.notes)


def test_a_price_without_a_cap_is_noted() -> None:
    drafted = draft({"overage_cpm": 4})
    assert len(drafted.money["fees"]) == 1
    assert "terms.overage_cpm" in notes(drafted)


@pytest.mark.parametrize(
    "constraint, countries, excluded",
    [
        ({}, ["DE", "NL"], None),
        ({"countries": None}, ["WORLD"], None),
        ({"countries": None, "excluded_countries": ["US", "CA"]}, ["WORLD"], ["CA", "US"]),
        ({"excluded_countries": ["NL"]}, ["DE", "NL"], ["NL"]),
        ({"countries": ["NL", "XX", "NL"]}, ["NL"], None),
    ],
)
def test_countries(constraint: dict[str, Any], countries: list[str], excluded: list[str] | None) -> None:
    drafted = draft({}, constraint)
    assert drafted.terms["countries"] == countries
    assert drafted.terms.get("countries_excluded") == excluded


def test_countries_that_the_terms_exclude() -> None:
    drafted = draft({"excluded_countries": ["NL"]}, {"countries": None, "excluded_countries": ["US"]})
    assert drafted.terms["countries_excluded"] == ["NL", "US"]


def test_channel_limits_are_taken_over() -> None:
    drafted = draft({"channels": ["social", "print", "fax"]}, {"channels": ["social", "fax", "olv"]})
    assert drafted.terms["channels"] == ["social"] and "terms.channels" not in drafted.missing
    assert "fax" in notes(drafted)["terms.channels"]
    without = draft({"channels": ["social", "print"], "excluded_channels": ["social"]})
    assert without.terms["channels"] == ["print"]
    told = draft({"excluded_channels": ["social", "ctv"]})
    assert "terms.channels" in told.missing and "without ctv, social" in notes(told)["terms.excluded_channels"]


def test_a_term_that_is_over_is_told() -> None:
    late = parse_acquire_rights(response(), parse_instant("2026-07-01T00:00:00Z"))
    assert "over since 2026-07-01T00:00:00Z" in notes(late)["terms.end_date"]
    before = parse_acquire_rights(response(), parse_instant("2026-06-30T23:59:59Z"))
    assert "terms.end_date" not in notes(before)


def test_without_a_constraint_the_countries_are_left_to_a_person() -> None:
    drafted = draft(rights_constraint=None)
    assert "terms.countries" in drafted.missing
    assert "countries" not in drafted.terms


@pytest.mark.parametrize(
    "terms, constraint, starts, ends",
    [
        ({}, {}, "2026-04-01T00:00:00Z", "2026-07-01T00:00:00Z"),
        ({}, {"valid_until": "2026-06-30T23:59:59Z"}, "2026-04-01T00:00:00Z", "2026-07-01T00:00:00Z"),
        ({}, {"valid_from": "2026-04-02T02:00:00+02:00"}, "2026-04-02T00:00:00Z", "2026-07-01T00:00:00Z"),
        ({}, {"valid_until": "2026-05-31T21:59:59.999-02:00"}, "2026-04-01T00:00:00Z", "2026-06-01T00:00:00Z"),
        ({"start_date": None, "end_date": None}, {}, None, None),
    ],
)
def test_dates(terms: dict[str, Any], constraint: dict[str, Any], starts: str | None, ends: str | None) -> None:
    drafted = draft(terms, constraint)
    assert (drafted.terms.get("starts"), drafted.terms.get("ends")) == (starts, ends)
    assert ("terms.starts" in drafted.missing) == (starts is None)


@pytest.mark.parametrize(
    "constraint, top, approval",
    [
        ({"creative_approval_required": True}, {}, "each"),
        ({"creative_approval_required": False}, {"approval_webhook": {"url": "x"}}, "none"),
        ({}, {"approval_webhook": "https://agent.example/approve"}, "each"),
        ({}, {}, None),
    ],
)
def test_approval(constraint: dict[str, Any], top: dict[str, Any], approval: str | None) -> None:
    drafted = draft({}, constraint, **top)
    assert drafted.terms.get("approval") == approval
    assert ("terms.approval" in drafted.missing) == (approval is None)


@pytest.mark.parametrize("place", ["top", "constraint"])
@pytest.mark.parametrize("required", [True, False])
def test_label(place: str, required: bool) -> None:
    said = {"disclosure": {"required": required, "text": "Made with a twin"}}
    drafted = draft({}, said) if place == "constraint" else draft(**said)
    assert drafted.terms.get("label") == ("visible" if required else None)
    assert "Label to be shown: Made with a twin." in drafted.terms["description"]


def test_exclusivity_without_countries_is_for_those_of_the_grant() -> None:
    drafted = draft({"exclusivity": {"scope": "all shoes", "tier": "gold"}}, {"excluded_countries": ["DE"]})
    assert drafted.exclusive is not None
    assert drafted.exclusive["countries"] == ["DE", "NL"]
    assert drafted.exclusive["countries_excluded"] == ["DE"]
    assert notes(drafted)["terms.exclusivity.tier"] == "not mapped: gold"


def test_what_differs_is_drafted_the_stricter_way() -> None:
    drafted = draft({"uses": ["likeness", "voice", "name"]}, {"uses": ["voice", "name", "motion_capture"]})
    assert drafted.terms["rights"] == ["name", "voice"]
    assert "rights_constraint.uses" in notes(drafted)


def test_unknown_members_and_rights_are_noted() -> None:
    drafted = draft({"uses": ["likeness", "hologram"], "bonus": [1, 2]}, {"uses": None}, surprise={"x": 1})
    assert drafted.terms["rights"] == ["likeness"]
    found = notes(drafted)
    assert found["terms.bonus"] == "not mapped: 1, 2"
    assert found["surprise"] == "not mapped: an object"
    assert "hologram" in found["terms.uses"]


def test_long_words_are_cut_and_noted() -> None:
    drafted = draft(restrictions=["long " * 2000])
    assert len(drafted.terms["description"]) == 4000
    assert "terms.description" in notes(drafted)


def test_notes_are_harmless_in_a_terminal() -> None:
    drafted = draft(surprise="\x1b[2J" + "x" * 500)
    text = notes(drafted)["surprise"]
    assert text.isprintable() and len(text) < 200


# ---- what is refused


@pytest.mark.parametrize(
    "terms, constraint, top, where",
    [
        ({"amount": None}, {}, {}, "terms.amount"),
        ({"currency": None}, {}, {}, "terms.currency"),
        ({"currency": "XXX"}, {}, {}, "terms.currency"),
        ({"amount": "350"}, {}, {}, "terms.amount"),
        ({"amount": -1}, {}, {}, "terms.amount"),
        ({"amount": True}, {}, {}, "terms.amount"),
        ({"amount": 0.001}, {}, {}, "terms.amount"),
        ({"amount": 0.5, "currency": "JPY"}, {}, {}, "terms.amount"),
        ({"amount": 10**15}, {}, {}, "terms.amount"),
        ({"period": "hourly"}, {}, {}, "terms.period"),
        ({"uses": None}, {"uses": None}, {}, "terms.uses"),
        ({"uses": []}, {"uses": None}, {}, "terms.uses"),
        ({"uses": ["hologram"]}, {"uses": None}, {}, "terms.uses"),
        ({"uses": ["name"]}, {}, {}, "terms.uses"),
        ({"impression_cap": 0.5}, {}, {}, "terms.impression_cap"),
        ({"impression_cap": 2**53}, {}, {}, "terms.impression_cap"),
        ({"start_date": "01.04.2026"}, {}, {}, "terms.start_date"),
        ({"start_date": "2026-02-30"}, {}, {}, "terms.start_date"),
        ({"end_date": "2026-03-30"}, {}, {}, "terms.end_date"),
        ({"exclusivity": "NL"}, {}, {}, "terms.exclusivity"),
        ({"exclusivity": {"countries": ["XX"]}}, {}, {}, "terms.exclusivity.countries"),
        ({}, {"countries": []}, {}, "rights_constraint.countries"),
        ({}, {"excluded_countries": ["XX"]}, {}, "rights_constraint.excluded_countries"),
        ({}, {"excluded_countries": ["DE", "NL"]}, {}, "rights_constraint.countries"),
        ({}, {"valid_until": "tomorrow"}, {}, "rights_constraint.valid_until"),
        ({}, {"valid_from": "2026-04-01T00:00:00+99:00"}, {}, "rights_constraint.valid_from"),
        ({}, {"approval_status": "pending"}, {}, "rights_constraint.approval_status"),
        ({}, {"approval_status": "rejected"}, {}, "rights_constraint.approval_status"),
        ({}, {"grant_status": "revoked"}, {}, "rights_constraint.grant_status"),
        ({}, {"grant_status": "frozen"}, {}, "rights_constraint.grant_status"),
        ({}, {"approval_status": "in_review"}, {}, "rights_constraint.approval_status"),
        ({"status": "paused"}, {}, {}, "terms.status"),
        ({"state": "pending"}, {}, {}, "terms.state"),
        ({"payment_status": "failed"}, {}, {}, "terms.payment_status"),
        ({"billing": {"status": "suspended"}}, {}, {}, "terms.billing.status"),
        ({"steps": [{"state": "pending"}]}, {}, {}, "terms.steps[0].state"),
        ({"paused": True}, {}, {}, "terms.paused"),
        ({"active": False}, {}, {}, "terms.active"),
        ({}, {}, {"deal": "on hold"}, "deal"),
        ({}, {}, {"credential_status": "whatever"}, "credential_status"),
        ({"channels": ["fax"]}, {}, {}, "terms.channels"),
        ({"excluded_countries": ["XX"]}, {}, {}, "terms.excluded_countries"),
        ({}, {"content_digest": "sha256:" + "0" * 64}, {}, "rights_constraint.content_digest"),
        ({}, {"right_type": "music"}, {}, "rights_constraint.right_type"),
        ({}, {}, {"rights_status": "rejected", "reason": "taken"}, "rights_status"),
        ({}, {}, {"rights_status": 5}, "rights_status"),
        ({}, {}, {"errors": [{"code": "x"}]}, "errors"),
        ({}, {}, {"restrictions": "none"}, "restrictions"),
    ],
)
def test_refused(terms: dict[str, Any], constraint: dict[str, Any], top: dict[str, Any], where: str) -> None:
    with pytest.raises(AdcpError) as caught:
        draft(terms, constraint, **top)
    assert caught.value.where == where


@pytest.mark.parametrize("member", ["start_date", "end_date", "signed_at"])
def test_null_where_a_date_belongs(member: str) -> None:
    message = json.loads(response())
    message["terms"][member] = None
    with pytest.raises(AdcpError, match="not settled yet") as caught:
        parse_acquire_rights(json.dumps(message).encode())
    assert caught.value.where == f"terms.{member}"


def test_states_that_are_good_are_no_hindrance() -> None:
    drafted = draft({"status": "active", "paused": False}, {"grant_status": "active", "approval_status": "approved"})
    assert notes(drafted)["terms.status"] == "not mapped: active"


@needs_samples
def test_the_digest_of_a_grant_is_recomputed() -> None:
    data = (SAMPLES / "adcp" / "acquire_rights-01.json").read_bytes()
    assert "recomputed" in notes(parse_acquire_rights(data))["rights_constraint.content_digest"]
    changed = data.replace(b'"impression_cap": 100000', b'"impression_cap": 900000')
    with pytest.raises(AdcpError, match="something was changed"):
        parse_acquire_rights(changed)


def test_a_refusal_repeats_the_agents_reason() -> None:
    with pytest.raises(AdcpError, match=r"not acquired \(rejected\): Exclusive to others"):
        draft(rights_status="rejected", reason="Exclusive to others")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"{}",
        b'{"body": []}',
        b'{"campaign": 1}',
        b'{"campaign": {}}',
        b'{"rights_status": "acquired"}',
        b'{"rights_status": "acquired", "terms": []}',
        b'{"rights_status": "acquired", "terms": {}}',
    ],
)
def test_other_json_is_refused(data: bytes) -> None:
    with pytest.raises(AdcpError):
        parse_acquire_rights(data)


_MEMBERS = (
    "terms campaign rights_constraint rights_status uses amount currency period countries start_date end_date "
    "exclusivity impression_cap overage_cpm disclosure body".split()
)
_VALUES = st.sampled_from(["EUR", "acquired", "likeness", "NL", "2026-04-01", 5, 2.5, True, None, "monthly"])


class TestWhateverComesIn:
    @given(
        st.recursive(
            _VALUES,
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_MEMBERS), inner, max_size=8),
            max_leaves=30,
        )
    )
    def test_is_drafted_or_refused(self, value: Any) -> None:
        try:
            drafted = parse_acquire_rights(json.dumps(value).encode())
        except AdcpError:
            return
        assert 20 <= len(drafted.terms["description"]) <= 4000
        assert drafted.terms["rights"]
