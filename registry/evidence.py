"""Evidence files and verdicts from the registry's own log, at its published checkpoint.

Which lists a question needs, how the file is built and what the answer is are the kernel's; this module only hands it
the log.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import cached_property

from registry.advice.cache import Cache
from registry.answerer import CannotStart, Died
from registry.metering import AT_FIRST, OWN, Bounds, Meter, TooMuch
from registry.problems import Problem, too_large
from registry.readers.disclosing import Reading
from registry.readers.rights import Permission, ReaderRecord, Rights
from registry.service import QUORUM_WAIT, Service, Snapshot
from verifier.base.strict import MAX_INTEGER
from verifier.evidence.about import about
from verifier.evidence.build import TooLarge, build_evidence
from verifier.evidence.verdict import AsOf, Verdict
from verifier.rules.decide import Facts, decide
from verifier.rules.model.context import Context
from verifier.rules.model.question import Question
from verifier.rules.model.record import Record
from verifier.rules.needs import everything, lists_needed
from verifier.rules.standing.judged import JudgedContext
from verifier.rules.standing.keys import registry_state
from verifier.statements.types import Consent, Party, Statement, Usage

ATTEMPTS = 2
"""Processes that may die of one question."""
_TYPES: dict[str, type[Statement]] = {"consent": Consent, "party": Party, "usage": Usage}


def evidence(
    service: Service, question: Question, rights: Rights | None, meter: Meter | None = None, wait: float = QUORUM_WAIT
) -> bytes | Problem:
    """The file that answers ``question`` for one reader: it discloses what she may see, and nothing else.

    That she read it is noted for those whose sections are in it. With None everything is disclosed: nobody gets that.

    It waits ``wait`` seconds for the quorum, as :meth:`~registry.service.Service.snapshot` says.

    Raises :class:`~registry.metering.HasLeft`.
    """
    try:
        return _evidence(service, question, rights, meter or Meter(OWN), wait)
    except TooMuch as error:
        return too_large(error)


def evidence_beside(
    service: Service, question: Question, permission: Permission, bounds: Bounds, has_left: Callable[[], bool]
) -> bytes | Problem:
    """The same for a reader with this permission, and without waiting for the quorum.

    What takes more than :data:`~registry.metering.AT_FIRST` goes to the process beside this one, where it has all of
    ``bounds``; if there can be no such process, it is answered here.
    """

    with suppress(TooMuch):
        at_first = Meter(bounds.at_most(AT_FIRST), has_left)
        return _evidence(service, question, service.readers.admit(permission), at_first, 0)
    try:
        for _ in range(ATTEMPTS):
            with suppress(Died):
                return _from_beside(service, question, permission, bounds, has_left)
    except CannotStart:
        return evidence(service, question, service.readers.admit(permission), Meter(bounds, has_left), 0)
    except TooMuch as error:
        return too_large(error)
    return Problem(code="internal", detail="the process that answered this ended before it had done so")


def _from_beside(
    service: Service, question: Question, permission: Permission, bounds: Bounds, has_left: Callable[[], bool]
) -> bytes | Problem:
    """Raises TooMuch, HasLeft, :class:`Died` and :class:`CannotStart`."""
    least = least_size(service.record(), question)
    if isinstance(least, Problem):
        return least
    with service.answerer.ask(has_left) as channel:
        found = service.proved_lists(lambda size: channel.choose(question, permission, bounds, size), least, 0)
        if isinstance(found, Problem):
            return found
        data, owners = channel.build(found.published.note, [proof for _, proof in found.proofs])
    service.readers.note_reads(permission.reader, owners)
    return data


def _evidence(
    service: Service, question: Question, rights: Rights | None, meter: Meter, wait: float
) -> bytes | Problem:
    """Raises TooMuch and HasLeft."""
    least = least_size(service.record(), question)
    if isinstance(least, Problem):
        return least
    may_see = everything if rights is None else rights.may_see
    reading = None if rights is None else Reading(rights)
    snapshot = service.snapshot(lambda record: lists_needed(record, question, may_see), least, meter, wait)
    if isinstance(snapshot, Problem):
        return snapshot
    try:
        gives = everything if reading is None else reading.gives
        data = build_evidence(question, MeteredView(snapshot, meter), snapshot.checkpoint, snapshot.lists, gives)
    except TooLarge as error:
        return too_large(error)
    if reading is not None:
        reading.note(service.readers)
    return data


def least_size(record: Record, question: Question) -> int | Problem:
    """The size of the smallest log that can answer; a problem where there is nothing of that kind to ask about."""
    asked: dict[str, str] = {question.kind: question.id}
    if question.consent is not None:
        asked["consent"] = question.consent
    least = 0
    for kind, id in asked.items():
        type_ = _TYPES.get(kind)
        if type_ is None:
            continue
        entries = [entry for index in record.find(id) if (entry := record.entry(index)) is not None]
        found = next((entry.index for entry in entries if isinstance(entry.statement, type_)), None)
        if found is None:
            return Problem(code="not_found", detail=f"no {kind} with this id is in the log", where=kind)
        least = max(least, found + 1)
    return least


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
    """The registry's answers as of its last seal and for that moment, from what one reader may read.

    They are claims like any other: whoever wants to know takes the evidence and checks it, which says the same. Usages
    of one consent share a contract, so that the answers about many cost little more than about one.
    """

    def __init__(self, service: Service, rights: Rights | None, record: Record | None = None) -> None:
        """With None they rest on everything, which nobody may be told. ``record`` is the log as those rights show it,
        of a caller who wants to know what was read."""
        self._memory = service.memory if rights is None else Cache()  # the service's has seen every section
        self._service = service
        self._rights = rights
        self._given = record
        self._rules: int | None = None
        self._contexts: dict[str, Context] = {}
        self._lent = ExitStack()

    @cached_property
    def _record(self) -> Record:
        """Made with the first question: most that is submitted is a stranger's, who is told no verdict."""
        if self._given is not None:
            return self._given
        return self._service.record() if self._rights is None else ReaderRecord(self._service.record(), self._rights)

    @cached_property
    def _as_of(self) -> int:
        return self._service.logged(self._record.size)

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
        context = self._shared(family)
        return Verdict(
            question=question,
            instant=at,
            as_of=AsOf(size=self._record.size + 1, at=at, basis="claimed", rules=rules),
            files=(),
            decision=decide(self._record, question, facts, context),
            about=about(context, question),
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
