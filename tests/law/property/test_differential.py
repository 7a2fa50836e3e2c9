"""The rules and the naive evaluator agree on random histories: standing, answers, segments, every rule, and money.

``scripts/test tests/property --histories 10000`` looks at more of them, ``--first-history 10000`` at others. A history
is its number, so that one on which they part can be drawn again: ``differences(number)`` says on what,
``smaller(number)`` what of the history it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Literal, TypeVar

import pytest

from tests.law.happenings import draw
from tests.law.histories import Drawn, shrink, tell
from tests.law.naive.contract import NO, UNKNOWN, YES, History, Untold, worlds
from tests.law.naive.contract_came import repeated
from tests.law.naive.contract_case import Case, Grant
from tests.law.naive.contract_consent import Warned, commission, decide_consent, warned
from tests.law.naive.contract_decide import Answer, decide_usage
from tests.law.naive.contract_first import wrongly_released
from tests.law.naive.contract_lines import unpriced
from tests.law.naive.contract_money import CANNOT_TELL, NOT_YET_DUE, PAID, Paid, Row, overpaid, paid, paid_of_consent
from tests.law.naive.contract_standing import final
from tests.support.money_story import Hiding
from verifier.rules.decide import Decision, Facts, decide
from verifier.rules.model.context import Context, Standing
from verifier.rules.model.question import ANSWERS, Question
from verifier.rules.model.record import Entry, Record
from verifier.rules.model.results import Result
from verifier.rules.standing.judged import JudgedContext
from verifier.statements.types import Consent, Statement, Usage

T = TypeVar("T")

SHARDS = 10
NOT_HELD = {"T2", "T7", "A4", "A17", *(f"M{number}" for number in range(1, 9))}
"""Rows that the naive evaluator does not have: they say what others do, or why money's answers are what they are."""
NOT_WARNED = ("clashes", "overpaid", "stale")
PASSING = ("ok", "not_applicable", "ruled", "silence")
WORDS = {Result.FAIL: NO, Result.UNKNOWN: UNKNOWN}
SHOWN = ("party", "registry", "erased")
"""Lists that are not hidden: step 13 wants the registry's, and the others stand for more than they say."""


def history_of(drawn: Drawn, lists: frozenset[str] = frozenset(), sections: Sequence[tuple[int, str]] = ()) -> History:
    """The same log, as the naive evaluator reads it."""
    return History(
        genesis=drawn.genesis,
        entries=drawn.entries,
        sections=drawn.sections,
        instant=drawn.instant,
        as_of=drawn.as_of,
        stale=drawn.instant > drawn.as_of + drawn.max_age,
        clock_behind=drawn.by_clock and drawn.instant < drawn.as_of - 300,
        hidden_lists=lists,
        hidden_sections=frozenset(sections),
    )


def context_of(drawn: Drawn, record: Record) -> Context:
    return JudgedContext(record, instant=drawn.instant, as_of=drawn.as_of)


def facts_of(drawn: Drawn) -> Facts:
    return Facts(
        instant=drawn.instant,
        as_of=drawn.as_of,
        basis="audited",
        rules=2,
        max_age=drawn.max_age,
        by_clock=drawn.by_clock,
    )


def decided(drawn: Drawn, record: Record, asked: Entry) -> Decision:
    kind: Literal["usage", "consent"] = "usage" if isinstance(asked.statement, Usage) else "consent"
    return decide(record, Question(kind=kind, id=asked.statement.id), facts_of(drawn))


def counting(drawn: Drawn, context: Context, kind: type[Statement] = Usage) -> list[Entry]:
    """Of each statement of a type the copy that is asked of: the first good one, else a doubtful, else a void one."""
    found = []
    for usage in drawn.first_copies(kind):
        copies = [entry for entry in drawn.entries if entry.statement.id == usage.statement.id]
        of = {one: [entry for entry in copies if context.standing(entry).standing is one] for one in Standing}
        found.append((of[Standing.GOOD] or of[Standing.DOUBTFUL] or copies)[0])
    return found


# ---- all shown


