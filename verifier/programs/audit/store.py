"""What an audit remembers between its runs: one folder with a database, the index, and the mirror of the log.

    state.db        what was accepted, found and noted, as of one *position* in the log
    index-<size>    the index as of that position: its records, sorted
    mirror/         the verified copy of the log
    lock            held by the run that uses the folder

Between two commits a run may be killed at any point: the next goes on from the last commit. An index file is written
before the commit that makes it the one to read, and older ones go after it.

Notes on ids, digests, keys and rows are filed under the first eight bytes of a hash, packed in one number; whoever
looks up something compares with the entry itself, so that two alike (which anybody can make) confuse nobody.
"""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from struct import Struct

from verifier.base.errors import KembarError
from verifier.index.proofs import KEY_SIZE, VALUE_SIZE
from verifier.index.tree import IndexTree
from verifier.log.checkpoint import Checkpoint, parse_checkpoint
from verifier.log.note import parse_note
from verifier.log.tiles import CHECKPOINT_PATH
from verifier.programs.audit.mirror import Mirror
from verifier.replay.findings import Finding, Severity
from verifier.replay.replay import Position

CACHE_KIB = 64 * 1024
"""Of the database, kept in memory."""

PENDING = 16_384
"""Notes that wait to be written together."""

SIEVE = 1 << 21
SIEVE_BITS = 8 * SIEVE
"""Of a kind of note: with a million of them, one look-up in 17 that finds nothing asks the table all the same."""

_RECORD = KEY_SIZE + 1 + VALUE_SIZE

_NUMBERS = Struct(">q24x")
"""What keys of 32 bytes are filed under."""

_SCHEMA = """
CREATE TABLE meta (origin TEXT NOT NULL, size INTEGER NOT NULL, last_at INTEGER NOT NULL, genesis TEXT NOT NULL);
CREATE TABLE checkpoints (
    size INTEGER NOT NULL, root BLOB NOT NULL, note BLOB NOT NULL, seen_at INTEGER NOT NULL, as_of INTEGER NOT NULL,
    is_head INTEGER NOT NULL, PRIMARY KEY (size, root));
CREATE TABLE forks (known BLOB NOT NULL, shown BLOB NOT NULL, UNIQUE (known, shown));
CREATE TABLE seals (place INTEGER PRIMARY KEY, at INTEGER NOT NULL);
CREATE TABLE bad (place INTEGER PRIMARY KEY);
CREATE TABLE frontiers (key BLOB PRIMARY KEY, peaks BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE findings (
    number INTEGER PRIMARY KEY, place INTEGER NOT NULL, rule TEXT NOT NULL, code TEXT NOT NULL, severity TEXT NOT NULL,
    entries TEXT NOT NULL, details TEXT NOT NULL);
CREATE TABLE ids (key INTEGER NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (key, place)) WITHOUT ROWID;
CREATE TABLE digests (key INTEGER NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (key, place)) WITHOUT ROWID;
CREATE TABLE keys (key INTEGER NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (key, place)) WITHOUT ROWID;
CREATE TABLE rows (key INTEGER NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (key, place)) WITHOUT ROWID;
PRAGMA user_version = 2;
"""


class AuditStoreError(Exception):
    """The folder cannot be used; the message says why and what to do."""


