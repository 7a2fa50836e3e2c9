"""The one HTTP client: deadlines, bounds, redirects, proxies, addresses; each of its users at a server that drips."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from registry import client as client_module
from registry.cli import main as registry
from registry.client import Client, ClientError
from registry.intake.submission import parse_submission
from registry.witnesses import rounds
from tests.support.dripping import BODY, HEADER, dripping, redirecting, speaking
from tests.support.served import raw
from tests.support.world import World
from verifier.base import canonical
from verifier.base.private_keys import SigningKey
from verifier.log.writing import Cosigner
from verifier.programs import http, source
from verifier.programs.cli import main
from verifier.programs.http import BadUrl, HttpAnswer, HttpClient, HttpError, TimedOut, ask_once, parse_url, persist
from verifier.programs.source import HttpSource, Unreachable
from verifier.programs.watch import webhook
from verifier.programs.watch.webhook import NotDelivered, Webhook, WebhookRefused

DEADLINE = 0.4
SOON = 5.0
"""Seconds that a loaded machine may take where one of them would do."""


def ask(url: str, *, limit: int = 1000, timeout: float = SOON, is_cut: bool = False) -> HttpAnswer:
    return ask_once("GET", url, "test", limit=limit, timeout=timeout, is_cut=is_cut)


@contextmanager
def quickly() -> Iterator[None]:
    """The deadline ends it, and not something later."""
    began = time.monotonic()
    yield
    assert DEADLINE * 0.9 <= time.monotonic() - began < SOON


def plain(body: bytes, *headers: str, length: bool = True) -> bytes:
    lines = ["HTTP/1.1 200 OK", *headers, *([f"Content-Length: {len(body)}"] if length else []), "", ""]
    return "\r\n".join(lines).encode() + body


class TestDeadline:
    @pytest.mark.parametrize(
        "said",
        [
            BODY,
            HEADER,
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=",
            b"HTTP/1.1 100 Continue\r\n\r\n" * 50 + b"HTTP/1.1 ",
            b"",
        ],
    )
    def test_a_byte_at_a_time(self, said: bytes) -> None:
        with dripping(said) as url, quickly(), pytest.raises(TimedOut, match=r"in whole within 0\.4 seconds"):
            ask(url, limit=10**7, timeout=DEADLINE)

    def test_a_server_that_does_not_read(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server, quickly(), pytest.raises(TimedOut):
            url = f"http://127.0.0.1:{server.getsockname()[1]}"
            ask_once("POST", url, "test", limit=10, timeout=DEADLINE, body=bytes(50_000_000))

    def test_a_handshake_that_never_ends(self) -> None:
        with dripping(b"\x16\x03\x03\x40\x00") as url, quickly(), pytest.raises(TimedOut):
            ask(url.replace("http", "https"), timeout=DEADLINE)

    def test_a_name_that_is_not_resolved(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real = socket.getaddrinfo

        def slow(host: str, port: int, family: int, kind: int, protocol: int, flags: int) -> object:
            if not flags:
                time.sleep(SOON)
            return real(host, port, socket.AF_UNSPEC, socket.SOCK_STREAM, protocol, flags)

        monkeypatch.setattr(socket, "getaddrinfo", slow)
        with quickly(), pytest.raises(TimedOut):
            ask("http://registry.example", timeout=DEADLINE)

    def test_silence_is_not_waited_out(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            client = HttpClient(parse_url(f"http://127.0.0.1:{server.getsockname()[1]}"), "test")
            with quickly(), pytest.raises(HttpError, match=r"no answer for 0\.4 seconds") as caught:
                client.ask("GET", "/", limit=10, timeout=60, silence=DEADLINE)
        assert caught.value.may_pass

    def test_attempts_share_it(self) -> None:
        given: list[float] = []

        def attempt(left: float) -> HttpAnswer:
            given.append(left)
            time.sleep(0.1)
            return HttpAnswer(status=503, body=b"", retry_after=len(given) * 50)

        pauses: list[float] = []
        assert persist(attempt, timeout=1, pauses=(1, 2), pause=pauses.append).status == 503
        assert given[0] == 1 and 0.5 < given[1] < 0.91 and 0.2 < given[2] < 0.81
        assert pauses == [50, http.LONGEST_PAUSE]


class TestBounds:
    @pytest.mark.parametrize(
        "said",
        [
            plain(b"x" * 1001),
            plain(b"x" * 1001, length=False),
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n",
            plain(gzip.compress(b"x" * 1001, mtime=0), "Content-Encoding: gzip"),
        ],
    )
    def test_too_much(self, said: bytes) -> None:
        with speaking(said) as url, pytest.raises(HttpError, match="more than 1000 bytes") as caught:
            ask(url)
        assert not caught.value.may_pass

    @pytest.mark.parametrize("packing", ["identity", "gzip"])
    def test_the_limit_itself_and_a_cut(self, packing: str) -> None:
        pack = gzip.compress if packing == "gzip" else bytes
        with speaking(plain(pack(b"x" * 1000), f"Content-Encoding: {packing}")) as url:
            assert ask(url).body == b"x" * 1000
        with speaking(plain(pack(b"x" * 1001), f"Content-Encoding: {packing}")) as url:
            assert ask(url, is_cut=True).body == b"x" * 1000

    @pytest.mark.parametrize(
        ("said", "error"),
        [
            (plain(b"x").replace(b"h: 1", b"h: 9"), "the answer ends early"),
            (plain(gzip.compress(b"x" * 50, mtime=0)[:-3], "Content-Encoding: gzip"), "the packed answer ends early"),
            (plain(b"x", "Content-Encoding: br\x1b[2J"), r"packed with br\\u\{1b\}"),
            (b"SSH-2.0-OpenSSH\r\n", "what comes back is no HTTP"),
            (b"", "hangs up without an answer"),
            (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 101 + b"\r\n", "what comes back is no HTTP"),
        ],
    )
    def test_what_is_no_answer(self, said: bytes, error: str) -> None:
        with speaking(said) as url, pytest.raises(HttpError, match=error):
            ask(url)

    def test_a_connection_is_kept_and_an_error_ends_it(self) -> None:
        with speaking(plain(b"one")) as url:
            client = HttpClient(parse_url(url), "test")
            assert client.ask("GET", "/", limit=10, timeout=SOON).body == b"one"
            with pytest.raises(HttpError):  # the server has hung up meanwhile
                client.ask("GET", "/", limit=10, timeout=SOON)
            assert client.ask("GET", "/", limit=10, timeout=SOON).body == b"one"
            client.close()


class TestAddresses:
    @pytest.mark.parametrize(
        "url",
        [
            "", "registry.example", "ftp://registry.example", "http://", "http:///log", "http://a/?b", "http://a/#b",
            "http://u:p@a", "http://@a", "http://a:99999", "http://a:b", "http://[::1", "http://a b/", "http://a\n/",
            "http://a/ü", "http://a..b/", f"http://{'a' * 64}/", "http://a\x1b[2J/", "htp://a", "http//a", "http://a/?",
        ],
    )  # fmt: skip
    def test_that_are_none(self, url: str) -> None:
        with pytest.raises(BadUrl) as caught:
            parse_url(url)
        assert str(caught.value).isprintable()

    def test_their_parts(self) -> None:
        found = parse_url("https://Registry.example:8443/log/?a=b", with_query=True)
        assert (found.is_secure, found.host, found.port) == (True, "registry.example", 8443)
        assert (found.prefix, found.query) == ("/log", "a=b")
        assert parse_url("http://[::1]:80").host == "::1"

    def test_the_environments_proxies_are_not_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        with speaking(plain(b"direct")) as url:
            assert ask(url).body == b"direct"

    def test_a_certificate_that_nobody_vouches_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object, **__: object) -> None:
            error = ssl.SSLCertVerificationError(1, "self-signed")
            error.verify_message = "self-signed"
            raise error

        monkeypatch.setattr(ssl.SSLContext, "wrap_socket", refuse)
        with speaking(b"") as url, pytest.raises(HttpError, match="its certificate is not trusted") as caught:
            ask(url.replace("http", "https"))
        assert not caught.value.may_pass


@pytest.fixture
def policy(tmp_path: Path) -> str:
    path = tmp_path / "trust.policy"
    path.write_text(World().policy(), "utf-8")
    return str(path)


def run_audit(url: str, policy: str) -> int:
    return main(["audit", url, "--trust", policy, "--quiet"])


def run_watch(url: str, policy: str) -> int:
    return main(["watch", url, "--trust", policy, "--party", "ab" * 32, "--once"])


def run_submit(url: str, policy: str) -> int:
    """Any command of the registry's client: they share it. ``evidence`` needs no file to send."""
    with pytest.raises(SystemExit) as caught:
        registry(["evidence", url, "usage", "ab" * 32, "-o", f"{policy}.evidence"], prog_name="registry")
    assert isinstance(caught.value.code, int)
    return caught.value.code


