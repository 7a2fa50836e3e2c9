"""Whom a deal shuts out, who stands in for the licensee, and one answer asked for alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.cast import Cast, Logged, faults, segments, warnings
from tests.support.deal_story import SPAN, at
from tests.support.world import key
from verifier.rules.model.question import Question

# ---- A16: releases, lapses, rivals that are named


def shut_out(c: Cast, scope: dict[str, Any], **more: Any) -> Logged:
    """A rival's exclusive consent, and then a use by the brand from March on."""
    exclusive = {"starts": "2026-01-01T00:00:00Z", "ends": "2026-12-31T00:00:00Z", **scope}
    return c.consent(simple=True, licensee=c.rival, exclusive=exclusive, **more)


def test_a_release_ends_the_exclusivity_alone() -> None:
    c = Cast()
    theirs = shut_out(c, {"release": 86_400 * 2})
    usage = c.world.usage(c.deal, terms=SPAN)
    at(c, "03-04")
    c.world.revocation(consent=theirs, part="exclusive", ground="unpaid")
    assert segments(c.check(usage)) == "03-01 no 03-06 yes 03-11"
    assert c.says(theirs) == "yes"
    assert c.says(c.world.usage(theirs)) == "yes"


@pytest.mark.parametrize("date, paid, expected", [
    ("03-04", 0, ["not_overdue"]), ("04-15", 0, []), ("04-15", 1_000, ["not_overdue"]), ("04-15", 999, []),
])  # fmt: skip
def test_a_release_while_nothing_was_overdue(date: str, paid: int, expected: list[str]) -> None:
    c = Cast()
    at(c, "03-01")
    money = {"fees": [{"per": "use", "amount": 1_000}], "due": {"from": "declared", "days": 30}}
    consent = c.consent(simple=True, money=money, exclusive={"release": 0})
    c.world.usage(consent)
    if paid:
        c.world.receipt(consent, payee=c.anna, amount=paid)
    at(c, date)
    c.world.revocation(consent=consent, part="exclusive", ground="unpaid")
    assert warnings(c.check(consent)) == expected
    assert warnings(c.check(Question(kind="consent", id=consent.id, ask="in_force"))) == []
    hidden = c.check(consent, hide_sections=[(consent, "money")])
    assert warnings(hidden) == []


def test_a_release_that_the_scope_does_not_know() -> None:
    c = Cast(profile="eu")
    theirs = shut_out(c, {})
    usage = c.world.usage(c.deal, terms=SPAN)
    at(c, "03-04")
    c.world.revocation(consent=theirs, part="exclusive", ground="unpaid")
    assert c.says(usage).endswith("A16 clashes")


def test_a_release_is_lost_in_the_chain_too() -> None:
    for release, expected in ((0, "yes"), (None, "no: A16 clashes")):
        c = Cast()
        theirs = shut_out(c, {"release": release})
        usage = c.world.usage(c.deal, terms=SPAN)
        c.world.revocation(consent=theirs, part="exclusive", ground="unpaid")
        shut_out(c, {}, replaces=theirs)
        assert c.says(usage) == expected


def test_an_option_that_lapses_shuts_nobody_out_any_longer() -> None:
    c = Cast()
    theirs = shut_out(c, {}, exercise_by="2026-03-04T00:00:00Z")
    usage = c.world.usage(c.deal, terms=SPAN)
    assert segments(c.check(usage)) == "03-01 no 03-04 ? 03-11"
    at(c, "03-03")
    assert segments(c.check(usage)) == "03-01 no 03-04 ? 03-11"
    at(c, "03-05")
    assert segments(c.check(usage)) == "03-01 no 03-04 yes 03-11"
    assert c.says(theirs) == "no: A5 not_exercised"


def test_an_option_that_was_taken_shuts_out() -> None:
    c = Cast()
    theirs = shut_out(c, {}, exercise_by="2026-03-04T00:00:00Z")
    usage = c.world.usage(c.deal, terms=SPAN)
    c.world.exercise(theirs)
    at(c, "03-05")
    assert segments(c.check(usage)) == "03-01 no 03-11"


