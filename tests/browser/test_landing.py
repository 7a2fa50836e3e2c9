"""The page that a registry shows at ``/``, in a real browser."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from registry.config import create
from tests.support.running import running

CHROMIUM = shutil.which("chromium")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@needs_chromium
def test_a_person_sees_whose_log_it_is_and_how_to_check_it(tmp_path: Path) -> None:
    made = create(tmp_path / "registry", "browser.example/log")
    with running(made.root) as server:
        done = subprocess.run(
            [str(CHROMIUM), *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", server.url],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    shown = done.stdout
    assert "browser.example/log" in shown and "<h1>" in shown
    assert (made.root / "trust.policy").read_text().split()[1] in shown  # the log's key, to compare
    assert "verifier check" in shown
    assert "<script" not in shown
