"""Clearance in a real browser: pictures are hashed on the device, and neither they nor their names are sent."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.chromium import Page, chromium, drop
from tests.support.root import ROOT
from tests.support.served import Served
from tests.support.session_browsers import app_in_browser
from tests.support.verifier_page import MISSING, PRESENT
from tests.support.world import file

pytestmark = pytest.mark.skipif(not PRESENT, reason=MISSING)

STATIC = ROOT / "registry" / "web" / "static"


@dataclass
class Open:
    page: Page
    url: str


@pytest.fixture(scope="module")
def open_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """The page of a brand that declared two uses, one of which nothing allows."""
    folder = tmp_path_factory.mktemp("clear")
    served = Served(folder / "registry")
    consent, everything = served.story()
    world = served.world
    denied = world.usage(consent, assets=["denied.jpg"], terms={"countries": ["JP"]})
    served.accept(*everything, world.usage(consent, assets=["hero.jpg"]), denied)
    brand = world.actors[str(consent.statement.parties.licensee)]
    with app_in_browser(served.service, brand) as (url, cookie), chromium(folder / "profile", "id") as browser:
        page = browser.page()
        page.call("Network.setCookie", url=url, httpOnly=True, sameSite="Strict", **cookie)
        page.open(f"{url}/brand/clear?language=id")
        yield Open(page, url)
    served.service.close()


def test_pictures_that_are_dropped(open_page: Open) -> None:
    page = open_page.page
    others = [(f"secret name {n}.jpg", f"{n}".encode()) for n in range(60)]
    drop(page, "#drop", [("hero.jpg", b"hero.jpg"), ("denied.jpg", b"denied.jpg"), *others])
    page.until("document.querySelector('#said').textContent")
    assert page.run("document.querySelectorAll('#answers > li').length") == 62
    rows = page.run("[...document.querySelectorAll('#answers > li')].map((one) => one.innerText)")
    assert rows[0].startswith("hero.jpg") and "Boleh ditampilkan" in rows[0]
    assert rows[1].startswith("denied.jpg") and "Belum boleh" in rows[1]
    assert rows[2].startswith("secret name 0.jpg") and "Tidak ada yang mendaftarkan" in rows[2]
    assert page.run("document.querySelector('#progress').hidden") is True
    page.settle()
    assert page.errors == []
    asked = [url for url in page.requests if url.partition("?")[0].endswith("/brand/clear")]
    assert len(asked) == 1 + 3, "the page, and what it asks"
    assert not any("secret" in url or "hero" in url or file("hero.jpg") in url for url in page.requests)
    evidence = page.run("document.querySelector('#answers a[download]').href")
    assert evidence.startswith(f"{open_page.url}/evidence/usage/")


def test_a_registry_that_cannot_be_reached_is_asked_again(open_page: Open) -> None:
    page = open_page.page
    page.open(f"{open_page.url}/brand/clear?language=id")
    page.call("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=-1, uploadThroughput=-1)
    drop(page, "#drop", [("hero.jpg", b"hero.jpg")])
    page.until("document.querySelector('#answers button')")
    page.call("Network.emulateNetworkConditions", offline=False, latency=0, downloadThroughput=-1, uploadThroughput=-1)
    page.run("document.querySelector('#answers button').click()")
    page.until("document.querySelector('#answers [data-sha256]')")
    assert page.run("document.querySelectorAll('#answers > li').length") == 1


@pytest.mark.parametrize("name", ["clear.js", "declare.js"])
def test_the_script_is_what_its_sources_make(tmp_path: Path, name: str) -> None:
    made = tmp_path / name
    tool = ROOT / "verifier" / "browser" / "tools" / "build_lookup.js"
    subprocess.run(["node", str(tool), str(made)], check=True, timeout=120)
    assert made.read_bytes() == (STATIC / name).read_bytes(), "run node verifier/browser/tools/build_lookup.js FILE"
