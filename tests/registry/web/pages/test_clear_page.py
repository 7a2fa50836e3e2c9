"""May these pictures be shown? One sentence a picture, by the uses that run now."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.asking import opened, problem, value
from tests.support.english import english_in
from tests.support.served import Served
from tests.support.signed_requests import app_at, asking_as
from tests.support.world import Logged, file


class Campaign:
    """A brand with a consent, and one of its rivals."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.consent, everything = served.story()
        self.rival = served.world.party("rival", roles=["licensee"], called={"name": "Hutan", "public": True})
        served.accept(*everything, self.rival)
        self.client: FlaskClient = asking_as(
            app_at(served.service), served.world.actors[str(self.consent.statement.parties.licensee)]
        )

    def uses(self, name: str, **terms: Any) -> Logged:
        use = self.served.world.usage(self.consent, assets=[name], terms=terms)
        self.served.accept(use)
        return use

    def ask(self, *names: str) -> list[Any]:
        answer = value(opened(self.client, f"/brand/clear.json?sha256={','.join(map(file, names))}").data)
        return list(answer["pictures"])


@pytest.fixture
def campaign(served: Served) -> Campaign:
    return Campaign(served)


def test_each_picture_is_answered_in_the_order_of_asking(campaign: Campaign) -> None:
    use = campaign.uses("hero.jpg")
    campaign.uses("denied.jpg", countries=["JP"])
    found = campaign.ask("denied.jpg", "hero.jpg", "other.jpg")
    assert [(one["sha256"], one["state"]) for one in found] == [
        (file("denied.jpg"), "no"), (file("hero.jpg"), "due"), (file("other.jpg"), "nobody"),
    ]  # fmt: skip
    assert found[1]["use"]["usage"] == use.id and "use" not in found[2]
    page = opened(campaign.client, f"/brand/clear?sha256={file('hero.jpg')}").get_data(as_text=True)
    assert f'href="../paper/certificate/{use.id}?ask=authorised"' in page
    assert f'href="../evidence/usage/{use.id}"' in page and "authorised, and what it costs is not due yet" in page


def test_the_worst_of_the_uses_that_run_now_decides(campaign: Campaign) -> None:
    """A use that is over, or has not begun, says nothing of today."""
    campaign.uses("hero.jpg", countries=["JP"])
    campaign.uses("hero.jpg")
    [found] = campaign.ask("hero.jpg")
    assert (found["state"], len(found["uses"])) == ("no", 2)
    campaign.served.world.advance("40d")
    campaign.uses("later.jpg", starts=campaign.served.world.now + 86_400)
    campaign.uses("hero.jpg")
    hero, later = campaign.ask("hero.jpg", "later.jpg")
    assert hero["state"] != "over" and hero["use"]["starts"] > hero["uses"][-1]["starts"]
    assert later["state"] in ("coming", "no")
    campaign.served.world.advance("60d")
    assert [one["state"] for one in campaign.ask("hero.jpg", "later.jpg")] == ["over", "over"]


def test_what_somebody_else_registered_is_told_as_to_everybody(campaign: Campaign, served: Served) -> None:
    world = served.world
    other = world.consent(model=world.actors[str(campaign.consent.statement.parties.model)], licensee=campaign.rival)
    served.accept(other, world.usage(other, assets=["theirs.jpg"]))
    [found] = campaign.ask("theirs.jpg")
    assert (found["state"], found["uses"], found["others"][0]["brand"]["name"]) == ("others", [], "Hutan")
    page = opened(campaign.client, f"/brand/clear?sha256={file('theirs.jpg')}").get_data(as_text=True)
    assert "<bdi>Hutan</bdi> registered this file, and you did not." in page


def test_says_what_is_no_fingerprint(campaign: Campaign) -> None:
    assert "That is 4 characters; a SHA-256 has 64." in opened(campaign.client, "/brand/clear?sha256=12ab").text
    many = ",".join(file(f"{n}.jpg") for n in range(26))
    problem(opened(campaign.client, f"/brand/clear?sha256={many}"), 400, "question_malformed")


def test_speaks_indonesian(campaign: Campaign) -> None:
    campaign.uses("hero.jpg")
    campaign.uses("denied.jpg", countries=["JP"])
    asked = ",".join(map(file, ("hero.jpg", "denied.jpg", "other.jpg")))
    assert english_in(opened(campaign.client, f"/brand/clear?language=id&sha256={asked}").text) == {}


def test_is_nobody_elses(campaign: Campaign, served: Served) -> None:
    model = served.world.actors[str(campaign.consent.statement.parties.model)]
    problem(asking_as(app_at(served.service), model).get("/brand/clear"), 404, "not_found")
    problem(app_at(served.service).test_client().get("/brand/clear"), 422, "refused")
