"""The database refuses by itself what would change the log, whoever asks it: SQLite's part beyond the contract."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from registry.log.batch import Batch
from registry.log.sqlite_store import SqliteStore
from registry.log.store import SECTIONS_PER_ENTRY, SECTIONS_STORED
from verifier.statements.types import SECTION_NAMES

FIRST = Batch(
    first=0, size=1, at=100, leaves=b"leavesseal", lengths=b"", hashes=b"", ids=b"", touches=b"", subjects=b"",
    digests=b"", keys=b"", tree=b"", index=b"",
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    made = SqliteStore(tmp_path / "registry.db", create=True)
    made.append(FIRST, [(0, "terms", "secret"), (0, "money", "amount")])
    yield made
    made.close()


CHANGES = [
    ("UPDATE batches SET at = 5", "never changed"),
    ("UPDATE batches SET leaves = x'00' WHERE first = 0", "never changed"),
    ("DELETE FROM batches", "never deleted"),
    ("INSERT OR REPLACE INTO batches SELECT * FROM batches", "begins where the last one ended"),
    ("REPLACE INTO batches SELECT * FROM batches", "begins where the last one ended"),
    ("INSERT INTO batches SELECT 3, 4, at, lengths, hashes, ids, touches, subjects, digests, keys, leaves FROM batches",
     "begins where the last one ended"),
    ("INSERT INTO batches SELECT 2, 2, at, lengths, hashes, ids, touches, subjects, digests, keys, leaves FROM batches",
     "begins where the last one ended"),
    ("INSERT INTO batches SELECT 2, 3, 99, lengths, hashes, ids, touches, subjects, digests, keys, leaves FROM batches",
     "no earlier in time"),
    ("UPDATE disclosures SET text = 'other'", "never changed"),
    ("INSERT OR REPLACE INTO disclosures SELECT place, 'other' FROM disclosures", "added once"),
    ("DELETE FROM disclosures", "only by an erasure"),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "why"), CHANGES)
def test_another_program_cannot_change_it(store: SqliteStore, tmp_path: Path, statement: str, why: str) -> None:
    before = list(store.batches()), store.disclosures(0)
    with closing(sqlite3.connect(tmp_path / "registry.db")) as other, pytest.raises(sqlite3.IntegrityError, match=why):
        other.execute(statement)
    assert (list(store.batches()), store.disclosures(0)) == before


def test_it_is_neither_made_twice_nor_by_mistake(tmp_path: Path, store: SqliteStore) -> None:
    with pytest.raises(FileExistsError):
        SqliteStore(tmp_path / "registry.db", create=True)
    with pytest.raises(FileNotFoundError):
        SqliteStore(tmp_path / "typo.db")


def test_sections_keep_the_row_ids_that_databases_have() -> None:
    assert SECTIONS_STORED[:5] == ("evidence", "exclusive", "money", "person", "terms")  # those of version 0.1
    assert sorted(SECTIONS_STORED) == sorted(SECTION_NAMES)
    assert len(SECTIONS_STORED) <= SECTIONS_PER_ENTRY
