"""A consent from a form: filled in, like an earlier deal, or from an AdCP message; looked at, then handed over."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from registry.drafting.drafts.reading import complete, parse_draft
from tests.support.asking import problem, value
from tests.support.english import english_in
from tests.support.handing_over import acts_in, carry_out, tells_what_came_back, with_sign_url
from tests.support.root import ROOT
from tests.support.served import Served
from tests.support.session_browsers import SITE, signed_in
from tests.support.signed_requests import app_at, asking_as
from tests.support.world import Logged
from verifier.base.strict import format_instant
from verifier.statements.sections import ConsentMoney, Exclusive, Terms
from verifier.statements.types import Consent

ADCP = ROOT / "registry" / "demo" / "acquire_rights.json"


class Booking:
    """An agency with a model's mandate, her twin, and a brand that it has dealt with."""

    def __init__(self, served: Served) -> None:
        world = served.world
        self.served = served
        self.anna = world.party("anna", roles=["model"], called={"name": "Anna"})
        self.senja = world.party("senja", roles=["agency"], called={"name": "Senja", "public": True})
        self.kaca = world.party("kaca", roles=["licensee"], called={"name": "Kaca", "public": True})
        maker = world.party("maker", roles=["maker"])
        self.mandate = world.mandate(model=self.anna, agency=self.senja)
        creation = world.creation(model=self.anna, maker=maker)
        self.twin = world.twin(self.anna, creation=creation)
        self.earlier: Logged = world.consent(
            model=self.anna, licensee=self.kaca, twin=self.twin, under=self.mandate,
            terms={"caps": {"uses": 7}, "notice": 14 * 86_400}, exclusive={},
            money={"fees": [{"per": "use", "amount": 48_000}]},
        )  # fmt: skip
        served.accept(self.anna, self.senja, self.kaca, maker, self.mandate, creation, self.twin, self.earlier)
        self.client: FlaskClient = asking_as(app_at(served.service), self.senja)

    def fields(self, **changed: Any) -> dict[str, Any]:
        now = self.served.world.now
        return {
            "sent": "yes", "twin": self.twin.id, "brand": self.kaca.id, "rights": ["likeness"],
            "description": "Knitwear for the shop's own pages, winter.", "purposes": ["ecommerce", "advertising"],
            "categories": "Clothing", "channels": ["display", "social"], "countries": "Germany, France",
            "starts": format_instant(now + 5 * 86_400)[:10], "ends": format_instant(now + 95 * 86_400)[:10],
            "approval": "each", "amount": "480.00", "per": "use", "currency": "EUR", "due_days": "30", "share": "20",
            "language": "en", "advice": "counsel", **changed,
        }  # fmt: skip

    def preview(self, **changed: Any) -> Any:
        return value(self.client.post("/agency/draft.json", data=self.fields(**changed)).data)


@pytest.fixture
def booking(served: Served) -> Booking:
    return Booking(served)


def read(text: str, now: int) -> tuple[Consent, Terms, ConsentMoney, Exclusive | None]:
    submission = complete(parse_draft(text), text, now)
    statement, opened = submission.statement(), submission.opened()
    assert isinstance(statement, Consent)
    terms, money = opened["terms"][1], opened["money"][1]
    exclusive = opened["exclusive"][1] if "exclusive" in opened else None
    assert isinstance(terms, Terms) and isinstance(money, ConsentMoney)
    assert exclusive is None or isinstance(exclusive, Exclusive)
    return statement, terms, money, exclusive


class TestForm:
    def test_offers_twins_brands_and_earlier_deals(self, booking: Booking) -> None:
        found = value(booking.client.get("/agency/draft.json").data)
        assert [(one["twin"], one["mandate"], one["collects"]) for one in found["twins"]] == [
            (booking.twin.id, booking.mandate.id, 1)
        ]
        assert [one["name"] for one in found["brands"]] == ["Kaca"]
        assert [one["consent"] for one in found["earlier"]] == [booking.earlier.id] and found["wrong"] == {}

    def test_is_an_agencys(self, booking: Booking) -> None:
        for who in (booking.kaca, booking.anna):
            client = asking_as(app_at(booking.served.service), who)
            problem(client.get("/agency/draft"), 404, "not_found")
            problem(client.post("/agency/draft", data=booking.fields()), 404, "not_found")
        stranger = app_at(booking.served.service).test_client()
        problem(stranger.post("/agency/draft", data=booking.fields()), 422, "refused")

    def test_a_mandate_that_is_over_offers_nobody(self, booking: Booking) -> None:
        booking.served.accept(booking.served.world.revocation(mandate=booking.mandate))
        booking.served.world.advance("30d")
        assert value(booking.client.get("/agency/draft.json").data)["twins"] == []
        assert "twin" in booking.preview()["wrong"]


