"""What the contract answers: the members of a verdict that the rules make (protocol, section 7.3)."""

from __future__ import annotations

from verifier.base.values import value
from verifier.rules.model.results import Remark, RuleResult
from verifier.rules.model.timeline import Segment
from verifier.rules.money.money_rules import Paid


@value
class UsageDecision:
    """The answers about one usage among those of a party. A void usage has no ``paid``."""

    usage: str
    authorised: str
    segments: tuple[Segment, ...] = ()
    paid: Paid | None = None


@value
class Decision:
    """``answer`` for a consent, an asset or a party; ``authorised``, ``segments`` and ``paid`` for a usage."""

    answer: str | None = None
    authorised: str | None = None
    segments: tuple[Segment, ...] = ()
    paid: Paid | None = None
    rules: tuple[RuleResult, ...] = ()
    usages: tuple[UsageDecision, ...] = ()
    warnings: tuple[Remark, ...] = ()
    faults: tuple[Remark, ...] = ()


__all__ = ["Decision", "Paid", "UsageDecision"]
