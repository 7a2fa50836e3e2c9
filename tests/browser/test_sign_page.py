"""The page on which people sign, with a real browser and a real registry: what it shows, signs, sends and refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask

from registry.config import POLICY
from registry.drafting.memo.render import digest, render
from registry.intake.submission import parse_submission, submission_to_json
from tests.support.asking import value
from tests.support.axe import open_details, violations
from tests.support.chromium import BrowserError, Page, chromium
from tests.support.desk_clients import Deal, unsigned
from tests.support.reading_out import fingerprint
from tests.support.served import Served, raw
from tests.support.session_browsers import Browser
from tests.support.sign_page import KEPT, PASSPHRASE, QUICK, came_back, fill, handed_over, press, sign_page
from tests.support.signed_requests import URL, app_at, asking_as
from tests.support.verifier_page import MISSING, PRESENT, built
from tests.support.witness_serving import serving
from tests.support.world import World
from verifier.base import canonical
from verifier.base.strict import format_b64, format_b64u
from verifier.programs.keys import format_key, parse_key
from verifier.programs.page.built import SIGN
from verifier.statements.envelope import Signature
from verifier.statements.types import Consent

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

pytestmark = pytest.mark.skipif(not PRESENT, reason=MISSING)


@dataclass(kw_only=True)
class Site:
    """A registry that runs at ``url``, the page to sign on at ``sign``, and a model's key file."""

    deal: Deal
    url: str
    sign: str
    app: Flask
    page: Page
    file: Path

    def act(self, name: str, **more: Any) -> dict[str, Any]:
        """An act of the model's, as a page of the registry asks for it."""
        served, anna = self.deal.served, self.deal.anna
        place = {"act": name, "back": f"{self.url}/mine", "genesis": served.service.genesis, "registry": self.url}
        return {**place, "party": anna.id, **more}

    def keep(self) -> None:
        """The model brings her key to this device, unless it is here."""
        handed_over(self.page, self.sign, self.act("keys"))
        if not self.page.run("document.querySelector('main h2').textContent.startsWith('Key ')"):
            self.page.choose("input[type=file]", [self.file])
            fill(self.page, "input[type=password]", PASSPHRASE)
            press(self.page, "Keep a copy here")
            self.page.until("document.querySelector('main h2').textContent.startsWith('Key ')")

    def unlock(self, verb: str, passphrase: str = PASSPHRASE) -> None:
        fill(self.page, ".bar input[type=password]", passphrase)
        press(self.page, verb, ".bar")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("signing")
    deal = Deal(Served(root / "registry"))
    file = root / "anna.key"
    file.write_bytes(format_key(deal.anna.keys[0], PASSPHRASE.encode(), **QUICK))
    apps: list[Flask] = []

    def first(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        size = int(environ.get("CONTENT_LENGTH") or 0)
        environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(size))  # whole, as by the real server
        return apps[0](environ, start)  # it is made when its address is known

    with serving(first) as url, sign_page() as sign, chromium(root / "profile") as browser:
        apps.append(app_at(deal.served.service, url, URL))
        yield Site(deal=deal, url=url, sign=sign, app=apps[0], page=browser.page(), file=file)
    deal.served.end()