def standings(drawn: Drawn, history: History, context: Context) -> Iterator[str]:
    """Where the two part on whether an entry has effect, and why not.

    An entry that may be void for this or for that is void; the rules may leave it in doubt as long as it is open which.
    """
    for entry in drawn.entries:
        judged = context.standing(entry)
        reasons = list(worlds(history, why(entry)))
        effects = {not reason for reason in reasons}
        wanted = Standing.DOUBTFUL if len(effects) > 1 else Standing.GOOD if effects == {True} else Standing.VOID
        forked = judged.standing is Standing.DOUBTFUL and len(reasons) > 1
        if judged.standing is not wanted and not forked:
            yield f"{entry.statement.type} {entry.index}: {judged}, but {wanted} by {reasons}"
        elif judged.standing is Standing.VOID and judged.code not in reasons[0]:
            yield f"{entry.statement.type} {entry.index}: {judged.code}, but {reasons[0]}"


def why(entry: Entry) -> Callable[[History], tuple[str, ...]]:
    return lambda world: tuple(final(world, entry))


def asked(entry: Entry) -> Callable[[History], Answer]:
    judge = decide_usage if isinstance(entry.statement, Usage) else decide_consent
    return lambda world: judge(world, entry)


def paid_of(entry: Entry) -> Callable[[History], Paid]:
    if isinstance(entry.statement, Usage):
        return lambda world: paid(Case(world, entry))
    return lambda world: paid_of_consent(world, entry)


def answers(drawn: Drawn, history: History, record: Record, context: Context) -> Iterator[str]:
    """Where the two part on a usage. Where a key is disputed, only where it matters to nothing."""
    for entry in counting(drawn, context):
        standing = context.standing(entry).standing
        said = list(worlds(history, asked(entry)))
        if standing is Standing.DOUBTFUL or len(said) > 1:
            continue
        [naive], found, name = said, decided(drawn, record, entry), f"usage {entry.index}"
        yield from unexplained(name, found)
        if found.authorised != naive.authorised:
            yield f"{name}: {found.authorised}, but {naive.authorised}"
        rows = {row.rule: WORDS[row.result] for row in found.rules if row.result in WORDS and row.rule not in NOT_HELD}
        if standing is Standing.VOID:
            if not rows or not rows.keys() <= naive.rules.keys() or found.paid is not None:
                yield f"{name}, void: {rows}, but {naive.rules}"
            continue
        if naive.segments is None:
            for rule, word in naive.rules.items():
                if (word == NO and rule not in rows) or (word == YES and rule in rows):
                    yield f"{name}, no window, {rule}: {rows.get(rule)}, but {word}"
        else:
            late = {"A6"} if replaced_before(drawn, context, entry) else set()
            for rule in sorted((rows.keys() | naive.rules.keys()) - NOT_HELD - late):
                if rows.get(rule) != naive.rules.get(rule):
                    yield f"{name}, {rule}: {rows.get(rule)}, but {naive.rules.get(rule)}"
            segments = tuple((one.from_, one.to, one.authorised) for one in found.segments)
            if segments != naive.segments:
                yield f"{name}: {segments}, but {naive.segments}"
        yield from money(name, history, context, entry, found)
        yield from warnings(name, history, entry, found)
        if naive.segments is not None:
            yield from then(drawn, context, entry, found)
        yield from alone(drawn, record, entry, found)


def then(drawn: Drawn, context: Context, entry: Entry, found: Decision) -> Iterator[str]:
    """Where the two part on what held at the checkpoint, which is told while it is stale."""
    name, earlier = f"{entry.statement.type} {entry.index}, then", replace(drawn, instant=drawn.as_of, by_clock=False)
    if (found.then is not None) is not history_of(drawn).stale:
        yield f"{name}: {found.then}"
    if found.then is None:
        return
    history, usage = history_of(earlier), isinstance(entry.statement, Usage)
    decide = (lambda world: decide_usage(world, entry, drawn.as_of)) if usage else asked(entry)
    for naive in surely(history, decide):
        answer = found.then.authorised if usage else found.then.answer
        if answer != naive.authorised:
            yield f"{name}: {answer}, but {naive.authorised}"
        segments = tuple((one.from_, one.to, one.authorised) for one in found.then.segments)
        if usage and segments != naive.segments:
            yield f"{name}: {segments}, but {naive.segments}"
    yield from money(name, history, context, entry, found.then)


