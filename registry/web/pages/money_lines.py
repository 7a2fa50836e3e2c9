"""What is owed and what came, as pages show it: by how late it is, month by month, and line by line."""

from __future__ import annotations

from collections.abc import Iterable

from registry.look import Zone
from registry.web.pages.atoms import Instant, Person, Sum
from registry.web.pages.paging import Part, part
from registry.web.pages.reader_view import ReaderView
from verifier.base.strict import civil_from_days, days_from_civil
from verifier.base.values import value
from verifier.rules.money.ages import Ages
from verifier.rules.money.money_rules import CANNOT_TELL, NOT_PAID
from verifier.rules.money.splits import LegKind
from verifier.rules.money.statement import AccountStatement, StatementLine
from verifier.statements.types import Consent

MONTHS = 12
"""Months that are looked back on."""
NOTICES = 25
"""Overdue notices that a page offers: those that are late the longest."""
NOT_DUE, TO_30, TO_60, TO_90, MORE = "not_due", "to_30", "to_60", "to_90", "more"


@value
class Age:
    """So much is so late."""

    age: str
    amount: Sum


@value
class AgesOf:
    """What is outstanding in one currency, by age. ``late`` is part of ``all``."""

    currency: str
    ages: tuple[Age, ...]
    late: Sum
    all: Sum


@value
class Month:
    """What fell due in a month, and what came. ``starts`` is its first instant where it is looked at."""

    starts: Instant
    due: Sum
    received: Sum


@value
class MonthsOf:
    """Month by month in one currency, the oldest first."""

    currency: str
    months: tuple[Month, ...]


@value
class Owing:
    """What one use, or a consent itself, owes one payee on one leg. ``answer`` is that of a verdict, None where more
    came than is due."""

    usage: str | None
    consent: str
    brand: Person | None
    payee: Person | None
    due: Sum
    received: Sum
    outstanding: Sum
    due_at: Instant | None
    days_late: int
    answer: str | None


@value
class Notice:
    """What a debtor is late with under a consent, for certain, to one payee: an overdue notice can be made of it."""

    consent: str
    debtor: Person | None
    payee: str
    amounts: tuple[Sum, ...]


def notices(view: ReaderView, lines: Iterable[StatementLine]) -> tuple[Notice, ...]:
    """One for each debtor, consent and payee, what is late the longest first."""
    late: dict[tuple[str, str, str], list[StatementLine]] = {}
    for line in sorted(lines, key=rank):
        if line.answer == NOT_PAID and line.ages.late:
            role = "agency" if line.leg == LegKind.FROM_AGENCY.value else "licensee"
            late.setdefault((line.consent, role, line.payee), []).append(line)
    found = []
    for (id, role, payee), of in late.items():
        consent = view.statement(id, Consent)
        debtor = None if consent is None else consent.statement.parties.role(role)
        if debtor is not None:
            sums = ages_of_lines(of)
            amounts = tuple(one.late for one in sums)
            found.append(Notice(consent=id, debtor=view.person(debtor, role), payee=payee, amounts=amounts))
    return tuple(found)


def ages_of_party(statement: AccountStatement, payee: str | None = None) -> tuple[AgesOf, ...]:
    """By currency; of one payee, or of all together."""
    sums: dict[str, Ages] = {}
    for one in statement.ages:
        if payee in (None, one.payee):
            sums.setdefault(one.currency, Ages()).add(one.ages)
    return tuple(_ages(currency, ages) for currency, ages in sorted(sums.items()) if ages.late or ages.not_yet_due)


def ages_of_lines(lines: Iterable[StatementLine]) -> tuple[AgesOf, ...]:
    """Of some lines, by currency."""
    sums: dict[str, Ages] = {}
    for one in lines:
        sums.setdefault(one.currency, Ages()).add(one.ages)
    return tuple(_ages(currency, ages) for currency, ages in sorted(sums.items()) if ages.late or ages.not_yet_due)


