"""A witness that has lost its database, or has an older copy of it, does not serve."""

from __future__ import annotations

import io
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.support.witness_serving import saying, serving
from tests.support.witnessed_logs import WITNESS_KEY, WITNESS_NAME, Clock, MemoryLog, policy, witness
from verifier.log.note import NoteSignature, parse_note
from verifier.log.witness_protocol import parse_cosignatures
from verifier.log.writing import Cosigner, format_note
from verifier.programs.cli import main
from verifier.programs.serving import ServedApp
from verifier.programs.witness.app import App
from verifier.programs.witness.memory_check import UntilCompared, compare_with_logs, require_memory, start_anew
from verifier.programs.witness.store import WitnessStore, WitnessStoreError
from verifier.programs.witness.witness import WitnessServer
from verifier.words.catalogue import Sentence


def cosigned(one: WitnessServer, log: MemoryLog, old: int, size: int) -> str:
    """The checkpoint of a size with the witness's line, as the log shows it then."""
    answer = one.add_checkpoint(log.request(old, size))
    assert answer.status == 200
    line: NoteSignature = parse_cosignatures(answer.body, log.text(size), one.verifier)[0]
    return format_note(log.text(size), [*parse_note(log.note(size)).signatures, line])


class TestLost:
    @pytest.mark.parametrize("data", [None, b""])
    def test_without_a_database_it_refuses(self, tmp_path: Path, data: bytes | None) -> None:
        path = tmp_path / "witness.db"
        if data is not None:
            path.write_bytes(data)
        with pytest.raises(WitnessStoreError, match=r"would cosign a fork.*--start-anew FILE.*--on-my-word"):
            require_memory(path)
        WitnessStore(tmp_path / "new.db").close()
        require_memory(tmp_path / "new.db")

    def test_started_anew_it_goes_on_from_what_was_handed_in(self, tmp_path: Path) -> None:
        log = MemoryLog()
        path = tmp_path / "witness.db"
        start_anew(path, policy(log), {"a": log.note(5).encode()})
        one = witness(tmp_path, log)
        assert one.add_checkpoint(log.request(0, 3)).body == b"5\n"
        assert one.add_checkpoint(MemoryLog(tale="x").request(5, 8)).status == 422
        name = sha256(log.origin.encode()).hexdigest()
        lines = parse_note(one.newest(name).body).signatures
        assert [line.name for line in lines] == [log.origin], "it cosigned nothing yet"
        cosigned(one, log, 5, 8)
        one.store.close()

    def test_of_every_log_one_checkpoint_and_no_more(self, tmp_path: Path) -> None:
        logs = MemoryLog(), MemoryLog("log.example/b", seed=2)
        path, good = tmp_path / "witness.db", [log.note(5).encode() for log in logs]
        for notes, said in (
            ({"a": good[0]}, "of log.example/b too"),
            ({"a": good[0], "b": b"rubbish"}, "b is no checkpoint"),
            ({"a": good[0], "b": good[1], "c": logs[0].note(4).encode()}, "c is a second checkpoint"),
            ({"a": good[0], "b": MemoryLog("log.example/b", seed=3).note(5).encode()}, "b is no checkpoint"),
        ):
            with pytest.raises(WitnessStoreError, match=said):
                start_anew(path, policy(*logs), notes)
            assert not path.exists()
        start_anew(path, policy(*logs), {"a": good[0], "b": good[1]})
        with pytest.raises(WitnessStoreError, match="nothing to start anew"):
            start_anew(path, policy(*logs), {"a": good[0], "b": good[1]})


class TestOlderCopy:
    @pytest.mark.parametrize("remote", [False, True], ids=["folder", "url"])
    def test_a_line_of_its_own_over_more_than_it_knows(self, tmp_path: Path, remote: bool) -> None:
        log = MemoryLog()
        one = witness(tmp_path, log)
        cosigned(one, log, 0, 5)
        one.store.close()
        old = (tmp_path / "witness.db").read_bytes()
        one = witness(tmp_path, log)
        shown = cosigned(one, log, 5, 8)
        compare(one, log, shown, tmp_path, remote)
        one.store.close()
        (tmp_path / "witness.db").write_bytes(old)
        one = witness(tmp_path, log)
        with pytest.raises(WitnessStoreError, match="8 entries that this witness cosigned, and it knows 5"):
            compare(one, log, shown, tmp_path, remote)
        compare(one, log, log.note(8), tmp_path, remote)  # without a line of its own it is the log's word alone
        one.store.close()

    def test_a_log_that_does_not_answer_is_told(self, tmp_path: Path) -> None:
        log, told = MemoryLog(), list[str | Sentence]()
        one = witness(tmp_path, log)
        with serving(saying(500)) as broken:
            for url in (broken, "http://127.0.0.1:1", str(tmp_path / "nowhere")):
                silent = compare_with_logs(one.store, one.verifier, {log.origin: url}, told.append)
                assert silent == {log.origin: url}
        assert len(told) == 3 and {line.id for line in told if isinstance(line, Sentence)} == {"witness.silent"}
        one.store.close()


