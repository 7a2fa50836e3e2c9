"""An agency's desk: a month of its models, what clashes in it, what runs out, what is owed and to be passed on."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from registry.look import Zone
from registry.web.pages.agreed import Agreed
from registry.web.pages.atoms import Instant, Person
from registry.web.pages.month_grid import days_of, format_month, grid
from tests.support.asking import problem, value
from tests.support.english import english_in
from tests.support.served import Served
from tests.support.signed_requests import app_at, asking_as
from tests.support.world import Actor
from verifier.base.strict import parse_instant

UTC, JAKARTA = Zone("UTC"), Zone("Asia/Jakarta")


def agreed(starts: str, ends: str, model: str = "a", kind: str = "consent") -> Agreed:
    who = Person(model * 64, "model")
    return Agreed(
        kind=kind, id=f"{starts}{ends}", model=who, brand=None,
        starts=Instant(parse_instant(f"{starts}T00:00:00Z")), ends=Instant(parse_instant(f"{ends}T00:00:00Z")),
    )  # fmt: skip


class TestGrid:
    def shape(self, *events: Agreed, zone: Zone = UTC) -> list[list[list[tuple[int, bool]]]]:
        rows = grid(events, "2026-12", zone)
        return [[[(cell.days, cell.agreed is not None) for cell in lane] for lane in row.lanes] for row in rows]

    def test_cells_span_days_and_fill_the_month(self) -> None:
        assert self.shape(agreed("2026-12-03", "2026-12-20")) == [[[(2, False), (17, True), (12, False)]]]
        assert self.shape(agreed("2026-11-01", "2027-03-01")) == [[[(31, True)]]]
        assert self.shape(agreed("2026-12-31", "2027-01-01")) == [[[(30, False), (1, True)]]]

    def test_what_overlaps_lies_in_lanes_of_its_own(self) -> None:
        events = (
            agreed("2026-12-01", "2026-12-10"),
            agreed("2026-12-05", "2026-12-12"),
            agreed("2026-12-10", "2027-01-01"),
        )
        [[first, second]] = self.shape(*events)
        assert first == [(9, True), (22, True)]
        assert second == [(4, False), (7, True), (20, False)]

    def test_each_model_has_a_row(self) -> None:
        assert len(self.shape(agreed("2026-12-01", "2026-12-02"), agreed("2026-12-01", "2026-12-02", "b"))) == 2

    def test_what_lies_outside_is_left_out(self) -> None:
        assert self.shape(agreed("2026-11-01", "2026-12-01"), agreed("2027-01-01", "2027-02-01")) == []

    def test_days_are_the_zones(self) -> None:
        """Midnight in London is seven in the morning in Jakarta: the last day counts there."""
        assert self.shape(agreed("2026-12-03", "2026-12-20"), zone=JAKARTA) == [[[(2, False), (18, True), (11, False)]]]
        assert self.shape(agreed("2026-12-01", "2027-01-01"), zone=Zone("America/New_York")) == [[[(31, True)]]]

    def test_weekends_and_today(self) -> None:
        days = days_of("2026-12", parse_instant("2026-12-14T23:00:00Z"), JAKARTA)
        assert len(days) == 31
        assert [number for number, weekend, _ in days if weekend] == [5, 6, 12, 13, 19, 20, 26, 27]
        assert [number for number, _, today in days if today] == [15]

    def test_months(self) -> None:
        assert [format_month(2026, 12, by) for by in (-12, 0, 1)] == ["2025-12", "2026-12", "2027-01"]


class Desk:
    """Anna's agency, with two brands: the first has her alone."""

    def __init__(self, served: Served) -> None:
        world = served.world
        self.served = served
        self.anna = world.party("anna", roles=["model"], called={"name": "Anna"})
        self.senja = world.party("senja", roles=["agency"], called={"name": "Senja", "public": True})
        self.kaca = world.party("kaca", roles=["licensee"], called={"name": "Kaca", "public": True})
        self.hutan = world.party("hutan", roles=["licensee"], called={"name": "Hutan", "public": True})
        maker = world.party("maker", roles=["maker"])
        mandate = world.mandate(model=self.anna, agency=self.senja)
        creation = world.creation(model=self.anna, maker=maker)
        twin = world.twin(self.anna, creation=creation)
        self.alone = world.consent(model=self.anna, licensee=self.kaca, twin=twin, under=mandate, exclusive={})
        self.second = world.consent(model=self.anna, licensee=self.hutan, twin=twin, under=mandate)
        served.accept(
            self.anna, self.senja, self.kaca, self.hutan, maker, mandate, creation, twin, self.alone, self.second
        )
        self.app: Flask = app_at(served.service)

    def ask(self, path: str, who: Actor | None = None) -> Any:
        return value(asking_as(self.app, who or self.senja).get(path).data)

    def page(self, path: str) -> str:
        answer = asking_as(self.app, self.senja).get(path)
        assert answer.status_code == 200
        return answer.get_data(as_text=True)


