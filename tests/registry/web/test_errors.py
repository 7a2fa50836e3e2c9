"""One shape for every error, and the headers that every answer has."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import RequestEntityTooLarge

from registry.problems import STATUSES
from registry.web import body, entries
from registry.web.body import NDJSON, lines
from tests.support.asking import problem, value
from tests.support.english import english_in
from tests.support.served import Served, raw
from verifier.programs.language import english


class TestShape:
    @pytest.mark.parametrize(
        "path", ["/nothing", "/entries/", "/tile", "/evidence/usage", "/static/none.css", "/wp-login.php"]
    )
    def test_no_such_call(self, client: FlaskClient, path: str) -> None:
        problem(client.get(path), 404, "no_such_call")

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("PUT", "/entries", "POST"),
            ("GET", "/entries", "POST"),
            ("POST", "/checkpoint", "GET"),
            ("DELETE", "/", "GET"),
            ("PATCH", "/tile/0/000.p/2", "GET"),
            ("TRACE", "/checkpoint", "GET"),
        ],
    )
    def test_no_such_method(self, client: FlaskClient, method: str, path: str, allowed: str) -> None:
        response = client.open(path, method=method)
        problem(response, 405, "method_not_allowed")
        assert allowed in response.headers["Allow"]

    def test_a_body_beyond_all_bounds(self, app: Flask, client: FlaskClient) -> None:
        app.config["MAX_CONTENT_LENGTH"] = 1000
        for content_type in (NDJSON, body.JSON):
            response = client.post("/entries", data=b"x" * 1001, content_type=content_type)
            problem(response, 413, "body_too_large")

    def test_what_nobody_foresaw(
        self, served: Served, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def broken(*_: object, **__: object) -> None:
            raise ZeroDivisionError("a secret of the machine")

        monkeypatch.setattr(served.service, "submit", broken)
        response = client.post("/entries", data=b"{}", content_type=body.JSON)
        problem(response, 500, "internal")
        assert b"secret" not in response.data
        assert "a secret of the machine" in caplog.text

    def test_every_problem_says_what_to_do(self) -> None:
        for code, status in STATUSES.items():
            title, hint = english().say(f"problem.{code}"), english().say(f"hint.{code}")
            assert 400 <= status < 600, code
            assert title.endswith(".") and hint.endswith("."), code


class TestHeaders:
    @pytest.mark.parametrize(
        "path", ["/", "/checkpoint", "/nothing", "/static/kembar.css", "/tile/0/000.p/2", "/trust.policy"]
    )
    def test_are_on_every_answer(self, app: Flask, path: str) -> None:
        with app.test_client().get(path) as response:
            headers = response.headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Content-Security-Policy"].startswith("default-src 'none';")
        assert "Access-Control-Allow-Origin" not in headers
        assert "Set-Cookie" not in headers


class TestHome:
    def test_says_what_it_is_and_how_to_check(self, served: Served, client: FlaskClient) -> None:
        text = client.get("/").get_data(as_text=True)
        assert served.service.genesis in text
        assert str(served.service.config.policy.log(served.service.origin)[0]) in text
        assert "2 entries" in text
        assert "<script" not in text and "http" not in text.replace("https://", "")
        with client.get("/static/kembar.css") as style:
            assert style.status_code == 200

    @pytest.mark.parametrize(
        "asked, language", [("id-ID,id;q=0.9,en;q=0.8", "id"), ("tlh", "en"), ("en,id;q=0.1", "en"), ("", "en")]
    )
    def test_speaks_the_browsers_language(self, client: FlaskClient, asked: str, language: str) -> None:
        answer = client.get("/", headers={"Accept-Language": asked})
        text = answer.get_data(as_text=True)
        assert (answer.headers["Content-Language"], answer.headers["Vary"]) == (language, "Accept-Language")
        assert f'<html lang="{language}">' in text and (english_in(text) == {}) == (language == "id")

    def test_hands_out_the_trust_policy(self, served: Served, client: FlaskClient) -> None:
        assert client.get("/trust.policy").data == (served.root / "trust.policy").read_bytes()


class TestLines:
    @pytest.mark.parametrize("block", [1, 2, 3, 7, 1000])
    def test_are_the_same_however_they_come(self, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
        monkeypatch.setattr(body, "_BLOCK", block)
        data = b"one\n\n" + b"x" * 11 + b"\ntwo\n" + b"y" * 50 + b"\n" + b"z" * 10 + b"\nthree"
        assert list(lines(BytesIO(data), 10)) == [b"one", b"", None, b"two", None, b"z" * 10, b"three"]

    @pytest.mark.parametrize("block", [1, 1000])
    def test_one_that_never_ends(self, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
        monkeypatch.setattr(body, "_BLOCK", block)
        assert list(lines(BytesIO(b"a\n" + b"x" * 30), 10)) == [b"a", None]
        assert list(lines(BytesIO(b""), 10)) == []
        assert list(lines(BytesIO(b"a\n"), 10)) == [b"a"]

    def test_a_body_that_grows_too_large_on_the_way(
        self, served: Served, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        good = raw(served.entry(served.world.party("anna", roles=["model"])))

        def too_much(*_: object) -> object:
            yield good
            raise RequestEntityTooLarge

        monkeypatch.setattr(entries, "lines", too_much)
        monkeypatch.setattr(entries, "AT_ONCE", 1)
        response = client.post("/entries", data=b"x", content_type=NDJSON)
        first, last = [value(line) for line in response.data.splitlines()]
        assert first["index"] == 2
        assert last["type"].endswith("body_too_large")
