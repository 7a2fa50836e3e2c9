"""The log in SQLite: one append-only row a batch, and the disclosures apart from it so that they can be erased.

A row holds a whole batch: its leaves, and beside them what it would be slow to read out of the leaves again (hashes,
ids, touched subjects, section digests, keys). Everything else that the registry knows is made of these rows when it
starts, in memory; there is no row for each id, list or subject, which keeps appending flat to a million entries.
``fsck`` makes the columns anew from the leaves and compares.

Each row has its checksum and the roots of tree and index in ``checks``: a table of its own, since what stands behind
the leaves would be slow to read. Rows of ``batches`` can only be added, each where the one before ended; triggers in
the database see to that, whatever program opens it. A disclosure can be added once and deleted, never changed.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database, Migrations

from registry.log.batch import Batch
from registry.log.damage import Damaged
from registry.log.durable import PRIVATE_MODE
from registry.log.erasing import Eraser
from registry.log.store import SECTIONS_PER_ENTRY, SECTIONS_STORED, StoreRefused, entry_and_name, place_of

BUSY_SECONDS = 10
"""Seconds to wait for another program that has locked the database."""

ROWS = 16
"""Rows that are read together without their leaves, some 3 MB: one by one takes half as long again."""

_SCHEMA = Migrations("kembar")


_BATCH_COLUMNS: dict[str, type] = {
    "first": int,
    "size": int,
    "at": int,
    "lengths": bytes,
    "hashes": bytes,
    "ids": bytes,
    "touches": bytes,
    "subjects": bytes,
    "digests": bytes,
    "keys": bytes,
    "leaves": bytes,  # the long one last: the others are read without it
}


_CHECK_COLUMNS: dict[str, type] = {"first": int, "checksum": bytes, "tree": bytes, "index": bytes}
_INSERT_BATCH = f"INSERT INTO batches ({', '.join(_BATCH_COLUMNS)}) VALUES ({', '.join('?' * len(_BATCH_COLUMNS))})"


@_SCHEMA()
def m001_batches_and_disclosures(db: Database) -> None:
    """The schema of version 0.1."""
    db.table("batches").create(_BATCH_COLUMNS, pk="first", not_null=set(_BATCH_COLUMNS), strict=True)
    db.table("disclosures").create({"place": int, "text": str}, pk="place", not_null={"place", "text"}, strict=True)
    db.table("erased").create({"place": int}, pk="place", strict=True)
    for statement in _TRIGGERS:
        db.execute(statement)


# ``INSERT OR REPLACE`` deletes without delete triggers unless recursive triggers are on, so the insert triggers refuse
# whatever does not continue the table; that is also the compare-and-swap on which the single writer rests.
_TRIGGERS = (
    """
    CREATE TRIGGER batches_continue BEFORE INSERT ON batches
    WHEN NEW.size <= NEW.first
      OR NEW.first <> coalesce((SELECT size + 1 FROM batches ORDER BY first DESC LIMIT 1), 0)
      OR NEW.at < coalesce((SELECT at FROM batches ORDER BY first DESC LIMIT 1), 0)
    BEGIN SELECT RAISE(ABORT, 'a batch begins where the last one ended, and no earlier in time'); END
    """,
    """
    CREATE TRIGGER batches_never_change BEFORE UPDATE ON batches
    BEGIN SELECT RAISE(ABORT, 'a batch is never changed'); END
    """,
    """
    CREATE TRIGGER batches_never_go BEFORE DELETE ON batches
    BEGIN SELECT RAISE(ABORT, 'a batch is never deleted'); END
    """,
    """
    CREATE TRIGGER disclosures_once BEFORE INSERT ON disclosures
    WHEN EXISTS (SELECT 1 FROM disclosures WHERE place = NEW.place)
      OR EXISTS (SELECT 1 FROM erased WHERE place = NEW.place)
    BEGIN SELECT RAISE(ABORT, 'a disclosure is added once'); END
    """,
    """
    CREATE TRIGGER disclosures_never_change BEFORE UPDATE ON disclosures
    BEGIN SELECT RAISE(ABORT, 'a disclosure is never changed'); END
    """,
    """
    CREATE TRIGGER disclosures_go_when_erased BEFORE DELETE ON disclosures
    WHEN NOT EXISTS (SELECT 1 FROM erased WHERE place = OLD.place)
    BEGIN SELECT RAISE(ABORT, 'a disclosure is deleted only by an erasure'); END
    """,
    """
    CREATE TRIGGER erased_never_change BEFORE UPDATE ON erased
    BEGIN SELECT RAISE(ABORT, 'an erasure is never changed'); END
    """,
    """
    CREATE TRIGGER erased_never_go BEFORE DELETE ON erased
    BEGIN SELECT RAISE(ABORT, 'an erasure is never deleted'); END
    """,
)


@_SCHEMA()
def m002_checks(db: Database) -> None:
    """Checksums and roots, for rows that have none yet: made from the leaves, and only if the columns agree with them.

    Raises :class:`Damaged` where they do not. A repair has made the table itself, and fills it.
    """
    if db.table("checks").exists():
        return
    from registry.log.columns import derive, split_leaves  # only here, for it reads statements
    from registry.log.image import LogImage

    _create_checks(db)
    state = LogImage()
    names = ", ".join(_BATCH_COLUMNS)
    for row in db.execute(f"SELECT {names} FROM batches ORDER BY first"):
        stored = dict(zip(_BATCH_COLUMNS, row, strict=True))
        batch, staged, _ = derive(state, split_leaves(stored["leaves"]))
        for name, column in stored.items():
            if getattr(batch, name) != column:
                raise Damaged(f"the column {name} of batch {stored['first']} is not what its leaves say")
        state.apply(batch, staged)
        db.conn.execute(_INSERT_CHECK, _check_row(batch))


def _create_checks(db: Database) -> None:
    db.table("checks").create(_CHECK_COLUMNS, pk="first", not_null=set(_CHECK_COLUMNS), strict=True)
    for statement in _CHECK_TRIGGERS:
        db.execute(statement)


_INSERT_CHECK = 'INSERT INTO checks (first, checksum, tree, "index") VALUES (?, ?, ?, ?)'


def _check_row(batch: Batch) -> tuple[int, bytes, bytes, bytes]:
    return batch.first, batch.checksum(), batch.tree, batch.index


_CHECK_TRIGGERS = (
    """
    CREATE TRIGGER checks_once BEFORE INSERT ON checks
    WHEN EXISTS (SELECT 1 FROM checks WHERE first = NEW.first)
      OR NOT EXISTS (SELECT 1 FROM batches WHERE first = NEW.first)
    BEGIN SELECT RAISE(ABORT, 'a check is added once, with its batch'); END
    """,
    """
    CREATE TRIGGER checks_never_change BEFORE UPDATE ON checks
    BEGIN SELECT RAISE(ABORT, 'a check is never changed'); END
    """,
    """
    CREATE TRIGGER checks_never_go BEFORE DELETE ON checks
    BEGIN SELECT RAISE(ABORT, 'a check is never deleted'); END
    """,
)


DAMAGED = (sqlite3.DatabaseError, UnicodeDecodeError, TypeError, Damaged)
"""What reading raises where the file is not what it was: pages, texts, or columns without their values."""


class SqliteStore:
    """One registry's database (:class:`registry.log.store.Store`). Writing is for one thread; reading is for any."""

    def __init__(
        self, path: Path, *, create: bool = False, readonly: bool = False, for_repair: bool = False
    ) -> None:
        """``for_repair``: rows of version 0.1 get no checks yet, whatever stands in them."""
        if create == path.exists():
            raise FileExistsError(f"{path} exists") if create else FileNotFoundError(f"there is no database {path}")
        if create:  # SQLite gives its journal the mode of the file, and the file whatever the umask leaves
            path.touch(PRIVATE_MODE)
            path.chmod(PRIVATE_MODE)
        self._path = path
        self._writer = _database(connect_read_only(path)) if readonly else _connect(path)
        if for_repair and not self._writer.table("checks").exists():
            with self._writer.atomic():
                _create_checks(self._writer)
        if not readonly:
            _SCHEMA.apply(self._writer)
        elif _SCHEMA.pending(self._writer):
            self._writer.close()
            raise Damaged("the database is of an earlier version: serve it once, which brings it up to date")
        self._reader = self._writer if readonly else _connect(path)
        self._reading = threading.Lock()

    def eraser(self) -> Eraser:
        """What sees to it that erased text is gone, for the one process that writes. The caller closes it first."""
        eraser = Eraser(self._path, self._reading)
        if self._any_erased():
            eraser.erased()  # a crash may have come between an erasure and its zeroes
        return eraser

    def close(self) -> None:
        self._writer.close()
        with self._reading:
            self._reader.close()

    # ---- writing

    def append(
        self,
        batch: Batch,
        disclosures: Sequence[tuple[int, str, str]] = (),
        erased: Sequence[tuple[int, str]] = (),
    ) -> None:
        """One transaction: the batch, disclosures (entry, section, text) and erasures (entry, section).

        Durable when it returns. After an error it is not known whether it was kept: read again.
        """
        db = self._writer
        with _refusing(), db.atomic():
            db.conn.execute(_INSERT_BATCH, [getattr(batch, name) for name in _BATCH_COLUMNS])
            db.conn.execute(_INSERT_CHECK, _check_row(batch))
            self._add_disclosures(disclosures)
            self._erase(erased)

    def add_disclosures(self, disclosures: Sequence[tuple[int, str, str]]) -> None:
        """Disclosures (entry, section, text) that came after their entries."""
        with _refusing(), self._writer.atomic():
            self._add_disclosures(disclosures)

    def replace_columns(self, batches: Sequence[Batch]) -> None:
        """For a repair alone: write these rows anew, but for leaves where there are none here. In one transaction."""
        names = [name for name in _BATCH_COLUMNS if name not in ("first", "leaves")]
        assigned = ", ".join(f"{name} = ?" for name in names)
        conn = self._writer.conn
        with self._writer.atomic():
            for trigger in ("batches_never_change", "checks_never_go"):
                conn.execute(f"DROP TRIGGER {trigger}")
            for batch in batches:
                values = [getattr(batch, name) for name in names]
                conn.execute(f"UPDATE batches SET {assigned} WHERE first = ?", [*values, batch.first])
                if batch.leaves:
                    conn.execute("UPDATE batches SET leaves = ? WHERE first = ?", (batch.leaves, batch.first))
                conn.execute("DELETE FROM checks WHERE first = ?", (batch.first,))
                conn.execute(_INSERT_CHECK, _check_row(batch))
            for text in (*_TRIGGERS, *_CHECK_TRIGGERS):
                if "TRIGGER batches_never_change " in text or "TRIGGER checks_never_go " in text:
                    conn.execute(text)

    def _add_disclosures(self, disclosures: Sequence[tuple[int, str, str]]) -> None:
        self._writer.conn.executemany(
            "INSERT INTO disclosures (place, text) VALUES (?, ?)",
            ((place_of(index, name), text) for index, name, text in disclosures),
        )

    def _erase(self, erased: Sequence[tuple[int, str]]) -> None:
        for index, name in erased:
            place = place_of(index, name)
            self._writer.conn.execute("INSERT INTO erased (place) SELECT ? WHERE ? NOT IN erased", (place, place))
            self._writer.conn.execute("DELETE FROM disclosures WHERE place = ?", (place,))

    # ---- reading

    def size(self) -> int:
        """Entries in the database, seals included."""
        with self._reading:
            row = self._reader.conn.execute("SELECT size + 1 FROM batches ORDER BY first DESC LIMIT 1").fetchone()
        return int(row[0]) if row else 0

    def last_at(self) -> int:
        """The last seal's time (POSIX seconds); 0 without one."""
        with self._reading:
            row = self._reader.conn.execute("SELECT at FROM batches ORDER BY first DESC LIMIT 1").fetchone()
        return int(row[0]) if row else 0

    def batches(self, start: int = 0, *, leaves: bool = True, checked: bool = True) -> Iterator[Batch]:
        """Batches in log order from the one that begins at ``start``; without ``leaves`` that column is empty.

        Raises :class:`Damaged` where a row is not what was written, but for its leaves, which their hashes tell of;
        not if ``checked`` is false, for whoever compares the columns with the leaves.
        """
        names = [name if name != "leaves" or leaves else "x'' AS leaves" for name in _BATCH_COLUMNS]
        query = (
            f'SELECT checksum, tree, "index", {", ".join(names)} FROM batches LEFT JOIN checks USING (first) '
            "WHERE first >= ? ORDER BY first LIMIT ?"
        )
        together = 1  # whoever wants the first alone reads no more
        while True:
            with self._reading:
                rows = self._reader.conn.execute(query, (start, together)).fetchall()
            if not rows:
                return
            for checksum, tree, index, *columns in rows:
                batch = Batch(**dict(zip(_BATCH_COLUMNS, columns, strict=True)), tree=tree or b"", index=index or b"")
                if checked and batch.checksum() != checksum:
                    raise Damaged(f"the row of batch {batch.first} is not what was written: the disk has changed it")
                yield batch
                start = batch.first + 1
            together = min(2 * together, 1 if leaves else ROWS)

    def checksum(self, first: int) -> bytes | None:
        """The checksum that was written with the row of the batch that begins at ``first``."""
        with self._reading:
            row = self._reader.conn.execute("SELECT checksum FROM checks WHERE first = ?", (first,)).fetchone()
        return bytes(row[0]) if row else None

    def read_leaves(self, first: int, offset: int, length: int) -> bytes:
        """``length`` bytes from ``offset`` of the leaves of the batch that begins at ``first``."""
        with self._reading, self._reader.conn.blobopen("batches", "leaves", first, readonly=True) as blob:
            blob.seek(offset)
            return blob.read(length)

    def disclosures(self, index: int) -> dict[str, str]:
        """Section name -> disclosure, of those that are there."""
        start = index * SECTIONS_PER_ENTRY
        with self._reading:
            rows = self._reader.conn.execute(
                "SELECT place, text FROM disclosures WHERE place >= ? AND place < ?",
                (start, start + SECTIONS_PER_ENTRY),
            ).fetchall()
        return {SECTIONS_STORED[place - start]: text for place, text in rows}

    def erased(self, index: int) -> frozenset[str]:
        """The names of the entry's sections that were erased."""
        start = index * SECTIONS_PER_ENTRY
        with self._reading:
            rows = self._reader.conn.execute(
                "SELECT place FROM erased WHERE place >= ? AND place < ?", (start, start + SECTIONS_PER_ENTRY)
            ).fetchall()
        return frozenset(SECTIONS_STORED[place - start] for (place,) in rows)

    def disclosures_between(self, start: int, end: int) -> list[tuple[int, str, str]]:
        """(entry, section, disclosure) of the entries ``start`` to ``end`` - 1, in log order."""
        with self._reading:
            rows = self._reader.conn.execute(
                "SELECT place, text FROM disclosures WHERE place >= ? AND place < ? ORDER BY place",
                (start * SECTIONS_PER_ENTRY, end * SECTIONS_PER_ENTRY),
            ).fetchall()
        return [(*entry_and_name(place), text) for place, text in rows]

    def _any_erased(self) -> bool:
        return self._reader.conn.execute("SELECT 1 FROM erased LIMIT 1").fetchone() is not None

    def all_erased(self) -> set[tuple[int, str]]:
        """(entry, section) of everything that was erased."""
        with self._reading:
            rows = self._reader.conn.execute("SELECT place FROM erased").fetchall()
        return {entry_and_name(place) for (place,) in rows}

    def check(self) -> list[str]:
        """SQLite's own check of the file; empty if all is well."""
        with self._reading:
            rows: list[Mapping[str, str]] = list(self._reader.query("PRAGMA integrity_check"))
        return [line for row in rows for line in row.values() if line != "ok"]


def connect_read_only(path: Path) -> sqlite3.Connection:
    """For those who look and never write: no file is made or changed, but the shared memory of a journal that is there.

    Without a journal nobody has the database open, and SQLite would make one even for a reader.
    """
    has_journal = path.with_name(f"{path.name}-wal").exists()
    uri = f"{path.absolute().as_uri()}?mode=ro{'' if has_journal else '&immutable=1'}"
    return sqlite3.connect(uri, uri=True, check_same_thread=False, isolation_level=None, timeout=BUSY_SECONDS)


def _database(conn: sqlite3.Connection) -> Database:
    """Without the plugins that may be installed beside: nothing but this registry's own touches its log."""
    return Database(conn, recursive_triggers=True, strict=True, execute_plugins=False)


def _connect(path: Path) -> Database:
    conn = sqlite3.connect(path, check_same_thread=False, timeout=BUSY_SECONDS)
    db = _database(conn)
    # The journal is carried over into the database every 16 MiB: every few of the largest batches.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "wal_autocheckpoint=4096"):
        db.execute(f"PRAGMA {pragma}").fetchall()
    return db


@contextmanager
def _refusing() -> Iterator[None]:
    """What the triggers say, as every store says it."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise StoreRefused(str(error)) from None
