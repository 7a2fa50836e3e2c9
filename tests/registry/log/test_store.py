"""The database refuses by itself what would change the log, whoever asks it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from registry.log.batch import Batch
from registry.log.store import SECTIONS_PER_ENTRY, SECTIONS_STORED, Store
from verifier.statements.types import SECTION_NAMES

FIRST = Batch(
    first=0, size=1, at=100, leaves=b"leavesseal", lengths=b"", hashes=b"", ids=b"", touches=b"", subjects=b"",
    digests=b"", keys=b"", tree=b"", index=b"",
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "registry.db", create=True)
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
def test_another_program_cannot_change_it(store: Store, tmp_path: Path, statement: str, why: str) -> None:
    before = list(store.batches()), store.disclosures(0)
    with closing(sqlite3.connect(tmp_path / "registry.db")) as other, pytest.raises(sqlite3.IntegrityError, match=why):
        other.execute(statement)
    assert (list(store.batches()), store.disclosures(0)) == before


def test_a_batch_continues_the_last_one(store: Store) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        store.append(FIRST)
    store.append(replace(FIRST, first=2, size=4))
    assert store.size() == 5
    assert [(batch.first, batch.size) for batch in store.batches()] == [(0, 1), (2, 4)]
    assert [batch.leaves for batch in store.batches(2, leaves=False)] == [b""]


def test_a_refused_batch_takes_its_disclosures_with_it(store: Store) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        store.append(replace(FIRST, first=2, size=3), [(2, "terms", "a"), (0, "terms", "replaced")])
    assert (store.size(), store.disclosures(2)) == (2, {})
    assert store.disclosures(0) == {"terms": "secret", "money": "amount"}


def test_an_erasure_cannot_be_undone(store: Store) -> None:
    store.append(replace(FIRST, first=2, size=3), erased=[(0, "terms")])
    assert (store.disclosures(0), store.erased(0)) == ({"money": "amount"}, frozenset({"terms"}))
    with pytest.raises(sqlite3.IntegrityError, match="added once"):
        store.add_disclosures([(0, "terms", "secret")])
    store.append(replace(FIRST, first=4, size=5), erased=[(0, "terms")])  # again: nothing happens
    assert store.all_erased() == {(0, "terms")}


def test_leaves_are_read_in_parts(store: Store) -> None:
    assert store.read_leaves(0, 6, 4) == b"seal"


def test_it_opens_again_and_is_what_it_was(store: Store, tmp_path: Path) -> None:
    with closing(Store(tmp_path / "registry.db")) as again:
        assert list(again.batches()) == [FIRST]
        assert again.check() == []


def test_it_is_neither_made_twice_nor_by_mistake(tmp_path: Path, store: Store) -> None:
    with pytest.raises(FileExistsError):
        Store(tmp_path / "registry.db", create=True)
    with pytest.raises(FileNotFoundError):
        Store(tmp_path / "typo.db")


def test_sections_keep_the_row_ids_that_databases_have() -> None:
    assert SECTIONS_STORED[:5] == ("evidence", "exclusive", "money", "person", "terms")  # those of version 0.1
    assert sorted(SECTIONS_STORED) == sorted(SECTION_NAMES)
    assert len(SECTIONS_STORED) <= SECTIONS_PER_ENTRY