def test_a_consent_is_read_signed_and_sent(site: Site) -> None:
    """The last signature: what the others signed comes back whole from the log."""
    deal, page = site.deal, site.page
    consent = deal.consent()
    id = deal.desk.proposes(deal.gina, consent)
    deal.desk.signs(deal.gina, id)
    deal.desk.signs(deal.brand, id)
    site.keep()
    people = [
        {"party": deal.anna.id, "name": "Anna"},
        {"party": deal.brand.id, "name": "Nordlicht", "signed": "2026-01-05T10:00:00Z"},
    ]
    steps = [
        {"method": "POST", "path": f"/desk/{id}/read"},
        {"method": "POST", "path": f"/desk/{id}/signature", "body": "signature"},
    ]
    submission = submission_to_json(unsigned(consent))
    handed_over(page, site.sign, site.act("sign", submission=submission, steps=steps, people=people))
    said = page.text()
    assert "Nordlicht asks to use your twin" in page.run("document.querySelector('h1').textContent")
    assert "What may be done with your twin" in said and "Signed on" in said
    site.unlock("Sign with this device", "another passphrase")
    page.until("document.querySelector('.bar .err')")
    assert "not its passphrase" in page.run("document.querySelector('.bar .err').textContent")
    page.run("document.querySelector('.bar input[type=password]').value = ''")
    page.run("document.querySelector('.bar .field input[type=checkbox]').click()")  # it can be read while it is typed
    assert page.run("document.querySelector('.bar input[type=text]').value") == ""
    page.run("document.querySelector('.bar .field input[type=checkbox]').click()")
    site.unlock("Sign with this device")
    page.until("document.querySelector('.bar .err')?.textContent.includes('does not confirm')")
    assert "called so: Nordlicht." in page.text()  # its enrolment says no name
    assert deal.desk.does(deal.anna, "GET", f"/{id}")["state"] == "open"
    press(page, "Sign with this device", ".bar")
    came = came_back(page, site.url)
    assert (came["act"], came["id"], came["status"]) == ("sign", id, "logged")
    page.settle()
    own = (site.url, site.sign, "about:", "blob:", "data:")
    assert [url for url in page.requests if not url.startswith(own)] == []
    assert deal.served.service.entry(id) is not None


