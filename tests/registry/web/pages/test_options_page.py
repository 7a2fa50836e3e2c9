"""Options from pages: a brand asks, the model's side answers once it has read what follows, either gives it up."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.support.asking import opened, problem, value
from tests.support.desk_clients import Deal
from tests.support.english import english_in
from tests.support.handing_over import acts_in, carry_out, tells_what_came_back, with_sign_url
from tests.support.served import Served
from tests.support.signed_requests import app_at, asking_as
from tests.support.world import DAY, Actor
from verifier.base.strict import format_instant


class Options:
    """A brand that has dealt with Anna, who has an agency; all of them by their pages."""

    def __init__(self, served: Served) -> None:
        self.deal = Deal(with_sign_url(served))
        self.app = app_at(served.service)
        self.now = served.world.now

    def page(self, who: Actor, path: str) -> str:
        answer = opened(asking_as(self.app, who), path)
        assert answer.status_code == 200, answer.data
        return answer.text

    def told(self, who: Actor, path: str) -> Any:
        return value(opened(asking_as(self.app, who), path).data)

    def form(self, **changed: str) -> str:
        """The form of who asks, filled in, as its address has it."""
        given = {
            "model": self.deal.anna.id, "starts": self.day(9), "ends": self.day(11), "days": "14",
            "about": "Knitwear <Bandung>",
        }  # fmt: skip
        return urlencode({**given, **changed})

    def day(self, days: int) -> str:
        return format_instant(self.now + days * DAY)[:10]

    def does(self, who: Actor, path: str) -> Any:
        """Carry out the one act that a page hands over."""
        [act] = acts_in(self.page(who, path))
        [answer] = carry_out(self.app, who, act)
        assert answer.status_code == 200, answer.data
        assert tells_what_came_back(asking_as(self.app, who), act)
        return value(answer.data)

    def asked(self, who: Actor | None = None) -> str:
        """The id of one that a brand asked for."""
        return str(self.does(who or self.deal.brand, f"/brand/options?{self.form()}")["id"])


@pytest.fixture
def options(served: Served) -> Options:
    return Options(served)


def test_is_asked_for_as_it_was_shown(options: Options) -> None:
    brand, anna = options.deal.brand, options.deal.anna
    found = options.told(brand, "/brand/options.json")
    assert [one["party"] for one in found["known"]] == [anna.id] and found["asks"]
    text = options.page(brand, f"/brand/options?{options.form()}")
    assert "Knitwear &lt;Bandung&gt;" in text
    made = options.does(brand, f"/brand/options?{options.form()}")
    assert (made["state"], made["about"], made["model"]) == ("asked", "Knitwear <Bandung>", anna.id)
    assert made["ends"] == f"{options.day(11)}T00:00:00Z" and made["until"] == f"{options.day(11)}T00:00:00Z"
    [mine] = options.told(brand, "/brand/options.json")["others"]
    assert mine["option"] == made["id"] and mine["yours"] and not mine["answers"]


def test_a_model_is_named_by_her_id_too(options: Options) -> None:
    spaced = " ".join(options.deal.anna.id[at : at + 8] for at in range(0, 64, 8)).upper()
    made = options.does(options.deal.stranger, f"/brand/options?{options.form(model='', other=spaced)}")
    assert made["model"] == options.deal.anna.id


@pytest.mark.parametrize(("who", "place"), [("anna", "model"), ("gina", "agency")])
@pytest.mark.parametrize(("what", "state"), [("grant", "granted"), ("decline", "declined")])
def test_is_answered_for_the_model(options: Options, who: str, place: str, what: str, state: str) -> None:
    actor, id = getattr(options.deal, who), options.asked()
    home = options.told(actor, f"/{place}.json")
    assert [one["option"] for one in home["options"]] == [id]
    [waiting] = options.told(actor, f"/{place}/options.json")["waiting"]
    assert waiting["asker"]["party"] == options.deal.brand.id
    link = f"/{place}/options?id={id}&amp;what={what}"
    assert link.rpartition("/")[2] in options.page(actor, f"/{place}/options")
    path = f"/{place}/options?id={id}&what={what}"
    assert options.does(actor, path)["state"] == state
    assert options.told(actor, f"/{place}/options.json")["waiting"] == []
    assert "deciding" not in options.told(actor, path.replace("options?", "options.json?"))


def test_the_first_that_is_granted_is_the_first(options: Options) -> None:
    deal = options.deal
    first, second = options.asked(), options.asked(deal.stranger)
    for id in (second, first):
        options.does(deal.anna, f"/model/options?id={id}&what=grant")
    ranks = {one["option"]: one["rank"] for one in options.told(deal.anna, "/model/options.json")["others"]}
    assert ranks == {second: 1, first: 2}
    assert "Option no. 2" in options.page(deal.brand, "/brand/options")
    assert second not in options.page(deal.brand, "/brand/options")
    options.does(deal.stranger, f"/brand/options?id={second}&what=release")
    assert "First option" in options.page(deal.brand, "/brand/options")
    assert options.does(deal.anna, f"/model/options?id={first}&what=release")["state"] == "released"


def test_says_what_is_wrong(options: Options) -> None:
    brand, gina = options.deal.brand, options.deal.gina
    wrong = {"model": brand.id, "ends": "2020-01-01", "starts": "soon", "days": "1000", "about": ""}
    found = options.told(brand, f"/brand/options.json?{options.form(**wrong)}")
    assert found["wrong"] == {"starts": "form.no_day", "days": "form.not_offered", "about": "form.needed"}
    assert found["given"]["ends"] == ["2020-01-01"] and "asked" not in found
    for path, field in (
        (f"/brand/options.json?{options.form(model=brand.id)}", "model"),
        (f"/agency/options.json?{options.form()}", "model"),
        (f"/brand/options.json?{options.form(ends=options.day(500))}", "ends"),
        (f"/brand/options.json?{options.form(about='x' * 201)}", "about"),
        (f"/brand/options.json?{options.form(starts='2020-01-01', ends='2020-01-02')}", "ends"),
    ):
        found = options.told(gina if "agency" in path else brand, path)
        assert list(found["wrong"]) == [field] and "asked" not in found, path


def test_gives_nobody_elses_away(options: Options) -> None:
    id, deal = options.asked(), options.deal
    stranger = asking_as(options.app, deal.stranger)
    assert value(opened(stranger, "/brand/options.json").data)["others"] == []
    problem(opened(stranger, f"/brand/options?id={id}&what=release"), 404, "not_found")
    for path in ("/model/options", "/agency/options"):
        problem(opened(stranger, path), 404, "not_found")
    anna = asking_as(options.app, deal.anna)
    assert problem(opened(anna, f"/model/options?id={id}&what=burn"), 400, "question_malformed")["where"] == "what"
    assert problem(opened(anna, f"/model/options?about=x&id={id}"), 400, "question_malformed")["where"] == "about"
    assert "deciding" not in options.told(deal.brand, f"/brand/options.json?id={id}&what=grant"), "it is not hers"


def test_speaks_indonesian(options: Options) -> None:
    id, deal = options.asked(), options.deal
    paths = [(deal.anna, f"/model/options?id={id}&what={what}&") for what in ("grant", "decline", "release")]
    paths += [(deal.anna, "/model/options?"), (deal.gina, "/agency/options?"), (deal.anna, "/model?")]
    paths += [(deal.brand, "/brand/options?"), (deal.brand, f"/brand/options?{options.form()}&")]
    paths += [(deal.brand, f"/brand/options?{options.form(**{'model': 'x', 'about': 'y' * 201})}&")]
    for who, path in paths:
        assert english_in(options.page(who, f"{path}language=id")) == {}, path


def test_without_a_page_that_holds_keys_it_is_a_command(served: Served) -> None:
    deal = Deal(served)
    app, now = app_at(served.service), served.world.now
    wish = {
        "about": "Bali", "model": deal.anna.id,
        "starts": format_instant(now + DAY), "ends": format_instant(now + 2 * DAY),
    }  # fmt: skip
    id = deal.desk.does(deal.brand, "POST", "/options", wish)["id"]
    text = opened(asking_as(app, deal.anna), f"/model/options?id={id}&what=grant").text
    assert f"registry desk option grant {id[:16]}" in text
