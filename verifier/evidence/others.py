"""Whose sections an evidence file holds that are not its owner's: what whoever passes it on shows of others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from verifier.base.errors import Malformed
from verifier.base.values import value
from verifier.evidence.file import Evidence
from verifier.statements.disclosure import parse_disclosure
from verifier.statements.types import SECTION_NAMES, Consent, Key, Party, Statement, Usage
from verifier.words.catalogue import Catalogue

_WHOSE = ("licensee", "sublicensee", "agency", "maker", "payee", "payer", "model", "author")
"""Of the roles that a statement fills, the first says whose its sections are."""


@value
class Others:
    """``owner`` is the id of the party whose file it is. ``sections``: by name, the others whose sections are in it;
    ``own`` are the names of which it holds the owner's alone."""

    owner: str
    sections: Mapping[str, frozenset[str]]
    own: tuple[str, ...]


def others_in(evidence: Evidence, owner: str | None = None) -> Others | None:
    """What a file discloses of statements that do not name its owner; None where it is nobody's.

    Left out, the owner is the party that is asked about, or the licensee (else the maker) of the use or consent that
    is. Nothing is checked: a disclosure counts by the name that it gives itself.
    """
    owner = owner or _owner(evidence)
    if owner is None:
        return None
    opened: set[str] = set()
    found: dict[str, set[str]] = {}
    known = _beside(evidence, owner)
    for entry in evidence.entries:
        for text in entry.disclosures:
            try:
                name = parse_disclosure(text).name
            except Malformed:
                continue
            if name not in SECTION_NAMES:
                continue
            opened.add(name)
            if not _is_own(entry.statement, name, owner, known):
                found.setdefault(name, set()).add(_whose(entry.statement))
    return Others(
        owner=owner,
        sections={name: frozenset(found[name]) for name in sorted(found)},
        own=tuple(sorted(opened - found.keys())),
    )


def others_lines(others: Others, words: Catalogue) -> Iterator[str]:
    """What it holds of others, and how to leave it out; nothing where it holds none."""
    if others.sections:
        said = [words.say(f"others_in.{name}", n=len(whose)) for name, whose in others.sections.items()]
        yield words.say("others.holds", owner=others.owner[:12], sections=words.listed(said))
        yield words.say("others.without", names=",".join(others.own) or '""')


def _owner(evidence: Evidence) -> str | None:
    question = evidence.question
    if question.kind == "party":
        return question.id
    for entry in evidence.entries:
        statement = entry.statement
        is_asked = statement.id == question.id or (isinstance(statement, Usage) and question.id in statement.assets)
        if is_asked and isinstance(statement, Usage | Consent):
            return statement.parties.licensee or statement.parties.maker
    return None


def _beside(evidence: Evidence, owner: str) -> frozenset[str]:
    """The parties that stand with the owner in a statement of the file: their names are no surprise to it."""
    named = (entry.statement.parties.ids() for entry in evidence.entries)
    return frozenset(one for ids in named if owner in ids for one in ids)


def _is_own(statement: Statement, section: str, owner: str, known: frozenset[str]) -> bool:
    if isinstance(statement, Party | Key):
        return _whose(statement) == owner or (section == "name" and _whose(statement) in known)
    return owner in statement.parties.ids()


def _whose(statement: Statement) -> str:
    if isinstance(statement, Party):
        return statement.id
    roles = statement.parties.roles()
    return next((roles[role] for role in _WHOSE if role in roles), statement.id)
