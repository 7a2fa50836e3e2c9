"""Entries of the index that lie side by side: the root of the tree over them, and the way to one of them.

A record is an entry without the first two bytes that its hash covers: k, uv(40), v.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from verifier.index.proofs import KEY_SIZE, NODE_PREFIX, VALUE_SIZE, bit_of
from verifier.log.hashing import HASH_SIZE

NOTHING = bytes(HASH_SIZE)
"""In place of the root of no records."""
RECORD = KEY_SIZE + 1 + VALUE_SIZE


def record_of(key: bytes, value: bytes) -> bytes:
    """An entry's record."""
    return key + b"\x28" + value


def walk(records: Sequence[bytes], key: bytes) -> tuple[bytes, list[tuple[int, bytes]]]:
    """Go down towards ``key`` in the tree over sorted records, at least one: where that ends, and (bit, sibling) of
    each node on the way, from the root down."""
    path = []
    while len(records) > 1:
        bit = 256 - (int.from_bytes(records[0][:32], "big") ^ int.from_bytes(records[-1][:32], "big")).bit_length()
        left = [record for record in records if not bit_of(record, bit)]
        right = records[len(left) :]
        records, others = (right, left) if bit_of(key, bit) else (left, right)
        path.append((bit, records_root(others)))
    return records[0], path


def records_root(records: Sequence[bytes]) -> bytes:
    """The root of the tree over sorted records alone; 32 zero bytes of none.

    ``hashes`` are subtrees that wait for a right neighbour, ``bits`` the bits that part each from the next: rising,
    for a node is made as soon as its neighbour turns out to part from it earlier than its halves part.
    """
    if len(records) < 3:  # by far the most common where buckets are small
        leaves = [sha256(b"\x00\x20" + record).digest() for record in records]
        if len(records) < 2:
            return leaves[0] if leaves else NOTHING
        keys = [int.from_bytes(record[:KEY_SIZE], "big") for record in records]
        return sha256(NODE_PREFIX[256 - (keys[0] ^ keys[1]).bit_length()] + leaves[0] + leaves[1]).digest()
    hashes: list[bytes] = []
    bits: list[int] = []
    before = 0
    for record in records:
        number = int.from_bytes(record[:KEY_SIZE], "big")
        if hashes:
            bit = 256 - (before ^ number).bit_length()
            while bits and bits[-1] > bit:
                right = hashes.pop()
                hashes[-1] = sha256(NODE_PREFIX[bits.pop()] + hashes[-1] + right).digest()
            bits.append(bit)
        hashes.append(sha256(b"\x00\x20" + record).digest())
        before = number
    while bits:
        right = hashes.pop()
        hashes[-1] = sha256(NODE_PREFIX[bits.pop()] + hashes[-1] + right).digest()
    return hashes[0]
