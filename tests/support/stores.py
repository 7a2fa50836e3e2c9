"""Each store there is, empty, for the tests that all of them pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from registry.log.batch import Batch
from registry.log.bucket import Bucket
from registry.log.bucket_sections import BucketSections
from registry.log.postgresql_store import PostgresStore, make_schema
from registry.log.sqlite_store import SqliteStore
from registry.log.store import Store
from tests.support.buckets import Buckets
from tests.support.clusters import Cluster


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreKind:
    """``make`` makes one log's store, ``open`` opens it once more, beside those that are open."""

    make: Callable[[], Store]
    open: Callable[[], Store]


def sqlite_kind(folder: Path) -> StoreKind:
    """In a file in ``folder``."""
    path = folder / "registry.db"
    return StoreKind(make=lambda: SqliteStore(path, create=True), open=lambda: SqliteStore(path))


def postgresql_kind(cluster: Cluster, buckets: Buckets) -> StoreKind:
    """In a database and a bucket of its own."""
    url, bucket = cluster.database(), buckets.bucket()

    def open() -> Store:
        return PostgresStore(url, BucketSections(Bucket(bucket), b"k" * 32))

    def make() -> Store:
        make_schema(url)
        return open()

    return StoreKind(make=make, open=open)


KINDS: dict[type[Store], Callable[[pytest.FixtureRequest], StoreKind]] = {
    SqliteStore: lambda asks: sqlite_kind(asks.getfixturevalue("tmp_path")),
    PostgresStore: lambda asks: postgresql_kind(asks.getfixturevalue("cluster"), asks.getfixturevalue("buckets")),
}
"""Every store there is; its servers are started when they are first wanted."""


def batch(first: int, size: int, at: int = 100, mark: bytes = b"") -> Batch:
    """A row that is told from others by ``mark``; its leaves are ten bytes."""
    return Batch(
        first=first,
        size=size,
        at=at,
        leaves=b"leavesseal",
        lengths=mark,
        hashes=b"",
        ids=b"".join(sha256(b"%d %s" % (index, mark)).digest() for index in range(first, size + 1)),
        touches=b"\x01",
        subjects=b"\x02",
        digests=b"\x03",
        keys=b"\x04",
        tree=size.to_bytes(32, "big"),
        index=b"\x05" * 32,
    )
