"""A party sees where it is signed in, and ends a session, or all others: for a page of the registry's own alone."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.asking import problem, value
from tests.support.english import english_in
from tests.support.served import Served
from tests.support.session_browsers import SESSION, SITE, Browser, signed_in
from tests.support.signed_requests import URL, app_at, asking_as
from tests.support.world import Actor


@pytest.fixture
def anna(served: Served) -> Actor:
    made = served.world.party("anna", roles=["model"])
    served.accept(made)
    return made


@pytest.fixture
def app(served: Served) -> Flask:
    return app_at(served.service, SITE, URL)


def sessions(browser: Browser) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = value(browser.get("/sessions.json").data)["sessions"]
    return found


def end(browser: Browser, what: str, site: str | None = "same-origin") -> TestResponse:
    before, browser.site = browser.site, site
    answer = browser.ask("POST", "/sessions", data={"end": what})
    browser.site = before
    return answer


def opens(browser: Browser) -> bool:
    return browser.get("/grants").status_code == 200


def test_she_sees_each_and_which_is_this(app: Flask, anna: Actor) -> None:
    first, second = signed_in(app, anna), signed_in(app, anna)
    found = sessions(first)
    assert len(found) == 2 and [one["own"] for one in found].count(True) == 1
    [own] = [one["id"] for one in found if one["own"]]
    [other] = [one["id"] for one in sessions(second) if one["own"]]
    assert {own, other} == {one["id"] for one in found}
    text = first.get("/sessions").get_data(as_text=True)
    for browser in (first, second):
        assert browser.cookies[SESSION] not in text
    assert "This browser" in text and "Another browser" in text and "End all others" in text
    assert 'href="sessions"' in first.get("/model").get_data(as_text=True)


def test_she_ends_one(app: Flask, anna: Actor) -> None:
    first, second = signed_in(app, anna), signed_in(app, anna)
    [other] = [one["id"] for one in sessions(first) if not one["own"]]
    answer = end(first, other)
    assert answer.status_code == 303 and answer.headers["Location"].endswith("sessions")
    assert opens(first) and not opens(second) and len(sessions(first)) == 1
    problem(end(first, other), 404, "not_found")


def test_she_ends_all_others(app: Flask, anna: Actor) -> None:
    first, *others = (signed_in(app, anna) for _ in range(3))
    assert end(first, "others").status_code == 303
    assert opens(first) and not any(map(opens, others))


def test_ending_the_one_that_asks_signs_out(app: Flask, anna: Actor) -> None:
    browser = signed_in(app, anna)
    [own] = [one["id"] for one in sessions(browser)]
    answer = end(browser, own)
    assert answer.headers["Location"].endswith("sign-in") and SESSION not in browser.cookies
    assert answer.headers["Clear-Site-Data"] == '"cache"' and not opens(browser)


def test_nobody_elses_are_seen_or_ended(served: Served, app: Flask, anna: Actor) -> None:
    eve = served.world.party("eve", roles=["model"])
    served.accept(eve)
    hers, other, registrar = (signed_in(app, one) for one in (anna, eve, served.world.registrar))
    [own] = [one["id"] for one in sessions(hers)]
    for browser in (other, registrar):
        assert len(sessions(browser)) == 1
        problem(end(browser, own), 404, "not_found")
        assert end(browser, "others").status_code == 303
    assert opens(hers)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", None])
def test_another_site_ends_none(app: Flask, anna: Actor, site: str | None) -> None:
    first, second = signed_in(app, anna), signed_in(app, anna)
    problem(end(first, "others", site), 422, "refused")
    assert opens(first) and opens(second)


def test_a_key_sees_them_and_a_stranger_does_not(app: Flask, anna: Actor) -> None:
    signed_in(app, anna)
    [one] = value(asking_as(app, anna).get("/sessions.json").data)["sessions"]
    assert one["own"] is False
    problem(app.test_client().get("/sessions"), 422, "refused")
    problem(asking_as(app, anna).post("/sessions", data={"end": one["id"]}), 422, "refused")


def test_speaks_indonesian(app: Flask, anna: Actor) -> None:
    browser, _ = signed_in(app, anna), signed_in(app, anna)
    assert english_in(browser.get("/sessions?language=id").get_data(as_text=True)) == {}
