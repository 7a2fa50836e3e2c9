"""Invitations over HTTP: who makes one, what its code opens, once; and that nothing is vouched for unread."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from registry.enrolling.invitations import GOOD, WAITS, invitation_id
from registry.enrolling.locker_store import CHANGES, LOOKS, MAX_LOCKER, MOST, copy_lockers
from registry.intake.submission import Submission, parse_submission, submission_to_json
from tests.support.asking import problem, value
from tests.support.at_once import at_once
from tests.support.handing_over import acts_in, carry_out, with_sign_url
from tests.support.reading_out import fingerprint
from tests.support.served import Served, raw
from tests.support.signed_requests import app_at, asking_as
from tests.support.world import Actor
from verifier.base import canonical
from verifier.base.private_keys import SigningKey, random_bytes
from verifier.base.strict import format_b64

CODE = "0f" * 16


@dataclass
class Door:
    """A registry, and those who come in."""

    served: Served
    app: Flask

    @property
    def registrar(self) -> SigningKey:
        return self.served.world.registrar

    def ask(self, who: Actor | SigningKey | None, method: str, path: str, body: Any = None) -> TestResponse:
        more: dict[str, Any] = {} if body is None else {
            "data": canonical.encode(body), "content_type": "application/json",
        }  # fmt: skip
        return asking_as(self.app, who).open(path, method=method, **more)

    def invite(self, code: str = CODE, name: str = "Ayu Lestari", role: str = "model") -> str:
        id = invitation_id(code)
        answer = self.ask(self.registrar, "POST", "/invitations", {"id": id, "name": name, "role": role})
        assert answer.status_code == 200, answer.data
        return id

    def enrolment(self, name: str = "ayu", called: str = "Ayu Lestari", **more: Any) -> tuple[Actor, Submission]:
        """What somebody signs for herself: all but the registrar's signature."""
        made = self.served.world.party(name, roles=more.pop("roles", ["model"]), called={"name": called}, **more)
        submission = parse_submission(raw(self.served.entry(made)))
        own = tuple(one for one in submission.signatures if one.keyid != self.registrar.public.hex())
        return made, Submission(payload=submission.payload, signatures=own, disclosures=submission.disclosures)

    def accept(self, submission: Submission, code: str = CODE) -> TestResponse:
        return self.ask(
            None, "POST", "/invitations/accept", {"code": code, "submission": submission_to_json(submission)}
        )

    def page(self, path: str) -> str:
        answer = self.ask(self.registrar, "GET", path)
        assert answer.status_code == 200, answer.data
        return answer.get_data(as_text=True)

    def states(self) -> list[str]:
        return [one["state"] for one in value(self.ask(self.registrar, "GET", "/invitations").data)["invitations"]]


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    served = with_sign_url(Served(tmp_path / "registry"))
    yield Door(served, app_at(served.service))
    served.service.close()


