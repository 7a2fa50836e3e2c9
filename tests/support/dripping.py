"""Servers on loopback that never finish an answer, or say what they are told byte for byte."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress

PAUSE = 0.02
"""Seconds between two bytes."""

BODY = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
"""What is said at once before the drops: a header, and then the body drips."""

HEADER = b"HTTP/1.1 200 OK\r\nX-Long: "
"""The header drips."""


@contextmanager
def speaking(said: bytes, *, drips: bool = False) -> Iterator[str]:
    """The URL of a server that answers whatever it is asked with ``said``, and then drips on or hangs up."""
    is_over = threading.Event()

    def answer(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(5)
            _read_request(connection)
            connection.sendall(said)
            while drips and not is_over.wait(PAUSE):
                connection.sendall(b"x")

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            is_over.set()
            server.shutdown(socket.SHUT_RDWR)


def dripping(said: bytes = BODY) -> AbstractContextManager[str]:
    """The URL of a server that sends a byte at a time after ``said``, for ever."""
    return speaking(said, drips=True)


def redirecting(target: str, status: int = 302) -> AbstractContextManager[str]:
    """The URL of a server that sends everybody to ``target``."""
    return speaking(f"HTTP/1.1 {status} Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode())


def _read_request(connection: socket.socket) -> None:
    """The head of a request, and its body by its length."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536) or b"\r\n\r\n"
    head, _, body = data.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            left = int(line.partition(b":")[2]) - len(body)
            while left > 0 and (more := connection.recv(65536)):
                left -= len(more)
