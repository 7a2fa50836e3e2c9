"""An auditor: it replays a log to the checkpoint that it is asked to cosign, and agrees only if nothing is wrong.

Each log has a thread of its own, which alone touches that log's replay. Whoever asks waits a moment for it: a first
replay may take far longer, goes on all the same, and the registry asks again. What the replay finds wrong (protocol,
section 9) is told with the refusal. One reason is not in the log: a revocation, suspension or retiring ``key``
statement that a party handed in 24 hours ago and that the log still does not have (``statement_withheld``). Such a
statement is taken only if the log would have to take it, so that nobody can have an honest registry refused with a
statement that is void.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from verifier.base import canonical
from verifier.base.errors import KembarError, Malformed
from verifier.base.values import value
from verifier.evidence.explain import explain_code
from verifier.log.checkpoint import Checkpoint
from verifier.log.proofs import ProofError
from verifier.log.tiles import CHECKPOINT_PATH
from verifier.log.trust import Policy
from verifier.programs.audit.replayer import AuditReport, Replayer
from verifier.programs.audit.store import AuditStoreError
from verifier.programs.language import english
from verifier.programs.source import Broken, Source, Unreachable
from verifier.programs.witness.decision import Proposal, Reply, refuse
from verifier.programs.witness.store import Handed, WitnessStore
from verifier.replay.authentic_tree import AuthenticTree, WrongTile
from verifier.replay.findings import explain_finding, misbehaviour
from verifier.replay.record import ReplayRecord
from verifier.replay.replay import NotReplayable
from verifier.rules.admit import admit
from verifier.rules.model.record import Entry
from verifier.rules.model.results import Result
from verifier.rules.standing.judged import JudgedContext
from verifier.statements.envelope import Envelope, check_signatures, envelope_from_json
from verifier.statements.leaf import parse_leaf
from verifier.statements.parse import parse_statement
from verifier.statements.types import MAX_LEAF, Key, Revocation, Seal, Statement, Suspension

WITHHELD_AFTER = 24 * 3600
"""Seconds after which a statement that was handed in has to be in the log."""

REPLAY_SECONDS = 8
"""Seconds that a request waits for the replay; C2SP witnesses answer at once, and logs do not wait for long."""

LOOK_EVERY = 60
"""Seconds after which the log is looked at though nobody asked."""

MAX_JOBS = 256
"""Requests that may wait for one log's replay."""

MAX_HANDED = MAX_LEAF + 16
"""Bytes of one statement as it is handed in."""

MAX_PER_SIGNER, MAX_BYTES_PER_SIGNER, MAX_IN_ALL = 64, 1 << 20, 100_000
"""What is kept of statements that are not in the log: of one signing key, and of all."""

MAX_REASONS = 20

NEWEST_PATH = f"{CHECKPOINT_PATH}/newest"
"""Where a registry that shows its readers what was cosigned shows its auditors what is to be (protocol, section 8)."""

_log = logging.getLogger(__name__)


@value
class HandIn:
    """What became of a statement: 202 and its id (and its index, if it is logged already), or why it is not taken."""

    status: int
    id: str = ""
    index: int | None = None
    code: str = ""
    detail: str = ""


@value(frozen=False, kw_only=False)
class _Ask:
    """May this checkpoint be cosigned?"""

    proposal: Proposal
    done: threading.Event
    answer: Reply | None = None


@value(frozen=False, kw_only=False)
class _Hand:
    """Is this statement one that the log must take?"""

    envelope: Envelope
    statement: Statement
    done: threading.Event
    result: HandIn | None = None


_Job: TypeAlias = _Ask | _Hand


