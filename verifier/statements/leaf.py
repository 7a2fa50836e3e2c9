"""Leaves of the log: an envelope and the statement inside it, read together (protocol, sections 3.1 and 4)."""

from __future__ import annotations

from verifier.base.errors import Malformed
from verifier.base.values import value
from verifier.statements.envelope import Envelope, parse_envelope
from verifier.statements.parse import parse_statement
from verifier.statements.types import Statement


@value
class Leaf:
    """A leaf that can be read. Whether its signatures verify is for ``check_signatures``."""

    envelope: Envelope
    statement: Statement


def parse_leaf(leaf: bytes) -> Leaf:
    """Read a leaf whole; :class:`Malformed` says what is wrong with its envelope or with its statement."""
    envelope = parse_envelope(leaf)
    return Leaf(envelope=envelope, statement=parse_statement(envelope.payload))


def statement_in(leaf: bytes) -> Statement | None:
    """The statement in a leaf; None where it cannot be read, and so touches nothing."""
    try:
        return parse_leaf(leaf).statement
    except Malformed:
        return None
