"""A load of single ``POST /entries``: so many clients, each with one connection and one request at a time.

One thread drives all connections by ``epoll``, with requests that were made beforehand, so that little of the machine
goes to the asking. The latency of a request is the time from its first byte sent to the last byte of its answer.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass

_END = b"\r\n\r\n"
_LENGTH = b"content-length:"
_BLOCK = 65_536


@dataclass(frozen=True, slots=True)
class Measured:
    """``latencies`` in seconds, rising; ``seconds`` from the first request to the last answer."""

    seconds: float
    latencies: list[float]

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, part: float) -> float:
        """The latency in milliseconds that ``part`` (0 to 1) of the requests did not take longer than."""
        return self.latencies[min(len(self.latencies) - 1, int(part * len(self.latencies)))] * 1000


class _Connection:
    """One client: a request under way and the answer as far as it has come."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._answer = b""
        self._length: int | None = None
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        self._answer, self._length = b"", None
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Take what has come; whether the answer is whole. A refusal ends the benchmark."""
        data = self.socket.recv(_BLOCK)
        if not data:
            raise SystemExit("the registry closed a connection of the benchmark")
        self._answer += data
        if self._length is None:
            end = self._answer.find(_END)
            if end < 0:
                return False
            head = self._answer[:end].lower()
            if not head.startswith(b"http/1.1 200"):
                raise SystemExit(f"the registry refused a submission of the benchmark: {self._answer[:500]!r}")
            at = head.index(_LENGTH) + len(_LENGTH)
            self._length = end + len(_END) + int(head[at:].split(b"\r\n", 1)[0])
        return len(self._answer) >= self._length


def request(host: str, body: bytes) -> bytes:
    """A whole request. It says that it was passed on, so that it is answered as one from another machine is."""
    lines = [
        "POST /entries HTTP/1.1",
        f"Host: {host}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "X-Forwarded-For: 192.0.2.1",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def drive(address: tuple[str, int], requests: Iterator[bytes], clients: int) -> Measured:
    """Send all ``requests`` from so many clients."""
    selector = selectors.DefaultSelector()
    connections = [_Connection(address) for _ in range(clients)]
    latencies: list[float] = []
    start = time.perf_counter()
    open_requests = 0
    for connection in connections:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        if (first := next(requests, None)) is not None:
            connection.send(first)
            open_requests += 1
    while open_requests:
        for key, _ in selector.select(timeout=30):
            connection = key.data
            if connection.receive():
                latencies.append(time.perf_counter() - connection.sent_at)
                if (following := next(requests, None)) is None:
                    open_requests -= 1
                else:
                    connection.send(following)
    seconds = time.perf_counter() - start
    for connection in connections:
        connection.socket.close()
    selector.close()
    return Measured(seconds, sorted(latencies))
