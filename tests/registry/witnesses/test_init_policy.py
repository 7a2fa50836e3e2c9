"""The trust policy that ``registry init --witness`` writes."""

from __future__ import annotations

import pytest

from registry import config
from verifier.base.private_keys import SigningKey
from verifier.log.note import Verifier
from verifier.log.trust import Policy, TrustedLog
from verifier.log.writing import Cosigner


class TestPolicy:
    """What ``registry init --witness`` writes."""

    @staticmethod
    def keys(*names: str) -> list[tuple[Verifier, str]]:
        return [
            (Cosigner(name, SigningKey(bytes([number + 1]) * 32)).verifier, f"https://{number}.example")
            for number, name in enumerate(names)
        ]

    def policy(self, *names: str, quorum: int | None = None) -> Policy:
        from verifier.log.writing import Signer

        log = TrustedLog(verifier=Signer("log.example", SigningKey(bytes([99]) * 32)).verifier)
        return config.trust_policy(log, self.keys(*names), quorum)

    @pytest.mark.parametrize(
        "names, enough, too_few",
        [
            (("a",), [{"a"}], [set()]),
            (("a", "b"), [{"a", "b"}], [{"a"}, {"b"}]),
            (("a", "b", "c"), [{"a", "b"}, {"a", "c"}, {"b", "c"}], [{"a"}, {"b"}]),
            (("a", "b", "c", "d"), [{"a", "b", "d"}], [{"a", "b"}]),
            (("u/kembar-auditor",), [{"u/kembar-auditor"}], [set()]),
            (("a", "u/kembar-auditor"), [{"a", "u/kembar-auditor"}], [{"a"}, {"u/kembar-auditor"}]),
            (
                ("a", "b", "c", "u/kembar-auditor"),
                [{"a", "c", "u/kembar-auditor"}],
                [{"a", "b", "c"}, {"a", "u/kembar-auditor"}],
            ),
        ],
    )
    def test_most_of_each_kind(self, names: tuple[str, ...], enough: list[set[str]], too_few: list[set[str]]) -> None:
        policy = self.policy(*names)
        for some, wanted in [*((one, True) for one in enough), *((one, False) for one in too_few)]:
            keys = [witness.verifier for witness in policy.witnesses if witness.verifier.name in some]
            assert policy.satisfied(keys) is wanted

    def test_any_number_of_all(self) -> None:
        policy = self.policy("a", "b", "u/kembar-auditor", quorum=2)
        keys = {witness.verifier.name: witness.verifier for witness in policy.witnesses}
        assert policy.satisfied([keys["a"], keys["u/kembar-auditor"]])
        assert not policy.satisfied([keys["a"]])

    @pytest.mark.parametrize("quorum", [0, 3])
    def test_more_than_there_are(self, quorum: int) -> None:
        with pytest.raises(config.ConfigError, match="quorum"):
            self.policy("a", "b", quorum=quorum)

    def test_none(self) -> None:
        assert self.policy().quorum is None
