"""Long lists as packed numbers, cut out of a text before the rest of it is read as JSON.

A row is some 22 bytes of text, 160 as arrays and numbers of JSON, and 16 packed. What the text is, and what is wrong
with it, stays the same: only lists that are written as they must be are cut out, and all others are read with the rest.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias, overload

from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.errors import Malformed
from verifier.base.strict import MAX_INTEGER

Rows: TypeAlias = Sequence[tuple[int, int]]
"""(index, logged time), rising by index."""

MAX_SPARE_OBJECTS: Final = 100_000
MAX_SPARE_VALUES: Final = 4_000_000
"""Braces, and braces, brackets and commas, that a text may have beside one in 100, and one in 40, of its bytes: a
million rows have three million, and an entry or a proof has several times as many bytes."""

MAX_REST: Final = 28 * 1024 * 1024
"""Bytes beside entries and lists that are written as they must be: 2,000 paths of 256 steps, and a little more."""

_BLOCK = 1 << 20
_NUMBER = rb"(?:0|[1-9][0-9]{0,15})"
_ROW = rb"\[" + _NUMBER + rb"," + _NUMBER + rb"\]"
_LONG_LIST = re.compile(rb'(?<="list":\[)' + _ROW + rb"(?:," + _ROW + rb"){7,}+(?=\])")
_STAND_IN = b'["%d"]'
"""Stands where a list was cut out. No good text has it: a row holds numbers."""


class PackedRows(Sequence[tuple[int, int]]):
    """Rows as one array of numbers: index, time, index, time, and so on."""

    __slots__ = ("_numbers",)

    def __init__(self, text: bytes) -> None:
        """Of a list's text without the brackets around it, whose form is known to be right."""
        self._numbers = array("q")
        start = 0
        while start < len(text):
            end = text.find(b"]", start + _BLOCK) + 1 or len(text)
            self._numbers.extend(map(int, text[start:end].strip(b",[]").replace(b"],[", b",").split(b",")))
            start = end

    @property
    def largest(self) -> int:
        """The largest number."""
        return max(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers) // 2

    @overload
    def __getitem__(self, place: int) -> tuple[int, int]: ...

    @overload
    def __getitem__(self, place: slice) -> Rows: ...

    def __getitem__(self, place: int | slice) -> tuple[int, int] | Rows:
        if isinstance(place, slice):
            return tuple(self[number] for number in range(*place.indices(len(self))))
        number = 2 * range(len(self))[place]
        return self._numbers[number], self._numbers[number + 1]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        numbers = iter(self._numbers)
        return zip(numbers, numbers, strict=True)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(tuple.__eq__, self, other))

    __hash__ = None  # type: ignore[assignment]


def parse_packing(data: bytes, *, limit: int) -> Json:
    """Decode one canonical JSON text as :func:`verifier.base.canonical.parse` does, its long lists as PackedRows.

    Refuses, before it is read, a text that has more values than any file within the limits: they cost memory. Counted
    are the bytes that begin or part values, wherever they stand. Raises :class:`Malformed`.
    """
    check_density(data)
    return read_packing(data, limit=limit)


def read_packing(data: bytes, *, limit: int) -> Json:
    """The same of a text whose density has been checked. Raises :class:`Malformed`."""
    packed: list[PackedRows] = []

    def cut(found: re.Match[bytes]) -> bytes:
        rows = PackedRows(found[0])
        if rows.largest > MAX_INTEGER:
            return found[0]
        packed.append(rows)
        return _STAND_IN % (len(packed) - 1)

    if len(data) <= limit:
        if b'"list":[["' not in data:
            data = _LONG_LIST.sub(cut, data)
        if len(data) > MAX_REST:
            raise Malformed(f"{len(data):,} bytes, apart from entries and lists, are more than the limits allow")
    value = canonical.parse(data, limit=limit)
    return _put_back(value, packed) if packed else value


def check_density(data: bytes) -> None:
    """Refuse a text that has more values than any file within the limits. Raises :class:`Malformed`."""
    objects = data.count(b"{")
    values = objects + data.count(b"[") + data.count(b",")
    if objects > MAX_SPARE_OBJECTS + len(data) // 100 or values > MAX_SPARE_VALUES + len(data) // 40:
        raise Malformed(f"about {values:,} values in {len(data):,} bytes: more than the limits allow")


def _put_back(value: Json, packed: Sequence[PackedRows], name: str = "") -> Json:
    match value:
        case dict():
            return {name: _put_back(one, packed, name) for name, one in value.items()}
        case [[str() as place]] if name == "list":
            return packed[int(place)]
        case list():
            return [_put_back(one, packed) for one in value]
    return value
