"""The index: a Merkle Patricia tree from every subject to its complete list of entries (protocol, section 6).

A *list* is the entries that touch a subject, in log order; a *row* of it is (index, logged time). The tree maps the
subject's key k (32 bytes) to the list's value v (40 bytes, its size and RFC 6962 root). It has an inner node exactly
where the keys below it differ, and the node names the first bit in which they do, so the root depends on nothing but
the map. One path from the root to an entry proves either that the subject has precisely this list (*presence*) or,
where it leads to another key, that it has none (*absence*).

The first half of this file is all that a verifier needs. The second, :class:`IndexTree`, keeps a tree as it grows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import TypeAlias

from verifier.log.hashing import HASH_SIZE, CompactTree, leaf_hash
from verifier.log.proofs import ProofError
from verifier.values import dataclass

EMPTY_INDEX_ROOT = sha256(b"").digest()
KEY_SIZE = 32
VALUE_SIZE = 40

Path: TypeAlias = Sequence[tuple[int, bytes]]
"""(bit, sibling) from the entry up: bits strictly falling from at most 255, siblings of 32 bytes."""


def subject_key(subject: str) -> bytes:
    """The place of a subject, which is ASCII, in the tree: H("kembar/subject\\n" || subject), 32 bytes."""
    return sha256(b"kembar/subject\n" + subject.encode("ascii")).digest()


def list_leaf(index: int, logged: int) -> bytes:
    """One row of a list as its 16-byte leaf: entry index and logged time (POSIX seconds)."""
    return index.to_bytes(8, "big") + logged.to_bytes(8, "big")


def list_root(rows: Iterable[tuple[int, int]]) -> bytes:
    """The RFC 6962 root over rows (index, logged time)."""
    tree = CompactTree()
    for index, logged in rows:
        tree.append(leaf_hash(list_leaf(index, logged)))
    return tree.root()


def value(size: int, root: bytes) -> bytes:
    """What the index holds for a list of ``size`` rows with this root: 40 bytes."""
    if size < 1 or len(root) != HASH_SIZE:
        raise ValueError("a list in the index has at least one row and a root of 32 bytes")
    return size.to_bytes(8, "big") + root


def entry_hash(key: bytes, value: bytes) -> bytes:
    """H(0x00 || uv(32) || k || uv(40) || v): the hash of the tree that holds only this entry."""
    return sha256(b"\x00\x20" + key + b"\x28" + value).digest()


def node_hash(bit: int, left: bytes, right: bytes) -> bytes:
    """H(0x01 || uv(bit) || left || right); ``bit`` 0 to 255 as an unsigned LEB128 varint."""
    return sha256(_NODE_PREFIX[bit] + left + right).digest()


_NODE_PREFIX = [b"\x01" + (bytes([bit]) if bit < 128 else bytes([bit & 0x7F | 0x80, bit >> 7])) for bit in range(256)]


def check_presence(root: bytes, subject: str, value: bytes, path: Path) -> None:
    """That the index with this ``root`` maps ``subject`` to ``value``. Raises :class:`ProofError` if not."""
    _check_path(root, subject_key(subject), value, path)


def check_absence(root: bytes, subject: str, other_k: bytes | None, other_v: bytes | None, path: Path) -> None:
    """That no entry of the index with this ``root`` is about ``subject``. Raises :class:`ProofError` if not.

    ``other_k``, ``other_v``: the entry that stands where the subject's would be found. Both are None, and the path is
    empty, for the empty index only.
    """
    if other_k is None or other_v is None:
        if other_k is not None or other_v is not None or path or root != EMPTY_INDEX_ROOT:
            raise ProofError("absence without another entry is only shown by the empty index")
        return
    key = subject_key(subject)
    _check_path(root, other_k, other_v, path)
    if other_k == key:
        raise ProofError("the other entry is the subject's own")
    for bit, _ in path:
        if bit_of(key, bit) != bit_of(other_k, bit):
            raise ProofError(f"the other entry parts from the subject at bit {bit}, which the path uses")


def _check_path(root: bytes, key: bytes, value: bytes, path: Path) -> None:
    if len(key) != KEY_SIZE or len(value) != VALUE_SIZE:
        raise ProofError(f"a key has {KEY_SIZE} bytes and a value {VALUE_SIZE}")
    if not any(value[:8]):
        raise ProofError("a value with a list of size 0")
    above = 256
    result = entry_hash(key, value)
    for bit, sibling in path:
        if not 0 <= bit < above:
            raise ProofError("the bits of a path must fall strictly from at most 255")
        if len(sibling) != HASH_SIZE:
            raise ProofError(f"a sibling in a path has {HASH_SIZE} bytes")
        above = bit
        result = node_hash(bit, sibling, result) if bit_of(key, bit) else node_hash(bit, result, sibling)
    if result != root:
        raise ProofError("the path leads to another index root")


def bit_of(key: bytes, bit: int) -> int:
    """Bit 0 is the most significant of the first byte."""
    return key[bit >> 3] >> (7 - (bit & 7)) & 1


# Keeping a tree as it grows


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """``value`` is the subject's list; for :func:`check_presence`."""

    value: bytes
    path: tuple[tuple[int, bytes], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """The entry in the subject's place, None in the empty index; for :func:`check_absence`."""

    other_k: bytes | None
    other_v: bytes | None
    path: tuple[tuple[int, bytes], ...]


class IndexTree:
    """The index at one moment, in memory: every key with its value, about 100 bytes each.

    It is not a tree of objects. The hashes over the first ``height`` bits of the keys lie in one flat heap, and the
    2^height *buckets* below it hold a few packed records each, which are hashed anew when one of them changes. A heap
    node with an empty half is no node of the tree: it just passes on the hash of its other half. ``height`` grows with
    the number of keys, a bit at each doubling, which hashes every record anew (about 2 µs each). How the keys are laid
    out never shows in the root.

    Subjects can be chosen so that their keys begin alike (a file digest is anybody's choice): a bucket that outgrows
    ``CROWDED`` becomes a small tree of its own over the bits that follow, so that nobody can make updates slow.
    """

    __slots__ = ("_buckets", "_count", "_first_bit", "_heap", "_height")

    LOAD = 6  # keys per bucket at which the heap grows by one bit
    CROWDED = 64  # keys in one bucket; a fair bucket has that many once in 10^40

    def __init__(self, items: Mapping[bytes, bytes] | None = None) -> None:
        self._start(0)
        self.update(items or {})

    def _start(self, first_bit: int) -> None:
        self._first_bit = first_bit  # the keys agree before this bit, which the heap's root looks at
        self._count = 0
        self._height = 0
        self._heap = bytearray(2 * HASH_SIZE)  # node i has the children 2i and 2i + 1; the root is 1; row 0 is unused
        self._buckets: list[bytes | IndexTree] = [b""]

    def __len__(self) -> int:
        return self._count

    def root(self) -> bytes:
        """The index root, 32 bytes."""
        return bytes(self._heap[HASH_SIZE : 2 * HASH_SIZE]) if self._count else EMPTY_INDEX_ROOT

    def get(self, key: bytes) -> bytes | None:
        """The value of a key, or None."""
        bucket = self._buckets[self._place(key)]
        if isinstance(bucket, IndexTree):
            return bucket.get(key)
        record = _unpack(bucket).get(key)
        return None if record is None else record[KEY_SIZE + 1 :]

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """All (key, value) in rising order of keys."""
        for record in self._records():
            yield record[:KEY_SIZE], record[KEY_SIZE + 1 :]

    def update(self, changes: Mapping[bytes, bytes | None]) -> dict[bytes, bytes | None]:
        """Set the value of each key, or remove the key where the value is None.

        Returns what undoes it: the former values, for another ``update``.
        """
        self._grow(self._count + len(changes))
        shift = 256 - self._first_bit - self._height
        mask = (1 << self._height) - 1
        by_bucket: dict[int, dict[bytes, bytes | None]] = {}
        for key, value in changes.items():
            if len(key) != KEY_SIZE or (value is not None and len(value) != VALUE_SIZE):
                raise ValueError(f"a key has {KEY_SIZE} bytes and a value {VALUE_SIZE}")
            place = int.from_bytes(key, "big") >> shift & mask
            group = by_bucket.get(place)
            if group is None:
                by_bucket[place] = {key: value}
            else:
                group[key] = value
        undo: dict[bytes, bytes | None] = {}
        for place, group in by_bucket.items():
            self._update_bucket(place, group, undo)
        self._rehash(by_bucket)
        return undo

    def prove(self, key: bytes) -> Presence | Absence:
        """The proof of what this tree holds for ``key``, at its root as it is now."""
        if not self._count:
            return Absence(other_k=None, other_v=None, path=())
        path: list[tuple[int, bytes]] = []
        record = self._walk(key, path)
        path.reverse()
        found, value = record[:KEY_SIZE], record[KEY_SIZE + 1 :]
        if found == key:
            return Presence(value=value, path=tuple(path))
        return Absence(other_k=found, other_v=value, path=tuple(path))

    def _place(self, key: bytes) -> int:
        return int.from_bytes(key, "big") >> (256 - self._first_bit - self._height) & ((1 << self._height) - 1)

    def _records(self) -> Iterator[bytes]:
        for bucket in self._buckets:
            if isinstance(bucket, IndexTree):
                yield from bucket._records()
            else:
                yield from _unpack(bucket).values()

    def _update_bucket(
        self, place: int, changes: Mapping[bytes, bytes | None], undo: dict[bytes, bytes | None]
    ) -> None:
        """Change one bucket and its root at the foot of the heap; nodes above it are left as they were."""
        bucket = self._buckets[place]
        if isinstance(bucket, IndexTree):
            before = len(bucket)
            undo.update(bucket.update(changes))
            self._count += len(bucket) - before
            root = bucket.root() if len(bucket) else _NOTHING
        else:
            records = _unpack(bucket)
            self._count -= len(records)
            for key, value in changes.items():
                record = records.get(key)
                undo[key] = None if record is None else record[KEY_SIZE + 1 :]
                if value is not None:
                    records[key] = key + b"\x28" + value
                elif record is not None:
                    del records[key]
            self._count += len(records)
            root = self._fill_bucket(place, sorted(records.values()))
        at = ((1 << self._height) + place) * HASH_SIZE
        self._heap[at : at + HASH_SIZE] = root

    def _fill_bucket(self, place: int, records: Sequence[bytes]) -> bytes:
        """Make a bucket of sorted records; returns its root."""
        if len(records) <= self.CROWDED:
            self._buckets[place] = b"".join(records)
            return _records_root(records)
        crowd = type(self)()
        crowd._start(self._first_bit + self._height)
        crowd.update({record[:KEY_SIZE]: record[KEY_SIZE + 1 :] for record in records})
        self._buckets[place] = crowd
        return crowd.root()

    def _rehash(self, places: Iterable[int]) -> None:
        """Bring the heap up to date above these buckets, row by row so that shared nodes are hashed once."""
        heap = self._heap
        row = 1 << self._height
        dirty = {row + place for place in places}
        for bit in range(self._first_bit + self._height - 1, self._first_bit - 1, -1):
            prefix = _NODE_PREFIX[bit]
            dirty = {node >> 1 for node in dirty}
            for node in dirty:
                at = node * HASH_SIZE
                halves = heap[2 * at : 2 * at + 64]
                if halves.startswith(_NOTHING):
                    heap[at : at + HASH_SIZE] = halves[HASH_SIZE:]
                elif halves.endswith(_NOTHING):
                    heap[at : at + HASH_SIZE] = halves[:HASH_SIZE]
                else:
                    heap[at : at + HASH_SIZE] = sha256(prefix + halves).digest()

    def _grow(self, count: int) -> None:
        """Deepen the heap until ``count`` keys fill its buckets fairly. The rows that are there stay as they are."""
        while count > self.LOAD << self._height and self._first_bit + self._height < 255:
            old = self._buckets
            self._height += 1
            self._buckets = [b""] * (2 * len(old))
            self._heap.extend(bytes(len(self._heap)))
            foot = 1 << self._height
            bit = self._first_bit + self._height - 1
            for place, bucket in enumerate(old):
                if not bucket:
                    continue
                old[place] = b""  # so that not all is there twice
                records = list(bucket._records() if isinstance(bucket, IndexTree) else _unpack(bucket).values())
                middle = 0
                while middle < len(records) and not bit_of(records[middle], bit):
                    middle += 1
                for side, half in enumerate((records[:middle], records[middle:])):
                    at = (foot + 2 * place + side) * HASH_SIZE
                    self._heap[at : at + HASH_SIZE] = self._fill_bucket(2 * place + side, half)

    def _walk(self, key: bytes, path: list[tuple[int, bytes]]) -> bytes:
        """Go down towards ``key`` and note (bit, sibling) at each node; returns the record at the end."""
        node = 1
        for bit in range(self._first_bit, self._first_bit + self._height):
            side = bit_of(key, bit)
            at = (2 * node + 1 - side) * HASH_SIZE
            sibling = bytes(self._heap[at : at + HASH_SIZE])
            own = (2 * node + side) * HASH_SIZE
            if self._heap[own : own + HASH_SIZE] == _NOTHING:
                side = 1 - side
            elif sibling != _NOTHING:
                path.append((bit, sibling))
            node = 2 * node + side
        bucket = self._buckets[node - (1 << self._height)]
        if isinstance(bucket, IndexTree):
            return bucket._walk(key, path)
        records = list(_unpack(bucket).values())
        while len(records) > 1:
            bit = 256 - (int.from_bytes(records[0][:32], "big") ^ int.from_bytes(records[-1][:32], "big")).bit_length()
            left = [record for record in records if not bit_of(record, bit)]
            right = records[len(left) :]
            records, others = (right, left) if bit_of(key, bit) else (left, right)
            path.append((bit, _records_root(others)))
        return records[0]


_NOTHING = bytes(HASH_SIZE)  # in the heap: no key here
_RECORD = KEY_SIZE + 1 + VALUE_SIZE  # k, uv(40), v: what an entry's hash covers, but for its first two bytes


def _unpack(bucket: bytes) -> dict[bytes, bytes]:
    """A bucket's records by key, in rising order."""
    return {bucket[at : at + KEY_SIZE]: bucket[at : at + _RECORD] for at in range(0, len(bucket), _RECORD)}


def _records_root(records: Sequence[bytes]) -> bytes:
    """The root of the tree over sorted records alone; 32 zero bytes of none.

    ``hashes`` are subtrees that wait for a right neighbour, ``bits`` the bits that part each from the next: rising,
    for a node is made as soon as its neighbour turns out to part from it earlier than its halves part.
    """
    hashes: list[bytes] = []
    bits: list[int] = []
    before = 0
    for record in records:
        number = int.from_bytes(record[:KEY_SIZE], "big")
        if hashes:
            bit = 256 - (before ^ number).bit_length()
            while bits and bits[-1] > bit:
                right = hashes.pop()
                hashes[-1] = sha256(_NODE_PREFIX[bits.pop()] + hashes[-1] + right).digest()
            bits.append(bit)
        hashes.append(sha256(b"\x00\x20" + record).digest())
        before = number
    while bits:
        right = hashes.pop()
        hashes[-1] = sha256(_NODE_PREFIX[bits.pop()] + hashes[-1] + right).digest()
    return hashes[0] if hashes else _NOTHING
