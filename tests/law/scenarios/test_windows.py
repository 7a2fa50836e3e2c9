"""When a use runs, and when a consent holds: windows, reported ends, instants (A10)."""

from __future__ import annotations

import pytest

from tests.support.cast import DAY, Cast, row
from tests.support.stop_story import SPAN, at, cut, revoke, running

# ---- A10


@pytest.mark.parametrize("starts, ends, clock, sell_off, expected", [
    ("03-01", "03-11", "03-01", 0, "03-01 yes 03-11"),
    ("02-01", "03-11", "02-01", 0, "02-01 no 02-10 yes 03-11"),
    ("03-01", "04-11", "03-01", 0, "03-01 yes 04-01 no 04-11"),
    ("03-01", "04-11", "03-01", DAY, "03-01 yes 04-02 no 04-11"),
    ("03-01", "04-11", "03-01", 10 * DAY, "03-01 yes 04-11"),
    ("04-01", "04-11", "04-01", 10 * DAY, "04-01 no 04-11"),
    ("04-01", "04-11", "03-31", 10 * DAY, "04-01 yes 04-11"),
    ("03-01", "04-01", "03-01", 0, "03-01 yes 04-01"),
])  # fmt: skip
def test_within_the_consents_term(starts: str, ends: str, clock: str, sell_off: int, expected: str) -> None:
    """Its term is 10 February to 1 April."""
    c = Cast()
    term = {"starts": "2026-02-10T00:00:00Z", "ends": "2026-04-01T00:00:00Z", "sell_off": sell_off}
    consent = c.consent(terms=term)
    at(c, clock)
    span = {"starts": f"2026-{starts}T00:00:00Z", "ends": f"2026-{ends}T00:00:00Z"}
    assert cut(c, c.world.usage(consent, terms=span)) == expected


@pytest.mark.parametrize("which", ["consent", "usage"])
def test_windows_that_make_no_sense(which: str) -> None:
    c = Cast()
    senseless = {"starts": "2026-03-02T00:00:00Z", "ends": "2026-03-02T00:00:00Z"}
    consent = c.consent(terms=senseless if which == "consent" else {})
    usage = c.world.usage(consent, terms=senseless if which == "usage" else SPAN)
    verdict = c.check(usage)
    assert (verdict["authorised"], row(verdict, "A10")) == ("CANNOT_TELL", "UNKNOWN bad_terms")


REVOKED = "03-01 yes 03-06 no 03-11"


@pytest.mark.parametrize("clock, ends, late_window, expected", [
    ("03-06", "03-06", 0, "03-01 yes 03-06"),
    ("03-07", "03-06", DAY, "03-01 yes 03-06"),
    ("03-07", "03-06", DAY - 1, "03-01 yes 03-06 ? 03-07"),
    ("03-09", "03-06", 0, "03-01 yes 03-06 ? 03-09"),
    ("03-20", "03-06", 0, "03-01 yes 03-06 ? 03-11"),
    ("03-09", "03-08", 0, "03-01 yes 03-06 no 03-08 ? 03-09"),
    ("03-09", "03-08", DAY, "03-01 yes 03-06 no 03-08"),
    ("03-09", "03-15", 0, "03-01 yes 03-06 no 03-15"),
    ("03-05", "03-09", 0, "03-01 yes 03-06 no 03-09"),
])  # fmt: skip
def test_an_end_that_was_reported(clock: str, ends: str, late_window: int, expected: str) -> None:
    """Revoked as of 6 March."""
    c = Cast()
    consent, usage = running(c, late_window=late_window)
    revoke(c, consent, effective="2026-03-06T00:00:00Z")
    assert cut(c, usage) == REVOKED
    at(c, clock)
    c.world.report(usage, terms={"ends": f"2026-{ends}T00:00:00Z"})
    assert cut(c, usage) == expected


def test_the_last_report_counts() -> None:
    c = Cast()
    consent, usage = running(c, late_window=99 * DAY)
    revoke(c, consent, effective="2026-03-06T00:00:00Z")
    c.world.report(usage, terms={"ends": "2026-03-08T00:00:00Z"})
    c.world.report(usage, terms={"ends": "2026-03-06T00:00:00Z"})
    c.world.report(usage, terms={"ends": "2026-03-09T00:00:00Z"}, signers=[c.stranger])
    assert cut(c, usage) == "03-01 yes 03-06"


def test_another_usages_report_counts_for_nothing() -> None:
    c = Cast()
    consent, usage = running(c)
    other = c.world.usage(consent, terms=SPAN)
    revoke(c, consent, effective="2026-03-06T00:00:00Z")
    c.world.report(other, terms={"ends": "2026-03-06T00:00:00Z"})
    assert cut(c, usage) == REVOKED


