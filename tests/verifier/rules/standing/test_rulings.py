"""A20: what an arbiter's rulings and a disputed key do to entries; and statements that are logged twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.cast import DAY, Cast, Logged, key, row, segments, warnings

# ---- rulings


def test_void_means_that_it_never_had_effect() -> None:
    c = Cast()
    usage = c.world.usage(c.deal)
    assert c.says(usage) == "yes"
    ruling = c.world.ruling(c.deal, [usage])
    assert c.standing(usage) == "void_ruling"
    verdict = c.check(usage)
    assert (verdict["authorised"], row(verdict, "A20")) == ("NOT_AUTHORISED", "FAIL void_ruling")
    assert verdict["faults"] == [{"code": "void_ruling", "entries": [usage.index]}]
    assert "paid" not in verdict
    assert c.standing(ruling) == "good"


def test_stands() -> None:
    c = Cast()
    usage = c.world.usage(c.deal)
    c.world.ruling(c.deal, [usage], outcome="stands")
    verdict = c.check(usage)
    assert (verdict["authorised"], row(verdict, "A20")) == ("AUTHORISED", "PASS ruled")


@pytest.mark.parametrize("outcomes, expected", [
    (["void", "stands"], "good"), (["stands", "void"], "void_ruling"), (["void", "stands", "void"], "void_ruling"),
])  # fmt: skip
def test_the_last_ruling_counts(outcomes: list[str], expected: str) -> None:
    c = Cast()
    usage = c.world.usage(c.deal)
    for outcome in outcomes:
        c.world.ruling(c.deal, [usage], outcome=outcome)
    assert c.standing(usage) == expected


def test_a_ruling_that_is_logged_again_does_not_become_the_last() -> None:
    c = Cast()
    usage = c.world.usage(c.deal)
    first = c.world.ruling(c.deal, [usage])
    c.world.ruling(c.deal, [usage], outcome="stands")
    again = c.again(first)
    assert c.standing(usage) == "good"
    assert c.standing(again) == "repeated"


def test_a_void_ruling_rules_nothing() -> None:
    c = Cast()
    usage = c.world.usage(c.deal)
    c.world.ruling(c.deal, [usage], signers=[c.anna])
    assert c.standing(usage) == "good"


def test_a_ruling_on_what_comes_later_is_none() -> None:
    c = Cast()
    usage = c.world.usage(c.deal, signers=[c.stranger])
    c.world.ruling(c.deal, [usage])
    assert c.standing(c.again(usage, c.brand)) == "good"


ENTRIES: dict[str, Callable[[Cast], Logged]] = {
    "consent": lambda c: c.deal,
    "usage": lambda c: c.world.usage(c.deal),
    "report": lambda c: c.world.report(c.world.usage(c.deal)),
    "approval": lambda c: c.world.approval(c.deal, ["a"]),
    "payment": lambda c: c.world.payment(c.deal, payee=c.anna, amount=1),
    "revocation": lambda c: c.world.revocation(consent=c.deal),
    "suspension": lambda c: c.world.suspension(c.deal),
    "dispute": lambda c: c.world.dispute(c.deal, [c.deal], author=c.anna),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_a_ruling_acts_on_its_consent_and_on_what_names_it(name: str) -> None:
    c = Cast()
    c.enrol()
    made = ENTRIES[name](c)
    c.world.ruling(c.deal, [made])
    assert c.standing(made) == "void_ruling"


OTHERS: dict[str, Callable[[Cast], Logged]] = {
    "a twin": lambda c: c.world.twin_of(c.anna),
    "a creation consent": lambda c: c.world.entries[c.world.twin_of(c.anna).index - 2],
    "a mandate": lambda c: c.mandate,
    "another consent": lambda c: c.consent(simple=True),
    "another consent's usage": lambda c: c.world.usage(c.consent(simple=True)),
    "a consent that replaces it": lambda c: c.consent(replaces=c.deal),
    "a ruling": lambda c: c.world.ruling(c.deal, [c.deal], outcome="stands"),
    "an enrolment": lambda c: c.anna.entry,
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_ruling_acts_on_nothing_else(name: str) -> None:
    c = Cast()
    c.enrol()
    made = OTHERS[name](c)
    ruling = c.world.ruling(c.deal, [made])
    assert c.standing(made) == "good"
    assert c.standing(ruling) == "good"


def test_what_stands_on_a_consent_that_is_ruled_void_is_void() -> None:
    c = Cast()
    usage = c.world.usage(c.deal)
    report = c.world.report(usage)
    c.world.ruling(c.deal, [c.deal])
    assert [c.standing(made) for made in (c.deal, usage, report)] == ["void_ruling", "void_parties", "void_parties"]
    assert c.says(usage) == "no: A0 void_parties"
    assert c.says(c.deal) == "no: A20 void_ruling"


def test_what_it_voids_does_not_void_the_ruling() -> None:
    c = Cast()
    c.world.ruling(c.deal, [c.deal])
    second = c.world.ruling(c.deal, [c.deal], outcome="stands")
    assert c.standing(second) == "good"
    assert c.standing(c.deal) == "good"


def test_a_replacing_consent_stands_even_on_one_ruled_void() -> None:
    c = Cast()
    new = c.consent(replaces=c.deal)
    c.world.ruling(c.deal, [c.deal, new])
    usage = c.world.usage(new)
    assert [c.standing(made) for made in (c.deal, new, usage)] == ["void_ruling", "good", "good"]
    assert c.says(usage) == "yes"


def test_a_consent_whose_replacement_was_ruled_void_takes_usages_again() -> None:
    c = Cast()
    new = c.consent(replaces=c.deal)
    usage = c.world.usage(c.deal)
    assert c.says(usage) == "no: A5 replaced"
    c.world.ruling(new, [new])
    assert c.says(usage) == "yes"


def test_what_stands_on_a_usage_that_is_ruled_void() -> None:
    c = Cast()
    usage = c.world.usage(c.deal)
    report = c.world.report(usage)
    c.world.ruling(c.deal, [usage])
    assert c.standing(report) == "void_parties"


def test_what_was_ruled_void_can_be_erased() -> None:
    c = Cast()
    c.world.ruling(c.deal, [c.deal])
    assert c.standing(c.world.erasure(c.deal)) == "good"


def test_no_ruling_can_be_told_where_the_consents_list_is_not_shown() -> None:
    c = Cast()
    usage = c.world.usage(c.deal)
    said = c.says(usage, hide_lists=[f"consent:{c.deal.id}"])
    assert said.startswith("?: ") and "A20 list_missing" in said


# ---- disputes


def test_an_open_dispute_is_a_warning() -> None:
    c = Cast()
    usage = c.world.usage(c.deal)
    c.world.dispute(c.deal, [usage], author=c.anna)
    verdict = c.check(usage)
    assert (verdict["authorised"], warnings(verdict)) == ("AUTHORISED", ["disputed"])
    c.world.ruling(c.deal, [usage], outcome="stands")
    assert warnings(c.check(usage)) == []


def test_a_ruling_on_the_dispute_closes_it() -> None:
    c = Cast()
    usage = c.world.usage(c.deal)
    dispute = c.world.dispute(c.deal, [usage], author=c.anna)
    c.world.ruling(c.deal, [dispute], outcome="void")
    assert warnings(c.check(usage)) == []


def test_a_dispute_of_two_is_open_until_both_are_ruled_upon() -> None:
    c = Cast()
    usage, other = c.world.usage(c.deal), c.world.usage(c.deal)
    c.world.dispute(c.deal, [usage, other], author=c.anna)
    c.world.ruling(c.deal, [usage], outcome="stands")
    assert warnings(c.check(usage)) == ["disputed"]
    c.world.ruling(c.deal, [other])
    assert warnings(c.check(usage)) == []


def test_a_creation_consent_knows_disputes_but_no_rulings() -> None:
    c = Cast()
    creation = c.world.creation(model=c.anna, maker=c.studio)
    assert c.says(creation) == "yes"
    c.world.dispute(creation, [creation], author=c.studio)
    verdict = c.check(creation)
    assert (verdict["answer"], row(verdict, "A20")) == ("IN_FORCE", "NOT_APPLICABLE not_applicable")
    assert warnings(verdict) == ["disputed"]


# ---- a key that was stolen


def stolen(c: Cast, *, retire: bool = True, after: str = "1d", author: str = "brand") -> tuple[Logged, Logged]:
    """A usage and a dispute of its signer's key."""
    usage = c.world.usage(c.deal)
    old = c.brand.keys[0]
    c.world.key(c.brand, add=[key("new")], retire=[old] if retire else [])
    c.world.advance(after)
    return usage, c.world.dispute(c.deal, [usage], author=c.actor(author), tag="key")


