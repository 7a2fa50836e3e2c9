"""The single writer: it takes whatever is waiting, judges it in its final order, and commits it as one batch.

Submitters hand over checked submissions and wait. A lone one waits for nobody; while a batch is being written the next
one gathers, so a busy registry's batches grow by themselves. Nothing is answered before it is durable and published.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from registry.advice.opinion import Opinion
from registry.config import Clock
from registry.intake.checks import CheckedSubmission, jumps
from registry.log.log import Log
from registry.log.log_reader import LogReader
from registry.log.publication import Published
from registry.log.record import EntryCache, PendingRecord
from registry.problems import Problem, refusal
from verifier.base.limits import LEEWAY
from verifier.log.log_proof import LogProof, format_log_proof
from verifier.rules.admit import admit
from verifier.rules.model.context import Context
from verifier.rules.model.record import Entry, Record
from verifier.rules.model.results import Result
from verifier.rules.quotas import QUOTA_COUNTS, Quota, QuotaCounts, quotas_of
from verifier.rules.standing.judged import JudgedContext
from verifier.rules.standing.keys import KEY_HISTORIES, KeyHistory, registry_state, vkey_key
from verifier.rules.standing.standing import LATE
from verifier.statements.sections import Section
from verifier.statements.types import Erasure, Registry

MAX_BATCH = 1024
"""Entries of one batch, its seal aside."""
MAX_BATCH_BYTES = 16 * 1024 * 1024
MAX_WAITING = 65_536
"""Submissions that may wait for the writer."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureState:
    """``pending`` is why the text is not gone yet from database, journal and caches; "" if it is."""

    pending: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """A submission's place in the log, at the checkpoint that was published with it.

    ``repeated``: it was there before. ``erasure``, of an erasure alone, says whether the text is gone.
    """

    id: str
    index: int
    repeated: bool
    published: Published
    log: LogReader
    erasure: ErasureState | None = None

    @property
    def proof(self) -> str:
        """The log proof (C2SP tlog-proof), at :attr:`published`."""
        hashes = self.log.inclusion(self.index, self.published.checkpoint.size)
        return format_log_proof(LogProof(index=self.index, proof=tuple(hashes), checkpoint=self.published.note))


class Judge(Protocol):
    """What the contract says of a candidate; asked where ``require`` is set."""

    def __call__(self, record: Record, entry: Entry, sections: Mapping[str, Section]) -> Opinion:
        """``record`` is the log with the batch so far, ``entry`` goes on top of it."""

    def forget(self) -> None:
        """Something of what it was shown was taken back, or erased."""


Outcome = Logged | Problem

MaySeal = Callable[[], Problem | None]
"""Asked before each batch: why nothing may be sealed now, or None."""


class Waiting:
    """Submissions that came together. Who waits for them is woken once, when the last has its outcome."""

    __slots__ = ("_done", "_missing", "_outcomes")

    def __init__(self, count: int) -> None:
        self._outcomes: list[Outcome | None] = [None] * count
        self._missing = count
        self._done = threading.Event()
        if not count:
            self._done.set()

    def resolve(self, place: int, outcome: Outcome) -> None:
        """The first outcome counts."""
        if self._outcomes[place] is None:
            self._outcomes[place] = outcome
            self._missing -= 1
            if not self._missing:
                self._done.set()

    def outcomes(self) -> list[Outcome]:
        """One for each, in order, once all are durable and published or refused. Blocks."""
        self._done.wait()
        return [outcome for outcome in self._outcomes if outcome is not None]


@dataclass(slots=True)
class _Job:
    checked: CheckedSubmission
    require: bool
    group: Waiting
    place: int

    def resolve(self, outcome: Outcome) -> None:
        self.group.resolve(self.place, outcome)


