"""What logs and witnesses write: checkpoints, notes and the lines that sign them; and policies. A check reads alone."""

from __future__ import annotations

from collections.abc import Iterable

from verifier.base.private_keys import SigningKey
from verifier.base.strict import MAX_INSTANT, format_b64
from verifier.log.checkpoint import Checkpoint
from verifier.log.cosignature import TIME_SIZE, cosigned_text
from verifier.log.note import COSIGNATURE_V1, ED25519, PREFIX, NoteSignature, Verifier, is_name
from verifier.log.trust import NO_QUORUM, Policy


def format_checkpoint(checkpoint: Checkpoint) -> str:
    """The text that :func:`verifier.log.checkpoint.parse_checkpoint` reads."""
    return f"{checkpoint.origin}\n{checkpoint.size}\n{format_b64(checkpoint.root)}\n"


def format_note(text: str, signatures: Iterable[NoteSignature]) -> str:
    """The note that :func:`verifier.log.note.parse_note` reads; ``text`` ends in a newline."""
    if not text.endswith("\n"):
        raise ValueError("the text of a note ends in a newline")
    return text + "\n" + "".join(
        f"{PREFIX}{signature.name} {format_b64(signature.key_id + signature.signature)}\n" for signature in signatures
    )


class Signer:
    """A log's private key with its name."""

    __slots__ = ("_key", "verifier")

    def __init__(self, name: str, key: SigningKey) -> None:
        if not is_name(name):
            raise ValueError(f"{name!r} cannot be the name of a key")
        self._key = key
        self.verifier = Verifier(name=name, algorithm=ED25519, key=key.public)

    def sign(self, text: str) -> NoteSignature:
        """The line that makes ``text``, which ends in a newline, this key's."""
        verifier = self.verifier
        return NoteSignature(name=verifier.name, key_id=verifier.key_id, signature=self._key.sign(text.encode()))


class Cosigner:
    """A witness's or auditor's private key with its name. An auditor's name ends in ``/kembar-auditor``."""

    __slots__ = ("_key", "verifier")

    def __init__(self, name: str, key: SigningKey) -> None:
        if not is_name(name):
            raise ValueError(f"{name!r} cannot be the name of a key")
        self._key = key
        self.verifier = Verifier(name=name, algorithm=COSIGNATURE_V1, key=key.public)

    def sign(self, text: str, timestamp: int) -> NoteSignature:
        """Cosign a checkpoint's text at ``timestamp`` (POSIX seconds, up to the year 9999)."""
        if not 0 <= timestamp <= MAX_INSTANT:
            raise ValueError("a cosignature is made between 1970 and 9999")
        verifier = self.verifier
        signature = timestamp.to_bytes(TIME_SIZE, "big") + self._key.sign(cosigned_text(text, timestamp))
        return NoteSignature(name=verifier.name, key_id=verifier.key_id, signature=signature)


def format_policy(policy: Policy) -> str:
    """The text that :func:`verifier.log.trust.parse_policy` reads."""
    lines = [["log", str(log.verifier), log.url or ""] for log in policy.logs]
    lines += [["witness", witness.name, str(witness.verifier), witness.url or ""] for witness in policy.witnesses]
    for group in policy.groups:
        shorthand = {1: "any", len(group.members): "all"}
        lines.append(["group", group.name, shorthand.get(group.threshold, str(group.threshold)), *group.members])
    lines.append(["quorum", policy.quorum or NO_QUORUM])
    return "".join(" ".join(word for word in line if word) + "\n" for line in lines)
