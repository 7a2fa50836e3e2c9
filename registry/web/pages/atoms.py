"""What pages are made of: moments, sums and people; and any page as JSON.

A page is a value (:mod:`verifier.base.values`) of these, of texts, numbers, tuples and other such values. It holds
codes and no words, so that the JSON of a page is the same in every language. None is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from registry.look import in_fours
from verifier.base.canonical import Json
from verifier.base.strict import MAX_INSTANT, format_instant
from verifier.base.values import fields, value

HOUSES = frozenset({"agency", "fund", "licensee", "maker", "provider", "sublicensee", "union"})
"""Roles of houses; people have the others."""


@value(kw_only=False)
class Instant:
    """``at`` is in POSIX seconds."""

    at: int


@value(kw_only=False)
class Sum:
    """``amount`` is in minor units of ``currency`` (ISO 4217)."""

    amount: int
    currency: str


@value(kw_only=False)
class Act:
    """``link`` hands something over to the page that holds keys (:mod:`registry.web.pages.acts`). It is for browsers:
    the JSON of a page is without it."""

    link: str


@value(kw_only=False)
class Person:
    """A party in a role. ``name`` is what it was called last, None where this reader may not know it."""

    party: str
    role: str
    name: str | None = None

    @property
    def initials(self) -> str:
        """Two letters for the eye alone."""
        words = (self.name or "").split()
        return "".join(word[0] for word in words[:2]).upper() if len(words) > 1 else (self.name or "?")[:2].upper()

    @property
    def is_house(self) -> bool:
        """Whether it is a house, and no person."""
        return self.role in HOUSES

    @property
    def short(self) -> str:
        """16 digits of the id, in fours."""
        return in_fours(self.party)


def as_json(value: object) -> Json:
    """A page, or a part of one."""
    if isinstance(value, Instant):
        return format_instant(min(value.at, MAX_INSTANT))
    if isinstance(value, Enum):
        return str(value.value)
    if type(value).__module__.startswith("registry."):  # of those, pages hold values alone
        members = {field.name.rstrip("_"): getattr(value, field.name) for field in fields(value)}
        return {name: as_json(one) for name, one in members.items() if one is not None and not isinstance(one, Act)}
    if isinstance(value, Mapping):
        return {str(name): as_json(one) for name, one in value.items() if one is not None}
    if isinstance(value, list | tuple):
        return [as_json(one) for one in value]
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(f"a page holds no {type(value).__name__}")
