"""Whether what is read is what was written: a disk that changes a bit is noticed before anybody is told.

Rows of the database have a checksum, leaves the hash that stands in the tree, sections the digest that stands in their
statement's header.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from verifier.base.strict import format_b64u
from verifier.log.hashing import leaf_hash
from verifier.statements.envelope import parse_envelope
from verifier.statements.parse import parse_statement
from verifier.statements.types import Seal, Statement


class Damaged(Exception):
    """What is stored is not what was written. The message says what and where, and names no file."""


def check_leaf(index: int, leaf: bytes, logged: bytes) -> bytes:
    """The leaf, if it has the hash ``logged`` that the tree has for it."""
    if leaf_hash(leaf) != logged:
        raise Damaged(f"entry {index} is not what was logged: the disk has changed it")
    return leaf


def check_seal(index: int, leaf: bytes, root: bytes) -> None:
    """Whether the last seal, entry ``index``, holds the index root that was made of all rows."""
    seal = parse_statement(parse_envelope(leaf).payload)
    if not isinstance(seal, Seal) or seal.index != root:
        raise Damaged(f"the last seal, entry {index}, does not hold the index made of all rows")


def check_sections(index: int, statement: Statement, kept: Mapping[str, str]) -> None:
    """Compare disclosures, by section name, with what the entry's header commits to."""
    for name, text in kept.items():
        if format_b64u(sha256(text.encode("utf-8", "surrogatepass")).digest()) != statement.sections.get(name):
            raise Damaged(f"section {name} of entry {index} is not what was disclosed: the disk has changed it")


def check_disclosures(index: int, leaf: bytes, kept: Mapping[str, str]) -> Mapping[str, str]:
    """The same for an entry's leaf; what was kept, if it is what was disclosed."""
    if kept:
        check_sections(index, parse_statement(parse_envelope(leaf).payload), kept)
    return kept
