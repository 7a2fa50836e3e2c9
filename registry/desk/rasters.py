"""Whether bytes are a picture of one of five kinds, by what stands at their beginning. Nothing of it is decoded.

Sources: PNG (W3C, 11.2.1), JPEG (ITU-T T.81, annex B), WebP (RFC 9649), GIF89a (18), AVIF (ISO/IEC 14496-12 and
23008-12: ``ispe``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

PIXELS = 100_000_000
"""Pixels of a picture: more would fill the memory of whoever looks at it."""
SEGMENTS = 1_000
"""Segments of a JPEG, or boxes of an AVIF, that are walked."""
BLOCKS = 65_536
"""Blocks of a GIF before its first frame; each has at most 255 bytes."""
TYPES = {"image/avif": "avif", "image/gif": "gif", "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
"""The media types, and how names of such files end."""

_SIZED = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG's markers of a frame, which has a size."""
_BARE = frozenset({0x01, *range(0xD0, 0xD8)})
"""Those without a length."""


@dataclass(frozen=True, slots=True)
class Raster:
    """A picture's media type, and its pixels."""

    type: str
    width: int
    height: int


def raster(data: bytes) -> Raster | None:
    """What picture these bytes begin as; None where they are none, or one without pixels or with too many."""
    for type, size in (
        ("image/png", _png), ("image/jpeg", _jpeg), ("image/gif", _gif), ("image/webp", _webp), ("image/avif", _avif),
    ):  # fmt: skip
        found = size(data)
        if found is not None:
            return Raster(type, *found) if 0 < found[0] * found[1] <= PIXELS else None
    return None


def _png(data: bytes) -> tuple[int, int] | None:
    if len(data) < 33 or not data.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"):
        return None
    return _big(data[16:20]), _big(data[20:24])


def _jpeg(data: bytes) -> tuple[int, int] | None:
    if not data.startswith(b"\xff\xd8\xff"):
        return None
    at = 2
    for _ in range(SEGMENTS):
        if len(data) < at + 9 or data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker in _SIZED:
            return _big(data[at + 7 : at + 9]), _big(data[at + 5 : at + 7])
        if marker in (0x00, 0xD8, 0xD9, 0xDA):  # a decoder skips the first alone, and not what may seem its segment
            return None
        at += 1 if marker == 0xFF else 2 if marker in _BARE else 2 + max(2, _big(data[at + 2 : at + 4]))
    return None


def _gif(data: bytes) -> tuple[int, int] | None:
    """The screen that it names, or its first frame where that reaches further: some browsers then draw on as much."""
    if len(data) < 13 or not data.startswith((b"GIF87a", b"GIF89a")):
        return None
    at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    in_blocks = False
    for _ in range(BLOCKS):
        if len(data) < at + 10:
            return None
        if in_blocks:
            in_blocks, at = data[at] > 0, at + 1 + data[at]
        elif data[at] == 0x21:
            in_blocks, at = True, at + 2
        elif data[at] == 0x2C:
            left, top, width, height = (_little(data[one : one + 2]) for one in range(at + 1, at + 9, 2))
            return max(_little(data[6:8]), left + width), max(_little(data[8:10]), top + height)
        else:
            return None
    return None


def _webp(data: bytes) -> tuple[int, int] | None:
    if len(data) < 30 or data[:4] != b"RIFF" or data[8:12] != b"WEBP" or _little(data[4:8]) + 8 > len(data) + 1:
        return None
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + _little(data[24:27]), 1 + _little(data[27:30])
    if kind == b"VP8L" and data[20] == 0x2F:
        bits = _little(data[21:25])
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        return _little(data[26:28]) & 0x3FFF, _little(data[28:30]) & 0x3FFF
    return None


def _avif(data: bytes) -> tuple[int, int] | None:
    """The largest of the sizes that it names."""
    found = next(iter(_boxes(data, 0, len(data))), None)
    if found is None or found[0] != b"ftyp" or b"avif" not in re.findall(b"....", data[8 : min(found[2], 264)], re.S):
        return None
    sizes = [
        (_big(data[at + 4 : at + 8]), _big(data[at + 8 : at + 12]))
        for at, end in _within(data, (b"meta", b"iprp", b"ipco", b"ispe"), 0, len(data))
        if end - at >= 12
    ]
    return max(sizes, key=lambda one: one[0] * one[1], default=None)


def _within(data: bytes, path: tuple[bytes, ...], start: int, end: int) -> Iterator[tuple[int, int]]:
    """The contents of the boxes at a path of box types."""
    for type, at, past in _boxes(data, start, end):
        if type == path[0]:
            inner = at + 4 if type == b"meta" else at  # it has a version and flags
            if path[1:]:
                yield from _within(data, path[1:], inner, past)
            else:
                yield inner, past


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Boxes one after another: the type, where the contents begin and where they end."""
    for _ in range(SEGMENTS):
        if end - start < 8:
            return
        length, type = _big(data[start : start + 4]), data[start + 4 : start + 8]
        past = end if length == 0 else start + length
        if past > end or (length and length < 8):
            return
        yield type, start + 8, past
        start = past


def _big(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")
