"""Keys from enrolment to recovery, and guardians from the cradle to eighteen (protocol, section 4.1)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.cast import Cast, key
from tests.support.new_keys import NEW, OTHER, RECOVERY, RECOVERY_2
from tests.support.world import Actor


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