def alone(drawn: Drawn, record: Record, entry: Entry, found: Decision) -> Iterator[str]:
    """Who asks for one answer is told that one, and the same as who asks for both."""
    kind: Literal["usage", "consent"] = "usage" if isinstance(entry.statement, Usage) else "consent"
    for ask in ANSWERS[kind]:
        question, name = Question(kind=kind, id=entry.statement.id, ask=ask), f"{kind} {entry.index}, {ask} alone"
        one = decide(record, question, facts_of(drawn))
        for now, full in ((one, found), (one.then, found.then)):
            if now is None or full is None:
                if now is not full:
                    yield f"{name}: {now}, but {full}"
                continue
            paid = question.money
            wanted = (None, None, full.paid) if paid else (full.answer, full.authorised, None)
            if (now.answer, now.authorised, now.paid) != wanted or (not paid and now.segments != full.segments):
                yield f"{name}: {now.answer} {now.authorised} {now.paid}, but {wanted}"


def consents(drawn: Drawn, history: History, record: Record, context: Context) -> Iterator[str]:
    """Where the two part on whether a consent is in force."""
    for entry in counting(drawn, context, Consent):
        said = list(worlds(history, lambda world, entry=entry: decide_consent(world, entry)))  # type: ignore[misc]
        if context.standing(entry).standing is Standing.DOUBTFUL or len(said) > 1:
            continue
        [naive], found, name = said, decided(drawn, record, entry), f"consent {entry.index}"
        yield from unexplained(name, found)
        rows = {row.rule: WORDS[row.result] for row in found.rules if row.result in WORDS and row.rule not in NOT_HELD}
        wanted = {rule: word for rule, word in naive.rules.items() if rule not in NOT_HELD}
        void = context.standing(entry).standing is Standing.VOID
        if found.answer != naive.authorised or (rows != wanted and not (void and rows.items() <= wanted.items())):
            yield f"{name}: {found.answer} {rows}, but {naive.authorised} {wanted}"
        if not void:
            yield from money(name, history, context, entry, found)
            yield from warnings(name, history, entry, found)
            yield from then(drawn, context, entry, found)
            yield from alone(drawn, record, entry, found)


def warnings(name: str, history: History, entry: Entry, found: Decision) -> Iterator[str]:
    """Where the two part on what is warned of; of clashes it knows nothing. Of over-payment it knows the first entry
    of each transfer."""
    usage = isinstance(entry.statement, Usage)

    def warn(world: History) -> Warned:
        case = Case(world, entry) if usage else Grant(world, entry)
        of_money = {"commission_cap": commission(case), "reference_repeated": repeated(case)}
        of_money["unpriced"] = {entry.index} if usage and unpriced(case) else set()
        of_money["not_overdue"] = set() if usage else wrongly_released(case)
        return {**warned(case), **{code: entries for code, entries in of_money.items() if entries}}

    said = [{code: one[code] for code in one if code not in NOT_WARNED} for one in worlds(history, warn)]
    codes = {note.code: set(note.entries) for note in found.warnings if note.code not in NOT_WARNED}
    if len(said) == 1 and codes != said[0]:
        yield f"{name}: warns of {codes}, but {said[0]}"
    over = {index for note in found.warnings if note.code == "overpaid" for index in note.entries}
    surplus = list(worlds(history, lambda world: overpaid(world, (Case if usage else Grant)(world, entry).c)))
    if found.paid is not None and not found.paid.payees and not over:
        return  # of money of which nothing can be told there is no surplus either (M6)
    if len(surplus) == 1 and surplus[0] is not None and (bool(over) != bool(surplus[0]) or not surplus[0] <= over):
        yield f"{name}: warns of {over} as over-payment, but {surplus[0]}"


def unexplained(name: str, found: Decision) -> Iterator[str]:
    """Rows that say no, or cannot tell, and do not say why."""
    for row in found.rules:
        if row.result in WORDS and row.code in PASSING:
            yield f"{name}, {row.rule}: {row.result} for the reason {row.code}"


