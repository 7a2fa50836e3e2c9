"""Serving a WSGI application: granian with one worker process, and threads for its requests.

What is served has one writer, so there is one worker. It is opened in the worker, after the fork, and closed when it
ends: SIGTERM and SIGINT let the requests that are being answered finish, then what was opened, then the process.

Granian is in the extras ``witness`` and ``registry``; nothing else of the verifier needs it.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING, TypeAlias

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

CANNOT_START = 3
STOP_SECONDS = 30
"""Seconds that requests in progress get to finish after a signal."""

Opened: TypeAlias = "tuple[WSGIApplication, Callable[[], None]]"
"""An application, and what closes it."""


def run(name: str, start: Callable[[], Opened], host: str, port: int, threads: int, hint: str = "") -> None:
    """Serve what ``start`` opens until a signal comes; ``name`` is what people call it.

    Raises SystemExit if the worker could not start (it has said why, and then ``hint``) or died, OSError if the port is
    taken.
    """
    _refuse_taken(host, port)
    server = Server(
        name,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=threads,
        backpressure=4 * threads,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.error,
        workers_kill_timeout=STOP_SECONDS,
    )
    server.serve(target_loader=partial(_open, name, start, host, port, hint), wrap_loader=False)


def _open(name: str, start: Callable[[], Opened], host: str, port: int, hint: str) -> WSGIApplication:
    """In the worker: open what is served, see to it that it is closed, and say when it can be asked."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        app, close = start()
    except Exception as error:
        sys.stderr.write(f"Error: {str(error) or type(error).__name__}{hint}\n")
        sys.stderr.flush()
        os._exit(CANNOT_START)  # nothing is open yet; the parent sees it and ends
    Finalize(None, close, exitpriority=10)
    threading.Thread(target=_announce, args=(name, host, port), daemon=True).start()
    threading.Thread(target=_follow, args=(os.getppid(),), daemon=True).start()
    return app


def _announce(name: str, host: str, port: int) -> None:
    """Print the address as soon as it answers, and not before."""
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    while True:
        try:
            socket.create_connection((target, port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.02)
    shown = f"[{host}]" if ":" in host else host
    sys.stdout.write(f"Serving {name} at http://{shown}:{port}/ (Ctrl-C ends it)\n")
    sys.stdout.flush()


def _follow(parent: int) -> None:
    """End when the process that was started is gone: killed outright, it cannot pass a signal on."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)


def _refuse_taken(host: str, port: int) -> None:
    """Granian shares ports between processes (SO_REUSEPORT); two servers on one port would be a riddle."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise OSError(error.errno, error.strerror, f"{host}:{port}") from None
