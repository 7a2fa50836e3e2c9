"""What the registry keeps in memory about its log: made of the batch rows, batch by batch, and of nothing else.

At a million entries it takes some hundreds of MiB, so everything that exists once an entry is packed: hashes in one
``bytearray`` a level of the tree, numbers in ``array``. Lists and the index are kept so that a batch costs time in
proportion to what it touches.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from registry.log.batch import Batch, pack_touches, split_hashes, unpack_lengths, unpack_touches
from registry.log.damage import Damaged
from verifier.index.proofs import list_leaf, list_value
from verifier.index.tree import IndexTree
from verifier.log.hashing import EMPTY_ROOT, CompactTree, leaf_hash, node_hash

LONG_LIST = 16
"""Lists longer than this keep their Merkle frontier; a shorter list's root is made anew from its rows."""

AT_ONCE = 1 << 16
"""Lists that are put into the index together when a log is loaded, which bounds the memory that it takes meanwhile."""

Undo = dict[bytes, bytes | None]
"""What takes a batch out of the index again: keys of lists, and what the index held of them."""
Touched = tuple[bytes, ...]
"""The keys of the subjects that one entry touches, in byte order of the subjects."""


class Nodes:
    """All complete subtrees of the log's tree, by level: 64 bytes an entry, and any proof without reading a disk."""

    __slots__ = ("levels",)

    def __init__(self) -> None:
        self.levels: list[bytearray] = [bytearray()]

    @property
    def size(self) -> int:
        """The number of leaves."""
        return len(self.levels[0]) // 32

    def extend(self, hashes: bytes) -> None:
        """Append leaf hashes, 32 bytes each."""
        self.levels[0] += hashes
        level = 0
        while len(self.levels[level]) >= 64:
            if level + 1 == len(self.levels):
                self.levels.append(bytearray())
            below, above = self.levels[level], self.levels[level + 1]
            start, end = 2 * len(above), len(below) - len(below) % 64
            if start == end:
                break
            fresh = bytes(below[start:end])
            above += b"".join([sha256(b"\x01" + fresh[at : at + 64]).digest() for at in range(0, len(fresh), 64)])
            level += 1

    def read(self, level: int, index: int) -> bytes:
        """The root of the 2^level leaves that begin at index * 2^level."""
        found = bytes(self.levels[level][32 * index : 32 * index + 32])
        if len(found) != 32:
            raise ValueError(f"the tree has no complete subtree {index} of level {level}")
        return found

    def root(self, size: int) -> bytes:
        """The root of the first ``size`` leaves."""
        if not 0 <= size <= self.size:
            raise ValueError(f"the tree has {self.size} leaves, not {size}")
        result: bytes | None = None
        for level in range(size.bit_length()):
            if size >> level & 1:
                peak = self.read(level, (size >> level) - 1)
                result = peak if result is None else node_hash(peak, result)
        return EMPTY_ROOT if result is None else result

    def root_with(self, hashes: bytes) -> bytes:
        """The root that there will be with these leaf hashes (32 bytes each) appended."""
        size = self.size
        levels = [level for level in reversed(range(size.bit_length())) if size >> level & 1]
        tree = CompactTree(size, [self.read(level, (size >> level) - 1) for level in levels])
        extend(tree, split_hashes(hashes))
        return tree.root()


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """What a batch changes in the lists, worked out before it is committed.

    ``touches`` and ``subjects`` are the batch row's columns, ``serials`` the same as ``touches`` unpacked; ``undo``
    takes the batch out of the index again.
    """

    touches: bytes
    subjects: bytes
    serials: Sequence[Sequence[int]]
    frontiers: dict[int, CompactTree]
    undo: Undo


