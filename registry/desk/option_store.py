"""Options on the desk."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

from registry.tables.tables import Tables

KEPT = 86_400
"""Seconds after it is over when it is forgotten that there was an option."""

OptionState = Literal["asked", "granted", "declined", "lapsed", "released"]
"""``asked`` waits for an answer and ``granted`` has a rank; what is neither is over, and has lost its words."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS options (
  id TEXT PRIMARY KEY, asker TEXT NOT NULL, controller TEXT NOT NULL, model TEXT NOT NULL,
  starts INTEGER NOT NULL, ends INTEGER NOT NULL, until INTEGER NOT NULL, about TEXT NOT NULL,
  asked INTEGER NOT NULL, answer_by INTEGER NOT NULL, state TEXT NOT NULL,
  answered INTEGER, answered_by TEXT NOT NULL, place INTEGER, over INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS options_on ON options (model);
CREATE INDEX IF NOT EXISTS options_of ON options (asker);
CREATE INDEX IF NOT EXISTS options_by_controller ON options (controller, asked);
"""
_COLUMNS = (
    "id, asker, controller, model, starts, ends, until, about, asked, answer_by, state, answered, answered_by, place"
)
_ABOUT = _COLUMNS.split(", ").index("about")
_OPEN = "state IN ('asked', 'granted')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """``asker`` would like to have ``model`` in the window [starts, ends) (POSIX seconds, as all times).

    Unanswered it lapses at ``answer_by``, granted at ``until``. ``place`` rises in the order in which options were
    granted.
    """

    id: str
    asker: str
    controller: str
    model: str
    starts: int
    ends: int
    until: int
    about: str
    asked: int
    answer_by: int
    state: OptionState = "asked"
    answered: int | None = None
    answered_by: str = ""
    place: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is asked for or granted."""
        return self.state in ("asked", "granted")


class OptionStore:
    """For any number of threads; each change is durable when it returns."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.transaction = tables.transaction
        tables.make(_SCHEMA)

    # ---- reading

    def option(self, id: str) -> Option | None:
        return next(iter(self._found("id = ?", id)), None)

    def concerning(self, asker: str, models: Collection[str]) -> list[Option]:
        """Those that a party asked for, and those on these models, by when they begin."""
        marks = ", ".join("?" * len(models)) or "NULL"
        return self._found(f"asker = ? OR model IN ({marks}) ORDER BY starts, id", asker, *models)

    def rank(self, option: Option) -> int:
        """1 and how many granted options on the model, in a window that meets its own, were granted earlier."""
        meets = "model = ? AND starts < ? AND ends > ?"
        query = f"SELECT count(*) FROM options WHERE state = 'granted' AND {meets} AND place < ?"
        [(earlier,)] = self._tables.rows(query, option.model, option.ends, option.starts, option.place)
        return 1 + int(earlier)

    def open_by(self, controller: str, model: str) -> int:
        """Options on a model that are open, of all parties under one controller."""
        query = f"SELECT count(*) FROM options WHERE controller = ? AND model = ? AND {_OPEN}"
        [(count,)] = self._tables.rows(query, controller, model)
        return int(count)

    def asked_since(self, controller: str, since: int) -> int:
        """Options that all parties under one controller asked for after ``since``."""
        query = "SELECT count(*) FROM options WHERE controller = ? AND asked > ?"
        [(count,)] = self._tables.rows(query, controller, since)
        return int(count)

    def _found(self, where: str, *values: str) -> list[Option]:
        rows = self._tables.rows(f"SELECT {_COLUMNS} FROM options WHERE {where}", *values)
        words = self._tables.show([row[_ABOUT] for row in rows])
        return [
            _option((*row[:_ABOUT], about or "", *row[_ABOUT + 1 :])) for row, about in zip(rows, words, strict=True)
        ]

    # ---- changing

    def add(self, one: Option) -> None:
        """A new one that is asked for."""
        with self.transaction():
            values = (
                one.id, one.asker, one.controller, one.model, one.starts, one.ends, one.until,
                self._tables.hide(one.about), one.asked, one.answer_by, one.state, one.answered, one.answered_by,
                one.place,
            )  # fmt: skip
            self._tables.change(f"INSERT INTO options ({_COLUMNS}) VALUES ({', '.join('?' * len(values))})", *values)

    def grant(self, id: str, by: str, now: int) -> None:
        """It has its place behind all that were granted before."""
        self._tables.change(
            "UPDATE options SET state = 'granted', answered = ?, answered_by = ?,"
            " place = (SELECT coalesce(max(place), 0) + 1 FROM options) WHERE id = ? AND state = 'asked'",
            now, by, id,
        )  # fmt: skip

    def end(self, id: str, state: OptionState, now: int, by: str = "") -> None:
        """It is over, and its words go."""
        with self.transaction():
            for row in self._tables.rows(f"SELECT about FROM options WHERE id = ? AND {_OPEN}", id):
                self._tables.drop(row)
            self._tables.change(
                f"UPDATE options SET state = ?, over = ?, about = '', answered = coalesce(answered, ?),"
                f" answered_by = CASE answered_by WHEN '' THEN ? ELSE answered_by END WHERE id = ? AND {_OPEN}",
                state, now, now if by else None, by, id,
            )  # fmt: skip

    def sweep(self, now: int) -> None:
        """End what has lapsed, and forget what was over long ago."""
        with self.transaction():
            lapsed = "(state = 'asked' AND answer_by <= ?) OR (state = 'granted' AND until <= ?)"
            for (id,) in self._tables.rows(f"SELECT id FROM options WHERE {lapsed}", now, now):
                self.end(id, "lapsed", now)
            self._tables.change("DELETE FROM options WHERE over + ? <= ?", KEPT, now)

    def answer_later(self, last: int, now: int, by: int) -> None:
        """What would have lapsed unanswered between ``last`` and ``now`` may be answered until ``by``."""
        query = "UPDATE options SET answer_by = ? WHERE state = 'asked' AND answer_by > ? AND answer_by <= ?"
        self._tables.change(query, by, last, now)


def _option(row: tuple[Any, ...]) -> Option:
    return Option(**dict(zip(_COLUMNS.split(", "), row, strict=True)))
