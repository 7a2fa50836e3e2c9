"""Grants, the readers' log and the questions about others' exclusivity, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from registry.readers import reader_store
from registry.readers.reader_store import GRANT_DAYS, QUESTION_DAYS, QUESTIONS, READS_KEPT
from tests.support.asking import problem, value
from tests.support.served import Served, raw
from tests.support.session_browsers import SITE, signed_in
from tests.support.signed_requests import app_at, asking_as
from tests.support.world import DAY, Actor, Logged
from verifier.base import canonical
from verifier.base.private_keys import SigningKey
from verifier.base.strict import format_instant


class Deals:
    """Anna's consents for a brand and, exclusively, for a rival; an agency with a mandate, a union, and onlookers."""

    def __init__(self, served: Served) -> None:
        self.served, world = served, served.world
        self.anna, self.gina = world.party("anna", roles=["model"]), world.party("gina", roles=["agency"])
        self.owner = world.party("owner", roles=["holder"])
        self.brand = world.party("brand", roles=["licensee"])
        self.rival = world.party("rival", roles=["licensee"])
        self.one, self.two = (world.party(n, roles=["licensee"], controller=self.owner) for n in ("one", "two"))
        self.union, maker = world.party("union", roles=["union"]), world.party("maker", roles=["maker"])
        creation = world.creation(model=self.anna, maker=maker)
        self.twin = world.twin(self.anna, creation=creation)
        mandate = world.mandate(model=self.anna, agency=self.gina)
        scope = {"countries": ["DE"], "channels": ["print"], "categories": ["1067"], "ends": "+90d"}
        self.exclusive = world.consent(model=self.anna, licensee=self.rival, twin=self.twin, exclusive=scope)
        self.consent = world.consent(model=self.anna, licensee=self.brand, twin=self.twin)
        self.outside = world.party("outside", roles=["holder"])
        served.accept(self.anna, self.gina, self.owner, self.brand, self.rival, self.one, self.two, self.union, maker,
                      self.outside, creation, self.twin, mandate, self.exclusive, self.consent)  # fmt: skip
        self.app = app_at(served.service)

    def ask(self, who: Actor | SigningKey | None, method: str, path: str, body: Any = None) -> Any:
        more = {} if body is None else {"data": canonical.encode(body), "content_type": "application/json"}
        return asking_as(self.app, who).open(path, method=method, **more)

    def does(self, who: Actor | SigningKey, method: str, path: str, body: Any = None) -> Any:
        answer = self.ask(who, method, path, body)
        assert answer.status_code == 200, answer.data
        found = value(answer.data)
        if isinstance(found, dict):
            found.pop("names", None)  # of those in it whose names she may read
        return found

    def grant(self, giver: Actor, to: Actor, *sections: str, days: int = 30) -> Any:
        return self.does(giver, "POST", "/grants", self.body(to, *sections, days=days))

    def body(self, to: Actor, *sections: str, days: int = 30) -> Any:
        until = format_instant(self.served.world.now + days * DAY)
        return {"sections": list(sections), "to": to.id, "until": until}

    def reads(self, who: Actor, made: Logged) -> set[str]:
        """The sections of a statement that somebody is given."""
        given = self.does(who, "GET", f"/entries/{made.id}")["disclosures"]
        return {name for name, text in made.disclosures.items() if text in given}

    def plan(self, brand: Actor, country: str = "DE") -> str:
        now = self.served.world.now
        return "/clashes?" + urlencode({
            "twin": self.twin.id, "brand": brand.id, "countries": country, "starts": format_instant(now + DAY),
            "ends": format_instant(now + 2 * DAY),
        })  # fmt: skip


@pytest.fixture
def deals(tmp_path: Path) -> Iterator[Deals]:
    served = Served(tmp_path / "registry")
    yield Deals(served)
    served.service.close()


