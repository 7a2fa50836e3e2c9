"""The statement of account of what an evidence file is about: a use, a consent, or a party's record book."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verifier.evidence.verify import Opened
from verifier.rules.decide import book_rows
from verifier.rules.model.context import Standing
from verifier.rules.model.record import Entry
from verifier.rules.money.statement import AccountStatement, make_statement
from verifier.statements.types import Consent, Statement, Usage
from verifier.words.catalogue import Sentence


class NoAccount(Exception):
    """The file is not about anything that owes money; ``sentence`` says what it is about."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.id)
        self.sentence = sentence


def account_of(
    opened: Opened, *, payee: str | None = None, start: int | None = None, end: int | None = None
) -> AccountStatement:
    """Every use and every consent with money of its own that the file is about, as
    :func:`~verifier.rules.money.statement.make_statement` takes them. Raises :class:`NoAccount`."""
    return make_statement(
        opened.context,
        _good(opened, _usage_rows(opened), Usage),
        consents=(one for one in _good(opened, _consent_rows(opened), Consent) if "money" in one.statement.sections),
        payee=payee,
        start=start,
        end=end,
        told=not opened.facts.unaudited,
    )


def _usage_rows(opened: Opened) -> Sequence[int]:
    record, question = opened.record, opened.question
    match question.kind:
        case "usage":
            return record.find(question.id)
        case "consent":
            return record.rows(f"uses:{question.id}") or ()
        case "party":
            return _book(opened)
    raise NoAccount(Sentence("usage.statement_of", kind=Sentence(f"question.{question.kind}")))


def _consent_rows(opened: Opened) -> Sequence[int]:
    """Those that the file is about; the consents of uses come with them."""
    match opened.question.kind:
        case "consent":
            return opened.record.find(opened.question.id)
        case "party":
            return _book(opened)
    return ()


def _book(opened: Opened) -> Sequence[int]:
    """The entries of a party's record book."""
    if opened.question.ask == "complete":
        raise NoAccount(Sentence("usage.statement_of_list"))
    return book_rows(opened.record, opened.question)


def _good(opened: Opened, rows: Sequence[int], kind: type[Statement]) -> Iterator[Entry]:
    """Statements of a kind, each once, by its first good copy."""
    found: dict[str, Entry] = {}
    for index in rows:
        entry = opened.record.entry(index)
        if entry is None or not isinstance(entry.statement, kind):
            continue
        if opened.context.standing(entry).standing is not Standing.VOID:
            found.setdefault(entry.statement.id, entry)
    yield from found.values()
