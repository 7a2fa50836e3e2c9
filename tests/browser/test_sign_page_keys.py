"""Keys of one's own: made by invitation, copied under passkeys and in files, used, and replaced after a loss."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask

from registry.enrolling.invitations import Invitations, invitation_id
from registry.intake.submission import format_submission
from registry.sequencer import Logged
from tests.support.asking import value
from tests.support.axe import violations
from tests.support.chromium import Page, chromium
from tests.support.reading_out import fingerprint
from tests.support.served import Served
from tests.support.session_browsers import Browser
from tests.support.sign_page import (
    KEPT,
    PASSPHRASE,
    came_back,
    fill,
    give_authenticator,
    handed_over,
    press,
    sign_page,
    type_passphrase,
)
from tests.support.signed_requests import URL, app_at, asking_as
from tests.support.verifier_page import MISSING, PRESENT
from tests.support.witness_serving import serving
from verifier.base import canonical
from verifier.programs.keys import parse_key
from verifier.rules.standing.judged import JudgedContext
from verifier.rules.standing.keys import KeyState, key_state

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

pytestmark = pytest.mark.skipif(not PRESENT, reason=MISSING)

CODE = "ab" * 16


@dataclass(kw_only=True)
class Site:
    """A registry at ``url``, the page at ``sign``, and two devices."""

    served: Served
    app: Flask
    url: str
    sign: str
    folder: Path

    def act(self, name: str, **more: Any) -> dict[str, Any]:
        place = {"act": name, "back": f"{self.url}/mine", "genesis": self.served.service.genesis, "registry": self.url}
        return {**place, **more}

    def registrar(self, method: str, path: str, body: Any = None) -> Any:
        more: dict[str, Any] = {} if body is None else {
            "data": canonical.encode(body), "content_type": "application/json",
        }  # fmt: skip
        answer = asking_as(self.app, self.served.world.registrar).open(path, method=method, **more)
        assert answer.status_code == 200, answer.data
        return value(answer.data)

    def vouched(self, party: str) -> None:
        """The registrar signs the enrolment that waits, and it is logged."""
        waiting = Invitations(self.served.service).of_party(party).submission
        [outcome] = self.served.service.submit([format_submission(waiting.signed_by(self.served.world.registrar))])
        assert isinstance(outcome, Logged), outcome

    def keys_of(self, party: str) -> KeyState:
        """As the next entry finds them."""
        record = self.served.service.record()
        return key_state(JudgedContext(record, instant=0, as_of=0), party, record.size + 1)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("keys")
    served = Served(root / "registry")
    served.world.now = int(time.time())  # statements are made in the browser, by its clock
    apps: list[Flask] = []

    def first(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        size = int(environ.get("CONTENT_LENGTH") or 0)
        environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(size))  # whole, as by the real server
        return apps[0](environ, start)  # it is made when its address is known

    with serving(first) as url, sign_page() as sign:
        apps.append(app_at(served.service, url, URL))
        yield Site(served=served, app=apps[0], url=url, sign=sign, folder=root)
    served.end()


@contextmanager
def device(site: Site, name: str, *, passkeys: bool = True) -> Iterator[Page]:
    """A phone of its own; with ``passkeys`` its user is there, and says yes to whatever it asks her."""
    with chromium(site.folder / name) as browser:
        page = browser.page()
        if passkeys:
            give_authenticator(page)
        folder = site.folder / f"{name} files"
        folder.mkdir()
        browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder), eventsEnabled=True)
        yield page


def heading(page: Page, words: str) -> None:
    """Wait for the page that is called so, which everybody can read."""
    page.until(f"document.querySelector('h1').textContent.includes({json.dumps(words)})")
    assert violations(page) == []


def printed(page: Page) -> str:
    """What stands on the sheet; whoever goes on has it."""
    heading(page, "Print your recovery sheet")
    text = str(page.run("document.querySelector('.sheet .groups').textContent"))
    fill(page, "#last-group", text[-4:].lower())
    press(page, "Go on")
    return text


def sign_in(site: Site, page: Page, party: str | None = None) -> Browser:
    """With the first button that there is."""
    browser = Browser(site.app, site.url)
    handed_over(page, site.sign, site.act("sign-in", nonce=browser.offer(), **({"party": party} if party else {})))
    press(page, "Sign in", ".bar")
    return browser


def signed_in(site: Site, page: Page, browser: Browser) -> str:
    """The party as which the registry takes what the page came back with."""
    came = came_back(page, site.url)
    browser.ask("POST", "/session", {"Signature-Input": came["signature-input"], "Signature": came["signature"]})
    return str(value(browser.get("/session").data).get("party", ""))


def test_from_invitation_to_a_lost_phone(site: Site) -> None:
    body = {"id": invitation_id(CODE), "name": "Ayu Lestari", "role": "model"}
    site.registrar("POST", "/invitations", body)

    # A key is made on her phone, under a passkey and in a file; the sheet is printed; both keys sign.
    with device(site, "phone") as phone:
        handed_over(phone, site.sign, site.act("enrol", invitation=CODE))
        heading(phone, "invites you")
        assert phone.run("document.querySelector('#name').value") == "Ayu Lestari"
        press(phone, "Make my key")
        heading(phone, "Where your key is kept")
        press(phone, "Make a passkey")
        heading(phone, "A second copy")
        type_passphrase(phone, "In a file", "Password2026!")
        meter = "[...document.querySelectorAll('meter')].at(-1)"
        assert phone.run(f"0 < {meter}.value && {meter}.value < {meter}.low")
        press(phone, "Save the file")
        phone.until("document.querySelector('.err')?.textContent.includes('stolen')")
        phone.run("document.querySelectorAll('input[type=password]').forEach((one) => { one.value = ''; })")
        type_passphrase(phone, "In a file")
        assert phone.run(f"{meter}.value >= {meter}.high")
        press(phone, "Save the file")
        sheet = printed(phone)
        heading(phone, "Read what you sign")
        read_out = phone.run("document.querySelector('.groups').textContent")
        press(phone, "Sign and send")
        came = came_back(phone, site.url)
        party = came["id"]
        assert (came["act"], came["status"], came["fingerprint"]) == ("enrol", "waiting", read_out)
        [file] = [one for one in (site.folder / "phone files").iterdir() if one.suffix == ".key"]
        locked = parse_key(file.read_bytes())
        assert fingerprint(locked.public) == read_out and locked.open(PASSPHRASE.encode()).public.hex() == locked.public

        site.vouched(party)
        assert site.keys_of(party).live == {locked.public}
        browser = sign_in(site, phone)
        assert signed_in(site, phone, browser) == party

        # What the device keeps and the registry keeps opens nothing by itself.
        handed_over(phone, site.sign, site.act("keys"))
        kept = json.dumps(phone.run(KEPT))
        assert locked.open(PASSPHRASE.encode()).seed.hex() not in kept and "locked\": null" in kept
        phone.until("document.body.innerText.includes('2 copies')")
        assert "one copy" not in phone.text().lower()

    # On another device without that passkey the file opens the key.
    with device(site, "another", passkeys=False) as other:
        handed_over(other, site.sign, site.act("keys", why="new"))
        other.choose("input[type=file]", [file])
        fill(other, "input[type=password]", PASSPHRASE)
        press(other, "Keep a copy here")
        other.until("document.querySelector('main h2').textContent.startsWith('Key ')")
        browser = Browser(site.app, site.url)
        handed_over(other, site.sign, site.act("sign-in", nonce=browser.offer(), party=party))
        fill(other, ".bar input[type=password]", PASSPHRASE)
        press(other, "Sign in", ".bar")
        assert signed_in(site, other, browser) == party

        # What the registry holds of it is found, and taken away from there: the phone's passkey opens nothing any more.
        handed_over(other, site.sign, site.act("keys", party=party))
        press(other, "Make another copy")
        fill(other, ".bar input[type=password]", PASSPHRASE)
        press(other, "Open my key", ".bar")
        heading(other, "Make another copy")
        other.until("!document.querySelector('.bar')")
        press(other, "Not now")
        other.until("document.body.innerText.includes('3 copies')")
        press(other, "Remove this copy")
        fill(other, ".bar input[type=password]", PASSPHRASE)
        press(other, "Remove this copy", ".bar")
        other.until("document.body.innerText.includes('2 copies')")
        assert value(asking_as(site.app, locked.open(PASSPHRASE.encode())).get("/lockers").data) == {"lockers": []}

    # Stolen: another copy of the key changes it. The sheet stays good, and the old key signs no more.
    with device(site, "safe", passkeys=False) as safe:
        handed_over(safe, site.sign, site.act("keys", why="stolen"))
        safe.run("document.querySelectorAll('.bar details').forEach((one) => { one.open = true; })")
        safe.choose(".bar input[type=file]", [file])
        fill(safe, ".bar input[type=password]", PASSPHRASE)
        safe.run("[...document.querySelectorAll('.bar button[type=submit]')].at(-1).click()")
        heading(safe, "Where your key is kept")
        type_passphrase(safe, "On this device")
        press(safe, "Keep a copy here")
        heading(safe, "A second copy")
        press(safe, "Later")
        heading(safe, "Put the new key")
        assert locked.public not in safe.run("document.querySelector('.bar').textContent")
        press(safe, "Replace my key")
        heading(safe, "Your key was replaced")
        assert "keep your sheet" in safe.text()
        state = site.keys_of(party)
        assert locked.public not in state.live and len(state.live) == 1
        [changed] = state.live
        browser = Browser(site.app, site.url)
        handed_over(safe, site.sign, site.act("sign-in", nonce=browser.offer(), party=party))
        fill(safe, ".bar input[type=password]", PASSPHRASE)
        press(safe, "Sign in", ".bar")
        assert signed_in(site, safe, browser) == party

    # All is lost but the sheet: a new key takes the place of the old one, which signs no more.
    with device(site, "new") as new:
        handed_over(new, site.sign, site.act("keys", why="sheet", party=party))
        fill(new, "#sheet-key", sheet.replace("0", "O", 1)[:-1] + ("2" if sheet[-1] != "2" else "3"))
        press(new, "Make a new key")
        new.until("document.querySelector('.err')")
        assert "not what stands on the sheet" in new.run("document.querySelector('.err').textContent")
        new.run("document.querySelector('#sheet-key').value = ''")
        fill(new, "#sheet-key", sheet.lower())
        press(new, "Make a new key")
        heading(new, "Where your key is kept")
        type_passphrase(new, "On this device")
        press(new, "Keep a copy here")
        heading(new, "A second copy")
        press(new, "Later")
        assert printed(new) != sheet
        heading(new, "Put the new key")
        press(new, "Replace my key")
        heading(new, "Your key was replaced")
        state = site.keys_of(party)
        assert changed not in state.live and len(state.live) == 1

        # The new key is copied under a passkey, which then signs in; the copy is removed again.
        press(new, "Your key")
        new.until("document.body.innerText.includes('There is one copy of your key')")
        press(new, "Make another copy")
        fill(new, ".bar input[type=password]", PASSPHRASE)
        press(new, "Open my key", ".bar")
        new.until("[...document.querySelectorAll('main button')].some((one) => one.textContent === 'Make a passkey')")
        press(new, "Make a passkey")
        new.until("document.body.innerText.includes('2 copies')")
        browser = sign_in(site, new, party)
        assert signed_in(site, new, browser) == party
        handed_over(new, site.sign, site.act("keys", party=party))
        press(new, "Remove this copy")
        press(new, "Remove this copy", ".bar")
        new.until("document.body.innerText.includes('1 copy')")
        browser = Browser(site.app, site.url)
        handed_over(new, site.sign, site.act("sign-in", nonce=browser.offer(), party=party))
        new.run("document.querySelector('.bar details').open = true")
        press(new, "With a passkey", ".bar")
        new.until("document.querySelector('.bar .err')")
        assert "The log has no such thing" in new.run("document.querySelector('.bar .err').textContent")
