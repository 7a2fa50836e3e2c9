"""What a model does on her pages goes over to the page that holds her key: in one link, whole, and nothing more."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urljoin

import pytest
from flask import Flask

from registry.config import ConfigError, change_settings
from registry.intake.submission import submission_from_json
from tests.support.asking import opened, problem, value
from tests.support.desk_clients import unsigned
from tests.support.english import english_in
from tests.support.handing_over import SIGN_URL, acts_in, carry_out, with_sign_url
from tests.support.served import Served
from tests.support.signed_requests import URL, app_at, asking_as
from tests.support.world import Actor, Logged, file
from verifier.base.strict import format_instant
from verifier.programs.language import catalogue
from verifier.statements.types import Dispute, Receipt, Revocation, Statement


@dataclass
class Deal:
    """Anna let a brand use her twin; it says that it paid her. Another consent waits for her on the desk."""

    served: Served
    app: Flask
    anna: Actor
    brand: Actor
    consent: Logged
    payment: Logged
    waiting: str

    def page(self, path: str, who: Actor | None = None) -> str:
        answer = opened(asking_as(self.app, who or self.anna), path)
        assert answer.status_code == 200, answer.data
        return answer.get_data(as_text=True)

    def act(self, path: str, number: int = 0) -> Any:
        return acts_in(self.page(path))[number]

    def does(self, act: Any, who: Actor | None = None) -> Any:
        """Carry an act out; all of its steps must be taken. What the last of them is answered with."""
        answers = carry_out(self.app, who or self.anna, act)
        for one in answers:
            assert one.status_code == 200, one.data
        return value(answers[-1].data)

    def logs(self, act: Any) -> Statement:
        """The statement that an act has logged."""
        found = self.served.service.entry(self.does(act)["id"])
        assert found is not None
        return found.entry.statement


@pytest.fixture
def deal(served: Served) -> Deal:
    world = served.world
    anna = world.party("anna", roles=["model"], called={"name": "Anna Lestari"})
    brand = world.party("brand", roles=["licensee"], called={"name": "Larasati", "public": True})
    maker = world.party("maker", roles=["maker"])
    creation = world.creation(model=anna, maker=maker)
    twin = world.twin(anna, creation=creation)
    consent = world.consent(model=anna, licensee=brand, twin=twin)
    payment = world.payment(consent, payee=anna, amount=12_345, reference="KACA-0912")
    served.accept(anna, brand, maker, creation, twin, consent, payment)
    waiting = world.consent(model=anna, licensee=brand, twin=twin)
    with_sign_url(served)
    app = app_at(served.service)
    desk = app.extensions["desk"]
    desk.propose(brand.id, unsigned(waiting))
    return Deal(served, app, anna, brand, consent, payment, waiting.id)


class TestActs:
    def test_a_draft_is_signed(self, deal: Deal) -> None:
        act = deal.act(f"/drafts/{deal.waiting}?language=id")
        assert act["act"] == "sign" and act["party"] == deal.anna.id and act["language"] == "id"
        assert (act["registry"], act["genesis"]) == (URL, deal.served.service.genesis)
        assert act["back"] == f"{URL}/drafts/{deal.waiting}?language=id"
        submission = submission_from_json(act["submission"])
        assert submission.statement().id == deal.waiting and submission.signatures == ()
        assert {one["party"]: one.get("name") for one in act["people"]} == {
            deal.anna.id: "Anna Lestari", deal.brand.id: "Larasati",
        }  # fmt: skip
        seen = deal.does(act)
        assert [one["party"] for one in seen["parties"] if "signed" in one] == [deal.anna.id]
        [back] = acts_in(deal.page(f"/drafts/{deal.waiting}"))
        deal.does(back)
        assert deal.act(f"/drafts/{deal.waiting}")["steps"] == act["steps"]

    def test_its_text_has_names_and_no_whole_ids(self, deal: Deal) -> None:
        text = deal.page(f"/drafts/{deal.waiting}").partition('id="memo"')[2].partition('<p class="actions">')[0]
        assert "Larasati (" in text and not re.search("[0-9a-f]{64}", text)
        assert "<h3>With whom</h3><ul><li>" in text and "<h3>Training" not in text

    def test_a_draft_is_marked_read(self, deal: Deal) -> None:
        seen = deal.does(deal.act(f"/drafts/{deal.waiting}", 1))
        assert any(one["party"] == deal.anna.id and "read" in one for one in seen["parties"])
        assert len(acts_in(deal.page(f"/drafts/{deal.waiting}"))) == 1

    def test_a_draft_is_declined_with_the_reason_that_was_shown(self, deal: Deal) -> None:
        reason = "not for <cigarettes> & the like"
        text = deal.page(f"/drafts/{deal.waiting}?reason=not+for+%3Ccigarettes%3E+%26+the+like")
        [act] = acts_in(text)
        assert "not for &lt;cigarettes&gt;" in text and act["act"] == "request" and "submission" not in act
        seen = deal.does(act)
        assert seen["state"] == "declined"
        assert [one["reason"] for one in seen["parties"] if "reason" in one] == [reason]

    def test_a_reason_has_a_length(self, deal: Deal) -> None:
        answer = opened(asking_as(deal.app, deal.anna), f"/drafts/{deal.waiting}?reason={'x' * 1001}")
        assert problem(answer, 400, "question_malformed")["where"] == "reason"

    @pytest.mark.parametrize(("answer", "amount"), [("yes", 12_345), ("other&amount=100.00", 10_000)])
    def test_a_receipt_in_one_tap(self, deal: Deal, answer: str, amount: int) -> None:
        act = deal.act(f"/model/payments/{deal.payment.id}?answer={answer}")
        opened = submission_from_json(act["submission"]).opened()
        assert getattr(opened["money"][1], "amount", None) == amount
        made = deal.logs(act)
        assert isinstance(made, Receipt) and made.consent == deal.consent.id

    def test_an_objection_in_one_tap(self, deal: Deal) -> None:
        made = deal.logs(deal.act(f"/model/payments/{deal.payment.id}?answer=no"))
        assert isinstance(made, Dispute) and made.of == (deal.payment.id,)

    def test_whom_a_statement_names_is_called_by_name(self, deal: Deal) -> None:
        """Where it is signed, people read names; that page asks the registry whether they are the enrolments'."""
        payment, consent = f"/model/payments/{deal.payment.id}", f"/model/consents/{deal.consent.id}/withdraw"
        for path in (f"{payment}?answer=yes", f"{payment}?answer=no", consent):
            said = {one["party"]: one["name"] for one in deal.act(path)["people"]}
            assert said == {deal.anna.id: "Anna Lestari", deal.brand.id: "Larasati"}, path

    def test_nothing_is_signed_before_the_amount_is_said(self, deal: Deal) -> None:
        for query in ("", "?answer=other", "?answer=other&amount=x"):
            assert acts_in(deal.page(f"/model/payments/{deal.payment.id}{query}")) == []

    def test_a_consent_is_withdrawn(self, deal: Deal) -> None:
        act = deal.act(f"/model/consents/{deal.consent.id}/withdraw")
        assert act["back"] == f"{URL}/model/consents/{deal.consent.id}"
        made = deal.logs(act)
        assert isinstance(made, Revocation) and made.consent == deal.consent.id


