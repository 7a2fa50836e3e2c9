"""Rules that are not judged yet: UNKNOWN (``not_judged``) wherever terms or profile call for them, never PASS.

A rule leaves this file when it gets one of its own.
"""

from __future__ import annotations

from collections.abc import Callable

from verifier.rules.contract import Missing
from verifier.rules.logic import Piece, Result
from verifier.rules.timeline import always
from verifier.rules.usage import Case
from verifier.statements.sections import Terms


def judge_pending(case: Case, rule: str) -> list[Piece]:
    """One of the rules of :data:`CALLED_FOR`."""
    if isinstance(case.terms, Missing):
        return [always(Result.UNKNOWN, case.terms.code, *(case.terms.entries or (case.consent.index,)))]
    if CALLED_FOR[rule](case.terms):
        return [always(Result.UNKNOWN, "not_judged", case.consent.index, case.usage.index)]
    return [always(Result.NOT_APPLICABLE, "not_applicable")]


def _money_first(terms: Terms) -> bool:
    return terms.pay_first != "none" or terms.overdue_limit is not None


CALLED_FOR: dict[str, Callable[[Terms], bool]] = {"A18": _money_first}
"""Rule -> whether a consent's terms call for it as more than a warning."""
