"""An audit that many machines share: however a log is split, the merge says what the plain audit says."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from tests.support.audited_logs import grow, publish, story
from tests.support.root import ROOT
from tests.support.world import World
from verifier.log.trust import parse_policy
from verifier.programs.audit.command import FOUND
from verifier.programs.audit.partial import FACT_SIZE, PartialError, Partials, write_partial
from verifier.programs.cli import main
from verifier.programs.console import CANNOT_TELL, INVALID, USAGE_ERROR, YES
from verifier.programs.source import Broken, open_source
from verifier.statements.envelope import Envelope, check_signatures


class Log:
    """A log of some 900 entries in ``folder``/log with false signatures, a void entry and unreadable bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.world = World(witnesses=["w"], quorum="1")
        consent, anna, _ = story(self.world)
        self.world.usage(consent, signers=[anna])
        grow(self.world, 780, batch=10, wrong=97)
        publish(self.world, folder / "log")
        (folder / "policy").write_text(self.world.policy())
        self.size = self.world.log.size
        self.policy = parse_policy(self.world.policy())

    def audit(self, *arguments: str | Path) -> tuple[int, bytes]:
        """The exit status, and the report but for how long it took."""
        done = subprocess.run(
            [sys.executable, "-m", "verifier", "audit", "log", "--trust", "policy", "--json", *map(str, arguments)],
            cwd=self.folder, capture_output=True, check=False, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        assert done.stderr == b"", done.stderr
        return done.returncode, re.sub(rb'"milliseconds":\d+', b"", done.stdout)

    def part(self, first: int, end: int, name: str | None = None, jobs: int = 1) -> Path:
        path = self.folder / (name or f"{first}-{end}.partial")
        assert write_partial(path, first, end, open_source(str(self.folder / "log")), self.policy, jobs=jobs)
        return path


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Log:
    return Log(tmp_path_factory.mktemp("log"))


@pytest.fixture(scope="module")
def plain(log: Log) -> tuple[int, bytes]:
    status, report = log.audit()
    assert status == FOUND and report.count(b"signature_wrong") == 8 and b"void_signers" in report
    return status, report


SPLITS = [
    [0], [0, 1], [0, 256, 512, 768], [0, 100, 101, 700], [0, 255, 257], [5, 300],
    sorted(random.Random(7).sample(range(900), 20)),
]  # fmt: skip
"""Where ranges begin; the last one ends where the log does, and what is before the first is in none."""


@pytest.mark.parametrize("split", SPLITS)
def test_however_it_is_split_the_result_is_the_same(log: Log, plain: tuple[int, bytes], split: list[int]) -> None:
    begins = [one for one in split if one < log.size]
    paths = [log.part(first, end) for first, end in zip(begins, [*begins[1:], log.size], strict=True)]
    random.Random(len(split)).shuffle(paths)
    assert log.audit("--merge", *paths) == plain
    assert log.audit("--merge", *paths, "--jobs", "1") == plain


def test_overlaps_gaps_and_all_twice(log: Log, plain: tuple[int, bytes]) -> None:
    paths = [log.part(*one) for one in ((0, 300), (200, 400), (250, 260), (600, log.size), (600, log.size))]
    assert log.audit("--merge", *paths) == plain


def test_equal_ranges_have_equal_files(log: Log) -> None:
    one, other = log.part(100, 800, "one.partial"), log.part(100, 800, "other.partial", jobs=2)
    assert one.read_bytes() == other.read_bytes()
    assert one.stat().st_size == len(one.read_bytes().split(b"\n", 1)[0]) + 1 + 700 * FACT_SIZE + 32


def test_no_signature_is_checked_that_a_partial_has(
    log: Log, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else merging would be as much work as the audit."""
    path, asked = log.part(10, log.size), list[Envelope]()

    def counted(envelope: Envelope) -> int | None:
        asked.append(envelope)
        return check_signatures(envelope)

    monkeypatch.setattr("verifier.replay.leaves.check_signatures", counted)
    monkeypatch.chdir(log.folder)
    assert main(["audit", "log", "--trust", "policy", "--jobs", "1", "--quiet", "--merge", str(path)]) == FOUND
    assert len(asked) == 10


def test_a_fact_about_other_bytes_is_not_believed(log: Log, plain: tuple[int, bytes], tmp_path: Path) -> None:
    """A log that was told differently to a worker: its hashes are others, and those leaves are checked here."""
    other = log.part(0, log.size, "other.partial")
    data = bytearray(other.read_bytes()[:-32])
    header = data.index(b"\n") + 1
    for at in range(header, len(data), 5 * FACT_SIZE):
        data[at] ^= 1
        data[at + FACT_SIZE - 1] ^= 1
    other.write_bytes(bytes(data) + sha256(data).digest())
    assert log.audit("--merge", other) == plain


class TestInterrupted:
    def test_it_goes_on_where_it_stopped(self, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
        whole = log.part(3, log.size, "whole.partial").read_bytes()
        path = log.folder / "stopped.partial"
        source = open_source(str(log.folder / "log"))
        assert not write_partial(path, 3, log.size, source, log.policy, should_stop=lambda: True)
        assert not path.exists()
        growing = path.with_name("stopped.partial.new")
        with growing.open("r+b") as file:
            file.truncate(growing.stat().st_size - 7)  # killed in the middle of a write
        seen: list[int] = []
        assert write_partial(path, 3, log.size, source, log.policy, progress=seen.append)
        assert path.read_bytes() == whole and sum(seen) == log.size - 3 - 253 + 1 and not growing.exists()

    def test_what_another_range_left_is_not_gone_on_from(self, log: Log) -> None:
        path = log.folder / "again.partial"
        source = open_source(str(log.folder / "log"))
        assert not write_partial(path, 0, log.size, source, log.policy, should_stop=lambda: True)
        assert log.part(4, 700, "again.partial").read_bytes() == log.part(4, 700).read_bytes()

    @pytest.mark.parametrize("at", [0, 10, 200, -40, -1])
    def test_one_that_is_cut_off_or_damaged_is_refused(self, log: Log, at: int) -> None:
        whole = log.part(0, 400, "damaged.partial")
        data = bytearray(whole.read_bytes())
        data[at] ^= 1
        for wrong in (bytes(data), whole.read_bytes()[:at], whole.read_bytes() + b"x"):
            whole.write_bytes(wrong)
            with pytest.raises(PartialError):
                Partials([whole], log.policy)
        with pytest.raises(PartialError, match="cannot be read"):
            Partials([log.folder / "nowhere"], log.policy)


class TestCommand:
    def run(
        self, log: Log, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *more: str
    ) -> tuple[int, str]:
        monkeypatch.chdir(log.folder)
        status = main(["audit", "log", "--trust", "policy", *more])
        told = capsys.readouterr()
        return status, told.out + told.err

    def test_a_part(self, log: Log, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        status, said = self.run(log, capsys, monkeypatch, "--range", "0..300", "--partial", "a b.partial")
        assert (status, said) == (YES, "a b.partial: entries 0 to 299\n")
        assert len(Partials([log.folder / "a b.partial"], log.policy).facts(0, 300)) == 300

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["--range", "0..5"], "go together"), (["--partial", "x"], "go together"),
            (["--range", "0..5", "--partial", "x", "--store", "y"], "give the other options to --merge"),
            (["--merge", "x", "--sample", "5"], "do not go together"),
            (["--range", "0..100000", "--partial", "x"], "and log shows"),
            (["--merge", "policy"], "policy"),
        ],
    )  # fmt: skip
    def test_what_is_refused(
        self, log: Log, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str],
        said: str,
    ) -> None:  # fmt: skip
        status, told = self.run(log, capsys, monkeypatch, *arguments)
        assert status in (USAGE_ERROR, INVALID) and said in told

    @pytest.mark.parametrize(
        "text", ["5", "5..5", "5..3", "-1..3", "a..b", "1..", "..4", "1...3", "0..99999999999999999"]
    )
    def test_what_is_no_range(
        self, log: Log, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, text: str
    ) -> None:
        monkeypatch.chdir(log.folder)
        status = main(["audit", "log", "--trust", "policy", f"--range={text}", "--partial", "x"])
        assert status == USAGE_ERROR and "is no range" in capsys.readouterr().err

    def test_of_another_log(
        self, log: Log, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        world = World(origin="other.example/log")
        story(world)
        publish(world, tmp_path / "log")
        policy = parse_policy(world.policy())
        assert write_partial(tmp_path / "x", 0, 3, open_source(str(tmp_path / "log")), policy)
        status, told = self.run(log, capsys, monkeypatch, "--merge", str(tmp_path / "x"))
        assert status == USAGE_ERROR and "other.example/log" in told

    def test_a_source_that_serves_another_tree(self, log: Log, tmp_path: Path) -> None:
        publish(log.world, tmp_path / "log")
        bundle = tmp_path / "log" / "tile" / "entries" / "000"
        data = bytearray(bundle.read_bytes())
        data[-1] ^= 1
        bundle.write_bytes(data)
        with pytest.raises(Broken):
            write_partial(tmp_path / "x", 0, 300, open_source(str(tmp_path / "log")), log.policy)
        assert not (tmp_path / "x").exists() and CANNOT_TELL == 3
