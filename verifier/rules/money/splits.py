"""Who gets how much of a total: parts, largest remainders and legs (rules M2, M3).

All running: what a payee's line is follows from the totals before and after it, so that 1 % of 0.40 is not lost a
hundred times over, and the lines of all payees always add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum

from verifier.base.values import value
from verifier.rules.money.amounts import bounded, half_even
from verifier.statements.sections import Split

WHOLE_BP = 10_000

PROFILE_COMMISSION_BP = {"ny": 2_000}
"""The most that a profile lets an agency take, of 10,000 (New York's Fashion Workers Act)."""


class LegKind(Enum):
    """Which way money goes to a payee (M3). In a verdict it is called ``leg``."""

    DIRECT = "direct"
    TO_AGENCY = "to_agency"
    FROM_AGENCY = "from_agency"


@value
class Leg:
    """One debt of a consent: ``payee`` is owed ``gross_bp`` / 10,000 of the quotas at ``places`` in the splits."""

    payee: str
    kind: LegKind
    places: tuple[int, ...]
    gross_bp: int

    def total(self, quotas: Sequence[int]) -> int:
        """What the leg's debt has come to, half-even, when the payees' quotas are these."""
        net = sum(quotas[place] for place in self.places)
        if self.gross_bp == WHOLE_BP:
            return bounded("M2", net)
        return bounded("M2", half_even(net * self.gross_bp, WHOLE_BP))


def quotas(total: int, parts: Sequence[int]) -> list[int]:
    """``total`` shared out by ``parts``: floors, the left-over units by largest remainder.

    Ties go to the earlier place, so the parts stand in the order of their payees' ids. The quotas add up to ``total``.
    """
    whole = sum(parts)
    shares = []
    rests = []
    left = total
    for part in parts:
        share, rest = divmod(total * part, whole)
        shares.append(share)
        rests.append(-rest)
        left -= share
    if left == 1:
        shares[rests.index(min(rests))] += 1
    elif left:
        for place in sorted(range(len(rests)), key=rests.__getitem__)[:left]:
            shares[place] += 1
    return shares


def legs(splits: Sequence[Split], agency: str | None) -> tuple[Leg, ...]:
    """The debts that splits, in the order of their payees' ids, make: rising by payee and kind.

    Where anything goes through the agency, ``to_agency`` is one debt of all that does and of the agency's own share.
    """
    through = [place for place, split in enumerate(splits) if split.via is not None]
    found = []
    own = [place for place, split in enumerate(splits) if through and split.via is None and split.payee == agency]
    for place, split in enumerate(splits):
        if place not in own:
            kind = LegKind.DIRECT if split.via is None else LegKind.FROM_AGENCY
            found.append(Leg(payee=split.payee, kind=kind, places=(place,), gross_bp=split.gross_bp))
    if through:
        assert agency is not None, "who reads the splits has checked that what goes through an agency goes through hers"
        gross_bp = splits[own[0]].gross_bp if own else WHOLE_BP
        found.append(Leg(payee=agency, kind=LegKind.TO_AGENCY, places=tuple(sorted(through + own)), gross_bp=gross_bp))
    return tuple(sorted(found, key=lambda leg: (leg.payee, leg.kind.value)))


def agency_parts(splits: Sequence[Split]) -> tuple[int, int]:
    """The parts that are the agency's commission, and all parts."""
    return sum(split.parts for split in splits if split.kind == "agency"), sum(split.parts for split in splits)


def misdirected(splits: Iterable[Split], agency: str | None) -> bool:
    """Whether a share goes through another party than the consent's agency, or the agency's own through itself (M3)."""
    return any(split.via is not None and (split.via != agency or split.payee == agency) for split in splits)
