"""The book of a consent: what is due on each leg, what came, and how the two fill (rules M1 to M7).

A book is a fold over the consent's lists ``uses:`` and ``account:``, so that it can be kept from one question to the
next and take on what was appended since (``kept_folds.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

from verifier.base.values import replace
from verifier.rules.model.calendar import DAY
from verifier.rules.model.context import Context, Growing, Judgement, Kept, Standing, Unread
from verifier.rules.model.record import Entry, holds
from verifier.rules.model.timeline import FOREVER
from verifier.rules.money.account import Account, PayeeAccount
from verifier.rules.money.arising import Arising, FlatLine, arising_of
from verifier.rules.money.claims import Claim, Debt, Ledger, Posting, period_of
from verifier.rules.money.events import StopsOfUses, chain, read_event, stops_of_uses
from verifier.rules.money.fees import check_money
from verifier.rules.money.leg_book import Dues, LegBook, Open, fill_leg
from verifier.rules.money.reasons import CannotTell, Reason, gather
from verifier.rules.money.schedule import SCALE, Earned, Schedule, counts_over_the_consent, counts_time
from verifier.rules.money.splits import Leg, LegKind, legs, misdirected
from verifier.rules.money.units import UsageRun
from verifier.statements.sections import ConsentMoney, CreateTerms, Split, Terms
from verifier.statements.types import Adjustment, Consent, Mandate, Payment, Receipt, Report, Usage

T = TypeVar("T")


class Book(Growing):
    """A consent's money, with the lines of the consent that arose by the instant that is asked about.

    While it is ``blocked`` nothing can be told; ``legs`` are there as far as there are figures, and ``schedule`` as far
    as it is known what is due at all. ``least`` and ``most`` are the two readings of what is due, one object where they
    do not part. ``claims`` are those of the usages that are in the book, up to, but not including, the entry ``next``.
    """

    def __init__(self, context: Context, consent_id: str) -> None:
        self.id = consent_id
        self.next = 0
        self.consent: Entry[Consent] | None = None
        self.money: ConsentMoney | None = None
        self.schedule: Schedule | None = None
        self.arising = Arising()
        self.account: Account | None = None
        self._blocked: list[Reason] = []
        self._usages_blocked: list[Reason] = []  # why nothing can be told of what usages earned
        self._hidden: list[Reason] = []  # usages and reports whose terms cannot be read
        self._unsplit: Reason | None = None
        self.least = self.most = Ledger((), (), SCALE)
        self.claims: dict[str, Claim] = {}
        self._dates: dict[Claim, int] = {}  # when all of a usage falls due, where that turns on its reported end (M6)
        self._clock = -FOREVER  # when the last entry was logged; log order is the only order, whatever seals say (T1)
        self._stops: dict[str, StopsOfUses] = {}
        self._uses: list[str] = []
        self._recalled: dict[Hashable, Any] = {}
        self._open(context)
        self.catch_up(context)

    # -- what does not change while the consent's own list does not

    def _open(self, context: Context) -> None:
        consent, judgement = context.named(f"consent:{self.id}", self.id)
        if not holds(consent, Consent):
            self._blocked.append(Reason("M1", judgement.code))
            return
        self.consent = consent
        if judgement.standing is Standing.DOUBTFUL:
            self._blocked.append(Reason("M1", judgement.code, (consent.index,)))
        terms = context.section(consent, "terms")
        shown = context.record.rows(f"account:{self.id}") is not None
        try:
            self.money = money = _money(context, consent)
            if shown:  # what came is known whether it is known what is due or not (M5 warns of it)
                self.account = Account(context, consent, money.currency)
            known = terms if isinstance(terms, Terms | CreateTerms) else None
            check_money(money, consent.statement.act, known)
            if consent.statement.act == "use":
                self._open_uses(context, consent, money)
            self.arising = arising_of(context, consent, money)
            self.schedule = Schedule(money.fees, self.arising.scale)
        except CannotTell as missing:
            self._blocked.append(missing.reason)
            self.schedule = None
        if self.schedule is not None and self.money is not None:
            self._open_claims(context, consent, self.money)
            if not shown:
                self._blocked.append(Reason("M4", "list_missing"))
        if self.money is not None and isinstance(terms, Unread):
            # Caps, overage, notice and sell-off bear on what is due.
            self._usages_blocked.append(Reason("M1", terms.code, terms.entries))

    def _open_uses(self, context: Context, consent: Entry[Consent], money: ConsentMoney) -> None:
        consents = chain(context, consent) if counts_over_the_consent(money.fees) else [consent]
        for one in consents:
            if context.record.rows(f"uses:{one.statement.id}") is None:
                raise CannotTell("M1", "list_missing")
            stops = stops_of_uses(context, one) if counts_time(money.fees) else StopsOfUses()
            self._stops[one.statement.id] = stops
        self._uses = [f"uses:{id}" for id in self._stops]

    def _open_claims(self, context: Context, consent: Entry[Consent], money: ConsentMoney) -> None:
        """Begin the ledgers: one, unless the least and the most that is due may part."""
        found: Sequence[Leg] = ()
        parts: Sequence[int] = ()
        try:
            splits = _splits(context, consent, money)
            parts = [split.parts for split in splits]
            found = legs(splits, consent.statement.parties.agency)
        except CannotTell as missing:
            self._unsplit = missing.reason
        lines = self.arising.lines
        parted = not all(one.least and one.most for one in lines) or not all(one.sure for one in self.arising.released)
        self.least = self.most = Ledger(found, parts, self.arising.scale)
        if parted:
            self.most = Ledger(found, parts, self.arising.scale)
            self.most.announce([self._posting(one) for one in lines if one.most])
        self.least.announce([self._posting(one) for one in lines if one.least])

    # -- the fold

    def catch_up(self, context: Context) -> None:
        """Take all that the record shows beyond what was taken."""
        start, self.next = self.next, context.record.size
        if self.schedule is not None:
            for entry, judgement in context.fresh(self._uses, start, Usage, Report):
                self._take_use(context, entry, judgement)
        if self.account is not None:
            for entry, judgement in context.fresh([f"account:{self.id}"], start, Payment, Receipt, Adjustment):
                self._recalled = {}
                self.account.take(entry, judgement)
        for ledger in self._ledgers():
            if ledger.as_of(context.instant):
                self._recalled = {}

    def _ledgers(self) -> list[Ledger]:
        return [self.least] if self.least is self.most else [self.least, self.most]

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
        earned = self.schedule.add(event)
        if earned is None:
            return
        self._clock = max(self._clock, earned.logged)
        for fee in earned.begins:
            counts = self.arising.counts(fee, earned.logged)
            line = FlatLine(self._clock, self._clock, earned.index, fee, self.arising.scale * (fee.amount or 0))
            self._post(self._posting(line), *counts)
        self._post(self._earned(earned), True, True)

    def _post(self, posting: Posting, least: bool, most: bool) -> None:
        if least or (most and self.most is self.least):
            self.least.post(posting)
        if most and self.most is not self.least:
            self.most.post(posting)

    def _posting(self, line: FlatLine) -> Posting:
        """A line of the consent: it falls due so many days after it arose."""
        assert self.money is not None
        fee = line.fee
        days = self.money.due.days if fee.due_days is None else fee.due_days
        return Posting(
            line.at,
            int(line.exact < 0),
            line.index,
            line.at + days * DAY,
            Claim(self.id, line.claim_at, True),
            flat=line.exact if fee.recoup is None else 0,
            advance=line.exact if fee.recoup == "all" else 0,
            held=line.exact if fee.recoup == "period" else 0,
            period=line.period,
            dated=fee.owed not in (None, "signed", "use"),
        )

    def _earned(self, earned: Earned) -> Posting:
        """What an entry earned for its usage."""
        assert self.money is not None and self.schedule is not None
        run = self.schedule.run(earned.usage)
        claim = self.claims.setdefault(earned.usage, Claim(earned.usage, run.said.logged))
        period = period_of(self.arising.periods, run.said.logged) if self.arising.periods else -1
        due_at = self._due_at(run, earned.logged)
        if self.money.due.from_ == "ends":
            self._dates[claim] = due_at
        return Posting(self._clock, 2, earned.index, due_at, claim, earned=earned.exact, period=period)

    def _due_at(self, run: UsageRun, logged: int) -> int:
        """When what an entry that was logged then made due for a usage falls due."""
        assert self.money is not None
        due = self.money.due
        ends = min(run.declared, run.closes)
        return {"declared": logged, "starts": run.starts, "ends": ends}[due.from_] + due.days * DAY

    # -- what it says

    @property
    def readable(self) -> bool:
        """Whether it is known what is due at all."""
        return self.schedule is not None and not self._hidden

    @property
    def blocked(self) -> tuple[Reason, ...]:
        """Why nothing can be told of the consent, in the order of the codes."""
        return self.recall("blocked", self._gather)

    def _gather(self) -> tuple[Reason, ...]:
        reasons = self._blocked
        if self._hidden:  # what else is known is no use then
            reasons = [gather(self._hidden)[0], *(one for one in reasons if one.rule != "M4")]
        elif self._unsplit is not None:
            reasons.append(self._unsplit)
        return gather(reasons)

    @property
    def usages_blocked(self) -> tuple[Reason, ...]:
        """Why nothing can be told of what usages earned, though something can of the consent's own lines."""
        return gather([*self._usages_blocked, *(self.schedule.doubts if self.schedule else ())])

    @property
    def consent_blocked(self) -> tuple[Reason, ...]:
        """Why there may be lines of the consent of which nothing can be told."""
        return gather(self.arising.hidden)

    @property
    def consent_claims(self) -> list[Claim]:
        """What the consent itself owes, in order."""
        return list(self.dues.names.get(self.id, ()))

    def entries(self, claim: Claim) -> tuple[int, ...]:
        """The indices that a claim's due rests on."""
        found = [ledger.entries.get(claim, ()) for ledger in self._ledgers()]
        return found[0] if len(found) == 1 else tuple(sorted({index for one in found for index in one}))

    def comes_first(self, claim: Claim, start: int) -> bool:
        """Whether a session that starts then waits for anything of a claim of the consent (A18), whatever it comes to:
        its ``use`` and ``signed`` lines, and what falls due before."""
        known = [self._posting(line) for line in self.arising.lines if line.claim_at == claim.at]
        lines = [line for one in self.legs for line in one.lines(claim)]
        return not known or any(not one.dated or one.due_at < start for one in known) or any(one.first for one in lines)

    def falls_due(self, claim: Claim) -> int:
        """From when on anything of a claim of the consent may have fallen due, whatever it comes to."""
        dates = [self._posting(line).due_at for line in self.arising.lines if line.claim_at == claim.at]
        dates += [line.due_at for one in self.legs for line in one.lines(claim) if line.due_at is not None]
        return min(dates, default=0) if claim.of_consent else 0

    @property
    def legs(self) -> tuple[LegBook, ...]:
        """The legs, by payee and kind, filled. None while it is not known what is due on them."""
        return self.recall("legs", self._fill_all)

    def why_untold(self, one: LegBook, claim: Claim) -> list[Reason]:
        """Why the least and the most differ for a claim on a leg: its own due, or that of one before it which may
        take all the money, or the words on what came."""
        reasons = [*one.reasons, *self.arising.doubts]
        for silent in dict.fromkeys([claim, *list(one.open)[:1]]):
            if silent == claim or one.sure.comes_before(silent, claim):
                reasons.extend(self._open_reason(silent))
        if not reasons:  # the words differ in nothing but their dates
            apart = {index for side in (one.side, *(other.side for other in one.passed)) for index in side.apart}
            reasons.append(Reason("M5", "amounts_differ", tuple(sorted(apart))))
        return reasons

    def _open_reason(self, claim: Claim) -> list[Reason]:
        if claim in self.dues.lost:
            return [self.dues.lost[claim]]
        found = self.dues.open.get(claim)
        return [] if found is None else [Reason("M1", found.code, self.entries(claim))]

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
        passed: list[LegBook] = []
        others: list[LegBook] = []
        pairs = list(zip(self.least.debts, self.most.debts, strict=True))
        for debt in [debt for pair in pairs for debt in pair]:
            debt.fall_due(self._dates)
        for least, most in pairs:
            if least.leg.kind is LegKind.FROM_AGENCY:
                passed.append(self._fill(least, most, []))
        for least, most in pairs:
            if least.leg.kind is not LegKind.FROM_AGENCY:
                others.append(self._fill(least, most, passed if least.leg.kind is LegKind.TO_AGENCY else []))
        to_agency = next((one for one in others if one.leg.kind is LegKind.TO_AGENCY), None)
        found = {one.leg: one for one in others} | {one.leg: replace(one, after=to_agency) for one in passed}
        return tuple(found[least.leg] for least, _ in pairs)

    def _fill(self, least: Debt, most: Debt, passed: Sequence[LegBook]) -> LegBook:
        return fill_leg(least, most, self.sides.get(least.leg.payee) or PayeeAccount(), self.dues, passed)

    @property
    def dues(self) -> Dues:
        """The claims by what money may name them, and those of which the most, or nothing, can be told."""
        return self.recall("dues", self._find_dues)

    def _find_dues(self) -> Dues:
        """What was earned before an advance arose, and is open, leaves the advance open too (M1): of a period what was
        earned in it."""
        assert self.schedule is not None
        names: dict[str, list[Claim]] = {}
        open_claims: dict[Claim, Open] = {}
        lost = dict(self.most.lost) if self.most is self.least else {**self.least.lost, **self.most.lost}
        advances = {**self.least.advances, **self.most.advances}
        blocked = self.usages_blocked
        before: dict[int, Claim] = {}  # the first that is open, by its period; -1: of all
        used = False
        for claim in self.most.entries:
            names.setdefault(claim.id, []).append(claim)
            if not claim.of_consent:
                used = True
                if self.schedule.may_be_open and (code := self.schedule.open(claim.id)) is not None:
                    open_claims[claim] = Open(code, self._open_due(claim, code))
                    for period in (-1, period_of(self.arising.periods, claim.at)):
                        before.setdefault(period, claim)
            elif (first := next((before[one] for one in advances.get(claim, ()) if one in before), None)) is not None:
                lost.setdefault(claim, Reason("M1", open_claims[first].code, self.entries(first)))
            if blocked and not claim.of_consent:
                open_claims[claim] = Open(blocked[0].code, None)
            elif blocked and used:
                lost[claim] = blocked[0]
        return Dues(consent=self.id, names=names, open=open_claims, lost=lost)

    def _open_due(self, claim: Claim, code: str) -> int | None:
        """From when on what nobody has reported has fallen due: as what the usage's own entry made due."""
        assert self.schedule is not None
        run = self.schedule.run(claim.id)
        return None if code == "bad_terms" else self._due_at(run, run.said.logged)


def _money(context: Context, consent: Entry) -> ConsentMoney:
    money = context.section(consent, "money", ConsentMoney)
    if isinstance(money, Unread):
        raise CannotTell("M1", money.code, money.entries)
    return money


def _splits(context: Context, consent: Entry[Consent], money: ConsentMoney) -> list[Split]:
    """The splits in the order of their payees' ids, once they are known to fit the header (M2) and the agency (M3)."""
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


BOOKS: Kept[str, Book] = Kept()
"""By consent."""


def open_book(context: Context, consent_id: str) -> Book:
    """The book of a consent, the same for every question to this context."""
    return context.memo.recall(BOOKS, consent_id, lambda: Book(context, consent_id))
