"""The misbehaviour file: members, limits, and the kinds of proof (protocol, section 9.1). Nothing here is checked yet.

Each kind is read by one of five shapes. Leaves are bytes in base64, for a log that lies may hold anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Annotated, Any, Final, TypeAlias, TypeVar

from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.errors import KembarError, Malformed
from verifier.base.strict import format_b64, other_version, parse_b64
from verifier.base.values import value
from verifier.evidence.apart import TextPart, parse_apart
from verifier.evidence.build import list_json
from verifier.evidence.file import MAX_ENTRIES, MAX_EVIDENCE, ShownList, parse_list
from verifier.evidence.rows import lists_apart
from verifier.log.log_proof import MAX_HASHES
from verifier.statements.readers import array_of, b64_of, integer, record, text
from verifier.statements.types import MAX_LEAF

T = TypeVar("T")

FORMAT: Final = "kembar-misbehaviour/2"
MEDIA_TYPE: Final = "application/vnd.kembar.misbehaviour+json"
SUFFIX: Final = ".misbehaviour.json"

MAX_MISBEHAVIOUR: Final = MAX_EVIDENCE
MAX_LEAVES: Final = MAX_ENTRIES
"""Of a whole log that is shown to prove its index wrong."""

SHOWS: Final = {
    "fork": "The log signed two trees of which neither is the beginning of the other.",
    "rewritten": "The log signed two trees that differ at an index, or beside it, where both are whole.",
    "unsealed": "The log signed a tree whose last entry is not a seal.",
    "bad_seal": "A seal in the log does not say which entries it covers, or runs backwards.",
    "bad_signature": "A signature on an entry of the log does not verify.",
    "repeated": "The log took a statement or the digest of a section twice.",
    "wrong_registry": "The log's genesis is not its own, or it took a statement that is for another log.",
    "omitted": "A list that the log sealed leaves out an entry that touches its subject.",
    "foreign": "A list that the log sealed holds an entry that does not touch its subject.",
    "logged_wrong": "A list that the log sealed gives an entry another logged time than the seal that covers it.",
    "wrong_index": "The index root in a seal is not that of the entries before it.",
    "void": "The log took an entry that is void by its rules.",
}
"""Each kind, and what a proof of it shows: the file says it in these words."""

CODES: Final = {
    1: "not_canonical",
    2: "misbehaviour_malformed",
    3: "checkpoint_malformed",
    4: "log_unknown",
    5: "log_untrusted",
    6: "not_included",
    7: "list_wrong",
    8: "not_shown",
}
"""The code of each step of a check."""


class NotProven(KembarError):
    """The file proves nothing under this policy: the first step that fails, and its code."""

    def __init__(self, step: int, message: str, where: str = "") -> None:
        super().__init__(message, where)
        self.step = step
        self.code = CODES[step]


def _leaf(value: Json) -> bytes:
    """A leaf's bytes; even none at all."""
    if type(value) is not str:
        raise Malformed("must be a string")
    leaf = parse_b64(value)
    if len(leaf) > MAX_LEAF:
        raise Malformed(f"{len(leaf)} bytes, at most {MAX_LEAF} are allowed")
    return leaf


def _object(value: Json) -> dict[str, Json]:
    if type(value) is not dict:
        raise Malformed("must be an object")
    return value


def _evidence(value: Json) -> bytes:
    return value if type(value) is bytes else canonical.encode(_object(value))


Notes: TypeAlias = Annotated[tuple[str, ...], array_of(text, 1, 2)]
Proof: TypeAlias = Annotated[tuple[bytes, ...], array_of(b64_of(32), 0, MAX_HASHES + 1)]
Index: TypeAlias = Annotated[int, integer()]


@value
class ShownLeaf:
    """A leaf at its index in the tree of the checkpoint at this place of ``checkpoints``, with its inclusion proof."""

    checkpoint: Annotated[int, integer(0, 1)]
    index: Index
    leaf: Annotated[bytes, _leaf]
    proof: Proof


Leaves: TypeAlias = Annotated[tuple[ShownLeaf, ...], array_of(record(ShownLeaf), 1, 2)]


@value
class Fork:
    """Two checkpoints, the smaller first. The larger tree begins, as ``proof`` shows, with a tree of this ``root``."""

    checkpoints: Annotated[tuple[str, ...], array_of(text, 2, 2)]
    proof: Proof
    root: Annotated[bytes, b64_of(32)]


@value
class Entries:
    """One or two leaves, rising by index, of one or two signed trees, each of which holds one of them."""

    checkpoints: Notes
    entries: Leaves


@value
class Listed:
    """The same, and a list. The last of the entries is the seal whose index root vouches for it."""

    checkpoints: Notes
    entries: Leaves
    list: Annotated[ShownList, parse_list]


@value
class Whole:
    """The first leaves of a log up to a seal; ``proof`` shows that the checkpoint's tree begins with them."""

    checkpoints: Annotated[tuple[str, ...], array_of(text, 1, 1)]
    leaves: Annotated[tuple[bytes, ...], array_of(_leaf, 1, MAX_LEAVES)]
    proof: Proof


@value
class JudgedVoid:
    """An evidence file, yet unread and without disclosures, that shows why the entry at ``index`` is void."""

    evidence: Annotated[bytes, _evidence]
    index: Index