class TestSilentAtTheStart:
    """A log that did not answer when the witness started: its own lines may lie there, over more than it knows."""

    @pytest.fixture
    def log(self) -> MemoryLog:
        return MemoryLog()

    def test_it_is_looked_at_again_until_it_answers(
        self, log: MemoryLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told: list[str | Sentence] = []
        one = held(tmp_path, log, told)
        answer = one.add_checkpoint(log.request(0, 5))
        assert (answer.status, answer.body) == (503, f"{SILENT}\n".encode())
        assert f"  nothing is cosigned: {SILENT}\n" in home(one)
        (tmp_path / "log").mkdir()
        (tmp_path / "log" / "checkpoint").write_text(log.note(5))
        assert one.add_checkpoint(log.request(0, 5)).status == 503, "it looked a moment ago"
        monkeypatch.setattr("verifier.programs.witness.memory_check.ASK_AGAIN", 0.0)
        assert one.add_checkpoint(log.request(0, 5)).status == 200
        [line] = told
        assert isinstance(line, Sentence)
        assert (line.id, line.values) == ("witness.answers", {"url": str(tmp_path / "log")})
        assert "nothing is cosigned" not in home(one)
        one.store.close()

    def test_a_line_over_more_than_it_knows_holds_it_back_for_good(
        self, log: MemoryLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("verifier.programs.witness.memory_check.ASK_AGAIN", 0.0)
        (tmp_path / "lost").mkdir()
        lost, told = witness(tmp_path / "lost", log), list[str | Sentence]()
        shown = cosigned(lost, log, 0, 8)
        lost.store.close()
        other = MemoryLog("log.example/b", seed=2)
        one = held(tmp_path, log, told, other)
        (tmp_path / "log").mkdir()
        (tmp_path / "log" / "checkpoint").write_text(shown)
        for _ in range(2):
            assert one.add_checkpoint(log.request(0, 5)).status == 503
        assert len(told) == 1 and "its database is an older copy" in str(told[0])
        assert one.store.known(log.origin).size == 0
        assert one.add_checkpoint(other.request(0, 5)).status == 200, "of another log it knows all"
        one.store.close()

    def test_served(self, log: MemoryLog, tmp_path: Path) -> None:
        """The whole command: its log is down when it starts."""
        folder, policy_path = tmp_path / "w", tmp_path / "logs.policy"
        policy_path.write_text(f"log {log.signer.verifier} {tmp_path / 'log'}\nquorum none\n")
        assert main(["witness", "keygen", str(folder), "--name", "witness.example/ada"]) == 0
        started: list[ServedApp] = []

        def run(name: str, start: Callable[[], ServedApp], *_: object) -> None:
            started.append(start())

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("verifier.programs.serving.run", run)
            assert main(["witness", "serve", str(folder), "--trust", str(policy_path)]) == 0
        [served] = started
        environ: Any = {
            "REQUEST_METHOD": "POST", "PATH_INFO": "/add-checkpoint",
            "CONTENT_LENGTH": str(len(log.request(0, 5))), "wsgi.input": io.BytesIO(log.request(0, 5)),
        }  # fmt: skip
        said: list[str] = []
        answer = served.app(environ, lambda status, headers: said.append(status))  # type: ignore[arg-type]
        assert list(answer) == [f"{SILENT}\n".encode()]
        assert said == ["503 Service Unavailable"]
        served.close()


SILENT = "the log has not shown its checkpoint since this witness started"


def held(folder: Path, log: MemoryLog, told: list[str | Sentence], *others: MemoryLog) -> WitnessServer:
    """A witness that could not compare at its start what the log shows in a folder."""
    store, cosigner = WitnessStore(folder / "witness.db"), Cosigner(WITNESS_NAME, WITNESS_KEY)
    hold = UntilCompared(store, cosigner.verifier, {log.origin: str(folder / "log")}, told.append)
    return WitnessServer(cosigner, policy(log, *others), store, Clock(), hold=hold)


def home(one: WitnessServer) -> str:
    environ: Any = {"REQUEST_METHOD": "GET", "PATH_INFO": "/"}
    return b"".join(App(one)(environ, lambda status, headers: None)).decode()  # type: ignore[arg-type]


def compare(one: WitnessServer, log: MemoryLog, shown: str, folder: Path, remote: bool) -> None:
    told: list[str | Sentence] = []
    if remote:
        with serving(saying(200, shown.encode())) as url:
            compare_with_logs(one.store, one.verifier, {log.origin: url}, told.append)
    else:
        (folder / "checkpoint").write_text(shown)
        compare_with_logs(one.store, one.verifier, {log.origin: str(folder)}, told.append)
    assert told == []
