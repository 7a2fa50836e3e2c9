"""What all forms of the report have in common: what was asked, and the words for it."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.base.values import value
from verifier.programs.check.batch import Item, is_late
from verifier.rules.model.results import RuleResult
from verifier.rules.money.money_rules import PayeeLine
from verifier.words.catalogue import MAX_LISTED, Catalogue


@value
class BatchQuestion:
    """What a batch was asked: for which instant, under which policy (the SHA-256 of its file), and how strictly."""

    instant: int
    policy: str
    max_age: int
    require_audited: bool
    ask: str | None


def said(item: Item, words: Catalogue) -> str:
    """The answers about it, as in "NOT AUTHORISED, PAID"."""
    answers = (item.answer, item.authorised, None if item.paid is None else item.paid.answer)
    return ", ".join(words.say(f"answer.{one}") for one in answers if one is not None)


def owed(item: Item) -> Iterator[PayeeLine]:
    """The payees who did not get all, got it late, or of whom it cannot be told."""
    if item.paid is not None:
        for line in item.paid.payees:
            if line.answer != "PAID" or is_late(line):
                yield line


def late(line: PayeeLine, words: Catalogue) -> str:
    """How late a payment is, in words; nothing where it is not, or where that cannot be told."""
    return words.say("days", n=line.days_late or 0) if is_late(line) else ""


def when(instant: int | None, words: Catalogue) -> str:
    """An instant for people, or nothing."""
    return "" if instant is None else words.moment(instant)


def entries(row: RuleResult, words: Catalogue) -> str:
    """The entries that a rule's result rests on; of many, the first ten."""
    shown = [words.number(index) for index in row.entries]
    return ", ".join(shown) if len(shown) <= MAX_LISTED else words.listed(shown)
