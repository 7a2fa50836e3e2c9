"""A start from a snapshot: the same log as from its rows, and whatever was changed is noticed."""

from __future__ import annotations

import errno
import io
import logging
import shutil
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from registry.config import load
from registry.fsck import fsck
from registry.log import image_snapshot
from registry.log import log as logs
from registry.log.image import LONG_LIST, LogImage
from registry.log.image_snapshot import SNAPSHOT, read_snapshot
from registry.log.log import Log
from registry.log.log_error import LogError
from registry.log.sqlite_store import SqliteStore
from registry.service import Service
from tests.support.flipping import flip
from tests.support.served import Served

ANEW = "made anew of the rows"
NUMBERS = count()


@pytest.fixture
def kept(served: Served, monkeypatch: pytest.MonkeyPatch) -> Served:
    """A registry with a story, at rest, and its snapshot."""
    monkeypatch.setattr(logs, "LEAST", 1)
    consent, story = served.story()
    served.accept(*story)
    for _ in range(2):  # one list grows long
        served.accept(*(served.world.usage(consent, assets=[f"file {next(NUMBERS)}"]) for _ in range(LONG_LIST)))
    served.service.close()
    assert (served.root / SNAPSHOT).exists()
    return served


def image_of(log: Log) -> dict[str, object]:
    """All that it holds, whatever the order in which it came."""
    state, derived = log.state, log.state.derived()
    ids = [bytes(state.ids.column[at : at + 32]) for at in range(0, len(state.ids.column), 32)]
    return {
        **{name: derived[name] for name in ("size", "nodes", "firsts", "flags", "heads", "nexts", "heap", "crowded")},
        "rows": state._rows,
        "values": state.index._values,
        "frontiers": {serial: (tree.size, tree.peaks) for serial, tree in state._frontiers.items()},
        "ids": [state.ids.get(id) for id in ids],
        "digests": state.digests.column,
        "keys": state.keys,
        "at": state.last_at,
    }


def rows_alone(root: Path) -> Log:
    """The same log without the snapshot."""
    (root / SNAPSHOT).rename(root / "aside")
    log = closed(root)
    (root / "aside").replace(root / SNAPSHOT)
    return log


def closed(root: Path) -> Log:
    """The log as it is opened; it is read no more."""
    log = load(root).open_log()
    log.close()
    return log


def start(kept: Served, caplog: pytest.LogCaptureFixture) -> str:
    """Start and submit; what the log's lines say."""
    caplog.clear()
    with caplog.at_level(logging.WARNING), Service.open(kept.root, clock=kept.clock) as service:
        kept.service = service
        kept.accept(kept.world.party(f"new {next(NUMBERS)}", roles=["model"]))
    return caplog.text


