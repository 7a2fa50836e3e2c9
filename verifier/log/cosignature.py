"""Cosignatures (C2SP tlog-cosignature, v1): a witness says that at this time the log had grown to this checkpoint.

What is signed is ``cosignature/v1``, ``time <POSIX seconds>`` and the checkpoint's text, each line with its newline;
what stands in the note is the time in eight bytes and the signature.
"""

from __future__ import annotations

from verifier.base import crypto
from verifier.base.strict import MAX_INSTANT
from verifier.base.values import value
from verifier.log.note import COSIGNATURE_V1, NoteSignature, SignatureError, Verifier, is_name

_TIME_SIZE = 8


@value
class Cosignature:
    """A verified cosignature: whose key, and when (POSIX seconds)."""

    verifier: Verifier
    timestamp: int


def _message(text: str, timestamp: int) -> bytes:
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()


def verify_cosignature(verifier: Verifier, text: str, signature: bytes) -> Cosignature:
    """Verify one on a checkpoint's text. Raises :class:`SignatureError`.

    A time past the year 9999 does not verify, good signature or not: it could not be written as an instant.
    """
    timestamp = int.from_bytes(signature[:_TIME_SIZE], "big")
    if (
        verifier.algorithm != COSIGNATURE_V1
        or len(signature) != _TIME_SIZE + crypto.SIGNATURE_SIZE
        or timestamp > MAX_INSTANT
        or not crypto.verify(verifier.key, _message(text, timestamp), signature[_TIME_SIZE:])
    ):
        raise SignatureError(f"the cosignature by {verifier.name} does not verify")
    return Cosignature(verifier=verifier, timestamp=timestamp)


class Cosigner:
    """A witness's or auditor's private key with its name. An auditor's name ends in ``/kembar-auditor``."""

    __slots__ = ("_key", "verifier")

    def __init__(self, name: str, key: crypto.SigningKey) -> None:
        if not is_name(name):
            raise ValueError(f"{name!r} cannot be the name of a key")
        self._key = key
        self.verifier = Verifier(name=name, algorithm=COSIGNATURE_V1, key=key.public)

    def sign(self, text: str, timestamp: int) -> NoteSignature:
        """Cosign a checkpoint's text at ``timestamp`` (POSIX seconds, up to the year 9999)."""
        if not 0 <= timestamp <= MAX_INSTANT:
            raise ValueError("a cosignature is made between 1970 and 9999")
        verifier = self.verifier
        signature = timestamp.to_bytes(_TIME_SIZE, "big") + self._key.sign(_message(text, timestamp))
        return NoteSignature(name=verifier.name, key_id=verifier.key_id, signature=signature)
