"""A text that names parties by their ids, on a page: with names, and a deal memo by its headings."""

from __future__ import annotations

import re

from registry.drafting.memo.render import as_heading
from registry.web.pages.atoms import Person
from registry.web.pages.reader_view import ReaderView
from verifier.base.values import value

_ID = re.compile(r"\b[0-9a-f]{64}\b")


@value
class MemoPart:
    """What stands below one heading, which is empty before the first: sentences, and whether each goes with the one
    before it."""

    heading: str
    lines: tuple[tuple[str, bool], ...]


def named(view: ReaderView, text: str) -> str:
    """With names for ids, as far as this reader may know them; of all ids the first digits. Where she signs, they are
    whole."""

    def called(found: re.Match[str]) -> str:
        one = view.party(found[0]) or Person(found[0], "")
        return f"{one.name} ({one.short})" if one.name else one.short

    return _ID.sub(called, text)


def names_in(view: ReaderView, text: str) -> dict[str, str]:
    """What those are called whose ids are in it, as far as this reader may know them."""
    found = {id: view.party(id) for id in _ID.findall(text)}
    return {id: one.name for id, one in found.items() if one is not None and one.name is not None}


def memo_parts(text: str) -> tuple[MemoPart, ...]:
    """A memo by its headings, which stand at the edge in capitals; without its title, which the page has."""
    _, *lines = text.strip("\n").split("\n")
    parts: list[tuple[str, list[tuple[str, bool]]]] = [("", [])]
    for line in filter(None, lines):
        if line.isupper() and not line.startswith(" "):
            parts.append((as_heading(line), []))
        else:
            parts[-1][1].append((line.strip(), line.startswith("    ")))
    return tuple(MemoPart(heading=heading, lines=tuple(found)) for heading, found in parts if found)
