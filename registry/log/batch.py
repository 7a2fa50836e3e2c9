"""A row of the log's database: one batch of entries, and what it would be slow to read out of their leaves again."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Entries ``first`` .. ``size`` - 1 and their seal, which stands at ``size``.

    ``leaves`` are the leaves one after the other, ``lengths`` their sizes (uint16 little-endian each), ``hashes`` their
    leaf hashes and ``ids`` their statements' ids (32 bytes each). ``touches`` says which subjects each entry touches
    (:func:`pack_touches`), ``subjects`` are the keys of those that no entry touched before (32 bytes each).
    ``digests`` are the digests of all sections, ``keys`` all keys that become known (32 bytes each). ``at`` is
    the seal's, in POSIX seconds. ``tree`` is the root of the log's tree with this batch and its seal, ``index`` that of
    the index which the seal holds: whoever makes tree and index of the rows sees by them that nothing was damaged.
    """

    first: int
    size: int
    at: int
    leaves: bytes
    lengths: bytes
    hashes: bytes
    ids: bytes
    touches: bytes
    subjects: bytes
    digests: bytes
    keys: bytes
    tree: bytes
    index: bytes

    def checksum(self) -> bytes:
        """SHA-256 over all but the leaves, whose hashes are in it: each column with its length, in this order."""
        digest = sha256()
        for name in CHECKED_COLUMNS:
            column = getattr(self, name)
            data = column if isinstance(column, bytes) else column.to_bytes(8, "big")
            digest.update(len(data).to_bytes(8, "big"))
            digest.update(data)
        return digest.digest()


CHECKED_COLUMNS = (
    "first", "size", "at", "lengths", "hashes", "ids", "touches", "subjects", "digests", "keys", "tree", "index",
)  # fmt: skip


def split_hashes(data: bytes) -> list[bytes]:
    """32 bytes each."""
    return [data[at : at + 32] for at in range(0, len(data), 32)]


def pack_touches(serials: Sequence[Sequence[int]]) -> bytes:
    """For each entry the number of subjects that it touches (uint16), then all serials (uint32); little-endian."""
    counts = array("H", [len(row) for row in serials])
    return _little(counts) + _little(array("I", [serial for row in serials for serial in row]))


def unpack_touches(data: bytes, entries: int) -> list[array[int]]:
    """The inverse of :func:`pack_touches`."""
    counts, serials = array("H"), array("I")
    counts.frombytes(data[: 2 * entries])
    serials.frombytes(data[2 * entries :])
    if sys.byteorder == "big":
        counts.byteswap()
        serials.byteswap()
    found = []
    start = 0
    for count in counts:
        found.append(serials[start : start + count])
        start += count
    if start != len(serials):
        raise ValueError("a touches column whose counts do not add up")
    return found


def pack_lengths(leaves: Iterable[bytes]) -> bytes:
    """The size of each leaf (uint16, little-endian)."""
    return _little(array("H", [len(leaf) for leaf in leaves]))


def unpack_lengths(data: bytes) -> array[int]:
    """The inverse of :func:`pack_lengths`."""
    lengths = array("H")
    lengths.frombytes(data)
    if sys.byteorder == "big":
        lengths.byteswap()
    return lengths


def _little(numbers: array[int]) -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()
