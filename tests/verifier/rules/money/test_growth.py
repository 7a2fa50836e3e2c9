"""What a record book costs grows with what is in it, and not with its square."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

from tests.support.world import World
from verifier.rules.decide import Facts, decide
from verifier.rules.model.question import Question
from verifier.rules.standing.judged import JudgedContext


def calls(work: Callable[[], object]) -> int:
    """How many Python functions are called."""
    count = 0

    def one(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(one)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def book_of(uses: int) -> int:
    """Calls for all answers about a licensee with so many uses of one consent, each with a receipt."""
    world = World()
    anna, brand = world.party("anna", roles=["model"]), world.party("brand", roles=["licensee"])
    consent = world.consent(model=anna, licensee=brand)
    world.advance("1d")
    with world.batch():
        for number in range(uses):
            world.usage(consent, [f"{number}.jpg"])
            world.receipt(consent, payee=anna, amount=1, reference=f"R{number}")
    record, facts = world.record(), Facts(instant=world.now, as_of=world.now, basis="audited", rules=2, max_age=10**9)
    context = JudgedContext(record, instant=world.now, as_of=world.now)
    return calls(lambda: decide(record, Question(kind="party", id=brand.id), facts, context))


def test_twice_the_uses_are_twice_the_work() -> None:
    few, many = book_of(40), book_of(80)
    assert many < 2.3 * few
