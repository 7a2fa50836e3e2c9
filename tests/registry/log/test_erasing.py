"""Erased text is gone from the database and its journal, or it is said that it is not, and why."""

from __future__ import annotations

import logging
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from registry.log import erasing
from registry.log.batch import Batch
from registry.log.erasing import Eraser, readers
from registry.log.sqlite_store import BUSY_SECONDS, SqliteStore
from tests.support.running import PATIENCE

FIRST = Batch(
    first=0, size=1, at=100, leaves=b"leavesseal", lengths=b"", hashes=b"", ids=b"", touches=b"", subjects=b"",
    digests=b"", keys=b"", tree=b"", index=b"",
)  # fmt: skip
READER = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN")
db.execute("SELECT count(*) FROM disclosures").fetchall()
print("reading", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    made = SqliteStore(tmp_path / "registry.db", create=True)
    made.append(FIRST, [(0, "terms", "secret"), (0, "money", "amount")])
    yield made
    made.close()


@pytest.fixture
def eraser(store: SqliteStore) -> Iterator[Eraser]:
    made = store.eraser()
    yield made
    made.close()


@contextmanager
def reader(path: Path) -> Iterator[int]:
    """Another process that holds what the database was; yields its id."""
    process = subprocess.Popen(
        [sys.executable, "-c", READER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "reading\n"
    try:
        yield process.pid
    finally:
        process.communicate(timeout=PATIENCE)


def erase(store: SqliteStore, eraser: Eraser) -> None:
    store.append(replace(FIRST, first=2, size=3), erased=[(0, "terms")])
    eraser.erased()


def is_kept(tmp_path: Path) -> bool:
    files = (tmp_path / name for name in ("registry.db", "registry.db-wal"))
    return any(b"secret" in file.read_bytes() for file in files if file.exists())


def test_it_is_gone_at_once_where_nobody_reads(store: SqliteStore, eraser: Eraser, tmp_path: Path) -> None:
    erase(store, eraser)
    assert eraser.pending is None
    assert not is_kept(tmp_path)


def test_a_reader_delays_it_and_is_told(store: SqliteStore, eraser: Eraser, tmp_path: Path) -> None:
    with reader(tmp_path / "registry.db") as pid:
        began = time.monotonic()
        erase(store, eraser)
        assert time.monotonic() - began < BUSY_SECONDS / 2, "nobody waits for it"
        pending = eraser.pending
        assert pending is not None and abs(pending.since - time.time()) < 5
        assert f"process {pid} (" in pending.reason
        store.append(replace(FIRST, first=4, size=5))  # writing goes on
        assert is_kept(tmp_path)
    deadline = time.monotonic() + 60
    while eraser.pending is not None:  # tried again by itself
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert not is_kept(tmp_path)


def test_the_journal_is_truncated_once_a_reader_has_left(
    monkeypatch: pytest.MonkeyPatch, store: SqliteStore, tmp_path: Path
) -> None:
    monkeypatch.setattr(erasing, "LARGE", 100_000)
    monkeypatch.setattr(erasing, "LONGEST", 0.1)
    with closing(store.eraser()):
        with reader(tmp_path / "registry.db"):
            for number in range(30):
                store.append(replace(FIRST, first=2 + 2 * number, size=3 + 2 * number, leaves=b"x" * 20_000))
            assert os.stat(tmp_path / "registry.db-wal").st_size > 500_000
        deadline = time.monotonic() + 60
        while os.stat(tmp_path / "registry.db-wal").st_size:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_who_is_in_the_way_for_long_is_named_once(
    monkeypatch: pytest.MonkeyPatch,
    store: SqliteStore,
    eraser: Eraser,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(erasing, "NAMED_AFTER", 0)
    with caplog.at_level(logging.WARNING), reader(tmp_path / "registry.db") as pid:
        erase(store, eraser)
        deadline = time.monotonic() + 60
        while not caplog.records:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        time.sleep(2.5)
        assert [f"process {pid}" in record.getMessage() for record in caplog.records] == [True]


def test_after_a_crash_it_is_tried_at_the_start(store: SqliteStore, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "registry.db")) as holder:
        holder.execute("SELECT 1")
        store.append(replace(FIRST, first=2, size=3), erased=[(0, "terms")])  # and nothing comes after it
        assert is_kept(tmp_path)
        with closing(store.eraser()) as eraser:
            assert eraser.pending is None
        assert not is_kept(tmp_path)


def test_nobody_reads_a_database_that_is_not_there(tmp_path: Path) -> None:
    assert readers(tmp_path / "registry.db") == []
