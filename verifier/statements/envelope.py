"""Envelopes: a statement and its signatures, DSSE v1 as canonical JSON; the leaf of the log (protocol, section 3.1).

The leaf bytes that were read are kept beside the parsed view and never written anew.
"""

from __future__ import annotations

import re
from binascii import a2b_base64
from operator import ge
from typing import Annotated, Final

from verifier.base import canonical, crypto
from verifier.base.canonical import Json
from verifier.base.errors import Malformed
from verifier.base.strict import parse_b64
from verifier.base.values import value
from verifier.statements.readers import Id, array_of, b64_of, choice, hex64, record, text
from verifier.statements.types import MAX_LEAF

PAYLOAD_TYPE: Final = "application/vnd.kembar.statement+json"
MAX_SIGNATURES: Final = 24


@value(kw_only=False)
class Signature:
    """An Ed25519 signature over the PAE of the statement. ``keyid`` is the public key itself, in hex."""

    keyid: Id
    sig: Annotated[bytes, b64_of(crypto.SIGNATURE_SIZE)]


@value
class Envelope:
    """``leaf`` is the envelope's own bytes."""

    leaf: bytes
    signatures: tuple[Signature, ...]

    @property
    def payload(self) -> bytes:
        """The statement's bytes, not yet parsed. They are kept in the leaf alone, where they stand in base64."""
        start = len(_HEAD)
        return a2b_base64(self.leaf[start : self.leaf.index(b'"', start)])

    @property
    def signers(self) -> frozenset[str]:
        """The keys (hex) on it."""
        return frozenset([signature.keyid for signature in self.signatures])


def _payload(value: Json) -> bytes:
    return parse_b64(text(value))


@value
class _Members:
    payload: Annotated[bytes, _payload]
    payloadType: Annotated[str, choice((PAYLOAD_TYPE,))]
    signatures: Annotated[tuple[Signature, ...], array_of(record(Signature), 1, MAX_SIGNATURES)]


_read = record(_Members)

_HEAD = b'{"payload":"'
# Both parts in base64 without spare bits. All signatures are of one length.
_PAYLOAD = rb"[A-Za-z0-9+/]+(?:[AEIMQUYcgkosw048]=|[AQgw]==|)"
_SIGNATURE = rb'\{"keyid":"[0-9a-f]{64}","sig":"[A-Za-z0-9+/]{85}[AQgw]=="\}'
_LEAF = re.compile(
    rb'%b(%b)","payloadType":"%b","signatures":\[(%b(?:,%b){0,23})\]\}'
    % (re.escape(_HEAD), _PAYLOAD, re.escape(PAYLOAD_TYPE.encode()), _SIGNATURE, _SIGNATURE)
)
_KEYID, _SIG, _STEP = 10, 83, 174


def parse_envelope(leaf: bytes) -> Envelope:
    """Read a leaf. The statement inside is for :func:`parse_statement`, the signatures for :func:`check_signatures`."""
    return match_envelope(leaf, 0, len(leaf)) or _envelope(leaf, canonical.parse(leaf, limit=MAX_LEAF))


def match_envelope(data: bytes, start: int, end: int) -> Envelope | None:
    """The envelope that is ``data[start:end]``, if it is good: a good one has only one spelling, and no string in it an
    escape. None for any other, so that the readers say what is wrong; this is twice as fast as they are, which whoever
    reads a whole log will notice.
    """
    match = _LEAF.fullmatch(data, start, end) if end - start <= MAX_LEAF else None
    if match is None or len(match[1]) % 4:
        return None
    listed = match[2].decode("ascii")
    signatures = [
        Signature(hex64(listed[at + _KEYID : at + _KEYID + 64]), a2b_base64(listed[at + _SIG : at + _SIG + 88]))
        for at in range(0, len(listed), _STEP)
    ]
    keys = [signature.keyid for signature in signatures]
    if any(map(ge, keys, keys[1:])):
        return None
    return Envelope(leaf=match[0], signatures=tuple(signatures))


def envelope_from_json(value: Json) -> Envelope:
    """The envelope in a larger canonical JSON text, such as an evidence file; its leaf is its canonical encoding."""
    canonical.check(value, canonical.MAX_DEPTH)
    leaf = canonical.encode(value)
    if len(leaf) > MAX_LEAF:
        raise Malformed(f"{len(leaf)} bytes, at most {MAX_LEAF} are allowed")
    return _envelope(leaf, value)


def pae(payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """What is signed: DSSE's pre-authentication encoding. Its lengths count bytes, not characters."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def check_signatures(envelope: Envelope) -> int | None:
    """The place of the first signature that libsodium refuses, or None."""
    message = pae(envelope.payload)
    for place, signature in enumerate(envelope.signatures):
        if not crypto.verify(bytes.fromhex(signature.keyid), message, signature.sig):
            return place
    return None


def _envelope(leaf: bytes, value: Json) -> Envelope:
    members = _read(value)
    signatures = members.signatures
    for place in range(1, len(signatures)):
        if signatures[place - 1].keyid >= signatures[place].keyid:
            raise Malformed("signatures must rise strictly by keyid, no keyid twice", f"signatures[{place}].keyid")
    return Envelope(leaf=leaf, signatures=signatures)
