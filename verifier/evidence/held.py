"""Sections that a reader holds already: found in whatever holds them, and laid into evidence that does not show them.

A disclosure is its own proof: its digest is what the statement in the log has for it. So it does not matter where it
comes from, and what fits nothing changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from verifier.base.errors import Malformed
from verifier.base.values import replace
from verifier.evidence.file import Evidence, ShownEntry
from verifier.statements.disclosure import digest, parse_disclosure
from verifier.statements.parse import parse_section
from verifier.statements.types import Statement


def lay_in(evidence: Evidence, held: Mapping[str, str]) -> Evidence:
    """The same evidence with what ``held``, disclosures by digest, opens of it besides what it shows."""
    if not held:
        return evidence
    return replace(evidence, entries=tuple(_opened(entry, held) for entry in evidence.entries))


def fits(statement: Statement, text: str) -> bool:
    """Whether a disclosure is a section of a statement: its digest stands there under its name, and it reads as such a
    section must."""
    try:
        disclosure = parse_disclosure(text)
        if statement.sections.get(disclosure.name) != digest(text):
            return False
        parse_section(statement, disclosure.name, disclosure.value)
    except Malformed:
        return False
    return True


def _opened(entry: ShownEntry, held: Mapping[str, str]) -> ShownEntry:
    shown = {digest(text) for text in entry.disclosures if text.isascii()}
    wanted = [one for one in entry.statement.sections.values() if one in held and one not in shown]
    more = [held[one] for one in wanted if fits(entry.statement, held[one])]
    if not more:
        return entry
    try:
        texts = sorted((*entry.disclosures, *more), key=lambda text: parse_disclosure(text).name)
    except Malformed:
        return entry  # what it shows is wrong, which is for the check to say
    return replace(entry, disclosures=tuple(texts))
