"""Admission: what would be void is refused before it is logged, for the same reason; and what has been seen before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.admitting import asked, refused
from tests.support.cast import Cast, Logged, key
from verifier.rules.admit import needed_sections
from verifier.rules.model.results import Result

# ---- what is good is let in

GOOD: dict[str, Callable[[Cast], Logged]] = {
    "party": lambda c: entry_of(c, "berta"),
    "key": lambda c: c.world.key(c.anna, add=[key("new")]),
    "recovery": lambda c: c.world.key(c.anna, keys=[key("new")], recovery=[key("more")]),
    "registry": lambda c: c.world.registry(registrars=[key("new")], log=key("new log")),
    "guardian": lambda c: c.world.guardian(c.anna, c.mum),
    "mandate": lambda c: c.mandate,
    "creation": lambda c: c.world.creation(model=c.anna, maker=c.studio),
    "twin": lambda c: c.world.twin(c.anna),
    "consent": lambda c: c.deal,
    "replacing": lambda c: c.consent(replaces=c.deal),
    "usage": lambda c: c.world.usage(c.deal),
    "report": lambda c: c.world.report(c.world.usage(c.deal)),
    "approval": lambda c: c.world.approval(c.deal, ["a"], under=c.mandate),
    "payment": lambda c: c.world.payment(c.deal, payee=c.anna, amount=1),
    "receipt": lambda c: c.world.receipt(c.deal, payee=c.anna, amount=1),
    "revocation": lambda c: c.world.revocation(consent=c.deal),
    "suspension": lambda c: c.world.suspension(c.deal),
    "dispute": lambda c: c.world.dispute(c.deal, [c.deal], author=c.anna),
    "ruling": lambda c: c.world.ruling(c.deal, [c.deal]),
    "erasure": lambda c: c.world.erasure(c.deal),
}


def entry_of(c: Cast, name: str, **more: Any) -> Logged:
    made = c.world.party(name, roles=["model"], **more).entry
    assert made is not None
    return made


@pytest.mark.parametrize("name", GOOD)
def test_what_is_good_is_let_in(name: str) -> None:
    c = Cast()
    made = GOOD[name](c)
    assert refused(c, made) == []
    assert [one.rule for one in asked(c, made)] == ["T6", "T8", "A0", "A1", "A2", "A5"]


def test_what_was_not_authorised_is_let_in_with_its_verdict() -> None:
    """A declared use that was not authorised is evidence that nobody should lose."""
    c = Cast()
    c.world.revocation(consent=c.deal)
    usage = c.world.usage(c.deal)
    assert c.says(usage) == "no: A6 revoked"
    assert refused(c, usage) == []


# ---- a consent that nobody could judge is refused

TIMES = {"starts": "+1d", "ends": "+30d"}
BAD_TERMS: dict[str, Callable[[Cast], Logged]] = {
    "a right": lambda c: c.consent(terms={"rights": ["hologram"]}),
    "a channel": lambda c: c.consent(terms={"channels": ["instagram"]}),
    "a category": lambda c: c.consent(terms={"categories": ["clothing"]}),
    "a category that is denied": lambda c: c.consent(terms={"categories_denied": ["clothing"]}),
    "all categories and one": lambda c: c.consent(terms={"categories": ["1059", "all"]}),
    "a country": lambda c: c.consent(terms={"countries": ["XX"]}),
    "a country that is excluded": lambda c: c.consent(terms={"countries_excluded": ["XX"]}),
    "a manipulation": lambda c: c.consent(terms={"allow": ["weight"]}),
    "allowed and to be approved": lambda c: c.consent(terms={"allow": ["hair"], "approve": ["hair"]}),
    "an end before the start": lambda c: c.consent(terms={"starts": "+30d", "ends": "+1d"}),
    "an overage without a cap": lambda c: c.consent(terms={"overage": ["images"]}),
    "an exclusive channel": lambda c: c.consent(exclusive={**TIMES, "channels": ["instagram"]}),
    "an exclusivity that ends first": lambda c: c.consent(exclusive={"starts": "+30d", "ends": "+1d"}),
    "a flat fee above a number": lambda c: c.consent(money={"fees": [{"per": "flat", "amount": 1, "above": 2}]}),
    "a use counted once": lambda c: c.consent(money={"fees": [{"per": "use", "amount": 1, "once": True}]}),
    "through a stranger": lambda c: c.consent(
        money={"splits": [{"payee": c.anna, "kind": "model", "parts": 1, "via": c.studio}]}
    ),
    "a creation that ends first": lambda c: c.world.creation(
        model=c.anna, maker=c.studio, terms={"starts": "+30d", "ends": "+1d"}
    ),
}


@pytest.mark.parametrize("name", BAD_TERMS)
def test_a_consent_whose_terms_cannot_be_judged_is_refused(name: str) -> None:
    c = Cast()
    assert refused(c, BAD_TERMS[name](c)) == ["A0 bad_terms"]


def test_a_usage_with_such_terms_is_let_in_with_its_verdict() -> None:
    c = Cast()
    assert refused(c, c.world.usage(c.deal, terms={"channels": ["instagram"]})) == []


# ---- what would be void is refused

def later(c: Cast) -> Any:
    c.enrol()
    c.world.advance("60d")
    return c.world


def twice_replaced(c: Cast) -> Logged:
    c.consent(replaces=c.deal)
    return c.consent(replaces=c.deal)


def on_ruled_void(c: Cast) -> Logged:
    c.world.ruling(c.deal, [c.deal])
    return c.world.usage(c.deal)


VOID: dict[str, tuple[str, Callable[[Cast], Logged]]] = {
    "ahead": ("T6 void_ahead", lambda c: c.world.usage(c.deal, at="+301s")),
    "late": ("T8 void_late", lambda c: later(c).usage(c.deal, at="-31d")),
    "parties": ("A0 void_parties", lambda c: c.world.usage(c.deal, twin=c.world.twin(c.anna))),
    "signers": ("A1 void_signers", lambda c: c.world.usage(c.deal, signers=[c.anna])),
    "role": ("A0 void_parties", lambda c: c.world.consent(model=c.anna, licensee=c.crew)),
    "power": ("A2 void_power", lambda c: c.world.approval(
        c.deal, ["a"], under=c.world.mandate(model=c.anna, agency=c.gina, powers=["collect"]))),
    "replaced": ("A5 void_replaced", twice_replaced),
    "on a void one": ("A0 void_parties", lambda c: c.world.usage(c.consent(signers=[c.anna]))),
    "on one ruled void": ("A0 void_parties", on_ruled_void),
}  # fmt: skip


@pytest.mark.parametrize("name", VOID)
def test_what_would_be_void_is_refused(name: str) -> None:
    c = Cast()
    expected, make = VOID[name]
    made = make(c)
    assert refused(c, made) == [expected]
    assert c.standing(made) == expected.partition(" ")[2]


def test_every_reason_is_given() -> None:
    c = Cast()
    made = later(c).usage(c.deal, at="-31d", signers=[c.anna])
    assert refused(c, made) == ["T8 void_late", "A1 void_signers"]


def test_what_stands_on_a_disputed_key_is_let_in() -> None:
    """It would not be void. Else nobody could revoke a consent while a key is in dispute."""
    c = Cast()
    c.enrol()
    c.world.key(c.brand, add=[key("new")], retire=[c.brand.keys[0]])
    c.world.dispute(c.deal, [c.deal], author=c.brand, tag="key")
    revocation = c.world.revocation(consent=c.deal)
    assert c.standing(revocation) == "? key_disputed"
    assert refused(c, revocation) == []
    assert ("A0", Result.UNKNOWN) in [(one.rule, one.result) for one in asked(c, revocation)]
    assert refused(c, c.world.erasure(c.deal)) == []


def test_a_second_replacement_is_refused_while_the_first_is_in_dispute() -> None:
    """It would be void if the first is upheld."""
    c = Cast()
    first = c.consent(replaces=c.deal)
    c.world.key(c.brand, add=[key("new")], retire=[c.brand.keys[0]])
    c.world.dispute(first, [first], author=c.brand, tag="key")
    second = c.consent(replaces=c.deal)
    assert c.standing(second) == "? key_disputed"
    assert refused(c, second) == ["A5 key_disputed"]


# ---- another log's


def test_another_registrys() -> None:
    c, other = Cast(), Cast(origin="other.example/log")
    made = c.world.party("berta", roles=["model"], registry=other.world.genesis_id).entry
    assert made is not None
    assert refused(c, made) == ["A0 wrong_registry"]


# ---- sections


@pytest.mark.parametrize("name, hidden", [
    ("consent", "terms"), ("consent", "money"), ("usage", "terms"), ("report", "terms"), ("payment", "money"),
    ("payment", "evidence"), ("receipt", "evidence"), ("mandate", "money"), ("creation", "terms"),
])  # fmt: skip
def test_a_section_that_a_rule_needs(name: str, hidden: str) -> None:
    c = Cast()
    made = GOOD[name](c)
    assert refused(c, made, hidden=(hidden,)) == ["A0 section_needed"]


def test_an_exclusive_section_is_needed() -> None:
    c = Cast()
    made = c.consent(exclusive={})
    assert refused(c, made, hidden=("exclusive",)) == ["A0 section_needed"]


def test_who_she_is_and_what_a_dispute_tells_need_not_be_handed_in() -> None:
    c = Cast()
    assert refused(c, entry_of(c, "berta"), hidden=("person",)) == []
    dispute = c.world.dispute(c.deal, [c.deal], author=c.anna, person={"note": "x"}, evidence={"note": "y"})
    assert needed_sections(dispute.statement) == frozenset()
    assert refused(c, dispute, hidden=("person", "evidence")) == []


def test_a_digest_that_was_seen_before() -> None:
    c = Cast()
    first = c.world.usage(c.deal)
    assert refused(c, c.again(first)) == ["A0 digest_repeated"]
    copied = c.world.usage(c.deal, members={"sections": dict(first.statement.sections)})
    assert refused(c, copied) == ["A0 digest_repeated"]


def test_one_digest_for_two_sections() -> None:
    c = Cast()
    digest = c.deal.statement.sections["terms"]
    made = c.consent(members={"sections": {"money": digest[:-1] + "A", "terms": digest[:-1] + "A"}})
    assert refused(c, made) == ["A0 digest_repeated"]


# ---- keys


def test_a_key_is_used_once() -> None:
    c = Cast()
    old = c.anna.keys[0]
    for made in (
        c.world.key(c.brand, add=[old]),
        c.world.key(c.brand, add=list(c.anna.recovery)),
        c.world.key(c.brand, add=[c.world.registrar]),
        c.world.key(c.brand, add=[c.world.log_key]),
        c.world.registry(registrars=[c.world.registrar, old]),
        c.world.registry(log=c.anna.recovery[0]),
    ):
        assert "A1 key_repeated" in refused(c, made)


def test_a_retired_key_is_not_used_by_another() -> None:
    c = Cast()
    old = c.anna.keys[0]
    c.world.key(c.anna, add=[key("new")], retire=[old])
    assert refused(c, c.world.key(c.brand, add=[old])) == ["A1 key_repeated"]


def test_two_parties_cannot_share_a_key() -> None:
    c = Cast()
    first = entry_of(c, "berta")
    same = c.world.party("berta", roles=["licensee"], recovery=0).entry
    assert same is not None and same.id != first.id
    assert refused(c, same) == ["A1 key_repeated"]


def test_a_key_that_stays_is_not_new() -> None:
    c = Cast()
    stays = c.anna.keys[0]
    made = c.world.key(c.anna, keys=[key("new"), stays], signers=[*c.anna.recovery, key("new")])
    assert refused(c, made) == []
    assert refused(c, c.world.registry(registrars=[c.world.registrar, key("second registrar")])) == []


# ---- the floor under a minor


def test_lingerie_of_a_minor_is_not_even_logged() -> None:
    c = Cast()
    c.ward(keys=0)
    consent = c.consent(simple=True, terms={"allow": ["garment", "lingerie", "nudity"]})
    for manipulations in (["lingerie"], ["nudity"], ["garment", "nudity"]):
        usage = c.world.usage(consent, terms={"manipulations": manipulations})
        assert refused(c, usage) == ["A12 minor"]
    assert refused(c, c.world.usage(consent, terms={"manipulations": ["garment"]})) == []


def test_of_a_grown_woman_it_is() -> None:
    c = Cast()
    usage = c.world.usage(c.deal, terms={"manipulations": ["lingerie"]})
    assert refused(c, usage) == []
    assert c.says(usage) == "no: A12 manipulation_denied"
