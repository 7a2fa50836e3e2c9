"""What a picture is, by its beginning alone: five kinds, and nothing else that a browser would draw or run."""

from __future__ import annotations

import pytest

from registry.demo.pictures import portrait
from registry.desk.rasters import BLOCKS, SEGMENTS, Raster, raster


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + width.to_bytes(4) + height.to_bytes(4) + b"\x08\x02\0\0\0" + b"\0" * 16


def box(type: bytes, data: bytes) -> bytes:
    return (8 + len(data)).to_bytes(4) + type + data


def avif(*sizes: tuple[int, int], brand: bytes = b"avif") -> bytes:
    named = b"".join(box(b"ispe", bytes(4) + width.to_bytes(4) + height.to_bytes(4)) for width, height in sizes)
    meta = bytes(4) + box(b"hdlr", bytes(24)) + box(b"iprp", box(b"ipco", named))
    return box(b"ftyp", b"mif1" + bytes(4) + b"miaf" + brand) + box(b"meta", meta) + box(b"mdat", b"x")


def gif(
    *, version: bytes = b"89a", palette: bytes = b"", before: bytes = b"", frame: tuple[int, ...] = (0, 0, 40, 50)
) -> bytes:
    flags = bytes([0x80 | len(palette).bit_length() - 3 if palette else 0])
    head = b"GIF" + version + b"\x28\x00\x32\x00" + flags + bytes(2) + palette + before
    return head + b"," + b"".join(one.to_bytes(2, "little") for one in frame) + b"\0\x02\x02\x4c\x01\0;"


def webp(kind: bytes, data: bytes) -> bytes:
    chunk = b"WEBP" + kind + len(data).to_bytes(4, "little") + data
    return b"RIFF" + len(chunk).to_bytes(4, "little") + chunk


FRAME = b"\xff\xc2\x00\x11\x08\x00\x32\x00\x28" + bytes(12)
LONG = b"\xff\xe1" + (2 + 60_000).to_bytes(2) + bytes(60_000)
COMMENT = b"\x21\xfe\x05hello\x02,;\0"
GOOD = {
    "png": (png(40, 50), "image/png"),
    "jpeg": (b"\xff\xd8" + LONG + b"\xff\xdb\x00\x04\x00\x00" + FRAME, "image/jpeg"),
    "jpeg, padded": (b"\xff\xd8\xff\xff" + LONG[1:] + FRAME, "image/jpeg"),
    "gif 87": (gif(version=b"87a"), "image/gif"),
    "gif 89": (gif(), "image/gif"),
    "gif with colours and words": (gif(palette=bytes(3 * 256), before=COMMENT), "image/gif"),
    "gif of a small frame": (gif(frame=(10, 10, 4, 5)), "image/gif"),
    "webp": (webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a\x28\x00\x32\x00" + bytes(4)), "image/webp"),
    "webp, scaled": (webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a\x28\x40\x32\x80" + bytes(4)), "image/webp"),
    "webp, without loss": (webp(b"VP8L", b"\x2f" + (39 | 49 << 14).to_bytes(4, "little") + bytes(9)), "image/webp"),
    "webp, extended": (webp(b"VP8X", bytes(4) + b"\x27\0\0\x31\0\0"), "image/webp"),
    "avif": (avif((40, 50)), "image/avif"),
    "avif with a thumbnail": (avif((4, 5), (40, 50)), "image/avif"),
}  # fmt: skip
BAD = {
    "nothing": b"",
    "text": b"hello",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="50"><script>alert(1)</script></svg>',
    "html": b"<!doctype html><img>",
    "pdf": b"%PDF-1.7\n",
    "a page before a picture": b"<script></script>" + png(40, 50),
    "bmp": b"BM" + bytes(60),
    "png, cut off": png(40, 50)[:30],
    "png without pixels": png(0, 50),
    "png of too many pixels": png(10_001, 10_000),
    "png of another first chunk": png(40, 50).replace(b"IHDR", b"tEXt"),
    "jpeg without a frame": b"\xff\xd8\xff\xda" + bytes(60),
    "jpeg, cut off": b"\xff\xd8" + LONG[:-9],
    "jpeg of segments without end": b"\xff\xd8" + b"\xff\xe1\x00\x02" * (SEGMENTS + 1) + FRAME,
    "jpeg that hides its frame behind a stuffed byte": b"\xff\xd8\xff\0\0\x17" + FRAME + FRAME,
    "gif whose frame has too many pixels": gif(frame=(0, 0, 10_001, 10_000)),
    "gif whose frame begins far away": gif(frame=(65_535, 2_000, 1, 1)),
    "gif without a frame": gif()[:13] + b";" + bytes(30),
    "gif of words without end": gif(before=b"\x21\xfe" + b"\x01x" * (BLOCKS + 1) + b"\0"),
    "gif of an unknown block": gif(before=b"\0"),
    "webp that is longer than it is": webp(b"VP8X", bytes(4) + b"\x27\0\0\x31\0\0").replace(b"RIFF\x16", b"RIFF\x99"),
    "webp of an unknown kind": webp(b"VP9 ", bytes(30)),
    "wave": webp(b"VP8X", bytes(10)).replace(b"WEBP", b"WAVE"),
    "a film": avif((40, 50), brand=b"mp42"),
    "avif without a size": avif(),
    "avif of too many pixels": avif((40, 50), (10_001, 10_000)),
    "avif whose box is longer than the file": avif((40, 50))[:-60],
}


@pytest.mark.parametrize("name", GOOD)
def test_a_picture(name: str) -> None:
    data, type = GOOD[name]
    assert raster(data) == Raster(type, 40, 50)


@pytest.mark.parametrize("name", BAD)
def test_what_is_none(name: str) -> None:
    assert raster(BAD[name]) is None


@pytest.mark.parametrize("name", GOOD)
def test_one_that_is_cut_off_anywhere_is_looked_at_without_a_fault(name: str) -> None:
    data, type = GOOD[name]
    for end in {*range(min(len(data), 200)), len(data) - 1}:
        found = raster(data[:end])
        assert found is None or (found.type, found.width, found.height) == (type, 40, 50)


def test_a_whole_one() -> None:
    found = raster(portrait("Anna"))
    assert found is not None and found.type == "image/png"
