"""A3, A4, A5, A6, A10: a use against the life of its consent."""

from __future__ import annotations

import pytest

from tests.support.cast import DAY, Cast, row, segments
from tests.support.stop_story import SPAN, at, cut, revoke, running

# ---- A3


def test_a_twin_that_was_retired_before_the_consent() -> None:
    c = Cast()
    c.world.revocation(twin=c.world.twin_of(c.anna))
    usage = c.world.usage(c.deal)
    assert c.says(usage) == "no: A3 twin_retired, A6 revoked"
    assert c.says(c.deal) == "no: A3 twin_retired, A5 revoked"


def test_a_void_retirement_retires_nothing() -> None:
    c = Cast()
    c.world.revocation(twin=c.world.twin_of(c.anna), signers=[c.stranger])
    assert c.says(c.world.usage(c.deal)) == "yes"


def test_a_twin_that_is_retired_after_the_consent() -> None:
    c = Cast()
    _, usage = running(c)
    c.world.revocation(twin=c.world.twin_of(c.anna))
    verdict = c.check(usage)
    assert (row(verdict, "A3"), segments(verdict)) == ("PASS ok", "03-01 yes 03-04 no 03-11")


def test_a_twin_that_is_not_shown() -> None:
    c = Cast()
    _, usage = running(c)
    said = c.says(usage, hide_lists=["twin"])
    assert said.startswith("?: ") and "A3 list_missing" in said


@pytest.mark.parametrize("files, expected", [
    ([], "yes"), (["hero.jpg"], "yes"), (["other.jpg"], "no: A3 asset_not_named"),
    (["hero.jpg", "other.jpg"], "no: A3 asset_not_named"),
])  # fmt: skip
def test_the_file_that_is_looked_at(files: list[str], expected: str) -> None:
    c = Cast()
    _, usage = running(c)
    assert c.says(usage, files=files, at=usage.logged) == expected


# ---- A4


def test_a_consent_that_is_doubtful() -> None:
    c = Cast()
    _, usage = running(c)
    verdict = c.check(usage, hide_lists=[f"keys:{c.gina.id}", f"keys:{c.anna.id}"])
    assert (verdict["authorised"], row(verdict, "A4")) == ("CANNOT_TELL", "UNKNOWN list_missing")


def test_a_consent_that_is_void() -> None:
    c = Cast()
    consent = c.consent(signers=[c.stranger])
    assert c.says(c.world.usage(consent)) == "no: A0 void_parties"


# ---- A5: suspended


@pytest.mark.parametrize("lifted, expected", [
    (None, "03-01 yes 03-04 no 03-11"), ("03-06", "03-01 yes 03-04 no 03-06 yes 03-11"), ("03-04", "03-01 yes 03-11"),
])  # fmt: skip
@pytest.mark.parametrize("by", ["model", "union"])
def test_suspended_while_it_lasts(lifted: str | None, expected: str, by: str) -> None:
    c = Cast()
    consent, usage = running(c)
    who = c.ulla if by == "union" else None
    c.world.suspension(consent, by=who)
    if lifted is not None:
        at(c, lifted)
        c.world.resumption(consent, by=who)
    assert cut(c, usage) == expected


@pytest.mark.parametrize("by, lifted_by", [("model", "union"), ("union", "model")])
def test_only_the_signers_own_suspensions_are_lifted(by: str, lifted_by: str) -> None:
    c = Cast()
    consent, usage = running(c)
    c.world.suspension(consent, by=c.ulla if by == "union" else None)
    at(c, "03-06")
    c.world.resumption(consent, by=c.ulla if lifted_by == "union" else None)
    assert cut(c, usage) == "03-01 yes 03-04 no 03-11"


def test_both_have_suspended_and_one_resumes() -> None:
    c = Cast()
    consent, usage = running(c)
    c.world.suspension(consent)
    c.world.suspension(consent, by=c.ulla)
    at(c, "03-06")
    c.world.resumption(consent)
    assert cut(c, usage) == "03-01 yes 03-04 no 03-11"
    at(c, "03-07")
    c.world.resumption(consent, by=c.ulla)
    assert cut(c, usage) == "03-01 yes 03-04 no 03-07 yes 03-11"


def test_a_resumption_lifts_only_what_came_before_it() -> None:
    c = Cast()
    consent, usage = running(c)
    c.world.resumption(consent, effective="+2d")
    c.world.suspension(consent)
    assert cut(c, usage) == "03-01 yes 03-04 no 03-11"


