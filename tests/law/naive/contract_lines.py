"""What the consent itself owes, and when each of its lines arises: M1, Lines of the consent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from tests.law.naive.contract import DAY, NO, YES, History, Untold, told, worlds
from tests.law.naive.contract_case import Case
from tests.law.naive.contract_exclusive import released
from tests.law.naive.contract_standing import months_after
from tests.law.naive.contract_stops import (
    by_her,
    by_licensee,
    by_union,
    ends_of,
    exercised,
    lapsed,
    replacing,
    suspensions,
    taking_effect,
)
from tests.law.naive.contract_use import FAR, family_back, uses_and_reports
from verifier.rules.model.record import Entry
from verifier.statements.sections import ConsentMoney, Fee, Terms, UsageTerms
from verifier.statements.types import Revocation
from verifier.statements.vocabulary import CHANNELS, COUNTRIES


@dataclass(frozen=True)
class Arising:
    """A flat fee, or what falls away of one, at an instant. ``date`` is the one that it is owed for."""

    at: int
    days: int
    place: int
    amount: Fraction
    owed: str
    date: int
    entry: Entry
    """What it arose with: the consent, an option's exercise, its first usage, the licensee's revocation."""
    claim: int
    """When the claim arose that it is part of: what falls away lowers what arose before."""


SESSION = ("use", "signed", "rata")
"""What a session waits for, whatever its date (A18): of one day it comes first."""


def arisings(case: Case, money: ConsentMoney) -> list[Arising]:
    """All that arose by the instant, in order."""
    found = [
        one for place, fee in enumerate(money.fees) if fee.per == "flat"
        for one in _arisings(case, money, place, fee) if one.at <= case.history.instant
    ]  # fmt: skip
    return sorted(
        found,
        key=lambda one: (one.at, one.owed == "rata", one.entry.index, one.days, one.owed not in SESSION, one.place),
    )


def _arisings(case: Case, money: ConsentMoney, place: int, fee: Fee) -> Iterator[Arising]:
    days = money.due.days if fee.due_days is None else fee.due_days
    amount, owed = Fraction(fee.amount or 0), fee.owed or "use"

    def line(at: int, date: int, entry: Entry) -> Iterator[Arising]:
        if not (fee.for_ == "exclusive" and is_released(case, min(at, date))):
            yield Arising(at, days, place, amount, owed, date, entry, at)

    begun = begins(case)
    match owed:
        case "use":
            first = first_meeting(case, fee)
            if first is not None:
                yield from line(first.logged, first.logged, first)
        case "break":
            alone = alone_by_licensee(case)
            if alone:
                first = min(alone, key=lambda entry: entry.index)
                yield from line(first.logged, first.logged, first)
        case "signed" if begun is not None:
            arisen = list(line(begun.logged, begun.logged, begun))
            yield from arisen
            if arisen and fee.rata and (stop := min(ends(case), default=None)) is not None:
                share = run_of(case.terms, stop)
                if share < 1:
                    lost = amount * share - amount
                    yield Arising(max(stop, begun.logged), days, place, lost, "rata", stop, begun, begun.logged)
        case "on" | "every" if begun is not None:
            for date in [fee.at or 0] if owed == "on" else dates(case.terms, fee):
                if not falls_away(case, money, date):
                    yield from line(max(date, begun.logged), date, begun)
        case _:
            pass


def begins(case: Case) -> Entry | None:
    """What that which is signed arises with: the consent's entry, of an option its exercise."""
    return case.c if case.consent.exercise_by is None else exercised(case.history, case.consent)


def is_released(case: Case, at: int) -> bool:
    if "exclusive" not in case.consent.sections:
        return False
    return any(since <= at for _, since in released(case.history, case.c))


def alone_by_licensee(case: Case) -> list[Entry]:
    """The revocations that the licensee alone signed."""
    return [entry for entry, said in ends_of(case.history, case.consent) if is_licensees(case, entry, said)]


