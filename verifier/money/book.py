"""The book of a consent: what is due on each leg, what came, and how the two fill (rules M1 to M7).

A book is opened once per contract and consent, however many of the consent's usages are asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from verifier.money.account import Side, read_account
from verifier.money.ledger import PASS_ON_DAYS, DueLine, Filling, Lot, days_after, fill, net
from verifier.money.reasons import CannotTell, Reason, gather
from verifier.money.schedule import Line, Schedule, counts_over_the_consent, schedule
from verifier.money.splits import Leg, Way, legs, split_totals
from verifier.money.uses import Uses, read_uses
from verifier.rules.contract import Contract, Missing, Standing
from verifier.rules.record import Entry
from verifier.statements.sections import ConsentMoney, Due, Split
from verifier.statements.statement import Consent, Mandate

DueLines = Mapping[str, Sequence[DueLine]]
"""Usage -> its lines, in log order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegBook:
    """One leg: usage -> its lines, net, and their sum; filled three ways.

    ``sure``: the most that is due by the least received; ``possible``: the least due by the most received; ``shown``:
    the least of both, which is what a verdict's figures say. ``reasons`` are the gaps between least and most;
    while there are ``clouds`` nothing can be told of the leg.
    """

    leg: Leg
    lines: DueLines
    due: Mapping[str, int]
    sure: Filling
    possible: Filling
    shown: Filling
    side: Side
    reasons: tuple[Reason, ...]
    clouds: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A consent's money.

    While it is ``blocked`` nothing can be told; ``legs`` are there as far as there are figures. ``entries`` are, by
    usage, the indices that its due rests on; ``overpaid`` the indices of money that fills nothing.
    """

    consent: Entry | None
    money: ConsentMoney | None = None
    schedule: Schedule | None = None
    blocked: tuple[Reason, ...] = ()
    legs: tuple[LegBook, ...] = ()
    entries: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    overpaid: tuple[int, ...] = ()


def open_book(contract: Contract, consent_id: str) -> Book:
    """The book of a consent; the same one for every question to this contract."""
    key = ("money", consent_id)
    if key not in contract.cache:
        contract.cache[key] = _open(contract, consent_id)
    book: Book = contract.cache[key]
    return book


def _open(contract: Contract, consent_id: str) -> Book:
    consent, judgement = contract.named(f"consent:{consent_id}", consent_id)
    if consent is None or not isinstance(consent.statement, Consent):
        return Book(consent=None, blocked=(Reason("M1", judgement.code),))
    blocked: list[Reason] = []
    if judgement.standing is Standing.DOUBTFUL:
        blocked.append(Reason("M1", judgement.code, (consent.index,)))
    money = plan = None
    found: tuple[LegBook, ...] = ()
    sides: Mapping[str, Side] = {}
    try:
        money = _money(contract, consent)
        uses = read_uses(contract, consent, replaced=counts_over_the_consent(money.fees))
        blocked.extend(uses.doubts)
        plan = schedule(money.fees, uses.events)
        splits = _splits(contract, consent, money)
        try:
            sides = read_account(contract, consent, money.currency)
        except CannotTell as missing:
            blocked.append(missing.reason)
        found = _Legs(consent.statement, money, uses, plan, sides).fill_all(splits)
    except CannotTell as missing:
        blocked.append(missing.reason)
    if money is not None and isinstance(terms := contract.section(consent, "terms"), Missing):
        # Caps, overage, notice and sell-off bear on what is due.
        blocked.append(Reason("M1", terms.code, terms.entries))
    return Book(
        consent=consent,
        money=money,
        schedule=plan,
        blocked=gather(blocked),
        legs=found,
        entries=_entries(plan.least if plan else ()),
        overpaid=_overpaid(found, sides),
    )


def _money(contract: Contract, consent: Entry) -> ConsentMoney:
    money = contract.section(consent, "money")
    if isinstance(money, Missing):
        raise CannotTell("M1", money.code, money.entries)
    assert isinstance(money, ConsentMoney)
    return money


def _splits(contract: Contract, consent: Entry, money: ConsentMoney) -> list[Split]:
    """The splits in the order of their payees' ids, once they are known to fit the header (M2) and the agency (M3)."""
    assert isinstance(consent.statement, Consent)
    splits = sorted(money.splits, key=lambda split: split.payee)
    if tuple(split.payee for split in splits) != consent.statement.parties.payees:
        raise CannotTell("M2", "split_mismatch", (consent.index,))
    through = [split for split in splits if split.via is not None]
    if through:
        _check_collects(contract, consent, consent.statement)
        agency = consent.statement.parties.agency
        if any(split.via != agency or split.payee == agency for split in through):
            raise CannotTell("M3", "bad_terms", (consent.index,))
    return splits


def _check_collects(contract: Contract, consent: Entry, statement: Consent) -> None:
    """Money goes through the agency of a mandate with ``collect``, and through nobody else."""
    if statement.under is None:
        raise CannotTell("M3", "bad_terms", (consent.index,))
    mandate, judgement = contract.named(f"mandate:{statement.under}", statement.under, consent.index)
    if judgement.standing is Standing.DOUBTFUL:
        raise CannotTell("M3", judgement.code, judgement.entries)
    if mandate is None or not isinstance(mandate.statement, Mandate) or "collect" not in mandate.statement.powers:
        raise CannotTell("M3", "bad_terms", (consent.index,))


