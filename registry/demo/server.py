"""A real server on a free loopback port, that ends when the demo ends, however that comes about: and its auditor."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from registry.client import Client
from registry.commands.common import Unable
from registry.demo.runner import environment
from registry.log.publication import PUBLIC
from registry.witnesses.demo_auditor import end_with_parent
from verifier.base.errors import KembarError
from verifier.log.note import parse_note
from verifier.log.tiles import CHECKPOINT_PATH

TRIES = 5
START_SECONDS = 30
"""Seconds to start, and seconds to stop."""


@contextmanager
def serving(folder: Path, log: Path) -> Iterator[str]:
    """Serve the registry in ``folder``, with an auditor beside it; yields its address. What both say goes to ``log``.

    The registry's trust policy asks for the auditor's cosignature from then on.
    """
    with stopped_by_signals():
        process, url = _start(folder, log)
        try:
            yield url
        finally:
            _stop(process)


def stay(folder: Path, port: int, sign_url: str) -> None:
    """Serve the registry in ``folder`` from here on, in place of this process."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(sys.executable, [*_serve(folder, port), "--sign-url", sign_url], environment())


def is_free(port: int) -> bool:
    """Whether nobody listens there on this machine."""
    with socket.socket() as probe, suppress(OSError):
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        return True
    return False


def until_answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until a server of ours takes connections there. Raises :class:`Unable` if it ends before it does."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.03)
    process.kill()
    process.wait()
    raise Unable(f"nothing could be served on port {port}; what was said is in {log}")


def _serve(folder: Path, port: int) -> list[str]:
    serve = [sys.executable, "-P", "-m", "registry", "serve", str(folder)]
    return [*serve, "--port", str(port), "--demo-auditor"]


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP end the demo as Ctrl-C does: with its ``finally`` clauses."""

    def leave(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _start(folder: Path, log: Path) -> tuple[subprocess.Popen[bytes], str]:
    """A port that is free now may be taken a moment later: then another is tried."""
    for _ in range(TRIES):
        port = _free_port()
        url = f"http://127.0.0.1:{port}"
        with log.open("ab") as file:
            process = subprocess.Popen(
                _serve(folder, port),
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,  # Ctrl-C is the demo's to handle
                preexec_fn=end_with_parent,  # noqa: PLW1509 -- the demo has one thread
            )
        try:
            if _answers(process, url, (folder / PUBLIC / CHECKPOINT_PATH).read_bytes()):
                return process, url
        except BaseException:
            _stop(process)
            raise
    raise Unable(f"the server did not start; what it said is in {log}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(process: subprocess.Popen[bytes], url: str, checkpoint: bytes) -> bool:
    """Wait until this registry answers there, and nobody else; False if the server ended."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=1):
            try:
                with Client(url, timeout=5) as client:
                    if _text(client.checkpoint()) == _text(checkpoint.decode()):
                        return True
            except KembarError:
                pass
        if time.monotonic() > deadline:
            raise Unable(f"the server at {url} did not answer within {START_SECONDS} seconds")
        time.sleep(0.03)
    return False


def _text(checkpoint: str) -> str:
    """A checkpoint without its signature lines: it may have been cosigned meanwhile."""
    return parse_note(checkpoint).text


def _stop(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM to the server, which lets its worker finish; whatever is left of its group then is killed."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(START_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
