"""What the contract says of the uses in a log, as far as somebody's opened sections allow.

It is asked after a replay, over its record. A use that was not authorised is nobody's fault in keeping the log; it is
told as a *judgement*.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from verifier.base.recent import Recent
from verifier.base.values import field, value
from verifier.replay import findings
from verifier.replay.findings import Finding
from verifier.replay.record import KEPT_ENTRIES, ReplayRecord, ReplayStore
from verifier.rules.decide import RULE_SETS, Facts, judge_usage
from verifier.rules.model.context import Standing
from verifier.rules.model.record import Entry, holds
from verifier.rules.model.results import Result
from verifier.rules.standing.judged import JudgedContext
from verifier.rules.standing.keys import registry_state
from verifier.statements.sections import Section
from verifier.statements.types import Consent, Usage


class OpenRecord(ReplayRecord):
    """A replayed log with the sections that ``read`` gives for an entry and a section's name."""

    def __init__(
        self,
        store: ReplayStore,
        genesis: str,
        size: int,
        bad: Iterable[int],
        read: Callable[[Entry, str], Section | None],
    ) -> None:
        super().__init__(store, genesis, size, bad)
        self._read = read
        self._sections: Recent[tuple[int, str], tuple[Section | None]] = Recent(KEPT_ENTRIES)

    def opened(self, entry: Entry, name: str) -> Section | None:
        found = self._sections.get((entry.index, name))
        if found is None:
            found = (self._read(entry, name),)
            self._sections.put((entry.index, name), found)
        return found[0]


@value(frozen=False, kw_only=False)
class JudgedUses:
    """How many uses were judged, and with which answers."""

    usages: int = 0
    authorised: Counter[str] = field(default_factory=Counter)
    paid: Counter[str] = field(default_factory=Counter)


def consent_of(entry: Entry) -> str | None:
    """The consent to a use whose uses an entry's sections bear on."""
    statement = entry.statement
    if isinstance(statement, Consent):
        return statement.id if statement.act == "use" else None
    consent: str | None = getattr(statement, "consent", None)
    return consent


def judge_uses(record: ReplayRecord, consents: Iterable[str], instant: int, judged: JudgedUses) -> Iterator[Finding]:
    """Every rule about every use of these consents at ``instant``, the last seal's time; what fails is found.

    Counts the answers in ``judged``. A log under a rule set that this kernel does not know is not judged at all.
    """
    for consent in consents:
        context = JudgedContext(record, instant=instant, as_of=instant)
        state = registry_state(context, record.size)
        if state is None or state.rules not in RULE_SETS:
            return
        facts = Facts(instant=instant, as_of=instant, basis="audited", rules=state.rules, max_age=0)
        for index in record.rows(f"uses:{consent}"):
            entry = record.entry(index)
            if not holds(entry, Usage):
                continue
            if context.standing(entry).standing is Standing.VOID:
                continue  # the replay said so
            found = judge_usage(context, entry, facts)
            judged.usages += 1
            assert found.authorised is not None
            judged.authorised[found.authorised] += 1
            if found.paid is not None:
                judged.paid[found.paid.answer] += 1
            for row in found.rules:
                if row.result is Result.FAIL:
                    yield findings.judgement(index, row.rule, row.code, row.entries)
