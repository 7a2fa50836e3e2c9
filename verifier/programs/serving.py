"""Serving a WSGI application: granian with one worker process, and threads for its requests.

What is served has one writer, so there is one worker. It is opened in the worker, after the fork, and closed when it
ends: SIGTERM and SIGINT let the requests that are being answered finish, then what was opened, then the process.

Slow clients hold up nobody: granian closes connections that are idle or slow to send a head,
:mod:`verifier.programs.rsgi` bounds bodies, and the kernel gives up those that do not read their answer.

Granian is in the extras ``witness`` and ``registry``; nothing else of the verifier needs it.
"""

from __future__ import annotations

import errno
import logging
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING, NamedTuple

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from verifier.base.printable import printable
from verifier.programs.language import catalogue, spoken, tell
from verifier.programs.rsgi import Gate, Limits, Watch
from verifier.words.catalogue import Catalogue, Sentence

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

__all__ = ["CANNOT_START", "Limits", "ServedApp", "run"]

CANNOT_START = 3
STOP_SECONDS = 30
"""Seconds that requests in progress get to finish after a signal."""
UNREAD = 30
"""Seconds that an answer may lie unread."""
IDLE = 5
"""Seconds that a connection may be idle, and that a head may take."""
CONNECTIONS = 4096
"""Connections at a time; more wait to be accepted."""
OTHER_FILES = 1024
"""Files that a process may have open beside its connections: bodies, databases, what it asks of others."""

class ServedApp(NamedTuple):
    """An application, what closes it, and what is told of every request."""

    app: WSGIApplication
    close: Callable[[], None]
    watch: Watch | None = None


def run(
    name: str,
    start: Callable[[], ServedApp],
    host: str,
    port: int,
    threads: int,
    limits: Limits,
    hint: Sentence | None = None,
) -> None:
    """Serve what ``start`` opens until a signal comes; ``name`` is what people call it.

    Raises SystemExit if the worker could not start (it has said why, and then ``hint``) or died, OSError if the port is
    taken or the process may not open enough files.
    """
    _raise_descriptor_limit()
    _refuse_taken(host, port)
    server = Server(
        name,
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        loop=Loops.asyncio,
        workers=1,
        blocking_threads=1,
        backlog=CONNECTIONS,
        backpressure=CONNECTIONS,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=IDLE * 1000),
        websockets=False,
        log_level=LogLevels.error,
        workers_kill_timeout=STOP_SECONDS,
    )
    opened = partial(_open, name, start, host, port, threads, limits, hint, spoken().language)
    server.serve(target_loader=opened, wrap_loader=False)


def _open(
    name: str,
    start: Callable[[], ServedApp],
    host: str,
    port: int,
    threads: int,
    limits: Limits,
    hint: Sentence | None,
    language: str,
) -> Gate:
    """In the worker: open what is served, see to it that it is closed, and say when it can be asked."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    words = catalogue(language)
    try:
        app, close, watch = start()
    except Exception as error:
        why = tell(str(error) or type(error).__name__, words)
        more = "" if hint is None else f" ({tell(hint, words)})"
        sys.stderr.write(f"Error: {printable(why)}{more}\n")
        sys.stderr.flush()
        os._exit(CANNOT_START)  # nothing is open yet; the parent sees it and ends
    gate = Gate(app, threads, limits, watch)
    Finalize(None, close, exitpriority=10)
    Finalize(None, gate.close, exitpriority=20)  # the higher one first
    threading.Thread(target=_announce, args=(name, host, port, words), daemon=True).start()
    threading.Thread(target=_follow, args=(os.getppid(),), daemon=True).start()
    return gate


def _announce(name: str, host: str, port: int, words: Catalogue) -> None:
    """Print the address as soon as it answers, and not before."""
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    while True:
        try:
            socket.create_connection((target, port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.02)
    _give_up_the_deaf(port)
    shown = f"[{host}]" if ":" in host else host
    sys.stdout.write(f"{words.say('serve.serving', name=name, url=f'http://{shown}:{port}/')}\n")
    sys.stdout.flush()


def _give_up_the_deaf(port: int) -> None:
    """Have the kernel drop connections whose answer lies unread for :data:`UNREAD` seconds (TCP_USER_TIMEOUT).

    A connection has it from the socket that accepted it, which is granian's and is found among the open files.
    """
    for entry in os.listdir("/proc/self/fd") if sys.platform == "linux" else ():
        try:
            if not os.readlink(f"/proc/self/fd/{entry}").startswith("socket:"):
                continue
            with socket.socket(fileno=os.dup(int(entry))) as one:
                listens = one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
                if listens and one.getsockname()[1] == port:
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD * 1000)
        except OSError:
            continue  # closed meanwhile, or no socket of the internet


def _raise_descriptor_limit() -> None:
    """Each connection is an open file. Raises OSError where the process may not open enough."""
    needed = CONNECTIONS + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        why = f"it may open {hard} files, and {CONNECTIONS} connections need {needed}: raise the limit (ulimit -Hn)"
        raise OSError(errno.EMFILE, why, "this process")
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


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
