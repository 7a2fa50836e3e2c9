"""English in a text that should be in another language: sentences of the catalogue, and pieces of them."""

from __future__ import annotations

import re

from verifier.programs.language import catalogue, english
from verifier.words.catalogue import PLACEHOLDER, Template


def pieces(template: Template) -> set[str]:
    """What stands between a sentence's values: of two words at least."""
    forms = [template] if isinstance(template, str) else template.values()
    found = {piece.strip(" .,:;()\n") for form in forms for piece in PLACEHOLDER.split(form)[::2]}
    return {piece for piece in found if len(re.findall(r"[A-Za-z]{2,}", piece)) > 1}


def english_in(text: str, language: str = "id") -> dict[str, str]:
    """Pieces of English sentences that a text holds, by the sentence's id; lines may be broken anywhere."""
    flat = " ".join(text.split())
    own = {piece for template in catalogue(language).templates.values() for piece in pieces(template)}
    return {
        id: piece
        for id, template in english().templates.items()
        for piece in pieces(template) - own
        if re.search(rf"(?<!\w){re.escape(' '.join(piece.split()))}(?!\w)", flat)
    }