class TestGrants:
    def test_one_is_given_listed_used_and_taken_back(self, deals: Deals) -> None:
        assert deals.reads(deals.union, deals.consent) == set()
        made = deals.grant(deals.brand, deals.union, "money", "terms")
        assert (made["by"], made["to"], made["sections"]) == (deals.brand.id, deals.union.id, ["money", "terms"])
        assert deals.does(deals.brand, "GET", "/grants") == {"given": [made], "taken": []}
        assert deals.does(deals.union, "GET", "/grants") == {"given": [], "taken": [made]}
        assert deals.does(deals.anna, "GET", "/grants") == {"given": [], "taken": []}
        assert deals.reads(deals.union, deals.consent) == {"money", "terms"}
        assert deals.reads(deals.union, deals.exclusive) == set(), "the brand itself reads none of its terms"
        for other in (deals.union, deals.anna):
            problem(deals.ask(other, "DELETE", f"/grants/{made['id']}"), 404, "not_found")
        assert deals.does(deals.brand, "DELETE", f"/grants/{made['id']}") == {"id": made["id"], "revoked": True}
        assert deals.reads(deals.union, deals.consent) == set()
        problem(deals.ask(deals.brand, "DELETE", f"/grants/{made['id']}"), 404, "not_found")

    def test_it_goes_no_further(self, deals: Deals) -> None:
        deals.grant(deals.brand, deals.union, "terms")
        deals.grant(deals.union, deals.outside, "terms")
        assert deals.reads(deals.outside, deals.consent) == set()

    def test_it_ends_on_its_day_and_with_what_its_giver_may_read(self, deals: Deals) -> None:
        deals.grant(deals.gina, deals.union, "terms", days=3)
        assert deals.reads(deals.union, deals.consent) == {"terms"}, "by the agency's mandate"
        deals.served.world.advance(3 * DAY)
        assert deals.reads(deals.union, deals.consent) == set()

    @pytest.mark.parametrize("days", [0, -1, GRANT_DAYS + 1])
    def test_twelve_months_at_most(self, deals: Deals, days: int) -> None:
        found = problem(deals.ask(deals.brand, "POST", "/grants", deals.body(deals.union, "terms", days=days)), 400,
                        "question_malformed")  # fmt: skip
        assert found["where"] == "until"
        deals.grant(deals.brand, deals.union, "terms", days=GRANT_DAYS)

    def test_to_another_party_that_there_is(self, deals: Deals) -> None:
        for to in (deals.brand.id, "ab" * 32, deals.consent.id, "x"):
            body = {**deals.body(deals.union, "terms"), "to": to}
            found = problem(deals.ask(deals.brand, "POST", "/grants", body), 400, "question_malformed")
            assert found["where"] == "to"

    @pytest.mark.parametrize(
        "body",
        [[], {}, {"sections": []}, {"sections": ["terms"], "to": "ab" * 32, "until": "soon"},
         {"sections": ["everything"], "to": "ab" * 32, "until": "2026-01-01T00:00:00Z"}],
        ids=str,
    )  # fmt: skip
    def test_what_is_no_grant(self, deals: Deals, body: Any) -> None:
        problem(deals.ask(deals.brand, "POST", "/grants", body), 400, "question_malformed")
        assert deals.does(deals.brand, "GET", "/grants")["given"] == []

    def test_there_is_an_end_to_them(self, deals: Deals, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reader_store, "GRANTS", 2)
        for section in ("terms", "money"):
            deals.grant(deals.brand, deals.union, section)
        problem(deals.ask(deals.brand, "POST", "/grants", deals.body(deals.union, "exclusive")), 413, "too_many")

    def test_for_parties_that_sign(self, deals: Deals) -> None:
        body = deals.body(deals.union, "terms")
        for who in (None, deals.served.world.registrar):
            problem(deals.ask(who, "POST", "/grants", body), 422, "refused")
        browser = signed_in(app_at(deals.served.service, SITE), deals.brand)
        problem(browser.ask("POST", "/grants", data=canonical.encode(body)), 403, "session_reads")
        found = value(browser.get("/grants").data)
        assert (found["given"], found["taken"]) == ([], [])


