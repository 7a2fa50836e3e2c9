"""Fees: whether they fit one another, which usages they are charged for, and on what dates they come (rule M1)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Final

from verifier.base.strict import MAX_INSTANT
from verifier.base.values import value
from verifier.rules.model.calendar import DAY, add_months
from verifier.rules.model.scope import Territory, territory
from verifier.rules.money.reasons import CannotTell
from verifier.rules.money.units import FEE_UNITS, UsageRun
from verifier.statements.sections import ConsentMoney, CreateTerms, Fee, ReportLine, Terms
from verifier.statements.vocabulary import CHANNELS, COUNTRIES

MAX_DATES: Final = 600
"""Dates that a fee owed ``every`` so often may have."""


# ---- scopes


@value(kw_only=False)
class FeeScope:
    """The usages that a fee is charged for; ``None``: any."""

    channels: frozenset[str] | None
    territory: Territory | None
    placements: frozenset[str] | None
    purposes: frozenset[str] | None

    def may_meet(self, run: UsageRun) -> bool:
        """Whether a usage may come to meet it: what is reported later may be on any channel and in any country."""
        placed = self.placements is None or run.said.placement in self.placements
        return placed and (self.purposes is None or run.said.purpose in self.purposes)

    def meets(self, run: UsageRun) -> bool:
        """Whether a usage meets all of it, as declared or as reported so far. What it meets once, it goes on to."""
        if not self.may_meet(run):
            return False
        if self.channels is not None and self.channels.isdisjoint(run.channels):
            return False
        return self.territory is None or any(self.territory.meets(one) for one in run.territories)

    def holds(self, line: ReportLine) -> bool:
        """Whether the impressions of a report's line lie inside."""
        return (self.channels is None or line.channel in self.channels) and (
            self.territory is None or (line.country in COUNTRIES and self.territory.holds(line.country))
        )


def scope_of_fee(fee: Fee) -> FeeScope | None:
    """A fee's scope; ``None``: every usage meets it. :class:`CannotTell` where a code is not known."""
    where = None if fee.countries is None else territory(fee.countries)
    if (fee.countries is not None and where is None) or not CHANNELS.issuperset(fee.channels or ()):
        raise CannotTell("M1", "bad_terms")
    sets = [None if one is None else frozenset(one) for one in (fee.channels, fee.placements, fee.purposes)]
    if where is None and sets == [None, None, None]:
        return None
    return FeeScope(sets[0], where, sets[1], sets[2])


# ---- dates


def dates_of(fee: Fee, terms: Terms | CreateTerms) -> Iterator[int]:
    """The dates of a fee owed ``every`` so often, before the terms' end: without a bound on how many, but lazily."""
    for date in _every(fee, terms):
        if date >= terms.ends:
            return
        yield date


def date_after(fee: Fee, terms: Terms | CreateTerms, date: int) -> int:
    """The date that comes, or would come, after one of the dates: there its period ends."""
    return next((one for one in _every(fee, terms) if one > date), MAX_INSTANT + 1)


def _every(fee: Fee, terms: Terms | CreateTerms) -> Iterator[int]:
    first = terms.starts if fee.first is None else fee.first
    if not fee.days and not fee.months:
        return
    for number in count():
        days, months = number * (fee.days or 0), number * (fee.months or 0)
        date = add_months(first, months) if fee.months is not None else first + days * DAY
        if date > MAX_INSTANT:
            return
        yield date


# ---- what does not fit


def check_money(money: ConsentMoney, act: str, terms: Terms | CreateTerms | None) -> None:
    """:class:`CannotTell` ``bad_terms`` for members of ``money`` that do not fit one another, the act, or the terms
    (protocol, section 4.3). ``terms`` ``None``: they cannot be read, and what needs them is not checked."""
    fees = money.fees
    periods = [fee for fee in fees if fee.recoup == "period"]
    fit = (
        all(map(_fits, fees))
        and len(periods) <= 1
        and not (periods and any(fee.recoup == "all" for fee in fees))
        and (act == "use" or _fits_creation(money))
        and (terms is None or all(_has_dates(fee, terms) for fee in fees if fee.owed == "every"))
    )
    if not fit:
        raise CannotTell("M1", "bad_terms")
    for fee in fees:
        scope_of_fee(fee)


def _fits(fee: Fee) -> bool:
    """Whether a fee's members fit one another."""
    flat = (fee.owed, fee.at, fee.months, fee.days, fee.first, fee.due_days, fee.recoup)
    if fee.per != "flat":
        unit = FEE_UNITS.get(fee.per)
        if unit is None or (fee.per == "value" and (fee.above or fee.tiers or fee.amount is not None)):
            return False
        return (not fee.once or unit.shared is not None) and flat == (None,) * 7 and not fee.rata
    owed = owed_of(fee)
    return (
        not fee.above
        and fee.tiers is None
        and not fee.once
        and (owed == "use" or scope_of_fee(fee) is None)
        and (fee.at is not None) == (owed == "on")
        and ((fee.months is not None) + (fee.days is not None)) == (owed == "every")
        and (fee.first is None or owed == "every")
        and (not fee.rata or owed == "signed")
        and (fee.recoup is None or (owed != "use" if fee.recoup == "all" else owed == "every"))
    )


def owed_of(fee: Fee) -> str:
    """When a flat fee arises."""
    return fee.owed or "use"


def _fits_creation(money: ConsentMoney) -> bool:
    """Whether it is what a consent to create may say of money."""
    fits = (
        fee.per == "flat" and fee.owed in ("on", "signed") and fee.recoup is None and not fee.rata and fee.for_ is None
        for fee in money.fees
    )
    return all(fits) and money.break_ is None and all(split.via is None for split in money.splits)


def _has_dates(fee: Fee, terms: Terms | CreateTerms) -> bool:
    """Whether it has a date before the terms' end, and not too many."""
    number = 0
    for _ in dates_of(fee, terms):
        number += 1
        if number > MAX_DATES:
            return False
    return number > 0
