"""Cases of what must be paid first, or was overdue, on which the rules and the naive evaluator parted in random
histories, settled by the words of the rules."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.decided import decided
from tests.support.money_story import Story
from tests.support.world import DAY
from verifier.rules.model.results import Result

# ---- A18: what a later report adds does not make a use that was not prepaid


def test_what_later_reports_add_was_not_due_by_the_usages_own_entry() -> None:
    s = Story()
    s.fees = [{"per": "image", "amount": 100, "above": 2}]
    s.consent_options["terms"] = {"pay_first": "prepaid"}
    consent = s.consent
    start = s.world.now + 2 * 86_400
    usage = s.world.usage(consent, terms={"starts": start, "ends": start + 30 * 86_400})
    s.world.set_clock(start + 5 * 86_400)
    s.world.report(usage, terms={"images": 5})
    (row,) = [row for row in decided(s.world, usage, kind="usage").rules if row.rule == "A18"]
    assert (row.result, row.code) == (Result.PASS, "ok")


# ---- A18: a line that falls due later is nothing that a session waits for


@pytest.mark.parametrize("starts, result", [(3, Result.PASS), (9, Result.UNKNOWN)])
def test_a_session_waits_for_no_line_that_falls_due_after_its_start(starts: int, result: Result) -> None:
    """An advance falls due on day 8; whether the first use earned more nobody has reported."""
    s = Story()
    now = s.world.now
    fee = {"per": "flat", "amount": 500, "owed": "on", "at": now + 8 * 86_400, "due_days": 0, "recoup": "all"}
    s.fees = [fee, {"per": "mille", "amount": 1}]
    s.consent_options["terms"] = {"pay_first": "session"}
    usage = s.world.usage(s.consent, terms={"starts": now + starts * 86_400, "ends": now + 20 * 86_400})
    s.world.set_clock(now + 10 * 86_400)
    (row,) = [row for row in decided(s.world, usage, kind="usage").rules if row.rule == "A18"]
    assert row.result is result


@pytest.mark.parametrize("asked, result", [(12, Result.PASS), (15, Result.UNKNOWN)])
def test_a_line_that_cannot_be_told_is_not_overdue_before_it_falls_due(asked: int, result: Result) -> None:
    s = Story()
    now = s.world.now
    fee = {"per": "flat", "amount": 500, "owed": "on", "at": now + 8 * 86_400, "due_days": 5, "recoup": "all"}
    s.fees = [fee, {"per": "mille", "amount": 1}]
    s.due["days"] = 99
    s.consent_options["terms"] = {"overdue_limit": 0}
    usage = s.world.usage(s.consent, terms={"starts": now + 3 * 86_400, "ends": now + 20 * 86_400})
    s.world.set_clock(now + asked * 86_400)
    (row,) = [row for row in decided(s.world, usage, kind="usage").rules if row.rule == "A18"]
    assert row.result is result


@pytest.mark.parametrize("asked, result", [(12, Result.PASS), (15, Result.UNKNOWN)])
def test_a_line_that_cannot_be_told_is_not_met_by_what_was_earned_before(asked: int, result: Result) -> None:
    """The first use has earned more than the advance; how much more nobody has reported."""
    s = Story()
    now = s.world.now
    fee = {"per": "flat", "amount": 5, "owed": "on", "at": now + 8 * 86_400, "due_days": 5, "recoup": "all"}
    s.fees = [fee, {"per": "value", "bp": 2_500}]
    s.due["days"] = 99
    s.consent_options["terms"] = {"overdue_limit": 0}
    usage = s.world.usage(s.consent, terms={"starts": now + 3 * 86_400, "ends": now + 20 * 86_400})
    s.world.set_clock(now + 4 * 86_400)
    s.world.report(usage, terms={"ends": now + 20 * 86_400, "lines": [], "value": 40})
    s.world.set_clock(now + asked * 86_400)
    (row,) = [row for row in decided(s.world, usage, kind="usage").rules if row.rule == "A18"]
    assert row.result is result


@pytest.mark.parametrize("received, result", [(5, Result.PASS), (0, Result.FAIL)])
def test_of_one_instant_the_line_that_falls_due_earlier_is_filled_first(received: int, result: Result) -> None:
    """A dated fee, and one that arises with the use at the same instant: the dated one falls due later."""
    s = Story()
    logged = s.world.now + 2 * 86_400
    dated = {"per": "flat", "amount": 12, "owed": "on", "at": logged, "due_days": 4}
    s.fees = [dated, {"per": "flat", "amount": 1, "owed": "use", "due_days": 3}]
    s.consent_options["terms"] = {"overdue_limit": 1}
    consent = s.consent
    s.world.set_clock(logged)
    usage = s.world.usage(consent)
    assert s.world.entry(usage).logged == logged
    if received:
        s.world.receipt(consent, payee=s.anna, amount=received)
    s.world.set_clock(logged + 4 * 86_400 + 43_200)
    (row,) = [row for row in decided(s.world, usage, kind="usage").rules if row.rule == "A18"]
    assert row.result is result


# ---- A18: of one day, what a session waits for comes first


@pytest.mark.parametrize("dated", [1, 4])
def test_a_session_waits_for_what_was_signed_whatever_falls_due_with_it(dated: int) -> None:
    """1 is signed, and the larger share is whole; what falls due with it makes the other's, and is not waited for."""
    s = Story()
    s.splits = [{"payee": s.anna, "kind": "model", "parts": 1}, {"payee": s.crew, "kind": "levy", "parts": 2}]
    s.splits[1]["gross_bp"] = 0
    s.fees = [
        {"per": "flat", "amount": dated, "owed": "on", "at": s.world.now, "due_days": 9},
        {"per": "flat", "amount": 1, "owed": "signed", "due_days": 9},
    ]
    s.consent_options["terms"] = {"pay_first": "session"}
    usage = s.use(terms={"starts": s.world.now + 2 * 86_400, "ends": s.world.now + 9 * 86_400})
    s.world.set_clock(s.world.now + 3 * 86_400)
    (row,) = [row for row in decided(s.world, usage, kind="usage").rules if row.rule == "A18"]
    assert row.result is Result.PASS


