"""What this log's own key has signed is never contradicted: witnesses, mirrors and auditors that know more stop it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from shutil import copytree, rmtree
from typing import Any

import pytest

from registry import config
from registry.gate import CONTRADICTION, Gate, Word
from registry.problems import Problem
from registry.sequencer import Logged
from registry.service import Service
from registry.settings import NO_GUARD, Settings, write_settings
from tests.support.served import Served, raw
from tests.support.witness_serving import eventually, saying, serving
from verifier.base.private_keys import SigningKey
from verifier.log.checkpoint import Checkpoint
from verifier.log.note import Verifier
from verifier.log.trust import Policy, TrustedLog
from verifier.log.writing import Cosigner, Signer, format_checkpoint, format_note, format_policy
from verifier.programs.witness.app import App
from verifier.programs.witness.store import WitnessStore
from verifier.programs.witness.witness import WitnessServer


class Scene:
    """A registry and its witnesses, which remember what they cosigned when its folder goes back."""

    def __init__(self, root: Path, stack: ExitStack) -> None:
        self.root = root
        self.stack = stack
        self.served = Served(root / "registry")

    def close(self) -> None:
        self.served.service.close()

    def start(self, *, trusted: bool = False, asked: tuple[str, ...] = ()) -> None:
        made = config.load(self.served.root, trusted=trusted, asked=asked)
        self.served.service = Service(made, clock=self.served.clock)

    def restart(self, **settings: bool | str | tuple[str, ...]) -> None:
        self.close()
        guard = str(settings.pop("guard", NO_GUARD))
        write_settings(self.served.root, Settings(guard=guard, **settings))  # type: ignore[arg-type]
        self.start()

    def witness(self, number: int) -> tuple[Verifier, str]:
        cosigner = Cosigner(f"w{number}.example", SigningKey(bytes([100 + number]) * 32))
        store = WitnessStore(self.root / f"witness{number}.db")
        self.stack.callback(store.close)
        log = TrustedLog(verifier=self.served.service.config.policy.logs[0].verifier)
        logs = Policy(logs=(log,), witnesses=(), groups=(), quorum=None)
        app = App(WitnessServer(cosigner, logs, store, self.served.clock))
        return cosigner.verifier, self.stack.enter_context(serving(app))

    def trust(self, *witnesses: tuple[Verifier, str], quorum: int | None = None) -> None:
        """Have these cosign from the next start on."""
        log = self.served.service.config.policy.logs[0]
        policy = config.trust_policy(log, witnesses, quorum)
        (self.served.root / config.POLICY).write_text(format_policy(policy))

    def accept(self, name: str) -> None:
        self.served.accept(self.served.world.party(name, roles=["model"]))

    def offer(self, name: str) -> Logged | Problem:
        [outcome] = self.served.service.submit([raw(self.served.entry(self.served.world.party(name, roles=["model"])))])
        return outcome

    def code(self, name: str) -> str:
        found = self.offer(name)
        return found.code if isinstance(found, Problem) else "logged"

    def cosigned(self, size: int) -> bool:
        said = self.served.service.witnesses()
        return all(one.get("size") == size for one in said)

    def copy(self, name: str) -> Path:
        """The folder as it is now, at rest."""
        self.close()
        copytree(self.served.root, self.root / name)
        self.start()
        return self.root / name

    def restore(self, copy: Path, guard: str = NO_GUARD) -> None:
        """The folder goes back to a copy, on another machine if there is no guard."""
        self.close()
        rmtree(self.served.root)
        copytree(copy, self.served.root)
        write_settings(self.served.root, Settings(guard=guard))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with ExitStack() as stack:
        made = Scene(tmp_path, stack)
        stack.callback(made.close)
        yield made


class TestWitnesses:
    def test_a_folder_from_another_machine_goes_on_once_a_quorum_knows_no_more(self, scene: Scene) -> None:
        scene.trust(scene.witness(0), scene.witness(1))
        scene.restart(guard="", guard_made=False)  # nothing but the genesis batch: a first start
        scene.accept("anna")
        eventually(lambda: scene.cosigned(4))
        scene.restart()
        eventually(lambda: scene.code("ben") == "logged")

    def test_an_outage_is_never_taken_for_a_no(self, scene: Scene) -> None:
        one, other = scene.witness(0), scene.witness(1)
        scene.accept("anna")
        scene.trust(one, (other[0], "http://127.0.0.1:1"), quorum=2)
        scene.restart()
        eventually(lambda: [said["state"] for said in scene.served.service.witnesses()] == ["cosigning", "failing"])
        assert scene.code("ben") == "not_confirmed"

    def test_a_restored_folder_is_stopped_by_what_a_witness_has_seen_signed(
        self, scene: Scene, caplog: pytest.LogCaptureFixture
    ) -> None:
        scene.trust(scene.witness(0))
        scene.accept("early")
        yesterday = scene.copy("yesterday")
        scene.accept("anna")
        eventually(lambda: scene.cosigned(6))
        newest = scene.served.service.published.note
        scene.restore(yesterday)
        scene.start()
        eventually(lambda: scene.code("ben") == "stopped")
        assert (scene.served.root / CONTRADICTION).read_text().startswith(newest.partition("\n\n")[0])
        assert "shows a checkpoint of size 6 that this log's key has signed" in caplog.text
        assert scene.served.service.published.checkpoint.size == 4  # read on
        scene.close()
        scene.start(trusted=True)  # a restart forgets nothing, and the operator's word is nothing against a signature
        assert scene.code("eve") == "stopped"

    def test_at_any_time(self, scene: Scene) -> None:
        """Same size, another root, while everything else agrees, guard included: shown late, it stops all the same."""
        scene.accept("anna")
        fork = _signed(scene.served, 4)
        shown = [saying(404), saying(200, fork)]

        def app(environ: Any, start: Any) -> Any:
            return shown[0](environ, start)

        url = scene.stack.enter_context(serving(app))
        scene.close()
        scene.start(asked=(url,))
        scene.accept("ben")
        shown.pop(0)
        asking = scene.served.service.circle.asking
        assert [asking._look(one) for one in asking._sources] == [Word.CONTRADICTS]
        assert scene.code("eve") == "stopped"

    def test_a_bare_number_stops_a_start_without_a_guard(
        self, scene: Scene, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Until its operator says that the witness's word is worth nothing."""
        scene.accept("anna")
        liar = _claiming(scene, 99)
        scene.trust(liar, scene.witness(1), scene.witness(2), quorum=2)
        scene.restart()
        eventually(lambda: "witness1 says that it knows this log with 99 entries" in caplog.text)
        scene.served.service._gate.confirmed("two others")
        assert scene.code("ben") == "not_confirmed"
        scene.restart(disregarded=("witness1",))
        eventually(lambda: scene.code("ben") == "logged")
        assert "is disregarded" in caplog.text

    def test_a_bare_number_is_a_warning_where_the_guard_agrees(
        self, scene: Scene, caplog: pytest.LogCaptureFixture
    ) -> None:
        scene.accept("anna")
        scene.trust(_claiming(scene, 99))
        scene.served.reopen()
        eventually(lambda: "witness1 says that it knows this log with 99 entries" in caplog.text)
        assert scene.code("ben") == "logged"


