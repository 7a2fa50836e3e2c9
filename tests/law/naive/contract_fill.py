"""What fills what, cent by cent: claims in the order in which they arose (M3, M4, M6). It knows no sums."""

from __future__ import annotations

from dataclasses import dataclass, field

Claim = tuple[int, int, int]
"""When it arose; 0 for the consent's own, 1 for a usage's; the usage's index. Money fills claims in this order."""
OF_CONSENT = "consent"
Tag = Claim | str | None
"""What a cent is for: one claim, the consent's claims one after another (:data:`OF_CONSENT`), or whatever comes first;
that too where it was for a statement that has no effect, by whose id a return still knows it."""
Filled = dict[Claim, list["Cent"]]
ENDLESS = 10**9
"""More cents than come in any history."""


@dataclass
class Cent:
    """One cent that came: when, the first entry that shows it, what it is for, and whose it was."""

    at: int
    first: int
    tag: Tag
    licensee: bool = False
    credit: bool = False


@dataclass
class Leg:
    """What is owed to a payee one way. ``due`` by what is known, ``least`` and ``most`` where M1 leaves it open."""

    payee: str
    way: str
    due: dict[Claim, int]
    least_due: dict[Claim, int]
    most_due: dict[Claim, int]
    last: dict[Claim, int]
    """When the last line of a claim arose."""
    least: list[Cent] = field(default_factory=list)
    most: list[Cent] = field(default_factory=list)


def of_consent(claim: Claim) -> bool:
    return claim[1] == 0


def pour(leg: Leg, dues: dict[Claim, int], came: list[Cent], until: int | None = None) -> Filled:
    """Claim -> the cents that fill it: first those that name it, the rest claim by claim, the oldest first.

    What names the consent fills its claims in turn, and nothing else. With ``until``, of the cents that had come by
    then.
    """
    came = list(came)
    for claim in dues:
        came += [Cent(leg.last[claim], -1, None) for _ in range(-leg.due[claim])]
    came = [cent for cent in came if until is None or cent.at <= until]
    came.sort(key=lambda cent: (cent.at, cent.first))
    filled: Filled = {claim: [] for claim in dues}
    free = []
    for cent in came:
        named = [one for one in sorted(dues) if one == cent.tag or (cent.tag == OF_CONSENT and of_consent(one))]
        room = [one for one in named if len(filled[one]) < dues[one]]
        if room:
            filled[room[0]].append(cent)
        elif cent.tag != OF_CONSENT:
            free.append(cent)
    for claim in sorted(dues):
        while len(filled[claim]) < dues[claim] and free:
            filled[claim].append(free.pop(0))
    return filled


def reached(leg: Leg, dues: dict[Claim, int], came: list[Cent]) -> dict[Claim, list[int]]:
    """Claim -> when it came to have its first cent, its second and so on, by the money that had come by then."""
    found: dict[Claim, list[int]] = {claim: [] for claim in dues}
    for at in sorted({cent.at for cent in came} | {leg.last[claim] for claim in dues if leg.due[claim] < 0}):
        for claim, cents in pour(leg, dues, came, at).items():
            found[claim] += [at] * (len(cents) - len(found[claim]))
    return found


def carried(filled: Filled) -> list[Cent]:
    """What the licensee or a sub-licensee paid past the agency: it counts for the agency's sum of the same claim."""
    return [
        Cent(cent.at, cent.first, OF_CONSENT if of_consent(claim) else claim, credit=cent.credit)
        for claim, cents in filled.items()
        for cent in cents
        if cent.licensee
    ]
