"""May we? A form about what is not made yet, answered with what would cure a no; and forms, field by field."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from registry.look import Zone
from registry.metering import OWN
from registry.web.pages import reader_view
from registry.web.pages.form_fields import FormFields
from registry.web.pages.viewing import Viewing
from tests.support.asking import opened, problem, value
from tests.support.english import english_in
from tests.support.served import Served
from tests.support.signed_requests import app_at, asking_as
from tests.support.world import Logged
from verifier.base.strict import format_instant, parse_instant
from verifier.programs.language import catalogue
from verifier.statements.types import Consent

Brand = tuple[FlaskClient, Logged]


@pytest.fixture
def brand(served: Served) -> Brand:
    consent, everything = served.story()
    served.accept(*everything)
    return asking_as(app_at(served.service), served.world.actors[str(consent.statement.parties.licensee)]), consent


def address(brand: Brand, served: Served, twin: bool = True, **changed: Any) -> str:
    day = format_instant(served.world.now + 86_400)[:10]
    end = format_instant(served.world.now + 20 * 86_400)[:10]
    given = {
        "consent": brand[1].id, "purpose": "advertising", "category": "Women's Clothing", "channels": ["print"],
        "countries": "Germany, fr", "placement": "paid", "starts": day, "ends": end, **changed,
    }  # fmt: skip
    return f"/brand/may{'.json' if twin else ''}?{urlencode(given, doseq=True)}"


def ask(brand: Brand, served: Served, **changed: Any) -> Any:
    return value(opened(brand[0], address(brand, served, **changed)).data)


def test_offers_the_consents_that_run(brand: Brand) -> None:
    client, consent = brand
    found = value(opened(client, "/brand/may.json").data)
    assert [one["consent"] for one in found["deals"]] == [consent.id] and "answer" not in found
    assert f'href="../brand/may?consent={consent.id}"' in opened(client, "/brand/may").text


def test_says_yes_and_what_it_costs(brand: Brand, served: Served) -> None:
    found = ask(brand, served)
    assert found["wrong"] == {} and (found["answer"]["kind"], found["answer"]["answer"]) == ("yes", "AUTHORISED")
    assert found["answer"]["against"] == [] and found["answer"]["costs"][0]["amount"]["amount"] > 0
    assert "Yes: " in opened(brand[0], address(brand, served, twin=False)).text


def test_says_no_and_what_would_cure_it(brand: Brand, served: Served) -> None:
    found = ask(brand, served, countries="Japan", channels=["print", "ctv"])
    assert found["answer"]["kind"] == "no"
    against = {one["code"]: one for one in found["answer"]["against"]}
    assert {"country_denied", "channel_denied"} <= against.keys() and all(one["cure"] for one in against.values())
    page = opened(brand[0], address(brand, served, twin=False, countries="Japan")).text
    assert "Not like this" in page and "Keep to " in page
    size = served.service.published.checkpoint.size
    assert size == served.service.published.checkpoint.size, "nothing is logged by asking"


@pytest.mark.parametrize(
    ("language", "where", "how"),
    [("en", "Germany", "newspapers and magazines"), ("id", "Jerman", "koran dan majalah")],
)
def test_what_would_cure_it_is_said_in_words(
    brand: Brand, served: Served, language: str, where: str, how: str
) -> None:
    asked = {"countries": "JP", "channels": ["print", "ctv"], "language": language}
    cures = {one["code"]: one["cure"] for one in ask(brand, served, **asked)["answer"]["against"]}
    assert "DE" in cures["country_denied"] and "print" in cures["channel_denied"]
    page = opened(brand[0], address(brand, served, twin=False, **asked)).text
    notes = re.findall('<span class="note">(.*?)</span>', page)
    assert any(where in one for one in notes) and any(how in one for one in notes)
    assert not any(re.search(r"\b(DE|FR|ctv|print)\b", one) for one in notes)


def test_says_what_is_wrong_beside_each_field(brand: Brand, served: Served) -> None:
    found = ask(
        brand, served, countries="Atlantis", category="Clothing, Footwear", channels=["tv"], starts="tomorrow",
        sha256="12", purpose="",
    )  # fmt: skip
    assert found["wrong"] == {
        "countries": "form.no_country", "category": "form.one_category", "channels": "form.not_offered",
        "starts": "form.no_day", "sha256": "form.no_id", "purpose": "form.needed",
    }  # fmt: skip
    assert "answer" not in found and found["given"]["countries"] == ["Atlantis"]
    page = opened(brand[0], address(brand, served, twin=False, countries="Atlantis")).text
    assert 'value="Atlantis"' in page and 'aria-invalid="true"' in page


def test_an_answer_ends_where_one_request_has_read_its_most(
    brand: Brand, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a form asks is counted with what its page reads."""
    for most in range(1, 100):
        monkeypatch.setattr(reader_view, "OWN", replace(OWN, lists=most))
        if brand[0].get(f"/brand/may?consent={brand[1].id}").status_code == 200:
            break
    problem(opened(brand[0], address(brand, served)), 413, "evidence_too_large")
    monkeypatch.setattr(reader_view, "OWN", replace(OWN, lists=2 * most))
    assert ask(brand, served)["answer"]["kind"] == "yes"


