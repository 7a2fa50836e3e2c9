"""Every rule that has a row in a verdict, in the order of a verdict: who judges it, and what it reads.

``decide.py`` walks this table. The logic of a rule stands in its judge (``docs/decisions/0002``), the text in
``docs/rules.md``, the title in every catalogue of words (``rule.T2``). T1, T3 and T5 are definitions and have no row.
"""

from __future__ import annotations

from collections.abc import Callable

from verifier.base.values import value
from verifier.rules.model.results import RuleResult, TimedResult
from verifier.rules.money import money_rules
from verifier.rules.money.money_rules import PaymentCase
from verifier.rules.use import (
    alterations,
    approvals,
    caps,
    exclusivity,
    lifecycle,
    payment_conditions,
    profiles,
    scope_rules,
    term,
)  # fmt: skip
from verifier.rules.use.case import ConsentCase, UsageCase


@value(kw_only=False)
class Rule:
    """One row. ``reads`` are sections and lists of subjects, beside the header of what is asked about.

    ``usage`` judges a use, ``consent`` a consent, ``money`` what a use owes. ``voids``: it may also, or only, void any
    entry, which :func:`~verifier.rules.standing.standing.void_checks` asks in this order. T2, of which neither is
    true, is about the checkpoint.
    """

    id: str
    reads: str
    voids: bool = False
    usage: Callable[[UsageCase], list[TimedResult]] | None = None
    consent: Callable[[ConsentCase], list[TimedResult]] | None = None
    money: Callable[[PaymentCase], RuleResult] | None = None


BOTH = "the terms of use and consent"
REPORTED = f"{BOTH}, reports"
MONEY = "money sections, uses:, account:"

RULES: tuple[Rule, ...] = (
    Rule("T2", "the checkpoint"),
    Rule("T4", f"{BOTH}, approval:", usage=lifecycle.judge_declared_late),
    Rule("T6", "", voids=True),
    Rule("T7", "notice, consent:, twin:", usage=lifecycle.judge_notice, consent=lifecycle.judge_notice),
    Rule("T8", "", voids=True),
    Rule("A0", "what the statement names", voids=True),
    Rule("A1", "keys:, registry:", voids=True),
    Rule("A2", "mandate:", voids=True),
    Rule("A3", "twin:", usage=lifecycle.judge_twin_and_files, consent=lifecycle.judge_twin),
    Rule("A4", "consent:", usage=lifecycle.judge_closed_world),
    Rule("A5", "consent:", True, usage=lifecycle.judge_suspended, consent=lifecycle.judge_consent_in_force),
    Rule("A6", "consent:, twin:, sell-off", usage=lifecycle.judge_revoked),
    Rule("A7", BOTH, usage=scope_rules.judge_purpose),
    Rule("A8", REPORTED, usage=scope_rules.judge_channels),
    Rule("A9", REPORTED, usage=scope_rules.judge_countries),
    Rule("A10", f"{REPORTED}, uses: with run", usage=term.judge_term),
    Rule("A11", f"{REPORTED}, uses: of the consent and of those it replaced", usage=caps.judge_caps),
    Rule("A12", f"{BOTH}, keys: of the model, approval:", usage=alterations.judge_manipulations),
    Rule("A13", f"{BOTH}, approval:", usage=alterations.judge_derivatives),
    Rule("A14", f"{BOTH}, approval: of each file", usage=approvals.judge_approval),
    Rule("A15", REPORTED, usage=profiles.judge_label),
    Rule("A16", f"{REPORTED}, exclusive: and its sections, keys: with against", usage=exclusivity.judge_others),
    Rule("A17", "", usage=lifecycle.judge_sublicence),
    Rule("A18", f"{BOTH}, {MONEY}", usage=payment_conditions.judge_money_first),
    Rule("A19", "the consent's terms", usage=profiles.judge_form, consent=profiles.judge_form),
    Rule("A20", "consent:", usage=lifecycle.judge_ruled, consent=lifecycle.judge_ruled),
    Rule("M1", MONEY, money=money_rules.m1_due),
    Rule("M2", "the consent's money", money=money_rules.m2_splits),
    Rule("M3", f"{MONEY}, mandate:", money=money_rules.m3_agency),
    Rule("M4", MONEY, money=money_rules.m4_received),
    Rule("M5", f"{MONEY}, bank evidence", money=money_rules.m5_transfers),
    Rule("M6", MONEY, money=money_rules.m6_dates),
    Rule("M7", f"{MONEY}, keys: of payers, payees and providers", money=money_rules.m7_control),
    Rule("M8", MONEY, money=money_rules.m8_whole),
)

RULE_IDS = tuple(rule.id for rule in RULES)
