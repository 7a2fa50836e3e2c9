"""A statement of account: what each use, and each consent itself, owes, what came in and on whose word, what is late;
and what it adds up to.

Its figures are those of verdicts: anybody who has the same evidence gets the same to the last minor unit. In all, for
each currency, ``due + overpaid = received + outstanding``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from verifier.base.canonical import Json
from verifier.base.strict import MAX_INSTANT, format_instant
from verifier.base.values import field, fields, replace, value
from verifier.rules.model.codes import code_order
from verifier.rules.model.context import Context, Standing
from verifier.rules.model.forks import fork
from verifier.rules.model.record import Entry
from verifier.rules.model.results import Result
from verifier.rules.money.ages import Ages, ages_of
from verifier.rules.money.allocation import DueLine, Part, days_late
from verifier.rules.money.book import Book, open_book
from verifier.rules.money.claims import Claim
from verifier.rules.money.money_rules import CANNOT_TELL, NOT_PAID, judge_claims, judge_money
from verifier.rules.money.splits import Leg, LegKind
from verifier.rules.money.transfers import Grade
from verifier.statements.types import Usage

KINDS: Mapping[int, str] = {Grade.PAYEE: "receipt", Grade.PROVIDER: "attestation"}
"""Whose word shows that money came: the payee's own, or a provider's."""


@value
class Shown:
    """Some money and what shows it: ``kind`` is ``receipt``, ``attestation``, ``credit`` (let off by the payee) or
    ``rounding`` (a cent that one line takes back and another has). ``at`` is when it came, in POSIX seconds."""

    kind: str
    grade: int
    amount: int
    at: int
    entries: tuple[int, ...]


@value
class StatementLine:
    """What one use, or the consent at one instant, owes one payee on one leg; or money to her that fills nothing.

    ``of`` is ``usage``, ``consent`` (then ``usage`` is ``None`` and ``arose_at`` says when) or ``surplus``.
    ``answer`` is that of a verdict, and ``None`` where the line is over-payment for certain. ``due`` is what is left of
    it once credits are taken off. ``leg`` is ``None`` for a payee who is owed nothing at all.
    """

    of: str
    usage: str | None
    consent: str
    payee: str
    leg: str | None
    currency: str
    answer: str | None
    due: int
    received: int
    outstanding: int
    overpaid: int
    due_at: int | None
    days_late: int | None
    evidence: tuple[Shown, ...]
    arose_at: int | None = None
    ages: Ages = field(default_factory=Ages, hash=False)


@value
class Upcoming:
    """What will arise on a date, if nothing stops the consent before: to whom, how much, and when it falls due."""

    consent: str
    payee: str
    leg: str
    currency: str
    amount: int
    at: int
    due_at: int | None


@value
class Returned:
    """A transfer of which all was returned: how much came, when, and the entries that show both."""

    consent: str
    payee: str
    currency: str
    amount: int
    at: int
    entries: tuple[int, ...]


@value(frozen=False, kw_only=False)
class CurrencyTotals:
    """Sums of one currency. What an agency passes on is not summed beside what it received; ``late`` and
    ``not_yet_due`` are parts of ``outstanding``, ``upcoming`` is no part of ``due``."""

    due: int = 0
    received: int = 0
    outstanding: int = 0
    overpaid: int = 0
    late: int = 0
    not_yet_due: int = 0
    upcoming: int = 0

    def add(self, line: StatementLine) -> None:
        """Add a line."""
        self.due += line.due
        self.received += line.received
        self.outstanding += line.outstanding
        self.overpaid += line.overpaid
        self.late += line.ages.late
        self.not_yet_due += line.ages.not_yet_due


@value
class PayeeAges:
    """What is outstanding to one payee in one currency, by age."""

    payee: str
    currency: str
    ages: Ages


@value
class Untold:
    """A use, or with no ``usage`` a consent, of which it cannot be told what it owes, or whom, and the code that says
    why."""

    usage: str | None
    consent: str
    code: str


@value
class AccountStatement:
    """Lines by consent's instants and uses in the order in which they arose, then by payee and leg; over-payment after
    the uses of its consent's."""

    lines: tuple[StatementLine, ...]
    untold: tuple[Untold, ...]
    totals: Mapping[str, CurrencyTotals] = field(default_factory=dict)
    upcoming: tuple[Upcoming, ...] = ()
    returned: tuple[Returned, ...] = ()
    ages: tuple[PayeeAges, ...] = ()

    @property
    def answers(self) -> set[str]:
        """The different answers of its lines, ``CANNOT_TELL`` for what is untold."""
        told = {line.answer for line in self.lines if line.answer is not None}
        return told | {CANNOT_TELL for _ in self.untold}


@value(frozen=False, kw_only=False)
class _Period:
    """What of an account is asked for: [start, end), and of whom."""

    payee: str | None
    start: int | None
    end: int | None
    told: bool

    def holds(self, at: int) -> bool:
        return (self.start is None or at >= self.start) and (self.end is None or at < self.end)