@pytest.mark.parametrize("after, expected", [("1d", "? key_disputed"), ("30d", "? key_disputed")])
def test_a_disputed_key_makes_it_doubtful(after: str, expected: str) -> None:
    c = Cast()
    usage, dispute = stolen(c, after=after)
    assert dispute.logged <= usage.logged + 30 * DAY
    assert c.standing(usage) == expected
    verdict = c.check(usage)
    assert (verdict["authorised"], row(verdict, "A20")) == ("CANNOT_TELL", "UNKNOWN key_disputed")


def test_after_30_days_it_is_too_late() -> None:
    c = Cast()
    c.enrol()
    usage, _ = stolen(c, after=f"{30 * DAY + 1}s")
    assert c.standing(usage) == "good"


def test_the_key_has_been_retired_first() -> None:
    c = Cast()
    usage, _ = stolen(c, retire=False)
    assert c.standing(usage) == "good"
    c.world.key(c.brand, retire=[c.brand.keys[0]])
    assert c.standing(usage) == "good"


def test_a_dispute_that_is_logged_again_comes_no_later() -> None:
    c = Cast()
    usage = c.world.usage(c.deal)
    old = c.brand.keys[0]
    c.world.key(c.brand, add=[key("new")])
    early = c.world.dispute(c.deal, [usage], author=c.brand, tag="key", signers=[key("new")])
    c.world.key(c.brand, retire=[old], signers=[key("new")])
    c.again(early)
    assert c.standing(usage) == "good"


