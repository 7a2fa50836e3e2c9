"""Results that hold for a while: in a use's window, and how they are cut into segments (RULES, Verdicts)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from verifier.base.values import replace, value
from verifier.rules.model.context import Unread
from verifier.rules.model.record import Entry
from verifier.rules.model.results import Result, TimedResult, answer, worst

FOREVER = 2**62
"""An end that never comes; beyond every instant of the protocol."""


@value
class Segment:
    """One stretch [from, to) of a use's window with one answer; POSIX seconds."""

    from_: int
    to: int
    authorised: str


def always(result: Result, code: str, *entries: int) -> TimedResult:
    """A result that does not depend on time."""
    return TimedResult(start=-FOREVER, end=FOREVER, result=result, code=code, entries=entries)


def during(start: int, end: int, result: Result, code: str, *entries: int) -> TimedResult:
    """A result for [start, end)."""
    return TimedResult(start=start, end=end, result=result, code=code, entries=entries)


def unread(section: Unread, entry: Entry) -> TimedResult:
    """What a rule answers that turns on a section of an entry which this reader cannot read."""
    return always(Result.UNKNOWN, section.code, *(section.entries or (entry.index,)))


class CannotJudge(Exception):
    """Raised where a rule needs what cannot be read, with its answer; caught where the rule is asked."""

    def __init__(self, *answer: TimedResult) -> None:
        super().__init__(answer[0].code)
        self.answer = list(answer)


def timeless(timed: TimedResult) -> bool:
    """Whether a result holds always."""
    return timed.start == -FOREVER and timed.end == FOREVER


def within(results: Iterable[TimedResult], start: int, end: int) -> list[TimedResult]:
    """The results that matter to a window [start, end): those that hold always, and the overlap of the others."""
    kept = []
    for timed in results:
        if timeless(timed):
            kept.append(timed)
        elif (a := max(timed.start, start)) < (b := min(timed.end, end)):
            kept.append(replace(timed, start=a, end=b))
    return kept


def as_unknown(
    results: Iterable[TimedResult], start: int, end: int, code: str, entries: tuple[int, ...]
) -> list[TimedResult]:
    """Turn FAIL into UNKNOWN (``code``) in [start, end): there it cannot be told whether the use still ran."""
    soft = []
    for timed in results:
        a, b = max(timed.start, start), min(timed.end, end)
        if timed.result is not Result.FAIL or timeless(timed) or a >= b:
            soft.append(timed)
            continue
        pieces = replace(timed, end=a), during(a, b, Result.UNKNOWN, code, *entries), replace(timed, start=b)
        soft.extend(piece for piece in pieces if piece.start < piece.end)
    return soft


def segments(results: Sequence[TimedResult], start: int, end: int) -> tuple[Segment, ...]:
    """The window [start, end) cut wherever the answer changes."""
    fixed = worst(timed.result for timed in results if timeless(timed))
    changes: dict[int, list[tuple[Result, int]]] = {}
    for timed in results:
        if timed.start < timed.end and not timeless(timed):
            changes.setdefault(max(timed.start, start), []).append((timed.result, 1))
            changes.setdefault(max(timed.end, start), []).append((timed.result, -1))
    running = dict.fromkeys(Result, 0)  # how many of each hold, so that many take no long time
    found: list[Segment] = []
    for a, b in pairwise(sorted({start, end, *(at for at in changes if start < at < end)})):
        for one, by in changes.get(a, ()):
            running[one] += by
        result = worst([fixed, *(one for one, count in running.items() if count)])
        word = answer(result, yes="AUTHORISED", no="NOT_AUTHORISED")
        if found and found[-1].authorised == word:
            found[-1] = Segment(from_=found[-1].from_, to=b, authorised=word)
        else:
            found.append(Segment(from_=a, to=b, authorised=word))
    return tuple(found)
