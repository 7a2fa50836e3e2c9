"""Every role x section x moment, against the table of protocol 8.2 written out once more; and every route, for leaks.

What a reader gets over HTTP is compared with what the page says that her role reads: nothing more, and nothing less.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from registry.readers.reader import STRANGER, Reader
from tests.support.asking import value
from tests.support.desk_clients import DeskCaller
from tests.support.served import Served
from tests.support.signed_requests import app_at, asking_as
from tests.support.world import DAY, Actor, Logged
from verifier.base import canonical
from verifier.base.strict import format_instant


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


@pytest.fixture
def desk(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What waits at the desk, by its id: a draft of the brand's for Anna, an option of the rival's on her, a report.
    All consents end soon enough to be told."""
    monkeypatch.setattr("registry.desk.renewals.STEPS", (3_660,))
    served, a = scene.served, scene.actors
    caller = DeskCaller(served)
    made = served.world.consent(model=a["anna"], licensee=a["brand"], twin=scene.made["twin"])
    draft = caller.proposes(a["brand"], made)
    now = served.world.now
    wish = {"about": "Bali", "ends": format_instant(now + 3 * DAY), "model": a["anna"].id,
            "starts": format_instant(now + DAY)}  # fmt: skip
    option = str(caller.does(a["rival"], "POST", "/options", wish)["id"])
    caller.does(a["anna"], "POST", f"/options/{option}/grant")
    caller.does(a["anna"], "POST", f"/{draft}/report", {"reason": "odd"})
    caller.does(a["anna"], "POST", "/blocks", {"party": a["holder"].id})
    return {"draft": draft, "option": option, "secret": next(iter(made.disclosures.values()))}


SEE_DRAFT, SEE_OPTION = {"anna", "brand"}, {"anna", "agency", "rival"}


@pytest.mark.parametrize("who", EXPECTED)
def test_the_desk_gives_no_more(scene: Scene, desk: dict[str, str], who: str) -> None:
    """Drafts to who must sign them, options to both sides; renewals and calendars by the table."""
    actor = scene.actors.get(who)
    client = asking_as(app_at(scene.served.service), actor)
    paths = ("", f"/{desk['draft']}", "/options", "/renewals", "/calendars", "/address", "/blocks", "/reports")
    answers = {path: client.get(f"/desk{path}") for path in paths}
    if actor is None:
        assert {answer.status_code for answer in answers.values()} == {422}
        assert not any(desk[name].encode() in one.data for one in answers.values() for name in ("option", "secret"))
        return
    assert (desk["draft"].encode() in answers[""].data) == (who in SEE_DRAFT)
    assert (answers[f"/{desk['draft']}"].status_code == 200) == (who in SEE_DRAFT)
    assert (desk["secret"].encode() in answers[f"/{desk['draft']}"].data) == (who in SEE_DRAFT)
    assert (desk["option"].encode() in answers["/options"].data) == (who in SEE_OPTION)
    assert (desk["option"].encode() in answers["/renewals"].data) == (who in SEE_OPTION)
    assert (desk["draft"].encode() in answers["/reports"].data) == (who == "anna")
    assert (scene.actors["holder"].id.encode() in answers["/blocks"].data) == (who == "anna")
    others = [one.data for path, one in answers.items() if path not in ("", f"/{desk['draft']}", "/reports")]
    assert not any(desk["draft"].encode() in data or desk["secret"].encode() in data for data in others)
    _check_agreed(scene, client, who, value(answers["/renewals"].data)["renewals"])


def _check_agreed(scene: Scene, client: FlaskClient, who: str, renewals: list[dict[str, str]]) -> None:
    """What ends, and when, is told of what she reads the terms of, and all of it only with the money."""
    named = {"sub": False}.get(who, True)  # a consent that lists her names her nowhere else, and is not looked up
    may = {name for name in ("first", "consent") if f"{name}.terms" in EXPECTED[who] and named}
    assert {one["id"] for one in renewals if one["kind"] == "consent"} == {scene.made[name].id for name in may}
    for name in may:
        [draft] = [one["draft"] for one in renewals if one["id"] == scene.made[name].id]
        wanted = {f"{name}.{section}" for section in scene.made[name].statement.sections}
        assert bool(draft) == (wanted <= EXPECTED[who]), name
    made = client.post("/desk/calendars", data=canonical.encode({"names": True}), content_type="application/json")
    file = asking_as(app_at(scene.served.service), None).get(value(made.data)["path"]).data.replace(b"\r\n ", b"")
    for kind, name, section in (
        ("consent", "first", "terms"), ("consent", "consent", "terms"), ("exclusive", "first", "exclusive"),
        ("use", "usage", "terms"),
    ):  # fmt: skip
        seen = f"{kind}-{scene.made[name].id}".encode() in file
        deal = "consent" if name == "usage" else name
        assert seen == (deal in may and f"{name}.{section}" in EXPECTED[who]), (kind, name)


def test_the_desk_forgets_with_the_right(scene: Scene, desk: dict[str, str]) -> None:
    """A mandate that is over gives no option, no renewal and no calendar; an erasure takes its deal out of them all."""
    served, agency = scene.served, scene.actors["agency"]
    caller = DeskCaller(served)
    path = caller.does(agency, "POST", "/calendars", {})["path"]
    first = scene.made["first"].id.encode()

    def calendar() -> bytes:
        return bytes(asking_as(caller.app, None).get(path).data).replace(b"\r\n ", b"")

    assert first in calendar() and desk["option"].encode() in calendar()
    assert caller.does(agency, "GET", "/options")["options"]
    served.accept(served.world.revocation(mandate=scene.made["mandate"]))
    served.world.advance(DAY // 2)
    assert first not in calendar() and desk["option"].encode() not in calendar()
    for kind, member in (("/options", "options"), ("/renewals", "renewals")):
        assert caller.does(agency, "GET", kind)[member] == []
    served.accept(served.world.erasure(scene.made["consent"]))
    for who in ("anna", "brand"):
        told = caller.does(scene.actors[who], "GET", "/renewals")["renewals"]
        assert scene.made["consent"].id not in [one["id"] for one in told]


def test_a_asks_b_asks_erase_a_asks(scene: Scene) -> None:
    app, path = app_at(scene.served.service), f"/evidence/usage/{scene.made['usage'].id}"
    mine, theirs = asking_as(app, scene.actors["brand"]), asking_as(app, scene.actors["union"])
    first, second = mine.get(path).data, theirs.get(path).data
    scene.served.accept(scene.served.world.erasure(scene.made["usage"]))
    third = mine.get(path).data
    secret = scene.made["usage"].disclosures["terms"].encode()
    assert [secret in one for one in (first, second, third)] == [True, True, False]
    assert len({first, second, third}) == 3
