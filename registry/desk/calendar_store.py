"""On the desk: the addresses at which parties' calendars are read, by the hash of their secret part."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from registry.tables.tables import Tables
from verifier.base.private_keys import random_bytes

CALENDARS = 10
"""Calendars of one party at a time."""
NOTED = 60
"""Seconds after which another use is noted."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS calendars (
  id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, party TEXT NOT NULL, key TEXT NOT NULL, names INTEGER NOT NULL,
  language TEXT NOT NULL, at INTEGER NOT NULL, used INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS calendars_of ON calendars (party);
"""
_COLUMNS = "id, party, key, names, language, at, used"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarAddress:
    """Whoever knows it reads ``party``'s calendar, until its owner ends it or the ``key`` that made it retires."""

    id: str
    party: str
    key: str
    names: bool
    language: str
    at: int
    used: int | None = None


class CalendarStore:
    """For any number of threads; each change is durable when it returns."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        tables.make(_SCHEMA)

    def make(self, party: str, key: str, now: int, *, names: bool, language: str) -> tuple[CalendarAddress, str] | None:
        """A new one with its token (64 hex digits), which is kept nowhere; None where there are as many as may be."""
        token, id = random_bytes(32).hex(), random_bytes(16).hex()
        with self._tables.transaction():
            if len(self.of(party)) >= CALENDARS:
                return None
            query = f"INSERT INTO calendars (hash, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, NULL)"
            self._tables.change(query, _hash(token), id, party, key, int(names), language, now)
        return CalendarAddress(id=id, party=party, key=key, names=names, language=language, at=now), token

    def of(self, party: str) -> list[CalendarAddress]:
        """Those of a party, the oldest first."""
        return self._found("party = ? ORDER BY at, id", party)

    def by_token(self, token: str) -> CalendarAddress | None:
        """The one with this secret."""
        return next(iter(self._found("hash = ?", _hash(token))), None)

    def note_use(self, one: CalendarAddress, now: int) -> None:
        """Keep, to the minute, when it was read last."""
        if one.used is None or not 0 <= now - one.used < NOTED:
            self._tables.change("UPDATE calendars SET used = ? WHERE id = ?", now, one.id)

    def end(self, party: str, id: str) -> bool:
        """Whether there was one."""
        return self._tables.change("DELETE FROM calendars WHERE party = ? AND id = ?", party, id) > 0

    def _found(self, where: str, value: str | bytes) -> list[CalendarAddress]:
        return [
            CalendarAddress(id=id, party=party, key=key, names=bool(names), language=language, at=at, used=used)
            for id, party, key, names, language, at, used in self._tables.rows(
                f"SELECT {_COLUMNS} FROM calendars WHERE {where}", value
            )
        ]


def _hash(token: str) -> bytes:
    return sha256(b"kembar/calendar\n" + token.encode("ascii", "replace")).digest()
