"""Pictures that lie with a draft: who may bring them and who sees them, how many, and that nothing is left of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from registry.backup import backup
from registry.demo.pictures import portrait
from registry.desk import limits
from registry.desk.desk_backup import DATABASE
from tests.support.asking import problem
from tests.support.at_once import at_once
from tests.support.desk_clients import Deal
from tests.support.served import Served
from tests.support.signed_requests import asking_as
from tests.support.world import Actor
from verifier.base.private_keys import SigningKey

DAY = 86_400
HERO, OTHER, FOREIGN = portrait("hero"), portrait("other"), portrait("foreign")
BYTES = "application/octet-stream"


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


@dataclass
class Booking:
    """A brand puts up an approval of two pictures and a text, which waits for Anna."""

    deal: Deal
    id: str = ""

    def __post_init__(self) -> None:
        world = self.deal.served.world
        consent = world.consent(model=self.deal.anna, licensee=self.deal.brand, twin=self.deal.twin)
        self.deal.served.accept(consent)
        made = world.approval(consent, assets=[digest(HERO), digest(OTHER), digest(b"a text")])
        self.id = self.deal.desk.proposes(self.deal.brand, made)

    def brings(self, who: Actor | None, data: bytes, *, name: str = "", type: str = BYTES) -> TestResponse:
        client = asking_as(self.deal.desk.app, who)
        path = f"/desk/{self.id}/files/{name or digest(data)}"
        return client.open(path, method="PUT", data=data, content_type=type)

    def sees(self, who: Actor | SigningKey | None, data: bytes = HERO) -> TestResponse:
        return asking_as(self.deal.desk.app, who).get(f"/desk/{self.id}/files/{digest(data)}")

    def listed(self, who: Actor) -> list[str]:
        return [one["sha256"] for one in self.deal.desk.does(who, "GET", f"/{self.id}").get("files", [])]

    def is_on_disk(self, data: bytes) -> bool:
        root = self.deal.served.root
        return any(data[200:400] in path.read_bytes() for path in root.rglob("*") if path.is_file())


@pytest.fixture
def booking(served: Served) -> Booking:
    return Booking(Deal(served))


def test_who_signs_is_shown_exactly_what_was_brought(booking: Booking) -> None:
    deal = booking.deal
    assert booking.listed(deal.anna) == []
    for data in (HERO, OTHER, HERO):
        answer = booking.brings(deal.brand, data)
        assert answer.status_code == 200, answer.data
    shown = deal.desk.does(deal.anna, "GET", f"/{booking.id}")["files"]
    assert shown == [
        {"sha256": digest(one), "size": len(one), "type": "image/png"} for one in sorted((HERO, OTHER), key=digest)
    ]
    for who in (deal.anna, deal.brand):
        answer = booking.sees(who)
        assert answer.data == HERO
        assert {name: answer.headers.get(name) for name in (
            "Cache-Control", "Content-Disposition", "Content-Security-Policy", "Content-Type",
            "Cross-Origin-Resource-Policy", "ETag", "X-Content-Type-Options",
        )} == {
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{digest(HERO)[:16]}.png"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Content-Type": "image/png",
            "Cross-Origin-Resource-Policy": "same-origin",
            "ETag": None,
            "X-Content-Type-Options": "nosniff",
        }  # fmt: skip


def test_nobody_else_sees_or_brings_any(booking: Booking) -> None:
    deal = booking.deal
    assert booking.brings(deal.brand, HERO).status_code == 200
    unknown = f"/{'ab' * 32}/files/{digest(HERO)}"
    for who in (deal.stranger, deal.maker):
        said = problem(booking.sees(who), 404, "not_found")
        assert said == deal.desk.fails(404, "not_found", who, "GET", unknown)
        problem(booking.brings(who, OTHER), 404, "not_found")
    for asked in (booking.sees(None), booking.brings(None, OTHER), booking.sees(deal.served.world.registrar)):
        problem(asked, 422, "refused")
    problem(booking.brings(deal.anna, OTHER), 422, "refused")
    problem(booking.sees(deal.anna, OTHER), 404, "not_found")
    assert booking.listed(deal.anna) == [digest(HERO)]


def test_only_pictures_that_the_draft_names(booking: Booking) -> None:
    brand = booking.deal.brand
    assert problem(booking.brings(brand, FOREIGN), 422, "refused")["where"] == "sha256"
    assert problem(booking.brings(brand, FOREIGN, name=digest(HERO)), 400, "bad_request")["where"] == "sha256"
    problem(booking.brings(brand, b"a text"), 415, "media_type")
    problem(booking.brings(brand, HERO, type="image/png"), 415, "media_type")
    problem(booking.brings(brand, HERO, name="hero.png"), 404, "not_found")
    assert booking.listed(brand) == []


def test_its_proposer_takes_one_away(booking: Booking) -> None:
    deal, path = booking.deal, f"/{booking.id}/files/{digest(HERO)}"
    for data in (HERO, OTHER):
        assert booking.brings(deal.brand, data).status_code == 200
    deal.desk.fails(422, "refused", deal.anna, "DELETE", path)
    deal.desk.fails(404, "not_found", deal.stranger, "DELETE", path)
    deal.desk.does(deal.brand, "DELETE", path)
    assert booking.listed(deal.anna) == [digest(OTHER)] and not booking.is_on_disk(HERO)
    deal.desk.fails(404, "not_found", deal.brand, "DELETE", path)
    assert booking.brings(deal.brand, HERO).status_code == 200, "it may come again"


class TestHowMuch:
    def test_one_picture(self, booking: Booking) -> None:
        problem(booking.brings(booking.deal.brand, HERO + bytes(limits.PICTURE)), 413, "too_large")

    @pytest.mark.parametrize("most", ["PICTURES", "PICTURES_OF_ALL"])
    def test_all(self, booking: Booking, monkeypatch: pytest.MonkeyPatch, most: str) -> None:
        brand = booking.deal.brand
        monkeypatch.setattr(limits, most, len(HERO) + len(OTHER) - 1)
        assert booking.brings(brand, HERO).status_code == 200
        problem(booking.brings(brand, OTHER), 413, "too_large")
        assert booking.brings(brand, HERO).status_code == 200, "it is there already"
        another = Booking(booking.deal)
        assert (another.brings(brand, OTHER).status_code == 200) == (most == "PICTURES")


class TestAtOnce:
    def test_no_more_than_may_be(self, booking: Booking, monkeypatch: pytest.MonkeyPatch) -> None:
        brand = booking.deal.brand
        monkeypatch.setattr(limits, "PICTURES", max(len(HERO), len(OTHER)))
        answers = at_once([partial(booking.brings, brand, one) for one in (HERO, OTHER) * 3])
        assert {answer.status_code for answer in answers} == {200, 413}
        assert len(booking.listed(brand)) == 1

    def test_the_draft_ends_meanwhile(self, booking: Booking) -> None:
        brand = booking.deal.brand
        ends = partial(booking.deal.desk.ask, brand, "DELETE", f"/{booking.id}")
        answers = at_once([*(partial(booking.brings, brand, one) for one in (HERO, OTHER) * 3), ends])
        assert {answer.status_code for answer in answers} <= {200, 409} and answers[-1].status_code == 200
        assert not booking.is_on_disk(HERO) and not booking.is_on_disk(OTHER)


class TestItsEnd:
    @pytest.mark.parametrize("how", ["withdrawn", "declined", "expired", "logged"])
    def test_nothing_is_left(self, booking: Booking, how: str) -> None:
        deal = booking.deal
        assert booking.brings(deal.brand, HERO).status_code == 200
        assert booking.is_on_disk(HERO)
        if how == "withdrawn":
            deal.desk.does(deal.brand, "DELETE", f"/{booking.id}")
        elif how == "declined":
            deal.desk.does(deal.anna, "POST", f"/{booking.id}/decline", {"reason": "not this one"})
        elif how == "expired":
            deal.served.world.advance(30 * DAY + 60)
        else:
            deal.desk.signs(deal.anna, booking.id)
        shown = deal.desk.does(deal.brand, "GET", f"/{booking.id}")
        assert shown["state"] == how and "files" not in shown
        for who in (deal.anna, deal.brand):
            problem(booking.sees(who), 404, "not_found")
        problem(booking.brings(deal.brand, OTHER), 409, "draft_ended")
        assert not booking.is_on_disk(HERO)

    def test_no_backup_holds_it(self, booking: Booking, tmp_path: Path) -> None:
        assert booking.brings(booking.deal.brand, HERO).status_code == 200
        backup(booking.deal.served.root, tmp_path / "copy")
        assert (tmp_path / "copy" / DATABASE).exists()
        files = [path for path in (tmp_path / "copy").rglob("*") if path.is_file()]
        assert not any(HERO[200:400] in path.read_bytes() for path in files)
