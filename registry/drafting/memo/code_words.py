"""What the codes of terms are called: by the catalogue, and of countries by the Unicode CLDR, by way of Babel."""

from __future__ import annotations

from collections.abc import Iterable

from babel import Locale
from babel.lists import format_list

from verifier.programs.language import catalogue
from verifier.statements.categories import CATEGORIES


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
    return str(format_list(found, locale=language))


def categories(codes: Iterable[str], language: str) -> str:
    every = catalogue(language).say("memo.all_products")
    names = [every if code == "all" else CATEGORIES[code][1] if code in CATEGORIES else code for code in codes]
    return listed(names, language)


def countries(codes: Iterable[str], language: str) -> str:
    names = {**Locale(language).territories, "WORLD": catalogue(language).say("memo.world")}
    return listed((names.get(code, code) for code in codes), language)
