"""The book of a consent: what is due on each leg, what came, and how the two fill (rules M1 to M7).

A book is a fold over the consent's lists ``uses:`` and ``account:``, so that it can be kept from one question to the
next and take on what was appended since.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from copy import copy
from typing import Any, TypeVar

from verifier.base.values import field, replace, value
from verifier.rules.model.context import Context, Judgement, Kept, Standing, Unread
from verifier.rules.model.folds import Fold, KeptFolds, open_fold
from verifier.rules.model.record import Entry
from verifier.rules.money.account import Account, PayeeAccount
from verifier.rules.money.allocation import PASS_ON_DAYS, Allocation, DueLine, Inflow, allocate, days_after, net
from verifier.rules.money.events import StopsOfUses, chain, read_event, stops_of_uses
from verifier.rules.money.reasons import CannotTell, Reason, gather
from verifier.rules.money.schedule import Line, Schedule, counts_over_the_consent, counts_time
from verifier.rules.money.splits import Leg, LegKind, legs, misdirected, quotas
from verifier.statements.sections import ConsentMoney, Split
from verifier.statements.types import (
    Adjustment,
    Consent,
    Mandate,
    Payment,
    Receipt,
    Report,
    Usage,
)

T = TypeVar("T")


@value(frozen=False, kw_only=False)
class Debt:
    """What is due on one leg: each usage's lines in log order, their sum, and the sum of all."""

    leg: Leg
    lines: dict[str, tuple[DueLine, ...]] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)
    total: int = 0

    def fork(self) -> Debt:
        """A copy that goes on by itself."""
        return Debt(self.leg, self.lines.copy(), self.due.copy(), self.total)

    def add(self, line: Line, amount: int, due_at: int | None) -> None:
        """One entry's line; one of 0 still says that there is such a usage."""
        if amount:
            due = DueLine(line.index, line.logged, amount, due_at)
            self.lines[line.usage] = (*self.lines.get(line.usage, ()), due)
            self.total += amount
        self.due[line.usage] = self.due.get(line.usage, 0) + amount


@value
class LegBook:
    """One leg, filled three ways.

    ``sure``: the most that is due by the least received; ``possible``: the least due by the most received; ``shown``:
    the least of both, which is what a verdict's figures say. ``reasons`` are the gaps between least and most;
    while there are ``unknowns`` nothing can be told of the leg. ``open_ended`` are the usages, in log order, whose most
    has no bound. ``passed`` are the ``from_agency`` legs that may lower a ``to_agency`` leg; ``after`` is the
    ``to_agency`` leg whose money a ``from_agency`` leg passes on.
    """

    debt: Debt
    sure: Allocation
    possible: Allocation
    shown: Allocation
    side: PayeeAccount
    reasons: tuple[Reason, ...]
    unknowns: tuple[Reason, ...]
    open_ended: Sequence[str]
    passed: Sequence[LegBook] = ()
    after: LegBook | None = None

    @property
    def leg(self) -> Leg:
        return self.debt.leg

    @property
    def due(self) -> Mapping[str, int]:
        """Usage -> its sum, in log order."""
        return self.debt.due

    @property
    def least(self) -> list[Inflow]:
        """The least that came: to the payee, and past an agency to those whose part goes through it (M3)."""
        return [*self.side.least, *_passed_on(self.due, (one.sure for one in self.passed))]

    @property
    def most(self) -> list[Inflow]:
        """The most that came, likewise."""
        return [*self.side.most, *_passed_on(self.due, (one.possible for one in self.passed))]

    def lines(self, usage: str) -> list[DueLine]:
        """A usage's lines, net (M6). What an agency passes on falls due 45 days after it surely had all of the usage's
        sum, and until then has no date (M3)."""
        lines = net(self.debt.lines.get(usage, ()))
        if self.after is None:
            return lines
        due_at = self.after.pass_on_at(usage)
        return [DueLine(line.index, line.logged, line.amount, due_at) for line in lines]

    def pass_on_at(self, usage: str) -> int | None:
        """When the parts of a usage's sum fall due from the agency that receives it."""
        if not self.sure.is_full(usage):
            return None
        times = [part.inflow.at for part in self.sure.arrivals(usage)]
        times += [line.logged for line in self.debt.lines.get(usage, ())]
        return days_after(max(times), PASS_ON_DAYS) if times else None