class LogImage:
    """The log in memory, as far as :meth:`apply` has taken it.

    A subject's *serial* is its place in the order in which subjects were first touched: what is kept about lists is
    kept by serial, and batch rows name subjects by it.
    """

    def __init__(self) -> None:
        self.nodes = Nodes()
        self.index = IndexTree()
        self.ids: dict[bytes, int] = {}
        self.digests: set[bytes] = set()
        self.keys: dict[bytes, int] = {}  # to the first entry of the batch in which it became known
        self.lengths = array("H")
        self.last_at = 0
        self._firsts = array("Q")
        self._ats = array("Q")
        self._serials: dict[bytes, int] = {}
        self._subjects: list[bytes] = []  # by serial: the subject's key
        self._single = array("I")  # by serial: the first row of the list
        self._rows: dict[int, array[int]] = {}  # by serial: all rows, of lists with more than one
        self._frontiers: dict[int, CompactTree] = {}  # by serial, of lists longer than LONG_LIST

    @property
    def size(self) -> int:
        """Entries, seals included."""
        return self.nodes.size

    # ---- looking up

    def logged(self, index: int) -> int:
        """The logged time of an entry: its seal's ``at``."""
        return self._ats[bisect_right(self._firsts, index) - 1]

    def batch_end(self, index: int) -> int:
        """One past the seal of the batch in which ``index`` stands."""
        place = bisect_right(self._firsts, index)
        return self._firsts[place] if place < len(self._firsts) else self.size

    def ids_beginning_with(self, digits: str, size: int) -> list[str]:
        """The ids (hex) of statements below ``size``, seals left out, that begin so. All are looked through: some 50 ms
        of a million.
        """
        first = bytes.fromhex(digits[: len(digits) // 2 * 2])
        every = list(self.ids.items())  # at once, for the log grows meanwhile
        found = [id.hex() for id, at in every if id.startswith(first) and at < size and not self.is_seal(at)]
        return [id for id in found if id.startswith(digits)]

    def is_seal(self, index: int) -> bool:
        """Whether a seal stands at ``index``."""
        return index == self.batch_end(index) - 1

    def span(self, index: int) -> tuple[int, int, int]:
        """Where a leaf lies: (first entry of its batch, offset in that batch's leaves, length)."""
        first = self._firsts[bisect_right(self._firsts, index) - 1]
        return first, sum(self.lengths[first:index]), self.lengths[index]

    def rows(self, key: bytes) -> Sequence[int]:
        """The list of the subject with this key: rising entry indices. Not to be changed by the caller."""
        serial = self._serials.get(key)
        if serial is None:
            return ()
        rows = self._rows.get(serial)
        return (self._single[serial],) if rows is None else rows

    def known_in(self, key: bytes) -> tuple[int, int] | None:
        """The batch in which a public key became known: its first entry, and one past its seal."""
        first = self.keys.get(key)
        return None if first is None else (first, self.batch_end(first))

    def subject_count(self) -> int:
        """How many subjects have a list."""
        return len(self._subjects)

    def lists_at(self, size: int) -> dict[bytes, bytes | None]:
        """Of the subjects whose lists are longer now than in the log's first ``size`` entries: what the index held.

        None for those that had no list yet.
        """
        found: dict[bytes, bytes | None] = {}
        for serial, key in enumerate(self._subjects):
            rows: Sequence[int] = self._rows.get(serial) or (self._single[serial],)
            if rows[-1] >= size:
                tree = CompactTree()
                for index in rows[: bisect_left(rows, size)]:
                    tree.append(leaf_hash(list_leaf(index, self.logged(index))))
                found[key] = list_value(tree.size, tree.root()) if tree.size else None
        return found

    # ---- growing

    def stage(self, first: int, touched: Sequence[Touched], at: int) -> Staged:
        """Take the index as far as a batch whose entry ``first + i`` touches ``touched[i]``; the rest with ``apply``.

        The index goes ahead because its root stands in the batch's own seal.
        """
        known = self._serials
        fresh: dict[bytes, int] = {}
        added: dict[bytes, list[bytes]] = {}
        serials = []
        for place, keys in enumerate(touched):
            leaf = leaf_hash(list_leaf(first + place, at))
            row = []
            for key in keys:
                serial = known.get(key)
                if serial is None:
                    serial = fresh.get(key)
                    if serial is None:
                        serial = fresh[key] = len(known) + len(fresh)
                row.append(serial)
                leaves = added.get(key)
                if leaves is None:
                    added[key] = [leaf]
                else:
                    leaves.append(leaf)
            serials.append(row)
        changes: dict[bytes, bytes | None] = {}
        frontiers = {}
        for key, leaves in added.items():
            if len(leaves) == 1 and key in fresh:  # by far the most common, and its root is its leaf
                changes[key] = _ONE + leaves[0]
                continue
            serial = known.get(key)
            tree = CompactTree() if serial is None else self._frontier(serial)
            extend(tree, leaves)
            if tree.size > LONG_LIST:
                frontiers[fresh[key] if serial is None else serial] = tree
            changes[key] = list_value(tree.size, tree.root())
        return Staged(
            touches=pack_touches(serials),
            subjects=b"".join(fresh),
            serials=serials,
            frontiers=frontiers,
            undo=self.index.update(changes),
        )

    def unstage(self, staged: Staged) -> None:
        """Take a batch that was not committed out of the index again."""
        self.index.update(staged.undo)

    def apply(self, batch: Batch, staged: Staged | None = None) -> Undo:
        """Take a committed batch. ``staged`` is what :meth:`stage` said of it, if this process made it.

        Returns what takes it out of the index again.
        """
        if staged is None:
            keys = self._subjects + split_hashes(batch.subjects)
            serials = unpack_touches(batch.touches, batch.size - batch.first)
            staged = self.stage(batch.first, [tuple(keys[serial] for serial in row) for row in serials], batch.at)
            if staged.touches != batch.touches or staged.subjects != batch.subjects:
                raise Damaged(f"the row of batch {batch.first} numbers its subjects wrongly")
            self._take(batch, staged.serials)
            self._compare(batch)
        else:
            self._take(batch, staged.serials)
        self._frontiers.update(staged.frontiers)
        return staged.undo

    def load(self, batches: Iterable[Batch]) -> None:
        """Fill an empty state: the same as :meth:`apply` of each, but the index is made once, at the end."""
        if self.size:
            raise ValueError("only an empty state can be loaded")
        last: Batch | None = None
        for last in batches:
            self.take(last)
        leaves = self._list_leaves()
        parts: list[array[int]] = [array("I") for _ in range(256)]
        for serial, key in enumerate(self._subjects):
            parts[key[0]].append(serial)
        self.index.reserve(len(self._subjects))
        for part in parts:  # neighbours together, so that each bucket of the index is made once
            for at in range(0, len(part), AT_ONCE):
                some = part[at : at + AT_ONCE]
                self.index.update({self._subjects[serial]: self._value(serial, leaves) for serial in some})
        if last is not None:
            self._compare(last)

    def _value(self, serial: int, leaves: Callable[[int], bytes]) -> bytes:
        """What the index holds of a list; a long one's frontier is kept."""
        rows = self._rows.get(serial)
        if rows is None:  # by far the most common
            return _ONE + leaves(self._single[serial])
        tree = CompactTree()
        extend(tree, [leaves(index) for index in rows])
        if tree.size > LONG_LIST:
            self._frontiers[serial] = tree
        return list_value(tree.size, tree.root())

    def _compare(self, last: Batch) -> None:
        """Whether tree and index, made of all rows, are what they were when ``last`` was written."""
        for what, made, written in (
            ("tree", self.nodes.root(self.size), last.tree),
            ("index", self.index.root(), last.index),
        ):
            if made != written:
                raise Damaged(f"the {what} made of all rows is not the one that was sealed with batch {last.first}")

    def take(self, batch: Batch) -> None:
        """Take a committed batch into all but the index: for a copy, which proves no lists."""
        self._take(batch, unpack_touches(batch.touches, batch.size - batch.first))

    def _take(self, batch: Batch, serials: Sequence[Sequence[int]]) -> None:
        """All but the index and the frontiers."""
        if batch.first != self.size:
            raise ValueError(f"batch {batch.first} does not follow entry {self.size - 1}")
        for key in split_hashes(batch.subjects):
            self._serials[key] = len(self._subjects)
            self._subjects.append(key)
        single, rows = self._single, self._rows
        for index, row in enumerate(serials, batch.first):
            for serial in row:
                if serial == len(single):
                    single.append(index)
                elif (longer := rows.get(serial)) is not None:
                    longer.append(index)
                else:
                    rows[serial] = array("I", (single[serial], index))
        self.ids.update(zip(split_hashes(batch.ids), range(batch.first, batch.size + 1), strict=True))
        self.digests.update(split_hashes(batch.digests))
        for known in split_hashes(batch.keys):
            self.keys.setdefault(known, batch.first)
        self.lengths.extend(unpack_lengths(batch.lengths))
        self._firsts.append(batch.first)
        self._ats.append(batch.at)
        self.last_at = batch.at
        self.nodes.extend(batch.hashes)

    def _frontier(self, serial: int) -> CompactTree:
        """A tree over the list as it stands, for the caller to grow."""
        kept = self._frontiers.get(serial)
        if kept is not None:
            return kept.copy()
        tree = CompactTree()
        for index in self._rows.get(serial) or (self._single[serial],):
            tree.append(leaf_hash(list_leaf(index, self.logged(index))))
        return tree

    def _list_leaves(self) -> Callable[[int], bytes]:
        """Entry index -> hash of its row in any list, made ahead for all entries."""
        made = bytearray()
        for place, at in enumerate(self._ats):
            end = self._firsts[place + 1] if place + 1 < len(self._firsts) else self.size
            made += b"".join([leaf_hash(list_leaf(index, at)) for index in range(self._firsts[place], end)])
        hashes = bytes(made)
        return lambda index: hashes[32 * index : 32 * index + 32]


_ONE = (1).to_bytes(8, "big")


def extend(tree: CompactTree, leaves: Sequence[bytes]) -> None:
    """Append many leaf hashes, level by level, which takes half the time of one by one."""
    peaks, start, row = tree.peaks, tree.size, list(leaves)
    tree.size += len(row)
    fresh: list[bytes] = []
    while row:
        if start & 1:
            row.insert(0, peaks.pop())  # the last subtree of this width that was there
        if len(row) & 1:
            fresh.append(row.pop())
        start >>= 1
        row = [sha256(b"\x01" + row[at] + row[at + 1]).digest() for at in range(0, len(row), 2)]
    peaks += reversed(fresh)