class TestInviting:
    def test_a_person_comes_in(self, door: Door) -> None:
        door.invite()
        looked = value(door.ask(None, "POST", "/invitations/look", {"code": CODE}).data)
        assert (looked["name"], looked["role"]) == ("Ayu Lestari", "model")
        assert looked["genesis"] == door.served.service.genesis
        ayu, submission = door.enrolment()
        assert value(door.accept(submission).data) == {"id": ayu.id, "state": "waiting"}
        assert door.served.service.entry(ayu.id) is None and door.states() == ["waiting"]

        page = f"/registrar/enrolments/{ayu.id}"
        act = next(one for one in acts_in(door.page(page)) if one["act"] == "sign")
        assert "party" not in act
        [answer] = carry_out(door.app, door.registrar, act)
        assert answer.status_code == 200 and value(answer.data)["id"] == ayu.id
        assert door.states() == ["logged"]
        assert submission.disclosures[0].encode() not in (door.served.root / "enrolling.db").read_bytes()
        assert door.ask(ayu, "GET", "/grants").status_code == 200

    def test_the_page_of_the_registrar_does_not_show_the_key(self, door: Door) -> None:
        door.invite()
        ayu, submission = door.enrolment()
        door.accept(submission)
        key = ayu.keys[0].public.hex()
        listed = value(door.ask(door.registrar, "GET", "/invitations").data)
        for text in (
            door.page("/registrar"), door.page(f"/registrar/enrolments/{ayu.id}"),
            door.page(f"/registrar/enrolments/{ayu.id}.json"), json.dumps(listed),
        ):  # fmt: skip
            assert key not in text and fingerprint(key) not in text and format_b64(bytes.fromhex(key)) not in text

    def test_a_code_is_good_once(self, door: Door) -> None:
        door.invite()
        _, submission = door.enrolment()
        assert door.accept(submission).status_code == 200
        _, second = door.enrolment("bayu")
        problem(door.accept(second), 404, "not_found")
        problem(door.ask(None, "POST", "/invitations/look", {"code": CODE}), 404, "not_found")

    def test_who_lost_the_answer_asks_again(self, door: Door) -> None:
        """And nothing changes: else her device would be told that the invitation is none, and not that she came in."""
        door.invite()
        ayu, submission = door.enrolment()
        answers = at_once([lambda: door.accept(submission)] * 4)
        assert [value(one.data) for one in answers] == [{"id": ayu.id, "state": "waiting"}] * 4
        assert door.states() == ["waiting"]
        signed = submission_to_json(submission.signed_by(door.registrar))
        assert door.ask(door.registrar, "POST", "/entries", signed).status_code == 200
        assert value(door.accept(submission).data)["id"] == ayu.id
        problem(door.accept(submission, "0c" * 16), 404, "not_found")

    def test_a_code_is_good_for_72_hours(self, door: Door) -> None:
        door.invite()
        door.served.world.now += GOOD - 1
        assert door.ask(None, "POST", "/invitations/look", {"code": CODE}).status_code == 200
        door.served.world.now += 1
        problem(door.ask(None, "POST", "/invitations/look", {"code": CODE}), 404, "not_found")
        assert door.states() == ["ended"]

    def test_an_invitation_is_taken_back(self, door: Door) -> None:
        id = door.invite()
        assert value(door.ask(door.registrar, "DELETE", f"/invitations/{id}").data)["state"] == "ended"
        problem(door.ask(None, "POST", "/invitations/look", {"code": CODE}), 404, "not_found")

    def test_what_waits_is_sent_back_or_forgotten_and_its_text_goes(self, door: Door) -> None:
        for code, how in (("aa" * 16, "sent"), ("bb" * 16, "late")):
            id = door.invite(code)
            ayu, submission = door.enrolment(how, called=f"Secret {how}")
            door.accept(submission, code)
            if how == "sent":
                door.ask(door.registrar, "DELETE", f"/invitations/{id}")
            else:
                door.served.world.now += WAITS
            problem(door.ask(door.registrar, "GET", f"/registrar/enrolments/{ayu.id}"), 404, "not_found")
            assert submission.disclosures[0].encode() not in (door.served.root / "enrolling.db").read_bytes()

    def test_one_that_was_logged_is_not_taken_back(self, door: Door) -> None:
        """Neither does it take the copies of her keys along, whoever noticed first that she was enrolled."""
        id = door.invite()
        ayu, submission = door.enrolment()
        door.accept(submission)
        signed = submission_to_json(submission.signed_by(door.registrar))
        assert door.ask(door.registrar, "POST", "/entries", signed).status_code == 200
        blob = {"blob": format_b64(b"sealed")}
        assert door.ask(ayu, "PUT", f"/lockers/{'5a' * 32}", blob).status_code == 200
        assert value(door.ask(door.registrar, "DELETE", f"/invitations/{id}").data)["state"] == "logged"
        assert door.ask(None, "GET", f"/lockers/{'5a' * 32}").status_code == 200

    def test_only_a_registrar_invites_and_sees(self, door: Door) -> None:
        anna = door.served.world.party("anna", roles=["model"])
        door.served.accept(anna)
        body = {"id": invitation_id(CODE), "name": "x", "role": "model"}
        for who in (anna, None):
            problem(door.ask(who, "POST", "/invitations", body), 422, "refused")
            problem(door.ask(who, "GET", "/invitations"), 422, "refused")
            problem(door.ask(who, "GET", "/registrar"), 422, "refused")
            problem(door.ask(who, "DELETE", f"/invitations/{invitation_id(CODE)}"), 422, "refused")

    @pytest.mark.parametrize(
        ("body", "where"),
        [
            ({"id": "00", "name": "Ayu", "role": "model"}, "id"),
            ({"id": "ab" * 32, "name": " ", "role": "model"}, "name"),
            ({"id": "ab" * 32, "name": "x" * 81, "role": "model"}, "name"),
            ({"id": "ab" * 32, "name": "a\u202eb", "role": "model"}, "name"),
            ({"id": "ab" * 32, "name": "Ayu", "role": "queen"}, "role"),
        ],
    )
    def test_what_is_no_invitation(self, door: Door, body: dict[str, str], where: str) -> None:
        assert problem(door.ask(door.registrar, "POST", "/invitations", body), 400, "bad_request")["where"] == where


