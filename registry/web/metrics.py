"""Numbers for an operator's alarms, in the text format of Prometheus, on the loopback interface or a Unix socket only.

They are no call of the registry's: they stand on an address of their own, which ``registry serve --metrics`` names and
no proxy hands on. They tell how many, how large and how late, and nothing about who.
"""

from __future__ import annotations

import os
import socketserver
import stat
import threading
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from socket import AF_INET6
from typing import Any, cast
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, Counter, Histogram, make_wsgi_app
from prometheus_client.core import GaugeMetricFamily

from registry.service import Service
from verifier.base.errors import KembarError
from verifier.base.strict import parse_instant

UNIX = "unix:"
PATIENCE = 5.0
"""Seconds that whoever asks for them may take."""

STATUSES = frozenset(
    {200, 204, 301, 302, 304, 400, 401, 403, 404, 405, 408, 409, 411, 413, 414, 415, 422, 429, 431, 500, 503}
)
"""Statuses that have a number of their own; others are counted by their class."""


class MetricsError(KembarError):
    """The numbers cannot be shown there."""


class Metrics:
    """Counts answers, and shows the numbers of ``service``. For any number of threads."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.registry = CollectorRegistry()
        self._answers = Counter("kembar_answers", "Requests answered.", ["status"], registry=self.registry)
        self._seconds = Histogram(
            "kembar_answer_seconds", "From the head of a request to its answer.", registry=self.registry,
            buckets=(0.005, 0.02, 0.1, 0.5, 2.0, 10.0),
        )  # fmt: skip
        self.registry.register(cast("Any", self))

    def add(self, status: int, seconds: float) -> None:
        """One request was answered."""
        self._answers.labels(str(status) if status in STATUSES else f"{status // 100}xx").inc()
        self._seconds.observe(seconds)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """What the registry says of itself now (prometheus_client's collector)."""
        health = self._service.health()
        published = self._service.published.checkpoint.size
        yield _gauge("ok", "1 as long as /healthz says that nothing is wrong.", float(bool(health["ok"])))
        yield _gauge("sealing", "1 as long as anything may be sealed.", float(health["sealing"] == "yes"))
        damaged = cast("list[object]", health["damaged"])
        yield _gauge("damaged", "Damaged places that the scrubber has found.", len(damaged))
        yield _gauge("erasure_pending", "1 while something erased has not left the disk.",
                     float("erasure_pending" in health))  # fmt: skip
        yield _gauge("entries", "Entries of the newest checkpoint, seals included.", published)
        yield _gauge("cosigned_entries", "Entries of the checkpoint that readers are shown.",
                     self._service.shown.checkpoint.size)  # fmt: skip
        yield _gauge("seal_time_seconds", "POSIX time of the last seal.", self._service.logged(published - 1))
        yield from self._witnesses()

    def _witnesses(self) -> Iterator[GaugeMetricFamily]:
        size, at, failing = (
            GaugeMetricFamily(f"kembar_witness_{name}", text, labels=["witness"])
            for name, text in (
                ("entries", "Entries of the last checkpoint that a witness cosigned."),
                ("time_seconds", "POSIX time of its last cosignature."),
                ("failures", "Times in a row that it did not cosign."),
            )
        )
        for one in cast("list[dict[str, Any]]", self._service.witnesses()):
            label = [one["name"]]
            size.add_metric(label, one.get("size", 0))
            at.add_metric(label, parse_instant(one["at"]) if "at" in one else 0)
            failing.add_metric(label, one.get("failures", 0))
        yield from (size, at, failing)


def _gauge(name: str, text: str, number: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"kembar_{name}", text, value=number)


class _Handler(WSGIRequestHandler):
    timeout = PATIENCE

    def address_string(self) -> str:
        return "local"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: whoever asks is on this machine."""


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _UnixServer(_Server):
    address_family = socketserver.UnixStreamServer.address_family

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", 0
        self.setup_environ()

    def get_request(self) -> tuple[Any, Any]:
        connection, _ = super().get_request()
        return connection, ("local", 0)


class _SixServer(_Server):
    address_family = AF_INET6


def where(text: str) -> str | tuple[str, int]:
    """The path of a Unix socket (``unix:/run/kembar/metrics``), or an address on this machine's loopback interface.

    Raises :class:`MetricsError` for any other: the numbers are for this machine.
    """
    if text.startswith(UNIX) and len(text) > len(UNIX):
        return text.removeprefix(UNIX)
    host, _, port = text.rpartition(":")
    try:
        if port.isascii() and port.isdecimal() and 0 <= int(port) <= 65535 and ip_address(host.strip("[]")).is_loopback:
            return host.strip("[]"), int(port)
    except ValueError:
        pass
    raise MetricsError(f"metrics are shown at 127.0.0.1:PORT, [::1]:PORT or unix:PATH only, not at {text[:200]!r}")


def show(metrics: Metrics, place: str | tuple[str, int]) -> tuple[int, Callable[[], None]]:
    """Show them there; the port (0 of a socket), and what ends it. Raises OSError where that cannot be."""
    app = make_wsgi_app(metrics.registry)
    if isinstance(place, str):
        if os.path.exists(place) and stat.S_ISSOCK(os.stat(place).st_mode):
            os.unlink(place)  # of a process that was killed: the folder's lock says that no other is running
        server: _Server = _UnixServer(cast("Any", place), _Handler)
        os.chmod(place, 0o660)
    else:
        server = (_SixServer if ":" in place[0] else _Server)(place, _Handler)
    server.set_app(cast("Any", app))
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()

    def close() -> None:
        server.shutdown()
        server.server_close()
        if isinstance(place, str):
            os.unlink(place)

    return server.server_port, close
