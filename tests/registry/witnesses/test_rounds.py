"""Having checkpoints cosigned: quorums, slow and dead witnesses, every answer that a witness may give."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

import registry.service
import registry.witnesses.rounds
from registry import config
from registry.evidence import evidence
from registry.log.published_log import SubjectProof
from registry.problems import Problem
from registry.witnesses.rounds import post
from tests.support.breaking import Faults
from tests.support.running import dead_url
from tests.support.served import proved_list, raw
from tests.support.witness_scene import LONG, Scene, met
from tests.support.witness_serving import eventually, gated, saying, serving, slowly
from verifier.evidence.verdict import Verdict
from verifier.evidence.verify import verify
from verifier.log.log_proof import parse_log_proof
from verifier.log.trust import Policy, QuorumMissing, open_checkpoint
from verifier.log.writing import format_policy
from verifier.programs.http import HttpError
from verifier.rules.model.question import Question


def _nobody(*arguments: Any, **named: Any) -> Any:
    raise HttpError("nobody is there")


def proved_at(scene: Scene, id: str, policy: Policy) -> int | None:
    """The size at which an entry's log proof has its quorum; None if it has not."""
    found = scene.service.entry(id)
    assert found is not None
    try:
        return open_checkpoint(parse_log_proof(found.proof.encode()).checkpoint, policy).checkpoint.size
    except QuorumMissing:
        return None


