"""The verifier as a process of its own that has no network, to make plain that it needs none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from registry.commands.common import Unable
from registry.demo.runner import COMMAND_SECONDS, ROOT, environment
from verifier.base.canonical import Json

_NO_SOCKETS = """
import sys
def no_network(event, arguments):
    if event.startswith("socket."):
        raise RuntimeError("the demo's verifier has no network")
sys.addaudithook(no_network)
sys.path.insert(0, sys.argv.pop(1))
from verifier.programs.cli import main
sys.exit(main())
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offline:
    """A way to run the verifier without a network: the beginning of its command, and how that works, in words.
    ``without_network`` is what any other program's command begins with; nothing where that cannot be had."""

    command: tuple[str, ...]
    how: str
    without_network: tuple[str, ...] = ()


def find_offline() -> Offline:
    """A network namespace of its own, in which there is nothing; where that is not permitted, no sockets at all."""
    verifier = (sys.executable, "-P", "-m", "verifier")
    for options in (("--net",), ("--map-root-user", "--net")):
        try:
            tried = _run(["unshare", *options, "true"])
        except (OSError, subprocess.TimeoutExpired):
            continue
        if tried.returncode == 0:
            how = f"in a network namespace of its own, where there is no network (unshare {' '.join(options)})"
            unshare = ("unshare", *options)
            return Offline(command=(*unshare, *verifier), how=how, without_network=unshare)
    how = "with every use of a socket forbidden (an audit hook; this machine permits no network namespaces)"
    return Offline(command=(sys.executable, "-I", "-c", _NO_SOCKETS, str(ROOT)), how=how)


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_SECONDS, check=False
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """An evidence file to be checked, and the files to compare with it."""

    evidence: Path
    assets: tuple[Path, ...] = ()

    def arguments(self, policy: Path) -> list[str]:
        """For ``verifier``."""
        compared = [word for asset in self.assets for word in ("--asset", str(asset))]
        return ["check", str(self.evidence), "--trust", str(policy), *compared]


def verdicts(offline: Offline, policy: Path, checks: list[Check]) -> list[dict[str, Json]]:
    """The verdict on each, in order, a process each, as many at a time as there are processors."""

    def one(check: Check) -> dict[str, Json]:
        done = _run([*offline.command, *check.arguments(policy), "--require", "audited", "--json"])
        try:
            verdict: dict[str, Json] = json.loads(done.stdout)
        except ValueError:
            said = done.stderr.decode("utf-8", "replace")[:2000]
            raise Unable(f"the verifier ended with {done.returncode} on {check.evidence}: {said}") from None
        return verdict

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        return list(pool.map(one, checks))
