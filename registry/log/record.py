"""The registry's view of its log for the rules (:class:`verifier.rules.model.record.Record`): everything, parsed when
asked.

:class:`LogRecord` shows the log up to a size; :class:`PendingRecord` is the writer's, with the batch that it is making
on top.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Protocol

from registry.intake.checks import CheckedSubmission
from registry.log.candidate import Appended
from registry.log.damage import check_sections
from registry.log.image import LogImage
from registry.log.store import Store
from verifier.base.errors import KembarError
from verifier.base.recent import Recent
from verifier.base.strict import parse_b64u
from verifier.index.proofs import subject_key
from verifier.rules.model.record import Entry
from verifier.statements.disclosure import parse_disclosure
from verifier.statements.envelope import parse_envelope
from verifier.statements.expressions import read_statement
from verifier.statements.parse import parse_section
from verifier.statements.sections import Section

CACHED_ENTRIES = 8_192
"""Parsed entries, and parsed sections, that are kept (up to twice as many): at some 3 KB each."""


class Readable(Protocol):
    """What a record needs of a :class:`registry.log.log.Log`."""

    @property
    def state(self) -> LogImage: ...

    @property
    def store(self) -> Store: ...

    def leaf(self, index: int) -> bytes: ...


class EntryCache:
    """Entries and opened sections of one log, read from its database when they are not at hand."""

    def __init__(self, log: Readable) -> None:
        self._log = log
        self._entries: Recent[int, Entry] = Recent(CACHED_ENTRIES)
        self._sections: Recent[tuple[int, str], Section] = Recent(CACHED_ENTRIES)
        self._erasures = 0

    def entry(self, index: int) -> Entry | None:
        """The entry at ``index``, which must be in the log; None for a seal."""
        found = self._entries.get(index)
        if found is None and not self._log.state.is_seal(index):
            envelope = parse_envelope(self._log.leaf(index))
            found = Entry(
                index=index,
                logged=self._log.state.logged(index),
                statement=read_statement(envelope.payload),
                signers=envelope.signers,
            )
            self._entries.put(index, found)
        return found

    def opened(self, entry: Entry, name: str) -> Section | None:
        """A section that was disclosed to the registry and not erased."""
        found = self._sections.get((entry.index, name))
        if found is None and name in entry.statement.sections:
            erasures = self._erasures
            text = self._log.store.disclosures(entry.index).get(name)
            if text is not None:
                check_sections(entry.index, entry.statement, {name: text})
                found = parse_section(entry.statement, name, parse_disclosure(text).value)
                if erasures == self._erasures:  # else it may have been erased since it was read
                    self._sections.put((entry.index, name), found)
        return found

    def clear(self) -> None:
        """Forget everything, when it is not known what was kept."""
        self._erasures += 1
        self._entries = Recent(CACHED_ENTRIES)
        self._sections = Recent(CACHED_ENTRIES)

    def forget_section(self, index: int, name: str) -> None:
        """After an erasure."""
        self._erasures += 1
        self._sections.forget((index, name))


class Used:
    """What the log has used up, for admission (:class:`verifier.rules.admit.UsedUp`)."""

    def __init__(self, log: Readable) -> None:
        self._state = log.state

    def digest_seen(self, digest: str) -> bool:
        return parse_b64u(digest) in self._state.digests

    def key_seen(self, key: str) -> bool:
        return bytes.fromhex(key) in self._state.keys


class LogRecord:
    """The first ``size`` entries of the log: a seal and all before it."""

    complete = True

    def __init__(self, log: Readable, cache: EntryCache, genesis: str, size: int) -> None:
        self.genesis = genesis
        self._log = log
        self._cache = cache
        self._end = size

    @property
    def size(self) -> int:
        """The last seal's index."""
        return self._end - 1

    def rows(self, subject: str) -> Sequence[int]:
        found = self._log.state.rows(subject_key(subject))
        return found[: bisect_left(found, self._end)]  # a copy: the writer may lengthen the list meanwhile

    def entry(self, index: int) -> Entry | None:
        return self._cache.entry(index) if 0 <= index < self._end else None

    def find(self, id: str) -> Sequence[int]:
        index = self._log.state.ids.get(_id_bytes(id))
        return () if index is None or index >= self._end or self._log.state.is_seal(index) else (index,)

    def opened(self, entry: Entry, name: str) -> Section | None:
        return self._cache.opened(entry, name)

    def assumed_good(self, index: int) -> bool:
        return 0 <= index < self._end


