"""Lists of rows as packed numbers, and paths, each read apart from the rest of a text.

A row is some 22 bytes of text, 160 as arrays and numbers of JSON, and 16 packed.
"""

from __future__ import annotations

import re
from array import array
from binascii import a2b_base64
from collections.abc import Iterator, Sequence
from typing import TypeAlias, overload

from verifier.base.strict import MAX_INTEGER
from verifier.evidence.apart import TextPart

Rows: TypeAlias = Sequence[tuple[int, int]]
"""(index, logged time), rising by index."""

Path: TypeAlias = tuple[tuple[int, bytes], ...]
"""(bit, sibling), bits falling: an index proof."""

_BLOCK = 1 << 20
_NUMBER = rb"(?:0|[1-9][0-9]{0,15})"
_ROW = rb"\[" + _NUMBER + rb"," + _NUMBER + rb"\]"
_LIST = re.compile(rb'"list":\[' + _ROW + rb"(?:," + _ROW + rb"){7,}+\]")
_BIT = rb"(?:[1-9]?[0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
_STEP = rb"\[" + _BIT + rb',"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="\]'
_PATH = re.compile(rb'"path":\[' + _STEP + rb"(?:," + _STEP + rb"){0,255}+\]")


class PackedRows(Sequence[tuple[int, int]]):
    """Rows as one array of numbers: index, time, index, time, and so on."""

    __slots__ = ("_numbers",)

    def __init__(self, text: bytes) -> None:
        """Of a list's text whose form is known to be right; brackets around it do not matter."""
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


def _rows(found: re.Match[bytes]) -> PackedRows | None:
    rows = PackedRows(found[0].removeprefix(b'"list":'))
    return rows if rows.largest <= MAX_INTEGER else None


def _path(found: re.Match[bytes]) -> Path:
    steps = [step.split(b',"') for step in found[0][len(b'"path":[[') : -len(b'"]]')].split(b'"],[')]
    return tuple([(int(bit), a2b_base64(sibling)) for bit, sibling in steps])


def lists_apart(most: int = 1) -> tuple[TextPart, TextPart]:
    """Lists of eight rows or more, and their paths."""
    rows = TextPart(head=b'"list":', pattern=_LIST, depth=2, read=_rows, most=most)
    return rows, TextPart(head=b'"path":', pattern=_PATH, depth=2, read=_path, most=most)
