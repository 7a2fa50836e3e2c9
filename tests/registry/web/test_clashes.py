"""``GET /clashes``: the booker's question, and who may ask it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from registry.commands.answers import clash_lines
from tests.support.asking import post, problem, value
from tests.support.served import Served, raw
from tests.support.world import DAY, Actor, Logged
from verifier.base.strict import format_instant
from verifier.programs.language import english
from verifier.statements.categories import CATEGORIES


class Market:
    """One model with two twins; ``other`` has exclusivity on the first for women's clothing in print in AT and DE."""

    def __init__(self, served: Served, **scope: Any) -> None:
        self.served, world = served, served.world
        self.anna = world.party("anna", roles=["model"])
        self.brand, self.other = (world.party(name, roles=["licensee"]) for name in ("brand", "other"))
        maker = world.party("maker", roles=["maker"])
        creation = world.creation(model=self.anna, maker=maker)
        self.first, self.second = (world.twin(self.anna, creation=creation) for _ in range(2))
        default = {"countries": ["AT", "DE"], "channels": ["print"], "categories": ["1067"], "ends": "+90d"}
        self.exclusive = world.consent(
            model=self.anna, licensee=self.other, twin=self.first, exclusive={**default, **scope}
        )
        served.accept(self.anna, self.brand, self.other, maker, creation, self.first, self.second, self.exclusive)

    def plan(self, days: tuple[int, int] = (10, 40), **more: Any) -> str:
        now = self.served.world.now
        asked: dict[str, str | None] = {
            "twin": self.second.id,
            "brand": self.brand.id,
            "categories": "1067",
            "channels": "print",
            "countries": "CH,DE",
            "starts": format_instant(now + days[0] * DAY),
            "ends": format_instant(now + days[1] * DAY),
            **more,
        }
        return "/clashes?" + urlencode({name: one for name, one in asked.items() if one is not None})


@pytest.fixture
def market(served: Served) -> Market:
    return Market(served)


def told(found: dict[str, Any]) -> str:
    """What people read of each clash, in one line."""
    lines = [line for clash in found["clashes"] for line in clash_lines(clash, english())]
    return " ".join(" ".join(lines).split())


