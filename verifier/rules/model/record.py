"""What the rules read: entries at their places, complete lists, opened sections. Nothing else reaches a rule.

A :class:`Record` is a view of the log. The registry's shows everything; one made from an evidence file shows the lists
that the file proves complete; an auditor's grows entry by entry with :meth:`MemoryRecord.fold`. A rule cannot tell
them apart, which is why all three reach the same verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Generic, Protocol, TypeGuard, TypeVar

from verifier.base.values import value
from verifier.statements.disclosure import parse_disclosure
from verifier.statements.parse import parse_section
from verifier.statements.sections import Section
from verifier.statements.subjects import subjects
from verifier.statements.types import Consent, Mandate, Statement, Twin

S = TypeVar("S", bound=Statement)
if TYPE_CHECKING:  # with a default: an Entry is one of any statement, unless it is said otherwise
    from typing_extensions import TypeVar as TypeVarWithDefault

    Statement_co = TypeVarWithDefault("Statement_co", bound=Statement, default=Statement, covariant=True)
else:
    Statement_co = TypeVar("Statement_co", covariant=True)

AT_HAND = 16
"""Of the sections that a record keeps as texts, those that are at hand: what was read takes ten times a text of short
words."""


@value
class Entry(Generic[Statement_co]):
    """A statement at its place in the log; ``Entry[Consent]`` is one that holds a consent (:func:`holds`).

    ``logged`` is the ``at`` of the seal that covers it (POSIX seconds), ``signers`` the keyids (hex) on its envelope,
    each of which has been verified.
    """

    index: int
    logged: int
    statement: Statement_co
    signers: frozenset[str]


def holds(entry: Entry | None, *kinds: type[S]) -> TypeGuard[Entry[S]]:
    """Whether there is an entry, with a statement of one of these types."""
    return entry is not None and isinstance(entry.statement, kinds)


class Record(Protocol):
    """A view of the log that the rules can read. ``None`` always means *not shown*, never *empty*."""

    @property
    def genesis(self) -> str:
        """The id of entry 0."""

    @property
    def size(self) -> int:
        """How many entries the view covers: the last seal's own index."""

    @property
    def complete(self) -> bool:
        """Whether every entry of the log is shown, so that one that is not found does not exist."""

    def rows(self, subject: str) -> Sequence[int] | None:
        """The complete list of a subject as rising indices; empty when proven empty; ``None`` when not shown."""

    def entry(self, index: int) -> Entry | None:
        """The entry at ``index``; ``None`` for a seal, a leaf that cannot be read, or one that is not shown."""

    def find(self, id: str) -> Sequence[int]:
        """Rising indices of the shown entries whose statement id is ``id``."""

    def opened(self, entry: Entry, name: str) -> Section | None:
        """The entry's section under ``name``, or ``None`` if it is not disclosed to this reader."""

    def assumed_good(self, index: int) -> bool:
        """Whether this view vouches that the entry was judged good when it was appended (a registry's own log)."""


def entries_at(record: Record, rows: Iterable[int]) -> Iterator[Entry]:
    """The entries at some indices, as far as they are shown."""
    for index in rows:
        entry = record.entry(index)
        if entry is not None:
            yield entry


class MemoryRecord:
    """A record in memory that shows all that was folded into it: auditors' and tests' view."""

    complete = True

    def __init__(self, genesis: str) -> None:
        self.genesis = genesis
        self.size = 0
        self._entries: dict[int, Entry] = {}
        self._lists: dict[str, list[int]] = {}
        self._ids: dict[str, list[int]] = {}
        self._sections: dict[tuple[int, str], Section | str] = {}
        self._read = lru_cache(maxsize=AT_HAND)(self._read_again)

    def fold(self, entry: Entry, sections: Mapping[str, Section | str] | None = None) -> None:
        """Take one more entry, in log order. Total: an entry that breaks a rule is void, never an error.

        A section may be its disclosure's text, which was read before: it is read again when it is asked for.
        """
        if entry.index < self.size:
            raise ValueError(f"entry {entry.index} is folded after {self.size - 1}")
        self.size = entry.index + 1
        self._entries[entry.index] = entry
        self._ids.setdefault(entry.statement.id, []).append(entry.index)
        self._list(entry)
        for name, section in (sections or {}).items():
            self._sections[entry.index, name] = section

    def _list(self, entry: Entry) -> None:
        for subject in subjects(entry.statement):
            self._lists.setdefault(subject, []).append(entry.index)

    def skip(self, index: int) -> None:
        """Account for a seal or a leaf that cannot be read: it has a place and touches nothing."""
        self.size = max(self.size, index + 1)

    def rows(self, subject: str) -> Sequence[int] | None:
        return self._lists.get(subject, ())

    def entry(self, index: int) -> Entry | None:
        return self._entries.get(index)

    def find(self, id: str) -> Sequence[int]:
        return self._ids.get(id, ())

    def opened(self, entry: Entry, name: str) -> Section | None:
        found = self._sections.get((entry.index, name))
        return self._read(entry.index, name) if isinstance(found, str) else found

    def _read_again(self, index: int, name: str) -> Section:
        text = str(self._sections[index, name])
        return parse_section(self._entries[index].statement, name, parse_disclosure(text).value)

    def assumed_good(self, index: int) -> bool:
        return False


