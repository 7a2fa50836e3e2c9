"""Programs that nobody on this project wrote; ``scripts/interop`` installs them. What is absent has its tests skipped.

* Go with ``golang.org/x/mod/sumdb``, under the small programs in ``go/``, which are written by the letter of C2SP where
  x/mod does not know a format, and use none of Kembar's code
* from PyPI, in an environment of their own: tlog-scales, aics-tlog and aics-witness
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from tests.support.root import ROOT

HERE = ROOT / "tests" / "interop"
PATIENCE = 120
"""Seconds for what takes one or a few on an idle machine."""

GO = shutil.which("go")
GO_PATH = Path("/usr/share/gocode")
"""Where Debian puts the sources of Go packages."""

CLIENTS = ROOT / ".venv-interop"
PYTHON = CLIENTS / "bin/python"

needs_go = pytest.mark.skipif(
    GO is None or not (GO_PATH / "src/golang.org/x/mod/sumdb/tlog").is_dir(),
    reason="no Go with golang.org/x/mod: scripts/interop installs it",
)
needs_scales = pytest.mark.skipif(
    not (CLIENTS / "bin/tlog-tiles").is_file(), reason="no tlog-scales: scripts/interop installs it"
)
needs_aics = pytest.mark.skipif(
    not (CLIENTS / "bin/aics-witness").is_file(),
    reason="no aics-tlog and aics-witness: scripts/interop installs them for Python 3.12 or later",
)


class Refused(Exception):
    """A program did not accept what it was given; the message is its own."""


def build_go(folder: Path) -> Path:
    """Build the programs in ``go/`` from what is on this machine."""
    assert GO is not None
    binary = folder / "interop"
    settings = {"GO111MODULE": "off", "GOPATH": str(GO_PATH), "GOFLAGS": "", "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
    cache = {} if "HOME" in os.environ or "GOCACHE" in os.environ else {"GOCACHE": str(folder / "cache")}
    run([GO, "build", "-o", binary, "."], cwd=HERE / "go", env={**os.environ, **cache, **settings})
    return binary


def run(command: Sequence[str | Path], question: Any = None, **options: Any) -> str:
    """What a program prints; raises :class:`Refused` if it fails. ``question`` is what it reads, as JSON."""
    done = subprocess.run(
        command,
        input=None if question is None else json.dumps(question),
        stdin=subprocess.DEVNULL if question is None else None,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        **options,
    )
    if done.returncode:
        raise Refused(done.stderr or done.stdout)
    printed: str = done.stdout
    return printed


class Go:
    """The Go programs, built."""

    def __init__(self, binary: Path) -> None:
        self.binary = binary

    def __call__(self, command: str, **question: Any) -> Any:
        return json.loads(run([self.binary, command], question))


def pypi(program: str, **question: Any) -> Any:
    """What a program in ``pypi/`` answers."""
    return json.loads(run([PYTHON, "-I", HERE / "pypi" / f"{program}.py"], question))


def aics(*arguments: str | Path) -> Any:
    """What the command ``aics-tlog`` answers."""
    return json.loads(run([CLIENTS / "bin/aics-tlog", *arguments]))


@contextmanager
def go_witness(go: Go, name: str, seed: bytes, log: str) -> Iterator[dict[str, str]]:
    """A witness in Go that watches the log with this key: its ``url`` and ``vkey``. It remembers nothing afterwards."""
    with started([go.binary, "serve"]) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps({"name": name, "seed": seed.hex(), "log": log}))
        process.stdin.flush()
        found: dict[str, str] = json.loads(process.stdout.readline())
        yield found


@contextmanager
def aics_witness(folder: Path, name: str, origin: str, log: str) -> Iterator[dict[str, str]]:
    """aics-witness, watching the log with this key: its ``url`` and ``vkey``. Its memory is in ``folder``."""
    command, config = CLIENTS / "bin/aics-witness", folder / "witness.json"
    folder.mkdir(exist_ok=True)
    vkey = run([command, "init", "--config", config, "--name", name, "--listen", "127.0.0.1:0"]).strip()
    run([command, "add-log", "--config", config, "--origin", origin, "--vkey", log])
    with started([command, "serve", "--config", config], said="stderr") as process:
        yield {"url": listening(process.stderr, " listening on "), "vkey": vkey}


@contextmanager
def our_witness(folder: Path, name: str, policy: str, port: int) -> Iterator[dict[str, str]]:
    """``verifier witness serve``: its ``url`` and ``vkey``."""
    command = [sys.executable, "-m", "verifier", "witness"]
    options: dict[str, Any] = {"cwd": ROOT, "env": {**os.environ, "PYTHONPATH": str(ROOT)}}
    vkey = run([*command, "keygen", folder, "--name", name], **options).strip()
    (folder / "logs.policy").write_text(policy, encoding="utf-8")
    serve: list[str | Path] = [*command, "serve", folder, "--trust", folder / "logs.policy", "--port", str(port)]
    with started(serve, **options) as process:
        yield {"url": listening(process.stdout, " at ").rstrip("/"), "vkey": vkey}


def listening(stream: IO[str] | None, before: str) -> str:
    """The address in a server's own words."""
    assert stream is not None
    heard = []
    for line in stream:
        if before in line:
            return line.partition(before)[2].split()[0]
        heard.append(line)
    raise Refused("".join(heard))


@contextmanager
def started(command: Sequence[str | Path], said: str = "stdout", **options: Any) -> Iterator[subprocess.Popen[str]]:
    """A server that ends with the block; ``said`` is where it says that it is ready."""
    pipes: dict[str, Any] = {said: subprocess.PIPE, "stdin": subprocess.PIPE}
    process: subprocess.Popen[str] = subprocess.Popen(command, text=True, **pipes, **options)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)
