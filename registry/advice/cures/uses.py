"""Cures that quote the terms: what a use may be, where, when and how often (T4, A5 to A16, A19)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from registry.advice.clashes import ways_out
from registry.advice.cures.asked import FailedRow, categories, listed, moment
from registry.advice.cures.windows import fitting, whole
from registry.drafting.drafts.faults import faults_of
from verifier.rules.model.context import Unread
from verifier.rules.model.record import holds
from verifier.rules.model.scope import ALL, WORLD
from verifier.rules.standing.stops import stops_of
from verifier.rules.use.caps import tallies_of
from verifier.rules.use.case import UsageCase
from verifier.rules.use.counts import Tally
from verifier.rules.use.exclusivity import Use, use_of_case, use_of_consent
from verifier.rules.use.profiles import profile_of
from verifier.rules.use.scope_rules import channel_codes, purpose_codes
from verifier.statements.sections import CreateTerms, Terms, UsageTerms
from verifier.statements.types import Approval, Consent, Usage
from verifier.statements.vocabulary import ONLINE_CHANNELS

AMEND = "or have the consent amended"
NOTHING_FITS = "Nothing that is declared now may run under this consent: ask the model for a new one, or to renew it."


# -- what it is: A7, A8, A9, A12, A13, A15


def _scope(asked: FailedRow, codes: Callable[[UsageTerms, Terms], list[str]]) -> str | None:
    """All that one rule holds against a use, not only what its row shows."""
    if (case := asked.case) is None:
        return None
    said = [_DENIED[code](case) for code in codes(case.use_terms, case.allowed) if code in _DENIED]
    return " ".join(said) or None


def _purpose(case: UsageCase) -> str:
    return f"Use it for {listed(case.allowed.purposes)}, {AMEND}."


def _product(case: UsageCase) -> str:
    named = "declare product as one" if case.use_terms.product is None else "choose one"
    return f"The product lines allowed are {listed(case.allowed.products or ())}: {named} of them, {AMEND}."


def _category(case: UsageCase) -> str:
    terms = case.allowed
    allowed = "any category" if ALL in terms.categories else categories(terms.categories)
    denied = f", but not {categories(terms.categories_denied)}" if terms.categories_denied else ""
    return f"Allowed is {allowed}{denied}: choose another product, {AMEND}."


def _right(case: UsageCase) -> str:
    return f"Use only {listed(case.allowed.rights)} of her, {AMEND}."


def _channel(case: UsageCase) -> str:
    common = sorted(set(case.use_terms.channels) & set(case.allowed.channels))
    kept = f" (of those that you plan: {listed(common)})" if common else ""
    return f"Use only the channels {listed(case.allowed.channels)}{kept}, {AMEND}."


def _placement(case: UsageCase) -> str:
    return f"Allowed placements are {listed(case.allowed.placements)}: declare it as one of these if it is, {AMEND}."


_DENIED: Mapping[str, Callable[[UsageCase], str]] = {
    "purpose_denied": _purpose,
    "product_denied": _product,
    "category_denied": _category,
    "right_denied": _right,
    "channel_denied": _channel,
    "placement_denied": _placement,
}


def _country(asked: FailedRow) -> str | None:
    if (case := asked.case) is None:
        return None
    terms, use = case.allowed, case.use_terms
    allowed = "the whole world" if WORLD in terms.countries else listed(terms.countries)
    allowed += f" without {listed(terms.countries_excluded)}" if terms.countries_excluded else ""
    online = sorted(ONLINE_CHANNELS.intersection(use.channels))
    if online and not use.targeted and (WORLD not in terms.countries or terms.countries_excluded):
        reach = "reaches" if len(online) == 1 else "reach"
        return (
            f"{listed(online)} {reach} the whole world unless targeted: target it, declare targeted = true, and keep "
            f"to {allowed}; {AMEND}."
        )
    return f"Keep to {allowed}, {AMEND} to add the rest."


def _manipulation(asked: FailedRow) -> str | None:
    if (case := asked.case) is None:
        return None
    allowed = (*case.allowed.allow, *case.allowed.approve)
    extra = sorted(set(case.use_terms.manipulations) - set(allowed))
    return f"Leave {listed(extra)} out, {AMEND}: the terms allow {listed(allowed) if allowed else 'no manipulation'}."


def _derivative(asked: FailedRow) -> str:
    return f"Use no file that was derived from earlier ones, {AMEND} (derivatives)."


def _training(asked: FailedRow) -> str:
    return f"Train no AI with it, {AMEND} (training)."


def _label(asked: FailedRow) -> str | None:
    if (case := asked.case) is None:
        return None
    wanted = case.allowed.label
    if profile_of(case.context, case.allowed).label:  # the law wants it to be visible in any case
        wanted = {"none": "visible", "marked": "both"}.get(wanted, wanted)
    return f'Label it as made by AI and declare label = "{wanted}".'


# -- when: T4, A5, A6, A10


def _when(asked: FailedRow) -> str | None:
    """When it would fit, or how the consent would have to change."""
    if asked.case is None:
        return _consent_when(asked)
    spans = _spans(asked.case, exclusivity=asked.clashes is not None)
    return f"{spans}; {AMEND} or renewed." if spans else NOTHING_FITS


def _spans(case: UsageCase, *, exclusivity: bool) -> str | None:
    """The stretches in which it would fit, by every rule about time at once; None if there are none."""
    wanted, length = case.window, case.use_terms.ends - case.use_terms.starts
    if wanted is None or length <= 0:
        return None
    free = fitting(case, exclusivity=exclusivity)
    if not free:
        return None
    parts = [(max(a, wanted[0]), min(b, wanted[1])) for a, b in free if max(a, wanted[0]) < min(b, wanted[1])]
    later = whole(free, wanted[0], length)
    said = []
    if parts:
        spans = " and ".join(f"from {moment(a)} until {moment(b)}" for a, b in parts[:3])
        said.append(f"Run it only {spans}")
    if later is not None and later not in parts:
        said.append(f"{'at full length' if said else 'Run it'} from {moment(later[0])} until {moment(later[1])}")
    if not said:
        start, end = max(free, key=lambda span: span[1] - span[0])
        said.append(f"Run it within {moment(start)} and {moment(end)}")
    return "; or ".join(said)


def _consent_when(asked: FailedRow) -> str | None:
    """A consent that would not be in force when its own term begins, or a term that is over."""
    terms = asked.sections.get("terms")
    if not isinstance(terms, Terms | CreateTerms):
        return None
    if terms.ends <= asked.entry.logged:
        return f"Its term is over: let it end after {moment(asked.entry.logged)}."
    return None


def _suspended(asked: FailedRow) -> str | None:
    spans = _spans(asked.case, exclusivity=asked.clashes is not None) if asked.case is not None else None
    wait = "Wait until whoever suspended the consent has logged a resumption."
    return f"{spans}. {wait}" if spans else wait


def _replaced(asked: FailedRow) -> str | None:
    if (case := asked.case) is None:
        return None
    newest: Consent | None = None
    seen = {case.consent.statement.id}
    following = stops_of(case.context, case.consent, case.terms, onward=False).replaced_by
    while following and (statement := following[0][0].statement).id not in seen:
        assert isinstance(statement, Consent)
        newest = statement
        seen.add(statement.id)
        following = stops_of(case.context, following[0][0], case.terms, onward=False).replaced_by
    return f"Declare it under the consent that replaces this one: {newest.id}." if newest else None


def _late(asked: FailedRow) -> str | None:
    if (case := asked.case) is None:
        return None
    window = case.allowed.late_window
    within = f" or within {window // 3600} hours of its start" if window else ""
    spans = _spans(case, exclusivity=asked.clashes is not None)
    return (
        f"A use is declared before it starts{within}. {spans + '; or have' if spans else 'Have'} the model herself "
        "approve every file once it is declared."
    )


def _race(asked: FailedRow) -> str | None:
    return f"The consent was revoked before this was declared. {_when(asked)}"


# -- how often, and with whose approval: A11, A14


def _cap(asked: FailedRow) -> str | None:
    """What is left of each cap that it would pass, by what is certain."""
    if (case := asked.case) is None:
        return None
    count = tallies_of(case.context, case.consent)
    if isinstance(count, Unread):
        return None
    said = []
    for name, cap in sorted(case.allowed.caps.items()):
        mine, others = _counts(case, count.tallies[name])
        if name not in case.allowed.overage and mine + others > cap:
            left = max(cap - others, 0)
            said.append(f"{name}: {cap:,} allowed, {others:,} taken, {left:,} left, and this takes {mine:,}")
    if not said:
        return None
    return f"{'; '.join(said)}. Take no more than is left, {AMEND}: a higher cap, or a price for what goes beyond."


def _counts(case: UsageCase, tally: Tally) -> tuple[int, int]:
    """The units of the usage itself, and of all others."""
    steps = [(step.usage == case.statement.id, step.most) for step in tally.steps]
    return sum(most for its, most in steps if its), sum(most for its, most in steps if not its)


def _approval(asked: FailedRow) -> str | None:
    """The files that have no approval, or are rejected."""
    if (case := asked.case) is None:
        return None
    wanting = [asset for asset in case.statement.assets if not _approved(case, asset)] or list(case.statement.assets)
    by_agency = " or, with the power to approve, her agency" if case.consent.statement.under else ""
    said = (
        f"Have the model{by_agency} approve these files, for all of this use, before it is declared: {listed(wanting)}."
    )
    if case.allowed.silence is not None:
        start = case.usage.logged + case.allowed.silence
        said += f" Or let it start at {moment(start)} or later: if nobody decides until then, silence approves."
    return said


def _approved(case: UsageCase, asset: str) -> bool:
    """Whether the last word on a file is an approval, whatever its limits."""
    decisions = case.context.listed(f"approval:{case.consent.statement.id}.{asset}", Approval) or []
    last = decisions[-1][0].statement if decisions else None
    return isinstance(last, Approval) and last.decision == "approve"


def _rejected(asked: FailedRow) -> str | None:
    said = _approval(asked)
    return None if said is None else f"A file was rejected: use another, or ask again. {said}"


# -- whose exclusivity: A16


def _clashes(asked: FailedRow) -> str | None:
    """What of it would clash with nobody; only for those who may read the others' scopes."""
    use = _use(asked)
    if use is None or asked.clashes is None or not asked.clashes.found:
        return None
    found = asked.clashes.found
    ways = ways_out(use, found)
    whose = listed(f"{one.licensee} (consent {one.entry.statement.id})" for one in found[:3])
    said = list(_ways(asked, ways.countries, ways.but, ways.channels, ways.categories))
    if ways.window is not None:
        said.insert(0, f"run it from {moment(ways.window[0])} until {moment(ways.window[1])}")
    choice = "; or ".join(said) if said else "no part of it is free"
    return f"In the way is the exclusivity of {whose}: {choice}; or ask the model whether that brand lets you in."


