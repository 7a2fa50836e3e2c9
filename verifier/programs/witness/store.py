"""What a witness must never forget: the latest checkpoint that it cosigned of each log. One SQLite file.

The one write that matters is a compare-and-swap, durable before anything is signed: the condition stands in the SQL, so
that two requests, two threads or two processes cannot both go on from the same checkpoint. A crash leaves the former or
the new one; after it the log asks again. NEVER restore an older copy of this file: the witness would sign a fork.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from verifier.base.values import value
from verifier.log.checkpoint import Checkpoint
from verifier.programs.witness.decision import CosignedTree, Proposal

MAX_FORKS = 100
"""Pairs of notes that are kept as proof; more would prove nothing new."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS logs (
    origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL, at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS forks (known TEXT NOT NULL, shown TEXT NOT NULL, UNIQUE (known, shown));
CREATE TABLE IF NOT EXISTS handed (
    origin TEXT NOT NULL, id TEXT NOT NULL, signer TEXT NOT NULL, leaf BLOB NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (origin, id));
PRAGMA user_version = 1;
"""


class WitnessStoreError(Exception):
    """The file cannot be used; the message says why."""


@value
class Handed:
    """A statement that a party handed in: its id, the leaf's bytes, and when (POSIX seconds)."""

    id: str
    leaf: bytes
    at: int


class WitnessStore:
    """The file at ``path``, made if it is not there. For any number of threads."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        try:
            path.touch(0o600)  # whatever the umask; SQLite gives its journal the same
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            [(version,)] = self._db.execute("PRAGMA user_version")
            if version not in (0, 1):
                raise WitnessStoreError(f"{path} is of version {version}, which a later program wrote")
            self._db.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}COMMIT;")
        except (OSError, sqlite3.Error) as error:
            raise WitnessStoreError(f"{path} cannot be used: {error}") from None

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    # ---- checkpoints

    def known(self, origin: str) -> CosignedTree:
        """The latest checkpoint of a log that was cosigned."""
        with self._lock:
            found = self._db.execute("SELECT size, root, note FROM logs WHERE origin = ?", (origin,)).fetchone()
        return CosignedTree() if found is None else CosignedTree(size=found[0], root=found[1], note=found[2])

    def cosigned_at(self, origin: str) -> int:
        """When a log was last cosigned (POSIX seconds); 0 if never."""
        with self._lock:
            found = self._db.execute("SELECT at FROM logs WHERE origin = ?", (origin,)).fetchone()
        return found[0] if found else 0

    def advance(self, known: CosignedTree, proposal: Proposal, clock: Callable[[], int]) -> int | None:
        """Put ``proposal`` in the place of ``known``, if that is still what is known; durable when it returns.

        Returns the time of the cosignature that may now be made. It is read while nobody else can move the log, and
        never runs backwards. None: somebody else was faster.
        """
        checkpoint = proposal.checkpoint
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._db.execute(
                    "INSERT OR IGNORE INTO logs VALUES (?, ?, ?, '', 0)",
                    (checkpoint.origin, CosignedTree().size, CosignedTree().root),
                )
                [(last,)] = self._db.execute("SELECT at FROM logs WHERE origin = ?", (checkpoint.origin,))
                at = max(clock(), last)
                changed = self._db.execute(
                    "UPDATE logs SET size = ?, root = ?, note = ?, at = ? WHERE origin = ? AND size = ? AND root = ?",
                    (checkpoint.size, checkpoint.root, proposal.note, at, checkpoint.origin, known.size, known.root),
                ).rowcount
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
        return at if changed else None

    def begin(self, checkpoint: Checkpoint, note: str) -> None:
        """Know this checkpoint of a log of which nothing is known, without having cosigned it."""
        with self._lock:
            self._db.execute(
                "INSERT INTO logs VALUES (?, ?, ?, ?, 0)", (checkpoint.origin, checkpoint.size, checkpoint.root, note)
            )

    def add_fork(self, known: str, shown: str) -> None:
        """Keep two notes that do not fit."""
        with self._lock:
            self._db.execute(
                "INSERT OR IGNORE INTO forks SELECT ?, ? WHERE (SELECT count(*) FROM forks) < ?",
                (known, shown, MAX_FORKS),
            )

    def forks(self) -> list[tuple[str, str]]:
        """All pairs of notes that do not fit."""
        with self._lock:
            return list(self._db.execute("SELECT known, shown FROM forks"))

    # ---- statements handed in

    def hand_in(self, origin: str, one: Handed, signer: str, most: int, bytes_: int, in_all: int) -> bool:
        """Keep a statement, unless it is one too many: of its ``signer`` ``most`` or ``bytes_``, of all ``in_all``.

        A statement that is kept already keeps its first time.
        """
        with self._lock:
            if self._db.execute("SELECT 1 FROM handed WHERE origin = ? AND id = ?", (origin, one.id)).fetchone():
                return True
            [(count, size)] = self._db.execute(
                "SELECT count(*), coalesce(sum(length(leaf)), 0) FROM handed WHERE origin = ? AND signer = ?",
                (origin, signer),
            )
            [(total,)] = self._db.execute("SELECT count(*) FROM handed WHERE origin = ?", (origin,))
            if count >= most or size + len(one.leaf) > bytes_ or total >= in_all:
                return False
            self._db.execute("INSERT INTO handed VALUES (?, ?, ?, ?, ?)", (origin, one.id, signer, one.leaf, one.at))
        return True

    def handed(self, origin: str) -> list[Handed]:
        """What was handed in and is not known to be in the log, oldest first."""
        with self._lock:
            rows = list(self._db.execute("SELECT id, leaf, at FROM handed WHERE origin = ? ORDER BY at, id", (origin,)))
        return [Handed(id=id, leaf=leaf, at=at) for id, leaf, at in rows]

    def logged(self, origin: str, id: str) -> None:
        """A statement that was handed in is in the log: it need not be watched for any more."""
        with self._lock:
            self._db.execute("DELETE FROM handed WHERE origin = ? AND id = ?", (origin, id))
