"""The writer counts what it logs as it goes: a usage like one that passed is neither read again nor one too many."""

from __future__ import annotations

from typing import Any

import pytest

from registry.log.record import EntryCache
from registry.sequencer import Logged, Outcome
from tests.support.served import Served, raw
from tests.support.world import Logged as Made
from verifier.rules import quotas
from verifier.rules.model.record import Entry
from verifier.rules.model.results import Result

MOST, MOST_OF_SUB = 40, 15


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    few = {("uses", "usages"): MOST, ("uses", "usages of one sub-licensee"): MOST_OF_SUB}
    monkeypatch.setattr(quotas, "QUOTAS", quotas.QUOTAS | few)


class Deal:
    """A consent with a sub-licensee, and usages under it."""

    def __init__(self, served: Served) -> None:
        world = served.world
        self.served = served
        self.anna = world.party("anna", roles=["model"])
        self.brand, self.sub = (world.party(name, roles=["licensee"]) for name in ("brand", "sub"))
        maker = world.party("maker", roles=["maker"])
        creation = world.creation(model=self.anna, maker=maker)
        twin = world.twin(self.anna, creation=creation)
        served.accept(self.anna, self.brand, self.sub, maker, creation, twin)
        self.consent = self.sign()

    def sign(self, **more: Any) -> Made:
        consent = self.served.world.consent(model=self.anna, licensee=self.brand, sublicensees=[self.sub], **more)
        self.served.accept(consent)
        return consent

    def usage(self, *, by_sub: bool = False) -> Made:
        return self.served.world.usage(self.consent, sublicensee=self.sub if by_sub else None)

    def say(self, made: list[Made]) -> list[str]:
        """What becomes of them, submitted together: the code of a refusal, or ""."""
        found = self.served.service.submit([raw(one) for one in made])
        return [_code(one) for one in found]


def _code(outcome: Outcome) -> str:
    if isinstance(outcome, Logged):
        return ""
    return " ".join([one.code for one in outcome.rules if one.result is Result.FAIL]) or outcome.code


def test_no_more_are_logged_than_the_quota_whoever_declares_them(served: Served) -> None:
    """In batches of 7, so that counts are carried from one to the next; every third is the sub-licensee's."""
    deal = Deal(served)
    own = subs = 0
    for _ in range(9):
        made, expected = [], []
        for place in range(7):
            by_sub = place % 3 == 2
            made.append(deal.usage(by_sub=by_sub))
            fits = own + subs < MOST and (not by_sub or subs < MOST_OF_SUB)
            expected.append("" if fits else "quota")
            own, subs = own + (fits and not by_sub), subs + (fits and by_sub)
        assert deal.say(made) == expected
    assert (own + subs, subs) == (MOST, 11)


def test_one_sub_licensee_has_less(served: Served) -> None:
    deal = Deal(served)
    assert deal.say([deal.usage(by_sub=True) for _ in range(20)]) == [""] * MOST_OF_SUB + ["quota"] * 5
    assert deal.say([deal.usage()]) == [""]


def test_what_another_entry_changes_is_asked_anew(served: Served) -> None:
    """A consent that replaces the old one has no more room than was left."""
    deal = Deal(served)
    assert deal.say([deal.usage() for _ in range(MOST - 2)]) == [""] * (MOST - 2)
    deal.consent = deal.sign(replaces=deal.consent)
    assert deal.say([deal.usage() for _ in range(4)]) == ["", "", "quota", "quota"]


def test_logged_usages_are_not_read_again(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    deal = Deal(served)
    read: list[int] = []
    whole = EntryCache.entry

    def entry(cache: EntryCache, index: int) -> Entry | None:
        read.append(index)
        return whole(cache, index)

    [first] = served.service.submit([raw(deal.usage())])
    assert isinstance(first, Logged)
    monkeypatch.setattr(EntryCache, "entry", entry)
    for wait in range(3):
        served.world.advance(f"{wait}s")
        assert deal.say([deal.usage() for _ in range(4)]) == [""] * 4
    assert [index for index in read if index >= first.index] == []
