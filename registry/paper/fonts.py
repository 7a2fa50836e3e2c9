"""The fonts of papers, which every paper carries with it, and which of them has a letter.

``scripts/paper_fonts.py`` makes the files from Debian's packages; fonts/OFL.txt and NOTICE have their licences. What no
font here has is spelt out (``\\u{1f600}``), and the paper says so: nothing that somebody is called is left out.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTFont

from verifier.base.printable import printable

FOLDER: Final = files("registry.paper") / "fonts"
REGULAR, BOLD = "NotoSans-Regular", "NotoSans-Bold"
LATIN: Final = "latin"
"""The family of both: letters of Latin, Greek and Cyrillic."""

OTHERS: Final = (
    ("NotoSansArabic-Regular", ((0x600, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFF))),
    ("NotoSansArmenian-Regular", ((0x530, 0x58F),)),
    ("NotoSansBengali-Regular", ((0x980, 0x9FF),)),
    ("NotoSansDevanagari-Regular", ((0x900, 0x97F), (0xA8E0, 0xA8FF))),
    ("NotoSansEthiopic-Regular", ((0x1200, 0x139F), (0x2D80, 0x2DDF))),
    ("NotoSansGeorgian-Regular", ((0x10A0, 0x10FF), (0x1C90, 0x1CBF))),
    ("NotoSansGujarati-Regular", ((0xA80, 0xAFF),)),
    ("NotoSansGurmukhi-Regular", ((0xA00, 0xA7F),)),
    ("NotoSansHebrew-Regular", ((0x590, 0x5FF), (0xFB1D, 0xFB4F))),
    ("NotoSansKannada-Regular", ((0xC80, 0xCFF),)),
    ("NotoSansKhmer-Regular", ((0x1780, 0x17FF),)),
    ("NotoSansLao-Regular", ((0xE80, 0xEFF),)),
    ("NotoSansMalayalam-Regular", ((0xD00, 0xD7F),)),
    ("NotoSansMyanmar-Regular", ((0x1000, 0x109F),)),
    ("NotoSansSinhala-Regular", ((0xD80, 0xDFF),)),
    ("NotoSansTamil-Regular", ((0xB80, 0xBFF),)),
    ("NotoSansTelugu-Regular", ((0xC00, 0xC7F),)),
    ("NotoSansThai-Regular", ((0xE00, 0xE7F),)),
    ("KembarHangul", ((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7AF))),
    ("DroidSansFallback", ((0x3000, 0x312F), (0x31F0, 0x31FF), (0x4E00, 0x9FFF), (0xFF00, 0xFFEF))),
)
"""Of other scripts, and where in Unicode they stand. The last is for Chinese and Japanese."""


def path_of(name: str) -> Path:
    """The file of a font."""
    with as_file(FOLDER / f"{name}.ttf") as path:
        return path


def font_of(letter: str) -> str | None:
    """The font that has a letter; None where none has."""
    if ord(letter) in _letters(REGULAR):
        return REGULAR
    for name, spans in OTHERS:
        if any(first <= ord(letter) <= last for first, last in spans):
            return name if ord(letter) in _letters(name) else None
    return None


def legible(text: str) -> str:
    """Other people's words as they can be set: what cannot be seen, or has no font here, is spelt out."""
    return "".join(
        one if one == "\n" or font_of(one) is not None else f"\\u{{{ord(one):x}}}" for one in printable(text)
    )


@cache
def _letters(name: str) -> frozenset[int]:
    with TTFont(path_of(name), lazy=True) as font:
        return frozenset(font.getBestCmap())
