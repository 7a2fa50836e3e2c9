"""A record book that is a folder: a file that shows the party's whole list by headers, and one file a consent.

Each file is complete in itself. Whether together they are the whole book says the list: it names every consent, and
every entry that the file of a consent has to hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from verifier.base.values import value
from verifier.evidence.verify import Opened
from verifier.rules.model.record import Entry
from verifier.statements.types import Approval, Consent, Statement, Usage


@value
class BookPart:
    """What one file of a ``party``'s record book is for it: the list, or the file of one ``consent``.

    ``log`` is the id of the log's genesis. ``entries``: by consent the entries that have to be there, or that are: for
    each its index in 8 bytes and its statement's id in 32, one after the other.
    """

    log: str
    party: str
    consent: str | None
    entries: tuple[tuple[str, bytes], ...]


@value
class Gap:
    """A consent whose file is ``missing``, or is older than the list and ``behind`` it."""

    consent: str
    kind: str


def part_of(opened: Opened) -> BookPart | None:
    """What a file is for a record book that is a folder; None for a file that is whole in itself."""
    question, record = opened.question, opened.record
    if question.kind != "party" or (question.ask != "complete" and question.consent is None):
        return None
    shown = list(record.shown())
    held = _listed(shown) if question.consent is None else {question.consent: shown}
    entries = tuple((consent, _packed(consent, held[consent])) for consent in sorted(held))
    return BookPart(log=record.genesis, party=question.id, consent=question.consent, entries=entries)


def gaps(list_: BookPart, others: Iterable[BookPart]) -> Iterator[Gap]:
    """The consents of which something in the ``list_`` is in none of the ``others``, in byte order."""
    same = [one for one in others if one.consent is not None and (one.log, one.party) == (list_.log, list_.party)]
    for consent, wanted in list_.entries:
        files = [packed for one in same for id, packed in one.entries if id == consent]
        if not files:
            yield Gap(consent=consent, kind="missing")
        elif not any(_rows(wanted) <= _rows(held) for held in files):
            yield Gap(consent=consent, kind="behind")


def _listed(shown: Iterable[Entry]) -> dict[str, list[Entry]]:
    """By consent that the list is about, its entries. Others have no answer: no use and no consent of the party's."""
    entries = list(shown)
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        if isinstance(entry.statement, Consent | Usage):
            found[_consent(entry.statement) or ""] = []
    for entry in entries:
        consent = _consent(entry.statement)
        if consent in found:
            found[consent].append(entry)
    return found


def _packed(consent: str, entries: Iterable[Entry]) -> bytes:
    """Of these entries those under a consent; of approvals only those of files that a use in them names."""
    under = [entry for entry in entries if _consent(entry.statement) == consent]
    used = {asset for entry in under if isinstance(entry.statement, Usage) for asset in entry.statement.assets}
    return b"".join(
        entry.index.to_bytes(8, "big") + bytes.fromhex(entry.statement.id)
        for entry in under
        if not isinstance(entry.statement, Approval) or not used.isdisjoint(entry.statement.assets)
    )


def _consent(statement: Statement) -> str | None:
    """The consent that a statement is, or stands under."""
    return statement.id if isinstance(statement, Consent) else getattr(statement, "consent", None)


def _rows(packed: bytes) -> set[bytes]:
    return {packed[at : at + 40] for at in range(0, len(packed), 40)}
