"""A witness: what it answers, and that it never cosigns two trees, whatever happens in between."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.root import ROOT
from tests.support.witness_serving import serving
from tests.support.witnessed_logs import NOW, WITNESS_KEY, WITNESS_NAME, Clock, MemoryLog, witness
from tests.vectors.make_witness_vectors import vectors
from verifier.base.errors import Malformed
from verifier.log.cosignature import verify_cosignature
from verifier.log.note import SignatureError, Verifier, parse_note, parse_vkey
from verifier.log.trust import parse_policy
from verifier.log.witness_protocol import (
    MAX_REQUEST,
    format_cosignature,
    format_request,
    parse_cosignatures,
    parse_request,
)
from verifier.log.writing import Cosigner
from verifier.programs.witness.app import App
from verifier.programs.witness.decision import Reply, read_proposal
from verifier.programs.witness.store import WitnessStore, WitnessStoreError
from verifier.programs.witness.witness import WitnessServer

VECTORS: dict[str, Any] = json.loads((ROOT / "tests/vectors/witness/add-checkpoint.json").read_text("ascii"))
KEY: Verifier = Cosigner(WITNESS_NAME, WITNESS_KEY).verifier


def test_the_vectors_are_what_their_maker_makes() -> None:
    assert vectors() == VECTORS


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["name"])
def test_vector(vector: dict[str, Any], tmp_path: Path) -> None:
    store = WitnessStore(tmp_path / "witness.db")
    one = WitnessServer(
        Cosigner(WITNESS_NAME, WITNESS_KEY), parse_policy(VECTORS["policy"]), store, lambda: VECTORS["now"]
    )
    assert str(one.verifier) == VECTORS["witness"]
    for body in vector["before"]:
        assert one.add_checkpoint(body.encode()).status == 200
    answer = one.add_checkpoint(vector["body"].encode("latin-1"))
    assert answer.status == vector["status"], answer.body
    if "answer" in vector:
        assert (answer.content_type, answer.body.decode()) == (vector["content_type"], vector["answer"])
    else:
        assert answer.content_type.startswith("text/plain")


def accepted(one: WitnessServer, log: MemoryLog, old: int, size: int) -> int:
    """The cosignature's time."""
    answer = one.add_checkpoint(log.request(old, size))
    assert answer.status == 200, answer.body
    return parse_cosignatures(answer.body, log.text(size), one.verifier)[1].timestamp


class TestNewest:
    """``GET <hash of origin>/checkpoint``."""

    def test_is_what_was_cosigned_last_with_the_cosignature(self, tmp_path: Path) -> None:
        log = MemoryLog()
        clock = Clock()
        one = witness(tmp_path, log, clock=clock)
        name = sha256(log.origin.encode()).hexdigest()
        assert one.newest(name).status == 404
        for old, size in ((0, 5), (5, 8)):
            at = accepted(one, log, old, size)
            clock.now += 60
            answer = one.newest(name)
            assert answer.status == 200 and answer.content_type.startswith("text/plain")
            note = parse_note(answer.body)
            assert note.text == log.text(size)
            assert {line.name for line in note.signatures} == {log.origin, WITNESS_NAME}
            line = next(line for line in note.signatures if line.name == WITNESS_NAME)
            assert verify_cosignature(one.verifier, note.text, line.signature).timestamp == at
        assert one.newest("00" * 32).status == 404

    def test_over_http(self, tmp_path: Path) -> None:
        log = MemoryLog()
        one = witness(tmp_path, log)
        accepted(one, log, 0, 5)
        name = sha256(log.origin.encode()).hexdigest()
        with serving(App(one, prefix="/w")) as url:
            with urlopen(f"{url}/w/{name}/checkpoint") as answer:
                assert answer.read() == one.newest(name).body
            for path in (f"/w/{name.upper()}/checkpoint", f"/w/{name}/checkpoint/", f"/{name}/checkpoint"):
                with pytest.raises(HTTPError, match="404"):
                    urlopen(url + path)


