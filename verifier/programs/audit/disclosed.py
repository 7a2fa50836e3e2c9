"""Sections that somebody holds, from a folder: text files with a disclosure a line, or evidence files (``.json``).

Each belongs to the one entry of the log whose header has its digest; others are counted and left aside. They are
private, and go nowhere but into a temporary file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from verifier.base.errors import Malformed
from verifier.base.values import value
from verifier.evidence.file import MAX_EVIDENCE, Invalid, parse_evidence
from verifier.replay.judge import consent_of
from verifier.replay.record import ReplayRecord
from verifier.rules.model.record import Entry
from verifier.statements.disclosure import MAX_DISCLOSURE, digest, parse_disclosure
from verifier.statements.parse import parse_section
from verifier.statements.sections import Section


class UnusableFile(Exception):
    """A file of the folder cannot be read; the message says which and why."""


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
        """Take in every file of the folder. Raises :class:`UnusableFile`."""
        if not folder.is_dir():
            raise UnusableFile(f"{folder} is not a folder")
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            try:
                for text in _evidence(path) if path.suffix == ".json" else _lines(path):
                    self.take(text, record)
            except OSError as error:
                raise UnusableFile(f"{path} cannot be read: {error.strerror}") from None

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


def _lines(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        while line := file.readline(MAX_DISCLOSURE + 2):
            text = line.strip()
            if text:
                yield text.decode("ascii", "replace")


def _evidence(path: Path) -> Iterable[str]:
    with path.open("rb") as file:
        data = file.read(MAX_EVIDENCE + 1)
    try:
        return [text for entry in parse_evidence(data).entries for text in entry.disclosures]
    except Invalid as error:
        raise UnusableFile(f"{path} is no evidence file: {error}") from None
