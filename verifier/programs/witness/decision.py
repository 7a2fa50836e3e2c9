"""What a witness answers, from a request and what it knows of the log (C2SP tlog-witness), in the standard's order:

===  =====================================================================================
400  the request cannot be read
404  the checkpoint's origin is not a log that this witness watches
403  no line is by a key of that log, or one that is does not verify; lines by other keys are ignored
400  the old size is larger than the checkpoint's
422  the size is 0, and the root not that of the empty tree
409  the old size is not that of the latest checkpoint that was cosigned: the body says which is
422  the same size, another root: the log signed two trees
422  the consistency proof does not verify
===  =====================================================================================
"""

from __future__ import annotations

from verifier.base.errors import Malformed
from verifier.base.values import value
from verifier.log.checkpoint import Checkpoint, parse_any_checkpoint
from verifier.log.consistency import check_consistency
from verifier.log.hashing import EMPTY_ROOT
from verifier.log.note import Note, by_known_keys, parse_note, verify_ed25519
from verifier.log.proofs import ProofError
from verifier.log.trust import Policy
from verifier.log.witness_protocol import SIZE_TYPE, Request, parse_request

TEXT = "text/plain; charset=utf-8"


@value
class Reply:
    """An HTTP answer: status, media type, body."""

    status: int
    body: bytes
    content_type: str = TEXT


@value
class CosignedTree:
    """The latest checkpoint of a log that was cosigned: at first the empty tree, and no note."""

    size: int = 0
    root: bytes = EMPTY_ROOT
    note: str = ""


@value
class Proposal:
    """A checkpoint of a log that is watched, signed by it, with the request that it came in. ``note`` is whole."""

    request: Request
    checkpoint: Checkpoint
    text: str
    note: str


def refuse(status: int, why: str) -> Reply:
    """An answer with one plain line."""
    return Reply(status=status, body=f"{why}\n".encode("utf-8", "replace"))


def stale(size: int) -> Reply:
    """The answer to an old size that is not the known one."""
    return Reply(status=409, body=f"{size}\n".encode("ascii"), content_type=SIZE_TYPE)


def read_proposal(body: bytes, logs: Policy) -> Proposal | Reply:
    """All that can be told without knowing what was cosigned before."""
    try:
        request = parse_request(body)
        note = parse_note(request.note)
        checkpoint = parse_any_checkpoint(note.text)
    except Malformed as error:
        return refuse(400, f"the request cannot be read: {error}")
    keys = logs.log(checkpoint.origin)
    if not keys:
        return refuse(404, "this witness does not watch a log of this origin")
    if not _is_signed(note, logs):
        return refuse(403, "not signed by a key of this log that is known here, or a line by one does not verify")
    if request.old > checkpoint.size:
        return refuse(400, f"the old size {request.old} is larger than the checkpoint's, {checkpoint.size}")
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        return refuse(422, "the root of an empty tree is SHA-256 of nothing")
    return Proposal(request=request, checkpoint=checkpoint, text=note.text, note=request.note.decode("utf-8"))


def judge(proposal: Proposal, known: CosignedTree) -> Reply | None:
    """Whether the log only grew since the ``known`` checkpoint; None if it may be cosigned."""
    request, checkpoint = proposal.request, proposal.checkpoint
    if request.old != known.size:
        return stale(known.size)
    if is_fork(proposal, known):
        return refuse(422, f"another root than that of the checkpoint of size {known.size} that was cosigned")
    try:
        check_consistency(known.size, known.root, checkpoint.size, checkpoint.root, request.proof)
    except ProofError as error:
        return refuse(422, f"the consistency proof does not verify: {error}")
    return None


def is_fork(proposal: Proposal, known: CosignedTree) -> bool:
    """Whether the log signed two trees of one size: with the two notes anybody can see that."""
    return proposal.checkpoint.size == known.size and proposal.checkpoint.root != known.root


def _is_signed(note: Note, logs: Policy) -> bool:
    origin = note.text.partition("\n")[0]
    claimed, _ = by_known_keys(note, logs.log(origin))
    return bool(claimed) and all(verify_ed25519(verifier, note.text, line.signature) for verifier, line in claimed)
