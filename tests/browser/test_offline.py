"""The verifier's page as a registry serves it: kept by the browser, it goes on when the registry is gone."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from registry.config import create
from tests.support.chromium import chromium
from tests.support.running import running
from tests.support.verifier_page import MISSING, PRESENT, check, vector, write_page

pytestmark = pytest.mark.skipif(not PRESENT, reason=MISSING)


def test_the_page_goes_on_when_the_registry_is_gone(tmp_path: Path) -> None:
    made = create(tmp_path / "registry", "browser.example/log")
    evidence = tmp_path / "one.evidence.json"
    evidence.write_bytes(vector("verdict-usage").evidence)
    with running(made.root) as server, chromium(tmp_path / "profile") as browser:
        page = browser.page()
        page.open(f"{server.url}/verify/")
        page.until("navigator.serviceWorker.controller !== null")
        assert page.call("Page.getInstallabilityErrors")["installabilityErrors"] == []
        page.settle(0.2)
        assert page.errors == []
        assert {url for url in page.requests if not url.startswith("blob:")} <= {
            f"{server.url}/verify/{name}" for name in ("", "manifest.json", "worker.js")
        }
        page.close()

        server.stop()
        with pytest.raises(urllib.error.URLError):
            urllib.request.urlopen(f"{server.url}/verify/", timeout=5)
        page = browser.page()
        page.open(f"{server.url}/verify/")
        assert "kept on this device" in page.text()
        check(page, [evidence])
        assert page.run("document.querySelector('.verdict').innerText")
        page.settle(0.2)
        assert page.errors == []


def test_any_server_will_do_and_is_asked_for_nothing_else(tmp_path: Path) -> None:
    one = vector("verdict-usage")
    (tmp_path / "one.evidence.json").write_bytes(one.evidence)
    served = tmp_path / "served"
    served.mkdir()
    write_page(served / "verifier.html", one.policy)
    handler = partial(SimpleHTTPRequestHandler, directory=str(served))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, chromium(tmp_path / "profile") as browser:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/verifier.html"
        page = browser.page()
        page.open(url)
        server.shutdown()
        check(page, [tmp_path / "one.evidence.json"])
        assert page.run("document.querySelector('.verdict').innerText")
        page.settle(0.2)
        assert page.errors == []
        assert [one for one in page.requests if one.startswith("http")] == [url]
