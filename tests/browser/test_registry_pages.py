"""Every page of a registry, signed in by a real session where it takes one: read aloud, on a phone, in the dark."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from registry.demo.pictures import portrait
from registry.desk.desk import Desk
from registry.enrolling.invitations import Invitations, invitation_id
from registry.intake.submission import parse_submission
from registry.readers.reader_store import DAY
from registry.web.routes import PLAIN, ROUTES
from tests.support.axe import open_details, violations
from tests.support.chromium import Page, chromium
from tests.support.desk_clients import DeskCaller
from tests.support.handing_over import with_sign_url
from tests.support.served import Served, raw
from tests.support.session_browsers import signed_in
from tests.support.signed_requests import app_at
from tests.support.verifier_page import MISSING, PRESENT
from tests.support.witness_serving import serving
from tests.support.world import Actor, file
from verifier.base import canonical
from verifier.base.private_keys import SigningKey
from verifier.base.strict import format_instant
from verifier.statements.types import SECTION_NAMES

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

pytestmark = pytest.mark.skipif(not PRESENT, reason=MISSING)

LANGUAGES = ("en", "id")
LOOKS = ((320, False), (1280, True))
"""Width in pixels, and whether it is dark."""

PAGES = tuple(route for route in ROUTES if route.page and not route.twin and route.method == "GET")
PAY = "/brand/pay?consent={consent}&payee={model}&currency=EUR"
STATES = {
    "lookup found": "/lookup?sha256={picture}", "lookup wrong": "/lookup?sha256=12ab",
    "sheet lost": "/keys/sheet", "payment, which amount": "/model/payments/{payment}?answer=other",
    "payment, arrived": "/model/payments/{payment}?answer=yes", "model seen by her agency": "/model?of={model}",
    "brand may, of a consent": "/brand/may?consent={consent}",
    "brand may, nothing allows it": "/brand/may?twin={stranger}", "brand may, of a twin": "/brand/may?twin={twin}",
    "agency draft, renewed": "/agency/draft?like={consent}&follows=renews",
    "brand declare, under a consent": "/brand/declare?consent={consent}",
    "agency declare, under a consent": "/agency/declare?consent={consent}",
    "brand pay, what": PAY,
    "model options, keep": "/model/options?id={option}&what=grant",
    "model mandates, ended": "/model/mandates?ending={mandate}",
    "bringing pictures": "/drafts/{approval}",
    "draft, blocked": "/drafts/{draft}?what=block", "draft, about it": "/drafts/{draft}?what=report",
    "invited, with a code": "/invited#" + "0b" * 16,
    "refused": "/brand", "missing": "/nothing", "not hers": "/brand/money", "malformed": "/model/money?page=x",
}  # fmt: skip
"""What else those pages show, and errors."""
POSTED: dict[str, tuple[str, dict[str, str | list[str]]]] = {
    "payment, no amount": ("/model/payments/{payment}?answer=other", {"amount": "1x"}),
    "payment, another amount": ("/model/payments/{payment}?answer=other", {"amount": "100"}),
    "brand clear, answered": ("/brand/clear", {"sha256": "{picture},{denied_picture},{nobody}"}),
    "brand clear, wrong": ("/brand/clear", {"sha256": "12ab"}),
    "brand may, no": (
        "/brand/may?consent={consent}",
        {
            "channels": "ctv", "countries": "JP", "purpose": "editorial", "placement": "paid", "category": "1058",
            "starts": "2027-01-01", "ends": "2027-02-01",
        },
    ),
    "brand may, by name": ("/brand/may", {"twin": "anna"}), "brand may, nobody": ("/brand/may", {"twin": "xyzzy"}),
    "brand may, wrong": (
        "/brand/may?consent={consent}", {"countries": "Atlantis", "starts": "2027-02-01", "ends": "2027-01-01"},
    ),
    "brand pay, looked at": (PAY, {"amount": "12.50", "paid": "2026-01-01", "reference": "KACA-1"}),
    "brand pay, wrong": (PAY, {"amount": "x", "paid": "2999-01-01", "reference": ""}),
    "brand options, looked at": (
        "/brand/options",
        {"model": "{model}", "starts": "2026-06-10", "ends": "2026-06-12", "days": "14", "about": "Knitwear"},
    ),
    "brand options, wrong": (
        "/brand/options", {"model": "x", "starts": "2026-06-10", "ends": "2026-06-01", "days": "5", "about": ""},
    ),
    "model mandates, looked at": (
        "/model/mandates",
        {
            "agency": "{agency}", "powers": ["approve", "collect"], "starts": "2026-03-22", "ends": "2027-03-22",
            "commission": "12.5",
        },
    ),
    "model mandates, wrong": (
        "/model/mandates", {"agency": "", "starts": "2026-03-22", "ends": "2036-03-22", "commission": "x"},
    ),
    "model reads, a grant": ("/model/reads", {"to": "{brand}", "sections": ["terms", "money"], "months": "3"}),
    "model reads, wrong": ("/model/reads", {"to": "", "other": "12", "months": "3"}),
    "draft, declined": ("/drafts/{draft}", {"reason": "not for cigarettes"}),
    "draft, reported": ("/drafts/{draft}", {"what": "report", "reason": "not for cigarettes"}),
    "union suspend, for another reason": ("/union/consents/{consent}/suspend", {"ground": "strike"}),
    "agency draft, looked at": (
        "/agency/draft",
        {
            "twin": "{twin}", "brand": "{brand}", "rights": ["likeness"], "purposes": ["ecommerce"], "share": "20",
            "description": "Knitwear for the shop's own pages, winter.", "categories": "Clothing", "currency": "EUR",
            "channels": ["display", "social"], "countries": "DE, FR", "starts": "2026-12-10", "ends": "2027-03-10",
            "approval": "each", "amount": "480.00", "per": "use", "due_days": "30", "language": "en", "advice": "none",
        },
    ),
    "brand declare, looked at": (
        "/brand/declare",
        {
            "consent": "{consent}", "assets": "{picture} {nobody}", "purpose": "advertising", "category": "1067",
            "channels": ["print"], "countries": "DE", "placement": "paid", "starts": "2026-12-10",
            "ends": "2026-12-20",
        },
    ),
    "brand declare, wrong": ("/brand/declare", {"consent": "{consent}", "countries": "Atlantis"}),
    "agency declare, looked at": (
        "/agency/declare",
        {
            "consent": "{consent}", "assets": "{picture}", "purpose": "editorial", "category": "1067",
            "channels": ["ctv"], "countries": "DE", "placement": "paid", "starts": "2026-12-10",
            "ends": "2026-12-20",
        },
    ),
    "agency draft, wrong": ("/agency/draft", {"brand": "Kaca", "amount": "USD 3", "description": "Short."}),
    "agency draft, no message": ("/agency/draft", {"step": "read", "adcp": "nothing"}),
}  # fmt: skip
"""Forms that are sent: where to, and what is filled in."""

READERS = {
    "model": "model", "payment": "model", "brand": "brand", "agency": "agency", "draft": "model", "not": "model",
    "malformed": "model", "registrar": "registrar", "sessions": "model", "union": "union", "blocked": "model",
    "bringing": "brand",
}  # fmt: skip
"""Who looks at a page, by how its name begins; at others nobody who has signed in."""
AT_REST = """location.pathname !== "/hop" && document.readyState === "complete" && !document.querySelector(
    "#asking:not([hidden]), #steps[hidden] ~ #within[hidden], [data-kept] [data-not-yet]:not([hidden])")"""
"""A page has led on to where it leads, and shows what its script has fetched."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """``url`` and ``paths`` of a registry that runs, ``cookies`` of its parties, by role."""

    url: str
    paths: dict[str, str]
    ids: dict[str, str]
    cookies: dict[str, tuple[str, str]]

    def fields(self, name: str) -> list[list[str]]:
        """What is filled in on a form."""
        rows = [(one, texts if isinstance(texts, list) else [texts]) for one, texts in POSTED[name][1].items()]
        return [[one, text.format_map(self.ids)] for one, texts in rows for text in texts]

    def show(self, page: Page, name: str, language: str) -> None:
        """Open a page as whoever looks at it."""
        page.call("Network.clearBrowserCookies")
        if role := READERS.get(name.replace(",", " ").replace("_", " ").split()[0]):
            cookie, token = self.cookies[role]
            page.call("Network.setCookie", name=cookie, value=token, url=self.url, httpOnly=True, sameSite="Strict")
        path = self.paths[name]
        path, mark, fragment = path.partition("#")
        page.open(f"{self.url}{path}{'&' if '?' in path else '?'}language={language}{mark}{fragment}")
        if name in POSTED:
            _send(page, self.fields(name))
        page.until(f"document.documentElement.lang === {json.dumps(language)} && {AT_REST}")
        is_error = bool(page.run("performance.getEntriesByType('navigation')[0].responseStatus >= 400"))
        assert is_error is (name in ("refused", "missing", "not hers", "malformed")), page.text()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Three uses of a twin, one of which nothing allows; money that came, that is said to have come, that is late."""
    served = Served(tmp_path_factory.mktemp("site") / "registry")
    world = served.world
    anna = world.party("anna", roles=["model"], called={"name": "Anna Lestari"})
    agency = world.party("agency", roles=["agency"], called={"name": "Senja", "public": True})
    brand = world.party("brand", roles=["licensee"], called={"name": "Larasati", "public": True})
    maker = world.party("maker", roles=["maker"])
    mandate, creation = world.mandate(model=anna, agency=agency), world.creation(model=anna, maker=maker)
    twin = world.twin(anna, creation=creation)
    union = world.party("union", roles=["union"], called={"name": "Serikat", "public": True})
    annas = [world.party(f"anna {n}", roles=["model"], called={"name": f"Anna {n}", "public": True}) for n in "AB"]
    consent = world.consent(
        model=anna, licensee=brand, twin=twin, under=mandate, exclusive={}, union=union,
        terms={"caps": {"images": 400, "impressions": 9_000_000}},
    )  # fmt: skip
    other = world.party("other", roles=["model"])
    theirs = world.mandate(model=other, agency=agency, ends=world.now + 110 * DAY)
    uses = [world.usage(consent, assets=[f"{n}.jpg"]) for n in range(2)]
    denied = world.usage(consent, assets=["denied.jpg"], terms={"countries": ["JP"]})
    payment = world.payment(consent, payee=anna, amount=12_345, reference="KACA-0912")
    receipt = world.receipt(consent, payee=anna, amount=1_000)
    served.accept(anna, agency, brand, union, maker, other, theirs, *annas)
    served.accept(mandate, creation, twin, consent, *uses, denied, payment, receipt)
    _tell(served.root / "story")
    world.advance("80d")
    served.accept(world.usage(consent, assets=["later.jpg"]))
    with_sign_url(served)
    enrolment = _invite(served)
    desk = DeskCaller(served)
    waiting = world.consent(model=anna, licensee=brand, twin=twin, under=mandate)
    now = served.service.now()
    desk.does(anna, "POST", "/blocks", {"party": maker.id})
    served.service.readers.store.grant(anna.id, union.id, sorted(SECTION_NAMES), now, now + 100 * DAY)
    option = {
        "about": "Knitwear, two days in Bandung", "model": anna.id,
        "starts": format_instant(now + 9 * DAY), "ends": format_instant(now + 11 * DAY),
    }  # fmt: skip
    kept, asked = (str(desk.does(brand, "POST", "/options", option)["id"]) for _ in range(2))
    desk.does(anna, "POST", f"/options/{kept}/grant")
    approval = world.approval(consent, assets=[file("0.jpg"), sha256(portrait("hero")).hexdigest()])
    desk.proposes(brand, approval)
    ids = {
        "stranger": other.id, "approval": approval.id, "option": asked, "agency": agency.id, "mandate": mandate.id,
        "model": anna.id, "payment": payment.id, "picture": file("0.jpg"),
        "denied_picture": file("denied.jpg"),
        "nobody": "ab" * 32, "consent": consent.id, "twin": twin.id, "brand": brand.id,
        "draft": desk.proposes(agency, waiting), "enrolment": enrolment.id,
    }  # fmt: skip
    filled = {
        "model_consent": consent.id, "model_withdraw": consent.id, "model_payment": payment.id,
        "union_suspend": consent.id,
        "model_use": denied.id, "brand_use": denied.id, "draft": ids["draft"], "story": "revoked-midway",
        "keys_help": "stolen", "registrar_enrolment": enrolment.id,
    }  # fmt: skip
    paths = {one.name: one.path.replace("<id>", "<name>").replace("<name>", filled.get(one.name, "")) for one in PAGES}
    paths |= {name: path.format_map(ids) for name, path in STATES.items()}
    paths |= {name: path.format_map(ids) for name, (path, _) in POSTED.items()}
    apps: list[Flask] = []

    def first(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        return apps[0](environ, start)  # it is made when its address is known

    with serving(first) as url:
        apps.append(app_at(served.service, url))
        shown: Desk = apps[0].extensions["desk"]
        shown.attach(brand.id, approval.id, sha256(portrait("hero")).hexdigest(), portrait("hero"))
        parties: dict[str, Actor | SigningKey] = {
            "model": anna, "brand": brand, "agency": agency, "registrar": world.registrar, "union": union,
        }  # fmt: skip
        cookies = {role: _session(apps[0], url, one) for role, one in parties.items()}
        yield Site(url=url, paths=paths, ids=ids, cookies=cookies)
    served.service.close()


def _invite(served: Served) -> Actor:
    """Somebody who has accepted an invitation, and looks much like Anna; another invitation is open."""
    invitations = Invitations(served.service)
    for code in ("0a" * 16, "0b" * 16):
        invitations.make(served.world.registrar.public.hex(), invitation_id(code), "Anna Lestari", "model")
    made = served.world.party("anna, again", roles=["model"], called={"name": "Anna Lestarl"})
    whole = parse_submission(raw(served.entry(made)))
    own = tuple(one for one in whole.signatures if one.keyid != served.world.registrar.public.hex())
    invitations.accept("0a" * 16, replace(whole, signatures=own))
    return made


def _send(page: Page, fields: list[list[str]]) -> None:
    """A form as a page sends it, to the address that it is at."""
    page.run(
        f"""(() => {{
            const form = document.createElement("form");
            form.method = "post";
            for (const [name, value] of {json.dumps([["sent", "yes"], *fields])}) {{
                const input = document.createElement("input");
                Object.assign(input, {{ name, value, type: "hidden" }});
                form.append(input);
            }}
            document.body.append(form);
            document.documentElement.lang = "";
            form.submit();
        }})()"""
    )
    page.until("document.documentElement?.lang && document.readyState === 'complete'")


def _session(app: Flask, url: str, who: Actor | SigningKey) -> tuple[str, str]:
    """The cookie of somebody's session: its name, and what it holds."""
    [(name, token)] = signed_in(app, who, url).cookies.items()
    return name, token


def _tell(folder: Path) -> None:
    """The story that a demo leaves: two scenes, one with a picture."""
    folder.mkdir()
    (folder / "authorised-and-paid.png").write_bytes(portrait("somebody"))
    for name in ("authorised-and-paid", "revoked-midway"):
        (folder / f"{name}.evidence.json").write_bytes(b"{}")
    scenes = [
        {"name": "authorised-and-paid", "authorised": "AUTHORISED", "paid": "PAID", "sha256": "ab" * 32},
        {"name": "revoked-midway", "authorised": "NOT_AUTHORISED", "paid": "PAID"},
    ]
    (folder / "story.json").write_bytes(canonical.encode(scenes))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser.page()


BY_ADDRESS = """({
    fields: [...document.forms].filter((one) => one.method === "get").flatMap((one) => [...one.elements])
        .filter((one) => one.name).map((one) => [one.name, one.type]),
    links: [...document.links].filter((one) => one.origin === location.origin)
        .flatMap((one) => [...new URL(one.href).searchParams.keys()]),
})"""
"""What forms put into an address, as [name, type], and what links have there."""
OPENLY = ["sha256", "text"]
"""The one field that is typed and stands in an address: the public question of /lookup, which says so."""


@pytest.mark.parametrize("name", [*(one.name for one in PAGES), *STATES, *POSTED])
def test_what_is_typed_stands_in_no_address(page: Page, site: Site, name: str) -> None:
    page.size(1280)
    site.show(page, name, "en")
    found = page.run(BY_ADDRESS)
    assert {one for one, _ in found["fields"]} | set(found["links"]) <= PLAIN
    typed = [one for one in found["fields"] if one[1] not in ("hidden", "select-one", "submit")]
    assert typed == ([OPENLY] if name.startswith("lookup") else [])


AMISS = r"""(() => {
    const isSeen = (one) => one.getClientRects().length > 0;
    const all = (selector) => [...document.querySelectorAll(selector)].filter(isSeen);
    const box = (one) => one.getBoundingClientRect();
    const texts = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) texts.push(walker.currentNode);
    const isRead = (one) => isSeen(one) && !one.closest("details, pre, textarea");
    const read = texts.filter((one) => isRead(one.parentElement)).map((one) => one.data.trim());
    const rows = new Set(all(".top nav a").map((one) => box(one).top));
    const isPlaced = (one) => isSeen(one) && !one.closest(".table, .vh");
    const outside = (card) => [...card.querySelectorAll("*")].filter(isPlaced)
        .filter((one) => box(one).right > box(card).right - 2);
    return {
        "more than one filled button": all(".btn.go").map((one) => one.textContent).slice(1),
        "a hash where people read": read.filter((one) => /[0-9a-f]{12}/.test(one)),
        "a moment as machines write it": read.filter((one) => /[0-9]{4}-[0-9]{2}-[0-9]{2}/.test(one)),
        "out of its card": all(".card").flatMap(outside).map((one) => one.outerHTML.slice(0, 200)),
        "navigation that wraps on a desk": innerWidth > 1000 && rows.size > 1 ? [rows.size] : [],
    };
})()"""
"""What a designer sees at once, before anything is opened."""


@pytest.mark.parametrize("name", [*(one.name for one in PAGES), *STATES, *POSTED])
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_and_nothing_sticks_out(page: Page, site: Site, name: str, language: str) -> None:
    found = {}
    for width, dark in LOOKS:
        page.size(width)
        page.look(dark=dark)
        site.show(page, name, language)
        amiss = {what: found for what, found in page.run(AMISS).items() if found}
        open_details(page)
        wide = page.run("document.documentElement.scrollWidth")
        found[width] = (amiss, violations(page), wide > width and f"{wide} pixels wide")
    assert found == {width: ({}, [], False) for width, _ in LOOKS}


LOST = """(() => {
    const button = ".actions, .drop, nav, .choose, .choose + p, .month, template, script, progress";
    const isSeen = (one) => one.getClientRects().length > 0;
    const says = (one) => [...one.childNodes].some((text) => text.nodeType === Node.TEXT_NODE && text.data.trim());
    const isCut = (one) => one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1;
    const all = (selector) => [...document.querySelectorAll(selector)].filter(isSeen);
    const read = (found) => found.map((one) => one.textContent);
    window.wasSeen ??= all("main *, .foot *").filter((one) => !one.closest(button) && says(one));
    return {
        gone: read(window.wasSeen.filter((one) => !isSeen(one))), cut: read(all("pre, .table").filter(isCut)),
        buttons: read(all(".btn, nav a, .choose, .drop")),
    };
})()"""
"""What can be read on a screen, once all is open, and not on paper; what is cut off there; what can only be pressed.
Asked on a screen first, then on paper."""


@pytest.mark.parametrize("name", [*(one.name for one in PAGES), *STATES, *POSTED])
def test_on_paper_nothing_is_lost_but_buttons(page: Page, site: Site, name: str) -> None:
    page.size(1280)
    page.look()
    site.show(page, name, "en")
    open_details(page)
    page.run(LOST)
    page.size(680)  # what A4 has room for
    page.look(paper=True)
    found = page.run(LOST)
    page.look()
    assert found == {"gone": [], "cut": [], "buttons": []}