def replaced_before(drawn: Drawn, context: Context, usage: Entry) -> bool:
    """Whether its consent had been replaced: A5 forbids it then, and A6 has nothing to add."""
    consent = getattr(usage.statement, "consent", "")
    return any(
        isinstance(entry.statement, Consent) and entry.statement.follows == consent and entry.index < usage.index
        and context.standing(entry).standing is not Standing.VOID
        for entry in drawn.entries
    )  # fmt: skip


def money(name: str, history: History, context: Context, entry: Entry, found: Decision) -> Iterator[str]:
    """Where the two part on what is paid."""
    said = list(worlds(history, paid_of(entry)))
    if len(said) > 1 or found.paid is None:
        return
    [naive] = said
    if found.paid.answer != naive.answer and not (found.paid.answer == CANNOT_TELL and disputed(context, history)):
        yield f"{name}: {found.paid.answer}, but {naive.answer}"
    if naive.lines is None or not found.paid.payees:
        return
    lines = [
        (one.payee, one.leg, one.of, one.answer, one.due, one.received, one.due_at, one.days_late)
        for one in found.paid.payees
    ]
    if something(lines) != something(naive.lines):
        yield f"{name}: {something(lines)}, but {something(naive.lines)}"


def something(lines: Sequence[Row]) -> list[Row]:
    """Lines about something; whether a consent that owes nothing has lines says nothing."""
    return [line for line in lines if line[2] == "usage" or line[3] != "PAID" or any(line[4:6])]


def disputed(context: Context, history: History) -> bool:
    return any(context.standing(entry).standing is Standing.DOUBTFUL for entry in history.entries)


# ---- something hidden


def hidden_of(drawn: Drawn) -> tuple[frozenset[str], list[tuple[int, str]]]:
    """Some lists and sections that a reader is not shown."""
    random = Random(drawn.seed)
    subjects = sorted(one for one in history_of(drawn).lists if one.partition(":")[0] not in SHOWN)
    lists = frozenset(random.sample(subjects, random.choice([0, 1, 1, 2, 3])))
    # Who is not shown the list of a usage is not shown that of its consent's usages, which holds the same and more.
    kinds = [one.partition(":") for one in lists]
    lists |= {f"uses:{ids.partition('.')[0]}" for kind, _, ids in kinds if kind == "usage"}
    ids = {entry.index: entry.statement.id for entry in drawn.entries}
    sections = random.sample(sorted(drawn.sections), random.choice([0, 1, 1, 2]))
    copies = [(index, name) for first, name in sections for index, id in ids.items() if id == ids.get(first)]
    return lists, copies


def less(drawn: Drawn, whole: Record, context: Context) -> Iterator[str]:
    """With less shown nothing is turned round; and what turns on nothing that is hidden is told all the same."""
    lists, sections = hidden_of(drawn)
    ids = {entry.index: entry.statement.id for entry in drawn.entries}
    record = Hiding(whole, sorted(lists), [(ids[index], name) for index, name in sections if index in ids])
    history, shown = history_of(drawn, lists, sections), context_of(drawn, record)
    for entry in drawn.entries:
        full, found, name = context.standing(entry), shown.standing(entry), f"{entry.statement.type} {entry.index}"
        if found.standing is Standing.DOUBTFUL:
            if full.standing is not Standing.DOUBTFUL and len(surely(history, why(entry))) == 1:
                yield f"{name}, less shown: {found}, but {full}"
        elif full.standing not in (found.standing, Standing.DOUBTFUL):
            yield f"{name}, less shown: {found}, but {full}"
    yield from consents_less(drawn, whole, record, context)
    for entry in counting(drawn, context):
        first, second, name = decided(drawn, whole, entry), decided(drawn, record, entry), f"usage {entry.index}"
        yield from turned_round(name, first, second)
        if context.standing(entry).standing is not Standing.GOOD:
            continue
        rows, full_rows = ({row.rule: row.result for row in one.rules} for one in (second, first))
        # Where it cannot be told when the use ends, that is A10's to say, and the others speak of what is known.
        ends = rows["A10"] is not Result.UNKNOWN
        for rule, result in rows.items():
            was = full_rows[rule]
            wrong_no = result is Result.FAIL and was is not Result.FAIL
            wrong_yes = ends and result is not Result.UNKNOWN and was in WORDS and was is not result
            if wrong_no or wrong_yes:
                yield f"{name}, less shown, {rule}: {result}, but {was}"
        for naive in surely(history, asked(entry)):
            late = {"A6"} if replaced_before(drawn, context, entry) else set()
            for rule in rows.keys() - NOT_HELD - late if naive.segments is not None else ():
                told = naive.rules.get(rule, YES) != UNKNOWN and full_rows[rule] is not Result.UNKNOWN
                if told and rows[rule] is Result.UNKNOWN and rule not in ("A0", "A1", "A2", "A20"):
                    yield f"{name}, less shown, {rule}: unknown, but {naive.rules.get(rule, YES)}"