# ---- A18: what falls away of a claim has not to come first, whenever it falls


def pay_first_code(s: Story, pay_first: str, *, revoked: bool) -> str:
    """What A18 says of a use that nobody paid for, logged with its consent, two days after its term began; it runs to
    the seventh day, or is revoked on the third."""
    start = s.world.now
    terms = {"starts": start - 2 * DAY, "ends": start + 58 * DAY, "pay_first": pay_first}
    money = {"fees": s.fees, "splits": s.splits, "due": s.due}
    consent = s.world.consent(model=s.anna, licensee=s.brand, money=money, terms=terms)
    usage = s.world.usage(consent, terms={"starts": start + DAY, "ends": start + 7 * DAY})
    assert s.world.entry(usage).logged == s.world.entry(consent).logged
    s.world.set_clock(start + 3 * DAY)
    if revoked:
        s.world.revocation(consent=consent)
    s.world.set_clock(start + 10 * DAY)
    return next(str(row["code"]) for row in s.world.check(usage, max_age="90d")["rules"] if row["rule"] == "A18")


@pytest.mark.parametrize("revoked, code", [(True, "ok"), (False, "not_prepaid")])
def test_what_falls_away_of_the_line_that_a_use_made_has_not_to_be_prepaid(revoked: bool, code: str) -> None:
    """5 are signed, and 1 comes with the use at the same instant: whoever gets it loses it with most of the 5."""
    s = Story()
    s.splits = [{"payee": s.anna, "kind": "model", "parts": 3}, {"payee": s.crew, "kind": "crew", "parts": 1}]
    s.fees = [{"per": "flat", "amount": 5, "owed": "signed", "rata": True}, {"per": "flat", "amount": 1}]
    assert pay_first_code(s, "prepaid", revoked=revoked) == code


