"""axe-core in a page that is open in Chromium: what keeps somebody from reading it."""

from __future__ import annotations

from typing import Any

from tests.support.chromium import Page
from tests.support.root import ROOT

AXE = ROOT / "verifier" / "browser" / "node_modules" / "axe-core" / "axe.min.js"


def open_details(page: Page) -> None:
    page.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


def violations(page: Page) -> list[str]:
    """What axe-core finds, with every detail open."""
    open_details(page)
    page.run(AXE.read_text("utf-8"))
    found: dict[str, Any] = page.run("axe.run({resultTypes: ['violations']})")
    return [f"{one['id']}: {node['html'][:200]}" for one in found["violations"] for node in one["nodes"]]
