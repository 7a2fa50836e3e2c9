"""A whole deal by people with a browser each, from the invitation to the receipt: nobody types a command.

A registrar enrols a model, her agency and a brand. What has no form yet (that a twin was made, the mandate) is drafted
here and handed over, as a registry's page does it; the consent, the use, the payment and the receipt are made on pages.
Each signs on the page that holds keys.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.support.chromium import drop
from tests.support.desk_clients import unsigned
from tests.support.people import Person, Town, town
from tests.support.reading_out import fingerprint
from tests.support.sign_page import PASSPHRASE, fill
from tests.support.verifier_page import MISSING, PRESENT
from tests.support.world import Actor
from verifier.programs.keys import format_key
from verifier.statements.types import Consent, Payment, Receipt, Usage

pytestmark = pytest.mark.skipif(not PRESENT, reason=MISSING)

PROPOSE = {"method": "POST", "path": "/desk", "body": {"submission": "signed"}}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path) as made:
        yield made


@dataclass
class Cast:
    """Everybody in the deal, enrolled."""

    place: Town
    registrar: Person
    model: Person
    agency: Person
    brand: Person


def logged(place: Town, id: str) -> Any:
    """The statement that the log has under an id."""
    found = place.served.service.entry(id)
    assert found is not None, id
    return found.entry.statement


def newest(place: Town, subject: str, type: type) -> Any:
    """The last statement of a type in a list of the log."""
    record = place.served.service.record()
    entries = [record.entry(index) for index in record.rows(subject)]
    return [one.statement for one in entries if one is not None and isinstance(one.statement, type)][-1]


def a_registrar(place: Town) -> Person:
    """Her key comes from a file: it was made with the registry."""
    made = place.person("Meera", passkeys=False)
    file = place.folder / "registrar.key"
    file.write_bytes(format_key(place.served.world.registrar, PASSPHRASE.encode(), passes=1, memory=64 * 1024))
    made.opens("/keys/new")
    made.clicks(made.say("keys_copy_do.new"))
    made.at_sign_page()
    made.page.choose("input[type=file]", [file])
    fill(made.page, "input[type=password]", PASSPHRASE)
    made.clicks(made.say("signing.keep_here"))
    made.page.until("document.querySelector('main h2').textContent.startsWith('Key ')")
    made.signs_in()
    assert made.page.run("location.pathname") == "/registrar"
    return made


def enrol(registrar: Person, person: Person, role: str) -> None:
    """By invitation: the link is handed over, the characters are read out."""
    page = registrar.page
    registrar.opens("/registrar")
    fill(page, "#name", person.name)
    page.run(f"document.querySelector('#role').value = {json.dumps(role)}")
    registrar.clicks(registrar.say("registrar.make"))
    registrar.agrees(registrar.say("signing.confirm"), "/registrar")
    page.until("document.querySelector('[data-invitation]:not([hidden]) input')")
    link = str(page.run("document.querySelector('[data-invitation]:not([hidden]) input').value"))
    heard = person.comes_in(link)

    registrar.opens("/registrar")
    registrar.clicks(registrar.say("registrar.look"))
    registrar.at_registry("/registrar/enrolments/")
    assert heard not in page.run("document.documentElement.innerHTML")
    assert page.run("document.querySelector('h1').textContent").count(person.name) == 1
    registrar.clicks(registrar.say("vouch.sign"))
    registrar.at_sign_page()
    page.until("document.querySelector('#heard-0')")
    assert heard not in page.run("document.documentElement.innerHTML")
    fill(page, "#heard-0", heard.lower().replace("-", " "))
    registrar.agrees(registrar.say("signing.sign"), "/registrar")
    registrar.sees(registrar.say("came.logged"))

    person.page.until("!document.querySelector('#enrolled').hidden", 30)
    person.clicks(person.say("sign_in.title"))
    person.clicks(person.say("sign_in.here"))
    person.agrees(person.say("signing.sign_in"), "/")
    person.page.until("document.querySelector('h1') && location.pathname !== '/sign-in'")
    assert fingerprint(logged(person.town, person.party).keys[0]) == heard


def cast(place: Town, **looks: Any) -> Cast:
    registrar = a_registrar(place)
    model = place.person("Ayu Lestari", **looks)
    agency, brand = place.person("Senja Models"), place.person("Kaca")
    for person, role in ((model, "model"), (agency, "agency"), (brand, "licensee")):
        enrol(registrar, person, role)
    return Cast(place, registrar, model, agency, brand)


def sign_draft(person: Person, id: str) -> None:
    """Read what waits on the desk, and sign it there."""
    person.opens(f"/drafts/{id}")
    person.clicks(person.say("draft.sign"))
    person.agrees(person.say("signing.sign"), f"/drafts/{id}")


def make_twin(all: Cast) -> tuple[Actor, Actor]:
    """A studio has made a twin of the model, and signed that; she signs it too."""
    place, world = all.place, all.place.served.world
    model, agency = (one.is_known() for one in (all.model, all.agency))
    studio = world.party("studio", roles=["maker"])
    place.served.accept(studio)
    creation = world.creation(model=model, maker=studio)
    twin = world.twin(model, creation=creation)
    for made in (creation, twin):
        place.desk.propose(studio.id, unsigned(made).signed_by(studio.keys[0]))
        sign_draft(all.model, made.statement.id)
        all.model.sees(all.model.say("draft.over"))
        assert logged(place, made.statement.id)
    return model, agency


def deal(all: Cast, *, lost: bool = False) -> None:
    """From the mandate to the receipt."""
    place, world, say = all.place, all.place.served.world, all.model.say
    model, agency = make_twin(all)

    # The agency puts the mandate up and signs; the model reads and signs.
    mandate = world.mandate(model=model, agency=agency, powers=["approve", "revoke"])
    all.agency.hands_over(mandate, PROPOSE, back="/agency")
    all.agency.agrees(all.agency.say("signing.sign"), "/agency")
    all.model.opens("/model")
    all.model.clicks(say("mine.read_it"))
    all.model.clicks(say("draft.sign"))
    all.model.agrees(say("signing.sign"), "/drafts/")
    assert logged(place, mandate.statement.id)
    consent = agree(all)

    declare_use(all, consent)
    say_paid(all)

    if lost:
        loses_her_phone(all.model)

    # One tap: it arrived. The amount, the payer and the consent are shown, then she signs.
    all.model.opens("/model")
    all.model.clicks(say("mine.arrived"))
    all.model.page.until("location.pathname.startsWith('/model/payments/')")
    all.model.sees("Kaca")
    all.model.sees(all.model.say("pay.reference"))
    all.model.clicks(say("pay.sign_receipt"))
    all.model.agrees(say("signing.sign"), "/model/payments/")
    all.model.sees(say("came.logged"))
    receipt = newest(place, f"party:{all.model.party}", Receipt)
    assert receipt.consent == consent and receipt.parties.payee == all.model.party
    all.model.opens("/model")
    assert say("mine.arrived") not in all.model.page.text()
    all.model.opens("/model/money")
    all.model.sees("Kaca")


def agree(all: Cast) -> str:
    """The agency fills a form in and signs; the brand and the model read and sign. The consent's id."""
    agency, model, say = all.agency, all.model, all.model.say
    agency.opens("/agency/draft")
    agency.fills(
        brand=all.brand.party, description="Knitwear for the shop's own pages, this winter.", categories="Clothing",
        countries="DE, FR", starts=agency.day(1), ends=agency.day(90), approval="none", amount="480", per="use",
        currency="EUR", due_days="30", share="20", language=model.language,
    )  # fmt: skip
    agency.ticks("purposes", "advertising", "ecommerce")
    agency.ticks("channels", "display", "social")
    agency.clicks(agency.say("new_deal.look"))
    agency.clicks(agency.say("new_deal.sign"))
    agency.agrees(agency.say("signing.sign"), "/agency")
    agency.sees(agency.say("came.waiting"))

    [draft] = [one.draft.id for one in all.place.desk.drafts(all.brand.party)]
    sign_draft(all.brand, draft)
    model.opens("/model")
    model.sees("Senja Models")
    model.clicks(say("mine.read_it"))
    model.clicks(say("draft.sign"))
    model.at_sign_page()
    for name in ("Senja Models", "Kaca"):
        model.sees(name)
    model.agrees(say("signing.sign"), "/drafts/")
    model.sees(say("draft.over"))
    assert isinstance(logged(all.place, draft), Consent)
    return draft


