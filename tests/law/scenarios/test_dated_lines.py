"""M1, M3, M4: dated lines of a consent, what stops them and what does not, and what an agency holds back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.cast import Cast, Logged, row
from tests.support.stop_story import at
from verifier.rules.model.question import Question
from verifier.statements.types import Twin

MONTHLY: dict[str, Any] = {
    "per": "flat", "amount": 100, "owed": "every", "months": 1, "first": "2026-02-01T00:00:00Z", "due_days": 0,
}  # fmt: skip
"""The first of each month of 2026, eleven times."""


def dated(c: Cast, *fees: dict[str, Any], money: dict[str, Any] | None = None, **more: Any) -> Logged:
    """A consent for 2026 whose model is paid alone."""
    options: dict[str, Any] = {
        "terms": {"starts": "2026-01-01T00:00:00Z", "ends": "2027-01-01T00:00:00Z"},
        "money": {"fees": list(fees), "splits": [{"payee": c.anna, "kind": "model", "parts": 1}], **(money or {})},
    }
    return c.consent(**{**options, **more})


def paid(c: Cast, consent: Logged, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = c.check(Question(kind="consent", id=consent.id, ask="paid"), **more)["paid"]
    return found


def due(c: Cast, consent: Logged) -> int:
    return sum(line["due"] for line in paid(c, consent)["payees"])


def creation_of(c: Cast) -> Logged:
    """The consent under which Anna's twin was made."""
    twin = c.world.twin_of(c.anna).statement
    assert isinstance(twin, Twin)
    return next(one for one in c.world.entries.values() if one.id == twin.creation)


STOPS: dict[str, tuple[Callable[[Cast, Logged], Any], int]] = {
    # what happens on 15 March, and how many of the eleven dates were owed a year later
    "nothing": (lambda c, made: None, 11),
    "the union suspends": (lambda c, made: c.world.suspension(made, by=c.ulla), 11),
    "the model suspends": (lambda c, made: c.world.suspension(made), 2),
    "the brand revokes": (lambda c, made: c.world.revocation(consent=made, by=c.brand), 11),
    "the model revokes": (lambda c, made: c.world.revocation(consent=made), 2),
    "both revoke": (lambda c, made: c.world.revocation(consent=made, signers=[c.anna, c.brand]), 2),
    "the twin is retired": (lambda c, made: c.world.revocation(twin=c.world.twin_of(c.anna)), 2),
    "its making is revoked": (lambda c, made: c.world.revocation(consent=creation_of(c)), 2),
    "it is replaced": (lambda c, made: dated(c, MONTHLY, replaces=made), 2),
    "it is renewed": (lambda c, made: dated(c, MONTHLY, renews=made), 2),
    "it is ruled void": (lambda c, made: c.world.ruling(made, [made]), 0),
}


@pytest.mark.parametrize("name", STOPS)
def test_what_stops_dates(name: str) -> None:
    c = Cast()
    consent = dated(c, MONTHLY)
    at(c, "03-15")
    happens, dates = STOPS[name]
    happens(c, consent)
    c.world.set_clock("2027-02-01T00:00:00Z")
    c.actor("stranger")
    if name == "it is ruled void":
        assert "paid" not in c.check(consent)
    else:
        assert due(c, consent) == dates * 100


def test_a_suspension_takes_the_dates_at_which_it_holds_and_no_other() -> None:
    """From 15 March to 1 May: the lines of April are lost, those of 1 May are not, and none comes back."""
    c = Cast()
    consent = dated(c, MONTHLY)
    at(c, "03-15")
    c.world.suspension(consent)
    at(c, "05-01")
    c.world.resumption(consent)
    for date, somebody, dates in (("05-01", "stranger", 3), ("06-01", "rival", 4)):
        at(c, date)
        c.actor(somebody)  # who enrols, so that there is a seal of that date
        assert due(c, consent) == dates * 100


def test_dates_before_the_consent_was_logged_arise_with_it() -> None:
    c = Cast()
    at(c, "03-15")
    consent = dated(c, {**MONTHLY, "due_days": 10})
    [line] = paid(c, consent)["payees"]
    assert (line["due"], line["due_at"], line["answer"]) == (200, "2026-03-25T00:00:00Z", "NOT_YET_DUE")


@pytest.mark.parametrize("days, answer", [(600, "NOT_PAID"), (601, "CANNOT_TELL")])
def test_six_hundred_dates_and_no_more(days: int, answer: str) -> None:
    c = Cast()
    ends = {"starts": "2026-01-01T00:00:00Z", "ends": c.world.time("2026-01-01T00:00:00Z") + days * 86_400}
    consent = dated(c, {"per": "flat", "amount": 1, "owed": "every", "days": 1, "due_days": 0}, terms=ends)
    at(c, "03-15")
    c.actor("stranger")
    assert paid(c, consent)["answer"] == answer


def test_a_date_after_the_checkpoint_has_come_and_cannot_be_said_to_be_unpaid() -> None:
    """The file is of 15 February: what came on 1 February was paid, and whether that of 1 March was nobody knows."""
    c = Cast()
    consent = dated(c, MONTHLY)
    at(c, "02-15")
    c.world.receipt(consent, payee=c.anna, amount=100)
    verdict = c.check(Question(kind="consent", id=consent.id, ask="paid"), at="2026-03-05T00:00:00Z")
    [line] = verdict["paid"]["payees"]
    assert (line["due"], line["answer"], row(verdict, "M4")) == (200, "CANNOT_TELL", "UNKNOWN stale")
    assert verdict["then"]["paid"]["answer"] == "PAID"


@pytest.mark.parametrize("date, answer", [
    ("02-14", "NOT_YET_DUE"), ("03-10", "NOT_YET_DUE"), ("03-17", "NOT_YET_DUE"), ("03-18", "NOT_PAID"),
])  # fmt: skip
def test_an_agency_that_never_receipts_does_not_keep_it_open(date: str, answer: str) -> None:
    """Her line fell due to the agency on 1 February; 45 days later what it should have passed on has fallen due."""
    c = Cast()
    splits = [
        {"payee": c.anna, "kind": "model", "parts": 4, "via": c.gina},
        {"payee": c.gina, "kind": "agency", "parts": 1},
    ]
    fee = {"per": "flat", "amount": 100, "owed": "on", "at": "2026-02-01T00:00:00Z", "due_days": 0}
    consent = dated(c, fee, under=c.mandate, money={"splits": splits})
    at(c, date)
    c.actor("stranger")
    said = {(line["payee"], line["leg"]): line["answer"] for line in paid(c, consent)["payees"]}
    assert said == {(c.gina.id, "to_agency"): "NOT_PAID", (c.anna.id, "from_agency"): answer}