class TestWithout:
    def test_a_sign_url_a_command_is_shown(self, deal: Deal) -> None:
        paths = [
            f"/drafts/{deal.waiting}", f"/model/payments/{deal.payment.id}?answer=yes",
            f"/model/consents/{deal.consent.id}/withdraw",
        ]  # fmt: skip
        for path in paths:
            text = deal.page(path)
            assert "<details><summary" in text and "<pre" in text
        with_sign_url(deal.served, "")
        deal.app = app_at(deal.served.service)
        for path in paths:
            text = deal.page(path)
            assert SIGN_URL not in text and "<details open><summary" in text

    def test_a_twin_has_no_links(self, deal: Deal) -> None:
        for path in (f"/drafts/{deal.waiting}.json", f"/model/payments/{deal.payment.id}.json?answer=yes"):
            assert SIGN_URL not in deal.page(path) and "link" not in deal.page(path)


def test_the_page_that_holds_keys_is_not_on_the_registrys_origin(served: Served) -> None:
    served.service.close()
    with pytest.raises(ConfigError, match="an origin of its own"):
        change_settings(served.root, urls=["https://r.example"], sign_url="https://r.example/sign.html")
    change_settings(served.root, urls=["https://r.example"], sign_url="https://sign.example/sign.html")
    served.open()


