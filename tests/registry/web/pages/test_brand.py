"""A brand's pages: what it may use, what it owes, and the answers about its uses."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from registry.drafting.drafts.references import end_to_end
from tests.support.asking import problem, value
from tests.support.english import english_in
from tests.support.served import Served
from tests.support.signed_requests import app_at, asking_as
from tests.support.world import Actor, Logged

PATHS = ("/brand", "/brand/money", "/brand/uses")


@pytest.fixture
def brand(served: Served) -> tuple[FlaskClient, str, str]:
    """The brand of a story with one use: its client, the consent, the use."""
    consent, everything = served.story()
    usage = served.world.usage(consent, assets=["hero.jpg"])
    served.accept(*everything, usage)
    actor = served.world.actors[str(consent.statement.parties.licensee)]
    return asking_as(app_at(served.service), actor), consent.id, usage.id


def ask(client: FlaskClient, path: str) -> Any:
    return value(client.get(f"{path}.json").data)


def test_says_what_it_may_use_and_what_it_owes(brand: tuple[FlaskClient, str, str]) -> None:
    client, consent, usage = brand
    home, money, uses = (ask(client, path) for path in PATHS)
    assert [one["consent"] for one in home["deals"]["rows"]] == [consent]
    owed = sum(row["outstanding"]["amount"] for row in money["lines"]["rows"])
    assert owed > 0 and home["owed"][0]["all"]["amount"] == owed
    assert [row["usage"] for row in uses["uses"]["rows"]] == [usage]
    assert ask(client, f"/brand/uses/{usage}")["use"]["authorised"] == "AUTHORISED"


def test_says_first_how_much_is_owed_and_whether_it_is_late(
    served: Served, brand: tuple[FlaskClient, str, str]
) -> None:
    client, _, _ = brand
    before = [client.get(path).get_data(as_text=True) for path in PATHS[:2]]
    assert all("You owe EUR 1,000.00. Nothing is late." in text for text in before)
    served.world.advance("70d")
    served.accept(served.world.party("later", roles=["model"]))
    late = client.get("/brand/money").get_data(as_text=True)
    assert "You owe EUR 1,000.00. Of that, EUR 1,000.00 is late." in late


def test_a_sub_licensee_sees_the_consent_that_lists_it_while_it_runs(served: Served) -> None:
    _, (anna, brand, maker, creation, twin, _) = served.story()
    assert isinstance(anna, Actor) and isinstance(brand, Actor) and isinstance(twin, Logged)
    world = served.world
    shop = world.party("shop", roles=["licensee"])
    served.accept(anna, brand, maker, creation, twin, shop)
    consent = world.consent(model=anna, licensee=brand, twin=twin, sublicensees=[shop])
    served.accept(consent)
    client = asking_as(app_at(served.service), shop)
    [deal] = ask(client, "/brand")["deals"]["rows"]
    assert (deal["consent"], deal["state"], deal.get("exclusive_until")) == (consent.id, "running", None)
    assert ask(client, "/brand")["owed"] == [], "it owes nothing of it"
    served.accept(world.revocation(consent=consent, effective=world.now))
    world.advance(86_400)
    assert ask(client, "/brand")["deals"]["rows"] == [], "it used nothing: it may read no more of it"


def test_what_it_pays_is_told_apart(brand: tuple[FlaskClient, str, str]) -> None:
    """Under which consent, to whom, for whom."""
    client, consent, usage = brand
    [row] = ask(client, "/brand/uses")["uses"]["rows"]
    assert row["model"]["role"] == "model"
    page = client.get(f"/brand/uses/{usage}").get_data(as_text=True)
    assert consent in page and f'<small class="mono">{row["model"]["party"][:4]} ' in page


def test_each_transfer_has_the_next_reference(served: Served, brand: tuple[FlaskClient, str, str]) -> None:
    """The protocol's own, with the number after those that are in use, whoever used them."""
    client, consent, _ = brand
    [first] = ask(client, "/brand/money")["transfers"]
    payee = first["payee"]["party"]
    lines = ask(client, "/brand/money")["lines"]["rows"]
    assert first["amount"]["amount"] == sum(row["outstanding"]["amount"] for row in lines)
    assert (first["consent"], first["reference"]) == (consent, end_to_end(consent, payee, 1))
    made, model = next(one for one in served.world.entries.values() if one.id == consent), served.world.actors[payee]
    receipt = served.world.receipt(made, payee=model, amount=100, reference=first["reference"])
    served.accept(receipt)
    [then] = ask(client, "/brand/money")["transfers"]
    assert then["reference"] == end_to_end(consent, payee, 2)
    assert then["amount"]["amount"] == first["amount"]["amount"] - 100
    assert then["reference"] in client.get("/brand/money").get_data(as_text=True)


def test_a_use_for_which_nothing_is_owed_says_no_more(served: Served) -> None:
    """What else the brand owes is not the use's."""
    consent, everything = served.story()
    denied = served.world.usage(consent, assets=["b.jpg"], terms={"countries": ["JP"]})
    served.accept(*everything, served.world.usage(consent, assets=["hero.jpg"]), denied)
    brand = served.world.actors[str(consent.statement.parties.licensee)]
    client = asking_as(app_at(served.service), brand)
    assert ask(client, "/brand")["owed"]
    page = client.get(f"/brand/uses/{denied.id}").get_data(as_text=True)
    assert "Nothing is owed for this use now." in page and "You owe nobody" not in page


def test_a_stranger_is_led_to_no_page_that_turns_her_away(served: Served) -> None:
    page = app_at(served.service).test_client().get("/brand", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert 'href="lookup"' in page and "brand/money" not in page


def test_speaks_indonesian(brand: tuple[FlaskClient, str, str]) -> None:
    client, _, usage = brand
    for path in (*PATHS, f"/brand/uses/{usage}"):
        answer = client.get(f"{path}?language=id")
        assert answer.status_code == 200 and english_in(answer.get_data(as_text=True)) == {}, path


def test_is_nobody_elses(served: Served, brand: tuple[FlaskClient, str, str]) -> None:
    other = served.world.party("other", roles=["model"])
    served.accept(other)
    for path in PATHS:
        problem(asking_as(app_at(served.service), other).get(path), 404, "not_found")
        problem(app_at(served.service).test_client().get(path), 422, "refused")
        page = asking_as(app_at(served.service), other).get(path, headers={"Accept": "text/html"})
        assert page.status_code == 404 and "This page is not yours." in page.get_data(as_text=True)
