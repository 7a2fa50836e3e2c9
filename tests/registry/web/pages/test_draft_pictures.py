"""Pictures by session, with a permit of the key: for one draft, an hour, its proposer; else a session only reads."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pytest
from werkzeug.test import TestResponse

from registry.demo.pictures import portrait
from registry.web.pages.draft_pictures import HOUR, Permits
from tests.support.asking import problem, value
from tests.support.desk_clients import Deal
from tests.support.english import english_in
from tests.support.handing_over import SIGN_URL, acts_in, carry_out, with_sign_url
from tests.support.served import Served
from tests.support.session_browsers import Browser, signed_in
from tests.support.signed_requests import URL
from tests.support.world import Actor
from verifier.base.strict import parse_instant

HERO, OTHER = portrait("hero"), portrait("other")
NAMES = [sha256(one).hexdigest() for one in (HERO, OTHER)]


@dataclass
class Shoot:
    """A brand put up an approval of two pictures, which waits for Anna; each has a browser of her own."""

    served: Served

    def __post_init__(self) -> None:
        self.deal = Deal(with_sign_url(self.served))
        self.app = self.deal.desk.app
        world = self.served.world
        consent = world.consent(model=self.deal.anna, licensee=self.deal.brand, twin=self.deal.twin)
        self.served.accept(consent)
        self.id = self.deal.desk.proposes(self.deal.brand, world.approval(consent, assets=NAMES))
        self.another = self.deal.desk.proposes(self.deal.brand, world.approval(consent, assets=[NAMES[0]]))
        self.brand, self.anna = self.browser(self.deal.brand), self.browser(self.deal.anna)

    def browser(self, who: Actor) -> Browser:
        return signed_in(self.app, who, URL)

    def permit(self, id: str = "", who: Actor | None = None) -> str:
        """As the page's act has the key make it."""
        acts = acts_in(self.brand.get(f"/drafts/{id or self.id}").text)
        [act] = [one for one in acts if one["steps"][0]["path"].endswith("/files")]
        [answer] = carry_out(self.app, who or self.deal.brand, act)
        return str(value(answer.data)["permit"])

    def asks(self, method: str, permit: str, *, browser: Browser | None = None, **more: Any) -> TestResponse:
        if method == "PUT":
            more = {"data": HERO, "content_type": "application/octet-stream", **more}
        path = f"/drafts/{self.id}/files/{NAMES[0]}?permit={permit}"
        return (browser or self.brand).ask(method, path, **more)

    def kept(self) -> list[str]:
        return list(value(self.anna.get(f"/drafts/{self.id}.json").data)["kept"])


@pytest.fixture
def shoot(served: Served) -> Shoot:
    return Shoot(served)


def test_is_brought_and_taken_away(shoot: Shoot) -> None:
    permit = shoot.permit()
    assert shoot.asks("PUT", permit).status_code == 200 and shoot.kept() == [NAMES[0]]
    assert value(shoot.brand.get(f"/drafts/{shoot.id}.json").data)["bringing"]["named"] == sorted(NAMES)
    assert shoot.asks("DELETE", permit).status_code == 200 and shoot.kept() == []
    problem(shoot.asks("DELETE", permit), 404, "not_found")


def test_says_until_when(shoot: Shoot) -> None:
    found = shoot.deal.desk.does(shoot.deal.brand, "POST", f"/{shoot.id}/files")
    assert parse_instant(found["until"]) == shoot.served.service.now() + HOUR
    permits = Permits(bytes(32))
    permit = permits.give("a", "b", 1_000)
    permits.check(permit, "a", "b", 999)


def test_no_session_does_it_alone(shoot: Shoot) -> None:
    permit = shoot.permit()
    wrong = ("", "ab" * 32, permit[:-1], permit.upper(), "0" * 64, shoot.permit(shoot.another), f"{permit}0",
             f"ffffffffffffffff{permit[16:]}", "\u0661" * 64)  # fmt: skip
    for method in ("PUT", "DELETE"):
        for one in wrong:
            problem(shoot.asks(method, one), 422, "refused")
        problem(shoot.asks(method, permit, browser=shoot.anna), 422, "refused")
        problem(shoot.asks(method, permit, browser=Browser(shoot.app, URL)), 422, "refused")
    for path in (f"/desk/{shoot.id}/files/{NAMES[0]}", f"/desk/{shoot.id}/files"):
        problem(shoot.brand.ask("POST" if path.endswith("files") else "PUT", path), 403, "session_reads")
    shoot.brand.site = "cross-site"
    problem(shoot.asks("PUT", permit), 422, "refused")
    assert shoot.kept() == []


def test_only_whose_draft_it_is_permits_it(shoot: Shoot) -> None:
    for who, kind in ((shoot.deal.anna, "refused"), (shoot.deal.stranger, "not_found")):
        shoot.deal.desk.fails(422 if kind == "refused" else 404, kind, who, "POST", f"/{shoot.id}/files")
    assert "bringing" not in value(shoot.anna.get(f"/drafts/{shoot.id}.json").data)
    assert 'id="bring"' not in shoot.anna.get(f"/drafts/{shoot.id}").text


def test_lasts_an_hour_and_no_longer_than_the_draft(shoot: Shoot) -> None:
    permit = shoot.permit()
    shoot.served.world.advance(HOUR - 1)
    brand = shoot.browser(shoot.deal.brand)
    assert shoot.asks("PUT", permit, browser=brand).status_code == 200
    shoot.served.world.advance(1)
    problem(shoot.asks("DELETE", permit, browser=brand), 422, "refused")
    shoot.deal.desk.does(shoot.deal.brand, "DELETE", f"/{shoot.id}")
    shoot.deal.desk.fails(409, "draft_ended", shoot.deal.brand, "POST", f"/{shoot.id}/files")


def test_only_the_bytes_that_are_named(shoot: Shoot) -> None:
    permit = shoot.permit()
    problem(shoot.asks("PUT", permit, data=OTHER), 400, "bad_request")
    problem(shoot.asks("PUT", permit, content_type="image/png"), 415, "media_type")


def test_speaks_indonesian(shoot: Shoot) -> None:
    assert shoot.asks("PUT", shoot.permit()).status_code == 200
    assert english_in(shoot.brand.get(f"/drafts/{shoot.id}?language=id").text) == {}
    assert SIGN_URL in shoot.brand.get(f"/drafts/{shoot.id}").text
