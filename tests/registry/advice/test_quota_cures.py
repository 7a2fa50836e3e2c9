"""What cures one entry too many, by the list that is full."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from registry.advice.cures.quotas import CURES
from tests.support.cured_deals import GOOD, TERMS, Deal, deal
from tests.support.served import Served
from tests.support.world import Logged, key
from verifier.rules import quotas


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path / "registry")
    yield made
    made.service.close()


class TestQuotas:
    MADE: Mapping[tuple[str, str], Callable[[Deal], Logged]] = {
        ("uses", "usages"): lambda d: d.world.usage(d.consent, terms=GOOD),
        ("account", "payments and returns"): lambda d: d.world.payment(d.consent, payee=d.anna, amount=1),
        ("account", "receipts, credits and returns"): lambda d: d.world.receipt(d.consent, payee=d.anna, amount=1),
        ("approval", "decisions"): lambda d: d.world.approval(d.consent, ["a"]),
        ("keys", "by its own keys"): lambda d: d.world.key(d.brand, add=[key(f"more {d.world.log.size}")]),
    }

    def test_each_list_has_its_cure(self) -> None:
        assert CURES.keys() == quotas.QUOTAS.keys()

    @pytest.mark.parametrize("of", MADE, ids=" ".join)
    def test_what_is_proposed_is_of_that_list(
        self, of: tuple[str, str], served: Served, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A renewal is proposed only where it helps."""
        monkeypatch.setattr(quotas, "QUOTAS", dict.fromkeys(quotas.QUOTAS, 2))
        made = deal(served, TERMS)
        for _ in range(2):
            served.accept(self.MADE[of](made))
        [cure] = [one for one in made.asked(self.MADE[of](made)).cures if one.code == "quota"]
        assert cure.sentence == CURES[of]
        assert ("renews" in cure.sentence) == (of[0] in ("uses", "approval"))

    def test_the_other_sides_word_is_taken(self, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(quotas, "QUOTAS", dict.fromkeys(quotas.QUOTAS, 2))
        made = deal(served, TERMS)
        for _ in range(2):
            served.accept(made.world.payment(made.consent, payee=made.anna, amount=1))
        assert not made.asked(made.world.payment(made.consent, payee=made.anna, amount=1)).admitted
        assert made.asked(made.world.receipt(made.consent, payee=made.anna, amount=1)).admitted
