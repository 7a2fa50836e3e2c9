"""What is answered about one use, and about one consent."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from tests.law.naive import contract_exclusive, contract_first, contract_stops, contract_use
from tests.law.naive.contract import NO, UNKNOWN, YES, History, Untold, told, worst
from tests.law.naive.contract_case import Case
from tests.law.naive.contract_exclusive import a16
from tests.law.naive.contract_first import a18
from tests.law.naive.contract_standing import final
from tests.law.naive.contract_stops import a5, a6
from tests.law.naive.contract_use import a3, a7, a8, a9, a10, a11, a12, a13, a14, a15, a19, t4
from verifier.rules.model.record import Entry

ALWAYS: dict[str, Callable[[Case], str]] = {
    "A3": a3, "A7": a7, "A8": a8, "A9": a9, "A11": a11, "A19": a19,
}  # fmt: skip
"""Rules that say the same at every instant."""


def t2(case: Case, t: int) -> str:
    """Whether the checkpoint still says what holds, as far as a clock can tell."""
    if case.history.clock_behind:
        return UNKNOWN
    return UNKNOWN if case.history.stale and t >= case.history.as_of else YES


TIMED: dict[str, Callable[[Case, int], str]] = {
    "T2": t2, "A18": a18, "T4": t4, "A5": a5, "A6": a6, "A10": a10, "A12": a12, "A13": a13, "A14": a14, "A15": a15,
    "A16": a16,
}  # fmt: skip
FOREVER = 1 << 40
TIMELESS = ("A5", "A12", "A13", "A14", "A15", "A18")
"""Rules that may say one thing at whatever time, so that it does not matter when, or whether, the use ran."""
SOFT = ("A5", "A6", "A10", "A12", "A13", "A14", "A15", "A16", "A18")
"""Rules whose no cannot be told after an end that was reported too late."""

WORDS = {YES: "AUTHORISED", UNKNOWN: "CANNOT_TELL", NO: "NOT_AUTHORISED"}

VOID_RULES = {
    "repeated": "A0", "void_parties": "A0", "void_signers": "A1", "void_power": "A2", "void_replaced": "A5",
    "void_ahead": "T6", "void_late": "T8", "void_ruling": "A20", "key_disputed": "A20",
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """``rules`` holds those that say no or cannot tell; ``segments`` (from, to, answer); None: they cannot be told."""

    authorised: str
    segments: tuple[tuple[int, int, str], ...] | None
    rules: dict[str, str]


def lasts(case: Case, rule: str) -> str:
    """What a rule says at whatever time; yes where it says this and that."""
    said = {told(lambda at=at: TIMED[rule](case, at)) for at in (0, FOREVER)}  # type: ignore[misc]
    if said == {NO, UNKNOWN} and rule in TIMELESS:
        return UNKNOWN
    return said.pop() if len(said) == 1 and (rule in TIMELESS or UNKNOWN in said) else YES


def decide_usage(history: History, u: Entry, until: int | None = None) -> Answer:
    """In this world. ``until``: of a use that has begun by then nothing later is looked at."""
    if why := final(history, u):
        return Answer(WORDS[NO], (), {VOID_RULES[one]: NO for one in why})
    case = Case(history, u)
    rules = {rule: told(lambda judge=judge: judge(case)) for rule, judge in ALWAYS.items()}  # type: ignore[misc]
    lasting = {rule: lasts(case, rule) for rule in TIMED}
    try:
        start, end, soft = case.window()
    except Untold:  # nobody knows when it runs: only what is forbidden at whatever time can be told
        rules |= {rule: NO if said == NO and rule != "A18" else UNKNOWN for rule, said in lasting.items()}
        return Answer(WORDS[worst([*rules.values(), UNKNOWN])], None, rules)
    begun = until is None or start < until
    if until is not None and begun:
        end = min(end, until)
    rules |= lasting
    whole = worst(list(rules.values()))
    points = {start, case.history.as_of}
    for instants in (
        contract_stops.instants,
        contract_use.instants,
        contract_exclusive.instants,
        contract_first.instants,
    ):
        with suppress(Untold):
            for at in instants(case):
                points |= {at - 1, at, at + 1}
    if soft is not None:
        points.add(soft)
    cut: list[tuple[int, int, str]] = []
    inside = sorted(at for at in points if start <= at < end)
    for at, next_ in zip(inside, [*inside[1:], end], strict=False):
        answers = [whole]
        for rule, judge in TIMED.items():
            said = told(lambda judge=judge, at=at: judge(case, at))  # type: ignore[misc]
            if said == NO and soft is not None and at >= soft and rule in SOFT and lasting.get(rule) != NO:
                said = UNKNOWN
            rules[rule] = worst([rules.get(rule, YES), said])
            answers.append(said)
        word = WORDS[worst(answers)]
        if cut and cut[-1][2] == word:
            cut[-1] = (cut[-1][0], next_, word)
        else:
            cut.append((at, next_, word))
    words = [word for _, _, word in cut]
    authorised = next((word for word in ("NOT_AUTHORISED", "CANNOT_TELL") if word in words), WORDS[whole])
    return Answer(authorised, tuple(cut) if begun else (), {rule: said for rule, said in rules.items() if said != YES})