class Auditor:
    """The replay of one log in the folder ``root``, read from ``source``, until :meth:`close`."""

    def __init__(
        self, root: Path, origin: str, logs: Policy, source: Source, store: WitnessStore, clock: Callable[[], int],
        *, patience: float = REPLAY_SECONDS, jobs: int = 1, is_anew: bool = False,
    ) -> None:  # fmt: skip
        # The log is trusted by its key alone: whom its readers trust besides is theirs to say, and would have the
        # auditor wait for its own cosignature.
        keys = tuple(log for log in logs.logs if log.verifier.name == origin)
        self._policy = Policy(logs=keys, witnesses=(), groups=(), quorum=None)
        self.origin = origin
        self.genesis = ""
        self.reasons: tuple[str, ...] = ()
        self._root = root
        self._source = _Newest(source)
        self._store = store
        self._clock = clock
        self._patience = patience
        self._workers = jobs
        self._is_anew = is_anew
        self._jobs: queue.Queue[_Job | None] = queue.Queue(MAX_JOBS)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"audit of {origin}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop after the bundle that is being replayed; what was replayed stays."""
        self._stopping.set()
        with suppress(queue.Full):  # then there are jobs, between which the thread looks at the event
            self._jobs.put_nowait(None)
        self._thread.join()

    # ---- asking, from any thread

    def approve(self, proposal: Proposal) -> Reply | None:
        """None if the log was replayed to this checkpoint, nothing is wrong with it, and nothing is withheld."""
        job = _Ask(proposal, threading.Event())
        if not self._wait(job):
            return refuse(503, "the log is being replayed: ask again in a while")
        return job.answer

    def hand_in(self, envelope: Envelope, statement: Statement) -> HandIn:
        """Keep a statement to see whether the log takes it."""
        job = _Hand(envelope, statement, threading.Event())
        if not self._wait(job) or job.result is None:
            return HandIn(status=503, code="busy", detail="the log is being replayed: hand it in again in a while")
        return job.result

    def waiting(self) -> list[bytes]:
        """The leaves that were handed in and that the log did not have when it was last looked at, oldest first."""
        return [one.leaf for one in self._store.handed(self.origin)]

    def _wait(self, job: _Job) -> bool:
        if self._stopping.is_set():
            return False
        try:
            self._jobs.put_nowait(job)
        except queue.Full:
            return False
        return job.done.wait(self._patience)

    # ---- the log's own thread

    def _run(self) -> None:
        replayer: Replayer | None = None
        jobs: list[_Job] = []  # a first look, before anybody asks
        while not self._stopping.is_set():
            try:
                if replayer is None:
                    replayer = self._open()
                self._round(replayer, jobs)
            except (Unreachable, AuditStoreError, OSError) as error:
                self._give_up(jobs, 503, f"the log cannot be replayed now: {error}")
            except (Broken, NotReplayable, KembarError) as error:
                self._give_up(jobs, 422, f"not_replayable: {error}")
            except Exception as error:
                _log.exception("the replay of %s failed", self.origin)
                self._give_up(jobs, 503, f"the replay failed: {type(error).__name__}")
                if replayer is not None:
                    replayer.__exit__(None, None, None)
                    replayer = None
            jobs = self._take()
        if replayer is not None:
            replayer.__exit__(None, None, None)

    def _take(self) -> list[_Job]:
        """Wait for a job; all that are waiting by then share one look at the log. None for long: look all the same."""
        found: list[_Job | None] = []
        with suppress(queue.Empty):
            found.append(self._jobs.get(timeout=LOOK_EVERY))
        while not self._jobs.empty():
            found.append(self._jobs.get())
        return [job for job in found if job is not None]

    def _open(self) -> Replayer:
        replayer = Replayer(
            self._root,
            self._policy,
            jobs=self._workers,
            clock=self._clock,
            should_stop=self._stopping.is_set,
            is_anew=self._is_anew,
        )
        self._is_anew = False
        self.genesis = replayer.store.position().genesis
        return replayer

    def _round(self, replayer: Replayer, jobs: Sequence[_Job]) -> None:
        before = self._clock()  # what the log shows now, it had before anything that it makes from now on
        report = replayer.advance(self._source)
        self.genesis = replayer.store.position().genesis
        withheld = self._withheld(replayer)
        refusals = [f"{one.code}: entry {one.index}: {explain_finding(one, english())}" for one in report.refusals]
        self.reasons = (*refusals[:MAX_REASONS], *withheld[:MAX_REASONS])
        for job in jobs:
            if isinstance(job, _Ask):
                job.answer = self._judge(replayer, report, job.proposal)
                if job.answer is None:
                    replayer.cosigned(report.checkpoint.size, before)
            else:
                job.result = self._take_in(replayer, job)
            job.done.set()

    def _give_up(self, jobs: Sequence[_Job], status: int, why: str) -> None:
        _log.warning("%s: %s", self.origin, why)
        self.reasons = (why,)
        for job in jobs:
            if isinstance(job, _Ask):
                job.answer = refuse(status, why)
            else:
                job.result = HandIn(status=503, code="unavailable", detail=why)
            job.done.set()

    def _judge(self, replayer: Replayer, report: AuditReport, proposal: Proposal) -> Reply | None:
        """Why the checkpoint is not cosigned, if it is not."""
        if self.reasons:
            return refuse(422, "\n".join(self.reasons))
        asked, shown = proposal.checkpoint, report.checkpoint
        if proposal.text.count("\n") != 3:
            return refuse(422, "extension_lines: a Kembar log's checkpoint has none")
        if not report.finished or asked.size > min(report.size, shown.size):
            return refuse(503, f"replayed to {report.size}; the log shows {shown.size}, not {asked.size} yet")
        try:
            tree = AuthenticTree(shown, replayer.store.mirror.tile)
            tree.check_consistency(asked)
        except WrongTile as error:
            return refuse(503, f"the mirror is damaged: {error}")
        except ProofError:
            replayer.accuser.fork(proposal.note.encode("utf-8"), asked.size, report.note, tree)
            fork = misbehaviour(asked.size, "fork", smaller=asked.size, larger=shown.size)
            if replayer.store.add_fork(report.note, proposal.note.encode("utf-8")):
                replayer.store.add_findings([fork])
                replayer.store.commit()
            return refuse(422, f"fork: {explain_finding(fork, english())}")
        if not _ends_with_seal(replayer, asked):
            return refuse(422, "unsealed: the checkpoint's tree does not end with a seal")
        return None

    # ---- statements handed in

    def _withheld(self, replayer: Replayer) -> list[str]:
        """What had to be in the log by now and is not."""
        found = []
        for one in self._store.handed(self.origin):
            if replayer.index_of(one.id) is not None:
                self._store.logged(self.origin, one.id)
            elif one.at + WITHHELD_AFTER <= self._clock():
                found.append(f"statement_withheld: {one.id} was handed in 24 hours ago and is not in the log")
        return found

    def _take_in(self, replayer: Replayer, job: _Hand) -> HandIn:
        statement, envelope = job.statement, job.envelope
        index = replayer.index_of(statement.id)
        if index is not None:
            return HandIn(status=202, id=statement.id, index=index)
        if not may_be_withheld(statement):
            return HandIn(status=202, id=statement.id)  # its parties have its log proof or have not: no case of ours
        position = replayer.store.position()
        record = ReplayRecord(replayer.store, position.genesis, position.size, replayer.store.bad())
        now = max(self._clock(), position.last_at)
        entry = Entry(index=position.size, logged=now, statement=statement, signers=envelope.signers)
        findings = admit(JudgedContext(record, instant=now, as_of=now), _Used(record), entry, {})
        failed = [finding for finding in findings if finding.result is Result.FAIL]
        if failed:
            said = " ".join(explain_code(finding.rule, finding.code, english()) for finding in failed)
            return HandIn(status=422, code="refused", detail=f"the log would not have to take it: {said}")
        handed = Handed(id=statement.id, leaf=envelope.leaf, at=self._clock())
        if not self._store.hand_in(
            self.origin, handed, min(envelope.signers), MAX_PER_SIGNER, MAX_BYTES_PER_SIGNER, MAX_IN_ALL
        ):
            return HandIn(status=429, code="too_many", detail="too many statements of this signer are waiting already")
        return HandIn(status=202, id=statement.id)


