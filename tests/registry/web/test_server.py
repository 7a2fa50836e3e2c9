"""The real server: granian, a process of its own, signals, and what no well-behaved client sends."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry import config
from registry.client import Client
from registry.fsck import fsck
from registry.intake.submission import parse_submission
from registry.log.log_error import LogError
from registry.web.body import NDJSON
from registry.web.request_limits import MAX_LINES
from tests.support.asking import value
from tests.support.running import PATIENCE, Running, command, environment, running
from tests.support.served import raw
from tests.support.world import World
from verifier.log.checkpoint import parse_checkpoint
from verifier.log.note import parse_note


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("served") / "a registry"
    world = World()
    config.create(root, world.origin, log_key=world.log_key, registrar_key=world.registrar)
    return root


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Running]:
    with running(folder) as server:
        yield server


def parties(server: Running, prefix: str, number: int) -> list[bytes]:
    """Enrolments that this server takes, now."""
    with Client(server.url) as client:
        genesis = client.genesis()
    world = World(start=int(time.time()))
    world.genesis_id = genesis
    actors = [world.party(f"{prefix}{place}", roles=["licensee"], recovery=0) for place in range(number)]
    return [raw(actor.entry) for actor in actors if actor.entry is not None]


def send(server: Running, request: bytes) -> bytes:
    """What comes back for these exact bytes until the server hangs up."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        connection.sendall(request)
        answer = b""
        while block := connection.recv(65536):
            answer += block
    return answer


HOST = b"Host: localhost\r\nConnection: close\r\n"
LINES = b"POST /entries HTTP/1.1\r\nContent-Type: application/x-ndjson\r\n" + HOST


class TestRequests:
    def test_submissions_from_many_threads_all_have_their_place(self, server: Running) -> None:
        sent = parties(server, "threads", 40)
        places: list[int] = []

        def submit(mine: list[bytes]) -> None:
            with Client(server.url) as client:
                for result in client.submit(map(parse_submission, mine)):
                    assert isinstance(result, dict), result
                    places.append(result["index"])

        threads = [threading.Thread(target=submit, args=(sent[start::8],)) for start in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(places)) == 40

    def test_a_body_in_chunks(self, server: Running) -> None:
        answer = send(server, LINES + b"Transfer-Encoding: chunked\r\n\r\n3\r\n{}\n\r\n4\r\n{}\n{\r\n0\r\n\r\n")
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        assert [value(line)["status"] for line in body.splitlines()] == [400, 400, 400]

    def test_a_body_that_is_said_to_be_huge(self, server: Running) -> None:
        answer = send(server, LINES + b"Content-Length: 99999999999\r\n\r\n{}\n")
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b"urn:kembar:problem:body_too_large" in answer

    def test_whoever_sends_too_many_lines_and_reads_none_meanwhile_is_told(self, server: Running) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        connection.request("POST", "/entries", b"{}\n" * 20_010, {"Content-Type": "application/x-ndjson"})
        response = connection.getresponse()
        told = response.read().splitlines()
        connection.close()
        assert (response.status, len(told)) == (200, 20_001)
        assert value(told[-1])["type"] == "urn:kembar:problem:too_many"

    @pytest.mark.parametrize(
        "path", ["//evil.example/checkpoint", "/static/../app.py", "/static/%2e%2e/app.py", "/tile/%2e%2e/%2e%2e/lock"]
    )
    def test_paths_that_lead_out(self, server: Running, path: str) -> None:
        answer = send(server, b"GET " + path.encode() + b" HTTP/1.1\r\n" + HOST + b"\r\n")
        assert answer.startswith(b"HTTP/1.1 404 ")
        assert b"application/problem+json" in answer

    def test_what_is_no_http(self, server: Running) -> None:
        assert b"400" in send(server, b"\x16\x03\x01\x00\x00\r\n\r\n")

    def test_a_head(self, server: Running) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        connection.request("HEAD", "/checkpoint")
        response = connection.getresponse()
        assert (response.status, response.read()) == (200, b"")
        connection.close()


class TestProcess:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_ends_with_what_it_began(self, tmp_path: Path, number: int) -> None:
        """A signal in the middle of a large submission: all of it is logged and answered, then the process ends."""
        root = tmp_path / "registry"
        world = World()
        config.create(root, world.origin, log_key=world.log_key, registrar_key=world.registrar)
        with running(root) as server:
            sent = parties(server, "many", 1200)
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
            connection.request("POST", "/entries", b"\n".join(sent), {"Content-Type": "application/x-ndjson"})
            with Client(server.url) as client:  # the first batch is there, so the submission is under way
                while parse_checkpoint(parse_note(client.checkpoint()).text).size < 3:
                    pass
            server.process.send_signal(number)
            results = [value(line) for line in connection.getresponse().read().splitlines()]
            connection.close()
            code, errors = server.stop()
        assert (code, errors) == (0, "")
        assert len({result["index"] for result in results}) == 1200
        assert fsck(root).ok

    def test_killed_outright_leaves_nobody_behind(self, tmp_path: Path) -> None:
        root = tmp_path / "registry"
        config.create(root, "registry.example/log")
        with running(root) as server:
            server.process.kill()
            deadline = time.monotonic() + PATIENCE
            while not _is_free(root):
                assert time.monotonic() < deadline
                time.sleep(0.05)

    def test_on_a_port_that_is_taken(self, server: Running, tmp_path: Path) -> None:
        config.create(tmp_path / "other", "other.example/log")
        done = serve(tmp_path / "other", server.port)
        assert done.returncode == 3
        assert "Address already in use" in done.stderr

    def test_in_a_folder_that_is_served_already(self, server: Running, folder: Path) -> None:
        done = serve(folder, server.port + 1 if server.port < 65535 else server.port - 1)
        assert done.returncode == 3
        assert "a log has one writer" in done.stderr

    def test_in_a_folder_that_is_broken(self, tmp_path: Path) -> None:
        root = tmp_path / "registry"
        config.create(root, "registry.example/log")
        (root / "registry.db").write_bytes(b"not a database")
        done = serve(root, 1024)
        assert done.returncode == 3
        assert "Error: " in done.stderr and "Traceback" not in done.stderr

    def test_in_a_folder_that_is_none(self, tmp_path: Path) -> None:
        done = serve(tmp_path, 1024)
        assert done.returncode == 2
        assert "registry init" in done.stderr


def _is_free(folder: Path) -> bool:
    try:
        config.Lock(folder).release()
    except LogError:
        return False
    return True


def serve(folder: Path, port: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command("serve", folder, "--port", str(port)),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env=environment(),
        check=False,
    )


def test_a_client_that_does_not_read_its_many_answers_holds_up_nobody(server: Running) -> None:
    """It gets them all once it reads, and is told that it had sent too many lines."""
    body = b"{}\n" * (MAX_LINES + 10)
    head = f"POST /entries HTTP/1.1\r\nHost: localhost\r\nContent-Type: {NDJSON}\r\nContent-Length: {len(body)}\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as deaf:
        deaf.sendall(head.encode() + b"Connection: close\r\n\r\n" + body)
        assert deaf.recv(12) == b"HTTP/1.1 200"
        for _ in range(20):
            began = time.monotonic()
            assert send(server, b"GET /checkpoint HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert time.monotonic() - began < PATIENCE / 4
        answer = b""
        while block := deaf.recv(65536):
            answer += block
    lines = answer.split(b"\r\n\r\n", 1)[1].splitlines()
    assert len(lines) == MAX_LINES + 1 and len(answer) > 2 * 1024 * 1024
    assert b"problem:too_many" in lines[-1]
