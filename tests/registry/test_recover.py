"""Lose the disk, restore yesterday's copy, recover: no fork, and nothing missing that any mirror had."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from shutil import copytree, rmtree

import pytest
from click.testing import CliRunner

from registry import config
from registry.backup import BackedUp, backup
from registry.cli import main
from registry.fsck import fsck
from registry.gate import CONTRADICTION
from registry.log.log_error import LogError
from registry.problems import Problem
from registry.recover import recover, retire
from registry.sequencer import Logged
from registry.service import Service
from registry.settings import Settings, read_settings, write_settings
from tests.support.served import Served, raw
from tests.support.witness_serving import eventually, serving
from tests.support.world import Actor
from tests.support.world import Logged as Made
from verifier.base.private_keys import SigningKey
from verifier.log.consistency import check_consistency
from verifier.log.note import Verifier
from verifier.log.trust import Policy, TrustedLog
from verifier.log.writing import Cosigner, format_policy
from verifier.programs.witness.app import App
from verifier.programs.witness.store import WitnessStore
from verifier.programs.witness.witness import WitnessServer


def parties(served: Served, *names: str) -> list[Made]:
    return [served.entry(served.world.party(name, roles=["model"])) for name in names]


def new_disk(served: Served, copy: Path, *, is_guard_lost: bool = True) -> None:
    """The folder is gone, and so is the machine with the guard; yesterday's backup is put in its place."""
    served.service.close()
    if is_guard_lost:
        guard = Path(str(read_settings(served.root).guard))
        guard.unlink()
        guard.with_name(f"{guard.name}.lock").unlink()
    rmtree(served.root)
    copytree(copy, served.root)


def start(served: Served, *, trusted: bool = False) -> None:
    served.service = Service(config.load(served.root, trusted=trusted), clock=served.clock)


def keep_mirror(served: Served, path: Path) -> str:
    rmtree(path, ignore_errors=True)
    copytree(served.root / "public", path)
    return str(path)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "backup"