class Notes:
    """Where things stand in the log (:class:`verifier.replay.record.Postings`): one table, and what is yet to go there.

    Most of what is looked up is not there, as it should be; a sieve in memory knows most of that without the table.
    """

    def __init__(self, database: sqlite3.Connection, table: str) -> None:
        self._execute = database.execute
        self._insert = database.executemany
        self._select = f"SELECT place FROM {table} WHERE key = ? ORDER BY place"
        self._add = f"INSERT OR IGNORE INTO {table} VALUES (?, ?)"
        self._all = f"SELECT key FROM {table}"
        self._pending: dict[int, list[int]] = {}

    @cached_property
    def _sieve(self) -> bytearray:
        """A bit for each key that is there, and for some others."""
        sieve = bytearray(SIEVE)
        for (number,) in self._execute(self._all):
            sieve[number % SIEVE_BITS >> 3] |= 1 << (number & 7)
        return sieve

    def add(self, keys: Iterable[bytes], index: int) -> None:
        """Note one more place of each of these keys."""
        pending, sieve = self._pending, self._sieve
        for (number,) in _NUMBERS.iter_unpack(b"".join(keys)):
            waiting = pending.get(number)
            if waiting is None:
                pending[number] = [index]
                sieve[number % SIEVE_BITS >> 3] |= 1 << (number & 7)
            else:
                waiting.append(index)
        if len(pending) > PENDING:
            self.flush()

    def find(self, key: bytes) -> list[int]:
        """All places of the key, rising, and perhaps some of others."""
        [number] = _NUMBERS.unpack(key)
        if not self._sieve[number % SIEVE_BITS >> 3] >> (number & 7) & 1:
            return []
        found = [place for (place,) in self._execute(self._select, (number,))]
        return found + self._pending.get(number, [])

    def flush(self) -> None:
        """Hand everything to the database."""
        rows = [(key, place) for key, places in self._pending.items() for place in places]
        rows.sort()
        self._insert(self._add, rows)
        self._pending.clear()

    def forget(self) -> None:
        """Drop what is yet to go there."""
        self._pending.clear()


