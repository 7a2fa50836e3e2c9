"""Every role x section x moment, against the table of protocol 8.2 written out once more; and every route, for leaks.

What a reader gets over HTTP is compared with what the page says that her role reads: nothing more, and nothing less.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from registry.readers.reader import STRANGER, Reader
from registry.web.routes import ROUTES, Caller
from tests.support.asking import value
from tests.support.desk_clients import DeskCaller
from tests.support.papers import text_of
from tests.support.served import Served, raw
from tests.support.session_browsers import SITE, signed_in
from tests.support.signed_requests import app_at, asking_as
from tests.support.world import DAY, Actor, Logged, file
from verifier.base import canonical
from verifier.base.errors import Malformed
from verifier.base.strict import format_instant
from verifier.evidence.find_disclosures import disclosures_in
from verifier.statements.disclosure import parse_disclosure
from verifier.statements.envelope import parse_envelope


@dataclass(kw_only=True)
class Scene:
    """One model with a guardian for her sister, an agency, brands, and something of every kind."""

    served: Served
    actors: dict[str, Actor]
    made: dict[str, Logged]
    draft: Logged | None = None
    """What waits on the desk for its signers, if anything does."""

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
    made["first"] = world.consent(
        model=a["anna"], licensee=a["rival"], twin=made["twin"], exclusive=scope,
        terms={"description": "What the rival does, of which the brand knows nothing."},
    )  # fmt: skip
    splits = [
        {"payee": a["anna"], "kind": "model", "parts": 90},
        {"payee": a["fund"], "kind": "crew", "parts": 10},
    ]
    made["consent"] = world.consent(
        model=a["anna"], licensee=a["brand"], twin=made["twin"], union=a["union"], arbiter=a["arbiter"],
        sublicensees=[a["sub"]], money={"splits": splits, "fees": [{"per": "use", "amount": 7_654_321}]},
        terms={"description": "What the brand does, of which the rival knows nothing."},
    )  # fmt: skip
    served.accept(*(made[name] for name in ("mandate", "creation", "twin", "first", "consent")))
    world.advance(DAY)
    made["usage"] = world.usage(made["consent"], assets=["hero.jpg"])
    made["receipt"] = world.receipt(made["consent"], payee=a["anna"], amount=5)
    served.accept(made["usage"], made["receipt"])
    yield Scene(served=served, actors=actors, made=made)
    served.service.close()


SIGNERS = ("anna", "brand")
"""Who has to sign the draft, and is shown it."""
DRAFT = {"draft.terms", "draft.money"}
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


@pytest.fixture
def whole(scene: Scene) -> Scene:
    """The scene, and a draft of the brand's that waits for Anna."""
    words = {"description": "What the brand would like to do, which nobody has agreed to."}
    anna, brand = scene.actors["anna"], scene.actors["brand"]
    scene.draft = scene.served.world.consent(model=anna, licensee=brand, twin=scene.made["twin"], terms=words)
    DeskCaller(scene.served).proposes(brand, scene.draft)
    return scene


