"""Who joins and who leaves, and that a quorum never falls unless somebody says that it may."""

from __future__ import annotations

import pytest

from registry.config import ConfigError, trust_policy
from registry.witnesses.membership import AskedFor, QuorumFalls, asked_for, joined, left
from verifier.base.private_keys import SigningKey
from verifier.log.note import Verifier
from verifier.log.trust import Policy, TrustedLog, parse_policy
from verifier.log.writing import Cosigner, Signer

LOG = TrustedLog(verifier=Signer("registry.example/log", SigningKey(b"\1" * 32)).verifier, url="https://r.example/log")


def key(number: int, name: str = "") -> Verifier:
    return Cosigner(name or f"w{number}.example", SigningKey(bytes([number]) * 32)).verifier


def auditor(number: int) -> Verifier:
    return key(number, f"a{number}.example/kembar-auditor")


def policy(*keys: Verifier, quorum: int | None = None) -> Policy:
    return trust_policy(LOG, [(one, f"https://{one.name}") for one in keys], quorum)


class TestJoining:
    def test_the_first_one_makes_a_quorum(self) -> None:
        made = joined(policy(), key(2), "https://w2.example", None)
        assert made == policy(key(2)) and asked_for(made) == AskedFor(1, 0)

    def test_most_of_each_kind_goes_on_growing(self) -> None:
        made = policy(key(2), key(3))
        for one in (key(4), auditor(5), auditor(6)):
            made = joined(made, one, f"https://{one.name}", None)
        assert made.quorum == policy(key(2), key(3), key(4), auditor(5), auditor(6)).quorum
        assert asked_for(made) == AskedFor(4, 2)

    def test_a_number_stays(self) -> None:
        made = joined(policy(key(2), key(3), quorum=2), key(4), "https://w4.example", None)
        assert made == policy(key(2), key(3), key(4), quorum=2)

    def test_names_are_not_given_twice(self) -> None:
        made = left(policy(key(2), key(3), key(4)), "witness1", None)
        assert [one.name for one in made.witnesses] == ["witness2", "witness3"]
        again = joined(made, key(5), "https://w5.example", None)
        assert [one.name for one in again.witnesses] == ["witness2", "witness3", "witness1"]
        assert again.witnesses[-1].verifier == key(5)

    def test_one_that_is_there_moves(self) -> None:
        made = joined(policy(key(2), key(3)), key(2), "https://elsewhere.example", None)
        assert [one.url for one in made.witnesses] == ["https://elsewhere.example", "https://w3.example"]

    def test_other_keys_of_the_log_stay(self) -> None:
        other = TrustedLog(verifier=Signer("registry.example/log", SigningKey(b"\7" * 32)).verifier)
        start = trust_policy(LOG, [(key(2), "https://w2.example")])
        two = Policy(logs=(LOG, other), witnesses=start.witnesses, groups=start.groups, quorum=start.quorum)
        assert joined(two, key(3), "https://w3.example", None).logs == (LOG, other)


class TestLeaving:
    def test_the_quorum_stays(self) -> None:
        made = left(policy(key(2), key(3), key(4)), str(key(3)), None)
        assert asked_for(made) == AskedFor(2, 0)

    @pytest.mark.parametrize(
        ("before", "who"),
        [
            (policy(key(2), key(3)), "w2.example"),
            (policy(key(2)), "witness1"),
            (policy(key(2), auditor(5)), "auditor1"),
            (policy(key(2), key(3), quorum=2), "witness2"),
            (policy(key(2), key(3), auditor(5), quorum=3), "witness2"),
        ],
    )
    def test_it_never_falls_unsaid(self, before: Policy, who: str) -> None:
        with pytest.raises(QuorumFalls):
            left(before, who, None)
        assert asked_for(left(before, who, None, may_fall=True)).is_below(asked_for(before))

    def test_a_number_that_is_lower_is_a_fall(self) -> None:
        with pytest.raises(QuorumFalls):
            joined(policy(key(2), key(3), quorum=2), key(4), "https://w4.example", 1)

    def test_an_auditor_fewer_is_a_fall_though_as_many_cosign(self) -> None:
        with pytest.raises(QuorumFalls):
            joined(policy(key(2), auditor(5)), key(4), "https://w4.example", 2)  # two witnesses would do

    def test_nobody_of_that_name(self) -> None:
        with pytest.raises(ConfigError, match="it has: witness1"):
            left(policy(key(2)), "witness9", None)


def test_groups_by_hand_are_left_to_hands() -> None:
    text = f"log {LOG.verifier}\nwitness ada {key(2)}\nwitness eve {key(3)}\ngroup one any ada eve\nquorum one\n"
    with pytest.raises(ConfigError, match="written by hand"):
        joined(parse_policy(text), key(4), "https://w4.example", None)
    assert asked_for(parse_policy(text)) == AskedFor(1, 0)
