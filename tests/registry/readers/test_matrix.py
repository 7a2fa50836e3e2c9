"""Every role x section x moment, against the table of protocol 8.2 written out once more; and every route, for leaks.

What a reader gets over HTTP is compared with what the page says that her role reads: nothing more, and nothing less.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from registry.readers.reader import STRANGER, Reader
from tests.support.asking import value
from tests.support.served import Served
from tests.support.signed_requests import app_at, asking_as
from tests.support.world import DAY, Actor, Logged


@dataclass(kw_only=True)
class Scene:
    """One model with a guardian for her sister, an agency, brands, and something of every kind."""

    served: Served
    actors: dict[str, Actor]
    made: dict[str, Logged]

    def reads(self, who: str) -> set[str]:
        """``name.section`` of all that somebody may read now."""
        actor = self.actors.get(who)
        reader = STRANGER if actor is None else Reader(party=actor.id)
        rights = self.served.service.readers.rights(reader)
        return {
            f"{name}.{section}"
            for name, made in self.made.items()
            for section in made.statement.sections
            if rights.may_see(made.statement, section)
        }


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    served = Served(tmp_path / "registry")
    world = served.world
    roles = {
        "anna": "model", "agency": "agency", "other_agency": "agency", "brand": "licensee", "rival": "licensee",
        "sub": "licensee", "maker": "maker", "fund": "fund", "union": "union", "arbiter": "arbiter", "holder": "holder",
    }  # fmt: skip
    actors = {name: world.party(name, roles=[role]) for name, role in roles.items()}
    served.accept(*actors.values())
    a = actors
    made = {f"{name}_party": served.entry(actor) for name, actor in actors.items()}
    made["mandate"] = world.mandate(model=a["anna"], agency=a["agency"])
    made["creation"] = world.creation(model=a["anna"], maker=a["maker"])
    made["twin"] = world.twin(a["anna"], creation=made["creation"])
    scope = {"countries": ["DE"], "channels": ["print"], "categories": ["1067"], "ends": "+90d"}
    made["first"] = world.consent(model=a["anna"], licensee=a["rival"], twin=made["twin"], exclusive=scope)
    splits = [
        {"payee": a["anna"], "kind": "model", "parts": 90},
        {"payee": a["fund"], "kind": "crew", "parts": 10},
    ]
    made["consent"] = world.consent(
        model=a["anna"], licensee=a["brand"], twin=made["twin"], union=a["union"], arbiter=a["arbiter"],
        sublicensees=[a["sub"]], money={"splits": splits},
    )  # fmt: skip
    served.accept(*(made[name] for name in ("mandate", "creation", "twin", "first", "consent")))
    world.advance(DAY)
    made["usage"] = world.usage(made["consent"], assets=["hero.jpg"])
    made["receipt"] = world.receipt(made["consent"], payee=a["anna"], amount=5)
    served.accept(made["usage"], made["receipt"])
    yield Scene(served=served, actors=actors, made=made)
    served.service.close()


USE = {"usage.terms"}
PAID = {"receipt.money", "receipt.evidence"}
EXPECTED: dict[str, set[str]] = {
    "anna": {
        "anna_party.person", "mandate.money", "creation.terms", "first.terms", "first.money", "first.exclusive",
        "consent.terms", "consent.money", *USE, *PAID,
    },
    "agency": {"agency_party.person", "mandate.money", "first.terms", "first.exclusive", "consent.terms", *USE},
    "other_agency": {"other_agency_party.person"},
    "brand": {"brand_party.person", "consent.terms", "consent.money", "first.exclusive", *USE, *PAID},
    "rival": {"rival_party.person", "first.terms", "first.money", "first.exclusive"},
    "sub": {"sub_party.person", "consent.terms"},
    "maker": {"maker_party.person", "creation.terms"},
    "fund": {"fund_party.person", "consent.terms", "consent.money", *USE},
    "union": {"union_party.person", "consent.terms", *USE},
    "arbiter": {"arbiter_party.person"},
    "holder": {"holder_party.person"},
    "nobody": set(),
}  # fmt: skip


@pytest.mark.parametrize("who", EXPECTED)
def test_a_role_reads_what_the_page_says(scene: Scene, who: str) -> None:
    assert scene.reads(who) == EXPECTED[who]


class TestMoments:
    def test_an_arbiter_reads_from_the_first_dispute(self, scene: Scene) -> None:
        world, made = scene.served.world, scene.made
        dispute = world.dispute(made["consent"], author=scene.actors["anna"], of=[made["usage"]], tag="unauthorised")
        scene.served.accept(dispute)
        assert scene.reads("arbiter") >= {"consent.terms", "consent.money", *USE, *PAID}

    def test_a_mandate_that_is_over_gives_nothing(self, scene: Scene) -> None:
        world = scene.served.world
        scene.served.accept(world.revocation(mandate=scene.made["mandate"]))
        world.advance(DAY)
        assert scene.reads("agency") == {"agency_party.person", "mandate.money"}

    def test_the_end_of_a_consent_ends_no_right_but_the_sublicensees(self, scene: Scene) -> None:
        world, before = scene.served.world, scene.reads("brand")
        scene.served.accept(world.revocation(consent=scene.made["consent"]))
        world.advance(100 * DAY)
        assert scene.reads("brand") == before
        assert scene.reads("sub") == {"sub_party.person"}

    def test_a_grant_passes_on_what_it_names_until_it_is_taken_back(self, scene: Scene) -> None:
        store, now = scene.served.service.readers.store, scene.served.service.now()
        brand, union = scene.actors["brand"].id, scene.actors["union"].id
        made = store.grant(brand, union, ["money"], now, now + DAY)
        assert made is not None
        assert scene.reads("union") == {*EXPECTED["union"], "consent.money", "receipt.money"}
        holder = scene.actors["holder"].id
        assert store.grant(union, holder, ["money"], now, now + DAY) is not None
        assert scene.reads("holder") == {"holder_party.person"}, "it is not passed on further"
        assert store.revoke(brand, made.id)
        assert scene.reads("union") == EXPECTED["union"]

    def test_a_registrar_reads_who_parties_are_and_nothing_else(self, scene: Scene) -> None:
        rights = scene.served.service.readers.rights(Reader(key="ab" * 32, is_registrar=True))
        seen = {
            f"{name}.{section}"
            for name, made in scene.made.items()
            for section in made.statement.sections
            if rights.may_see(made.statement, section)
        }
        assert seen == {f"{name}_party.person" for name in scene.actors}


@pytest.mark.parametrize("who", EXPECTED)
def test_no_route_gives_more(scene: Scene, who: str) -> None:
    """Entries and evidence hold the disclosures that the role reads; no other answer holds any."""
    client = asking_as(app_at(scene.served.service), scene.actors.get(who))
    texts = {
        f"{name}.{section}": text for name, made in scene.made.items() for section, text in made.disclosures.items()
    }
    given: set[str] = set()
    for name, made in scene.made.items():
        found = value(client.get(f"/entries/{made.id}").data)
        given |= {f"{name}.{section}" for section, text in made.disclosures.items() if text in found["disclosures"]}
    assert given == EXPECTED[who]
    consent, usage = scene.made["consent"], scene.made["usage"]
    paths = [f"/evidence/consent/{consent.id}", f"/evidence/usage/{usage.id}"]
    paths += [f"/evidence/party/{actor.id}" for actor in scene.actors.values()]
    paths += [f"/subjects/party:{actor.id}/feed" for actor in scene.actors.values()]
    paths += ["/reads", "/grants", "/witnesses", "/healthz", f"/subjects/consent:{consent.id}"]
    for path in paths:
        answer = client.get(path)
        leaked = {name for name, text in texts.items() if text.encode() in answer.data}
        assert leaked <= EXPECTED[who], path
        if who != "nobody" and path.startswith("/evidence"):
            assert (answer.headers["Cache-Control"], "ETag" in answer.headers) == ("no-store", False)


def test_a_asks_b_asks_erase_a_asks(scene: Scene) -> None:
    app, path = app_at(scene.served.service), f"/evidence/usage/{scene.made['usage'].id}"
    mine, theirs = asking_as(app, scene.actors["brand"]), asking_as(app, scene.actors["union"])
    first, second = mine.get(path).data, theirs.get(path).data
    scene.served.accept(scene.served.world.erasure(scene.made["usage"]))
    third = mine.get(path).data
    secret = scene.made["usage"].disclosures["terms"].encode()
    assert [secret in one for one in (first, second, third)] == [True, True, False]
    assert len({first, second, third}) == 3