class TestMemory:
    def test_a_restart_forgets_nothing(self, tmp_path: Path) -> None:
        log = MemoryLog()
        first = witness(tmp_path, log)
        accepted(first, log, 0, 5)
        first.store.close()
        second = witness(tmp_path, log)
        assert second.add_checkpoint(log.request(0, 8)).body == b"5\n"
        assert second.add_checkpoint(MemoryLog(tale="x").request(5, 8)).status == 422
        accepted(second, log, 5, 8)

    def test_several_logs_are_kept_apart(self, tmp_path: Path) -> None:
        one, two = MemoryLog(), MemoryLog("log.example/b", 2)
        both = witness(tmp_path, one, two)
        accepted(both, one, 0, 5)
        accepted(both, two, 0, 7)
        accepted(both, one, 5, 6)
        assert (both.store.known(one.origin).size, both.store.known(two.origin).size) == (6, 7)

    def test_times_never_run_backwards(self, tmp_path: Path) -> None:
        log, clock = MemoryLog(), Clock()
        one = witness(tmp_path, log, clock=clock)
        assert accepted(one, log, 0, 5) == NOW
        clock.now = NOW - 3600
        assert accepted(one, log, 5, 8) == NOW
        clock.now = NOW + 1
        assert accepted(one, log, 8, 8) == NOW + 1

    def test_two_roots_of_one_size_are_kept_as_proof(self, tmp_path: Path) -> None:
        log, fork = MemoryLog(), MemoryLog(tale="x")
        one = witness(tmp_path, log)
        accepted(one, log, 0, 5)
        for _ in range(2):
            assert one.add_checkpoint(fork.request(5, 5, [])).status == 422
        assert one.store.forks() == [(log.note(5), fork.note(5))]

    def test_a_file_of_a_later_version_is_refused(self, tmp_path: Path) -> None:
        store = WitnessStore(tmp_path / "witness.db")
        store._db.execute("PRAGMA user_version = 2")
        store.close()
        with pytest.raises(WitnessStoreError, match="later program"):
            WitnessStore(tmp_path / "witness.db")

    def test_a_file_that_is_no_store(self, tmp_path: Path) -> None:
        (tmp_path / "witness.db").write_bytes(b"something else entirely" * 100)
        with pytest.raises(WitnessStoreError, match="cannot be used"):
            WitnessStore(tmp_path / "witness.db")