def make_statement(
    context: Context,
    usages: Iterable[Entry],
    *,
    consents: Iterable[Entry] = (),
    payee: str | None = None,
    start: int | None = None,
    end: int | None = None,
    told: bool = True,
) -> AccountStatement:
    """The statement of account of some usages and what their consents owe, and of some consents; void ones owe nothing.

    With ``payee``, of what goes to her alone. With ``start`` or ``end``, of what arose, and the over-payment that came,
    in [start, end). Without ``told`` (the reader asks for an audited index and has none) the figures are there and
    every answer is CANNOT_TELL.
    """
    period = _Period(payee, start, end, told)
    lines: list[StatementLine] = []
    untold: list[Untold] = []
    books: dict[str, Book] = {}
    for consent in sorted(consents, key=_index):
        if context.standing(consent).standing is not Standing.VOID:
            books.setdefault(consent.statement.id, open_book(context, consent.statement.id))
    for usage in sorted(usages, key=_index):
        if context.standing(usage).standing is Standing.VOID:
            continue
        statement = usage.statement
        assert isinstance(statement, Usage)
        book = books.setdefault(statement.consent, open_book(context, statement.consent))
        if period.holds(usage.logged):
            claim = book.claims.get(statement.id)
            if not book.legs or claim is None:
                findings = judge_money(context, usage).findings
                code = next(one.code for one in findings if one.result is Result.UNKNOWN)
                untold.append(Untold(usage=statement.id, consent=statement.consent, code=code))
            else:
                lines.extend(_lines(context, book, claim, period))
    upcoming: list[Upcoming] = []
    returned: list[Returned] = []
    for id, book in books.items():
        if book.consent is not None and not book.legs:
            if _may_owe(book) and not any(one.consent == id for one in untold):
                code = min(book.blocked, key=lambda reason: code_order(reason.code)).code
                untold.append(Untold(usage=None, consent=id, code=code))
            continue
        for claim in book.consent_claims:
            if period.holds(claim.at):
                lines.extend(_lines(context, book, claim, period))
        upcoming.extend(_upcoming(book, period))
        returned.extend(_returned(book, period))
    lines.sort(key=_when)
    lines.extend(line for book in books.values() for line in _over_payment(book) if period.holds(line.evidence[0].at))
    lines = [line for line in lines if payee is None or line.payee == payee]
    return AccountStatement(
        lines=tuple(lines),
        untold=tuple(untold),
        totals=_totals(lines, upcoming, payee),
        upcoming=tuple(upcoming),
        returned=tuple(returned),
        ages=_ages(lines),
    )


def _index(entry: Entry) -> int:
    return entry.index


def _may_owe(book: Book) -> bool:
    """Whether the consent itself may owe anything: flat fees, or fees that cannot be read."""
    return book.money is None or any(fee.per == "flat" for fee in book.money.fees)


def _when(line: StatementLine) -> tuple[int, bool]:
    return (line.arose_at or 0, line.of == "usage")


def _lines(context: Context, book: Book, claim: Claim, period: _Period) -> Iterator[StatementLine]:
    """What one claim owes, leg by leg."""
    for one in book.legs:
        figures = judge_claims(context, book, one, "consent" if claim.of_consent else "usage", [claim]).line
        filled = figures.received + sum(part.amount for part in one.shown.parts(claim) if part.inflow.credit)
        lines, due_at, late = one.lines(claim), figures.due_at, figures.days_late
        if figures.answer == NOT_PAID and due_at is None:  # what an agency holds back is due since it counts so (M3)
            lines = [replace(line, due_at=line.counts_at) for line in lines]
            due_at = min((line.due_at for line in lines if line.due_at is not None), default=None)
            late = days_late(due_at, context.instant)
        yield StatementLine(
            of="consent" if claim.of_consent else "usage",
            usage=None if claim.of_consent else claim.id,
            consent=book.id,
            payee=figures.payee,
            leg=figures.leg,
            currency=_currency(book),
            answer=figures.answer if period.told else CANNOT_TELL,
            due=figures.due,
            received=figures.received,
            outstanding=figures.outstanding,
            overpaid=0,
            due_at=due_at,
            days_late=late,
            evidence=tuple(_shown(part) for part in one.shown.parts(claim)),
            arose_at=claim.at,
            ages=ages_of(lines, filled, context.instant),
        )


def upcoming_lines(book: Book) -> list[tuple[Leg, Claim, DueLine]]:
    """What will arise on dates to come, if nothing stops the consent before: at least."""
    ahead = fork(book.least)
    ahead.as_of(MAX_INSTANT)
    found: list[tuple[Leg, Claim, DueLine]] = []
    for now, then in zip(book.least.debts, ahead.debts, strict=True):
        for claim, lines in then.lines.items():
            known = {line.logged for line in now.lines.get(claim, ())}
            found.extend((then.leg, claim, line) for line in lines if line.logged not in known)
    return sorted(found, key=lambda one: (one[2].logged, one[0].payee, one[0].kind.value))


def _upcoming(book: Book, period: _Period) -> Iterator[Upcoming]:
    for leg, claim, line in upcoming_lines(book):
        if period.holds(claim.at) and period.payee in (None, leg.payee):
            yield Upcoming(
                consent=book.id,
                payee=leg.payee,
                leg=leg.kind.value,
                currency=_currency(book),
                amount=line.amount,
                at=line.logged,
                due_at=line.due_at,
            )


