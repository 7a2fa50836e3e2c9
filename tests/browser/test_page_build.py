"""The pages that are committed are what the sources make: the same bytes every time, wherever they are built."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.root import ROOT
from tests.support.verifier_page import MISSING, PRESENT, built
from verifier.programs.page.built import SIGN, VERIFIER, shipped_page

pytestmark = pytest.mark.skipif(not PRESENT, reason=MISSING)

SOURCES = ("scripts/page", "verifier/browser", "verifier/words", "registry/web/static")
MINE = "scripts/page makes it; commit what it makes"


@pytest.mark.parametrize("name", [VERIFIER, SIGN])
def test_what_is_committed_is_what_the_sources_make(name: str) -> None:
    assert built(name).encode() == shipped_page(name), MINE


def test_another_folder_makes_the_same(tmp_path: Path) -> None:
    copy = tmp_path / "another folder"
    for source in SOURCES:
        there = copy / source
        there.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, there, symlinks=True)
        else:
            shutil.copy2(ROOT / source, there)
    made = tmp_path / "made.html"
    subprocess.run([copy / "scripts" / "page", made], check=True, timeout=120)
    assert made.read_bytes() == shipped_page(), MINE
