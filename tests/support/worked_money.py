"""A worked case of money: a story, what ``paid`` answers, which codes the rules give, and each payee's figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.support.money_story import Story, codes, figures

PAID_100 = ["anna direct: PAID 10000 10000"]
UNTOLD_100 = ["anna direct: CANNOT_TELL 10000 0"]
UNPAID_100 = ["anna direct: NOT_PAID 10000 0"]


@dataclass(frozen=True)
class Case:
    story: Callable[[Story], None]
    answer: str
    codes: set[str]
    figures: list[str]


def no(*codes: str) -> set[str]:
    """A failed rule, and M8 with it."""
    return {*codes, "M8 unpaid"}


def hidden(rule: str, code: str) -> set[str]:
    """Behind what is hidden any word on money may stand."""
    return {*unknown(rule, code), f"M5 {code}", f"M7 {code}"}


def unknown(rule: str, code: str, *more: str) -> set[str]:
    return {f"{rule} {code}", f"M4 {code}", f"M8 {code}", *more}


def nothing_told(code: str, first: int = 1) -> set[str]:
    return {f"M{n} {code}" for n in range(first, 9)}


def check_worked(case: Case) -> None:
    """Tell the story, and see what is answered."""
    story = Story()
    case.story(story)
    decision = story.decide(at="+200d")
    assert decision.paid.answer == case.answer
    assert codes(decision) == case.codes
    assert figures(story, decision) == case.figures
