"""The page on which people sign, as a test uses it: built from the sources, alone on an origin, asked for acts."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.support.chromium import Page
from tests.support.verifier_page import EMPTY, built
from tests.support.witness_serving import serving
from verifier.base import canonical
from verifier.base.strict import format_b64u, parse_b64u
from verifier.programs.page.built import SIGN

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

PASSPHRASE = "a passphrase of four words"
AUTHENTICATOR = {
    "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": True,
    "hasUserVerification": True, "hasPrf": True, "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip
"""A phone that keeps passkeys, and a finger that is always there."""
QUICK = {"passes": 1, "memory": 64 * 1024}
"""What opening a test's key file costs."""


KEPT = """new Promise((resolve, reject) => {
    const asked = indexedDB.open("kembar");
    asked.onerror = reject;
    asked.onsuccess = () => {
        const all = asked.result.transaction("keys").objectStore("keys").getAll();
        all.onsuccess = () => { asked.result.close(); resolve(all.result); };
    };
})"""
"""All that the page keeps."""


@contextmanager
def sign_page(policy: str = "") -> Iterator[str]:
    """Serve the page; yields its address, under the name that passkeys can be of."""
    text = b64encode(policy.encode()).decode()
    page = built(SIGN).replace(EMPTY, EMPTY.replace("><", f">{text}<")).encode()

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return [page]

    with serving(app) as url:
        yield url.replace("127.0.0.1", "localhost") + "/"


def handed_over(page: Page, url: str, act: Mapping[str, Any]) -> None:
    """Open the page with an act, as a registry's page does, and wait for what it shows."""
    page.open("about:blank")  # else only the fragment changes
    page.open(f"{url}#act={format_b64u(canonical.encode(dict(act)))}")
    page.until("document.querySelector('h1')")


def came_back(page: Page, registry: str) -> dict[str, Any]:
    """What the page went back to the registry with."""
    here = f"location.origin === {json.dumps(registry)} && location.hash.startsWith('#done=')"
    text = str(page.until(f"{here} && location.hash")).removeprefix("#done=")  # at once: the page may lead on
    page.until("document.readyState === 'complete'")  # whatever it led to is there when a test goes on
    found: dict[str, Any] = json.loads(parse_b64u(text))
    return found


def fill(page: Page, selector: str, text: str) -> None:
    """Write into a field, as a person would."""
    page.run(f"document.querySelector({json.dumps(selector)}).focus()")
    page.call("Input.insertText", text=text)


def give_authenticator(page: Page) -> str:
    """From now on passkeys are made and used; the authenticator's id."""
    page.call("WebAuthn.enable")
    return str(page.call("WebAuthn.addVirtualAuthenticator", options=AUTHENTICATOR)["authenticatorId"])


def type_passphrase(page: Page, within: str, text: str = PASSPHRASE) -> None:
    """Twice the same, in the part of the page that says so."""
    part = f"""[...document.querySelectorAll("main h2, main h3, main summary")]
        .find((one) => one.textContent.includes({json.dumps(within)}))?.parentElement"""
    page.until(part)
    for place in (0, 1):
        page.run(
            f"""(() => {{
                const part = {part};
                if ("open" in part) part.open = true;
                part.querySelectorAll("input[type=password]")[{place}].focus();
            }})()"""
        )
        page.call("Input.insertText", text=text)


def press(page: Page, words: str, within: str = "main") -> None:
    """The button that says so."""
    page.run(
        f"""(() => {{
            const found = [...document.querySelectorAll({json.dumps(within)} + " button")]
                .find((one) => one.textContent.trim() === {json.dumps(words)});
            if (!found) throw new Error("no button says " + {json.dumps(words)});
            found.click();
        }})()"""
    )
