"""The log in PostgreSQL: the same rows as in SQLite, for one sequencer and any number of readers on other machines.

``head`` is one row with the log's end. A batch is written only if the end is where this process knows it to be, by
size and root, and if nobody has become sequencer since (``epoch``; :mod:`registry.log.lease`): one UPDATE is the
compare-and-swap. Private sections are not in the database, whose write-ahead log and pages would keep what was deleted:
they lie in a bucket (:mod:`registry.log.bucket_sections`), put there before the batch is committed; ``sections`` only
says that they are there.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from importlib.resources import files
from typing import Any, LiteralString

import psycopg

from registry.log.batch import Batch
from registry.log.bucket_sections import BucketSections
from registry.log.damage import Damaged
from registry.log.postgresql import Connection, DatabaseError, ReaderPool, connect, shown, telling
from registry.log.store import (
    SECTIONS_PER_ENTRY,
    SECTIONS_STORED,
    PendingErasure,
    StoreRefused,
    entry_and_name,
    place_of,
)
from registry.log.told_health import BEAT, HEALTH, TABLE, HeardHealth, parse_health

RETRY = 5.0
"""Seconds before an erasure that the bucket did not take is tried again."""
AT_ONCE = 1_000
"""Erasures that are finished together."""

_log = logging.getLogger(__name__)

_COLUMNS = (
    "first", "size", "at", "lengths", "hashes", "ids", "touches", "subjects", "digests", "keys", "leaves", "tree",
    "index",
)  # fmt: skip
_INSERT: LiteralString = """
    INSERT INTO batches
        (first, size, at, lengths, hashes, ids, touches, subjects, digests, keys, leaves, tree, index, checksum)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_WITH_LEAVES: LiteralString = """
    SELECT first, size, at, lengths, hashes, ids, touches, subjects, digests, keys, leaves, tree, index, checksum
    FROM batches WHERE first >= %s ORDER BY first LIMIT 1
"""
_WITHOUT: LiteralString = """
    SELECT first, size, at, lengths, hashes, ids, touches, subjects, digests, keys, ''::bytea, tree, index, checksum
    FROM batches WHERE first >= %s ORDER BY first LIMIT 1
"""
_SWAP: LiteralString = """
    UPDATE head SET size = %s, root = %s, at = %s WHERE epoch = %s AND size = %s AND root = %s AND at <= %s
"""


def make_schema(url: str) -> None:
    """Make the tables of a new registry in an empty database. Raises :class:`DatabaseError`."""
    conn = connect(url)
    try:
        with telling(url), conn.transaction():
            if conn.execute("SELECT to_regclass('batches')").fetchone() != (None,):
                raise DatabaseError(f"{shown(url)} has tables of a registry already: a new one has its own database")
            conn.execute(files("registry.log").joinpath("postgresql.sql").read_bytes())
            conn.execute(TABLE)
    finally:
        conn.close()


