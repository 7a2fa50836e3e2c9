"""One decision about a record as it stands, with less of it shown, or with a section that says something else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tests.support.money_story import Hiding, Story
from tests.support.world import Logged, World
from verifier.base.values import replace
from verifier.rules.decide import Decision, Facts, decide
from verifier.rules.model.question import Question
from verifier.rules.model.record import Entry, Record
from verifier.statements.sections import Section, Terms


def decided(
    world: World,
    made: Logged,
    *,
    kind: Literal["consent", "usage"] = "consent",
    hide: Sequence[tuple[str, str]] = (),
    hide_lists: Sequence[str] = (),
) -> Decision:
    return asked_of(Hiding(world.record(), hide_lists, hide), world, made.id, kind)


def asked_of(record: Record, world: World, id: str, kind: Literal["consent", "usage"] = "usage") -> Decision:
    facts = Facts(instant=world.now, as_of=world.now, basis="audited", rules=2, max_age=10**9)
    return decide(record, Question(kind=kind, id=id), facts)


def of_no_day(s: Story) -> Record:
    """A record in which the consent's terms end as they start."""
    record = s.world.record()
    terms = record.opened(s.world.entry(s.consent), "terms")
    assert isinstance(terms, Terms)
    return Opened(record, (s.consent.id, "terms"), replace(terms, ends=terms.starts))


class Opened(Hiding):
    """A record in which one section says something else."""

    def __init__(self, record: Record, which: tuple[str, str], section: Section) -> None:
        super().__init__(record, (), ())
        self.complete, self._which, self._other = True, which, section

    def opened(self, entry: Entry, name: str) -> Section | None:
        return self._other if (entry.statement.id, name) == self._which else super().opened(entry, name)
