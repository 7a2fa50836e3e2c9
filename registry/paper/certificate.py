"""A certificate of clearance: that a use is authorised, and everybody paid, at an instant. Made of a yes alone."""

from __future__ import annotations

from registry.drafting.memo import code_words
from registry.look import in_fours
from registry.paper.basis import NoPaper, PaperBasis, in_eights
from registry.paper.ending import finish
from registry.paper.sheet import MUTED, Cell, Line, Sheet, TableColumn, badge, small, strong
from verifier.evidence.conclude import conclude
from verifier.evidence.verdict import Verdict
from verifier.rules.model.question import narrowed
from verifier.rules.model.record import holds
from verifier.rules.model.results import Result
from verifier.rules.money.money_rules import PAID, Paid
from verifier.statements.types import Usage
from verifier.words.catalogue import Sentence, capital

MOST_FILES = 60
"""Digests of files that are set; of more, the rest is counted: the evidence names them all."""


def certificate(basis: PaperBasis, *, ask: str | None = None) -> bytes:
    """The PDF. ``ask``: ``authorised``, where money is not to be certified. Raises :class:`NoPaper` unless every answer
    that is asked for is yes, and :class:`~registry.paper.archive.TooMuchEvidence`."""
    question = basis.opened.question
    if question.kind != "usage":
        raise NoPaper(Sentence("paper.of_a_use", kind=Sentence(f"question.{question.kind}")))
    verdict = basis.opened.ask(narrowed(question, ask))
    conclusion = conclude(verdict, ask)
    if conclusion != "yes" or verdict.decision.authorised is None:
        raise NoPaper(_why_not(verdict, conclusion), conclusion if conclusion != "yes" else "cannot_tell")
    usage = _usage(basis)
    words, look = basis.words, basis.look
    title = words.say("paper.certificate")
    sheet = Sheet(title, words.language, basis.opened.as_of.at)
    user_role = "sublicensee" if usage.parties.sublicensee else "licensee"
    user = str(usage.parties.role(user_role))
    sheet.heading(title, 1)
    sheet.paragraph(Line(look.moment(basis.at), 10.5, color=MUTED), after=4)
    paid = verdict.decision.paid if verdict.question.money else None
    sheet.answer("yes", words.say(_kind(paid)), sheet.said(_sentence(basis, verdict, user, user_role)), [
        words.say("paper.money_not_said") if paid is None else words.say(
            "view.check.money.PASS" if _owes(paid) else "view.check.money.NOT_APPLICABLE"
        ).removesuffix(".") + ".",
    ])  # fmt: skip
    sheet.heading(words.say("view.the_use"))
    sheet.facts(_facts(basis, sheet, verdict, usage, user_role))
    if paid is not None and _owes(paid):
        _money(sheet, basis, paid)
    sheet.heading(words.say("paper.files"))
    for digest in usage.assets[:MOST_FILES]:
        sheet.paragraph(Line(in_eights(digest), 8), after=0.2)
    if len(usage.assets) > MOST_FILES:
        sheet.paragraph(words.say("paper.more_files", n=len(usage.assets) - MOST_FILES))
    sheet.space(4)
    sheet.paragraph(words.say("paper.holds_for", at=look.moment(basis.at)), after=4)
    return finish(sheet, basis, title, in_fours(usage.id), f"/lookup?sha256={usage.assets[0]}")


def _usage(basis: PaperBasis) -> Usage:
    record = basis.opened.record
    entry = next(entry for index in record.find(basis.opened.question.id) if (entry := record.entry(index)))
    assert holds(entry, Usage)
    return entry.statement


def _why_not(verdict: Verdict, conclusion: str) -> Sentence:
    """The first rule that stands against it, in its own sentence."""
    for result in (Result.FAIL, Result.UNKNOWN):
        for row in verdict.decision.rules:
            if row.result is result:
                return Sentence("paper.no_certificate", why=Sentence(f"code.{row.code}"))
    why = "code.not_due" if conclusion == "not_yet_due" else "paper.untold"
    return Sentence("paper.no_certificate", why=Sentence(why))


