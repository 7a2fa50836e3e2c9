"""A statement of account: what each use owes, what came in and on whose word, what is late; and what it adds up to.

Its figures are those of verdicts: anybody who has the same evidence gets the same to the last minor unit. In all, for
each currency, ``due + overpaid = received + outstanding``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from verifier.base.canonical import Json
from verifier.base.strict import format_instant
from verifier.base.values import field, fields, value
from verifier.rules.model.context import Context, Standing
from verifier.rules.model.record import Entry
from verifier.rules.model.results import Result
from verifier.rules.money.allocation import Part
from verifier.rules.money.book import Book, LegBook, open_book
from verifier.rules.money.money_rules import CANNOT_TELL, PayeeLine, judge_money
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
    """What one use owes one payee on one leg; or, without a ``usage``, money to her that fills nothing.

    ``answer`` is that of a verdict, and ``None`` where the line is over-payment for certain. ``due`` is what is left of
    it once credits are taken off. ``leg`` is ``None`` for a payee who is owed nothing at all.
    """

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


@value(frozen=False, kw_only=False)
class CurrencyTotals:
    """Sums of one currency."""

    due: int = 0
    received: int = 0
    outstanding: int = 0
    overpaid: int = 0

    def add(self, line: StatementLine) -> None:
        """Add a line."""
        self.due += line.due
        self.received += line.received
        self.outstanding += line.outstanding
        self.overpaid += line.overpaid


@value
class Untold:
    """A use of which it cannot be told what it owes, or whom, and the code that says why."""

    usage: str
    consent: str
    code: str


@value
class AccountStatement:
    """Lines by use in log order, then by payee and leg; over-payment after the uses of its consent's."""

    lines: tuple[StatementLine, ...]
    untold: tuple[Untold, ...]
    totals: Mapping[str, CurrencyTotals] = field(default_factory=dict)

    @property
    def answers(self) -> set[str]:
        """The different answers of its lines, ``CANNOT_TELL`` for what is untold."""
        told = {line.answer for line in self.lines if line.answer is not None}
        return told | {CANNOT_TELL for _ in self.untold}


def make_statement(
    context: Context,
    usages: Iterable[Entry],
    *,
    payee: str | None = None,
    start: int | None = None,
    end: int | None = None,
    told: bool = True,
) -> AccountStatement:
    """The statement of account of some usages; void ones owe nothing.

    With ``payee``, of what goes to her alone. With ``start`` or ``end``, of the uses that were declared, and the
    over-payment that came, in [start, end). Without ``told`` (the reader asks for an audited index and has none) the
    figures are there and every answer is CANNOT_TELL.
    """

    def within(at: int) -> bool:
        return (start is None or at >= start) and (end is None or at < end)

    lines: list[StatementLine] = []
    untold: list[Untold] = []
    left_over: dict[str, list[StatementLine]] = {}
    for usage in sorted(usages, key=_index):
        if context.standing(usage).standing is Standing.VOID:
            continue
        statement = usage.statement
        assert isinstance(statement, Usage)
        book = open_book(context, statement.consent)
        if statement.consent not in left_over:
            left_over[statement.consent] = [line for line in _over_payment(book) if within(line.evidence[0].at)]
        if within(usage.logged):
            decision = judge_money(context, usage)
            if not decision.paid.payees:
                code = next(one.code for one in decision.findings if one.result is Result.UNKNOWN)
                untold.append(Untold(usage=statement.id, consent=statement.consent, code=code))
            for one, figures in zip(book.legs, decision.paid.payees, strict=True):
                lines.append(_line(book, one, statement.id, figures, told=told))
    lines.extend(line for found in left_over.values() for line in found)
    lines = [line for line in lines if payee is None or line.payee == payee]
    totals: dict[str, CurrencyTotals] = {}
    for line in lines:
        totals.setdefault(line.currency, CurrencyTotals()).add(line)
    return AccountStatement(lines=tuple(lines), untold=tuple(untold), totals=dict(sorted(totals.items())))


def _index(entry: Entry) -> int:
    return entry.index


def _line(book: Book, one: LegBook, usage: str, figures: PayeeLine, *, told: bool) -> StatementLine:
    return StatementLine(
        usage=usage,
        consent=book.id,
        payee=figures.payee,
        leg=figures.leg,
        currency=book.currency,
        answer=figures.answer if told else CANNOT_TELL,
        due=figures.due,
        received=figures.received,
        outstanding=figures.outstanding,
        overpaid=0,
        due_at=figures.due_at,
        days_late=figures.days_late,
        evidence=tuple(_shown(part) for part in one.shown.parts(usage)),
    )


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
        usage=None,
        consent=book.id,
        payee=payee,
        leg=leg,
        currency=book.currency,
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
    """``{"lines": [...], "totals": {"EUR": {...}}, "untold": [...]}``; members that do not apply are left out."""
    return {
        "lines": [_present(line_json(line)) for line in statement.lines],
        "totals": {currency: _members(totals) for currency, totals in statement.totals.items()},
        "untold": [_members(one) for one in statement.untold],
    }


def line_json(line: StatementLine) -> dict[str, Json]:
    """A line's members, with instants as text; ``None`` where one does not apply."""
    found = _members(line)
    found["due_at"] = _instant(line.due_at)
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
