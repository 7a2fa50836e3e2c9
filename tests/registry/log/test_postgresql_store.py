"""PostgreSQL's part beyond the contract: what the database refuses to anybody, the epoch, and where sections lie."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import psycopg
import pytest

from registry.log.bucket import Bucket, BucketError
from registry.log.bucket_sections import BucketSections
from registry.log.damage import Damaged
from registry.log.postgresql import DatabaseError
from registry.log.postgresql_store import PostgresStore, make_schema
from registry.log.store import StoreRefused
from tests.support.buckets import Buckets
from tests.support.clusters import Cluster
from tests.support.stores import batch

KEY = b"k" * 32
FIRST, NEXT = batch(0, 1), batch(2, 3)


@dataclass
class Place:
    url: str
    bucket: str

    def open(self, key: bytes = KEY, epoch: int | None = None) -> PostgresStore:
        return PostgresStore(self.url, BucketSections(Bucket(self.bucket), key), epoch=epoch)


@pytest.fixture
def place(cluster: Cluster, buckets: Buckets) -> Place:
    made = Place(cluster.database(), buckets.bucket())
    make_schema(made.url)
    return made


@pytest.fixture
def store(place: Place) -> Iterator[PostgresStore]:
    with closing(place.open()) as made:
        made.append(FIRST, [(0, "terms", "secret"), (0, "money", "amount")])
        yield made


CHANGES = [
    ("UPDATE batches SET at = 5", "never changed"),
    ("DELETE FROM batches", "never changed or deleted"),
    ("TRUNCATE batches", "never changed or deleted"),
    ("INSERT INTO batches SELECT 3, 4, at, lengths, hashes, ids, touches, subjects, digests, keys, leaves, checksum,"
     " tree, index FROM batches", "begins where the last one ended"),
    ("INSERT INTO batches SELECT 2, 3, 99, lengths, hashes, ids, touches, subjects, digests, keys, leaves, checksum,"
     " tree, index FROM batches", "no earlier in time"),
    ("UPDATE sections SET place = 7", "never changed"),
    ("DELETE FROM sections", "only by an erasure"),
    ("TRUNCATE sections", "never changed"),
    ("INSERT INTO erased VALUES (1); INSERT INTO sections VALUES (1)", "added once"),
    ("INSERT INTO erased VALUES (1); DELETE FROM erased", "never changed or deleted"),
    ("INSERT INTO erased VALUES (1, true); UPDATE erased SET gone = false", "never changed"),
    ("INSERT INTO erased VALUES (1); UPDATE erased SET place = 2", "never changed"),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "why"), CHANGES)
def test_another_program_cannot_change_it(store: PostgresStore, place: Place, statement: str, why: str) -> None:
    before = list(store.batches()), store.disclosures(0), store.all_erased()
    with psycopg.connect(place.url) as other, pytest.raises(psycopg.IntegrityError, match=why):
        other.execute(statement.encode())
    assert (list(store.batches()), store.disclosures(0), store.all_erased()) == before


def test_a_sequencer_that_was_followed_by_another_writes_nothing_more(store: PostgresStore, place: Place) -> None:
    with psycopg.connect(place.url) as other:
        other.execute("UPDATE head SET epoch = epoch + 1")
    with pytest.raises(StoreRefused, match="another process goes on"):
        store.append(NEXT)
    assert list(store.batches()) == [FIRST]


def test_a_log_of_another_root_is_not_gone_on_with(store: PostgresStore, place: Place) -> None:
    """As a database that was restored, and went another way, would be."""
    with psycopg.connect(place.url) as other:
        other.execute("UPDATE head SET root = %s", (b"\x07" * 32,))
    with pytest.raises(StoreRefused):
        store.append(NEXT)
    assert store.check() == ["the head ends the log at 2, and its last row at 2"]


def test_a_database_holds_one_registry(place: Place) -> None:
    with pytest.raises(DatabaseError, match="has tables of a registry already"):
        make_schema(place.url)


def test_one_that_does_not_answer_is_told_without_its_password(place: Place) -> None:
    with pytest.raises(DatabaseError) as told:
        Place("postgresql://me:hunter2@127.0.0.1:1/nothing", place.bucket).open()
    assert "postgresql://127.0.0.1/nothing" in str(told.value) and "hunter2" not in str(told.value)


class TestSections:
    def test_their_text_is_in_the_bucket_alone_and_encrypted(
        self, store: PostgresStore, place: Place, cluster: Cluster
    ) -> None:
        name = f"sections/{FIRST.ids[:32].hex()}/terms"
        with closing(Bucket(place.bucket)) as bucket:
            stored = bucket.get(name)
            assert stored is not None and b"secret" not in stored.data
            assert list(bucket.names("sections/")) == [name.replace("terms", one) for one in ("money", "terms")]
        with psycopg.connect(place.url) as other:
            [(columns,)] = other.execute(
                "SELECT string_agg(table_name || ' ' || column_name, ',') FROM information_schema.columns "
                "WHERE table_schema = 'public' AND table_name IN ('sections', 'erased')"
            ).fetchall()
        assert sorted(columns.split(",")) == ["erased gone", "erased place", "sections place"]

    def test_another_key_opens_none(self, store: PostgresStore, place: Place) -> None:
        with closing(place.open(key=b"x" * 32)) as other, pytest.raises(Damaged, match="section money of"):
            other.disclosures(0)

    def test_one_who_comes_late_does_not_bring_an_erased_one_back(self, store: PostgresStore, place: Place) -> None:
        """A sequencer that was stopped before it put a section, and goes on an hour later."""
        with closing(store.eraser()) as eraser:
            store.append(NEXT, erased=[(0, "terms")])
            assert eraser.erased() is None
        late = BucketSections(Bucket(place.bucket), KEY)
        with closing(late), pytest.raises(StoreRefused):
            late.put([(FIRST.ids[:32], "terms", "secret")])
        with closing(Bucket(place.bucket)) as bucket:
            left = bucket.get(f"sections/{FIRST.ids[:32].hex()}/terms")
        assert left is not None and left.data == b""

    def test_while_the_bucket_is_away_an_erasure_is_pending(
        self, store: PostgresStore, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with closing(store.eraser()) as eraser:
            store.append(NEXT, erased=[(0, "terms")])
            with monkeypatch.context() as patch:
                patch.setattr(Bucket, "overwrite", _away)
                pending = eraser.erased()
            assert pending is not None and "does not answer" in pending.reason
            assert store.disclosures(0) == {"money": "amount"}, "nobody is given it meanwhile"
        with closing(place.open()) as again, closing(again.eraser()) as eraser:
            assert eraser.pending is None, "it is finished at the next start, or before"


def _away(*_: object) -> None:
    raise BucketError("the bucket is away")
