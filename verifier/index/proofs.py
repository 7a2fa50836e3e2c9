"""The index: a Merkle Patricia tree from every subject to its complete list of entries (protocol, section 6).

A *list* is the entries that touch a subject, in log order; a *row* of it is (index, logged time). The tree maps the
subject's key k (32 bytes) to the list's value v (40 bytes, its size and RFC 6962 root). It has an inner node exactly
where the keys below it differ, and the node names the first bit in which they do, so the root depends on nothing but
the map. One path from the root to an entry proves either that the subject has precisely this list (*presence*) or,
where it leads to another key, that it has none (*absence*).

This is all that a verifier needs; :mod:`verifier.index.tree` keeps a tree as it grows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import TypeAlias

from verifier.log import hashing
from verifier.log.hashing import HASH_SIZE, leaf_hash
from verifier.log.proofs import ProofError

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
    return hashing.root(leaf_hash(list_leaf(index, logged)) for index, logged in rows)


def list_value(size: int, root: bytes) -> bytes:
    """What the index holds for a list of ``size`` rows with this root: 40 bytes."""
    if size < 1 or len(root) != HASH_SIZE:
        raise ValueError("a list in the index has at least one row and a root of 32 bytes")
    return size.to_bytes(8, "big") + root


def entry_hash(key: bytes, value: bytes) -> bytes:
    """H(0x00 || uv(32) || k || uv(40) || v): the hash of the tree that holds only this entry."""
    return sha256(b"\x00\x20" + key + b"\x28" + value).digest()


def node_hash(bit: int, left: bytes, right: bytes) -> bytes:
    """H(0x01 || uv(bit) || left || right); ``bit`` 0 to 255 as an unsigned LEB128 varint."""
    return sha256(NODE_PREFIX[bit] + left + right).digest()


NODE_PREFIX = [b"\x01" + (bytes([bit]) if bit < 128 else bytes([bit & 0x7F | 0x80, bit >> 7])) for bit in range(256)]


def check_presence(root: bytes, subject: str, value: bytes, path: Path) -> None:
    """That the index with this ``root`` maps ``subject`` to ``value``. Raises :class:`ProofError` if not."""
    check_path(root, subject_key(subject), value, path)


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
    check_path(root, other_k, other_v, path)
    if other_k == key:
        raise ProofError("the other entry is the subject's own")
    for bit, _ in path:
        if bit_of(key, bit) != bit_of(other_k, bit):
            raise ProofError(f"the other entry parts from the subject at bit {bit}, which the path uses")


def check_path(root: bytes, key: bytes, value: bytes, path: Path) -> None:
    """That the index with this ``root`` maps a key to ``value``. Raises :class:`ProofError` if not."""
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
