"""Cases where less was shown and more was said, settled by the words of the rules: what is hidden says nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.money_story import Story
from tests.support.world import DAY, Logged, World
from verifier.base.strict import format_instant


def row(verdict: dict[str, Any], rule: str) -> tuple[str, str]:
    (found,) = [one for one in verdict["rules"] if one["rule"] == rule]
    return found["result"], found["code"]


def answers(verdict: dict[str, Any]) -> dict[str, str]:
    return {line["of"]: line["answer"] for line in verdict["paid"]["payees"]}


# ---- M1: a notice that is hidden says nothing of when a stop takes effect


@pytest.mark.parametrize("notice, answer", [(0, "PAID"), (8, "NOT_PAID")])
@pytest.mark.parametrize("reported", [5, 1])
def test_days_under_a_replaced_consent_count_along_by_its_notice(notice: int, answer: str, reported: int) -> None:
    """Days above 9 are charged. A revocation cut the first use of 20 days, and its report says that it ended earlier:
    with the notice it ran to the tenth, and all three of the second use's are above."""
    s = Story()
    start = s.world.now
    s.fees = [{"per": "day", "amount": 10, "above": 9}]
    s.due["days"] = 0
    s.consent_options["terms"] = {"starts": start, "ends": start + 300 * DAY, "notice": notice * DAY}
    first = s.use(terms={"starts": start + DAY, "ends": start + 21 * DAY})
    old = s.consent
    s.world.set_clock(start + 3 * DAY)
    s.world.revocation(consent=old)
    s.world.set_clock(start + 12 * DAY)
    s.world.report(first, terms={"ends": start + (1 + reported) * DAY})
    s.replace()
    second = s.use(terms={"starts": s.world.now + DAY, "ends": s.world.now + 4 * DAY})
    s.world.set_clock(start + 60 * DAY)
    assert answers(s.world.check(second, max_age="90d"))["usage"] == answer
    hidden = s.world.check(second, max_age="90d", hide_sections=[(old, "terms")])
    assert (answers(hidden)["usage"], row(hidden, "M1")) == ("CANNOT_TELL", ("UNKNOWN", "not_disclosed"))


@pytest.mark.parametrize("notice, answer", [(0, "PAID"), (30, "NOT_PAID")])
def test_a_date_within_a_notice_that_is_hidden_may_make_a_line(notice: int, answer: str) -> None:
    s = Story()
    start = s.world.now
    s.fees = [{"per": "flat", "amount": 12, "owed": "on", "at": start + 10 * DAY, "due_days": 0}]
    s.consent_options["terms"] = {"starts": start, "ends": start + 300 * DAY, "notice": notice * DAY}
    consent = s.consent
    s.world.set_clock(start + 5 * DAY)
    s.world.revocation(consent=consent)
    s.world.set_clock(start + 60 * DAY)
    assert s.world.check(consent, max_age="90d")["paid"]["answer"] == answer
    assert s.world.check(consent, max_age="90d", hide_sections=[(consent, "terms")])["paid"]["answer"] == "CANNOT_TELL"


def test_a_date_before_anything_stopped_makes_its_line_whatever_the_notice() -> None:
    s = Story()
    start = s.world.now
    s.fees = [{"per": "flat", "amount": 12, "owed": "on", "at": start + 10 * DAY, "due_days": 0}]
    consent = s.consent
    s.world.set_clock(start + 11 * DAY)
    s.world.revocation(consent=consent)
    s.world.set_clock(start + 60 * DAY)
    assert s.world.check(consent, max_age="90d", hide_sections=[(consent, "terms")])["paid"]["answer"] == "NOT_PAID"


@pytest.mark.parametrize("signed, answer", [(12, "NOT_PAID"), (0, "CANNOT_TELL")])
def test_what_was_signed_is_due_whatever_a_hidden_notice_makes_of_dates(signed: int, answer: str) -> None:
    s = Story()
    start = s.world.now
    s.fees = [{"per": "flat", "amount": 5, "owed": "on", "at": start + 10 * DAY, "due_days": 0}]
    s.fees.append({"per": "flat", "amount": signed, "owed": "signed", "due_days": 0})
    consent = s.consent
    s.world.set_clock(start + 5 * DAY)
    s.world.revocation(consent=consent)
    s.world.set_clock(start + 60 * DAY)
    hidden = s.world.check(consent, max_age="90d", hide_sections=[(consent, "terms")])
    assert hidden["paid"]["answer"] == answer


