"""On the desk: where parties want to be reminded, once they have shown that they read what is sent there."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from registry.tables.tables import Tables
from verifier.base.private_keys import random_bytes

CODE_SECONDS = 72 * 3600
"""Seconds for which a code is good."""
TRIES = 5
"""Codes that may be tried."""
CODES = 3
"""Codes that are sent in 24 hours to one party, and to one address."""
DAY = 86_400

_ALPHABET = "abcdefghjkmnpqrstuvwxyz234567"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS addresses (
  party TEXT PRIMARY KEY, address TEXT NOT NULL, language TEXT NOT NULL, confirmed INTEGER,
  code BLOB NOT NULL, code_until INTEGER NOT NULL, tries INTEGER NOT NULL, reminded INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS codes (at INTEGER NOT NULL, party TEXT NOT NULL, address TEXT NOT NULL) STRICT;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailAddress:
    """``confirmed`` and ``reminded`` are times, POSIX seconds: when its owner confirmed it, and the last mail to it."""

    party: str
    address: str
    language: str
    confirmed: int | None
    reminded: int | None


class AddressStore:
    """For any number of threads; each change is durable when it returns."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        tables.make(_SCHEMA)

    def of(self, party: str) -> MailAddress | None:
        return next(iter(self._found("party = ?", party)), None)

    def confirmed(self) -> dict[str, MailAddress]:
        """By the party."""
        return {one.party: one for one in self._found("confirmed IS NOT NULL")}

    def set(self, party: str, address: str, language: str, now: int) -> str | None:
        """Keep an address that is not confirmed yet, in the place of any other: the code that is to be sent there; None
        where enough were sent today."""
        code = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in random_bytes(12))
        with self._tables.transaction():
            self._tables.change("DELETE FROM codes WHERE at <= ?", now - DAY)
            place = _place(address)
            for column, value in (("party", party), ("address", place)):
                [(count,)] = self._tables.rows(f"SELECT count(*) FROM codes WHERE {column} = ?", value)
                if count >= CODES:
                    return None
            self._tables.change("INSERT INTO codes VALUES (?, ?, ?)", now, party, place)
            self.remove(party)
            self._tables.change(
                "INSERT INTO addresses VALUES (?, ?, ?, NULL, ?, ?, 0, NULL)",
                party, self._tables.hide(address), language, _hash(party, code), now + CODE_SECONDS,
            )  # fmt: skip
        return code

    def confirm(self, party: str, code: str, now: int) -> bool:
        """Whether this was the code."""
        with self._tables.transaction():
            is_open = "party = ? AND confirmed IS NULL AND code_until > ? AND tries < ?"
            if not self._tables.change(f"UPDATE addresses SET tries = tries + 1 WHERE {is_open}", party, now, TRIES):
                return False
            query = "UPDATE addresses SET confirmed = ?, code = ? WHERE party = ? AND code = ?"
            return self._tables.change(query, now, b"", party, _hash(party, code.strip().lower())) > 0

    def remove(self, party: str) -> bool:
        """Whether there was one."""
        with self._tables.transaction():
            for row in self._tables.rows("SELECT address FROM addresses WHERE party = ?", party):
                self._tables.drop(row)
            return self._tables.change("DELETE FROM addresses WHERE party = ?", party) > 0

    def note_reminder(self, one: MailAddress, at: int | None) -> bool:
        """Keep when it was reminded last; not where another process has done so since ``one`` was read."""
        query = "UPDATE addresses SET reminded = ? WHERE party = ? AND coalesce(reminded, -1) = ?"
        return self._tables.change(query, at, one.party, -1 if one.reminded is None else one.reminded) > 0

    def _found(self, where: str, *values: str) -> list[MailAddress]:
        query = f"SELECT party, language, confirmed, reminded, address FROM addresses WHERE {where}"
        rows = self._tables.rows(query, *values)
        addresses = self._tables.show([row[-1] for row in rows])
        return [
            MailAddress(party=party, address=address, language=language, confirmed=confirmed, reminded=reminded)
            for (party, language, confirmed, reminded, _), address in zip(rows, addresses, strict=True)
            if address is not None
        ]


def _place(address: str) -> str:
    """What an address is counted by."""
    return sha256(f"kembar/mail\n{address.lower()}".encode()).hexdigest()


def _hash(party: str, code: str) -> bytes:
    return sha256(f"kembar/mail\n{party}\n{code}".encode()).digest()