class _Newest:
    """A log as it is now, cosigned or not: what readers are shown may be waiting for this very auditor."""

    def __init__(self, source: Source) -> None:
        self.name = source.name
        self.is_remote = source.is_remote
        self._source = source

    def get(self, path: str, limit: int) -> bytes | None:
        newest = self._source.get(NEWEST_PATH, limit) if path == CHECKPOINT_PATH else None
        return self._source.get(path, limit) if newest is None else newest


class Auditors:
    """The auditors of all logs of a witness, by origin."""

    def __init__(self, auditors: Mapping[str, Auditor]) -> None:
        self.by_origin = auditors

    def close(self) -> None:
        """Stop them all."""
        for auditor in self.by_origin.values():
            auditor.close()

    def reasons(self, origin: str) -> tuple[str, ...]:
        """Why the last checkpoint of a log was not cosigned; nothing if it was."""
        return self.by_origin[origin].reasons

    def waiting(self) -> list[bytes]:
        """What was handed in and is in no log yet."""
        return [leaf for auditor in self.by_origin.values() for leaf in auditor.waiting()]

    def hand_in(self, lines: Sequence[bytes]) -> list[HandIn]:
        """One result for each ``{"envelope": {...}}``, in order. The statement says which log it is for."""
        return [self._one(line) for line in lines]

    def _one(self, data: bytes) -> HandIn:
        try:
            envelope, statement = parse_handed(data)
        except Malformed as error:
            return HandIn(status=400, code="submission_malformed", detail=str(error))
        auditors = self.by_origin.values()
        for auditor in auditors:
            if auditor.genesis and auditor.genesis == statement.registry:
                return auditor.hand_in(envelope, statement)
        for auditor in auditors:
            if not auditor.genesis:  # not replayed yet: to learn whose it is, it has to be asked
                result = auditor.hand_in(envelope, statement)
                if result.status != 422 or auditor.genesis == statement.registry:
                    return result
        return HandIn(status=422, code="wrong_registry", detail="the statement is for a log that is not audited here")