class TestPreview:
    def test_what_is_filled_in_is_what_would_be_signed(self, booking: Booking) -> None:
        found = booking.preview()
        assert found["wrong"] == {} and found["answer"]["kind"] == "yes", found["answer"]
        statement, terms, money, exclusive = read(found["draft"], booking.served.world.now)
        parties = statement.parties
        assert (statement.twin, statement.under, parties.licensee) == (
            booking.twin.id, booking.mandate.id, booking.kaca.id,
        )  # fmt: skip
        assert terms.countries == ("DE", "FR") and terms.categories == ("1059",) and terms.approval == "each"
        assert money.fees[0].amount == 48_000 and [one.parts for one in money.splits] == [80, 20]
        assert money.splits[0].via == booking.senja.id and exclusive is None
        assert terms.memo is not None and "Knitwear for the shop's own pages" in found["memo"]
        assert "Kaca (" in found["memo"] and re.search("[0-9a-f]{64}", found["memo"]) is None

    def test_the_memo_is_in_the_language_that_she_reads(self, booking: Booking) -> None:
        found = booking.preview(language="id")
        assert "Anda" in found["memo"]

    def test_exclusive_takes_in_what_the_terms_do(self, booking: Booking) -> None:
        _, terms, _, exclusive = read(booking.preview(exclusive="yes")["draft"], booking.served.world.now)
        assert exclusive is not None and exclusive.channels == terms.channels and exclusive.ends == terms.ends

    def test_a_clash_is_told_before_anybody_signs(self, booking: Booking) -> None:
        other = booking.served.world.party("hutan", roles=["licensee"], called={"name": "Hutan", "public": True})
        booking.served.accept(other)
        found = booking.preview(brand=other.id)
        assert [one["brand"]["name"] for one in found["answer"]["in_the_way"]] == ["Kaca"]
        page = booking.client.post("/agency/draft", data=booking.fields(brand=other.id)).text
        assert "Whose exclusivity it meets" in page

    def test_says_what_is_wrong_and_keeps_the_rest(self, booking: Booking) -> None:
        changed = {"description": "Short.", "amount": "USD 3", "ends": "2020-01-01", "brand": "Kaca", "share": "120"}
        found = booking.preview(**changed)
        assert set(found["wrong"]) == set(changed) and "answer" not in found and "draft" not in found
        page = booking.client.post("/agency/draft", data=booking.fields(**changed)).text
        assert 'value="USD 3"' in page and "5 fields need another look." in page

    def test_is_saved_as_the_draft_that_was_looked_at(self, booking: Booking) -> None:
        answer = booking.client.post("/agency/draft/save", data=booking.fields())
        assert answer.headers["Content-Disposition"] == 'attachment; filename="consent.toml"'
        statement, terms, _, _ = read(answer.text, booking.served.world.now)
        assert statement.parties.model == booking.anna.id and terms.memo is not None
        problem(booking.client.post("/agency/draft/save", data=booking.fields(brand="")), 400, "bad_request")

    def test_nothing_is_put_up_by_looking(self, booking: Booking) -> None:
        size = booking.served.service.published.checkpoint.size
        booking.preview()
        assert value(booking.client.get("/desk").data)["drafts"] == []
        assert booking.served.service.published.checkpoint.size == size

    def test_a_session_reads_it_from_the_registrys_own_page_alone(self, booking: Booking) -> None:
        app = app_at(booking.served.service, SITE)
        browser = signed_in(app, booking.senja)
        sent: dict[str, Any] = {"data": booking.fields()}
        assert browser.ask("POST", "/agency/draft", **sent).status_code == 200
        browser.site = "cross-site"
        problem(browser.ask("POST", "/agency/draft", **sent), 422, "refused")

    def test_is_handed_over_to_be_signed_and_waits_for_the_others(self, booking: Booking) -> None:
        served = with_sign_url(booking.served)
        app = app_at(served.service)
        client = asking_as(app, booking.senja)
        [act] = acts_in(client.post("/agency/draft", data=booking.fields()).text)
        [answer] = carry_out(app, booking.senja, act)
        assert answer.status_code == 200, answer.data
        [draft] = value(client.get("/agency.json").data)["drafts"]
        assert [one["name"] for one in draft["signed"]] == ["Senja"]
        assert {one["name"] for one in draft["missing"]} == {"Anna", "Kaca"}
        assert tells_what_came_back(client, act)

    def test_a_form_that_is_too_large(self, booking: Booking) -> None:
        answer = booking.client.post("/agency/draft", data=booking.fields(adcp="x" * 300_000))
        problem(answer, 413, "too_large")


