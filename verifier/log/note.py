"""Signed notes (C2SP signed-note): a text, an empty line, and lines that each hold one signature over the text.

A key has a name, an algorithm and 32 bytes; name and *key id* together say which key made a line. Its text form is
the *vkey*, ``name+id+base64``. Lines by keys that the reader does not know are ignored; a line by a known key that
does not verify condemns the note.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256

from verifier.base import crypto
from verifier.base.errors import KembarError, Malformed
from verifier.base.strict import format_b64, parse_b64, parse_hex
from verifier.base.values import value

ED25519 = 0x01
"""Plain Ed25519 over the text: how a log signs."""

COSIGNATURE_V1 = 0x04
"""Ed25519 with a time (C2SP tlog-cosignature): how witnesses and auditors sign; see ``cosignature``."""

ML_DSA_44 = 0x06
"""Post-quantum cosignatures (C2SP tlog-cosignature). Known by its type, so that a policy or a note that has one is read
like any other; nothing here verifies one, so that no line of such a key counts.
"""

MAX_NOTE_SIZE = 131_072
"""Bytes of a whole note. The standard asks for 16 signatures at least, and names 5 kB for one of a later kind."""

MAX_SIGNATURES = 100
"""Signature lines of a note, the limit of Go's implementation."""

KEY_ID_SIZE = 4

_KEY_SIZES = {ED25519: crypto.PUBLIC_KEY_SIZE, COSIGNATURE_V1: crypto.PUBLIC_KEY_SIZE, ML_DSA_44: 1_312}
PREFIX = "— "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
# All characters with Unicode's White_Space property, and "+". Spelled out: what a library calls a space may change.
_NOT_IN_NAMES = frozenset(
    "+\t\n\v\f\r \x85\xa0\u1680"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)


class SignatureError(KembarError):
    """A signature by a known key that does not verify, or no signature by a known key at all."""


@value
class Verifier:
    """A public key with its name: 32 bytes of Ed25519, or the 1,312 bytes of ML-DSA-44."""

    name: str
    algorithm: int
    key: bytes

    @property
    def key_id(self) -> bytes:
        """The first four bytes of H(name || newline || algorithm || key)."""
        return sha256(self.name.encode() + b"\n" + bytes([self.algorithm]) + self.key).digest()[:KEY_ID_SIZE]

    @property
    def is_passed_over(self) -> bool:
        """Whether no signature by it is verified here: it counts for nothing, and makes nothing invalid."""
        return self.algorithm == ML_DSA_44

    def __str__(self) -> str:
        """The text that :func:`parse_vkey` reads."""
        return f"{self.name}+{self.key_id.hex()}+{format_b64(bytes([self.algorithm]) + self.key)}"


@value
class NoteSignature:
    """One signature line: who claims to have signed, and the bytes after the key id."""

    name: str
    key_id: bytes
    signature: bytes


@value
class Note:
    """A text, which ends in a newline, and its signature lines in order, each once. Nothing is verified."""

    text: str
    signatures: tuple[NoteSignature, ...]


def is_name(text: str) -> bool:
    """Whether ``text`` can be a key's name: not empty, no space of any kind, no plus, no control character."""
    if not text or not _NOT_IN_NAMES.isdisjoint(text) or _CONTROL.search(text):
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def parse_vkey(text: str) -> Verifier:
    """A public key from ``name+id+base64``: id in 8 lower-case hex digits, base64 of the algorithm and the key."""
    parts = text.split("+", 2)
    if len(parts) != 3 or not is_name(parts[0]):
        raise Malformed("a key is written name+id+base64, the name without spaces")
    name, key_id, encoded = parts
    material = parse_b64(encoded)
    if not material or material[0] not in _KEY_SIZES:
        raise Malformed("the key's algorithm is not Ed25519 (1), a timestamped cosignature (4) or ML-DSA-44 (6)")
    if len(material) != 1 + _KEY_SIZES[material[0]]:
        raise Malformed(
            f"a key of algorithm {material[0]} has {_KEY_SIZES[material[0]]:,} bytes, this one {len(material) - 1}"
        )
    verifier = Verifier(name=name, algorithm=material[0], key=material[1:])
    if parse_hex(key_id, KEY_ID_SIZE) != verifier.key_id:
        raise Malformed(f"the id of this key under this name is {verifier.key_id.hex()}")
    return verifier


def parse_note(data: bytes | str) -> Note:
    """Take a note apart, strictly; signature lines that repeat another one are dropped.

    Raises :class:`Malformed` for more than :data:`MAX_NOTE_SIZE` bytes or :data:`MAX_SIGNATURES` lines, for bytes
    that are not UTF-8, control characters but the newline, and for any line after the text that is not a signature.
    """
    text = _decode(data)
    if control := _CONTROL.search(text):
        raise Malformed(f"control character U+{ord(control.group()):04X} in a note")
    body, separator, tail = text.rpartition("\n\n")
    if not separator or not tail.endswith("\n"):
        raise Malformed("a note is a text, an empty line, and signature lines that end in a newline each")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise Malformed(f"{len(lines)} signature lines, at most {MAX_SIGNATURES} are allowed")
    signatures = [_parse_signature(line, number) for number, line in enumerate(lines)]
    return Note(text=body + "\n", signatures=tuple(dict.fromkeys(signatures)))


def _decode(data: bytes | str) -> str:
    try:
        raw = data.encode() if isinstance(data, str) else data
        if len(raw) > MAX_NOTE_SIZE:
            raise Malformed(f"a note of {len(raw)} bytes, at most {MAX_NOTE_SIZE} are allowed")
        return raw.decode()
    except UnicodeError:
        raise Malformed("a note is UTF-8") from None


def _parse_signature(line: str, number: int) -> NoteSignature:
    where = f"signatures[{number}]"
    name, space, encoded = line.removeprefix(PREFIX).partition(" ")
    if not line.startswith(PREFIX) or not space or not is_name(name):
        raise Malformed("a signature line is an em dash, a key's name and base64, with a space between", where)
    try:
        raw = parse_b64(encoded)
    except Malformed as error:
        raise error.at(where) from None
    if len(raw) <= KEY_ID_SIZE:
        raise Malformed("no signature after the key id", where)
    return NoteSignature(name=name, key_id=raw[:KEY_ID_SIZE], signature=raw[KEY_ID_SIZE:])


def by_known_keys(
    note: Note, known: Iterable[Verifier]
) -> tuple[list[tuple[Verifier, NoteSignature]], list[NoteSignature]]:
    """The signature lines that name a known key, each with it, and those that do not. Nothing is verified."""
    verifiers = {(verifier.name, verifier.key_id): verifier for verifier in known}
    claimed, unknown = [], []
    for signature in note.signatures:
        verifier = verifiers.get((signature.name, signature.key_id))
        if verifier is None:
            unknown.append(signature)
        else:
            claimed.append((verifier, signature))
    return claimed, unknown


def verify_ed25519(verifier: Verifier, text: str, signature: bytes) -> bool:
    """Whether a plain Ed25519 signature over a note's text is good."""
    if verifier.algorithm != ED25519 or len(signature) != crypto.SIGNATURE_SIZE:
        return False
    return crypto.verify(verifier.key, text.encode(), signature)
