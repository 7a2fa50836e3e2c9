"""What those who sign make: envelopes of a statement and its signatures, and disclosures. A check only reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.strict import format_b64, format_b64u
from verifier.statements.disclosure import parse_disclosure
from verifier.statements.envelope import PAYLOAD_TYPE, Envelope, Signature, envelope_from_json


def format_envelope(payload: bytes, signatures: Iterable[Signature]) -> bytes:
    """The leaf of a statement and its signatures, which are put in order."""
    value = _json(payload, sorted(signatures, key=lambda signature: signature.keyid))
    return envelope_from_json(value).leaf


def unsigned(payload: bytes) -> Envelope:
    """The envelope of a statement that nobody has signed yet: no log takes it."""
    return Envelope(leaf=canonical.encode(_json(payload, ())), signatures=())


def _json(payload: bytes, signatures: Iterable[Signature]) -> Json:
    return {
        "payload": format_b64(payload),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"keyid": one.keyid, "sig": format_b64(one.sig)} for one in signatures],
    }


def format_disclosure(name: str, value: Mapping[str, Json], salt: bytes) -> str:
    """The disclosure of a section; ``salt`` is 16 random bytes, fresh for each (two alike would show that they are)."""
    text = format_b64u(canonical.encode([format_b64u(salt), name, dict(value)]))
    return parse_disclosure(text).text