def _entries(lines: Iterable[Line]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for line in lines:
        found.setdefault(line.usage, []).append(line.index)
    return {usage: tuple(indices) for usage, indices in found.items()}


def _overpaid(found: Iterable[LegBook], sides: Mapping[str, Side]) -> tuple[int, ...]:
    """Entries of money that surely came and fills nothing, to payees of the consent or to others."""
    indices = {index for one in found for part in one.sure.left if not part.lot.credit for index in part.lot.entries}
    owed = {one.leg.payee for one in found}
    if found:
        indices.update(
            index
            for payee, side in sides.items()
            if payee not in owed
            for lot in side.least
            if not lot.credit
            for index in lot.entries
        )
    return tuple(sorted(indices))


@dataclass(slots=True)
class _Legs:
    """Fills the legs of one consent: what goes through the agency first, since it may fill ``to_agency`` too."""

    consent: Consent
    money: ConsentMoney
    uses: Uses
    plan: Schedule
    sides: Mapping[str, Side]

    def fill_all(self, splits: Sequence[Split]) -> tuple[LegBook, ...]:
        debts = legs(splits, self.consent.parties.agency)
        least = self._lines(debts, splits, self.plan.least)
        most = least if self.plan.most is self.plan.least else self._lines(debts, splits, self.plan.most)
        found: dict[int, LegBook] = {}
        passed: list[LegBook] = []
        for place, leg in sorted(enumerate(debts), key=lambda item: item[1].way is Way.TO_AGENCY):
            through = passed if leg.way is Way.TO_AGENCY else []
            found[place] = self._fill(leg, least[place], most[place], through)
            if leg.way is Way.FROM_AGENCY:
                passed.append(found[place])
        to_agency = next((one for one in found.values() if one.leg.way is Way.TO_AGENCY), None)
        if to_agency is not None:
            for place, one in found.items():
                if one.leg.way is Way.FROM_AGENCY:
                    found[place] = _falling_due(one, to_agency)
        return tuple(found[place] for place in range(len(debts)))

    def _lines(self, debts: Sequence[Leg], splits: Sequence[Split], plan: Sequence[Line]) -> list[DueLines]:
        """For each leg, its lines by usage, in the order of the usages."""
        totals = []
        total = 0
        for line in plan:
            total += line.amount
            totals.append(total)
        found: list[DueLines] = []
        for leg, amounts in zip(debts, split_totals(totals, splits, debts), strict=True):
            lines: dict[str, list[DueLine]] = {}
            later = leg.way is Way.FROM_AGENCY  # falls due once the agency has it
            for line, amount in zip(plan, amounts, strict=True):
                mine = lines.setdefault(line.usage, [])
                if amount:
                    mine.append(DueLine(line.index, line.logged, amount, None if later else self._due_at(line)))
            found.append({usage: net(mine) if len(mine) > 1 else mine for usage, mine in lines.items()})
        return found

    def _due_at(self, line: Line) -> int:
        due: Due = self.money.due
        if due.from_ == "declared":
            return days_after(line.logged, due.days)
        terms = self.uses.terms[line.usage]
        return days_after(terms.starts if due.from_ == "starts" else terms.ends, due.days)

    def _fill(self, leg: Leg, least: DueLines, most: DueLines, passed: Sequence[LegBook]) -> LegBook:
        side = self.sides.get(leg.payee) or Side()
        due = {usage: sum(line.amount for line in lines) for usage, lines in least.items()}
        least_due: dict[str, int | None] = {usage: max(amount, 0) for usage, amount in due.items()}
        open_ended = self.plan.open if leg.gross_bp else frozenset()
        most_due = least_due
        if open_ended or most is not least:
            sums = {usage: max(sum(line.amount for line in lines), 0) for usage, lines in most.items()}
            most_due = {usage: None if usage in open_ended else amount for usage, amount in sums.items()}
        # A line of −1 whose usage has nothing to cancel leaves that much for others.
        freed = [Lot(least[usage][-1].logged, -amount) for usage, amount in due.items() if amount < 0]
        received = [*side.least, *freed]
        shown = fill(least_due, [*received, *_passed_on(one.shown for one in passed)])
        sure, possible = shown, shown
        if most_due is not least_due or any(one.sure is not one.shown for one in passed):
            sure = fill(most_due, [*received, *_passed_on(one.sure for one in passed)])
        if side.most != side.least or any(one.possible is not one.shown for one in passed):
            possible = fill(least_due, [*side.most, *freed, *_passed_on(one.possible for one in passed)])
        reasons = [*side.reasons, *(reason for one in passed for reason in one.side.reasons)]
        clouds = [*side.clouds, *(reason for one in passed for reason in one.side.shared)]
        return LegBook(
            leg=leg,
            lines=least,
            due=due,
            sure=sure,
            possible=possible,
            shown=shown,
            side=side,
            reasons=gather(reasons),
            clouds=gather(clouds),
        )


def _passed_on(fillings: Iterable[Filling]) -> list[Lot]:
    """What a licensee or sub-licensee paid past the agency, or was let off, as far as it filled a payee's part (M3)."""
    return [
        Lot(part.lot.at, part.amount, ((usage, part.amount),), part.lot.entries, credit=part.lot.credit)
        for filling in fillings
        for usage, parts in filling.parts.items()
        for part in parts
        if part.lot.licensee
    ]


def _falling_due(one: LegBook, to_agency: LegBook) -> LegBook:
    """The leg with due dates: 45 days after the agency surely had all of a usage's sum; none until then."""
    lines: dict[str, list[DueLine]] = {}
    for usage, mine in one.lines.items():
        due_at = None
        if to_agency.sure.is_full(usage):
            times = [part.lot.at for part in to_agency.sure.parts.get(usage, ())]
            times += [line.logged for line in to_agency.lines[usage]]
            due_at = days_after(max(times, default=0), PASS_ON_DAYS) if times else None
        lines[usage] = [DueLine(line.index, line.logged, line.amount, due_at) for line in mine]
    return replace(one, lines=lines)
