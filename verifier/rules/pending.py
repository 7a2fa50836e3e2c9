"""Rules that are not judged yet: UNKNOWN (``not_judged``) wherever terms or profile call for them, never PASS.

A rule leaves this file when it gets one of its own.
"""

from __future__ import annotations

from collections.abc import Callable

from verifier.rules.contract import Missing
from verifier.rules.logic import Piece, Result
from verifier.rules.timeline import always
from verifier.rules.usage import Case
from verifier.statements.sections import Terms, UsageTerms
from verifier.statements.vocabulary import EU_COUNTRIES
from verifier.strict import parse_instant

EU_LABEL_FROM = parse_instant("2026-08-02T00:00:00Z")
"""From when the EU AI Act's art. 50(4) asks for a label."""

STRICT_FORM = frozenset({"ny", "sag-aftra"})
"""Profiles whose rules of notice and form are duties, not warnings (A19)."""


def judge_pending(case: Case, rule: str) -> list[Piece]:
    """One of the rules of :data:`CALLED_FOR`."""
    sections = ((case.terms, case.consent), (case.use, case.usage))
    missing = [
        always(Result.UNKNOWN, section.code, entry.index) for section, entry in sections if isinstance(section, Missing)
    ]
    if missing:
        return missing
    if CALLED_FOR[rule](case, case.allowed, case.use_terms):
        return [always(Result.UNKNOWN, "not_judged", case.consent.index, case.usage.index)]
    return [always(Result.NOT_APPLICABLE, "not_applicable")]


def profiles(case: Case, terms: Terms) -> frozenset[str]:
    """The registry's profile and the consent's: both apply."""
    return frozenset({case.contract.profile, terms.profile or case.contract.profile})


def _caps(case: Case, terms: Terms, use: UsageTerms) -> bool:
    return bool(terms.caps)


def _manipulations(case: Case, terms: Terms, use: UsageTerms) -> bool:
    return bool(use.manipulations)


def _derivatives(case: Case, terms: Terms, use: UsageTerms) -> bool:
    return bool(use.derivative_of) or use.training


def _approval(case: Case, terms: Terms, use: UsageTerms) -> bool:
    return terms.approval == "each"


def _label(case: Case, terms: Terms, use: UsageTerms) -> bool:
    reaches_eu = "WORLD" in use.countries or not EU_COUNTRIES.isdisjoint(use.countries) or not use.targeted
    by_law = "eu" in profiles(case, terms) and use.ends > EU_LABEL_FROM and reaches_eu
    return terms.label != "none" or by_law


def _sublicensee(case: Case, terms: Terms, use: UsageTerms) -> bool:
    return case.statement.parties.sublicensee is not None


def _money_first(case: Case, terms: Terms, use: UsageTerms) -> bool:
    return terms.pay_first != "none" or terms.overdue_limit is not None


def _form(case: Case, terms: Terms, use: UsageTerms) -> bool:
    return not STRICT_FORM.isdisjoint(profiles(case, terms))


CALLED_FOR: dict[str, Callable[[Case, Terms, UsageTerms], bool]] = {
    "A11": _caps,
    "A12": _manipulations,
    "A13": _derivatives,
    "A14": _approval,
    "A15": _label,
    "A17": _sublicensee,
    "A18": _money_first,
    "A19": _form,
}
"""Rule -> whether a consent's terms, the profile or the use call for it as more than a warning."""
