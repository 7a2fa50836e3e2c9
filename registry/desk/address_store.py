"""In the desk's file: where parties want to be reminded, once they have shown that they read what is sent there."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from registry.desk.desk_file import DeskFile
from verifier.base.crypto import random_bytes

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

    def __init__(self, file: DeskFile) -> None:
        self._file = file
        file.make(_SCHEMA)

    def of(self, party: str) -> MailAddress | None:
        return next(iter(self._found("party = ?", party)), None)

    def confirmed(self) -> dict[str, MailAddress]:
        """By the party."""
        return {one.party: one for one in self._found("confirmed IS NOT NULL")}

    def set(self, party: str, address: str, language: str, now: int) -> str | None:
        """Keep an address that is not confirmed yet, in the place of any other: the code that is to be sent there; None
        where enough were sent today."""
        code = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in random_bytes(12))
        with self._file.transaction():
            self._file.change("DELETE FROM codes WHERE at <= ?", now - DAY)
            for column, value in (("party", party), ("address", address.lower())):
                [(count,)] = self._file.rows(f"SELECT count(*) FROM codes WHERE {column} = ?", value)
                if count >= CODES:
                    return None
            self._file.change("INSERT INTO codes VALUES (?, ?, ?)", now, party, address.lower())
            self._file.change(
                "INSERT OR REPLACE INTO addresses VALUES (?, ?, ?, NULL, ?, ?, 0, NULL)",
                party, address, language, _hash(party, code), now + CODE_SECONDS,
            )  # fmt: skip
        return code

    def confirm(self, party: str, code: str, now: int) -> bool:
        """Whether this was the code."""
        with self._file.transaction():
            is_open = "party = ? AND confirmed IS NULL AND code_until > ? AND tries < ?"
            if not self._file.change(f"UPDATE addresses SET tries = tries + 1 WHERE {is_open}", party, now, TRIES):
                return False
            query = "UPDATE addresses SET confirmed = ?, code = x'' WHERE party = ? AND code = ?"
            return self._file.change(query, now, party, _hash(party, code.strip().lower())) > 0

    def remove(self, party: str) -> bool:
        """Whether there was one."""
        return self._file.change("DELETE FROM addresses WHERE party = ?", party) > 0

    def note_reminder(self, party: str, at: int) -> None:
        """Keep when it was reminded last."""
        self._file.change("UPDATE addresses SET reminded = ? WHERE party = ?", at, party)

    def _found(self, where: str, *values: str) -> list[MailAddress]:
        query = f"SELECT party, address, language, confirmed, reminded FROM addresses WHERE {where}"
        return [
            MailAddress(party=party, address=address, language=language, confirmed=confirmed, reminded=reminded)
            for party, address, language, confirmed, reminded in self._file.rows(query, *values)
        ]


def _hash(party: str, code: str) -> bytes:
    return sha256(f"kembar/mail\n{party}\n{code}".encode()).digest()
