"""One leg of a consent's book: what is due on it, what came, and how the two fill (rules M3, M4, M6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from verifier.base.values import replace, value
from verifier.rules.money.account import PayeeAccount
from verifier.rules.money.allocation import PASS_ON_DAYS, Allocation, DueLine, Inflow, allocate, by_due, days_after, net
from verifier.rules.money.claims import Claim, Debt
from verifier.rules.money.reasons import Reason, gather
from verifier.rules.money.splits import Leg


@value(kw_only=False)
class Open:
    """Why the most of a claim has no bound, as a reason code, and from when on it has fallen due; ``None``: always."""

    code: str
    due_at: int | None


@value
class Dues:
    """What one consent has due at an instant: two readings of each leg, and what cannot be told of single claims.

    ``consent`` is its id: money for it waits for its next claim. ``names``: the claims of each id that money may name,
    in order. ``open`` and ``lost`` are claims whose most has no bound, and of which nothing can be told.
    """

    consent: str
    names: Mapping[str, Sequence[Claim]]
    open: Mapping[Claim, Open]
    lost: Mapping[Claim, Reason]


@value
class LegBook:
    """One leg, filled three ways.

    ``sure``: the most that is due by the least received; ``possible``: the least due by the most received; ``shown``:
    what is known to be due by the least received, which is what a verdict's figures say. ``reasons`` are the gaps
    between least and most; while there are ``unknowns`` nothing can be told of the leg. ``open`` are the claims, in
    order, whose most has no bound. ``passed`` are the ``from_agency`` legs that may lower a ``to_agency`` leg;
    ``after`` is the ``to_agency`` leg whose money a ``from_agency`` leg passes on.
    """

    least_debt: Debt
    most_debt: Debt
    sure: Allocation[Claim]
    possible: Allocation[Claim]
    shown: Allocation[Claim]
    side: PayeeAccount
    reasons: tuple[Reason, ...]
    unknowns: tuple[Reason, ...]
    open: Mapping[Claim, Open]
    dues: Dues
    passed: Sequence[LegBook] = ()
    after: LegBook | None = None

    @property
    def leg(self) -> Leg:
        return self.least_debt.leg

    @property
    def claims(self) -> Iterable[Claim]:
        """All claims, in the order in which they arose."""
        return self.most_debt.due

    def debt(self, *, most: bool) -> Debt:
        """One of the two readings of what is due."""
        return self.most_debt if most else self.least_debt

    def due(self, claim: Claim) -> int:
        """The least that is due for a claim, fallen due or not."""
        return self.least_debt.due.get(claim, 0)

    def differs(self, claim: Claim) -> bool:
        """Whether the two readings of what is due part."""
        return self.least_debt.due.get(claim) != self.most_debt.due[claim]

    @property
    def least(self) -> list[Inflow]:
        """The least that came: to the payee, and past an agency to those whose part goes through it (M3)."""
        return [*self.side.least, *passed_on(self.claims, (one.sure for one in self.passed))]

    @property
    def most(self) -> list[Inflow]:
        """The most that came, likewise."""
        return [*self.side.most, *passed_on(self.claims, (one.possible for one in self.passed))]

    def lines(self, claim: Claim, *, most: bool = False) -> list[DueLine]:
        """A claim's lines, net (M6), in the order in which they fall due. What an agency passes on falls due 45 days
        after it surely had all of the claim's sum, and until then has no date (M3)."""
        lines = net(self.debt(most=most).lines.get(claim, ()))
        if self.after is not None:
            due_at = self.after.pass_on_at(claim)
            lines = [replace(line, due_at=due_at, counts_at=_late_date(line)) for line in lines]
        return by_due(lines) if len(lines) > 1 else lines

    def pass_on_at(self, claim: Claim) -> int | None:
        """When the parts of a claim's sum fall due from the agency that receives it."""
        if not self.sure.is_full(claim):
            return None
        times = [part.inflow.at for part in self.sure.arrivals(claim)]
        times += [line.logged for line in self.most_debt.lines.get(claim, ())]
        return days_after(max(times), PASS_ON_DAYS) if times else None

    def fallen_least(self, claim: Claim, instant: int) -> int:
        """The least of what has fallen due of a claim by an instant (M4's D)."""
        least = _fallen(self.lines(claim), instant)
        return min(least, _fallen(self.lines(claim, most=True), instant)) if self._parted else least

    def fallen_most(self, claim: Claim, instant: int) -> int | None:
        """The most of it; ``None``: there is no bound."""
        found = self.open.get(claim)
        if found is not None:
            due_at = found.due_at
            if due_at is not None and self.after is not None:
                due_at = days_after(due_at, PASS_ON_DAYS)
            if found.due_at is None or (due_at is not None and due_at <= instant):
                return None
        most = _fallen(self.lines(claim, most=True), instant)
        return max(most, _fallen(self.lines(claim), instant)) if self._parted else most

    @property
    def _parted(self) -> bool:
        return self.least_debt is not self.most_debt


