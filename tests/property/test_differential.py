"""The rules and the naive evaluator agree on random histories: standing, answers, segments and every rule's result.

``scripts/test tests/property --histories 10000`` looks at more of them. A history is its number, so that one on which
they part can be drawn again: ``tests.property.histories.draw(number)``, and made smaller with ``shrink``.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.naive.contract import NO, UNKNOWN, YES, History, worlds
from tests.naive.contract_decide import decide_usage
from tests.naive.contract_standing import final
from tests.property.histories import Drawn, draw
from verifier.question import Question
from verifier.rules.contract import Contract, Standing
from verifier.rules.decide import Facts, decide
from verifier.rules.logic import Result

SHARDS = 10
DEFINED_ELSEWHERE = {"T2", "T7", "A4", "A17", *(f"M{number}" for number in range(1, 9))}
"""Rows that say no more than others do, or that the money laws hold against a naive evaluator of their own."""
WORDS = {Result.FAIL: NO, Result.UNKNOWN: UNKNOWN}


def history_of(drawn: Drawn) -> History:
    """The same log, as the naive evaluator reads it."""
    return History(
        genesis=drawn.genesis,
        entries=drawn.entries,
        sections=drawn.sections,
        instant=drawn.instant,
        as_of=drawn.as_of,
        stale=drawn.instant > drawn.as_of + drawn.max_age,
    )


def standings(drawn: Drawn, history: History, contract: Contract) -> Iterator[str]:
    """Where the two part on whether an entry has effect, and why not."""
    for entry in drawn.entries:
        judged = contract.standing(entry)
        reasons = list(worlds(history, lambda world, entry=entry: tuple(final(world, entry))))  # type: ignore[misc]
        effects = {not reason for reason in reasons}
        wanted = Standing.DOUBTFUL if len(effects) > 1 else Standing.GOOD if effects == {True} else Standing.VOID
        forked = judged.standing is Standing.DOUBTFUL and len(reasons) > 1
        if judged.standing is not wanted and not forked:
            yield f"entry {entry.index}, {entry.statement.type}: {judged}, but {wanted} by {reasons}"
        elif wanted is Standing.VOID and judged.code not in reasons[0]:
            yield f"entry {entry.index}, {entry.statement.type}: {judged.code}, but {reasons[0]}"


def answers(drawn: Drawn, history: History, contract: Contract) -> Iterator[str]:
    """Where the two part on a usage."""
    facts = Facts(instant=drawn.instant, as_of=drawn.as_of, basis="audited", rules=1, max_age=drawn.max_age)
    for usage in drawn.usages():
        id = usage.statement.id
        copies = [entry for entry in drawn.entries if entry.statement.id == id]
        good = [entry for entry in copies if contract.standing(entry).standing is Standing.GOOD]
        entry = (good or [usage])[0]
        standing = contract.standing(entry).standing
        said = list(worlds(history, lambda world, entry=entry: decide_usage(world, entry)))  # type: ignore[misc]
        if standing is Standing.DOUBTFUL or len(said) > 1:
            continue
        naive = said[0]
        found = decide(drawn.record(), Question(kind="usage", id=id), facts, money=False)
        if found.authorised != naive.authorised:
            yield f"usage {entry.index}: {found.authorised}, but {naive.authorised}"
        rows = {
            row.rule: WORDS[row.result]
            for row in found.rules
            if row.result in WORDS and row.rule not in DEFINED_ELSEWHERE
        }
        if standing is Standing.VOID:
            if not rows or not set(rows) <= set(naive.rules):
                yield f"usage {entry.index}, void: {rows}, but {naive.rules}"
        elif naive.segments is None:
            for rule, word in naive.rules.items():
                if (word == NO and rule not in rows) or (word == YES and rule in rows):
                    yield f"usage {entry.index}, no window, {rule}: {rows.get(rule)}, but {word}"
        else:
            replaced = any(row.code == "replaced" for row in found.rules)
            for rule in sorted((set(rows) | set(naive.rules)) - DEFINED_ELSEWHERE - ({"A6"} if replaced else set())):
                if rows.get(rule) != naive.rules.get(rule):
                    yield f"usage {entry.index}, {rule}: {rows.get(rule)}, but {naive.rules.get(rule)}"
            segments = tuple((one.from_, one.to, one.authorised) for one in found.segments)
            if segments != naive.segments and "A18" not in rows:
                yield f"usage {entry.index}: {segments}, but {naive.segments}"


def differences(number: int) -> list[str]:
    """Everything on which the two part in one history; answers are compared only where standings agree."""
    drawn = draw(number)
    history = history_of(drawn)
    contract = Contract(drawn.record(), instant=drawn.instant, as_of=drawn.as_of)
    return list(standings(drawn, history, contract)) or list(answers(drawn, history, contract))


@pytest.mark.parametrize("shard", range(SHARDS))
def test_the_rules_say_what_their_words_say(shard: int, pytestconfig: pytest.Config) -> None:
    histories: int = pytestconfig.getoption("histories")
    parted = {number: found for number in range(shard, histories, SHARDS) if (found := differences(number))}
    assert parted == {}
