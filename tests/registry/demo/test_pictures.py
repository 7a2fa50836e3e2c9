"""The rendered portraits are sound PNG files, always the same for a title, and different for another."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from registry.demo.pictures import HEIGHT, WIDTH, portrait


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and data of each chunk, its checksum compared."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    place = 8
    while place < len(png):
        (length,) = struct.unpack_from(">I", png, place)
        kind, data = png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        assert struct.unpack_from(">I", png, place + 8 + length) == (zlib.crc32(kind + data),)
        yield kind, data
        place += 12 + length


@given(st.text(max_size=30))
def test_portrait_is_a_png_with_every_row(title: str) -> None:
    title = title.encode("utf-8", "replace").decode("utf-8")
    found = list(chunks(portrait(title)))
    assert [kind for kind, _ in found] == [b"IHDR", b"iTXt", b"IDAT", b"IEND"]
    assert found[0][1] == struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    rows = zlib.decompress(found[2][1])
    assert len(rows) == HEIGHT * (1 + 3 * WIDTH)
    assert set(rows[:: 1 + 3 * WIDTH]) == {0}


def test_the_same_title_gives_the_same_bytes_and_another_one_others() -> None:
    assert portrait("a use") == portrait("a use")
    assert len({portrait(f"use {number}") for number in range(30)}) == 30
