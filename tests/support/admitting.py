"""Admission asked about an entry that a world has logged, as if it were about to be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.law.worlds import Stage
from tests.support.cast import Cast, Logged
from verifier.rules.admit import admit, keys_in
from verifier.rules.model.record import MemoryRecord
from verifier.rules.model.results import Result, RuleResult
from verifier.rules.standing.judged import JudgedContext


@dataclass
class Used:
    """What a log has used up below some index."""

    digests: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)

    def digest_seen(self, digest: str) -> bool:
        return digest in self.digests

    def key_seen(self, key: str) -> bool:
        return key in self.keys


def asked(c: Cast | Stage, made: Logged, *, hidden: tuple[str, ...] = ()) -> list[RuleResult]:
    """What admission would have said of an entry at its place."""
    whole, used = c.world.record(), Used()
    record = MemoryRecord(whole.genesis)
    for index in range(made.index):
        entry = whole.entry(index)
        if entry is None:
            record.skip(index)
            continue
        opened = {name: whole.opened(entry, name) for name in entry.statement.sections}
        record.fold(entry, {name: section for name, section in opened.items() if section is not None})
        used.digests.update(entry.statement.sections.values())
        used.keys.update(keys_in(entry.statement))
    sections = {name: section for name, section in made.sections.items() if name not in hidden}
    context = JudgedContext(record, instant=made.logged, as_of=made.logged)
    return admit(context, used, c.world.entry(made), sections)


def refused(c: Cast | Stage, made: Logged, **how: Any) -> list[str]:
    return [f"{one.rule} {one.code}" for one in asked(c, made, **how) if one.result is Result.FAIL]
