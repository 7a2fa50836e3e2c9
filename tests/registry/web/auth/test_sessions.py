"""Browsers' sessions: who signs in and how, what a session opens, and when it ends."""

from __future__ import annotations

import sqlite3
import time
from hashlib import sha256

import pytest
from flask import Flask

from registry.readers.reader_store import IDLE, LONGEST, READERS, SESSIONS
from registry.web.auth.sessions import OFFER, place_of
from registry.web.routes import ROUTES, Caller
from tests.support.asking import problem, value
from tests.support.served import Served, raw
from tests.support.session_browsers import OFFERED, SESSION, SITE, Browser, signed_in
from tests.support.signed_requests import app_at
from tests.support.world import Actor, key
from verifier.base import private_keys
from verifier.programs.request_signing import RequestSigner

TRIAL = "http://127.0.0.1:8080"


class Hands:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.ahead = 0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def anna(served: Served) -> Actor:
    made = served.world.party("anna", roles=["model"])
    served.accept(made)
    return made


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def app(served: Served, hands: Hands) -> Flask:
    return app_at(served.service, SITE, clock=hands)


def opens(browser: Browser) -> bool:
    """Whether a call for parties alone is answered."""
    return browser.get("/grants").status_code == 200


class TestSigningIn:
    def test_a_key_signs_a_browser_in(self, app: Flask, anna: Actor) -> None:
        browser = Browser(app)
        problem(browser.get("/grants"), 422, "refused")
        answer = browser.sign_in(anna)
        assert value(answer.data) == {"key": anna.keys[0].public.hex(), "party": anna.id}
        assert answer.headers["Clear-Site-Data"] == '"cache"' and answer.headers["Cache-Control"] == "no-store"
        assert opens(browser) and value(browser.get("/session").data)["party"] == anna.id
        assert OFFERED not in browser.cookies

    def test_the_cookies_are_for_this_origin_and_no_script(self, app: Flask, anna: Actor) -> None:
        browser = Browser(app)
        offered = browser.get("/session").headers["Set-Cookie"]
        nonce = value(browser.get("/session").data)["nonce"]
        answer = browser.ask("POST", "/session", browser.sign(anna, nonce))
        for text in (offered, answer.headers.getlist("Set-Cookie")[0]):
            attributes = set(text.split("; ")[1:])
            assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= attributes
            assert not any(one.startswith("Domain") for one in attributes)
        assert len(bytes.fromhex(browser.cookies[SESSION])) == 32

    def test_a_registrar_signs_in(self, served: Served, app: Flask) -> None:
        browser = Browser(app)
        answer = browser.sign_in(served.world.registrar)
        assert value(answer.data) == {"key": served.world.registrar.public.hex(), "registrar": True}

    def test_only_its_hash_is_kept(self, served: Served, app: Flask, anna: Actor) -> None:
        token = signed_in(app, anna).cookies[SESSION]
        files = [one for one in served.root.iterdir() if one.name.startswith(READERS)]
        assert files
        for one in files:
            data = one.read_bytes()
            assert token.encode() not in data and bytes.fromhex(token) not in data, one
        [[hash]] = sqlite3.connect(served.root / READERS).execute("SELECT hash FROM sessions").fetchall()
        assert hash == sha256(token.encode()).digest()
        assert not opens(_with(app, hash.hex())), "who reads the file has no session"

    def test_a_nonce_of_another_browser_signs_nobody_in(self, app: Flask, anna: Actor) -> None:
        mine, theirs = Browser(app), Browser(app)
        nonce = theirs.offer()
        mine.offer()
        said = problem(mine.ask("POST", "/session", mine.sign(anna, nonce)), 401, "not_authenticated")
        assert "this browser" in said["detail"] and SESSION not in mine.cookies
        mine.cookies.clear()
        problem(mine.ask("POST", "/session", mine.sign(anna, nonce)), 401, "not_authenticated")

    def test_a_nonce_of_ones_own_signs_nobody_in(self, app: Flask, anna: Actor) -> None:
        browser = Browser(app)
        browser.offer()
        problem(browser.ask("POST", "/session", browser.sign(anna, "ab" * 16)), 401, "not_authenticated")

    def test_what_signed_in_once_does_not_again(self, app: Flask, anna: Actor) -> None:
        browser = Browser(app)
        headers, before = browser.sign(anna, browser.offer()), dict(browser.cookies)
        assert browser.ask("POST", "/session", headers).status_code == 200
        thief = Browser(app)
        thief.cookies = before
        said = problem(thief.ask("POST", "/session", headers), 401, "not_authenticated")
        assert "already" in said["detail"]

    def test_a_nonce_ages(self, app: Flask, anna: Actor, hands: Hands) -> None:
        browser = Browser(app)
        nonce = browser.offer()
        hands.ahead += 2 * OFFER
        later = RequestSigner(anna.keys[0], hands).headers("POST", "registry.example", "/session", "", nonce=nonce)
        problem(browser.ask("POST", "/session", later), 401, "not_authenticated")

    def test_any_window_of_one_browser_signs_it_in(self, app: Flask, anna: Actor) -> None:
        browser = Browser(app)
        first, second = browser.offer(), browser.offer()
        assert first != second
        assert browser.ask("POST", "/session", browser.sign(anna, first)).status_code == 200 and opens(browser)

    def test_an_answer_is_lost_and_she_signs_in_again_at_once(self, app: Flask, anna: Actor) -> None:
        browser = Browser(app)
        nonce, before = browser.offer(), dict(browser.cookies)
        assert browser.ask("POST", "/session", browser.sign(anna, nonce)).status_code == 200
        browser.cookies = before
        assert browser.sign_in(anna).status_code == 200 and opens(browser)

    def test_a_nonce_that_was_changed_signs_nobody_in(self, app: Flask, anna: Actor) -> None:
        browser = Browser(app)
        nonce = browser.offer()
        for place in (0, 7, 8, 31):
            other = nonce[:place] + f"{int(nonce[place], 16) ^ 1:x}" + nonce[place + 1 :]
            problem(browser.ask("POST", "/session", browser.sign(anna, other)), 401, "not_authenticated")
        assert browser.ask("POST", "/session", browser.sign(anna, nonce)).status_code == 200

    def test_a_session_is_never_one_that_a_browser_came_with(self, app: Flask, anna: Actor) -> None:
        browser, planted = Browser(app), "12" * 32
        browser.cookies[SESSION] = planted
        browser.sign_in(anna)
        assert browser.cookies[SESSION] != planted and opens(browser)
        assert not opens(_with(app, planted))

    def test_signing_in_anew_ends_what_was_before(self, app: Flask, anna: Actor) -> None:
        browser = signed_in(app, anna)
        old = browser.cookies[SESSION]
        browser.cookies[OFFERED] = "34" * 32
        nonce = value(Browser(app, site="cross-site").ask("GET", "/session", _cookie(browser)).data)["nonce"]
        assert browser.ask("POST", "/session", browser.sign(anna, nonce)).status_code == 200
        assert opens(browser) and not opens(_with(app, old))

    def test_a_key_of_nobody(self, app: Flask) -> None:
        browser = Browser(app)
        problem(browser.sign_in(private_keys.SigningKey(bytes([99] * 32))), 401, "not_authenticated")
        assert SESSION not in browser.cookies

    def test_a_session_signs_nobody_in(self, app: Flask, anna: Actor) -> None:
        problem(signed_in(app, anna).ask("POST", "/session"), 403, "session_reads")

    def test_sessions_of_one_key_are_bounded(self, app: Flask, anna: Actor, hands: Hands) -> None:
        browsers = []
        for _ in range(SESSIONS + 2):
            browsers.append(signed_in(app, anna))
            hands.ahead += 1
        assert [opens(one) for one in browsers] == [False, False, *[True] * SESSIONS]


