"""Tables beside the log, and words in them of which nothing is left once they are dropped.

They lie in a SQLite file of the registry's folder (:mod:`registry.tables.sqlite_tables`), or in the database that
several machines share (:mod:`registry.tables.postgresql_tables`), so that all its front ends have the same. A query is
written once, in what both understand, with ``?`` for each value; a schema is written as SQLite has it: the types TEXT,
INTEGER (64 bits) and BLOB, no default values, ``STRICT``.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

Value = str | int | bytes | None
Words = TypeVar("Words", bound=str | bytes)


class Tables(Protocol):
    """For any number of threads; each change is durable when it returns."""

    is_shared: bool
    """Whether other processes have them open too."""

    def make(self, schema: str) -> None:
        """Have the tables of a schema, if they are not there yet."""

    def rows(self, query: str, *values: Value) -> list[tuple[Any, ...]]:
        """All that one statement finds, or returns of what it changes: such a change waits for no transaction."""

    def change(self, query: str, *values: Value) -> int:
        """Change something, in a transaction; how many rows were."""

    def transaction(self) -> AbstractContextManager[None]:
        """All that is changed within is there whole, or not at all; no other transaction goes on meanwhile, in no
        process. One within another is part of it."""

    # ---- words that go without a trace

    def hide(self, words: Words) -> Words:
        """What a row holds for these words, within a transaction. Empty words are held as they are."""

    def show(self, held: Sequence[Words]) -> list[Words | None]:
        """The words for which rows hold this, in order; None where they were dropped meanwhile."""

    def drop(self, held: Sequence[Words]) -> None:
        """Within a transaction, which takes them out of the rows: nothing is left of these words once it is done."""

    def tidy(self) -> None:
        """Finish what an outage left of words that were dropped."""

    def close(self) -> None:
        """Let go of them."""
