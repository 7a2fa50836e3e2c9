"""What all forms of the report have in common: what was asked, and the words for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from verifier.base.currencies import format_money
from verifier.base.values import value
from verifier.evidence.explain import ANSWERS, LEGS, TITLES, moment
from verifier.programs.check.batch import Item, is_late
from verifier.rules.model.codes import SENTENCES
from verifier.rules.model.results import RuleResult
from verifier.rules.money.money_rules import PayeeLine


@value
class BatchQuestion:
    """What a batch was asked: for which instant, under which policy (the SHA-256 of its file), and how strictly."""

    instant: int
    policy: str
    max_age: int
    require_audited: bool
    ask: str | None


KIND_WORDS: Final = {
    "fault": "not checked: a fault in this program", "invalid": "invalid evidence", "unreadable": "cannot be read",
    "not_in_force": "not in force", "not_registered": "not registered", "unauthorised": "unauthorised",
    "unpaid": "unpaid", "late": "late", "cannot_tell": "cannot be told",
}  # fmt: skip

CONCLUSION_WORDS: Final = {
    "yes": "every answer is yes", "no": "some answer is no", "cannot_tell": "some answer cannot be told",
    "invalid": "invalid evidence", "unreadable": "cannot be read", "fault": "not checked: a fault in this program",
}  # fmt: skip

ABOUT: Final = {"usage": "use", "consent": "consent", "party": "party", "asset": "file"}
"""What a question is about, in a word for people."""

ONCE: Final = (
    "A use that several files are about counts once, as the file with the latest checkpoint has it. "
    "What cannot be told is in no sum."
)
LIMITS: Final = (
    "A registrar vouches for who the parties are; a use that nobody declared does not show.",
    "An answer holds as of the checkpoint in its file, and under the trust policy that is named here.",
)


def said(item: Item) -> str:
    """The answers about it, as in "NOT AUTHORISED, PAID"."""
    answers = (item.answer, item.authorised, None if item.paid is None else item.paid.answer)
    return ", ".join(ANSWERS[one] for one in answers if one is not None)


def why(row: RuleResult) -> str:
    """A rule's sentence."""
    return SENTENCES[row.code]


def title(rule: str) -> str:
    """What a rule is about."""
    return TITLES[rule]


def owed(item: Item) -> Iterator[PayeeLine]:
    """The payees who did not get all, got it late, or of whom it cannot be told."""
    if item.paid is not None:
        for line in item.paid.payees:
            if line.answer != "PAID" or is_late(line):
                yield line


def leg(line: PayeeLine) -> str:
    """Which way it goes."""
    return LEGS[line.leg]


def late(line: PayeeLine) -> str:
    """How late a payment is, in words; nothing where it is not, or where that cannot be told."""
    if not is_late(line):
        return ""
    return f"{line.days_late:,} {'day' if line.days_late == 1 else 'days'}"


def when(instant: int | None) -> str:
    """An instant for people, or nothing."""
    return "" if instant is None else moment(instant)


def money(amount: int, currency: str | None) -> str:
    """An amount for people."""
    return format_money(amount, currency)


def entries(row: RuleResult) -> str:
    """The entries that a rule's result rests on; of many, the first ten."""
    shown = ", ".join(f"{index:,}" for index in row.entries[:10])
    more = len(row.entries) - 10
    return f"{shown} and {more:,} more" if more > 0 else shown
