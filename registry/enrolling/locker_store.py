"""Lockers: copies of keys under passkeys. What lies in one is opaque here: only the passkey opens it.

A locker's id is hex H("kembar/locker\\n" || userHandle), and 32 random bytes that the authenticator alone keeps are the
userHandle: who names it holds the passkey, or was told by somebody who does. No passphrase locks anything here, for it
could be guessed at.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from registry.desk.pending import DeskRefusal
from registry.tables.sqlite_tables import SqliteTables
from registry.tables.tables import Tables

PART = "enrolling"
ENROLLING = f"{PART}.db"
MAX_LOCKER = 4096
"""Bytes in a locker."""
MOST = 8
"""Lockers of one owner."""
CHANGES = 24
"""Lockers that one owner may put something into in a day."""
LOOKS, HOUR, DAY = 60, 3600, 86_400
"""How often one locker is opened in an hour."""
REMEMBERED = 100_000
"""Openings that are remembered at a time."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS lockers (
  id TEXT PRIMARY KEY, owner TEXT NOT NULL, at INTEGER NOT NULL, size INTEGER NOT NULL, blob BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS lockers_of ON lockers (owner);
CREATE TABLE IF NOT EXISTS locker_changes (owner TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS locker_changes_of ON locker_changes (owner, at);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Locker:
    """``owner`` is a party's id, a registrar's key, or an invitation that was not accepted yet; ``size`` in bytes."""

    id: str
    owner: str
    at: int
    size: int


class LockerStore:
    """For any number of threads."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._lock = Lock()
        self._looks: deque[tuple[int, str]] = deque()
        self._counts: dict[str, int] = {}
        tables.make(_SCHEMA)

    def put(self, id: str, owner: str, blob: bytes, now: int) -> Locker:
        """Fill a locker, or fill one's own anew."""
        if not 0 < len(blob) <= MAX_LOCKER:
            raise DeskRefusal("bad_request", f"a locker holds 1 to {MAX_LOCKER} bytes", "blob")
        with self._tables.transaction():
            self._tables.change("DELETE FROM locker_changes WHERE at <= ?", now - DAY)
            found = self._tables.rows("SELECT owner FROM lockers WHERE id = ?", id)
            if found and found[0][0] != owner:
                raise DeskRefusal("refused", "this locker is somebody else's", "id")
            [(held,)] = self._tables.rows("SELECT count(*) FROM lockers WHERE owner = ?", owner)
            if not found and held >= MOST:
                raise DeskRefusal("too_often", f"{MOST} copies are kept of one's keys: throw one away first")
            [(changed,)] = self._tables.rows("SELECT count(*) FROM locker_changes WHERE owner = ?", owner)
            if changed >= CHANGES:
                raise DeskRefusal("too_often", f"copies are taken {CHANGES} times a day")
            self._tables.change("INSERT INTO locker_changes VALUES (?, ?)", owner, now)
            self.remove(id, owner)
            values = (id, owner, now, len(blob), self._tables.hide(blob))
            self._tables.change("INSERT INTO lockers VALUES (?, ?, ?, ?, ?)", *values)
        return Locker(id=id, owner=owner, at=now, size=len(blob))

    def open(self, id: str, now: int) -> bytes | None:
        """What lies in a locker; None where there is none."""
        rows = self._tables.rows("SELECT blob FROM lockers WHERE id = ?", id)
        if not rows:
            return None
        self._count(id, now)
        return self._tables.show(rows[0])[0]

    def of(self, owner: str) -> list[Locker]:
        """Somebody's lockers, the oldest first."""
        rows = self._tables.rows("SELECT id, owner, at, size FROM lockers WHERE owner = ? ORDER BY at, id", owner)
        return [Locker(id=id, owner=whose, at=at, size=size) for id, whose, at, size in rows]

    def remove(self, id: str, owner: str) -> bool:
        """Empty one's own locker; nothing is left of what was in it."""
        return self._remove("id = ? AND owner = ?", id, owner)

    def hand_over(self, owner: str, to: str) -> None:
        """What an invitation's lockers hold is the party's that it became."""
        self._tables.change("UPDATE lockers SET owner = ? WHERE owner = ?", to, owner)

    def remove_all(self, owner: str) -> None:
        """Nobody's lockers any more."""
        self._remove("owner = ?", owner)

    def _remove(self, where: str, *values: str) -> bool:
        with self._tables.transaction():
            for row in self._tables.rows(f"SELECT blob FROM lockers WHERE {where}", *values):
                self._tables.drop(row)
            return self._tables.change(f"DELETE FROM lockers WHERE {where}", *values) > 0

    def _count(self, id: str, now: int) -> None:
        with self._lock:
            while self._looks and (self._looks[0][0] <= now - HOUR or len(self._looks) >= REMEMBERED):
                _, old = self._looks.popleft()
                self._counts[old] -= 1
                if not self._counts[old]:
                    del self._counts[old]
            if self._counts.get(id, 0) >= LOOKS:
                raise DeskRefusal("too_often", f"a locker is opened {LOOKS} times an hour")
            self._looks.append((now, id))
            self._counts[id] = self._counts.get(id, 0) + 1


def copy_lockers(root: Path, target: Path) -> None:
    """Bring lockers into a backup, in the place of those that are there. Invitations stay behind: one that was used
    since must not come back. The registry may be served meanwhile."""
    if not (root / ENROLLING).exists():
        return
    source, copy = (SqliteTables(folder / ENROLLING, erasing=True) for folder in (root, target))
    try:
        for tables in (source, copy):
            LockerStore(tables)
        with copy.transaction():
            copy.change("DELETE FROM lockers")
            for row in source.rows("SELECT * FROM lockers WHERE length(owner) = 64"):
                copy.change("INSERT INTO lockers VALUES (?, ?, ?, ?, ?)", *row)
    finally:
        source.close()
        copy.close()