class PostgresStore:
    """One registry's rows at ``url`` (:class:`registry.log.store.Store`), its private sections in ``sections``.

    ``writer`` is the sequencer's one connection, which holds its lock, and ``epoch`` what it counts as; ``lost`` is
    called where it turns out to be sequencer no more. Left out the
    store makes its own connection when it first writes, and counts as whoever was sequencer when it was opened: enough
    for ``registry init``, and the compare-and-swap holds all the same.
    """

    def __init__(
        self,
        url: str,
        sections: BucketSections,
        *,
        writer: Connection | None = None,
        epoch: int | None = None,
        writing: AbstractContextManager[object] | None = None,
        lost: Callable[[str], None] = lambda why: None,
    ) -> None:
        self._url = url
        self._sections = sections
        self._given = writer
        self._writer = writer
        self._writing = writing or threading.Lock()
        self._lost = lost
        self._pool = ReaderPool(url)
        try:
            [(now, self._size, self._root)] = self._read("SELECT epoch, size, root FROM head")
        except BaseException:
            self._pool.close()
            raise
        self._epoch = now if epoch is None else epoch

    def eraser(self) -> BucketEraser:
        """What puts nothing in the place of erased sections, for the one process that writes."""
        return BucketEraser(self._not_gone, self._finish)

    def close(self) -> None:
        if self._writer is not None and self._given is None:
            self._writer.close()
        self._pool.close()
        self._sections.close()

    # ---- writing

    def append(
        self,
        batch: Batch,
        disclosures: Sequence[tuple[int, str, str]] = (),
        erased: Sequence[tuple[int, str]] = (),
    ) -> None:
        """See :meth:`registry.log.store.Store.append`. The sections are put into the bucket first."""
        ids = {index: batch.ids[32 * at : 32 * at + 32] for at, index in enumerate(range(batch.first, batch.size + 1))}
        self._put(disclosures, ids)
        with self._transaction() as conn:
            known = self._root if batch.first == self._size else b""
            values = (batch.size + 1, batch.tree, batch.at, self._epoch, batch.first, known, batch.at)
            if conn.execute(_SWAP, values).rowcount != 1:
                self._lost("the log does not end where this process knows it to, or another is sequencer")
                raise StoreRefused(f"batch {batch.first} does not begin where the log ends, or another process goes on")
            conn.execute(_INSERT, [*(getattr(batch, name) for name in _COLUMNS), batch.checksum()])
            self._note(conn, disclosures)
            for index, name in erased:
                place = place_of(index, name)
                conn.execute("INSERT INTO erased (place) VALUES (%s) ON CONFLICT DO NOTHING", (place,))
                conn.execute("DELETE FROM sections WHERE place = %s", (place,))
        self._size, self._root = batch.size + 1, batch.tree

    def add_disclosures(self, disclosures: Sequence[tuple[int, str, str]]) -> None:
        """Disclosures (entry, section, text) that came after their entries."""
        gone = {(index, name) for index, name, _ in disclosures if name in self.erased(index)}
        if gone:  # else the bucket would be asked for nothing
            raise StoreRefused("a disclosure is added once")
        self._put(disclosures, {})
        with self._transaction() as conn:
            self._note(conn, disclosures)

    def _put(self, disclosures: Sequence[tuple[int, str, str]], known: dict[int, bytes]) -> None:
        ids = {**self._ids({index for index, _, _ in disclosures} - set(known)), **known}
        if any(index not in ids for index, _, _ in disclosures):
            raise StoreRefused("a disclosure is of an entry")
        self._sections.put([(ids[index], name, text) for index, name, text in disclosures])

    def _note(self, conn: Connection, disclosures: Sequence[tuple[int, str, str]]) -> None:
        if disclosures:
            with conn.cursor() as cursor:
                places = [(place_of(index, name),) for index, name, _ in disclosures]
                cursor.executemany("INSERT INTO sections (place) VALUES (%s)", places)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self._writing, telling(self._url):
            if self._writer is None or (self._given is None and self._writer.closed):
                self._writer = connect(self._url)
            try:
                with self._writer.transaction():
                    yield self._writer
            except psycopg.IntegrityError as error:
                raise StoreRefused(str(error).splitlines()[0]) from None

    # ---- erasing

    def _not_gone(self) -> list[int]:
        found = self._read("SELECT place FROM erased WHERE NOT gone ORDER BY place LIMIT %s", (AT_ONCE,))
        return [place for (place,) in found]

    def _finish(self, places: list[int]) -> None:
        ids = self._ids({place // SECTIONS_PER_ENTRY for place in places})
        self._sections.erase([(ids[index], name) for index, name in map(entry_and_name, places)])
        with telling(self._url), self._pool.connection() as conn:
            conn.execute("UPDATE erased SET gone = true WHERE place = ANY(%s)", (places,))

    # ---- followers

    def announce(self) -> None:
        """Have followers look at what is published."""
        with telling(self._url), self._pool.connection() as conn:
            conn.execute("UPDATE head SET edition = edition + 1")

    def edition(self) -> int:
        """How often that was announced."""
        return int(self._read("SELECT edition FROM head")[0][0])

    def heard(self) -> HeardHealth:
        """What is heard of the sequencer."""
        [(beat, waiting)] = self._read(BEAT)
        try:
            told = self._read(HEALTH)
        except DatabaseError:  # no table: whoever is sequencer is of a version that says nothing
            told = []
        return HeardHealth(beat=beat, waiting=waiting, health=parse_health(bytes(told[0][0])) if told else {})

    # ---- reading

    def _read(self, query: LiteralString, values: Sequence[Any] = ()) -> list[Any]:
        """Rows; asked twice where a connection turns out to be gone."""
        with telling(self._url):
            try:
                with self._pool.connection() as conn:
                    return conn.execute(query, values).fetchall()
            except psycopg.OperationalError:
                with self._pool.connection() as conn:
                    return conn.execute(query, values).fetchall()

    def size(self) -> int:
        """Entries in the database, seals included."""
        return int(self._read("SELECT size FROM head")[0][0])

    def last_at(self) -> int:
        """The last seal's time (POSIX seconds); 0 without one."""
        return int(self._read("SELECT at FROM head")[0][0])

    def batches(self, start: int = 0, *, leaves: bool = True, checked: bool = True) -> Iterator[Batch]:
        """See :meth:`registry.log.store.Store.batches`."""
        while rows := self._read(_WITH_LEAVES if leaves else _WITHOUT, (start,)):
            *columns, checksum = rows[0]
            batch = Batch(**dict(zip(_COLUMNS, columns, strict=True)))
            if checked and batch.checksum() != checksum:
                raise Damaged(f"the row of batch {batch.first} is not what was written: the disk has changed it")
            if batch.size + 1 >= self._size:
                self._size, self._root = batch.size + 1, batch.tree
            yield batch
            start = batch.first + 1

    def checksum(self, first: int) -> bytes | None:
        """The checksum that was written with the row of the batch that begins at ``first``."""
        rows = self._read("SELECT checksum FROM batches WHERE first = %s", (first,))
        return rows[0][0] if rows else None

    def read_leaves(self, first: int, offset: int, length: int) -> bytes:
        """``length`` bytes from ``offset`` of the leaves of the batch that begins at ``first``."""
        query: LiteralString = "SELECT substring(leaves FROM %s FOR %s) FROM batches WHERE first = %s"
        rows = self._read(query, (offset + 1, length, first))
        if not rows:
            raise Damaged(f"the row of batch {first} is gone")
        return bytes(rows[0][0])

    def disclosures(self, index: int) -> dict[str, str]:
        """Section name -> disclosure, of those that are there."""
        return {name: text for _, name, text in self.disclosures_between(index, index + 1)}

    def erased(self, index: int) -> frozenset[str]:
        """The names of the entry's sections that were erased."""
        query: LiteralString = "SELECT place FROM erased WHERE place >= %s AND place < %s"
        rows = self._read(query, (index * SECTIONS_PER_ENTRY, (index + 1) * SECTIONS_PER_ENTRY))
        return frozenset(SECTIONS_STORED[place % SECTIONS_PER_ENTRY] for (place,) in rows)

    def disclosures_between(self, start: int, end: int) -> list[tuple[int, str, str]]:
        """(entry, section, disclosure) of the entries ``start`` to ``end`` - 1, in log order."""
        query: LiteralString = "SELECT place FROM sections WHERE place >= %s AND place < %s ORDER BY place"
        rows = self._read(query, (start * SECTIONS_PER_ENTRY, end * SECTIONS_PER_ENTRY))
        places = [entry_and_name(place) for (place,) in rows]
        ids = self._ids({index for index, _ in places})
        texts = self._sections.get([(ids[index], name) for index, name in places])
        return [(*place, text) for place, text in zip(places, texts, strict=True) if text is not None]

    def all_erased(self) -> set[tuple[int, str]]:
        """(entry, section) of everything that was erased."""
        return {entry_and_name(place) for (place,) in self._read("SELECT place FROM erased")}

    def check(self) -> list[str]:
        """Whether the log's end is that of its last row; the rest is the server's (``pg_amcheck``)."""
        query: LiteralString = """
            SELECT head.size, head.root, head.at, last.size, last.tree, last.at FROM head
            LEFT JOIN (SELECT * FROM batches ORDER BY first DESC LIMIT 1) last ON true
        """
        [(size, root, at, last, tree, last_at)] = self._read(query)
        ends = (0, b"", 0) if last is None else (last + 1, tree, last_at)
        return [] if ends == (size, root, at) else [f"the head ends the log at {size}, and its last row at {ends[0]}"]

    def _ids(self, indexes: set[int]) -> dict[int, bytes]:
        """The statement ids of these entries."""
        query: LiteralString = """
            SELECT wanted, substring(ids FROM (32 * (wanted - first) + 1)::int FOR 32) FROM unnest(%s::bigint[]) wanted,
            LATERAL (SELECT first, size, ids FROM batches WHERE first <= wanted ORDER BY first DESC LIMIT 1) found
            WHERE wanted <= size
        """
        return dict(self._read(query, (list(indexes),))) if indexes else {}


class BucketEraser:
    """Finishes erasures in a thread of its own until :meth:`close` (:class:`registry.log.store.Erasing`).

    ``left`` gives those that are not finished, ``finish`` finishes some.
    """

    def __init__(self, left: Callable[[], list[int]], finish: Callable[[list[int]], None]) -> None:
        self._left = left
        self._finish = finish
        self._trying = threading.Lock()
        self._pending: PendingErasure | None = None
        self._closing = threading.Event()
        self._try()
        self._thread = threading.Thread(target=self._run, name="eraser", daemon=True)
        self._thread.start()

    @property
    def pending(self) -> PendingErasure | None:
        """What is not gone yet; None where all is."""
        return self._pending

    def erased(self) -> PendingErasure | None:
        """Text was erased just now: what is still in the way of its being gone."""
        self._try()
        return self._pending

    def close(self) -> None:
        """A last attempt, and the end."""
        self._closing.set()
        self._thread.join()
        if self._pending is not None:
            self._try()

    def _run(self) -> None:
        while not self._closing.wait(RETRY):
            if self._pending is not None:
                self._try()

    def _try(self) -> None:
        with self._trying:
            try:
                while places := self._left():
                    self._finish(places)
            except OSError as error:
                since = self._pending.since if self._pending else int(time.time())
                _log.warning("an erasure is not done: %s", error)
                self._pending = PendingErasure(since=since, reason="the bucket or the database does not answer")
            else:
                self._pending = None
