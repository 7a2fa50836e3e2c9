"""Scopes: categories, channels and countries, and when two of them meet (A7, A8, A9, A16)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from verifier.base.values import value
from verifier.statements.categories import CATEGORIES, ancestors
from verifier.statements.sections import Exclusive, Terms, UsageTerms
from verifier.statements.vocabulary import CHANNELS, COUNTRIES, ONLINE_CHANNELS

ALL = "all"
WORLD = "WORLD"


@value(kw_only=False)
class Territory:
    """A set of countries: those listed (``None``: the whole world) less those excluded."""

    listed: frozenset[str] | None
    excluded: frozenset[str] = frozenset()

    def holds(self, country: str) -> bool:
        """Whether one country lies in it."""
        return (self.listed is None or country in self.listed) and country not in self.excluded

    def contains(self, other: Territory) -> bool:
        """Whether all of ``other`` lies in it."""
        if other.listed is not None:
            return all(self.holds(country) for country in other.listed - other.excluded)
        return self.listed is None and self.excluded <= other.excluded

    def meets(self, other: Territory) -> bool:
        """Whether the two have a country in common."""
        for one, two in ((self, other), (other, self)):
            if one.listed is not None:
                return any(one.holds(country) and two.holds(country) for country in one.listed)
        return True


def territory(countries: Iterable[str], excluded: Iterable[str] = ()) -> Territory | None:
    """Read a set of countries or ``["WORLD"]``; ``None`` where a code is unknown or WORLD stands among others."""
    return _territory(tuple(countries), tuple(excluded))


@lru_cache(maxsize=256)  # thousands of uses are in the same few countries
def _territory(countries: tuple[str, ...], excluded: tuple[str, ...]) -> Territory | None:
    listed, out = frozenset(countries), frozenset(excluded)
    if not out <= COUNTRIES:
        return None
    if listed == {WORLD}:
        return Territory(None, out)
    return Territory(listed, out) if listed <= COUNTRIES else None


@lru_cache(maxsize=256)
def territory_of_known(countries: tuple[str, ...]) -> Territory | None:
    """The set of those codes that are known, ``WORLD`` among them; ``None`` where none is."""
    listed = frozenset(countries)
    if WORLD in listed:
        return Territory(None)
    return Territory(listed & COUNTRIES) if listed & COUNTRIES else None


def categories_known(codes: Iterable[str]) -> bool:
    """Whether every code is in the taxonomy, or the only one is ``all``."""
    found = tuple(codes)
    return found == (ALL,) or all(code in CATEGORIES for code in found)


def category_within(code: str, allowed: Iterable[str]) -> bool:
    """Whether a category or one above it is among ``allowed``."""
    wanted = frozenset(allowed)
    if ALL in wanted or code in wanted:
        return True
    return code != ALL and not wanted.isdisjoint(ancestors(code))


def categories_meet(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether some category of one is equal to, above or below some category of the other."""
    left, right = tuple(one), tuple(other)
    return any(category_within(code, right) for code in left) or any(category_within(code, left) for code in right)


@value(kw_only=False)
class Scope:
    """Where something happens, or where nobody else may: categories, channels, territory."""

    categories: tuple[str, ...]
    channels: frozenset[str]
    territory: Territory

    def meets(self, other: Scope) -> bool:
        """Whether the two have a category, a channel and a country in common (A16)."""
        return (
            not self.channels.isdisjoint(other.channels)
            and self.territory.meets(other.territory)
            and categories_meet(self.categories, other.categories)
        )


def scope_of(section: Exclusive | Terms | UsageTerms) -> Scope | None:
    """The scope that a section states; ``None`` where it uses a code that is not known."""
    if isinstance(section, UsageTerms):
        codes: tuple[str, ...] = (section.category,)
        where = use_territory(section)
    else:
        codes = section.categories
        where = territory(section.countries, section.countries_excluded)
    if where is None or not categories_known(codes) or not frozenset(section.channels) <= CHANNELS:
        return None
    return Scope(codes, frozenset(section.channels), where)


def use_territory(use: UsageTerms) -> Territory | None:
    """The countries that a use reaches: an online channel that is not targeted reaches the whole world (A9).

    ``None`` where a code is not known: an unknown channel may be such a one.
    """
    if not CHANNELS.issuperset(use.channels):
        return None
    declared = territory(use.countries)
    if declared is not None and not use.targeted and not ONLINE_CHANNELS.isdisjoint(use.channels):
        return Territory(None)
    return declared
