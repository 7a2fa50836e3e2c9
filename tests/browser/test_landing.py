"""The page that a registry shows at ``/``, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.config import create
from tests.support.chromium import chromium
from tests.support.running import running
from tests.support.verifier_page import MISSING, PRESENT

pytestmark = pytest.mark.skipif(not PRESENT, reason=MISSING)


def test_a_person_sees_whose_log_it_is_and_how_to_check_it(tmp_path: Path) -> None:
    made = create(tmp_path / "registry", "browser.example/log")
    with running(made.root) as server, chromium(tmp_path / "profile") as browser:
        page = browser.page()
        page.open(server.url)
        shown = page.run("document.documentElement.textContent")
        scripts = page.run("document.scripts.length")
    assert "browser.example/log" in shown
    assert (made.root / "trust.policy").read_text().split()[1] in shown  # the log's key, to compare
    assert "verifier check" in shown
    assert scripts == 0