class TestKeysHelp:
    """Each page leads to what the protocol lets a holder do, and says who can do what where she has nothing left."""

    @pytest.mark.parametrize(
        ("happened", "whys"), [("new", ["new"]), ("lost", ["lost", "sheet"]), ("stolen", ["stolen", "sheet"])]
    )
    @pytest.mark.parametrize("language", ["en", "id"])
    def test_leads_to_its_act(self, deal: Deal, happened: str, whys: list[str], language: str) -> None:
        text = deal.app.test_client().get(f"/keys/{happened}?language={language}").get_data(as_text=True)
        acts = acts_in(text)
        assert [one["why"] for one in acts] == whys
        for act in acts:
            assert act["act"] == "keys" and act["back"] == f"{URL}/keys/{happened}?language={language}"
            assert "party" not in act and "steps" not in act
        assert language == "en" or english_in(text) == {}
        words = catalogue(language)
        if happened != "new":
            assert words.code("keys_neither", happened) in unescape(text)
        assert words.say("keys.ward") in unescape(text)

    def test_nothing_else_has_a_page(self, deal: Deal) -> None:
        problem(deal.app.test_client().get("/keys/found"), 404, "not_found")


class TestGrants:
    def test_given_as_it_was_shown_and_taken_back(self, deal: Deal) -> None:
        path = f"/model/reads?to={deal.brand.id}&sections=terms&sections=money&months=3"
        text = deal.page(path)
        act = next(one for one in acts_in(text) if one["steps"][0]["path"] == "/grants")
        assert "Larasati" in text and act["back"] == f"{URL}/model/reads"
        assert [(one["party"], one["name"]) for one in act["people"]] == [(deal.brand.id, "Larasati")]
        given = deal.does(act)
        assert (given["to"], given["sections"]) == (deal.brand.id, ["money", "terms"])
        assert given["until"] == format_instant(deal.served.clock() + 90 * 86_400)
        back = next(one for one in acts_in(deal.page("/model/reads")) if "/grants/" in one["steps"][0]["path"])
        assert deal.does(back)["revoked"] is True

    @pytest.mark.parametrize(
        "asked",
        ["to=&other=12&sections=terms&months=3", "to={brand}&months=3", "to={brand}&sections=terms&months=99",
         "to={anna}&sections=terms&months=1", "to={payment}&sections=terms&months=1"],
    )  # fmt: skip
    def test_what_is_not_filled_in_right_gives_nothing(self, deal: Deal, asked: str) -> None:
        query = asked.format(brand=deal.brand.id, anna=deal.anna.id, payment=deal.payment.id)
        assert not [one for one in acts_in(deal.page(f"/model/reads?{query}")) if one["steps"][0]["path"] == "/grants"]

    def test_a_party_that_she_names_herself(self, deal: Deal) -> None:
        union = deal.served.world.party("union", roles=["union"], called={"name": "Serikat", "public": True})
        deal.served.accept(union)
        acts = acts_in(deal.page(f"/model/reads?to=&other={union.id.upper()}&sections=terms&months=1"))
        assert deal.does(next(one for one in acts if one["steps"][0]["path"] == "/grants"))["to"] == union.id

    def test_an_address_of_her_calendar(self, deal: Deal) -> None:
        acts = acts_in(deal.page("/model/reads?language=id"))
        act = next(one for one in acts if one["steps"][0]["path"] == "/desk/calendars")
        made = deal.does(act)
        assert made["language"] == "id" and deal.app.test_client().get(made["path"]).status_code == 200
        end = next(one for one in acts_in(deal.page("/model/reads")) if "/calendars/" in one["steps"][0]["path"])
        assert deal.does(end)["ended"] is True
        assert deal.app.test_client().get(made["path"]).status_code == 404