def _use(asked: FailedRow) -> Use | None:
    if asked.case is not None:
        return use_of_case(asked.case)
    terms = asked.sections.get("terms")
    if not holds(asked.entry, Consent) or not isinstance(terms, Terms):
        return None
    return use_of_consent(asked.context, asked.entry, terms)


def _ways(
    asked: FailedRow,
    countries: tuple[str, ...],
    but: tuple[str, ...],
    channels: tuple[str, ...],
    codes: tuple[str, ...],
) -> Iterator[str]:
    if countries:
        yield f"keep to {listed(countries)}"
    if but:
        online = asked.case is not None and not asked.case.use_terms.targeted
        target = ", targeted," if online and WORLD not in asked.case.use_terms.countries else ""  # type: ignore[union-attr]
        yield f"keep out of {listed(but)}{target}" if not target else f"target it and keep out of {listed(but)}"
    if channels:
        yield f"use only {listed(channels)}"
    if codes:
        yield f"do it only for {categories(codes)}"


# -- form: A19; and what contradicts itself


def _delivered(asked: FailedRow) -> str | None:
    terms = asked.case.allowed if asked.case is not None else asked.sections.get("terms")
    if not isinstance(terms, Terms | CreateTerms):
        return None
    hours = profile_of(asked.context, terms).delivered // 3600
    if isinstance(asked.entry.statement, Usage):
        return f"The consent's terms were handed over less than {hours} hours before their start: consent anew."
    earliest = terms.delivered + profile_of(asked.context, terms).delivered
    return (
        f"Let the terms start at {moment(earliest)} or later: they must be handed to the model at least {hours} hours "
        "before their start."
    )