class TestWhoRead:
    def test_those_whose_it_is_see_who_read_by_day(self, deals: Deals) -> None:
        deals.reads(deals.brand, deals.consent)
        deals.does(deals.gina, "GET", f"/entries/{deals.consent.id}")
        today = format_instant(deals.served.world.now)[:10]
        deals.ask(deals.brand, "GET", f"/evidence/consent/{deals.consent.id}")
        shown = {one["by"]: one for one in deals.does(deals.anna, "GET", "/reads")["reads"]}
        assert set(shown) == {deals.brand.id, deals.gina.id}
        assert shown[deals.gina.id] == {"by": deals.gina.id, "day": today, "sections": 1}, "her terms"
        assert shown[deals.brand.id]["sections"] > 2
        assert {one["by"] for one in deals.does(deals.brand, "GET", "/reads")["reads"]} == {deals.gina.id}
        assert deals.does(deals.outside, "GET", "/reads") == {"questions": [], "reads": []}

    def test_a_registrar_is_told_too_and_a_session_reads_as_its_key(self, deals: Deals) -> None:
        deals.does(deals.served.world.registrar, "GET", f"/entries/{deals.anna.id}")
        signed_in(app_at(deals.served.service, SITE), deals.brand).get(f"/entries/{deals.consent.id}")
        by = {one["by"] for one in deals.does(deals.anna, "GET", "/reads")["reads"]}
        assert by == {f"registrar {deals.served.world.registrar.public.hex()}", deals.brand.id}

    def test_ninety_days(self, deals: Deals) -> None:
        deals.reads(deals.brand, deals.consent)
        deals.served.world.advance((READS_KEPT - 1) * DAY)
        assert deals.does(deals.anna, "GET", "/reads")["reads"]
        deals.served.world.advance(DAY)
        assert deals.does(deals.anna, "GET", "/reads")["reads"] == []


class TestQuestions:
    def test_twelve_narrow_ones_in_thirty_days(self, deals: Deals) -> None:
        """For all parties under one controller together; each is shown to the model and her agency."""
        countries = ["DE", "FR", "AT", "CH", "IT", "ES", "PL", "NL", "BE", "SE", "DK", "NO"]
        assert len(countries) == QUESTIONS
        for number, country in enumerate(countries):
            who = (deals.one, deals.two)[number % 2]
            found = deals.does(who, "GET", deals.plan(who, country))
            assert set(found) == {"answer", "as_of", "left", "model"}, "one bit, without id, span or way out"
            assert (found["answer"], found["left"]) == ("CLASH" if country == "DE" else "CLEAR", 11 - number)
        for who in (deals.one, deals.two):
            problem(deals.ask(who, "GET", deals.plan(who)), 429, "too_many_questions")
        deals.does(deals.brand, "GET", deals.plan(deals.brand))  # nobody of theirs, and it reads what was before
        for who in (deals.anna, deals.gina):
            asked = deals.does(who, "GET", "/reads")["questions"]
            assert sorted(one["plan"]["countries"] for one in asked) == sorted([country] for country in countries)
            assert {one["by"] for one in asked} == {deals.one.id, deals.two.id}
            assert {one["model"] for one in asked} == {deals.anna.id}
        assert deals.does(deals.rival, "GET", "/reads")["questions"] == []
        deals.served.world.advance(QUESTION_DAYS * DAY)
        assert deals.does(deals.one, "GET", deals.plan(deals.one))["left"] == QUESTIONS - 1

    def test_a_dry_run_of_a_consent_is_one(self, deals: Deals) -> None:
        scope = {"countries": ["DE"], "channels": ["print"], "categories": ["1067"], "ends": "+80d"}
        made = deals.served.world.consent(model=deals.anna, licensee=deals.one, twin=deals.twin, exclusive=scope)
        path, body = "/entries?dry_run=true", canonical.parse(raw(made), limit=1 << 20)
        found = deals.does(deals.one, "POST", path, body)
        assert found["clashes"] is True
        for _ in range(QUESTIONS - 1):
            deals.does(deals.one, "POST", path, body)
        [clash] = deals.does(deals.one, "POST", path, body)["clashes"]
        assert (clash["code"], clash["consent"]) == ("not_disclosed", deals.exclusive.id), "which its header says"
        assert clash["sure"] is False and "scope" not in clash
        problem(deals.ask(deals.two, "GET", deals.plan(deals.two)), 429, "too_many_questions")
        assert len(deals.does(deals.anna, "GET", "/reads")["questions"]) == QUESTIONS

    def test_who_reads_it_all_is_not_counted(self, deals: Deals) -> None:
        for _ in range(QUESTIONS + 1):
            assert deals.does(deals.brand, "GET", deals.plan(deals.brand))["answer"] == "CLASH"
            assert deals.does(deals.anna, "GET", deals.plan(deals.one))["answer"] == "CLASH"
        assert deals.does(deals.anna, "GET", "/reads")["questions"] == []

    def test_nobody_asks_for_another(self, deals: Deals) -> None:
        for who, brand in ((deals.one, deals.two), (deals.brand, deals.one), (None, deals.one)):
            problem(deals.ask(who, "GET", deals.plan(brand)), 422, "refused")
        assert deals.does(deals.anna, "GET", "/reads")["questions"] == []
