"""On the desk: whose drafts a party does not take any more, and what was reported to the registrars."""

from __future__ import annotations

from dataclasses import dataclass

from registry.tables.tables import Tables

DAY = 86_400
REPORTS_KEPT = 90
"""Days that a report is kept."""
BLOCKS = 1_000
"""Parties that one party blocks at a time."""
REPORTS = 20
"""Reports of one party in a day."""
SHOWN = 1_000
"""Reports that are shown, the newest."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS blocks (
  party TEXT NOT NULL, blocked TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (party, blocked)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reports (
  draft TEXT NOT NULL, type TEXT NOT NULL, proposer TEXT NOT NULL, reporter TEXT NOT NULL, at INTEGER NOT NULL,
  reason TEXT NOT NULL, PRIMARY KEY (draft, reporter)
) STRICT, WITHOUT ROWID;
"""
COPIED = {"blocks": "party, blocked, at", "reports": "draft, type, proposer, reporter, at, reason"}
"""What a backup keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskReport:
    """A party tells the registrars about a draft that came to her. Of the draft itself no word is kept."""

    draft: str
    type: str
    proposer: str
    reporter: str
    at: int
    reason: str


class ContactStore:
    """For any number of threads; each change is durable when it returns."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        tables.make(_SCHEMA)

    def blocked_by(self, party: str) -> list[tuple[str, int]]:
        """(whom she blocks, since when), in the order in which she did."""
        return self._tables.rows("SELECT blocked, at FROM blocks WHERE party = ? ORDER BY at, blocked", party)

    def block(self, party: str, other: str, now: int) -> bool:
        """Whether it is blocked now; not where there are as many as may be. Again changes nothing."""
        with self._tables.transaction():
            there = [one for one, _ in self.blocked_by(party)]
            if other not in there and len(there) >= BLOCKS:
                return False
            query = "INSERT INTO blocks VALUES (?, ?, ?) ON CONFLICT (party, blocked) DO NOTHING"
            self._tables.change(query, party, other, now)
        return True

    def unblock(self, party: str, other: str) -> bool:
        """Whether it was blocked."""
        return self._tables.change("DELETE FROM blocks WHERE party = ? AND blocked = ?", party, other) > 0

    def report(self, one: DeskReport) -> bool:
        """Keep a report, in the place of the same party's earlier one about this draft; not one too many in a day."""
        with self._tables.transaction():
            self._tables.change("DELETE FROM reports WHERE at <= ?", one.at - REPORTS_KEPT * DAY)
            query = "SELECT count(*) FROM reports WHERE reporter = ? AND at > ? AND draft <> ?"
            [(count,)] = self._tables.rows(query, one.reporter, one.at - DAY, one.draft)
            if count >= REPORTS:
                return False
            values = (one.draft, one.type, one.proposer, one.reporter, one.at, one.reason)
            self._tables.change("DELETE FROM reports WHERE draft = ? AND reporter = ?", one.draft, one.reporter)
            self._tables.change("INSERT INTO reports VALUES (?, ?, ?, ?, ?, ?)", *values)
        return True

    def reports(self, now: int, reporter: str | None = None) -> list[DeskReport]:
        """The newest, of one party or of all."""
        mine, values = ("", ()) if reporter is None else (" AND reporter = ?", (reporter,))
        query = f"SELECT draft, type, proposer, reporter, at, reason FROM reports WHERE at > ?{mine}"
        rows = self._tables.rows(f"{query} ORDER BY at DESC, draft LIMIT ?", now - REPORTS_KEPT * DAY, *values, SHOWN)
        return [
            DeskReport(draft=draft, type=type, proposer=proposer, reporter=reporter, at=at, reason=reason)
            for draft, type, proposer, reporter, at, reason in rows
        ]