class TestWithoutAConsent:
    """Nothing allows it, and whom to ask stands there; where there is a consent, that is what is asked under."""

    def test_nothing_allows_it(self, brand: Brand, served: Served) -> None:
        world, client = served.world, brand[0]
        other = world.party("other", roles=["model"])
        agency = world.party("agency", roles=["agency"], called={"name": "Senja", "public": True})
        maker = world.party("another maker", roles=["maker"])
        mandate, creation = world.mandate(model=other, agency=agency), world.creation(model=other, maker=maker)
        twin = world.twin(other, creation=creation)
        served.accept(other, agency, maker, mandate, creation)
        found = value(opened(client, f"/brand/may.json?twin={other.id}").data)["without"]
        assert (found["model"]["party"], found["twins"], found["deals"]) == (other.id, 0, [])
        assert [one["name"] for one in found["agencies"]] == ["Senja"]
        served.accept(twin, world.revocation(mandate=mandate))
        world.advance("1d")
        spaced = " ".join([twin.id[:32].upper(), twin.id[32:]])
        found = value(opened(client, f"/brand/may.json?{urlencode({'twin': spaced})}").data)["without"]
        assert (found["model"]["party"], found["twins"], found["agencies"]) == (other.id, 1, [])
        text = opened(client, f"/brand/may?twin={twin.id}").text
        assert "No: nothing allows you to use" in text and f"/brand/options?model={other.id}" in text
        asked = value(opened(client, f"/brand/options.json?model={other.id}").data)
        assert asked["wrong"] == {} and other.id in [one["party"] for one in asked["known"]]

    def test_a_consent_that_runs_is_asked_under(self, brand: Brand, served: Served) -> None:
        client, consent = brand
        given = consent.statement
        assert isinstance(given, Consent)
        for id in (given.twin, given.parties.model):
            found = value(opened(client, f"/brand/may.json?twin={id}").data)["without"]
            assert [one["consent"] for one in found["deals"]] == [consent.id]
        text = opened(client, f"/brand/may?twin={given.twin}").text
        assert "nothing allows" not in text and f"/brand/may?consent={consent.id}" in text

    def test_she_is_found_by_a_name_that_one_may_know(self, brand: Brand, served: Served) -> None:
        """A public name, and that of whom one has a contract with; a private one finds nobody."""
        world, client = served.world, brand[0]
        dewi = world.party("dewi", roles=["model"], called={"name": "Dewi Ayu Lestari", "public": True})
        secret = world.party("secret", roles=["model"], called={"name": "Dewi Rahasia"})
        maker = world.party("dewi maker", roles=["maker"], called={"name": "Dewi Studio", "public": True})
        namesake = world.party("namesake", roles=["model"], called={"name": "Dewi Sartika", "public": True})
        served.accept(dewi, secret, maker, namesake)

        def found(text: str) -> Any:
            return value(client.post("/brand/may.json", data={"sent": "yes", "twin": text}).data)

        for text in ("dewi", "déwi", "DE"):
            answer = found(text)
            assert [one["party"] for one in answer["found"]] == [dewi.id, namesake.id] and "without" not in answer, text
        for text in ("LESTARI ayu", "dewi a"):
            answer = found(text)
            assert answer["without"]["model"]["party"] == dewi.id and answer["found"] == [], text
        for text in ("rahasia", "ewi", "!", ""):
            answer = found(text)
            assert answer["found"] == [] and "without" not in answer, text
            assert answer["wrong"]["twin"] in ("may.nobody", "form.needed"), text
        text = client.post("/brand/may", data={"twin": "dewi"}).text
        assert f'href="../brand/may?twin={dewi.id}"' in text and "Rahasia" not in text
        assert "No model whom you may know" in client.post("/brand/may", data={"twin": "rahasia"}).text
        for name in ("dewi", "rahasia", "sartika"):
            answer = client.post("/brand/may?language=id", data={"twin": name})
            assert english_in(answer.text) == {}, name

    def test_who_has_a_contract_with_her_finds_her_by_a_private_name(self, brand: Brand, served: Served) -> None:
        world, (client, consent) = served.world, brand
        kirana = world.party("kirana", roles=["model"], called={"name": "Kirana"})
        maker = world.party("kirana's maker", roles=["maker"])
        creation = world.creation(model=kirana, maker=maker)
        twin = world.twin(kirana, creation=creation)
        served.accept(kirana, maker, creation, twin)
        form = {"sent": "yes", "twin": "kirana"}
        assert value(client.post("/brand/may.json", data=form).data)["wrong"] == {"twin": "may.nobody"}
        licensee = world.actors[str(consent.statement.parties.licensee)]
        served.accept(world.consent(model=kirana, licensee=licensee, twin=twin))
        assert value(client.post("/brand/may.json", data=form).data)["without"]["model"]["party"] == kirana.id

    def test_what_is_no_twin(self, brand: Brand) -> None:
        client, consent = brand
        for id in ("x", "ab" * 32, consent.id, str(consent.statement.parties.licensee)):
            assert problem(opened(client, f"/brand/may?twin={id}"), 404, "not_found")["where"] == "twin"

    def test_speaks_indonesian(self, brand: Brand, served: Served) -> None:
        other = served.world.party("other", roles=["model"])
        served.accept(other)
        for id in (other.id, brand[1].statement.parties.model):
            assert english_in(opened(brand[0], f"/brand/may?language=id&twin={id}").text) == {}