class TestAnswers:
    def test_whose_it_is_on_whichever_twin(self, market: Market, client: FlaskClient) -> None:
        found = value(client.get(market.plan()).data)
        assert (found["answer"], found["model"]) == ("CLASH", market.anna.id)
        [clash] = found["clashes"]
        assert (clash["consent"], clash["licensee"], clash["sure"]) == (market.exclusive.id, market.other.id, True)
        assert clash["scope"]["countries"] == ["AT", "DE"]
        assert found["as_of"]["size"] == market.served.service.published.checkpoint.size

    def test_the_window_is_cut_where_it_ends(self, market: Market, client: FlaskClient) -> None:
        now = market.served.world.now
        found = value(client.get(market.plan((80, 110))).data)
        ends = format_instant(now + 90 * DAY)
        assert found["clashes"][0]["windows"] == [{"from": format_instant(now + 80 * DAY), "to": ends}]
        assert found["free"] == [{"from": ends, "to": format_instant(now + 110 * DAY)}]

    def test_what_would_be_free_instead(self, market: Market, client: FlaskClient) -> None:
        now = market.served.world.now
        instead = value(client.get(market.plan(channels="print,social", categories="1067,1069")).data)["instead"]
        assert instead["countries"] == ["CH"]
        assert instead["channels"] == ["social"]
        assert instead["window"] == {
            "from": format_instant(now + 90 * DAY), "to": format_instant(now + 120 * DAY)
        }  # fmt: skip
        world = value(client.get(market.plan(countries="WORLD")).data)["instead"]
        assert world["countries_excluded"] == ["AT", "DE"] and "countries" not in world

    @pytest.mark.parametrize(
        "more",
        [
            {"countries": "CH"},
            {"channels": "social"},
            {"categories": "1071"},
            {"days": (90, 100)},
        ],
    )
    def test_clear(self, market: Market, client: FlaskClient, more: dict[str, Any]) -> None:
        found = value(client.get(market.plan(**more)).data)
        assert (found["answer"], found["clashes"], found["instead"]) == ("CLEAR", [], {})

    @pytest.mark.parametrize("name", ["categories", "channels", "countries"])
    def test_left_out_means_everything(self, market: Market, client: FlaskClient, name: str) -> None:
        left_out: dict[str, Any] = {name: None}
        assert value(client.get(market.plan(**left_out)).data)["answer"] == "CLASH"

    def test_hold_off_keeps_others_out_for_longer(self, served: Served, client: FlaskClient) -> None:
        market = Market(served, hold_off=20 * DAY)
        assert value(client.get(market.plan((95, 100))).data)["answer"] == "CLASH"
        assert value(client.get(market.plan((110, 120))).data)["answer"] == "CLEAR"

    def test_whom_it_lets_in(self, served: Served, client: FlaskClient) -> None:
        brand = served.world.party("friend", roles=["licensee"])
        served.accept(brand)
        market = Market(served, **{"except": [brand.id]})
        assert value(client.get(market.plan(brand=brand.id)).data)["answer"] == "CLEAR"
        assert value(client.get(market.plan()).data)["answer"] == "CLASH"

    def test_named_rivals_alone(self, served: Served, client: FlaskClient) -> None:
        """And a company that one of them controls."""
        world = served.world
        rival = world.party("rival", roles=["licensee"])
        daughter = world.party("daughter", roles=["licensee"], controller=rival)
        served.accept(rival, daughter)
        market = Market(served, against=[rival.id])
        assert value(client.get(market.plan()).data)["answer"] == "CLEAR"
        for shut_out in (rival, daughter):
            found = value(client.get(market.plan(brand=shut_out.id)).data)
            assert found["answer"] == "CLASH" and found["clashes"][0]["scope"]["against"] == [rival.id]
            assert f"against these alone, and whom they control: {rival.id}" in told(found)

    def test_a_release_and_a_renewal(self, served: Served, client: FlaskClient) -> None:
        """The one ends it as long after it was logged as it says; the other goes on in its place."""
        market = Market(served, release=5 * DAY)
        world = market.served.world
        scope = {"countries": ["AT", "DE"], "channels": ["print"], "categories": ["1067"], "ends": "+200d"}
        renewed = world.consent(
            model=market.anna, licensee=market.other, twin=market.first, renews=market.exclusive, exclusive=scope
        )
        served.accept(world.revocation(consent=market.exclusive, ground="unpaid", members={"part": "exclusive"}))
        found = value(client.get(market.plan((1, 40))).data)
        assert found["clashes"][0]["windows"][0]["to"] == format_instant(world.now + 5 * DAY)
        served.accept(renewed)
        [clash] = value(client.get(market.plan((100, 140))).data)["clashes"]
        assert clash["consent"] == renewed.id

    def test_an_option(self, served: Served, client: FlaskClient) -> None:
        """Until it is taken nobody can tell whether it keeps others out after its last day; not taken it does not."""
        market = Market(served)
        world = market.served.world
        scope = {"countries": ["JP"], "channels": ["print"], "categories": ["1067"], "ends": "+90d"}
        option = world.consent(
            model=market.anna, licensee=market.other, twin=market.first, exclusive=scope, exercise_by="+20d"
        )
        served.accept(option)
        last = world.now + 20 * DAY
        found = value(client.get(market.plan((30, 40), countries="JP")).data)
        [clash] = found["clashes"]
        assert (found["answer"], clash["sure"], clash["option_until"]) == ("CANNOT_TELL", False, format_instant(last))
        assert "an option that was not taken yet" in told(found)
        taken = world.exercise(option)
        served.accept(taken)
        [clash] = value(client.get(market.plan((30, 40), countries="JP")).data)["clashes"]
        assert clash["sure"] and "option_until" not in clash

    def test_ones_own_is_not_in_the_way(self, market: Market, client: FlaskClient) -> None:
        assert value(client.get(market.plan(brand=market.other.id)).data)["answer"] == "CLEAR"

    def test_until_its_revocation_takes_effect(self, market: Market, client: FlaskClient) -> None:
        market.served.accept(market.served.world.revocation(consent=market.exclusive, effective="+20d"))
        found = value(client.get(market.plan()).data)
        now = market.served.world.now
        assert found["clashes"][0]["windows"][0]["to"] == format_instant(now + 20 * DAY)

    def test_agrees_with_what_a_use_is_told(self, market: Market, client: FlaskClient) -> None:
        world = market.served.world
        consent = world.consent(model=market.anna, licensee=market.brand, twin=market.second)
        market.served.accept(consent)
        for countries in (["DE"], ["CH"]):
            usage = world.usage(consent, terms={"countries": countries, "starts": "+10d", "ends": "+40d"})
            told = value(post(client, raw(usage), "?dry_run=true").data)
            asked = value(client.get(market.plan(countries=",".join(countries))).data)
            assert [one["consent"] for one in told["clashes"]] == [one["consent"] for one in asked["clashes"]]
            assert (told["answer"] == "AUTHORISED") == (asked["answer"] == "CLEAR")


