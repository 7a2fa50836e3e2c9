"""What the rules read during a replay (:class:`verifier.rules.model.record.Record`): the log so far, from disk when
asked.

Memory stays flat however long the log grows: entries are parsed when they are needed, the lately used are kept.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, overload

from verifier.base.errors import Malformed
from verifier.base.recent import Recent
from verifier.base.strict import parse_b64u
from verifier.index.proofs import subject_key
from verifier.replay.leaves import UNREAD_KINDS, ReadLeaf
from verifier.rules.admit import keys_in
from verifier.rules.model.context import Context, Judgement, Standing
from verifier.rules.model.record import Entry
from verifier.rules.standing.rulings import RULINGS
from verifier.rules.standing.standing import base_standing
from verifier.statements.leaf import parse_leaf
from verifier.statements.sections import Section
from verifier.statements.subjects import subjects
from verifier.statements.types import Dispute, Ruling, Seal

KEPT_ENTRIES = 8_192
"""Parsed entries at hand, between so many and twice as many, at some 3 KB each; looked-up ids and lists likewise."""

KEPT_STATES = 16_384
"""Standings and key histories at hand before they are worked out anew."""


class Postings(Protocol):
    """Where things stand in the log: a key of 32 bytes -> rising indices. It may confuse keys, and the caller looks."""

    def add(self, keys: Iterable[bytes], index: int) -> None:
        """Note one more place of each of these keys."""

    def find(self, key: bytes) -> Sequence[int]:
        """All places of the key, and perhaps some of other keys."""


class ReplayStore(Protocol):
    """The log so far, wherever it lies. Leaves are there before a replay takes them."""

    @property
    def ids(self) -> Postings:
        """By statement id."""

    @property
    def digests(self) -> Postings:
        """By section digest."""

    @property
    def keys(self) -> Postings:
        """By key, in whatever role."""

    @property
    def rows(self) -> Postings:
        """By subject key; of some kinds of subject only."""

    def leaf(self, index: int) -> bytes:
        """The bytes of an entry."""

    def logged(self, index: int) -> int:
        """An entry's logged time (POSIX seconds)."""

    def add_seal(self, index: int, logged: int) -> None:
        """The entries since the last seal were logged at this time, by the seal at ``index``."""

    def add_bad(self, index: int) -> None:
        """An entry is not good by itself."""


class Rows(Sequence[int]):
    """A list that is read when somebody looks into it; most rules only ask whether it is shown."""

    __slots__ = ("_load", "_rows")

    def __init__(self, load: Callable[[], Sequence[int]]) -> None:
        self._load = load
        self._rows: Sequence[int] | None = None

    def _loaded(self) -> Sequence[int]:
        if self._rows is None:
            self._rows = self._load()
        return self._rows

    def __len__(self) -> int:
        return len(self._loaded())

    def __iter__(self) -> Iterator[int]:
        return iter(self._loaded())

    @overload
    def __getitem__(self, place: int) -> int: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[int]: ...

    def __getitem__(self, place: int | slice) -> int | Sequence[int]:
        return self._loaded()[place]