def is_licensees(case: Case, entry: Entry, said: Revocation) -> bool:
    return (
        said.consent == case.consent.id
        and by_licensee(case.history, case.consent, entry)
        and not by_her(case.history, case.consent, entry)
    )


def ends(case: Case) -> list[int]:
    """When it was revoked by others than the licensee alone, retired, replaced, renewed, or not exercised in time."""
    history, consent = case.history, case.consent
    found = [
        taking_effect(history, consent, entry, said, lambda: case.notice)
        for entry, said in ends_of(history, consent)
        if not is_licensees(case, entry, said)
    ]
    found += [other.logged for other in replacing(history, consent.id)]
    since = lapsed(history, consent)
    return found if since is None else [*found, since]


def falls_away(case: Case, money: ConsentMoney, date: int) -> bool:
    """Whether a date's line is not owed, then or later."""
    history = case.history
    if any(stop <= date for stop in ends(case)):
        return True
    entries = {entry.index: entry for entry in history.entries}
    hers = [stop for stop in suspensions(case) if not by_union(history, entries[stop.index])]
    if any(stop.start <= date < stop.end for stop in hers):
        return True
    if money.break_ is None:
        return False
    alone = alone_by_licensee(case)
    return any(date >= entry.logged + money.break_.notice for entry in alone)


def nth(fee: Fee, first: int, number: int) -> int:
    return first + number * fee.days * DAY if fee.days else months_after(first, number * (fee.months or 0))


def dates(terms: Terms, fee: Fee) -> list[int]:
    """The dates of a fee that is owed every so often: those before the terms' end, 600 at most."""
    first = terms.starts if fee.first is None else fee.first
    found: list[int] = []
    while (date := nth(fee, first, len(found))) < terms.ends:
        found.append(date)
        if len(found) > 600:
            raise Untold("bad_terms")
    if not found:
        raise Untold("bad_terms")
    return found


