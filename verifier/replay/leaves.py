"""All that the bytes of a leaf tell by themselves: pure, and so fit to run in any process, in any order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

from verifier.base.errors import Malformed
from verifier.index.proofs import subject_key
from verifier.log.hashing import leaf_hash
from verifier.statements.envelope import check_signatures, parse_envelope
from verifier.statements.expressions import read_statement
from verifier.statements.subjects import subjects
from verifier.statements.types import Seal, Statement

UNREAD_KINDS = ("asset:", "party:")
"""Lists that are long and that no rule about an entry or a use reads row by row: only their roots are kept."""


Fact = tuple[bytes, int | None]
"""A leaf's hash, and the place of its first signature that does not verify, as somebody has found out before."""


class ReadLeaf(NamedTuple):
    """A leaf as far as its bytes go.

    ``statement`` is None where the leaf cannot be read, and ``fault`` says why. ``touches`` are the keys of the
    subjects that it touches, those first (``listed`` many) whose rows the rules read. ``bad`` is the place of the first
    signature that does not verify, or None.
    """

    hash: bytes
    statement: Statement | None
    signers: frozenset[str]
    touches: tuple[bytes, ...]
    listed: int
    bad: int | None
    fault: str


def read_leaf(leaf: bytes, fact: Fact | None = None) -> ReadLeaf:
    """Total: whatever the bytes are. With a ``fact`` about these very bytes no signature is checked."""
    hash = leaf_hash(leaf)
    try:
        envelope = parse_envelope(leaf)
        statement = read_statement(envelope.payload)
    except Malformed as error:
        return ReadLeaf(hash, None, frozenset(), (), 0, None, str(error))
    bad = fact[1] if fact is not None and fact[0] == hash else check_signatures(envelope)
    touched = [] if isinstance(statement, Seal) else subjects(statement)
    listed = [subject_key(one) for one in touched if not one.startswith(UNREAD_KINDS)]
    unread = [subject_key(one) for one in touched if one.startswith(UNREAD_KINDS)]
    return ReadLeaf(hash, statement, envelope.signers, (*listed, *unread), len(listed), bad, "")


def read_leaves(leaves: Sequence[bytes], facts: Sequence[Fact | None] = ()) -> list[ReadLeaf]:
    """What each of them tells; ``facts`` are of as many of the first as there are."""
    return [read_leaf(leaf, fact) for leaf, fact in zip_longest(leaves, facts)]
