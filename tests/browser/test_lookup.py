"""The lookup page in a real browser: a picture that is dropped is asked about, and never which."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from registry.web.app import create_app
from tests.support.chromium import Page, chromium, drop
from tests.support.root import ROOT
from tests.support.served import Served
from tests.support.verifier_page import MISSING, PRESENT
from tests.support.witness_serving import serving
from tests.support.world import file

pytestmark = pytest.mark.skipif(not PRESENT, reason=MISSING)

SCRIPT = ROOT / "registry" / "web" / "static" / "lookup.js"


@dataclass
class Open:
    page: Page
    url: str


@pytest.fixture(scope="module")
def open_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """The page of a registry whose index has two parts, in Indonesian."""
    folder = tmp_path_factory.mktemp("lookup")
    served = Served(folder / "registry")
    consent, everything = served.story()
    served.accept(*everything, served.world.usage(consent, assets=["hero.jpg"]))
    served.accept(*[served.world.party(f"party {n}", roles=["licensee"], recovery=0) for n in range(250)])
    with serving(create_app(served.service)) as url, chromium(folder / "profile", "id") as browser:
        page = browser.page()
        page.open(f"{url}/lookup")
        yield Open(page, url)
    served.service.close()


def test_a_picture_that_is_dropped(open_page: Open) -> None:
    page = open_page.page
    drop(page, "#drop", [("hero.jpg", b"hero.jpg")])
    page.until("document.querySelector('#answer .verdict.yes')")
    text = page.text()
    assert "Ada yang mendaftarkan berkas yang persis sama ini." in text and "hero.jpg" in text
    assert page.run("document.activeElement.tagName") == "H1"
    page.settle()
    assert page.errors == []
    assert not any(file("hero.jpg") in url for url in page.requests)
    asked = page.run("document.querySelector('#answer a').href")
    assert asked == f"{open_page.url}/lookup?sha256={file('hero.jpg')}"


def test_a_picture_that_nobody_registered(open_page: Open, tmp_path: Path) -> None:
    page, photo = open_page.page, tmp_path / "other.jpg"
    photo.write_bytes(b"x" * 3_000_000)
    page.choose("#file", [photo])
    page.until("document.querySelector('#answer .verdict.unk')")
    assert "Tidak ada yang mendaftarkan" in page.text()


def test_a_hash_that_is_pasted(open_page: Open) -> None:
    page = open_page.page
    page.run("document.querySelector('#sha256').value = '12ab'")
    page.run("document.querySelector('#send').click()")
    page.until("document.querySelector('#form .err')")
    assert page.run("document.activeElement.id") == "sha256"
    page.run(f"document.querySelector('#sha256').value = ' SHA256:{file('hero.jpg').upper()} '")
    page.run("document.querySelector('#answer').replaceChildren()")
    page.run("document.querySelector('#send').click()")
    page.until("document.querySelector('#answer .verdict.yes')")
    assert page.run("document.querySelector('#form .err')") is None


def test_a_registry_that_does_not_answer(open_page: Open) -> None:
    page = open_page.page
    page.reload()
    page.run("document.querySelector('#ask').dataset.index = 'x'; window.fetch = () => Promise.reject(new Error('no'))")
    drop(page, "#drop", [("hero.jpg", b"hero.jpg")])
    page.until("document.querySelector('#answer .note button')")
    assert page.run("document.querySelector('#answer .note a').href").endswith(file("hero.jpg"))


def test_the_script_is_what_its_sources_make(tmp_path: Path) -> None:
    made = tmp_path / "lookup.js"
    tool = ROOT / "verifier" / "browser" / "tools" / "build_lookup.js"
    subprocess.run(["node", tool, made], check=True, timeout=120)
    assert made.read_bytes() == SCRIPT.read_bytes(), "run node verifier/browser/tools/build_lookup.js FILE"
