"""Building an evidence file from a log: what a registry and the tests share.

The file is built at one published checkpoint; a :class:`LogView` answers for the log as it was then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Protocol

from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.errors import KembarError
from verifier.base.strict import format_b64
from verifier.evidence.entries import RawEntry
from verifier.evidence.file import (
    FORMAT,
    MAX_ENTRIES,
    MAX_EVIDENCE,
    MAX_ROWS,
    MAX_SUBJECTS,
    ShownList,
)
from verifier.evidence.pdf import BEFORE, MARK
from verifier.evidence.question_json import format_question
from verifier.index.shown import Absence, Presence
from verifier.rules.model.question import Question
from verifier.statements.leaf import parse_leaf
from verifier.statements.types import MAX_LEAF, Statement


class TooLarge(KembarError):
    """The question needs more than one evidence file may hold (protocol, section 2)."""


class LogView(Protocol):
    """A log as it was at the size of one checkpoint."""

    @property
    def size(self) -> int:
        """The number of leaves; the last is a seal."""

    def leaf(self, index: int) -> bytes:
        """A leaf's bytes."""

    def inclusion(self, index: int) -> Sequence[bytes]:
        """The inclusion proof of a leaf in the tree of this size."""

    def rows(self, subject: str) -> Sequence[tuple[int, int]]:
        """A subject's whole list as (index, logged time); empty if nothing touches it."""

    def index_proof(self, subject: str) -> Presence | Absence:
        """The proof of that list, or that there is none, under the last seal's index root."""

    def disclosures(self, index: int) -> Mapping[str, str]:
        """Section name -> disclosure, of those that are kept for an entry."""


def build_evidence(
    question: Question,
    source: LogView,
    checkpoint: str,
    lists: Iterable[str],
    may_see: Callable[[Statement, str], bool] = lambda statement, name: True,
) -> bytes:
    """The file that answers ``question`` from the complete ``lists`` (:func:`verifier.rules.needs.lists_needed`).

    Every entry of those lists is in it, and of its sections those that ``may_see`` gives this reader; none where it
    is to say only that a list is complete. Raises :class:`TooLarge`.
    """
    if question.ask == "complete":
        may_see = nothing
    shown = {subject: tuple(source.rows(subject)) for subject in lists}
    _check("lists", len(shown), MAX_SUBJECTS)
    _check("list rows", sum(map(len, shown.values())), MAX_ROWS)
    indices = {0, source.size - 1, *(index for rows in shown.values() for index, _ in rows)}
    _check("entries", len(indices), MAX_ENTRIES)
    entries = [_entry(source, index, may_see) for index in indices]
    subjects = [show_list(subject, rows, source.index_proof(subject)) for subject, rows in shown.items()]
    data = format_evidence(question, checkpoint, entries, subjects)
    _check("bytes", len(data), MAX_EVIDENCE)
    return data


def nothing(statement: Statement, name: str) -> bool:
    """A reader who gets no section."""
    return False


def format_evidence(
    question: Question, checkpoint: str, entries: Iterable[RawEntry], subjects: Iterable[ShownList]
) -> bytes:
    """The file that :func:`verifier.evidence.file.parse_evidence` reads. Entries and subjects are put in order."""
    value = {
        "checkpoint": checkpoint,
        "entries": [
            {
                "disclosures": list(entry.disclosures),
                "index": entry.index,
                "leaf": entry.leaf,
                "proof": [format_b64(one) for one in entry.proof],
            }
            for entry in sorted(entries, key=lambda entry: entry.index)
        ],
        "format": FORMAT,
        "question": format_question(question),
        "subjects": [list_json(shown) for shown in sorted(subjects, key=lambda shown: shown.subject)],
    }
    return canonical.encode(value)


def _entry(source: LogView, index: int, may_see: Callable[[Statement, str], bool]) -> RawEntry:
    leaf = source.leaf(index)
    statement = parse_leaf(leaf).statement
    kept = source.disclosures(index)
    return RawEntry(
        index=index,
        leaf=canonical.parse(leaf, limit=MAX_LEAF),
        proof=tuple(source.inclusion(index)),
        disclosures=tuple(
            kept[name] for name in sorted(statement.sections) if name in kept and may_see(statement, name)
        ),
    )


def show_list(subject: str, rows: tuple[tuple[int, int], ...], proof: Presence | Absence) -> ShownList:
    """A subject's list of (index, logged time), possibly empty, with the index proof of it."""
    if isinstance(proof, Presence):
        if not rows:
            raise ValueError(f"the index has a list for {subject}, the source has none")
        return ShownList(subject=subject, rows=rows, path=proof.path)
    if rows or proof.other_k is None or proof.other_v is None:
        raise ValueError(f"the source has a list for {subject}, the index has none")
    return ShownList(subject=subject, rows=(), path=proof.path, other=(proof.other_k, proof.other_v))


def _check(what: str, number: int, limit: int) -> None:
    if number > limit:
        raise TooLarge(f"the answer takes {number} {what}; an evidence file holds at most {limit}. Ask about less")


def list_json(shown: ShownList) -> dict[str, Json]:
    """A list and its proof as they stand in the file."""
    value: dict[str, Json] = {
        "list": [list(row) for row in shown.rows],
        "path": [[bit, format_b64(sibling)] for bit, sibling in shown.path],
        "subject": shown.subject,
    }
    if shown.other is not None:
        value["other"] = {"k": format_b64(shown.other[0]), "v": format_b64(shown.other[1])}
    return value


def marked(evidence: bytes) -> bytes:
    """What stands before evidence in a PDF, from the mark on; after it stands :data:`verifier.evidence.pdf.AFTER`."""
    return b"%b%010d %b%b" % (MARK, len(evidence), sha256(evidence).hexdigest().encode("ascii"), BEFORE)
