"""An auditor beside a registry, for trying out: ``registry serve --demo-auditor``.

It is a real auditor, ``verifier witness serve --audit`` in a process of its own, which reads the log over HTTP. Only
its independence is missing: whoever runs the registry holds its key.
"""

from __future__ import annotations

import ctypes
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from registry.config import POLICY, ConfigError, load, trust_policy, write_policy
from registry.log.durable import replace_file
from verifier.log.note import Verifier, parse_vkey
from verifier.log.trust import AUDITOR_SUFFIX, Policy, TrustedLog
from verifier.log.writing import format_policy
from verifier.programs.keys import WITNESS_KEY, WITNESS_VKEY

FOLDER = "demo-auditor"
LOGS = "logs.policy"
SAID = "auditor.log"
"""What the auditor says, anew with each start: that it waits for the log first, and whatever it finds."""
START_SECONDS = 30
"""Seconds to start, and seconds to stop."""

_PR_SET_PDEATHSIG = 1


@contextmanager
def auditing(root: Path, host: str, port: int) -> Iterator[str]:
    """Run the auditor of the registry in ``root``, which is about to be served there; yields the auditor's address.

    The registry's trust policy asks for its cosignature from then on.
    """
    folder = root / FOLDER
    key = _key(folder, load(root).origin)
    own = socket.socket()
    with own:
        own.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{own.getsockname()[1]}"
    log = _trust(root, key, url)
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    seen = TrustedLog(verifier=log.verifier, url=f"http://{shown}:{port}")
    logs = Policy(logs=(seen,), witnesses=(), groups=(), quorum=None)
    replace_file(folder / LOGS, format_policy(logs).encode())
    place = ["--trust", str(folder / LOGS), "--port", url.rpartition(":")[2]]
    with (folder / SAID).open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "verifier", "witness", "serve", str(folder), "--audit", *place],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            preexec_fn=end_with_parent,  # noqa: PLW1509 -- there is one thread yet
        )
    try:
        _wait(process, url, folder / SAID)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _key(folder: Path, origin: str) -> Verifier:
    """The auditor's public key; its folder is made when it is needed first, as anybody makes one."""
    if not (folder / WITNESS_VKEY).exists():
        folder.mkdir(mode=0o700, exist_ok=True)
        for name in (WITNESS_KEY, f"{WITNESS_KEY}.pub"):  # of an attempt that did not get as far as the vkey
            (folder / name).unlink(missing_ok=True)
        keygen = ["witness", "keygen", str(folder), "--name", origin + AUDITOR_SUFFIX]
        made = subprocess.run(
            [sys.executable, "-P", "-m", "verifier", *keygen], capture_output=True, text=True, check=False
        )
        if made.returncode:
            raise ConfigError(f"the demo auditor could not be made: {made.stderr.strip()}")
    return parse_vkey((folder / WITNESS_VKEY).read_text(encoding="utf-8").removesuffix("\n"))


def _trust(root: Path, key: Verifier, url: str) -> TrustedLog:
    """Put the auditor, at ``url``, into the registry's trust policy; returns the registry's log in it."""
    policy = load(root).policy
    others = [one.name for one in policy.witnesses if one.verifier != key]
    if others:
        raise ConfigError(f"{POLICY} names witnesses already ({', '.join(others)}): serve without --demo-auditor")
    if len(policy.logs) != 1:
        raise ConfigError(f"{POLICY} names several keys of this log: serve without --demo-auditor")
    [log] = policy.logs
    write_policy(root, trust_policy(log, [(key, url)]))
    return log


def _wait(process: subprocess.Popen[bytes], url: str, said: Path) -> None:
    """Until the auditor answers."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=1).close()
            return
        if time.monotonic() > deadline:
            break
        time.sleep(0.03)
    raise ConfigError(f"the demo auditor did not start; what it said is in {said}")


def end_with_parent() -> None:
    """In a process that was just begun: SIGTERM for it if the one that began it is killed outright (Linux)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
