"""The verifier's page in a real browser, opened from a file: what people do with it, and what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.verifier_page import MISSING, PRESENT, check, opened, vector

pytestmark = pytest.mark.skipif(not PRESENT, reason=MISSING)


def test_a_file_is_checked_and_nothing_leaves(tmp_path: Path) -> None:
    one = vector("verdict-usage")
    evidence = tmp_path / "one.evidence.json"
    evidence.write_bytes(one.evidence)
    with opened(tmp_path, one.policy) as (_, page):
        check(page, [evidence])
        assert page.run("document.querySelector('.verdict h1').innerText")
        page.settle(0.2)
        assert page.errors == []
        assert {url.partition(":")[0] for url in page.requests} == {"file", "blob"}
        assert len([url for url in page.requests if url.startswith("file:")]) == 1
