"""A whole deal by people with a browser each, from the invitation to the receipt: nobody types a command.

A registrar enrols a model, her agency and a brand. What their own programs would draft (that a twin was made, the
mandate, the consent, the use, the payment) is drafted here and handed over, as a registry's page does it; each signs
on the page that holds keys.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from registry.enrolling.fingerprint import fingerprint
from tests.support.desk_clients import unsigned
from tests.support.people import Person, Town, town
from tests.support.sign_page import PASSPHRASE, fill
from tests.support.verifier_page import MISSING, PRESENT
from tests.support.world import Actor, Logged
from verifier.programs.keys import format_key
from verifier.statements.types import Consent, Payment, Receipt, Usage

pytestmark = pytest.mark.skipif(not PRESENT, reason=MISSING)

LOG = {"method": "POST", "path": "/entries", "body": "signed"}
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
    page.until("document.querySelector('#said')")
    assert heard not in page.run("document.documentElement.innerHTML")
    assert page.run("document.querySelector('h1').textContent").count(person.name) == 1
    fill(page, "#said", heard.lower().replace("-", " "))
    registrar.clicks(registrar.say("pay.go_on"))
    registrar.clicks(registrar.say("vouch.sign"))
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


def make_twin(all: Cast) -> tuple[Actor, Actor, Actor, Logged]:
    """A studio has made a twin of the model, and signed that; she signs it too."""
    place, world = all.place, all.place.served.world
    model, agency, brand = (one.is_known() for one in (all.model, all.agency, all.brand))
    studio = world.party("studio", roles=["maker"])
    place.served.accept(studio)
    creation = world.creation(model=model, maker=studio)
    twin = world.twin(model, creation=creation)
    for made in (creation, twin):
        place.desk.propose(studio.id, unsigned(made).signed_by(studio.keys[0]))
        sign_draft(all.model, made.statement.id)
        all.model.sees(all.model.say("draft.over"))
        assert logged(place, made.statement.id)
    return model, agency, brand, twin


def deal(all: Cast, *, lost: bool = False) -> None:
    """From the mandate to the receipt."""
    place, world, say = all.place, all.place.served.world, all.model.say
    model, agency, brand, twin = make_twin(all)

    # The agency puts the mandate and then the consent up and signs; each of the others reads and signs.
    mandate = world.mandate(model=model, agency=agency)
    all.agency.hands_over(mandate, PROPOSE, back="/agency")
    all.agency.agrees(all.agency.say("signing.sign"), "/agency")
    all.model.opens("/model")
    all.model.clicks(say("mine.read_it"))
    all.model.clicks(say("draft.sign"))
    all.model.agrees(say("signing.sign"), "/drafts/")
    assert logged(place, mandate.statement.id)
    consent = world.consent(model=model, licensee=brand, twin=twin, under=mandate)
    all.agency.hands_over(consent, PROPOSE, back="/agency")
    all.agency.agrees(all.agency.say("signing.sign"), "/agency")
    sign_draft(all.brand, consent.statement.id)
    all.model.opens("/model")
    all.model.sees("Senja Models")
    all.model.clicks(say("mine.read_it"))
    all.model.clicks(say("draft.sign"))
    all.model.agrees(say("signing.sign"), "/drafts/")
    all.model.sees(say("draft.over"))
    assert isinstance(logged(place, consent.statement.id), Consent)

    # The brand declares a use, and says that it paid.
    usage = world.usage(consent, assets=["hero.jpg"])
    all.brand.hands_over(usage, LOG, back="/brand")
    all.brand.agrees(all.brand.say("signing.sign"), "/brand")
    assert isinstance(logged(place, usage.statement.id), Usage)
    payment = world.payment(consent, payee=model, amount=100_000, reference="KACA-0912")
    all.brand.hands_over(payment, LOG, back="/brand")
    all.brand.agrees(all.brand.say("signing.sign"), "/brand")
    assert isinstance(logged(place, payment.statement.id), Payment)

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
    assert receipt.consent == consent.statement.id and receipt.parties.payee == all.model.party
    all.model.opens("/model")
    assert say("mine.arrived") not in all.model.page.text()
    all.model.opens("/model/money")
    all.model.sees("Kaca")


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
