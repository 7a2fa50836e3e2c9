"""M1, M4: what the consent itself owes, without a use: when it arises, what stops it, and what money fills."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.money_story import Story, codes, figures
from verifier.base.strict import parse_instant
from verifier.rules.decide import Decision, Facts, decide
from verifier.rules.model.question import Question

DAY = 86_400
START = parse_instant("2026-01-01T00:00:00Z")
"""When the consent is logged; its terms run from then on for a year."""


def day(number: int) -> int:
    return START + number * DAY


def owing(*fees: dict[str, Any], **terms: Any) -> Story:
    s = Story()
    s.fees = list(fees)
    s.consent_options["terms"] = {"starts": day(0), "ends": day(365), **terms}
    s.consent.index  # noqa: B018 -- logged now
    return s


def asked(s: Story, at: int) -> Decision:
    s.world.set_clock(max(s.world.now, at))
    facts = Facts(instant=at, as_of=at, basis="audited", rules=2, max_age=DAY)
    return decide(s.world.record(), Question(kind="consent", id=s.consent.id), facts)


def paid(s: Story, at: int) -> tuple[str, int]:
    """The answer about the consent's own lines, and what has arisen."""
    found = asked(s, at).paid
    assert found is not None
    return found.answer, sum(line.due for line in found.payees)


SIGNED: dict[str, Any] = {"per": "flat", "amount": 100_000, "owed": "signed"}
EVERY: dict[str, Any] = {"per": "flat", "amount": 500, "owed": "every", "days": 91}


@pytest.mark.parametrize("at, answer", [(10, "NOT_YET_DUE"), (30, "NOT_PAID"), (40, "NOT_PAID")])
def test_signed_falls_due_without_a_use(at: int, answer: str) -> None:
    assert paid(owing(SIGNED), day(at)) == (answer, 100_000)


def test_days_of_its_own() -> None:
    s = owing({**SIGNED, "due_days": 60})
    assert (paid(s, day(59))[0], paid(s, day(60))[0]) == ("NOT_YET_DUE", "NOT_PAID")


def test_a_second_use_does_not_hide_that_the_flat_fee_is_unpaid() -> None:
    s = owing({"per": "flat", "amount": 10_000})
    s.use()
    s.use()
    decision = s.decide(1, at=day(200))
    assert (decision.paid.answer, figures(s, decision)) == ("NOT_PAID", ["anna direct: PAID 0 0"])
    assert figures(s, decision, "consent") == ["anna direct: NOT_PAID 10000 0"]


def test_a_date_is_not_there_before_it_comes() -> None:
    s = owing({"per": "flat", "amount": 700, "owed": "on", "at": day(100), "due_days": 0})
    assert [paid(s, day(at)) for at in (99, 100, 101)] == [("PAID", 0), ("NOT_PAID", 700), ("NOT_PAID", 700)]
    assert paid(s, day(99)) == ("PAID", 0)  # and not at an earlier instant, whatever was asked before


def test_every_thirteen_weeks() -> None:
    s = owing(EVERY)
    assert [paid(s, day(at))[1] for at in (0, 90, 91, 182, 364, 400)] == [500, 500, 1_000, 1_500, 2_500, 2_500]


def test_the_model_suspends_over_a_date() -> None:
    s = owing(EVERY)
    s.world.set_clock(day(170))
    s.world.suspension(s.consent, effective=day(170))
    s.world.set_clock(day(190))
    s.world.resumption(s.consent, effective=day(190))
    assert [paid(s, day(at))[1] for at in (91, 182, 200, 273)] == [1_000, 1_000, 1_000, 1_500]


@pytest.mark.parametrize("at, due", [(120, 1_000), (182, 1_000), (365, 1_000)])
def test_dates_after_a_revocation_are_not_owed(at: int, due: int) -> None:
    s = owing(EVERY)
    s.world.set_clock(day(120))
    s.world.revocation(consent=s.consent, effective=day(120))
    assert paid(s, day(at))[1] == due


@pytest.mark.parametrize("breaks, due", [(False, 2_500), (True, 1_000 + 9_000)])
def test_the_brands_own_revocation_stops_dates_only_by_a_break(breaks: bool, due: int) -> None:
    s = Story()
    s.fees = [EVERY, *([{"per": "flat", "amount": 9_000, "owed": "break"}] if breaks else [])]
    terms = {"starts": day(0), "ends": day(365)}
    money = {"fees": s.fees, "splits": s.splits, "due": s.due, **({"break": {"notice": 30 * DAY}} if breaks else {})}
    consent = s.world.consent(model=s.anna, licensee=s.brand, terms=terms, money=money)
    s._consent = consent
    s.world.set_clock(day(120))
    s.world.revocation(consent=consent, effective=day(120), signers=[s.brand])
    assert paid(s, day(365))[1] == due