Material: TypeAlias = Fork | Entries | Listed | Whole | JudgedVoid

SHAPES: Final[dict[str, type[Any]]] = {
    "fork": Fork,
    "rewritten": Entries,
    "unsealed": Entries,
    "bad_seal": Entries,
    "bad_signature": Entries,
    "repeated": Entries,
    "wrong_registry": Entries,
    "omitted": Listed,
    "foreign": Listed,
    "logged_wrong": Listed,
    "wrong_index": Whole,
    "void": JudgedVoid,
}
"""What a file of each kind holds besides ``format``, ``kind`` and ``shows``."""

_READERS: Final[dict[type[Any], Callable[[Json], Any]]] = {shape: record(shape) for shape in set(SHAPES.values())}


@value
class Misbehaviour:
    """What a file claims (``kind``), and what it claims it by."""

    kind: str
    material: Material


_TEXT = re.compile(rb'"([A-Za-z0-9+/=]*+)"')
_EVIDENCE = TextPart(
    head=b'{"evidence":',
    pattern=re.compile(rb'\A\{"evidence":(\{.*\})(?=,"format")', re.DOTALL),
    depth=1,
    read=lambda found: found[1],
    most=1,
)
_LEAVES = TextPart(
    head=b'"leaves":',
    pattern=re.compile(rb'"leaves":(\[(?=")(?:%b,?){1,%d}+(?<!,)\])' % (_TEXT.pattern, MAX_LEAVES)),
    depth=1,
    read=lambda found: [one[1].decode("ascii") for one in _TEXT.finditer(found.string, found.start(1), found.end())],
    most=1,
)


def is_misbehaviour(data: bytes) -> bool:
    """Whether these bytes call themselves a misbehaviour file."""
    return b'"format":"%b"' % FORMAT.encode() in data  # which stands in no string, for it would be escaped


def parse_misbehaviour(data: bytes) -> Misbehaviour:
    """Steps 1 and 2 of a check. Raises :class:`NotProven`."""
    # Step 1: size, canonical JSON.
    try:
        value = parse_apart(data, _EVIDENCE, _LEAVES, *lists_apart(), limit=MAX_MISBEHAVIOUR)
    except Malformed as error:
        raise NotProven(1, error.message, error.where) from None

    # Step 2: members, types, alphabets, lengths, order, limits.
    try:
        return _read(value)
    except Malformed as error:
        raise NotProven(2, error.message, error.where) from None


def _read(value: Json) -> Misbehaviour:
    members = dict(_object(value))
    if (said := members.pop("format", None)) != FORMAT:
        raise Malformed(other_version(said, FORMAT), "format")
    kind = members.pop("kind", None)
    if type(kind) is not str or kind not in SHAPES:
        raise Malformed(f"must be one of {', '.join(SHAPES)}", "kind")
    if members.pop("shows", None) != SHOWS[kind]:
        raise Malformed(f"must be what a proof of this kind shows: {SHOWS[kind]}", "shows")
    material = _READERS[SHAPES[kind]](members)
    if isinstance(material, Entries | Listed):
        check_entries(kind, material)
    return Misbehaviour(kind=kind, material=material)


def check_entries(kind: str, material: Entries | Listed) -> None:
    """How entries and checkpoints stand to one another. Raises :class:`Malformed`."""
    entries = material.entries
    if {one.checkpoint for one in entries} != set(range(len(material.checkpoints))):
        raise Malformed("each checkpoint is that of one entry at least, and each entry has one", "entries")
    if kind == "rewritten":
        if len(entries) != 2 or entries[0].index != entries[1].index:
            raise Malformed("must be two of one index", "entries")
    elif any(lower.index >= higher.index for lower, higher in pairwise(entries)):
        raise Malformed("entries must rise strictly by index", "entries")


def format_misbehaviour(misbehaviour: Misbehaviour) -> bytes:
    """The file that :func:`parse_misbehaviour` reads."""
    value: dict[str, Json] = {
        "format": FORMAT,
        "kind": misbehaviour.kind,
        "shows": SHOWS[misbehaviour.kind],
    }
    material = misbehaviour.material
    if not isinstance(material, JudgedVoid):
        value["checkpoints"] = list(material.checkpoints)
    match material:
        case JudgedVoid():
            value["index"] = material.index
            return b'{"evidence":%b,%b' % (material.evidence, canonical.encode(value)[1:])
        case Fork():
            value |= {"proof": _hashes(material.proof), "root": format_b64(material.root)}
        case Whole():
            value |= {"leaves": _hashes(material.leaves), "proof": _hashes(material.proof)}
        case Entries() | Listed():
            value["entries"] = [_entry_json(one) for one in material.entries]
    if isinstance(material, Listed):
        value["list"] = list_json(material.list)
    return canonical.encode(value)


def _entry_json(entry: ShownLeaf) -> dict[str, Json]:
    return {
        "checkpoint": entry.checkpoint,
        "index": entry.index,
        "leaf": format_b64(entry.leaf),
        "proof": _hashes(entry.proof),
    }


def _hashes(items: tuple[bytes, ...]) -> list[Json]:
    return [format_b64(one) for one in items]
