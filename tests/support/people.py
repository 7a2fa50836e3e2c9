"""People with browsers of their own, in front of a registry and of the page that holds keys: each acts by her pages."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask

from registry.desk.desk import Desk
from registry.intake.submission import submission_to_json
from tests.support.chromium import Page, chromium
from tests.support.desk_clients import unsigned
from tests.support.handing_over import with_sign_url
from tests.support.served import Served
from tests.support.sign_page import PASSPHRASE, fill, give_authenticator, sign_page, type_passphrase
from tests.support.signed_requests import app_at
from tests.support.witness_serving import serving
from tests.support.world import Actor, Logged, key
from verifier.base import canonical
from verifier.base.strict import format_b64u, format_instant
from verifier.programs.language import catalogue

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment


class ServedNow(Served):
    """A registry by the machine's clock, as browsers go by theirs."""

    def clock(self) -> int:
        self.world.now = max(self.world.now, int(time.time()))
        return self.world.now


@dataclass(kw_only=True)
class Town:
    """A registry at ``url`` and the page that holds keys at ``sign``; browsers end with ``stack``."""

    served: Served
    url: str
    sign: str
    folder: Path
    stack: ExitStack
    app: Flask
    people: list[Person] = field(default_factory=list)

    @property
    def desk(self) -> Desk:
        """Where drafts wait."""
        desk: Desk = self.app.extensions["desk"]
        return desk

    def person(self, name: str, *, language: str = "en", width: int = 1100, passkeys: bool = True) -> Person:
        """Somebody with a new browser."""
        browser = self.stack.enter_context(chromium(self.folder / f"{len(self.people)}", language))
        page = browser.page()
        page.size(width, mobile=width < 600)
        made = Person(town=self, name=name, page=page, language=language)
        folder = self.folder / f"files of {len(self.people)}"
        folder.mkdir()
        browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
        if passkeys:
            made.gets_authenticator()
        self.people.append(made)
        return made


@contextmanager
def town(folder: Path) -> Iterator[Town]:
    """Both servers, for as long as the block lasts."""
    served = ServedNow(folder / "registry")
    served.clock()
    apps: list[Flask] = []

    def first(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        size = int(environ.get("CONTENT_LENGTH") or 0)
        environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(size))  # whole, as by the real server
        return apps[0](environ, start)  # it is made when its addresses are known

    policy = (served.root / "trust.policy").read_text()
    with serving(first) as url, sign_page(policy) as sign, ExitStack() as stack:
        with_sign_url(served, sign)
        apps.append(app_at(served.service, url))
        yield Town(served=served, url=url, sign=sign, folder=folder, stack=stack, app=apps[0])
    served.end()