class Book(Fold):
    """A consent's money.

    While it is ``blocked`` nothing can be told; ``legs`` are there as far as there are figures, and ``schedule`` as far
    as it is known what is due at all. ``lost`` are usages of which too large a sum was made, with the reason.
    """

    def __init__(self, context: Context, consent_id: str) -> None:
        super().__init__(context, consent_id)
        self.consent: Entry | None = None
        self.money: ConsentMoney | None = None
        self.schedule: Schedule | None = None
        self.account: Account | None = None
        self.lost: dict[str, Reason] = {}
        self._blocked: list[Reason] = []
        self._hidden: list[Reason] = []  # usages and reports whose terms cannot be read
        self._unsplit: Reason | None = None
        self._parts: list[int] = []
        self._debts: list[Debt] = []
        self._broken: Reason | None = None  # a leg's sum is too large: nothing more is added to any
        self._entries: dict[str, tuple[int, ...]] = {}
        self._stops: dict[str, StopsOfUses] = {}
        self._uses: list[str] = []
        self._recalled: dict[Hashable, Any] = {}
        self._open(context)

    # -- what does not change while the consent's own list does not

    def _open(self, context: Context) -> None:
        consent, judgement = context.named(f"consent:{self.id}", self.id)
        if consent is None or not isinstance(consent.statement, Consent):
            self._blocked.append(Reason("M1", judgement.code))
            return
        self.consent = consent
        if judgement.standing is Standing.DOUBTFUL:
            self._blocked.append(Reason("M1", judgement.code, (consent.index,)))
        try:
            self.money = money = _money(context, consent)
            replaced = counts_over_the_consent(money.fees)
            consents = chain(context, consent) if replaced else [consent]
            for one in consents:
                if context.record.rows(f"uses:{one.statement.id}") is None:
                    raise CannotTell("M1", "list_missing")
                stops = stops_of_uses(context, one) if counts_time(money.fees) else StopsOfUses()
                self._stops[one.statement.id] = stops
            self.schedule = Schedule(money.fees)
            self._uses = [f"uses:{id}" for id in self._stops]
        except CannotTell as missing:
            self._blocked.append(missing.reason)
            self.schedule = None
        if self.schedule is not None and self.money is not None:
            try:
                splits = _splits(context, consent, self.money)
                self._parts = [split.parts for split in splits]
                self._debts = [Debt(leg) for leg in legs(splits, consent.statement.parties.agency)]
            except CannotTell as missing:
                self._unsplit = missing.reason
            if context.record.rows(f"account:{self.id}") is None:
                self._blocked.append(Reason("M4", "list_missing"))
            else:
                self.account = Account(context, consent, self.money.currency)
        if self.money is not None and isinstance(terms := context.section(consent, "terms"), Unread):
            # Caps, overage, notice and sell-off bear on what is due.
            self._blocked.append(Reason("M1", terms.code, terms.entries))

    # -- the fold

    def catch_up(self, context: Context) -> None:
        start, self._next = self._next, context.record.size
        if self.schedule is not None:
            for entry, judgement in context.fresh(self._uses, start, Usage, Report):
                self._take_use(context, entry, judgement)
        if self.account is not None:
            for entry, judgement in context.fresh([f"account:{self.id}"], start, Payment, Receipt, Adjustment):
                self._recalled = {}
                self.account.take(entry, judgement)

    def make_ready(self) -> None:
        """Work out now what every question needs, so that no fork has to."""
        self.recall("legs", self._fill_all)

    def fork(self, context: Context) -> Book:
        other = copy(self)
        other.schedule = self.schedule.fork() if self.schedule else None
        other.account = self.account.fork(context) if self.account else None
        other.lost, other._entries, other._recalled = self.lost.copy(), self._entries.copy(), self._recalled.copy()
        other._blocked, other._hidden = self._blocked.copy(), self._hidden.copy()
        other._debts = [debt.fork() for debt in self._debts]
        return other

    def _take_use(self, context: Context, entry: Entry, judgement: Judgement) -> None:
        """Take one good or doubtful usage or report.

        A doubtful one is counted all the same: what it owes stays due (A20), but nothing can be told (M4).
        """
        assert self.schedule is not None and isinstance(entry.statement, Usage | Report)
        self._recalled = {}
        if judgement.standing is Standing.DOUBTFUL:
            self._blocked.append(Reason("M1", judgement.code, (entry.index,)))
        consent = entry.statement.consent
        try:
            event = read_event(context, entry, own=consent == self.id, stops=self._stops[consent])
        except CannotTell as missing:
            self._hidden.append(missing.reason)
            return
        line = self.schedule.add(event)
        if line is None:
            return
        self._entries[line.usage] = (*self._entries.get(line.usage, ()), line.index)
        if self.schedule.too_large:
            self.lost.setdefault(line.usage, Reason("M1", "too_large", (line.index,)))
        self._split(line, self.schedule.total)

    def _split(self, line: Line, total: int) -> None:
        """Add to every leg's debt what the new running total adds."""
        amounts = [0] * len(self._debts)
        if line.amount and self._debts and self._broken is None:
            shares = quotas(total, self._parts)
            try:
                amounts = [debt.leg.total(shares) - debt.total for debt in self._debts]
            except CannotTell as error:
                self._broken = error.reason
        if self._broken is not None:
            self.lost.setdefault(line.usage, replace(self._broken, entries=(line.index,)))
        for debt, amount in zip(self._debts, amounts, strict=True):
            debt.add(line, amount, self._due_at(debt.leg, line) if amount else None)

    def _due_at(self, leg: Leg, line: Line) -> int | None:
        assert self.money is not None and self.schedule is not None
        if leg.kind is LegKind.FROM_AGENCY:
            return None  # falls due once the agency has it
        due = self.money.due
        if due.from_ == "declared":
            return days_after(line.logged, due.days)
        starts, ends = self.schedule.window(line.usage)
        return days_after(starts if due.from_ == "starts" else ends, due.days)

    # -- what it says

    @property
    def currency(self) -> str:
        """The one currency of the consent's money, where that can be read."""
        return self.money.currency if self.money is not None else ""

    @property
    def readable(self) -> bool:
        """Whether it is known what is due at all."""
        return self.schedule is not None and not self._hidden

    @property
    def blocked(self) -> tuple[Reason, ...]:
        """Why nothing can be told of the consent, in the order of the codes."""
        return self.recall("blocked", self._gather)

    def _gather(self) -> tuple[Reason, ...]:
        reasons = [*self._blocked, *(self.schedule.doubts if self.schedule else ())]
        if self._hidden:  # what else is known is no use then
            reasons = [gather(self._hidden)[0], *(one for one in reasons if one.rule != "M4")]
        elif self._unsplit is not None:
            reasons.append(self._unsplit)
        return gather(reasons)

    def entries(self, usage: str) -> tuple[int, ...]:
        """The indices that a usage's due rests on; none for one that is not in the book."""
        return self._entries.get(usage, ())

    @property
    def legs(self) -> tuple[LegBook, ...]:
        """The legs, by payee and kind, filled. None while it is not known what is due on them."""
        return self.recall("legs", self._fill_all)

    def why_untold(self, one: LegBook, usage: str) -> list[Reason]:
        """Why the least and the most differ for a usage on a leg: its own due, or that of a use before it which may
        take all the money, or the words on what came."""
        reasons = list(one.reasons)
        for silent in dict.fromkeys([usage, *one.open_ended[:1]]):
            if silent == usage or one.sure.comes_before(silent, usage):
                reasons.extend(self._open_reason(silent))
        if not reasons:  # the words differ in nothing but their dates
            apart = {index for side in (one.side, *(other.side for other in one.passed)) for index in side.apart}
            reasons.append(Reason("M5", "amounts_differ", tuple(sorted(apart))))
        return reasons

    def _open_reason(self, usage: str) -> list[Reason]:
        if usage in self.lost:
            return [self.lost[usage]]
        code = self.schedule.open(usage) if self.schedule is not None else None
        return [] if code is None else [Reason("M1", code, self.entries(usage))]

    def flat_due(self, leg: Leg) -> int:
        """What the flat fees come to on a leg."""
        assert self.schedule is not None
        return leg.total(quotas(self.schedule.flat, self._parts))

    def recall(self, key: Hashable, work_out: Callable[[], T]) -> T:
        """What somebody worked out from this book alone, kept until more is taken."""
        if key not in self._recalled:
            self._recalled[key] = work_out()
        found: T = self._recalled[key]
        return found

    @property
    def sides(self) -> Mapping[str, PayeeAccount]:
        """What came, by payee."""
        return self.account.sides() if self.account is not None else {}

    @property
    def overpaid(self) -> tuple[int, ...]:
        """Entries of money that surely came and fills nothing, to payees of the consent or to others."""
        return self.recall("overpaid", self._find_overpaid)

    def _find_overpaid(self) -> tuple[int, ...]:
        indices = {
            index
            for one in self.legs
            for part in one.sure.left
            if not part.inflow.credit
            for index in part.inflow.entries
        }
        if self.legs:
            owed = {one.leg.payee for one in self.legs}
            indices.update(
                index
                for payee, side in self.sides.items()
                if payee not in owed
                for inflow in side.least
                if not inflow.credit
                for index in inflow.entries
            )
        return tuple(sorted(indices))

    def _fill_all(self) -> tuple[LegBook, ...]:
        """Fill the legs: what goes through the agency first, since it may fill ``to_agency`` too."""
        if not self.readable or self._unsplit is not None:
            return ()
        passed = [self._fill(debt, []) for debt in self._debts if debt.leg.kind is LegKind.FROM_AGENCY]
        others = [
            self._fill(debt, passed if debt.leg.kind is LegKind.TO_AGENCY else [])
            for debt in self._debts
            if debt.leg.kind is not LegKind.FROM_AGENCY
        ]
        to_agency = next((one for one in others if one.leg.kind is LegKind.TO_AGENCY), None)
        found = {one.leg: one for one in others} | {one.leg: replace(one, after=to_agency) for one in passed}
        return tuple(found[debt.leg] for debt in self._debts)

    def _fill(self, debt: Debt, passed: Sequence[LegBook]) -> LegBook:
        side = self.sides.get(debt.leg.payee) or PayeeAccount()
        due = debt.due
        negative = [usage for usage, amount in due.items() if amount < 0]
        least_due: Mapping[str, int | None] = due
        if negative or self.lost:
            least_due = {**due, **dict.fromkeys(negative, 0), **dict.fromkeys(self.lost, 0)}
        open_ended = self._open_ended(debt.leg)
        most_due = {**least_due, **dict.fromkeys(open_ended, None)} if open_ended else least_due
        # A line of −1 whose usage has nothing to cancel leaves that much for others.
        freed = [Inflow(debt.lines[usage][-1].logged, -due[usage]) for usage in negative]
        shown = _filled(least_due, side.least, [*freed, *_passed_on(due, (one.shown for one in passed))])
        sure, possible = shown, shown
        if most_due is not least_due or any(one.sure is not one.shown for one in passed):
            sure = _filled(most_due, side.least, [*freed, *_passed_on(due, (one.sure for one in passed))])
        if side.most is not side.least or any(one.possible is not one.shown for one in passed):
            possible = _filled(least_due, side.most, [*freed, *_passed_on(due, (one.possible for one in passed))])
        return LegBook(
            debt=debt,
            sure=sure,
            possible=possible,
            shown=shown,
            side=side,
            reasons=gather([*side.reasons, *(reason for one in passed for reason in one.side.reasons)]),
            unknowns=gather([*side.unknowns, *(reason for one in passed for reason in one.side.shared)]),
            open_ended=open_ended,
            passed=passed,
        )

    def _open_ended(self, leg: Leg) -> list[str]:
        """The usages whose most has no bound on a leg, those with too large a sum on any leg among them."""
        assert self.schedule is not None
        if leg.gross_bp == 0 or not self.schedule.may_be_open:
            return [usage for usage in self._entries if usage in self.lost] if self.lost else []
        return [usage for usage in self._entries if usage in self.lost or self.schedule.open(usage) is not None]


