"""A backup of a registry that goes on being served: the same folder without what a backup must not bring back.

Rows are copied in small transactions, so that the registry's writer waits for nobody, and so that a backup that was
interrupted goes on where it stopped. What is there already is not copied again; what was erased since is erased in the
backup too. The signed checkpoint is never copied: a folder without it is not signed on before ``registry recover`` has
asked guard, witnesses and mirrors what was signed after the backup was made.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from registry.config import KEYS, POLICY, ConfigError, Lock, load_folder
from registry.desk.desk_backup import copy_desk
from registry.enrolling.locker_store import copy_lockers
from registry.log.durable import FOLDER_MODE, PRIVATE_MODE, PUBLIC_MODE, replace_file, sync
from registry.log.publication import DATABASE, SIGNED_CHECKPOINT
from registry.log.sqlite_store import SqliteStore, connect_read_only
from registry.readers.reader_store import copy_readers
from registry.settings import SETTINGS

TOGETHER = 16 * 1024 * 1024
"""Bytes of rows that are copied in one transaction, or one row where it is larger."""

PLACES = 4096
"""Disclosures that are looked at together."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """``size`` entries are in the backup now; so many rows were added to it, and sections erased in it."""

    size: int
    batches: int
    disclosures: int
    erased: int


def backup(
    root: Path, target: Path, *, with_keys: bool = True, progress: Progress = lambda done, total: None
) -> BackedUp:
    """Bring the backup in ``target`` up to the registry in ``root``, which may be served meanwhile.

    ``target`` does not exist, is empty, or is an earlier backup of the same registry. Raises
    :class:`~registry.config.ConfigError` for anything else.
    """
    load_folder(root)
    if (target / SIGNED_CHECKPOINT).exists():
        raise ConfigError("this is a registry, not a backup of one: choose another folder", str(target))
    if target.exists() and any(target.iterdir()) and not (target / DATABASE).exists():
        raise ConfigError("is not empty, and holds no backup: choose another folder", str(target))
    target.mkdir(parents=True, exist_ok=True)
    target.chmod(FOLDER_MODE)
    lock = Lock(target)
    try:
        _copy_files(root, target, with_keys)
        SqliteStore(target / DATABASE, create=not (target / DATABASE).exists()).close()
        with closing(connect_read_only(root / DATABASE)) as source, closing(_writable(target / DATABASE)) as copy:
            _check_same(source, copy, target)
            size, batches = _copy_batches(source, copy, progress)
            disclosures = _copy_disclosures(source, copy)
            erased = _copy_erasures(source, copy)
            copy_readers(root, target)
            copy_desk(root, target)
            copy_lockers(root, target)
            copy.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # with the zeroes over what was erased
        sync(target)
    finally:
        lock.release()
    return BackedUp(size=size, batches=batches, disclosures=disclosures, erased=erased)


def _copy_files(root: Path, target: Path, with_keys: bool) -> None:
    """Policy, settings and keys; they are small, and whole files at any time."""
    for name, mode in ((POLICY, PUBLIC_MODE), (SETTINGS, PRIVATE_MODE)):
        if (root / name).exists():
            replace_file(target / name, (root / name).read_bytes(), durable=True, mode=mode)
    if not with_keys:
        return
    (target / KEYS).mkdir(mode=0o700, exist_ok=True)
    for path in sorted((root / KEYS).iterdir()):
        replace_file(target / KEYS / path.name, path.read_bytes(), durable=True)
    sync(target / KEYS)


def _writable(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=10)
    for pragma in ("recursive_triggers = ON", "synchronous = FULL", "secure_delete = ON"):
        db.execute(f"PRAGMA {pragma}")
    return db


@contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _check_same(source: sqlite3.Connection, copy: sqlite3.Connection, target: Path) -> None:
    """The backup begins as the registry does, and goes no further."""
    last = copy.execute("SELECT first, hashes FROM batches ORDER BY first DESC LIMIT 1").fetchone()
    if last is None:
        return
    same = source.execute("SELECT hashes FROM batches WHERE first = ?", last[:1]).fetchone()
    if same != last[1:]:
        raise ConfigError("holds the backup of another registry, or of a newer state: choose another", str(target))


def _columns(db: sqlite3.Connection, table: str) -> Sequence[str]:
    return [row[1] for row in db.execute(f"PRAGMA table_info({table})")]


def _copy_batches(source: sqlite3.Connection, copy: sqlite3.Connection, progress: Progress) -> tuple[int, int]:
    """The entries that are there afterwards, and the rows that were added."""
    names = _columns(copy, "batches")
    if list(names) != list(_columns(source, "batches")):
        raise ConfigError("the registry's database is of an earlier version: serve it once, then back it up", DATABASE)
    if not _columns(source, "checks"):
        raise ConfigError("the registry's database is of an earlier version: serve it once, then back it up", DATABASE)
    select = f"SELECT {', '.join(names)} FROM batches WHERE first = ?"
    insert = f"INSERT INTO batches ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    [(at,)] = copy.execute("SELECT coalesce(max(size) + 1, 0) FROM batches")
    [(total,)] = source.execute("SELECT coalesce(max(size) + 1, 0) FROM batches")
    end_column = list(names).index("size")
    count = 0
    while at < total:
        rows, checks, bytes_ = [], [], 0
        while at < total and bytes_ < TOGETHER:
            row = source.execute(select, (at,)).fetchone()
            rows.append(row)
            checks += source.execute("SELECT * FROM checks WHERE first = ?", (at,)).fetchall()
            bytes_ += sum(len(value) for value in row if isinstance(value, bytes))
            at = row[end_column] + 1
        with _transaction(copy):
            copy.executemany(insert, rows)
            copy.executemany("INSERT INTO checks VALUES (?, ?, ?, ?)", checks)  # so that damage that was copied is told
        count += len(rows)
        progress(at, total)
    return at, count


def _copy_disclosures(source: sqlite3.Connection, copy: sqlite3.Connection) -> int:
    """All places are looked at, for a section may come long after its entry."""
    select = "SELECT place FROM disclosures WHERE place > ? ORDER BY place LIMIT ?"
    count, after = 0, -1
    while True:
        places = [place for (place,) in source.execute(select, (after, PLACES))]
        if not places:
            return count
        within = (after, places[-1] + 1)
        query = "SELECT place FROM {} WHERE place > ? AND place < ?"
        there = {place for table in ("disclosures", "erased") for (place,) in copy.execute(query.format(table), within)}
        wanted = [place for place in places if place not in there]
        with _transaction(copy):
            for place in wanted:
                found = source.execute("SELECT place, text FROM disclosures WHERE place = ?", (place,)).fetchone()
                if found is not None:  # else it was erased just now
                    copy.execute("INSERT INTO disclosures (place, text) VALUES (?, ?)", found)
                    count += 1
        after = places[-1]


def _copy_erasures(source: sqlite3.Connection, copy: sqlite3.Connection) -> int:
    """Last, so that whatever was copied before it was erased goes again."""
    gone = {place for (place,) in source.execute("SELECT place FROM erased")}
    gone -= {place for (place,) in copy.execute("SELECT place FROM erased")}
    with _transaction(copy):
        for place in sorted(gone):
            copy.execute("INSERT INTO erased (place) VALUES (?)", (place,))
            copy.execute("DELETE FROM disclosures WHERE place = ?", (place,))
    return len(gone)
