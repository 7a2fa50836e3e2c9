"""Cosignatures (C2SP tlog-cosignature, v1): a witness says that at this time the log had grown to this checkpoint.

What is signed is ``cosignature/v1``, ``time <POSIX seconds>`` and the checkpoint's text, each line with its newline;
what stands in the note is the time in eight bytes and the signature.
"""

from __future__ import annotations

from verifier.base import crypto
from verifier.base.strict import MAX_INSTANT
from verifier.base.values import value
from verifier.log.note import COSIGNATURE_V1, SignatureError, Verifier

TIME_SIZE = 8


@value
class Cosignature:
    """A verified cosignature: whose key, and when (POSIX seconds)."""

    verifier: Verifier
    timestamp: int


def cosigned_text(text: str, timestamp: int) -> bytes:
    """What a cosignature signs."""
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()


def verify_cosignature(verifier: Verifier, text: str, signature: bytes) -> Cosignature:
    """Verify one on a checkpoint's text. Raises :class:`SignatureError`.

    A time past the year 9999 does not verify, good signature or not: it could not be written as an instant.
    """
    timestamp = int.from_bytes(signature[:TIME_SIZE], "big")
    if (
        verifier.algorithm != COSIGNATURE_V1
        or len(signature) != TIME_SIZE + crypto.SIGNATURE_SIZE
        or timestamp > MAX_INSTANT
        or not crypto.verify(verifier.key, cosigned_text(text, timestamp), signature[TIME_SIZE:])
    ):
        raise SignatureError(f"the cosignature by {verifier.name} does not verify")
    return Cosignature(verifier=verifier, timestamp=timestamp)
