"""A union's desk: what is wrong with its members' uses, and what a suspension stops before it is signed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from registry.metering import OWN
from registry.readers.reader_store import DAY
from registry.web.pages import reader_view, union
from tests.support.asking import opened, problem, value
from tests.support.english import english_in
from tests.support.handing_over import acts_in, carry_out, with_sign_url
from tests.support.served import Served
from tests.support.signed_requests import app_at, asking_as
from verifier.statements.types import SECTION_NAMES

PATHS = ("/union", "/union/consents")


class Members:
    """Anna lets her union read; Bea, whose consent names it, does not."""

    def __init__(self, served: Served) -> None:
        world = served.world
        self.served = served
        self.anna = world.party("anna", roles=["model"], called={"name": "Anna"})
        self.bea = world.party("bea", roles=["model"], called={"name": "Bea"})
        self.kaca = world.party("kaca", roles=["licensee"], called={"name": "Kaca", "public": True})
        self.union = world.party("union", roles=["union"], called={"name": "Serikat", "public": True})
        self.maker = world.party("maker", roles=["maker"])
        served.accept(self.anna, self.bea, self.kaca, self.union, self.maker)
        self.consents = {}
        for name, model in (("anna", self.anna), ("bea", self.bea)):
            creation = world.creation(model=model, maker=self.maker)
            twin = world.twin(model, creation=creation)
            consent = world.consent(
                model=model, licensee=self.kaca, twin=twin, union=self.union, terms={"sell_off": 3 * DAY},
                money={"fees": [{"per": "use", "amount": 10_000}]},
            )  # fmt: skip
            served.accept(creation, twin, consent)
            self.consents[name] = consent
        now = served.service.now()
        granted = served.service.readers.store.grant(
            self.anna.id, self.union.id, sorted(SECTION_NAMES), now, now + 100 * DAY
        )
        assert granted is not None
        self.open()

    def open(self) -> None:
        self.app: Flask = app_at(self.served.service)
        self.client = asking_as(self.app, self.union)

    def ask(self, path: str) -> Any:
        return value(self.client.get(path).data)


@pytest.fixture
def members(served: Served) -> Members:
    return Members(served)


class TestExceptions:
    def test_those_of_members_who_granted_it_and_of_nobody_else(self, members: Members) -> None:
        world, served = members.served.world, members.served
        hers = world.usage(members.consents["anna"], assets=["a.jpg"], terms={"countries": ["DE"]})
        denied = world.usage(members.consents["anna"], assets=["b.jpg"], terms={"channels": ["ctv"]})
        others = world.usage(members.consents["bea"], assets=["c.jpg"], terms={"channels": ["ctv"]})
        served.accept(hers, denied, others)
        found = members.ask("/union.json")
        assert [(one["kind"], one["use"]["usage"]) for one in found["found"]] == [("unauthorised", denied.id)]
        assert (found["looked"], found["uses"], [one["person"]["name"] for one in found["members"]]) == (2, 2, ["Anna"])
        assert "<bdi>Anna</bdi>" in members.client.get("/union").text

    def test_what_is_due_and_did_not_come(self, members: Members) -> None:
        world, served = members.served.world, members.served
        served.accept(world.usage(members.consents["anna"], assets=["a.jpg"]))
        world.advance("40d")
        served.accept(world.party("later", roles=["licensee"]))  # answers are as of the last seal
        assert [one["kind"] for one in members.ask("/union.json")["found"]] == ["unpaid"]
        served.accept(world.receipt(members.consents["anna"], payee=members.anna, amount=4_000))
        assert [one["kind"] for one in members.ask("/union.json")["found"]] == ["late"]
        served.accept(world.receipt(members.consents["anna"], payee=members.anna, amount=6_000, reference="SECOND"))
        assert members.ask("/union.json")["found"] == []

    def test_nobody_granted_anything(self, members: Members) -> None:
        store = members.served.service.readers.store
        [given], _ = store.grants(members.anna.id, members.served.service.now())
        assert store.revoke(members.anna.id, given.id)
        found = members.ask("/union.json")
        assert (found["found"], found["uses"], found["members"]) == ([], 0, [])
        assert "Nobody lets you read her record yet." in members.client.get("/union").text

    def test_goes_on_where_it_stopped(self, members: Members) -> None:
        served, world = members.served, members.served.world
        served.accept(*[
            world.usage(members.consents["anna"], assets=[f"{n}.jpg"], terms={"channels": ["ctv"]}) for n in range(30)
        ])  # fmt: skip
        first = members.ask("/union.json")
        assert (first["looked"], first["before"], len(first["found"])) == (25, 5, 25)
        then = members.ask(f"/union.json?before={first['before']}")
        assert (then["looked"], len(then["found"])) == (5, 5) and "before" not in then
        problem(members.client.get("/union?before=x"), 400, "question_malformed")

    def test_a_page_ends_where_its_time_is_over(self, members: Members, monkeypatch: pytest.MonkeyPatch) -> None:
        served, world = members.served, members.served.world
        served.accept(*[
            world.usage(members.consents["anna"], assets=[f"{n}.jpg"], terms={"channels": ["ctv"]}) for n in range(3)
        ])  # fmt: skip
        monkeypatch.setattr(union, "BUDGET", 0)
        found = [members.ask("/union.json")]
        while "before" in found[-1]:
            found.append(members.ask(f"/union.json?before={found[-1]['before']}"))
        assert [one["looked"] for one in found] == [1, 1, 1], "each page looks at one at least, and so they end"
        assert len({row["use"]["usage"] for one in found for row in one["found"]}) == 3

    def test_a_page_ends_where_one_request_has_read_its_most(
        self, members: Members, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        served, world = members.served, members.served.world
        served.accept(*[
            world.usage(members.consents["anna"], assets=[f"{n}.jpg"], terms={"channels": ["ctv"]}) for n in range(12)
        ])  # fmt: skip
        monkeypatch.setattr(reader_view, "OWN", replace(OWN, lists=16))
        found = [members.ask("/union.json")]
        while "before" in found[-1]:
            found.append(members.ask(f"/union.json?before={found[-1]['before']}"))
        assert len(found) > 1 and sum(one["looked"] for one in found) == 12
        assert len({row["use"]["usage"] for one in found for row in one["found"]}) == 12
        monkeypatch.setattr(reader_view, "OWN", replace(OWN, lists=1))
        problem(members.client.get("/union?before=11"), 413, "evidence_too_large")


class TestSuspension:
    def test_what_it_stops_is_shown_first(self, members: Members) -> None:
        world = members.served.world
        use = world.usage(members.consents["anna"], assets=["a.jpg"])
        members.served.accept(use)
        listed = members.ask("/union/consents.json")["deals"]["rows"]
        assert {one["consent"] for one in listed} == {one.id for one in members.consents.values()}
        path = f"/union/consents/{members.consents['anna'].id}/suspend"
        found = members.ask(f"{path}.json")
        assert [one["use"]["usage"] for one in found["stops"]] == [use.id] and found["may"]
        page = opened(members.client, f"{path}?ground=strike").text
        assert "Ground: strike." in page
        draft = opened(members.client, f"{path}/draft?ground=strike")
        assert 'ground = "strike"' in draft.text and members.consents["anna"].id in draft.text

    def test_is_handed_over_and_takes_effect(self, members: Members) -> None:
        with_sign_url(members.served)
        members.open()
        path = f"/union/consents/{members.consents['bea'].id}/suspend"
        [act] = acts_in(members.client.get(path).text)
        [answer] = carry_out(members.app, members.union, act)
        assert answer.status_code == 200, answer.data
        found = members.ask(f"{path}.json")
        assert found["deal"]["state"] == "suspended" and not found["may"] and "act" not in found

    def test_only_what_names_it(self, members: Members) -> None:
        world = members.served.world
        other = world.consent(model=members.anna, licensee=members.kaca)
        members.served.accept(other)
        problem(members.client.get(f"/union/consents/{other.id}/suspend"), 404, "not_found")
        problem(members.client.post(f"/union/consents/{other.id}/suspend/draft"), 404, "not_found")
        path = f"/union/consents/{members.consents['anna'].id}/suspend"
        problem(opened(members.client, f"{path}?ground=boredom"), 400, "question_malformed")


def test_is_a_unions(members: Members) -> None:
    for path in PATHS:
        problem(asking_as(members.app, members.kaca).get(path), 404, "not_found")
        problem(members.app.test_client().get(path), 422, "refused")


def test_speaks_indonesian(members: Members) -> None:
    members.served.accept(
        members.served.world.usage(members.consents["anna"], assets=["a.jpg"], terms={"channels": ["ctv"]})
    )
    for path in (*PATHS, f"/union/consents/{members.consents['anna'].id}/suspend"):
        answer = opened(members.client, f"{path}?language=id")
        assert answer.status_code == 200 and english_in(answer.text) == {}, path
