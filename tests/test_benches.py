"""The benchmarks run, and tell every figure of docs/benchmarks.md: small here, so that the figures mean nothing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest

from tests.support.root import ROOT
from tests.support.verifier_page import MISSING, PRESENT

TABLE = (ROOT / "docs" / "benchmarks.md").read_text("utf-8").split("## How")[0]


def bench(script: str, *options: str) -> dict[str, Any]:
    """What the script says on standard output."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, str(ROOT / "scripts" / script), *options]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_main_one_tells_all_that_stands_in_the_docs() -> None:
    """It fills a registry beyond what one consent takes, posts to it, and starts another for the replay."""
    found = bench("bench_main.py", "--share", "10", "--json")
    named = set(re.findall(r"^\| `([a-z_]+)`", TABLE, re.MULTILINE))
    assert named - found.keys() == {"replay_ratio_consents", "replay_ratio_usages"}
    assert found["single_post"].keys() == {"1", "16", "64"}
    assert all(value > 0 for value in found.values() if not isinstance(value, dict))


def test_a_replay_of_every_mix() -> None:
    found = bench("bench_replay.py", "--share", "40")
    assert found.keys() == {"replay_ratio", "replay_ratio_consents", "replay_ratio_usages"}
    assert all(0 < ratio < 2 for ratio in found.values())


def test_a_file_with_lists_at_a_share_of_their_quotas() -> None:
    found = bench("bench_limits.py", "--share", "100")
    assert (found["outcome"], found["authorised"]) == ("verdict", "AUTHORISED")


def test_deciding_under_a_long_history() -> None:
    found = bench("bench_money.py", "--usages", "40")
    assert found.keys() == {"usages", "open_ms", "decide_ms", "advance_ms", "growing_ms"}


def test_the_same_entries_in_another_log() -> None:
    """Whose root over them is the same, or the script ends with an error."""
    found = bench("bench_peers.py", "--share", "20")
    both = {f"{who}_{what}" for who in ("registry", "pymerkle") for what in ("per_s", "alone_per_s", "proof_ms")}
    assert found.keys() == {*both, "verify_per_s", "registry_writer_per_s"}
    assert all(value > 0 for value in found.values())


def test_a_registrys_pages() -> None:
    found = bench("bench_registry_pages.py", "--usages", "40", "--starts", "1")
    assert found.keys() == {"usages", "first_ms", "worked_out_ms", "again_ms", "bytes", "pages"}
    assert found["bytes"] < 100 * 1024 and len(found["pages"]) == 20


@pytest.mark.skipif(not PRESENT, reason=MISSING)
def test_the_page() -> None:
    found = bench("bench_page.py", "--uses", "20", "--runs", "1")
    both = {"first_verdict", "record_book"}
    assert found.keys() == {f"{one}{suffix}_ms" for one in both for suffix in ("", "_throttled")}
