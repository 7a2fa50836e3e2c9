"""``verifier watch`` as it is called: lines, JSON, state, webhooks, exit statuses; at a real registry on loopback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from registry.client import Client, Refusal
from registry.config import POLICY
from registry.intake.submission import parse_submission
from tests.support.root import ROOT
from tests.support.running import running
from tests.support.served import Served, raw
from tests.support.watch_sources import publish, values
from tests.support.world import Actor, Logged, World
from verifier.base import canonical
from verifier.log.trust import parse_policy
from verifier.programs.cli import main
from verifier.programs.http import BadUrl
from verifier.programs.watch.news import check_news
from verifier.programs.watch.watcher import Watcher
from verifier.programs.watch.webhook import NotDelivered, Webhook

FOREVER = "999999"
"""Hours: the world's clock stands still while the command's goes on."""


class Desk:
    """A log in a folder of files, and a state beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.world = World(witnesses=["ada"], quorum="1")
        self.anna = self.world.party("anna", roles=["model"])
        brand = self.world.party("brand", roles=["licensee"])
        self.consent = self.world.consent(model=self.anna, licensee=brand)
        (folder / "policy").write_text(self.world.policy(), "utf-8")
        self.publish()

    def publish(self, world: World | None = None) -> None:
        publish(world or self.world, self.folder / "log")

    def use(self, name: str = "hero.jpg") -> Logged:
        self.world.advance("1h")
        usage = self.world.usage(self.consent, [name])
        self.publish()
        return usage

    def fork(self) -> World:
        """Publish another log under the same key, of one entry and one seal more."""
        (self.folder / "other").mkdir()
        other = Desk(self.folder / "other")
        other.use("other.jpg")
        other.use("more.jpg")
        self.publish(other.world)
        return other.world

    def watch(self, *more: str) -> int:
        return main(
            ["watch", str(self.folder / "log"), "--trust", str(self.folder / "policy"), "--party", self.anna.id,
             "--once", "--state", str(self.folder / "state"), "--max-age", FOREVER, "-o", str(self.folder), *more]
        )  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


