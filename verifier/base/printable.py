"""Text of other people's for a terminal, a log, a memo or a page: nothing in it steers, hides, turns or breaks a line.

The list of what cannot be seen is the protocol's (section 4.4), and the same whatever Unicode an interpreter knows.
"""

from __future__ import annotations

from functools import cache

_UNSEEN = (
    (0x0000, 0x001F), (0x007F, 0x009F),  # controls, line feeds among them
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F),  # no width; ends of lines and paragraphs; direction
    (0x3164, 0x3164), (0xD800, 0xDFFF), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB),  # fillers, half pairs
    (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),  # of shorthand and music; tags
)  # fmt: skip
"""First and last code points of what has no look of its own: Unicode's controls, default ignorables and surrogates."""

_SPACES = frozenset((0x0020, 0x00A0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000))
"""Unicode's space separators."""


@cache
def _shown() -> dict[int, str]:
    return {point: f"\\u{{{point:x}}}" for first, last in _UNSEEN for point in range(first, last + 1)}


@cache
def _flat() -> dict[int, str]:
    return {**dict.fromkeys(_shown(), " "), **dict.fromkeys(_SPACES, " ")}


def printable(text: str) -> str:
    """``text`` with each character that cannot be seen written as ``\\u{1b}``; the same on every machine."""
    return text.translate(_shown())


def flat(text: str) -> str:
    """``text`` on one line: what cannot be seen, and spaces of every kind, become one space, and none at the ends."""
    return " ".join(word for word in text.translate(_flat()).split(" ") if word)
