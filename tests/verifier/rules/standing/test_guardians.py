"""Guardians from the cradle to eighteen (protocol, section 4.1)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tests.support.cast import Cast
from tests.support.new_keys import NEW, OTHER, RECOVERY, RECOVERY_2
from tests.support.world import Actor, Logged

# ---- guardians

EIGHTEEN = "2027-03-01T00:00:00Z"
LAST_SECOND = "2027-02-28T23:59:59Z"


def grown_consent(c: Cast, **options: Any) -> str:
    """What becomes of a mandate of hers, by default with the signers that it needs."""
    return c.standing(c.world.mandate(model=c.anna, agency=c.gina, **options))


@pytest.mark.parametrize("keys, who, expected", [
    (0, "mum", "good"), (1, "mum anna", "good"), (1, "mum", "void_signers"), (1, "anna", "void_signers"),
])  # fmt: skip
def test_the_guardian_signs_and_she_if_she_has_keys(keys: int, who: str, expected: str) -> None:
    c = Cast()
    c.ward(keys=keys, until=EIGHTEEN)
    assert grown_consent(c, signers=[*map(c.actor, who.split()), c.gina]) == expected


def test_the_guardian_is_named() -> None:
    c = Cast()
    c.ward(until=EIGHTEEN)
    assert grown_consent(c, parties={"guardian": None}) == "void_parties"
    assert grown_consent(c, parties={"guardian": c.dad}) == "void_parties"


@pytest.mark.parametrize("clock, live", [(LAST_SECOND, True), (EIGHTEEN, False)])
def test_a_guardian_is_live_until_then(clock: str, live: bool) -> None:
    c = Cast()
    c.ward(until=EIGHTEEN)
    c.world.set_clock(clock)
    by_both: dict[str, Any] = {"parties": {"guardian": c.mum}, "signers": [c.mum, c.anna, c.gina]}
    alone: dict[str, Any] = {"parties": {"guardian": None}, "signers": [c.anna, c.gina]}
    assert grown_consent(c, **by_both) == ("good" if live else "void_parties")
    assert grown_consent(c, **alone) == ("void_parties" if live else "good")


@pytest.mark.parametrize("who", ["mum", "anna", "mum anna"])
@pytest.mark.parametrize("what", ["revocation", "suspension", "dispute", "rejection"])
def test_one_of_the_two_suffices_to_stop(who: str, what: str) -> None:
    c = Cast()
    c.ward(until=EIGHTEEN)
    options: dict[str, Any] = {"signers": [c.actor(name) for name in who.split()]}
    w, deal = c.world, c.consent(simple=True)
    stops = {
        "revocation": lambda: w.revocation(consent=deal, **options),
        "suspension": lambda: w.suspension(deal, **options),
        "dispute": lambda: w.dispute(deal, [deal], author=c.anna, **options),
        "rejection": lambda: w.approval(deal, ["a"], decision="reject", **options),
    }
    assert c.standing(stops[what]()) == "good"


@pytest.mark.parametrize("who, expected", [("mum", "void_signers"), ("anna", "void_signers"), ("mum anna", "good")])
@pytest.mark.parametrize("what", ["approval", "resumption", "receipt", "credit", "return", "mandate"])
def test_both_sign_what_stops_nothing(who: str, expected: str, what: str) -> None:
    c = Cast()
    c.ward(until=EIGHTEEN)
    w, deal = c.world, c.consent(simple=True)
    signers = [c.actor(name) for name in who.split()]
    makers = {
        "approval": lambda: w.approval(deal, ["a"], signers=signers),
        "resumption": lambda: w.resumption(deal, signers=signers),
        "receipt": lambda: w.receipt(deal, payee=c.anna, amount=1, signers=signers),
        "credit": lambda: w.adjustment(deal, kind="credit", payee=c.anna, amount=1, signers=signers),
        "return": lambda: w.adjustment(deal, kind="return", payee=c.anna, amount=1, of=[deal], signers=signers),
        "mandate": lambda: w.mandate(model=c.anna, agency=c.gina, signers=[*signers, c.gina]),
    }
    assert c.standing(makers[what]()) == expected


def test_a_ward_without_keys_revokes_by_her_guardian() -> None:
    c = Cast()
    c.ward(keys=0, until=EIGHTEEN)
    deal = c.consent(simple=True)
    assert c.standing(deal) == "good"
    assert c.standing(c.world.revocation(consent=deal, signers=[c.mum])) == "good"


def test_a_ward_who_is_payee_is_signed_for_by_her_guardian_as_author() -> None:
    c = Cast()
    child = c.ward("child", keys=0, until=EIGHTEEN)
    splits = [{"payee": child, "kind": "crew", "parts": 1}, {"payee": c.anna, "kind": "model", "parts": 1}]
    deal = c.consent(simple=True, money={"splits": splits})
    w = c.world
    assert c.standing(w.receipt(deal, payee=child, amount=1, parties={"author": c.mum})) == "good"
    assert c.standing(w.receipt(deal, payee=child, amount=1)) == "void_parties"
    assert c.standing(w.payment(deal, payee=child, amount=1, parties={"author": c.mum})) == "good"
    assert c.standing(w.payment(deal, payee=c.anna, amount=1, parties={"author": c.mum})) == "void_parties"


def test_a_guardian_who_is_named_otherwise_is_no_author() -> None:
    c = Cast()
    c.ward("child", keys=0, until=EIGHTEEN)
    child = c.actor("child")
    splits = [{"payee": one, "kind": kind, "parts": 1} for one, kind in ((child, "crew"), (c.mum, "trust"))]
    deal = c.consent(simple=True, money={"splits": [*splits, {"payee": c.anna, "kind": "model", "parts": 1}]})
    assert c.standing(c.world.receipt(deal, payee=child, amount=1)) == "good"


def test_a_guardian_who_is_payee_may_dispute_as_such() -> None:
    c = Cast()
    c.ward(until=EIGHTEEN)
    splits = [{"payee": c.mum, "kind": "trust", "parts": 1}, {"payee": c.anna, "kind": "model", "parts": 1}]
    deal = c.consent(simple=True, money={"splits": splits})
    assert c.standing(c.world.dispute(deal, [deal], author=c.mum)) == "good"
    other = c.consent(simple=True)
    assert c.standing(c.world.dispute(other, [other], author=c.mum)) == "void_parties"


# ---- how a guardian comes and goes


def test_the_first_guardian_of_a_ward_without_keys() -> None:
    c = Cast()
    anna = c.actor("anna", keys=0)
    assert c.standing(c.world.guardian(anna, c.mum)) == "good"


@pytest.mark.parametrize("who, expected", [
    ("mum registrar", "void_signers"), ("mum anna", "void_signers"), ("anna registrar", "void_signers"),
    ("mum registrar anna", "good"),
])  # fmt: skip
def test_the_first_guardian_of_a_model_with_keys(who: str, expected: str) -> None:
    c = Cast()
    signers = [c.world.registrar if name == "registrar" else c.actor(name) for name in who.split()]
    assert c.standing(c.world.guardian(c.anna, c.mum, signers=signers)) == expected


@pytest.mark.parametrize("count, expected", [(1, "void_signers"), (2, "good")])
def test_her_recovery_keys_will_do(count: int, expected: str) -> None:
    c = Cast()
    anna = c.actor("anna", recovery=3, threshold=2)
    signers = [c.mum, c.world.registrar, *anna.recovery[:count]]
    assert c.standing(c.world.guardian(anna, c.mum, signers=signers)) == expected


@pytest.mark.parametrize("who, expected", [
    ("anna", "good"), ("mum", "good"), ("anna mum", "good"), ("", "void_signers"), ("stranger", "void_signers"),
])  # fmt: skip
def test_a_guardian_is_replaced_by_her_or_with_the_old_ones_word(who: str, expected: str) -> None:
    c = Cast()
    anna = c.ward(until=EIGHTEEN)
    signers = [c.dad, c.world.registrar, *map(c.actor, who.split())]
    assert c.standing(c.world.guardian(anna, c.dad, until=EIGHTEEN, signers=signers)) == expected
    new = expected == "good"
    by = c.dad if new else c.mum
    assert grown_consent(c, parties={"guardian": by}, signers=[by, anna, c.gina]) == "good"


def test_a_former_guardian_has_no_word() -> None:
    c = Cast()
    anna = c.ward(until=EIGHTEEN)
    c.world.set_clock(EIGHTEEN)
    made = c.world.guardian(anna, c.dad, until="2028-01-01T00:00:00Z", signers=[c.dad, c.mum, c.world.registrar])
    assert c.standing(made) == "void_signers"


def test_a_guardian_was_enrolled_as_one() -> None:
    c = Cast()
    assert c.standing(c.world.guardian(c.anna, c.gina)) == "void_parties"


def test_a_model_who_signs_was_enrolled_as_one() -> None:
    c = Cast()
    assert c.standing(c.world.guardian(c.brand, c.mum)) == "void_parties"


def test_the_last_guardian_counts_even_with_an_earlier_end() -> None:
    c = Cast()
    anna = c.ward(until=EIGHTEEN)
    c.world.guardian(anna, c.dad, until="2026-03-01T00:00:00Z", extra=[c.mum])
    c.world.set_clock("2026-03-01T00:00:00Z")
    assert grown_consent(c, parties={"guardian": None}, signers=[anna, c.gina]) == "good"


# ---- a ward's first keys


def first_keys(c: Cast, ward: Actor, *signers: Any, recovery: Any = (RECOVERY,), **options: Any) -> Logged:
    return c.world.key(ward, keys=[NEW], recovery=recovery, signers=[*signers, NEW, *recovery], **options)


@pytest.mark.parametrize("who, expected", [
    ("registrar mum", "good"), ("registrar", "void_signers"), ("mum", "void_signers"),
    ("registrar dad", "void_signers"), ("registrar mum dad", "void_signers"),
])  # fmt: skip
def test_a_wards_first_keys(who: str, expected: str) -> None:
    c = Cast()
    anna = c.ward(keys=0, until=EIGHTEEN)
    signers = [c.world.registrar if name == "registrar" else c.actor(name) for name in who.split()]
    assert c.standing(first_keys(c, anna, *signers)) == expected


def test_first_keys_come_with_recovery_keys() -> None:
    c = Cast()
    anna = c.ward(keys=0, until=EIGHTEEN)
    assert c.standing(first_keys(c, anna, c.world.registrar, c.mum, recovery=())) == "void_signers"


def test_from_then_on_she_signs_too() -> None:
    c = Cast()
    anna = c.ward(keys=0, until=EIGHTEEN)
    first_keys(c, anna, c.world.registrar, c.mum)
    assert grown_consent(c, signers=[c.mum, c.gina]) == "void_signers"
    assert grown_consent(c, signers=[c.mum, NEW, c.gina]) == "good"


def test_her_own_first_key_at_eighteen() -> None:
    c = Cast()
    anna = c.ward(keys=0, until=EIGHTEEN)
    c.world.set_clock(EIGHTEEN)
    assert c.standing(first_keys(c, anna, c.world.registrar)) == "good"
    assert grown_consent(c, parties={"guardian": None}, signers=[NEW, c.gina]) == "good"


def test_first_keys_come_once() -> None:
    c = Cast()
    anna = c.ward(keys=0, until=EIGHTEEN)
    first_keys(c, anna, c.world.registrar, c.mum)
    again = c.world.key(anna, keys=[OTHER], recovery=[RECOVERY_2],
                        signers=[c.world.registrar, c.mum, OTHER, RECOVERY_2])  # fmt: skip
    assert c.standing(again) == "void_signers"


def test_a_ward_without_keys_has_nobody_when_her_guardian_is_gone() -> None:
    c = Cast()
    c.ward(keys=0, until=EIGHTEEN)
    c.world.set_clock(EIGHTEEN)
    assert grown_consent(c, parties={"guardian": None}, signers=[c.gina]) == "void_signers"


# ---- chains that are long


def test_a_long_chain_of_guardians() -> None:
    c = Cast()
    chain = [c.world.party(f"g{number}", roles=["guardian", "model"]) for number in range(200)]
    for ward, guardian in reversed(list(pairwise(chain))):
        c.world.guardian(ward, guardian, until="2030-01-01T00:00:00Z")
    assert c.standing(c.world.mandate(model=chain[0], agency=c.gina)) == "good"


def test_guardians_of_one_another() -> None:
    c = Cast()
    one, two = (c.world.party(name, roles=["guardian", "model"]) for name in ("one", "two"))
    assert c.standing(c.world.guardian(one, two, until="2030-01-01T00:00:00Z")) == "good"
    assert c.standing(c.world.guardian(two, one, until="2030-01-01T00:00:00Z")) == "good"
    assert c.standing(c.world.mandate(model=one, agency=c.gina)) == "good"


def test_a_list_of_keys_that_is_not_shown_leaves_it_doubtful() -> None:
    c = Cast()
    deal = c.consent(simple=True)
    usage = c.world.usage(deal)
    said = c.says(usage, hide_lists=[f"keys:{c.brand.id}"])
    assert said.startswith("?: A0 list_missing") or said.startswith("?: A1 list_missing")
