"""A desk over HTTP: who asks signs, and a draft is what the world's statements are without their signatures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from registry.desk.desk import Desk
from registry.desk.reminders import Reminders
from registry.intake.submission import Submission, parse_submission, submission_to_json
from tests.support.asking import problem
from tests.support.served import Served, raw
from tests.support.signed_requests import app_at, asking_as, key_of
from tests.support.world import Actor, Logged
from verifier.base import canonical
from verifier.base.private_keys import SigningKey
from verifier.base.strict import format_b64
from verifier.statements.envelope import pae

PATH = "/desk"


class DeskCaller:
    """The desk of one registry, as several parties ask it."""

    def __init__(self, served: Served, app: Flask | None = None) -> None:
        self.served = served
        self.app: Flask = app or app_at(served.service)

    def reopen(self) -> None:
        """The registry goes down and comes up again."""
        self.served.reopen()
        self.app = app_at(self.served.service)

    def ask(self, who: Actor | SigningKey | None, method: str, path: str = "", body: Any = None) -> TestResponse:
        more: dict[str, Any] = {} if body is None else {
            "data": canonical.encode(body), "content_type": "application/json",
        }  # fmt: skip
        return asking_as(self.app, who).open(f"{PATH}{path}", method=method, **more)

    def does(self, who: Actor | SigningKey, method: str, path: str = "", body: Any = None) -> Any:
        """What is answered; it must be done."""
        answer = self.ask(who, method, path, body)
        assert answer.status_code == 200, answer.data
        return canonical.parse(answer.data, limit=1 << 20)

    def fails(self, status: int, kind: str, who: Any, method: str, path: str = "", body: Any = None) -> Any:
        return problem(self.ask(who, method, path, body), status, kind)

    def proposes(self, who: Actor, made: Logged, **more: Any) -> str:
        """Its id on the desk."""
        return str(self.does(who, "POST", body=self.proposal(made, **more))["id"])

    @staticmethod
    def proposal(made: Logged, **more: Any) -> dict[str, Any]:
        """What is sent to put up what a world made, without its signatures."""
        return {"submission": submission_to_json(unsigned(made)), **more}

    def signs(self, who: Actor, id: str, key: SigningKey | None = None) -> Any:
        return self.does(who, "POST", f"/{id}/signature", self.signature(who, id, key))

    def signature(self, who: Actor, id: str, key: SigningKey | None = None) -> Any:
        """What a party sends to sign what the desk shows her."""
        shown = self.does(who, "GET", f"/{id}")["submission"]
        payload = parse_submission(canonical.encode(shown)).payload
        key = key or key_of(who)
        return {"keyid": key.public.hex(), "sig": format_b64(key.sign(pae(payload)))}


class Deal:
    """A consent of Anna, under her agency's mandate, for a brand; a stranger is enrolled as well."""

    def __init__(self, served: Served, app: Flask | None = None) -> None:
        self.served = served
        world = served.world
        self.anna, self.gina = world.party("anna", roles=["model"]), world.party("gina", roles=["agency"])
        self.brand, self.maker = world.party("brand", roles=["licensee"]), world.party("maker", roles=["maker"])
        self.stranger = world.party("stranger", roles=["licensee"])
        self.mandate = world.mandate(model=self.anna, agency=self.gina)
        creation = world.creation(model=self.anna, maker=self.maker)
        self.twin = world.twin(self.anna, creation=creation)
        parties = (self.anna, self.gina, self.brand, self.maker, self.stranger)
        served.accept(*parties, self.mandate, creation, self.twin)
        served.accept(self.consent())  # so that they have dealt with each other
        self.desk = DeskCaller(served, app)

    @property
    def reminders(self) -> Reminders:
        """Those of the desk that the registry serves, which looks for itself only once a minute."""
        desk: Desk = self.desk.app.extensions["desk"]
        return desk.reminders

    def consent(self) -> Logged:
        return self.served.world.consent(model=self.anna, licensee=self.brand, twin=self.twin, under=self.mandate)

    def proposed(self, **more: object) -> str:
        return self.desk.proposes(self.gina, self.consent(), **more)

    def states(self, who: Actor) -> list[str]:
        return [one["state"] for one in self.desk.does(who, "GET")["drafts"]]


def marks(said: Any) -> dict[str, Any]:
    """What each party did with a draft, by her id."""
    return {one.pop("party"): one for one in said["parties"]}


def unsigned(made: Logged) -> Submission:
    return replace(parse_submission(raw(made)), signatures=())
