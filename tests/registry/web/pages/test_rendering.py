"""How every page is shown: in which language and whose time, as HTML and as JSON of one value, under which policy."""

from __future__ import annotations

import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import Markup

from registry.look import Zone
from registry.web.pages.atoms import Instant, Person, Sum, as_json
from registry.web.pages.rendering import _Helpers
from registry.web.pages.viewing import Viewing
from registry.web.routes import ROUTES, Caller, Route
from tests.support.asking import problem
from verifier.base.strict import MAX_INSTANT
from verifier.programs.language import catalogue

AT = 1_797_214_320  # 2026-12-14T02:12:00Z
PAGES = [one for one in ROUTES if one.page and not one.twin and "<" not in one.path and one.caller is Caller.ANYBODY]


def helpers(language: str = "en", zone: str = "Asia/Jakarta") -> _Helpers:
    return _Helpers(Viewing(words=catalogue(language), zone=Zone(zone)))


class TestLook:
    def test_the_address_chooses_language_and_zone_and_links_carry_them_on(self, stranger: FlaskClient) -> None:
        text = stranger.get("/?language=id&zone=Asia/Tokyo").get_data(as_text=True)
        assert '<html lang="id">' in text and "Tokyo" in text
        links = re.findall(r'href="(\./[^"]*)"', text)
        assert links and all("language=id" in one and "zone=Asia%2FTokyo" in one for one in links)

    @pytest.mark.parametrize("asked", ["language=xx", "zone=Mars/Base", "zone=../../etc/passwd", "language="])
    @pytest.mark.parametrize("path", ["/", "/home.json"])
    def test_what_there_is_not_is_said(self, stranger: FlaskClient, path: str, asked: str) -> None:
        assert problem(stranger.get(f"{path}?{asked}"), 400, "question_malformed")["where"] == asked.partition("=")[0]

    def test_times_are_the_zones(self) -> None:
        assert helpers().look.moment(AT) == "14 December 2026, 09:12 (Jakarta, UTC+7)"
        assert helpers("id").look.moment(AT) == "14 Desember 2026, 09.12 (Jakarta, UTC+7)"
        assert helpers(zone="UTC").look.when(AT - AT % 86_400) == "14 December 2026"
        assert helpers(zone="Asia/Kolkata").look.moment(AT) == "14 December 2026, 07:42 (Kolkata, UTC+5:30)"
        assert helpers(zone="America/New_York").look.moment(AT) == "13 December 2026, 21:12 (New York, UTC-5)"

    @pytest.mark.parametrize("zone", ["Asia/Jakarta", "America/New_York"])
    def test_the_last_instant_that_there_is(self, zone: str) -> None:
        assert "9999" in helpers(zone=zone).look.moment(MAX_INSTANT)


class TestWords:
    def test_names_are_set_off_and_escaped(self) -> None:
        said = helpers().say(
            "page.moment", day=helpers().name(Person("ab" * 32, "model", "<b>Eve")), clock="&", zone=""
        )
        assert isinstance(said, Markup)
        assert said == "<bdi>&lt;b&gt;Eve</bdi>, &amp; ()"

    def test_a_name_that_imitates_a_place_for_a_name(self) -> None:
        name = helpers().name(Person("ab" * 32, "model", "\ue000zone\ue001"))
        assert helpers().say("page.moment", day=name, clock="", zone=Markup("<i>")).count("<i>") == 1

    def test_who_has_no_name_has_a_role_and_an_id(self) -> None:
        assert helpers().name(Person("ab" * 32, "licensee")) == "the brand abab abab abab abab"

    def test_amounts(self) -> None:
        assert helpers().figure(Sum(189_600, "EUR")) == "1,896.00"
        assert helpers("id").figure(Sum(950_000_000, "IDR")) == "9.500.000,00"
        assert helpers().figure(Sum(5, "JPY")) == "5"

    def test_initials(self) -> None:
        assert Person("ab" * 32, "model", "ayu lestari dewi").initials == "AL"
        assert Person("ab" * 32, "licensee", "Kaca").initials == "KA"
        assert Person("ab" * 32, "licensee").initials == "?"


class TestPages:
    @pytest.mark.parametrize("route", PAGES, ids=lambda route: route.name)
    def test_a_page_has_no_style_and_no_script_of_its_own(self, stranger: FlaskClient, route: Route) -> None:
        text = stranger.get(route.path).get_data(as_text=True)
        assert " style=" not in text and "<style" not in text and " on" not in re.sub(r">[^<]*<", "><", text)
        assert not re.search(r"<script(?! src=\"[a-z_./]+\" type=\"module\">)", text)

    @pytest.mark.parametrize("route", PAGES, ids=lambda route: route.name)
    def test_a_twin_says_the_same_in_every_language(self, app: Flask, route: Route) -> None:
        twin = next(one for one in ROUTES if one.name == f"{route.name}_json")
        client = app.test_client()
        answers = [client.get(f"{twin.path}?language={language}") for language in ("en", "id")]
        assert answers[0].data == answers[1].data
        assert answers[0].content_type == "application/json"
        assert json.loads(answers[0].data)

    def test_what_a_page_may_do(self, stranger: FlaskClient) -> None:
        policy = stranger.get("/").headers["Content-Security-Policy"]
        assert policy == (
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
            "form-action 'self'"
        )


def test_json_of_atoms() -> None:
    value = {"at": Instant(AT), "owed": (Sum(5, "EUR"),), "who": Person("ab" * 32, "model"), "none": None}
    assert as_json(value) == {
        "at": "2026-12-14T02:12:00Z",
        "owed": [{"amount": 5, "currency": "EUR"}],
        "who": {"party": "ab" * 32, "role": "model"},
    }
    assert as_json(Instant(MAX_INSTANT + 5)) == "9999-12-31T23:59:59Z"
    with pytest.raises(TypeError):
        as_json(1.5)
