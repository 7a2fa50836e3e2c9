"""Uses under a condition of payment, told day by day."""

from __future__ import annotations

from typing import Any

from tests.support.money_story import Hiding, Story
from verifier.base.strict import parse_instant
from verifier.rules.decide import Decision, Facts, decide
from verifier.rules.model.question import Question
from verifier.rules.model.record import Record

DAY = 86_400


START = parse_instant("2026-01-02T00:00:00Z")
"""When the first thing of a story is logged after its consent."""


def day(number: int, seconds: int = 0) -> int:
    """So many days, and seconds, after that."""
    return START + number * DAY + seconds


def told(terms: dict[str, Any]) -> Story:
    story = Story()
    story.fees[:] = [{"per": "flat", "amount": 10_000}]
    story.consent_options["terms"] = terms
    return story


def asked(s: Story, place: int = 0, *, at: int | None = None, max_age: int = 1000 * DAY) -> Decision:
    instant = s.world.now if at is None else at
    facts = Facts(instant=instant, as_of=s.world.now, basis="audited", rules=2, max_age=max_age)
    record: Record = s.world.record()
    if s.hidden_lists or s.hidden_sections:
        record = Hiding(record, s.hidden_lists, s.hidden_sections)
    return decide(record, Question(kind="usage", id=s.usages[place].id), facts)


def a18(decision: Decision) -> str:
    (row,) = [row for row in decision.rules if row.rule == "A18"]
    return f"{row.result.value} {row.code}"


PASS, NOT_PREPAID, NOT_YET = "PASS ok", "FAIL not_prepaid", "UNKNOWN not_yet"


def use(s: Story, **more: Any) -> None:
    s.use(terms={"starts": day(3), "ends": day(33)}, **more)
    s.world.set_clock(day(10))