@pytest.fixture
def desk(served: Served) -> Desk:
    return Desk(served)


class TestCalendar:
    def test_shows_consents_exclusivity_and_clashes(self, desk: Desk) -> None:
        found = desk.ask("/agency.json")
        kinds = {(one["kind"], one["brand"]["name"]) for one in found["agreed"]}
        assert kinds == {("consent", "Kaca"), ("exclusive", "Kaca"), ("clash", "Hutan")}
        [clash] = [one for one in found["agreed"] if one["kind"] == "clash"]
        assert (clash["with"]["name"], clash["id"], clash["model"]["name"]) == ("Kaca", desk.second.id, "Anna")
        text = desk.page("/agency")
        assert "1 clash to settle." in text
        assert "<bdi>Hutan</bdi> has what <bdi>Anna</bdi> promised to <bdi>Kaca</bdi> alone" in text

    def test_goes_from_month_to_month(self, desk: Desk) -> None:
        found = desk.ask("/agency.json?month=2031-12")
        assert (found["month"], found["previous"], found["next"], found["agreed"]) == (
            "2031-12", "2031-11", "2032-01", [],
        )  # fmt: skip
        assert "Nothing lies in this month." in desk.page("/agency?month=2031-12")
        for month in ("2026-13", "2026-1", "26-01", "x", "2026-01-01"):
            problem(asking_as(desk.app, desk.senja).get(f"/agency?month={month}"), 400, "question_malformed")

    def test_is_nobody_elses(self, desk: Desk) -> None:
        for path in ("/agency", "/agency/consents", "/agency/money"):
            problem(asking_as(desk.app, desk.kaca).get(path), 404, "not_found")
            problem(asking_as(desk.app, None).get(path), 422, "refused")

    def test_speaks_indonesian(self, desk: Desk) -> None:
        for path in ("/agency", "/agency/consents", "/agency/money"):
            assert english_in(desk.page(f"{path}?language=id")) == {}, path


class TestDeals:
    def test_what_runs_out_stands_first(self, desk: Desk) -> None:
        found = desk.ask("/agency/consents.json")
        assert found["deals"]["all"] == 2
        ends = max(parse_instant(one["ends"]) for one in found["deals"]["rows"])
        desk.served.world.set_clock(ends - 30 * 86_400)
        found = desk.ask("/agency/consents.json")
        assert {one["consent"] for one in found["soon"]} == {desk.alone.id, desk.second.id}

    def test_money(self, desk: Desk) -> None:
        world = desk.served.world
        desk.served.accept(world.usage(desk.alone, assets=["a.jpg"]))
        found = desk.ask("/agency/money.json")
        assert {row["consent"] for row in found["incoming"]["rows"]} <= {desk.alone.id, desk.second.id}
        desk.page("/agency/money")


class TestMandates:
    """Whom an agency acts for, by name, with what each lets it do and until when."""

    def test_those_that_end_soon_stand_first(self, served: Served) -> None:
        world, now = served.world, served.world.now
        senja = world.party("senja", roles=["agency"], called={"name": "Senja", "public": True})
        models = [world.party(f"m{n}", roles=["model"], called={"name": f"Model {n}"}) for n in range(3)]
        given = [
            world.mandate(model=one, agency=senja, powers=["approve"], ends=now + days * 86_400)
            for one, days in zip(models, (30, 300, 365), strict=True)
        ]
        served.accept(senja, *models, *given)
        served.accept(world.revocation(mandate=given[1]))
        world.advance("1d")
        app = app_at(served.service)
        client = asking_as(app, senja)
        found = value(client.get("/agency/mandates.json").data)
        assert [one["mandate"] for one in found["soon"]] == [given[0].id]
        states = {one["mandate"]: one["state"] for one in found["mandates"]["rows"]}
        assert found["running"] == 2 and states[given[0].id] == "running" and states[given[1].id] == "ended"
        text = client.get("/agency/mandates").text
        assert "<bdi>Model 0</bdi>" in text and "You may act for 2 models." in text and given[0].id not in text
        assert english_in(client.get("/agency/mandates?language=id").text) == {}
        problem(asking_as(app, models[0]).get("/agency/mandates"), 404, "not_found")
        problem(app.test_client().get("/agency/mandates"), 422, "refused")

    def test_before_the_first(self, served: Served) -> None:
        senja = served.world.party("senja", roles=["agency"])
        served.accept(senja)
        client = asking_as(app_at(served.service), senja)
        assert 'class="empty"' in client.get("/agency/mandates").text
        assert value(client.get("/agency/mandates.json").data)["running"] == 0
        assert english_in(client.get("/agency/mandates?language=id").text) == {}
