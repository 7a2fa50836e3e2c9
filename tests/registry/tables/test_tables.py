"""What tables beside the log do, in a file and in a database that machines share."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from registry.log.bucket import Bucket, BucketAway
from registry.log.postgresql import DatabaseError
from registry.tables import postgresql_tables
from registry.tables.postgresql_tables import PostgresTables
from tests.support.buckets import Buckets
from tests.support.clusters import Cluster
from tests.support.kept_tables import KINDS, Opened, tables_of

SCHEMA = """
CREATE TABLE IF NOT EXISTS things (name TEXT PRIMARY KEY, count INTEGER NOT NULL, data BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS pairs (one TEXT NOT NULL, two TEXT NOT NULL, PRIMARY KEY (one, two)) STRICT, WITHOUT ROWID;
"""
PUT = "INSERT INTO things VALUES (?, ?, ?)"


@pytest.fixture(params=KINDS)
def opened(request: pytest.FixtureRequest) -> Opened:
    return tables_of(request.param, request)


class TestBoth:
    def test_what_one_changes_the_other_reads(self, opened: Opened) -> None:
        one, other = opened(), opened()
        for tables in (one, other):
            tables.make(SCHEMA)
        assert one.change(PUT, "a", 1 << 60, b"\x00\xff") == 1
        assert other.rows("SELECT * FROM things WHERE name = ?", "a") == [("a", 1 << 60, b"\x00\xff")]
        assert other.rows("UPDATE things SET count = ? WHERE name = ? RETURNING count", 2, "a") == [(2,)]
        assert one.rows("SELECT count FROM things") == [(2,)]
        assert other.change("DELETE FROM things WHERE name = ?", "b") == 0

    def test_a_transaction_is_whole_or_nothing(self, opened: Opened) -> None:
        tables = opened()
        tables.make(SCHEMA)
        with pytest.raises(KeyError), tables.transaction():
            tables.change(PUT, "a", 1, b"")
            with tables.transaction():
                tables.change(PUT, "b", 1, b"")
            raise KeyError
        assert tables.rows("SELECT * FROM things") == []
        with tables.transaction():
            tables.change(PUT, "a", 1, b"")
            with tables.transaction():
                tables.change(PUT, "b", 1, b"")
        assert tables.rows("SELECT name FROM things ORDER BY name") == [("a",), ("b",)]

    def test_transactions_go_one_after_the_other(self, opened: Opened) -> None:
        """Eight count up, each by reading and writing; none reads between another's two."""
        all_tables = [opened() for _ in range(4)]
        all_tables[0].make(SCHEMA)
        all_tables[0].change(PUT, "a", 0, b"")

        def count(number: int) -> None:
            tables = all_tables[number % len(all_tables)]
            for _ in range(10):
                with tables.transaction():
                    [(now,)] = tables.rows("SELECT count FROM things")
                    tables.change("UPDATE things SET count = ?", now + 1)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(count, range(8)))
        assert all_tables[0].rows("SELECT count FROM things") == [(80,)]

    def test_words_are_shown_until_they_are_dropped(self, opened: Opened) -> None:
        one, other = opened(), opened()
        one.make(SCHEMA)
        with one.transaction():
            one.change(PUT, one.hide("Kata, 言葉"), 1, one.hide(b"\x00\xff"))
        [(name, data)] = other.rows("SELECT name, data FROM things")
        assert other.show([name]) == ["Kata, 言葉"] and other.show([data]) == [b"\x00\xff"]
        assert other.show([""]) == [""] and one.show(list[bytes]()) == []
        with one.transaction():
            assert one.hide("") == "" and one.hide(b"") == b""
        with one.transaction():
            one.drop([name, ""])
            one.drop([data])
            one.change("DELETE FROM things")
        one.tidy()
        assert other.rows("SELECT name FROM things") == []


