"""An auditor: it cosigns what it replayed, and refuses for every reason that the protocol's section 9 lists."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from tests.support.audited_logs import publish, story
from tests.support.false_logs import LIES
from tests.support.witness_serving import eventually
from tests.support.witnessed_logs import WITNESS_KEY
from tests.support.world import Actor, Logged, World
from verifier.log.note import parse_note
from verifier.log.provers import prove_consistency
from verifier.log.trust import parse_policy
from verifier.log.witness_protocol import format_request, parse_cosignatures
from verifier.log.writing import Cosigner
from verifier.misbehaviour.check import Proven, check
from verifier.programs.source import Source, open_source
from verifier.programs.witness import auditor as module
from verifier.programs.witness.app import App
from verifier.programs.witness.auditor import Auditor, Auditors
from verifier.programs.witness.decision import Reply
from verifier.programs.witness.store import WitnessStore
from verifier.programs.witness.witness import WitnessServer
from verifier.replay.findings import misbehaviour, refuses

NAME = "union.example/kembar-auditor"


class Scene:
    """A world whose log is a folder of files, and an auditor that reads them there."""

    def __init__(self, root: Path, world: World | None = None) -> None:
        self.root = root
        self.world = world or World()
        self.old = 0
        self.note = ""
        self.publish()
        self.open()

    def open(self, patience: float = 20, source: Source | None = None) -> None:
        logs = parse_policy(self.world.policy())
        self.store = WitnessStore(self.root / "witness.db")
        self.auditor = Auditor(
            self.root / "audit",
            self.world.origin,
            logs,
            source or open_source(str(self.root / "log")),
            self.store,
            lambda: self.world.now,
            patience=patience,
        )
        self.auditors = Auditors({self.world.origin: self.auditor})
        self.witness = WitnessServer(
            Cosigner(NAME, WITNESS_KEY), logs, self.store, lambda: self.world.now, self.auditors.by_origin
        )
        self.app = App(self.witness, self.auditors)

    def close(self) -> None:
        self.auditors.close()
        self.store.close()

    def publish(self) -> None:
        """What the world has logged, as files."""
        publish(self.world, self.root / "log")
        self.note = self.world.checkpoint()

    def ask(self, *, publish: bool = True) -> Reply:
        """Have the newest checkpoint cosigned."""
        if publish:
            self.publish()
        size = self.world.log.size
        proof = prove_consistency(self.old, size, self.world.log.read_node)
        answer = self.witness.add_checkpoint(format_request(self.old, proof, self.world.checkpoint()))
        if answer.status == 200:
            self.old = size
        return answer

    def cosigned(self, **options: Any) -> int:
        """The time of a cosignature on the newest checkpoint."""
        answer = self.ask(**options)
        assert answer.status == 200, answer.body.decode()
        text = parse_note(self.world.checkpoint()).text
        return parse_cosignatures(answer.body, text, self.witness.verifier)[1].timestamp

    def refused(self, status: int = 422, **options: Any) -> str:
        answer = self.ask(**options)
        assert answer.status == status, answer.body.decode()
        return answer.body.decode()

    def post(self, body: bytes, kind: str = "application/json") -> tuple[int, Any]:
        """``POST /entries``: the status and what came back, of many a list."""
        said: list[str] = []
        environ: Any = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/entries",
            "CONTENT_TYPE": kind,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
        }
        answer = b"".join(self.app(environ, lambda status, headers: said.append(status)))  # type: ignore[arg-type]
        if kind == "application/x-ndjson" and said[0].startswith("202"):
            return 202, [json.loads(line) for line in answer.splitlines()]
        return int(said[0].split()[0]), json.loads(answer)


    def get(self, path: str) -> tuple[int, bytes]:
        said: list[str] = []
        environ: Any = {"REQUEST_METHOD": "GET", "PATH_INFO": path}
        body = b"".join(self.app(environ, lambda status, headers: said.append(status)))  # type: ignore[arg-type]
        return int(said[0].split()[0]), body


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path)
    yield made
    made.close()


def handed(made: Logged) -> bytes:
    return b'{"envelope":' + made.leaf + b"}"


class TestCosigning:
    def test_a_good_log(self, scene: Scene) -> None:
        assert scene.cosigned() == scene.world.now
        consent, _, _ = story(scene.world)
        for _ in range(3):
            scene.world.advance("1h")
            scene.world.usage(consent)
            assert scene.cosigned() == scene.world.now
        scene.world.advance("1h")
        assert scene.cosigned() == scene.world.now  # nothing new: once more

    def test_after_a_restart(self, scene: Scene) -> None:
        consent, _, _ = story(scene.world)
        scene.cosigned()
        scene.close()
        scene.open()
        scene.world.usage(consent)
        scene.cosigned()

    def test_a_registry_that_shows_readers_what_was_cosigned(self, scene: Scene) -> None:
        """An auditor replays to the newest checkpoint; what readers are shown may be waiting for it."""
        story(scene.world)
        scene.publish()
        files = open_source(str(scene.root / "log"))
        cosigned = scene.note.encode()

        class Showing:
            name = "a registry"
            is_remote = False

            def get(self, path: str, limit: int) -> bytes | None:
                shown = {"checkpoint": cosigned, "checkpoint/newest": scene.note.encode()}
                return shown.get(path) or files.get(path, limit)

        scene.close()
        scene.open(source=Showing())
        scene.cosigned()
        scene.world.advance("1h")
        scene.world.party("late", roles=["model"])
        assert scene.cosigned() == scene.world.now

    def test_a_checkpoint_that_the_log_has_outgrown(self, scene: Scene) -> None:
        """The log went on while it was asking: what was asked about is in what was replayed."""
        story(scene.world)
        size, note = scene.world.log.size, scene.world.checkpoint()
        scene.world.party("eve", roles=["licensee"])
        scene.publish()
        answer = scene.witness.add_checkpoint(format_request(0, [], note))
        assert answer.status == 200
        scene.old = size
        scene.cosigned()

    def test_a_checkpoint_that_the_log_does_not_show(self, scene: Scene) -> None:
        scene.cosigned()
        scene.world.party("eve", roles=["licensee"])
        assert "the log shows 2, not 4 yet" in scene.refused(503, publish=False)
        scene.cosigned()

    def test_a_replay_that_takes_its_time(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        scene.cosigned()
        source = scene.auditor._source
        get = source.get

        def slow(path: str, limit: int) -> bytes | None:
            time.sleep(0.4)
            return get(path, limit)

        monkeypatch.setattr(source, "get", slow)
        monkeypatch.setattr(scene.auditor, "_patience", 0.1)
        scene.world.party("eve", roles=["licensee"])
        assert "being replayed" in scene.refused(503)
        monkeypatch.setattr(scene.auditor, "_patience", 20)
        monkeypatch.setattr(source, "get", get)
        scene.cosigned()

    def test_a_log_that_cannot_be_reached(self, scene: Scene) -> None:
        scene.cosigned()
        scene.world.party("eve", roles=["licensee"])
        scene.publish()
        (scene.root / "log" / "checkpoint").rename(scene.root / "hidden")
        assert "cannot be replayed now" in scene.refused(503, publish=False)
        (scene.root / "hidden").rename(scene.root / "log" / "checkpoint")
        scene.cosigned(publish=False)

    def test_tiles_that_are_not_the_logs(self, scene: Scene) -> None:
        """They are changed while no auditor runs, for its first look may come at any time after it was started."""
        scene.close()
        story(scene.world)
        scene.publish()
        for path in (scene.root / "log/tile/0").rglob("*"):
            if path.is_file():
                path.write_bytes(bytes(path.stat().st_size))
        scene.open()
        assert "not_replayable" in scene.refused(publish=False)

    def test_an_extension_line(self, scene: Scene) -> None:
        from verifier.log.writing import Signer, format_note

        text = parse_note(scene.note).text + "extension\n"
        signer = Signer(scene.world.origin, scene.world.log_key)
        body = format_request(0, [], format_note(text, [signer.sign(text)]))
        answer = scene.witness.add_checkpoint(body)
        assert (answer.status, answer.body[:15]) == (422, b"extension_lines")

    def test_many_at_once_share_a_look_at_the_log(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        from threading import Thread

        scene.cosigned()
        looks: list[str] = []
        get = scene.auditor._source.get

        def counted(path: str, limit: int) -> bytes | None:
            time.sleep(0.05)
            looks.append(path)
            return get(path, limit)

        monkeypatch.setattr(scene.auditor._source, "get", counted)
        threads = [Thread(target=lambda: scene.ask(publish=False)) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert looks.count("checkpoint") < 10


class TestRefusals:
    @pytest.mark.parametrize("name", LIES)
    def test_each_lie(self, name: str, tmp_path: Path) -> None:
        """What an auditor refuses for it names; what is only void, or said of an entry, it cosigns."""
        world = World()
        reasons = [code for _, code in LIES[name](world) if _refused(code)]
        scene = Scene(tmp_path, world)
        try:
            if not reasons:
                scene.cosigned()
                return
            for _ in range(2):  # the second time nothing is new, and it is refused all the same
                said = scene.refused()
                for code in reasons:
                    assert code in said
        finally:
            scene.close()

    def test_a_seal_dated_before_the_last_cosignature(self, scene: Scene) -> None:
        consent, _, _ = story(scene.world)
        scene.cosigned()
        scene.world.advance("1h")
        assert scene.cosigned() == scene.world.now  # so nothing was logged in this hour
        scene.world.advance("-6m")
        scene.world.usage(consent)
        scene.world.advance("6m")
        assert "seal_back_dated" in scene.refused()

    def test_five_minutes_are_let_pass(self, scene: Scene) -> None:
        consent, _, _ = story(scene.world)
        scene.world.advance("1h")
        scene.cosigned()
        scene.world.advance("-5m")
        scene.world.usage(consent)
        scene.world.advance("5m")
        scene.cosigned()

    def test_an_old_checkpoint_cosigned_late_accuses_nobody(self, scene: Scene) -> None:
        """Anyone may hand the auditor an older checkpoint of a log that went on: that the log did is seen first."""
        consent, _, _ = story(scene.world)
        scene.publish()
        size, note = scene.world.log.size, scene.world.checkpoint()
        scene.world.usage(consent)
        scene.publish()
        scene.world.advance("2h")
        assert scene.witness.add_checkpoint(format_request(0, [], note)).status == 200
        scene.old = size
        scene.cosigned()
        scene.world.usage(consent)
        scene.cosigned()

    def test_a_fork_of_what_it_has_replayed(self, scene: Scene) -> None:
        """Larger than what was cosigned, smaller than what the log shows, and not its beginning."""
        consent, _, _ = story(scene.world)
        other = World()
        story(other)
        other.party("eve", roles=["licensee"])
        fork = other.checkpoint()
        scene.world.usage(consent)
        scene.world.usage(consent)
        scene.publish()
        answer = scene.witness.add_checkpoint(format_request(0, [], fork))
        assert (answer.status, answer.body[:5]) == (422, b"fork:")
        assert "fork" in scene.refused()  # both are signed by the log: nothing of it is cosigned any more
        [proof] = (scene.root / "audit" / "misbehaviour").iterdir()
        outcome = check(proof.read_bytes(), parse_policy(scene.world.policy()))
        assert isinstance(outcome, Proven)
        assert (outcome.kind, outcome.sizes) == ("fork", (other.log.size, scene.world.log.size))


def _refused(code: str) -> bool:
    try:
        return refuses(misbehaviour(0, code))
    except KeyError:
        return False  # void, or a judgement


MAKERS: dict[str, Callable[[World, Logged, Actor], Logged]] = {
    "revocation": lambda world, consent, anna: world.revocation(consent=consent),
    "suspension": lambda world, consent, anna: world.suspension(consent),
    "retiring": lambda world, consent, anna: world.key(anna, retire=anna.keys),
}


class TestWithheld:
    """A revocation, a suspension, a key statement that retires: handed in, and the log does not have it."""

    @staticmethod
    def hidden(scene: Scene, make: Callable[[World, Logged, Actor], Logged]) -> Logged:
        """The same world up to a consent, in which one more thing was logged: it is in no log of the scene's."""
        other = World()
        consent, anna, _ = story(other)
        made = make(other, consent, anna)
        story(scene.world)
        return made

    @pytest.mark.parametrize("kind", MAKERS)
    def test_refused_after_a_day(self, scene: Scene, kind: str) -> None:
        made = self.hidden(scene, MAKERS[kind])
        scene.publish()
        assert scene.post(handed(made)) == (202, {"id": made.id})
        scene.world.advance("23h")
        scene.cosigned()
        scene.world.advance("2h")
        assert "statement_withheld" in scene.refused()
        assert made.id in scene.refused()

    def test_logged_in_the_end(self, scene: Scene) -> None:
        made = self.hidden(scene, MAKERS["revocation"])
        scene.publish()
        scene.post(handed(made))
        scene.world.advance("25h")
        scene.refused()
        scene.world.leaf(made.leaf)
        scene.cosigned()
        assert scene.store.handed(scene.world.origin) == []
        assert scene.post(handed(made)) == (202, {"id": made.id, "index": scene.world.log.size - 2})

    def test_remembered_over_a_restart(self, scene: Scene) -> None:
        made = self.hidden(scene, MAKERS["revocation"])
        scene.publish()
        scene.post(handed(made))
        scene.close()
        scene.world.advance("25h")
        scene.open()
        assert "statement_withheld" in scene.refused()

    def test_handed_in_again_keeps_its_first_time(self, scene: Scene) -> None:
        made = self.hidden(scene, MAKERS["revocation"])
        scene.publish()
        scene.post(handed(made))
        scene.world.advance("23h")
        scene.post(handed(made))
        scene.world.advance("2h")
        assert "statement_withheld" in scene.refused()

    def test_what_the_log_need_not_take_is_not_taken_here(self, scene: Scene) -> None:
        """Or anybody could have an honest registry refused."""
        made = self.hidden(
            scene, lambda world, consent, anna: world.revocation(consent=consent, signers=[world.log_key])
        )
        scene.publish()
        status, problem = scene.post(handed(made))
        assert (status, problem["type"]) == (422, "urn:kembar:problem:refused")
        assert "the log would not have to take it: A signature is missing, " in problem["detail"]
        assert "(A1, void_signers)." in problem["detail"]
        scene.world.advance("25h")
        scene.cosigned()

    def test_what_it_waits_for_is_shown_to_the_registry(self, scene: Scene) -> None:
        """Which may never have got it. Anybody may look: it is what stands in the log once it is there."""
        made = self.hidden(scene, MAKERS["revocation"])
        scene.publish()
        assert scene.get("/entries") == (200, b"")
        scene.post(handed(made))
        assert scene.get("/entries") == (200, handed(made) + b"\n")
        scene.world.log.append(made.leaf)
        scene.world.seal()
        scene.cosigned()
        assert scene.get("/entries") == (200, b"")

    def test_other_types_are_no_case_for_it(self, scene: Scene) -> None:
        made = self.hidden(scene, lambda world, consent, anna: world.usage(consent))
        scene.publish()
        assert scene.post(handed(made)) == (202, {"id": made.id})
        scene.world.advance("25h")
        scene.cosigned()

    def test_for_another_log(self, scene: Scene) -> None:
        other = World(origin="other.example/log")
        consent, _, _ = story(other)
        made = other.revocation(consent=consent)
        status, problem = scene.post(handed(made))
        assert (status, problem["type"]) == (422, "urn:kembar:problem:wrong_registry")

    def test_too_many(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "MAX_PER_SIGNER", 2)
        made: list[Logged] = []

        def many(world: World, consent: Logged, anna: Actor) -> Logged:
            made.extend(world.suspension(consent) for _ in range(3))
            return made[0]

        self.hidden(scene, many)
        scene.publish()
        body = b"\n".join(handed(one) for one in made)
        status, results = scene.post(body, "application/x-ndjson")
        assert status == 202
        assert [one.get("id") or one["status"] for one in results] == [made[0].id, made[1].id, 429]

    @pytest.mark.parametrize(
        "change",
        [
            lambda body: body[:-1] + b',"disclosures":[]}',
            lambda body: b'{"disclosures":[],' + body[1:],
            lambda body: body[12:-1],
            lambda body: body.replace(b'"sig":"', b'"sig":"AAAA', 1),
            lambda body: body.replace(b"==", b"=", 1),
            lambda body: b"{}",
            lambda body: b"",
            lambda body: b"[" * 1000,
        ],
    )
    def test_what_is_no_statement(self, scene: Scene, change: Callable[[bytes], bytes]) -> None:
        made = self.hidden(scene, MAKERS["revocation"])
        status, problem = scene.post(change(handed(made)))
        assert (status, problem["type"]) == (400, "urn:kembar:problem:submission_malformed")

    def test_a_signature_that_does_not_verify(self, scene: Scene) -> None:
        made = self.hidden(scene, lambda world, consent, anna: world.revocation(consent=consent, wrong_signatures=True))
        status, problem = scene.post(handed(made))
        assert status == 400 and "does not verify" in problem["detail"]

    def test_bodies_beyond_the_limits(self, scene: Scene) -> None:
        assert scene.post(b"x" * 70_000)[0] == 413
        assert scene.post(b"\n" * 200, "application/x-ndjson")[0] == 413
        assert scene.post(b"x", "text/plain")[0] == 415


class TestPage:
    def test_it_says_what_is_wrong(self, scene: Scene) -> None:
        def page() -> str:
            environ: Any = {"REQUEST_METHOD": "GET", "PATH_INFO": "/"}
            return b"".join(scene.app(environ, lambda status, headers: None)).decode()  # type: ignore[arg-type]

        assert "not cosigned yet" in page()
        scene.cosigned()
        assert f"{scene.world.origin}: size 2, cosigned 2026-01-01T" in page()
        story(scene.world)
        scene.world.seal()
        scene.refused()
        assert "refused: batch_empty" in page()
        eventually(lambda: "NAME" not in page())
