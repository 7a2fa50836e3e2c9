"""Keys from enrolment to recovery, and guardians from the cradle to eighteen (protocol, section 4.1)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tests.support.cast import Cast, key
from tests.support.world import Actor, Logged

NEW, OTHER, THIRD = key("new"), key("other"), key("third")
RECOVERY, RECOVERY_2 = key("new recovery"), key("new recovery 2")


def signs(c: Cast, *keys: Any) -> str:
    """What becomes of a mandate that Anna signs with certain keys."""
    return c.standing(c.world.mandate(model=c.anna, agency=c.gina, signers=[*keys, c.gina]))


# ---- enrolment


@pytest.mark.parametrize("keys, recovery, threshold", [(1, 1, 1), (3, 1, 1), (1, 3, 2), (2, 2, 2), (0, 0, 1)])
def test_enrolment(keys: int, recovery: int, threshold: int) -> None:
    c = Cast()
    assert c.standing(c.actor("anna", keys=keys, recovery=recovery, threshold=threshold)) == "good"


@pytest.mark.parametrize("missing", ["keys", "recovery"])
def test_every_key_signs_the_enrolment(missing: str) -> None:
    c = Cast()
    kind = "" if missing == "keys" else "recovery "
    second = key(f"{c.world.origin} anna {kind}1")
    assert c.standing(c.actor("anna", keys=2, recovery=2, drop=[second])) == "void_signers"


def test_a_key_signs_from_the_enrolments_own_index_on() -> None:
    """Its own enrolment is signed by it; what was logged before it is not."""
    c = Cast()
    assert c.gina
    unborn = Actor(name="unborn", id="0" * 64, keys=[key(f"{c.world.origin} anna 0")])
    early = c.world.mandate(model=unborn, agency=c.gina)
    assert c.standing(c.anna) == "good"
    assert c.standing(early) == "void_signers"


def test_a_party_whose_enrolment_is_void_signs_nothing() -> None:
    c = Cast()
    c.actor("anna", drop=[c.world.registrar])
    assert signs(c, c.anna) == "void_signers"


def test_the_second_copy_of_an_enrolment_counts_if_the_first_is_void() -> None:
    c = Cast()
    first = c.actor("anna", drop=[c.world.registrar]).entry
    assert first is not None
    second = c.again(first, *c.anna.keys, *c.anna.recovery, c.world.registrar)
    assert [c.standing(first), c.standing(second)] == ["void_signers", "good"]
    assert signs(c, c.anna) == "good"


# ---- add and retire


def test_a_new_key_signs_at_once_and_the_old_one_still() -> None:
    c = Cast()
    old = c.anna.keys[0]
    assert signs(c, NEW) == "void_signers"
    assert c.standing(c.world.key(c.anna, add=[NEW])) == "good"
    assert signs(c, NEW) == "good"
    assert signs(c, old) == "good"


def test_a_retired_key_is_dead() -> None:
    c = Cast()
    old = c.anna.keys[0]
    before = c.world.mandate(model=c.anna, agency=c.gina)
    c.world.key(c.anna, add=[NEW], retire=[old])
    assert signs(c, old) == "void_signers"
    assert signs(c, NEW) == "good"
    assert c.standing(before) == "good"


def test_retired_stays_retired() -> None:
    c = Cast()
    old = c.anna.keys[0]
    c.world.key(c.anna, add=[NEW], retire=[old])
    for signers in ([NEW], [NEW, old]):
        c.world.key(c.anna, add=[old], signers=signers)
        assert signs(c, old) == "void_signers"


def test_a_key_that_is_added_and_retired_at_once_is_dead() -> None:
    c = Cast()
    assert c.standing(c.world.key(c.anna, add=[NEW], retire=[NEW], signers=[c.anna])) == "good"
    assert signs(c, NEW) == "void_signers"


def test_a_new_key_signs_its_addition() -> None:
    c = Cast()
    assert c.standing(c.world.key(c.anna, add=[NEW, OTHER], drop=[OTHER])) == "void_signers"


def test_one_live_key_adds_another_cannot_be_a_recovery_key() -> None:
    c = Cast()
    assert c.standing(c.world.key(c.anna, add=[NEW], signers=[*c.anna.recovery, NEW])) == "void_signers"


def test_nobody_else_changes_her_keys() -> None:
    c = Cast()
    for signers in ([c.brand, NEW], [NEW], [c.world.log_key, NEW], [c.anna, c.brand, NEW]):
        assert c.standing(c.world.key(c.anna, add=[NEW], signers=signers)) == "void_signers"
        c.anna.keys = c.anna.keys[:1]


def test_a_registrar_only_retires() -> None:
    c = Cast()
    old = c.anna.keys[0]
    assert c.standing(c.world.key(c.anna, add=[NEW], by_registrar=True)) == "void_signers"
    assert c.standing(c.world.key(c.anna, add=[NEW], retire=[old], by_registrar=True)) == "void_signers"
    assert c.standing(c.world.key(c.anna, add=[NEW], retire=[old], signers=[c.world.registrar])) == "void_signers"
    assert signs(c, old) == "good"
    assert c.standing(c.world.key(c.anna, retire=[old], by_registrar=True)) == "good"
    assert signs(c, old) == "void_signers"


def test_keys_of_somebody_who_is_not_enrolled() -> None:
    c = Cast()
    ghost = Actor(name="ghost", id="1" * 64, keys=[NEW])
    assert c.standing(c.world.key(ghost, add=[OTHER])) == "void_parties"


def test_a_long_chain_of_rotations() -> None:
    c = Cast()
    for number in range(100):
        c.world.key(c.anna, add=[key(f"n{number}")], retire=[c.anna.keys[0]])
    assert signs(c, key("n99")) == "good"
    assert signs(c, key("n98")) == "void_signers"


# ---- recovery


def recovered(c: Cast, *signers: Any, keys: Any = (NEW,), recovery: Any = ()) -> str:
    anna = c.anna
    made = c.world.key(anna, keys=keys, recovery=recovery, signers=[*signers, *keys, *recovery])
    return c.standing(made)


@pytest.mark.parametrize("count, expected", [(1, "void_signers"), (2, "good"), (3, "good")])
def test_recovery_takes_the_threshold(count: int, expected: str) -> None:
    c = Cast()
    anna = c.actor("anna", recovery=3, threshold=2)
    old = anna.keys[0]
    assert recovered(c, *anna.recovery[:count]) == expected
    lost = expected == "good"
    assert signs(c, old) == ("void_signers" if lost else "good")
    assert signs(c, NEW) == ("good" if lost else "void_signers")


def test_without_new_recovery_keys_the_old_ones_stay() -> None:
    c = Cast()
    assert recovered(c, *c.anna.recovery) == "good"
    assert recovered(c, *c.anna.recovery, keys=[OTHER]) == "good"
    assert signs(c, NEW) == "void_signers"
    assert signs(c, OTHER) == "good"


def test_new_recovery_keys_replace_the_old_ones() -> None:
    c = Cast()
    old = list(c.anna.recovery)
    assert recovered(c, *old, recovery=[RECOVERY]) == "good"
    assert recovered(c, *old, keys=[OTHER]) == "void_signers"
    assert recovered(c, RECOVERY, keys=[OTHER]) == "good"


def test_a_new_recovery_key_signs() -> None:
    c = Cast()
    made = c.world.key(c.anna, keys=[NEW], recovery=[RECOVERY, RECOVERY_2], drop=[RECOVERY_2])
    assert c.standing(made) == "void_signers"


def test_a_key_that_stays_need_not_sign() -> None:
    c = Cast()
    old, recovery = c.anna.keys[0], list(c.anna.recovery)
    assert c.standing(c.world.key(c.anna, keys=[NEW, old], signers=[*recovery, NEW])) == "good"
    assert signs(c, old) == "good"


def test_a_live_key_states_no_new_set() -> None:
    c = Cast()
    assert recovered(c, c.anna.keys[0]) == "void_signers"


def test_recovery_brings_back_no_retired_key() -> None:
    c = Cast()
    old = c.anna.keys[0]
    c.world.key(c.anna, add=[NEW], retire=[old])
    assert recovered(c, *c.anna.recovery, keys=[NEW, old]) == "void_signers"
    assert c.standing(c.world.key(c.anna, keys=[NEW, old], signers=c.anna.recovery)) == "void_signers"


def test_who_lost_every_key_recovers() -> None:
    c = Cast()
    c.world.key(c.anna, retire=[c.anna.keys[0]], by_registrar=True)
    assert recovered(c, *c.anna.recovery) == "good"
    assert signs(c, NEW) == "good"


def test_a_party_without_recovery_keys_has_none() -> None:
    c = Cast()
    brand = c.actor("brand", recovery=0)
    made = c.world.key(brand, keys=[NEW], recovery=[RECOVERY], by_registrar=True)
    assert c.standing(made) == "void_signers"


# ---- the registry's own keys


def test_a_change_of_the_registry_takes_effect_after_its_own_index() -> None:
    c = Cast()
    old = c.world.registrar
    assert c.standing(c.world.registry(registrars=[NEW])) == "good"
    assert c.standing(c.actor("anna")) == "good"
    c.world.registrar = old
    assert c.standing(c.actor("brand")) == "void_signers"


def test_a_new_registry_key_signs_too() -> None:
    c = Cast()
    assert c.standing(c.world.registry(log=NEW, drop=[NEW])) == "void_signers"


def test_a_void_change_of_the_registry_changes_nothing() -> None:
    c = Cast()
    old = c.world.registrar
    c.world.registry(registrars=[NEW], signers=[c.world.registrar])
    assert c.standing(c.actor("anna")) == "void_signers"
    c.world.registrar = old
    assert c.standing(c.actor("brand")) == "good"


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