def test_it_is_what_the_rows_make(kept: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = rows_alone(kept.root)
    monkeypatch.setattr(LogImage, "_take", None)  # which reads the lists out of a row
    assert image_of(closed(kept.root)) == image_of(plain)


def test_what_came_after_it_is_taken_on_top(kept: Served, caplog: pytest.LogCaptureFixture) -> None:
    old = (kept.root / SNAPSHOT).read_bytes()
    assert ANEW not in start(kept, caplog)
    (kept.root / SNAPSHOT).write_bytes(old)
    found = read_snapshot(kept.root / SNAPSHOT)
    plain, taken = rows_alone(kept.root), closed(kept.root)
    assert found is not None and taken.state.size > found.size > 0
    assert image_of(taken) == image_of(plain)
    assert ANEW not in start(kept, caplog)
    assert fsck(kept.root).ok


def test_one_is_written_while_the_log_goes_on(kept: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_snapshot, "OFTEN", 1)
    monkeypatch.setattr(logs, "LEAST", 1_000)
    (kept.root / SNAPSHOT).unlink()
    with Service.open(kept.root, clock=kept.clock) as service:
        kept.service = service
        for _ in range(6):
            kept.accept(kept.world.party(f"new {next(NUMBERS)}", roles=["model"]))
        size = service.published.checkpoint.size
    found = read_snapshot(kept.root / SNAPSHOT)
    assert found is not None and size * 7 // 8 - 2 <= found.size <= size


def test_one_that_cannot_be_written_costs_nothing(
    kept: Served, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*paths: object) -> None:
        raise OSError(errno.ENOSPC, "the disk is full")

    (kept.root / SNAPSHOT).unlink()
    with monkeypatch.context() as patched:
        patched.setattr("registry.log.image_snapshot.os.fsync", full)
        log = load(kept.root).open_log()
        log.close()
    assert "no snapshot was written" in caplog.text
    assert not list(kept.root.glob(f"{SNAPSHOT}*"))
    assert ANEW not in start(kept, caplog)


@pytest.mark.parametrize("place", [0.0, 0.2, 0.4, 0.6, 0.8, 0.99, 1.0])
def test_a_flipped_bit_in_it_is_noticed(kept: Served, caplog: pytest.LogCaptureFixture, place: float) -> None:
    data = bytearray((kept.root / SNAPSHOT).read_bytes())
    data[int(place * (len(data) - 1))] ^= 4
    (kept.root / SNAPSHOT).write_bytes(data)
    assert ANEW in start(kept, caplog)
    assert ANEW not in start(kept, caplog)
    assert fsck(kept.root).ok


def test_one_whose_disk_fails_is_left_aside(
    kept: Served, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(file: io.BufferedReader, *parts: object) -> None:
        file.close()
        raise OSError(errno.EIO, "the disk does not answer")

    monkeypatch.setattr(image_snapshot, "_read_parts", fail)
    assert f"{ANEW}: [Errno {errno.EIO}]" in start(kept, caplog)


@pytest.mark.parametrize("size", [0, 17, 2_000])
def test_so_is_half_a_file(kept: Served, caplog: pytest.LogCaptureFixture, size: int) -> None:
    (kept.root / SNAPSHOT).write_bytes((kept.root / SNAPSHOT).read_bytes()[:size])
    assert ANEW in start(kept, caplog)
    assert fsck(kept.root).ok


@pytest.mark.parametrize(
    "part", ["heap", "values", "valued", "flags", "nodes", "firsts", "heads", "nexts", "rows", "counts", "peaks"]
)
def test_parts_that_were_wrong_when_they_were_written_are_made_anew(
    kept: Served, caplog: pytest.LogCaptureFixture, part: str
) -> None:
    """A fault of memory, not of the disk: its checksums are right."""
    found = read_snapshot(kept.root / SNAPSHOT)
    assert found is not None
    wrong = bytearray(found.parts()[part])
    if part == "heap":
        wrong[40] ^= 1
    elif part == "nodes":
        wrong[-1] ^= 1
    else:
        assert wrong
        wrong = wrong[4:]
    parts = {**found.parts(), part: bytes(wrong)}
    replace(found, parts=lambda: parts).write(kept.root / SNAPSHOT)
    assert ANEW in start(kept, caplog)
    assert fsck(kept.root).ok


@pytest.mark.parametrize("column", ["hashes", "ids", "touches", "subjects", "digests", "keys", "lengths", "at"])
def test_a_row_that_was_changed_stops_the_start_as_ever(kept: Served, column: str) -> None:
    before = (kept.root / "signed-checkpoint").read_bytes()
    flip(kept.root, "batches", column, 2)
    with pytest.raises(LogError, match=r"batch 2.*registry repair"):
        Service.open(kept.root, clock=kept.clock)
    assert (kept.root / "signed-checkpoint").read_bytes() == before


def test_one_of_other_rows_is_left_aside(kept: Served, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """A database that was put back, beside the snapshot of what it held later."""
    shutil.copytree(kept.root, tmp_path / "old")
    assert ANEW not in start(kept, caplog)
    for name in ("registry.db", "signed-checkpoint", "public/checkpoint"):
        shutil.copy(tmp_path / "old" / name, kept.root / name)
    with caplog.at_level(logging.WARNING), pytest.raises(LogError, match=r"older|fork"):
        Service.open(kept.root, clock=kept.clock)
    assert ANEW in caplog.text
    store = SqliteStore(kept.root / "registry.db", readonly=True)
    found = read_snapshot(kept.root / SNAPSHOT)
    assert found is not None and not found.is_of(store)
    store.close()