def _product_line(asked: FailedRow) -> str | None:
    if isinstance(asked.entry.statement, Usage):
        return "The consent names no product line, which the profile demands: consent anew, with products in the terms."
    return None


def _option(asked: FailedRow) -> str | None:
    """Until when the option may still be taken, and that a use is declared after that."""
    statement = asked.case.consent.statement if asked.case is not None else asked.entry.statement
    if not isinstance(statement, Consent) or statement.exercise_by is None:
        return None
    if asked.context.as_of >= statement.exercise_by:
        return f"The option ended at {moment(statement.exercise_by)}: ask the model for a new consent."
    taken = f"Take the option first (an exercise of {statement.id}, by the licensee,"
    return f"{taken} logged before {moment(statement.exercise_by)}), and declare the use after it."


def _bad_terms(asked: FailedRow) -> str | None:
    """Which codes and dates are wrong, in the statement itself or in the consent that it is under."""
    sections = {"": asked.sections}
    if asked.case is not None:
        sections["the consent's "] = {"terms": asked.case.allowed}
    found = [
        f"{whose}{fault}"
        for whose, its in sections.items()
        for name, section in its.items()
        for fault in faults_of(name, section)
    ]
    return f"Correct {'; '.join(found)}." if found else None


SENTENCES: Mapping[str, Callable[[FailedRow], str | None]] = {
    "purpose_denied": lambda asked: _scope(asked, purpose_codes),
    "product_denied": lambda asked: _scope(asked, purpose_codes),
    "category_denied": lambda asked: _scope(asked, purpose_codes),
    "right_denied": lambda asked: _scope(asked, channel_codes),
    "channel_denied": lambda asked: _scope(asked, channel_codes),
    "placement_denied": lambda asked: _scope(asked, channel_codes),
    "country_denied": _country,
    "manipulation_denied": _manipulation,
    "derivative_denied": _derivative,
    "training_denied": _training,
    "label_missing": _label,
    "not_started": _when,
    "expired": _when,
    "revoked": _when,
    "suspended": _suspended,
    "replaced": _replaced,
    "not_exercised": _option,
    "declared_late": _late,
    "revocation_race": _race,
    "cap_exceeded": _cap,
    "not_approved": _approval,
    "rejected": _rejected,
    "clashes": _clashes,
    "delivered_late": _delivered,
    "product_line_missing": _product_line,
    "bad_terms": _bad_terms,
}