def test_what_was_signed_falls_to_the_days_run() -> None:
    s = owing({**SIGNED, "amount": 36_500, "rata": True})
    s.world.set_clock(day(100))
    s.world.revocation(consent=s.consent, effective=day(100))
    assert [paid(s, day(at))[1] for at in (99, 100, 300)] == [36_500, 10_000, 10_000]


def test_what_was_signed_stays_owed_without_rata() -> None:
    s = owing(SIGNED)
    s.world.set_clock(day(10))
    s.world.revocation(consent=s.consent, effective=day(10))
    assert paid(s, day(300)) == ("NOT_PAID", 100_000)


def test_an_advance_is_set_off_against_what_is_earned() -> None:
    s = owing({**SIGNED, "amount": 1_000, "recoup": "all"}, {"per": "image", "amount": 1})
    for images in (300, 900):
        s.use(terms={"units": {"images": images}})
    assert figures(s, s.decide(0), "consent") == ["anna direct: NOT_YET_DUE 1000 0"]
    assert [figures(s, s.decide(place))[0].split()[-2] for place in (0, 1)] == ["0", "200"]


def test_a_period_is_set_off_alone() -> None:
    """500 a quarter; the first earns 800, the second 200."""
    s = owing({**EVERY, "recoup": "period"}, {"per": "image", "amount": 1})
    s.use(terms={"units": {"images": 800}})
    s.world.set_clock(day(100))
    s.use(terms={"units": {"images": 200}})
    assert [figures(s, s.decide(place, at=day(101)))[0].split()[-2] for place in (0, 1)] == ["300", "0"]
    assert figures(s, s.decide(0, at=day(101)), "consent")[0].split()[-2] == "1000"


def test_a_minimum_guarantee_cannot_be_told_while_a_use_is_silent() -> None:
    fee = {"per": "flat", "amount": 1_000, "owed": "on", "at": day(364), "recoup": "all", "due_days": 0}
    s = owing(fee, {"per": "mille", "amount": 1})
    s.use(terms={"starts": day(1), "ends": day(31)})
    assert paid(s, day(363)) == ("PAID", 0)
    decision = asked(s, day(364))
    assert decision.paid is not None and decision.paid.answer == "CANNOT_TELL"
    assert {row.code for row in decision.rules if row.rule in ("M1", "M4", "M8")} == {"not_reported"}


def test_money_for_the_consent_fills_nothing_else_and_waits() -> None:
    dated = {"per": "flat", "amount": 700, "owed": "on", "at": day(100), "due_days": 0}
    s = owing(dated, {"per": "use", "amount": 700})
    s.use()
    s.receipt(700, money={"lines": [{"for": s.consent.id, "amount": 700}]})
    assert figures(s, s.decide(at=day(50))) == ["anna direct: NOT_PAID 700 0"]
    assert figures(s, s.decide(at=day(100)), "consent") == ["anna direct: PAID 700 700"]


def test_money_fills_claims_by_the_time_at_which_they_arose() -> None:
    s = owing({**SIGNED, "amount": 700}, {"per": "use", "amount": 700})
    s.use()
    s.receipt(1_000)
    decision = s.decide(at=day(99))
    assert figures(s, decision, "consent") == ["anna direct: PAID 700 700"]
    assert figures(s, decision) == ["anna direct: NOT_PAID 700 300"]
    assert codes(decision) == {"M4 unpaid", "M8 unpaid"}


@pytest.mark.parametrize(
    "places, due", [({"channels": ["print"]}, 500), ({"channels": ["display"]}, 0), ({"countries": ["FR"]}, 0)]
)
def test_a_fee_for_some_uses(places: dict[str, Any], due: int) -> None:
    s = owing({"per": "use", "amount": 500, **places})
    s.use()
    decision = s.decide()
    assert figures(s, decision)[0].split()[-2] == str(due)
    assert [note.code for note in decision.warnings] == ["unpriced"] * (not due)


def test_a_share_of_what_is_earned() -> None:
    s = owing({"per": "value", "bp": 1_000})
    s.use(terms={"starts": day(1), "ends": day(11)})
    s.world.set_clock(day(40))
    assert s.decide().paid.answer == "CANNOT_TELL"
    s.world.report(s.usages[0], terms={"value": 12_345, "lines": []})
    assert figures(s, s.decide()) == ["anna direct: NOT_YET_DUE 1234 0"]


def test_the_day_of_the_scan_is_paid_by_the_maker() -> None:
    s = Story()
    maker = s.world.party("studio", roles=["maker"])
    splits = [{"payee": s.anna, "kind": "model", "parts": 1}]
    fees = [{"per": "flat", "amount": 40_000, "owed": "signed"}]
    money = {"fees": fees, "splits": splits, "due": {"from": "declared", "days": 30}}
    s._consent = s.world.creation(model=s.anna, maker=maker, money=money)
    assert paid(s, day(10)) == ("NOT_YET_DUE", 40_000)
    s.world.receipt(s.consent, payee=s.anna, payer=maker, amount=40_000)
    assert paid(s, day(40)) == ("PAID", 40_000)
