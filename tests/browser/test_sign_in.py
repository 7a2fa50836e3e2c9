"""Signing a browser in, with a real browser, a real registry and the command: a code there, two lines back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.chromium import chromium
from tests.support.enrolling import done, enrolled
from tests.support.running import running
from tests.support.verifier_page import MISSING, PRESENT

pytestmark = pytest.mark.skipif(not PRESENT, reason=MISSING)


def test_in_and_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("KEMBAR_KEY", raising=False)
    done("init", "registry", "--origin", "registry.example/log")
    done("keygen", "ayu.key", "--no-passphrase")
    done("keygen", "recovery.key", "--no-passphrase")
    with running(tmp_path / "registry") as server, chromium(tmp_path / "profile", "id") as browser:
        done("login", server.url, "--key", "ayu.key")
        enrolled(tmp_path / "registry")
        page = browser.page()
        page.open(f"{server.url}/model")
        page.run("document.querySelector('a.go').click()")
        page.until("document.querySelector('#steps') && !document.querySelector('#steps').hidden")

        assert page.run("document.querySelector('#within').offsetHeight") == 0

        # What was not copied whole, and what another code was signed for, are said where they were pasted.
        def paste(text: str) -> None:
            page.run(f"document.querySelector('#printed').value = {json.dumps(text)}")
            page.run("document.querySelector('#form button').click()")

        paste("Signature: nothing")
        page.until("document.querySelector('#wrong').textContent.includes('bukan yang dicetak')")
        paste(done("sign-in", server.url, "ab" * 16))
        page.until("document.querySelector('#wrong').textContent.includes('tidak menerimanya')")
        assert page.run("document.activeElement.id") == "printed"

        command = page.run("document.querySelector('#command').textContent").split()
        assert command[:3] == ["registry", "sign-in", server.url]
        paste(done(*command[1:]))
        page.until("location.pathname === '/model' && document.readyState === 'complete'")
        assert page.run("document.title").endswith("Kembar") and page.run("document.cookie") == ""

        # Every page that she is shown says where to sign out.
        page.run("document.querySelector('.foot a').click()")
        page.until("location.pathname === '/sign-in' && !document.querySelector('#within').hidden")
        assert page.run("document.querySelector('#steps').offsetHeight") == 0
        assert page.run("document.querySelector('h1:not([hidden] *)').textContent") == "Anda sudah masuk"
        page.run("sessionStorage.setItem('kembar-invitations', '{}')")
        page.run("document.querySelector('#out').click()")
        page.until("!document.querySelector('#steps').hidden")
        assert page.run("document.querySelector('#inside').offsetHeight") == 0
        assert page.run("sessionStorage.length") == 0
        page.open(f"{server.url}/model")
        assert page.run("document.querySelector('a.go') !== null")
