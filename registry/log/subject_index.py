"""The index of a log whose lists are at hand: some 40 bytes a subject beside its key, a tree of its own takes 100.

Most lists have one row, and what the index holds of such a list follows from that row; so it is made when it is hashed,
and only other values are kept. The tree also says where a subject's key stands, so that nothing else has to.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from copy import deepcopy
from hashlib import sha256
from struct import Struct

from verifier.index.proofs import KEY_SIZE, NODE_PREFIX, VALUE_SIZE
from verifier.index.records import NOTHING, records_root
from verifier.index.tree import IndexTree
from verifier.log.hashing import HASH_SIZE

ONE_ROW = (1).to_bytes(8, "big")
"""How the value of a list with one row begins."""

_row = Struct(">xQQ").pack  # :func:`verifier.index.proofs.list_leaf` behind the zero byte that its hash begins with

_UNKNOWN, _ABSENT, _SINGLE, _KEPT = range(4)  # of a subject in this tree: no link, no value, that of one row, another


def row_hash(index: int, logged: int) -> bytes:
    """The hash of one row of a list."""
    return sha256(_row(index, logged)).digest()


class Subjects:
    """Keys and first entries of all lists, by *serial*. ``starts`` are the first entries of all batches, ``ats`` their
    times (POSIX seconds): kept by the log's image.
    """

    __slots__ = ("ats", "firsts", "keys", "starts")

    def __init__(self, starts: array[int], ats: array[int]) -> None:
        self.keys = bytearray()
        self.firsts = array("I")
        self.starts = starts
        self.ats = ats

    def __len__(self) -> int:
        return len(self.keys) // KEY_SIZE

    def key(self, serial: int) -> bytes:
        """The key of a subject."""
        return bytes(self.keys[serial * KEY_SIZE : serial * KEY_SIZE + KEY_SIZE])

    def first_leaf(self, serial: int) -> bytes:
        """The hash of the first row of a list."""
        first = self.firsts[serial]
        return row_hash(first, self.ats[bisect_right(self.starts, first) - 1])


class _Crowd:
    """A bucket that has outgrown ``CROWDED``: a tree of its own, and the serials of its keys."""

    __slots__ = ("serials", "tree")

    def __init__(self) -> None:
        self.tree = IndexTree()
        self.serials: dict[bytes, int] = {}


class _Links:
    """The subjects in each of 2^``height`` buckets, each linked to the one before it: serials plus 1, or 0.

    Replaced as a whole when the heap grows, so that whoever looks for a key needs no lock.
    """

    __slots__ = ("crowds", "heads", "height", "nexts", "shift")

    def __init__(self, height: int) -> None:
        self.height = height
        self.shift = 64 - height
        self.heads = array("I", bytes(4 << height))
        self.nexts = array("I")  # by serial
        self.crowds: dict[int, _Crowd] = {}

    def place(self, key: bytes) -> int:
        """A key's bucket."""
        return int.from_bytes(key[:8], "big") >> self.shift

    def add(self, serial: int, key: bytes, place: int) -> None:
        """Serials that are taken out again are the last that came."""
        nexts = self.nexts
        if self.crowds and place in self.crowds:
            self.crowds[place].serials[key] = serial
            return
        if serial >= len(nexts):
            nexts.extend(array("I", bytes(4 * (serial + 1 - len(nexts)))))
        nexts[serial] = self.heads[place]
        self.heads[place] = serial + 1

    def remove(self, serial: int, key: bytes) -> None:
        place = self.place(key)
        if self.crowds and place in self.crowds:
            del self.crowds[place].serials[key]
        else:
            self.heads[place] = self.nexts[serial]

    def copy(self) -> _Links:
        other = _Links(0)
        other.height, other.shift = self.height, self.shift
        other.heads, other.nexts, other.crowds = self.heads[:], self.nexts[:], deepcopy(self.crowds)
        return other


