"""Log proofs (C2SP tlog-proof, v1): one file that shows that an entry is in a log, to a reader without a network.

    c2sp.org/tlog-proof@v1
    index 3
    <base64 of each hash of the inclusion proof, one a line>

    <the checkpoint, verbatim>
"""

from __future__ import annotations

from verifier.base.errors import Malformed
from verifier.base.strict import format_b64, parse_b64, parse_decimal
from verifier.base.values import value
from verifier.log.hashing import HASH_SIZE
from verifier.log.note import MAX_NOTE_SIZE
from verifier.log.proofs import MAX_SIZE, check_inclusion
from verifier.log.trust import Policy, TrustedCheckpoint, open_checkpoint

HEADER = "c2sp.org/tlog-proof@v1"
MAX_EXTRA_SIZE = 65_536
MAX_HASHES = 63
"""No leaf of a tree of 2^63 - 1 lies deeper."""

MAX_LOG_PROOF_SIZE = MAX_NOTE_SIZE + 2 * MAX_EXTRA_SIZE


@value
class LogProof:
    """The entry at ``index`` is in the tree of ``checkpoint`` (a signed note, not parsed). ``extra`` proves nothing."""

    index: int
    proof: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None


def parse_log_proof(data: bytes | str) -> LogProof:
    """Take the file apart, strictly; nothing is verified, and the checkpoint is left as it is."""
    try:
        raw = data.encode() if isinstance(data, str) else data
        if len(raw) > MAX_LOG_PROOF_SIZE:
            raise Malformed(f"a log proof of {len(raw)} bytes, at most {MAX_LOG_PROOF_SIZE} are allowed")
        text = raw.decode()
    except UnicodeError:
        raise Malformed("a log proof is UTF-8") from None
    head, separator, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if lines.pop(0) != HEADER:
        raise Malformed(f"a log proof begins with the line {HEADER}")
    if not separator:
        raise Malformed("no empty line before the checkpoint")
    extra = _parse_extra(lines.pop(0)[6:]) if lines and lines[0].startswith("extra ") else None
    if not lines or not lines[0].startswith("index "):
        raise Malformed("no line 'index NUMBER'")
    try:
        index = parse_decimal(lines.pop(0)[6:])
    except Malformed as error:
        raise error.at("index") from None
    if index >= MAX_SIZE:
        raise Malformed("larger than 2^63 - 2", "index")
    if len(lines) > MAX_HASHES:
        raise Malformed(f"{len(lines)} hashes, at most {MAX_HASHES} are possible", "proof")
    proof = []
    for number, line in enumerate(lines):
        try:
            proof.append(parse_b64(line, HASH_SIZE))
        except Malformed as error:
            raise error.at(f"proof[{number}]") from None
    return LogProof(index=index, proof=tuple(proof), checkpoint=checkpoint, extra=extra)


def _parse_extra(text: str) -> bytes:
    try:
        extra = parse_b64(text)
    except Malformed as error:
        raise error.at("extra") from None
    if not 0 < len(extra) <= MAX_EXTRA_SIZE:
        raise Malformed(f"{len(extra)} bytes; without extra data there is no such line", "extra")
    return extra


def format_log_proof(log_proof: LogProof) -> str:
    """The text that :func:`parse_log_proof` reads."""
    lines = [HEADER]
    if log_proof.extra is not None:
        lines.append(f"extra {format_b64(log_proof.extra)}")
    lines.append(f"index {log_proof.index}")
    lines += [format_b64(item) for item in log_proof.proof]
    return "\n".join(lines) + "\n\n" + log_proof.checkpoint


def check_log_proof(log_proof: LogProof, leaf_hash: bytes, policy: Policy) -> TrustedCheckpoint:
    """That the log which ``policy`` trusts holds the leaf with this hash at the proof's index.

    Raises what :func:`~verifier.log.trust.open_checkpoint` does, and ``ProofError``.
    """
    trusted = open_checkpoint(log_proof.checkpoint, policy)
    checkpoint = trusted.checkpoint
    check_inclusion(leaf_hash, log_proof.index, checkpoint.size, log_proof.proof, checkpoint.root)
    return trusted
