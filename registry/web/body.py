"""Reading request bodies within bounds: one whole, or many lines, each bounded and none spoiling the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from flask import Request

from registry.web.errors import fail

JSON, NDJSON, BYTES = "application/json", "application/x-ndjson", "application/octet-stream"
_BLOCK = 64 * 1024


def media_type(request: Request) -> str:
    """``application/json`` or ``application/x-ndjson``; anything else is refused."""
    if request.mimetype not in (JSON, NDJSON):
        raise fail("media_type", f"the body is {request.mimetype or 'of no type'}, not {JSON} or {NDJSON}")
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise fail("media_type", "a body with a Content-Encoding is not read here: send it as it is")
    return request.mimetype


def whole(request: Request, limit: int) -> bytes:
    """The body, of at most ``limit`` bytes."""
    data: bytes = request.stream.read(limit + 1)
    if len(data) > limit:
        raise fail("too_large", f"the body is larger than {limit} bytes")
    return data


def lines(stream: IO[bytes], limit: int) -> Iterator[bytes | None]:
    """Lines without their newline, in blocks; ``None`` stands for one that is longer than ``limit`` bytes.

    The rest of a line that is too long is skipped, so that the next one is read where it begins.
    """
    pending, skipping = b"", False
    while block := stream.read(_BLOCK):
        pending += block
        *complete, pending = pending.split(b"\n")
        for line in complete:
            yield None if skipping or len(line) > limit else line
            skipping = False
        if len(pending) > limit:
            pending, skipping = b"", True
    if pending or skipping:
        yield None if skipping or len(pending) > limit else pending