@dataclass(kw_only=True)
class Person:
    """One browser. ``party`` is her id once she is enrolled, ``sheet`` what she printed."""

    town: Town
    name: str
    page: Page
    language: str
    party: str = ""
    sheet: str = ""
    authenticator: str = ""

    def say(self, id: str, **values: Any) -> str:
        """A sentence as her pages say it."""
        return catalogue(self.language).say(id, **values)

    def gets_authenticator(self) -> None:
        """A phone that keeps passkeys, and a finger that is always there."""
        self.authenticator = give_authenticator(self.page)

    def loses_passkeys(self) -> None:
        """They are gone, with all that they opened."""
        self.page.call("WebAuthn.removeVirtualAuthenticator", authenticatorId=self.authenticator)
        self.authenticator = ""

    # ---- looking

    def opens(self, path: str) -> None:
        """A page of the registry, in her language."""
        path, mark, fragment = path.partition("#")
        self.page.open("about:blank")
        looks = f"{'&' if '?' in path else '?'}language={self.language}"
        self.page.open(f"{self.town.url}{path}{looks}{mark}{fragment}")

    def clicks(self, words: str, within: str = "main") -> None:
        """The link or button that says so, once it is there and can be seen; a link's page is left then."""
        found = f"""[...document.querySelectorAll({json.dumps(f"{within} a, {within} button, {within} summary")})]
            .find((one) => one.textContent.trim().startsWith({json.dumps(words)}) && one.offsetParent !== null)"""
        self.page.until(found)
        leaves = self.page.run(
            f"""((one) => {{
                const leaves = one instanceof HTMLAnchorElement && !one.hasAttribute("download")
                    && one.href.split("#")[0] !== location.href.split("#")[0];
                window.left = !leaves;
                one.click();
                return leaves;
            }})({found})"""
        )
        if leaves:
            self.page.until("window.left === undefined")

    def fills(self, **fields: str) -> None:
        """Fields of a form, by their names; of those that are chosen from, what is sent."""
        for name, text in fields.items():
            self.page.until(f"document.querySelector('main [name={name}]')")
            self.page.run(f"document.querySelector('main [name={name}]').value = {json.dumps(text)}")

    def ticks(self, name: str, *values: str) -> None:
        """These of several, and no others."""
        self.page.run(
            f"""document.querySelectorAll("main [name={name}]")
                .forEach((one) => {{ one.checked = {json.dumps(values)}.includes(one.value); }})"""
        )

    def day(self, ahead: int) -> str:
        """A day to come, as a field for a day has it."""
        return format_instant(self.town.served.clock() + ahead * 86_400)[:10]

    def sees(self, words: str) -> None:
        self.page.until(f"document.body?.innerText.includes({json.dumps(words)})")

    def at_registry(self, path: str = "") -> None:
        """Back on a page of the registry, which has told what came back."""
        here = f"location.origin === {json.dumps(self.town.url)} && location.pathname.startsWith({json.dumps(path)})"
        told = "location.pathname !== '/hop' && (!location.hash || !document.querySelector('#came'))"
        self.page.until(f"{here} && document.readyState === 'complete' && {told}")

    def at_sign_page(self) -> None:
        place = json.dumps(self.town.sign.rstrip("/"))
        self.page.until(f"location.origin === {place} && document.querySelector('h1')")

    # ---- acting, each on the page that holds keys

    def agrees(self, verb: str, path: str = "") -> None:
        """What is shown there is hers to do: she does it, and is back."""
        self.at_sign_page()
        self.page.until("document.querySelector('.bar')")
        if not self.authenticator:
            fill(self.page, ".bar input[type=password]", PASSPHRASE)
        self.clicks(verb, ".bar")
        self.page.until(
            f"""(() => {{
                if (location.origin === {json.dumps(self.town.url)}) return true;
                if (document.querySelector("main .err, main .note.no")) throw new Error(document.body.innerText);
                return false;
            }})()"""
        )
        self.at_registry(path)

    def signs_in(self) -> None:
        self.opens("/sign-in")
        self.clicks(self.say("sign_in.here"))
        self.at_sign_page()
        self.page.until("document.querySelector('.bar')")
        if not self.authenticator:
            fill(self.page, ".bar input[type=password]", PASSPHRASE)
        self.clicks(self.say("signing.sign_in"), ".bar")
        self.page.until(
            f"location.origin === {json.dumps(self.town.url)} && !['/sign-in', '/hop'].includes(location.pathname)"
        )
        self.page.until("document.querySelector('h1')")

    def comes_in(self, link: str) -> str:
        """Accept an invitation; what her device shows her to read out."""
        page = self.page
        page.open("about:blank")
        address, _, code = link.partition("#")
        page.open(f"{address}#{code}")
        self.clicks(self.say("invited.begin"))
        self.at_sign_page()
        self.clicks(self.say("signing.enrol_begin"))
        self.copies()
        self.prints()
        self.clicks(self.say("signing.enrol_send"))
        self.at_registry("/invited")
        page.until("document.querySelector('#characters')?.offsetParent")
        self.party = str(page.run("JSON.parse(sessionStorage.getItem('kembar-invited'))[0]"))
        return str(page.run("document.querySelector('#characters').textContent"))

    def copies(self) -> None:
        """A first copy under a passkey, or on this device; the second later."""
        if self.authenticator:
            self.clicks(self.say("signing.make_passkey"))
        else:
            type_passphrase(self.page, self.say("signing.copy_device"))
            self.clicks(self.say("signing.keep_here"))
        self.clicks(self.say("signing.copy_later"))

    def prints(self) -> None:
        """The recovery sheet, which she then has."""
        self.page.until("document.querySelector('.sheet .groups')")
        self.sheet = str(self.page.run("document.querySelector('.sheet .groups').textContent"))
        fill(self.page, "#last-group", self.sheet[-4:])
        self.clicks(self.say("signing.go_on"))

    def is_known(self) -> Actor:
        """So that a test's world makes statements that name her; what it signs for her is thrown away."""
        made = Actor(name=self.name, id=self.party, keys=[key(f"nobody's {self.party}")])
        self.town.served.world.actors[self.party] = made
        return made

    def hands_over(self, made: Logged, *steps: Mapping[str, Any], back: str = "/mine") -> None:
        """A statement that her house's own programs have drafted, to be signed on the page that holds keys."""
        act = {
            "act": "sign", "back": f"{self.town.url}{back}?language={self.language}",
            "genesis": self.town.served.service.genesis, "language": self.language, "party": self.party,
            "registry": self.town.url, "steps": list(steps), "submission": submission_to_json(unsigned(made)),
        }  # fmt: skip
        self.page.open("about:blank")
        self.page.open(f"{self.town.sign}#act={format_b64u(canonical.encode(act))}")