def paths(scene: Scene) -> dict[str, list[str]]:
    """Every call of the table that is a GET, asked about all that there is in the scene; and every form of a page."""
    made, actors, world = scene.made, scene.actors, scene.served.world
    assert scene.draft is not None
    ids = [one.id for one in made.values()]
    parties = [f"party:{actor.id}" for actor in actors.values()]
    subjects = [*parties, *(f"consent:{made[name].id}" for name in ("creation", "first", "consent"))]
    plan = f"twin={made['twin'].id}&starts={format_instant(world.now + DAY)}&ends={format_instant(world.now + 9 * DAY)}"
    about = [f"party/{actor.id}" for actor in actors.values()]
    about += [f"consent/{made[name].id}" for name in ("creation", "first", "consent")]
    about += [f"usage/{made['usage'].id}", f"asset/{file('hero.jpg')}"]
    size = scene.served.service.published.checkpoint.size
    pages = ["/", "/home.json", "/sign-in", "/sign-in.json"]
    pages += ["/lookup", "/lookup.json", f"/lookup?sha256={file('hero.jpg')}"]
    found = {
        "entry": [f"/entries/{id}" for id in ids],
        "clashes": [f"/clashes?{plan}&brand={actors[one].id}" for one in ("brand", "rival", "sub")],
        "subject": [f"/subjects/{one}" for one in subjects],
        "feed": [f"/subjects/{one}/feed" for one in subjects],
        "inclusion": [f"/proofs/inclusion?index={size - 1}"],
        "consistency": ["/proofs/consistency?old=1"],
        "index": ["/index", "/index?bits=0&prefix="],
        "evidence": [f"/evidence/{one}" for one in about],
        "session": ["/session"], "reads": ["/reads"], "grants": ["/grants"],
        "desk": ["/desk"], "desk_show": [f"/desk/{scene.draft.id}"], "desk_reports": ["/desk/reports"],
        "desk_picture": [f"/desk/{scene.draft.id}/files/{file('hero.jpg')}"],
        "desk_blocks": ["/desk/blocks"], "options": ["/desk/options"], "calendars": ["/desk/calendars"],
        "renewals": ["/desk/renewals"], "address": ["/desk/address"],
        "invitations": ["/invitations"], "lockers": ["/lockers"], "locker": [f"/lockers/{'ab' * 32}"],
        "calendar": [f"/calendar/{'ab' * 32}.ics"],
        "checkpoint": ["/checkpoint"], "newest": ["/checkpoint/newest"], "policy": ["/trust.policy"],
        "tile": [f"/tile/entries/000.p/{size}"], "witnesses": ["/witnesses"], "health": ["/healthz"],
    }  # fmt: skip
    use, consent, receipt = made["usage"].id, made["consent"].id, made["receipt"].id
    filled = {
        "draft": scene.draft.id, "submission": use, "model_consent": consent, "model_withdraw": consent,
        "withdraw_draft": consent, "union_suspend": consent, "suspend_draft": consent, "registrar_enrolment": consent,
        "model_payment": receipt, "payment_draft": receipt, "model_use": use, "brand_use": use,
    }  # fmt: skip
    papers = [f"statement/{actor.id}" for actor in actors.values()]
    papers += [f"{kind}/{made[name].id}" for kind in ("memo", "overdue") for name in ("creation", "first", "consent")]
    papers += [f"certificate/{use}?ask=authorised", f"certificate/{use}", f"draft/{scene.draft.id}"]
    found["paper"] = [f"/paper/{one}" for one in papers]
    owed = f"consent={consent}&payee={actors['anna'].id}"
    for name, path in (("brand_pay", "/brand/pay"), ("brand_pay_json", "/brand/pay.json")):
        found[name] = [path, f"{path}?{owed}"]
        found[name.replace("pay", "pay_filled")] = [f"{path}?{owed}"]
    found["brand_pay_draft"] = [f"/brand/pay/draft?{owed}"]
    for route in ROUTES:
        if route.name in (*ASKED, *FORMS) and route.name not in found:
            id = filled.get(route.name.removesuffix("_json").removesuffix("_filled"), "")
            assert id or "<id>" not in route.path, f"no id fills {route.path}"
            found[route.name] = [one for one in pages if one.split("?")[0] == route.path]
            found[route.name] += [re.sub("<.*?>", id or "none", route.path)]
    return found


ASKED = {route.name for route in ROUTES if route.method == "GET"}
FORMS = {route.name for route in ROUTES if route.method == "POST" and route.caller is Caller.READER}
"""Forms of pages, which change nothing. None is filled in whole."""
FORM = {"sent": "yes"}


def secrets(scene: Scene) -> dict[str, set[bytes]]:
    """What can be known by: each section's disclosure, and the words and numbers that stand in it and nowhere else."""
    assert scene.draft is not None
    sections = {
        f"{name}.{section}": (text, set(leaves(parse_disclosure(text).value)))
        for name, made in {**scene.made, "draft": scene.draft}.items()
        for section, text in made.disclosures.items()
    }
    public = b"".join(parse_envelope(made.leaf).payload for made in (*scene.made.values(), scene.draft))
    counted = Counter(one for _, words in sections.values() for one in words)
    return {
        name: {text.encode(), *(one for one in words if counted[one] == 1 and one not in public)}
        for name, (text, words) in sections.items()
    }


def leaves(value: Any) -> Iterator[bytes]:
    """The strings and numbers in a section that are long enough to be told from others."""
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from leaves(one)
    elif len(str(value)) > 5 and not isinstance(value, bool):
        yield str(value).encode()