class SubjectIndex(IndexTree):
    """An index over ``subjects``, whose keys it adds to. A list of one row has the value of its first row.

    A copy shares ``subjects`` with the tree that it is of, ``source``, and asks that for keys that are new to it.
    """

    __slots__ = ("_flags", "_links", "_source", "_values", "subjects")

    LOAD = 3  # half of what a plain tree has: here a record costs more time, and a node as much memory

    def __init__(self, subjects: Subjects, source: SubjectIndex | None = None) -> None:
        self.subjects = subjects
        self._source = source
        self._links = _Links(0)
        self._flags = bytearray()  # by serial
        self._values: dict[int, bytes] = {}  # by serial, of those that are kept
        super().__init__()

    def find(self, key: bytes) -> int | None:
        """The serial of a key, whether or not it has a value. For any thread."""
        links = self._links
        place = int.from_bytes(key[:8], "big") >> links.shift
        at, nexts, is_at = links.heads[place], links.nexts, self.subjects.keys.startswith
        while at:
            if is_at(key, (at - 1) * KEY_SIZE):
                return at - 1
            at = nexts[at - 1]
        crowd = links.crowds.get(place) if links.crowds else None
        return None if crowd is None else crowd.serials.get(key)

    def get(self, key: bytes) -> bytes | None:
        serial = self.find(key)
        return None if serial is None else self._value(serial)

    def copy(self) -> SubjectIndex:
        """A tree of its own over the same subjects."""
        other = SubjectIndex(self.subjects, self)
        other._links, other._flags, other._values = self._links.copy(), self._flags[:], dict(self._values)
        other._heap, other._height, other._count = self._heap[:], self._height, self._count
        return other

    # ---- changing

    def update(self, changes: Mapping[bytes, bytes | None]) -> dict[bytes, bytes | None]:
        return self.change(changes.keys(), {self._serial(key): value for key, value in changes.items()})

    def change(self, keys: Iterable[bytes], changes: Mapping[int, bytes | None]) -> dict[bytes, bytes | None]:
        """As :meth:`update`, by the serials of these keys. Subjects that are new stand in ``subjects`` already."""
        flags, values, links = self._flags, self._values, self._links
        highest = max(changes, default=-1)
        if highest >= len(flags):
            flags.extend(bytes(highest + 1 - len(flags)))
        undo: dict[bytes, bytes | None] = {}
        touched: dict[int, None] = {}
        count = self._count
        for key, (serial, value) in zip(keys, changes.items(), strict=True):
            flag = flags[serial]
            undo[key] = self._value(serial) if flag > _ABSENT else None
            place = int.from_bytes(key[:8], "big") >> links.shift
            if flag == _UNKNOWN:
                links.add(serial, key, place)
            if flag == _KEPT:
                del values[serial]
            count += (value is not None) - (flag > _ABSENT)
            if value is None:
                flags[serial] = _ABSENT
            elif value.startswith(ONE_ROW):
                flags[serial] = _SINGLE
            else:
                flags[serial] = _KEPT
                values[serial] = value
            touched[place] = None
            if links.crowds and (crowd := links.crowds.get(place)) is not None:
                crowd.tree.update({key: value})
        self._count = count
        if not self._fits(count):
            self._relink(count)
            self._hash_all()
            return undo
        heap, foot = self._heap, HASH_SIZE << self._height
        for place in touched:
            at = foot + place * HASH_SIZE
            heap[at : at + HASH_SIZE] = self._bucket_root(place, changes)
        self._rehash(touched)
        return undo

    def forget(self, count: int) -> None:
        """Take all subjects from serial ``count`` on, none of which has a value, out of ``subjects`` again."""
        for serial in range(len(self.subjects) - 1, count - 1, -1):
            if self._flags[serial] not in (_UNKNOWN, _ABSENT):
                raise ValueError(f"subject {serial} has a value")
            if self._flags[serial] == _ABSENT:
                self._links.remove(serial, self.subjects.key(serial))
        del self._flags[count:], self.subjects.firsts[count:], self.subjects.keys[count * KEY_SIZE :]

    def link(self) -> None:
        """Take the subjects that were added since, each with the value of one row. No hash is made before
        :meth:`rebuild`.
        """
        subjects, start, count = self.subjects, len(self._flags), len(self.subjects)
        self._flags += bytes([_SINGLE]) * (count - start)
        self._count += count - start
        if self._fits(count):
            for serial in range(start, count):
                key = subjects.key(serial)
                self._links.add(serial, key, self._links.place(key))
        else:
            self._relink(count)

    def rebuild(self, values: Iterable[tuple[int, bytes]]) -> None:
        """Make all hashes, with these values (by serial) of lists that have more rows."""
        for serial, value in values:
            self._flags[serial] = _KEPT
            self._values[serial] = value
        self._hash_all()

    # ---- what is kept over a restart

    def derived(self) -> dict[str, bytes]:
        """A copy of all that ``subjects`` does not tell."""
        links, count = self._links, len(self._flags)
        return {
            "flags": bytes(self._flags),
            "heads": links.heads.tobytes(),
            "nexts": links.nexts[:count].tobytes(),
            "heap": bytes(self._heap),
            "valued": array("I", self._values).tobytes(),
            "values": b"".join(self._values.values()),
            "crowded": array("I", [one for crowd in links.crowds.values() for one in crowd.serials.values()]).tobytes(),
        }

    def restore(self, parts: Mapping[str, bytes | bytearray]) -> None:
        """Take what :meth:`derived` gave, of the same ``subjects``: the heap, where it can be changed, as it is."""
        heads = array("I", parts["heads"])
        self._height = len(heads).bit_length() - 1
        links = _Links(0)
        links.height, links.shift = self._height, 64 - self._height
        links.heads, links.nexts = heads, array("I", parts["nexts"])
        self._links = links
        self._flags = bytearray(parts["flags"])
        heap = parts["heap"]
        self._heap = heap if isinstance(heap, bytearray) else bytearray(heap)
        self._values = dict(zip(array("I", parts["valued"]), _split(parts["values"], VALUE_SIZE), strict=True))
        self._count = sum(map(self._flags.count, (_SINGLE, _KEPT)))
        for serial in array("I", parts["crowded"]):
            key, value = self.subjects.key(serial), self._value(serial)
            crowd = links.crowds.setdefault(links.place(key), _Crowd())
            crowd.serials[key] = serial
            if value is not None:
                crowd.tree.update({key: value})

    # ---- within

    def _serial(self, key: bytes) -> int:
        if len(key) != KEY_SIZE:
            raise ValueError(f"a key has {KEY_SIZE} bytes")
        serial = self.find(key)
        if serial is None and self._source is not None:
            serial = self._source.find(key)
        if serial is None:
            raise KeyError(key.hex())
        return serial

    def _value(self, serial: int) -> bytes | None:
        flag = self._flags[serial]
        if flag == _SINGLE:
            return ONE_ROW + self.subjects.first_leaf(serial)
        return self._values[serial] if flag == _KEPT else None

    def _bucket(self, place: int) -> list[bytes] | IndexTree:
        crowd = self._links.crowds.get(place)
        return self._bucket_records(place, {}) if crowd is None else crowd.tree

    def _bucket_records(self, place: int, values: Mapping[int, bytes | None]) -> list[bytes]:
        """``values`` are some that are at hand."""
        subjects, flags, nexts = self.subjects, self._flags, self._links.nexts
        keys, firsts, starts, ats = subjects.keys, subjects.firsts, subjects.starts, subjects.ats
        at = self._links.heads[place]
        records = []
        while at:
            serial = at - 1
            at = nexts[serial]
            flag = flags[serial]
            if flag < _SINGLE:
                continue
            key = bytes(keys[serial * KEY_SIZE : serial * KEY_SIZE + KEY_SIZE])
            if (value := values.get(serial)) is not None or flag == _KEPT:
                records.append(key + b"\x28" + (value or self._values[serial]))
            else:
                first = firsts[serial]
                leaf = sha256(_row(first, ats[bisect_right(starts, first) - 1])).digest()
                records.append(key + _ONE_ROW_RECORD + leaf)
        records.sort()
        return records

    def _bucket_root(self, place: int, values: Mapping[int, bytes | None]) -> bytes:
        links = self._links
        crowd = links.crowds.get(place) if links.crowds else None
        if crowd is None:
            records = self._bucket_records(place, values)
            if len(records) <= self.CROWDED:
                return records_root(records)
            crowd = self._crowd(place, records)
        return crowd.tree.root() if len(crowd.tree) else NOTHING

    def _crowd(self, place: int, records: list[bytes]) -> _Crowd:
        links, crowd = self._links, _Crowd()
        crowd.tree.update({record[:KEY_SIZE]: record[KEY_SIZE + 1 :] for record in records})
        at = links.heads[place]
        while at:
            crowd.serials[self.subjects.key(at - 1)] = at - 1
            at = links.nexts[at - 1]
        links.crowds[place] = crowd
        links.heads[place] = 0  # last, for whoever looks for a key meanwhile
        return crowd

    # ---- growing

    def _fits(self, count: int) -> bool:
        return count <= self.LOAD << self._height

    def _relink(self, count: int) -> None:
        """Links for ``count`` subjects; the heap is no longer right."""
        height = self._height
        while count > self.LOAD << height:
            height += 1
        links = _Links(height)
        keys, flags = self.subjects.keys, self._flags
        for serial in range(len(flags)):
            if flags[serial] != _UNKNOWN:
                key = bytes(keys[serial * KEY_SIZE : serial * KEY_SIZE + 8])
                links.add(serial, key, links.place(key))
        self._height = height
        self._links = links

    def _hash_all(self) -> None:
        height, heads = self._height, self._links.heads
        heap = self._heap = bytearray(2 * HASH_SIZE << height)
        for place in range(1 << height):
            if heads[place]:
                at = ((1 << height) + place) * HASH_SIZE
                heap[at : at + HASH_SIZE] = self._bucket_root(place, {})
        for bit in range(height - 1, -1, -1):
            prefix = NODE_PREFIX[bit]
            for at in range(HASH_SIZE << bit, 2 * HASH_SIZE << bit, HASH_SIZE):
                halves = heap[2 * at : 2 * at + 2 * HASH_SIZE]
                if halves.startswith(NOTHING):
                    heap[at : at + HASH_SIZE] = halves[HASH_SIZE:]
                elif halves.endswith(NOTHING):
                    heap[at : at + HASH_SIZE] = halves[:HASH_SIZE]
                else:
                    heap[at : at + HASH_SIZE] = sha256(prefix + halves).digest()


_ONE_ROW_RECORD = b"\x28" + ONE_ROW


def _split(data: bytes | bytearray, size: int) -> list[bytes]:
    return [bytes(data[at : at + size]) for at in range(0, len(data), size)]
