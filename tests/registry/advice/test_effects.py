"""What a revocation would do: whom it reaches, from when on, which uses go, what stays due."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from registry.advice.dry_run import DryRun
from registry.advice.effects import Effect
from tests.support.served import Served, raw
from tests.support.world import DAY, Actor, Logged, World
from verifier.rules.model.results import Result


class Deal:
    """A model, a brand, and whatever they agree on."""

    def __init__(self, served: Served) -> None:
        self.served, world = served, served.world
        self.anna, self.brand = world.party("anna", roles=["model"]), world.party("brand", roles=["licensee"])
        self.agency, maker = world.party("agency", roles=["agency"]), world.party("maker", roles=["maker"])
        self.creation = world.creation(model=self.anna, maker=maker)
        self.twin, self.other = (world.twin(self.anna, creation=self.creation) for _ in range(2))
        self.mandate = world.mandate(model=self.anna, agency=self.agency)
        made: list[Logged | Actor] = [
            self.anna, self.brand, self.agency, maker, self.creation, self.twin, self.other, self.mandate,
        ]  # fmt: skip
        served.accept(*made)

    @property
    def world(self) -> World:
        return self.served.world

    def agree(self, twin: Logged | None = None, terms: dict[str, Any] | None = None, **more: Any) -> Logged:
        made = self.world.consent(
            model=self.anna, licensee=self.brand, twin=twin or self.twin, terms=terms or {},
            money={"fees": [{"per": "use", "amount": 5_000}]}, **more,
        )  # fmt: skip
        self.served.accept(made)
        return made

    def use(self, consent: Logged, ends: str, starts: str = "+0d") -> Logged:
        made = self.world.usage(consent, [f"{consent.id}{ends}"], terms={"starts": starts, "ends": ends})
        self.served.accept(made)
        return made

    def tried(self, **target: Any) -> DryRun:
        found = self.served.service.dry_run(raw(self.world.revocation(**target)), None)
        assert isinstance(found, DryRun)
        return found

    def asked(self, **target: Any) -> tuple[Effect, ...]:
        found = self.tried(**target)
        assert found.admitted, found.cures
        return found.effects


@pytest.fixture
def deal(tmp_path: Path) -> Iterator[Deal]:
    served = Served(tmp_path / "registry")
    yield Deal(served)
    served.service.close()


def test_which_uses_go_and_which_have_ended_by_then(deal: Deal) -> None:
    consent = deal.agree(terms={"notice": 2 * DAY})
    gone, ends_first, planned = deal.use(consent, "+9d"), deal.use(consent, "+1d"), deal.use(consent, "+40d", "+30d")
    [effect] = deal.asked(consent=consent)
    now = deal.world.now
    assert (effect.takes_effect, effect.notice, effect.already) == (now + 2 * DAY, 2 * DAY, False)
    pulled = {use.usage.id: use.pull_at for use in effect.uses if use.pull_at is not None}
    assert pulled == {gone.id: now + 2 * DAY, planned.id: now + 2 * DAY}
    owed = {use.usage.id: sum(line.outstanding for line in use.paid.payees) for use in effect.uses}
    assert owed == {gone.id: 5_000, ends_first.id: 5_000, planned.id: 5_000}


def test_what_is_paid_and_over_is_not_listed(deal: Deal) -> None:
    consent = deal.agree()
    deal.use(consent, "+1d")
    deal.served.accept(deal.world.receipt(consent, payee=deal.anna, amount=5_000))
    deal.world.advance("3d")
    [effect] = deal.asked(consent=consent)
    assert effect.uses == ()


@pytest.mark.parametrize(("ends", "pulled"), [("+30d", 7), ("+4d", 4)])
def test_a_sell_off_lasts_no_longer_than_the_use(deal: Deal, ends: str, pulled: int) -> None:
    consent = deal.agree(terms={"sell_off": 7 * DAY})
    deal.use(consent, ends)
    [effect] = deal.asked(consent=consent)
    assert [use.pull_at for use in effect.uses] == [deal.world.now + pulled * DAY]


def test_no_notice_in_the_european_union(deal: Deal) -> None:
    consent = deal.agree(terms={"notice": 5 * DAY, "profile": "eu"})
    [effect] = deal.asked(consent=consent)
    assert (effect.takes_effect, effect.notice) == (deal.world.now, 0)


def test_it_reaches_what_the_consent_replaced(deal: Deal) -> None:
    first = deal.agree()
    running = deal.use(first, "+30d")
    second = deal.agree(replaces=first)
    found = {effect.consent.id: effect for effect in deal.asked(consent=second)}
    assert set(found) == {first.id, second.id}
    assert [use.usage.id for use in found[first.id].uses] == [running.id]
    assert {effect.consent.id for effect in deal.asked(consent=first)} == {first.id}


def test_a_twin_or_its_making(deal: Deal) -> None:
    one, two = deal.agree(), deal.agree(twin=deal.other)
    assert [effect.consent.id for effect in deal.asked(twin=deal.twin)] == [one.id]
    assert {effect.consent.id for effect in deal.asked(consent=deal.creation)} == {one.id, two.id}


@pytest.mark.parametrize("release", [None, 3 * DAY])
def test_a_release_ends_the_exclusivity_alone(deal: Deal, release: int | None) -> None:
    """As long after it is logged as the consent says, whatever its notice; where it says nothing, it does nothing."""
    consent = deal.agree(
        terms={"notice": 9 * DAY}, exclusive={"notice": 8 * DAY, **({} if release is None else {"release": release})}
    )
    deal.use(consent, "+30d")
    target: dict[str, Any] = {"consent": consent, "ground": "unpaid", "members": {"part": "exclusive"}}
    if release is None:
        assert deal.tried(**target).effects == ()
        return
    [effect] = deal.asked(**target)
    assert (effect.part, effect.takes_effect, effect.uses) == ("exclusive", deal.world.now + release, ())
    assert effect.notice == release and not effect.already
    assert effect.to_json()["part"] == "exclusive"
    deal.served.accept(deal.world.revocation(**target))
    [again] = deal.tried(**target).effects
    assert again.already


def test_a_mandate_ends_no_consent(deal: Deal) -> None:
    deal.agree(under=deal.mandate)
    assert deal.asked(mandate=deal.mandate) == ()


def test_a_second_one_changes_nothing_more(deal: Deal) -> None:
    consent = deal.agree()
    use = deal.use(consent, "+30d")
    deal.served.accept(deal.world.revocation(consent=consent, effective="+5d"))
    again = deal.tried(consent=consent, effective="+9d")
    assert [row.code for row in again.admission if row.result is Result.FAIL] == ["no_effect"]
    [later] = again.effects
    assert later.already and [one.pull_at for one in later.uses if one.usage.id == use.id] == [None]
    [sooner] = deal.asked(consent=consent, effective="+2d")
    assert not sooner.already and [one.pull_at for one in sooner.uses] == [deal.world.now + 2 * DAY]