@pytest.mark.parametrize("dated, code", [(0, "ok"), (4, "not_prepaid")])
def test_what_falls_away_cancels_the_latest_line_which_no_session_waited_for(dated: int, code: str) -> None:
    """Nothing of 2 that were signed is left; but what is dated to their instant, and falls due later, goes first."""
    s = Story()
    at = {"owed": "on", "at": s.world.now, "due_days": 9}
    s.fees = [{"per": "flat", "amount": 2, "owed": "signed", "rata": True, "due_days": 0}]
    s.fees.append({"per": "flat", "amount": dated, **at})
    assert pay_first_code(s, "session", revoked=True) == code


# ---- A16: what was released as unpaid


@pytest.mark.parametrize("came, warned", [(False, False), (True, True)])
def test_a_release_at_the_instant_of_what_may_be_a_payment_is_not_wrong(came: bool, warned: bool) -> None:
    """Money in another currency, received as the exclusivity was released, fills the fee perhaps, and not surely."""
    s = Story()
    s.fees = [{"per": "flat", "amount": 5, "owed": "signed", "due_days": 0}]
    s.consent_options["exclusive"] = {"release": 0}
    consent = s.consent
    s.world.receipt(consent, payee=s.anna, amount=5, money={} if came else {"currency": "USD"})
    s.world.revocation(consent=consent, ground="unpaid", part="exclusive")
    s.world.advance("1d")
    codes = {note.code for note in decided(s.world, consent).warnings}
    assert ("not_overdue" in codes) is warned


OVER_ALL = {"per": "use", "tiers": [{"from": 0, "amount": 2}, {"from": 2, "amount": 3}]}


@pytest.mark.parametrize("fee, ruled, answer, warned", [
    (OVER_ALL, False, "CANNOT_TELL", []),
    (OVER_ALL, True, "PAID", ["not_overdue"]),
    ({"per": "use", "amount": 2}, False, "PAID", ["not_overdue"]),
])  # fmt: skip
def test_a_release_is_not_wrong_while_it_cannot_be_told_what_is_due(
    fee: dict[str, Any], ruled: bool, answer: str, warned: list[str]
) -> None:
    """The key that signed the replaced consent is disputed, until the arbiter rules; under neither was there a use."""
    s = Story()
    s.arbiter = s.world.party("arbiter", roles=["arbiter"])
    s.fees = [fee]
    old = s.consent
    s.consent_options["exclusive"] = {"release": 0}
    s.replace()
    consent = s.consent
    s.world.key(s.brand, add=[s.world_key("new")], retire=[s.brand.keys[0]])
    s.world.dispute(old, [old], author=s.brand, tag="key")
    s.world.revocation(consent=consent, part="exclusive", ground="unpaid")
    if ruled:
        s.world.ruling(old, [old], outcome="stands")
    verdict = s.world.check(consent)
    assert verdict["paid"]["answer"] == answer
    assert [note["code"] for note in verdict.get("warnings", [])] == warned


@pytest.mark.parametrize("used, hidden, warned", [
    (True, False, ["not_overdue"]), (True, True, []), (False, True, ["not_overdue"]),
])  # fmt: skip
def test_of_a_use_under_hidden_terms_nobody_says_that_nothing_was_overdue(
    used: bool, hidden: bool, warned: list[str]
) -> None:
    """Caps, notice and sell-off bear on what it owes, and on nothing that the consent owes by itself."""
    s = Story()
    s.fees = [{"per": "day", "amount": 1}, {"per": "flat", "amount": 5, "owed": "signed"}]
    s.consent_options["exclusive"] = {"release": 0}
    consent = s.consent
    if used:
        s.use()
    s.world.revocation(consent=consent, part="exclusive", ground="unpaid")
    verdict = s.world.check(consent, hide_sections=[(consent, "terms")] if hidden else [])
    assert [note["code"] for note in verdict.get("warnings", [])] == warned