def test_a_report_that_is_not_disclosed_may_have_ended_it() -> None:
    c = Cast()
    consent, usage = running(c)
    revoke(c, consent, effective="2026-03-06T00:00:00Z")
    report = c.world.report(usage, terms={"ends": "2026-03-06T00:00:00Z"})
    assert cut(c, usage, hide_sections=[(report, "terms")]) == "03-01 ? 03-11"


@pytest.mark.parametrize("said, due_at", [
    ([], "2026-03-18T00:00:00Z"), (["03-06"], "2026-03-13T00:00:00Z"), (["03-20"], "2026-03-18T00:00:00Z"),
    (["03-06", "03-08"], "2026-03-15T00:00:00Z"), (["02-01"], "2026-03-08T00:00:00Z"),
])  # fmt: skip
def test_what_is_owed_from_the_end_is_owed_from_an_earlier_one_that_was_reported(said: list[str], due_at: str) -> None:
    c = Cast()
    consent = c.consent(money={"fees": [{"per": "use", "amount": 1_000}], "due": {"from": "ends", "days": 7}})
    usage = c.world.usage(consent, terms=SPAN)
    for end in said:
        c.world.report(usage, terms={"ends": f"2026-{end}T00:00:00Z"})
    assert {line["due_at"] for line in c.check(usage)["paid"]["payees"] if line["of"] == "usage"} == {due_at}


# ---- a consent asked about at an instant


@pytest.mark.parametrize("when, expected", [
    ("2026-02-09T23:59:59Z", "no: A5 not_started"), ("2026-02-10T00:00:00Z", "yes"), ("2026-03-31T23:59:59Z", "yes"),
    ("2026-04-01T00:00:00Z", "no: A5 expired"),
])  # fmt: skip
def test_a_consents_term(when: str, expected: str) -> None:
    c = Cast()
    consent = c.consent(terms={"starts": "2026-02-10T00:00:00Z", "ends": "2026-04-01T00:00:00Z"})
    at(c, "04-01")
    c.actor("stranger")
    assert c.says(consent, at=when) == expected


@pytest.mark.parametrize("when, expected", [
    ("2026-03-04T00:00:00Z", "yes"), ("2026-03-05T00:00:00Z", "no: A5 suspended"), ("2026-03-06T00:00:00Z", "yes"),
    ("2026-03-07T23:59:59Z", "yes"), ("2026-03-08T00:00:00Z", "no: A5 revoked"),
])  # fmt: skip
def test_a_consents_stops(when: str, expected: str) -> None:
    c = Cast()
    consent, _ = running(c)
    c.world.suspension(consent, effective="2026-03-05T00:00:00Z")
    c.world.resumption(consent, effective="2026-03-06T00:00:00Z")
    revoke(c, consent, effective="2026-03-08T00:00:00Z")
    at(c, "03-09")
    c.actor("stranger")
    assert c.says(consent, at=when) == expected


def test_a_consents_terms_that_are_not_disclosed() -> None:
    c = Cast()
    consent, _ = running(c)
    c.actor("stranger")
    assert c.says(consent, hide_sections=[(consent, "terms")]) == "?: A5 not_disclosed, A19 not_disclosed"


def test_a_long_chain_of_replacements() -> None:
    c = Cast()
    first, usage = running(c)
    consent = first
    with c.world.batch():
        for _ in range(150):
            consent = c.consent(replaces=consent)
    assert c.says(c.world.usage(consent)) == "yes"
    assert c.says(c.world.usage(first)) == "no: A5 replaced"
    revoke(c, consent)
    assert cut(c, usage) == "03-01 yes 03-04 no 03-11"


@pytest.mark.parametrize("by, expected", [
    ("union", "no: A5 suspended, A19 not_disclosed"),
    ("model", "?: T7 not_disclosed, A5 not_disclosed, A19 not_disclosed"),
])
def test_a_strike_waits_for_no_notice_that_the_terms_may_hold(by: str, expected: str) -> None:
    c = Cast()
    consent = c.consent()
    c.world.suspension(consent, by=c.ulla if by == "union" else None)
    assert c.says(consent, hide_sections=[(consent, "terms")]) == expected


def test_a_notice_that_is_not_disclosed_matters_only_to_what_has_one() -> None:
    """It moves a revocation (A6); there is no suspension that it could move (A5)."""
    c = Cast()
    consent, usage = running(c)
    c.world.revocation(consent=consent)
    verdict = c.check(usage, hide_sections=[(consent, "terms")])
    assert (row(verdict, "A5"), row(verdict, "A6")) == ("PASS ok", "UNKNOWN not_disclosed")