@pytest.mark.parametrize("named, excepted, expected", [
    ("brand", False, "no: A16 clashes"), ("parent", False, "no: A16 clashes"), ("stranger", False, "yes"),
    ("parent", True, "yes"),
])  # fmt: skip
def test_named_competitors_and_whom_they_control(named: str, excepted: bool, expected: str) -> None:
    c = Cast()
    parent = c.actor("parent", roles=["holder"])
    middle = c.actor("middle", roles=["holder"], controller=parent)
    brand = c.actor("brand", controller=middle)
    who = {"parent": parent, "brand": brand}.get(named) or c.stranger
    shut_out(c, {"against": [who.id], "except": [brand.id] if excepted else None})
    usage = c.world.usage(c.deal)
    assert c.says(usage) == expected
    hidden = c.says(usage, hide_lists=[f"keys:{middle.id}"])
    assert hidden == ("?: A16 list_missing" if named in ("parent", "stranger") and not excepted else expected)


def test_a_sub_licensee_that_is_named() -> None:
    c = Cast()
    c.enrol()
    shut_out(c, {"against": [c.sub.id]})
    consent = c.consent()
    assert c.says(c.world.usage(consent)) == "yes"
    assert c.says(c.world.usage(consent, sublicensee=c.sub)) == "no: A16 clashes"
    assert "clashes" in warnings(c.check(consent))


# ---- A0, A1: shops not known yet


@pytest.mark.parametrize("sublicense, listed, drop, standing", [
    ("countersigned", False, None, "good"), ("countersigned", False, "brand", "void_signers"),
    ("countersigned", False, "shop", "void_signers"), ("countersigned", True, None, "good"),
    ("listed", False, None, "void_parties"), (None, False, None, "void_parties"),
])  # fmt: skip
def test_a_sub_licensee_that_is_not_listed(
    sublicense: str | None, listed: bool, drop: str | None, standing: str
) -> None:
    c = Cast()
    shop = c.actor("shop", roles=["licensee"])
    consent = c.consent(sublicense=sublicense, sublicensees=[shop] if listed else [])
    usage = c.world.usage(consent, sublicensee=shop, drop=[c.actor(drop)] if drop else [])
    assert c.standing(usage) == standing
    if drop is None and standing == "good":
        report = c.world.report(usage)
        assert c.standing(report) == "good"
        assert c.standing(c.world.report(usage, signers=[shop])) == ("good" if listed else "void_signers")


# ---- one answer alone


def test_of_a_usage_what_is_asked_for() -> None:
    c = Cast()
    usage = c.world.usage(c.deal)
    authorised = c.check(Question(kind="usage", id=usage.id, ask="authorised"))
    assert (authorised["authorised"], "paid" in authorised) == ("AUTHORISED", False)
    assert {row["result"] for row in authorised["rules"] if row["rule"][0] == "M"} == {"NOT_APPLICABLE"}
    paid = c.check(Question(kind="usage", id=usage.id, ask="paid"))
    assert "authorised" not in paid and "segments" not in paid and "paid" in paid
    asked = {row["rule"] for row in paid["rules"] if row["result"] != "NOT_APPLICABLE" and row["rule"][0] != "M"}
    assert asked == {"T2", "T6", "T8", "A0", "A1", "A5"}


def test_of_a_usage_that_is_void_both_are_answered() -> None:
    c = Cast()
    usage = c.world.usage(c.deal, signers=[c.stranger])
    for ask in ("authorised", "paid"):
        verdict = c.check(Question(kind="usage", id=usage.id, ask=ask))
        assert (verdict["authorised"], "paid" in verdict) == ("NOT_AUTHORISED", False)


def test_of_a_consent_what_is_asked_for() -> None:
    c = Cast()
    assert c.check(Question(kind="consent", id=c.deal.id, ask="in_force"))["answer"] == "IN_FORCE"
    assert "answer" not in c.check(Question(kind="consent", id=c.deal.id, ask="paid"))


