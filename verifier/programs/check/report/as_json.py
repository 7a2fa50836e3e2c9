"""The report for programs: one canonical JSON text, its exceptions one by one, for there may be very many.

Members are those of a verdict (protocol, section 7.3) where they mean the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.strict import MAX_INTEGER, format_instant
from verifier.evidence.question_json import format_question
from verifier.evidence.verdict_json import as_of_json, finding_json
from verifier.programs.check.batch import BatchTotals, CheckedFile, Item
from verifier.programs.check.report.words import BatchQuestion, owed
from verifier.programs.language import english

FORMAT: Final = "kembar-exceptions/1"


def render(asked: BatchQuestion, totals: BatchTotals, exceptions: Iterable[CheckedFile]) -> Iterator[str]:
    """The text in pieces. Members stand in byte order: ``exceptions`` comes between ``asked`` and ``format``."""
    yield _text({"asked": _asked(asked)})[:-1] + ',"exceptions":['
    for place, checked in enumerate(exceptions):
        yield ("," if place else "") + _text(checked_json(checked))
    yield "]," + _text({"format": FORMAT, "totals": totals_json(totals)})[1:] + "\n"


def _text(value: Json) -> str:
    return canonical.encode(value).decode()


def _asked(asked: BatchQuestion) -> dict[str, Json]:
    value: dict[str, Json] = {
        "instant": format_instant(asked.instant),
        "max_age": asked.max_age,
        "policy": asked.policy,
        "require_audited": asked.require_audited,
    }
    return value if asked.ask is None else {**value, "ask": asked.ask}


def totals_json(totals: BatchTotals) -> dict[str, Json]:
    """The counts, and what is owed by currency: sums beyond the protocol's integers are ``too_large``."""

    def bounded(amount: int) -> Json:
        return amount if amount <= MAX_INTEGER else "too_large"

    money: dict[str, Json] = {
        currency or "unknown": {
            "owed": bounded(sums.owed),
            "owed_late": bounded(sums.owed_late),
            "to_pass_on": bounded(sums.held),
            "to_pass_on_late": bounded(sums.held_late),
            "not_yet_due": bounded(sums.not_yet_due),
        }
        for currency, sums in totals.money().items()
    }
    return {
        "checked": totals.checked,
        "conclusions": dict(totals.files),
        "exceptions": totals.exceptions,
        "kinds": dict(totals.items),
        "money": money,
    }


def checked_json(checked: CheckedFile) -> dict[str, Json]:
    """One file: its ``conclusion``, and what is not as it should be as ``items``."""
    value: dict[str, Json] = {"conclusion": checked.conclusion, "file": checked.file}
    if checked.code:
        value |= {"code": checked.code, "message": checked.message}
    if checked.step:
        value["step"] = checked.step
    if checked.question is not None:
        value["question"] = dict(format_question(checked.question))
    if checked.as_of is not None:
        value["as_of"] = as_of_json(checked.as_of)
    if checked.items:
        value["items"] = [_item(item) for item in checked.items]
    return value


def _item(item: Item) -> dict[str, Json]:
    value: dict[str, Json] = {
        "kinds": list(item.kinds),
        "question": dict(format_question(item.question)),
        "reasons": [{**finding_json(row), "why": english().say(f"code.{row.code}")} for row in item.reasons],
    }
    for name, answer in (("answer", item.answer), ("authorised", item.authorised)):
        if answer is not None:
            value[name] = answer
    if item.segments:
        value["segments"] = [
            {"authorised": one.authorised, "from": format_instant(one.from_), "to": format_instant(one.to)}
            for one in item.segments
        ]
    if item.paid is not None:
        value["paid"] = item.paid.answer
        if item.paid.currency is not None:
            value["currency"] = item.paid.currency
        value["payees"] = [
            {
                "answer": line.answer,
                "due": line.due,
                "leg": line.leg,
                "outstanding": line.outstanding,
                "payee": line.payee,
                "received": line.received,
                **({} if line.due_at is None else {"due_at": format_instant(line.due_at)}),
                **({} if line.days_late is None else {"days_late": line.days_late}),
            }
            for line in owed(item)
        ]
    return value