class TestAccepting:
    def test_what_is_not_accepted_leaves_the_invitation_open(self, door: Door) -> None:
        door.invite()
        _, good = door.enrolment()
        _, other_role = door.enrolment("agency", roles=["agency"])
        _, controlled = door.enrolment("owned", controller=door.served.world.party("holder", roles=["holder"]))
        known = door.served.world.party("known", roles=["model"])
        door.served.accept(known)
        seen = parse_submission(raw(door.served.entry(known)))
        unsigned = Submission(payload=good.payload, signatures=good.signatures[:1], disclosures=good.disclosures)
        bare = Submission(payload=good.payload, signatures=good.signatures, disclosures=())
        twice = good.signed_by(door.registrar)
        for wrong in (other_role, controlled, seen, unsigned, bare, twice):
            assert door.accept(wrong).status_code in (400, 422)
            assert door.states() == ["open"]
        assert door.accept(good).status_code == 200

    def test_names_that_look_alike_are_shown_before_she_signs(self, door: Door) -> None:
        anna = door.served.world.party("anna", roles=["model"], called={"name": "Ayu Lestari", "public": True})
        door.served.accept(anna)
        door.invite(name="A. Lestari")
        ayu, submission = door.enrolment(called="Ay\u0443 L\u0435starl")
        door.accept(submission)
        text = unescape(door.page(f"/registrar/enrolments/{ayu.id}"))
        assert "looks much like this one" in text and "Ayu Lestari" in text and "A. Lestari" in text


