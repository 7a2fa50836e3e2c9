"""An answer about a part of the index: who asks says no more than how some subjects' keys begin (protocol, 6.1).

:func:`open_answer` takes the steps of section 7.2 that concern a checkpoint and its seal, and then the part itself.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.errors import Malformed
from verifier.base.limits import LEEWAY
from verifier.base.strict import format_b64, parse_b64
from verifier.base.values import value
from verifier.evidence.file import Invalid
from verifier.index.prefixes import IndexPart, check_part, prefix_hex
from verifier.index.proofs import KEY_SIZE, VALUE_SIZE
from verifier.log.hashing import HASH_SIZE, leaf_hash
from verifier.log.proofs import ProofError, check_inclusion
from verifier.log.trust import CheckpointMalformed, LogUntrusted, Policy, QuorumMissing, open_checkpoint
from verifier.statements.envelope import check_signatures
from verifier.statements.leaf import Leaf, parse_leaf
from verifier.statements.types import Seal

PAD: Final = 65_536
"""An answer has a multiple of so many bytes, so that its length does not say which part it is."""
MAX_ANSWER: Final = 16 * PAD

_MEMBERS = {"bits", "checkpoint", "entries", "pad", "path", "prefix", "seal"}

Basis: TypeAlias = Literal["audited", "witnessed", "claimed"]


@value
class IndexAnswer:
    """A part of the index that was checked, as of ``at`` (POSIX seconds) and of a log of ``size`` entries. ``root`` is
    the index's."""

    part: IndexPart
    root: bytes
    size: int
    at: int
    basis: Basis


def format_answer(bits: int, number: int, part: IndexPart, checkpoint: str, seal: Json) -> bytes:
    """The answer as it is sent, padded; ``seal`` is ``{"index","leaf","proof"}``."""
    value: dict[str, Json] = {
        "bits": bits,
        "checkpoint": checkpoint,
        "entries": [[format_b64(key), format_b64(entry)] for key, entry in part.entries],
        "pad": "",
        "path": [[bit, format_b64(sibling)] for bit, sibling in part.path],
        "prefix": prefix_hex(number, bits),
        "seal": seal,
    }
    if part.other is not None:
        value["other"] = {"k": format_b64(part.other[0]), "v": format_b64(part.other[1])}
    value["pad"] = "0" * (-len(canonical.encode(value)) % PAD)
    return canonical.encode(value)


def open_answer(data: bytes, policy: Policy, bits: int, number: int) -> IndexAnswer:
    """Check an answer to a question that was asked with these. Raises :class:`Invalid` with the step that fails."""
    # Steps 1 to 3: the text, what lies outside the seal, the seal.
    try:
        found = canonical.parse(data, limit=MAX_ANSWER)
    except Malformed as error:
        raise Invalid(1, error.message, error.where) from None
    try:
        checkpoint, part, place = _read(found, bits, number)
    except Malformed as error:
        raise Invalid(2, error.message, error.where) from None
    index, raw, proof = place
    try:
        leaf = parse_leaf(raw)
    except Malformed as error:
        raise Invalid(3, error.message, error.at("seal.leaf").where) from None

    # Steps 4 to 6: the checkpoint's syntax, its log, its cosignatures.
    try:
        trusted = open_checkpoint(checkpoint, policy)
    except CheckpointMalformed as error:
        raise Invalid(4, error.message, error.at("checkpoint").where) from None
    except LogUntrusted as error:
        raise Invalid(5, error.message, "checkpoint") from None
    except QuorumMissing as error:
        raise Invalid(6, error.message, "checkpoint") from None

    # Steps 7 to 9: the seal is the last of the tree, and signed by a key that the policy has for the log.
    size = trusted.checkpoint.size
    try:
        check_inclusion(leaf_hash(raw), index, size, proof, trusted.checkpoint.root)
    except ProofError as error:
        raise Invalid(7, error.message, "seal.proof") from None
    seal = _seal(leaf, index, size, trusted.as_of)
    if check_signatures(leaf.envelope) is not None:
        raise Invalid(9, "the signature does not verify", "seal.leaf")
    keys = {key.key.hex() for key in policy.log(trusted.checkpoint.origin)}
    if len(leaf.envelope.signatures) != 1 or not leaf.envelope.signers <= keys:
        raise Invalid(13, "the last seal is not signed by a key of the log, and by nobody else", "seal.leaf")

    # Step 11: the part, against the seal's index root.
    try:
        check_part(seal.index, bits, number, part)
    except ProofError as error:
        raise Invalid(11, error.message, "entries") from None
    basis: Basis = "audited" if trusted.audited else "claimed" if trusted.quorum_none else "witnessed"
    at = seal.at if trusted.as_of is None else trusted.as_of
    return IndexAnswer(part=part, root=seal.index, size=size, at=at, basis=basis)


def _seal(leaf: Leaf, index: int, size: int, as_of: int | None) -> Seal:
    seal = leaf.statement
    if index != size - 1 or not isinstance(seal, Seal) or seal.size != index:
        raise Invalid(8, "the last leaf of the tree is not the seal that is shown", "seal")
    if as_of is not None and seal.at > as_of + LEEWAY:
        raise Invalid(8, "the last seal is later than the cosignatures on it", "seal")
    return seal


_Place: TypeAlias = tuple[int, bytes, tuple[bytes, ...]]


def _read(found: Json, bits: int, number: int) -> tuple[str, IndexPart, _Place]:
    """The checkpoint, the part, and where the seal stands: its index, its leaf, its inclusion proof."""
    if type(found) is not dict or found.keys() - {"other"} != _MEMBERS:
        raise Malformed("must be an object with bits, checkpoint, entries, pad, path, prefix, seal and perhaps other")
    if found["bits"] != bits or type(found["bits"]) is not int or found["prefix"] != prefix_hex(number, bits):
        raise Malformed("this is the answer to another question", "prefix")
    if type(found["pad"]) is not str or type(found["checkpoint"]) is not str:
        raise Malformed("must be a string", "checkpoint")
    entries = tuple(
        (_bytes(key, KEY_SIZE), _bytes(entry, VALUE_SIZE)) for key, entry in map(_pair, _array(found["entries"]))
    )
    path = tuple((_count(bit), _bytes(sibling, HASH_SIZE)) for bit, sibling in map(_pair, _array(found["path"])))
    other = None
    if "other" in found:
        shown = found["other"]
        if type(shown) is not dict or shown.keys() != {"k", "v"}:
            raise Malformed("must be an object with k and v", "other")
        other = _bytes(shown["k"], KEY_SIZE), _bytes(shown["v"], VALUE_SIZE)
    seal = found["seal"]
    if type(seal) is not dict or seal.keys() != {"index", "leaf", "proof"}:
        raise Malformed("must be an object with index, leaf and proof", "seal")
    proof = tuple(_bytes(one, HASH_SIZE) for one in _array(seal["proof"]))
    place = _count(seal["index"]), canonical.encode(seal["leaf"]), proof
    return found["checkpoint"], IndexPart(entries=entries, path=path, other=other), place


def _array(found: Json) -> list[Json]:
    if type(found) is not list:
        raise Malformed("must be an array")
    return found


def _pair(found: Json) -> tuple[Json, Json]:
    if type(found) is not list or len(found) != 2:
        raise Malformed("must be an array of two")
    return found[0], found[1]


def _count(found: Json) -> int:
    if type(found) is not int or found < 0:
        raise Malformed("must be an integer of 0 or more")
    return found


def _bytes(found: Json, size: int) -> bytes:
    if type(found) is not str:
        raise Malformed("must be a string")
    return parse_b64(found, size)