class PendingRecord:
    """The log and, on top, the entries of the batch that is being made. It is also what the log has used up.

    What is being judged stands above it (:class:`registry.log.candidate.Candidate`); what is accepted is pushed.
    All of it is logged at ``logged``.
    """

    complete = True

    def __init__(self, log: Readable, cache: EntryCache, genesis: str, logged: int) -> None:
        self.genesis = genesis
        self._log = log
        self._cache = cache
        self._logged = logged
        self.first = log.state.size
        self._entries: list[CheckedSubmission] = []
        self._rows: dict[bytes, list[int]] = {}  # of the first ``_listed`` entries
        self._listed = 0
        self._ids: dict[bytes, int] = {}
        self._digests: set[bytes] = set()
        self._keys: set[bytes] = set()

    @property
    def size(self) -> int:
        """The index that the next entry gets."""
        return self.first + len(self._entries)

    @property
    def entries(self) -> list[CheckedSubmission]:
        """The batch so far."""
        return self._entries

    def next_entry(self, checked: CheckedSubmission) -> Entry:
        """A candidate at the place that it would get."""
        return Entry(index=self.size, logged=self._logged, statement=checked.statement, signers=checked.signers)

    def push(self, checked: CheckedSubmission) -> None:
        """Take a candidate on top."""
        self._ids[checked.id] = self.size
        self._entries.append(checked)
        self._digests.update(checked.digests)
        self._keys.update(checked.keys)

    def has(self, id: bytes) -> bool:
        """Whether the batch holds a statement with this id."""
        return id in self._ids

    # ---- Record

    def rows(self, subject: str) -> Sequence[int]:
        while self._listed < len(self._entries):  # seldom asked for: usages like one that passed ask for no list
            for key in self._entries[self._listed].touches:
                self._rows.setdefault(key, []).append(self.first + self._listed)
            self._listed += 1
        key = subject_key(subject)
        logged = self._log.state.rows(key)
        fresh = self._rows.get(key)
        return logged if fresh is None else Appended(logged, fresh)

    def entry(self, index: int) -> Entry | None:
        place = index - self.first
        if place < 0:
            return self._cache.entry(index) if index >= 0 else None
        if place >= len(self._entries):
            return None
        checked = self._entries[place]
        return Entry(index=index, logged=self._logged, statement=checked.statement, signers=checked.signers)

    def find(self, id: str) -> Sequence[int]:
        raw = _id_bytes(id)
        index = self._ids.get(raw)
        if index is not None:
            return (index,)
        index = self._log.state.ids.get(raw)
        return () if index is None or self._log.state.is_seal(index) else (index,)

    def opened(self, entry: Entry, name: str) -> Section | None:
        place = entry.index - self.first
        return self._cache.opened(entry, name) if place < 0 else self._entries[place].sections.get(name)

    def assumed_good(self, index: int) -> bool:
        return 0 <= index < self.size

    # ---- verifier.rules.admit.Seen

    def all_fresh(self, digests: Sequence[bytes]) -> bool:
        """Whether these digests (32 bytes each) are all different, and none was seen."""
        logged = self._log.state.digests
        return len(set(digests)) == len(digests) and not any(one in logged or one in self._digests for one in digests)

    def digest_seen(self, digest: str) -> bool:
        raw = parse_b64u(digest)
        return raw in self._digests or raw in self._log.state.digests

    def key_seen(self, key: str) -> bool:
        raw = bytes.fromhex(key)
        return raw in self._keys or raw in self._log.state.keys


def _id_bytes(id: str) -> bytes:
    try:
        return bytes.fromhex(id)
    except ValueError:
        raise KembarError("not an id", id[:80]) from None