def opened(data: bytes) -> Iterator[bytes]:
    """What the disclosures in an answer say. A signature may look like one by chance, and is none."""
    for text in disclosures_in(data):
        with suppress(Malformed):
            yield canonical.encode(dict(parse_disclosure(text).value))


@pytest.mark.parametrize("how", ["signature", "session"])
@pytest.mark.parametrize("who", EXPECTED)
def test_no_route_gives_more(whole: Scene, who: str, how: str) -> None:
    """Entries and evidence hold the sections that the role reads; no answer of any call holds a word of another."""
    scene = whole
    actor = scene.actors.get(who)
    client = asking_as(app_at(scene.served.service), actor)
    browser = None if how == "signature" or actor is None else signed_in(app_at(scene.served.service, SITE), actor)

    def ask(path: str, method: str = "GET") -> TestResponse:
        more: dict[str, Any] = {} if method == "GET" else {"data": FORM}
        return client.open(path, method=method, **more) if browser is None else browser.ask(method, path, **more)

    hidden = secrets(scene)
    given: set[str] = set()
    for name, made in scene.made.items():
        found = value(ask(f"/entries/{made.id}").data)
        given |= {f"{name}.{section}" for section, text in made.disclosures.items() if text in found["disclosures"]}
    assert given == EXPECTED[who]
    asked = paths(scene)
    assert asked.keys() == ASKED | FORMS
    for name, path in ((name, path) for name, some in asked.items() for path in some):
        answer = ask(path, "POST" if name in FORMS else "GET")
        fine = (200, 303, 304, 404, 422, *((409,) if path.startswith("/paper") else ()))
        fine += (400,) if name in FORMS else ()
        assert answer.status_code in fine, (path, answer.status_code, answer.data[:300])
        text = b"\n".join([answer.data, *opened(answer.data)])
        if answer.data.startswith(b"%PDF-"):
            text += text_of(answer.data).encode()
        leaked = {name for name, words in hidden.items() if any(one in text for one in words)}
        assert leaked <= EXPECTED[who] | (DRAFT if who in SIGNERS else set()), path
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
    may = {name for name in ("first", "consent") if f"{name}.terms" in EXPECTED[who]}
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


@pytest.mark.parametrize("who", EXPECTED)
def test_no_refusal_says_more(whole: Scene, who: str) -> None:
    """What changes something, and dry runs of others' statements, answered with a word of what she may not read?"""
    scene = whole
    assert scene.draft is not None
    client, hidden = asking_as(app_at(scene.served.service), scene.actors.get(who)), secrets(scene)
    changes = [route for route in ROUTES if route.method != "GET" and route.name != "submit"]
    for route in changes:
        for id in (scene.draft.id, scene.made["consent"].id):
            answer = client.open(route.path.replace("<id>", id), method=route.method)
            leaked = {name for name, words in hidden.items() if any(one in answer.data for one in words)}
            assert leaked <= EXPECTED[who] | (DRAFT if who in SIGNERS else set()), route.path
    world, made = scene.served.world, scene.made
    plan = world.consent(model=scene.actors["anna"], licensee=scene.actors["brand"], twin=made["twin"],
                         exclusive={"countries": ["DE"], "channels": ["print"], "categories": ["1067"], "ends": "+9d"},
                         )  # fmt: skip
    for one in (plan, world.usage(made["first"], assets=["b"]), world.usage(made["consent"], assets=["c"])):
        for query in ("?dry_run=true", "?require=yes") if who != "brand" else ("?dry_run=true",):
            answer = client.post(f"/entries{query}", data=raw(one), content_type="application/json")
            sent = {word for text in one.disclosures.values() for word in leaves(parse_disclosure(text).value)}
            leaked = {name for name, words in hidden.items() if any(word in answer.data for word in words - sent)}
            assert leaked <= EXPECTED[who], (query, one)


def test_a_asks_b_asks_erase_a_asks(scene: Scene) -> None:
    app, path = app_at(scene.served.service), f"/evidence/usage/{scene.made['usage'].id}"
    mine, theirs = asking_as(app, scene.actors["brand"]), asking_as(app, scene.actors["union"])
    first, second = mine.get(path).data, theirs.get(path).data
    scene.served.accept(scene.served.world.erasure(scene.made["usage"]))
    third = mine.get(path).data
    secret = scene.made["usage"].disclosures["terms"].encode()
    assert [secret in one for one in (first, second, third)] == [True, True, False]
    assert len({first, second, third}) == 3