class ReplayRecord:
    """The first ``size`` entries. What was judged good at its place is taken to be good from then on."""

    complete = True

    def __init__(self, store: ReplayStore, genesis: str, size: int, bad: Iterable[int] = ()) -> None:
        """``bad``: the entries that are not good even without rulings and earlier copies; grows as entries are judged.
        """
        self.genesis = genesis
        self.size = size
        self.bad = set(bad)
        self.store = store
        self._judged = size
        self._entries: Recent[int, Entry] = Recent(KEPT_ENTRIES)
        self._rows: Recent[bytes, list[int]] = Recent(KEPT_ENTRIES)
        self._ids: Recent[str, list[int]] = Recent(KEPT_ENTRIES)

    # ---- growing

    def fold(self, entry: Entry, leaf: ReadLeaf) -> None:
        """Take one more entry; ``leaf`` is what its bytes tell."""
        self.size = entry.index + 1
        self._entries.put(entry.index, entry)
        id = entry.statement.id
        self.store.ids.add((bytes.fromhex(id),), entry.index)
        if (places := self._ids.get(id)) is not None:
            places.append(entry.index)
        listed = leaf.touches[: leaf.listed]
        self.store.rows.add(listed, entry.index)
        for key in listed:
            if (rows := self._rows.get(key)) is not None:
                rows.append(entry.index)

    def use_up(self, entry: Entry) -> None:
        """Note the digests and keys that the entry brings, which may not come again."""
        self.store.digests.add(map(parse_b64u, entry.statement.sections.values()), entry.index)
        self.store.keys.add(map(bytes.fromhex, keys_in(entry.statement)), entry.index)

    def judged(self, index: int, good: bool) -> None:
        """Note whether an entry is good by itself: as if there were no rulings and no earlier copies."""
        self._judged = index + 1
        if not good:
            self.bad.add(index)
            self.store.add_bad(index)

    # ---- Record

    def rows(self, subject: str) -> Sequence[int]:
        key = subject_key(subject)
        found = self._rows.get(key)
        return Rows(lambda: self._load(subject, key)) if found is None else self._begun(found)

    def _load(self, subject: str, key: bytes) -> Sequence[int]:
        if subject.startswith(UNREAD_KINDS):
            raise ValueError(f"the rows of {subject} are not kept")
        found = [index for index in self.store.rows.find(key) if self._touches(index, subject)]
        self._rows.put(key, found)
        return self._begun(found)

    def _begun(self, rows: Sequence[int]) -> Sequence[int]:
        """Those below ``size``, which are all while the record grows."""
        return rows if not rows or rows[-1] < self.size else rows[: bisect_left(rows, self.size)]

    def _touches(self, index: int, subject: str) -> bool:
        entry = self.entry(index)
        return entry is not None and subject in subjects(entry.statement)

    def entry(self, index: int) -> Entry | None:
        if not 0 <= index < self.size:
            return None
        found = self._entries.get(index)
        if found is None:
            try:
                leaf = parse_leaf(self.store.leaf(index))
            except Malformed:
                return None
            if isinstance(leaf.statement, Seal):
                return None
            found = Entry(
                index=index,
                logged=self.store.logged(index),
                statement=leaf.statement,
                signers=leaf.envelope.signers,
            )
            self._entries.put(index, found)
        return found

    def find(self, id: str) -> Sequence[int]:
        found = self._ids.get(id)
        if found is None:
            found = []
            for index in self.store.ids.find(_bytes(id)):
                entry = self.entry(index)
                if entry is not None and entry.statement.id == id:
                    found.append(index)
            if found:
                self._ids.put(id, found)
        return found

    def opened(self, entry: Entry, name: str) -> Section | None:
        return None

    def assumed_good(self, index: int) -> bool:
        return index < self._judged and index not in self.bad

    # ---- what was used up

    def digest_place(self, digest: str, before: int) -> int | None:
        """The first entry below ``before`` that has this section digest."""
        for index in self.store.digests.find(parse_b64u(digest)):
            entry = self.entry(index) if index < before else None
            if entry is not None and digest in entry.statement.sections.values():
                return index
        return None

    def key_place(self, key: str, before: int) -> int | None:
        """The first entry below ``before`` that brought this key into the log."""
        for index in self.store.keys.find(_bytes(key)):
            entry = self.entry(index) if index < before else None
            if entry is not None and key in keys_in(entry.statement):
                return index
        return None


_NOBODY = bytes(32)


def _bytes(text: str) -> bytes:
    """An id or key; what is none (the rules ask for "" where a statement names nobody) is nowhere in the log."""
    return bytes.fromhex(text) if len(text) == 64 else _NOBODY


def judge_last(context: Context, record: ReplayRecord, entry: Entry) -> Judgement:
    """The standing of the entry that was folded last, at its place: nothing stands above it yet.

    ``context`` is over ``record``, and keeps what it worked out for as long as that stays true while the record grows:
    a ruling or a dispute is the one thing that changes what an *earlier* entry is worth.
    """
    statement, memo = entry.statement, context.memo
    if isinstance(statement, Ruling | Dispute):
        memo.forget_standings()
        memo.forget(RULINGS, statement.consent)
    memo.shrink_to(KEPT_STATES)
    judgement = context.standing(entry)
    good = base_standing(context, entry).standing is Standing.GOOD
    if good:
        memo.base.pop(entry.index, None)  # the record vouches for it from here on
    record.judged(entry.index, good)
    return judgement