# ---- A16: the same of whose place a consent took


@pytest.mark.parametrize("notice, answer", [(0, "NOT_AUTHORISED"), (30, "AUTHORISED")])
def test_whether_a_place_was_handed_on_turns_on_a_notice(notice: int, answer: str) -> None:
    """The brand's consent was first, then the rival's exclusive one; the brand's is replaced after it was revoked,
    and before that takes effect."""
    s = Story()
    start = s.world.now
    rival = s.world.party("rival", roles=["licensee"])
    span = {"starts": start, "ends": start + 300 * DAY}
    s.consent_options["terms"] = {**span, "notice": notice * DAY}
    old = s.consent
    s.world.consent(model=s.anna, licensee=rival, terms=span, exclusive=span)
    s.world.revocation(consent=old)
    s.world.advance("1d")
    s.replace()
    usage = s.use(terms={"starts": s.world.now + DAY, "ends": s.world.now + 4 * DAY})
    assert s.world.check(usage)["authorised"] == answer
    hidden = s.world.check(usage, hide_sections=[(old, "terms")])
    assert (hidden["authorised"], row(hidden, "A16")[0]) == ("CANNOT_TELL", "UNKNOWN")


# ---- A10: a hidden report may have moved the end, and what was stopped after the declared one


def test_a_hidden_report_of_a_later_end_leaves_no_row_as_it_was_declared() -> None:
    s = Story()
    start = s.world.now
    usage = s.use(terms={"starts": start + DAY, "ends": start + 4 * DAY})
    s.world.set_clock(start + 5 * DAY)
    s.world.revocation(consent=s.consent)
    report = s.world.report(usage, terms={"ends": start + 9 * DAY})
    shown, hidden = s.world.check(usage), s.world.check(usage, hide_sections=[(report, "terms")])
    assert (row(shown, "A6"), row(hidden, "A6")) == (("FAIL", "revoked"), ("UNKNOWN", "not_disclosed"))
    assert (shown["authorised"], hidden["authorised"]) == ("NOT_AUTHORISED", "CANNOT_TELL")


# ---- A20: whatever else leaves an entry in doubt


@pytest.mark.parametrize("outcome, shown", [("void", ("FAIL", "void_ruling")), ("stands", ("PASS", "ruled"))])
def test_a_ruling_of_which_it_cannot_be_told_whether_it_is_good_upholds_nothing(
    outcome: str, shown: tuple[str, str]
) -> None:
    s = Story(arbiter=None)
    s.arbiter = s.world.party("arbiter", roles=["arbiter"])
    consent = s.consent
    s.world.ruling(consent, [consent], outcome=outcome)
    assert row(s.world.check(consent), "A20") == shown
    hidden = s.world.check(consent, hide_lists=["twin"])
    assert row(hidden, "A20") == ("UNKNOWN", "list_missing")


def test_a_disputed_key_stays_one_where_more_is_in_doubt() -> None:
    world = World()
    anna, brand = world.party("anna", roles=["model"]), world.party("brand", roles=["licensee"])
    consent: Logged = world.consent(model=anna, licensee=brand, arbiter=world.party("arbiter", roles=["arbiter"]))
    usage = world.usage(consent)
    world.advance("1d")
    world.key(anna, add=[_key("new")], retire=[anna.keys[0]])
    world.dispute(consent, [consent], author=anna, tag="key")
    assert row(world.check(usage), "A20") == ("UNKNOWN", "key_disputed")
    assert row(world.check(usage, hide_lists=[f"keys:{brand.id}"]), "A20")[0] == "UNKNOWN"


# ---- M2, M3, M6: terms that are hidden may contradict the fees


