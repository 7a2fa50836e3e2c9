"""The verifier's process has no network, whichever way that is brought about."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.demo import offline
from registry.demo.offline import Offline, find_offline
from registry.demo.runner import environment

CONNECT = "import socket, sys\nsocket.create_connection(('127.0.0.1', int(sys.argv[1])), timeout=5).close()"


@pytest.fixture
def port() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def forbidding(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Offline:
    """What is found where no program called unshare is."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return find_offline()


def run(*command: str, **changed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env={**environment(), **changed}, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_connection_works_without_more_ado(port: int) -> None:
    assert run(sys.executable, "-c", CONNECT, str(port)).returncode == 0


def test_a_namespace_has_no_network(port: int) -> None:
    found = find_offline()
    if found.command[0] == "unshare":
        prefix = found.command[: found.command.index(sys.executable)]
        refused = run(*prefix, sys.executable, "-c", CONNECT, str(port))
        assert refused.returncode != 0
        assert "Network is unreachable" in refused.stderr or "Connection refused" in refused.stderr
    assert run(*found.command, "check", "--help").returncode == 0


def test_without_namespaces_sockets_are_forbidden(
    forbidding: Offline, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "audit hook" in forbidding.how
    assert run(*forbidding.command, "check", "--help").returncode == 0
    programs = tmp_path / "verifier" / "programs"
    programs.mkdir(parents=True)
    (programs / "cli.py").write_text(f"def main():\n    {CONNECT.replace(chr(10), chr(10) + '    ')}\n")
    monkeypatch.setattr(offline, "ROOT", tmp_path)
    refused = run(*find_offline().command, str(port))
    assert refused.returncode != 0
    assert "has no network" in refused.stderr