def _ages(currency: str, ages: Ages) -> AgesOf:
    amounts = {
        NOT_DUE: ages.not_yet_due, TO_30: ages.days_1_30, TO_60: ages.days_31_60, TO_90: ages.days_61_90,
        MORE: ages.days_more,
    }  # fmt: skip
    return AgesOf(
        currency=currency,
        ages=tuple(Age(age=age, amount=Sum(amount, currency)) for age, amount in amounts.items()),
        late=Sum(ages.late, currency),
        all=Sum(ages.late + ages.not_yet_due, currency),
    )


def months(statement: AccountStatement, now: int, zone: Zone) -> tuple[MonthsOf, ...]:
    """The last twelve, by currency; without the currencies of which nothing fell due or came in them."""
    year, month, _ = civil_from_days(zone.day(now))
    starts = []
    for back in range(MONTHS - 1, -2, -1):
        count = year * 12 + month - 1 - back
        starts.append(zone.midnight(days_from_civil(count // 12, count % 12 + 1, 1)))
    due: dict[tuple[int, str], int] = {}
    came: dict[tuple[int, str], int] = {}
    for line in statement.lines:
        if line.due_at is not None and line.of != "surplus":
            _add(due, starts, line.due_at, line.currency, line.due)
        for shown in line.evidence:
            if shown.kind in ("receipt", "attestation"):
                _add(came, starts, shown.at, line.currency, shown.amount)
    return tuple(
        MonthsOf(
            currency=currency,
            months=tuple(
                Month(
                    starts=Instant(start),
                    due=Sum(due.get((place, currency), 0), currency),
                    received=Sum(came.get((place, currency), 0), currency),
                )
                for place, start in enumerate(starts[:-1])
            ),
        )
        for currency in sorted({currency for _, currency in (*due, *came)})
    )


def _add(sums: dict[tuple[int, str], int], starts: list[int], at: int, currency: str, amount: int) -> None:
    for place in range(len(starts) - 1):
        if starts[place] <= at < starts[place + 1]:
            sums[place, currency] = sums.get((place, currency), 0) + amount
            return


def owings(view: ReaderView, lines: Iterable[StatementLine]) -> Part[Owing]:
    """Line by line: what is late, the longest first, then what is not due, then what is settled."""
    found = part(sorted((line for line in lines if counts(line)), key=rank))
    return Part(page=found.page, pages=found.pages, all=found.all, rows=tuple(owing(view, line) for line in found.rows))


def counts(line: StatementLine) -> bool:
    """Whether there is anything on a line."""
    return bool(line.due or line.received or line.answer == CANNOT_TELL)


def rank(line: StatementLine) -> tuple[int, int]:
    """What is late first, the longest first, then what is not due, then what is settled."""
    if line.ages.late:
        return 0, line.due_at or 0
    if line.outstanding:
        return 1, line.due_at or 0
    return 2, -(line.arose_at or 0)


def owing(view: ReaderView, line: StatementLine) -> Owing:
    """One line."""
    consent = view.statement(line.consent, Consent)
    licensee = None if consent is None else consent.statement.parties.licensee
    late = bool(line.ages.late)
    return Owing(
        usage=line.usage,
        consent=line.consent,
        brand=view.person(licensee, "licensee"),
        payee=view.person(line.payee, "payee"),
        due=Sum(line.due, line.currency),
        received=Sum(line.received, line.currency),
        outstanding=Sum(line.outstanding, line.currency),
        due_at=None if line.due_at is None else Instant(line.due_at),
        days_late=(line.days_late or 0) if late else 0,
        answer=line.answer,
    )


def of_usage(view: ReaderView, lines: Iterable[StatementLine], usage: str) -> tuple[Owing, ...]:
    """The lines of one use."""
    return tuple(owing(view, line) for line in lines if line.usage == usage and counts(line))