class _Used:
    """What the replayed log has used up (:class:`verifier.rules.admit.UsedUp`)."""

    def __init__(self, record: ReplayRecord) -> None:
        self._record = record

    def digest_seen(self, digest: str) -> bool:
        return self._record.digest_place(digest, self._record.size) is not None

    def key_seen(self, key: str) -> bool:
        return self._record.key_place(key, self._record.size) is not None


def may_be_withheld(statement: Statement) -> bool:
    """Whether an auditor minds if the log does not take it: what stops something (protocol, section 9)."""
    if isinstance(statement, Key):
        return statement.retire is not None or statement.keys is not None
    return isinstance(statement, Revocation | Suspension)


def parse_handed(data: bytes) -> tuple[Envelope, Statement]:
    """Read ``{"envelope": {...}}``: well-formed, with good signatures. No disclosures: an auditor needs none."""
    value = canonical.parse(data, limit=MAX_HANDED)
    if not isinstance(value, dict) or set(value) != {"envelope"}:
        raise Malformed('what is handed to an auditor is {"envelope": {...}} and nothing else, no disclosures')
    try:
        envelope = envelope_from_json(value["envelope"])
        statement = parse_statement(envelope.payload)
    except Malformed as error:
        raise error.at("envelope") from None
    bad = check_signatures(envelope)
    if bad is not None:
        raise Malformed("does not verify", f"envelope.signatures[{bad}]")
    return envelope, statement


def _ends_with_seal(replayer: Replayer, checkpoint: Checkpoint) -> bool:
    if not checkpoint.size:
        return False
    try:
        statement = parse_leaf(replayer.store.leaf(checkpoint.size - 1)).statement
    except Malformed:
        return False
    return isinstance(statement, Seal)