def consents_less(drawn: Drawn, whole: Record, record: Record, context: Context) -> Iterator[str]:
    """The same of consents: none is turned round."""
    for entry in counting(drawn, context, Consent):
        yield from turned_round(f"consent {entry.index}", decided(drawn, whole, entry), decided(drawn, record, entry))


def surely(history: History, ask: Callable[[History], T]) -> list[T]:
    """The one answer that there is by all that is shown; none where it is not enough."""
    try:
        said = list(worlds(history, ask))
    except Untold:
        return []
    return said if len(said) == 1 else []


def turned_round(name: str, full: Decision, found: Decision) -> Iterator[str]:
    """Where an answer becomes another one; NOT_YET_DUE, which money that is sure makes, says less than PAID."""
    if CANNOT_TELL not in (full.authorised, found.authorised) and full.authorised != found.authorised:
        yield f"{name}, less shown: {found.authorised}, but {full.authorised}"
    for one in full.segments:
        for other in found.segments:
            meet = max(one.from_, other.from_) < min(one.to, other.to)
            if meet and CANNOT_TELL not in (one.authorised, other.authorised) and one.authorised != other.authorised:
                yield f"{name}, less shown: {other}, but {one}"
    if len({full.answer, found.answer} - {CANNOT_TELL, None}) > 1:
        yield f"{name}, less shown: {found.answer}, but {full.answer}"
    if full.paid is not None and found.paid is not None:
        legs = {(one.payee, one.leg, one.of): one.answer for one in full.paid.payees}
        pairs = [(full.paid.answer, found.paid.answer)]
        pairs += [(legs.get((one.payee, one.leg, one.of), CANNOT_TELL), one.answer) for one in found.paid.payees]
        for said, now in pairs:
            if len({said, now} - {CANNOT_TELL}) > 1 and (said, now) != (PAID, NOT_YET_DUE):
                yield f"{name}, less shown: {now}, but {said}"


# ---- the test


def differences(number: int) -> list[str]:
    """Everything on which the two part in one history."""
    return compare(draw(number))


def compare(drawn: Drawn) -> list[str]:
    """Answers are compared only where standings agree."""
    record = drawn.record()
    history, context = history_of(drawn), context_of(drawn, record)
    found = list(standings(drawn, history, context)) or [
        *answers(drawn, history, record, context),
        *consents(drawn, history, record, context),
    ]
    return found or (list(less(drawn, record, context)) if drawn.seed % 3 == 0 else [])


def smaller(number: int) -> str:
    """What a difference in a history takes, in words."""
    first = differences(number)[0]
    return "\n".join([first, tell(shrink(draw(number), lambda drawn: first in compare(drawn)))])


@pytest.mark.parametrize("shard", range(SHARDS))
def test_the_rules_say_what_their_words_say(shard: int, pytestconfig: pytest.Config) -> None:
    first: int = pytestconfig.getoption("first_history")
    histories: int = pytestconfig.getoption("histories")
    numbers = range(first + shard, first + histories, SHARDS)
    parted = {number: found for number in numbers if (found := differences(number))}
    assert parted == {}
