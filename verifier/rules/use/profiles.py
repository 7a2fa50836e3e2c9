"""Profiles: which duties a body of law or an agreement makes hard, and their numbers; A15 and A19, which turn on them.

The registry's profile applies as well as the consent's, and the stricter number wins. What a profile asks for and the
schemas already force (a purpose, a rate, a duration, an end) needs no rule; ``docs/rules.md`` says which those are.
"""

from __future__ import annotations

from verifier.base.strict import parse_instant
from verifier.base.values import fields, value
from verifier.rules.model.context import Context, Unread
from verifier.rules.model.results import Remark, Result, TimedResult
from verifier.rules.model.scope import Territory, use_territory
from verifier.rules.model.timeline import FOREVER, CannotJudge, always, during, unread
from verifier.rules.use.case import ConsentCase, UsageCase
from verifier.rules.use.scope_rules import reported_countries
from verifier.statements.sections import CreateTerms, Terms
from verifier.statements.vocabulary import COUNTRIES, EU_COUNTRIES

HOUR = 3_600
PASS, FAIL, UNKNOWN, NOT_APPLICABLE = Result.PASS, Result.FAIL, Result.UNKNOWN, Result.NOT_APPLICABLE

EU_LABEL_FROM = parse_instant("2026-08-02T00:00:00Z")
"""From when the EU AI Act's art. 50(4) asks for a visible label."""

EU = Territory(EU_COUNTRIES)

LABELS = {"none": frozenset[str](), "visible": {"visible"}, "marked": {"marked"}, "both": {"visible", "marked"}}


@value
class Profile:
    """``delivered`` is in seconds before the start; ``form``: A19 is a duty rather than a warning; ``rate``: a consent
    to create without money is warned of."""

    delivered: int = 24 * HOUR
    form: bool = False
    label: bool = False
    product_line: bool = False
    rate: bool = False


PROFILES = {
    "open": Profile(),
    "ny": Profile(form=True, rate=True),
    "sag-aftra": Profile(delivered=48 * HOUR, form=True, product_line=True),
    "eu": Profile(label=True),
    "equity-uk": Profile(),
}


def profile_of(context: Context, terms: Terms | CreateTerms) -> Profile:
    """The registry's and the consent's profile in one: every duty of either, the stricter number.

    :class:`CannotJudge` where one is not known.
    """
    names = {context.profile, terms.profile or context.profile}
    if not names <= PROFILES.keys():
        raise CannotJudge(always(UNKNOWN, "bad_terms"))
    stricter = {one.name: max(getattr(PROFILES[name], one.name) for name in names) for one in fields(Profile)}
    return Profile(**stricter)


def judge_form(case: UsageCase | ConsentCase) -> list[TimedResult]:
    """A19 as a result: FAIL where a profile makes form and notice a duty; elsewhere :func:`warn_form` speaks."""
    context, consent, terms = case.context, case.consent, case.terms
    if isinstance(terms, Unread):
        return [unread(terms, consent)]
    if not profile_of(context, terms).form:
        return [always(NOT_APPLICABLE, "not_applicable")]
    codes = _form_codes(context, terms)
    return [always(FAIL, code, consent.index) for code in codes] or [always(PASS, "ok", consent.index)]


def warn_form(case: UsageCase | ConsentCase) -> list[Remark]:
    """A19 as warnings, where no profile makes it a duty; and of a consent to create that names no rate.

    What the terms need not say is warned of without them: the registry's profile is public, and so is the header.
    """
    context, consent, terms = case.context, case.consent, case.terms
    own = None if isinstance(terms, Unread) else terms.profile
    names = {context.profile, own or context.profile}
    codes = []
    if not isinstance(terms, Unread) and names <= PROFILES.keys() and not profile_of(context, terms).form:
        codes = _form_codes(context, terms)
    wanted = any(PROFILES[name].rate for name in names & PROFILES.keys())
    if wanted and consent.statement.act == "create" and "money" not in consent.statement.sections:
        codes.append("rate_missing")
    return [Remark(code=code, entries=(consent.index,)) for code in codes]


def _form_codes(context: Context, terms: Terms | CreateTerms) -> list[str]:
    """What is wrong with form and notice: terms handed over too late, or no product line where one must be named."""
    profile = profile_of(context, terms)
    codes = []
    if terms.delivered > terms.starts - profile.delivered:
        codes.append("delivered_late")
    if profile.product_line and isinstance(terms, Terms) and terms.products is None:
        codes.append("product_line_missing")
    return codes


def judge_label(case: UsageCase) -> list[TimedResult]:
    """A15: labelled as the terms say and, in the European Union under ``eu``, visibly."""
    terms = case.allowed
    by_law = profile_of(case.context, terms).label
    if terms.label == "none" and not by_law:
        return [always(NOT_APPLICABLE, "not_applicable")]
    use = case.use_terms
    if not {use.label, terms.label} <= LABELS.keys():
        return [always(UNKNOWN, "bad_terms", case.consent.index, case.usage.index)]
    results: list[TimedResult] = []
    shown = LABELS[use.label]
    if not LABELS[terms.label] <= shown:
        results.append(always(FAIL, "label_missing", case.consent.index, case.usage.index))
    if by_law and "visible" not in shown:
        reach, reported = use_territory(use), set(reported_countries(section for _, section in case.reports))
        if not EU_COUNTRIES.isdisjoint(reported) or (reach is not None and reach.meets(EU)):
            results.append(during(EU_LABEL_FROM, FOREVER, FAIL, "label_missing", case.usage.index))
        elif reach is None or not reported <= COUNTRIES:
            results.append(during(EU_LABEL_FROM, FOREVER, UNKNOWN, "bad_terms", case.usage.index))
        elif case.doubt is not None:
            results.append(during(EU_LABEL_FROM, FOREVER, UNKNOWN, case.doubt.code, *case.doubt.entries))
    return [*results, always(PASS, "ok", case.consent.index, case.usage.index)]
