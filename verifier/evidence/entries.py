"""The entries of an evidence file, cut out of its text one by one before the rest of it is read as JSON.

An entry takes a quarter more than its text when it is read, and twice as much as JSON, beside that of all others. What
the text is, and what is wrong with it, stays the same: entries are cut out only if all are written as they must be.
"""

from __future__ import annotations

import re
from typing import Final

from verifier.base.canonical import Json
from verifier.base.errors import Malformed
from verifier.base.strict import MAX_INTEGER, parse_b64, parse_b64u
from verifier.base.values import value
from verifier.statements.disclosure import MAX_DISCLOSURE
from verifier.statements.envelope import Envelope, match_envelope

MAX_DISCLOSURES: Final = 6
"""Of one entry: as many as there are sections."""
MAX_PROOF: Final = 64
"""Hashes of an inclusion proof: more than the largest tree's."""

_HEAD = re.compile(rb'\{"checkpoint":"(?:[^"\\]|\\.)*+","entries":\[(?=\{)', re.DOTALL)
_ENTRY = re.compile(
    rb'\{"disclosures":\[((?:"[A-Za-z0-9_-]++",?)*+)(?<!,)\],"index":(0|[1-9][0-9]{0,15}),"leaf":(\{[^]]*+\]\}),'
    rb'"proof":\[((?:"[A-Za-z0-9+/]{43}=",?)*+)(?<!,)\]\}'
)
_NEXT = re.compile(rb",(?=\{)")


@value
class RawEntry:
    """An entry as the file spells it. ``leaf`` is JSON, unread, or already an envelope, whose statement is unread."""

    index: int
    leaf: Json | Envelope
    proof: tuple[bytes, ...]
    disclosures: tuple[str, ...]


def cut_entries(data: bytes) -> tuple[bytes, list[RawEntry]] | None:
    """An evidence file's text without its entries, and these; None if some are not as they must be, or none are there.

    The entries need not rise, and may be more than a file can hold.
    """
    head = _HEAD.match(data)
    if head is None:
        return None
    entries: list[RawEntry] = []
    hashes: dict[bytes, bytes] = {}  # most hashes of proofs stand in many
    place = head.end()
    while (found := _ENTRY.match(data, place)) is not None and (entry := _read(found, hashes)) is not None:
        entries.append(entry)
        place = found.end()
        if (further := _NEXT.match(data, place)) is None:
            return (data[: head.end()] + data[place:], entries) if data.startswith(b"]", place) else None
        place = further.end()
    return None


def _read(found: re.Match[bytes], hashes: dict[bytes, bytes]) -> RawEntry | None:
    disclosures = [one.decode("ascii") for one in found[1][1:-1].split(b'","')] if found[1] else []
    index, proof = int(found[2]), found[4][1:-1].split(b'","') if found[4] else []
    envelope = match_envelope(found.string, found.start(3), found.end(3))
    if envelope is None or index > MAX_INTEGER or len(disclosures) > MAX_DISCLOSURES or len(proof) > MAX_PROOF:
        return None
    try:
        for one in disclosures:
            if len(one) > MAX_DISCLOSURE:
                return None
            parse_b64u(one)
        read = [parse_b64(one.decode("ascii"), 32) for one in proof]
    except Malformed:
        return None
    kept = tuple([hashes.setdefault(one, one) for one in read])
    return RawEntry(index=index, leaf=envelope, proof=kept, disclosures=tuple(disclosures))
