"""Requests that a party signs, for Flask's test client and for judging alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from registry.service import Service
from registry.web.app import create_app
from registry.web.auth.authority import Authority
from tests.support.world import Actor
from verifier.base import crypto
from verifier.programs.request_signing import RequestSigner

URL = "http://localhost"


def app_at(service: Service, *urls: str, clock: Callable[[], float] = time.time) -> Flask:
    """The registry's application at :data:`URL`, or at others, that takes signatures of its first second too."""
    return create_app(service, Authority(service.holders.of, urls or (URL,), clock=clock, began=0))


def key_of(who: Actor | crypto.SigningKey) -> crypto.SigningKey:
    return who if isinstance(who, crypto.SigningKey) else who.keys[0]


class SigningClient(FlaskClient):
    """Flask's test client, that signs every request with :attr:`key`; without one it is a stranger."""

    key: crypto.SigningKey | None = None

    def open(self, *args: Any, **more: Any) -> TestResponse:
        if self.key is not None and args and isinstance(args[0], str):
            path, _, query = args[0].partition("?")
            body = more.get("data")
            if isinstance(body, str):
                more["data"] = body = body.encode("utf-8")
            signed = RequestSigner(self.key).headers(more.get("method", "GET"), "localhost", path, query, body)
            more["headers"] = {**dict(more.get("headers") or {}), **signed}
        return super().open(*args, **more)


def asking_as(app: Flask, who: Actor | crypto.SigningKey | None) -> SigningClient:
    """A client of ``app`` that signs as somebody."""
    client = SigningClient(app, app.response_class)
    client.key = None if who is None else key_of(who)
    return client