def test_of_dates_that_may_lie_outside_the_terms_no_figure_is_sure() -> None:
    s = Story()
    start = s.world.now
    s.fees = [{"per": "flat", "amount": 12, "owed": "every", "days": 30, "first": format_instant(start + 20 * DAY)}]
    s.consent_options["terms"] = {"starts": start, "ends": start + 10 * DAY}
    consent = s.consent
    for verdict in (s.world.check(consent), s.world.check(consent, hide_sections=[(consent, "terms")])):
        assert {row(verdict, rule)[0] for rule in ("M1", "M2", "M3", "M6", "M8")} == {"UNKNOWN"}


# ---- M6: of money of which nothing can be told no surplus is told


def test_nothing_is_too_much_while_it_cannot_be_told_what_is_due() -> None:
    """Days count over a replaced consent whose signer's key is disputed."""
    s = Story(arbiter=None)
    s.arbiter = s.world.party("arbiter", roles=["arbiter"])
    s.fees = [{"per": "day", "amount": 10, "once": True}]
    first = s.consent
    s.replace()
    second = s.consent
    s.receipt(20)
    assert [one["code"] for one in s.world.check(second)["warnings"]] == ["overpaid"]
    s.world.key(s.anna, add=[_key("new")], retire=[s.anna.keys[0]])
    s.world.dispute(first, [first], author=s.anna, tag="key")
    verdict = s.world.check(second)
    assert verdict["paid"]["answer"] == "CANNOT_TELL" and "payees" not in verdict["paid"]
    assert "warnings" not in verdict


# ---- A18, M6: money that names a later use is there for that one


@pytest.mark.parametrize("later, result", [(True, "UNKNOWN"), (False, "PASS")])
def test_what_is_named_for_a_later_use_prepays_none_before(later: bool, result: str) -> None:
    """2 came before the start; of what came in another currency nobody knows what it is."""
    s = Story()
    s.fees = [{"per": "use", "amount": 2}]
    s.consent_options["terms"] = {"pay_first": "prepaid"}
    start = s.world.now + 9 * DAY
    uses = [s.use(terms={"starts": start, "ends": start + DAY}) for _ in range(2)]
    s.receipt(2, money={"lines": [{"for": uses[1] if later else uses[0], "amount": 2}]})
    s.payment(2, provider=s.bank, money={"currency": "USD"})
    s.world.set_clock(start + 2 * DAY)
    assert row(s.world.check(uses[0]), "A18")[0] == result


# ---- M1: a code that is not known is in no scope, and takes no other out of one


@pytest.mark.parametrize("countries, due", [(["DE"], 5), (["DE", "ZZ"], 5), (["ZZ"], 0)])
def test_a_country_that_nobody_knows_takes_no_use_out_of_a_fees_scope(countries: list[str], due: int) -> None:
    s = Story()
    s.fees = [{"per": "use", "amount": 5, "countries": ["DE"]}]
    assert due_of(s.world.check(s.use(terms={"countries": countries})), "usage") == due


@pytest.mark.parametrize("countries", [["WORLD"], ["DE"], None])
def test_impressions_in_a_country_that_nobody_knows_are_in_no_fees_countries(countries: list[str] | None) -> None:
    s = Story()
    s.fees = [{"per": "mille", "amount": 1_000, **({"countries": countries} if countries else {})}]
    usage = s.use(terms={"channels": ["social"], "countries": ["DE"]})
    s.world.report(usage, terms={"lines": [{"channel": "social", "country": "ZZ", "impressions": 2_000}]})
    assert due_of(s.world.check(usage), "usage") == (0 if countries else 2_000)


def test_no_use_is_unpriced_while_a_report_is_hidden_that_may_say_otherwise() -> None:
    """Of any use: of the consent's money nothing can be told at all then."""
    s = Story()
    s.fees = [{"per": "use", "amount": 5, "countries": ["FR"]}]
    first, second = s.use(terms={"countries": ["DE"]}), s.use(terms={"countries": ["DE"]})
    report = s.world.report(first, terms={"lines": []})
    for usage in (first, second):
        assert [one["code"] for one in s.world.check(usage)["warnings"]] == ["unpriced"]
        assert "warnings" not in s.world.check(usage, hide_sections=[(report, "terms")])


def due_of(verdict: dict[str, Any], of: str) -> int:
    (found,) = [line["due"] for line in verdict["paid"]["payees"] if line["of"] == of]
    return int(found)


def _key(label: str) -> Any:
    return Story().world_key(label)
