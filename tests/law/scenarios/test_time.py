"""T2, T4, T6, T7, T8 at their edges."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.cast import DAY, Cast, Logged, codes, faults, key, row, segments

SPAN = {"starts": "2026-03-01T00:00:00Z", "ends": "2026-03-11T00:00:00Z"}
LAST = "03-01 yes 03-11"


def declared(c: Cast, clock: str, *, late_window: int = 0, **terms: Any) -> Logged:
    """A use of the first ten days of March that is declared at the clock."""
    consent = c.consent(simple=True, terms={"late_window": late_window, **terms})
    c.world.set_clock(clock)
    return c.world.usage(consent, terms=SPAN)


# ---- T4


@pytest.mark.parametrize("clock, late_window, expected, cut", [
    ("2026-02-28T00:00:00Z", 0, "PASS ok", LAST),
    ("2026-03-01T00:00:00Z", 0, "PASS ok", LAST),
    ("2026-03-01T00:00:01Z", 0, "UNKNOWN declared_late", "03-01 ? 03-01T00:00:01 yes 03-11"),
    ("2026-03-02T00:00:00Z", DAY, "PASS ok", LAST),
    ("2026-03-02T00:00:01Z", DAY, "UNKNOWN declared_late", "03-01 ? 03-02T00:00:01 yes 03-11"),
    ("2026-03-10T23:59:59Z", 0, "UNKNOWN declared_late", "03-01 ? 03-10T23:59:59 yes 03-11"),
    ("2026-03-11T00:00:00Z", 0, "UNKNOWN declared_late", "03-01 ? 03-11"),
    ("2026-05-01T00:00:00Z", 0, "UNKNOWN declared_late", "03-01 ? 03-11"),
])  # fmt: skip
def test_declared_late(clock: str, late_window: int, expected: str, cut: str) -> None:
    c = Cast()
    verdict = c.check(declared(c, clock, late_window=late_window))
    assert (row(verdict, "T4"), segments(verdict)) == (expected, cut)


LATE = "2026-03-05T00:00:00Z"


@pytest.mark.parametrize("by, assets, expected", [
    ("her", ["a", "b"], "PASS ok"), ("her", ["a"], "UNKNOWN declared_late"), ("nobody", [], "UNKNOWN declared_late"),
    ("agency", ["a", "b"], "UNKNOWN declared_late"), ("stranger", ["a", "b"], "UNKNOWN declared_late"),
])  # fmt: skip
def test_her_approval_of_every_asset_lifts_it(by: str, assets: list[str], expected: str) -> None:
    c = Cast()
    consent = c.consent(under=c.mandate)
    c.world.set_clock(LATE)
    usage = c.world.usage(consent, ["a", "b"], terms=SPAN)
    others: dict[str, dict[str, Any]] = {"agency": {"under": c.mandate}, "stranger": {"signers": [c.stranger]}}
    more = others.get(by, {})
    for asset in assets:
        c.world.approval(consent, [asset], **more)
    assert row(c.check(usage), "T4") == expected


@pytest.mark.parametrize("limits, expected", [
    ({"category": "1059"}, "PASS ok"), ({"category": "1062"}, "UNKNOWN declared_late"),
    ({"channels": ["print"]}, "PASS ok"), ({"channels": ["social"]}, "UNKNOWN declared_late"),
    ({"countries": ["DE"]}, "PASS ok"), ({"countries": ["FR"]}, "UNKNOWN declared_late"),
])  # fmt: skip
def test_her_approval_of_another_use_does_not_lift_it(limits: dict[str, Any], expected: str) -> None:
    c = Cast()
    usage = declared(c, LATE)
    approval = c.world.approval(c.world.entries[usage.index - 2], ["hero.jpg"], terms=limits)
    assert row(c.check(usage), "T4") == expected
    assert row(c.check(usage, hide_sections=[(approval, "terms")]), "T4") == "UNKNOWN not_disclosed"


def test_an_approval_before_the_declaration_does_not_lift_it() -> None:
    c = Cast()
    consent = c.consent(simple=True)
    c.world.set_clock(LATE)
    c.world.approval(consent, ["hero.jpg"])
    usage = c.world.usage(consent, terms=SPAN)
    assert row(c.check(usage), "T4") == "UNKNOWN declared_late"


def test_a_rejection_does_not_lift_it() -> None:
    c = Cast()
    usage = declared(c, LATE)
    c.world.approval(c.world.entries[usage.index - 2], ["hero.jpg"], decision="reject")
    assert row(c.check(usage), "T4") == "UNKNOWN declared_late"


def test_approvals_that_are_not_shown() -> None:
    c = Cast()
    usage = declared(c, LATE)
    c.world.approval(c.world.entries[usage.index - 2], ["hero.jpg"])
    assert c.says(usage) == "yes"
    assert row(c.check(usage, hide_lists=["approval"]), "T4") == "UNKNOWN list_missing"


def test_a_window_that_is_not_disclosed() -> None:
    c = Cast()
    usage = declared(c, "2026-02-01T00:00:00Z")
    assert row(c.check(usage, hide_sections=[(usage, "terms")]), "T4") == "UNKNOWN not_disclosed"


def test_a_late_window_that_is_not_disclosed_matters_only_if_it_was_late() -> None:
    for clock, expected in (("2026-03-01T00:00:00Z", "PASS ok"), (LATE, "UNKNOWN not_disclosed")):
        c = Cast()
        usage = declared(c, clock)
        consent = c.world.entries[usage.index - 2]
        assert row(c.check(usage, hide_sections=[(consent, "terms")]), "T4") == expected


# ---- T6 and T8


@pytest.mark.parametrize("at, expected", [
    ("+300s", "good"), ("+301s", "void_ahead"), ("+0s", "good"), ("-30d", "good"), (f"-{30 * DAY + 1}s", "void_late"),
])  # fmt: skip
def test_claimed_against_logged(at: str, expected: str) -> None:
    c = Cast()
    consent = c.deal
    c.world.advance("60d")
    usage = c.world.usage(consent, at=at)
    assert c.standing(usage) == expected
    verdict = c.check(usage)
    if expected == "good":
        assert (row(verdict, "T6"), row(verdict, "T8")) == ("PASS ok", "PASS ok")
    else:
        rule = {"void_ahead": "T6", "void_late": "T8"}[expected]
        assert (verdict["authorised"], codes(verdict)) == ("NOT_AUTHORISED", [f"{rule} {expected}"])
        assert faults(verdict) == [(expected, [usage.index])]
        assert [one["result"] for one in verdict["rules"]].count("NOT_APPLICABLE") == len(verdict["rules"]) - 1


@pytest.mark.parametrize("what", ["party", "key", "mandate", "consent", "revocation"])
def test_every_kind_of_statement_is_held_to_it(what: str) -> None:
    c = Cast()
    c.enrol()
    c.world.advance("60d")
    makers: dict[str, Any] = {
        "party": lambda **o: c.world.party("late", roles=["licensee"], **o),
        "key": lambda **o: c.world.key(c.brand, add=[key("new")], **o),
        "mandate": lambda **o: c.world.mandate(model=c.anna, agency=c.gina, **o),
        "consent": c.consent,
        "revocation": lambda **o: c.world.revocation(consent=c.deal, **o),
    }
    for at, expected in (("-31d", "void_late"), ("+6m", "void_ahead")):
        assert c.standing(makers[what](at=at)) == expected


# ---- T7


@pytest.mark.parametrize("effective, notice, profile, stops", [
    ("2026-03-08T00:00:00Z", 0, None, "03-08"),
    ("2026-01-01T00:00:00Z", 0, None, "03-04"),
    ("2026-03-04T00:00:00Z", 2 * DAY, None, "03-06"),
    ("2026-03-05T23:59:59Z", 2 * DAY, None, "03-06"),
    ("2026-03-08T00:00:00Z", 2 * DAY, None, "03-08"),
    ("2026-01-01T00:00:00Z", 2 * DAY, "eu", "03-04"),
])  # fmt: skip
@pytest.mark.parametrize("stop", ["revocation", "suspension"])
def test_notice(effective: str, notice: int, profile: str | None, stops: str, stop: str) -> None:
    c = Cast()
    usage = declared(c, "2026-03-01T00:00:00Z", notice=notice, profile=profile)
    consent = c.world.entries[usage.index - 2]
    c.world.set_clock("2026-03-04T00:00:00Z")
    if stop == "revocation":
        c.world.revocation(consent=consent, effective=effective)
    else:
        c.world.suspension(consent, effective=effective)
    verdict = c.check(usage)
    assert segments(verdict) == f"03-01 yes {stops} no 03-11"
    assert row(verdict, "T7") == "PASS ok"


def test_the_registrys_profile_eu_does_away_with_notice_too() -> None:
    c = Cast(profile="eu")
    usage = declared(c, "2026-03-01T00:00:00Z", notice=2 * DAY)
    c.world.set_clock("2026-03-04T00:00:00Z")
    c.world.revocation(consent=c.world.entries[usage.index - 2])
    assert segments(c.check(usage)) == "03-01 yes 03-04 no 03-11"


def test_a_union_gives_no_notice() -> None:
    c = Cast()
    consent = c.consent(terms={"notice": 2 * DAY})
    c.world.set_clock("2026-03-01T00:00:00Z")
    usage = c.world.usage(consent, terms=SPAN)
    c.world.set_clock("2026-03-04T00:00:00Z")
    c.world.suspension(consent, by=c.ulla)
    assert segments(c.check(usage)) == "03-01 yes 03-04 no 03-11"


@pytest.mark.parametrize("what", ["twin", "creation"])
def test_the_end_of_a_twin_is_a_revocation_with_notice_and_sell_off(what: str) -> None:
    c = Cast()
    usage = declared(c, "2026-03-01T00:00:00Z", notice=2 * DAY, sell_off=3 * DAY)
    twin = c.world.twin_of(c.anna)
    creation = c.world.entries[twin.index - 2]
    c.world.set_clock("2026-03-04T00:00:00Z")
    if what == "twin":
        c.world.revocation(twin=twin)
    else:
        c.world.revocation(consent=creation)
    assert segments(c.check(usage)) == "03-01 yes 03-09 no 03-11"


def test_a_creation_consent_is_revoked_without_notice() -> None:
    c = Cast()
    creation = c.world.creation(model=c.anna, maker=c.studio)
    assert c.says(creation) == "yes"
    c.world.revocation(consent=creation, effective="-20d")
    assert c.says(creation) == "no: A5 revoked"
    hidden = c.check(creation, hide_sections=[(creation, "terms")])
    assert (hidden["answer"], row(hidden, "A5"), row(hidden, "T7")) == ("NOT_IN_FORCE", "FAIL revoked", "PASS ok")


def test_notice_that_is_not_disclosed() -> None:
    c = Cast()
    usage = declared(c, "2026-03-01T00:00:00Z", notice=2 * DAY)
    consent = c.world.entries[usage.index - 2]
    assert row(c.check(usage, hide_sections=[(consent, "terms")]), "T7") == "NOT_APPLICABLE not_applicable"
    c.world.revocation(consent=consent, effective="+3d")
    assert row(c.check(usage, hide_sections=[(consent, "terms")]), "T7") == "UNKNOWN not_disclosed"


# ---- T2


@pytest.mark.parametrize("at, max_age, expected", [
    ("+24h", "24h", LAST), ("+86401s", "24h", "03-01 yes 03-04 ? 03-11"), ("+86401s", "2d", LAST),
    ("+0s", "0s", LAST), ("+1s", "0s", "03-01 yes 03-04 ? 03-11"),
])  # fmt: skip
def test_stale(at: str, max_age: str, expected: str) -> None:
    c = Cast()
    usage = declared(c, "2026-03-01T00:00:00Z")
    c.world.set_clock("2026-03-04T00:00:00Z")
    c.actor("stranger")
    verdict = c.check(usage, at=at, max_age=max_age)
    assert segments(verdict) == expected
    assert row(verdict, "T2") == ("PASS ok" if expected == LAST else "UNKNOWN stale")


def test_a_use_that_was_over_by_then_is_never_stale() -> None:
    c = Cast()
    usage = declared(c, "2026-03-01T00:00:00Z")
    c.world.set_clock("2026-03-11T00:00:00Z")
    c.actor("stranger")
    assert c.says(usage, at="+999d") == "yes"


def test_a_consent_is_in_force_at_an_instant_that_the_log_vouches_for() -> None:
    c = Cast()
    assert c.says(c.deal, at="+0d") == "yes"
    assert c.says(c.deal, at="+3d") == "?: T2 stale"


@pytest.mark.parametrize("behind, by_clock, expected", [
    ("-301s", True, "?: T2 clock_behind"), ("-300s", True, "yes"), ("+0s", True, "yes"), ("-30d", False, "yes"),
])  # fmt: skip
def test_a_readers_clock_that_is_behind_cannot_tell_how_old_a_checkpoint_is(
    behind: str, by_clock: bool, expected: str
) -> None:
    """It would switch staleness off. An instant that she names is about the past, and as good as any."""
    c = Cast()
    usage = declared(c, "2026-03-01T00:00:00Z")
    c.world.set_clock("2026-04-04T00:00:00Z")
    c.actor("stranger")
    verdict = c.world.check(usage, at=behind, by_clock=by_clock)
    assert row(verdict, "T2") == ("UNKNOWN clock_behind" if "?" in expected else "PASS ok")
    assert c.says(usage, at=behind, by_clock=by_clock).startswith(expected[0])
    if "?" in expected:
        assert verdict["authorised"] == verdict["paid"]["answer"] == "CANNOT_TELL"
        assert {one["answer"] for one in verdict["paid"]["payees"]} == {"CANNOT_TELL"}


def test_of_a_file_and_a_party_a_clock_that_is_behind_is_a_warning() -> None:
    """They say what the log held as of the checkpoint, whatever the time is."""
    c = Cast()
    c.world.set_clock("2026-03-04T00:00:00Z")
    c.world.usage(c.deal)
    for about in (c.anna, "ab" * 32):
        verdict = c.world.check(about, at="-1h", by_clock=True)
        assert row(verdict, "T2") == "PASS ok"
        assert [one["code"] for one in verdict["warnings"]] == ["clock_behind"]
        assert "warnings" not in c.world.check(about, at="-1h")


def test_of_a_consent_a_clock_that_is_behind() -> None:
    c = Cast()
    deal = c.deal
    c.world.set_clock("2026-04-04T00:00:00Z")
    c.actor("stranger")
    assert c.says(deal, at="-3d", by_clock=True) == "?: T2 clock_behind"


def test_an_unaudited_log_where_audit_is_asked_for() -> None:
    c = Cast()
    usage = declared(c, "2026-03-01T00:00:00Z")
    assert c.says(usage, require_audited=True) == "?: T2 not_audited"
    assert c.says(c.anna, require_audited=True) == "?: T2 not_audited"
    assert c.says(c.deal, require_audited=True) == "?: T2 not_audited"


def test_rules_that_are_not_known() -> None:
    c = Cast()
    usage = declared(c, "2026-03-01T00:00:00Z")
    c.world.registry(rules=3)
    verdict = c.world.check(usage)
    assert verdict["authorised"] == verdict["paid"]["answer"] == "CANNOT_TELL"
    assert {(one["result"], one["code"]) for one in verdict["rules"]} == {("UNKNOWN", "rules_unknown")}