class ShownRecord(MemoryRecord):
    """What an evidence file shows: the entries in it, and only those lists that it proves complete."""

    complete = False

    def __init__(self, genesis: str, shown: Mapping[str, Iterable[int]]) -> None:
        super().__init__(genesis)
        self._shown: dict[str, Sequence[int]] = {subject: tuple(rows) for subject, rows in shown.items()}
        self._books: tuple[dict[str, dict[str, list[int]]], dict[str, str]] | None = None
        self._uses: dict[str, dict[str, list[int]]] = {}

    def _list(self, entry: Entry) -> None:
        """Its lists are those that the file proves."""

    def shown(self) -> Iterable[Entry]:
        """Every entry that the file shows, in log order."""
        return self._entries.values()

    def rows(self, subject: str) -> Sequence[int] | None:
        shown = self._shown.get(subject)
        if shown is None and subject.startswith("usage:"):
            shown = self._from_uses(subject)
        return shown if shown is not None else self._from_book(subject)

    def _from_uses(self, subject: str) -> Sequence[int] | None:
        """The list of one usage as that of all of its consent's implies it, where this one is shown."""
        uses = "uses:" + subject.removeprefix("usage:").partition(".")[0]
        rows = self._shown.get(uses)
        if rows is None:
            return None
        if uses not in self._uses:
            self._uses[uses] = self._by_subject(rows)
        return self._uses[uses].get(subject, ())

    def _by_subject(self, rows: Iterable[int]) -> dict[str, list[int]]:
        """The entries of a list by what else they touch."""
        found: dict[str, list[int]] = {}
        for index in rows:
            for touched in subjects(self._entries[index].statement):
                found.setdefault(touched, []).append(index)
        return found

    def _from_book(self, subject: str) -> Sequence[int] | None:
        """A list as a party's whole record book implies it: every good entry there names her (section 7.1)."""
        if self._books is None:
            self._books = self._open_books()
        books, owners = self._books
        owner = owners.get(subject.split(".", 1)[0])
        return None if owner is None else books[owner].get(subject, ())

    def _open_books(self) -> tuple[dict[str, dict[str, list[int]]], dict[str, str]]:
        """Per party whose book is shown, its entries by subject; and which subject's list follows from whose book."""
        books: dict[str, dict[str, list[int]]] = {}
        owners: dict[str, str] = {}
        for subject, rows in self._shown.items():
            kind, _, party = subject.partition(":")
            if kind != "party":
                continue
            books[party] = self._by_subject(rows)
            owners.setdefault(f"exclusive:{party}", party)
            for entry in entries_at(self, rows):
                for implied in _implied(entry.statement, party):
                    owners.setdefault(implied, party)
        return books, owners


def _implied(statement: Statement, party: str) -> Iterable[str]:
    """The subjects whose lists are complete in the record book of ``party``, thanks to this statement in it."""
    parties, id = statement.parties, statement.id
    if isinstance(statement, Consent) and party in (parties.model, parties.licensee):
        return [f"{kind}:{id}" for kind in ("consent", "uses", "usage", "account", "approval")]
    if isinstance(statement, Twin) and party == parties.model:
        return [f"twin:{id}"]
    if isinstance(statement, Mandate) and party in (parties.model, parties.agency):
        return [f"mandate:{id}"]
    return []
