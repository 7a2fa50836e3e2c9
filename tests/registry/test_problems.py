"""Refusals by the rules: a plain sentence, a place and a hint for each."""

from __future__ import annotations

import pytest

from registry.problems import STATUSES, refusal
from verifier.programs.language import english
from verifier.programs.rsgi import PROBLEMS
from verifier.rules.model.results import Result, RuleResult

PASSED = RuleResult(rule="T6", result=Result.PASS, code="ok")

REFUSED = [
    # rule, code, problem, where
    ("A0", "wrong_registry", "wrong_registry", "envelope.payload.registry"),
    ("T6", "void_ahead", "refused", "envelope.payload.at"),
    ("T8", "void_late", "refused", "envelope.payload.at"),
    ("A0", "void_parties", "refused", "envelope.payload"),
    ("A1", "void_signers", "refused", "envelope.signatures"),
    ("A2", "void_power", "refused", "envelope.payload.under"),
    ("A5", "void_replaced", "refused", "envelope.payload.replaces"),
    ("A0", "void_ruling", "refused", "envelope.payload"),
    ("A12", "minor", "refused", "disclosures"),
    ("A0", "section_needed", "section_missing", "disclosures"),
    ("A0", "digest_repeated", "section_repeated", "envelope.payload.sections"),
    ("A1", "key_repeated", "key_seen", "envelope.payload"),
]


@pytest.mark.parametrize(("rule", "code", "kind", "where"), REFUSED)
def test_a_refusal_says_what_where_and_what_to_do(rule: str, code: str, kind: str, where: str) -> None:
    found = refusal([PASSED, RuleResult(rule=rule, result=Result.FAIL, code=code)]).to_json()
    assert found["type"] == f"urn:kembar:problem:{kind}"
    assert found["detail"] == f"{english().say(f'code.{code}').removesuffix('.')} ({rule}, {code})."
    assert (found["where"], found["hint"]) == (where, english().say(f"hint.{kind}"))
    assert [row["code"] for row in found["rules"]] == ["ok", code]


def test_of_several_all_are_said_and_the_first_gives_the_place() -> None:
    rows = [
        RuleResult(rule="A1", result=Result.FAIL, code="void_signers"),
        RuleResult(rule="A0", result=Result.FAIL, code="section_needed"),
    ]
    found = refusal(rows)
    assert (found.code, found.where) == ("refused", "envelope.signatures")
    assert found.detail.count("(A") == 2 and english().say("code.section_needed").removesuffix(".") in found.detail


@pytest.mark.parametrize("code", PROBLEMS)
def test_the_server_says_the_same_of_a_problem_as_the_registry(code: str) -> None:
    assert PROBLEMS[code] == (STATUSES[code], english().say(f"problem.{code}"))
