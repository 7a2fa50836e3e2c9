"""A model's pages: what she is told is what the contract says of what she may read, and nobody else is told it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from registry.drafting.drafts.reading import complete, parse_draft
from registry.intake.submission import format_submission, parse_submission
from registry.look import Zone
from registry.sequencer import Logged as Accepted
from registry.web.routes import ROUTES
from tests.support.asking import opened, problem, value
from tests.support.english import english_in
from tests.support.served import Served, raw
from tests.support.signed_requests import SigningClient, app_at, asking_as
from tests.support.world import Actor, Logged
from verifier.base import canonical
from verifier.base.strict import parse_instant
from verifier.rules.model.results import Result
from verifier.rules.money.statement import make_statement
from verifier.rules.standing.judged import JudgedContext
from verifier.statements.types import Dispute, Receipt, Revocation

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
MOST = 100 * 1024
"""Bytes of a page."""


@dataclass
class Deal:
    """Anna let a brand use her twin; it declared one use, and says that it paid her."""

    served: Served
    app: Flask
    anna: Actor
    brand: Actor
    bank: Actor
    consent: Logged
    usage: Logged
    payment: Logged

    def ask(self, path: str, who: Actor | None = None) -> Any:
        return value(self.client(who).get(path).data)

    def client(self, who: Actor | None = None) -> SigningClient:
        return asking_as(self.app, who or self.anna)

    def submit(self, draft: str, *keys: Actor) -> Accepted:
        """Complete a draft as `registry sign` does, sign it, hand it in."""
        submission = complete(parse_draft(draft), draft, self.served.clock())
        for one in keys:
            submission = submission.signed_by(one.keys[0])
        [outcome] = self.served.service.submit([format_submission(submission)])
        assert isinstance(outcome, Accepted), outcome
        return outcome


@pytest.fixture
def deal(served: Served) -> Deal:
    world = served.world
    anna = world.party("anna", roles=["model"], called={"name": "Anna <Lestari>"})
    brand = world.party("brand", roles=["licensee"], called={"name": "Larasati", "public": True})
    maker = world.party("maker", roles=["maker"])
    creation = world.creation(model=anna, maker=maker)
    twin = world.twin(anna, creation=creation)
    bank = world.party("bank", roles=["provider"])
    terms = {"countries": ["DE", "FR"]}
    consent = world.consent(model=anna, licensee=brand, twin=twin, terms=terms, members={"providers": [bank]})
    usage = world.usage(consent, assets=["hero.jpg"])
    payment = world.payment(consent, payee=anna, amount=12_345, reference="KACA-0912")
    served.accept(anna, brand, maker, creation, twin, bank, consent, usage, payment)
    return Deal(served, app_at(served.service), anna, brand, bank, consent, usage, payment)


OWN = [route for route in ROUTES if route.name.startswith("model") and not route.twin]


class TestWho:
    @pytest.mark.parametrize("route", OWN, ids=lambda route: route.name)
    def test_a_stranger_sees_nothing(self, deal: Deal, route: Any) -> None:
        path = route.path.replace("<id>", deal.consent.id)
        for one in (path, *([f"{path}.json"] if route.page else [])):
            problem(asking_as(deal.app, None).open(one, method=route.method), 422, "refused")

    @pytest.mark.parametrize("route", OWN, ids=lambda route: route.name)
    def test_neither_does_another_party(self, deal: Deal, route: Any) -> None:
        path = route.path.replace("<id>", deal.consent.id)
        for who, query in ((deal.brand, ""), (deal.brand, f"?of={deal.anna.id}"), (deal.anna, f"?of={deal.brand.id}")):
            problem(deal.client(who).open(f"{path}{query}", method=route.method), 404, "not_found")

    def test_a_guardian_sees_her_wards(self, served: Served) -> None:
        world = served.world
        nia = world.party("nia", roles=["model"], keys=0, called={"name": "Nia"})
        sari = world.party("sari", roles=["guardian"])
        served.accept(nia, sari, world.guardian(nia, sari))
        client = asking_as(app_at(served.service), sari)
        problem(client.get("/model"), 404, "not_found")
        text = client.get(f"/model?of={nia.id}").get_data(as_text=True)
        assert "Nia" in text and f"model/uses?of={nia.id}" in text

    def test_a_browser_is_told_what_to_do(self, deal: Deal) -> None:
        answer = asking_as(deal.app, None).get("/model?language=id", headers=BROWSER)
        assert (answer.status_code, answer.mimetype) == (422, "text/html")
        assert "Cara masuk" in answer.get_data(as_text=True)
        assert asking_as(deal.app, None).get("/model?zone=x", headers=BROWSER).status_code == 422
        missing = deal.client().get("/nothing", headers=BROWSER)
        assert (missing.status_code, missing.mimetype) == (404, "text/html")

    def test_mine_leads_there(self, deal: Deal) -> None:
        answer = deal.client().get("/mine?language=id")
        assert (answer.status_code, answer.headers["Location"]) == (303, "model?language=id")
        problem(asking_as(deal.app, None).get("/mine"), 422, "refused")
        assert asking_as(deal.app, None).get("/mine", headers=BROWSER).mimetype == "text/html"

    def test_answers_are_not_kept(self, deal: Deal) -> None:
        assert deal.client().get("/model").headers["Cache-Control"] == "no-store"

    def test_that_she_looked_is_told_to_the_others(self, deal: Deal) -> None:
        for _ in range(2):  # the second is answered from what is kept
            before = deal.served.service.readers.store.reads_of(deal.brand.id, deal.served.clock())
            deal.ask("/model.json")
            after = deal.served.service.readers.store.reads_of(deal.brand.id, deal.served.clock())
            assert sum(count for *_, count in after) > sum(count for *_, count in before)


class TestHome:
    def test_says_what_waits_and_what_is_owed(self, deal: Deal) -> None:
        found = deal.ask("/model.json")
        [claim] = found["claims"]
        assert (claim["payment"], claim["reference"]) == (deal.payment.id, "KACA-0912")
        assert claim["amount"] == {"amount": 12_345, "currency": "EUR"}
        assert claim["payer"]["name"] == "Larasati"
        [one] = found["deals"]
        assert (one["consent"], one["state"], one["uses"]) == (deal.consent.id, "running", 1)
        assert (found["running"], found["person"]["name"]) == (1, "Anna <Lestari>")

    def test_the_figures_are_the_contracts(self, deal: Deal) -> None:
        service = deal.served.service
        context = JudgedContext(service.record(), instant=deal.served.clock(), as_of=deal.served.clock())
        usage = service.entry(deal.usage.id)
        consent = service.entry(deal.consent.id)
        assert usage is not None and consent is not None
        whole = make_statement(context, [usage.entry], consents=[consent.entry], payee=deal.anna.id)
        lines = [line for line in whole.lines if line.due or line.received]
        found = deal.ask("/model/money.json")
        assert lines and found["lines"]["all"] == len(lines)
        assert {row["outstanding"]["amount"] for row in found["lines"]["rows"]} == {line.outstanding for line in lines}
        [ages] = found["owed"]
        assert ages["all"]["amount"] == sum(line.outstanding for line in lines)

    def test_money_that_comes_is_seen_at_once(self, deal: Deal) -> None:
        [before] = deal.ask("/model.json")["owed"]
        deal.served.accept(deal.served.world.receipt(deal.consent, payee=deal.anna, amount=1_000))
        [after] = deal.ask("/model.json")["owed"]
        assert before["all"]["amount"] - after["all"]["amount"] == 1_000

    def test_time_passes(self, deal: Deal) -> None:
        assert deal.ask("/model.json").get("oldest") is None
        deal.served.world.advance("80d")
        found = deal.ask("/model.json")
        [late] = [row for row in deal.ask("/model/money.json")["lines"]["rows"] if row["days_late"]]
        assert found["oldest"]["days"] == late["days_late"] > 0 and found["owed"][0]["late"]["amount"] > 0
        assert "days late" in deal.client().get("/model/money").get_data(as_text=True)

    def test_on_the_day_on_which_it_is_due_nothing_is_late(self, deal: Deal) -> None:
        """Her day: the registry's law counts from the hour."""
        world = deal.served.world
        [line] = [one for one in deal.ask("/model/money.json")["lines"]["rows"] if "due_at" in one]
        zone, due = Zone("Asia/Jakarta"), parse_instant(line["due_at"])
        evening = zone.midnight(zone.day(due) + 1) - 60
        assert due < evening
        world.advance(f"{evening - world.now}s")
        for path in ("/model", "/model/money"):
            text = opened(deal.client(), f"{path}?zone=Asia/Jakarta").get_data(as_text=True)
            assert "1 day late" not in text and "has been due since" not in text, path
        assert "Due today" in text
        found = deal.ask("/model/money.json?zone=Asia/Jakarta")
        assert [row["days_late"] for row in found["lines"]["rows"]] == [0] and found["notices"] == []
        assert found["owed"][0]["late"]["amount"] == 0
        assert deal.ask("/model.json?zone=Asia/Jakarta").get("oldest") is None
        world.advance("60s")
        found = deal.ask("/model/money.json?zone=Asia/Jakarta")
        assert [row["days_late"] for row in found["lines"]["rows"]] == [1] and len(found["notices"]) == 1
        assert "1 day late" in deal.client().get("/model/money?zone=Asia/Jakarta").get_data(as_text=True)

    def test_who_read_is_told_in_her_time(self, deal: Deal) -> None:
        """A span of 24 hours is kept, which begins at midnight UTC: by her clock it begins at another hour."""
        deal.served.service.readers.store.note_reads(deal.brand.id, {deal.anna.id: 1}, deal.served.world.now)
        for zone, hour in (("Asia/Jakarta", "07:00"), ("America/Los_Angeles", "16:00"), ("Asia/Kolkata", "05:30")):
            text = deal.client().get(f"/model/reads?zone={zone}").get_data(as_text=True)
            assert hour in text and f"Times are those of {Zone(zone).shown(deal.served.world.now)}." in text

    def test_what_was_erased_is_gone(self, deal: Deal) -> None:
        assert deal.ask("/model.json")["deals"][0]["channels"]
        deal.served.accept(deal.served.world.erasure(deal.consent, erased=["money", "terms"]))
        found = deal.ask("/model.json")
        assert "channels" not in found["deals"][0] and found["owed"] == [] and found["untold"] == 2

    def test_nobody_waits_and_nothing_is_owed(self, served: Served) -> None:
        anna = served.world.party("anna", roles=["model"])
        served.accept(anna)
        text = asking_as(app_at(served.service), anna).get("/model").get_data(as_text=True)
        assert "Nothing waits for you." in text and text.count('class="empty"') == 3


