"""Lines of an account as papers show them: whose debt it is, for what, what came and on whose word, how late it is."""

from __future__ import annotations

from registry.look import in_fours
from registry.paper.basis import PaperBasis
from registry.paper.sheet import Cell, Line, Sheet, badge, small, strong
from verifier.base.currencies import EXPONENTS
from verifier.rules.model.record import holds
from verifier.rules.money.money_rules import CANNOT_TELL, NOT_PAID
from verifier.rules.money.splits import LegKind
from verifier.rules.money.statement import StatementLine
from verifier.statements.types import Usage
from verifier.words.catalogue import capital

SHOWN = 4
"""Pieces of evidence that are set under a line."""


def debtor_of(basis: PaperBasis, line: StatementLine) -> tuple[str, str] | None:
    """Who owes a line, and in which role: the agency what it has to pass on, else the licensee."""
    consent = basis.consent(line.consent)
    if consent is None:
        return None
    role = "agency" if line.leg == LegKind.FROM_AGENCY.value else "licensee"
    party = consent.statement.parties.role(role)
    return None if party is None else (party, role)


def what_for(basis: PaperBasis, sheet: Sheet, line: StatementLine, *, by: str | None) -> list[Line]:
    """What a line is for: ``by`` whom it is owed, if that is to be said, which use or consent, and what came for it."""
    words, look = basis.words, basis.look
    first = words.say("money.of_use" if line.usage else "money.of_consent") if by is None else by
    about = [first] if by is None else [words.say("money.of_use" if line.usage else "money.of_consent")]
    id = line.usage or line.consent
    about.append(in_fours(id))
    if line.arose_at is not None:
        declared = "paper.declared" if _declared(basis, line) else "paper.arose"
        about.append(words.say(declared, at=look.day(line.arose_at)))
    lines = [strong(sheet.said(capital(first)))] if by is not None else []
    lines.append(small(", ".join(about)))
    for shown in line.evidence[:SHOWN]:
        said = words.say(
            "paper.came", amount=words.money(shown.amount, line.currency), at=look.day(shown.at),
            by=words.say(f"account.by.{shown.kind}"),
        )  # fmt: skip
        lines.append(small(said))
    if len(line.evidence) > SHOWN:
        lines.append(small(words.say("paper.more", n=len(line.evidence) - SHOWN)))
    return lines


def _declared(basis: PaperBasis, line: StatementLine) -> bool:
    record = basis.opened.record
    return line.usage is not None and any(holds(record.entry(index), Usage) for index in record.find(line.usage))


def standing(basis: PaperBasis, line: StatementLine) -> Cell:
    """How a line stands: late, not due, settled, or not to be told; and its date."""
    words = basis.words
    day = [] if line.due_at is None else [small(basis.look.day(line.due_at))]
    if line.answer == CANNOT_TELL:
        return [badge("unk", words.say("money.untold")), *day]
    if is_late(line):
        return [badge("late", words.say("money.days_late", n=line.days_late or 0)), *day]
    if line.outstanding:
        is_today = line.due_at is not None and basis.look.zone.day(line.due_at) == basis.look.zone.day(basis.at)
        return [badge("due", words.say("money.due_today" if is_today else "money.not_due")), *day]
    return [badge("yes", words.say("money.settled")), *day]


def is_late(line: StatementLine) -> bool:
    """Whether some of it is late for certain: what cannot be told is not."""
    return line.answer == NOT_PAID and line.ages.late > 0


def figure(basis: PaperBasis, amount: int, currency: str) -> str:
    """An amount in a table of one currency."""
    text = basis.words.money(amount, currency)
    return text.partition(" ")[2] if currency in EXPONENTS else text


def counts(line: StatementLine) -> bool:
    """Whether there is anything on a line."""
    return bool(line.due or line.received or line.answer == CANNOT_TELL)