class TestLines:
    def test_new_entries_once(self, desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
        assert desk.watch() == 0
        assert "watching from here on; 4 entries in all" in capsys.readouterr().out
        usage = desk.use()
        assert desk.watch() == 0
        first, last = capsys.readouterr().out.splitlines()
        assert first.split()[:3] == [str(usage.index), "2026-01-01T01:00:00Z", "usage"]
        assert "A use of the twin" in first
        assert last.startswith(
            f"party:{desk.anna.id}: 1 new, none skipped; 5 entries in all, read entry by entry as of "
        )
        assert desk.watch() == 0
        assert capsys.readouterr().out == ""

    def test_json(self, desk: Desk, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        desk.watch("--json")
        usage = desk.use()
        desk.watch("--json")
        [news] = values(capsysbinary.readouterr().out)
        assert [entry["id"] for entry in news["entries"]] == [usage.id]

    def test_from_start(self, desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
        assert desk.watch("--from-start") == 0
        assert "4 new, none skipped; 4 entries in all" in capsys.readouterr().out


class TestFaults:
    def test_a_fork_is_loud_and_both_notes_are_kept(self, desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
        desk.use("mine.jpg")
        desk.watch()
        capsys.readouterr()
        mine = desk.world.checkpoint()
        other = desk.fork()
        assert desk.watch() == 1
        printed = capsys.readouterr().out
        assert printed.startswith("!!! FORK: the log signed two trees that do not fit, of 16 and of 18 entries.")
        notes = {path.read_text("utf-8") for path in desk.folder.glob("fork-*.checkpoint")}
        assert notes == {mine, other.checkpoint()}
        [proof] = desk.folder.glob("fork-*.misbehaviour.json")
        assert main(["check", str(proof), "--trust", str(desk.folder / "policy")]) == 1
        assert desk.watch() == 1
        assert "FORK" not in capsys.readouterr().out.replace("THE LOG LIED", "")

    def test_json(self, desk: Desk, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        desk.use("mine.jpg")
        desk.watch()
        capsysbinary.readouterr()
        desk.fork()
        assert desk.watch("--json") == 1
        [fault] = values(capsysbinary.readouterr().out)
        assert (fault["fault"], len(fault["checkpoints"])) == ("fork", 2)


class TestStatus:
    @pytest.mark.parametrize(
        "arguments, status, sentence",
        [
            (["--party", "x"], 2, "x: ids and digests are 64 lower-case hex digits"),
            (["--subject", "nonsense"], 2, "nonsense: ids and digests are"),
            (["--webhook", "ftp://x"], 2, "'ftp://x' is not an address like"),
            (["--state", "policy"], 2, "policy is not a state of this command"),
            (["--state", "absent/state"], 2, "cannot write absent/state"),
            (["--trust", "absent"], 2, "cannot read absent"),
            (["--max-age", "1"], 3, "checkpoint is of 1 January 2026, 00:00:00 UTC: what is new since cannot be"),
            (["--webhook", "http://127.0.0.1:9/", "--from-start"], 3, "given up after 4 attempts"),
        ],
    )
    def test_said_plainly(
        self, desk: Desk, arguments: list[str], status: int, sentence: str, capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        monkeypatch.chdir(desk.folder)
        monkeypatch.setattr("verifier.programs.watch.webhook.PAUSES", (0.0, 0.0, 0.0))
        assert desk.watch(*arguments) == status
        assert sentence in capsys.readouterr().err

    def test_a_source_that_never_ends(
        self, desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is told of while it lasts: silence would pass for no news."""
        monkeypatch.setattr("verifier.programs.watch.command.LOOK_WARNING", 0.02)
        look = Watcher.look
        told: list[str] = []

        def slow(*arguments: Any, **options: Any) -> Any:
            while not told:
                time.sleep(0.01)
                told.extend(capsys.readouterr().err.splitlines())
            return look(*arguments, **options)

        monkeypatch.setattr(Watcher, "look", slow)
        assert desk.watch() == 0
        assert told == ["verifier: the source has not answered in whole for minutes: what is new cannot be told"]

    def test_nothing_to_watch(self, desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["watch", "x", "--trust", str(desk.folder / "policy"), "--once"]) == 2
        assert "name what to watch" in capsys.readouterr().err

    def test_no_source(self, desk: Desk) -> None:
        arguments = ["--trust", str(desk.folder / "policy"), "--once", "--party", desk.anna.id]
        assert main(["watch", str(desk.folder / "absent"), *arguments]) == 3
        assert main(["watch", "ftp://x", *arguments]) == 2

    def test_not_trusted(self, desk: Desk) -> None:
        (desk.folder / "policy").write_text(World(origin="other.example").policy(), "utf-8")
        assert desk.watch() == 4

    def test_a_state_that_was_damaged_is_not_taken_for_none(self, desk: Desk) -> None:
        desk.watch()
        (desk.folder / "state").write_bytes(b"")
        assert desk.watch() == 2


@contextmanager
def hooked(*statuses: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server that keeps what is posted, and answers with these statuses, then with 204."""
    posted: list[dict[str, Any]] = []
    left = list(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/json"
            posted.append({"path": self.path, "raw": body, "value": canonical.parse(body, limit=1 << 24)})
            self.send_response(left.pop(0) if left else 204)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook?for=anna", posted
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def entries(post: dict[str, Any]) -> list[str]:
    """The ids of the entries in a post of news."""
    return [entry["id"] for entry in post["value"]["entries"]]


class TestWebhook:
    def test_news_and_faults_are_posted(self, desk: Desk) -> None:
        with hooked() as (url, posted):
            desk.watch("--webhook", url)
            assert posted == []
            usage = desk.use()
            desk.watch("--webhook", url)
            desk.fork()
            desk.watch("--webhook", url)
        assert [one["path"] for one in posted] == ["/hook?for=anna"] * 2
        assert [entry["id"] for entry in posted[0]["value"]["entries"]] == [usage.id]
        assert posted[1]["value"]["fault"] == "fork"

    def test_what_was_not_delivered_comes_at_the_next_look(
        self, desk: Desk, capsys: pytest.CaptureFixture[str]
    ) -> None:
        desk.watch()
        desk.use()
        with hooked(400) as (url, posted):
            assert desk.watch("--webhook", url) == 3
            assert "it answers 400" in capsys.readouterr().err
            assert desk.watch("--webhook", url) == 0
            assert desk.watch("--webhook", url) == 0
        assert len(posted) == 2
        assert posted[0] == posted[1]

    def test_one_that_is_out_of_order_holds_up_nobody(
        self, desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The other gets each post once; the lines are printed; what waits is remembered."""
        monkeypatch.setattr("verifier.programs.watch.webhook.PAUSES", ())
        desk.watch()
        with hooked() as (url, posted), hooked(*(503,) * 3) as (broken, late):
            hooks = ("--webhook", broken, "--webhook", url)
            uses = []
            for _ in range(3):
                uses.append(desk.use())
                assert desk.watch(*hooks) == 3
                captured = capsys.readouterr()
                assert "A use of the twin" in captured.out and "it answers 503" in captured.err
            assert [entries(one) for one in posted] == [[use.id] for use in uses]
            assert desk.watch(*hooks) == 0
            assert [entries(one) for one in late[3:]] == [[use.id] for use in uses]
            assert desk.watch(*hooks) == 0
            assert (len(posted), len(late)) == (3, 6)

    def test_what_one_refuses_is_not_in_the_way_of_the_next(self, desk: Desk) -> None:
        desk.watch()
        with hooked(413) as (url, posted):
            first = desk.use()
            assert desk.watch("--webhook", url) == 3
            second = desk.use()
            assert desk.watch("--webhook", url) == 0
        assert [entries(one) for one in posted] == [[first.id], [first.id], [second.id]]

    def test_nothing_is_lost_when_it_is_killed_while_it_delivers(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Killed(BaseException):
            pass

        def killed(*_: object) -> None:
            raise Killed

        desk.watch()
        use = desk.use()
        with hooked() as (url, posted):
            with monkeypatch.context() as patch, pytest.raises(Killed):
                patch.setattr(Webhook, "post", killed)
                desk.watch("--webhook", url)
            assert desk.watch("--webhook", url) == 0
        assert [entries(one) for one in posted] == [[use.id]]

    def test_too_much_that_waits(
        self, desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("verifier.programs.watch.command.MAX_WAITING", 10)
        desk.watch()
        with hooked(400, 400) as (url, posted):
            first, _ = desk.use(), desk.watch("--webhook", url)
            second = desk.use()
            assert desk.watch("--webhook", url) == 3
            assert "nothing is looked at until they take it" in capsys.readouterr().err
            assert desk.watch("--webhook", url) == 3  # it takes it now
            assert desk.watch("--webhook", url) == 0
        assert [entries(one) for one in posted] == [[first.id]] * 3 + [[second.id]]

    def test_a_busy_server_is_tried_again(self) -> None:
        pauses: list[float] = []
        with hooked(503, 429, 500) as (url, posted):
            Webhook(url, pauses.append).post(b"{}")
        assert (len(posted), len(pauses)) == (4, 3)

    @pytest.mark.parametrize("statuses", [(503,) * 4, (404,)])
    def test_in_the_end_it_is_given_up(self, statuses: tuple[int, ...]) -> None:
        with hooked(*statuses) as (url, posted):
            with pytest.raises(NotDelivered, match=f"it answers {statuses[0]}"):
                Webhook(url, lambda _: None).post(b"{}")
            assert len(posted) == len(statuses)

    @pytest.mark.parametrize("url", ["", "x", "ftp://x/", "http://", "http://a:b@x/", "http://x:99999/", "http://x:y/"])
    def test_what_is_no_webhook(self, url: str) -> None:
        with pytest.raises(BadUrl):
            Webhook(url)


def submit(url: str, made: Logged) -> None:
    with Client(url) as client:
        [result] = client.submit([parse_submission(raw(made))], require=False)
    assert not isinstance(result, Refusal) and result["id"] == made.id


class TestRegistry:
    """A registry that really runs."""

    @pytest.fixture
    def served(self, tmp_path: Path) -> Iterator[tuple[Served, Logged, Actor]]:
        made = Served(tmp_path / "registry")
        consent, story = made.story()
        made.accept(*story)
        model = story[0]
        assert isinstance(model, Actor)
        made.service.close()
        yield made, consent, model

    def arguments(self, served: Served, url: str, *more: str) -> list[str]:
        return ["watch", url, "--trust", str(served.root / POLICY), "--max-age", FOREVER, *more]

    def test_a_model_learns_of_a_new_use_of_her_twin_within_one_batch(
        self, served: tuple[Served, Logged, Actor], tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
    ) -> None:
        made, consent, anna = served
        now = made.world.now
        state = ("--state", str(tmp_path / "state"), "--once", "--json")
        with running(made.root) as server:
            command = self.arguments(made, server.url, "--party", anna.id, "--consent", consent.id, *state)
            assert main(command) == 0
            made.world.now = int(time.time())
            usage = made.world.usage(consent, ["new.jpg"], terms={"starts": now, "ends": now + 86_400})
            submit(server.url, usage)
            assert main(command) == 0
            found = values(capsysbinary.readouterr().out)
            assert {news["subject"].partition(":")[0] for news in found} == {"party", "uses"}
            policy = parse_policy((made.root / POLICY).read_text("utf-8"))
            for news in found:
                assert [entry["id"] for entry in news["entries"]] == [usage.id]
                check_news(canonical.encode(news), policy)

    def test_until_it_is_interrupted(self, served: tuple[Served, Logged, Actor], tmp_path: Path) -> None:
        made, consent, _ = served
        with running(made.root) as server:
            process = subprocess.Popen(
                [sys.executable, "-m", "verifier",
                 *self.arguments(made, server.url, "--asset", "ab" * 32, "--interval", "1", "--from-start")],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
            )  # fmt: skip
            try:
                assert process.stdout is not None
                assert "watching from here on; 0 entries in all" in process.stdout.readline()
                made.world.now = int(time.time())
                usage = made.world.usage(consent, ["ab" * 32])
                submit(server.url, usage)
                assert "A use of the twin" in process.stdout.readline()
            finally:
                process.send_signal(signal.SIGINT)
                _, errors = process.communicate(timeout=30)
        assert (process.returncode, errors) == (0, "")
