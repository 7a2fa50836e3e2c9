"""Uses that are declared by their files' hashes: looked at, then handed over, or saved for a command."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest

from registry.drafting.drafts.reading import complete, parse_draft
from registry.drafting.drafts.rows import members, parse_rows
from registry.drafting.drafts.templates import prefill, template
from registry.metering import OWN
from registry.web.pages import reader_view
from tests.support.asking import opened, problem, value
from tests.support.english import english_in
from tests.support.handing_over import acts_in, carry_out, tells_what_came_back, with_sign_url
from tests.support.served import Served
from tests.support.signed_requests import app_at, asking_as
from tests.support.world import file
from verifier.base.strict import format_instant
from verifier.statements.sections import UsageTerms
from verifier.statements.types import Usage


class Campaign:
    """A consent of Anna's to a brand, under her agency's mandate."""

    def __init__(self, served: Served) -> None:
        world = served.world
        self.served = served
        self.anna = world.party("anna", roles=["model"], called={"name": "Anna"})
        self.senja = world.party("senja", roles=["agency"], called={"name": "Senja", "public": True})
        self.kaca = world.party("kaca", roles=["licensee"], called={"name": "Kaca", "public": True})
        maker = world.party("maker", roles=["maker"])
        mandate = world.mandate(model=self.anna, agency=self.senja)
        creation = world.creation(model=self.anna, maker=maker)
        twin = self.twin = world.twin(self.anna, creation=creation)
        self.consent = world.consent(model=self.anna, licensee=self.kaca, twin=twin, under=mandate)
        served.accept(self.anna, self.senja, self.kaca, maker, mandate, creation, twin, self.consent)
        self.open()

    def open(self) -> None:
        self.app = app_at(self.served.service)
        self.brand, self.agency = asking_as(self.app, self.kaca), asking_as(self.app, self.senja)

    def fields(self, files: int = 3, **changed: Any) -> dict[str, Any]:
        now = self.served.world.now
        return {
            "sent": "yes", "consent": self.consent.id, "assets": "\n".join(file(f"{n}.jpg") for n in range(files)),
            "purpose": "advertising", "category": "Women's Clothing", "channels": ["print", "social"],
            "countries": "Germany", "placement": "paid", "targeted": "yes",
            "starts": format_instant(now + 86_400)[:10], "ends": format_instant(now + 20 * 86_400)[:10], **changed,
        }  # fmt: skip

    def preview(self, **changed: Any) -> Any:
        return value(self.brand.post("/brand/declare.json", data=self.fields(**changed)).data)


@pytest.fixture
def campaign(served: Served) -> Campaign:
    return Campaign(served)


def test_offers_the_consents_of_whoever_asks(campaign: Campaign) -> None:
    for client, path in ((campaign.brand, "/brand/declare"), (campaign.agency, "/agency/declare")):
        assert [one["consent"] for one in value(client.get(f"{path}.json").data)["deals"]] == [campaign.consent.id]
        assert client.get(f"{path}?consent={campaign.consent.id}").status_code == 200
        problem(client.get(f"{path}?consent={'ab' * 32}"), 404, "not_found")
    problem(campaign.agency.get("/brand/declare"), 404, "not_found")
    problem(campaign.agency.post("/brand/declare", data=campaign.fields()), 404, "not_found")
    problem(campaign.app.test_client().get("/brand/declare"), 422, "refused")


def test_all_files_are_one_usage(campaign: Campaign) -> None:
    found = campaign.preview(files=40)
    assert (found["files"], found["wrong"], len(found["batches"])) == (40, {}, 1)
    [batch] = found["batches"]
    assert (batch["files"], batch["answer"]["answer"]) == (40, "AUTHORISED") and file("39.jpg") in batch["text"]


def test_more_than_one_usage_takes_are_several(campaign: Campaign) -> None:
    assert [one["files"] for one in campaign.preview(files=600)["batches"]] == [512, 88]


def test_a_no_is_told_before_anybody_signs(campaign: Campaign) -> None:
    [batch] = campaign.preview(channels=["ctv"])["batches"]
    assert batch["answer"]["kind"] == "no" and batch["answer"]["against"][0]["cure"]


def test_an_answer_ends_where_one_request_has_read_its_most(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the registry would say of it is counted with what the page reads, whatever the method."""
    path, form = "/brand/declare", f"/brand/declare?consent={campaign.consent.id}"
    for most in range(1, 100):
        monkeypatch.setattr(reader_view, "OWN", replace(OWN, lists=most))
        if campaign.brand.get(form).status_code == 200:
            break
    problem(campaign.brand.post(path, data=campaign.fields()), 413, "evidence_too_large")
    monkeypatch.setattr(reader_view, "OWN", replace(OWN, lists=2 * most))
    assert campaign.brand.post(path, data=campaign.fields()).status_code == 200


def test_is_handed_over_and_logged(campaign: Campaign) -> None:
    with_sign_url(campaign.served)
    campaign.open()
    [act] = acts_in(campaign.brand.post("/brand/declare", data=campaign.fields()).text)
    [answer] = carry_out(campaign.app, campaign.kaca, act)
    assert answer.status_code == 200, answer.data
    [use] = value(campaign.brand.get("/brand/uses.json").data)["uses"]["rows"]
    assert (use["files"], use["authorised"]) == (3, "AUTHORISED")
    assert tells_what_came_back(campaign.brand, act)
    assert acts_in(campaign.agency.post("/agency/declare", data=campaign.fields()).text) == [], "the brand signs"


