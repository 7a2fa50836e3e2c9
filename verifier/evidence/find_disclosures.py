"""Disclosures found in whatever holds them, so that a reader can lay them into evidence that does not show them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from verifier.statements.disclosure import MAX_DISCLOSURE

_TEXT = re.compile(rb"(?<![A-Za-z0-9_-])Wy[IJ][A-Za-z0-9_-]{%d,}(?![A-Za-z0-9_-])" % 32)
"""What begins as every disclosure does, with ``["`` in base64url, and is as long as its salt and name make it."""


def disclosures_in(data: bytes) -> Iterator[str]:
    """What looks like a disclosure in bytes of any kind: evidence, a signed file, lines of either, plain text."""
    for found in _TEXT.finditer(data):
        if found.end() - found.start() <= MAX_DISCLOSURE:
            yield found.group().decode("ascii")
