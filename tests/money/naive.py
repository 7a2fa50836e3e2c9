"""The money rules word for word, cent by cent: slow, with exact fractions, and for tests only.

Written from RULES (M1 to M7), not from the kernel. It knows no sums: every cent that came is an object of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

LICENSEES = ("brand", "sub")
CONTROLLED = ("house bank",)
"""Providers that share a controller with the licensee."""


@dataclass(frozen=True)
class Op:
    """Something that is logged; its place in the list is its time. ``lines`` are (number of the usage, cents)."""

    kind: Literal["use", "report", "receipt", "payment", "return", "credit"]
    amount: int = 0
    payee: str = "anna"
    payer: str = "brand"
    provider: str | None = None
    reference: str = ""
    usage: int = 0
    of: int = 0
    by: str = ""
    lines: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Share:
    payee: str
    parts: int
    gross_bp: int = 10_000
    via: bool = False


@dataclass(frozen=True)
class Facts:
    """``order`` are the payees by rising id."""

    fees: tuple[dict[str, Any], ...]
    shares: tuple[Share, ...]
    ops: tuple[Op, ...]
    order: tuple[str, ...]


@dataclass
class Cent:
    """One cent that came: when, the first entry that shows it, for which usage, and whose it was."""

    at: int
    first: int
    usage: int | None
    licensee: bool = False
    credit: bool = False


@dataclass
class Leg:
    payee: str
    way: str
    due: dict[int, int]
    last: dict[int, int]
    least: list[Cent] = field(default_factory=list)
    most: list[Cent] = field(default_factory=list)


Answer = tuple[str, str, str, int, int]
"""Payee, leg, answer, due, received."""


def decide(facts: Facts) -> list[list[Answer]]:
    """For each usage, in log order, what is answered for each payee and leg."""
    totals = running_totals(facts)
    legs = make_legs(facts, totals)
    for leg in legs:
        leg.least, leg.most = cents(facts, leg.payee)
    usages = [place for place, op in enumerate(facts.ops) if op.kind == "use"]
    found: list[list[Answer]] = [[] for _ in usages]
    passed: dict[str, list[Cent]] = {"least": [], "most": []}
    for leg in sorted(legs, key=lambda leg: leg.way == "to_agency"):
        extra = passed if leg.way == "to_agency" else {"least": [], "most": []}
        sure = pour(leg, usages, leg.least + extra["least"])
        possible = pour(leg, usages, leg.most + extra["most"])
        if leg.way == "from_agency":
            passed["least"] += carried(sure)
            passed["most"] += carried(possible)
        for number, usage in enumerate(usages):
            due = leg.due[usage]
            if len(sure[usage]) >= due:
                said = "PAID"
            elif len(possible[usage]) < due:
                said = "NOT_PAID"
            else:
                said = "CANNOT_TELL"
            credit = sum(cent.credit for cent in sure[usage])
            received = len(sure[usage]) - credit
            found[number].append((leg.payee, leg.way, said, due - credit, due if due < 0 else received))
    return [sorted(answers) for answers in found]


# -- M1, M2, M3: what is due


def running_totals(facts: Facts) -> list[tuple[int, int, Fraction]]:
    """(place, the usage's place, the exact total so far) of every usage and report."""
    found = []
    images: dict[int, int] = {}
    total = Fraction(0)
    uses = 0
    for place, op in enumerate(facts.ops):
        if op.kind not in ("use", "report"):
            continue
        usage = place if op.kind == "use" else usage_place(facts, op.usage)
        before = {"use": uses, "image": sum(images.values())}
        uses += op.kind == "use"
        images[usage] = max(images.get(usage, 0), op.amount)
        after = {"use": uses, "image": sum(images.values())}
        for fee in facts.fees:
            if fee["per"] == "flat":
                total += fee["amount"] if op.kind == "use" and uses == 1 else 0
            else:
                for unit in range(before[fee["per"]], after[fee["per"]]):
                    total += price_of_unit(fee, unit)
        found.append((place, usage, total))
    return found


def price_of_unit(fee: dict[str, Any], unit: int) -> int:
    """The price of the unit that has so many before it."""
    if unit < fee.get("above", 0):
        return 0
    tiers = fee.get("tiers") or [{"from": 0, "amount": fee["amount"]}]
    return int([tier["amount"] for tier in tiers if tier["from"] <= unit][-1])


def usage_place(facts: Facts, number: int) -> int:
    return [place for place, op in enumerate(facts.ops) if op.kind == "use"][number]


def share_out(total: int, shares: list[Share]) -> dict[str, int]:
    """Quotas by largest remainder; ``shares`` are in the order of ids."""
    whole = sum(share.parts for share in shares)
    exact = {share.payee: Fraction(total * share.parts, whole) for share in shares}
    found = {payee: int(quota) for payee, quota in exact.items()}
    while sum(found.values()) < total:
        payee = max(exact, key=lambda payee: exact[payee] - found[payee])  # of equals, the first
        found[payee] += 1
        exact[payee] = Fraction(found[payee])
    return found


def make_legs(facts: Facts, totals: list[tuple[int, int, Fraction]]) -> list[Leg]:
    shares = sorted(facts.shares, key=lambda share: facts.order.index(share.payee))
    through = [share for share in shares if share.via]
    gross = {share.payee: share.gross_bp for share in shares}
    debts: list[tuple[str, str, list[str], int]] = []
    if through:
        payees = [share.payee for share in through] + (["gina"] if "gina" in gross else [])
        debts.append(("gina", "to_agency", payees, gross.get("gina", 10_000)))
    for share in shares:
        if share.via:
            debts.append((share.payee, "from_agency", [share.payee], share.gross_bp))
        elif not (through and share.payee == "gina"):
            debts.append((share.payee, "direct", [share.payee], share.gross_bp))
    legs = []
    for payee, way, members, bp in debts:
        due = {place: 0 for place, op in enumerate(facts.ops) if op.kind == "use"}
        last: dict[int, int] = {}
        before = 0
        for place, usage, total in totals:
            quotas = share_out(round(total), shares)
            after = round(Fraction(sum(quotas[one] for one in members) * bp, 10_000))
            due[usage] += after - before
            if after != before:
                last[usage] = place
            before = after
        legs.append(Leg(payee, way, due, last))
    return legs


# -- M4, M5, M7: what came


def cents(facts: Facts, payee: str) -> tuple[list[Cent], list[Cent]]:
    """The cents that surely came to a payee, and those that came at most."""
    groups: dict[str, list[int]] = {}
    for place, op in enumerate(facts.ops):
        if op.kind in ("receipt", "payment") and op.payee == payee:
            groups.setdefault(op.reference, []).append(place)
    sides: dict[str, dict[str, list[Cent]]] = {"least": {}, "most": {}}
    for reference, places in groups.items():
        counted = counting(facts, places)
        best = max(grade(facts.ops[place]) for place in counted)
        solid = best > 1
        heard = [place for place in counted if grade(facts.ops[place]) > 1] if solid else counted
        amounts = [facts.ops[place].amount for place in heard]
        payer = next(facts.ops[p].payer for p in heard if rank(facts.ops[p]) == max(rank(facts.ops[q]) for q in heard))
        named = [facts.ops[place] for place in counted if facts.ops[place].kind == "payment"]
        named += [facts.ops[place] for place in counted if facts.ops[place].kind == "receipt"]
        lines = next((op.lines for op in named if op.lines), ())
        for side, amount, at in (
            ("least", min(amounts) if solid else 0, max(heard)),
            ("most", max(amounts), min(heard)),
        ):
            tags = [usage for usage, amount in lines for _ in range(amount)][:amount]
            tags = grouped(tags)
            sides[side][reference] = [
                Cent(at, places[0], usage_place(facts, tag), payer in LICENSEES) for tag in tags
            ] + [Cent(at, places[0], None, payer in LICENSEES) for _ in range(amount - len(tags))]
    for place, op in enumerate(facts.ops):
        if op.kind == "return" and facts.ops[op.of].payee == payee:
            give_back(facts, place, op, sides)
    found = {side: [cent for group in groups.values() for cent in group] for side, groups in sides.items()}
    for place, op in enumerate(facts.ops):
        if op.kind == "credit" and op.payee == payee:
            tags = [usage_place(facts, usage) for usage, amount in op.lines for _ in range(amount)][: op.amount]
            for tag in [*tags, *[None] * (op.amount - len(tags))]:
                for all_cents in found.values():
                    all_cents.append(Cent(place, place, tag, op.payer in LICENSEES, credit=True))
    return found["least"], found["most"]


def grouped(tags: list[int]) -> list[int]:
    """The same tags, those that are alike together, in the order in which they first occur."""
    return [tag for one in dict.fromkeys(tags) for tag in tags if tag == one]


def counting(facts: Facts, places: list[int]) -> list[int]:
    """Of several entries of one signer the first counts."""
    found: dict[str, int] = {}
    for place in places:
        op = facts.ops[place]
        found.setdefault(op.payee if op.kind == "receipt" else op.provider or op.payer, place)
    return sorted(found.values())


def grade(op: Op) -> int:
    if op.kind == "receipt":
        return 4
    return 3 if op.provider is not None and op.provider not in CONTROLLED else 1


def rank(op: Op) -> int:
    """How good a word is before anything lowers it: whose naming of the payer is heard."""
    return 4 if op.kind == "receipt" else 3 if op.provider is not None else 1


def give_back(facts: Facts, place: int, op: Op, sides: dict[str, dict[str, list[Cent]]]) -> None:
    of = facts.ops[op.of]
    if op.by == "provider" and of.provider != op.provider:
        return
    if op.by == "payer" and of.payer != op.payer:
        return
    touched = ["least"] if op.by == "payee" else ["least", "most"]
    for side in touched:
        group = sides[side][of.reference]
        named = [usage_place(facts, usage) for usage, amount in op.lines for _ in range(amount)]
        for _ in range(min(op.amount, len(group))):
            wanted = next((tag for tag in named if any(cent.usage == tag for cent in group)), None)
            if wanted is not None:
                named.remove(wanted)
                del group[max(i for i, cent in enumerate(group) if cent.usage == wanted)]
            else:
                named = []
                free = [i for i, cent in enumerate(group) if cent.usage is None]
                del group[free[-1] if free else -1]


# -- M3, M6: what fills what


def pour(leg: Leg, usages: list[int], came: list[Cent]) -> dict[int, list[Cent]]:
    """Usage -> the cents that fill it: first those that name it, the rest usage by usage, the oldest first."""
    came = list(came)
    for usage in usages:
        came += [Cent(leg.last[usage], -1, None) for _ in range(-leg.due[usage])]
    came.sort(key=lambda cent: (cent.at, cent.first))
    filled: dict[int, list[Cent]] = {usage: [] for usage in usages}
    free = []
    for cent in came:
        if cent.usage is not None and len(filled[cent.usage]) < leg.due[cent.usage]:
            filled[cent.usage].append(cent)
        else:
            free.append(cent)
    for usage in usages:
        while len(filled[usage]) < leg.due[usage] and free:
            filled[usage].append(free.pop(0))
    return filled


def carried(filled: dict[int, list[Cent]]) -> list[Cent]:
    """What the licensee or a sub-licensee paid past the agency: it counts for the agency's sum of the same usage."""
    return [
        Cent(cent.at, cent.first, usage, credit=cent.credit)
        for usage, cents_of in filled.items()
        for cent in cents_of
        if cent.licensee
    ]