def _owes(paid: Paid) -> bool:
    return any(line.due for line in paid.payees)


def _kind(paid: Paid | None) -> str:
    return "view.kind.yes" if paid is not None and _owes(paid) else "view.kind.allowed"


def _sentence(basis: PaperBasis, verdict: Verdict, user: str, role: str) -> str:
    """Who may use how many files from when or until when."""
    words, segments = basis.words, verdict.decision.segments
    values = {"who": basis.called(user, role), "files": words.say("describe.files", n=_files(verdict))}
    if not segments:
        return capital(words.say("paper.may_use", **values))
    start, end = basis.look.day(segments[0].from_), basis.look.day(segments[-1].to)
    if basis.at < segments[0].from_:
        return capital(words.say("view.use.before", start=start, **values))
    return capital(words.say("view.use.during" if basis.at < segments[-1].to else "view.use.after", end=end, **values))


def _files(verdict: Verdict) -> int:
    return 0 if verdict.about is None else verdict.about.files or 0


def _facts(basis: PaperBasis, sheet: Sheet, verdict: Verdict, usage: Usage, user_role: str) -> list[tuple[str, Cell]]:
    words, look, language = basis.words, basis.look, basis.words.language
    parties = usage.parties
    facts: list[tuple[str, Cell]] = [
        (words.say("view.who_uses"), basis.person(sheet, str(parties.role(user_role)), user_role)),
        (words.say("view.whose_twin"), basis.person(sheet, str(parties.model), "model")),
    ]
    if parties.agency is not None:
        facts.append((words.say("paper.by_way_of"), basis.person(sheet, parties.agency, "agency")))
    consent = basis.consent(usage.consent)
    if consent is not None:
        since = words.say("paper.in_the_log", at=look.when(consent.logged), entry=words.number(consent.index))
        named = Line(words.say("paper.consent", id=in_fours(usage.consent)))
        facts.append((words.say("use.under"), [named, small(since)]))
    use = None if verdict.about is None else verdict.about.use
    if use is not None:
        category = code_words.categories([use.category], language)
        what = f"{code_words.word('purposes', use.purpose, language)}, {category}"
        shown = words.say(
            "view.shown_on",
            placement=code_words.word("placements", use.placement, language),
            channels=code_words.codes("channels", use.channels, language),
        )
        start, end = look.when(use.starts), look.when(use.ends)
        facts += [
            (words.say("view.for_what"), Line(sheet.said(capital(f"{what}, {use.product}" if use.product else what)))),
            (words.say("view.shown_as"), Line(sheet.said(capital(shown)))),
            (words.say("view.where"), Line(sheet.said(capital(code_words.countries(use.countries, language))))),
            (words.say("view.from_until"), Line(words.say("use.from_until", start=start, end=end))),
        ]
    return facts


def _money(sheet: Sheet, basis: PaperBasis, paid: Paid) -> None:
    """What was due to whom, and that it came."""
    words, currency = basis.words, paid.currency
    columns = (
        TableColumn(words.say("paper.to"), 68), TableColumn(words.say("money.share"), 34, amounts=True),
        TableColumn(words.say("money.came"), 34, amounts=True), TableColumn(words.say("money.due"), 34, amounts=True),
    )  # fmt: skip
    rows: list[list[Cell]] = []
    for line in paid.payees:
        if not line.due:
            continue
        assert line.answer == PAID
        day = [] if line.due_at is None else [small(basis.look.day(line.due_at))]
        rows.append([
            [strong(sheet.said(capital(basis.called(line.payee, "payee")))), small(words.say(f"leg.{line.leg}"))],
            Line(words.money(line.due, currency), 9), Line(words.money(line.received, currency), 9),
            [badge("yes", words.say("money.settled")), *day],
        ])  # fmt: skip
    sheet.heading(words.say("paper.owed_and_came"))
    sheet.rows(columns, rows)