def declare_use(all: Cast, consent: str) -> None:
    """The brand drops a file, and says how it is used."""
    brand = all.brand
    brand.opens("/brand/declare")
    brand.clicks(brand.say("declare.under"))
    brand.page.until("document.querySelector('#drop:not([hidden])')")
    drop(brand.page, "#drop", [("hero.jpg", b"hero")])
    brand.page.until("document.querySelector('#number').textContent === '1'")
    brand.fills(
        purpose="advertising", category="Clothing", placement="paid", countries="DE", starts=brand.day(2),
        ends=brand.day(20),
    )  # fmt: skip
    brand.ticks("channels", "social")
    brand.clicks(brand.say("new_deal.look"))
    brand.clicks(brand.say("declare.sign", n=1))
    brand.agrees(brand.say("signing.sign"), "/brand/uses")
    brand.sees(brand.say("came.logged"))
    assert newest(all.place, f"party:{all.brand.party}", Usage).assets == (sha256(b"hero").hexdigest(),)


def say_paid(all: Cast) -> None:
    """The brand chooses what it paid from what it owes."""
    brand = all.brand
    brand.opens("/brand")
    brand.clicks(brand.say("paying.title"))
    brand.at_registry("/brand/pay")
    brand.page.run(
        f"""[...document.querySelectorAll("main li")]
            .find((one) => one.textContent.includes({json.dumps(all.model.name)})).querySelector("a").click()"""
    )
    brand.fills(amount="384")
    brand.clicks(brand.say("new_deal.look"))
    brand.clicks(brand.say("paying.sign"))
    brand.agrees(brand.say("signing.sign"), "/brand/money")
    brand.sees(brand.say("came.logged"))
    payment = newest(all.place, f"party:{all.model.party}", Payment)
    assert (payment.parties.payer, payment.parties.payee) == (all.brand.party, all.model.party)


