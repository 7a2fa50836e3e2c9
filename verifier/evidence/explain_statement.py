"""A statement of account in plain sentences: totals, then what each payee is owed and by what it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

from verifier.evidence.explain import Paragraph, basis, short
from verifier.evidence.verify import Opened
from verifier.rules.money.splits import LegKind
from verifier.rules.money.statement import (
    AccountStatement,
    CurrencyTotals,
    PayeeAges,
    Returned,
    Shown,
    StatementLine,
    Untold,
    Upcoming,
)
from verifier.words.catalogue import Catalogue


def explain_statement(
    statement: AccountStatement, opened: Opened, words: Catalogue, payee: str | None = None
) -> list[Paragraph]:
    """The statement for people; ``opened`` is the evidence, ``payee`` to whom it is limited."""
    question = opened.question
    about = words.say("account.about", kind=words.say(f"kind.{question.kind}"), id=question.id)
    paragraphs = [Paragraph(heading=words.say("account.title"), lines=(about,))]
    paragraphs += [_totals(currency, totals, words) for currency, totals in statement.totals.items()]
    if payee is None and any(line.leg == LegKind.FROM_AGENCY.value for line in statement.lines):
        once = words.say("account.once")
        paragraphs[-1] = Paragraph(heading=paragraphs[-1].heading, lines=(*paragraphs[-1].lines, once))
    if statement.ages:
        said = tuple(_ages(one, words) for one in statement.ages)
        paragraphs.append(Paragraph(heading=words.say("account.by_age"), lines=said))
    by_payee = attrgetter("payee")
    for id, lines in groupby(sorted(statement.lines, key=by_payee), key=by_payee):
        said = tuple(text for line in lines for text in _line(line, words))
        paragraphs.append(Paragraph(heading=words.say("account.to", payee=id), lines=said))
    if statement.upcoming:
        said = tuple(_upcoming(one, words) for one in statement.upcoming)
        paragraphs.append(Paragraph(heading=words.say("account.upcoming_dates"), lines=said))
    if statement.returned:
        said = tuple(_returned(one, words) for one in statement.returned)
        paragraphs.append(Paragraph(heading=words.say("account.returned"), lines=said))
    if not statement.lines and not statement.untold and not statement.upcoming:
        nobody = words.say("account.nobody_owed")
        said = (nobody if payee is None else words.say("account.party_not_owed", payee=payee),)
        paragraphs.append(Paragraph(heading=words.say("account.nothing"), lines=said))
    if statement.untold:
        untold = tuple(_untold(one, words) for one in statement.untold)
        paragraphs.append(Paragraph(heading=words.say("account.untold"), lines=untold))
    return [*paragraphs, basis(opened.as_of, opened.facts.instant, words)]


def _totals(currency: str, totals: CurrencyTotals, words: Catalogue) -> Paragraph:
    rows = [
        (words.say("account.due"), totals.due),
        (words.say("account.received"), totals.received),
        (words.say("account.outstanding"), totals.outstanding),
        (words.say("account.late"), totals.late),
        (words.say("account.not_yet_due"), totals.not_yet_due),
        (words.say("account.upcoming"), totals.upcoming),
    ]
    if totals.overpaid:
        rows.append((words.say("account.overpaid"), totals.overpaid))
    names = max(len(name) for name, _ in rows)
    amounts = [words.money(amount, currency) for _, amount in rows]
    width = max(map(len, amounts))
    lines = tuple(f"{name:<{names}} {amount:>{width}}" for (name, _), amount in zip(rows, amounts, strict=True))
    return Paragraph(heading=words.say("account.total", currency=currency), lines=lines)


def _ages(one: PayeeAges, words: Catalogue) -> str:
    """How old what is outstanding to one payee is."""
    ages, currency = one.ages, one.currency
    return words.say(
        "account.ages",
        payee=short(one.payee),
        not_yet_due=words.money(ages.not_yet_due, currency),
        month=words.money(ages.days_1_30, currency),
        second_month=words.money(ages.days_31_60, currency),
        third_month=words.money(ages.days_61_90, currency),
        more=words.money(ages.days_more, currency),
    )


def _upcoming(one: Upcoming, words: Catalogue) -> str:
    when = "" if one.due_at is None else words.say("account.due_on", at=words.moment(one.due_at))
    return words.say(
        "account.upcoming_date",
        at=words.moment(one.at),
        amount=words.money(one.amount, one.currency),
        payee=short(one.payee),
        leg=words.say(f"leg.{one.leg}"),
        consent=short(one.consent),
        when=when,
    )


def _returned(one: Returned, words: Catalogue) -> str:
    return words.say(
        "account.returned_transfer",
        amount=words.money(one.amount, one.currency),
        at=words.moment(one.at),
        payee=short(one.payee),
        entries=words.say("entries", n=len(one.entries), entries=", ".join(map(words.number, one.entries))),
    )


def _untold(one: Untold, words: Catalogue) -> str:
    sentence = words.say(f"code.{one.code}")
    if one.usage is None:
        return words.say("account.untold_consent", consent=short(one.consent), sentence=sentence)
    return words.say("account.untold_use", usage=short(one.usage), sentence=sentence)


def _line(line: StatementLine, words: Catalogue) -> Iterator[str]:
    if line.of == "surplus":
        amount, consent = words.money(line.overpaid, line.currency), short(line.consent)
        if line.answer is None:
            yield words.say("account.surplus", amount=amount, consent=consent)
        else:
            yield words.say("account.surplus_unsure", amount=amount, consent=consent)
    else:
        when = "" if line.due_at is None else words.say("account.due_on", at=words.moment(line.due_at))
        late = words.say("explain.late", days_late=words.say("days_late", n=line.days_late)) if line.days_late else ""
        about = words.say("account.of_consent", id=short(line.consent), at=words.moment(line.arose_at or 0))
        if line.usage is not None:
            about = words.say("account.of_usage", id=short(line.usage))
        yield words.say(
            "account.line",
            about=about,
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
