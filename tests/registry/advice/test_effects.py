"""What a revocation would do: whom it reaches, from when on, which uses go, what stays due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from registry.advice.dry_run import DryRun
from registry.advice.effects import Effect
from registry.intake.submission import format_submission, parse_submission
from registry.readers.reader import Reader
from tests.support.served import Served, raw
from tests.support.world import DAY, Actor, Logged, World
from verifier.rules.model.results import Result


def unsigned(made: Logged) -> bytes:
    """A submission of a statement without its signatures."""
    return format_submission(replace(parse_submission(raw(made)), signatures=()))


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

    def agree(
        self, twin: Logged | None = None, terms: dict[str, Any] | None = None, money: dict[str, Any] | None = None,
        **more: Any,
    ) -> Logged:  # fmt: skip
        made = self.world.consent(
            model=self.anna, licensee=self.brand, twin=twin or self.twin, terms=terms or {},
            money={"fees": [{"per": "use", "amount": 5_000}], **(money or {})}, **more,
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

    def asked_by(self, asker: Actor, made: Logged) -> DryRun:
        """What a party is told that asks with its own key about a statement that nobody has signed."""
        reader = Reader(party=asker.id, key=asker.keys[0].public.hex())
        found = self.served.service.dry_run(unsigned(made), self.served.service.readers.rights(reader))
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


# ---- what the consent itself owes

EVERY_MONTH = {"per": "flat", "amount": 100, "owed": "every", "months": 1}


def owed(effect: Effect) -> tuple[int, list[int]]:
    """What the consent owes itself now, and what arises later."""
    assert effect.paid is not None
    return sum(line.outstanding for line in effect.paid.payees), [line.amount for line in effect.later]


def test_dates_go_on_until_the_notice_has_run(deal: Deal) -> None:
    """Of five dates one has come; in the notice of 40 days falls one more."""
    consent = deal.agree(terms={"notice": 40 * DAY, "ends": "+140d"}, money={"fees": [EVERY_MONTH]})
    [effect] = deal.asked(consent=consent)
    assert owed(effect) == (100, [100])
    assert "later" in str(effect.to_json())
    other = deal.agree(terms={"ends": "+140d"}, money={"fees": [EVERY_MONTH]})
    assert owed(deal.asked(consent=other)[0]) == (0, []), "a date that is the stop's is not owed"
    deal.world.advance("1d")
    assert owed(deal.asked(consent=other)[0]) == (100, [])


def test_what_falls_away_of_a_fee_for_the_whole_term(deal: Deal) -> None:
    """Ten days of a hundred have run when it takes effect."""
    fee = {"per": "flat", "amount": 1_000, "owed": "signed", "rata": True}
    consent = deal.agree(terms={"notice": 10 * DAY, "starts": "+0d", "ends": "+100d"}, money={"fees": [fee]})
    [effect] = deal.asked(consent=consent)
    assert owed(effect) == (1_000, [-900])
    assert [line.at for line in effect.later] == [deal.world.now + 10 * DAY]


@pytest.mark.parametrize("notice", [None, 40 * DAY])
def test_the_licensee_asks_about_its_own_revocation(deal: Deal, notice: int | None) -> None:
    """It needs no notice, its dates go on, or a break ends them and a kill fee is owed; the model's does neither."""
    fees = [EVERY_MONTH, {"per": "flat", "amount": 7, "owed": "break"}]
    break_ = {} if notice is None else {"break": {"notice": notice}}
    if notice is None:
        fees.pop()
    consent = deal.agree(terms={"notice": 9 * DAY, "ends": "+140d"}, money={"fees": fees, **break_})
    use = deal.use(consent, "+60d")
    made = deal.world.revocation(consent=consent)
    found = deal.asked_by(deal.brand, made)
    assert {row.rule for row in found.admission if row.result is Result.FAIL} == {"A1"} and not found.admitted
    [hers] = found.effects
    assert (hers.notice, hers.takes_effect) == (0, deal.world.now)
    assert [one.pull_at for one in hers.uses if one.usage.id == use.id] == [deal.world.now]
    assert owed(hers) == ((100, [100] * 4) if notice is None else (107, [100]))
    [model] = deal.asked_by(deal.anna, made).effects
    assert (model.notice, model.takes_effect) == (9 * DAY, deal.world.now + 9 * DAY)
    assert owed(model) == (100, [])


def test_a_release_leaves_what_is_for_the_exclusivity_until_then(deal: Deal) -> None:
    fee = {**EVERY_MONTH, "for": "exclusive"}
    consent = deal.agree(terms={"ends": "+140d"}, money={"fees": [fee]}, exclusive={"release": 40 * DAY})
    [effect] = deal.asked(consent=consent, ground="unpaid", members={"part": "exclusive"})
    assert owed(effect) == (100, [100])


def test_what_a_use_owes_is_apart_from_what_its_consent_does(deal: Deal) -> None:
    """So that a sum over all lines counts nothing twice."""
    fees = [{"per": "use", "amount": 5_000}, {"per": "flat", "amount": 1, "owed": "signed"}]
    consent = deal.agree(money={"fees": fees})
    deal.use(consent, "+9d"), deal.use(consent, "+8d")
    [effect] = deal.asked(consent=consent)
    assert {line.of for use in effect.uses for line in use.paid.payees} == {"usage"}
    assert owed(effect) == (1, [])