class TestPayments:
    def test_a_receipt_is_prepared_and_answers_the_question(self, deal: Deal) -> None:
        page = opened(deal.client(), f"/model/payments/{deal.payment.id}?answer=yes").get_data(as_text=True)
        assert 'I have received <span class="num">EUR 123.45</span> from <bdi>Larasati</bdi>.' in page
        draft = opened(deal.client(), f"/model/payments/{deal.payment.id}/draft?answer=yes")
        assert draft.headers["Content-Disposition"] == 'attachment; filename="receipt.toml"'
        logged = deal.submit(draft.get_data(as_text=True), deal.anna)
        entry = deal.served.service.entry(logged.id)
        assert entry is not None and isinstance(entry.entry.statement, Receipt)
        found = deal.ask("/model.json")
        assert found["claims"] == []
        assert any(row["received"]["amount"] == 12_345 for row in deal.ask("/model/money.json")["lines"]["rows"])

    def test_another_amount(self, deal: Deal) -> None:
        path = f"/model/payments/{deal.payment.id}"
        assert "How much arrived?" in opened(deal.client(), f"{path}?answer=other").get_data(as_text=True)
        page = opened(deal.client(), f"{path}?answer=other&amount=1x").get_data(as_text=True)
        assert "That is no amount in EUR." in page
        problem(opened(deal.client(), f"{path}/draft?answer=other&amount=1x"), 400, "question_malformed")
        problem(opened(deal.client(), f"{path}/draft?answer=other&amount=5.00+USD"), 400, "question_malformed")
        problem(opened(deal.client(), f"{path}?answer=perhaps"), 400, "question_malformed")
        draft = opened(deal.client(), f"{path}/draft?answer=other&amount=100,00").get_data(as_text=True)
        assert 'amount = "EUR 100.00"' in draft
        deal.submit(draft, deal.anna)

    def test_no_is_an_objection(self, deal: Deal) -> None:
        draft = opened(deal.client(), f"/model/payments/{deal.payment.id}/draft?answer=no").get_data(as_text=True)
        logged = deal.submit(draft, deal.anna)
        entry = deal.served.service.entry(logged.id)
        assert entry is not None and isinstance(entry.entry.statement, Dispute)
        assert entry.entry.statement.of == (deal.payment.id,)
        assert deal.ask("/model.json")["claims"] == []

    def test_a_provider_who_attests_it_answers_it(self, deal: Deal) -> None:
        world = deal.served.world
        attested = world.payment(
            deal.consent, payee=deal.anna, amount=12_345, reference="KACA-0912", provider=deal.bank
        )
        deal.served.accept(attested)
        assert deal.ask("/model.json")["claims"] == []


