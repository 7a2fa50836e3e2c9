"""What the rules cannot read in a section: codes that no vocabulary has, and values that contradict one another."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from registry.advice.cures.asked import listed
from verifier.rules.model.scope import ALL, WORLD
from verifier.statements.categories import CATEGORIES
from verifier.statements.sections import Section
from verifier.statements.vocabulary import CHANNELS, COUNTRIES, MANIPULATIONS, RIGHTS

_VOCABULARIES: tuple[tuple[str, Collection[str], frozenset[str], str], ...] = (
    # member, known codes, what stands for all and only alone, what a code is called
    ("rights", RIGHTS, frozenset(), "right"),
    ("channels", CHANNELS, frozenset(), "channel"),
    ("countries", COUNTRIES, frozenset({WORLD}), "country"),
    ("countries_excluded", COUNTRIES, frozenset(), "country"),
    ("categories", CATEGORIES, frozenset({ALL}), "category"),
    ("categories_denied", CATEGORIES, frozenset({ALL}), "category"),
    ("category", CATEGORIES, frozenset(), "category"),
    ("manipulations", MANIPULATIONS, frozenset(), "manipulation"),
    ("allow", MANIPULATIONS, frozenset(), "manipulation"),
    ("approve", MANIPULATIONS, frozenset(), "manipulation"),
)


def faults_of(name: str, section: Section) -> Iterator[str]:
    """Each as a phrase that says where it stands: ``terms.channels: tv is no channel``."""
    for member, known, whole, called in _VOCABULARIES:
        codes = _codes(getattr(section, member, None))
        strange = sorted(code for code in codes if code not in known and code not in whole)
        if strange:
            yield f"{name}.{member}: {listed(strange)} is no {called}"
        elif len(codes) > 1 and not whole.isdisjoint(codes):
            yield f"{name}.{member}: {listed(sorted(whole & codes))} stands alone or not at all"
    starts, ends = getattr(section, "starts", None), getattr(section, "ends", None)
    if starts is not None and ends is not None and starts >= ends:
        yield f"{name}.ends: must be after {name}.starts"
    both = _codes(getattr(section, "allow", None)) & _codes(getattr(section, "approve", None))
    if both:
        yield f"{name}.allow and {name}.approve: {listed(sorted(both))} stands in both"
    caps = getattr(section, "caps", None)
    if caps is not None and (loose := sorted(set(getattr(section, "overage", ())) - caps.keys())):
        yield f"{name}.overage: {listed(loose)} has no cap"


def _codes(value: object) -> frozenset[str]:
    if isinstance(value, str):
        return frozenset({value})
    return frozenset(value) if isinstance(value, Iterable) else frozenset()
