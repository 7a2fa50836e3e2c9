"""What would cure a refusal: for each rule that a planned use fails, a sentence that says what to change.

It reads the candidate's own case and nothing else, so it says no more than the terms of the consent that it is under,
which its parties may read. Another brand's scope is told apart only as "clashes" (protocol, section 8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from verifier.rules.contract import Contract
from verifier.rules.logic import Finding, Result
from verifier.rules.profiles import profile_of
from verifier.rules.record import Entry, Record
from verifier.rules.scope import ALL
from verifier.rules.stops import stops_of
from verifier.rules.usage import Case, open_case
from verifier.statements.categories import CATEGORIES
from verifier.statements.sections import CreateTerms, Section, Terms, UsageTerms
from verifier.statements.statement import Consent, Usage
from verifier.statements.vocabulary import ONLINE_CHANNELS
from verifier.strict import MAX_INSTANT, format_instant

MAX_LISTED = 40
"""Codes that one sentence lists; the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cure:
    """For one rule that fails or cannot be told: its reason code, and what to do about it."""

    rule: str
    code: str
    sentence: str


def cures(record: Record, entry: Entry, sections: Mapping[str, Section], findings: Iterable[Finding]) -> list[Cure]:
    """One cure for each finding that is not fine, in their order. ``record`` shows the log with ``entry`` on top."""
    contract = Contract(record, instant=entry.logged, as_of=entry.logged)
    case: Case | None = None
    if isinstance(entry.statement, Usage):
        consent = contract.consent_of(entry)
        if consent is not None and isinstance(consent.statement, Consent):
            case = open_case(contract, entry, consent)
    found = []
    for finding in findings:
        if finding.result in (Result.FAIL, Result.UNKNOWN):
            sentence = _sentence(contract, case, entry, sections, finding)
            found.append(Cure(rule=finding.rule, code=finding.code, sentence=sentence))
    return found


def _sentence(
    contract: Contract, case: Case | None, entry: Entry, sections: Mapping[str, Section], finding: Finding
) -> str:
    if case is not None and isinstance(case.terms, Terms) and isinstance(case.use, UsageTerms):
        said = _IN_A_CASE.get(finding.code)
        if said is not None:
            return said(case, case.terms, case.use)
    terms = sections.get("terms")
    if finding.code == "delivered_late" and isinstance(terms, Terms | CreateTerms):
        earliest = terms.delivered + profile_of(contract, terms).delivered
        return f"Let the terms start at {_instant(earliest)} or later, or hand them over earlier."
    return _GENERAL.get(finding.code, "Ask the registry's operator: nothing that you can change is known to cure this.")


# -- sentences that quote the terms


def _countries(case: Case, terms: Terms, use: UsageTerms) -> str:
    without = f" without {_list(terms.countries_excluded)}" if terms.countries_excluded else ""
    allowed = _list(terms.countries) + without
    online = sorted(ONLINE_CHANNELS.intersection(use.channels))
    if online and not use.targeted and "WORLD" not in terms.countries:
        return (
            f"{_list(online)} reach the whole world unless they are targeted: target them and say so, and keep to "
            f"{allowed}; or have the consent amended."
        )
    return f"Keep to {allowed}, or have the consent amended to add the rest."


def _channels(case: Case, terms: Terms, use: UsageTerms) -> str:
    return f"Use only {_list(terms.channels)}, or have the consent amended."


def _rights(case: Case, terms: Terms, use: UsageTerms) -> str:
    return f"Use only the rights {_list(terms.rights)}, or have the consent amended."


def _purpose(case: Case, terms: Terms, use: UsageTerms) -> str:
    return f"Use it for {_list(terms.purposes)}, or have the consent amended."


def _product(case: Case, terms: Terms, use: UsageTerms) -> str:
    return f"Name one of the product lines {_list(terms.products or ())}, or have the consent amended."


def _category(case: Case, terms: Terms, use: UsageTerms) -> str:
    named = [f"{code} {CATEGORIES[code][1]}" if code in CATEGORIES else code for code in terms.categories]
    allowed = "any category" if ALL in terms.categories else _list(named)
    denied = f", but not {_list(terms.categories_denied)}" if terms.categories_denied else ""
    return f"Allowed is {allowed}{denied}. Choose another product, or have the consent amended."


def _term(case: Case, terms: Terms, use: UsageTerms) -> str:
    return (
        f"Run it from {_instant(terms.starts)} until {_instant(terms.ends)}, not included; or renew the consent."
    )


def _stopped(case: Case, terms: Terms, use: UsageTerms) -> str:
    stops = stops_of(case.contract, case.consent, terms, onward=True)
    first = min((stop.start for stop in (*stops.revocations, *stops.suspensions)), default=None)
    if first is None or first <= use.starts:
        return "Nothing may run any more under this consent: ask the model for a new one."
    return f"End it at {_instant(first)}, when that takes effect; after that ask the model for a new consent."


