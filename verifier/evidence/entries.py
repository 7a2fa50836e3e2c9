"""The entries of an evidence file, each read apart from the rest of its text.

An entry takes a quarter more than its text when it is read so, and as JSON twice as much, beside that of all others.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from verifier.base.canonical import Json
from verifier.base.errors import Malformed
from verifier.base.strict import MAX_INTEGER, parse_b64, parse_b64u
from verifier.base.values import value
from verifier.evidence.apart import TextPart
from verifier.statements.disclosure import MAX_DISCLOSURE
from verifier.statements.envelope import Envelope, match_envelope

MAX_DISCLOSURES: Final = 6
"""Of one entry: as many as there are sections."""
MAX_PROOF: Final = 64
"""Hashes of an inclusion proof: more than the largest tree's."""

_ENTRY = re.compile(
    rb'\{"disclosures":\[((?:"[A-Za-z0-9_-]++",?)*+)(?<!,)\],"index":(0|[1-9][0-9]{0,15}),"leaf":(\{[^]]*+\]\}),'
    rb'"proof":\[((?:"[A-Za-z0-9+/]{43}=",?)*+)(?<!,)\]\}'
)


@value
class RawEntry:
    """An entry as the file spells it. ``leaf`` is JSON, unread, or already an envelope, whose statement is unread."""

    index: int
    leaf: Json | Envelope
    proof: tuple[bytes, ...]
    disclosures: tuple[str, ...]


def entries_apart(most: int) -> TextPart:
    """The entries of one file."""
    hashes: dict[bytes, bytes] = {}  # most hashes of proofs stand in many
    return TextPart(head=b"", pattern=_ENTRY, depth=4, read=partial(_read, hashes), most=most)


def _read(hashes: dict[bytes, bytes], found: re.Match[bytes]) -> RawEntry | None:
    texts = tuple([one.decode("ascii") for one in found[1][1:-1].split(b'","')]) if found[1] else ()
    index, proof = int(found[2]), found[4][1:-1].split(b'","') if found[4] else []
    envelope = match_envelope(found.string, found.start(3), found.end(3))
    if envelope is None or index > MAX_INTEGER or len(texts) > MAX_DISCLOSURES or len(proof) > MAX_PROOF:
        return None
    try:
        for one in texts:
            if len(one) > MAX_DISCLOSURE:
                return None
            parse_b64u(one)
        read = [parse_b64(one.decode("ascii"), 32) for one in proof]
    except Malformed:
        return None
    return RawEntry(index=index, leaf=envelope, proof=tuple(map(hashes.setdefault, read, read)), disclosures=texts)
