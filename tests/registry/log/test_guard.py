"""The guard outside the folder: a folder that goes back, or is served twice, signs nothing that contradicts it."""

from __future__ import annotations

import os
from pathlib import Path
from shutil import copytree, rmtree

import pytest

from registry import config
from registry.fsck import fsck
from registry.log.guard import Guard, Guarded, default_path
from registry.log.log_error import LogError
from registry.problems import Problem
from registry.sequencer import Logged
from registry.service import Service
from registry.settings import NO_GUARD, Settings, read_settings, write_settings
from tests.support.served import Served, proved_list, raw
from tests.support.world import Actor


def party(served: Served, name: str) -> Actor:
    return served.world.party(name, roles=["model"])


def guard_path(served: Served) -> Path:
    return default_path(served.service.genesis)


def size(served: Served) -> int:
    return served.service.published.checkpoint.size


def restore(served: Served, copy: Path) -> None:
    """The folder as it was copied before, whole."""
    served.service.close()
    rmtree(served.root)
    copytree(copy, served.root)


def start(served: Served, *, trusted: bool = False) -> None:
    served.service = Service(config.load(served.root, trusted=trusted), clock=served.clock)


def refused(served: Served, name: str) -> Problem:
    [outcome] = served.service.submit([raw(served.entry(party(served, name)))])
    assert isinstance(outcome, Problem), outcome
    assert outcome.status == 503
    return outcome


class TestFolder:
    def test_it_is_made_with_the_registry_and_moves_with_it(self, served: Served) -> None:
        path = guard_path(served)
        assert path.is_relative_to(os.environ["XDG_STATE_HOME"])
        assert read_settings(served.root) == Settings(guard=str(path), guard_made=True)
        for name in ("anna", "ben"):
            served.accept(party(served, name))
            held = Guard(path, is_made=True).read()
            assert held is not None and held.note == (served.root / "signed-checkpoint").read_text()
        assert path.stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize("entries", [0, 1])
    def test_a_folder_restored_whole_from_an_older_copy_is_refused(
        self, served: Served, tmp_path: Path, entries: int
    ) -> None:
        """``signed-checkpoint`` goes back with the folder, the guard does not."""
        for number in range(entries):
            served.accept(party(served, f"early{number}"))
        served.service.close()
        copytree(served.root, tmp_path / "yesterday")
        newest = tmp_path / "newest"
        start(served)
        served.accept(party(served, "anna"))
        copytree(served.root, newest)
        restore(served, tmp_path / "yesterday")
        with pytest.raises(LogError, match=r"was signed, says the guard .*: a backup was\s+restored that is older"):
            start(served)
        restore(served, newest)
        start(served)

    def test_a_copy_that_went_another_way_is_refused(self, served: Served, tmp_path: Path) -> None:
        served.service.close()
        copytree(served.root, tmp_path / "copy")
        start(served)
        copy = Service(config.load(tmp_path / "copy"), clock=served.clock)
        served.accept(party(served, "anna"))
        [outcome] = copy.submit([raw(served.entry(party(served, "ben")))])
        assert isinstance(outcome, Problem) and outcome.code == "unavailable"
        copy.close()
        with pytest.raises(LogError, match=r"another tree of size 4 than the one that was signed, says the guard"):
            config.load(tmp_path / "copy").open_log()
        assert fsck(served.root).faults == []

    def test_a_guard_that_is_behind_is_moved_forward_and_that_is_said(
        self, served: Served, caplog: pytest.LogCaptureFixture
    ) -> None:
        path = guard_path(served)
        before = path.read_bytes()
        served.accept(party(served, "anna"))
        after = path.read_bytes()
        served.service.close()
        path.write_bytes(before)
        start(served)
        assert path.read_bytes() == after
        assert "was moved forward from size 2, to size 4" in caplog.text

    def test_a_guard_that_is_missing_is_no_first_start(self, served: Served) -> None:
        path = guard_path(served)
        kept = path.read_bytes()
        served.service.close()
        path.unlink()
        with pytest.raises(LogError, match="is missing, and the settings say that it was made"):
            start(served)
        path.write_bytes(kept)
        start(served)

    @pytest.mark.parametrize("data", [b"", b"{}\n", b'{"format":"kembar-guard/1"}\n', b"\xff", b"x" * 200_000])
    def test_a_guard_that_is_damaged_is_named(self, served: Served, data: bytes) -> None:
        path = guard_path(served)
        kept = path.read_bytes()
        served.service.close()
        path.write_bytes(data)
        with pytest.raises(LogError, match=f"the guard {path} cannot be read"):
            start(served)
        path.write_bytes(kept)
        start(served)

    def test_another_registrys_guard_is_refused(self, served: Served, tmp_path: Path) -> None:
        other = Served(tmp_path / "other")
        other.service.close()
        served.service.close()
        own = read_settings(served.root)
        write_settings(served.root, read_settings(other.root))
        with pytest.raises(LogError, match="is that of another registry"):
            start(served)
        write_settings(served.root, own)
        start(served)

    def test_while_it_cannot_be_written_posts_are_answered_503_and_nothing_is_lost(self, served: Served) -> None:
        path = guard_path(served)
        served.accept(party(served, "anna"))
        lock = path.with_name(path.name + ".lock")
        lock.unlink()
        lock.mkdir()  # nobody, root included, writes to a folder
        made = served.entry(party(served, "ben"))
        for _ in range(2):
            [outcome] = served.service.submit([raw(made)])
            assert isinstance(outcome, Problem) and outcome.code == "unavailable" and outcome.status == 503
            assert str(path.parent) not in outcome.detail, "strangers are told no paths of the server"
        assert size(served) == 4 and served.service.checkpoint() == (served.root / "signed-checkpoint").read_text()
        lock.rmdir()
        [again] = served.accept(made)
        assert again.repeated and again.index == 4
        assert fsck(served.root).faults == []


