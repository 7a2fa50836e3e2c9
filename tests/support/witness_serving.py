"""Witnesses and stubs of witnesses on loopback ports, in threads of the test."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    block_on_close = False

    def server_bind(self) -> None:
        """Without asking anybody for the machine's name."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", self.server_address[1]
        self.setup_environ()


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def serving(app: WSGIApplication) -> Iterator[str]:
    """Serve ``app`` on a free loopback port; yields its URL."""
    with make_server("127.0.0.1", 0, app, _Server, _Quiet) as server:
        thread = threading.Thread(target=lambda: server.serve_forever(0.02))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def saying(status: int, body: bytes = b"", kind: str = "text/plain") -> WSGIApplication:
    """An application that always says the same."""

    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response(f"{status} Said", [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

    return app


def slowly(app: WSGIApplication, seconds: float) -> WSGIApplication:
    """The same after a while."""

    def late(environ: Any, start_response: Any) -> Any:
        time.sleep(seconds)
        return app(environ, start_response)

    return late


def gated(app: WSGIApplication, gate: threading.Event) -> WSGIApplication:
    """The same once ``gate`` is open: as slow as a test wants it to be."""

    def late(environ: Any, start_response: Any) -> Any:
        gate.wait()
        return app(environ, start_response)

    return late


def eventually(condition: Callable[[], bool], patience: float = 60) -> None:
    """Wait until ``condition`` holds."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
