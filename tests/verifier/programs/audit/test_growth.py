"""A log that grows, a source that fails, a run that dies: every next run goes on, and nothing is believed twice."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from shutil import copytree, rmtree
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.audited_logs import grow, publish, run, said, story
from tests.support.root import ROOT
from tests.support.world import World
from verifier.base.errors import KembarError
from verifier.log.checkpoint import parse_checkpoint
from verifier.log.note import parse_note
from verifier.log.tiles import CHECKPOINT_PATH
from verifier.log.trust import LogUntrusted, QuorumMissing, parse_policy
from verifier.programs.audit.mirror import Mirror
from verifier.programs.audit.replayer import Replayer
from verifier.programs.audit.store import AuditStoreError
from verifier.programs.source import Broken, FolderSource, Unreachable, open_source
from verifier.replay.findings import Finding, Severity


@pytest.fixture(scope="module")
def long() -> World:
    """A log of some 1,500 entries, six bundles, with twelve signatures that do not verify."""
    world = World()
    story(world)
    grow(world, 1_320, batch=11, wrong=110)
    return world


class Stopping:
    """Says stop after so many bundles."""

    def __init__(self, bundles: int) -> None:
        self.left = bundles

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


# ---- growing


def test_each_run_takes_only_what_is_new(tmp_path: Path) -> None:
    world = World()
    story(world)
    known = 0
    for count in (0, 300, 1, 250, 0):
        grow(world, count)
        report, found = run(world, publish(world, tmp_path / "log"), tmp_path / "store")
        assert found == [] and report.may_cosign
        assert (report.size, report.entries) == (world.log.size, world.log.size - known)
        known = world.log.size


@settings(max_examples=8)
@given(st.lists(st.integers(1, 300), min_size=1, max_size=4))
def test_the_mirror_is_the_log_however_it_grew(tmp_path_factory: pytest.TempPathFactory, steps: list[int]) -> None:
    folder = tmp_path_factory.mktemp("growth")
    world = World()
    story(world)
    for step in steps:
        grow(world, step, batch=37)
        source = publish(world, folder / "log")
        report, found = run(world, source, folder / "store")
        assert (found, report.size) == ([], world.log.size)
    mirror = folder / "store" / "mirror"
    files = {path.relative_to(mirror) for path in mirror.rglob("*") if path.is_file()}
    rmtree(folder / "log")
    publish(world, folder / "log")
    wanted = {path.relative_to(folder / "log") for path in (folder / "log").rglob("*") if path.is_file()}
    for path in wanted:
        assert (mirror / path).read_bytes() == (folder / "log" / path).read_bytes()
    # Beside them only narrower partial tiles, of those that are not full yet.
    assert {path.parent for path in files - wanted} <= {path.parent for path in wanted if path.parent.suffix == ".p"}
    again, found = run(world, mirror, folder / "again", jobs=2)
    assert (found, again.size, again.may_cosign) == ([], world.log.size, True)
    rmtree(folder)


def test_the_number_of_jobs_changes_nothing(long: World, tmp_path: Path) -> None:
    source = publish(long, tmp_path / "log")
    _, one = run(long, source, tmp_path / "one", jobs=1)
    _, two = run(long, source, tmp_path / "two", jobs=2)
    assert one == two
    assert len(one) == 12


def test_findings_of_earlier_runs_are_told_again(long: World, tmp_path: Path) -> None:
    source = publish(long, tmp_path / "log")
    first, found = run(long, source, tmp_path / "store")
    second, again = run(long, source, tmp_path / "store")
    assert (first.entries, second.entries) == (long.log.size, 0)
    assert again == found
    assert not second.may_cosign and not second.is_clean


# ---- stopping and dying


@pytest.mark.parametrize("bundles", range(6))
def test_a_run_that_is_stopped_is_gone_on_with(long: World, tmp_path: Path, bundles: int) -> None:
    source = publish(long, tmp_path / "log")
    _, whole = run(long, source, tmp_path / "whole")
    report, _ = run(long, source, tmp_path / "store", should_stop=Stopping(bundles))
    assert report.finished is (bundles == 5)
    assert not (tmp_path / "store" / "mirror" / CHECKPOINT_PATH).exists() or report.finished
    rest, found = run(long, source, tmp_path / "store")
    assert rest.finished
    # The entries of the batch that was open are taken again, for only their seal says when they were logged.
    assert long.log.size <= report.entries + rest.entries <= long.log.size + 12
    assert found == whole


def test_a_run_that_is_killed_is_gone_on_with(long: World, tmp_path: Path) -> None:
    """kill -9, again and again, at whatever moment; what was committed is not taken again."""
    source = publish(long, tmp_path / "log")
    _, whole = run(long, source, tmp_path / "whole")
    (tmp_path / "policy").write_text(long.policy())
    script = (
        "import sys, time, pathlib\n"
        "from verifier.programs.audit.replayer import Replayer\n"
        "from verifier.programs.source import open_source\n"
        "from verifier.log.trust import parse_policy\n"
        "def slowly(progress):\n"
        "    print(progress.size, flush=True); time.sleep(0.03)\n"
        f"policy = parse_policy(pathlib.Path({str(tmp_path / 'policy')!r}).read_text())\n"
        f"with Replayer(pathlib.Path({str(tmp_path / 'store')!r}), policy, progress=slowly, commit_seconds=0,\n"
        f"              clock=lambda: {long.now}) as replayer:\n"
        f"    replayer.advance(open_source({str(source)!r}))\n"
    )
    kills = 0
    for _ in range(40):
        process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(1 + kills % 3)]
        if not told[-1]:  # it came to its end
            assert process.wait() == 0
            process.stdout.close()
            break
        time.sleep(0.01 * (kills % 7))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        kills += 1
    assert kills >= 3
    report, found = run(long, source, tmp_path / "store")
    assert (report.entries, report.size) == (0, long.log.size)
    assert found == whole
    mirrored, again = run(long, tmp_path / "store" / "mirror", tmp_path / "again")
    assert (mirrored.finished, again) == (True, whole)


def test_processes_end_with_the_one_that_started_them(tmp_path: Path) -> None:
    script = (
        "import multiprocessing, time\n"
        "from verifier.programs.audit.workers import Workers\n"
        "with Workers(2) as workers:\n"
        "    print(*(one.pid for one in multiprocessing.active_children()), flush=True)\n"
        "    time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    workers = [int(word) for word in process.stdout.readline().split()]
    assert len(workers) == 2 and all(map(is_running, workers))
    process.kill()
    process.wait()
    process.stdout.close()
    deadline = time.monotonic() + 60
    while any(map(is_running, workers)):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


class Failing(FolderSource):
    """A folder of which one file is gone, or another's."""

    def __init__(self, root: Path, path: str, data: bytes | None) -> None:
        super().__init__(root)
        self.path, self.data = path, data

    def get(self, path: str, limit: int) -> bytes | None:
        return self.data if path == self.path else super().get(path, limit)