class Sequencer:
    """Runs the writer in a thread of its own until :meth:`close`."""

    def __init__(
        self, log: Log, cache: EntryCache, genesis: str, clock: Clock, judge: Judge, may_seal: MaySeal = lambda: None
    ) -> None:
        self._log = log
        self._may_seal = may_seal
        self._cache = cache
        self._genesis = genesis
        self._clock = clock
        self._judge = judge
        self._passed = _Passed()
        self._grown = _Grown()
        self._waiting: deque[_Job] = deque()
        self._wake = threading.Condition()
        self._closing = False
        self._woken = False
        self._thread = threading.Thread(target=self._run, name="sequencer", daemon=True)
        self._thread.start()

    def submit(self, submissions: Sequence[CheckedSubmission], *, require: bool = False) -> Waiting:
        """Hand over submissions, to come after all that was handed over before. The result is there to wait for."""
        group = Waiting(len(submissions))
        jobs = [_Job(checked, require, group, place) for place, checked in enumerate(submissions)]
        refused: Problem | None = None
        with self._wake:
            if self._closing:
                refused = Problem(code="unavailable", detail="the registry is shutting down")
            elif len(self._waiting) + len(jobs) > MAX_WAITING:
                refused = Problem(code="busy", detail=f"{len(self._waiting)} submissions are waiting")
            else:
                self._waiting.extend(jobs)
                self._wake.notify()
        if refused is not None:
            for job in jobs:
                job.resolve(refused)
        return group

    def wake(self) -> None:
        """Take up what may be sealed by now though nobody submits anything."""
        with self._wake:
            self._woken = True
            self._wake.notify()

    def close(self) -> None:
        """Finish what is waiting, then stop."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()

    # ---- the writer's thread

    def _run(self) -> None:
        while (jobs := self._take()) is not None:
            try:
                self._round(jobs)
            except BaseException as error:
                _log.exception("a batch could not be finished")
                self._judge.forget()
                self._grown = _Grown()
                # What went wrong is the operator's to read: it may name files of this machine.
                detail = f"the write failed ({type(error).__name__})"
                unavailable = Problem(code="unavailable", detail=detail)
                for job in jobs:
                    job.resolve(unavailable)

    def _take(self) -> list[_Job] | None:
        """All that is waiting, up to a batch; nothing if it was only woken, None when it is time to stop."""
        with self._wake:
            while not self._waiting and not self._closing and not self._woken:
                self._wake.wait()
            if self._closing and not self._waiting:
                return None
            self._woken = False
            jobs: list[_Job] = []
            size = 0
            while self._waiting and len(jobs) < MAX_BATCH and size < MAX_BATCH_BYTES:
                jobs.append(self._waiting.popleft())
                size += len(jobs[-1].checked.leaf)
            return jobs

    def _round(self, jobs: Sequence[_Job]) -> None:
        stopped = self._may_seal()
        if stopped is not None:
            self._refuse(jobs, stopped)
            return
        if self._log.is_behind:
            self._log.recover()  # an earlier write failed half-way: first find out what became of it
            self._cache.clear()
            self._passed.clear()
            self._judge.forget()
            self._grown = _Grown()
        state = self._log.state
        at = max(self._clock(), state.last_at)
        draft = PendingRecord(self._log, self._cache, self._genesis, at)
        batch = _Batch(self._log, self._cache, draft, at, self._judge, self._passed, self._grown)
        taken: list[_Job] = []
        repeated: list[_Job] = []
        for job in self._in_order(jobs):
            checked = job.checked
            if checked.id in state.ids or batch.has(checked):
                repeated.append(job)
            elif (refusal := batch.consider(checked, require=job.require)) is not None:
                job.resolve(refusal)
            else:
                taken.append(job)
        batch.commit()
        published = self._log.published
        for index, job in enumerate(taken, draft.first):
            job.resolve(self._logged(job.checked, index, published, repeated=False))
        for job in repeated:
            job.resolve(self._again(job.checked, published))

    def _refuse(self, jobs: Sequence[_Job], stopped: Problem) -> None:
        """Nothing is sealed now; what is published already is answered all the same."""
        is_whole = not self._log.is_behind
        for job in jobs:
            if is_whole and job.checked.id in self._log.state.ids:
                job.resolve(self._again(job.checked, self._log.published))
            else:
                job.resolve(stopped)

    def _in_order(self, jobs: Sequence[_Job]) -> list[_Job]:
        """First what stops something and may jump, then the rest, each in order of arrival."""
        ids, keys = self._log.state.ids, self._log.state.keys
        first: list[_Job] = []
        rest: list[_Job] = []
        for job in jobs:
            may_jump = jumps(job.checked, ids, keys)
            (first if may_jump else rest).append(job)
        return first + rest

    def _logged(self, checked: CheckedSubmission, index: int, published: Published, *, repeated: bool) -> Logged:
        erasure = None
        if checked.type == "erasure":
            pending = self._log.eraser.pending
            erasure = ErasureState(pending="" if pending is None else pending.reason)
        return Logged(
            id=checked.id.hex(), index=index, repeated=repeated, published=published, log=self._log, erasure=erasure
        )

    def _again(self, checked: CheckedSubmission, published: Published) -> Outcome:
        """A statement that is in the log already: its proof, and perhaps sections that were not disclosed before."""
        logged = self._logged(checked, self._log.state.ids[checked.id], published, repeated=True)
        store = self._log.store
        there = store.disclosures(logged.index)
        erased = store.erased(logged.index)
        missing = []
        for name, text in checked.disclosures.items():
            if name in erased:
                return Problem(code="section_erased", detail=f"the section {name} was erased", where="disclosures")
            if name not in there:  # where it is there, it is the same text: both have the digest in the header
                missing.append((logged.index, name, text))
        if missing:
            store.add_disclosures(missing)
        return logged


class _Batch:
    """One batch in the making: candidates are judged at the place and the time that they would get."""

    def __init__(
        self,
        log: Log,
        cache: EntryCache,
        draft: PendingRecord,
        at: int,
        judge: Judge,
        passed: _Passed,
        grown: _Grown,
    ) -> None:
        self._log = log
        self._cache = cache
        self._draft = draft
        self._at = at
        self._judge = judge
        self._passed = passed
        self._grown = grown
        self._context = self._fresh_contract()

    def _fresh_contract(self) -> Context:
        context = JudgedContext(self._draft, instant=self._at, as_of=self._at)
        self._grown.lend_to(context)  # else whoever has many keys, or uses, would slow every batch
        return context

    def has(self, checked: CheckedSubmission) -> bool:
        """Whether the batch holds this statement already."""
        return self._draft.has(checked.id)

    def consider(self, checked: CheckedSubmission, *, require: bool) -> Problem | None:
        """Take a submission into the batch, or say why not."""
        try:
            refused = None if self._is_like_another(checked) else self._judge_whole(checked)
            if refused is None and require:
                refused = self._ask(checked)
        except Exception as error:  # a mistake of ours about one submission must not cost the others theirs
            _log.exception("%s %s could not be judged", checked.type, checked.id.hex())
            self._context = self._fresh_contract()
            refused = Problem(code="internal", detail=f"the statement could not be judged: {type(error).__name__}")
        if refused is None:
            self._grown.counts.take(self._passed.quotas(checked.like), self._draft.size)
            self._draft.push(checked)
            if checked.type in ("ruling", "dispute"):
                self._context = self._fresh_contract()  # these alone change the standing of what is there already
        return refused

    def _is_like_another(self, checked: CheckedSubmission) -> bool:
        """Whether admission is sure to pass: most was asked of a usage like this one, the rest is asked here."""
        return (
            checked.like is not None
            and self._passed.has(self._at, checked.like)
            and self._at - LATE <= checked.at <= self._at + LEEWAY
            and checked.complete
            and self._draft.all_fresh(checked.digests)
            and self._grown.counts.has_room(self._passed.quotas(checked.like))
        )

    def _judge_whole(self, checked: CheckedSubmission) -> Problem | None:
        entry = self._draft.next_entry(checked)
        statement = entry.statement
        findings = admit(self._context, self._draft, entry, checked.sections)
        if any(finding.result is Result.FAIL for finding in findings):
            self._context = self._fresh_contract()  # it may remember something about an entry that will not be
            return refusal(findings)
        new_log = statement.log if isinstance(statement, Registry) else None
        if new_log is not None and not self._log.keys.holds(vkey_key(new_log)):
            detail = "the new log key is not in the registry's keys folder"
            return Problem(code="key_not_held", detail=detail, where="envelope.payload.log")
        self._passed.add(self._at, checked.like, () if checked.like is None else quotas_of(self._context, entry))
        return None

    def _ask(self, checked: CheckedSubmission) -> Problem | None:
        found = self._judge(self._draft, self._draft.next_entry(checked), checked.sections)
        if found.allowed:
            return None
        detail = f"the answer is {found.answer}, and it was to be logged only if it is yes"
        return Problem(code="not_allowed", detail=detail, where="envelope.payload", rules=found.findings)

    def commit(self) -> None:
        """Log and publish what was accepted; an empty batch is never sealed."""
        accepted = self._draft.entries
        if not accepted:
            return
        state = registry_state(self._fresh_contract(), self._draft.size)
        assert state is not None
        erased = list(self._erasures())
        self._log.commit(accepted, self._at, key=state.key, registry=self._draft.genesis, erased=erased)
        for index, name in erased:
            self._cache.forget_section(index, name)
        if erased:
            self._judge.forget()

    def _erasures(self) -> list[tuple[int, str]]:
        found = []
        for checked in self._draft.entries:
            statement = checked.statement if checked.type == "erasure" else None
            if isinstance(statement, Erasure):
                found += [(index, name) for index in self._draft.find(statement.of) for name in statement.erased]
        return found


KEPT_KEYS = 16_384
"""Parties whose keys are remembered from batch to batch."""


class _Grown:
    """What grows with the log from batch to batch; when it is not known what was written, it begins anew."""

    def __init__(self) -> None:
        self.counts = QuotaCounts()
        self._keys: dict[str, KeyHistory] = {}

    def lend_to(self, context: Context) -> None:
        """Have a context go on from it."""
        if len(self._keys) > KEPT_KEYS:
            self._keys.clear()
        context.memo.lend(KEY_HISTORIES, self._keys)
        context.memo.lend(QUOTA_COUNTS, {None: self.counts})


class _Passed:
    """The usages that admission passed at the last logged time, by likeness (:func:`~verifier.rules.admit.usage_like`),
    and the quotas that those alike are held against.

    It holds until something is logged that is not a usage: usages change nothing that admission reads but the counts.
    """

    LIMIT = 4096

    def __init__(self) -> None:
        self._logged = -1
        self._quotas: dict[bytes, tuple[Quota, ...]] = {}

    def has(self, logged: int, like: bytes) -> bool:
        """Whether a usage like this one passed."""
        return logged == self._logged and like in self._quotas

    def quotas(self, like: bytes | None) -> tuple[Quota, ...]:
        """What a usage like one that passed is held against; of all else nothing is known."""
        return () if like is None else self._quotas.get(like, ())

    def add(self, logged: int, like: bytes | None, quotas: tuple[Quota, ...]) -> None:
        """Remember that an entry passed; ``like`` is None for anything but a usage, which may be logged now."""
        if like is None or logged != self._logged or len(self._quotas) >= self.LIMIT:
            self._quotas.clear()
            self._logged = logged
        if like is not None:
            self._quotas[like] = quotas

    def clear(self) -> None:
        """Forget everything."""
        self._quotas.clear()