class TestUnits:
    """A consent that counts units asks for them; what is left empty the files and the dates say."""

    @pytest.fixture
    def counted(self, campaign: Campaign) -> Campaign:
        campaign.consent = campaign.served.world.consent(
            model=campaign.anna, licensee=campaign.kaca, twin=campaign.twin,
            terms={"caps": {"images": 10, "uses": 9}}, money={"fees": [{"per": "mille", "amount": 500}]},
        )  # fmt: skip
        campaign.served.accept(campaign.consent)
        return campaign

    def test_are_those_of_caps_and_fees(self, counted: Campaign) -> None:
        path = f"/brand/declare.json?consent={counted.consent.id}"
        assert value(counted.brand.get(path).data)["units"] == ["images", "impressions"]
        assert counted.preview()["batches"][0]["answer"]["kind"] == "yes"
        text = counted.brand.post("/brand/declare/save", data=counted.fields(images="7", impressions="5000")).text
        statement = complete(parse_draft(text), text, counted.served.world.now)
        terms = statement.opened()["terms"][1]
        assert isinstance(terms, UsageTerms) and terms.units == {"images": 7, "impressions": 5000}

    def test_are_held_against_the_caps(self, counted: Campaign) -> None:
        [batch] = counted.preview(images="11")["batches"]
        assert batch["answer"]["kind"] == "no" and batch["answer"]["against"][0]["code"] == "cap_exceeded"
        may = {**counted.fields(), "images": "11"}
        del may["sent"], may["assets"]
        found = value(opened(counted.brand, f"/brand/may.json?{urlencode(may, doseq=True)}").data)
        assert found["units"] == ["images", "impressions"] and found["answer"]["kind"] == "no"

    def test_are_of_one_use(self, counted: Campaign) -> None:
        assert counted.preview(files=600, images="600")["wrong"] == {"images": "form.units_of_one"}
        text = counted.brand.post("/brand/declare", data=counted.fields(images="7")).text
        assert "/declare/table" not in text
        assert "/declare/table" in counted.brand.post("/brand/declare", data=counted.fields()).text
        problem(counted.brand.post("/brand/declare/table", data=counted.fields(images="7")), 400, "bad_request")

    @pytest.mark.parametrize("images", ["many", "-1", "1.5", "9" * 17, "9007199254740992", "\u0663"])
    def test_are_whole_numbers(self, counted: Campaign, images: str) -> None:
        assert counted.preview(images=images)["wrong"] == {"images": "form.no_number"}

    def test_speak_indonesian(self, counted: Campaign) -> None:
        for images in ("x", "4"):
            answer = counted.brand.post("/brand/declare?language=id", data=counted.fields(images=images))
            assert english_in(answer.text) == {}


def test_says_what_is_wrong(campaign: Campaign) -> None:
    assert set(campaign.preview(assets="", countries="Atlantis")["wrong"]) == {"assets", "countries"}
    assert campaign.preview(assets="12ab")["wrong"] == {"assets": "form.no_id"}
    page = campaign.brand.post("/brand/declare", data=campaign.fields(countries="Atlantis")).text
    assert file("0.jpg") in page, "the files stay"
    problem(campaign.brand.post("/brand/declare", data={"consent": "x"}), 404, "not_found")
    problem(campaign.brand.post("/brand/declare", data=campaign.fields(files=9_000)), 413, "too_large")
    assert campaign.preview(files=5_001)["wrong"] == {"assets": "form.too_many_files"}


def test_is_saved_as_a_draft(campaign: Campaign) -> None:
    answer = campaign.agency.post("/agency/declare/save", data=campaign.fields())
    submission = complete(parse_draft(answer.text), answer.text, campaign.served.world.now)
    usage, (_, terms) = submission.statement(), submission.opened()["terms"]
    assert isinstance(usage, Usage) and isinstance(terms, UsageTerms)
    assert usage.assets == tuple(sorted(file(f"{n}.jpg") for n in range(3))) and terms.targeted
    problem(campaign.brand.post("/brand/declare/save", data=campaign.fields(files=600)), 400, "bad_request")


def test_the_table_makes_the_same_drafts(campaign: Campaign) -> None:
    """``registry draft usage --csv`` reads it: one usage for each file."""
    answer = campaign.brand.post("/brand/declare/table", data=campaign.fields())
    assert answer.content_type == "text/csv; charset=utf-8"
    samples = members("usage")
    rows = parse_rows(answer.data, samples)
    assert [row.files() for row in rows] == [[file(f"{n}.jpg")] for n in range(3)]
    assert {row.cells["on"] for row in rows} == {campaign.consent.id}
    values = {**prefill("usage", campaign.consent.statement), **rows[0].values(samples), "assets": rows[0].files()}
    text = template("usage", values)
    _, terms = complete(parse_draft(text), text, campaign.served.world.now).opened()["terms"]
    assert isinstance(terms, UsageTerms) and terms.channels == ("print", "social") and terms.targeted


def test_speaks_indonesian(campaign: Campaign) -> None:
    consent = campaign.consent.id
    asked = ("?language=id", f"?language=id&consent={consent}")
    pages = [campaign.brand.get(f"/brand/declare{query}") for query in asked]
    sent = campaign.fields(countries="Jerman")
    pages += [campaign.brand.post("/brand/declare?language=id", data={**sent, **more}) for more in ({}, {"assets": ""})]
    pages.append(campaign.agency.post("/agency/declare?language=id", data=sent))
    assert [english_in(page.text) for page in pages] == [{}] * 5
