"""A model gives an agency a mandate, once she has read what it allows, and ends it; her key signs both elsewhere."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from registry.drafting.drafts.reading import complete, parse_draft
from tests.support.asking import opened, problem, value
from tests.support.desk_clients import Deal
from tests.support.english import english_in
from tests.support.handing_over import acts_in, carry_out, tells_what_came_back, with_sign_url
from tests.support.served import Served
from tests.support.signed_requests import app_at, asking_as
from tests.support.world import DAY, Actor
from verifier.base.strict import format_instant
from verifier.statements.types import Mandate, Revocation

PATH = "/model/mandates"


class Mandates:
    """Anna has a mandate with one agency; another is enrolled."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.deal = Deal(with_sign_url(served))
        self.other = served.world.party("other", roles=["agency"], called={"name": "Lain", "public": True})
        served.accept(self.other)
        self.app = app_at(served.service)
        self.anna = asking_as(self.app, self.deal.anna)

    def ask(self, query: str = "") -> Any:
        answer = opened(self.anna, f"{PATH}.json{query}")
        assert answer.status_code == 200, answer.data
        return value(answer.data)

    def filled(self, **changed: str | list[str]) -> str:
        given: dict[str, str | list[str]] = {
            "agency": "", "other": self.other.id, "powers": ["approve", "revoke"], "commission": "12,5",
            "starts": self.day(0), "ends": self.day(300),
        }  # fmt: skip
        return "?" + urlencode({**given, **changed}, doseq=True)

    def day(self, days: int) -> str:
        return format_instant(self.served.world.now + days * DAY)[:10]

    def does(self, query: str, who: Actor | None = None) -> Any:
        """Carry out the one act that the page hands over."""
        [act] = acts_in(opened(self.anna, f"{PATH}{query}").text)
        [answer] = carry_out(self.app, who or self.deal.anna, act)
        assert answer.status_code == 200, answer.data
        assert tells_what_came_back(self.anna, act)
        return value(answer.data)


@pytest.fixture
def mandates(served: Served) -> Mandates:
    return Mandates(served)


def test_begins_with_a_year_and_the_agencies_that_she_knows(mandates: Mandates) -> None:
    found = mandates.ask()
    assert [one["party"] for one in found["known"]] == [mandates.deal.gina.id]
    assert found["given"]["powers"] == ["approve"] and found["given"]["starts"] == [mandates.day(0)]
    [one] = found["mandates"]
    assert (one["state"], one["commission"], one["mandate"]) == ("running", 2000, mandates.deal.mandate.id)


def test_waits_for_the_agency_and_then_runs(mandates: Mandates) -> None:
    seen = mandates.ask(mandates.filled())["new"]
    assert seen["answer"]["kind"] == "yes" and seen["commission"] == 1250
    said = mandates.does(mandates.filled())
    assert said["state"] == "open" and len(mandates.ask()["mandates"]) == 1
    assert mandates.deal.desk.signs(mandates.other, said["id"])["state"] == "logged"
    made = next(one for one in mandates.ask()["mandates"] if one["agency"]["party"] == mandates.other.id)
    assert (made["state"], made["powers"], made["commission"]) == ("running", ["approve", "revoke"], 1250)
    later = mandates.filled(starts=mandates.day(30))
    mandates.deal.desk.signs(mandates.other, mandates.does(later)["id"])
    assert [one["state"] for one in mandates.ask()["mandates"]] == ["running", "running", "coming"]


def test_is_ended_at_once_and_alone(mandates: Mandates) -> None:
    id = mandates.deal.mandate.id
    said = mandates.does(f"?ending={id}")
    found = mandates.served.service.entry(said["id"])
    assert found is not None and isinstance(found.entry.statement, Revocation) and found.entry.statement.mandate == id
    [one] = mandates.ask()["mandates"]
    assert one["state"] == "ended" and one["ended_at"] == format_instant(mandates.served.service.now())
    problem(opened(mandates.anna, f"{PATH}?ending={id}"), 404, "not_found")
    assert acts_in(opened(mandates.anna, PATH).text) == []


def test_says_what_is_wrong(mandates: Mandates) -> None:
    wrong: dict[str, str | list[str]] = {
        "other": mandates.deal.brand.id, "powers": ["grant"], "commission": "101", "ends": mandates.day(2_000),
    }  # fmt: skip
    found = mandates.ask(mandates.filled(**wrong))
    assert found["wrong"] == {
        "agency": "mandate.no_agency", "powers": "form.not_offered", "commission": "mandate.no_commission",
        "ends": "mandate.too_long",
    }  # fmt: skip
    assert "new" not in found and found["given"]["commission"] == ["101"]
    over = mandates.filled(starts=mandates.day(-9), ends=mandates.day(-1))
    assert mandates.ask(over)["wrong"] == {"ends": "mandate.over"}
    assert mandates.ask("?agency=&powers=")["wrong"].keys() == {"agency", "powers", "starts", "ends", "commission"}
    for commission, hundredths in (("0", 0), ("100", 10_000), ("7.05 %", 705), ("7,5", 750)):
        assert mandates.ask(mandates.filled(commission=commission))["new"]["commission"] == hundredths
    for commission in ("100.01", "-1", "1e1", "٢٠", "12.345"):
        assert mandates.ask(mandates.filled(commission=commission))["wrong"] == {"commission": "mandate.no_commission"}
    problem(opened(mandates.anna, f"{PATH}/draft{mandates.filled(commission='x')}"), 400, "bad_request")


def test_is_saved_as_a_draft(mandates: Mandates) -> None:
    text = opened(mandates.anna, f"{PATH}{mandates.filled()}&language=id").text
    saved = text.partition('action="../model/mandates/draft')[2].partition("</form>")[0]
    for name, one in (("powers", "approve"), ("powers", "revoke"), ("commission", "12,5")):
        assert f'<input type="hidden" name="{name}" value="{one}">' in saved
    for query, kind in ((mandates.filled(), Mandate), (f"?ending={mandates.deal.mandate.id}", Revocation)):
        answer = opened(mandates.anna, f"{PATH}/draft{query}")
        assert isinstance(complete(parse_draft(answer.text), answer.text, mandates.served.world.now).statement(), kind)


def test_speaks_indonesian(mandates: Mandates) -> None:
    for query in ("?", mandates.filled() + "&", mandates.filled(commission="x", other="") + "&",
                  f"?ending={mandates.deal.mandate.id}&"):  # fmt: skip
        assert english_in(opened(mandates.anna, f"{PATH}{query}language=id").text) == {}, query


def test_is_nobody_elses(mandates: Mandates) -> None:
    for who in (mandates.deal.gina, mandates.deal.brand):
        for path in (PATH, f"{PATH}/draft{mandates.filled()}", f"{PATH}?of={mandates.deal.anna.id}"):
            problem(opened(asking_as(mandates.app, who), path), 404, "not_found")
