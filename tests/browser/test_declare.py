"""Uses declared in a real browser: hundreds of files are hashed on the device, and what is sent are their hashes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.chromium import chromium, drop
from tests.support.served import Served
from tests.support.session_browsers import app_in_browser
from tests.support.verifier_page import MISSING, PRESENT
from tests.support.world import file

pytestmark = pytest.mark.skipif(not PRESENT, reason=MISSING)


def test_files_that_are_dropped_become_one_usage(tmp_path: Path) -> None:
    served = Served(tmp_path / "registry")
    consent, everything = served.story()
    served.accept(*everything)
    brand = served.world.actors[str(consent.statement.parties.licensee)]
    with app_in_browser(served.service, brand) as (url, cookie), chromium(tmp_path / "profile", "en") as browser:
        page = browser.page()
        page.call("Network.setCookie", url=url, httpOnly=True, sameSite="Strict", **cookie)
        page.open(f"{url}/brand/declare?consent={consent.id}")
        drop(page, "#drop", [(f"secret name {n}.jpg", f"{n}.jpg".encode()) for n in range(200)])
        page.until("document.querySelector('#number').textContent === '200'")
        drop(page, "#drop", [("again.jpg", b"7.jpg"), ("new.jpg", b"200.jpg")])  # one of them is there already
        page.until("document.querySelector('#number').textContent === '201'")
        assert page.run("document.querySelector('#progress').hidden") is True
        days = [page.run(f"new Date(Date.UTC(2026, 0, {day})).toISOString().slice(0, 10)") for day in (3, 20)]
        for field, text in (("starts", days[0]), ("ends", days[1]), ("category", "Women's Clothing")):
            page.run(f"document.querySelector('#{field}').value = {text!r}")
        page.run("document.querySelector('form[method=post]').requestSubmit()")
        page.until("document.readyState === 'complete' && document.querySelector('.verdict')")
        text = str(page.run("document.querySelector('details.proof pre').textContent"))
        assert page.text().count("201 files") and file("0.jpg") in text and file("200.jpg") in text
        page.until("document.querySelector('#number').textContent === '201'")  # they stay in the form
        page.settle()
        assert page.errors == [] and not any("secret" in one for one in page.requests)
    served.service.close()