def loses_her_phone(model: Person) -> None:
    """All passkeys are gone, and all that the browser kept. The sheet makes a new key, under a passphrase."""
    for origin in (model.town.sign.rstrip("/"), model.town.url):
        model.page.call("Storage.clearDataForOrigin", origin=origin, storageTypes="all")
    model.page.call("Network.clearBrowserCookies")
    model.loses_passkeys()
    old = logged(model.town, model.party).keys[0]
    model.opens("/model")
    model.clicks(model.say("sign_in.title"))
    model.clicks(model.say("keys.new"))
    model.clicks(model.say("keys_title.lost"))
    model.clicks(model.say("keys.sheet_do"))
    model.at_sign_page()
    fill(model.page, "#sheet-key", model.sheet)
    fill(model.page, "#sheet-party", model.party)
    model.clicks(model.say("signing.recover"))
    model.copies()
    model.prints()
    model.clicks(model.say("signing.recover_send"))
    model.sees(model.say("signing.recovered"))
    assert model.town.served.service.readers.holders.of(old).refusal
    model.signs_in()


def test_by_three_people(place: Town) -> None:
    deal(cast(place))
    assert [one.page.errors for one in place.people] == [[], [], [], []]


def test_with_the_passkey_gone(place: Town) -> None:
    deal(cast(place), lost=True)


def test_in_indonesian_on_a_phone(place: Town) -> None:
    deal(cast(place, language="id", width=360))
