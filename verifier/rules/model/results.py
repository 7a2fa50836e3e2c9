"""Three values and a fourth: how results of rules are written and combined (strong Kleene; RULES, Verdicts)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from verifier.base.values import value
from verifier.rules.model.codes import code_order


class Result(Enum):
    """In order of precedence: the first that occurs is the worst."""

    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"
    PASS = "PASS"
    NOT_APPLICABLE = "NOT_APPLICABLE"


_RANK = {result: rank for rank, result in enumerate(Result)}


@value
class RuleResult:
    """One rule's result: the rule's id, a reason code (``codes.py``) and the rising indices that it rests on."""

    rule: str
    result: Result
    code: str
    entries: tuple[int, ...] = ()


@value
class TimedResult:
    """A result that holds in [start, end), POSIX seconds."""

    start: int
    end: int
    result: Result
    code: str
    entries: tuple[int, ...] = ()


@value
class Remark:
    """A warning or a fault: a reason code and the rising indices that it is about."""

    code: str
    entries: tuple[int, ...] = ()


def worst(results: Iterable[Result]) -> Result:
    """FAIL, else UNKNOWN, else PASS, else NOT_APPLICABLE (which is also the worst of nothing)."""
    return min(results, key=_RANK.__getitem__, default=Result.NOT_APPLICABLE)


def merge(rule: str, results: Iterable[RuleResult | TimedResult]) -> RuleResult:
    """One row of a verdict: the worst result, its first code in the list of codes, the entries behind that code."""
    found = list(results)
    result = worst(timed.result for timed in found)
    if not found:
        return RuleResult(rule=rule, result=result, code="not_applicable")
    ranked = [timed for timed in found if timed.result is result]
    code = min((timed.code for timed in ranked), key=code_order)
    entries = sorted({index for timed in ranked if timed.code == code for index in timed.entries})
    return RuleResult(rule=rule, result=result, code=code, entries=tuple(entries))


def answer(result: Result, *, yes: str, no: str, unknown: str = "CANNOT_TELL") -> str:
    """A verdict's word for the worst result of its rules."""
    return no if result is Result.FAIL else unknown if result is Result.UNKNOWN else yes
