"""Every reason code, in order, with the sentence that explains it. A row of a verdict shows the first that applies.

The order is part of the rule set: what voids, then what is missing, then what forbids, then money, then what merely
passes. ``docs/rules.md`` has a heading for each, in this order; a test keeps the two in step.
"""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    # -- the whole verdict
    "rules_unknown": "The log's rule set is one that this verifier does not know.",
    # -- why an entry is void (it has no effect)
    "repeated": "The same statement was logged before; only the first counts.",
    "void_parties": "The statement lacks what it stands on, names the wrong parties, or contradicts itself.",
    "void_signers": "A signature is missing, is by the wrong party or by a key that was not live.",
    "void_power": "The agency had no mandate in force with the power to sign this for the model.",
    "void_replaced": "The consent replaces one that another consent had already replaced.",
    "void_ahead": "The statement claims a time more than 5 minutes after it was logged.",
    "void_late": "The statement was logged more than 30 days after the time it claims.",
    "void_ruling": "The arbiter ruled that the statement never had effect.",
    # -- why a registry refuses besides (nothing of this is ever logged)
    "wrong_registry": "The statement is for another registry.",
    "section_needed": "A section that a rule needs was not handed in with the statement.",
    "digest_repeated": "A section's digest stands in an earlier statement: each section needs fresh salt.",
    "key_repeated": "A key that would become live was seen before: each key is used by one party, once.",
    # -- what cannot be told
    "list_missing": "The evidence does not show a complete list that this turns on.",
    "key_disputed": "A signer's key is disputed as stolen, and the arbiter has not ruled.",
    "erased": "A section that this turns on was erased.",
    "not_disclosed": "A section that this turns on was not disclosed to this reader.",
    "bad_terms": "The terms contradict themselves or use a code that is not known.",
    "too_large": "A sum is larger than the protocol's integers.",
    "not_judged": "This version of the rules engine does not judge this rule yet.",
    "stale": "The checkpoint is too old to say what holds at this instant.",
    "not_audited": "The reader requires an audited index, and no trusted auditor signed this checkpoint.",
    # -- what forbids, or leaves open
    "twin_not_registered": "The twin was not registered by its model, under a creation consent, before the consent.",
    "twin_retired": "The twin was retired before the consent.",
    "asset_not_named": "The file that was looked at is not named by the usage.",
    "no_consent": "No good consent for this licensee allows it.",
    "suspended": "The consent was suspended.",
    "replaced": "The consent had been replaced when this was declared.",
    "revoked": "The consent was revoked.",
    "revocation_race": "It was declared after the revocation was logged and claims an earlier start.",
    "declared_late": "It was declared late: what came before the declaration cannot be told.",
    "purpose_denied": "The purpose is not among those allowed.",
    "product_denied": "The product line is not among those allowed.",
    "category_denied": "The product category is not allowed.",
    "right_denied": "A right that is used is not among those allowed.",
    "channel_denied": "A channel that is used is not among those allowed.",
    "country_denied": "A country that is reached is not among those allowed.",
    "cap_exceeded": "A cap on uses, images, impressions or days was passed.",
    "minor": "Nudity or lingerie of a minor, which is never allowed, whatever was signed.",
    "manipulation_denied": "A manipulation is not among those allowed.",
    "derivative_denied": "The terms allow no derivatives.",
    "training_denied": "The terms allow no training of AI.",
    "rejected": "The use of a file was rejected.",
    "not_approved": "A file that needed an approval has none that covers the use.",
    "not_yet": "The time until which it cannot be told has not passed yet.",
    "label_missing": "The label that the terms or the law demand is missing.",
    "delivered_late": "The terms were handed to the model too shortly before their start.",
    "product_line_missing": "The consent names no product line, which the profile demands.",
    "reported_late": "An earlier end was reported too late to count as said.",
    "not_started": "The consent's term has not begun.",
    "expired": "The consent's term has ended.",
    "clashes": "Another licensee's exclusive scope meets it.",
    "disputed": "A dispute is open.",
    # -- money
    "split_mismatch": "The splits are not those of the payees whom the consent names.",
    "commission_cap": "The agency's share is above its mandate's commission or the profile's cap.",
    "not_reported": "No report was logged at or after the end of the use.",
    "amounts_differ": "Payee and provider state different amounts, or dates, for one transfer.",
    "other_currency": "Money came in another currency than the consent's.",
    "same_control": "Two sides of the payment are under one control.",
    "own_word": "Only the payer's word stands for the money.",
    "returned": "The money was returned.",
    "return_contested": "Only one side says that the money was returned.",
    "claimed_unpaid": "The payee disputes that the money arrived.",
    "not_passed_on": "The agency has not passed on what is due to the payee.",
    "unpaid": "What is due was not received.",
    "not_prepaid": "What had to be paid before the start was not received by then.",
    "overdue": "Something was due under the consent for longer than the terms allow.",
    "overpaid": "More was received than was due.",
    # -- what passes
    "ruled": "The arbiter ruled.",
    "silence": "Nobody decided in time, and the terms let silence approve.",
    "no_file": "No file was compared.",
    "ok": "Nothing stands against it.",
    "not_applicable": "The rule does not apply here.",
}

_ORDER = {code: place for place, code in enumerate(SENTENCES)}


def explain_code(rule: str, code: str) -> str:
    """A code's sentence, and where to look it up."""
    return f"{SENTENCES[code].removesuffix('.')} ({rule}, {code})."


def code_order(code: str) -> int:
    """The place of a code in the list; a code that is not in it is our own mistake."""
    return _ORDER[code]