def _returned(book: Book, period: _Period) -> Iterator[Returned]:
    for payee, side in sorted(book.sides.items()):
        for one in side.gone:
            if period.holds(one.at) and period.payee in (None, payee):
                yield Returned(
                    consent=book.id,
                    payee=payee,
                    currency=_currency(book),
                    amount=one.amount or 0,
                    at=one.at,
                    entries=tuple(sorted(one.entries)),
                )


def _totals(
    lines: Iterable[StatementLine], upcoming: Iterable[Upcoming], payee: str | None
) -> Mapping[str, CurrencyTotals]:
    """Sums by currency. What goes through an agency is summed as the agency is to have it; for one payee, as she is."""
    totals: dict[str, CurrencyTotals] = {}
    for line in lines:
        if payee is not None or line.leg != LegKind.FROM_AGENCY.value:
            totals.setdefault(line.currency, CurrencyTotals()).add(line)
    for one in upcoming:
        if payee is not None or one.leg != LegKind.FROM_AGENCY.value:
            totals.setdefault(one.currency, CurrencyTotals()).upcoming += one.amount
    return dict(sorted(totals.items()))


def _ages(lines: Iterable[StatementLine]) -> tuple[PayeeAges, ...]:
    found: dict[tuple[str, str], Ages] = {}
    for line in lines:
        if line.of != "surplus":
            found.setdefault((line.payee, line.currency), Ages()).add(line.ages)
    keys = sorted(found)
    return tuple(PayeeAges(payee=payee, currency=currency, ages=found[payee, currency]) for payee, currency in keys)


def _over_payment(book: Book) -> list[StatementLine]:
    """Money that came and fills nothing: one line per transfer, or what is left of it."""
    lines = []
    for one in book.legs:
        surely = {part.inflow.entries: part.amount for part in one.sure.left}
        for part in one.shown.left:
            if not part.inflow.credit and part.inflow.entries:
                certain = surely.get(part.inflow.entries) == part.amount and not book.blocked and not one.unknowns
                lines.append(_over(book, one.leg.payee, one.leg.kind.value, part, certain=certain))
    owed = {one.leg.payee for one in book.legs}
    for payee, side in sorted(book.sides.items()):
        if payee not in owed and book.legs:
            for inflow in side.least:
                if not inflow.credit and inflow.amount is not None:
                    certain = not book.blocked and not side.unknowns
                    lines.append(_over(book, payee, None, Part(inflow.amount, inflow), certain=certain))
    return lines


def _over(book: Book, payee: str, leg: str | None, part: Part, *, certain: bool) -> StatementLine:
    return StatementLine(
        of="surplus",
        usage=None,
        consent=book.id,
        payee=payee,
        leg=leg,
        currency=_currency(book),
        answer=None if certain else CANNOT_TELL,
        due=0,
        received=part.amount,
        outstanding=0,
        overpaid=part.amount,
        due_at=None,
        days_late=None,
        evidence=(_shown(part),),
    )


def _shown(part: Part) -> Shown:
    inflow = part.inflow
    kind = "credit" if inflow.credit else KINDS.get(inflow.grade, "rounding")
    return Shown(kind=kind, grade=inflow.grade, amount=part.amount, at=inflow.at, entries=tuple(sorted(inflow.entries)))


# -- as JSON


def statement_json(statement: AccountStatement) -> dict[str, Json]:
    """``{"lines": [...], "totals": {"EUR": {...}}, "ages": [...], "upcoming": [...], "returned": [...], "untold":
    [...]}``; members that do not apply are left out."""
    return {
        "lines": [_present(line_json(line)) for line in statement.lines],
        "totals": {currency: _members(totals) for currency, totals in statement.totals.items()},
        "ages": [{**_members(one), "ages": _members(one.ages)} for one in statement.ages],
        "upcoming": [
            _present({**_members(one), "at": _instant(one.at), "due_at": _instant(one.due_at)})
            for one in statement.upcoming
        ],
        "returned": [
            {**_members(one), "at": _instant(one.at), "entries": list(one.entries)} for one in statement.returned
        ],
        "untold": [_present(_members(one)) for one in statement.untold],
    }


def line_json(line: StatementLine) -> dict[str, Json]:
    """A line's members, with instants as text; ``None`` where one does not apply."""
    found = _members(line)
    found["due_at"], found["arose_at"] = _instant(line.due_at), _instant(line.arose_at)
    found["ages"] = None if line.of == "surplus" else _members(line.ages)
    found["evidence"] = [
        {**_members(one), "at": _instant(one.at), "entries": list(one.entries)} for one in line.evidence
    ]
    return found


def _members(value: object) -> dict[str, Json]:
    return {one.name: getattr(value, one.name) for one in fields(value)}


def _present(members: Mapping[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in members.items() if value is not None}


def _instant(at: int | None) -> str | None:
    return None if at is None else format_instant(at)


def _currency(book: Book) -> str:
    """The one currency of the consent's money, where that can be read."""
    return book.money.currency if book.money is not None else ""
