"""Who is asking: keys that are live, retired or nobody's; replays; bodies; addresses."""

from __future__ import annotations

import time

import pytest

from registry.web.app import create_app
from registry.web.auth.authority import Authority
from registry.web.auth.nonces import OwnNonces
from tests.support.asking import post, problem, value
from tests.support.served import Served, raw
from tests.support.signed_requests import URL, app_at, asking_as
from tests.support.world import Actor, key
from verifier.base import private_keys
from verifier.programs.request_signing import RequestSigner

PATH = "/witnesses"


@pytest.fixture
def anna(served: Served) -> Actor:
    made = served.world.party("anna", roles=["model"])
    served.accept(made)
    return made


class TestWho:
    def test_a_party_asks_with_its_live_key(self, served: Served, anna: Actor) -> None:
        assert asking_as(app_at(served.service), anna).get(PATH).status_code == 200
        holder = served.service.readers.holders.of(anna.keys[0].public.hex())
        assert (holder.party, holder.refusal) == (anna.id, "")

    def test_a_stranger_is_served_what_is_public_whatever_the_host(self, served: Served) -> None:
        client = asking_as(app_at(served.service, "https://registry.example"), None)
        assert client.get(PATH, headers={"Host": "anything.example"}).status_code == 200

    def test_a_key_of_nobody(self, served: Served) -> None:
        stranger = private_keys.SigningKey(bytes([99] * 32))
        answer = asking_as(app_at(served.service), stranger).get(PATH)
        assert "no statement" in problem(answer, 401, "not_authenticated")["detail"]
        assert answer.headers["Date"] and answer.headers["WWW-Authenticate"]

    def test_the_log_key_and_a_recovery_key_ask_nothing(self, served: Served, anna: Actor) -> None:
        for one in (served.world.log_key, anna.recovery[0]):
            answer = asking_as(app_at(served.service), one).get(PATH)
            assert "no party's" in problem(answer, 401, "not_authenticated")["detail"]

    def test_a_registrar_is_no_party(self, served: Served) -> None:
        holder = served.service.readers.holders.of(served.world.registrar.public.hex())
        assert holder.is_registrar and not holder.party and not holder.refusal

    def test_a_retired_key_is_told_what_retired_it(self, served: Served, anna: Actor) -> None:
        old, fresh = anna.keys[0], key("anna's second")
        change = served.world.key(anna, add=[fresh], retire=[old])
        served.accept(change)
        app = app_at(served.service)
        said = problem(asking_as(app, old).get(PATH), 401, "not_authenticated")["detail"]
        assert change.id in said and anna.id in said
        assert asking_as(app, fresh).get(PATH).status_code == 200


class TestOnce:
    def test_a_replay_is_refused(self, served: Served, anna: Actor) -> None:
        client = asking_as(app_at(served.service), None)
        headers = RequestSigner(anna.keys[0]).headers("GET", "localhost", PATH, "")
        assert client.get(PATH, headers=headers).status_code == 200
        assert "already" in problem(client.get(PATH, headers=headers), 401, "not_authenticated")["detail"]

    def test_only_live_keys_take_up_room(self, served: Served, anna: Actor) -> None:
        nonces = OwnNonces()
        authority = Authority(served.service.readers.holders.of, lambda: [URL], began=0, nonces=nonces)
        app = create_app(served.service, authority)
        asking_as(app, private_keys.SigningKey(bytes([98] * 32))).get(PATH)
        assert not nonces._seen
        asking_as(app, anna).get(PATH)
        assert len(nonces._seen) == 1

    def test_what_was_signed_before_it_began(self, served: Served, anna: Actor) -> None:
        before = time.time() - 2
        authority = Authority(served.service.readers.holders.of, lambda: [URL])
        client = asking_as(create_app(served.service, authority), None)
        headers = RequestSigner(anna.keys[0], lambda: before).headers("GET", "localhost", PATH, "")
        assert "began" in problem(client.get(PATH, headers=headers), 401, "not_authenticated")["detail"]


class TestBodies:
    def test_a_body_is_compared_before_it_counts(self, served: Served, anna: Actor) -> None:
        client = asking_as(app_at(served.service), None)
        more = raw(served.entry(served.world.party("brand", roles=["licensee"])))
        before = served.service.checkpoint()
        headers = RequestSigner(anna.keys[0]).headers("POST", "localhost", "/entries", "", more + b" ")
        found = problem(post(client, more, headers=headers), 401, "not_authenticated")
        assert "Content-Digest" in found["detail"] and served.service.checkpoint() == before
        signed = asking_as(app_at(served.service), anna)
        assert value(post(signed, more).data)["id"]


class TestAddress:
    def test_the_address_is_the_settings(self, served: Served, anna: Actor) -> None:
        client = asking_as(app_at(served.service, "https://registry.example/log"), None)
        good = RequestSigner(anna.keys[0]).headers("GET", "registry.example", f"/log{PATH}", "")
        assert client.get(PATH, headers=good).status_code == 200
        bad = RequestSigner(anna.keys[0]).headers("GET", "localhost", PATH, "")
        said = problem(client.get(PATH, headers={**bad, "Host": "localhost"}), 401, "not_authenticated")["detail"]
        assert "https://registry.example/log" in said
