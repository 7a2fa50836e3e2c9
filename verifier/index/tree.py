"""The index as it grows: for those who keep one, a registry and an auditor (protocol, section 6)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from hashlib import sha256

from verifier.index.prefixes import IndexPart
from verifier.index.proofs import EMPTY_INDEX_ROOT, KEY_SIZE, NODE_PREFIX, VALUE_SIZE, bit_of
from verifier.index.records import NOTHING, RECORD, records_root, walk
from verifier.index.shown import Absence, Presence
from verifier.log.hashing import HASH_SIZE


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

    def copy(self) -> IndexTree:
        """An independent tree in the same state."""
        return deepcopy(self)

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
        records = self._bucket(self._place(key))
        if isinstance(records, IndexTree):
            return records.get(key)
        at, end = _span(records, key)
        return records[at][KEY_SIZE + 1 :] if at < end else None

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

    def prove_prefix(self, bits: int, number: int, limit: int) -> IndexPart | None:
        """All entries whose keys begin with the ``bits`` bits of ``number``, with the way from them to the root (path
        steps below ``bits``); where there are none, one that shows it. None where there are more than ``limit``."""
        first = (number << (256 - bits)).to_bytes(KEY_SIZE, "big")
        last = ((number + 1 << (256 - bits)) - 1).to_bytes(KEY_SIZE, "big")
        found: list[tuple[bytes, bytes]] = []
        for record in self._between(first, last):
            if len(found) == limit:
                return None
            found.append((record[:KEY_SIZE], record[KEY_SIZE + 1 :]))
        proof = self.prove(found[0][0] if found else first)
        if isinstance(proof, Presence):
            return IndexPart(entries=tuple(found), path=tuple(step for step in proof.path if step[0] < bits))
        other = None if proof.other_k is None or proof.other_v is None else (proof.other_k, proof.other_v)
        return IndexPart(entries=(), path=proof.path, other=other)

    def _between(self, first: bytes, last: bytes) -> Iterator[bytes]:
        """The records whose keys lie between two, both counted, in rising order."""
        start, end = self._place(first), self._place(last)
        if self._first_bit > _shared(first, last):  # a crowd that lies between them whole
            start, end = 0, (1 << self._height) - 1
        for bucket in map(self._bucket, range(start, end + 1)):
            if isinstance(bucket, IndexTree):
                yield from bucket._between(first, last)
            else:
                yield from (record for record in bucket if first <= record[:KEY_SIZE] <= last)

    def _bucket(self, place: int) -> list[bytes] | IndexTree:
        """What one bucket holds: its records in rising order, or the tree that a crowd is."""
        bucket = self._buckets[place]
        return bucket if isinstance(bucket, IndexTree) else _unpack(bucket)

    def _place(self, key: bytes) -> int:
        return int.from_bytes(key, "big") >> (256 - self._first_bit - self._height) & ((1 << self._height) - 1)

    def _records(self) -> Iterator[bytes]:
        for bucket in map(self._bucket, range(1 << self._height)):
            yield from bucket._records() if isinstance(bucket, IndexTree) else bucket

    def _update_bucket(
        self, place: int, changes: Mapping[bytes, bytes | None], undo: dict[bytes, bytes | None]
    ) -> None:
        """Change one bucket and its root at the foot of the heap; nodes above it are left as they were."""
        bucket = self._buckets[place]
        if isinstance(bucket, IndexTree):
            before = len(bucket)
            undo.update(bucket.update(changes))
            self._count += len(bucket) - before
            root = bucket.root() if len(bucket) else NOTHING
        else:
            records = _unpack(bucket)
            self._count -= len(records)
            for key, value in changes.items():
                at, end = _span(records, key)
                undo[key] = records[at][KEY_SIZE + 1 :] if at < end else None
                records[at:end] = [] if value is None else [key + b"\x28" + value]
            self._count += len(records)
            root = self._fill_bucket(place, records)
        at = ((1 << self._height) + place) * HASH_SIZE
        self._heap[at : at + HASH_SIZE] = root

    def _fill_bucket(self, place: int, records: Sequence[bytes]) -> bytes:
        """Make a bucket of sorted records; returns its root."""
        if len(records) <= self.CROWDED:
            self._buckets[place] = b"".join(records)
            return records_root(records)
        crowd = type(self)()
        crowd._start(self._first_bit + self._height)
        crowd.update({record[:KEY_SIZE]: record[KEY_SIZE + 1 :] for record in records})
        self._buckets[place] = crowd
        return crowd.root()

    def _rehash(self, places: Iterable[int]) -> None:
        """Bring the heap up to date above these buckets, row by row so that shared nodes are hashed once."""
        row = 1 << self._height
        dirty = {row + place for place in places}
        with memoryview(self._heap) as heap:
            for bit in range(self._first_bit + self._height - 1, self._first_bit - 1, -1):
                begun = sha256(NODE_PREFIX[bit]).copy
                dirty = {node >> 1 for node in dirty}
                for node in dirty:
                    at = node * HASH_SIZE
                    left, right = 2 * at, 2 * at + HASH_SIZE
                    if not heap[left] and heap[left:right] == NOTHING:
                        heap[at : at + HASH_SIZE] = heap[right : right + HASH_SIZE]
                    elif not heap[right] and heap[right : right + HASH_SIZE] == NOTHING:
                        heap[at : at + HASH_SIZE] = heap[left:right]
                    else:
                        digest = begun()
                        digest.update(heap[left : right + HASH_SIZE])
                        heap[at : at + HASH_SIZE] = digest.digest()

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
                records = list(bucket._records() if isinstance(bucket, IndexTree) else _unpack(bucket))
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
            if self._heap[own : own + HASH_SIZE] == NOTHING:
                side = 1 - side
            elif sibling != NOTHING:
                path.append((bit, sibling))
            node = 2 * node + side
        bucket = self._bucket(node - (1 << self._height))
        if isinstance(bucket, IndexTree):
            return bucket._walk(key, path)
        record, inner = walk(bucket, key)
        path.extend(inner)
        return record


def _unpack(bucket: bytes) -> list[bytes]:
    """A bucket's records, in rising order."""
    return [bucket[at : at + RECORD] for at in range(0, len(bucket), RECORD)]


def _span(records: Sequence[bytes], key: bytes) -> tuple[int, int]:
    """Where the key's record stands among them; an empty span where it would."""
    at = bisect_left(records, key)
    return at, at + (at < len(records) and records[at].startswith(key))


def _shared(first: bytes, last: bytes) -> int:
    """How many bits two keys begin alike with."""
    return 256 - (int.from_bytes(first, "big") ^ int.from_bytes(last, "big")).bit_length()