@pytest.mark.parametrize("terms, listed", [
    ({}, False), ({"caps": {"uses": 5}}, True), ({"run": {"days": 2}}, True), ({"pay_first": "session"}, True),
    ({"overdue_limit": 5}, True),
])  # fmt: skip
def test_whether_a_use_is_authorised_takes_others_only_where_the_terms_do(terms: dict[str, Any], listed: bool) -> None:
    c = Cast()
    consent = c.consent(terms=terms)
    usage = c.world.usage(consent)
    c.world.report(usage, terms={"ends": "+3d"})
    question = Question(kind="usage", id=usage.id, ask="authorised")
    assert (f"uses:{consent.id}" in c.world.evidence(question).decode()) is listed
    full = c.check(Question(kind="usage", id=usage.id), at="+1d")
    assert [c.check(question, at="+1d")[name] for name in ("authorised", "segments")] == [
        full["authorised"], full["segments"],
    ]  # fmt: skip
    less = c.check(question, at="+1d", hide_lists=["uses", "account"], more_lists=[f"usage:{consent.id}.{usage.id}"])
    assert less["authorised"] == ("CANNOT_TELL" if listed else "AUTHORISED")


def test_one_use_is_proved_in_little_however_many_others_there_are() -> None:
    """At 10, 1,000 and 2,000 uses, as many as a consent takes; with its money the file shows all of them."""
    c = Cast()
    consent = c.consent()
    uses: list[Logged] = []
    for many in (10, 1_000, 2_000):
        with c.world.batch():
            uses += [c.world.usage(consent, [f"{n}.jpg"]) for n in range(len(uses), many)]
        use = uses[many // 2]
        evidence = c.world.evidence(Question(kind="usage", id=use.id, ask="authorised"))
        assert len(evidence) < 30_000, many
        assert c.check(use, evidence=evidence)["authorised"] == "AUTHORISED"
        assert many > 1_000 or len(c.world.evidence(use)) > many * 1_500


# ---- A0: what a consent to create may hold


def test_a_consent_to_create_with_money() -> None:
    c = Cast()
    paid = c.world.creation(model=c.anna, money={})
    assert c.standing(paid) == "good"
    assert c.standing(c.world.creation(model=c.anna, parties={"payees": [c.anna]})) == "void_parties"
    assert c.standing(c.world.creation(model=c.anna, money={}, parties={"payees": None})) == "void_parties"
    assert c.standing(c.world.payment(paid, payee=c.anna, amount=1)) == "good"
    assert c.standing(c.world.payment(paid, payee=c.anna, amount=1, payer=c.brand)) == "void_parties"


@pytest.mark.parametrize("profile, money, expected", [
    ("ny", None, ["rate_missing"]), ("ny", {}, []), ("open", None, []),
])  # fmt: skip
def test_new_york_asks_for_a_rate(profile: str, money: dict[str, Any] | None, expected: list[str]) -> None:
    c = Cast(profile=profile)
    assert warnings(c.check(c.world.creation(model=c.anna, money=money))) == expected


# ---- A1: names


def test_a_registrar_signs_a_new_name() -> None:
    c = Cast()
    old = c.brand.keys[0]
    assert c.standing(c.world.key(c.brand, add=[key("a")], called={"name": "Brand"})) == "good"
    assert c.standing(c.world.key(c.brand, add=[key("b")], called={"name": "B"}, drop=[c.world.registrar])) == (
        "void_signers"
    )
    assert c.standing(c.world.key(c.brand, add=[key("d")], extra=[c.world.registrar])) == "void_signers"
    by_recovery = c.world.key(c.anna, keys=[key("e")], called={"name": "Anna"})
    assert c.standing(by_recovery) == "good"
    assert c.standing(c.world.key(c.brand, retire=[old], by_registrar=True, called={"name": "Brand"})) == "good"
    assert c.standing(c.actor("shop", roles=["licensee"], called={"name": "Shop"})) == "good"


def test_a_former_guardian_may_sign_and_need_not_where_a_ward_never_had_a_key() -> None:
    c = Cast()
    ward = c.ward(keys=0)
    assert c.standing(c.world.guardian(ward, c.dad, drop=[c.mum])) == "good"
    c = Cast()
    ward = c.ward(keys=0)
    assert c.standing(c.world.guardian(ward, c.dad)) == "good"
    assert faults(c.check(ward)) == []