def test_a_resumption_never_works_backwards() -> None:
    c = Cast()
    consent, usage = running(c)
    c.world.suspension(consent)
    at(c, "03-06")
    c.world.resumption(consent, effective="-20d")
    assert cut(c, usage) == "03-01 yes 03-04 no 03-06 yes 03-11"


def test_a_sell_off_under_a_suspension() -> None:
    c = Cast()
    consent, usage = running(c, sell_off=DAY)
    c.world.suspension(consent)
    assert cut(c, usage) == "03-01 yes 03-05 no 03-11"


def test_declared_while_suspended() -> None:
    c = Cast()
    consent, _ = running(c, late_window=10 * DAY)
    c.world.suspension(consent, effective="+1d")
    at(c, "03-06")
    usage = c.world.usage(consent, terms=SPAN)
    assert cut(c, usage) == "03-01 ? 03-05 no 03-11"
    at(c, "03-08")
    c.world.resumption(consent)
    assert cut(c, usage) == "03-01 ? 03-05 no 03-08 yes 03-11"


def test_a_suspension_whose_signer_cannot_be_told() -> None:
    c = Cast()
    consent, usage = running(c, notice=2 * DAY)
    c.world.suspension(consent, by=c.ulla)
    assert cut(c, usage) == "03-01 yes 03-04 no 03-11"
    assert cut(c, usage, hide_lists=[f"keys:{c.ulla.id}"]) == "03-01 yes 03-04 ? 03-11"


def test_a_resumption_whose_signer_cannot_be_told() -> None:
    c = Cast()
    consent, usage = running(c)
    c.world.suspension(consent)
    at(c, "03-06")
    c.world.resumption(consent)
    hidden = [f"keys:{c.ulla.id}"]
    assert cut(c, usage) == "03-01 yes 03-04 no 03-06 yes 03-11"
    assert set(cut(c, usage, hide_lists=hidden).split()[1::2]) <= {"yes", "?"}


# ---- A5: replaced


def test_declared_before_it_was_replaced() -> None:
    c = Cast()
    consent, usage = running(c)
    c.consent(replaces=consent)
    assert c.says(usage) == "yes"


def test_declared_after_it_was_replaced() -> None:
    c = Cast()
    consent, _ = running(c)
    c.consent(replaces=consent)
    assert c.says(c.world.usage(consent)) == "no: A5 replaced"
    assert c.says(consent) == "no: A5 replaced"


def test_a_void_replacement_replaces_nothing() -> None:
    c = Cast()
    consent, _ = running(c)
    c.consent(replaces=consent, signers=[c.stranger])
    assert c.says(c.world.usage(consent)) == "yes"


def test_a_consent_is_replaced_once() -> None:
    c = Cast()
    consent, _ = running(c)
    first = c.consent(replaces=consent)
    second = c.consent(replaces=consent)
    assert [c.standing(first), c.standing(second)] == ["good", "void_replaced"]
    assert c.says(second) == "no: A5 void_replaced"
    assert c.says(c.world.usage(first)) == "yes"


def test_a_replacement_that_is_void_leaves_room_for_another() -> None:
    c = Cast()
    consent, _ = running(c)
    c.consent(replaces=consent, signers=[c.stranger])
    assert c.standing(c.consent(replaces=consent)) == "good"


def test_resuming_the_new_consent_resumes_the_uses_of_the_old() -> None:
    c = Cast()
    consent, usage = running(c)
    c.world.suspension(consent)
    at(c, "03-05")
    new = c.consent(replaces=consent)
    assert cut(c, usage) == "03-01 yes 03-04 no 03-11"
    c.world.resumption(new, effective="+2d")
    assert cut(c, usage) == "03-01 yes 03-04 no 03-07 yes 03-11"


def test_one_replacement_may_replace_the_other() -> None:
    c = Cast()
    consent, usage = running(c)
    first = c.consent(replaces=consent)
    second = c.consent(replaces=first)
    assert c.standing(second) == "good"
    assert [c.says(one) for one in (consent, first, second)] == ["no: A5 replaced", "no: A5 replaced", "yes"]
    assert c.says(usage) == "yes"