class TestMirrors:
    def test_one_that_knows_no_more_lets_a_held_log_go_on(self, scene: Scene, tmp_path: Path) -> None:
        scene.accept("anna")
        copytree(scene.served.root / "public", tmp_path / "mirror")
        scene.accept("ben")
        scene.restart(mirrors=(str(tmp_path / "mirror"),))
        eventually(lambda: scene.code("eve") == "logged")

    @pytest.mark.parametrize("remote", [False, True], ids=["folder", "url"])
    def test_one_that_knows_more_stops_it(self, scene: Scene, tmp_path: Path, remote: bool) -> None:
        scene.accept("early")
        yesterday = scene.copy("yesterday")
        scene.accept("anna")
        note = scene.served.service.published.note.encode()
        copytree(scene.served.root / "public", tmp_path / "mirror")
        scene.restore(yesterday)
        mirror = scene.stack.enter_context(serving(saying(200, note))) if remote else str(tmp_path / "mirror")
        scene.start(asked=(mirror,))
        eventually(lambda: scene.code("ben") == "stopped")

    def test_one_that_is_not_there_changes_nothing(self, scene: Scene, tmp_path: Path) -> None:
        scene.accept("anna")
        scene.restart(mirrors=(str(tmp_path / "nowhere"), "http://127.0.0.1:1"))
        eventually(lambda: all(one.next for one in scene.served.service.circle.asking._sources))
        assert scene.code("ben") == "not_confirmed"


class TestWords:
    def test_what_counts(self, scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.ERROR)
        service = scene.served.service
        old = service.published.note.encode()
        scene.accept("anna")
        gate: Gate = service._gate
        new = service.published.note
        stranger = Signer(service.origin, SigningKey(bytes([9]) * 32))
        text = new.partition("\n\n")[0].replace("\n4\n", "\n9\n") + "\n"
        foreign = [b"", b"\xff", b"no note\n\n", format_note(text, [stranger.sign(text)]).encode(), b"x" * 100_000]
        assert [gate.heard(note, "eve") for note in foreign] == [Word.FOREIGN] * len(foreign)
        assert [gate.heard(note, "ann") for note in (old, new.encode())] == [Word.AGREES] * 2
        assert not gate.is_stopped and caplog.text == ""
        smaller = _signed(scene.served, 2)
        assert gate.heard(smaller, "ann") is Word.CONTRADICTS and gate.is_stopped


def _signed(served: Served, size: int) -> bytes:
    """A checkpoint that this log's key signs and that is not of its tree."""
    text = format_checkpoint(Checkpoint(origin=served.service.origin, size=size, root=sha256(b"fork").digest()))
    return format_note(text, [Signer(served.service.origin, served.world.log_key).sign(text)]).encode()


def _claiming(scene: Scene, size: int) -> tuple[Verifier, str]:
    """A witness that says a number and shows nothing."""
    key = Cosigner("liar.example", SigningKey(bytes([66]) * 32)).verifier
    larger = saying(409, f"{size}\n".encode(), "text/x.tlog.size")
    nothing = saying(404)

    def app(environ: Any, start: Any) -> Any:
        return (larger if environ["REQUEST_METHOD"] == "POST" else nothing)(environ, start)

    return key, scene.stack.enter_context(serving(app))
