"""What the contract answers: the members of a verdict that the rules make (protocol, section 7.3)."""

from __future__ import annotations

from verifier.money.rules import Paid
from verifier.rules.logic import Finding, Note
from verifier.rules.timeline import Segment
from verifier.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageDecision:
    """The answers about one usage among those of a party. A void usage has no ``paid``."""

    usage: str
    authorised: str
    segments: tuple[Segment, ...] = ()
    paid: Paid | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """``answer`` for a consent, an asset or a party; ``authorised``, ``segments`` and ``paid`` for a usage."""

    answer: str | None = None
    authorised: str | None = None
    segments: tuple[Segment, ...] = ()
    paid: Paid | None = None
    rules: tuple[Finding, ...] = ()
    usages: tuple[UsageDecision, ...] = ()
    warnings: tuple[Note, ...] = ()
    faults: tuple[Note, ...] = ()


__all__ = ["Decision", "Paid", "UsageDecision"]