def run_of(terms: Terms, stop: int) -> Fraction:
    """The days begun from the terms' start to a stop, of the days begun of the whole term."""
    if terms.starts >= terms.ends:
        raise Untold("bad_terms")

    def begun(until: int) -> int:
        return max(0, -((terms.starts - until) // DAY))

    return Fraction(begun(min(stop, terms.ends)), begun(terms.ends))


# ---- what a fee is for


def first_meeting(case: Case, fee: Fee) -> Entry | None:
    """The first entry with which a usage under the consent meets a fee's scope."""
    for entry, usage in uses_and_reports(case.history, [case.consent.id]):
        if meets_fee(case.history, usage, fee, entry.index):
            return entry
    return None


def meets_fee(history: History, usage: Entry, fee: Fee, now: int) -> bool:
    """Whether a usage, as declared or as reported once ``now`` was logged, is one that a fee is charged for.

    A code that is not known meets no scope that names codes.
    """
    use: UsageTerms = history.section(usage, "terms")
    if fee.placements is not None and use.placement not in fee.placements:
        return False
    if fee.purposes is not None and use.purpose not in fee.purposes:
        return False
    channels, countries = set(use.channels), set(use.countries)
    for entry, report in Case(history, usage).reports():
        if entry.index <= now:
            channels |= {line.channel for line in report.lines if line.impressions}
            countries |= {line.country for line in report.lines if line.impressions}
    return any(is_inside(fee, channel, country) for channel in channels for country in countries)


def is_inside(fee: Fee, channel: str, country: str) -> bool:
    """Whether a channel in a country is in a fee's scope; the world is in every country's."""
    world = fee.countries == ("WORLD",) and country in COUNTRIES
    wide = fee.countries is None or world or country == "WORLD"
    return (fee.channels is None or channel in fee.channels) and (wide or country in (fee.countries or ()))


def counted(case: Case, money: ConsentMoney) -> list[str]:
    """The consents under which units are counted: where a price turns on how many there were, the replaced ones too.

    While one of these is doubtful nothing can be told.
    """
    if not any(fee.above or fee.tiers or fee.once for fee in money.fees):
        return [case.consent.id]
    found = family_back(case)
    if any(is_doubtful(case.history, id) for id in found[1:]):
        raise Untold("key_disputed")
    return found


def is_doubtful(history: History, consent: str) -> bool:
    """Whether a consent counts in one world and not in another."""

    def counts(world: History) -> bool:
        copies = [one for one in world.touching(f"consent:{consent}") if one.statement.id == consent]
        return any(world.good(one) for one in copies)

    return history.once(("doubtful", consent), lambda: len(set(worlds(history.world({}), counts))) > 1)


def unpriced(case: Case) -> bool:
    """Whether no fee for usages meets one, which may be meant as free."""
    if (case.c.index, "money") not in case.history.sections:
        return False
    money: ConsentMoney = case.history.section(case.c, "money")
    try:
        consents = counted(case, money)
    except Untold:
        return False
    for entry, _ in uses_and_reports(case.history, consents):
        if (entry.index, "terms") not in case.history.sections:
            return False  # nothing can be told of the money at all
    fees = [fee for fee in money.fees if fee.per != "flat" or fee.owed in (None, "use")]
    met = [told(lambda fee=fee: YES if meets_fee(case.history, case.u, fee, FAR) else NO) for fee in fees]  # type: ignore[misc]
    return makes_sense(case, money) and bool(fees) and set(met) == {NO}


def codes_known(fee: Fee) -> bool:
    countries = () if fee.countries in (None, ("WORLD",)) else fee.countries or ()
    return set(fee.channels or ()) <= set(CHANNELS) and set(countries) <= set(COUNTRIES)


def makes_sense(case: Case, money: ConsentMoney) -> bool:
    """PROTOCOL 4.3, its reading of fees, what turns on the terms aside."""
    recoups = [fee.recoup for fee in money.fees if fee.recoup is not None]
    if len(set(recoups)) > 1 or recoups.count("period") > 1:
        return False
    if case.consent.act == "create":
        wrong = [fee.rata or fee.for_ or fee.recoup or fee.owed not in ("signed", "on") for fee in money.fees]
        if any(wrong) or money.break_ is not None or any(split.via for split in money.splits):
            return False
    return all(fee_makes_sense(fee) and dates_fit(case, fee) for fee in money.fees) and days_fit(case, money)


def dates_fit(case: Case, fee: Fee) -> bool:
    """Whether there are dates before the terms' end, and not too many; where the terms are hidden nobody knows."""
    if fee.owed != "every" or fee.per != "flat" or (case.c.index, "terms") not in case.history.sections:
        return True
    return told(lambda: YES if dates(case.terms, fee) else NO) == YES


def days_fit(case: Case, money: ConsentMoney) -> bool:
    """Whether there are days of which to share what is owed ``rata``, once something may stop them."""
    if not any(fee.rata for fee in money.fees) or (case.c.index, "terms") not in case.history.sections:
        return True
    if told(lambda: YES if case.terms.starts < case.terms.ends else NO) != NO:
        return True
    return told(lambda: YES if arisings(case, money) is not None else NO) == YES


def fee_makes_sense(fee: Fee) -> bool:
    if not codes_known(fee):
        return False
    flat, owed = fee.per == "flat", fee.owed or "use"
    scoped = any(one is not None for one in (fee.channels, fee.countries, fee.placements, fee.purposes))
    only_flat = (fee.owed, fee.at, fee.months, fee.days, fee.first, fee.due_days, fee.recoup)
    if not flat and (fee.rata or any(one is not None for one in only_flat)):
        return False
    if flat and (fee.above or fee.tiers or fee.once or (scoped and owed != "use")):
        return False
    if fee.once and fee.per not in ("day", "month"):
        return False
    if fee.per == "value" and fee.above:
        return False
    return not flat or (
        (fee.at is not None) == (owed == "on")
        and (fee.months is not None) + (fee.days is not None) == (owed == "every")
        and (fee.first is None or owed == "every")
        and (not fee.rata or owed == "signed")
        and (fee.recoup != "period" or owed == "every")
        and (fee.recoup != "all" or owed != "use")
    )
