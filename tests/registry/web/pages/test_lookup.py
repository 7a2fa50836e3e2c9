"""The lookup page, asked openly: what everybody is told of a file, by its public grade."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.asking import problem, value
from tests.support.served import Served
from tests.support.world import Logged, file


def asked(client: FlaskClient, name: str) -> Any:
    return value(client.get(f"/lookup.json?sha256={file(name)}").data)


@pytest.fixture
def deal(served: Served) -> Logged:
    """A consent that asks for approval, logged with all that it stands on."""
    world = served.world
    anna = world.party("anna", roles=["model"])
    brand = world.party("brand", roles=["licensee"], called={"name": "Larasati", "public": True})
    maker = world.party("maker", roles=["maker"])
    creation = world.creation(model=anna, maker=maker)
    twin = world.twin(anna, creation=creation)
    consent = world.consent(model=anna, licensee=brand, twin=twin)
    served.accept(anna, brand, maker, creation, twin, consent)
    return consent


class TestGrades:
    def test_a_file_that_the_model_approved(self, served: Served, deal: Logged, stranger: FlaskClient) -> None:
        world = served.world
        served.accept(world.approval(deal, assets=["hero.jpg"]), world.usage(deal, assets=["hero.jpg"]))
        found = asked(stranger, "hero.jpg")
        [use] = found["uses"]["rows"]
        assert (use["grade"], use["consent"], found["others"]) == ("approved", deal.id, 1)
        assert (use["brand"]["role"], use["brand"]["name"]) == ("licensee", "Larasati")

    def test_one_that_was_rejected_after_it_was_approved(
        self, served: Served, deal: Logged, stranger: FlaskClient
    ) -> None:
        world = served.world
        served.accept(world.approval(deal, assets=["hero.jpg"]), world.usage(deal, assets=["hero.jpg"]))
        served.accept(world.approval(deal, assets=["hero.jpg"], decision="reject"))
        assert [use["grade"] for use in asked(stranger, "hero.jpg")["uses"]["rows"]] == ["licensed"]

    def test_one_under_a_consent(self, served: Served, deal: Logged, stranger: FlaskClient) -> None:
        served.accept(served.world.usage(deal, assets=["hero.jpg"]))
        assert [use["grade"] for use in asked(stranger, "hero.jpg")["uses"]["rows"]] == ["licensed"]

    def test_one_after_the_consent_was_withdrawn(self, served: Served, deal: Logged, stranger: FlaskClient) -> None:
        world = served.world
        served.accept(world.revocation(consent=deal))
        world.advance("2d")
        served.accept(world.usage(deal, assets=["late.jpg"]))
        assert [use["grade"] for use in asked(stranger, "late.jpg")["uses"]["rows"]] == ["registered"]

    def test_a_picture_of_the_twin_is_named_and_not_used(
        self, served: Served, deal: Logged, stranger: FlaskClient
    ) -> None:
        served.accept(served.world.approval(deal, assets=["draft.jpg"]))
        found = asked(stranger, "draft.jpg")
        assert (found["uses"]["all"], found["others"]) == (0, 1)
        assert "none registers a use" in stranger.get(f"/lookup?sha256={file('draft.jpg')}").get_data(as_text=True)


class TestPage:
    def test_nobody(self, deal: Logged, stranger: FlaskClient) -> None:
        text = stranger.get(f"/lookup?sha256={file('nothing')}").get_data(as_text=True)
        assert "Nobody has registered this exact file." in text
        assert f'href="evidence/asset/{file("nothing")}"' in text

    def test_what_is_no_hash_is_said_at_the_field(self, stranger: FlaskClient) -> None:
        text = stranger.get('/lookup?sha256=12"ab').get_data(as_text=True)
        assert "That is 5 characters; a SHA-256 has 64." in text and 'aria-invalid="true"' in text
        assert 'value="12&#34;ab"' in text

    def test_it_loads_one_script_of_this_registry(self, stranger: FlaskClient) -> None:
        answer = stranger.get("/lookup")
        assert answer.get_data(as_text=True).count("<script") == 1
        assert "script-src 'self'; connect-src 'self'" in answer.headers["Content-Security-Policy"]

    def test_long_lists_come_in_parts(self, served: Served, deal: Logged, stranger: FlaskClient) -> None:
        served.accept(*[served.world.usage(deal, assets=["hero.jpg"]) for _ in range(30)])
        first, second = (
            value(stranger.get(f"/lookup.json?sha256={file('hero.jpg')}&page={page}").data) for page in (1, 2)
        )
        assert [first["uses"][name] for name in ("all", "page", "pages")] == [30, 1, 2]
        assert (len(first["uses"]["rows"]), len(second["uses"]["rows"])) == (25, 5)
        assert "page=2" in stranger.get(f"/lookup?sha256={file('hero.jpg')}").get_data(as_text=True)
        for page in ("-1", "two", "1.5"):
            problem(stranger.get(f"/lookup?sha256={file('hero.jpg')}&page={page}"), 400, "question_malformed")
