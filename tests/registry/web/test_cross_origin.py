"""What pages of other origins are told: all that a signature opens, and nothing of what a cookie does."""

from __future__ import annotations

import pytest
from flask import Flask

from registry.web.routes import ROUTES
from tests.support.asking import problem, value
from tests.support.served import Served, raw
from tests.support.session_browsers import SITE, Browser, signed_in
from tests.support.signed_requests import app_at
from tests.support.world import Actor, key
from verifier.base import canonical
from verifier.base.private_keys import SigningKey
from verifier.base.strict import format_instant
from verifier.programs.http import parse_url
from verifier.programs.request_signing import RequestSigner

ELSEWHERE = "https://sign.example"
PREFLIGHT = {
    "Origin": ELSEWHERE,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "content-digest,content-type,signature,signature-input",
}


@pytest.fixture
def anna(served: Served) -> Actor:
    made = served.world.party("anna", roles=["model"])
    served.accept(made)
    return made


@pytest.fixture
def app(served: Served) -> Flask:
    return app_at(served.service, SITE)


def signed(key: SigningKey, method: str, path: str, body: bytes | None = None) -> dict[str, str]:
    """The fields of a request that a page of another origin signs."""
    fields = RequestSigner(key).headers(method, parse_url(SITE).authority, path, "", body)
    return {"Origin": ELSEWHERE, **fields}


class TestSigned:
    def test_is_answered_to_any_origin_without_credentials(self, app: Flask, anna: Actor) -> None:
        answer = Browser(app, site="cross-site").ask("GET", "/session", signed(anna.keys[0], "GET", "/session"))
        assert value(answer.data)["party"] == anna.id
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers and "Set-Cookie" not in answer.headers

    def test_a_refusal_too_is_read_with_its_date(self, app: Flask) -> None:
        stranger = key("stranger")
        answer = Browser(app, site="cross-site").ask("GET", "/grants", signed(stranger, "GET", "/grants"))
        problem(answer, 401, "not_authenticated")
        assert answer.headers["Access-Control-Allow-Origin"] == "*" and answer.headers["Date"]
        assert "Date" in answer.headers["Access-Control-Expose-Headers"].split(", ")

    def test_changes_what_it_signs_for(self, served: Served, app: Flask, anna: Actor) -> None:
        union = served.world.party("union", roles=["union"])
        served.accept(union)
        until = format_instant(served.clock() + 86_400)
        body = canonical.encode({"sections": ["terms"], "to": union.id, "until": until})
        fields = {**signed(anna.keys[0], "POST", "/grants", body), "Content-Type": "application/json"}
        answer = Browser(app, site="cross-site").ask("POST", "/grants", fields, data=body)
        assert value(answer.data)["to"] == union.id and answer.headers["Access-Control-Allow-Origin"] == "*"

    def test_begins_no_session(self, app: Flask, anna: Actor) -> None:
        browser = Browser(app)
        nonce = browser.offer()
        browser.site = "cross-site"
        answer = browser.ask("POST", "/session", {"Origin": ELSEWHERE, **browser.sign(anna, nonce)})
        problem(answer, 403, "foreign_page")


class TestUnsigned:
    def test_a_statement_is_taken_from_anywhere(self, served: Served, app: Flask) -> None:
        """Who has lost all keys but the recovery sheet signs no request."""
        made = raw(served.entry(served.world.party("bayu", roles=["model"])))
        fields = {"Origin": ELSEWHERE, "Content-Type": "application/json"}
        answer = Browser(app, site="cross-site").ask("POST", "/entries", fields, data=made)
        assert answer.status_code == 200 and answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers


class TestCookies:
    @pytest.mark.parametrize("site", ["cross-site", "same-site"])
    @pytest.mark.parametrize("fields", [{}, {"Signature-Input": "other=()", "Signature": "other=:AAAA:"}])
    def test_open_nothing_to_another_origin(self, app: Flask, anna: Actor, site: str, fields: dict[str, str]) -> None:
        browser = signed_in(app, anna)
        assert browser.get("/grants").status_code == 200
        browser.site = site
        answer = browser.ask("GET", "/grants", {"Origin": ELSEWHERE, **fields})
        problem(answer, 422, "refused")
        assert "Access-Control-Allow-Credentials" not in answer.headers

    def test_count_for_no_origin_but_ones_own_whatever_else_is_sent(self, app: Flask, anna: Actor) -> None:
        browser = signed_in(app, anna)
        for fields in ({}, {"Signature-Input": "other=()", "Signature": "other=:AAAA:"}):
            answer = browser.ask("GET", "/grants", fields)
            assert answer.status_code == 200 and "Access-Control-Allow-Origin" not in answer.headers

    @pytest.mark.parametrize("name", [one.path for one in ROUTES if one.method == "GET" and "<" not in one.path])
    def test_no_answer_to_an_unsigned_request_is_for_another_origin(self, app: Flask, anna: Actor, name: str) -> None:
        answer = signed_in(app, anna).ask("GET", name, {"Origin": ELSEWHERE})
        assert not [one for one, _ in answer.headers if one.startswith("Access-Control")]


class TestAskingBefore:
    @pytest.mark.parametrize("path", ["/entries", "/desk", "/session", "/nothing", "/"])
    def test_says_the_same_of_every_address(self, app: Flask, path: str) -> None:
        answer = Browser(app, site="cross-site").ask("OPTIONS", path, PREFLIGHT)
        assert (answer.status_code, answer.data) == (204, b"")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        allowed = answer.headers["Access-Control-Allow-Headers"].lower().split(", ")
        assert set(PREFLIGHT["Access-Control-Request-Headers"].split(",")) <= set(allowed)
        methods = {one.method for one in ROUTES}
        assert methods <= set(answer.headers["Access-Control-Allow-Methods"].split(", "))
        assert "Access-Control-Allow-Credentials" not in answer.headers

    def test_is_no_method_of_its_own(self, app: Flask) -> None:
        answer = Browser(app).ask("OPTIONS", "/desk")
        assert "Access-Control-Allow-Origin" not in answer.headers