class TestBeginnings:
    def test_like_an_earlier_deal(self, booking: Booking) -> None:
        """What the form has no field for stays: caps, notice; and whom it was for."""
        path = f"/agency/draft.json?like={booking.earlier.id}"
        given = value(booking.client.get(path).data)["given"]
        assert given["brand"] == [booking.kaca.id] and given["amount"] == ["EUR 480.00"]
        assert given["exclusive"] == ["yes"] and given["countries"] == ["the whole world"]
        found = booking.preview(like=booking.earlier.id, follows="renews")
        statement, terms, _, _ = read(found["draft"], booking.served.world.now)
        assert statement.renews == booking.earlier.id
        assert (terms.caps, terms.notice) == ({"uses": 7}, 14 * 86_400)

    def test_a_renewal_is_the_earlier_deal_for_as_long_again(self, booking: Booking) -> None:
        path = f"/agency/draft.json?like={booking.earlier.id}"
        like, renewed = (value(booking.client.get(f"{path}{more}").data)["given"] for more in ("", "&follows=renews"))
        assert renewed["follows"] == ["renews"] and like["follows"] == ["new"]
        same = set(like) - {"follows", "ends"}
        assert {name: renewed[name] for name in same} == {name: like[name] for name in same}
        first, last, later = (date.fromisoformat(one[0]) for one in (like["starts"], like["ends"], renewed["ends"]))
        assert later - last == last - first
        sent = {name: texts for name, texts in renewed.items() if name != "adcp"}
        answer = booking.client.post("/agency/draft.json", data={**sent, "sent": "yes", "like": booking.earlier.id})
        found = value(answer.data)
        assert found["wrong"] == {}
        statement, terms, _, _ = read(found["draft"], booking.served.world.now)
        assert statement.renews == booking.earlier.id and terms.caps == {"uses": 7}
        problem(booking.client.get(f"{path}&follows=eats"), 400, "question_malformed")

    def test_like_one_that_is_not_ones_own(self, booking: Booking) -> None:
        for id in (booking.mandate.id, "ab" * 32, "x"):
            assert booking.client.get(f"/agency/draft?like={id}").status_code in (400, 404)

    def test_from_an_adcp_message(self, booking: Booking) -> None:
        text = Path(ADCP).read_text("utf-8")
        sent = {"sent": "yes", "step": "read", "adcp": text}
        found = value(booking.client.post("/agency/draft.json", data=sent).data)
        assert found["given"]["countries"] == ["Germany, France, Netherlands"] and found["notes"]
        assert found["kept"] == ["EUR 2,400.00 with this consent, or of an option when it is taken"]
        assert "amount" not in found["given"]
        assert "answer" not in found and found["wrong"] == {}

    def test_from_what_is_no_message(self, booking: Booking) -> None:
        sent = {"sent": "yes", "step": "read", "adcp": '{"a": 1}'}
        found = value(booking.client.post("/agency/draft.json", data=sent).data)
        assert found["wrong"] == {"adcp": "form.no_adcp"} and found["notes"]
        told = booking.client.post("/agency/draft.json?language=id", data={**sent, "adcp": "nothing"})
        assert value(told.data)["notes"] == ["bukan JSON (baris 1, kolom 1)"]


@pytest.mark.parametrize("language", ["en", "id"])
def test_a_memo_begins_in_the_language_of_the_page(booking: Booking, language: str) -> None:
    found = value(booking.client.get(f"/agency/draft.json?language={language}").data)
    assert found["given"]["language"] == [language]
    like = f"/agency/draft.json?language={language}&like={booking.earlier.id}"
    assert value(booking.client.get(like).data)["given"]["language"] == ["en"], "that of the deal that it is like"


def test_an_earlier_amount_is_filled_in_as_the_page_writes_it(booking: Booking) -> None:
    found = booking.client.get(f"/agency/draft.json?language=id&like={booking.earlier.id}")
    assert value(found.data)["given"]["amount"] == ["EUR 480,00"]
    again = booking.client.post("/agency/draft.json?language=id", data=booking.fields(amount="EUR 480,00"))
    assert "amount" not in value(again.data)["wrong"]


def test_speaks_indonesian(booking: Booking) -> None:
    for page in (
        booking.client.get("/agency/draft?language=id"),
        booking.client.get(f"/agency/draft?language=id&like={booking.earlier.id}"),
        booking.client.post("/agency/draft?language=id", data=booking.fields(language="id", brand="")),
        booking.client.post(
            "/agency/draft?language=id",
            data=booking.fields(language="id", countries="Jerman", description="Rajutan untuk halaman toko sendiri."),
        ),
    ):
        assert page.status_code == 200 and english_in(page.text) == {}
