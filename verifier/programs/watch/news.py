"""What there is to report about a subject, as JSON that carries its own proof; and the check of it.

    {"answer":{...},"before":{"checkpoint":"<signed note>","list":[[7,1763921115]],"size":31},"consistency":["<b64>"],
     "entries":[{"id":"...","index":33,"leaf":{...},"logged":"2026-01-01T03:00:00Z","proof":["<b64>"],"says":"...",
     "type":"usage"}],"format":"kembar-news/1","subject":"party:..."}

``answer`` is the registry's, ``before`` what was known (left out at the first look), ``consistency`` shows that the
answer's tree began with the one before. ``entries`` are the new ones, each in the answer's tree. Where a source proves
no lists, ``checkpoint`` and ``read`` stand instead of ``answer``: every entry of ``read`` was looked at. Such news is
proven entry by entry, and that nothing is missing only to whoever did the reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.errors import Malformed
from verifier.base.strict import format_b64, format_instant, parse_b64
from verifier.base.values import value
from verifier.evidence.apart import parse_apart
from verifier.evidence.describe import describe
from verifier.evidence.rows import Rows, lists_apart
from verifier.log.checkpoint import Checkpoint
from verifier.log.consistency import check_consistency
from verifier.log.hashing import leaf_hash
from verifier.log.proofs import check_inclusion
from verifier.log.trust import Policy, open_checkpoint
from verifier.programs.language import english
from verifier.programs.watch.lists import ProvenList, compare, format_answer, open_answer
from verifier.statements.envelope import envelope_from_json
from verifier.statements.leaf import parse_leaf
from verifier.statements.subjects import subjects
from verifier.statements.types import MAX_LEAF, Statement

FORMAT: Final = "kembar-news/1"
MAX_NEW: Final = 16 * 1024 * 1024
"""Bytes of new entries, and all else beside lists, that :func:`check_news` reads."""


@value
class NewEntry:
    """An entry that touches the subject, in the tree of the news' checkpoint."""

    index: int
    logged: int
    leaf: bytes
    proof: tuple[bytes, ...]
    statement: Statement


@value
class Before:
    """What was known: the list in the tree of ``size`` entries, which ``note`` signs."""

    note: str
    size: int
    rows: Rows


@value
class News:
    """New entries of one subject as of a checkpoint. ``answer`` is None where entries were read one by one."""

    subject: str
    note: str
    checkpoint: Checkpoint
    as_of: int
    rows: int
    entries: tuple[NewEntry, ...]
    answer: ProvenList | None = None
    read: tuple[int, int] | None = None
    before: Before | None = None
    consistency: tuple[bytes, ...] = ()


def read_entry(leaf: bytes, subject: str) -> Statement:
    """The statement in a leaf that stands in the subject's list; :class:`Malformed` if it has no place there."""
    statement = parse_leaf(leaf).statement
    if subject not in subjects(statement):
        raise Malformed(f"a {statement.type} that does not touch {subject}")
    return statement


def format_news(news: News) -> bytes:
    """The JSON, canonical."""
    value: dict[str, Json] = {
        "entries": [_entry_json(entry) for entry in news.entries],
        "format": FORMAT,
        "subject": news.subject,
    }
    if news.answer is not None:
        value["answer"] = format_answer(news.answer)
    else:
        value["checkpoint"] = news.note
    if news.read is not None:
        value["read"] = list(news.read)
    if news.before is not None:
        before = news.before
        value["before"] = {
            "checkpoint": before.note,
            "list": [list(row) for row in before.rows],
            "size": before.size,
        }
        value["consistency"] = [format_b64(one) for one in news.consistency]
    return canonical.encode(value)


def _entry_json(entry: NewEntry) -> dict[str, Json]:
    return {
        "id": entry.statement.id,
        "index": entry.index,
        "leaf": canonical.parse(entry.leaf, limit=MAX_LEAF),
        "logged": format_instant(entry.logged),
        "proof": [format_b64(one) for one in entry.proof],
        "describe": describe(entry.statement, english()),
        "type": entry.statement.type,
    }


def check_news(data: bytes, policy: Policy, *, limit: int = 1 << 27) -> None:
    """That news which somebody handed on is proven: for who gets it by a webhook, and trusts nobody on the way.

    Raises :class:`verifier.base.errors.KembarError`. What was known before is taken from the news itself: compare
    ``before`` with the last news that you have.
    """
    value = parse_apart(data, *lists_apart(2), limit=limit, rest=MAX_NEW)
    try:
        _check(value, policy)
    except (KeyError, TypeError, AttributeError):
        raise Malformed("is not as the format says") from None


def _check(value: Json, policy: Policy) -> None:
    if type(value) is not dict or value.get("format") != FORMAT:
        raise Malformed(f"must be {FORMAT}", "format")
    if "answer" not in value:
        raise Malformed("is missing: what was read entry by entry proves itself only to its reader", "answer")
    answer = open_answer(value["answer"], value.get("subject", ""), policy)
    old: Sequence[tuple[int, int]] = ()
    size = 0
    if "before" in value:
        before = value["before"]
        known = open_checkpoint(before["checkpoint"], policy).checkpoint
        size, old = known.size, [(at, logged) for at, logged in before["list"]]
        if size != before["size"]:
            raise Malformed("is not that of its checkpoint", "before.size")
        proof = [parse_b64(one, 32) for one in value["consistency"]]
        check_consistency(size, known.root, answer.checkpoint.size, answer.checkpoint.root, proof)
    change = compare(old, size, answer.rows)
    if not change.is_honest:
        raise Malformed("the list did not go on from what it was before", "answer.list")
    shown = [(one["index"], one["logged"]) for one in value["entries"]]
    if shown != [(at, format_instant(logged)) for at, logged in change.fresh]:
        raise Malformed("are not those that are new in the list", "entries")
    for place, one in enumerate(value["entries"]):
        try:
            _check_entry(one, answer, value["subject"])
        except Malformed as error:
            raise error.at(f"entries[{place}]") from None


def _check_entry(value: Json, answer: ProvenList, subject: str) -> None:
    leaf = envelope_from_json(value["leaf"]).leaf
    tree, proof = answer.checkpoint, [parse_b64(one, 32) for one in value["proof"]]
    check_inclusion(leaf_hash(leaf), value["index"], tree.size, proof, tree.root)
    statement = read_entry(leaf, subject)
    said = describe(statement, english())
    if (statement.id, statement.type, said) != (value["id"], value["type"], value["describe"]):
        raise Malformed("does not say what its leaf says")
