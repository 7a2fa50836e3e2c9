"""A statement of account in plain sentences: totals, then what each payee is owed and by what it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

from verifier.evidence.explain import Paragraph, basis, short
from verifier.evidence.verify import Opened
from verifier.rules.money.splits import LegKind
from verifier.rules.money.statement import AccountStatement, CurrencyTotals, Shown, StatementLine
from verifier.words.catalogue import Catalogue


def explain_statement(
    statement: AccountStatement, opened: Opened, words: Catalogue, payee: str | None = None
) -> list[Paragraph]:
    """The statement for people; ``opened`` is the evidence, ``payee`` to whom it is limited."""
    question = opened.question
    about = words.say("account.about", kind=words.say(f"kind.{question.kind}"), id=question.id)
    paragraphs = [Paragraph(heading=words.say("account.title"), lines=(about,))]
    paragraphs += [_totals(currency, totals, words) for currency, totals in statement.totals.items()]
    if any(line.leg == LegKind.FROM_AGENCY.value for line in statement.lines):
        twice = words.say("account.twice")
        paragraphs[-1] = Paragraph(heading=paragraphs[-1].heading, lines=(*paragraphs[-1].lines, twice))
    by_payee = attrgetter("payee")
    for id, lines in groupby(sorted(statement.lines, key=by_payee), key=by_payee):
        said = tuple(text for line in lines for text in _line(line, words))
        paragraphs.append(Paragraph(heading=words.say("account.to", payee=id), lines=said))
    if not statement.lines and not statement.untold:
        nobody = words.say("account.nobody_owed")
        said = (nobody if payee is None else words.say("account.party_not_owed", payee=payee),)
        paragraphs.append(Paragraph(heading=words.say("account.nothing"), lines=said))
    if statement.untold:
        untold = tuple(
            words.say("account.untold_use", usage=short(one.usage), sentence=words.say(f"code.{one.code}"))
            for one in statement.untold
        )
        paragraphs.append(Paragraph(heading=words.say("account.untold"), lines=untold))
    return [*paragraphs, basis(opened.as_of, opened.facts.instant, words)]


def _totals(currency: str, totals: CurrencyTotals, words: Catalogue) -> Paragraph:
    rows = [
        (words.say("account.due"), totals.due),
        (words.say("account.received"), totals.received),
        (words.say("account.outstanding"), totals.outstanding),
    ]
    if totals.overpaid:
        rows.append((words.say("account.overpaid"), totals.overpaid))
    names = max(len(name) for name, _ in rows)
    amounts = [words.money(amount, currency) for _, amount in rows]
    width = max(map(len, amounts))
    lines = tuple(f"{name:<{names}} {amount:>{width}}" for (name, _), amount in zip(rows, amounts, strict=True))
    return Paragraph(heading=words.say("account.total", currency=currency), lines=lines)


def _line(line: StatementLine, words: Catalogue) -> Iterator[str]:
    if line.usage is None:
        amount, consent = words.money(line.overpaid, line.currency), short(line.consent)
        if line.answer is None:
            yield words.say("account.surplus", amount=amount, consent=consent)
        else:
            yield words.say("account.surplus_unsure", amount=amount, consent=consent)
    else:
        when = "" if line.due_at is None else words.say("account.due_on", at=words.moment(line.due_at))
        late = words.say("explain.late", days_late=words.say("days_late", n=line.days_late)) if line.days_late else ""
        yield words.say(
            "account.line",
            usage=short(line.usage),
            leg=words.say(f"leg.{line.leg or 'direct'}"),
            due=words.money(line.due, line.currency),
            received=words.money(line.received, line.currency),
            outstanding=words.money(line.outstanding, line.currency),
            when=when,
            late=late,
            answer=words.say(f"answer.{line.answer or 'CANNOT_TELL'}"),
        )
    yield from (f"  {_shown(one, words.money(one.amount, line.currency), words)}" for one in line.evidence)


def _shown(one: Shown, amount: str, words: Catalogue) -> str:
    """What shows that money came."""
    entries = ""
    if one.entries:
        its = words.say("entries", n=len(one.entries), entries=", ".join(map(words.number, one.entries)))
        entries = words.say("account.shown_entries", entries=its)
    by = words.say(f"account.by.{one.kind}")
    return words.say("account.shown", amount=amount, at=words.moment(one.at), by=by, entries=entries)