class Shared:
    """The tables of a database and a bucket, and what lies in the bucket."""

    def __init__(self, cluster: Cluster, buckets: Buckets) -> None:
        self.url, self.bucket = cluster.database(), Bucket(buckets.bucket())
        self.opened: list[PostgresTables] = []
        self.tables = self.open()
        self.tables.make(SCHEMA)

    def open(self) -> PostgresTables:
        self.opened.append(PostgresTables(self.url, "part", Bucket(self.bucket.url), b"k" * 32))
        return self.opened[-1]

    def objects(self) -> list[str]:
        return list(self.bucket.names("part/"))

    def end_connections(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as conn:
            conn.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture
def shared(cluster: Cluster, buckets: Buckets) -> Iterator[Shared]:
    made = Shared(cluster, buckets)
    yield made
    for one in made.opened:
        one.close()
    made.bucket.close()


class TestShared:
    def test_no_word_lies_in_the_database(self, shared: Shared, cluster: Cluster) -> None:
        """Neither in its tables nor in its log, nor in the clear in the bucket."""
        words = b"a word that nobody else says"
        with shared.tables.transaction():
            shared.tables.change(PUT, "a", 1, shared.tables.hide(words))
        with psycopg.connect(cluster.url(), autocommit=True) as conn:
            conn.execute("CHECKPOINT")
        files = [path for path in cluster.data.rglob("*") if path.is_file()]
        assert len(files) > 100 and not [path for path in files if words in _read(path)]
        [name] = shared.objects()
        stored = shared.bucket.get(name)
        assert stored is not None and words not in stored.data

    def test_dropped_words_are_gone_at_once(self, shared: Shared) -> None:
        with shared.tables.transaction():
            held = shared.tables.hide("words")
        with shared.tables.transaction():
            shared.tables.drop([held])
            assert shared.objects(), "it is not done yet"
        assert shared.objects() == [] and shared.tables.rows("SELECT name FROM words") == []
        assert shared.open().show([held]) == [None]

    def test_what_was_not_done_drops_nothing(self, shared: Shared) -> None:
        with shared.tables.transaction():
            held = shared.tables.hide("words")
        with pytest.raises(KeyError), shared.tables.transaction():
            shared.tables.drop([held])
            raise KeyError
        assert shared.open().show([held]) == ["words"]

    def test_words_of_what_came_to_nothing_are_tidied_away(
        self, shared: Shared, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with pytest.raises(KeyError), shared.tables.transaction():
            shared.tables.hide("words")
            raise KeyError
        shared.tables.tidy()
        assert shared.objects(), "it may be in the middle of it"
        monkeypatch.setattr("registry.tables.postgresql_tables.UNUSED", -1)
        shared.tables.tidy()
        assert shared.objects() == [] and shared.tables.rows("SELECT name FROM words") == []

    def test_a_bucket_that_is_slow_holds_up_nobody_for_long(
        self, shared: Shared, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It ends before the database ends the transaction, which is undone; what is put too late is tidied away."""
        assert postgresql_tables.PUT_SECONDS < postgresql_tables.LOCK_SECONDS
        monkeypatch.setattr(postgresql_tables, "PUT_SECONDS", 0.2)
        going_on, create = threading.Event(), Bucket.create

        def slow(bucket: Bucket, *args: Any) -> str:
            going_on.wait(10)
            return create(bucket, *args)

        monkeypatch.setattr(Bucket, "create", slow)
        with pytest.raises(BucketAway), shared.tables.transaction():
            shared.tables.change(PUT, "a", 1, shared.tables.hide(b"words"))
        assert shared.tables.change(PUT, "b", 2, b"") == 1, "others go on"
        assert shared.tables.rows("SELECT name FROM things") == [("b",)]
        going_on.set()
        while not shared.objects():
            time.sleep(0.02)
        monkeypatch.setattr(postgresql_tables, "UNUSED", -1)
        shared.tables.tidy()
        assert shared.objects() == [] and shared.tables.rows("SELECT name FROM words") == []

    def test_what_an_outage_leaves_is_tidied_away(self, shared: Shared, monkeypatch: pytest.MonkeyPatch) -> None:
        with shared.tables.transaction():
            held = shared.tables.hide("words")

        def away(names: list[str]) -> None:
            raise OSError("the bucket is away")

        with monkeypatch.context() as patch:
            patch.setattr(shared.tables._bucket, "delete", away)
            with shared.tables.transaction():
                shared.tables.drop([held])
        assert shared.objects()
        shared.open().tidy()
        assert shared.objects() == []

    def test_it_goes_on_once_the_database_has_ended_all_connections(self, shared: Shared) -> None:
        gate = threading.Barrier(6)

        def read(_: int) -> None:
            gate.wait()
            for _ in range(20):
                shared.tables.rows("SELECT 1")

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(read, range(6)))
        shared.end_connections()
        assert shared.tables.rows("SELECT 1") == [(1,)]
        shared.end_connections()
        assert shared.tables.change(PUT, "a", 1, b"") == 1

    def test_a_connection_that_ends_in_a_transaction_takes_it_along(self, shared: Shared) -> None:
        with pytest.raises(DatabaseError), shared.tables.transaction():
            shared.tables.change(PUT, "a", 1, b"")
            shared.end_connections()
            shared.tables.change(PUT, "b", 1, b"")
        assert shared.tables.rows("SELECT * FROM things") == []
        assert shared.tables.change(PUT, "c", 1, b"") == 1

    def test_one_that_stands_still_holds_up_nobody_for_long(
        self, shared: Shared, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A front end is stopped in the middle of a transaction: the server ends it, and the others go on."""
        monkeypatch.setattr("registry.tables.postgresql_tables.LOCK_SECONDS", 1)
        one, other = shared.open(), shared.tables
        stands, goes_on = threading.Event(), threading.Event()
        failed: list[BaseException] = []

        def stand_still() -> None:
            try:
                with one.transaction():
                    one.change(PUT, "a", 1, b"")
                    stands.set()
                    goes_on.wait(20)
                    one.change(PUT, "b", 1, b"")
            except DatabaseError as error:
                failed.append(error)

        still = threading.Thread(target=stand_still)
        still.start()
        stands.wait(10)
        began = time.monotonic()
        assert other.change(PUT, "c", 1, b"") == 1
        assert time.monotonic() - began < 10
        goes_on.set()
        still.join()
        assert failed and other.rows("SELECT name FROM things") == [("c",)]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # a file of the server's that is gone by now
        return b""
