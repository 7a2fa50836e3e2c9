"""Logs over HTTP: packed answers, servers that are busy, gone, endless or lying; and a real registry."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from shutil import rmtree
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

from registry.web.app import create_app
from tests.support.audited_logs import grow, publish, run, said, story
from tests.support.served import Served
from tests.support.world import World
from verifier.log.trust import parse_policy
from verifier.programs.audit.replayer import Replayer
from verifier.programs.audit.sample import Sample, take_sample
from verifier.programs.cli import main
from verifier.programs.http import BadUrl
from verifier.programs.source import PAUSES, Broken, HttpSource, Unreachable, open_source

POLICY = World().policy()
Answer = tuple[int, dict[str, str], bytes]


@contextmanager
def serving(answer: Callable[[str], Answer]) -> Iterator[str]:
    """A server that answers GET of a path, without its leading solidus, as it is told."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answer(self.path[1:])
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def files(root: Path, pack: bool = False) -> Callable[[str], Answer]:
    """Answers from a folder, entry bundles packed if so wanted."""

    def answer(path: str) -> Answer:
        try:
            data = (root / path).read_bytes()
        except OSError:
            return 404, {}, b"no such file"
        if pack and "entries" in path:
            return 200, {"Content-Encoding": "gzip"}, gzip.compress(data)
        return 200, {}, data

    return answer


@pytest.fixture(scope="module")
def world() -> World:
    """Some 700 entries in three bundles, the last of them partial."""
    made = World()
    story(made)
    grow(made, 600)
    return made


@pytest.mark.parametrize("pack", [False, True])
def test_a_log_is_audited_over_http(world: World, tmp_path: Path, pack: bool) -> None:
    root = publish(world, tmp_path / "log")
    with serving(files(root, pack)) as url:
        report, found = run(world, url, tmp_path / "store", jobs=2)
    assert (found, report.size, report.may_cosign) == ([], world.log.size, True)
    assert (tmp_path / "store/mirror/tile/entries/000").read_bytes() == (root / "tile/entries/000").read_bytes()


