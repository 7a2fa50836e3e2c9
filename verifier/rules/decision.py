"""What the contract answers: the members of a verdict that the rules make (protocol, section 7.3)."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.rules.logic import Finding, Note
from verifier.rules.timeline import Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class PayeePaid:
    """What one payee is owed for a usage on one ``leg`` (``direct``, ``to_agency``, ``from_agency``).

    Amounts are minor units: ``due`` the most, ``received`` the least. ``None`` stands where it cannot be told or, for
    ``due_at`` and ``days_late``, where nothing has fallen due.
    """

    payee: str
    leg: str
    answer: str
    due: int | None = None
    received: int | None = None
    outstanding: int | None = None
    due_at: int | None = None
    days_late: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """``currency`` is ``None`` where the consent's ``money`` cannot be read."""

    answer: str
    currency: str | None = None
    payees: tuple[PayeePaid, ...] = ()


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