class TestWithdrawing:
    def test_says_what_follows_and_is_signed_by_key(self, deal: Deal) -> None:
        path = f"/model/consents/{deal.consent.id}/withdraw"
        deal.served.world.advance("3d")
        [ended] = deal.ask(f"{path}.json")["ended"]
        [use] = ended["uses"]
        assert use["usage"] == deal.usage.id and use["category"] and use["channels"] and use["countries"]
        assert f'uses/{deal.usage.id}">Women&#39;s Clothing. ' in deal.client().get(path).get_data(as_text=True)
        assert ended["stays"][0]["amount"] > 0
        size = deal.served.service.published.checkpoint.size
        draft = opened(deal.client(), f"{path}/draft").get_data(as_text=True)
        assert deal.served.service.published.checkpoint.size == size
        logged = deal.submit(draft, deal.anna)
        entry = deal.served.service.entry(logged.id)
        assert entry is not None and isinstance(entry.entry.statement, Revocation)
        deal.served.world.advance("40d")
        assert deal.ask("/model.json")["deals"][0]["state"] == "withdrawn"
        assert deal.ask(f"/model/consents/{deal.consent.id}.json")["may_withdraw"] is False


class TestUses:
    def test_each_has_its_answers(self, deal: Deal) -> None:
        [row] = deal.ask("/model/uses.json")["uses"]["rows"]
        assert (row["authorised"], row["paid"], row["kind"]) == ("AUTHORISED", "NOT_YET_DUE", "due")
        found = deal.ask(f"/model/uses/{deal.usage.id}.json")
        assert {one["result"] for one in found["rules"]} <= {one.value for one in Result}
        assert list(found["assets"]) == list(deal.usage.statement.assets)  # type: ignore[attr-defined]
        problem(deal.client().get(f"/model/uses/{deal.consent.id}"), 404, "not_found")

    def test_one_that_is_not_allowed_says_why(self, deal: Deal) -> None:
        world = deal.served.world
        usage = world.usage(deal.consent, assets=["b.jpg"], terms={"countries": ["JP"]})
        deal.served.accept(usage)
        row = deal.ask("/model/uses.json")["uses"]["rows"][0]
        assert (row["usage"], row["kind"], row["code"]) == (usage.id, "no", "country_denied")


