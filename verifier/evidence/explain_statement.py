"""A statement of account in plain sentences: totals, then what each payee is owed and by what it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

from verifier.base.currencies import format_money
from verifier.evidence.explain import ANSWERS, LEGS, Paragraph, basis, moment, short
from verifier.evidence.verify import Opened
from verifier.rules.model.codes import SENTENCES
from verifier.rules.money.splits import LegKind
from verifier.rules.money.statement import AccountStatement, CurrencyTotals, Shown, StatementLine

BY = {
    "receipt": "by the payee's own receipt (grade 4)",
    "attestation": "by a provider's attestation (grade 3)",
    "credit": "let off by the payee",
    "rounding": "that another line takes back in rounding",
}
"""What shows that money came."""


def explain_statement(statement: AccountStatement, opened: Opened, payee: str | None = None) -> list[Paragraph]:
    """The statement for people; ``opened`` is the evidence, ``payee`` to whom it is limited."""
    question = opened.question
    about = f"Drawn up from evidence about the {question.kind} {question.id}."
    paragraphs = [Paragraph(heading="STATEMENT OF ACCOUNT", lines=(about,))]
    paragraphs += [_totals(currency, totals) for currency, totals in statement.totals.items()]
    if any(line.leg == LegKind.FROM_AGENCY.value for line in statement.lines):
        passed_on = "What goes through an agency is in these sums twice: as owed to it, and as owed by it."
        paragraphs[-1] = Paragraph(heading=paragraphs[-1].heading, lines=(*paragraphs[-1].lines, passed_on))
    by_payee = attrgetter("payee")
    for id, lines in groupby(sorted(statement.lines, key=by_payee), key=by_payee):
        paragraphs.append(Paragraph(heading=f"To {id}", lines=tuple(text for line in lines for text in _line(line))))
    if not statement.lines and not statement.untold:
        whom = "anybody" if payee is None else f"the party {payee}"
        paragraphs.append(Paragraph(heading="Nothing", lines=(f"No use in it owes {whom} anything.",)))
    if statement.untold:
        untold = tuple(f"What the use {short(one.usage)} owes. {SENTENCES[one.code]}" for one in statement.untold)
        paragraphs.append(Paragraph(heading="What cannot be told", lines=untold))
    return [*paragraphs, basis(opened.as_of, opened.facts.instant)]


def _totals(currency: str, totals: CurrencyTotals) -> Paragraph:
    rows = [("due", totals.due), ("received", totals.received), ("outstanding", totals.outstanding)]
    rows += [("overpaid", totals.overpaid)] * bool(totals.overpaid)
    amounts = [format_money(amount, currency) for _, amount in rows]
    width = max(map(len, amounts))
    lines = tuple(f"{name:<11} {amount:>{width}}" for (name, _), amount in zip(rows, amounts, strict=True))
    return Paragraph(heading=f"In all, {currency}", lines=lines)


def _line(line: StatementLine) -> Iterator[str]:
    def money(amount: int) -> str:
        return format_money(amount, line.currency)

    if line.usage is None:
        unsure = "" if line.answer is None else " Whether more will be due cannot be told."
        yield f"{money(line.overpaid)} more than is due under the consent {short(line.consent)}.{unsure}"
    else:
        when = "" if line.due_at is None else f", due on {moment(line.due_at)}"
        days = "" if not line.days_late else f", {line.days_late:,} {'day' if line.days_late == 1 else 'days'} late"
        figures = f"due {money(line.due)}, received {money(line.received)}, outstanding {money(line.outstanding)}"
        leg = LEGS[line.leg or "direct"]
        yield f"The use {short(line.usage)}, {leg}: {figures}{when}{days}: {ANSWERS[line.answer or 'CANNOT_TELL']}."
    yield from (f"  {_shown(one, money(one.amount))}" for one in line.evidence)


def _shown(one: Shown, amount: str) -> str:
    indices = ", ".join(f"{index:,}" for index in one.entries)
    entries = "" if not indices else f", {'entry' if len(one.entries) == 1 else 'entries'} {indices}"
    return f"{amount} on {moment(one.at)} {BY[one.kind]}{entries}."