def advance(world: World, source: Any, store: Path) -> list[Finding]:
    with Replayer(store, parse_policy(world.policy()), clock=lambda: world.now) as replayer:
        replayer.advance(source)
        return list(replayer.store.findings())


@pytest.mark.parametrize(
    "path, data, error",
    [
        ("tile/entries/002", None, Unreachable),
        ("tile/entries/002", b"", Broken),
        ("tile/entries/002", b"\x00\x01x" * 256, Broken),
        ("tile/1/000.p/5", None, Unreachable),
        ("tile/1/000.p/5", bytes(5 * 32), Broken),
        ("tile/0/005.p/174", bytes(174 * 32), Broken),
        ("checkpoint", None, Unreachable),
    ],
)
def test_what_was_replayed_before_a_failure_stays(
    long: World, tmp_path: Path, path: str, data: bytes | None, error: type[Exception]
) -> None:
    assert long.log.size == 5 * 256 + 174
    source = publish(long, tmp_path / "log")
    with pytest.raises(error):
        advance(long, Failing(source, path, data), tmp_path / "store")
    _, whole = run(long, source, tmp_path / "whole")
    report, found = run(long, source, tmp_path / "store")
    assert found == whole
    assert report.entries < long.log.size or "002" not in path


def test_a_damaged_mirror_is_mended(long: World, tmp_path: Path) -> None:
    source = publish(long, tmp_path / "log")
    store = tmp_path / "store"
    run(long, source, store, should_stop=Stopping(3))
    bundle = store / "mirror" / "tile/entries/002"
    good = bundle.read_bytes()
    for bad in (good[:-1], good[:-1] + bytes([good[-1] ^ 1]), b""):
        bundle.write_bytes(bad)
        copytree(store, tmp_path / "copy")
        database = sqlite3.connect(tmp_path / "copy" / "state.db")
        assert database.execute("SELECT size FROM meta").fetchone()[0] > 512
        database.close()
        report, found = run(long, source, tmp_path / "copy")
        assert report.finished and len(found) == 12
        assert (tmp_path / "copy" / "mirror" / "tile/entries/002").read_bytes() == good
        rmtree(tmp_path / "copy")


