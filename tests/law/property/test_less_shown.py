"""Less shown never makes an answer, or a row, more certain (RULES, Verdicts): of every row, whatever is hidden."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from tests.law.happenings import draw
from tests.law.histories import Drawn
from tests.support.money_story import Hiding
from verifier.rules.decide import Decision, Facts, decide
from verifier.rules.model.context import Standing
from verifier.rules.model.question import Kind, Question
from verifier.rules.model.record import Record
from verifier.rules.model.results import Result
from verifier.rules.standing.judged import JudgedContext
from verifier.statements.subjects import subjects
from verifier.statements.types import Consent, Statement, Usage

KINDS: tuple[tuple[Kind, type[Statement]], ...] = (("usage", Usage), ("consent", Consent))
NEVER_HIDDEN = {"party", "registry", "erased"}
"""Step 13 wants the registry's list, and the others stand for more than they say."""
CANNOT_TELL, UNKNOWN = "CANNOT_TELL", Result.UNKNOWN
SILENT = (Result.PASS, Result.NOT_APPLICABLE)
"""Nothing stands against it."""


def lists_of(drawn: Drawn) -> list[str]:
    found = {subject for entry in drawn.entries for subject in subjects(entry.statement)}
    return sorted(one for one in found if one.partition(":")[0] not in NEVER_HIDDEN)


def hidden(drawn: Drawn, data: DataObject) -> tuple[list[str], list[tuple[str, str]]]:
    """Lists and sections that a reader is not shown, of a section all copies."""
    lists = set(data.draw(st.sets(st.sampled_from(lists_of(drawn)), max_size=4)))
    # Who is not shown the list of a usage is not shown that of its consent's usages, which holds the same and more.
    kinds = [one.partition(":") for one in lists]
    lists |= {f"uses:{ids.partition('.')[0]}" for kind, _, ids in kinds if kind == "usage"}
    ids = {entry.index: entry.statement.id for entry in drawn.entries}
    known = sorted({(ids[index], name) for index, name in drawn.sections if index in ids})
    sections = data.draw(st.sets(st.sampled_from(known), max_size=8)) if known else set()
    return sorted(lists), sorted(sections)


def decided(drawn: Drawn, record: Record, question: Question) -> Decision:
    facts = Facts(
        instant=drawn.instant, as_of=drawn.as_of, basis="audited", rules=2, max_age=drawn.max_age,
        by_clock=drawn.by_clock,
    )  # fmt: skip
    return decide(record, question, facts)


def more_certain(full: Decision, less: Decision, *, void: bool) -> Iterator[str]:
    """What a file says, and one that shows more does not. Of what is void only the row that says so says anything."""
    for name in ("answer", "authorised"):
        said, now = getattr(full, name), getattr(less, name)
        if now not in (said, CANNOT_TELL):
            yield f"{name}: {now}, but {said}"
    rows = {row.rule: row for row in full.rules}
    for row in less.rules:
        was = rows.get(row.rule)
        if void or row.result is UNKNOWN or was is None:
            continue
        if was.result is not row.result and not (was.result in SILENT and row.result in SILENT):
            yield f"{row.rule}: {row.result} {row.code}, but {was.result} {was.code}"
    for one in full.segments:
        for other in less.segments:
            meet = max(one.from_, other.from_) < min(one.to, other.to)
            if meet and other.authorised not in (one.authorised, CANNOT_TELL):
                yield f"{other}, but {one}"
    yield from more_certain_money(full, less, void=void)


def more_certain_money(full: Decision, less: Decision, *, void: bool) -> Iterator[str]:
    if void or full.paid is None or less.paid is None:
        return
    legs = {(one.payee, one.leg, one.of): one.answer for one in full.paid.payees}
    said = [("paid", full.paid.answer, less.paid.answer)]
    for line in less.paid.payees:
        was = legs.get((line.payee, line.leg, line.of), CANNOT_TELL)
        said.append((f"{line.payee} {line.leg} {line.of}", was, line.answer))
    for name, was, now in said:
        if now not in (was, CANNOT_TELL) and (was, now) != ("PAID", "NOT_YET_DUE"):
            yield f"{name}: {now}, but {was}"


@settings(max_examples=600)
@given(number=st.integers(0, 10**9), data=st.data())
def test_less_shown_makes_nothing_more_certain(number: int, data: DataObject) -> None:
    drawn = draw(number)
    whole: Record = drawn.record()
    less = Hiding(whole, *hidden(drawn, data))
    context = JudgedContext(whole, instant=drawn.instant, as_of=drawn.as_of)
    found = []
    for kind, type_ in KINDS:
        for first in drawn.first_copies(type_):
            question = Question(kind=kind, id=first.statement.id)
            copies = [context.standing(one) for one in drawn.entries if one.statement.id == first.statement.id]
            void = all(one.standing is Standing.VOID for one in copies)
            pair = (decided(drawn, whole, question), decided(drawn, less, question))
            found += [f"{kind} {first.index}, {one}" for one in more_certain(*pair, void=void)]
    assert found == []
