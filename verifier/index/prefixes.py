"""A part of the index, to be asked for without saying which subject is meant (protocol, section 6.1).

All entries whose keys begin alike, with the way from them to the root. Whoever has checked it knows of each of some two
hundred subjects whether there is a list about it, and which: presence and absence follow without another question.
"""

from __future__ import annotations

from collections.abc import Sequence

from verifier.base.values import value
from verifier.index.proofs import (
    KEY_SIZE,
    VALUE_SIZE,
    check_absence,
    check_path,
    subject_key,
)
from verifier.index.records import record_of, walk
from verifier.index.shown import Absence, Presence
from verifier.log.proofs import ProofError

CROWD = 192
"""Keys that share a prefix, on average at least."""
FEW = 96
"""An answer with fewer entries hides too little; there may be fewer only where the whole index is one part."""
MOST = 2_000
"""Entries of an answer: of more it is refused."""


@value
class IndexPart:
    """``entries`` are (key, value), rising by key; where there is none, ``other`` shows it, as in an absence."""

    entries: tuple[tuple[bytes, bytes], ...]
    path: tuple[tuple[int, bytes], ...]
    other: tuple[bytes, bytes] | None = None


def bits_for(count: int) -> int:
    """How many bits a prefix has in an index of so many keys: the floor of log2(count / 192), at least 0."""
    return max((count // CROWD).bit_length() - 1, 0)


def number_of(key: bytes, bits: int) -> int:
    """The first bits of a key as a number."""
    return int.from_bytes(key, "big") >> (256 - bits)


def prefix_hex(number: int, bits: int) -> str:
    """A prefix as it is asked for: its bits from the left, in as few hex digits as hold them, the rest of them 0."""
    digits = -(-bits // 4)
    return f"{number << 4 * digits - bits:0{digits}x}" if digits else ""


def check_part(root: bytes, bits: int, number: int, part: IndexPart) -> None:
    """That a part is all that the index with this ``root`` has under a prefix. Raises :class:`ProofError` if not.

    Without entries there is nothing to check yet: :func:`find` judges the absence of each subject for itself.
    """
    before = b""
    for key, entry in part.entries:
        if len(key) != KEY_SIZE or len(entry) != VALUE_SIZE or not key > before:
            raise ProofError("entries rise strictly by their keys of 32 bytes, with values of 40")
        if not any(entry[:8]):
            raise ProofError("a value with a list of size 0")
        if number_of(key, bits) != number:
            raise ProofError("an entry does not begin with the prefix")
        before = key
    if not part.entries:
        return
    if part.other is not None:
        raise ProofError("another entry is shown beside those that begin with the prefix")
    if any(bit >= bits for bit, _ in part.path):
        raise ProofError("the path from the entries looks at bits within them")
    # The root over the entries is in the path of any of them, so that the path of the first proves them all.
    key, entry = part.entries[0]
    _, inner = walk(_records(part.entries), key)
    check_path(root, key, entry, (*reversed(inner), *part.path))


def find(root: bytes, subject: str, part: IndexPart) -> Presence | Absence:
    """What a part that was checked says of a subject whose key begins with its prefix. Raises :class:`ProofError` where
    it does not say."""
    key = subject_key(subject)
    if not part.entries:
        other_k, other_v = part.other if part.other is not None else (None, None)
        check_absence(root, subject, other_k, other_v, part.path)
        return Absence(other_k=other_k, other_v=other_v, path=part.path)
    record, inner = walk(_records(part.entries), key)
    path = (*reversed(inner), *part.path)
    found, entry = record[:KEY_SIZE], record[KEY_SIZE + 1 :]
    if found == key:
        check_path(root, key, entry, path)
        return Presence(value=entry, path=path)
    check_absence(root, subject, found, entry, path)
    return Absence(other_k=found, other_v=entry, path=path)


def _records(entries: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
    return [record_of(key, entry) for key, entry in entries]
