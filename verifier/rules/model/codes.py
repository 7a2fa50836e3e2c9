"""Every reason code, in order. A row of a verdict shows the first that applies; its sentence is the catalogue's.

The order is part of the rule set: what voids, then what is missing, then what forbids, then money, then what merely
passes. ``docs/rules.md`` has a heading for each, in this order, and every catalogue of words a sentence
(``code.unpaid``); tests keep them in step.
"""

from __future__ import annotations

from typing import Final

CODES: Final = (
    # -- the whole verdict
    "rules_unknown",
    # -- why an entry is void (it has no effect)
    "repeated",
    "void_parties",
    "void_signers",
    "void_power",
    "void_replaced",
    "void_ahead",
    "void_late",
    "void_ruling",
    # -- why a registry refuses besides (nothing of this is ever logged)
    "wrong_registry",
    "section_needed",
    "digest_repeated",
    "key_repeated",
    # -- what cannot be told
    "list_missing",
    "key_disputed",
    "erased",
    "not_disclosed",
    "bad_terms",
    "too_large",
    "not_judged",
    "stale",
    "clock_behind",
    "not_audited",
    # -- what forbids, or leaves open
    "twin_not_registered",
    "twin_retired",
    "asset_not_named",
    "no_consent",
    "suspended",
    "replaced",
    "revoked",
    "revocation_race",
    "declared_late",
    "purpose_denied",
    "product_denied",
    "category_denied",
    "right_denied",
    "channel_denied",
    "country_denied",
    "cap_exceeded",
    "minor",
    "manipulation_denied",
    "derivative_denied",
    "training_denied",
    "rejected",
    "not_approved",
    "not_yet",
    "label_missing",
    "delivered_late",
    "product_line_missing",
    "reported_late",
    "not_started",
    "expired",
    "clashes",
    "disputed",
    # -- money
    "split_mismatch",
    "commission_cap",
    "not_reported",
    "reference_repeated",
    "amounts_differ",
    "other_currency",
    "same_control",
    "own_word",
    "returned",
    "return_contested",
    "claimed_unpaid",
    "not_passed_on",
    "unpaid",
    "not_prepaid",
    "overdue",
    "overpaid",
    # -- what passes
    "ruled",
    "silence",
    "no_file",
    "ok",
    "not_applicable",
)

_ORDER = {code: place for place, code in enumerate(CODES)}


def code_order(code: str) -> int:
    """The place of a code in the list; a code that is not in it is our own mistake."""
    return _ORDER[code]