class TestQuestions:
    @pytest.mark.parametrize(
        ("more", "where"),
        [
            ({"twin": None}, "twin"),
            ({"brand": None}, "brand"),
            ({"starts": None}, "starts"),
            ({"ends": "2026-13-01T00:00:00Z"}, "ends"),
            ({"ends": "2020-01-01T00:00:00Z"}, "ends"),
            ({"twin": "AB" * 32}, "twin"),
            ({"brand": "1"}, "brand"),
            ({"countries": "de"}, "countries"),
            ({"countries": "DE,WORLD"}, "countries"),
            ({"countries": ""}, "countries"),
            ({"countries": "DE,,FR"}, "countries"),
            ({"countries": "DE\n"}, "countries"),
            ({"channels": "tv"}, "channels"),
            ({"categories": "shoes"}, "categories"),
            ({"categories": "all,1067"}, "categories"),
            ({"categories": ",".join(["1067", *map(str, range(600))])}, "categories"),
            ({"dry_run": "true"}, "dry_run"),
        ],
    )
    def test_that_cannot_be_read(
        self, market: Market, client: FlaskClient, more: dict[str, Any], where: str
    ) -> None:
        found = problem(client.get(market.plan(**more)), 400, "question_malformed")
        assert found["where"] == where

    def test_given_twice(self, market: Market, client: FlaskClient) -> None:
        problem(client.get(market.plan() + "&countries=CH"), 400, "question_malformed")

    def test_about_what_is_not_there(self, market: Market, client: FlaskClient) -> None:
        for name, id in (("twin", market.brand.id), ("twin", "ab" * 32), ("brand", market.first.id)):
            asked: dict[str, Any] = {name: id}
            assert problem(client.get(market.plan(**asked)), 404, "not_found")["where"] == name
        problem(client.get(market.plan(brand=market.anna.id)), 400, "question_malformed")

    def test_for_every_category_at_once(self, market: Market, client: FlaskClient) -> None:
        codes = ",".join(sorted(CATEGORIES)[:500])
        assert client.get(market.plan(categories=codes)).status_code == 200


class TestStrangers:
    def test_learn_nothing_whatever_they_ask(self, market: Market, stranger: FlaskClient) -> None:
        asked = (market.plan(), market.plan(countries="CH"), market.plan(twin="ab" * 32), "/clashes", "/clashes?x=1")
        answers = {stranger.get(one).data for one in asked}
        assert len(answers) == 1
        found = problem(stranger.get(market.plan()), 422, "refused")
        assert found["detail"] == "refused"


def suspended(market: Market) -> Logged | Actor:
    return market.served.world.suspension(market.exclusive)


def test_a_suspension_does_not_lift_it(market: Market, client: FlaskClient) -> None:
    market.served.accept(suspended(market))
    assert value(client.get(market.plan()).data)["answer"] == "CLASH"