def test_nothing_of_the_key_lies_open(site: Site) -> None:
    """What the device keeps is locked; the act is taken out of the address."""
    site.keep()
    handed_over(site.page, site.sign, site.act("sign-in", nonce="ab" * 16))
    assert site.page.run("location.hash") == ""
    kept = json.dumps(site.page.run(KEPT))
    seed = site.deal.anna.keys[0].seed
    assert parse_key(json.loads(kept)[0]["locked"].encode()).locked
    assert seed.hex() not in kept and format_b64(seed) not in kept and list(seed) not in json.loads(kept)
    assert site.page.run("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


def test_the_kept_copy_is_a_key_file(site: Site) -> None:
    """The command opens what the page has locked, under the page's own cost."""
    site.keep()
    locked = parse_key(site.page.run(KEPT)[0]["locked"].encode())
    assert locked.open(PASSPHRASE.encode()).public == site.deal.anna.keys[0].public


def test_signing_a_browser_in(site: Site) -> None:
    browser = Browser(site.app, site.url)
    nonce = browser.offer()
    site.keep()
    handed_over(site.page, site.sign, site.act("sign-in", nonce=nonce))
    site.unlock("Sign in")
    came = came_back(site.page, site.url)
    fields = {"Signature-Input": came["signature-input"], "Signature": came["signature"]}
    assert browser.ask("POST", "/session", fields).status_code == 200
    assert value(browser.get("/session").data)["party"] == site.deal.anna.id


def test_a_request_is_worded_here_and_sent(site: Site) -> None:
    brand = site.deal.served.world.party("larasati", roles=["licensee"], called={"name": "Larasati", "public": True})
    site.deal.served.accept(brand)
    grant = {"sections": ["terms"], "to": brand.id, "until": "2026-06-01T00:00:00Z"}
    steps = [{"method": "POST", "path": "/grants", "body": grant}]
    site.keep()
    people = [{"party": brand.id, "name": "Larasati"}]
    handed_over(site.page, site.sign, site.act("request", steps=steps, words="Say hello", people=people))
    said = site.page.text()
    assert "Let somebody read what you may read" in said and "Larasati" in said and "1 June 2026" in said
    assert "hello" not in said
    site.unlock("Confirm with this device")
    came = came_back(site.page, site.url)
    assert (came["act"], came["status"], came["answer"]["to"]) == ("request", "done", brand.id)
    assert [one["to"] for one in value(asking_as(site.app, site.deal.anna).get("/grants").data)["given"]] == [brand.id]


def test_what_goes_along_with_a_statement_is_shown_whole(site: Site) -> None:
    """To whom it lets read, what it declines, in which order others sign; never a sentence alone."""
    grant = {"sections": ["terms"], "to": "ab" * 32, "until": "2026-06-01T00:00:00Z"}
    propose = {"submission": "signed", "turns": [["cd" * 32]]}
    steps = [
        {"method": "POST", "path": "/desk", "body": propose},
        {"method": "POST", "path": "/grants", "body": grant},
        {"method": "DELETE", "path": f"/desk/{'ef' * 32}"},
    ]
    submission = submission_to_json(unsigned(site.deal.consent()))
    people = [{"party": "ab" * 32, "name": "Nike"}]
    handed_over(site.page, site.sign, site.act("sign", submission=submission, steps=steps, people=people))
    said = site.page.run("document.querySelector('.bar ul').textContent")
    for part in ("Nike", "abab abab abab abab", "cdcd cdcd cdcd cdcd", "efef efef efef efef", "2026", "terms"):
        assert part in said, part
    assert "submission" not in said.lower()


def test_what_ends_is_said_first(site: Site) -> None:
    revocation = site.deal.served.world.revocation(consent=site.deal.consent())
    step = [{"method": "POST", "path": "/entries", "body": "signed"}]
    handed_over(site.page, site.sign, site.act("sign", submission=submission_to_json(unsigned(revocation)), steps=step))
    assert site.page.run("document.querySelector('h1').textContent") == "Sign the end of a consent"


def test_a_name_is_checked_wherever_it_is_shown(site: Site) -> None:
    """Also that of somebody whom only a section or a request names."""
    deal = site.deal
    fund = deal.served.world.party("fund", roles=["fund"])
    deal.served.accept(fund)
    payees = (("trust", fund), ("model", deal.anna))
    splits = [{"kind": kind, "parts": 1, "payee": one.id} for kind, one in payees]
    made = deal.served.world.consent(model=deal.anna, licensee=deal.brand, twin=deal.twin, money={"splits": splits})
    steps = [{"method": "POST", "path": "/entries", "body": "signed"}]
    people = [{"party": fund.id, "name": "The Good Fund"}]
    site.keep()
    submission = submission_to_json(unsigned(made))
    handed_over(site.page, site.sign, site.act("sign", submission=submission, steps=steps, people=people))
    assert "The Good Fund" in site.page.text()
    site.unlock("Sign with this device")
    site.page.until("document.querySelector('.bar .err')?.textContent.includes('does not confirm')")


def test_another_act_takes_the_place_of_the_whole_page(site: Site) -> None:
    """Nothing of the one before stays, whatever the other is: neither what it showed nor where it is sent."""
    page, step = site.page, {"method": "DELETE", "path": "/desk/address"}
    acts = {
        "cannot be read": "AAAA",
        "cannot be shown": format_b64u(canonical.encode(site.act("request", steps=[
            {"method": "POST", "path": "/grants", "body": {"ends": "never", "fees": ["x"]}}]))),
    }  # fmt: skip
    for name, text in acts.items():
        handed_over(page, site.sign, site.act("request", steps=[step]))
        page.run("document.body.dataset.old = 'yes'")
        page.run(f"location.hash = '#act={text}'")
        page.until("document.querySelector('h1') && !document.body.dataset.old")
        assert "cannot show what it is asked to sign" in page.run("document.querySelector('h1').textContent"), name
        assert page.run("document.querySelectorAll('main button, main input').length") == 0, name


def test_in_a_frame_it_does_nothing_whatever_comes_after(site: Site) -> None:
    """Also where its host sends no headers."""
    whole, outer = built(SIGN).encode(), b"<title>outside</title><iframe src='/'></iframe>"

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return [outer if environ["PATH_INFO"] == "/outer" else whole]

    page, inner = site.page, "document.querySelector('iframe').contentWindow"
    text = format_b64u(canonical.encode(site.act("request", steps=[{"method": "DELETE", "path": "/desk/address"}])))
    with serving(app) as url:
        page.open(f"{url}/outer")
        page.until(f"{inner}.document.querySelector('h1')")
        page.run(f"{inner}.document.body.dataset.old = 'yes'; {inner}.location.hash = '#act={text}'")
        page.until(f"{inner}.document.querySelector('h1') && !{inner}.document.body.dataset.old")
        assert page.run(f"{inner}.document.querySelectorAll('main button, main input').length") == 0
        assert (
            page.run(f"{inner}.document.querySelector('h1').textContent")
            == "Open this page by itself: inside another page it signs nothing."
        )
        page.open("about:blank")


def test_by_a_clock_that_is_wrong(site: Site) -> None:
    """It is corrected by the registry's, for requests and for signing in."""
    browser = Browser(site.app, site.url)
    site.keep()
    page = site.page
    added = page.call("Page.addScriptToEvaluateOnNewDocument", source=LATE)["identifier"]
    handed_over(page, site.sign, site.act("sign-in", nonce=browser.offer()))
    site.unlock("Sign in")
    came = came_back(page, site.url)
    with suppress(BrowserError):  # where it went with the process that showed the page before
        page.call("Page.removeScriptToEvaluateOnNewDocument", identifier=added)
    fields = {"Signature-Input": came["signature-input"], "Signature": came["signature"]}
    assert browser.ask("POST", "/session", fields).status_code == 200


LATE = "const right = Date.now; Date.now = () => right() + 3_600_000;"


def test_what_the_registry_refuses_is_said_and_nothing_is_lost(site: Site) -> None:
    site.keep()
    handed_over(site.page, site.sign, site.act("request", steps=[{"method": "DELETE", "path": f"/desk/{'ab' * 32}"}]))
    site.unlock("Confirm with this device")
    site.page.until("document.querySelector('.bar .err')")
    assert "The log has no such thing." in site.page.run("document.querySelector('.bar .err').textContent")
    press(site.page, "Not now")
    assert came_back(site.page, site.url) == {"act": "request", "status": "cancelled"}


def test_a_memo_that_is_not_of_these_terms(site: Site) -> None:
    deal, steps = site.deal, [{"method": "POST", "path": "/entries", "body": "signed"}]
    for memo, said in ((None, "No deal memo was made"), ("ab" * 32, "is not this one")):
        made = deal.served.world.consent(model=deal.anna, licensee=deal.brand, twin=deal.twin, terms={"memo": memo})
        assert isinstance(made.statement, Consent)
        sections = {"terms": made.sections["terms"], "money": made.sections["money"]}
        own = digest(render(made.statement, sections, "id"))
        fits = deal.served.world.consent(model=deal.anna, licensee=deal.brand, twin=deal.twin, terms={"memo": own})
        for one, words in ((made, said), (fits, "")):
            submission = submission_to_json(unsigned(one))
            handed_over(site.page, site.sign, site.act("sign", submission=submission, steps=steps))
            notes = str(site.page.run("document.querySelector('main > .note')?.textContent ?? ''"))
            assert words in notes and ("memo" in notes) is (words != "")


def test_who_is_not_asked_does_not_sign(site: Site) -> None:
    """One signature too many makes a statement void for all."""
    deal = site.deal
    payment = deal.served.world.payment(deal.consent(), payee=deal.anna, amount=1)
    steps = [{"method": "POST", "path": "/entries", "body": "signed"}]
    submission = submission_to_json(unsigned(payment))
    handed_over(site.page, site.sign, site.act("sign", submission=submission, steps=steps))
    assert "not asked for here" in site.page.text() and not site.page.run("document.querySelector('.bar')")
    handed_over(site.page, site.sign, site.act("sign", submission=submission, steps=steps, party=deal.brand.id))
    assert site.page.run("document.querySelector('.bar') !== null")


def test_whoever_made_the_link_a_registrar_types_what_was_read_out(site: Site) -> None:
    """The registry's pages are passed over: its word that a key is the person's counts for nothing here."""
    served, page = site.deal.served, site.page
    key = site.file.parent / "registrar.key"
    key.write_bytes(format_key(served.world.registrar, PASSPHRASE.encode(), **QUICK))
    rosa = served.world.party("rosa", roles=["model"], called={"name": "Rosa"})
    whole = parse_submission(raw(served.entry(rosa)))
    own = tuple(one for one in whole.signatures if one.keyid != served.world.registrar.public.hex())
    submission = submission_to_json(replace(whole, signatures=own))
    steps = [{"method": "POST", "path": "/entries", "body": "signed"}]
    act = site.act("sign", submission=submission, steps=steps)
    del act["party"]  # a registrar signs as nobody's party
    handed_over(page, site.sign, act)
    characters = fingerprint(rosa.keys[0].public.hex())
    assert characters not in page.run("document.documentElement.innerHTML")
    for heard in ("", "ABCD-EFGH-IJKL", characters[:-1]):
        page.run("document.querySelector('.bar input[type=text]').value = ''")
        fill(page, ".bar input[type=text]", heard)
        _with_file(page, key)
        page.until("document.querySelector('.bar .err')")
        assert "not this key" in page.text()
    page.run("document.querySelector('.bar input[type=text]').value = ''")
    fill(page, ".bar input[type=text]", characters.lower().replace("-", " ").replace("o", "0").replace("i", "1"))
    _with_file(page, key)
    came = came_back(page, site.url)
    assert (came["act"], came["id"], came["status"]) == ("sign", rosa.id, "logged")
    assert served.service.entry(rosa.id) is not None


def _with_file(page: Page, key: Path) -> None:
    """Sign with a key out of a file."""
    page.run("document.querySelectorAll('.bar details').forEach((one) => { one.open = true; })")
    page.choose(".bar input[type=file]", [key])
    page.run("[...document.querySelectorAll('.bar input[type=password]')].at(-1).value = ''")
    page.run("[...document.querySelectorAll('.bar input[type=password]')].at(-1).focus()")
    page.call("Input.insertText", text=PASSPHRASE)
    page.run("[...document.querySelectorAll('.bar button[type=submit]')].at(-1).click()")


def test_what_it_cannot_show_it_does_not_sign(site: Site) -> None:
    """No gesture is offered: not for other bytes than are shown, nor for requests that have no words here."""
    whole, other = submission_to_json(unsigned(site.deal.consent())), unsigned(site.deal.consent())
    id, step = other.statement().id, {"method": "POST", "path": "/entries", "body": "signed"}
    signed = submission_to_json(replace(other, signatures=(Signature(keyid="ab" * 32, sig=bytes(64)),)))
    foreign = submission_to_json(other)["disclosures"]
    submissions = {
        "a section is missing": {**whole, "disclosures": whole["disclosures"][1:]},
        "sections of another": {**whole, "disclosures": foreign},
        "no statement": {**whole, "envelope": {**whole["envelope"], "payload": "e30="}},
        "a wrong signature": signed,
    }
    acts = {name: site.act("sign", submission=one, steps=[step]) for name, one in submissions.items()}
    steps = {
        "another draft": [{"method": "POST", "path": f"/desk/{id}/signature", "body": "signature"}],
        "no step": [],
        "an unknown step": [step, {"method": "POST", "path": "/session"}],
    }
    acts |= {name: site.act("sign", submission=whole, steps=one) for name, one in steps.items()}
    grant = {"method": "POST", "path": "/grants", "body": {"to": "ab" * 32}}
    acts |= {
        "an unknown request": site.act("request", steps=[{"method": "DELETE", "path": "/entries"}]),
        "a path with more": site.act("request", steps=[{**grant, "path": "/grants?x=1"}]),
        "a body too many": site.act("request", steps=[{"method": "DELETE", "path": "/desk/address", "body": {"a": 1}}]),
        "a statement in a request": site.act("request", steps=[step]),
        "another origin's back": {**site.act("request", steps=[grant]), "back": "https://evil.example/"},
        "no TLS": {**site.act("request", steps=[grant]), "registry": "http://a.example", "back": "http://a.example/"},
        "an unknown act": site.act("eat"),
        "more members": site.act("request", steps=[grant], more="x"),
    }  # fmt: skip
    for name, act in acts.items():
        handed_over(site.page, site.sign, act)
        assert "cannot show what it is asked to sign" in site.page.run("document.querySelector('h1').textContent"), name
        assert site.page.run("document.querySelectorAll('main button, main input').length") == 0, name


def test_under_a_policy_the_log_must_know_the_key(site: Site) -> None:
    """What the page checks for itself before anything is signed: neither a stranger's key, nor another log's word."""
    policy = (site.deal.served.root / POLICY).read_text()
    steps = [{"method": "POST", "path": "/desk/calendars", "body": {"names": False}}]
    with sign_page(policy) as sign:
        checked = replace(site, sign=sign)
        handed_over(site.page, sign, checked.act("request", steps=steps, party=site.deal.brand.id))
        assert "Trust policy" in site.page.text()
        assert refusal(checked) == "The log does not know this key as yours"
        checked.keep()
        handed_over(site.page, sign, checked.act("request", steps=steps))
        checked.unlock("Confirm with this device")
        assert came_back(site.page, site.url)["status"] == "done"
    with sign_page(World(origin="other.example/log").policy()) as sign:
        checked = replace(site, sign=sign)
        handed_over(site.page, sign, checked.act("request", steps=steps))
        assert refusal(checked) == "The registry does not prove what its log says of your key"


def refusal(site: Site) -> str:
    """How it begins, once the key file was opened on a device that does not know it."""
    site.page.run("document.querySelector('.bar details').open = true")
    site.page.choose(".bar input[type=file]", [site.file])
    fill(site.page, ".bar input[type=password]", PASSPHRASE)
    press(site.page, "Confirm with this device", ".bar details")
    site.page.until("document.querySelector('.bar .err')")
    return str(site.page.run("document.querySelector('.bar .err').textContent")).partition(",")[0]


@pytest.mark.parametrize("language", ["en", "id"])
def test_axe_finds_nothing_and_nothing_sticks_out(site: Site, language: str) -> None:
    deal, page = site.deal, site.page
    consent, step = deal.consent(), [{"method": "POST", "path": "/entries", "body": "signed"}]
    payment = deal.served.world.payment(consent, payee=deal.anna, amount=1)
    people = [{"party": deal.brand.id, "name": "Nordlicht", "signed": "2026-01-05T10:00:00Z"}]
    request = {"method": "POST", "path": "/grants", "body": {"to": deal.brand.id}}
    acts = {
        "consent": site.act("sign", submission=submission_to_json(unsigned(consent)), steps=step, people=people),
        "payment": site.act("sign", submission=submission_to_json(unsigned(payment)), steps=step),
        "request": site.act("request", steps=[request], people=people),
        "sign-in": site.act("sign-in", nonce="ab" * 16),
        "keys": site.act("keys", why="sheet"),
        "enrol": site.act("enrol", invitation="cd" * 16),
        "broken": site.act("eat"),
    }
    site.keep()
    found = {}
    for name, act in acts.items():
        for width, dark in ((320, False), (1280, True)):
            page.size(width)
            page.look(dark=dark)
            handed_over(page, site.sign, {**act, "language": language})
            page.until("document.querySelector('main section, main .note')")
            assert page.run("document.documentElement.lang") == language or name == "broken"
            assert not re.search(r"\d{4}-\d\d-\d\d", page.text())  # days as people write them
            open_details(page)
            wide = page.run("document.documentElement.scrollWidth")
            found[name, width] = (violations(page), wide > width and f"{wide} pixels wide")
    assert found == dict.fromkeys(found, ([], False))
