"""Options: granted, not taken; ranked by when they were granted; gone when nobody answers."""

from __future__ import annotations

from typing import Any

import pytest

from registry.desk.desk_backup import DATABASE
from registry.desk.option_store import KEPT
from registry.desk.options import ANSWER, HELD, OPEN, PER_DAY
from tests.support.desk_clients import Deal
from tests.support.world import Actor
from verifier.base.strict import format_instant

DAY = 86_400


class Booking:
    """Brands that would like to have Anna, whose agency is Gina."""

    def __init__(self, deal: Deal) -> None:
        self.deal, self.desk, self.world = deal, deal.desk, deal.served.world

    def wish(self, **more: Any) -> dict[str, Any]:
        days = {"starts": 10, "ends": 12, **{name: more.pop(name) for name in ("starts", "ends") if name in more}}
        window: dict[str, Any] = {name: format_instant(self.world.now + day * DAY) for name, day in days.items()}
        return {"about": "two days in Bali", "model": self.deal.anna.id, **window, **more}

    def asks(self, who: Actor, **more: Any) -> str:
        return str(self.desk.does(who, "POST", "/options", self.wish(**more))["id"])

    def granted(self, who: Actor, **more: Any) -> str:
        id = self.asks(who, **more)
        self.desk.does(self.deal.gina, "POST", f"/options/{id}/grant")
        return id

    def of(self, who: Actor) -> dict[str, Any]:
        return {one["id"]: one for one in self.desk.does(who, "GET", "/options")["options"]}


@pytest.fixture
def booking(deal: Deal) -> Booking:
    return Booking(deal)


class TestRank:
    def test_it_goes_by_when_it_was_granted(self, booking: Booking) -> None:
        deal = booking.deal
        first, second = booking.asks(deal.brand), booking.asks(deal.stranger)
        booking.desk.does(deal.anna, "POST", f"/options/{second}/grant")
        said = booking.desk.does(deal.gina, "POST", f"/options/{first}/grant")
        assert (said["state"], said["rank"], said["answered_by"]) == ("granted", 2, deal.gina.id)
        assert {id: one["rank"] for id, one in booking.of(deal.anna).items()} == {first: 2, second: 1}
        booking.desk.does(deal.stranger, "DELETE", f"/options/{second}")
        assert booking.of(deal.brand)[first]["rank"] == 1

    def test_windows_that_do_not_meet_have_ranks_of_their_own(self, booking: Booking) -> None:
        deal = booking.deal
        one = booking.granted(deal.brand, starts=10, ends=12)
        two = booking.granted(deal.stranger, starts=12, ends=14)
        three = booking.granted(deal.maker, starts=11, ends=13)
        ranks = {id: said["rank"] for id, said in booking.of(deal.gina).items()}
        assert ranks == {one: 1, two: 1, three: 3}

    def test_others_see_their_own_alone(self, booking: Booking) -> None:
        deal = booking.deal
        mine, theirs = booking.granted(deal.brand), booking.granted(deal.stranger)
        assert booking.of(deal.brand).keys() == {mine} and booking.of(deal.stranger).keys() == {theirs}
        assert booking.of(deal.maker) == {}
        for method, path in (("POST", "/grant"), ("POST", "/decline"), ("DELETE", "")):
            said = booking.desk.fails(404, "not_found", deal.brand, method, f"/options/{theirs}{path}")
            assert said == booking.desk.fails(404, "not_found", deal.brand, method, f"/options/{'ab' * 32}{path}")
        listed = booking.desk.ask(deal.brand, "GET", "/options").data
        assert deal.stranger.id.encode() not in listed and b"two" in listed