@pytest.mark.parametrize("generations", [1, 3])
@pytest.mark.parametrize("stop, expected", [
    ("revocation", "03-01 yes 03-07 no 03-11"), ("suspension", "03-01 yes 03-07 no 03-11"),
    ("twin", "03-01 yes 03-07 no 03-11"),
])  # fmt: skip
def test_stops_of_the_new_one_count_for_earlier_uses(generations: int, stop: str, expected: str) -> None:
    """With the old one's notice and sell-off: 2 days and 1."""
    c = Cast()
    consent, usage = running(c, notice=2 * DAY, sell_off=DAY)
    twin = c.world.twin(c.anna)
    new = consent
    for _ in range(generations):
        new = c.consent(replaces=new, twin=twin, terms={"notice": 5 * DAY})
    match stop:
        case "revocation":
            c.world.revocation(consent=new)
        case "suspension":
            c.world.suspension(new)
        case _:
            c.world.revocation(twin=twin)
    assert cut(c, usage) == expected


def test_what_becomes_of_the_old_one_is_no_matter_of_the_new() -> None:
    c = Cast()
    consent, _ = running(c)
    new = c.consent(replaces=consent)
    c.world.revocation(consent=consent)
    assert c.says(c.world.usage(new)) == "yes"


# ---- A6


@pytest.mark.parametrize("sell_off, expected", [
    (0, "03-01 yes 03-04 no 03-11"), (DAY, "03-01 yes 03-05 no 03-11"), (7 * DAY, "03-01 yes 03-11"),
    (7 * DAY - 1, "03-01 yes 03-10T23:59:59 no 03-11"), (99 * DAY, "03-01 yes 03-11"),
])  # fmt: skip
def test_sell_off(sell_off: int, expected: str) -> None:
    c = Cast()
    consent, usage = running(c, sell_off=sell_off)
    revoke(c, consent)
    assert cut(c, usage) == expected


@pytest.mark.parametrize("effective, expected", [
    ("2026-03-11T00:00:00Z", "yes"), ("2026-03-10T23:59:59Z", "no: A6 revoked"),
])  # fmt: skip
def test_a_use_that_is_over_by_then(effective: str, expected: str) -> None:
    c = Cast()
    consent, usage = running(c)
    revoke(c, consent, effective=effective)
    assert c.says(usage) == expected


@pytest.mark.parametrize("clock, effective, late_window, expected", [
    # declared after its index: before `effective` [start, logged) is unknown, whatever the late window
    ("03-03", "03-06", 30 * DAY, "03-01 ? 03-03 yes 03-06 no 03-11"),
    ("03-01", "03-06", 0, "03-01 yes 03-06 no 03-11"),
    ("03-06", "03-06", 30 * DAY, "03-01 ? 03-06 no 03-11"),
    ("03-08", "03-06", 30 * DAY, "03-01 ? 03-06 no 03-11"),
    ("03-08", "02-20", 30 * DAY, "03-01 no 03-11"),
])  # fmt: skip
def test_declared_after_the_revocation(clock: str, effective: str, late_window: int, expected: str) -> None:
    c = Cast()
    consent = c.consent(terms={"late_window": late_window, "sell_off": 5 * DAY})
    at(c, "02-20")
    revoke(c, consent, effective=f"2026-{effective}T00:00:00Z")
    at(c, clock)
    assert cut(c, c.world.usage(consent, terms=SPAN)) == expected


@pytest.mark.parametrize("usage_first, expected", [(True, "01-02 no 02-01"), (False, "01-02 no 02-01")])
def test_the_order_in_one_batch_is_log_order(usage_first: bool, expected: str) -> None:
    c = Cast()
    consent = c.consent(terms={"sell_off": 99 * DAY})
    c.world.advance("1d")
    with c.world.batch():
        if not usage_first:
            revoke(c, consent)
        usage = c.world.usage(consent)
        if usage_first:
            revoke(c, consent)
    assert cut(c, usage) == ("01-02 yes 02-01" if usage_first else expected)


def test_a_void_revocation_revokes_nothing() -> None:
    c = Cast()
    consent, usage = running(c)
    revoke(c, consent, signers=[c.stranger])
    assert c.says(usage) == "yes"


def test_the_earliest_of_several_counts() -> None:
    c = Cast()
    consent, usage = running(c)
    revoke(c, consent, effective="+5d")
    revoke(c, consent, effective="+1d")
    revoke(c, consent, effective="+3d")
    assert cut(c, usage) == "03-01 yes 03-05 no 03-11"
