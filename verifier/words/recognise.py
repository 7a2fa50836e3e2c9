"""English sentences taken apart again: which of the catalogue's they are, and with which values.

The kernel, and a registry at the other end of a line, say what is wrong before anybody's language is known: in English,
as in ``has 3 items, at most 2 are allowed``. Each such sentence stands in the catalogue as ``error.ID`` or ``cure.ID``,
with ``{name}`` where it had a value, so that it is found again and said in the reader's language. What is not found is
left as it is: the words of a newer program, or of another.

Every step is bounded by the text's length: a value ends where what follows it in the template begins for the first
time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from verifier.base.strict import is_hex64
from verifier.words.catalogue import PLACEHOLDER, Catalogue

FAMILIES: Final = ("error.", "advice.", "cure.", "hint.", "problem.")
"""What is found again."""

ID: Final = "hex_id"
"""The name of a value that is an id, in a template with too few words to be told by them."""

MAX_TEXT: Final = 8_000
"""Characters of a text that is looked at."""

LINE: Final = "\n  "
"""Between the lines of a text: what it is about, and a line each."""

MAX_NESTED: Final = 4
"""Sentences within sentences, and paths before them."""

MAX_PARTS: Final = 8
"""Sentences in a row."""


TellValue = Callable[[str, str], str]
"""What a value, by its name in the template, is called."""


def as_it_is(_: str, text: str) -> str:
    """A value as it stands there."""
    return text


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

    def find(self, text: str) -> tuple[str, dict[str, str]] | None:
        """The id of the sentence that a text is, and its values; of several, the one that leaves least to values."""
        if len(text) > MAX_TEXT:
            return None
        if (id := self._whole.get(text)) is not None:
            return id, {}
        for pieces, names, id in self._made:
            if (values := _values(text, pieces)) is not None:
                said = dict(zip(names, values, strict=True))
                same = all(said[name] == one for name, one in zip(names, values, strict=True))
                if same and (ID not in said or is_hex64(said[ID])):
                    return id, said
        return None

    def retell(self, text: str, words: Catalogue, nested: int = MAX_NESTED, value: TellValue = as_it_is) -> str:
        """The text in a language: one sentence or some. A value may be a sentence, or several with semicolons between
        them, and what stands before a colon a path or a file. What else it is, ``value`` may say in words."""
        if nested and LINE in text:
            return LINE.join(self.retell(line, words, nested - 1, value) for line in text.split(LINE))
        if nested and (told := self._parts(text, words, nested, value, ". ")):
            return told
        before, _, place = text.rpartition(" (") if text.endswith(")") else ("", "", "")
        if before in self._whole:
            return f"{words.say(self._whole[before])} ({place}"
        if (found := self.find(text)) is not None:
            id, values = found
            if nested:
                values = {name: self.retell(one, words, nested - 1, value) for name, one in values.items()}
            return words.say(id, **{name: value(name, one) for name, one in values.items()})
        if not nested:
            return text
        if told := self._parts(text, words, nested, value, "; "):
            return told
        if place and (told := self.retell(before, words, nested - 1, value)) != before:
            return f"{told} ({place}"
        before, colon, rest = text.partition(": ")
        return f"{before}: {self.retell(rest, words, nested - 1, value)}" if colon else text

    def _parts(self, text: str, words: Catalogue, nested: int, value: TellValue, between: str) -> str:
        """Several sentences, if each of them is known."""
        parts = text.split(between, MAX_PARTS)
        if not 1 < len(parts) <= MAX_PARTS:
            return ""
        stop = between.strip(" ;")
        whole = [*(part + stop for part in parts[:-1]), parts[-1]]
        told = [self.retell(part, words, nested - 1, value) for part in whole]
        known = all(one != part or self.find(part) for one, part in zip(told, whole, strict=True))
        return between.removeprefix(stop).join(told) if known else ""


def _pieces(template: str) -> list[str]:
    """What stands before, between and after the values."""
    return re.split(PLACEHOLDER.pattern.replace("(", "(?:"), template)


def _values(text: str, pieces: list[str]) -> list[str] | None:
    """The texts between the pieces; None if those do not all stand there in order."""
    first, *between, last = pieces
    if not text.startswith(first) or not text.endswith(last):
        return None
    at, end = len(first), len(text) - len(last)
    values = []
    for piece in between:
        place = text.find(piece, at, end)
        if place < 0:
            return None
        values.append(text[at:place])
        at = place + len(piece)
    return [*values, text[at:end]] if at <= end else None
