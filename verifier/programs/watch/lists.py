"""A subject's list as a registry answers it, checked; and what became of it since it was last looked at.

The answer to ``GET /subjects/<subject>`` (protocol, section 8) is a list with its index proof, the checkpoint, and the
seal that holds the index root. :func:`open_answer` believes none of it: the checkpoint is opened under the reader's
policy, the seal is shown to be its tree's last leaf, and the list to be the one that the seal vouches for.

An honest list only grows, and only at its end: as of a tree of n entries it holds every entry below n that touches its
subject, so whatever is added later stands at n or above. :func:`compare` holds a list to that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.errors import Malformed
from verifier.base.strict import format_b64, parse_b64
from verifier.base.values import value
from verifier.evidence.apart import parse_apart
from verifier.evidence.build import list_json
from verifier.evidence.entries import MAX_PROOF
from verifier.evidence.file import ShownList, parse_list
from verifier.evidence.rows import Rows, lists_apart
from verifier.index import proofs as index
from verifier.log.checkpoint import Checkpoint
from verifier.log.hashing import leaf_hash
from verifier.log.proofs import check_inclusion
from verifier.log.trust import Policy, TrustedCheckpoint, open_checkpoint
from verifier.statements.envelope import envelope_from_json
from verifier.statements.parse import parse_statement
from verifier.statements.types import MAX_LEAF, Seal

MAX_ANSWER: Final = 64 * 1024 * 1024
"""Bytes of the answer about one subject."""


@value
class ProvenList:
    """A list that was proven. ``note`` is the checkpoint as it was signed, ``seal`` the last entry of its tree."""

    note: str
    trusted: TrustedCheckpoint
    seal: Seal
    seal_leaf: bytes
    seal_proof: tuple[bytes, ...]
    shown: ShownList

    @property
    def checkpoint(self) -> Checkpoint:
        """The tree as of which the list is complete."""
        return self.trusted.checkpoint

    @property
    def rows(self) -> Rows:
        """The list."""
        return self.shown.rows

    @property
    def as_of(self) -> int:
        """The time for which the policy vouches, or without a quorum the registry's own."""
        return self.seal.at if self.trusted.as_of is None else self.trusted.as_of


def parse_answer(data: bytes, subject: str, policy: Policy) -> ProvenList:
    """Read and check the bytes of an answer. Raises :class:`verifier.base.errors.KembarError` for whatever is wrong."""
    return open_answer(parse_apart(data, *lists_apart(), limit=MAX_ANSWER), subject, policy)


def open_answer(value: Json, subject: str, policy: Policy) -> ProvenList:
    """The same of a value that was decoded."""
    if type(value) is not dict:
        raise Malformed("must be an object")
    members = dict(value)
    note, seal = members.pop("checkpoint", None), members.pop("seal", None)
    if type(note) is not str:
        raise Malformed("must be a string", "checkpoint")
    shown = parse_list(members)
    if shown.subject != subject:
        raise Malformed(f"is about {shown.subject}, not {subject}", "subject")
    trusted = open_checkpoint(note, policy)
    last, leaf, proof = _open_seal(seal, trusted.checkpoint)
    if shown.other is not None:
        index.check_absence(last.index, subject, *shown.other, shown.path)
    elif shown.rows:
        held = index.list_value(len(shown.rows), index.list_root(shown.rows))
        index.check_presence(last.index, subject, held, shown.path)
    else:
        raise Malformed("an empty list without the entry that stands in its place", "other")
    _check_rows(shown.rows, last)
    return ProvenList(note=note, trusted=trusted, seal=last, seal_leaf=leaf, seal_proof=proof, shown=shown)


def _open_seal(value: Json, checkpoint: Checkpoint) -> tuple[Seal, bytes, tuple[bytes, ...]]:
    """The seal that is the last leaf of the tree."""
    if type(value) is not dict or set(value) != {"index", "leaf", "proof"}:
        raise Malformed("must be an object of index, leaf and proof", "seal")
    if value["index"] != checkpoint.size - 1 or type(value["index"]) is not int:
        raise Malformed("is not the last of the checkpoint's tree", "seal.index")
    proof = value["proof"]
    if type(proof) is not list or len(proof) > MAX_PROOF or any(type(one) is not str for one in proof):
        raise Malformed(f"must be an array of at most {MAX_PROOF} hashes", "seal.proof")
    hashes = tuple(parse_b64(one, 32) for one in proof)
    envelope = envelope_from_json(value["leaf"])
    check_inclusion(leaf_hash(envelope.leaf), checkpoint.size - 1, checkpoint.size, hashes, checkpoint.root)
    statement = parse_statement(envelope.payload)
    if not isinstance(statement, Seal):
        raise Malformed(f"the last entry of the log is a {statement.type}, not a seal", "seal")
    if statement.size != checkpoint.size - 1:
        raise Malformed("does not cover all entries before it", "seal")
    return statement, envelope.leaf, hashes


def _check_rows(rows: Rows, seal: Seal) -> None:
    """What any list of an honest log keeps to, whatever was seen before."""
    before = 0
    for place, (at, logged) in enumerate(rows):
        if at >= seal.size:
            raise Malformed(f"entry {at} does not stand before the seal", f"list[{place}]")
        if not before <= logged <= seal.at:
            raise Malformed(f"entry {at} is logged before an earlier one, or after the seal", f"list[{place}]")
        before = logged


def format_answer(answer: ProvenList) -> dict[str, Json]:
    """What :func:`open_answer` opens."""
    seal = {
        "index": answer.seal.size,
        "leaf": canonical.parse(answer.seal_leaf, limit=MAX_LEAF),
        "proof": [format_b64(one) for one in answer.seal_proof],
    }
    return {**list_json(answer.shown), "checkpoint": answer.note, "seal": seal}


# ---- then and now


@value
class Change:
    """What became of a list: rows that are ``fresh``, as they should be, and what no honest list does.

    ``lost`` are rows that were there; ``slipped_in`` rows of entries that were in the log when the list was shown
    without them. A row whose logged time was changed is in both.
    """

    fresh: Rows
    lost: Rows = ()
    slipped_in: Rows = ()

    @property
    def is_honest(self) -> bool:
        """Whether the old list is the beginning of the new one, and all that follows is new to the log."""
        return not self.lost and not self.slipped_in


def compare(old: Sequence[tuple[int, int]], old_size: int, new: Rows) -> Change:
    """How a list went on that was ``old`` in a tree of ``old_size`` entries. (0 and no rows: never seen.)

    That the old list is the beginning of the new is shown by its root, over as many rows of the new list.
    """
    fresh = tuple(row for row in new if row[0] >= old_size)
    kept = new[: len(old)]
    if len(kept) == len(old) and index.list_root(kept) == index.list_root(old) and len(old) + len(fresh) == len(new):
        return Change(fresh=fresh)
    then, now = set(old), {row for row in new if row[0] < old_size}
    return Change(fresh=fresh, lost=tuple(sorted(then - now)), slipped_in=tuple(sorted(now - then)))
