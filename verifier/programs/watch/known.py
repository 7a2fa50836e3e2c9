"""What a watcher remembers between two looks: the last checkpoint, and each subject's list as it was then.

    {"checkpoint":"<signed note>","faults":["<hex>"],"format":"kembar-watch-state/1",
     "subjects":[{"answer":{...},"list":[[7,1763921115]],"size":31,"subject":"party:..."}],
     "waiting":[{"posts":[{...}],"url":"https://..."}]}

``answer`` is what the registry showed, so that a list that changes can be held against it; it is not there for a list
that was read entry by entry. ``faults`` are digests of what was told already, ``waiting`` is what webhooks are still to
be told (left out where it is nothing).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.errors import Malformed
from verifier.base.strict import is_hex64
from verifier.base.values import field, value
from verifier.evidence.file import MAX_SUBJECTS
from verifier.evidence.rows import Rows
from verifier.log.checkpoint import Checkpoint, parse_checkpoint
from verifier.log.note import parse_note
from verifier.statements.subjects import parse_subject

FORMAT: Final = "kembar-watch-state/1"
MAX_STATE: Final = 1024 * 1024 * 1024
MAX_FAULTS: Final = 10_000
"""Faults that are remembered; the oldest are forgotten, and told again if they are met again."""


@value
class SeenList:
    """A subject's list in the tree of ``size`` entries, and the ``answer`` that proved it, if one did."""

    size: int
    rows: Rows
    answer: Json | None = None


@value(frozen=False)
class WatchState:
    """What was seen so far. ``note`` is None before the first look; ``waiting`` has bodies by a webhook's URL."""

    note: str | None = None
    seen: dict[str, SeenList] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    waiting: dict[str, list[bytes]] = field(default_factory=dict)

    @property
    def checkpoint(self) -> Checkpoint | None:
        """The largest tree that was accepted."""
        return None if self.note is None else parse_checkpoint(parse_note(self.note).text)


def format_known(known: WatchState) -> bytes:
    """The bytes of a state file."""
    value: dict[str, Json] = {
        "faults": known.faults[-MAX_FAULTS:],
        "format": FORMAT,
        "subjects": [_format_seen(subject, seen) for subject, seen in sorted(known.seen.items())],
    }
    if known.note is not None:
        value["checkpoint"] = known.note
    waiting: list[Json] = [
        {"posts": [canonical.parse(body, limit=MAX_STATE) for body in posts], "url": url}
        for url, posts in known.waiting.items()
        if posts
    ]
    if waiting:
        value["waiting"] = waiting
    return canonical.encode(value) + b"\n"


def _format_seen(subject: str, seen: SeenList) -> dict[str, Json]:
    value: dict[str, Json] = {"list": [list(row) for row in seen.rows], "size": seen.size, "subject": subject}
    if seen.answer is not None:
        value["answer"] = seen.answer
    return value


def parse_known(data: bytes) -> WatchState:
    """The inverse of :func:`format_known`. It is the reader's own file: it is read strictly, and then believed."""
    value = canonical.parse(data.removesuffix(b"\n"), limit=MAX_STATE)
    members = _object(value, {"faults", "format", "subjects"}, {"checkpoint", "waiting"})
    if members["format"] != FORMAT:
        raise Malformed(f"must be {FORMAT}", "format")
    faults, subjects = members["faults"], members["subjects"]
    if type(faults) is not list or any(type(one) is not str or not is_hex64(one) for one in faults):
        raise Malformed("must be an array of digests", "faults")
    if type(subjects) is not list or len(subjects) > MAX_SUBJECTS:
        raise Malformed("must be an array", "subjects")
    note = members.get("checkpoint")
    if note is not None:
        if type(note) is not str:
            raise Malformed("must be a string", "checkpoint")
        parse_checkpoint(parse_note(note).text)
    seen = {}
    for place, one in enumerate(subjects):
        try:
            subject, made = _parse_seen(one)
        except Malformed as error:
            raise error.at(f"subjects[{place}]") from None
        seen[subject] = made
    return WatchState(note=note, seen=seen, faults=list(faults), waiting=_parse_waiting(members.get("waiting", [])))


def _parse_waiting(value: Json) -> dict[str, list[bytes]]:
    if type(value) is not list:
        raise Malformed("must be an array", "waiting")
    found = {}
    for place, one in enumerate(value):
        try:
            members = _object(one, {"posts", "url"}, set())
        except Malformed as error:
            raise error.at(f"waiting[{place}]") from None
        url, posts = members["url"], members["posts"]
        if type(url) is not str or type(posts) is not list or any(type(post) is not dict for post in posts):
            raise Malformed("must be a URL and an array of objects", f"waiting[{place}]")
        found[url] = [canonical.encode(post) for post in posts]
    return found


def _parse_seen(value: Json) -> tuple[str, SeenList]:
    members = _object(value, {"list", "size", "subject"}, {"answer"})
    subject, size, rows = members["subject"], members["size"], members["list"]
    if type(subject) is not str:
        raise Malformed("must be a string", "subject")
    parse_subject(subject)
    if type(size) is not int or size < 0:
        raise Malformed("must be an integer of 0 or more", "size")
    if type(rows) is not list or not all(map(_is_row, rows)):
        raise Malformed("must be an array of rows", "list")
    found = tuple((at, logged) for at, logged in rows)
    if any(found[i - 1][0] >= found[i][0] for i in range(1, len(found))):
        raise Malformed("rows must rise strictly by index", "list")
    return subject, SeenList(size=size, rows=found, answer=members.get("answer"))


def _is_row(row: Any) -> bool:
    return type(row) is list and len(row) == 2 and all(type(one) is int and one >= 0 for one in row)


def _object(value: Json, needed: set[str], allowed: set[str]) -> Mapping[str, Any]:
    if type(value) is not dict or not needed <= set(value) <= needed | allowed:
        raise Malformed(f"must be an object of {', '.join(sorted(needed))}")
    return value
