"""A statement of account: what is owed to a party, what came and on whose word, what is late."""

from __future__ import annotations

from collections.abc import Sequence

from registry.lateness import by_calendar
from registry.look import in_fours
from registry.paper.basis import NoPaper, PaperBasis
from registry.paper.debts import counts, debtor_of, figure, is_late, standing, what_for
from registry.paper.ending import finish
from registry.paper.sheet import MUTED, Cell, Line, Sheet, TableColumn, badge, small, strong
from verifier.evidence.accounts import NoAccount, account_of
from verifier.rules.money.money_rules import CANNOT_TELL
from verifier.rules.money.statement import AccountStatement, StatementLine
from verifier.words.catalogue import Sentence, capital

MOST_LINES = 2_000
"""Lines of one paper: some 150 pages. Of more there is a table: ``verifier statement --csv``."""
MOST_UPCOMING = 24


def statement(
    basis: PaperBasis, party: str | None = None, *, start: int | None = None, end: int | None = None,
    role: str = "payee",
) -> bytes:
    """The PDF of what goes to a ``party``: left out, it is the one whose record book it is, or else everybody.
    ``start`` and ``end`` are as :func:`~verifier.evidence.accounts.account_of` takes them; ``role`` is what it is.

    Raises :class:`NoPaper`, and :class:`~registry.paper.archive.TooMuchEvidence`.
    """
    question = basis.opened.question
    if party is None and question.kind == "party":
        party = question.id
    try:
        account = by_calendar(account_of(basis.opened, payee=party, start=start, end=end), basis.at, basis.look.zone)
    except NoAccount as error:
        raise NoPaper(error.sentence) from None
    if len(account.lines) > MOST_LINES:
        raise NoPaper(Sentence("paper.too_many_lines", n=len(account.lines), most=MOST_LINES))
    words = basis.words
    title = words.say("paper.statement")
    sheet = Sheet(title, words.language, basis.opened.as_of.at)
    sheet.heading(title, 1)
    sheet.paragraph(Line(_span(basis, start, end), 10.5, color=MUTED), after=4)
    sheet.facts(_facts(basis, sheet, account, party, role))
    lines = [line for line in account.lines if counts(line)]
    for currency in dict.fromkeys(line.currency for line in lines):
        _table(sheet, basis, [line for line in lines if line.currency == currency], currency, party)
    if not lines and not account.untold:
        sheet.paragraph(words.say("mine.nothing_owed" if party is None else "paper.nothing_owed"))
    _upcoming(sheet, basis, account)
    _untold(sheet, basis, account)
    sheet.heading(words.say("money.how_to_read"))
    sheet.paragraph(words.say("money.how_to_read_says"), after=4)
    about = in_fours(question.id) if party is None else basis.called(party, role)
    return finish(sheet, basis, title, about, "/mine")


def _span(basis: PaperBasis, start: int | None, end: int | None) -> str:
    words, look, at = basis.words, basis.look, basis.look.moment(basis.at)
    if start is None and end is None:
        return capital(words.say("paper.as_of_at", at=at))
    first = words.say("paper.beginning") if start is None else look.when(start)
    last = look.moment(basis.at) if end is None else look.when(end)
    return words.say("paper.span", start=first, end=last, at=at)


def _facts(
    basis: PaperBasis, sheet: Sheet, account: AccountStatement, party: str | None, role: str
) -> Sequence[tuple[str, Cell]]:
    words = basis.words
    facts: list[tuple[str, Cell]] = []
    if party is not None:
        facts.append((words.say("paper.for"), basis.person(sheet, party, role)))
    sums: dict[str, dict[str, int]] = {"late": {}, "due": {}, "unk": {}}
    for line in account.lines:
        untold, late = line.answer == CANNOT_TELL, line.ages.late
        amounts = (0, 0, line.outstanding) if untold else (late, line.outstanding - late, 0)
        for tone, amount in zip(sums, amounts, strict=True):
            if amount:
                sums[tone][line.currency] = sums[tone].get(line.currency, 0) + amount
    heads = {"late": "paper.late", "due": "money.not_due", "unk": "money.untold"}
    for tone, of in sums.items():
        if of:
            facts.append((words.say(heads[tone]), [badge(tone, words.money(one, name)) for name, one in of.items()]))
    if not any(sums.values()):
        facts.append((words.say("money.still"), Line(words.say("paper.nothing"))))
    return facts


def _table(sheet: Sheet, basis: PaperBasis, lines: Sequence[StatementLine], currency: str, party: str | None) -> None:
    """What is late first, the longest first, then what is not due, then what is settled."""
    words = basis.words
    columns = (
        TableColumn(words.say("paper.owed_by"), 60), TableColumn(words.say("money.share"), 25, amounts=True),
        TableColumn(words.say("money.came"), 25, amounts=True), TableColumn(words.say("money.still"), 25, amounts=True),
        TableColumn(words.say("money.due"), 35, amounts=True),
    )  # fmt: skip
    rows = []
    for line in sorted(lines, key=_rank):
        debtor = debtor_of(basis, line)
        who = words.say("page.somebody") if debtor is None else basis.called(*debtor)
        if party is None:
            who = words.say("paper.from_to", debtor=who, payee=basis.called(line.payee, "payee"))
        amounts = (line.due, line.received, line.outstanding)
        rows.append([
            what_for(basis, sheet, line, by=who), *(Line(figure(basis, one, currency), 9) for one in amounts),
            standing(basis, line),
        ])  # fmt: skip
    sums = (sum(one.due for one in lines), sum(one.received for one in lines), sum(one.outstanding for one in lines))
    total = [strong(words.say("money.in_all")), *(Line(figure(basis, one, currency), 9, bold=True) for one in sums)]
    sheet.heading(currency)
    sheet.rows(columns, rows, [*total, Line("")] if party is not None else ())


def _rank(line: StatementLine) -> tuple[int, int]:
    if is_late(line):
        return 0, line.due_at or 0
    return (1, line.due_at or 0) if line.outstanding else (2, -(line.arose_at or 0))


def _upcoming(sheet: Sheet, basis: PaperBasis, account: AccountStatement) -> None:
    """Dates to come, if nothing ends the consents before."""
    coming = sorted(account.upcoming, key=lambda one: (one.due_at or one.at, one.consent))
    if not coming:
        return
    words = basis.words
    sheet.heading(words.say("account.upcoming_dates"))
    columns = (
        TableColumn(words.say("money.for"), 84), TableColumn(words.say("paper.on"), 43, amounts=True),
        TableColumn(words.say("paper.amount"), 43, amounts=True),
    )  # fmt: skip
    rows = []
    for one in coming[:MOST_UPCOMING]:
        what = f"{words.say('money.of_consent')}, {one.consent[:16]}"
        day = basis.look.day(one.due_at or one.at)
        rows.append([Line(what, 9), Line(day, 9), Line(words.money(one.amount, one.currency), 9)])
    sheet.rows(columns, rows)
    if len(coming) > MOST_UPCOMING:
        sheet.paragraph(small(words.say("paper.more", n=len(coming) - MOST_UPCOMING)))


def _untold(sheet: Sheet, basis: PaperBasis, account: AccountStatement) -> None:
    if not account.untold:
        return
    words = basis.words
    sheet.heading(words.say("account.untold"))
    for one in account.untold:
        sentence = words.say(f"code.{one.code}")
        if one.usage is None:
            said = words.say("account.untold_consent", consent=one.consent[:16], sentence=sentence)
        else:
            said = words.say("account.untold_use", usage=one.usage[:16], sentence=sentence)
        sheet.paragraph(Line(said, 9), after=1)