class TestHop:
    """Whoever comes from the page that holds keys, or from a mail, brings no cookie."""

    @pytest.mark.parametrize("site", ["cross-site", "same-site"])
    def test_a_page_of_ones_own_is_reached_over_one_of_the_registrys(self, deal: Deal, site: str) -> None:
        fields = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": site}
        client = deal.app.test_client()
        answer = client.get("/model/consents?language=id&page=2", headers=fields)
        assert answer.status_code == 303
        address = urljoin("/model/consents", answer.headers["Location"])
        assert address == "/hop?to=%2Fmodel%2Fconsents%3Flanguage%3Did%26page%3D2"
        text = client.get(address, headers=fields).get_data(as_text=True)
        assert 'href="./model/consents?language=id&amp;page=2"' in text

    def test_from_nowhere_it_leads_to_the_first_page_in_the_language_that_was_chosen(self, deal: Deal) -> None:
        assert 'href="./?language=id"' in deal.app.test_client().get("/hop?language=id").text

    def test_nothing_else_is(self, deal: Deal) -> None:
        client = deal.app.test_client()
        for path, fields in (
            ("/model", {}), ("/model.json", {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "cross-site"}),
            ("/model", {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "same-origin"}),
            ("/lookup", {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "cross-site"}),
            ("/grants", {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "cross-site"}),
        ):  # fmt: skip
            assert client.get(path, headers=fields).status_code != 303

    @pytest.mark.parametrize(
        "to", ["//evil.example", "https://evil.example", "/\\evil.example", "mine", "/a\nb", "javascript:x"]
    )
    def test_it_leads_nowhere_else(self, deal: Deal, to: str) -> None:
        answer = deal.app.test_client().get("/hop", query_string={"to": to})
        assert problem(answer, 400, "question_malformed")["where"] == "to"


class TestPictures:
    def test_an_approval_names_its_files_and_is_signed_like_any_draft(self, deal: Deal) -> None:
        made = deal.served.world.approval(deal.consent, assets=["hero.jpg", "side.jpg"])
        deal.app.extensions["desk"].propose(deal.brand.id, unsigned(made))
        text = deal.page(f"/drafts/{made.id}")
        for name in ("hero.jpg", "side.jpg"):
            assert f'data-sha256="{file(name)}"' in text
        assert deal.does(acts_in(text)[0])["state"] == "logged"

    def test_who_only_reads_it_is_asked_for_no_signature(self, deal: Deal) -> None:
        made = deal.served.world.approval(deal.consent, assets=["hero.jpg"])
        deal.app.extensions["desk"].propose(deal.brand.id, unsigned(made))
        signers = value(asking_as(deal.app, deal.brand).get(f"/drafts/{made.id}.json").data)["signers"]
        assert [one["person"]["party"] for one in signers if one["asked"]] == [deal.anna.id]
        hers, theirs = (deal.page(f"/drafts/{made.id}", who) for who in (deal.anna, deal.brand))
        assert "<h1>Look at pictures and decide</h1>" in hers and "<h1>A decision on pictures</h1>" in theirs
        for text in (hers, theirs):
            assert text.count("Reads it; need not sign") == len(signers) - 1
            assert not re.search("[0-9]{4}-[0-9]{2}-[0-9]{2}", text)

    def test_other_drafts_have_none(self, deal: Deal) -> None:
        assert "data-sha256" not in deal.page(f"/drafts/{deal.waiting}")
