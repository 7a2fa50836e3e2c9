"""The evidence file: all that one question needs, for a reader without a network (protocol, section 7).

:func:`parse_evidence` is steps 1 to 3 of a check, in the order of section 7.2: first the file as canonical JSON, then
everything that lies outside a leaf, the checkpoint's text and an opened disclosure, and only then the leaves. Nothing
that it returns is authenticated; that is for :mod:`verifier.evidence.verify`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Final, TypeVar

from verifier.base.canonical import Json
from verifier.base.errors import KembarError, Malformed
from verifier.base.strict import other_version, parse_b64, parse_b64u
from verifier.base.values import value
from verifier.evidence.apart import parse_apart
from verifier.evidence.entries import MAX_DISCLOSURES, MAX_PROOF, RawEntry, entries_apart
from verifier.evidence.pdf import evidence_in
from verifier.evidence.rows import PackedRows, Path, Rows, lists_apart
from verifier.rules.model.question import Question, parse_question
from verifier.statements.disclosure import MAX_DISCLOSURE
from verifier.statements.envelope import Envelope, envelope_from_json
from verifier.statements.parse import parse_statement
from verifier.statements.subjects import parse_subject
from verifier.statements.types import Statement

T = TypeVar("T")

FORMAT: Final = "kembar-evidence/2"
MEDIA_TYPE: Final = "application/vnd.kembar.evidence+json"

MAX_EVIDENCE: Final = 128 * 1024 * 1024
MAX_ENTRIES: Final = 50_000
MAX_SUBJECTS: Final = 2_000
MAX_ROWS: Final = 1_000_000
MAX_PATH: Final = 256
"""Steps of an index proof: the bits of a key."""

CODES: Final = {
    1: "not_canonical",
    2: "evidence_malformed",
    3: "leaf_malformed",
    4: "checkpoint_malformed",
    5: "log_untrusted",
    6: "quorum_missing",
    7: "not_included",
    8: "seal_wrong",
    9: "signature_wrong",
    10: "disclosure_wrong",
    11: "list_wrong",
    12: "list_incomplete",
    13: "registry_wrong",
    14: "question_wrong",
}
"""The code of each step of section 7.2."""


class Invalid(KembarError):
    """The file is forged, broken or not what it says: it yields no verdict at all.

    ``step`` and ``code`` are those of section 7.2; ``where`` is for people.
    """

    def __init__(self, step: int, message: str, where: str = "") -> None:
        super().__init__(message, where)
        self.step = step
        self.code = CODES[step]


@value
class ShownEntry:
    """A leaf at its index. ``proof`` is its inclusion proof, ``disclosures`` texts that nobody has opened yet."""

    index: int
    envelope: Envelope
    statement: Statement
    proof: tuple[bytes, ...]
    disclosures: tuple[str, ...]


@value
class ShownList:
    """A subject's whole list as ``rows`` (index, logged time), and the index proof ``path``.

    Without rows it is proven empty, by ``other``: k and v of the entry that stands in the subject's place.
    """

    subject: str
    rows: Rows
    path: Path
    other: tuple[bytes, bytes] | None = None


@value
class Evidence:
    """``entries`` rise by index, ``subjects`` by name; ``checkpoint`` is a signed note, unread."""

    checkpoint: str
    entries: tuple[ShownEntry, ...]
    question: Question
    subjects: tuple[ShownList, ...]


def parse_evidence(data: bytes) -> Evidence:
    """Steps 1 to 3 of section 7.2. Raises :class:`Invalid`."""
    # Step 1: size, of a PDF the evidence in it, canonical JSON.
    try:
        parts = entries_apart(MAX_ENTRIES), *lists_apart(MAX_SUBJECTS)
        value = parse_apart(evidence_in(data, MAX_EVIDENCE), *parts, limit=MAX_EVIDENCE)
    except Malformed as error:
        raise Invalid(1, error.message, error.where) from None

    # Step 2: everything outside the leaves, the checkpoint's text and opened disclosures.
    try:
        checkpoint, question, entries, subjects = _read_frame(value)
    except Malformed as error:
        raise Invalid(2, error.message, error.where) from None

    # Step 3: all inside each leaf.
    shown = []
    for place, entry in enumerate(entries):
        where = f"entries[{place}].leaf"
        try:
            envelope = entry.leaf if isinstance(entry.leaf, Envelope) else envelope_from_json(entry.leaf)
            where += ".payload"
            statement = parse_statement(envelope.payload)
        except Malformed as error:
            raise Invalid(3, error.message, error.at(where).where) from None
        index, proof, texts = entry.index, entry.proof, entry.disclosures
        shown.append(ShownEntry(index=index, envelope=envelope, statement=statement, proof=proof, disclosures=texts))
    return Evidence(checkpoint=checkpoint, entries=tuple(shown), question=question, subjects=subjects)


def _read_frame(value: Json) -> tuple[str, Question, list[RawEntry], tuple[ShownList, ...]]:
    members = _object(value, ("checkpoint", "entries", "format", "question", "subjects"))
    if type(members["checkpoint"]) is not str:
        raise Malformed("must be a string", "checkpoint")
    if members["format"] != FORMAT:
        raise Malformed(other_version(members["format"], FORMAT), "format")
    try:
        question = parse_question(members["question"])
    except Malformed as error:
        raise error.at("question") from None
    entries = _items(members["entries"], "entries", MAX_ENTRIES, _read_entry)
    for i in range(1, len(entries)):
        if entries[i - 1].index >= entries[i].index:
            raise Malformed("entries must rise strictly by index", f"entries[{i}].index")
    subjects = _items(members["subjects"], "subjects", MAX_SUBJECTS, parse_list)
    for i in range(1, len(subjects)):
        if subjects[i - 1].subject >= subjects[i].subject:
            raise Malformed("subjects must rise strictly by name", f"subjects[{i}].subject")
    rows = sum(len(shown.rows) for shown in subjects)
    if rows > MAX_ROWS:
        raise Malformed(f"{rows} list rows, at most {MAX_ROWS} are allowed", "subjects")
    return members["checkpoint"], question, entries, tuple(subjects)


def _read_entry(value: Json) -> RawEntry:
    if isinstance(value, RawEntry):
        return value
    members = _object(value, ("disclosures", "index", "leaf", "proof"))
    return RawEntry(
        index=_count(members["index"], "index"),
        leaf=members["leaf"],
        proof=tuple(_items(members["proof"], "proof", MAX_PROOF, _hash)),
        disclosures=tuple(_items(members["disclosures"], "disclosures", MAX_DISCLOSURES, _disclosure)),
    )


def parse_list(value: Json) -> ShownList:
    """A list and its proof, as ``build.py`` writes them. Raises :class:`Malformed`."""
    empty = type(value) is dict and value.get("list") == []
    members = _object(value, ("list", "other", "path", "subject") if empty else ("list", "path", "subject"))
    subject = members["subject"]
    try:
        parse_subject(_string(subject))
    except Malformed as error:
        raise error.at("subject") from None
    rows = _rows(members["list"])
    for i, (one, other) in enumerate(pairwise(rows), 1):
        if one[0] >= other[0]:
            raise Malformed("rows must rise strictly by index", f"list[{i}]")
    path = _path(members["path"])
    for i in range(1, len(path)):
        if path[i - 1][0] <= path[i][0]:
            raise Malformed("bits must fall strictly", f"path[{i}]")
    stands_there = None
    if empty:
        try:
            fields = _object(members["other"], ("k", "v"))
            stands_there = _bytes(fields["k"], 32, "k"), _bytes(fields["v"], 40, "v")
        except Malformed as error:
            raise error.at("other") from None
    return ShownList(subject=subject, rows=rows, path=path, other=stands_there)


def _rows(value: Json) -> Rows:
    if isinstance(value, PackedRows) and len(value) <= MAX_ROWS:
        return value
    return tuple(_items(value, "list", MAX_ROWS, _row))


def _path(value: Json) -> Path:
    return value if type(value) is tuple else tuple(_items(value, "path", MAX_PATH, _step))


def _row(value: Json) -> tuple[int, int]:
    index, logged = _pair(value)
    return _count(index, "[0]"), _count(logged, "[1]")


def _step(value: Json) -> tuple[int, bytes]:
    bit, sibling = _pair(value)
    if _count(bit, "[0]") > 255:
        raise Malformed("a bit is 0 to 255", "[0]")
    return bit, _bytes(sibling, 32, "[1]")


def _hash(value: Json) -> bytes:
    return _bytes(value, 32, "")


def _disclosure(value: Json) -> str:
    text = _string(value)
    if not 1 <= len(text) <= MAX_DISCLOSURE:
        raise Malformed(f"has {len(text)} characters, 1 to {MAX_DISCLOSURE} are allowed")
    parse_b64u(text)
    return text


def _object(value: Json, names: tuple[str, ...]) -> dict[str, Json]:
    """An object with exactly these members."""
    if type(value) is not dict:
        raise Malformed("must be an object")
    for name in names:
        if name not in value:
            raise Malformed("is missing", name)
    for name in value:
        if name not in names:
            raise Malformed(f"unknown member; allowed are {', '.join(names)}", name)
    return value


def _items(value: Json, name: str, high: int, read: Callable[[Json], T]) -> list[T]:
    """An array of at most ``high`` items."""
    if type(value) is not list:
        raise Malformed("must be an array", name)
    if len(value) > high:
        raise Malformed(f"has {len(value)} items, at most {high} are allowed", name)
    items = []
    for i, item in enumerate(value):
        try:
            items.append(read(item))
        except Malformed as error:
            raise error.at(f"{name}[{i}]") from None
    return items


def _pair(value: Json) -> tuple[Json, Json]:
    if type(value) is not list or len(value) != 2:
        raise Malformed("must be an array of two")
    return value[0], value[1]


def _count(value: Json, where: str) -> int:
    if type(value) is not int or value < 0:
        raise Malformed("must be an integer of 0 or more", where)
    return value


def _string(value: Json) -> str:
    if type(value) is not str:
        raise Malformed("must be a string")
    return value


def _bytes(value: Json, length: int, where: str) -> bytes:
    try:
        return parse_b64(_string(value), length)
    except Malformed as error:
        raise error.at(where) from None
