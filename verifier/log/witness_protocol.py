"""What goes over the wire between a log and a witness (C2SP tlog-witness, ``add-checkpoint``).

    old 20852014
    PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
    (further lines of the consistency proof)

    (the checkpoint, a signed note)

What comes back is signature lines, each of which begins with an em dash.
"""

from __future__ import annotations

from collections.abc import Sequence

from verifier.base.errors import Malformed
from verifier.base.strict import format_b64, parse_b64, parse_decimal
from verifier.base.values import value
from verifier.log.cosignature import Cosignature, verify_cosignature
from verifier.log.hashing import HASH_SIZE
from verifier.log.note import MAX_NOTE_SIZE, NoteSignature, SignatureError, Verifier, by_known_keys, parse_note
from verifier.log.proofs import MAX_SIZE
from verifier.log.writing import format_note

MAX_PROOF = 63
"""Lines of a consistency proof: no tree is higher."""

MAX_REQUEST = 32 + MAX_PROOF * 45 + MAX_NOTE_SIZE
"""Bytes of a whole request."""

MAX_ANSWER = MAX_NOTE_SIZE
"""Bytes of an answer that a client reads."""

SIZE_TYPE = "text/x.tlog.size"
"""The media type of a 409 that tells which size the witness knows."""

_OLD = "old "


@value
class Request:
    """``proof`` leads from the tree of ``old`` leaves to that of the checkpoint in ``note``, which is not read yet."""

    old: int
    proof: tuple[bytes, ...]
    note: bytes


def parse_request(body: bytes) -> Request:
    """Read the body of ``add-checkpoint``, strictly; :class:`Malformed` says what is wrong."""
    if len(body) > MAX_REQUEST:
        raise Malformed(f"{len(body)} bytes, at most {MAX_REQUEST} are allowed")
    head, separator, note = body.partition(b"\n\n")
    if not separator or not head.isascii():
        raise Malformed("a request is a line 'old SIZE', lines of a proof, an empty line and a checkpoint")
    first, *lines = head.decode("ascii").split("\n")
    if not first.startswith(_OLD):
        raise Malformed("the first line is 'old', a space and a size", "old")
    try:
        old = parse_decimal(first.removeprefix(_OLD))
    except Malformed as error:
        raise error.at("old") from None
    if old > MAX_SIZE:
        raise Malformed("larger than 2^63 - 1", "old")
    if len(lines) > MAX_PROOF:
        raise Malformed(f"has {len(lines)} lines, at most {MAX_PROOF} are allowed", "proof")
    proof = []
    for number, line in enumerate(lines):
        try:
            proof.append(parse_b64(line, HASH_SIZE))
        except Malformed as error:
            raise error.at(f"proof[{number}]") from None
    return Request(old=old, proof=tuple(proof), note=note)


def format_request(old: int, proof: Sequence[bytes], note: str) -> bytes:
    """The body that :func:`parse_request` reads."""
    lines = [f"{_OLD}{old}", *map(format_b64, proof), ""]
    return "".join(f"{line}\n" for line in lines).encode("ascii") + note.encode("utf-8")


def parse_cosignatures(answer: bytes, text: str, witness: Verifier) -> tuple[NoteSignature, Cosignature]:
    """The latest cosignature on a checkpoint's ``text`` by ``witness`` in the body of a 200; others are ignored.

    Raises :class:`Malformed`, or :class:`SignatureError` if there is none or one that does not verify.
    """
    try:
        note = parse_note(text.encode("utf-8") + b"\n" + answer)
    except Malformed as error:
        raise Malformed(f"the answer is not signature lines: {error}") from None
    if note.text != text:
        raise Malformed("the answer is not signature lines")
    claimed, _ = by_known_keys(note, [witness])
    found = [(line, verify_cosignature(witness, text, line.signature)) for _, line in claimed]
    if not found:
        raise SignatureError(f"the answer holds no cosignature by {witness}")
    return max(found, key=lambda pair: pair[1].timestamp)


def format_cosignature(line: NoteSignature) -> bytes:
    """The body of a 200."""
    return format_note("\n", [line]).encode("utf-8")[2:]
