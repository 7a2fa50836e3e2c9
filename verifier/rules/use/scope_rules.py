"""A7, A8, A9: purpose, product, category, right, channel, placement and country within the consent's terms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from verifier.rules.model.context import Unread
from verifier.rules.model.results import Result, TimedResult
from verifier.rules.model.scope import ALL, Territory, categories_known, category_within, territory, use_territory
from verifier.rules.model.timeline import always, unread
from verifier.rules.use.case import UsageCase
from verifier.statements.sections import ReportTerms, Terms, UsageTerms
from verifier.statements.vocabulary import CHANNELS, MANIPULATIONS, RIGHTS

PASS, FAIL, UNKNOWN = Result.PASS, Result.FAIL, Result.UNKNOWN


def judge_purpose(case: UsageCase) -> list[TimedResult]:
    """A7: purpose, product line and category allowed. Deny beats allow; categories are hierarchical."""
    return _undisclosed(case) or [result_of(case, code) for code in purpose_codes(case.use_terms, case.allowed)]


def judge_channels(case: UsageCase) -> list[TimedResult]:
    """A8: channels, as declared or reported, rights and placement within the terms."""
    results = _undisclosed(case)
    if isinstance(case.terms, Unread):
        return results
    results = results or [result_of(case, code) for code in channel_codes(case.use_terms, case.allowed)]
    for report, section in case.reports:
        reported = {line.channel for line in section.lines if line.impressions}
        if not reported <= CHANNELS:
            results.append(always(UNKNOWN, "bad_terms", report.index))
        elif not reported <= set(case.allowed.channels):
            results.append(always(FAIL, "channel_denied", report.index))
    return [*results, *_hidden_reports(case)]


def judge_countries(case: UsageCase) -> list[TimedResult]:
    """A9: countries declared or reported within allowed less excluded, what is reported as ``spill`` aside."""
    results = _undisclosed(case)
    if isinstance(case.terms, Unread):
        return results
    results = results or [result_of(case, code) for code in country_codes(case.use_terms, case.allowed)]
    allowed = territory(case.allowed.countries, case.allowed.countries_excluded)
    reported = _reported_outside(case, allowed) if allowed is not None else ()
    return [*results, *reported, *_hidden_reports(case)]


# -- the terms alone: also asked about an earlier consent in a chain (A16)


def purpose_codes(use: UsageTerms, terms: Terms) -> list[str]:
    """Reason codes of A7: ``ok``, ``bad_terms`` or what is denied."""
    codes = []
    if use.purpose not in terms.purposes:
        codes.append("purpose_denied")
    if terms.products is not None and use.product not in terms.products:
        codes.append("product_denied")
    known = categories_known(terms.categories) and categories_known(terms.categories_denied)
    if not known or use.category == ALL or not categories_known([use.category]):
        codes.append("bad_terms")
    elif not category_within(use.category, terms.categories) or category_within(use.category, terms.categories_denied):
        codes.append("category_denied")
    return codes or ["ok"]


def channel_codes(use: UsageTerms, terms: Terms) -> list[str]:
    """Reason codes of A8."""
    codes = []
    if not RIGHTS.issuperset((*use.rights, *terms.rights)):
        codes.append("bad_terms")
    elif not set(use.rights) <= set(terms.rights):
        codes.append("right_denied")
    if not CHANNELS.issuperset((*use.channels, *terms.channels)):
        codes.append("bad_terms")
    elif not set(use.channels) <= set(terms.channels):
        codes.append("channel_denied")
    if use.placement not in terms.placements:
        codes.append("placement_denied")
    return codes or ["ok"]


def country_codes(use: UsageTerms, terms: Terms) -> list[str]:
    """Reason codes of A9, reports aside."""
    declared, allowed = use_territory(use), territory(terms.countries, terms.countries_excluded)
    if declared is None or allowed is None:
        return ["bad_terms"]
    return ["ok"] if allowed.contains(declared) else ["country_denied"]


def manipulation_codes(use: UsageTerms, terms: Terms) -> list[str]:
    """Reason codes of A12, the floor and approvals aside."""
    allow, approve = set(terms.allow), set(terms.approve)
    if use.manipulations and (not MANIPULATIONS.issuperset({*use.manipulations, *allow, *approve}) or allow & approve):
        return ["bad_terms"]
    return ["ok"] if set(use.manipulations) <= allow | approve else ["manipulation_denied"]


def derivative_codes(use: UsageTerms, terms: Terms) -> list[str]:
    """Reason codes of A13, approvals aside."""
    codes = []
    if use.derivative_of and terms.derivatives == "none":
        codes.append("derivative_denied")
    if use.training and terms.training == "none":
        codes.append("training_denied")
    return codes or ["ok"]


def allows(use: UsageTerms, terms: Terms) -> Result:
    """Whether terms allow a use as declared, by A7 to A9, A12 and A13: PASS, FAIL, or UNKNOWN for codes not known."""
    readers = (purpose_codes, channel_codes, country_codes, manipulation_codes, derivative_codes)
    codes = {code for read in readers for code in read(use, terms)} - {"ok"}
    if codes - {"bad_terms"}:
        return FAIL
    return UNKNOWN if codes else PASS


# -- reports


def reported_countries(reports: Iterable[ReportTerms]) -> dict[str, int]:
    """Impressions by country since the use began: per channel and country the largest total that was reported."""
    totals: dict[tuple[str, str], int] = {}
    for section in reports:
        for line in section.lines:
            key = (line.channel, line.country)
            totals[key] = max(totals.get(key, 0), line.impressions)
    countries: dict[str, int] = {}
    for (_, country), impressions in totals.items():
        if impressions:
            countries[country] = countries.get(country, 0) + impressions
    return countries


def countries_outside(countries: Mapping[str, int], allowed: Territory) -> dict[str, int] | None:
    """The reported countries outside ``allowed`` with their impressions; ``None`` where a code is not known."""
    if countries and territory(countries) is None:
        return None
    return {country: count for country, count in countries.items() if not allowed.holds(country)}


def _reported_outside(case: UsageCase, allowed: Territory) -> Iterator[TimedResult]:
    """What may spill is measured against all that was reported; where nothing may, each report stands for itself."""
    spill = case.allowed.spill
    for reports in [case.reports] if spill else [[one] for one in case.reports]:
        reported, rows = reported_countries(section for _, section in reports), [entry.index for entry, _ in reports]
        strays = countries_outside(reported, allowed)
        if strays is None:
            yield always(UNKNOWN, "bad_terms", *rows)
        elif sum(strays.values()) * 10_000 > spill * sum(reported.values()) and not (spill and case.doubt is not None):
            yield always(FAIL, "country_denied", *rows)  # beside a hidden report it may be as little as may spill


# -- shared


def _undisclosed(case: UsageCase) -> list[TimedResult]:
    return [
        unread(section, entry)
        for section, entry in ((case.terms, case.consent), (case.use, case.usage))
        if isinstance(section, Unread)
    ]


def _hidden_reports(case: UsageCase) -> list[TimedResult]:
    return [always(UNKNOWN, case.doubt.code, *case.doubt.entries)] if case.doubt is not None else []


def result_of(case: UsageCase, code: str) -> TimedResult:
    """What a reason code about a use under a consent's terms comes to."""
    result = PASS if code == "ok" else UNKNOWN if code == "bad_terms" else FAIL
    return always(result, code, case.consent.index, case.usage.index)
