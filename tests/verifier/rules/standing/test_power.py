"""A2: what an agency signs for a model rests on a mandate that was in force and had the power."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.cast import Cast, Logged
from tests.support.world import World

START = "2026-02-01T00:00:00Z"


def story(**mandate: Any) -> tuple[Cast, World, Logged, Logged]:
    """A cast, its world, a consent that names the agency, and the mandate that the test is about."""
    c = Cast()
    deal = c.deal
    return c, c.world, deal, c.world.mandate(model=c.anna, agency=c.gina, **mandate)


def approved(c: Cast, deal: Logged, under: Logged) -> str:
    return c.standing(c.world.approval(deal, ["a"], under=under))


def revoked(c: Cast, deal: Logged, under: Logged) -> str:
    return c.standing(c.world.revocation(consent=deal, under=under))


def consented(c: Cast, deal: Logged, under: Logged) -> str:
    return c.standing(c.consent(under=under))


@pytest.mark.parametrize(
    "powers, approval, revocation",
    [(["approve"], "good", "void_power"), (["revoke"], "void_power", "good"), (["collect"], "void_power", "void_power"),
     (["approve", "revoke"], "good", "good")],
)  # fmt: skip
def test_powers(powers: list[str], approval: str, revocation: str) -> None:
    c, _, deal, mandate = story(powers=powers)
    assert approved(c, deal, mandate) == approval
    assert revoked(c, deal, mandate) == revocation
    assert consented(c, deal, mandate) == "good"


def test_a_rejection_takes_the_same_power() -> None:
    c, w, deal, mandate = story(powers=["revoke"])
    assert c.standing(w.approval(deal, ["a"], decision="reject", under=mandate)) == "void_power"


def test_retiring_a_twin_takes_revoke() -> None:
    c, w, _, mandate = story(powers=["approve"])
    twin = w.twin_of(c.anna)
    assert c.standing(w.revocation(twin=twin, under=mandate)) == "void_power"
    assert c.standing(w.revocation(twin=twin, under=c.mandate)) == "good"


@pytest.mark.parametrize(
    "clock, expected",
    [("2026-01-31T23:59:59Z", "void_power"), (START, "good"), ("2026-02-28T23:59:59Z", "good"),
     ("2026-03-01T00:00:00Z", "void_power")],
)  # fmt: skip
def test_its_dates(clock: str, expected: str) -> None:
    c, w, deal, mandate = story(starts=START, ends="2026-03-01T00:00:00Z")
    w.set_clock(clock)
    assert approved(c, deal, mandate) == expected
    assert consented(c, deal, mandate) == expected


@pytest.mark.parametrize(
    "starts, clock, expected",
    [(START, "2029-01-31T23:59:59Z", "good"), (START, "2029-02-01T00:00:00Z", "void_power"),
     # 36 months after a 29 February end on the 28th.
     ("2028-02-29T12:00:00Z", "2031-02-28T11:59:59Z", "good"),
     ("2028-02-29T12:00:00Z", "2031-02-28T12:00:00Z", "void_power")],
)  # fmt: skip
def test_a_mandate_for_longer_than_36_months_ends_then(starts: str, clock: str, expected: str) -> None:
    c, w, deal, mandate = story(starts=starts, ends="2040-01-01T00:00:00Z")
    w.set_clock(clock)
    assert approved(c, deal, mandate) == expected


def test_the_logged_time_counts_and_not_the_claimed_one() -> None:
    c, w, deal, mandate = story(ends="+2d")
    w.advance("2d")
    made = w.approval(deal, ["a"], under=mandate, at="-1d")
    assert c.standing(made) == "void_power"


@pytest.mark.parametrize("by", ["anna", "gina"])
def test_revoked(by: str) -> None:
    c, w, deal, mandate = story()
    before = w.approval(deal, ["a"], under=mandate)
    w.revocation(mandate=mandate, signers=[c.actor(by)])
    assert approved(c, deal, mandate) == "void_power"
    assert c.standing(before) == "good"


def test_revoked_as_of_later() -> None:
    c, w, deal, mandate = story()
    w.revocation(mandate=mandate, effective="+2d")
    w.advance("47h")
    assert approved(c, deal, mandate) == "good"
    w.advance("1h")
    assert approved(c, deal, mandate) == "void_power"


def test_a_revocation_never_works_backwards() -> None:
    c, w, deal, mandate = story()
    before = w.approval(deal, ["a"], under=mandate)
    w.advance("1d")
    w.revocation(mandate=mandate, effective="-20d")
    assert c.standing(before) == "good"


def test_a_void_revocation_revokes_nothing() -> None:
    c, w, deal, mandate = story()
    w.revocation(mandate=mandate, signers=[c.brand])
    assert approved(c, deal, mandate) == "good"


def test_another_mandate_of_the_same_agency_will_do() -> None:
    """``under`` is any live mandate of this model with this agency, not just the consent's."""
    c, w, deal, mandate = story()
    w.revocation(mandate=c.mandate)
    assert approved(c, deal, c.mandate) == "void_power"
    assert approved(c, deal, mandate) == "good"


def test_a_mandate_that_is_not_shown_leaves_it_doubtful() -> None:
    """Worked case: `consent:<c>` shows the agency's revocation, its mandate is left out."""
    c, w, deal, mandate = story()
    usage = w.usage(deal)
    w.advance("1d")
    w.revocation(consent=deal, under=mandate)
    assert c.says(usage) == "no: A6 revoked"
    assert c.says(usage, hide_lists=[f"mandate:{mandate.id}"]) == "?: A6 list_missing"


def test_agencies_need_no_mandate_for_their_own_money() -> None:
    c, w, deal, _ = story()
    w.revocation(mandate=c.mandate)
    assert c.standing(w.receipt(deal, payee=c.gina, amount=1)) == "good"
    assert c.standing(w.payment(deal, payee=c.anna, payer=c.gina, amount=1)) == "good"
