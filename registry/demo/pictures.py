"""Portraits that belong to nobody: PNG files drawn with the standard library, each different from every other."""

from __future__ import annotations

import struct
import zlib
from hashlib import sha256
from math import isqrt

WIDTH, HEIGHT = 360, 480
Colour = tuple[int, int, int]

_SKIN: tuple[Colour, ...] = ((241, 194, 165), (224, 172, 125), (198, 134, 94), (141, 85, 54), (96, 60, 42))
_HAIR: tuple[Colour, ...] = ((30, 24, 22), (64, 40, 28), (110, 66, 36), (172, 128, 74), (58, 58, 66))


def portrait(title: str) -> bytes:
    """A PNG with a portrait made from ``title``, which also stands in it as text: other titles, other bytes."""
    seed = sha256(title.encode("utf-8")).digest()
    rows = b"".join(b"\0" + row for row in _rows(seed))
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)),
            _chunk(b"iTXt", b"Title\0\0\0\0\0" + title.encode("utf-8")),
            _chunk(b"IDAT", zlib.compress(rows, 6)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _rows(seed: bytes) -> list[bytes]:
    """Each row is painted back to front as runs of one colour, which is what makes it quick."""
    top, bottom = _pastel(seed[0:3]), _pastel(seed[3:6])
    skin, hair, cloth = _SKIN[seed[6] % len(_SKIN)], _HAIR[seed[7] % len(_HAIR)], _vivid(seed[8:11])
    shade = _mix(cloth, (255, 255, 255), 90)
    stripe = 10 + seed[11] % 14
    x, y = WIDTH // 2 + seed[12] % 41 - 20, 185 + seed[13] % 25
    long_hair = seed[14] % 3
    shapes = [
        (x, y - 8 + 45 * long_hair, 88, 106 + 45 * long_hair, hair),
        (x, HEIGHT + 20, 165, 165, cloth),
        (x, y + 96, 30, 62, _mix(skin, (0, 0, 0), 40)),
        (x, y, 70, 92, skin),
        (x, y - 70, 66, 34 + seed[15] % 14, hair),
    ]
    for side in (-1, 1):
        shapes += [(x + side * 28, y - 8, 12, 7, (250, 250, 250)), (x + side * 28, y - 8, 5, 6, (38, 30, 30))]
        shapes.append((x + side * 28, y - 26, 15, 3, hair))
    shapes += [(x, y + 20, 7, 16, _mix(skin, (0, 0, 0), 26)), (x, y + 50, 22, 7, _mix(skin, (190, 30, 50), 150))]
    rows = []
    for line in range(HEIGHT):
        row = bytearray(bytes(_mix(top, bottom, 256 * line // HEIGHT)) * WIDTH)
        for cx, cy, rx, ry, colour in shapes:
            away = line - cy
            if abs(away) < ry:
                half = rx * isqrt(ry * ry - away * away) // ry
                striped = colour is cloth and line // stripe % 2 == 1
                _paint(row, cx - half, cx + half, shade if striped else colour)
        rows.append(bytes(row))
    return rows


def _paint(row: bytearray, start: int, end: int, colour: Colour) -> None:
    start, end = max(start, 0), min(end, WIDTH)
    if start < end:
        row[3 * start : 3 * end] = bytes(colour) * (end - start)


def _mix(one: Colour, other: Colour, part: int) -> Colour:
    """``part`` of 256 of ``other``."""
    red, green, blue = ((a * (256 - part) + b * part) // 256 for a, b in zip(one, other, strict=True))
    return red, green, blue


def _pastel(seed: bytes) -> Colour:
    return _mix((seed[0], seed[1], seed[2]), (236, 232, 226), 150)


def _vivid(seed: bytes) -> Colour:
    return 40 + seed[0] * 3 // 4, 40 + seed[1] * 3 // 4, 40 + seed[2] * 3 // 4
