"""The server around a WSGI application: what slow, idle, large and early-leaving clients get, and that nobody waits."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.support.root import ROOT
from tests.support.running import PATIENCE, environment, free_port

LIMIT = 300_000
HEAD = b"Host: localhost\r\nContent-Length: "


@dataclass(kw_only=True)
class Echo:
    process: subprocess.Popen[str]
    port: int

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def send(self, *parts: bytes) -> bytes:
        """What comes back until the server hangs up."""
        with self.connect() as connection:
            for part in parts:
                connection.sendall(part)
            return until_end(connection)

    def post(self, body: bytes) -> tuple[int, bytes]:
        """As a client does that sends all before it reads anything."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("POST", "/", body)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


@contextmanager
def echo(temporary: Path | None = None, **limits: Any) -> Iterator[Echo]:
    """The server; ``temporary``: where its temporary files go."""
    port = free_port()
    environ = environment() | ({} if temporary is None else {"TMPDIR": str(temporary)})
    arguments = [sys.executable, "-m", "tests.support.serve_echo", str(port), json.dumps({"body": LIMIT, **limits})]
    process = subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ, cwd=ROOT
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Serving echo"), process.communicate()
        yield Echo(process=process, port=port)
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=PATIENCE)
    assert errors == ""


@pytest.fixture(scope="module")
def server() -> Iterator[Echo]:
    with echo(grace=1.0, rate=100_000, in_memory=1000, linger=3.0) as server:
        yield server


def memory(server: Echo) -> int:
    """MiB that the server's processes hold."""
    parent = server.process.pid
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
    lines = [Path(f"/proc/{pid}/status").read_text(encoding="ascii") for pid in (parent, *children)]
    return sum(int(text.split("VmRSS:")[1].split()[0]) for text in lines) // 1024


def on_disk(server: Echo) -> int:
    """Bytes of the answers that the server's processes have open, with or without a name."""
    parent = server.process.pid
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
    handles = [one for pid in (parent, *children) for one in Path(f"/proc/{pid}/fd").iterdir()]
    return sum(one.stat().st_size for one in handles if "kembar-" in os.readlink(one))


def until_end(connection: socket.socket) -> bytes:
    answer = bytearray()
    while block := connection.recv(1 << 20):
        answer += block
    return bytes(answer)