class TestForm:
    def paths(self, deal: Deal) -> list[str]:
        ids = {"consents": deal.consent.id, "payments": deal.payment.id, "uses": deal.usage.id}
        return [
            route.path.replace("<id>", ids.get(route.path.split("/")[2], "")) if "<" in route.path else route.path
            for route in OWN
            if route.page
        ]

    def test_pages_speak_indonesian_and_are_small(self, deal: Deal) -> None:
        for path in self.paths(deal):
            answer = deal.client().get(f"{path}?language=id", headers=BROWSER)
            text = answer.get_data(as_text=True)
            assert answer.status_code == 200, path
            assert english_in(text) == {}, path
            assert len(answer.data) < MOST, path
            assert "Anna <Lestari>" not in text and text.count("<h1") == 1, path

    def test_twins_say_the_same_in_every_language(self, deal: Deal) -> None:
        for path in self.paths(deal):
            first, second = (opened(deal.client(), f"{path}.json?language={one}") for one in ("en", "id"))
            assert first.data == second.data and first.status_code == 200, path


def test_a_draft_can_be_read(deal: Deal) -> None:
    world = deal.served.world
    waiting = world.consent(model=deal.anna, licensee=deal.brand, twin=deal.served.world.twin_of(deal.anna))
    from registry.desk.desk import Desk  # noqa: F401 -- the app's own desk is asked over HTTP

    submission = parse_submission(raw(waiting))
    body = canonical.encode(
        {"submission": value(format_submission(type(submission)(
            payload=submission.payload, signatures=(), disclosures=submission.disclosures)))}
    )  # fmt: skip
    put = deal.client(deal.brand).open("/desk", method="POST", data=body, headers={"Content-Type": "application/json"})
    assert put.status_code == 200, put.data
    [draft] = deal.ask("/model.json")["drafts"]
    assert (draft["draft"], draft["kind"], draft["waits"]) == (waiting.id, "consent_use", True)
    page = deal.client().get(f"/drafts/{waiting.id}")
    text = page.get_data(as_text=True)
    assert page.status_code == 200 and f"registry desk sign {waiting.id}" in text
    assert "The signed terms are the contract; this says what is in them." in text  # lines that the screen breaks
    assert english_in(deal.client().get(f"/drafts/{waiting.id}?language=id").get_data(as_text=True)) == {}
    problem(asking_as(deal.app, None).get(f"/drafts/{waiting.id}"), 422, "refused")
    other = world.party("other", roles=["licensee"])
    deal.served.accept(other)
    problem(deal.client(other).get(f"/drafts/{waiting.id}"), 404, "not_found")