def test_only_a_signer_says_so() -> None:
    c = Cast()
    usage, _ = stolen(c, author="anna")
    assert c.standing(usage) == "good"


def test_who_made_another_partys_key_her_own_is_no_signer() -> None:
    """A dishonest registry let her."""
    c = Cast()
    taken, own = c.brand.keys[0], c.anna.keys[0]
    c.enrol()
    c.world.key(c.anna, add=[taken])
    usage = c.world.usage(c.deal)
    c.world.key(c.anna, retire=[taken], signers=[own])
    c.world.dispute(c.deal, [usage], author=c.anna, tag="key", signers=[own])
    assert c.standing(usage) == "good"


def test_another_key_of_hers_was_retired() -> None:
    c = Cast()
    c.world.key(c.brand, add=[key("second")])
    usage = c.world.usage(c.deal)
    c.world.key(c.brand, retire=[key("second")])
    c.world.dispute(c.deal, [usage], author=c.brand, tag="key")
    assert c.standing(usage) == "good"


@pytest.mark.parametrize("outcome, expected", [("stands", "good"), ("void", "void_ruling")])
def test_until_a_ruling_on_the_entry(outcome: str, expected: str) -> None:
    c = Cast()
    usage, _ = stolen(c)
    c.world.ruling(c.deal, [usage], outcome=outcome)
    assert c.standing(usage) == expected


@pytest.mark.parametrize("outcome", ["stands", "void"])
def test_until_a_ruling_on_the_dispute(outcome: str) -> None:
    c = Cast()
    usage, dispute = stolen(c)
    c.world.ruling(c.deal, [dispute], outcome=outcome)
    assert c.standing(usage) == "good"


def test_a_void_ruling_on_the_dispute_closes_nothing() -> None:
    c = Cast()
    usage, dispute = stolen(c)
    c.world.ruling(c.deal, [dispute], signers=[c.brand])
    assert c.standing(usage) == "? key_disputed"