class TestOtherPages:
    @pytest.mark.parametrize(
        "said",
        [
            {}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"},
            {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": f"{SITE}.evil.example"},
            {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
            {"Sec-Fetch-Site": "cross-site", "Origin": SITE},
        ],
        ids=str,
    )  # fmt: skip
    def test_they_sign_nobody_in_or_out(self, app: Flask, anna: Actor, said: dict[str, str]) -> None:
        browser = Browser(app)
        nonce = browser.offer()
        browser.site = None
        problem(browser.ask("POST", "/session", {**browser.sign(anna, nonce), **said}), 403, "foreign_page")
        browser = signed_in(app, anna)
        browser.site = None
        problem(browser.ask("DELETE", "/session", said), 403, "foreign_page")
        browser.site = "same-origin"
        assert opens(browser)

    def test_the_public_url_as_origin_is_enough(self, app: Flask, anna: Actor) -> None:
        browser = Browser(app)
        nonce = browser.offer()
        browser.site = None
        assert browser.ask("POST", "/session", {**browser.sign(anna, nonce), "Origin": SITE}).status_code == 200

    @pytest.mark.parametrize("site", ["cross-site", "same-site"])
    def test_they_read_nothing_with_the_cookie(self, app: Flask, anna: Actor, site: str) -> None:
        browser = signed_in(app, anna)
        browser.site = site
        problem(browser.get("/grants"), 422, "refused")
        browser.site = "none"
        assert opens(browser), "an address that was typed"
        browser.site = None
        assert opens(browser), "a browser that says nothing of the page"

    def test_a_dry_run_from_another_page_is_a_strangers(self, served: Served, app: Flask, anna: Actor) -> None:
        browser, agency = signed_in(app, anna), served.world.party("agency", roles=["agency"])
        served.accept(agency)
        body, more = raw(served.world.mandate(model=anna, agency=agency)), "?dry_run=true"
        answer = browser.ask("POST", f"/entries{more}", data=body, content_type="application/json")
        assert answer.status_code == 200
        browser.site = "cross-site"
        answer = browser.ask("POST", f"/entries{more}", data=body, content_type="application/json")
        problem(answer, 422, "refused")


class TestSessionsRead:
    def test_what_only_a_signature_opens_stays_closed(self, app: Flask, anna: Actor) -> None:
        browser = signed_in(app, anna)
        for route in ROUTES:
            if route.caller is Caller.SIGNED:
                path = route.path.replace("<id>", "ab" * 32)
                problem(browser.ask(route.method, path), 403, "session_reads")

    def test_nothing_is_logged_by_a_session(self, served: Served, app: Flask, anna: Actor) -> None:
        browser, before = signed_in(app, anna), served.service.checkpoint()
        body = raw(served.entry(served.world.party("brand", roles=["licensee"])))
        for query in ("", "?require=yes"):
            answer = browser.ask("POST", f"/entries{query}", data=body, content_type="application/json")
            problem(answer, 403, "session_reads")
        assert served.service.checkpoint() == before

    def test_a_signature_counts_before_the_cookie(self, served: Served, app: Flask, anna: Actor) -> None:
        brand = served.world.party("brand", roles=["licensee"])
        served.accept(brand)
        headers = RequestSigner(brand.keys[0]).headers("GET", "registry.example", "/session", "")
        assert value(signed_in(app, anna).ask("GET", "/session", headers).data)["party"] == brand.id

    def test_answers_are_kept_nowhere(self, app: Flask, anna: Actor) -> None:
        browser = signed_in(app, anna)
        for path in ("/session", "/grants", f"/entries/{anna.id}", f"/evidence/party/{anna.id}"):
            answer = browser.get(path)
            assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store"), path
            assert "ETag" not in answer.headers
        assert browser.get("/checkpoint").headers["Cache-Control"] != "no-store", "which is everybody's"


class TestTheEnd:
    def test_signing_out(self, app: Flask, anna: Actor) -> None:
        browser = signed_in(app, anna)
        token = browser.cookies[SESSION]
        answer = browser.ask("DELETE", "/session")
        assert answer.status_code == 200 and answer.headers["Clear-Site-Data"] == '"cache"'
        assert SESSION not in browser.cookies and not opens(_with(app, token))
        assert browser.ask("DELETE", "/session").status_code == 200, "again does nothing"

    def test_half_an_hour_without_a_request(self, app: Flask, anna: Actor, hands: Hands) -> None:
        browser = signed_in(app, anna)
        for _ in range(3):
            hands.ahead += IDLE - 5
            assert opens(browser)
        hands.ahead += IDLE
        answer = browser.get("/grants")
        assert "ended" in problem(answer, 401, "not_authenticated")["detail"]
        assert answer.headers["Clear-Site-Data"] == '"cache"' and SESSION not in browser.cookies
        problem(browser.get("/grants"), 422, "refused")

    def test_twelve_hours_whatever_is_asked(self, app: Flask, anna: Actor, hands: Hands) -> None:
        browser, began = signed_in(app, anna), hands.ahead
        while hands.ahead - began < LONGEST - IDLE:
            hands.ahead += IDLE - 60
            assert opens(browser)
        hands.ahead = began + LONGEST
        assert not opens(browser)

    def test_its_key_is_retired(self, served: Served, app: Flask, anna: Actor) -> None:
        browser, fresh = signed_in(app, anna), key("anna's second")
        served.accept(served.world.key(anna, add=[fresh], retire=[anna.keys[0]]))
        problem(browser.get("/grants"), 401, "not_authenticated")
        [[left]] = sqlite3.connect(served.root / READERS).execute("SELECT count(*) FROM sessions").fetchall()
        assert left == 0

    def test_what_is_public_is_served_all_the_same(self, app: Flask) -> None:
        browser = _with(app, "ab" * 32)
        answer = browser.get("/session")
        assert "nonce" in value(answer.data) and SESSION not in browser.cookies

    @pytest.mark.parametrize("token", ["", "x", "AB" * 32, "ab" * 31, "\x00" * 64, "é" * 32])
    def test_a_cookie_that_is_none(self, app: Flask, token: str) -> None:
        assert not opens(_with(app, token))


class TestWhere:
    @pytest.mark.parametrize(
        ("urls", "origins", "is_trial"),
        [
            ((SITE,), (SITE,), False),
            ((f"{SITE}/",), (SITE,), False),
            ((f"{SITE}:443",), (SITE,), False),
            (("https://Registry.Example:8443",), ("https://registry.example:8443",), False),
            ((SITE, "https://other.example/log"), (SITE,), False),
            ((TRIAL, "http://localhost:8080"), (TRIAL, "http://localhost:8080"), True),
            ((SITE, TRIAL), (SITE,), False),
        ],
    )
    def test_the_origins_of_public_urls(self, urls: tuple[str, ...], origins: tuple[str, ...], is_trial: bool) -> None:
        place = place_of(urls)
        assert place is not None and (place.origins, place.is_trial) == (origins, is_trial)

    @pytest.mark.parametrize(
        "urls",
        [(), (f"{SITE}/log",), ("http://registry.example",), ("http://0.0.0.0:8080", TRIAL), (f"{SITE}/a", TRIAL)],
    )
    def test_a_registry_without_sessions(self, served: Served, anna: Actor, urls: tuple[str, ...]) -> None:
        assert place_of(urls) is None
        browser = Browser(app_at(served.service, *(urls or (f"{SITE}/log",))))
        problem(browser.get("/session"), 404, "no_such_call")
        browser.cookies = {SESSION: "ab" * 32, "kembar-trial-session": "ab" * 32}
        problem(browser.get("/grants"), 422, "refused")

    def test_a_signature_asks_whose_it_is_whatever_the_url(self, served: Served, anna: Actor) -> None:
        app = app_at(served.service, f"{SITE}/log")
        headers = RequestSigner(anna.keys[0]).headers("GET", "registry.example", "/log/session", "")
        answer = Browser(app).ask("GET", "/session", headers)
        assert value(answer.data) == {"key": anna.keys[0].public.hex(), "party": anna.id}
        assert "Set-Cookie" not in answer.headers

    def test_a_trial_says_who_gets_its_cookie(self, served: Served, anna: Actor) -> None:
        browser = Browser(app_at(served.service, TRIAL), TRIAL)
        answer = browser.sign_in(anna)
        assert "every program on this machine" in value(answer.data)["warning"]
        assert set(browser.cookies) == {"kembar-trial-session"}
        assert "Secure" not in answer.headers["Set-Cookie"] and opens(browser)

    def test_a_trials_cookie_opens_nothing_beside_a_public_url(self, served: Served, anna: Actor) -> None:
        trial = Browser(app_at(served.service, TRIAL), TRIAL)
        trial.sign_in(anna)
        trial.app = app_at(served.service, SITE, TRIAL)
        problem(trial.get("/grants"), 422, "refused")

    def test_another_public_url_begins_none(self, served: Served, anna: Actor) -> None:
        browser = Browser(app_at(served.service, SITE, "https://other.example/log"))
        nonce = browser.offer()
        headers = RequestSigner(anna.keys[0]).headers("POST", "other.example", "/log/session", "", nonce=nonce)
        said = problem(browser.ask("POST", "/session", headers), 401, "not_authenticated")
        assert SITE in said["detail"] and "other" not in said["detail"]


def _with(app: Flask, token: str) -> Browser:
    browser = Browser(app)
    browser.cookies[SESSION] = token
    return browser


def _cookie(browser: Browser) -> dict[str, str]:
    return {"Cookie": f"{OFFERED}={browser.cookies[OFFERED]}"}
