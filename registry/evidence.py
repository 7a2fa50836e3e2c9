"""Evidence files and verdicts from the registry's own log, at its published checkpoint.

Which lists a question needs, how the file is built and what the answer is are the kernel's; this module only hands it
the log.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress

from registry.answerer import CannotStart, Died
from registry.metering import AT_FIRST, OWN, Bounds, Meter, TooMuch
from registry.problems import Problem
from registry.service import QUORUM_WAIT, Service, Snapshot
from verifier.base.strict import MAX_INTEGER
from verifier.evidence.build import TooLarge, build_evidence
from verifier.evidence.verdict import AsOf, Verdict
from verifier.rules.decide import Facts, decide
from verifier.rules.model.context import Context
from verifier.rules.model.question import Question
from verifier.rules.needs import lists_needed
from verifier.rules.standing.judged import JudgedContext
from verifier.rules.standing.keys import registry_state
from verifier.statements.types import Consent, Party, Statement, Usage

MaySee = Callable[[Statement, str], bool]
"""Whether the reader of a file gets a section (by its name) of a statement."""

ATTEMPTS = 2
"""Processes that may die of one question."""
_TYPES: dict[str, type[Statement]] = {"consent": Consent, "party": Party, "usage": Usage}


def evidence(
    service: Service, question: Question, may_see: MaySee, meter: Meter | None = None, wait: float = QUORUM_WAIT
) -> bytes | Problem:
    """The file that answers ``question`` for a reader who gets the sections that ``may_see`` says.

    It waits ``wait`` seconds for the quorum, as :meth:`~registry.service.Service.snapshot` says.

    Raises :class:`~registry.metering.HasLeft`.
    """
    try:
        return _evidence(service, question, may_see, meter or Meter(OWN), wait)
    except TooMuch as error:
        return _too_large(error)


def evidence_beside(
    service: Service, question: Question, names: frozenset[str], bounds: Bounds, has_left: Callable[[], bool]
) -> bytes | Problem:
    """The same for a reader who gets the sections ``names`` of all statements, and without waiting for the quorum.

    What takes more than :data:`~registry.metering.AT_FIRST` goes to the process beside this one, where it has all of
    ``bounds``; if there can be no such process, it is answered here.
    """

    def may_see(statement: Statement, name: str) -> bool:
        return name in names

    with suppress(TooMuch):
        return _evidence(service, question, may_see, Meter(bounds.at_most(AT_FIRST), has_left), 0)
    try:
        for _ in range(ATTEMPTS):
            with suppress(Died):
                return _from_beside(service, question, names, bounds, has_left)
    except CannotStart:
        return evidence(service, question, may_see, Meter(bounds, has_left), 0)
    except TooMuch as error:
        return _too_large(error)
    return Problem(code="internal", detail="the process that answered this ended before it had done so")


def _from_beside(
    service: Service, question: Question, names: frozenset[str], bounds: Bounds, has_left: Callable[[], bool]
) -> bytes | Problem:
    """Raises TooMuch, HasLeft, :class:`Died` and :class:`CannotStart`."""
    least = _least(service, question)
    if isinstance(least, Problem):
        return least
    with service.answerer.ask(has_left) as channel:
        found = service.proved_lists(lambda size: channel.choose(question, names, bounds, size), least, 0)
        if isinstance(found, Problem):
            return found
        return channel.build(found.published.note, [proof for _, proof in found.proofs])


def _evidence(
    service: Service, question: Question, may_see: MaySee, meter: Meter, wait: float
) -> bytes | Problem:
    """Raises TooMuch and HasLeft."""
    least = _least(service, question)
    if isinstance(least, Problem):
        return least
    snapshot = service.snapshot(lambda record: lists_needed(record, question, may_see), least, meter, wait)
    if isinstance(snapshot, Problem):
        return snapshot
    try:
        return build_evidence(question, MeteredView(snapshot, meter), snapshot.checkpoint, snapshot.lists, may_see)
    except TooLarge as error:
        return _too_large(error)


def _least(service: Service, question: Question) -> int | Problem:
    """The size of the smallest log that can answer; a problem where there is nothing of that kind to ask about."""
    kind = _TYPES.get(question.kind)
    if kind is None:
        return 0
    found = service.entry(question.id)
    if found is None or not isinstance(found.entry.statement, kind):
        return Problem(code="not_found", detail=f"no {question.kind} with this id is in the log", where=question.kind)
    return found.entry.index + 1


def _too_large(error: TooMuch | TooLarge) -> Problem:
    return Problem(code="evidence_too_large", detail=str(error))


class MeteredView:
    """A snapshot with a meter at it, for building a file."""

    def __init__(self, snapshot: Snapshot, meter: Meter) -> None:
        self.size = snapshot.size
        self.inclusion = snapshot.inclusion
        self.rows = snapshot.rows
        self.index_proof = snapshot.index_proof
        self.disclosures = snapshot.disclosures
        self._snapshot = snapshot
        self._meter = meter

    def leaf(self, index: int) -> bytes:
        self._meter.entry(index)
        leaf = self._snapshot.leaf(index)
        self._meter.bytes(len(leaf))
        return leaf


class Verdicts:
    """The registry's own answers, with every section opened, as of its last seal and for that moment.

    They are claims like any other: whoever wants to know takes the evidence and checks it. Usages of one consent share
    a contract, so that the answers about many cost little more than about one; and all go on from what the service
    remembers, which is theirs alone until the ``with`` block ends.
    """

    def __init__(self, service: Service) -> None:
        self._memory = service.memory
        self._record = service.record()
        self._as_of = service.logged(self._record.size)
        self._rules: int | None = None
        self._contexts: dict[str, Context] = {}
        self._lent = ExitStack()

    def __enter__(self) -> Verdicts:
        return self

    def __exit__(self, *_: object) -> None:
        self._lent.close()

    def about(self, statement: Statement) -> Verdict | None:
        """The answer about a usage or a consent that was logged; None where there is nothing to ask."""
        if isinstance(statement, Usage):
            question, family = Question(kind="usage", id=statement.id), statement.consent
        elif isinstance(statement, Consent):
            question, family = Question(kind="consent", id=statement.id), statement.id
        else:
            return None
        at, rules = self._as_of, self._rule_set()
        facts = Facts(instant=at, as_of=at, basis="claimed", rules=rules, max_age=MAX_INTEGER)
        return Verdict(
            question=question,
            instant=at,
            as_of=AsOf(size=self._record.size + 1, at=at, basis="claimed", rules=rules),
            files=(),
            decision=decide(self._record, question, facts, self._shared(family)),
        )

    def _shared(self, family: str) -> Context:
        """The contract of all questions about one consent and the usages under it."""
        context = self._contexts.get(family)
        if context is None:
            context = self._contexts[family] = self._context()
            self._lent.enter_context(self._memory.lent(self._context(), context, family, money=True))
        return context

    def _rule_set(self) -> int:
        """The rule set in force after the last seal."""
        if self._rules is None:
            state = registry_state(self._context(), self._record.size + 1)
            self._rules = state.rules if state is not None else 0
        return self._rules

    def _context(self) -> Context:
        return JudgedContext(self._record, instant=self._as_of, as_of=self._as_of)