def test_a_ruling_before_the_dispute_closes_nothing() -> None:
    """It had ruled on the usage for another reason; the dispute of the key is a new one."""
    c = Cast()
    usage = c.world.usage(c.deal)
    c.world.key(c.brand, add=[key("new")], retire=[c.brand.keys[0]])
    dispute = c.world.dispute(c.deal, [usage], author=c.brand, tag="key", signers=[c.stranger])
    c.world.ruling(c.deal, [dispute], outcome="void")
    c.again(dispute, c.brand)
    assert c.standing(usage) == "? key_disputed"


@pytest.mark.parametrize("outcome, expected", [("stands", "? key_disputed"), ("void", "void_ruling")])
def test_a_ruling_on_the_entry_before_the_dispute_closes_nothing(outcome: str, expected: str) -> None:
    c = Cast()
    usage = c.world.usage(c.deal)
    c.world.ruling(c.deal, [usage], outcome=outcome)
    c.world.key(c.brand, add=[key("new")], retire=[c.brand.keys[0]])
    c.world.dispute(c.deal, [usage], author=c.brand, tag="key")
    assert c.standing(usage) == expected
    c.world.ruling(c.deal, [usage], outcome="stands")
    assert c.standing(usage) == "good"


def test_what_stands_on_a_doubtful_entry_is_doubtful() -> None:
    c = Cast()
    usage, _ = stolen(c)
    assert c.standing(c.world.report(usage)) == "? key_disputed"


def test_a_disputed_revocation_neither_ends_nor_leaves_it() -> None:
    c = Cast()
    usage = c.world.usage(c.deal)
    c.world.advance("1d")
    revocation = c.world.revocation(consent=c.deal)
    c.world.key(c.anna, add=[key("new")], retire=[c.anna.keys[0]])
    c.world.dispute(c.deal, [revocation], author=c.anna, tag="key")
    verdict = c.check(usage)
    assert segments(verdict) == "01-02 yes 01-03 ? 02-01"
    assert row(verdict, "A6") == "UNKNOWN key_disputed"
    assert c.says(c.deal) == "?: A5 key_disputed"


# ---- statements that are logged twice


def test_the_first_good_copy_counts() -> None:
    c = Cast()
    usage = c.world.usage(c.deal)
    again = c.again(usage)
    assert [c.standing(usage), c.standing(again)] == ["good", "repeated"]
    verdict = c.check(usage)
    assert (verdict["authorised"], verdict["faults"]) == (
        "AUTHORISED", [{"code": "repeated", "entries": [again.index]}],
    )  # fmt: skip


def test_a_void_copy_does_not_use_it_up() -> None:
    c = Cast()
    bad = c.world.usage(c.deal, signers=[c.stranger])
    good = c.again(bad, c.brand)
    third = c.again(bad, c.brand)
    assert [c.standing(made) for made in (bad, good, third)] == ["void_signers", "good", "repeated"]
    assert c.says(good) == "yes"


def test_a_copy_of_a_doubtful_entry_is_doubtful_too() -> None:
    """If the first is good, this one is void; if the first is void, this one counts."""
    c = Cast()
    usage, _ = stolen(c)
    again = c.again(usage, key("new"))
    assert c.standing(usage) == "? key_disputed"
    assert c.standing(again) == "? key_disputed"


def test_a_doubtful_copy_goes_before_a_void_one() -> None:
    """The first copy is void, the second may be good: what stands on it is doubtful, not void."""
    c = Cast()
    c.world.twin_of(c.anna)
    bad = c.consent(simple=True, signers=[c.stranger])
    copy = c.again(bad, c.anna, c.brand)
    usage = c.world.usage(copy)
    c.world.key(c.brand, add=[key("new")], retire=[c.brand.keys[0]])
    c.world.dispute(copy, [copy], author=c.brand, tag="key")
    assert [c.standing(made) for made in (bad, copy, usage)] == ["void_signers", "? key_disputed", "? key_disputed"]


def test_a_consent_that_is_logged_twice_replaces_once() -> None:
    c = Cast()
    new = c.consent(replaces=c.deal)
    again = c.again(new)
    assert [c.standing(new), c.standing(again)] == ["good", "repeated"]
    assert c.says(c.world.usage(new)) == "yes"
