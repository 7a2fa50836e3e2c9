"""``registry invite`` and ``serve --sign-url``, against a registry that really runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from registry.enrolling.invitations import invitation_id
from registry.settings import read_settings
from tests.support.enrolling import done, run
from tests.support.running import running


def test_a_link_whose_code_the_registry_never_saw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    done("init", "registry", "--origin", "registry.example/log")
    key = tmp_path / "registry" / "keys" / "registrar.key"
    with running(tmp_path / "registry") as server:
        wanted = ("invite", server.url, "--name", "Ayu Lestari", "--role", "model", "--key", key)
        made = json.loads(done(*wanted, "--json"))
        address, _, code = made["link"].partition("#")
        assert address == f"{server.url}/invited" and made["id"] == invitation_id(code)
        assert code.encode() not in (tmp_path / "registry" / "enrolling.db").read_bytes()
        assert made["state"] == "open" and "Ayu Lestari" in done(*wanted)
        done("keygen", "other.key", "--no-passphrase")
        refused = run("invite", server.url, "--name", "x", "--role", "model", "--key", "other.key")
        assert refused.exit_code == 1


@pytest.mark.parametrize("url", ["http://sign.example/", "ftp://sign.example", "https://sign.example/#x"])
def test_keys_are_opened_over_tls_alone(tmp_path: Path, url: str) -> None:
    done("init", tmp_path / "registry", "--origin", "registry.example/log")
    result = run("serve", tmp_path / "registry", "--sign-url", url)
    assert result.exit_code == 2 and "--sign-url" in result.stderr
    assert read_settings(tmp_path / "registry").sign_url == ""
