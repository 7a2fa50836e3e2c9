"""Requests that a party signs, for Flask's test client and for judging alone."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from registry.intake.submission import parse_submission
from registry.service import Service
from registry.web.app import create_app
from registry.web.auth.authority import Authority
from registry.web.auth.nonces import Nonces
from tests.support.served import Served
from tests.support.world import Actor
from verifier.base import private_keys
from verifier.base.errors import KembarError
from verifier.programs.request_signing import RequestSigner
from verifier.statements.types import Statement

URL = "http://localhost"


def app_at(
    service: Service, *urls: str, clock: Callable[[], float] = time.time, nonces: Nonces | None = None
) -> Flask:
    """The registry's application at :data:`URL`, or at others, that takes signatures of its first second too."""
    authority = Authority(service.readers.holders.of, lambda: urls or (URL,), clock=clock, began=0, nonces=nonces)
    return create_app(service, authority)


def key_of(who: Actor | private_keys.SigningKey) -> private_keys.SigningKey:
    return who if isinstance(who, private_keys.SigningKey) else who.keys[0]


class SigningClient(FlaskClient):
    """Flask's test client, that signs every request with :attr:`key`; without one it is a stranger."""

    key: private_keys.SigningKey | None = None

    def open(self, *args: Any, **more: Any) -> TestResponse:
        if self.key is not None and args and isinstance(args[0], str):
            path, _, query = args[0].partition("?")
            body = more.get("data")
            if isinstance(body, dict):  # a form
                more |= {"data": urlencode(body, doseq=True), "content_type": "application/x-www-form-urlencoded"}
                body = more["data"]
            if isinstance(body, str):
                more["data"] = body = body.encode("utf-8")
            signed = RequestSigner(self.key).headers(more.get("method", "GET"), "localhost", path, query, body)
            more["headers"] = {**dict(more.get("headers") or {}), **signed}
        return super().open(*args, **more)


def asking_as(app: Flask, who: Actor | private_keys.SigningKey | None) -> SigningClient:
    """A client of ``app`` that signs as somebody."""
    client = SigningClient(app, app.response_class)
    client.key = None if who is None else key_of(who)
    return client


class PartyClient(SigningClient):
    """A client that asks about everything as a party of it: as the model, or else whoever else is named first.

    Where nobody whom the test's world knows is named, as the registrar.
    """

    served: Served

    def open(self, *args: Any, **more: Any) -> TestResponse:
        if args and isinstance(args[0], str) and "Signature" not in (more.get("headers") or {}):
            self.key = self._whose(args[0], more.get("data") or b"")
        return super().open(*args, **more)

    def _whose(self, path: str, body: bytes) -> private_keys.SigningKey:
        ids = re.findall(r"[0-9a-f]{64}", path)
        for id in ids:
            found = self.served.service.entry(id)
            if found is not None and (key := self._signer(found.entry.statement)) is not None:
                return key
        for line in reversed(body.splitlines() or [b""]):
            with suppress(KembarError):
                if (key := self._signer(parse_submission(line).statement())) is not None:
                    return key
        return self.served.world.registrar

    def _signer(self, statement: Statement) -> private_keys.SigningKey | None:
        parties, actors = statement.parties, self.served.world.actors
        named = (parties.model, parties.guardian, parties.licensee, parties.payer, parties.author, statement.id)
        for party in named:
            actor = actors.get(party or "")
            if actor is not None and actor.keys:
                key = actor.keys[0]
                if not self.served.service.readers.holders.of(key.public.hex()).refusal:
                    return key
        return None


def party_client(served: Served, app: Flask | None = None) -> PartyClient:
    """A :class:`PartyClient` of a registry."""
    app = app or app_at(served.service)
    client = PartyClient(app, app.response_class)
    client.served = served
    return client
