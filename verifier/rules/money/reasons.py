"""Why something about money cannot be told."""

from __future__ import annotations

from collections.abc import Iterable

from verifier.base.values import value
from verifier.rules.model.codes import code_order


@value(kw_only=False)
class Reason:
    """The rule that finds it, a reason code (``codes.py``) and the rising indices of the entries that it is about."""

    rule: str
    code: str
    entries: tuple[int, ...] = ()


class CannotTell(Exception):
    """Raised where there is no figure to go on with, and caught where the rule's result is written."""

    def __init__(self, rule: str, code: str, entries: tuple[int, ...] = ()) -> None:
        super().__init__(code)
        self.reason = Reason(rule, code, entries)


def gather(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """One reason per rule and code, with all entries of those that are alike, in the order of the list of codes."""
    found: dict[tuple[str, str], set[int]] = {}
    for reason in reasons:
        found.setdefault((reason.rule, reason.code), set()).update(reason.entries)
    ordered = sorted(found.items(), key=lambda item: (code_order(item[0][1]), item[0][0]))
    return tuple(Reason(rule, code, tuple(sorted(entries))) for (rule, code), entries in ordered)