def test_is_asked_of_ones_own_consent(brand: Brand, served: Served) -> None:
    other = served.world.party("other", roles=["licensee"])
    served.accept(other)
    client = asking_as(app_at(served.service), other)
    problem(opened(client, f"/brand/may?consent={brand[1].id}"), 404, "not_found")
    problem(opened(brand[0], "/brand/may?consent=x"), 404, "not_found")
    problem(opened(app_at(served.service).test_client(), "/brand/may"), 422, "refused")


def test_speaks_indonesian(brand: Brand, served: Served) -> None:
    for path in ("/brand/may?language=id", address(brand, served, twin=False, language="id", countries="Jepang")):
        answer = opened(brand[0], path)
        assert answer.status_code == 200 and english_in(answer.text) == {}, path


class TestFields:
    def fields(self, zone: str = "UTC", **given: str) -> FormFields:
        look = Viewing(words=catalogue("en"), zone=Zone(zone))
        return FormFields({name: [text] for name, text in given.items()}, look)

    @pytest.mark.parametrize("zone, at", [
        ("UTC", "2026-03-29T00:00:00Z"), ("Asia/Jakarta", "2026-03-28T17:00:00Z"),
        ("Europe/Berlin", "2026-03-28T23:00:00Z"), ("America/New_York", "2026-03-29T04:00:00Z"),
    ])  # fmt: skip
    def test_a_day_begins_in_the_zone_of_the_page(self, zone: str, at: str) -> None:
        found = self.fields(zone, starts="2026-03-29").day("starts")
        assert found is not None and found.at == parse_instant(at)

    def test_amounts_are_of_one_currency(self) -> None:
        fields = self.fields(a="1250.00", b="EUR 1,250.00", c="USD 3.00", d="nothing", e="0.00")
        assert [one and one.amount for one in (fields.amount(name, "EUR") for name in "abcde")] == [
            125_000, 125_000, None, None, None,
        ]  # fmt: skip
        assert set(fields.wrong) == {"c", "d", "e"}

    def test_countries_and_categories_by_name_or_code(self) -> None:
        fields = self.fields(
            a="de, Indonesia; FR", b="the whole world", c="WORLD, DE", d="Clothing", e="1059", f="xyzzy"
        )
        assert fields.countries("a") == ("DE", "FR", "ID") and fields.countries("b") == ("WORLD",)
        assert fields.categories("d") == fields.categories("e") == ("1059",)
        assert fields.wrong == {}
        fields.countries("c")
        fields.categories("f")
        assert fields.wrong == {"c": "form.world_alone", "f": "form.no_category"}
