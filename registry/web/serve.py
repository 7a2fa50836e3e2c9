"""Serving a registry: granian with one worker process, in which the service lives, and threads for its requests.

A log has one writer, so there is one worker. The service is opened in it, after the fork, and closed when it ends:
SIGTERM and SIGINT let the requests that are being answered finish, then the writer, then the process.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
import time
from functools import partial
from multiprocessing.util import Finalize
from pathlib import Path

import click
from flask import Flask
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

from registry.config import Lock, load
from registry.service import Service
from registry.web.app import create_app

CANNOT_START = 3
PATIENCE = 30
"""Seconds that requests in progress get to finish after a signal."""


def run(folder: Path, host: str, port: int, threads: int) -> None:
    """Serve until a signal comes. Raises SystemExit if the worker could not start or died."""
    _refuse_taken(host, port)
    Lock(folder).release()  # whether the folder is free is told better here than by a worker that dies
    server = Server(
        str(folder),
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=threads,
        backpressure=4 * threads,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.error,
        workers_kill_timeout=PATIENCE,
    )
    server.serve(target_loader=partial(_open, folder, host, port), wrap_loader=False)


def _open(folder: Path, host: str, port: int) -> Flask:
    """In the worker: open the service, see to it that it is closed, and say when it can be asked."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        service = Service(load(folder))
        service.settle()
    except Exception as error:
        click.echo(f"Error: {str(error) or type(error).__name__} (registry fsck {folder} may know more)", err=True)
        sys.stderr.flush()
        os._exit(CANNOT_START)  # nothing is open yet; the parent sees it and ends
    Finalize(None, service.close, exitpriority=10)
    threading.Thread(target=_announce, args=(folder, host, port), daemon=True).start()
    threading.Thread(target=_follow, args=(os.getppid(),), daemon=True).start()
    return create_app(service)


def _announce(folder: Path, host: str, port: int) -> None:
    """Print the address as soon as it answers, and not before."""
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    while True:
        try:
            socket.create_connection((target, port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.02)
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"Serving {folder} at http://{shown}:{port}/ (Ctrl-C ends it)")
    sys.stdout.flush()


def _follow(parent: int) -> None:
    """End when the process that was started is gone: killed outright, it cannot pass a signal on."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)


def _refuse_taken(host: str, port: int) -> None:
    """Granian shares ports between processes (SO_REUSEPORT); two registries on one port would be a riddle."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise OSError(error.errno, error.strerror, f"{host}:{port}") from None
