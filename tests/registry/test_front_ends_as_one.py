"""Two front ends of one registry: whatever a reader or a signer does at one of them counts at the other."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from registry.config import load
from registry.desk.pending import DeskRefusal
from registry.enrolling.invitations import Invitations, invitation_id
from registry.front import FrontService
from registry.web.app import create_app
from registry.web.auth.nonces import KeptNonces
from tests.support.asking import problem, value
from tests.support.buckets import Buckets
from tests.support.clusters import Cluster
from tests.support.desk_clients import Deal, DeskCaller, marks
from tests.support.served import Served
from tests.support.session_browsers import SITE, Browser
from tests.support.shared_registry import Candidate, SharedRegistry, until
from tests.support.signed_requests import app_at, asking_as
from verifier.base import canonical
from verifier.base.strict import format_instant
from verifier.programs.request_signing import RequestSigner

DAY = 86_400


class FrontServed(Served):
    """A front end as tests have the registry of a folder."""

    def __init__(self, registry: SharedRegistry, front: FrontService) -> None:
        self.root, self.world, self.service = front.config.root, registry.world, front


class Pair:
    """``deal`` stands at the first front end, ``desks`` are those of both, ``apps`` too."""

    def __init__(self, registry: SharedRegistry, sequencer: Candidate, stack: ExitStack) -> None:
        self.registry, self.sequencer = registry, sequencer
        self.fronts = [self._front(stack) for _ in range(2)]
        self.apps: list[Flask] = [create_app(one) for one in self.fronts]
        served = [FrontServed(registry, one) for one in self.fronts]
        self.deal = Deal(served[0], self.apps[0])
        self.desks = [DeskCaller(one, app) for one, app in zip(served, self.apps, strict=True)]
        self.settle()

    def _front(self, stack: ExitStack) -> FrontService:
        config = replace(load(self.registry.machine(key=False)), served=("http://localhost", SITE))
        return stack.enter_context(FrontService(config, clock=lambda: self.registry.world.now))

    def settle(self) -> None:
        """Until both show the same."""
        until(lambda: self.fronts[0].published.checkpoint == self.fronts[1].published.checkpoint, "they differ")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster, buckets: Buckets) -> Iterator[Pair]:
    registry = SharedRegistry(Path(tmp_path_factory.mktemp("machines")), cluster, buckets)
    sequencer = registry.candidate(registry.first)
    with ExitStack() as stack:
        stack.callback(registry.close)
        yield Pair(registry, sequencer, stack)


class TestSigned:
    def test_a_replay_at_the_other_is_refused(self, pair: Pair) -> None:
        headers = RequestSigner(pair.deal.anna.keys[0]).headers("GET", "localhost", "/grants", "")
        assert pair.apps[0].test_client().get("/grants", headers=headers).status_code == 200
        for app in reversed(pair.apps):
            said = problem(app.test_client().get("/grants", headers=headers), 401, "not_authenticated")
            assert "used already" in said["detail"]

    def test_of_two_at_once_one_is_answered(self, pair: Pair) -> None:
        for _ in range(5):
            headers = RequestSigner(pair.deal.anna.keys[0]).headers("GET", "localhost", "/grants", "")
            with ThreadPoolExecutor(8) as pool:
                asked = [pair.apps[at % 2].test_client() for at in range(8)]
                answers = list(pool.map(lambda one: one.get("/grants", headers=headers).status_code, asked))  # noqa: B023
            assert sorted(answers) == [200, *[401] * 7]

    def test_what_was_used_before_a_restart_is_used(self, pair: Pair) -> None:
        """A front end that has just begun knows what the others have seen: it refuses nothing for being new."""
        used, fresh = (
            RequestSigner(pair.deal.anna.keys[0]).headers("GET", "localhost", "/grants", "") for _ in range(2)
        )
        assert pair.apps[0].test_client().get("/grants", headers=used).status_code == 200
        with ExitStack() as stack:
            again = create_app(pair._front(stack)).test_client()
            assert again.get("/grants", headers=used).status_code == 401
            assert again.get("/grants", headers=fresh).status_code == 200


class TestSessions:
    def test_one_that_begins_at_one_reads_at_the_other_and_ends_for_both(self, pair: Pair) -> None:
        browser = Browser(pair.apps[0])
        nonce = browser.offer()
        browser.app = pair.apps[1]  # the balancer has no preference
        assert browser.ask("POST", "/session", browser.sign(pair.deal.anna, nonce)).status_code == 200
        for app in pair.apps:
            browser.app = app
            assert value(browser.get("/session").data)["party"] == pair.deal.anna.id
            assert browser.get("/grants").status_code == 200
        kept = dict(browser.cookies)
        assert browser.ask("DELETE", "/session").status_code == 200
        browser.app, browser.cookies = pair.apps[0], kept
        assert "has ended" in problem(browser.get("/grants"), 401, "not_authenticated")["detail"]

    def test_a_nonce_of_another_browser_signs_nobody_in(self, pair: Pair) -> None:
        mine, theirs = Browser(pair.apps[0]), Browser(pair.apps[1])
        mine.offer()
        problem(mine.ask("POST", "/session", mine.sign(pair.deal.anna, theirs.offer())), 401, "not_authenticated")


def test_a_grant_holds_at_both_and_is_taken_back_at_both(pair: Pair) -> None:
    deal = pair.deal
    until_ = format_instant(pair.fronts[0].now() + DAY)
    body = canonical.encode({"sections": ["terms"], "to": deal.stranger.id, "until": until_})
    anna = [asking_as(app, deal.anna) for app in pair.apps]
    taker = [asking_as(app, deal.stranger) for app in pair.apps]
    made = value(anna[0].post("/grants", data=body, content_type="application/json").data)
    assert [len(value(one.get("/grants").data)["taken"]) for one in taker] == [1, 1]
    consent = pair.deal.consent()
    pair.deal.served.accept(consent)
    pair.settle()
    assert [_sees_terms(one, consent.id) for one in taker] == [True, True]
    assert anna[1].delete(f"/grants/{made['id']}").status_code == 200
    assert [_sees_terms(one, consent.id) for one in taker] == [False, False]


def _sees_terms(client: Any, id: str) -> bool:
    return bool(value(client.get(f"/entries/{id}").data)["disclosures"])


class TestDesk:
    def test_a_draft_that_is_put_up_at_one_is_signed_at_the_other(self, pair: Pair) -> None:
        one, other = pair.desks
        deal = pair.deal
        id = one.proposes(deal.gina, deal.consent())
        other.signs(deal.anna, id)
        assert "signed" in marks(one.does(deal.gina, "GET", f"/{id}"))[deal.anna.id]
        one.signs(deal.gina, id)
        said = other.signs(deal.brand, id)
        assert said["state"] == "logged"
        assert one.does(deal.gina, "GET", f"/{id}")["state"] == "logged"
        assert [front.entry(id) is not None for front in pair.fronts] == [True, True]

    def test_it_is_withdrawn_for_both(self, pair: Pair) -> None:
        one, other = pair.desks
        id = one.proposes(pair.deal.gina, pair.deal.consent())
        body = one.signature(pair.deal.gina, id)
        said = other.does(pair.deal.gina, "DELETE", f"/{id}")
        assert one.does(pair.deal.gina, "DELETE", f"/{id}") == said, "asked again, nothing changes"
        one.fails(409, "draft_ended", pair.deal.gina, "POST", f"/{id}/signature", body)

    def test_the_last_signature_at_both_at_once(self, pair: Pair) -> None:
        deal = pair.deal
        id = pair.desks[0].proposes(deal.gina, deal.consent())
        for who in (deal.anna, deal.gina):
            pair.desks[0].signs(who, id)
        before = pair.fronts[0].record().size
        body = pair.desks[0].signature(deal.brand, id)
        with ThreadPoolExecutor(6) as pool:
            answers = list(
                pool.map(lambda at: pair.desks[at % 2].ask(deal.brand, "POST", f"/{id}/signature", body), range(6))
            )
        assert {answer.status_code for answer in answers} <= {200, 409}
        said = [value(answer.data) for answer in answers if answer.status_code == 200]
        assert said and {one["state"] for one in said} == {"logged"}
        pair.settle()
        assert pair.fronts[0].record().size == before + 2, "one entry and its seal"

    def test_what_one_has_logged_just_now_is_not_taken_back_at_the_other(
        self, pair: Pair, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        deal, (one, other) = pair.deal, pair.desks
        id = one.proposes(deal.gina, deal.consent())
        for who in (deal.anna, deal.gina):
            one.signs(who, id)
        real, seen, front = pair.fronts[0].submit, list[int](), pair.fronts[0]

        def slow(raw: Any, *, require: bool = False) -> Any:
            seen.append(other.ask(deal.anna, "DELETE", f"/{id}/signature").status_code)
            return real(raw, require=require)

        monkeypatch.setattr(front, "submit", slow)
        assert one.signs(deal.brand, id)["state"] == "logged"
        assert seen == [409]

    def test_what_waits_for_the_sequencer_is_not_taken_back(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        """A front end that was told nothing in time has left it in the queue: it will be logged."""
        deal, (one, other) = pair.deal, pair.desks
        id = one.proposes(deal.gina, deal.consent())
        for who in (deal.anna, deal.gina):
            one.signs(who, id)
        pair.sequencer.send(signal.SIGSTOP)
        with monkeypatch.context() as patch:
            patch.setattr("registry.front.PATIENCE", 0.5)
            assert one.signs(deal.brand, id)["state"] == "open"
        other.fails(409, "draft_ended", deal.anna, "DELETE", f"/{id}/signature")
        other.fails(409, "draft_ended", deal.gina, "DELETE", f"/{id}")
        pair.sequencer.send(signal.SIGCONT)
        until(lambda: all(found.entry(id) is not None for found in pair.fronts), "it is not logged")
        other.app.extensions["desk"].tick()
        assert one.does(deal.gina, "GET", f"/{id}")["state"] == "logged"

    def test_options_and_blocks(self, pair: Pair) -> None:
        one, other = pair.desks
        deal, now = pair.deal, pair.registry.world.now
        wish = {"about": "Bali", "ends": format_instant(now + 2 * DAY), "model": deal.anna.id,
                "starts": format_instant(now + DAY)}  # fmt: skip
        id = one.does(deal.brand, "POST", "/options", wish)["id"]
        other.does(deal.gina, "POST", f"/options/{id}/grant")
        [seen] = one.does(deal.gina, "GET", "/options")["options"]
        assert (seen["rank"], seen["about"]) == (1, "Bali")
        one.does(deal.anna, "POST", "/blocks", {"party": deal.stranger.id})
        made = pair.registry.world.consent(model=deal.anna, licensee=deal.stranger, twin=deal.twin)
        other.fails(422, "refused", deal.stranger, "POST", body=other.proposal(made))


def test_an_invitation_is_good_at_both_once(pair: Pair) -> None:
    one, other = (Invitations(front) for front in pair.fronts)
    code = "ab" * 16
    made = one.make(pair.registry.world.registrar.public.hex(), invitation_id(code), "Ayu", "model")
    assert other.look(code) == made
    other.take_back(made.id)
    with pytest.raises(DeskRefusal):
        one.look(code)


def test_a_database_that_is_away_is_told_as_such(tmp_path: Path, cluster: Cluster, buckets: Buckets) -> None:
    """Nobody can say whether a signature was used: it is not taken, and not refused for good either."""
    registry = SharedRegistry(tmp_path, cluster, buckets)
    with registry.front(registry.first) as front:
        app = app_at(front, nonces=KeptNonces(front.readers.store.tables))
        assert asking_as(app, registry.world.registrar).get("/witnesses").status_code == 200
        front.readers.store.tables.close()
        problem(asking_as(app, registry.world.registrar).get("/witnesses"), 503, "unavailable")
        assert asking_as(app, None).get("/witnesses").status_code == 200
    registry.close()