class AuditStore:
    """The folder ``root``, made if it is not there, for the log named ``origin``. One run at a time.

    A mirror without the database beside it means that what was accepted is forgotten: it is refused, unless the audit
    ``is_anew``. Then everything is replayed again, and the log must still begin with what the mirror holds.
    """

    def __init__(self, root: Path, *, is_anew: bool = False) -> None:
        self.root = root
        self._is_anew = is_anew
        try:
            root.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(root / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise AuditStoreError(f"{root} cannot be used as a folder: {error.strerror}") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise AuditStoreError(f"another audit is running on {root}") from None
        self.mirror = Mirror(root / "mirror")
        try:
            self._check_not_lost(root / "state.db")
            self._open(root / "state.db")
        except AuditStoreError:
            os.close(self._lock)
            raise
        except sqlite3.DatabaseError as error:
            os.close(self._lock)
            raise AuditStoreError(f"{root}/state.db cannot be used ({error}): remove {root} and audit anew") from None
        self.ids, self.digests, self.keys, self.rows = (
            Notes(self._db, table) for table in ("ids", "digests", "keys", "rows")
        )

    def _check_not_lost(self, path: Path) -> None:
        is_lost = not path.exists() or not path.stat().st_size
        if is_lost and not self._is_anew and self.mirror.get(CHECKPOINT_PATH) is not None:
            raise AuditStoreError(
                f"{path} is missing beside a mirror: what was accepted of this log is forgotten, and a fork would not "
                f"be seen. Put it back; or give --start-anew, to replay everything, from what the mirror holds on."
            )

    def _open(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, cached_statements=256)
        self._db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        [(version,)] = self._db.execute("PRAGMA user_version")
        if version == 0:
            self._db.executescript("BEGIN;" + _SCHEMA + "COMMIT;")
        elif version != 2:
            raise sqlite3.DatabaseError(f"it is of version {version}")
        self._db.execute("BEGIN")

    def close(self) -> None:
        """Give the folder back; what was not committed is forgotten."""
        self._db.close()
        os.close(self._lock)

    # ---- position and index

    @property
    def origin(self) -> str:
        """The name of the log that is kept here; "" before :meth:`bind`."""
        found = self._db.execute("SELECT origin FROM meta").fetchone()
        return found[0] if found else ""

    def bind(self, origin: str) -> None:
        """Take ``origin`` to be this store's log. Raises :class:`AuditStoreError` if it is another's."""
        known = self.origin
        if not known:
            self._db.execute("INSERT INTO meta VALUES (?, 0, 0, '')", (origin,))
            self._take_mirrored(origin)
        elif known != origin:
            raise AuditStoreError(f"{self.root} holds the log {known}, not {origin}: use another --store")

    def _take_mirrored(self, origin: str) -> None:
        """What the mirror of a store that is anew holds was accepted once."""
        note = self.mirror.get(CHECKPOINT_PATH)
        if note is None:
            return
        try:
            mirrored = parse_checkpoint(parse_note(note).text)
        except KembarError as error:
            raise AuditStoreError(f"{self.mirror.root}/{CHECKPOINT_PATH} cannot be read: {error}") from None
        if mirrored.origin != origin:
            raise AuditStoreError(f"{self.mirror.root} mirrors {mirrored.origin}, not {origin}: use another --store")
        self.accept(mirrored, note, 0, 0, (), True)

    def position(self) -> Position:
        """Where the last commit left off."""
        found = self._db.execute("SELECT size, last_at, genesis FROM meta").fetchone()
        return Position(*found) if found else Position()

    def load_index(self, size: int) -> IndexTree:
        """The index as of the position."""
        tree = IndexTree()
        if size:
            try:
                with (self.root / f"index-{size}").open("rb") as file:
                    while part := file.read(4096 * _RECORD):
                        tree.update(dict(_items(part)))
            except OSError as error:
                message = f"{self.root}/index-{size} cannot be read ({error.strerror}): remove {self.root}, audit anew"
                raise AuditStoreError(message) from None
        return tree

    def commit(self, position: Position | None = None, tree: IndexTree | None = None) -> None:
        """Make everything so far what the next run begins with; ``tree`` is the index as of a new position."""
        for notes in (self.ids, self.digests, self.keys, self.rows):
            notes.flush()
        if position is not None and tree is not None and position != self.position():
            path = self.root / f"index-{position.size}"
            with path.with_suffix(".new").open("wb") as file:
                file.writelines(b"%b\x28%b" % item for item in tree.items())
                file.flush()
                os.fsync(file.fileno())
            os.replace(path.with_suffix(".new"), path)
            values = (position.size, position.last_at, position.genesis)
            self._db.execute("UPDATE meta SET size = ?, last_at = ?, genesis = ?", values)
        self._db.execute("COMMIT")
        for path in self.root.glob("index-*"):
            if path.name != f"index-{self.position().size}":
                path.unlink()
        self._db.execute("BEGIN")

    def roll_back(self) -> None:
        """Forget everything since the last commit."""
        for notes in (self.ids, self.digests, self.keys, self.rows):
            notes.forget()
        self._db.execute("ROLLBACK")
        self._db.execute("BEGIN")

    # ---- what the replay keeps

    def leaf(self, index: int) -> bytes:
        """The bytes of an entry."""
        return self.mirror.leaf(index)

    def logged(self, index: int) -> int:
        """An entry's logged time."""
        found = self._db.execute("SELECT at FROM seals WHERE place > ? ORDER BY place LIMIT 1", (index,)).fetchone()
        if found is None:
            raise ValueError(f"entry {index} is not sealed yet")
        at: int = found[0]
        return at

    def add_seal(self, index: int, logged: int) -> None:
        """A seal and its time."""
        self._db.execute("INSERT INTO seals VALUES (?, ?)", (index, logged))

    def seal_before(self, index: int, later_than: int = -1) -> int | None:
        """The last seal below ``index`` whose time is after ``later_than``."""
        query = "SELECT max(place) FROM seals WHERE place < ? AND at > ?"
        [place] = self._db.execute(query, (index, later_than)).fetchone()
        return None if place is None else int(place)

    def frontier(self, key: bytes) -> bytes:
        """The peaks of a list."""
        [peaks] = self._db.execute("SELECT peaks FROM frontiers WHERE key = ?", (key,)).fetchone()
        found: bytes = peaks
        return found

    def put_frontiers(self, peaks: Iterable[tuple[bytes, bytes]]) -> None:
        """The peaks of lists."""
        self._db.executemany("INSERT OR REPLACE INTO frontiers VALUES (?, ?)", sorted(peaks))

    def bad(self) -> set[int]:
        """The entries that are not good by themselves."""
        return {place for (place,) in self._db.execute("SELECT place FROM bad")}

    def add_bad(self, index: int) -> None:
        """One more of them."""
        self._db.execute("INSERT OR IGNORE INTO bad VALUES (?)", (index,))

    # ---- findings

    def add_findings(self, found: Iterable[Finding]) -> None:
        """More findings, in the order in which they were made."""
        self._db.executemany(
            "INSERT INTO findings (place, rule, code, severity, entries, details) VALUES (?, ?, ?, ?, ?, ?)",
            (
                (one.index, one.rule, one.code, one.severity.value, " ".join(map(str, one.entries)), _details(one))
                for one in found
            ),
        )

    def findings(self, severity: Severity | None = None) -> Iterator[Finding]:
        """All findings that were made so far, by index."""
        where = "" if severity is None else f"WHERE severity = '{severity.value}'"
        query = f"SELECT place, rule, code, severity, entries, details FROM findings {where} ORDER BY place, number"
        for place, rule, code, kind, entries, details in self._db.execute(query):
            yield Finding(
                index=place,
                rule=rule,
                code=code,
                severity=Severity(kind),
                entries=tuple(map(int, entries.split())),
                values=tuple((name, value) for name, value in json.loads(details)),
            )

    def codes(self) -> dict[tuple[Severity, str], int]:
        """How many findings there are, by severity and code."""
        query = "SELECT severity, code, count(*) FROM findings GROUP BY severity, code"
        return {(Severity(severity), code): count for severity, code, count in self._db.execute(query)}

    # ---- checkpoints

    def heads(self) -> list[tuple[Checkpoint, bytes]]:
        """Accepted trees, with their notes, that were not shown to be the beginning of another: usually the last."""
        rows = self._db.execute("SELECT size, root, note FROM checkpoints WHERE is_head ORDER BY size")
        return [(Checkpoint(origin=self.origin, size=size, root=root), note) for size, root, note in rows]

    def floors(self) -> list[tuple[int, int]]:
        """(size, instant): the log was seen to have so many entries at that instant, by those who vouch for it."""
        return list(self._db.execute("SELECT size, as_of FROM checkpoints WHERE as_of > 0"))

    def accept(
        self, checkpoint: Checkpoint, note: bytes, seen_at: int, as_of: int, begins: Iterable[Checkpoint], is_head: bool
    ) -> None:
        """Remember a checkpoint that fits those before it. These are heads no more if it ``begins`` with them.

        Of one tree the note that vouches for the latest time is kept.
        """
        self._db.executemany(
            "UPDATE checkpoints SET is_head = 0 WHERE size = ? AND root = ?", [(one.size, one.root) for one in begins]
        )
        self._db.execute(
            "INSERT INTO checkpoints VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET note = excluded.note,"
            " seen_at = max(seen_at, excluded.seen_at), as_of = excluded.as_of WHERE excluded.as_of >= as_of",
            (checkpoint.size, checkpoint.root, note, seen_at, as_of, is_head),
        )

    def vouch(self, size: int, instant: int) -> None:
        """The log was cosigned at ``size`` at that instant by who runs this audit."""
        self._db.execute("UPDATE checkpoints SET as_of = max(as_of, ?) WHERE size = ?", (instant, size))

    def add_fork(self, known: bytes, shown: bytes) -> bool:
        """Keep two notes that do not fit: together they prove it to anybody. False if they are kept already."""
        return self._db.execute("INSERT OR IGNORE INTO forks VALUES (?, ?)", (known, shown)).rowcount > 0

    def forks(self) -> list[tuple[bytes, bytes]]:
        """All such pairs."""
        return list(self._db.execute("SELECT known, shown FROM forks"))


def _details(finding: Finding) -> str:
    return json.dumps(finding.values, ensure_ascii=False, separators=(",", ":"))


def _items(part: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(key, value) of records in an index file."""
    for at in range(0, len(part), _RECORD):
        yield part[at : at + KEY_SIZE], part[at + KEY_SIZE + 1 : at + _RECORD]