def test_a_damaged_mirror_that_cannot_be_mended_now(long: World, tmp_path: Path) -> None:
    """The rules look back into a bundle that is damaged, and the source does not give it: nothing is half replayed."""
    source = publish(long, tmp_path / "log")
    store = tmp_path / "store"
    run(long, source, store, should_stop=Stopping(3))
    bundle = store / "mirror" / "tile/entries/002"
    bundle.write_bytes(bundle.read_bytes()[:-1])
    with pytest.raises(AuditStoreError, match="has lost entries from 512 on, and they cannot be had again now"):
        advance(long, Failing(source, "tile/entries/002", None), store)
    _, whole = run(long, source, tmp_path / "whole")
    report, found = run(long, source, store)
    assert report.finished and found == whole


class TestLostState:
    """A mirror without the state beside it: what was accepted is forgotten."""

    @pytest.fixture
    def lost(self, tmp_path: Path) -> World:
        world = World()
        story(world)
        grow(world, 40)
        run(world, publish(world, tmp_path / "log"), tmp_path / "store")
        (tmp_path / "store" / "state.db").unlink()
        return world

    def test_is_refused(self, lost: World, tmp_path: Path) -> None:
        for data in (None, b""):
            if data is not None:
                (tmp_path / "store" / "state.db").write_bytes(data)
            with pytest.raises(AuditStoreError, match="is missing beside a mirror"):
                run(lost, tmp_path / "log", tmp_path / "store")

    def test_is_made_anew_when_it_is_told_to(self, lost: World, tmp_path: Path) -> None:
        grow(lost, 20)
        source = open_source(str(publish(lost, tmp_path / "log")))
        with Replayer(tmp_path / "store", parse_policy(lost.policy()), is_anew=True) as replayer:
            report = replayer.advance(source)
        assert report.finished and report.size == report.entries == lost.log.size

    def test_a_fork_of_what_the_mirror_holds_is_seen(self, lost: World, tmp_path: Path) -> None:
        other = World()
        story(other)
        grow(other, 60, batch=7)
        other.now = lost.now
        source = open_source(str(publish(other, tmp_path / "fork")))
        with Replayer(tmp_path / "store", parse_policy(lost.policy()), is_anew=True) as replayer:
            report = replayer.advance(source)
            assert "fork" in {one.code for one in replayer.store.findings()}
        assert not report.may_cosign and not report.is_clean


# ---- logs that do not fit


def test_a_fork_is_found_and_both_notes_are_kept(tmp_path: Path) -> None:
    world = World()
    story(world)
    grow(world, 40)
    honest = publish(world, tmp_path / "log")
    run(world, honest, tmp_path / "store")
    for change in (0, 20, -20):
        other = World()
        story(other)
        grow(other, 40 + change, batch=7)
        other.now = world.now
        forked = publish(other, tmp_path / f"fork{change}")
        report, found = run(world, forked, tmp_path / "store")
        assert [one.code for one in found if one.code == "fork"]
        assert not report.may_cosign and not report.finished and not report.is_clean
        with Replayer(tmp_path / "store", parse_policy(world.policy())) as replayer:
            known, shown = replayer.store.forks()[-1]
        assert (known, shown) == ((honest / "checkpoint").read_bytes(), (forked / "checkpoint").read_bytes())
        assert parse_checkpoint(parse_note(shown).text).size == other.log.size
    _, found = run(world, honest, tmp_path / "store")
    assert [one.code for one in found] == ["fork"] * 3
    assert [one.severity for one in found] == [Severity.MISBEHAVIOUR] * 3


