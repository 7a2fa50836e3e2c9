"""What the codes of terms are called, by the catalogue."""

from __future__ import annotations

from collections.abc import Iterable

from verifier.programs.language import catalogue
from verifier.words.category_names import CATEGORY_NAMES


def word(kind: str, code: str, language: str) -> str:
    """What a code of the terms is called; one that has no word is shown as it is."""
    return catalogue(language).code(f"memo.{kind}", code)


def codes(kind: str, codes: Iterable[str], language: str) -> str:
    """Codes of a kind by what they are called, as a list."""
    if kind == "countries":
        return countries(codes, language)
    return listed((word(kind, code, language) for code in codes), language)


def listed(items: Iterable[str], language: str) -> str:
    """With commas and an "and"; where a word of several has one in itself, with semicolons."""
    found = list(items)
    if len(found) > 1 and any(catalogue(language).and_ in word for word in found):
        return "; ".join(found)
    *first, last = found or [""]
    if not first:
        return last
    comma = "," if len(first) > 1 else ""
    return f"{', '.join(first)}{comma}{catalogue(language).and_}{last}"


def categories(codes: Iterable[str], language: str) -> str:
    every = catalogue(language).say("memo.all_products")
    names = [every if code == "all" else CATEGORY_NAMES.get(code, code) for code in codes]
    return listed(names, language)


def countries(codes: Iterable[str], language: str) -> str:
    words = catalogue(language)
    names = (words.say("memo.world") if code == "WORLD" else words.code("country", code) for code in codes)
    return listed(names, language)


def percent(part: int, whole: int, language: str) -> str:
    """A share to two digits behind the point, half to even, without zeros at the end: as in ``12.5%``."""
    hundredths, rest = divmod(part * 10_000, whole)
    if 2 * rest > whole or (2 * rest == whole and hundredths % 2):
        hundredths += 1
    words = catalogue(language)
    digits = f"{hundredths % 100:02d}".rstrip("0")
    return words.number(hundredths // 100) + (words.decimal + digits if digits else "") + "%"