def _late_date(line: DueLine) -> int | None:
    return None if line.due_at is None else days_after(line.due_at, PASS_ON_DAYS)


def _fallen(lines: Iterable[DueLine], instant: int) -> int:
    return sum(line.amount for line in lines if line.fell_due(instant))


def fill_leg(least: Debt, most: Debt, side: PayeeAccount, dues: Dues, passed: Sequence[LegBook]) -> LegBook:
    """Fill a leg's claims; ``passed`` are the legs whose payees may have been paid past it."""
    bound = least.due
    if least is not most:
        bound = {claim: min(least.due.get(claim, 0), due) for claim, due in most.due.items()}
    negative = [claim for claim, amount in bound.items() if amount < 0]
    known: Mapping[Claim, int | None] = {**bound, **dict.fromkeys(negative, 0)} if negative else bound
    # Of what cannot be told nothing need be due; its figures are those of what is known.
    least_due = {**known, **dict.fromkeys(dues.lost, 0)} if dues.lost else known
    open_ended = {} if least.leg.gross_bp == 0 else dues.open
    if dues.lost and least.leg.gross_bp:
        found = {**open_ended, **{claim: Open(reason.code, None) for claim, reason in dues.lost.items()}}
        open_ended = {claim: found[claim] for claim in bound if claim in found}
    most_due = known
    if least is not most:
        most_due = {claim: max(least.due.get(claim, 0), due, 0) for claim, due in most.due.items()}
    if open_ended:
        most_due = {**most_due, **dict.fromkeys(open_ended, None)}
    # A line of −1 whose claim has nothing to cancel leaves that much for others.
    freed = [Inflow(least.lines[claim][-1].logged, -bound[claim]) for claim in negative if claim in least.lines]

    def filled(
        due: Mapping[Claim, int | None], came: Sequence[Inflow], by: Iterable[Allocation[Claim]]
    ) -> Allocation[Claim]:
        more = [*freed, *passed_on(bound, by)]
        if more:
            return allocate(due, [*came, *more], dues.names, dues.consent)
        return Allocation(due, came, dues.names, dues.consent)

    shown = filled(known, side.least, [one.shown for one in passed])
    sure, possible = shown, shown
    if most_due is not known or any(one.sure is not one.shown for one in passed):
        sure = filled(most_due, side.least, [one.sure for one in passed])
    if least_due is not known or side.most is not side.least or any(one.possible is not one.shown for one in passed):
        possible = filled(least_due, side.most, [one.possible for one in passed])
    return LegBook(
        least_debt=least,
        most_debt=most,
        sure=sure,
        possible=possible,
        shown=shown,
        side=side,
        reasons=gather([*side.reasons, *(reason for one in passed for reason in one.side.reasons)]),
        unknowns=gather([*side.unknowns, *(reason for one in passed for reason in one.side.shared)]),
        open=open_ended,
        dues=dues,
        passed=passed,
    )


def passed_on(claims: Iterable[Claim], allocations: Iterable[Allocation[Claim]]) -> list[Inflow]:
    """What a licensee or sub-licensee paid past the agency, or was let off, as far as it filled a payee's part (M3)."""
    return [
        Inflow(
            part.inflow.at,
            part.amount,
            ((claim.id, part.amount),),
            part.inflow.entries,
            False,
            part.inflow.credit,
            part.inflow.grade,
        )
        for allocation in allocations
        for claim in claims
        for part in allocation.parts(claim)
        if part.inflow.licensee
    ]
