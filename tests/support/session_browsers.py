"""A browser in front of a registry: it keeps cookies as browsers do, and says which page asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.test import TestResponse

from registry.service import Service
from tests.support.asking import value
from tests.support.signed_requests import app_at, key_of
from tests.support.witness_serving import serving
from tests.support.world import Actor
from verifier.base.private_keys import SigningKey
from verifier.programs.http import parse_url
from verifier.programs.request_signing import RequestSigner

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

SESSION, OFFERED = "__Host-kembar-session", "__Host-kembar-sign-in"
SITE = "https://registry.example"


class Browser:
    """``url`` is where its user is; ``site`` is what it says of the page that asks (Sec-Fetch-Site), None nothing."""

    def __init__(self, app: Flask, url: str = SITE, site: str | None = "same-origin") -> None:
        self.app = app
        self.url = url
        self.site = site
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> TestResponse:
        said = {} if self.site is None else {"Sec-Fetch-Site": self.site}
        if self.cookies:
            said["Cookie"] = "; ".join(f"{name}={text}" for name, text in self.cookies.items())
        client = self.app.test_client(use_cookies=False)
        answer = client.open(path, method=method, headers={**said, **(headers or {})}, **more)
        for text in answer.headers.getlist("Set-Cookie"):
            for name, morsel in SimpleCookie(text).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return answer

    def get(self, path: str) -> TestResponse:
        return self.ask("GET", path)

    def offer(self) -> str:
        """The nonce that a key signs to sign this browser in."""
        return str(value(self.get("/session").data)["nonce"])

    def sign(self, who: Actor | SigningKey, nonce: str) -> dict[str, str]:
        """What a key signs, wherever it is kept."""
        authority = parse_url(self.url).authority
        return RequestSigner(key_of(who)).headers("POST", authority, "/session", "", nonce=nonce)

    def sign_in(self, who: Actor | SigningKey) -> TestResponse:
        return self.ask("POST", "/session", self.sign(who, self.offer()))


def signed_in(app: Flask, who: Actor | SigningKey, url: str = SITE) -> Browser:
    """A browser in which somebody has signed in."""
    browser = Browser(app, url)
    assert browser.sign_in(who).status_code == 200
    return browser


@contextmanager
def app_in_browser(service: Service, who: Actor) -> Iterator[tuple[str, dict[str, str]]]:
    """A registry that is served, and the cookie of somebody's session: (its URL, the cookie's name and value)."""
    apps: list[Flask] = []

    def first(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        return apps[0](environ, start)  # it is made when its address is known

    with serving(first) as url:
        apps.append(app_at(service, url))
        [(name, token)] = signed_in(apps[0], who, url).cookies.items()
        yield url, {"name": name, "value": token}
