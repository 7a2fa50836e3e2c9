"""The money rules word for word, cent by cent: slow, with exact fractions, and for tests only.

Written from RULES (M1 to M7), not from the kernel. It knows no sums: every cent that came is an object of its own.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Literal

LICENSEES = ("brand", "sub")
CONTROLLED = ("house bank",)
"""Providers that share a controller with the licensee."""


@dataclass(frozen=True)
class Op:
    """Something that is logged; its place in the list is its time, in days. ``lines`` are (number of the usage, cents).

    Hours count from the first place: a use runs from ``start`` to ``end``, a report may say at which ``end`` it
    stopped, a stop is a revocation that asks to be effective at ``end``.
    """

    kind: Literal["use", "report", "receipt", "payment", "return", "credit", "stop"]
    amount: int = 0
    payee: str = "anna"
    payer: str = "brand"
    provider: str | None = None
    reference: str = ""
    usage: int = 0
    of: int = 0
    by: str = ""
    lines: tuple[tuple[int, int], ...] = ()
    start: int = 0
    end: int | None = None
    impressions: int = 0


@dataclass(frozen=True)
class Share:
    payee: str
    parts: int
    gross_bp: int = 10_000
    via: bool = False


@dataclass(frozen=True)
class Facts:
    """``order`` are the payees by rising id, ``begin`` is when the first thing is logged."""

    fees: tuple[dict[str, Any], ...]
    shares: tuple[Share, ...]
    ops: tuple[Op, ...]
    order: tuple[str, ...]
    begin: datetime


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
    grows: bool = True
    """Whether more is due the more is used."""


Answer = tuple[str, str, str, int, int]
"""Payee, leg, answer, due, received."""


def decide(facts: Facts) -> list[list[Answer]]:
    """For each usage, in log order, what is answered for each payee and leg."""
    totals = running_totals(facts)
    legs = make_legs(facts, totals)
    for leg in legs:
        leg.least, leg.most = cents(facts, leg.payee)
    usages = [place for place, op in enumerate(facts.ops) if op.kind == "use"]
    open_ended = {usage for usage in usages if no_bound(facts, usage)}
    found: list[list[Answer]] = [[] for _ in usages]
    passed: dict[str, list[Cent]] = {"shown": [], "sure": [], "possible": []}
    for leg in sorted(legs, key=lambda leg: leg.way == "to_agency"):
        extra = passed if leg.way == "to_agency" else {side: [] for side in passed}
        endless = {usage: ENDLESS if usage in open_ended else due for usage, due in leg.due.items()}
        shown = pour(leg, leg.due, leg.least + extra["shown"])
        sure = pour(leg, endless, leg.least + extra["sure"])
        possible = pour(leg, leg.due, leg.most + extra["possible"])
        if leg.way == "from_agency":
            passed["shown"] += carried(shown)
            passed["sure"] += carried(sure)
            passed["possible"] += carried(possible)
        for number, usage in enumerate(usages):
            due = leg.due[usage]
            if len(sure[usage]) >= endless[usage]:
                said = "PAID"
            elif len(possible[usage]) < due:
                said = "NOT_PAID"
            else:
                said = "CANNOT_TELL"
            credit = sum(cent.credit for cent in shown[usage])
            received = len(shown[usage]) - credit
            found[number].append((leg.payee, leg.way, said, due - credit, due if due < 0 else received))
    return [sorted(answers) for answers in found]


ENDLESS = 10**9
"""More cents than come in any test."""


# -- M1, M2, M3: what is due


def running_totals(facts: Facts) -> list[tuple[int, int, Fraction]]:
    """(place, the usage's place, the exact total so far) of every usage and report."""
    found = []
    for place, op in enumerate(facts.ops):
        if op.kind == "use":
            found.append((place, place))
        elif op.kind == "report":
            found.append((place, usage_place(facts, op.usage)))
    return [(place, usage, total_at(facts, place)) for place, usage in found]


def total_at(facts: Facts, now: int) -> Fraction:
    """All that is due by what was logged up to ``now``: every fee's price of so many units."""
    total = Fraction(0)
    for fee in facts.fees:
        if fee["per"] == "flat":
            total += fee["amount"] if facts.ops[: now + 1] else 0
            continue
        price = Fraction(sum(price_of_unit(fee, unit) for unit in range(units_at(facts, fee, now))))
        total += price / 1000 if fee["per"] == "mille" else price
    return total


def units_at(facts: Facts, fee: dict[str, Any], now: int) -> int:
    """How many units of a fee there were over all usages once ``now`` was logged."""
    usages = [place for place, op in enumerate(facts.ops[: now + 1]) if op.kind == "use"]
    if fee["per"] == "use":
        return len(usages)
    if fee["per"] == "image":
        return sum(max(facts.ops[place].amount for place in (usage, *reports(facts, usage, now))) for usage in usages)
    if fee["per"] == "mille":
        return sum(
            max((facts.ops[place].impressions for place in reports(facts, usage, now)), default=0) for usage in usages
        )
    windows = [window_at(facts, usage, now) for usage in usages]
    if fee.get("once"):
        hours = {start + timedelta(hours=n) for start, end in windows for n in range((end - start) // HOUR)}
        return len({(hour.year, hour.month, hour.day if fee["per"] == "day" else 0) for hour in hours})
    begun = day_begins if fee["per"] == "day" else month_begins
    return sum(next(n for n in range(10**6) if begun(start, n) >= end or start >= end) for start, end in windows)


HOUR = timedelta(hours=1)


def day_begins(start: datetime, n: int) -> datetime:
    return start + timedelta(days=n)


def month_begins(start: datetime, n: int) -> datetime:
    year, month = divmod(start.year * 12 + start.month - 1 + n, 12)
    return start.replace(year=year, month=month + 1, day=min(start.day, monthrange(year, month + 1)[1]))


def reports(facts: Facts, usage: int, now: int) -> list[int]:
    """The places of a usage's reports, up to ``now``."""
    ops = list(enumerate(facts.ops[: now + 1]))
    return [place for place, op in ops if op.kind == "report" and usage_place(facts, op.usage) == usage]


def window_at(facts: Facts, usage: int, now: int) -> tuple[datetime, datetime]:
    """From when to when a usage's time is charged: ended early only where a stop cut it and a later report says so."""
    end = facts.ops[usage].end
    assert end is not None
    since = usage
    for place in reports(facts, usage, now):
        said = facts.ops[place].end
        if said is None:
            continue
        stops = [(other, op.end) for other, op in enumerate(facts.ops) if op.kind == "stop" and since < other < place]
        effective = [max(wanted or 0, other * 24) for other, wanted in stops]
        cutting = [hour for hour in effective if hour < end]
        after = max(said, min(cutting) if cutting else end)
        since = place if after < end else since
        end = after
    return facts.begin + facts.ops[usage].start * HOUR, facts.begin + end * HOUR


def no_bound(facts: Facts, usage: int) -> bool:
    """Whether what is charged per mille has no upper bound: no report was logged at or after the use's end (A10)."""
    if not any(fee["per"] == "mille" and highest(fee) for fee in facts.fees):
        return False
    places = reports(facts, usage, len(facts.ops))
    said = [end for place in places if (end := facts.ops[place].end) is not None]
    end = max(said[-1], facts.ops[usage].start) if said else facts.ops[usage].end
    assert end is not None
    return not any(place * 24 >= end for place in places)


def highest(fee: dict[str, Any]) -> int:
    return max(tier["amount"] for tier in fee["tiers"]) if "tiers" in fee else int(fee["amount"])


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
        again = [place for place in places if sum(signer(facts.ops[p]) == signer(facts.ops[place]) for p in places) > 1]
        most, more, further = max(amounts), 0, []
        for one in {signer(facts.ops[place]): None for place in again}:
            own = [facts.ops[place] for place in again if signer(facts.ops[place]) == one]
            if (total := sum(op.amount for op in own)) - most > more:
                more, further = total - most, [line for op in own[1:] for line in op.lines]
        least = min(amounts) if solid else 0
        payers = {payer, *(facts.ops[place].payer for place in again)}
        for side, amount, named_usages, at, licensee in (
            ("least", least, tags_of(lines, least), max(heard), payer in LICENSEES),
            ("most", most + more, tags_of(lines, most) + tags_of(further, more), min([*heard, *again]),
             any(one in LICENSEES for one in payers)),
        ):  # fmt: skip
            tags = [usage_place(facts, tag) for tag in grouped(named_usages)]
            free = [None] * (amount - len(tags))
            sides[side][reference] = [Cent(at, places[0], tag, licensee) for tag in [*tags, *free]]
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


def tags_of(lines: Iterable[tuple[int, int]], amount: int) -> list[int]:
    """For which usages the cents of an amount are, line by line as far as it reaches."""
    return [usage for usage, part in lines for _ in range(part)][:amount]


def signer(op: Op) -> str:
    """Whose word it is."""
    return op.payee if op.kind == "receipt" else op.provider or op.payer


def counting(facts: Facts, places: list[int]) -> list[int]:
    """Of several entries of one signer the first counts in the least."""
    found: dict[str, int] = {}
    for place in places:
        found.setdefault(signer(facts.ops[place]), place)
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


def pour(leg: Leg, dues: dict[int, int], came: list[Cent], until: int | None = None) -> dict[int, list[Cent]]:
    """Usage -> the cents that fill it: first those that name it, the rest usage by usage, the oldest first.

    With ``until``, of those that had come by then.
    """
    came = list(came)
    for usage in dues:
        came += [Cent(leg.last[usage], -1, None) for _ in range(-leg.due[usage])]
    came = [cent for cent in came if until is None or cent.at <= until]
    came.sort(key=lambda cent: (cent.at, cent.first))
    filled: dict[int, list[Cent]] = {usage: [] for usage in dues}
    free = []
    for cent in came:
        if cent.usage is not None and len(filled[cent.usage]) < dues[cent.usage]:
            filled[cent.usage].append(cent)
        else:
            free.append(cent)
    for usage, due in dues.items():
        while len(filled[usage]) < due and free:
            filled[usage].append(free.pop(0))
    return filled


def reached(leg: Leg, dues: dict[int, int], came: list[Cent]) -> dict[int, list[int]]:
    """Usage -> when it came to have its first cent, its second and so on, by the money that had come by then."""
    found: dict[int, list[int]] = {usage: [] for usage in dues}
    for at in sorted({cent.at for cent in came} | {leg.last[usage] for usage in dues if leg.due[usage] < 0}):
        for usage, cents_of in pour(leg, dues, came, at).items():
            found[usage] += [at] * (len(cents_of) - len(found[usage]))
    return found


def carried(filled: dict[int, list[Cent]]) -> list[Cent]:
    """What the licensee or a sub-licensee paid past the agency: it counts for the agency's sum of the same usage."""
    return [
        Cent(cent.at, cent.first, usage, credit=cent.credit)
        for usage, cents_of in filled.items()
        for cent in cents_of
        if cent.licensee
    ]
