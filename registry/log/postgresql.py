"""Connections to PostgreSQL: how long they may take, and what their errors are called here."""

from __future__ import annotations

import math
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolTimeout

from registry.log.log_error import LogError

CONNECT_SECONDS = 3
ANSWER_SECONDS = 5
"""Seconds after which a server that says nothing is given up."""
STATEMENT_SECONDS = 15
HELD_SECONDS = 20.0
"""Seconds for which one statement of a reader may run, and for which she may hold a connection."""
READERS = 8
"""Connections that one process reads with at a time."""
LOOK = 0.5
"""Seconds between two looks at how long they have been held."""

Connection = psycopg.Connection[TupleRow]
ERRORS = (psycopg.Error, PoolTimeout)
"""What a server raises that is gone, or does not do what it is asked."""

_KEPT_ALIVE: dict[str, Any] = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives_idle": 1,
    "keepalives_interval": 1,
    "keepalives_count": 4,
    "tcp_user_timeout": 1000 * ANSWER_SECONDS,
    "application_name": "kembar",
}


class DatabaseError(LogError, OSError):
    """The database is not there, or is not fit. It names no password."""


def connect(url: str) -> Connection:
    """One connection, each statement its own transaction unless said otherwise. Raises :class:`DatabaseError`."""
    with telling(url):
        return psycopg.connect(url, autocommit=True, **_KEPT_ALIVE)


class ReaderPool:
    """Connections for readers, made when they are needed, each with these ``settings`` of the server.

    One that is held for too long is given up: a server that stands still, or that waits for a standby, would hold up
    whoever asks for good. So is one whose server warns, as it does where a commit did not wait for its standby to its
    end. What was asked is not known to be done then.
    """

    def __init__(self, url: str, **settings: str | int) -> None:
        options = {"statement_timeout": 1000 * STATEMENT_SECONDS, **settings}
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            url,
            kwargs={
                "autocommit": True,
                "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
                **_KEPT_ALIVE,
            },
            min_size=0,
            max_size=READERS,
            timeout=float(ANSWER_SECONDS),
            reconnect_timeout=float(CONNECT_SECONDS),
            configure=self._watch,
            open=True,
        )
        self._lock = threading.Lock()
        self._held: dict[Connection, float] = {}
        self._given_up: set[Connection] = set()
        self._closing = threading.Event()
        threading.Thread(target=self._run, name="hanging up", daemon=True).start()

    def close(self) -> None:
        self._closing.set()
        self._pool.close()

    def check(self) -> None:
        """Let go of those whose server has gone."""
        self._pool.check()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """One of them. Raises what :data:`ERRORS` lists."""
        with self._pool.connection() as conn:
            with self._lock:
                self._held[conn] = time.monotonic() + HELD_SECONDS
            try:
                yield conn
            finally:
                with self._lock:
                    del self._held[conn]
                    is_lost = conn in self._given_up
                    self._given_up.discard(conn)
            if is_lost:
                conn.close()
                raise psycopg.OperationalError("the server did not answer in time, or not as it should")

    def _watch(self, conn: Connection) -> None:
        def noticed(notice: psycopg.errors.Diagnostic) -> None:
            if notice.severity_nonlocalized == "WARNING":
                self._give_up(conn)

        conn.add_notice_handler(noticed)

    def _give_up(self, conn: Connection) -> None:
        with self._lock:
            if conn in self._held:
                self._given_up.add(conn)

    def _run(self) -> None:
        while not self._closing.wait(LOOK):
            lines = []
            with self._lock:  # while it is held its socket is its own
                for conn, until in self._held.items():
                    if time.monotonic() > until:
                        self._held[conn] = math.inf
                        self._given_up.add(conn)
                        with suppress(OSError, psycopg.Error):
                            lines.append((conn, socket.socket(fileno=os.dup(conn.fileno()))))
            for conn, line in lines:
                _hang_up(conn, line)


def _hang_up(conn: Connection, line: socket.socket) -> None:
    """Have nobody wait for this server any more, nor it for its standby."""
    with suppress(OSError, psycopg.Error):
        conn.cancel_safe(timeout=1.0)
    with line, suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


@contextmanager
def telling(url: str) -> Iterator[None]:
    """Turn a server's errors into ours."""
    try:
        yield
    except ERRORS as error:
        said = str(error).strip().splitlines()[-1:] or [""]
        raise DatabaseError(f"{shown(url)}: {type(error).__name__}: {said[0][:300]}") from None


def shown(url: str) -> str:
    """The address without its password."""
    try:
        parts = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise DatabaseError("the address of the database cannot be read: postgresql://HOST/NAME") from None
    return f"postgresql://{parts.get('host') or ''}/{parts.get('dbname') or ''}"
