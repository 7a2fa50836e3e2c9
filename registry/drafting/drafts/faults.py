"""What the rules cannot read in a section: codes that no vocabulary has, and values that contradict one another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from registry.drafting.drafts.vocabularies import VOCABULARIES, called, meant
from verifier.base.errors import Malformed
from verifier.rules.model.scope import ALL, WORLD
from verifier.statements.sections import Section

_READ: tuple[tuple[str, str, frozenset[str], str], ...] = (
    # member, its vocabulary, what stands for all and only alone, what a code is called
    ("rights", "rights", frozenset(), "right"),
    ("channels", "channels", frozenset(), "channel"),
    ("countries", "countries", frozenset({WORLD}), "country"),
    ("countries_excluded", "countries", frozenset(), "country"),
    ("categories", "categories", frozenset({ALL}), "category"),
    ("categories_denied", "categories", frozenset({ALL}), "category"),
    ("category", "categories", frozenset(), "category"),
    ("manipulations", "manipulations", frozenset(), "manipulation"),
    ("allow", "manipulations", frozenset(), "manipulation"),
    ("approve", "manipulations", frozenset(), "manipulation"),
)
_OF_LINES = (("channel", "channels", "channel"), ("country", "countries", "country"))


def faults_of(name: str, section: Section) -> Iterator[str]:
    """Each as a phrase that says where it stands: ``terms.channels: tv is no channel``."""
    yield from unknown_codes(name, section)
    for member, _, whole, _ in _READ:
        codes = _codes(getattr(section, member, None))
        if len(codes) > 1 and not whole.isdisjoint(codes):
            yield f"{name}.{member}: {_and(sorted(whole & codes))} stands alone or not at all"
    starts, ends = getattr(section, "starts", None), getattr(section, "ends", None)
    if starts is not None and ends is not None and starts >= ends:
        yield f"{name}.ends: must be after {name}.starts"
    both = _codes(getattr(section, "allow", None)) & _codes(getattr(section, "approve", None))
    if both:
        yield f"{name}.allow and {name}.approve: {_and(sorted(both))} stands in both"
    caps = getattr(section, "caps", None)
    if caps is not None and (loose := sorted(set(getattr(section, "overage", ())) - caps.keys())):
        yield f"{name}.overage: {_and(loose)} has no cap"


def unknown_codes(name: str, section: Section) -> Iterator[str]:
    """Codes that are in no vocabulary, each with what was probably meant."""
    for member, vocabulary, whole, what in _READ:
        known = VOCABULARIES[vocabulary].keys() | whole
        for code in sorted(_codes(getattr(section, member, None)) - known):
            yield f"{name}.{member}: {code} is no {what}{_instead(code, vocabulary)}"
    for member, vocabulary, what in _OF_LINES:
        said = {str(getattr(line, member)) for line in getattr(section, "lines", ()) if hasattr(line, member)}
        for code in sorted(said - VOCABULARIES[vocabulary].keys()):
            yield f"{name}.lines: {code} is no {what}{_instead(code, vocabulary)}"


def check_codes(sections: Mapping[str, Section]) -> None:
    """Raise :class:`Malformed` for a code that no vocabulary has, with what was probably meant, at its place."""
    for name, section in sections.items():
        for fault in unknown_codes(name, section):
            where, _, said = fault.partition(": ")
            raise Malformed(f"{said}; `registry codes WORD` searches", where)


def _instead(code: str, vocabulary: str) -> str:
    found = [called(vocabulary, one) for one in meant(code, vocabulary)]
    return f" (did you mean {' or '.join(found)}?)" if found else ""


def _and(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def _codes(value: object) -> frozenset[str]:
    if isinstance(value, str):
        return frozenset({value})
    return frozenset(value) if isinstance(value, Iterable) else frozenset()