class TestQuorum:
    def test_two_of_three_with_one_dead(self, scene: Scene) -> None:
        policy = scene.trust(scene.witness(), (scene.witness()[0], dead_url()), scene.witness())
        began = time.monotonic()
        scene.served.accept(scene.served.world.party("anna", roles=["model"]))
        verdict = scene.verdict(policy)
        assert time.monotonic() - began < LONG / 2
        assert verdict.as_of.basis == "witnessed"
        assert verdict.as_of.size == scene.service.published.checkpoint.size
        eventually(lambda: met(scene, policy))
        assert scene.states() == {"witness1": "cosigning", "witness2": "failing", "witness3": "cosigning"}

    def test_a_slow_one_delays_nobody(self, scene: Scene) -> None:
        gate = threading.Event()
        scene.stack.callback(gate.set)
        slow = scene.witness(lambda app: gated(app, gate))
        policy = scene.trust(scene.witness(), slow, scene.witness())
        began = time.monotonic()
        for number in range(5):
            scene.served.accept(scene.served.world.party(f"b{number}", roles=["licensee"]))
            assert scene.verdict(policy).as_of.size == scene.service.published.checkpoint.size
        assert time.monotonic() - began < LONG / 2

    def test_without_a_quorum_readers_are_shown_what_had_one(self, scene: Scene) -> None:
        works = [True]

        def sometimes(app: Any) -> Any:
            return lambda environ, start: (app if works[0] else saying(503))(environ, start)  # noqa: PLW0108

        policy = scene.trust(scene.witness(sometimes))
        anna = scene.served.world.party("anna", roles=["model"])
        scene.served.accept(anna)
        size = scene.verdict(policy).as_of.size
        works[0] = False
        brand = scene.served.world.party("brand", roles=["licensee"])
        scene.served.accept(brand)
        began = time.monotonic()
        assert scene.verdict(policy).as_of.size == size
        assert time.monotonic() - began < LONG / 2  # it is known by then that the witness is out of order
        assert open_checkpoint(scene.service.checkpoint(), policy).checkpoint.size == size
        found = proved_list(scene.service, f"party:{anna.id}")
        assert not isinstance(found, Problem) and found.published == scene.service.shown
        assert [proved_at(scene, one.id, policy) for one in (anna, brand)] == [size, None]
        question = Question(kind="party", id=brand.id)
        newest = evidence(scene.service, question, None)
        assert not isinstance(newest, Problem)  # only the newest checkpoint has it: better that than nothing
        assert scene.service.published.checkpoint.size == size + 2
        works[0] = True
        eventually(lambda: scene.service.shown.checkpoint.size == size + 2)
        assert met(scene, policy)
        assert scene.verdict(policy).as_of.size == size + 2
        assert proved_at(scene, brand.id, policy) == size + 2

    def test_one_that_the_quorum_needs_and_that_hangs_delays_readers_once(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Else a few readers of a busy log would take up every thread that there is."""
        gate = threading.Event()
        scene.stack.callback(gate.set)
        monkeypatch.setattr(registry.witnesses.rounds, "ROUND", 0.1)
        scene.trust(scene.witness(lambda app: gated(app, gate)))
        subject = f"party:{'00' * 32}"
        assert isinstance(proved_list(scene.service, subject), SubjectProof)
        monkeypatch.setattr(registry.witnesses.rounds, "ROUND", LONG)
        began = time.monotonic()
        for number in range(3):
            scene.served.accept(scene.served.world.party(f"b{number}", roles=["licensee"]))
            assert isinstance(proved_list(scene.service, subject), SubjectProof)
        assert time.monotonic() - began < LONG / 2

    def test_under_steady_load_there_is_always_a_quorum(self, scene: Scene) -> None:
        """The log never stands still for long enough to be cosigned at its newest checkpoint."""
        policy = scene.trust(scene.witness(lambda app: slowly(app, 0.02)), scene.witness())
        assert scene.verdict(policy).as_of.basis == "witnessed"
        stop = threading.Event()

        def submit() -> None:
            number = 0
            while not stop.is_set():
                number += 1
                scene.served.accept(scene.served.world.party(f"b{number}", roles=["licensee"]))

        writer = threading.Thread(target=submit)
        writer.start()
        sizes: list[int] = []
        try:
            while len(sizes) < 10 or sizes[0] == sizes[-1]:
                assert met(scene, policy)
                verdict = scene.verdict(policy)
                assert verdict.as_of.basis == "witnessed"
                sizes.append(verdict.as_of.size)
        finally:
            stop.set()
            writer.join()
        assert sizes == sorted(sizes)

    def test_a_party_that_was_enrolled_a_moment_ago(self, scene: Scene) -> None:
        policy = scene.trust(scene.witness(lambda app: slowly(app, 0.05)))
        for number in range(5):
            brand = scene.served.world.party(f"b{number}", roles=["licensee"])
            scene.served.accept(brand)
            data = evidence(scene.service, Question(kind="party", id=brand.id), None)
            assert not isinstance(data, Problem)
            outcome = verify(data, policy, instant=scene.served.clock(), max_age=86_400, files=[])
            assert isinstance(outcome, Verdict) and outcome.decision.answer == "COMPLETE"

    def test_no_witnesses_no_threads(self, scene: Scene) -> None:
        assert scene.service.witnesses() == []
        assert scene.verdict(scene.service.config.policy).as_of.basis == "claimed"

    def test_after_a_restart_the_cosignatures_are_still_there(self, scene: Scene) -> None:
        policy = scene.trust(scene.witness())
        eventually(lambda: met(scene, policy))
        note = scene.service.checkpoint()
        (scene.served.root / config.POLICY).write_text(
            format_policy(policy).replace("http://127.0.0.1", "http://127.0.0.2")
        )
        scene.served.reopen()
        assert scene.service.checkpoint() == note
        assert scene.verdict(policy).as_of.basis == "witnessed"

    def test_what_readers_were_shown_stays_while_the_witnesses_are_away(self, scene: Scene) -> None:
        """A restart in an outage: evidence is built where the quorum was met, though the log has gone on since."""
        world, gate = scene.served.world, threading.Event()
        gate.set()
        anna = world.party("anna", roles=["model"])
        scene.served.accept(anna)
        policy = scene.trust(scene.witness(lambda app: gated(app, gate)))
        eventually(lambda: met(scene, policy))
        shown = scene.service.shown.checkpoint.size
        away = format_policy(policy).replace(str(policy.witnesses[0].url), dead_url())
        (scene.served.root / config.POLICY).write_text(away)
        scene.served.reopen()
        assert scene.service.shown.checkpoint.size == shown
        ben = world.party("ben", roles=["model"])
        scene.served.accept(ben)
        for _ in range(2):
            assert scene.service.published.checkpoint.size > shown
            assert scene.service.shown.checkpoint.size == shown
            verdict = scene.verdict(policy)
            assert (verdict.as_of.basis, verdict.as_of.size) == ("witnessed", shown)
            for subject, one in ((f"party:{anna.id}", 1), (f"party:{ben.id}", 0)):
                found = scene.service.snapshot(lambda record, wanted=subject: [wanted])  # type: ignore[misc]
                assert not isinstance(found, Problem) and len(found.lists[subject].rows) == one
                assert found.lists[subject].published.checkpoint.size == shown
            scene.served.reopen()

    def test_what_readers_were_shown_stays_when_a_write_fails(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        scene.served.accept(scene.served.world.party("anna", roles=["model"]))
        policy = scene.trust(scene.witness())
        eventually(lambda: met(scene, policy))
        shown = scene.service.shown.checkpoint.size
        monkeypatch.setattr(registry.witnesses.rounds, "ask_once", _nobody)
        faults = Faults(monkeypatch)
        faults.fail_at(1, kept=False)
        made = scene.served.entry(scene.served.world.party("ben", roles=["model"]))
        [lost] = scene.service.submit([raw(made)])
        assert isinstance(lost, Problem)
        faults.heal()
        scene.served.accept(made)
        assert scene.service.shown.checkpoint.size == shown
        assert scene.verdict(policy).as_of.size == shown

    @pytest.mark.parametrize("data", [b"", b"\xff", b"rubbish"])
    def test_a_kept_checkpoint_that_is_damaged_costs_no_start(self, scene: Scene, data: bytes) -> None:
        policy = scene.trust(scene.witness())
        eventually(lambda: met(scene, policy))
        (scene.served.root / "quorum-checkpoint").write_bytes(data)
        scene.served.reopen()
        eventually(lambda: met(scene, policy))

    def test_an_unchanged_log_is_cosigned_again(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(registry.witnesses.rounds, "REFRESH", 0.2)
        policy = scene.trust(scene.witness())
        eventually(lambda: met(scene, policy))
        first = open_checkpoint(scene.service.checkpoint(), policy).as_of
        assert first is not None
        for later in (3000, 6000):
            scene.served.world.now += 3000
            eventually(lambda: open_checkpoint(scene.service.checkpoint(), policy).as_of == first + later)  # noqa: B023
        assert scene.service.checkpoint().count("— w0.example") == 1  # the old line has made room

    def test_what_comes_after_the_end_is_not_published(self, scene: Scene) -> None:
        arrived, gate = threading.Event(), threading.Event()

        def arriving(app: Any) -> Any:
            def answer(environ: Any, start: Any) -> Any:
                arrived.set()
                return gated(app, gate)(environ, start)

            return answer

        scene.trust(scene.witness(arriving))
        path = scene.served.root / "public" / "checkpoint"
        assert arrived.wait(60)
        scene.service.close()
        there = path.read_text()
        gate.set()
        eventually(lambda: scene.stores[0].known(scene.service.origin).size > 0)
        time.sleep(0.2)
        assert path.read_text() == there


class TestAnswers:
    """What a witness may say, by the versions of the standard and by servers that are none."""

    @pytest.mark.parametrize(
        "app, said",
        [
            (saying(400, b"what?\n"), "cannot read the request (400: what?)"),
            (saying(403), "does not know this log or its key (403)"),
            (saying(404), "does not know this log, or is not at this address (404)"),
            (saying(409, b"no size\n"), "knows another size, and does not say which (409: no size)"),
            (saying(409, b"0\n", "text/x.tlog.size"), "knows another tree of this size, or another size"),
            (saying(409, b"99999\n", "text/x.tlog.size"), "it knows this log with 99999 entries"),
            (saying(422, b"bad\nproof"), "refuses the checkpoint (422: bad proof)"),
            (saying(429), "asked too often (429)"),
            (saying(503, b"\xff\x00"), "out of order (503"),
            (saying(302), "it redirects (302), which is not followed"),
            (saying(200, b""), "not signature lines"),
            (saying(200, b"hello"), "not signature lines"),
            (saying(200, "— other.example AAAAAAAA\n".encode()), "no cosignature by"),
            (saying(200, b"x" * 140_000), "more than 131072 bytes"),
        ],
    )
    def test_is_reported(self, scene: Scene, app: Any, said: str) -> None:
        scene.trust(scene.stub(app))
        eventually(lambda: scene.states() == {"witness1": "failing"})
        [report] = scene.service.witnesses()
        if said == "knows another tree of this size, or another size":
            said = "knows another size" if "another size" in report["fault"] else "it refuses"
        assert said in report["fault"]

    @pytest.mark.parametrize("status", [409, 422])
    def test_another_root_of_the_same_size(self, scene: Scene, status: int) -> None:
        size = scene.service.published.checkpoint.size
        told: list[int] = []

        def forked(environ: Any, start: Any) -> Any:
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            old = int(body.split(b"\n")[0].removeprefix(b"old "))
            told.append(old)
            if old != size:
                return saying(409, f"{size}\n".encode(), "text/x.tlog.size")(environ, start)
            return saying(status, b"another root\n")(environ, start)

        scene.trust(scene.stub(forked))
        eventually(lambda: scene.states() == {"witness1": "failing"})
        assert "knows another tree of this size" in scene.service.witnesses()[0]["fault"]
        assert told[:2] == [0, size]

    @pytest.mark.parametrize("kind", ["text/x.tlog.size", "text/plain", "text/x.tlog.size; charset=utf-8"])
    def test_the_size_that_a_witness_knows_is_taken_up(self, scene: Scene, kind: str) -> None:
        """As after a restart: the first question is from nothing, and the answer says from where."""
        refused: list[str] = []

        def called(app: Any) -> Any:
            def answer(environ: Any, start: Any) -> Any:
                def renamed(status: str, headers: list[tuple[str, str]]) -> Any:
                    if status.startswith("409"):
                        refused.append(status)
                        headers = [(name, kind if name == "Content-Type" else one) for name, one in headers]
                    return start(status, headers)

                return app(environ, renamed)

            return answer

        policy = scene.trust(scene.witness(called))
        eventually(lambda: met(scene, policy))
        scene.served.reopen()
        scene.served.accept(scene.served.world.party("anna", roles=["model"]))
        eventually(lambda: scene.service.shown == scene.service.published and met(scene, policy))
        assert refused

    def test_a_cosignature_that_does_not_verify(self, scene: Scene) -> None:
        key, _ = scene.witness()
        raw = key.key_id + bytes(72)
        from verifier.base.strict import format_b64

        scene.trust((key, scene.stub(saying(200, f"— {key.name} {format_b64(raw)}\n".encode()))[1]))
        eventually(lambda: scene.states() == {"witness1": "failing"})
        assert "does not verify" in scene.service.witnesses()[0]["fault"]

    @pytest.mark.parametrize("late", [301, -301, 1_000_000_000])
    def test_a_witness_with_another_clock(self, scene: Scene, late: int) -> None:
        """Its cosignature would make evidence invalid, or keep it fresh for ever: it is not taken, and that is told."""
        lagging = scene.witness(late=late)
        policy = scene.trust(lagging, scene.witness(late=300), quorum=1)
        eventually(lambda: scene.states() == {"witness1": "failing", "witness2": "cosigning"})
        assert "one of the two clocks is wrong" in scene.service.witnesses()[0]["fault"]
        assert lagging[0].name not in scene.service.checkpoint()
        assert scene.verdict(policy).as_of.at == scene.served.clock() - 300

    def test_a_witness_that_sends_a_byte_at_a_time(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        """It never lets a socket's timeout pass, and is given up and told of like one that is silent."""
        monkeypatch.setattr(registry.witnesses.rounds, "TIMEOUT", 0.5)
        left = threading.Event()

        def dripping(environ: Any, start: Any) -> Iterator[bytes]:
            start("200 OK", [("Content-Type", "text/plain")])
            while not left.wait(0.05):
                yield b"x"

        scene.stack.callback(left.set)
        scene.trust(scene.stub(dripping))
        eventually(lambda: scene.states() == {"witness1": "failing"})
        assert scene.service.witnesses()[0]["fault"] == "the answer was not there in whole within 0.5 seconds"

    def test_an_address_with_a_path(self, scene: Scene) -> None:
        seen: list[str] = []

        def app(environ: Any, start: Any) -> Any:
            seen.append(environ["REQUEST_METHOD"] + environ["PATH_INFO"])
            return saying(404)(environ, start)

        with serving(app) as url:
            assert post(f"{url}/deep/prefix/", b"old 0\n")[0] == 404
        assert seen == ["POST/deep/prefix/add-checkpoint"]
