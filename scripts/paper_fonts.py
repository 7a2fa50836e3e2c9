"""The fonts that papers carry, registry/paper/fonts/*.ttf, made of Debian's fonts-noto-core, fonts-droid-fallback and
fonts-nanum (12 or later), which have to be installed: the letters that names are written in, without hints.

Run as ``.venv/bin/python -P scripts/paper_fonts.py`` when a script is added, and commit what it makes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

SOURCE = Path("/usr/share/fonts/truetype")
TARGET = Path("registry/paper/fonts")
SCRIPTS = (
    "Arabic Armenian Bengali Devanagari Ethiopic Georgian Gujarati Gurmukhi Hebrew Kannada Khmer Lao Malayalam Myanmar"
    " Sinhala Tamil Telugu Thai"
).split()
LATIN = ((0x20, 0x52F), (0x1E00, 0x2199), (0x2200, 0x22FF), (0x25CC, 0x25CC), (0xFB00, 0xFB06), (0xFFFD, 0xFFFD))
HAN = ((0x3000, 0x312F), (0x31F0, 0x31FF), (0x4E00, 0x9FFF), (0xFF00, 0xFFEF))
HANGUL = ((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7AF))
EVERY = ((0x20, 0x10FFFF),)
HANGUL_NAME = "KembarHangul"
"""NanumGothic is a reserved name: what is changed has another (OFL, 3)."""


def make(source: str, name: str, spans: Sequence[tuple[int, int]], features: Sequence[str]) -> None:
    """One font with the letters of these spans, and these features of OpenType."""
    options = subset.Options(
        hinting=False, recalc_timestamp=False, notdef_outline=True, glyph_names=False, layout_features=list(features),
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14], name_languages=[0x409],
    )  # fmt: skip
    font: TTFont = subset.load_font(str(SOURCE / source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[one for one in font.getBestCmap() if any(a <= one <= b for a, b in spans)])
    subsetter.subset(font)
    if name == HANGUL_NAME:
        for record in font["name"].names:
            if record.nameID in (1, 3, 4, 6):
                record.string = HANGUL_NAME
    subset.save_font(font, str(TARGET / f"{name}.ttf"), options)


def main() -> None:
    """All of them."""
    for name in ("NotoSans-Regular", "NotoSans-Bold"):
        make(f"noto/{name}.ttf", name, LATIN, ("kern", "mark", "mkmk", "ccmp", "locl"))
    for script in SCRIPTS:
        name = f"NotoSans{script}-Regular"
        make(f"noto/{name}.ttf", name, EVERY, ("*",))
    make("droid/DroidSansFallbackFull.ttf", "DroidSansFallback", HAN, ())
    make("nanum/NanumGothic.ttf", HANGUL_NAME, HANGUL, ())


if __name__ == "__main__":
    main()
