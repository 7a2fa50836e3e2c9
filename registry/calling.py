"""One HTTP request to a server of somebody else's, bounded in bytes and in time; redirections are not followed."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """Status, media type without its parameters, body."""

    status: int
    media_type: str
    body: bytes


def call(method: str, url: str, *, limit: int, timeout: float, body: bytes | None = None, kind: str = "") -> Response:
    """At most ``limit`` bytes of an answer that is there in whole within ``timeout`` seconds.

    ``kind`` is the body's media type. Raises OSError (TimeoutError where it takes too long) and HTTPException.
    """
    parts = urlsplit(url)
    connect: Callable[..., http.client.HTTPConnection] = (
        http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    )
    connection = connect(parts.hostname or "", parts.port, timeout=timeout)
    is_over = threading.Event()
    opened: list[socket.socket] = []  # the connection lets go of its own before an answer is read

    def cut() -> None:
        """A socket's own timeout begins anew with every byte: whoever sends them one by one would never be given up."""
        is_over.set()
        for one in opened:
            with suppress(OSError):
                socket.socket.shutdown(one, socket.SHUT_RDWR)

    alarm = threading.Timer(timeout, cut)
    alarm.daemon = True
    alarm.start()
    try:
        connection.connect()
        opened.append(connection.sock)
        if is_over.is_set():
            raise TimeoutError
        headers = {"User-Agent": "kembar-registry", **({"Content-Type": kind} if kind else {})}
        connection.request(method, parts.path or "/", body=body, headers=headers)
        response = connection.getresponse()
        data = response.read(limit)
        if is_over.is_set():
            raise TimeoutError
        media_type = (response.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
        return Response(status=response.status, media_type=media_type, body=data)
    except (OSError, http.client.HTTPException):
        if is_over.is_set():
            raise TimeoutError from None
        raise
    finally:
        alarm.cancel()
        connection.close()