def test_a_smaller_tree_that_fits_is_told_but_not_kept(tmp_path: Path) -> None:
    world = World()
    story(world)
    copytree(publish(world, tmp_path / "log"), tmp_path / "old")
    size = world.log.size
    grow(world, 400)
    run(world, publish(world, tmp_path / "log"), tmp_path / "store")
    report, found = run(world, tmp_path / "old", tmp_path / "store")
    assert said(found) == [(size, "shrunk")]
    assert report.size == world.log.size and not report.may_cosign
    grow(world, 5)
    report, found = run(world, publish(world, tmp_path / "log"), tmp_path / "store")
    assert (found, report.may_cosign) == ([], True)


def test_a_fork_of_what_was_accepted_but_not_replayed_is_found(tmp_path: Path) -> None:
    world = World()
    story(world)
    grow(world, 300)
    run(world, publish(world, tmp_path / "log"), tmp_path / "store", should_stop=Stopping(0))
    other = World()
    story(other)
    grow(other, 600, batch=9)
    _, found = run(world, publish(other, tmp_path / "other"), tmp_path / "store")
    assert said(found) == [(world.log.size, "fork")]


def test_a_store_is_for_one_log(tmp_path: Path) -> None:
    world, other = World(), World(origin="other.example/log")
    for one in (world, other):
        story(one)
    run(world, publish(world, tmp_path / "log"), tmp_path / "store")
    with pytest.raises(AuditStoreError, match=r"holds the log registry\.example/log"):
        run(other, publish(other, tmp_path / "other"), tmp_path / "store")


def test_a_store_is_for_one_run(tmp_path: Path) -> None:
    policy = parse_policy(World().policy())
    with (
        Replayer(tmp_path / "store", policy),
        pytest.raises(AuditStoreError, match="another audit is running"),
        Replayer(tmp_path / "store", policy),
    ):
        pass


@pytest.mark.parametrize(
    "policy, error", [({"quorum": "1"}, QuorumMissing), ({"logs": [World(origin="x").vkey()]}, LogUntrusted)]
)
def test_a_checkpoint_that_the_policy_does_not_trust(
    tmp_path: Path, policy: dict[str, Any], error: type[KembarError]
) -> None:
    world = World(witnesses=["w"], quorum="none")
    story(world)
    source = publish(world, tmp_path / "log", cosigners=[])
    with pytest.raises(error):
        run(world, source, tmp_path / "store", policy=world.policy(**policy))


def test_a_folder_without_a_log(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="has no file named checkpoint"):
        open_source(str(tmp_path))


# ---- for an auditor's server


def test_an_auditor_asks_where_a_statement_is(tmp_path: Path) -> None:
    world = World()
    consent, _, _ = story(world)
    source = publish(world, tmp_path / "log")
    with Replayer(tmp_path / "store", parse_policy(world.policy()), clock=lambda: world.now) as replayer:
        assert replayer.index_of(consent.id) is None
        replayer.advance(open_source(str(source)))
        assert replayer.index_of(consent.id) == consent.index
        assert replayer.index_of("00" * 32) is None
        grow(world, 300)
        report = replayer.advance(open_source(str(publish(world, source))))
        assert report.may_cosign and report.size == world.log.size


def test_an_auditor_holds_its_own_cosignature_against_later_seals(tmp_path: Path) -> None:
    world = World()
    story(world)
    source = publish(world, tmp_path / "log")
    with Replayer(tmp_path / "store", parse_policy(world.policy()), clock=lambda: world.now) as replayer:
        report = replayer.advance(open_source(str(source)))
        replayer.cosigned(report.size, world.now + 3_600)
        grow(world, 1)
        world.advance("2h")
        report = replayer.advance(open_source(str(publish(world, source))))
    assert [(one.index, one.code) for one in report.refusals] == [(world.log.size - 1, "seal_back_dated")]
    assert not report.may_cosign


def test_a_mirror_reads_a_wide_tile_for_a_narrow_one(tmp_path: Path) -> None:
    world = World()
    story(world)
    mirror = Mirror(publish(world, tmp_path / "log"))
    assert mirror.entries(0, 3) == world.log.leaves
    assert mirror.entries(0, world.log.size + 1) is None
    assert mirror.entries(1, 1) is None
