"""What would cure a refusal: for each rule that a statement fails, a sentence that says what to change.

It reads the candidate's own case: the terms that it is under, what lies on its consent, and for A16 other brands'
exclusive scopes. The last are told only to those who may read them; all others learn that something clashes, and
nothing of what (protocol, section 8).

Every reason code that a dry run can answer has a cure. What is not about the terms of a use (``uses.py``), its money
(``money.py``) or the statement itself (``void.py``) has the same sentence always, in :data:`GENERAL`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from registry.advice.clashes import Clashes
from registry.advice.cures import money, uses, void
from registry.advice.cures.asked import FailedRow
from verifier.rules.model.context import Context
from verifier.rules.model.record import Entry
from verifier.rules.model.results import Remark, Result, RuleResult
from verifier.rules.use.case import open_case
from verifier.statements.sections import Section, Terms, UsageTerms
from verifier.statements.types import Consent, Usage

GENERAL: Mapping[str, str] = {
    "rules_unknown": "This registry's rule set is newer than its program: its operator has to update it.",
    "wrong_registry": "Draft the statement for this registry: registry draft ... --registry takes its id over.",
    "section_needed": "Hand in every private section with the statement: submit the file that registry sign wrote.",
    "digest_repeated": "Sign the draft anew: each section of each statement needs fresh salt.",
    "key_repeated": "Make a new key for this: registry keygen.",
    "void_ahead": "Correct the clock of the machine that signs: the claimed time lies in the future.",
    "void_late": "Draft and sign it anew: a statement must be logged within 30 days of the time that it claims.",
    "void_ruling": "The arbiter ruled that what it stands on never had effect: that has to be agreed on anew.",
    "list_missing": "The registry could not read all that this turns on: its operator should run registry fsck.",
    "key_disputed": "Wait for the arbiter's ruling on the disputed key, or have what it signed signed anew.",
    "erased": "A section that this turns on was erased: agree on a new consent, whose terms can be read.",
    "not_disclosed": "Hand in the private section: submit again the signed file that holds it.",
    "bad_terms": "Check the codes and dates: a code is not in the vocabulary, or an end lies before its start.",
    "too_large": "A sum is larger than the protocol's integers: renew the consent, or correct the amounts.",
    "not_judged": "This registry does not judge the rule yet: its operator has to update it.",
    "twin_not_registered": "Register the twin first, under a consent to make it, and consent anew after that.",
    "twin_retired": "The twin is retired: the model has to register a new one, and consent to its use.",
    "no_consent": "Ask the model for a consent of this licensee's own.",
    "minor": "Leave out nudity and lingerie: nothing else cures this, whatever was signed.",
    "product_line_missing": "Name the product lines in the terms (products): the profile demands it.",
    "disputed": "Settle the dispute with whoever raised it, or ask the consent's arbiter to rule on it.",
    "clashes": "Another brand's exclusivity is in the way: ask the model whether that brand may let you in, or plan "
    "for other countries, channels or categories, or for later.",
    "split_mismatch": "Make money.splits and the header's payees name the same parties.",
    "commission_cap": "Lower the agency's parts to its mandate's commission, or to the profile's cap if that is less.",
    "not_reported": "Have a report logged on every use that has ended: until then its impressions are not known.",
    "reported_late": "Report an end within the late window of it: what was reported later cannot be told.",
    "reference_repeated": "Each transfer needs a reference of its own ('registry reference' prints one): state the "
    "second one under another, unless it is the same money.",
    "amounts_differ": "Payee and provider have to agree: whoever stated the wrong amount or date states it anew.",
    "other_currency": "Have the payee's receipt say what the transfer settles in the consent's currency.",
    "same_control": "Have the payee receipt it: two sides under one control prove nothing to others.",
    "own_word": "Have the payee's receipt or the provider's attestation logged: the payer's word proves nothing.",
    "returned": "Pay again what was returned, and have the receipt logged.",
    "return_contested": "Have the payer or the provider log the return too, or the payee a new receipt.",
    "claimed_unpaid": "Settle the payee's dispute: her receipt, or a ruling, closes it.",
    "not_passed_on": "The agency has to pass on what it received, and the payee to receipt it.",
    "overpaid": "Have the surplus sent back and the return logged, or leave it.",
    "manipulation_denied": "Leave the manipulation out, or have the consent amended.",
}
"""Codes whose cure does not depend on the case, or is told so where the case cannot be read."""

NO_CURE = frozenset({"repeated", "ok", "not_applicable", "ruled", "silence", "no_file"})
"""Codes that pass, or that come of what is logged already: there is nothing to cure."""

READERS = frozenset({"stale", "not_audited", "asset_not_named"})
"""Codes that turn on a reader's wishes and files; a registry that is asked about its own log answers none."""

WARNED_BY = {
    "clashes": "A16", "commission_cap": "M2", "delivered_late": "A19", "disputed": "A20", "overpaid": "M6",
    "product_line_missing": "A19", "reference_repeated": "M5",
}  # fmt: skip
"""The rule that a warning is about."""

Sentence = Callable[[FailedRow], str | None]

_SENTENCES: Mapping[str, Sentence] = {**uses.SENTENCES, **money.SENTENCES, **void.SENTENCES}

CURED = frozenset(GENERAL) | frozenset(_SENTENCES)
"""Every code that has a cure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cure:
    """For one rule that does not pass: its reason code, and what to do about it."""

    rule: str
    code: str
    sentence: str


def cures(
    context: Context,
    entry: Entry,
    sections: Mapping[str, Section],
    findings: Iterable[RuleResult],
    warnings: Iterable[Remark] = (),
    clashes: Clashes | None = None,
) -> list[Cure]:
    """One cure for each finding that fails or cannot be told and for each warning, in their order.

    ``context`` shows the log with ``entry`` on top. ``clashes`` is what A16 found, for a caller who may read it.
    """
    asked = FailedRow(context=context, entry=entry, sections=sections, clashes=clashes)
    if isinstance(entry.statement, Usage):
        consent = context.consent_of(entry)
        if consent is not None and isinstance(consent.statement, Consent):
            case = open_case(context, entry, consent)
            readable = isinstance(case.terms, Terms) and isinstance(case.use, UsageTerms)
            asked.case = case if readable else None
    rows = [(one.rule, one.code, one.entries) for one in findings if one.result in (Result.FAIL, Result.UNKNOWN)]
    rows += [(WARNED_BY.get(one.code, "T2"), one.code, one.entries) for one in warnings]
    found: dict[tuple[str, str], Cure] = {}
    for rule, code, behind in rows:
        asked.rule, asked.behind = rule, behind
        found.setdefault((rule, code), Cure(rule=rule, code=code, sentence=_sentence(asked, code)))
    return list(found.values())


def _sentence(asked: FailedRow, code: str) -> str:
    said = _SENTENCES[code](asked) if code in _SENTENCES else None
    return said or GENERAL.get(code, "Ask the registry's operator: nothing that you can change is known to cure this.")
