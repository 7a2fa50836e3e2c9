"""The contract word for word (docs/rules.md): slow, and for tests only. It shares no code with the rules.

Nothing is worked out ahead or kept up to date: a use is looked at again at each instant at which anything might change,
and at each such instant every rule reads the whole log again. What cannot be told is told apart in two ways:

- What a reader is not shown raises :class:`Untold`, wherever somebody looks for it. A rule that says yes or no all the
  same did not need it.
- An entry whose key is disputed has had effect or has not, and nobody knows. Whoever comes upon one raises
  :class:`Fork`, and :func:`worlds` begins again in each of the two worlds. What holds in all worlds can be told.

Files: ``contract_standing`` (T6, T8, A0, A2, A5's one replacement, rulings), ``contract_signers`` (keys, guardians,
A1), ``contract_case`` (one use), ``contract_stops`` (T7, A5, A6), ``contract_use`` (T4, A3, A7 to A15, A19),
``contract_exclusive`` (A16), ``contract_people`` (who controls whom), ``contract_lines`` (the consent's own
lines), ``contract_due`` (M1 to M3), ``contract_fill`` (what fills what), ``contract_came`` (what came: M4, M5, M7),
``contract_money`` (M4's answer, M6, M8), ``contract_first`` (A18), ``contract_decide`` (all of them).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

from verifier.rules.model.record import Entry
from verifier.statements.subjects import subjects
from verifier.statements.types import Statement

DAY = 86_400
YES, UNKNOWN, NO = "yes", "unknown", "no"

T = TypeVar("T")
S = TypeVar("S", bound=Statement)


class Untold(Exception):
    """The reader is not shown what this turns on."""


class Fork(Exception):
    """Whether entry ``index`` has effect is in dispute, and nobody has chosen yet."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


@dataclass(kw_only=True)
class History:
    """A log, what a reader may see of it, and when he asks. ``entries`` in log order; instants are POSIX seconds."""

    genesis: str
    entries: Sequence[Entry]
    sections: Mapping[tuple[int, str], Any]
    instant: int
    as_of: int
    stale: bool = False
    clock_behind: bool = False
    hidden_lists: frozenset[str] = frozenset()
    hidden_sections: frozenset[tuple[int, str]] = frozenset()
    effects: Mapping[int, bool] = field(default_factory=dict)
    """Whether an entry whose key is disputed had effect, in this world."""
    notice: int | None = None
    """Seconds that are assumed of a notice that is hidden, in this world."""
    memory: dict[Any, Any] = field(default_factory=dict)
    """What was asked before."""
    lists: dict[str, list[Entry]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.lists:
            for entry in self.entries:
                for subject in subjects(entry.statement):
                    self.lists.setdefault(subject, []).append(entry)

    def touching(self, subject: str) -> list[Entry]:
        """All entries that touch a subject."""
        if subject in self.hidden_lists:
            raise Untold(subject)
        return self.lists.get(subject, [])

    def of(self, subject: str, kind: type[S]) -> list[tuple[Entry, S]]:
        """The good entries of a type in a subject's list, and their statements."""
        found = []
        for entry in self.touching(subject):
            if isinstance(entry.statement, kind) and self.good(entry):
                found.append((entry, entry.statement))
        return found

    def of_before(self, subject: str, kind: type[S], before: int) -> list[tuple[Entry, S]]:
        """Those of them below an index."""
        found = []
        for entry in self.touching(subject):
            if entry.index < before and isinstance(entry.statement, kind) and self.good(entry):
                found.append((entry, entry.statement))
        return found

    def good(self, entry: Entry, ruled: bool = True) -> bool:
        """Whether an entry has effect, in this world; or whether it would have if there were no rulings."""
        from tests.law.naive.contract_standing import base, final

        return not (final if ruled else base)(self, entry)

    def first_good(self, subject: str, id: str, before: int, ruled: bool = True) -> Entry | None:
        """The first good copy of a statement below an index."""
        for entry in self.touching(subject):
            if entry.statement.id == id and entry.index < before and self.good(entry, ruled):
                return entry
        return None

    def section(self, entry: Entry, name: str) -> Any:
        """A section of an entry."""
        if (entry.index, name) in self.hidden_sections or (entry.index, name) not in self.sections:
            raise Untold(f"{name} of {entry.index}")
        return self.sections[entry.index, name]

    def once(self, key: tuple[Any, ...], work: Callable[[], T]) -> T:
        """What was worked out before; the same exception too."""
        if key not in self.memory:
            try:
                self.memory[key] = (work(), None)
            except (Untold, Fork) as error:
                self.memory[key] = (None, error)
        found, raised = self.memory[key]
        if raised is not None:
            raise raised
        return cast(T, found)

    def world(self, effects: Mapping[int, bool]) -> History:
        """The same log where other disputed entries had effect."""
        return History(
            genesis=self.genesis, entries=self.entries, sections=self.sections, instant=self.instant,
            as_of=self.as_of, stale=self.stale, clock_behind=self.clock_behind,
            hidden_lists=self.hidden_lists, hidden_sections=self.hidden_sections, effects=effects, lists=self.lists,
            notice=self.notice,
        )  # fmt: skip

    def assuming(self, notice: int) -> History:
        """The same log where a notice that is hidden is so long."""
        return replace(self, notice=notice, memory={})


def worlds(history: History, ask: Callable[[History], T]) -> Iterator[T]:
    """The answers in all worlds that there may be."""
    waiting = [history]
    while waiting:
        here = waiting.pop()
        try:
            yield ask(here)
        except Fork as fork:
            assert fork.index not in here.effects
            waiting += [here.world({**here.effects, fork.index: one}) for one in (True, False)]


def worst(answers: Sequence[str]) -> str:
    """No if any is no, else unknown if any is."""
    return NO if NO in answers else UNKNOWN if UNKNOWN in answers else YES


def told(judge: Callable[[], str]) -> str:
    """What somebody says who may not be shown enough to say anything."""
    try:
        return judge()
    except Untold:
        return UNKNOWN


def all_of(*checks: Callable[[], bool]) -> str:
    """Yes if all hold; no if one surely does not, whatever else cannot be told."""
    return worst([told(lambda check=check: YES if check() else NO) for check in checks])  # type: ignore[misc]


def surely(answer: str) -> bool:
    """Yes or no, where that can be told."""
    if answer == UNKNOWN:
        raise Untold
    return answer == YES
