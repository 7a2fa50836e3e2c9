"""Parts of a text that are read by themselves, before the rest of it is read as JSON, and put back where they stood.

As JSON an entry takes twice its text, and a row of a list seven times; what is no such part may take thirty times as
much, so there is little of it in a good file, and a file with more is not read. What a text is, and what is wrong with
it, stays the same: only parts that are written as they must be are cut out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Final

from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.errors import Malformed
from verifier.base.values import value

MAX_REST: Final = 2 * 1024 * 1024
"""Bytes beside such parts: what stands for 50,000 entries and 2,000 lists, rows of short ones, and a checkpoint. One in
eight of as many may be a brace, a bracket or a comma.
"""

_STAND_IN = b'" %d"'
"""Stands where a part was. Nothing good has a string that begins with a blank."""


@value
class TextPart:
    """What is written as ``pattern`` says: ``head``, which stays, then arrays and objects, ``depth`` in one another.

    ``read`` makes of it what is put back, or None where it is read with the rest, as all are after the first ``most``.
    """

    head: bytes
    pattern: re.Pattern[bytes]
    depth: int
    read: Callable[[re.Match[bytes]], Json]
    most: int


def parse_apart(data: bytes, *parts: TextPart, limit: int, rest: int = MAX_REST) -> Json:
    """Decode one canonical JSON text as :func:`verifier.base.canonical.parse` does, but for what ``parts`` read.

    ``limit`` is in bytes, ``rest`` in bytes beside the parts. Raises :class:`Malformed`; a place that it says is that
    without them.
    """
    if len(data) > limit:
        raise Malformed(f"{len(data)} bytes, at most {limit} are allowed")
    cut: list[Json] = []  # each with its depth after it
    for part in parts if _STAND_IN[:2] not in data else ():
        data = part.pattern.sub(partial(_cut, part, cut), data, part.most)
    values = sum(map(data.count, (b"{", b"[", b",")))
    if len(data) > rest or values > rest // 8:
        raise Malformed(
            f"{len(data):,} bytes with about {values:,} values, beside entries and lists that are written as they must "
            "be: more than the limits allow"
        )
    try:
        return _put_back(canonical.parse(data, limit=limit), cut, canonical.MAX_DEPTH)
    except Malformed as error:
        told_by_place = cut and "JSON" in error.message  # which counts without them
        raise error.at("beside entries and lists") if told_by_place else error from None


def _cut(part: TextPart, cut: list[Json], found: re.Match[bytes]) -> bytes:
    value = part.read(found)
    if value is None:
        return found[0]
    cut += (value, part.depth)
    return part.head + _STAND_IN % (len(cut) - 2)


def _put_back(value: Json, cut: list[Json], depth: int) -> Json:
    match value:
        case str() if value.startswith(" ") and cut:
            whole, deep = cut[int(value)], cut[int(value) + 1]
            if deep >= depth:
                raise Malformed(f"nested deeper than {canonical.MAX_DEPTH}")
            return whole
        case list():
            for place, one in enumerate(value):
                value[place] = _put_back(one, cut, depth - 1)
        case dict():
            for name, one in value.items():
                value[name] = _put_back(one, cut, depth - 1)
    return value
