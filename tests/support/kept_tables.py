"""Tables of each kind there is, empty, for the tests that both pass."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from registry.log.bucket import Bucket
from registry.tables.postgresql_tables import PostgresTables
from registry.tables.sqlite_tables import SqliteTables
from registry.tables.tables import Tables

KINDS = ("sqlite", "postgresql")
"""Every kind there is."""

Opened = Callable[[], Tables]
"""Opens the same tables once more, as another front end does; a SQLite file has one process, which opens it once."""


def tables_of(kind: str, request: pytest.FixtureRequest) -> Opened:
    """Those of one of :data:`KINDS`; all are closed when the test ends."""
    made: list[Tables] = []
    if kind == "sqlite":
        made.append(SqliteTables(request.getfixturevalue("tmp_path") / "tables.db", erasing=True))
        request.addfinalizer(made[0].close)
        return lambda: made[0]
    url, bucket = request.getfixturevalue("cluster").database(), request.getfixturevalue("buckets").bucket()

    def opened() -> Tables:
        tables = PostgresTables(url, "part", Bucket(bucket), b"k" * 32)
        request.addfinalizer(tables.close)
        return tables

    return opened
