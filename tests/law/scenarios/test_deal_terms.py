"""Terms that deals have every week: placements, a term from the first use, options, renewals, the brand's way out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.cast import Cast, Logged, faults, row, segments, warnings
from tests.support.world import key
from verifier.rules.model.question import Question

SPAN = {"starts": "2026-03-01T00:00:00Z", "ends": "2026-03-11T00:00:00Z"}


def at(c: Cast, date: str) -> None:
    """Move the clock, and have something logged then."""
    c.world.set_clock(f"2026-{date}T00:00:00Z")
    c.actor(f"somebody of {date}", roles=["holder"])


def used(c: Cast, consent: Logged, starts: str, ends: str, **more: Any) -> Logged:
    span = {"starts": f"2026-{starts}T00:00:00Z", "ends": f"2026-{ends}T00:00:00Z"}
    return c.world.usage(consent, terms={**span, **more.pop("terms", {})}, **more)


def following(how: str, older: Logged) -> dict[str, Any]:
    """What makes a consent replace, or renew, an older one."""
    return {how: older}


# ---- A8: placements


@pytest.mark.parametrize("allowed, placed, expected", [
    (None, None, "yes"), (None, "organic", "yes"), (["paid"], None, "yes"),
    (["paid"], "organic", "no: A8 placement_denied"), (["owned"], None, "no: A8 placement_denied"),
    (["creator", "owned"], "creator", "yes"),
])  # fmt: skip
def test_where_it_is_placed(allowed: list[str] | None, placed: str | None, expected: str) -> None:
    c = Cast()
    consent = c.consent(terms={"placements": allowed})
    assert c.says(c.world.usage(consent, terms={"placement": placed})) == expected


# ---- A10: a term from the first use, and the longest use


def running(c: Cast, **terms: Any) -> Logged:
    return c.consent(terms={"run": {"months": 3}, "sell_off": 86_400 * 30, **terms})


def test_the_clock_is_the_first_good_usages_declared_start() -> None:
    c = Cast()
    consent = running(c)
    used(c, consent, "03-10", "03-20", signers=[c.stranger])
    used(c, consent, "03-10", "03-20")
    used(c, consent, "02-01", "02-10")
    late = used(c, consent, "06-01", "07-01")
    assert segments(c.check(late)) == "06-01 yes 06-10 no 07-01"
    assert row(c.check(late), "A10") == "FAIL expired"


@pytest.mark.parametrize("run, first, expected", [
    ({"months": 1}, "01-31", "02-01 yes 02-28 no 04-15"), ({"days": 10}, "01-31", "02-01 yes 02-10 no 04-15"),
    ({"months": 120}, "01-31", "02-01 yes 03-31 no 04-15"), ({"days": 20}, "01-10", "02-01 yes 02-04 no 04-15"),
])  # fmt: skip
def test_how_long_it_runs(run: dict[str, int], first: str, expected: str) -> None:
    c = Cast()
    consent = running(c, run=run, starts="2026-01-15T00:00:00Z", ends="2026-03-31T00:00:00Z")
    used(c, consent, first, "02-05")
    assert segments(c.check(used(c, consent, "02-01", "04-15"))) == expected


def test_a_usage_that_runs_backwards_starts_no_clock() -> None:
    c = Cast()
    consent = running(c)
    used(c, consent, "01-20", "01-10")
    used(c, consent, "03-10", "03-20")
    assert segments(c.check(used(c, consent, "06-01", "07-01"))) == "06-01 yes 06-10 no 07-01"


def test_the_first_use_under_a_consent_that_it_replaced_starts_it_and_one_that_it_renewed_does_not() -> None:
    for how, expected in (("replaces", "06-01 yes 06-10 no 07-01"), ("renews", "06-01 yes 07-01")):
        c = Cast()
        older = running(c)
        used(c, older, "03-10", "03-20")
        consent = c.consent(terms={"run": {"months": 3}}, **following(how, older))
        assert segments(c.check(used(c, consent, "06-01", "07-01"))) == expected


def test_a_first_use_that_is_not_shown() -> None:
    c = Cast()
    consent = running(c)
    first = used(c, consent, "03-10", "03-20")
    usage = used(c, consent, "03-20", "07-01")
    assert segments(c.check(usage)) == "03-20 yes 06-10 no 07-01"
    unread = c.check(usage, hide_sections=[(first, "terms")])
    assert segments(unread) == "03-20 yes 04-01 ? 07-01"
    assert row(unread, "A10") == "UNKNOWN not_disclosed"
    missing = c.check(usage, hide_lists=["uses"], more_lists=[f"usage:{consent.id}.{usage.id}"])
    assert row(missing, "A10") == "UNKNOWN list_missing"
    assert segments(missing) == "03-20 yes 04-01 ? 07-01"


def test_a_doubtful_first_use() -> None:
    c = Cast()
    consent = running(c)
    first = used(c, consent, "02-10", "02-20")
    used(c, consent, "03-10", "03-20")
    usage = used(c, consent, "05-01", "07-01")
    c.world.key(c.brand, add=[key("new")], retire=[c.brand.keys[0]])
    c.world.dispute(consent, [first], author=c.brand, tag="key")
    assert segments(c.check(usage)) == "05-01 yes 05-10 ? 07-01"


def test_whether_a_consent_with_a_run_is_in_force() -> None:
    c = Cast()
    consent = running(c)
    at(c, "03-10")
    used(c, consent, "03-10", "03-20")
    at(c, "06-09")
    assert c.says(consent) == "yes"
    at(c, "06-10")
    assert c.says(consent) == "no: A5 expired"


@pytest.mark.parametrize("days, expected", [
    (366, "yes"), (367, "?: T4 bad_terms, A3 bad_terms"),
])  # fmt: skip
def test_the_longest_use(days: int, expected: str) -> None:
    c = Cast()
    consent = c.consent(terms={"ends": "+2000d"})
    said = c.says(c.world.usage(consent, terms={"ends": f"+{days}d"}))
    assert said == expected if expected == "yes" else said.startswith("?: T4 bad_terms")


def test_a_report_makes_no_use_longer_than_that() -> None:
    c = Cast()
    consent = c.consent(terms={"ends": "+2000d"})
    usage = used(c, consent, "01-05", "02-01")
    c.world.report(usage, terms={"ends": "2029-01-01T00:00:00Z"})
    assert c.check(usage)["segments"][-1]["to"] == "2027-01-06T00:00:00Z"


# ---- A5: options


def option(c: Cast, **more: Any) -> Logged:
    return c.consent(exercise_by="2026-06-30T00:00:00Z", terms={"starts": "2026-01-01T00:00:00Z"}, **more)


def test_an_option_before_and_after_it_is_taken() -> None:
    c = Cast()
    consent = option(c)
    early = c.world.usage(consent)
    assert c.says(consent) == "no: A5 not_exercised"
    assert c.says(early) == "no: A5 not_exercised"
    c.world.advance("1d")
    c.world.exercise(consent)
    assert c.says(consent) == "yes"
    assert c.says(early) == "no: A5 not_exercised"
    assert c.says(c.world.usage(consent)) == "yes"


@pytest.mark.parametrize("logged, standing", [
    ("2026-06-29T23:59:59Z", "good"), ("2026-06-30T00:00:00Z", "void_late"), ("2026-07-01T00:00:00Z", "void_late"),
])  # fmt: skip
def test_an_option_is_taken_in_time(logged: str, standing: str) -> None:
    c = Cast()
    consent = option(c)
    c.world.set_clock(logged)
    taken = c.world.exercise(consent)
    assert c.standing(taken) == standing
    assert c.says(consent) == ("yes" if standing == "good" else "no: A5 not_exercised")


def test_who_may_take_an_option_and_what_is_one() -> None:
    c = Cast()
    assert c.standing(c.world.exercise(option(c), signers=[c.anna])) == "void_signers"
    assert c.standing(c.world.exercise(c.deal)) == "void_parties"
    assert c.standing(c.consent(exercise_by="-1d")) == "void_parties"


def test_an_option_that_is_ruled_not_taken() -> None:
    c = Cast()
    consent = option(c)
    taken = c.world.exercise(consent)
    usage = c.world.usage(consent)
    c.world.ruling(consent, [taken])
    assert c.says(usage) == "no: A5 not_exercised"


# ---- A5, A16: renewals


def test_a_renewal_takes_the_old_ones_place_and_not_its_caps() -> None:
    for how, expected in (("renews", "yes"), ("replaces", "no: A11 cap_exceeded")):
        c = Cast()
        older = c.consent(terms={"caps": {"uses": 1}})
        before = c.world.usage(older)
        consent = c.consent(terms={"caps": {"uses": 1}}, **following(how, older))
        assert c.says(c.world.usage(older)).startswith("no: A5 replaced")
        assert c.says(c.world.usage(consent)) == expected
        assert c.says(before) == "yes"
        assert c.says(older) == "no: A5 replaced"


@pytest.mark.parametrize("first, second", [("renews", "renews"), ("renews", "replaces"), ("replaces", "renews")])
def test_a_consent_is_followed_once(first: str, second: str) -> None:
    c = Cast()
    c.consent(**following(first, c.deal))
    assert c.standing(c.consent(**following(second, c.deal))) == "void_replaced"


def test_what_stops_a_renewal_stops_what_was_declared_before_it() -> None:
    c = Cast()
    older = c.consent()
    usage = c.world.usage(older, terms=SPAN)
    newer = c.consent(renews=older)
    at(c, "03-04")
    c.world.revocation(consent=newer)
    assert segments(c.check(usage)) == "03-01 yes 03-04 no 03-11"


def test_a_renewal_is_of_the_same_licensee() -> None:
    c = Cast()
    assert c.standing(c.consent(renews=c.deal, licensee=c.rival)) == "void_parties"


def test_a_lapsed_option_ends_nothing_that_was_declared_under_what_it_renewed() -> None:
    c = Cast()
    older = c.consent()
    usage = c.world.usage(older, terms={"starts": "2026-06-01T00:00:00Z", "ends": "2026-08-01T00:00:00Z"})
    option(c, renews=older)
    at(c, "07-10")
    assert c.says(usage) == "yes"


# ---- A6, A16: the licensee's way out


def test_the_licensee_alone_ends_its_uses_without_notice() -> None:
    c = Cast()
    consent = c.consent(terms={"notice": 86_400 * 30})
    usage = c.world.usage(consent, terms=SPAN)
    at(c, "03-04")
    ended = c.world.revocation(consent=consent, by=c.brand)
    assert c.standing(ended) == "good"
    assert segments(c.check(usage)) == "03-01 yes 03-04 no 03-11"
    assert c.says(consent) == "no: A5 revoked"


def test_both_sides_end_it() -> None:
    c = Cast()
    consent = c.consent(terms={"notice": 86_400 * 30})
    usage = c.world.usage(consent, terms=SPAN)
    at(c, "03-04")
    c.world.revocation(consent=consent, signers=[c.anna, c.brand])
    assert segments(c.check(usage)) == "03-01 yes 03-04 no 03-11"


def test_what_the_licensee_may_not_end() -> None:
    c = Cast()
    twin = c.world.twin_of(c.anna)
    assert c.standing(c.world.revocation(twin=twin, by=c.brand)) == "void_signers"
    assert c.standing(c.world.revocation(consent=c.deal, by=c.rival)) == "void_signers"
    part = c.world.revocation(consent=c.deal, by=c.brand, part="exclusive", ground="unpaid")
    assert c.standing(part) == "void_signers"
    under = c.world.revocation(consent=c.deal, under=c.mandate, signers=[c.gina, c.brand])
    assert c.standing(under) == "void_signers"


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
    c = Cast()
    consent = c.consent()
    uses = [c.world.usage(consent, [f"{n}.jpg"]) for n in range(200)]
    evidence = c.world.evidence(Question(kind="usage", id=uses[100].id, ask="authorised"))
    assert len(evidence) < 60_000 and len(c.world.evidence(uses[100])) > 300_000
    assert c.check(uses[100], evidence=evidence)["authorised"] == "AUTHORISED"


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
