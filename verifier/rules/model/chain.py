"""The chain of consents behind one: those whose place it takes (A5, A16), and those whose units it counts (A11, M1)."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.rules.model.context import Context, Judgement
from verifier.rules.model.record import Entry, Record, entries_at
from verifier.statements.types import Consent


def followed(record: Record, entry: Entry) -> Iterator[list[Entry]]:
    """The consents that one replaces or renews, directly or through others, newest first: all copies of each that are
    shown below the first copy of the one that follows it. The walk ends where none is."""
    while isinstance(entry.statement, Consent) and entry.statement.follows is not None:
        found = entries_at(record, record.find(entry.statement.follows))
        copies = [copy for copy in found if copy.index < entry.index]
        if not copies:
            return
        yield copies
        entry = copies[0]


def replaced_as_judged(context: Context, consent: Entry) -> Iterator[tuple[str, Entry | None, Judgement]]:
    """The consents that one *replaces*, whose units count on (a renewal begins anew), by what each is worth: its id,
    the copy that counts and that copy's standing. The walk goes on through a void one, which an arbiter may have made
    void later; it ends at one that is not shown, of which it still gives the id."""
    older: Entry | None = consent
    while older is not None and isinstance(older.statement, Consent) and older.statement.replaces is not None:
        id = older.statement.replaces
        older, judgement = context.named(f"consent:{id}", id, older.index)
        yield id, older, judgement
