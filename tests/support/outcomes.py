"""What became of a submission, in a word."""

from __future__ import annotations

from registry.problems import Problem
from registry.sequencer import Outcome
from tests.support.served import Served, raw
from tests.support.world import Actor
from tests.support.world import Logged as Made


def outcome(served: Served, made: Made | Actor, *, require: bool = False) -> Outcome:
    [found] = served.service.submit([raw(served.entry(made))], require=require)
    return found


def refused(served: Served, made: Made | Actor, *, require: bool = False) -> str:
    """The code of the problem, having seen that the log did not move."""
    before = served.service.checkpoint()
    found = outcome(served, made, require=require)
    assert isinstance(found, Problem), found
    assert served.service.checkpoint() == before
    return found.code
