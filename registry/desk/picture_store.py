"""The pictures that lie with drafts on the desk, and go with them."""

from __future__ import annotations

from dataclasses import dataclass

from registry.tables.tables import Tables

_SCHEMA = """
CREATE TABLE IF NOT EXISTS pictures (
  draft TEXT NOT NULL REFERENCES drafts (id) ON DELETE CASCADE, digest TEXT NOT NULL, type TEXT NOT NULL,
  size INTEGER NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY (draft, digest)
) STRICT;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPicture:
    """``digest`` is the SHA-256 of its bytes (hex), ``type`` a media type, ``size`` its bytes."""

    digest: str
    type: str
    size: int


class PictureStore:
    """For any number of threads; each change is durable when it returns. The table of drafts is there."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        tables.make(_SCHEMA)

    def add(self, draft: str, one: KeptPicture, data: bytes) -> None:
        """Keep one that is not there yet."""
        with self._tables.transaction():
            held = self._tables.hide(data)
            self._tables.change(
                "INSERT INTO pictures VALUES (?, ?, ?, ?, ?)", draft, one.digest, one.type, one.size, held
            )

    def of(self, draft: str) -> list[KeptPicture]:
        """All that lie with a draft."""
        rows = self._tables.rows("SELECT digest, type, size FROM pictures WHERE draft = ? ORDER BY digest", draft)
        return [KeptPicture(digest=digest, type=type, size=size) for digest, type, size in rows]

    def read(self, draft: str, digest: str) -> bytes | None:
        """The bytes of one."""
        query = "SELECT data FROM pictures WHERE draft = ? AND digest = ?"
        rows = self._tables.rows(query, draft, digest)
        return self._tables.show([rows[0][0]])[0] if rows else None

    def size_with(self, draft: str) -> int:
        """Bytes that lie with a draft."""
        return sum(one.size for one in self.of(draft))

    def size_of(self, controller: str) -> int:
        """Bytes that lie with the drafts of all parties under one controller."""
        query = "SELECT coalesce(sum(size), 0) FROM pictures JOIN drafts ON drafts.id = draft WHERE controller = ?"
        [(size,)] = self._tables.rows(query, controller)
        return int(size)

    def remove(self, draft: str, digest: str) -> None:
        """Nothing is left of one."""
        with self._tables.transaction():
            for row in self._tables.rows("SELECT data FROM pictures WHERE draft = ? AND digest = ?", draft, digest):
                self._tables.drop(row)
            self._tables.change("DELETE FROM pictures WHERE draft = ? AND digest = ?", draft, digest)

    def drop(self, draft: str) -> None:
        """Nothing is left of those of a draft; one at a time, for they are large."""
        with self._tables.transaction():
            for one in self.of(draft):
                self.remove(draft, one.digest)
