"""Sections that somebody holds, from a folder (:mod:`verifier.programs.section_folder`).

Each belongs to the one entry of the log whose header has its digest; others are counted and left aside. They are
private, and go nowhere but into a temporary file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from verifier.base.errors import Malformed
from verifier.base.values import value
from verifier.programs.section_folder import texts_in
from verifier.replay.judge import consent_of
from verifier.replay.record import ReplayRecord
from verifier.rules.model.record import Entry
from verifier.statements.disclosure import digest, parse_disclosure
from verifier.statements.parse import parse_section
from verifier.statements.sections import Section


@value(frozen=False, kw_only=False)
class Counts:
    """Disclosures by what became of them."""

    opened: int = 0
    unknown: int = 0
    wrong: int = 0


class Disclosed:
    """The sections in a folder that belong to a log's entries."""

    def __init__(self) -> None:
        self.counts = Counts()
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute("BEGIN")
        self._db.execute("CREATE TABLE opened (place INTEGER, name TEXT, text TEXT, PRIMARY KEY (place, name))")
        self._db.execute("CREATE TABLE consents (id TEXT PRIMARY KEY)")

    def load(self, folder: Path, record: ReplayRecord) -> None:
        """Take in every file of the folder. Raises :class:`verifier.programs.console.Unusable`."""
        for text in texts_in(str(folder)):
            self.take(text, record)

    def take(self, text: str, record: ReplayRecord) -> None:
        """Take in one disclosure."""
        try:
            disclosure = parse_disclosure(text)
            place = record.digest_place(digest(text), record.size)
            entry = None if place is None else record.entry(place)
            if entry is None:
                self.counts.unknown += 1
                return
            if entry.statement.sections.get(disclosure.name) != digest(text):
                raise Malformed("its digest stands under another name")
            parse_section(entry.statement, disclosure.name, disclosure.value)
        except Malformed:
            self.counts.wrong += 1
            return
        row = (entry.index, disclosure.name, text)
        self.counts.opened += self._db.execute("INSERT OR IGNORE INTO opened VALUES (?, ?, ?)", row).rowcount
        consent = consent_of(entry)
        if consent is not None:
            self._db.execute("INSERT OR IGNORE INTO consents VALUES (?)", (consent,))

    def read(self, entry: Entry, name: str) -> Section | None:
        """An entry's section, if it is here."""
        query = "SELECT text FROM opened WHERE place = ? AND name = ?"
        found = self._db.execute(query, (entry.index, name)).fetchone()
        return None if found is None else parse_section(entry.statement, name, parse_disclosure(found[0]).value)

    def consents(self) -> Iterator[str]:
        """The consents whose uses these sections bear on."""
        for (id,) in self._db.execute("SELECT id FROM consents ORDER BY id"):
            yield id

    def close(self) -> None:
        """Remove the temporary file."""
        self._db.close()