class TestRaces:
    def test_of_many_that_go_on_from_one_checkpoint_one_wins(self, tmp_path: Path) -> None:
        """Threads over two connections to one file, half of them with another tree: one tree is ever signed."""
        log = MemoryLog()
        witnesses = [witness(tmp_path, log), witness(tmp_path, log)]
        for size in range(1, 9):
            fresh = f"log.example/race{size}"
            bodies = [MemoryLog(fresh, 1, tale).request(0, size) for tale in ("", "x")]
            racing = [
                WitnessServer(
                    Cosigner(WITNESS_NAME, WITNESS_KEY),
                    parse_policy(f"log {MemoryLog(fresh).signer.verifier}\nquorum none\n"),
                    one.store,
                    Clock(),
                )
                for one in witnesses
            ]
            answers: list[tuple[int, int]] = []
            barrier = threading.Barrier(8)

            def ask(place: int) -> None:
                barrier.wait()  # noqa: B023 -- the threads end within the round
                status = racing[place % 2].add_checkpoint(bodies[place // 2 % 2]).status  # noqa: B023
                answers.append((place // 2 % 2, status))  # noqa: B023

            threads = [threading.Thread(target=ask, args=(place,)) for place in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert len({tale for tale, status in answers if status == 200}) == 1
            assert {status for _, status in answers} == {200, 409}

    def test_between_reading_and_writing(self, tmp_path: Path) -> None:
        """The race of the standard's own text: B overtakes A between A's check and A's write."""
        log = MemoryLog()
        one = witness(tmp_path, log)
        known = one.store.known(log.origin)
        proposal = read_proposal(log.request(0, 5), one.logs)
        assert not isinstance(proposal, Reply)
        accepted(one, log, 0, 8)
        assert one.store.advance(known, proposal, Clock()) is None
        assert one.store.known(log.origin).size == 8


class TestKill:
    def test_what_was_cosigned_is_known_after_kill_9(self, tmp_path: Path) -> None:
        """A process that cosigns as fast as it can is killed: the next knows at least all that it answered."""
        log = MemoryLog()
        for _ in range(3):
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.growing", str(tmp_path)],
                stdout=subprocess.PIPE,
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.2)
            process.send_signal(signal.SIGKILL)
            told = process.stdout.read().split(b"\n")[:-1]
            process.communicate()
            again = witness(tmp_path, log)
            size = again.store.known(log.origin).size
            assert size >= int(told[-1])
            fork = MemoryLog(tale="x").request(size, size + 1, log.proof(size, size + 1))
            assert again.add_checkpoint(fork).status == 422
            accepted(again, log, size, size + 1)
            again.store.close()


class TestWire:
    @given(st.binary(max_size=200))
    def test_whatever_comes_is_read_or_refused(self, body: bytes) -> None:
        try:
            request = parse_request(body)
        except Malformed:
            return
        assert format_request(request.old, request.proof, "") + request.note == body

    @given(st.integers(0, 2**63 - 1), st.lists(st.binary(min_size=32, max_size=32), max_size=63))
    def test_round_trip(self, old: int, proof: list[bytes]) -> None:
        request = parse_request(format_request(old, proof, MemoryLog().note(3)))
        assert (request.old, list(request.proof), request.note.decode()) == (old, proof, MemoryLog().note(3))

    def test_a_body_beyond_the_limit(self) -> None:
        with pytest.raises(Malformed, match="bytes"):
            parse_request(bytes(MAX_REQUEST + 1))

    def test_the_standards_own_example(self) -> None:
        body = (
            b"old 20852014\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"
            b"jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n\nexample.com/behind-the-sofa\n"
        )
        request = parse_request(body)
        assert (request.old, len(request.proof), request.note) == (20852014, 2, b"example.com/behind-the-sofa\n")


class TestAnswers:
    """What a client makes of a 200."""

    text = MemoryLog().text(5)

    def line(self, at: int, seed: int = 5, name: str = WITNESS_NAME, text: str = "") -> bytes:
        from verifier.base.private_keys import SigningKey

        return format_cosignature(Cosigner(name, SigningKey(bytes([seed]) * 32)).sign(text or self.text, at))

    def test_the_latest_counts_and_others_are_ignored(self) -> None:
        answer = self.line(5) + self.line(9) + self.line(7, seed=6, name="other.example") + self.line(3)
        line, cosignature = parse_cosignatures(answer, self.text, KEY)
        assert cosignature.timestamp == 9
        assert format_cosignature(line) == self.line(9)

    @pytest.mark.parametrize("answer", [b"", b"hello\n", b"\n\n", b"\xff\n", "\n— a b\n".encode(), b"x" * 70_000])
    def test_what_is_no_signature_lines(self, answer: bytes) -> None:
        with pytest.raises(Malformed):
            parse_cosignatures(answer, self.text, KEY)

    def test_nothing_by_this_witness(self) -> None:
        with pytest.raises(SignatureError, match="no cosignature"):
            parse_cosignatures(self.line(7, seed=6, name="other.example"), self.text, KEY)

    def test_one_over_another_text(self) -> None:
        with pytest.raises(SignatureError):
            parse_cosignatures(self.line(7, text=MemoryLog().text(6)), self.text, KEY)

    def test_a_text_that_is_smuggled_in(self) -> None:
        with pytest.raises(Malformed):
            parse_cosignatures(b"more text\n\n" + self.line(7), self.text, KEY)

    def test_the_key_is_as_the_vectors_say(self) -> None:
        assert parse_vkey(VECTORS["witness"]) == KEY
