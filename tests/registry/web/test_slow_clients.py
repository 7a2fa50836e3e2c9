"""An honest client beside many slow ones: on loopback, with as many connections as a test may open."""

from __future__ import annotations

import http.client
import resource
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from statistics import median

import pytest

from registry import config
from tests.support.running import PATIENCE, Running, running

IDLE, HALF, DRIPPING = 1000, 500, 200
MOST = 0.040
"""Seconds that half of an honest client's requests may take."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    root = tmp_path_factory.mktemp("slow") / "registry"
    config.create(root, "registry.example/log")
    with running(root) as server:
        yield server


@pytest.fixture(autouse=True)
def many_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = IDLE + HALF + DRIPPING + 300
    if hard != resource.RLIM_INFINITY and hard < needed:
        pytest.skip(f"a process may open {hard} files here, and this takes {needed}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def honest(server: Running, seconds: float) -> list[float]:
    """How long each request took."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    took = []
    end = time.monotonic() + seconds
    while (began := time.monotonic()) < end:
        connection.request("GET", "/checkpoint")
        response = connection.getresponse()
        assert response.status == 200
        response.read()
        took.append(time.monotonic() - began)
        time.sleep(0.01)
    connection.close()
    return took


def test_an_honest_client_beside_many_slow_ones(server: Running) -> None:
    post = b"POST /entries HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n"
    done = threading.Event()
    with ExitStack() as stack:

        def open_many(number: int, sent: bytes) -> list[socket.socket]:
            made = []
            for _ in range(number):
                made.append(stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)))
                made[-1].sendall(sent)
            return made

        dripping = open_many(DRIPPING, post)

        def drip() -> None:
            while not done.wait(1.0):
                for one in dripping:
                    with suppress(OSError):  # given up, as it should be
                        one.sendall(b"{")

        dripper = threading.Thread(target=drip)
        dripper.start()
        try:
            open_many(HALF, b"GET / HTTP/1.1\r\nHost: loc")
            open_many(IDLE, b"")
            took = honest(server, 3.0)
        finally:
            done.set()
            dripper.join()
    assert len(took) > 20
    assert median(took) < MOST, sorted(took)[:: max(1, len(took) // 10)]


def test_none_of_the_slow_ones_stays(server: Running) -> None:
    """Bodies that drip are given up as bodies, and the registry is as it was."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        connection.sendall(b"POST /entries HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n{")
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"urn:kembar:problem:too_slow" in answer