def problem(answer: bytes) -> dict[str, Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    value: dict[str, Any] = json.loads(body)
    return value


class TestBodies:
    @pytest.mark.parametrize("size", [0, 1, 1000, 1001, LIMIT])
    def test_come_whole(self, server: Echo, size: int) -> None:
        body = bytes(range(256)) * (size // 256 + 1)
        assert server.post(body[:size]) == (200, f"{size} {sha256(body[:size]).hexdigest()} /".encode())

    def test_come_in_chunks(self, server: Echo) -> None:
        head = b"POST / HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        answer = server.send(head, b"3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n")
        assert f"5 {sha256(b'abcde').hexdigest()}".encode() in answer

    def test_one_that_comes_too_slowly_is_given_up(self, server: Echo) -> None:
        began = time.monotonic()
        answer = server.send(b"POST / HTTP/1.1\r\n" + HEAD + b"10\r\n\r\n", b"abc")
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert problem(answer)["type"] == "urn:kembar:problem:too_slow"
        assert 0.9 < time.monotonic() - began < 5

    def test_one_that_comes_steadily_has_more_time(self, server: Echo) -> None:
        with self.slow_post(server, 15, 20_000) as connection:
            assert until_end(connection).startswith(b"HTTP/1.1 200 ")

    @contextmanager
    def slow_post(self, server: Echo, blocks: int, size: int) -> Iterator[socket.socket]:
        with server.connect() as connection:
            head = b"POST / HTTP/1.1\r\nConnection: close\r\n" + HEAD + f"{blocks * size}\r\n\r\n".encode()
            connection.sendall(head)
            for _ in range(blocks):
                connection.sendall(b"x" * size)
                time.sleep(0.15)
            yield connection

    @pytest.mark.parametrize("head", [b"Content-Length: 10\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n3\r\n"])
    def test_one_that_ends_early_is_not_handed_on(self, server: Echo, head: bytes) -> None:
        with server.connect() as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\n" + head + b"abc\r\n")
            connection.shutdown(socket.SHUT_WR)
            assert b" 200 " not in until_end(connection)


class TestRefusedBodies:
    @pytest.mark.parametrize("size", [LIMIT + 1, 30_000_000])
    def test_whoever_sends_all_first_gets_the_answer(self, server: Echo, size: int) -> None:
        assert server.post(b"x" * size) == (413, b"too large")

    def test_so_does_one_that_comes_in_chunks(self, server: Echo) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        connection.request("POST", "/", iter([b"x" * 100_000] * 100), encode_chunked=True)
        assert connection.getresponse().status == 413
        connection.close()

    def test_one_that_asks_first_is_told_at_once(self, server: Echo) -> None:
        answer = server.send(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\n" + HEAD + b"99999999\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 413 ")

    def test_one_that_never_ends_is_cut_off(self, server: Echo) -> None:
        began = time.monotonic()
        answer = server.send(b"POST / HTTP/1.1\r\n" + HEAD + b"99999999999\r\n\r\n", b"x" * 1000)
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert time.monotonic() - began < 8

    def test_there_is_room_for_so_many_and_no_more(self) -> None:
        with echo(bodies=2, grace=20.0) as server:
            waiting = [server.connect() for _ in range(2)]
            for one in waiting:
                one.sendall(b"POST / HTTP/1.1\r\nConnection: close\r\n" + HEAD + b"3\r\n\r\n")
            time.sleep(0.3)
            answer = server.send(b"POST / HTTP/1.1\r\n" + HEAD + b"3\r\n\r\n", b"abc")
            assert answer.startswith(b"HTTP/1.1 503 ") and b"retry-after: 5\r\n" in answer
            assert problem(answer)["type"] == "urn:kembar:problem:busy"
            for one in waiting:
                one.sendall(b"abc")
                assert until_end(one).startswith(b"HTTP/1.1 200 ")
                one.close()
            assert server.post(b"abc")[0] == 200

    def test_there_is_room_for_so_many_bytes_and_no_more(self) -> None:
        with echo(held=100_000, grace=20.0) as server, server.connect() as other:
            other.sendall(b"POST / HTTP/1.1\r\nConnection: close\r\n" + HEAD + b"90000\r\n\r\n" + b"x" * 80_000)
            time.sleep(0.3)
            assert server.post(b"x" * 30_000)[0] == 503
            other.sendall(b"x" * 10_000)
            assert until_end(other).startswith(b"HTTP/1.1 200 ")
            assert server.post(b"x" * 30_000)[0] == 200

    def test_one_address_has_its_share_if_it_is_told(self) -> None:
        with echo(per_address=1, grace=20.0) as server, server.connect() as other:
            other.sendall(b"POST / HTTP/1.1\r\n" + HEAD + b"3\r\n\r\n")
            time.sleep(0.3)
            assert server.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").startswith(b"HTTP/1.1 503 ")


class TestConnections:
    @pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\n"], ids=["idle", "half a head"])
    def test_that_say_nothing_are_closed(self, server: Echo, sent: bytes) -> None:
        began = time.monotonic()
        assert b" 200 " not in server.send(sent)
        assert 4 < time.monotonic() - began < 15

    def test_who_has_left_is_known(self, server: Echo) -> None:
        with server.connect() as connection:
            connection.sendall(b"GET /stay HTTP/1.1\r\nHost: localhost\r\n\r\n")
            time.sleep(0.2)
        assert server.process.stdout is not None
        assert server.process.stdout.readline() == "left\n"

    def test_an_answer_that_nobody_reads_is_given_up(self) -> None:
        with echo(unread=1) as server, server.connect() as connection:
            connection.sendall(b"GET /huge HTTP/1.1\r\nHost: localhost\r\n\r\n")
            time.sleep(6)
            with pytest.raises(ConnectionResetError):
                until_end(connection)

    def test_long_answers_that_nobody_reads_are_in_no_memory(self, tmp_path: Path) -> None:
        with echo(tmp_path, opening=0.5) as server:
            before = memory(server)
            waiting = [server.connect() for _ in range(8)]
            for one, path in zip(waiting, ["huge", "pieces"] * 4, strict=True):
                one.sendall(f"GET /{path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            for one in waiting:
                assert one.recv(12) == b"HTTP/1.1 200"
            assert server.post(b"short")[0] == 200
            assert memory(server) - before < 150  # of 512
            for one in waiting:
                one.close()
            time.sleep(6)
            assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize(("path", "byte"), [("huge", 120), ("pieces", 1023 % 251)])
    def test_a_long_answer_comes_whole(self, server: Echo, path: str, byte: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        for _ in range(2):  # the connection can be used again
            connection.request("GET", f"/{path}")
            data = connection.getresponse().read()
            assert len(data) == 64 * 1024 * 1024 and data[-1] == byte
        connection.request("HEAD", f"/{path}")
        assert connection.getresponse().read() == b""
        connection.close()

    def test_there_is_room_for_so_many_unread_bytes_and_no_more(self) -> None:
        limits: dict[str, Any] = {"answered": 100_000_000, "opening": 0.2, "reading": 8.0, "rate": 1 << 30}
        with echo(**limits) as server, server.connect() as connection:
            connection.sendall(b"GET /pieces HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(12) == b"HTTP/1.1 200"
            answer = server.send(b"GET /pieces HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 503") and b"retry-after: 5" in answer.lower()
            time.sleep(9)
            again = server.send(b"GET /pieces HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert again.startswith(b"HTTP/1.1 200") and len(again) > 64 * 1024 * 1024

    def test_one_that_was_read_makes_room_at_once(self, tmp_path: Path) -> None:
        with echo(tmp_path, answered=100_000_000, opening=0.2) as server:
            for _ in range(3):
                answer = server.send(b"GET /huge HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                assert answer.startswith(b"HTTP/1.1 200") and len(answer) > 64 * 1024 * 1024
                time.sleep(1.5)
                assert not list(tmp_path.iterdir())

    def test_who_reads_drop_by_drop_is_cut_off(self, tmp_path: Path) -> None:
        """The kernel takes it for alive, for it reads; its answer's file would stay for as long as it likes."""
        with echo(tmp_path, opening=0.2, reading=2.0, rate=1 << 30) as server, server.connect() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 18)  # a smaller one is drained for minutes
            connection.sendall(b"GET /huge HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(12) == b"HTTP/1.1 200" and on_disk(server) > 0
            until = time.monotonic() + 3.5
            while time.monotonic() < until:
                assert connection.recv(100)
                time.sleep(0.05)
            assert on_disk(server) == 0
            received = 0
            with suppress(ConnectionResetError):
                while block := connection.recv(1 << 20):
                    received += len(block)
            assert received < 64 * 1024 * 1024, "and it is told by an answer that ends early"

    def test_a_path_is_handed_on_as_bytes(self, server: Echo) -> None:
        answer = server.send(b"GET /%C3%A9 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert "/é".encode() in answer


def test_a_process_that_may_open_too_few_files_does_not_start() -> None:
    few = "ulimit -n 1000; exec \"$@\""
    arguments = [sys.executable, "-m", "tests.support.serve_echo", str(free_port()), json.dumps({"body": LIMIT})]
    done = subprocess.run(
        ["sh", "-c", few, "sh", *arguments], capture_output=True, text=True, env=environment(), cwd=ROOT,
        timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "may open 1000 files" in done.stderr and "ulimit" in done.stderr