class TestBackup:
    def test_while_it_is_served_and_only_what_is_new(self, served: Served, copy: Path) -> None:
        consent, story = served.story()
        served.accept(*story)
        assert backup(served.root, copy) == BackedUp(size=9, batches=2, disclosures=_sections(story), erased=0)
        assert backup(served.root, copy) == BackedUp(size=9, batches=0, disclosures=0, erased=0)
        served.accept(served.world.usage(consent))
        assert backup(served.root, copy).batches == 1
        assert not (copy / "signed-checkpoint").exists()
        assert read_settings(copy) == read_settings(served.root)
        for path in copy.rglob("*"):
            if path.is_file():
                assert path.stat().st_mode & 0o777 in (0o600, 0o640), path
        assert (copy / "keys" / "log.key").read_bytes() == (served.root / "keys" / "log.key").read_bytes()

    def test_a_section_that_came_late_and_one_that_was_erased(self, served: Served, copy: Path) -> None:
        [anna, ben] = parties(served, "anna", "ben")
        bare = raw(anna).replace(b'"' + anna.disclosures["person"].encode() + b'"', b"")
        served.service.submit([bare])
        served.accept(ben)
        assert backup(served.root, copy).disclosures == len(ben.disclosures)
        served.accept(anna)
        served.accept(served.world.erasure(ben, erased=["person"]))
        again = backup(served.root, copy)
        assert (again.batches, again.disclosures, again.erased) == (1, len(anna.disclosures), 1)
        text = b"".join(path.read_bytes() for path in copy.glob("registry.db*"))
        assert ben.disclosures["person"].encode() not in text
        assert anna.disclosures["person"].encode() in text

    def test_who_read_what_is_kept_and_no_grant_comes_back(self, served: Served, copy: Path, tmp_path: Path) -> None:
        served.accept(*parties(served, "anna"))
        anna, ben, now = "aa" * 32, "bb" * 32, served.clock()
        store = served.service.readers.store
        store.note_reads(ben, {anna: 3}, now)
        grant = store.grant(anna, ben, ["terms"], now, now + 86_400)
        assert grant is not None and store.ask(anna, ben, ben, {"plan": 1}, now) is not None
        backup(served.root, copy)
        store.note_reads(ben, {anna: 2}, now)
        backup(served.root, copy)
        assert store.revoke(anna, grant.id)
        mirror = keep_mirror(served, tmp_path / "mirror")
        new_disk(served, copy)
        recover(served.root, [mirror])
        start(served)
        store = served.service.readers.store
        assert [(reader, count) for _, reader, count in store.reads_of(anna, now)] == [(ben, 5)]
        assert [one.asker for one in store.questions_about([anna])] == [ben]
        assert store.grants(anna, now) == ([], [])

    def test_goes_on_where_it_was_interrupted(
        self, served: Served, copy: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("registry.backup.TOGETHER", 1)
        for name in ("anna", "ben", "eve"):
            served.accept(*parties(served, name))

        def stop(done: int, total: int) -> None:
            if done == 4:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            backup(served.root, copy, progress=stop)
        assert backup(served.root, copy).batches == 2

    def test_what_is_no_backup_is_left_alone(self, served: Served, copy: Path, tmp_path: Path) -> None:
        with pytest.raises(config.ConfigError, match="a registry, not a backup"):
            backup(served.root, served.root)
        copy.mkdir()
        (copy / "note").write_text("mine")
        with pytest.raises(config.ConfigError, match="not empty"):
            backup(served.root, copy)
        other = Served(tmp_path / "other")
        backup(other.root, tmp_path / "others")
        other.service.close()
        with pytest.raises(config.ConfigError, match="backup of another registry"):
            backup(served.root, tmp_path / "others")

    def test_without_keys(self, served: Served, copy: Path) -> None:
        backup(served.root, copy, with_keys=False)
        assert not (copy / "keys").exists()


class TestRehearsal:
    def test_nothing_that_a_mirror_had_is_missing_and_there_is_no_fork(
        self, served: Served, copy: Path, tmp_path: Path
    ) -> None:
        consent, story = served.story()
        served.accept(*story)
        backup(served.root, copy)
        later = [served.world.usage(consent, assets=[name]) for name in "abc"]
        people = parties(served, "eve", "dan")
        answered = [served.accept(one)[0] for one in (*later, *people)]
        mirror = keep_mirror(served, tmp_path / "mirror")
        last = served.service.published
        new_disk(served, copy)

        with pytest.raises(LogError, match=r"signed-checkpoint is missing.*registry recover"):
            start(served)
        found = recover(served.root, [mirror])
        assert (found.size, found.entries) == (last.checkpoint.size, 10)
        assert {id for _, id, _ in found.sections} == {one.id for one in (*later, *people) if one.disclosures}
        # Before it is served either, nothing is missing but the sections that no mirror has.
        assert [one for one in fsck(served.root).faults if "its section" not in one.what] == []

        start(served)
        assert served.service.published.checkpoint == last.checkpoint
        for one, before in zip((*later, *people), answered, strict=True):
            entry = served.service.entry(one.id)
            assert entry is not None and entry.entry.index == before.index
        again = served.accept(*later, *people)  # which brings back what no mirror has
        assert all(one.repeated for one in again)
        for one in people:
            entry = served.service.entry(one.id)
            assert entry is not None and entry.disclosures == one.disclosures
        served.accept(*parties(served, "new"))
        size, root = served.service.published.checkpoint.size, served.service.published.checkpoint.root
        proof = served.service.consistency(last.checkpoint.size, size)
        assert not isinstance(proof, Problem)
        check_consistency(last.checkpoint.size, last.checkpoint.root, size, root, proof)
        assert fsck(served.root).faults == []

    def test_the_whole_log_from_a_mirror_and_the_keys(self, served: Served, copy: Path, tmp_path: Path) -> None:
        for name in ("anna", "ben"):
            served.accept(*parties(served, name))
        mirror = keep_mirror(served, tmp_path / "mirror")
        backup(served.root, copy)
        (copy / "registry.db").unlink()
        new_disk(served, copy)
        assert recover(served.root, [mirror]).entries == 6
        start(served)
        served.accept(*parties(served, "eve"))

    def test_erasures_that_came_since_are_applied(self, served: Served, copy: Path, tmp_path: Path) -> None:
        anna = served.world.party("anna", roles=["model"])
        served.accept(anna)
        backup(served.root, copy)
        entry = served.entry(anna)
        erasure = served.world.erasure(served.entry(anna), erased=["person"])
        served.accept(erasure)
        mirror = keep_mirror(served, tmp_path / "mirror")
        new_disk(served, copy)
        found = recover(served.root, [mirror])
        assert (found.erased, found.sections) == (1, ())
        text = b"".join(path.read_bytes() for path in served.root.glob("registry.db*"))
        assert entry.disclosures["person"].encode() not in text
        start(served)
        assert fsck(served.root).faults == []

    def test_more_was_signed_than_any_mirror_has(self, served: Served, copy: Path, tmp_path: Path) -> None:
        """The guard knows: going on would fork, so it does not; what there was is kept for when a mirror turns up."""
        backup(served.root, copy)
        served.accept(*parties(served, "anna"))
        behind = keep_mirror(served, tmp_path / "behind")
        served.accept(*parties(served, "ben"))
        newest = keep_mirror(served, tmp_path / "newest")
        new_disk(served, copy, is_guard_lost=False)
        with pytest.raises(LogError, match=r"guard .* has seen 6 entries signed, and here and at the sources are 4"):
            recover(served.root, [behind])
        with pytest.raises(LogError, match="signed-checkpoint is missing"):
            start(served)
        assert recover(served.root, [newest]).entries == 2
        start(served)

    def test_a_fork_is_never_gone_on_from(self, served: Served, copy: Path, tmp_path: Path) -> None:
        served.service.close()
        copytree(served.root, copy)  # whole, with its signed checkpoint: no backup of ours
        start(served)
        served.accept(*parties(served, "anna"))
        one = keep_mirror(served, tmp_path / "one")
        new_disk(served, copy)
        write_settings(served.root, Settings())
        start(served)
        served.accept(*parties(served, "ben"))
        served.service.close()
        with pytest.raises(LogError, match="signed a fork, and can never go on"):
            recover(served.root, [one])
        start(served)

    def test_a_mirror_that_lies(self, served: Served, copy: Path, tmp_path: Path) -> None:
        backup(served.root, copy)
        served.accept(*parties(served, "anna"))
        mirror = Path(keep_mirror(served, tmp_path / "mirror"))
        new_disk(served, copy)
        for tile in ("tile/0/000.p/4", "tile/entries/000.p/4"):
            whole = (mirror / tile).read_bytes()
            (mirror / tile).write_bytes(whole[:-40] + bytes(40))
            with pytest.raises(LogError, match=r"does not serve the tree|serves another entry|cannot be read"):
                recover(served.root, [str(mirror)])
            (mirror / tile).write_bytes(whole)
        recover(served.root, [str(mirror)])
        start(served)


class Scene:
    """A registry with one witness."""

    def __init__(self, served: Served, root: Path, stack: ExitStack) -> None:
        self.served = served
        cosigner = Cosigner("w.example", SigningKey(bytes([100]) * 32))
        store = WitnessStore(root / "witness.db")
        stack.callback(store.close)
        log = served.service.config.policy.logs[0]
        logs = Policy(logs=(TrustedLog(verifier=log.verifier),), witnesses=(), groups=(), quorum=None)
        app = App(WitnessServer(cosigner, logs, store, served.clock))
        self.url = stack.enter_context(serving(app))
        self.key: Verifier = cosigner.verifier
        self.trust(self.url)

    def trust(self, url: str) -> None:
        log = self.served.service.config.policy.logs[0]
        policy = config.trust_policy(log, [(self.key, url)])
        (self.served.root / config.POLICY).write_text(format_policy(policy))
        self.served.reopen()

    def is_cosigned(self, size: int) -> bool:
        return any(isinstance(one, dict) and one.get("size") == size for one in self.served.service.witnesses())


@pytest.fixture
def scene(served: Served, tmp_path: Path) -> Iterator[Scene]:
    with ExitStack() as stack:
        yield Scene(served, tmp_path, stack)
        served.service.close()


class TestWitnesses:
    def test_what_a_witness_saw_has_to_be_fetched(self, scene: Scene, copy: Path, tmp_path: Path) -> None:
        served = scene.served
        served.accept(*parties(served, "anna"))
        backup(served.root, copy)
        behind = keep_mirror(served, tmp_path / "behind")
        served.accept(*parties(served, "ben"))
        eventually(lambda: scene.is_cosigned(6))
        newest = keep_mirror(served, tmp_path / "newest")
        new_disk(served, copy)
        with pytest.raises(LogError, match="witness1 has seen 6 entries signed"):
            recover(served.root, [behind])
        assert recover(served.root, [behind, newest]).size == 6
        start(served)

    def test_an_outage_is_never_taken_for_a_no(self, scene: Scene, copy: Path, tmp_path: Path) -> None:
        served = scene.served
        served.accept(*parties(served, "anna"))
        scene.trust("http://127.0.0.1:1")
        backup(served.root, copy)
        mirror = keep_mirror(served, tmp_path / "mirror")
        new_disk(served, copy)
        with pytest.raises(LogError, match=r"a quorum of the witnesses has not answered \(silent: witness1\)"):
            recover(served.root, [mirror])
        assert recover(served.root, [mirror], trusted=True).silent == ("witness1",)
        start(served)

    def test_a_stopped_registry_goes_on(self, scene: Scene, copy: Path, tmp_path: Path) -> None:
        """An old copy on another machine was served, and stopped by its witness; then it is recovered."""
        served = scene.served
        served.accept(*parties(served, "anna"))
        eventually(lambda: scene.is_cosigned(4))
        served.service.close()
        copytree(served.root, tmp_path / "yesterday")
        start(served)
        served.accept(*parties(served, "ben"))
        eventually(lambda: scene.is_cosigned(6))
        mirror = keep_mirror(served, tmp_path / "mirror")
        new_disk(served, tmp_path / "yesterday")
        write_settings(served.root, Settings())
        start(served)
        eventually((served.root / CONTRADICTION).exists)
        served.service.close()
        assert recover(served.root, [mirror]).entries == 2
        start(served)
        served.accept(*parties(served, "eve"))


class TestRetire:
    def test_a_registry_moves(self, served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        served.accept(*parties(served, "anna"))
        served.service.close()
        assert retire(served.root) == 4
        moved = tmp_path / "moved"
        copytree(served.root, moved)
        with pytest.raises(LogError, match="retired here, at size 4"):
            start(served)
        guard = Path(str(read_settings(moved).guard))
        kept = guard.rename(tmp_path / "the other machine's guard")
        with Service(config.load(moved), clock=served.clock) as service:
            [waits] = service.submit([raw(parties(served, "ben")[0])])
            assert isinstance(waits, Problem) and waits.code == "not_confirmed"
        with Service(config.load(moved, trusted=True), clock=served.clock) as service:
            [done] = service.submit([raw(parties(served, "eve")[0])])
            assert isinstance(done, Logged)
        os.replace(kept, guard)
        with pytest.raises(LogError, match="retired here"):
            start(served)

    def test_without_a_guard(self, tmp_path: Path) -> None:
        config.create(tmp_path / "r", "registry.example/log", guard="none")
        with pytest.raises(config.ConfigError, match="nothing would stop it here"):
            retire(tmp_path / "r")


class TestCommands:
    def test_backup_recover_retire(self, served: Served, copy: Path, tmp_path: Path) -> None:
        served.accept(*parties(served, "anna"))
        done = CliRunner().invoke(main, ["backup", str(served.root), str(copy)])
        assert done.exit_code == 0 and "holds 4 entries" in done.stdout
        served.accept(*parties(served, "ben"))
        mirror = keep_mirror(served, tmp_path / "mirror")
        new_disk(served, copy)
        done = CliRunner().invoke(main, ["recover", str(served.root), "--from", mirror])
        assert done.exit_code == 0, done.output
        assert "its section person is missing" in done.stdout and "goes on at 6 entries" in done.stdout
        done = CliRunner().invoke(main, ["retire", str(served.root), "--json"])
        assert done.exit_code == 0 and '"size":6' in done.stdout
        done = CliRunner().invoke(main, ["recover", str(served.root)])
        assert done.exit_code == 3 and "has not answered" in done.stderr
        assert CliRunner().invoke(main, ["recover", str(served.root), "--from", mirror]).exit_code == 0
        start(served)


def _sections(story: list[Made | Actor]) -> int:
    return sum(len(Served.entry(one).disclosures) for one in story)
