"""Each store there is, empty, for the tests that all of them pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from registry.log.batch import Batch
from registry.log.sqlite_store import SqliteStore
from registry.log.store import Store

KINDS = ("sqlite",)
"""Every store there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreKind:
    """``make`` makes one log's store, ``open`` opens it once more, beside those that are open."""

    make: Callable[[], Store]
    open: Callable[[], Store]


def sqlite_kind(folder: Path) -> StoreKind:
    """In a file in ``folder``."""
    path = folder / "registry.db"
    return StoreKind(make=lambda: SqliteStore(path, create=True), open=lambda: SqliteStore(path))


def batch(first: int, size: int, at: int = 100, mark: bytes = b"") -> Batch:
    """A row that is told from others by ``mark``; its leaves are ten bytes."""
    return Batch(
        first=first,
        size=size,
        at=at,
        leaves=b"leavesseal",
        lengths=mark,
        hashes=b"",
        ids=b"".join(index.to_bytes(32, "big") for index in range(first, size + 1)),
        touches=b"\x01",
        subjects=b"\x02",
        digests=b"\x03",
        keys=b"\x04",
        tree=size.to_bytes(32, "big"),
        index=b"\x05" * 32,
    )
