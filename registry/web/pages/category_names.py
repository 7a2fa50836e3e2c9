"""Product categories as pages call them: in the reader's language, beside the name that the contract's memo has.

The names of the list that statements use are English, and so are those in a memo, in either language: its text is law,
and is made anew from the terms byte for byte. So a page in another language gives both, and marks the English one.
"""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

from registry.drafting.drafts.vocabularies import meant
from registry.drafting.memo import code_words
from registry.web.pages.category_table import NAMES
from verifier.words.category_names import CATEGORY_NAMES


def shown(codes: Iterable[str], language: str) -> Markup:
    """As a list; ``Pakaian wanita (Women's Clothing)`` in Indonesian."""
    return Markup(code_words.listed([str(_shown(code, language)) for code in codes], language))


def plain(codes: Iterable[str], language: str) -> str:
    """As a list, without the standard's names, where there is little room."""
    return code_words.listed([_own(code, language) or _published(code, language) for code in codes], language)


def typed(code: str, language: str) -> str:
    """As one types it into a form: by its name, where that says which it is and has no comma, else by its code."""
    own = _own(code, language)
    if own is not None and "," not in own:
        return own
    name = _published(code, language)
    return name if "," not in name and meant(name, "categories")[:1] == [code] else code


def code_of(name: str, language: str) -> str | None:
    """Which category is called so in a language; None for no or another name. English names are the standard's."""
    wanted = name.strip().casefold()
    return next((code for code, own in NAMES.get(language, {}).items() if own.casefold() == wanted), None)


def _shown(code: str, language: str) -> Markup:
    own, published = _own(code, language), escape(_published(code, language))
    return published if own is None else Markup('{} (<span lang="en">{}</span>)').format(own, published)


def _own(code: str, language: str) -> str | None:
    return NAMES.get(language, {}).get(code)


def _published(code: str, language: str) -> str:
    """The standard's name; of all products the language's, of what is no category the code."""
    return CATEGORY_NAMES[code] if code in CATEGORY_NAMES else code_words.categories([code], language)
