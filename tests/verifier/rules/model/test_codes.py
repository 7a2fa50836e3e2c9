"""Every code is found by a rule, and what no table knows is UNKNOWN: no value of a section breaks a verdict off."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.cast import Cast
from verifier.base.values import replace
from verifier.rules.decide import Facts, decide
from verifier.rules.model.codes import CODES, code_order
from verifier.rules.model.question import Question
from verifier.rules.model.results import Result, RuleResult, TimedResult, merge
from verifier.rules.model.timeline import always
from verifier.rules.money.fees import check_money
from verifier.rules.money.reasons import CannotTell
from verifier.rules.money.schedule import counts_over_the_consent, counts_time
from verifier.rules.money.units import FEE_UNITS
from verifier.rules.table import RULE_IDS
from verifier.statements.sections import FEES_PER, ConsentMoney, Due, Fee

RULES = Path(__file__).parents[4] / "verifier" / "rules"


def written() -> Iterator[str]:
    """Every text in the rules' sources but the table of codes."""
    for path in RULES.rglob("*.py"):
        if path.name != "codes.py":
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


def test_every_code_is_found_by_a_rule() -> None:
    assert CODES.keys() - set(written()) == set()
    for row in CODES.values():
        assert row.by == "any" or set(row.by.split()) <= set(RULE_IDS)


def test_a_code_that_is_not_known_comes_last() -> None:
    assert code_order("unheard_of") > max(code_order(code) for code in CODES)
    rows: list[RuleResult | TimedResult] = [always(Result.FAIL, code, 1) for code in ("unheard_of", "revoked")]
    assert merge("A6", rows).code == "revoked"


def test_every_unit_that_a_fee_may_name_has_its_row() -> None:
    assert {*FEE_UNITS, "flat"} == set(FEES_PER)


@pytest.mark.parametrize("once", [False, True])
def test_a_fee_by_a_unit_that_is_not_known(once: bool) -> None:
    fee = Fee(per="furlong", amount=1, once=once)
    assert not counts_time([fee])
    assert not counts_over_the_consent([fee]) or once
    money = ConsentMoney(currency="EUR", fees=(fee,), splits=(), due=Due(from_="declared", days=0))
    with pytest.raises(CannotTell) as told:
        check_money(money, "use", None)
    assert told.value.reason.code == "bad_terms"


@pytest.mark.parametrize(
    "whose, changes, rules",
    [
        ("consent", {"caps": {"furlongs": 3}}, {"A11"}),
        ("consent", {"label": "neon"}, {"A15"}),
        ("usage", {"label": "neon"}, {"A15"}),
        ("consent", {"profile": "mars"}, {"A15", "A19"}),
        ("consent", {"channels": ("telepathy",)}, {"A8"}),
        ("usage", {"channels": ("telepathy",)}, {"A8", "A9"}),
        ("usage", {"category": "9999999"}, {"A7"}),
        ("usage", {"countries": ("ZZ",)}, {"A9"}),
        ("usage", {"rights": ("telepathy",)}, {"A8"}),
        ("usage", {"manipulations": ("telepathy",)}, {"A12"}),
    ],
)
def test_values_that_no_table_knows(whose: str, changes: dict[str, Any], rules: set[str]) -> None:
    """They cannot come through the readers, which refuse them, where a list is closed; the rules do not rely on it."""
    c = Cast()
    consent = c.consent(simple=True, terms={"label": "visible"})
    usage = c.world.usage(consent)
    record = c.world.record()
    index = {"consent": consent, "usage": usage}[whose].index
    entry = record.entry(index)
    section = record.opened(entry, "terms") if entry is not None else None
    assert section is not None
    record._sections[index, "terms"] = replace(section, **changes)
    facts = Facts(instant=c.world.now, as_of=c.world.now, basis="audited", rules=2, max_age=0)
    decision = decide(record, Question(kind="usage", id=usage.id), facts)
    unknown = {row.rule for row in decision.rules if (row.result, row.code) == (Result.UNKNOWN, "bad_terms")}
    assert rules <= unknown
    assert decision.authorised != "AUTHORISED"
