"""The second verifier, in JavaScript, asked what the first was asked: the table has what both say side by side."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from registry.commands.common import Unable
from registry.demo.offline import Check, Offline
from registry.demo.runner import COMMAND_SECONDS, ROOT, environment
from verifier.base.canonical import Json
from verifier.base.strict import parse_instant

_PROGRAM = ROOT / "verifier" / "browser" / "tools" / "check.js"
_CURVES = ROOT / "verifier" / "browser" / "node_modules" / "@noble" / "curves"


def find_node() -> str | None:
    """Node, where it and all that the verifier needs with it are there; the wheel brings the page alone."""
    return shutil.which("node") if _PROGRAM.is_file() and _CURVES.is_dir() else None


def verdicts_of_second(
    node: str, offline: Offline, policy: Path, checks: Sequence[Check], firsts: Sequence[dict[str, Json]]
) -> list[dict[str, Json]]:
    """The verdict on each, for the instant of the first verifier's; without a network where that can be had."""

    def one(check: Check, first: dict[str, Json]) -> dict[str, Json]:
        instant = str(parse_instant(str(first["instant"]))) if "instant" in first else "0"
        words = [*offline.without_network, node, _PROGRAM, check.evidence, policy, instant, *check.assets]
        done = subprocess.run(
            [str(word) for word in words],
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace")[:2000]
            raise Unable(f"the verifier ended with {done.returncode} on {check.evidence}: {said}")
        verdict: dict[str, Json] = json.loads(done.stdout)
        return verdict

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        return list(pool.map(one, checks, firsts))