def _suspended(case: Case, terms: Terms, use: UsageTerms) -> str:
    return "Wait until whoever suspended the consent has logged a resumption, and start after it."


def _replaced(case: Case, terms: Terms, use: UsageTerms) -> str:
    stops = stops_of(case.contract, case.consent, terms, onward=True)
    newer = stops.replaced_by[0][0].statement.id if stops.replaced_by else "that replaces it"
    return f"Declare it under the consent {newer}."


def _late(case: Case, terms: Terms, use: UsageTerms) -> str:
    return (
        f"Let it start at {_instant(case.usage.logged)} or later, when it is declared; or ask the model herself to "
        "approve every file once it is declared."
    )


def _approval(case: Case, terms: Terms, use: UsageTerms) -> str:
    return (
        f"Ask the model, or her agency with the power to approve, to approve these files for this use first: "
        f"{_list(case.statement.assets)}."
    )


def _label(case: Case, terms: Terms, use: UsageTerms) -> str:
    wanted = terms.label if terms.label != "none" else "visible"
    return f"Label it, and declare the label: {wanted}."


def _manipulation(case: Case, terms: Terms, use: UsageTerms) -> str:
    allowed = _list((*terms.allow, *terms.approve)) if terms.allow or terms.approve else "no manipulation"
    return f"The terms allow {allowed}. Leave the rest out, or have the consent amended."


def _cap(case: Case, terms: Terms, use: UsageTerms) -> str:
    caps = ", ".join(f"{count} {name}" for name, count in sorted(terms.caps.items()))
    return f"The consent is capped at {caps}. Have it amended, with a higher cap or a price for what goes beyond."


_IN_A_CASE: dict[str, Callable[[Case, Terms, UsageTerms], str]] = {
    "country_denied": _countries,
    "channel_denied": _channels,
    "right_denied": _rights,
    "purpose_denied": _purpose,
    "product_denied": _product,
    "category_denied": _category,
    "not_started": _term,
    "expired": _term,
    "revoked": _stopped,
    "suspended": _suspended,
    "replaced": _replaced,
    "declared_late": _late,
    "revocation_race": _late,
    "not_approved": _approval,
    "rejected": _approval,
    "label_missing": _label,
    "manipulation_denied": _manipulation,
    "cap_exceeded": _cap,
}

_GENERAL = {
    "bad_terms": "Check the codes and dates: some code is not in the vocabulary, or an end lies before its start.",
    "not_disclosed": "Hand in the private section with the statement.",
    "section_needed": "Hand in every private section with the statement.",
    "erased": "The section was erased: whoever kept a copy can show it.",
    "digest_repeated": "Sign the draft anew: each section needs fresh salt.",
    "key_repeated": "Make a new key for this: registry keygen.",
    "wrong_registry": "Draft the statement for this registry.",
    "void_parties": "Check what it stands on and whom it names: registry draft --on fills both in.",
    "void_signers": "See who must sign, and have each sign with a key that is live.",
    "void_power": "Have the model sign herself, or a mandate with this power that is in force.",
    "void_replaced": "Replace the newest consent of the chain, or make a new consent without `replaces`.",
    "void_ahead": "Correct the clock of the machine that signs: the claimed time lies in the future.",
    "void_late": "Sign it anew: a statement must be logged within 30 days of the time that it claims.",
    "clashes": "Another brand's exclusivity is in the way: choose other countries, channels, categories or a later "
    "window, or ask the model whether that brand may let you in.",
    "twin_retired": "The twin is retired: the model must register a new one and consent anew.",
    "twin_not_registered": "Register the twin first.",
    "minor": "Nothing cures this: it is never allowed of a minor.",
    "derivative_denied": "Leave out what is derived from her earlier files, or have the consent amended.",
    "training_denied": "Train no AI with it, or have the consent amended.",
    "delivered_late": "Let the terms start later, or hand them over earlier.",
    "product_line_missing": "Name the product lines in the terms.",
    "unpaid_before": "Have the money that is due first received, and its receipt logged.",
    "overdue": "Pay what is overdue, and have its receipt logged.",
    "not_yet": "Wait: it cannot be told before the time has passed.",
    "list_missing": "Ask again later: the registry could not read all that this turns on.",
    "key_disputed": "Wait for the arbiter's ruling on the disputed key.",
}


# -- words


def _list(words: Iterable[str]) -> str:
    found = list(words)
    more = len(found) - MAX_LISTED
    return ", ".join(found[:MAX_LISTED]) + (f" and {more} more" if more > 0 else "")


def _instant(seconds: int) -> str:
    return format_instant(min(seconds, MAX_INSTANT))