def test_full_tiles_stand_for_partial_ones(world: World, tmp_path: Path) -> None:
    """The log has grown since the checkpoint was taken, and some partial tiles are gone (C2SP tlog-tiles)."""
    old, size = world.checkpoint(), world.log.size
    publish(world, tmp_path / "log")
    later = World()
    story(later)
    grow(later, 600)
    grow(later, 300)
    root = publish(later, tmp_path / "log")
    (root / "checkpoint").write_text(old)
    assert later.log.size > (size // 256 + 1) * 256
    for kind in ("0", "entries"):
        rmtree(root / f"tile/{kind}/002.p")
    report, found = run(world, root, tmp_path / "store")
    assert (found, report.size) == ([], size)


def test_a_busy_server_is_asked_again(world: World, tmp_path: Path) -> None:
    right = files(publish(world, tmp_path / "log"))
    seen: dict[str, int] = {}

    def busy(path: str) -> Answer:
        seen[path] = seen.get(path, 0) + 1
        return right(path) if seen[path] > 2 else (503, {"Retry-After": "7"}, b"later")

    pauses: list[float] = []
    with serving(busy) as url:
        source = HttpSource(url, pauses.append)
        with Replayer(tmp_path / "store", parse_policy(world.policy()), clock=lambda: world.now) as replayer:
            assert replayer.advance(source).may_cosign
    assert set(pauses) == {7}
    assert set(seen.values()) == {3}


def test_a_server_that_stays_busy_is_given_up() -> None:
    pauses: list[float] = []
    with serving(lambda path: (500, {}, b"")) as url, pytest.raises(Unreachable, match="500; given up after 5"):
        HttpSource(url, pauses.append).get("checkpoint", 100)
    assert tuple(pauses) == PAUSES


@pytest.mark.parametrize(
    "answer, error",
    [
        ((403, {}, b""), "the server answers 403"),
        ((200, {}, b"x" * 101), "more than 100 bytes"),
        ((200, {"Content-Encoding": "gzip"}, gzip.compress(b"x" * 5_000_000)), "more than 100 bytes"),
        ((200, {"Content-Encoding": "gzip"}, gzip.compress(b"x" * 50)[:-3]), "ends early"),
        ((200, {"Content-Encoding": "gzip"}, b"not packed"), "header"),
        ((200, {"Content-Encoding": "br"}, b"x"), "packed with br"),
        ((200, {"Content-Length": "90"}, b"x"), "ends early"),
    ],
)
def test_an_answer_that_cannot_be_used(answer: Answer, error: str) -> None:
    with serving(lambda path: answer) as url, pytest.raises(Unreachable, match=error):
        HttpSource(url, lambda seconds: None).get("checkpoint", 100)


def test_an_answer_of_just_the_limit() -> None:
    with serving(lambda path: (200, {}, b"x" * 100)) as url:
        assert HttpSource(url).get("checkpoint", 100) == b"x" * 100
    with serving(lambda path: (410, {}, b"")) as url:
        assert HttpSource(url).get("checkpoint", 100) is None


@pytest.mark.parametrize("url", ["ftp://example/log", "https://", "http:///log", "https://example/log?x", "file:///etc"])
def test_what_is_no_url_of_a_log(url: str) -> None:
    with pytest.raises(BadUrl, match="is not an address like"):
        open_source(url)


# ---- a real registry


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def on_air(served: Served) -> Iterator[str]:
    """The registry behind a real socket."""
    server = make_server("127.0.0.1", 0, create_app(served.service), _Server, _Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path / "registry")
    consent, everybody = made.story()
    made.accept(*everybody)
    for number in range(5):
        made.world.advance("1m")
        made.accept(*(made.world.usage(consent, assets=[f"{number} {one}"]) for one in range(4)))
    made.world.advance("1m")
    usage = made.world.usage(consent, assets=["last"])
    made.accept(usage)
    made.accept(made.world.usage(consent, assets=["more"]), made.world.revocation(consent=consent))
    yield made
    made.service.close()


def test_a_real_registry_is_clean(served: Served, tmp_path: Path) -> None:
    size = served.service.published.checkpoint.size
    with on_air(served) as url:
        report, found = run(served.world, url, tmp_path / "store")
    assert (found, report.size, report.may_cosign) == ([], size, True)
    report, found = run(served.world, served.root, tmp_path / "second")
    assert (found, report.size, report.may_cosign) == ([], size, True)
    report, found = run(served.world, tmp_path / "store", tmp_path / "third")
    assert (found, report.size, report.may_cosign) == ([], size, True)


# ---- the quick look


def look(world: World, source: str, store: Path, count: int = 8) -> Sample:
    random = Random(7)
    policy = parse_policy(world.policy())
    with Replayer(store, policy, clock=lambda: world.now) as replayer:
        return take_sample(replayer, open_source(source), policy, count, random.randrange)


def test_a_sample_of_a_real_registry(served: Served, tmp_path: Path) -> None:
    """So many entries, as many lists, and one that is not there; and that it grew from what was seen before."""
    size = served.service.published.checkpoint.size
    with on_air(served) as url:
        sample = look(served.world, url, tmp_path / "store", 20)
        assert (sample.findings, sample.grew_from) == ([], None)
        assert (len(sample.entries), len(set(sample.entries)), sample.lists) == (20, 20, 21)
        served.accept(served.world.party("late", roles=["model"]))
        sample = look(served.world, url, tmp_path / "store", 1_000)
    assert (sample.findings, sample.grew_from) == ([], size)
    assert (sample.entries, sample.lists) == (list(range(size + 2)), size + 3)


def test_a_sample_sees_that_the_log_did_not_only_grow(served: Served, tmp_path: Path) -> None:
    other = World(origin=served.world.origin)
    story(other)
    other.log_key = served.world.log_key
    look(other, str(publish(other, tmp_path / "log")), tmp_path / "store")
    sample = look(served.world, str(served.root), tmp_path / "store")
    assert (sample.entries, sample.grew_from) == ([], None)
    with Replayer(tmp_path / "store", parse_policy(other.policy())) as replayer:
        assert said(list(replayer.store.findings())) == [(other.log.size, "fork")]


def test_a_sample_of_files_has_no_lists(world: World, tmp_path: Path) -> None:
    sample = look(world, str(publish(world, tmp_path / "log")), tmp_path / "store")
    assert (sample.findings, sample.lists) == ([], None)
    assert len(sample.entries) == 8


def test_a_sample_finds_what_it_looks_at(tmp_path: Path) -> None:
    world = World()
    consent, _, _ = story(world)
    bad = [world.usage(consent, wrong_signatures=True).index, world.leaf(b"hello")]
    sample = look(world, str(publish(world, tmp_path / "log")), tmp_path / "store", 1_000)
    assert said(sample.findings) == [(bad[0], "signature_wrong"), (bad[1], "leaf_unreadable")]


@pytest.mark.parametrize("part", ["list", "path", "seal", "subject", "checkpoint"])
def test_a_sample_believes_no_list(served: Served, tmp_path: Path, part: str) -> None:
    """The answer about a subject is another's, or lacks something."""
    from verifier.base import canonical

    app = create_app(served.service).test_client()

    def lying(path: str) -> Answer:
        response = app.get(f"/{path}")
        data = response.data
        if path.startswith("subjects/"):
            value = canonical.parse(data, limit=1 << 24)
            other = canonical.parse(app.get(f"/subjects/party:{served.world.genesis_id}").data, limit=1 << 24)
            if part == "list" and len(value["list"]) > 1:
                value["list"].pop()
            elif part == "checkpoint":
                value["checkpoint"] = served.world.checkpoint()
            elif part in ("path", "seal", "subject"):
                value[part] = {} if part == "seal" else other[part]
            data = canonical.encode(value)
        return response.status_code, {}, data

    with serving(lying) as url, pytest.raises((Broken, Unreachable)):
        look(served.world, url, tmp_path / "store", 20)


@pytest.mark.parametrize("text", ["http:/x", "https:x", "HTTP:/x", "http//x", "http:\\\\x", "ftp:x"])
def test_what_was_meant_as_an_address_is_a_wrong_call(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(BadUrl, match="is not an address like"):
        open_source(text)
    (tmp_path / "p").write_text(POLICY)
    for command in (["audit", text], ["watch", text, "--once", "--party", "ab" * 32]):
        assert main([*command, "--trust", str(tmp_path / "p"), "--language", "en"]) == 2
        assert "is not an address like" in capsys.readouterr().err


def test_a_folder_may_be_called_like_an_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("http:").mkdir()
    with pytest.raises(Unreachable, match="holds no log"):
        open_source("http:")