class TestLockers:
    ID = "5a" * 32

    def fill(self, door: Door, who: Any, blob: bytes = b"sealed", id: str = ID, **more: str) -> TestResponse:
        return door.ask(who, "PUT", f"/lockers/{id}", {"blob": format_b64(blob), **more})

    def opened(self, door: Door, id: str = ID) -> TestResponse:
        return door.ask(None, "GET", f"/lockers/{id}")

    @pytest.fixture
    def anna(self, door: Door) -> Actor:
        made = door.served.world.party("anna", roles=["model"])
        door.served.accept(made)
        return made

    def test_filled_by_a_key_opened_by_its_id_emptied_by_its_owner(self, door: Door, anna: Actor) -> None:
        assert value(self.fill(door, anna).data) == {"id": self.ID, "size": 6}
        assert value(self.opened(door).data) == {"blob": format_b64(b"sealed")}
        listed = value(door.ask(anna, "GET", "/lockers").data)["lockers"]
        assert [(one["id"], one["size"]) for one in listed] == [(self.ID, 6)]
        brand = door.served.world.party("brand", roles=["licensee"])
        door.served.accept(brand)
        problem(self.fill(door, brand, b"other"), 422, "refused")
        problem(door.ask(brand, "DELETE", f"/lockers/{self.ID}"), 404, "not_found")
        problem(door.ask(None, "DELETE", f"/lockers/{self.ID}"), 422, "refused")
        assert value(self.fill(door, anna, b"anew").data)["size"] == 4
        assert door.ask(anna, "DELETE", f"/lockers/{self.ID}").status_code == 200
        problem(self.opened(door), 404, "not_found")
        assert b"anew" not in (door.served.root / "enrolling.db").read_bytes()

    def test_a_registrar_has_some_too(self, door: Door) -> None:
        assert self.fill(door, door.registrar).status_code == 200
        assert len(value(door.ask(door.registrar, "GET", "/lockers").data)["lockers"]) == 1

    def test_filled_with_an_open_invitation_they_are_the_partys_afterwards(self, door: Door) -> None:
        problem(self.fill(door, None), 422, "refused")
        problem(self.fill(door, None, invitation=CODE), 404, "not_found")
        door.invite()
        assert self.fill(door, None, invitation=CODE).status_code == 200
        ayu, submission = door.enrolment()
        door.accept(submission)
        problem(self.fill(door, None, b"late", invitation=CODE), 404, "not_found")
        door.served.accept(ayu)
        assert len(value(door.ask(ayu, "GET", "/lockers").data)["lockers"]) == 1

    def test_they_go_with_an_invitation_that_is_not_used(self, door: Door) -> None:
        id = door.invite()
        self.fill(door, None, invitation=CODE)
        door.ask(door.registrar, "DELETE", f"/invitations/{id}")
        problem(self.opened(door), 404, "not_found")

    def test_bounds(self, door: Door, anna: Actor) -> None:
        assert self.fill(door, anna, b"x" * MAX_LOCKER).status_code == 200
        for blob in (b"", b"x" * (MAX_LOCKER + 1)):
            problem(self.fill(door, anna, blob), 400, "bad_request")
        problem(self.fill(door, anna, id="no"), 404, "not_found")
        for _ in range(MOST - 1):
            assert self.fill(door, anna, id=random_bytes(32).hex()).status_code == 200
        problem(self.fill(door, anna, id=random_bytes(32).hex()), 429, "too_often")
        for _ in range(CHANGES - MOST):
            assert self.fill(door, anna).status_code == 200
        problem(self.fill(door, anna), 429, "too_often")
        door.served.world.now += 86_400
        assert self.fill(door, anna).status_code == 200

    def test_one_is_opened_so_often(self, door: Door, anna: Actor) -> None:
        self.fill(door, anna)
        for _ in range(LOOKS):
            assert self.opened(door).status_code == 200
        problem(self.opened(door), 429, "too_often")
        door.served.world.now += 3600
        assert self.opened(door).status_code == 200

    def test_other_origins_are_answered_and_no_cookie_is_read(self, door: Door, anna: Actor) -> None:
        self.fill(door, anna)
        for method, path in (("GET", f"/lockers/{self.ID}"), ("POST", "/invitations/look")):
            answer = door.app.test_client().open(path, method=method, headers={"Origin": "https://sign.example"})
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            assert "Set-Cookie" not in answer.headers and answer.headers["Cache-Control"] == "no-store"

    def test_a_backup_has_the_lockers_and_no_invitation(self, door: Door, anna: Actor, tmp_path: Path) -> None:
        self.fill(door, anna)
        door.invite()
        (tmp_path / "copy").mkdir()
        copy_lockers(door.served.root, tmp_path / "copy")
        data = (tmp_path / "copy" / "enrolling.db").read_bytes()
        assert b"sealed" in data and invitation_id(CODE).encode() not in data