class TestWithoutOne:
    """Nobody on this machine can tell whether the folder is the newest: it is read, and nothing is sealed."""

    def unguarded(self, served: Served, guard: str | None) -> None:
        served.service.close()
        write_settings(served.root, Settings(guard=guard))
        if guard is None:
            guard_path(served).unlink()
        start(served)

    @pytest.mark.parametrize("guard", [None, NO_GUARD])
    def test_reading_is_served_and_sealing_waits(self, served: Served, guard: str | None) -> None:
        served.accept(party(served, "anna"))
        self.unguarded(served, guard)
        assert refused(served, "ben").code == "not_confirmed"
        assert size(served) == 4
        subject = proved_list(served.service, "party:" + "00" * 32)
        assert not isinstance(subject, Problem) and subject.published.checkpoint.size == 4

    @pytest.mark.parametrize("guard", [None, NO_GUARD])
    def test_what_is_logged_already_is_answered_all_the_same(self, served: Served, guard: str | None) -> None:
        anna = party(served, "anna")
        served.accept(anna)
        self.unguarded(served, guard)
        [again] = served.service.submit([raw(served.entry(anna))])
        assert isinstance(again, Logged) and again.repeated

    def test_the_genesis_batch_alone_is_a_first_start(self, served: Served) -> None:
        self.unguarded(served, None)
        served.accept(party(served, "anna"))
        assert read_settings(served.root).guard_made and guard_path(served).exists()

    def test_the_operators_word_counts_once(self, served: Served) -> None:
        served.accept(party(served, "anna"))
        self.unguarded(served, NO_GUARD)
        served.service.close()
        start(served, trusted=True)
        served.accept(party(served, "ben"))
        served.service.close()
        start(served)
        assert refused(served, "eve").code == "not_confirmed"

    def test_the_operators_word_makes_the_guard_that_was_lost(self, served: Served) -> None:
        served.accept(party(served, "anna"))
        served.service.close()
        guard_path(served).unlink()
        start(served, trusted=True)
        served.accept(party(served, "ben"))
        served.reopen()
        served.accept(party(served, "eve"))

    def test_the_operators_word_is_nothing_against_the_guard(self, served: Served, tmp_path: Path) -> None:
        served.service.close()
        copytree(served.root, tmp_path / "yesterday")
        start(served)
        served.accept(party(served, "anna"))
        copytree(served.root, tmp_path / "newest")
        restore(served, tmp_path / "yesterday")
        with pytest.raises(LogError, match="says the guard"):
            start(served, trusted=True)
        restore(served, tmp_path / "newest")
        start(served)

    def test_what_was_committed_and_not_signed_waits_too(self, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
        """A crash between commit and signature leaves a batch that nobody has seen: signing it is sealing."""
        served.accept(party(served, "anna"))
        made = served.entry(party(served, "ben"))
        with monkeypatch.context() as patch:
            patch.setattr(Guard, "swap", _fails)
            [outcome] = served.service.submit([raw(made)])
        assert isinstance(outcome, Problem)
        self.unguarded(served, NO_GUARD)
        assert size(served) == 4 and served.service.entry(made.id) is None
        assert refused(served, "eve").code == "not_confirmed"
        served.service.close()
        start(served, trusted=True)
        [again] = served.accept(made)
        assert again.repeated and size(served) == 6
        assert fsck(served.root).faults == []


class TestSwap:
    def test_two_who_go_on_from_the_same(self, tmp_path: Path, served: Served) -> None:
        first = Guarded(registry="a", note=served.service.published.note)
        guard = Guard(tmp_path / "folder" / "guard.json", is_made=False)
        assert guard.read() is None
        guard.swap(None, first)
        guard.swap(None, first)  # what is there already was written by this process, before it failed
        served.accept(party(served, "anna"))
        second = Guarded(registry="a", note=served.service.published.note)
        guard.swap(first, second)
        with pytest.raises(LogError, match="moved by another process"):
            guard.swap(first, Guarded(registry="a", note=second.note, retired=True))
        assert guard.read() == second

    def test_a_line_without_its_end_was_never_signed(self, tmp_path: Path, served: Served) -> None:
        """A power cut while it was written: the one before counts, and the next takes its place."""
        notes = [served.service.published.note]
        for name in ("anna", "ben"):
            served.accept(party(served, name))
            notes.append(served.service.published.note)
        first, second, third = (Guarded(registry="a", note=note) for note in notes)
        guard = Guard(tmp_path / "guard.json", is_made=True)
        guard.replace(first)
        guard.swap(first, second)
        whole = guard.path.read_bytes()
        one = whole.index(b"\n") + 1
        for cut in range(one, len(whole)):
            guard.path.write_bytes(whole[:cut])
            assert guard.read() == first
        guard.swap(first, third)
        assert guard.read() == third and guard.path.read_bytes().count(b"\n") == 2

    def test_a_file_that_grows_keeps_its_last_line(
        self, tmp_path: Path, served: Served, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("registry.log.guard.MAX_GUARD", 2_000)
        one = Guarded(registry="a", note=served.service.published.note)
        other = Guarded(registry="b", note=one.note)
        guard = Guard(tmp_path / "guard.json", is_made=False)
        guard.swap(None, one)
        for _ in range(20):
            guard.swap(one, other)
            guard.swap(other, one)
            assert guard.read() == one and guard.path.stat().st_size < 3_000

    @pytest.mark.parametrize("usual", [8, 64, 4096])
    def test_the_last_whole_line_counts_however_much_of_the_end_is_read(
        self, tmp_path: Path, served: Served, monkeypatch: pytest.MonkeyPatch, usual: int
    ) -> None:
        """Whatever the lines' lengths, the same one counts, and what has no end is taken out."""
        monkeypatch.setattr("registry.log.guard.USUAL", usual)
        one = Guarded(registry="a" * 3_000, note=served.service.published.note)
        other = Guarded(registry="b", note=one.note)
        guard = Guard(tmp_path / "guard.json", is_made=False)
        guard.swap(None, one)
        for known, new in ((one, other), (other, one), (one, other), (other, one)) * 3:
            guard.path.write_bytes(guard.path.read_bytes() + b"{" * 700)
            assert guard.read() == known
            guard.swap(known, new)
            assert guard.read() == new and b"{{" not in guard.path.read_bytes()

    def test_the_state_folder(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", "/home/ayu")
        monkeypatch.setenv("XDG_STATE_HOME", "/state")
        assert default_path("ab") == Path("/state/kembar/guards/ab.json")
        for ignored in ("", "relative"):
            monkeypatch.setenv("XDG_STATE_HOME", ignored)
            assert default_path("ab") == Path("/home/ayu/.local/state/kembar/guards/ab.json")


def _fails(*arguments: object) -> None:
    raise OSError("the disk is gone")
