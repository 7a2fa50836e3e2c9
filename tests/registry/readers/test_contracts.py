"""What a party has agreed to is found without reading what hangs on it, and nothing of it is missed."""

from __future__ import annotations

import pytest

from registry.log.record import LogRecord
from registry.readers.rights import Contracts
from tests.support.served import Served
from tests.support.world import Actor, Logged
from verifier.rules.model.record import Entry
from verifier.statements.types import Twin


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The entries that were looked at."""
    found: list[int] = []
    entry = LogRecord.entry

    def noted(record: LogRecord, index: int) -> Entry | None:
        found.append(index)
        return entry(record, index)

    monkeypatch.setattr(LogRecord, "entry", noted)
    return found


def twin_of(everything: list[Logged | Actor]) -> Logged:
    """The twin of a story."""
    [twin] = [one for one in everything if isinstance(one, Logged) and isinstance(one.statement, Twin)]
    return twin


def test_uses_and_payments_are_passed_over(served: Served, read: list[int]) -> None:
    world = served.world
    consent, everything = served.story()
    served.accept(*everything, *(world.usage(consent, assets=[f"{n}.jpg"]) for n in range(20)))
    anna, brand = (str(consent.statement.parties.role(role)) for role in ("model", "licensee"))
    served.accept(world.payment(consent, payee=world.actors[anna], amount=100))
    later = world.consent(model=world.actors[anna], licensee=world.actors[brand], twin=twin_of(everything))
    served.accept(later)
    contracts = Contracts()
    for party in (anna, brand):
        read.clear()
        found = [one.statement.id for one in contracts.of(served.service.record(), party)]
        assert found[-1] == later.id and consent.id in found
        assert len(read) < 20
    before = served.service.record()
    last = world.consent(model=world.actors[anna], licensee=world.actors[brand], twin=twin_of(everything))
    served.accept(world.usage(later, assets=["new.jpg"]), last)
    found.append(last.id)
    for record in (served.service.record(), before):
        list(contracts.of(record, brand))
    assert [one.statement.id for one in contracts.of(served.service.record(), brand)] == found
    assert list(contracts.used(served.service.record(), brand)) == []


def test_what_a_sublicensee_declared_under_is_found_by_its_first_use(served: Served, read: list[int]) -> None:
    world = served.world
    shop = world.party("shop", roles=["licensee"])
    story, everything = served.story()
    anna, brand = (world.actors[str(story.statement.parties.role(role))] for role in ("model", "licensee"))
    consent = world.consent(model=anna, licensee=brand, twin=twin_of(everything), sublicensees=[shop])
    uses = [world.usage(consent, assets=[f"{n}.jpg"], sublicensee=shop) for n in range(20)]
    served.accept(shop, *everything, consent, *uses)
    contracts = Contracts()
    read.clear()
    assert [one.statement.id for one in contracts.used(served.service.record(), shop.id)] == [consent.id]
    assert len(read) < 20
