"""Checkpoints (C2SP tlog-checkpoint): which log, how many leaves, which root; the text that logs and witnesses sign."""

from __future__ import annotations

from verifier.base.errors import Malformed
from verifier.base.strict import parse_b64, parse_decimal
from verifier.base.values import value
from verifier.log.hashing import HASH_SIZE
from verifier.log.proofs import MAX_SIZE


@value
class Checkpoint:
    """The tree of ``size`` leaves of the log named ``origin`` has this ``root`` (32 bytes)."""

    origin: str
    size: int
    root: bytes


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a note's text: exactly three lines, for our logs write no extension lines (protocol, section 5)."""
    if text.count("\n") != 3:
        raise Malformed("a checkpoint is three lines: origin, size, root")
    return parse_any_checkpoint(text)


def parse_any_checkpoint(text: str) -> Checkpoint:
    """Read a note's text by any log: extension lines may follow the three, and are passed over (C2SP)."""
    origin, _, rest = text.partition("\n")
    size_text, _, rest = rest.partition("\n")
    root_text, ended, extensions = rest.partition("\n")
    if not ended or (extensions and ("" in extensions.split("\n")[:-1] or not extensions.endswith("\n"))):
        raise Malformed("a checkpoint is lines, none of them empty: origin, size, root, and any extensions")
    if not origin:
        raise Malformed("the origin is empty", "origin")
    try:
        size = parse_decimal(size_text)
    except Malformed as error:
        raise error.at("size") from None
    if size > MAX_SIZE:
        raise Malformed("larger than 2^63 - 1", "size")
    try:
        root = parse_b64(root_text, HASH_SIZE)
    except Malformed as error:
        raise error.at("root") from None
    return Checkpoint(origin=origin, size=size, root=root)
