"""What is kept of a consent while a log grows: a fork shares nothing with it that changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.money_story import Story
from verifier.rules.kept_folds import KEPT_FOLDS, KeptFolds
from verifier.rules.model.context import Growing
from verifier.rules.model.forks import fork
from verifier.rules.money.arising import Arising
from verifier.rules.money.book import BOOKS, Book
from verifier.rules.money.units import UsageRun
from verifier.rules.use.counts import count_of


@pytest.fixture(scope="module")
def story() -> Story:
    """A consent with counters of every kind, usages that are paid for, reported and returned."""
    told = Story()
    told.fees = [
        {"per": "use", "amount": 1_000, "above": 1},
        {"per": "day", "amount": 10, "once": True},
        {"per": "mille", "amount": 10, "channels": ["social"]},
        {"per": "flat", "amount": 500, "owed": "signed"},
    ]
    told.use()
    paid = told.payment(600, provider=told.bank)
    told.adjust("return", 100, of=[paid], provider=told.bank)
    told.world.report(told.use(), terms={"images": 3})
    return told


def changing(one: Any, seen: set[int]) -> Iterator[Any]:
    """What may change of an object, itself included: all but values, which a fork shares. What arises is found once,
    and a usage's run is replaced by another one when it changes."""
    kind: Any = type(one)
    grows = kind.__module__.startswith("verifier.rules.") and kind.__setattr__ is object.__setattr__
    is_value = isinstance(one, tuple | Arising | UsageRun) or not (grows or isinstance(one, dict | list | set))
    if id(one) in seen or (is_value and not isinstance(one, tuple)):
        return
    seen.add(id(one))
    if not is_value:
        yield one
    inside = one
    if isinstance(one, dict):
        inside = one.values()
    elif grows and not isinstance(one, tuple):
        inside = [getattr(one, name) for name in getattr(one, "__value_fields__", None) or vars(one)]
    for each in inside:
        yield from changing(each, seen)


def test_a_fork_shares_nothing_that_changes(story: Story) -> None:
    context, other = story.context(), story.context()
    contexts = {id(context), id(other)}
    for fold in (Book(context, story.consent.id), count_of(context, (f"uses:{story.consent.id}",))):
        forked = fork(fold, other)
        mine, theirs = ({id(one): one for one in changing(of, contexts.copy())} for of in (fold, forked))
        assert len(mine) == len(theirs) > 10
        assert not [mine[place] for place in mine.keys() & theirs.keys()]
        assert all(isinstance(one, Growing | dict | list | set) for one in mine.values())


def test_a_fork_keeps_what_is_one_object_one(story: Story) -> None:
    book = Book(story.context(), story.consent.id)
    assert book.least is book.most
    copy = fork(book)
    assert copy.least is copy.most is not book.least


def test_only_the_latest_are_kept(story: Story) -> None:
    books = KeptFolds(BOOKS)
    context = story.context()
    for number in range(KEPT_FOLDS + 1):
        books.advance(context, f"{number:064x}", lambda: Book(context, story.consent.id))
    begun: list[Book] = []

    def begin() -> Book:
        begun.append(Book(context, story.consent.id))
        return begun[-1]

    for number in (0, KEPT_FOLDS):
        books.advance(context, f"{number:064x}", begin)
    assert len(begun) == 1