READERS = [run_audit, run_watch, run_submit]


class TestEachUser:
    """Whoever asks over HTTP meets a server that drips, and one that sends it elsewhere."""

    @pytest.mark.parametrize("run", [run_audit, run_watch])
    def test_readers_of_a_log(
        self, run: object, policy: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(source, "deadline_for", lambda limit: DEADLINE)
        with dripping() as url, quickly():
            assert callable(run) and run(url, policy) == 3
        assert f"{url}/checkpoint: the answer was not there in whole within" in capsys.readouterr().err

    def test_submit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        entry = World().party("anna", roles=["model"]).entry
        assert entry is not None
        submission = parse_submission(raw(entry))
        monkeypatch.setattr(client_module, "PAUSES", (0, 0, 0))
        with (
            dripping() as url,
            Client(url, timeout=DEADLINE) as client,
            quickly(),
            pytest.raises(ClientError, match="cannot be reached: the answer was not there in whole within"),
        ):
            list(client.submit([submission]))

    def test_webhooks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(webhook, "DEADLINE", DEADLINE)
        with dripping() as url, quickly(), pytest.raises(NotDelivered, match="not there in whole within") as caught:
            Webhook(url, lambda _: None).post(b"{}")
        assert not isinstance(caught.value, WebhookRefused)  # it may work at the next look

    def test_witness_rounds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(rounds, "TIMEOUT", DEADLINE)
        with dripping() as url, quickly(), pytest.raises(TimedOut):
            rounds.post(url, b"old 0\n")

    @pytest.mark.parametrize("run", READERS)
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_a_redirect_is_told_and_not_followed(
        self, run: object, status: int, policy: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Audit, watch and the registry's client alike: exit 3, and where it would have gone."""
        with redirecting("https://elsewhere.example/\x1b[2Jlog", status) as url:
            assert callable(run) and run(url, policy) == 3
        said = capsys.readouterr().err
        assert f"it redirects to https://elsewhere.example/\\u{{1b}}[2Jlog ({status}), which is not followed" in said

    @pytest.mark.parametrize("run", READERS)
    @pytest.mark.parametrize("url", ["http://[::1", "http://a:b/log", "http://u:p@a/log", "http://a..b/", "htp://a/"])
    def test_a_mistyped_address_is_a_wrong_call(
        self, run: object, url: str, policy: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert callable(run) and run(url, policy) == 2
        said = capsys.readouterr().err
        assert "an address" in said and "Traceback" not in said

    @pytest.mark.parametrize("url", ["http://[::1", "http://a:b/log", "http://u:p@a/log", "ftp://a/"])
    def test_so_it_is_for_who_runs_a_registry_or_drafts(
        self, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        key = Cosigner("ada.example/w", SigningKey(bytes(32))).verifier
        lines = [["init", str(tmp_path / "r"), "--origin", "registry.example/log", "--url", url]]
        if url.startswith("http"):
            lines.append(["init", str(tmp_path / "r"), "--origin", "registry.example/log", "--witness", f"{key}={url}"])
            lines.append(["draft", "party", "--registry", url, "-o", str(tmp_path / "d.toml")])
        for line in lines:
            with pytest.raises(SystemExit) as caught:
                registry(line, prog_name="registry")
            assert caught.value.code == 2, line
            said = capsys.readouterr().err
            assert "an address" in said and "Traceback" not in said

    def test_what_a_registry_says_steers_no_terminal(self, capsys: pytest.CaptureFixture[str]) -> None:
        body = canonical.encode(
            {"detail": "no\x1b[2J \u202eway", "status": 404, "title": "x", "type": "urn:kembar:problem:not_found"}
        )
        head = f"HTTP/1.1 404 No\r\nContent-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n\r\n"
        with speaking(head.encode() + body) as url, pytest.raises(SystemExit):
            registry(["evidence", url, "usage", "ab" * 32, "-o", "x.evidence.json"], prog_name="registry")
        said = capsys.readouterr().err
        assert "\\u{1b}[2J" in said and "\x1b" not in said and "\u202e" not in said

    def test_redirects_of_the_others(self) -> None:
        with redirecting("https://elsewhere.example/") as url:
            with pytest.raises(WebhookRefused, match="it redirects to"):
                Webhook(url, lambda _: None).post(b"{}")
            with pytest.raises(HttpError, match="it redirects to"):
                rounds.post(url, b"old 0\n")


def test_one_file_asks() -> None:
    """No other file opens a connection of its own."""
    root = Path(http.__file__).parents[2]
    for path in (*root.glob("verifier/**/*.py"), *root.glob("registry/**/*.py")):
        text = path.read_text("utf-8")
        if path != Path(http.__file__):
            assert "import http.client" not in text and "urllib.request" not in text, path


def test_a_source_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy source is asked five times, whatever each attempt took."""
    with (
        speaking(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n") as url,
        pytest.raises(Unreachable, match="5 attempts"),
    ):
        HttpSource(url, lambda _: None).get("checkpoint", 10)


class TestUploads:
    def test_an_answer_that_comes_before_the_upload_ends_is_read(self) -> None:
        """A server that has read enough says 413 and hangs up: that is what is told, not a broken pipe."""
        answer = b"HTTP/1.1 413 Content Too Large\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nlarge"

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(answer)
                connection.shutdown(socket.SHUT_WR)
                time.sleep(0.3)
                connection.settimeout(0.2)
                with suppress(OSError):
                    while connection.recv(1 << 20):
                        pass

        with socket.create_server(("127.0.0.1", 0)) as server:
            thread = threading.Thread(target=serve)
            thread.start()
            url = f"http://127.0.0.1:{server.getsockname()[1]}"
            found = ask_once("POST", url, "test", limit=100, timeout=SOON, body=bytes(3_000_000))
            thread.join()
        assert (found.status, found.body) == (413, b"large")
