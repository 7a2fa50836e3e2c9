"""The table of rules: whole, in order, and the only place that says which rule is asked of what."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from verifier.rules import admit
from verifier.rules.money import money_rules
from verifier.rules.table import RULE_IDS, RULES, Rule

LAW = (Path(__file__).parents[3] / "docs" / "rules.md").read_text("utf-8")


def test_rows_stand_in_the_order_of_the_law() -> None:
    headings = re.findall(r"^#### ([TAM]\d+): ", LAW, re.MULTILINE)
    assert [id for id in headings if id not in ("T1", "T3", "T5")] == list(RULE_IDS)


@pytest.mark.parametrize("rule", RULES, ids=RULE_IDS)
def test_a_row_has_a_judge(rule: Rule) -> None:
    """All but T2, which is about the checkpoint."""
    judges = [rule.usage, rule.consent, rule.money]
    assert rule.voids or any(judges) or rule.id == "T2"
    assert rule.id[0] == "M" or rule.money is None
    assert all(judge.__doc__ for judge in judges if judge is not None)


def test_no_judge_is_asked_twice() -> None:
    for judges in ([rule.usage for rule in RULES], [rule.consent for rule in RULES], [rule.money for rule in RULES]):
        asked = [judge for judge in judges if judge is not None]
        assert len(set(asked)) == len(asked)


def test_rules_of_money_are_those_that_judge_money_asks() -> None:
    assert tuple(rule.money for rule in RULES if rule.money is not None) == money_rules.RULES


def test_rules_that_void_are_those_that_admission_asks() -> None:
    assert tuple(rule.id for rule in RULES if rule.voids) == admit.VOIDING_RULES


def test_the_page_shows_each_in_a_group() -> None:
    """Once: what is in no group is shown to nobody."""
    page = (Path(__file__).parents[3] / "verifier" / "browser" / "page" / "answer" / "checks.js").read_text("utf-8")
    groups = page[page.index("const GROUPS") : page.index("]);")]
    assert sorted(re.findall(r'"([TAM]\d+)"', groups)) == sorted(RULE_IDS)
