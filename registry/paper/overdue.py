"""An overdue notice to one debtor: what is late to whom, since when, under which consent, and how she can check it."""

from __future__ import annotations

from collections.abc import Iterable

from registry.lateness import by_calendar
from registry.look import in_fours
from registry.paper.basis import NoPaper, PaperBasis, in_eights
from registry.paper.debts import debtor_of, figure, is_late, what_for
from registry.paper.ending import finish
from registry.paper.sheet import MUTED, Cell, Line, Sheet, TableColumn, badge, small, strong
from verifier.evidence.accounts import NoAccount, account_of
from verifier.rules.money.statement import StatementLine
from verifier.words.catalogue import Sentence, capital


def overdue(basis: PaperBasis, *, debtor: str | None = None, payee: str | None = None) -> bytes:
    """The PDF of what is late, and certainly so: of what the ``debtor`` owes, who may be left out where there is but
    one, and if ``payee`` is given of what goes to her alone. Raises :class:`NoPaper`, and
    :class:`~registry.paper.archive.TooMuchEvidence`."""
    try:
        account = by_calendar(account_of(basis.opened, payee=payee), basis.at, basis.look.zone)
    except NoAccount as error:
        raise NoPaper(error.sentence) from None
    late: dict[tuple[str, str], list[StatementLine]] = {}
    for line in account.lines:
        owed_by = debtor_of(basis, line)
        if is_late(line) and owed_by is not None and debtor in (None, owed_by[0]):
            late.setdefault(owed_by, []).append(line)
    if not late:
        raise NoPaper(Sentence("paper.nothing_late"))
    if len(late) > 1:
        raise NoPaper(Sentence("paper.which_debtor", who=", ".join(sorted(party for party, _ in late))))
    [((party, role), lines)] = late.items()
    return _notice(basis, party, role, lines)


def _notice(basis: PaperBasis, party: str, role: str, lines: list[StatementLine]) -> bytes:
    words = basis.words
    title = words.say("paper.overdue")
    sheet = Sheet(title, words.language, basis.opened.as_of.at)
    sheet.heading(title, 1)
    as_of = capital(words.say("paper.as_of_at", at=basis.look.moment(basis.at)))
    sheet.paragraph(Line(as_of, 10.5, color=MUTED), after=4)
    late = {one: sum(line.ages.late for line in lines if line.currency == one) for one in _currencies(lines)}
    oldest = min(lines, key=lambda line: line.due_at or 0)
    said = words.say(
        "paper.owes_late", who=basis.called(party, role),
        amounts=words.listed(words.money(amount, currency) for currency, amount in late.items()),
        since=basis.look.day(oldest.due_at or 0),
    )  # fmt: skip
    kind = words.say("money.days_late", n=oldest.days_late or 0)
    sheet.answer("late", kind, sheet.said(capital(said)), [words.say("paper.not_confirmed")])
    sheet.facts([
        (words.say("paper.debtor"), basis.person(sheet, party, role)),
        (words.say("paper.late"), [strong(words.money(amount, currency)) for currency, amount in late.items()]),
    ])  # fmt: skip
    for payee in dict.fromkeys(line.payee for line in lines):
        for currency in _currencies(lines):
            own = [line for line in lines if (line.payee, line.currency) == (payee, currency)]
            if own:
                _table(sheet, basis, payee, currency, own)
    sheet.heading(words.say("paper.under"))
    for id in dict.fromkeys(line.consent for line in lines):
        sheet.paragraph(_consent(basis, sheet, id), after=0.8)
    sheet.space(3)
    sheet.heading(words.say("paper.settles"))
    for name in ("paper.settle_pay", "paper.settle_paid", "paper.settle_wrong", "paper.no_judgement"):
        sheet.paragraph(words.say(name), after=1.4)
    sheet.space(3)
    return finish(sheet, basis, title, basis.called(party, role), "/mine")


def _currencies(lines: Iterable[StatementLine]) -> list[str]:
    return list(dict.fromkeys(line.currency for line in lines))


def _table(sheet: Sheet, basis: PaperBasis, payee: str, currency: str, lines: list[StatementLine]) -> None:
    """What is late to one payee, the longest first."""
    words = basis.words
    columns = (
        TableColumn(words.say("money.for"), 74), TableColumn(words.say("paper.due_since"), 34, amounts=True),
        TableColumn(words.say("money.still"), 31, amounts=True),
        TableColumn(words.say("paper.of_it_late"), 31, amounts=True),
    )  # fmt: skip
    rows: list[list[Cell]] = []
    for line in sorted(lines, key=lambda line: line.due_at or 0):
        since = Line("" if line.due_at is None else basis.look.day(line.due_at), 9)
        rows.append([
            what_for(basis, sheet, line, by=None),
            [since, badge("late", words.say("money.days_late", n=line.days_late or 0))],
            Line(figure(basis, line.outstanding, currency), 9), Line(figure(basis, line.ages.late, currency), 9),
        ])  # fmt: skip
    sums = sum(line.outstanding for line in lines), sum(line.ages.late for line in lines)
    total: list[Cell] = [strong(words.say("money.in_all")), Line("")]
    total += [Line(words.money(amount, currency), 9, bold=True) for amount in sums]
    sheet.heading(words.say("account.to", payee=sheet.said(basis.called(payee, "payee"))))
    sheet.paragraph(small(words.say("paper.payee_in", id=in_fours(payee), currency=currency)), after=1)
    sheet.rows(columns, rows, total)


def _consent(basis: PaperBasis, sheet: Sheet, id: str) -> Line:
    """A consent: whose, its id, when it was logged, and where."""
    words, entry = basis.words, basis.consent(id)
    assert entry is not None  # else nobody would be known to owe anything
    parties = entry.statement.parties
    since = words.say("paper.in_the_log", at=basis.look.when(entry.logged), entry=words.number(entry.index))
    said = words.say(
        "paper.between", licensee=basis.called(str(parties.licensee), "licensee"),
        model=basis.called(str(parties.model), "model"), id=in_eights(id), since=since,
    )  # fmt: skip
    return Line(sheet.said(said), 9)
