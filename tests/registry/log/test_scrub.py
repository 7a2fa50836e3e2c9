"""The background pass: all of it is read within a week, over restarts, and what is damaged is named."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from registry.log import scrub
from registry.log.scrub import WEEK, Scrubber
from tests.support.served import Served


@pytest.fixture
def told(served: Served) -> Iterator[Served]:
    """A registry with a story, whose own pass is at rest."""
    _, story = served.story()
    served.accept(*story)
    served.service._scrubber.close()
    yield served


@pytest.fixture
def pass_(told: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scrubber]:
    monkeypatch.setattr(scrub, "STEP", 4)
    monkeypatch.setattr(Scrubber, "_run", lambda self: None)
    yield Scrubber(told.service._log, told.clock)


def damage(served: Served, column: str, index: int) -> None:
    """Another bit in an entry's leaf, or in a section of it."""
    with closing(sqlite3.connect(served.root / "registry.db")) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        if column == "leaves":
            first, offset, length = served.service._log.state.span(index)
            (data,) = db.execute("SELECT leaves FROM batches WHERE first = ?", (first,)).fetchone()
            place = offset + length // 2
            changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
            db.execute("UPDATE batches SET leaves = ? WHERE first = ?", (changed, first))
        else:
            db.execute("UPDATE disclosures SET text = 'x' || substr(text, 2) WHERE place / 8 = ?", (index,))
        db.commit()


def through(pass_: Scrubber, size: int) -> None:
    for _ in range(size // 4 + 1):
        pass_.step()


@pytest.mark.parametrize("column", ["leaves", "text"])
def test_what_is_damaged_is_named(told: Served, pass_: Scrubber, column: str) -> None:
    size = told.service.published.checkpoint.size
    through(pass_, size)
    assert pass_.damaged == []
    damage(told, column, 2)
    through(pass_, size)  # not yet: it was read this week
    assert pass_.damaged == []
    told.world.now += WEEK
    through(pass_, size)
    assert pass_.damaged == [2]


def test_it_goes_on_where_it_was_after_a_restart(told: Served, pass_: Scrubber) -> None:
    told.world.now += WEEK
    pass_.step()
    damage(told, "leaves", 2)  # it has been there
    damage(told, "leaves", 5)
    again = Scrubber(told.service._log, told.clock)
    again.step()
    assert again.damaged == [5]


def test_it_takes_no_more_than_a_week(told: Served, pass_: Scrubber) -> None:
    told.world.now += WEEK
    pass_.step()
    size = told.service.published.checkpoint.size
    assert pass_._pause() * size / 4 <= WEEK