def _money(context: Context, consent: Entry) -> ConsentMoney:
    money = context.section(consent, "money")
    if isinstance(money, Unread):
        raise CannotTell("M1", money.code, money.entries)
    assert isinstance(money, ConsentMoney)
    return money


def _splits(context: Context, consent: Entry, money: ConsentMoney) -> list[Split]:
    """The splits in the order of their payees' ids, once they are known to fit the header (M2) and the agency (M3)."""
    assert isinstance(consent.statement, Consent)
    splits = sorted(money.splits, key=lambda split: split.payee)
    if tuple(split.payee for split in splits) != consent.statement.parties.payees:
        raise CannotTell("M2", "split_mismatch", (consent.index,))
    if any(split.via is not None for split in splits):
        _check_collects(context, consent, consent.statement)
        if misdirected(splits, consent.statement.parties.agency):
            raise CannotTell("M3", "bad_terms", (consent.index,))
    return splits


def _check_collects(context: Context, consent: Entry, statement: Consent) -> None:
    """Money goes through the agency of a mandate with ``collect``, and through nobody else."""
    if statement.under is None:
        raise CannotTell("M3", "bad_terms", (consent.index,))
    mandate, judgement = context.named(f"mandate:{statement.under}", statement.under, consent.index)
    if judgement.standing is Standing.DOUBTFUL:
        raise CannotTell("M3", judgement.code, judgement.entries)
    if mandate is None or not isinstance(mandate.statement, Mandate) or "collect" not in mandate.statement.powers:
        raise CannotTell("M3", "bad_terms", (consent.index,))


