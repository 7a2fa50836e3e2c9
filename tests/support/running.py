"""A registry that really runs: ``registry serve`` as a process of its own on a free loopback port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.root import ROOT

PATIENCE = 60
"""Seconds for what takes one or two on an idle machine."""


@dataclass(kw_only=True)
class Running:
    """``url`` without a slash at its end."""

    process: subprocess.Popen[str]
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Exit code and what stood on standard error."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, errors


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "registry", *map(str, arguments)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Running]:
    """Serve ``folder`` until the end of the block; entered once it answers."""
    port = free_port()
    process = subprocess.Popen(
        command("serve", folder, "--port", str(port), *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    server = Running(process=process, port=port)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith(f"Serving {folder} at {server.url}/"), line or server.stop()
        yield server
    finally:
        server.stop()


def dead_url() -> str:
    """An address where nobody listens."""
    return f"http://127.0.0.1:{free_port()}"
