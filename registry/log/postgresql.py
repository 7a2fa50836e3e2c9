"""Connections to PostgreSQL: how long they may take, and what their errors are called here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolTimeout

from registry.log.log_error import LogError

CONNECT_SECONDS = 3
ANSWER_SECONDS = 5
"""Seconds after which a server that says nothing is given up."""
READERS = 8
"""Connections that one process reads with at a time."""

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


def pool(url: str, **settings: str | int) -> ConnectionPool[Connection]:
    """Connections for readers, made when they are needed, each with these settings of the server."""
    options = " ".join(f"-c {name}={value}" for name, value in {"statement_timeout": 60_000, **settings}.items())
    return ConnectionPool(
        url,
        kwargs={"autocommit": True, "options": options, **_KEPT_ALIVE},
        min_size=0,
        max_size=READERS,
        timeout=float(ANSWER_SECONDS),
        reconnect_timeout=float(CONNECT_SECONDS),
        open=True,
    )


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
