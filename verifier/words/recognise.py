"""English sentences taken apart again: which of the catalogue's they are, and with which values.

The kernel, and a registry at the other end of a line, say what is wrong before anybody's language is known: in English,
as in ``has 3 items, at most 2 are allowed``. Each such sentence stands in the catalogue as ``error.ID`` or ``cure.ID``,
with ``{name}`` where it had a value, so that it is found again and said in the reader's language. What is not found is
left as it is: the words of a newer program, or of another.

Every step is bounded by the text's length: a value ends where what follows it in the template begins for the first time.
"""

from __future__ import annotations

import re
from typing import Final

from verifier.words.catalogue import PLACEHOLDER, Catalogue, Sentence

FAMILIES: Final = ("error.", "cure.", "hint.", "problem.")
"""What is found again."""

MAX_TEXT: Final = 8_000
"""Characters of a text that is looked at."""

MAX_NESTED: Final = 4
"""Sentences within sentences, and paths before them."""


class Recogniser:
    """Finds the sentences of one catalogue, which is the English one."""

    def __init__(self, first: Catalogue) -> None:
        found = [
            (_pieces(template), PLACEHOLDER.findall(template), id)
            for id, template in first.templates.items()
            if id.startswith(FAMILIES) and isinstance(template, str)
        ]
        self._whole = {pieces[0]: id for pieces, names, id in found if not names}
        self._made = sorted((one for one in found if one[1]), key=lambda one: (-sum(map(len, one[0])), one[2]))

    def find(self, text: str) -> Sentence | None:
        """The sentence that a text is, with its values as texts; of several, the one that leaves least to values."""
        if len(text) > MAX_TEXT:
            return None
        if (id := self._whole.get(text)) is not None:
            return Sentence(id)
        for pieces, names, id in self._made:
            if (values := _values(text, pieces)) is not None:
                said = dict(zip(names, values, strict=True))
                if all(said[name] == one for name, one in zip(names, values, strict=True)):
                    return Sentence(id, **said)
        return None

    def retell(self, text: str, words: Catalogue, nested: int = MAX_NESTED) -> str:
        """The text in a language. What stands before a colon may be a path or a file, and a value a sentence."""
        if (found := self.find(text)) is not None:
            values = found.values.items()
            said = {name: self.retell(str(one), words, nested - 1) if nested else one for name, one in values}
            return words.say(found.id, **said)
        before, colon, rest = text.partition(": ")
        return f"{before}: {self.retell(rest, words, nested - 1)}" if colon and nested else text


def _pieces(template: str) -> list[str]:
    """What stands before, between and after the values."""
    return re.split(PLACEHOLDER.pattern.replace("(", "(?:"), template)


def _values(text: str, pieces: list[str]) -> list[str] | None:
    """The texts between the pieces, none of them empty; None if they do not all stand there in order."""
    first, *between, last = pieces
    if not text.startswith(first) or not text.endswith(last):
        return None
    at, end = len(first), len(text) - len(last)
    values = []
    for piece in between:
        place = text.find(piece, at + 1, end)
        if place < 0:
            return None
        values.append(text[at:place])
        at = place + len(piece)
    return [*values, text[at:end]] if at < end else None
