"""Every reason code, in order: which rules give it, and whom it tells what to do. A row shows the first that applies.

The order is part of the rule set: what voids, then what is missing, then what forbids, then money, then what merely
passes. ``docs/rules.md`` has a heading for each, in this order, with its cure, and every catalogue of words a sentence
(``code.unpaid``); tests keep them in step.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from verifier.base.values import value


class Told(Enum):
    """Who can do something about it: whoever signs and submits statements, whoever asks the question, or nobody."""

    SIGNER = "signer"
    READER = "reader"
    NOBODY = "nobody"


READER, NOBODY = Told.READER, Told.NOBODY


@value(kw_only=False)
class Code:
    """``by`` are the rules that find it themselves, with spaces between them, or ``any``."""

    by: str
    told: Told = Told.SIGNER


CODES: Final[Mapping[str, Code]] = {
    # -- the whole verdict
    "rules_unknown": Code("any"),
    # -- why an entry is void (it has no effect)
    "repeated": Code("A0", NOBODY), "void_parties": Code("A0"), "void_signers": Code("A1"), "void_power": Code("A2"),
    "void_replaced": Code("A5"), "void_ahead": Code("T6"), "void_late": Code("T8"), "void_ruling": Code("A20"),
    # -- why a registry refuses besides (nothing of this is ever logged)
    "wrong_registry": Code("A0"), "section_needed": Code("A0"), "digest_repeated": Code("A0"),
    "key_repeated": Code("A1"), "quota": Code("A0"), "no_effect": Code("A0"),
    # -- what cannot be told
    "list_missing": Code("any"), "key_disputed": Code("A20"), "erased": Code("any"), "not_disclosed": Code("any"),
    "bad_terms": Code("any"), "too_large": Code("M1 M2 M4"), "stale": Code("T2 M3 M4 M8 A18", READER),
    "clock_behind": Code("T2", READER), "not_audited": Code("T2", READER),
    # -- what forbids, or leaves open
    "twin_not_registered": Code("A3"), "twin_retired": Code("A3"), "asset_not_named": Code("A3", READER),
    "no_consent": Code("A4"), "suspended": Code("A5"), "replaced": Code("A5"), "revoked": Code("A6"),
    "revocation_race": Code("A5 A6"), "declared_late": Code("T4"), "purpose_denied": Code("A7"),
    "product_denied": Code("A7"), "category_denied": Code("A7"), "right_denied": Code("A8"),
    "channel_denied": Code("A8"), "placement_denied": Code("A8"),
    "country_denied": Code("A9"), "cap_exceeded": Code("A11"), "minor": Code("A12"),
    "manipulation_denied": Code("A12"), "derivative_denied": Code("A13"), "training_denied": Code("A13"),
    "rejected": Code("A14"), "not_approved": Code("A14"), "not_yet": Code("A14 A16 A18"), "label_missing": Code("A15"),
    "delivered_late": Code("A19"), "product_line_missing": Code("A19"),
    "reported_late": Code("A5 A6 A10 A12 A13 A14 A15 A16 A18"),
    "not_exercised": Code("A5"), "not_started": Code("A10"), "expired": Code("A10"),
    "clashes": Code("A16"), "disputed": Code("A20"),
    # -- money
    "not_overdue": Code("A16"), "split_mismatch": Code("M2"), "unpriced": Code("M1"), "rate_missing": Code("A19"),
    "commission_cap": Code("M2"), "not_reported": Code("A11 M1"),
    "reference_repeated": Code("M5"), "amounts_differ": Code("M5"), "other_currency": Code("M5"),
    "same_control": Code("M7"), "own_word": Code("M4"), "returned": Code("M4"), "return_contested": Code("M5"),
    "claimed_unpaid": Code("M5"), "not_passed_on": Code("M3"), "unpaid": Code("M4 M8"), "not_prepaid": Code("A18"),
    "overdue": Code("A18"), "overpaid": Code("M6"),
    # -- what passes
    "ruled": Code("A20", NOBODY), "silence": Code("A14", NOBODY), "not_due": Code("M3 M4 M8", NOBODY),
    "ok": Code("any", NOBODY),
    "not_applicable": Code("any", NOBODY),
}  # fmt: skip

_ORDER = {code: place for place, code in enumerate(CODES)}


def code_order(code: str) -> int:
    """The place of a code in the list; one that is not in it comes after all that are."""
    return _ORDER.get(code, len(_ORDER))