def _filled(dues: Mapping[str, int | None], came: Sequence[Inflow], more: Sequence[Inflow]) -> Allocation:
    return allocate(dues, [*came, *more]) if more else Allocation(dues, came)


def _passed_on(dues: Iterable[str], allocations: Iterable[Allocation]) -> list[Inflow]:
    """What a licensee or sub-licensee paid past the agency, or was let off, as far as it filled a payee's part (M3)."""
    return [
        Inflow(
            part.inflow.at,
            part.amount,
            ((usage, part.amount),),
            part.inflow.entries,
            False,
            part.inflow.credit,
            part.inflow.grade,
        )
        for allocation in allocations
        for usage in dues
        for part in allocation.parts(usage)
        if part.inflow.licensee
    ]


# -- of many consents


class Ledgers(KeptFolds[Book]):
    """Books of many consents."""

    def begin(self, context: Context, consent_id: str) -> Book:
        return Book(context, consent_id)

    def advance(self, context: Context, consent_id: str) -> Book:
        book = super().advance(context, consent_id)
        book.make_ready()
        return book


BOOKS: Kept[str, Book] = Kept()
"""By consent."""


def open_book(context: Context, consent_id: str) -> Book:
    """The book of a consent, the same for every question to this context."""
    return open_fold(context, BOOKS, Ledgers, consent_id)