class TestAnswering:
    def test_the_model_or_who_acts_for_her_and_nobody_else(self, booking: Booking) -> None:
        deal = booking.deal
        id = booking.asks(deal.brand)
        booking.desk.fails(422, "refused", deal.brand, "POST", f"/options/{id}/grant")
        assert not booking.of(deal.brand)[id]["answers"] and booking.of(deal.anna)[id]["answers"]
        booking.desk.does(deal.anna, "POST", f"/options/{id}/decline")
        booking.desk.fails(409, "draft_ended", deal.gina, "POST", f"/options/{id}/grant")
        booking.desk.fails(409, "draft_ended", deal.brand, "DELETE", f"/options/{id}")

    def test_an_agency_whose_mandate_is_over_sees_nothing(self, booking: Booking) -> None:
        deal = booking.deal
        id = booking.asks(deal.brand)
        deal.served.accept(booking.world.revocation(mandate=deal.mandate))
        booking.world.advance(60)
        assert booking.of(deal.gina) == {}
        booking.desk.fails(404, "not_found", deal.gina, "POST", f"/options/{id}/grant")
        booking.desk.does(deal.anna, "POST", f"/options/{id}/grant")

    def test_unanswered_it_lapses(self, booking: Booking) -> None:
        id = booking.asks(booking.deal.brand)
        booking.world.advance(ANSWER)
        assert booking.of(booking.deal.brand)[id]["state"] == "lapsed"
        booking.desk.fails(409, "draft_ended", booking.deal.anna, "POST", f"/options/{id}/grant")
        assert b"Bali" not in (booking.deal.served.root / DATABASE).read_bytes(), "its words are erased"
        booking.world.advance(KEPT)
        assert booking.of(booking.deal.brand) == {}

    def test_what_nobody_could_answer_is_answered_later(self, booking: Booking) -> None:
        deal = booking.deal
        id = booking.asks(deal.brand)
        deal.served.service.close()
        booking.world.advance("3d")
        booking.desk.reopen()
        assert booking.of(deal.anna)[id]["answer_by"] == format_instant(booking.world.now + ANSWER)

    def test_granted_it_lapses_in_its_time(self, booking: Booking) -> None:
        id = booking.granted(booking.deal.brand, starts=40, ends=50)
        assert booking.of(booking.deal.brand)[id]["until"] == format_instant(booking.world.now + HELD)
        booking.world.advance(HELD)
        assert booking.of(booking.deal.brand)[id]["state"] == "lapsed"

    def test_it_has_no_effect_in_the_contract(self, booking: Booking) -> None:
        deal = booking.deal
        booking.granted(deal.stranger, starts=0, ends=300)
        id = deal.proposed()
        for who in (deal.anna, deal.gina, deal.brand):
            said = deal.desk.signs(who, id)
        assert said["state"] == "logged"


class TestLimits:
    def test_three_open_on_a_model(self, booking: Booking) -> None:
        deal = booking.deal
        holding = booking.world.party("holding", roles=["holder"])
        sisters = [booking.world.party(name, roles=["licensee"], controller=holding) for name in ("north", "south")]
        deal.served.accept(holding, *sisters)
        ids = [booking.granted(sisters[number % 2]) for number in range(OPEN)]
        booking.desk.fails(429, "too_many_drafts", sisters[1], "POST", "/options", booking.wish())
        booking.asks(deal.brand)
        booking.desk.does(deal.anna, "DELETE", f"/options/{ids[0]}")
        booking.asks(sisters[1])

    def test_twenty_a_day(self, booking: Booking) -> None:
        deal = booking.deal
        for _ in range(PER_DAY):
            booking.desk.does(deal.brand, "DELETE", f"/options/{booking.asks(deal.brand)}")
        booking.desk.fails(429, "too_many_drafts", deal.brand, "POST", "/options", booking.wish())

    def test_who_is_blocked_asks_for_none(self, booking: Booking) -> None:
        deal = booking.deal
        for blocker in (deal.anna, deal.gina):
            booking.desk.does(blocker, "POST", "/blocks", {"party": deal.brand.id})
            booking.desk.fails(422, "refused", deal.brand, "POST", "/options", booking.wish())
            booking.desk.does(blocker, "DELETE", f"/blocks/{deal.brand.id}")

    @pytest.mark.parametrize(
        ("more", "where"),
        [
            ({"starts": 12, "ends": 10}, "ends"),
            ({"starts": -3, "ends": 0}, "ends"),
            ({"starts": 1, "ends": 400}, "ends"),
            ({"until": "2020-01-01T00:00:00Z"}, "until"),
            ({"until": "2099-01-01T00:00:00Z"}, "until"),
            ({"until": "soon"}, "until"),
            ({"about": ""}, "about"),
            ({"about": "x" * 201}, "about"),
            ({"model": "ab" * 32}, "model"),
            ({"model": "anna"}, "model"),
        ],
    )
    def test_what_cannot_be_asked(self, booking: Booking, more: dict[str, Any], where: str) -> None:
        said = booking.desk.fails(400, "bad_request", booking.deal.brand, "POST", "/options", booking.wish(**more))
        assert said["where"] == where

    def test_not_for_oneself(self, booking: Booking) -> None:
        for who in (booking.deal.anna, booking.deal.gina):
            booking.desk.fails(400, "bad_request", who, "POST", "/options", booking.wish())
