"""The report for spreadsheets (RFC 4180, UTF-8): a row for each reason, and one for each payee who waits for money."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from verifier.base.strict import format_instant
from verifier.base.values import fields, value
from verifier.programs.check.batch import CheckedFile, Item
from verifier.programs.check.report.words import owed
from verifier.programs.csv_lines import csv_line
from verifier.programs.language import tell
from verifier.words.catalogue import Catalogue


@value
class ExceptionRow:
    """One row; the columns are its fields. Amounts are minor units, entries are apart by spaces."""

    file: str
    exception: str
    question: str = ""
    id: str = ""
    answer: str = ""
    rule: str = ""
    result: str = ""
    code: str = ""
    why: str = ""
    entries: str = ""
    payee: str = ""
    leg: str = ""
    currency: str = ""
    due: int | str = ""
    received: int | str = ""
    outstanding: int | str = ""
    due_at: str = ""
    days_late: int | str = ""
    as_of: str = ""


COLUMNS: Final = tuple(one.name for one in fields(ExceptionRow))


def render(exceptions: Iterable[CheckedFile], words: Catalogue) -> Iterator[str]:
    """The header and the rows."""
    yield csv_line(words.say(f"column.{name}") for name in COLUMNS)
    for checked in exceptions:
        for row in rows(checked, words):
            yield csv_line([getattr(row, name) for name in COLUMNS])


def rows(checked: CheckedFile, words: Catalogue) -> Iterator[ExceptionRow]:
    """The rows of one file."""
    if not checked.items:
        why = tell(checked.message, words)
        yield ExceptionRow(file=checked.file, exception=checked.conclusion, code=checked.code, why=why)
    for item in checked.items:
        yield from _rows(checked, item, words)


def _rows(checked: CheckedFile, item: Item, words: Catalogue) -> Iterator[ExceptionRow]:
    assert checked.as_of is not None
    kinds = " ".join(item.kinds)
    answers = (item.answer, item.authorised, None if item.paid is None else item.paid.answer)
    common = {
        "file": checked.file,
        "exception": kinds,
        "question": item.question.kind,
        "id": item.question.id,
        "answer": " ".join(one for one in answers if one is not None),
        "as_of": format_instant(checked.as_of.at),
    }
    for reason in item.reasons:
        yield ExceptionRow(
            **common,
            rule=reason.rule,
            result=reason.result.value,
            code=reason.code,
            why=words.say(f"code.{reason.code}"),
            entries=" ".join(map(str, reason.entries)),
        )
    lines = list(owed(item))
    for line in lines:
        assert item.paid is not None
        yield ExceptionRow(
            **common,
            payee=line.payee,
            leg=line.leg,
            currency=item.paid.currency or "",
            due=line.due,
            received=line.received,
            outstanding=line.outstanding,
            due_at="" if line.due_at is None else format_instant(line.due_at),
            days_late="" if line.days_late is None else line.days_late,
        )
    if not item.reasons and not lines:
        yield ExceptionRow(**common)
