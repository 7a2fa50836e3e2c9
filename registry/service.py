"""A registry, without HTTP and without SQL: submit statements, read the log, prove what stands in it.

Everything that is proved is proved at the published checkpoint, never at a tree that nobody has seen yet. Methods may
be called from any thread.
"""

from __future__ import annotations

import logging
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Self

from registry import config
from registry.addresses import Addresses
from registry.advice.cache import Cache
from registry.advice.dry_run import Booking, DryRun, Plan, book, is_clashing, may_i
from registry.advice.opinion import Opinions
from registry.answerer import Answerer, Chosen
from registry.gate import Gate
from registry.index_view import IndexView
from registry.intake.checks import CheckedSubmission, check_submission
from registry.intake.workers import Pool
from registry.log.erasing import NAMED_AFTER
from registry.log.log_error import LogUnavailable
from registry.log.publication import Published
from registry.log.published_log import PublishedLog
from registry.log.record import EntryCache, LogRecord, Used
from registry.log.scrub import Scrubber
from registry.metering import OWN, Meter, MeteredRecord
from registry.problems import Problem
from registry.readers.reader import STRANGER
from registry.readers.reader_store import PART
from registry.readers.readership import Readership
from registry.readers.rights import ReaderRecord, Rights
from registry.seal_clock import ClockState, SealClock, boot_time
from registry.sequencer import Logged, Outcome, Sequencer, Waiting
from registry.snapshot import Found, ProvedLists, Quorum, Snapshot, Submitted, Taken
from registry.witnesses.circle import Circle
from verifier.base.canonical import Json
from verifier.base.strict import format_instant
from verifier.index.proofs import subject_key
from verifier.log.proofs import MAX_SIZE
from verifier.log.tiles import Tile
from verifier.rules.model.record import Entry, Record
from verifier.statements.types import Consent

if TYPE_CHECKING:
    from registry.log.lease import Lease

TOGETHER = 1_000
"""Submissions that are checked, and handed to the writer, together."""
AHEAD = 3
"""So many times ``TOGETHER`` may be with the workers, and with the writer, at a time."""


_logger = logging.getLogger(__name__)

QUORUM_WAIT = 5.0
"""Seconds that a request for evidence waits for the witnesses, as long as they are being asked."""


def _parts(raw: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """``TOGETHER`` at a time; the first part of many is short, so that the writer soon has something to do."""
    start = 0
    end = TOGETHER // 4 if len(raw) > TOGETHER else TOGETHER
    while start < len(raw):
        yield raw[start:end]
        start, end = end, end + TOGETHER


def _outcomes(checked: Sequence[CheckedSubmission | Problem], waiting: Waiting) -> Iterator[Outcome]:
    """In order: what the writer says of the good ones, and what was wrong with the others."""
    said = iter(waiting.outcomes())
    return (next(said) if isinstance(one, CheckedSubmission) else one for one in checked)


Lists = Callable[[Record], Iterable[str]]
"""Chooses the lists that an answer needs, as far as a record shows them."""
CHOICES = 5
"""Times that lists are chosen anew, because they have grown meanwhile."""

Choose = Callable[[int], Chosen]
"""Says for a size of the log which lists are needed then."""


def _grows_too_fast() -> Problem:
    return Problem(code="busy", detail="what is asked about grows faster than it can be answered; ask again")


class Service:
    """One registry, open. Closing it finishes what is being written.

    It is the one that writes the log: that of a folder, or with the ``lease`` of one that machines share.
    """

    _log: PublishedLog
    defers = False
    """Whether it may be some time before it is known what becomes of a submission."""

    def __init__(
        self,
        settings: config.Config,
        *,
        clock: config.Clock = config.clock,
        boot: Callable[[], float] | None = None,
        lease: Lease | None = None,
    ) -> None:
        """``boot`` counts seconds beside ``clock`` and is never set; a clock of the caller's own is its own measure."""
        self.config = settings
        self._clock = clock
        self._closed = False
        self._before_close: list[Callable[[], None]] = []
        self._lease = lease
        self._lock = config.Lock(settings.root) if lease is None else None  # a front end of this folder has it
        try:
            self._log = self._open()
        except BaseException:
            self._unlock()
            raise
        self._cache = EntryCache(self._log)
        self.genesis = self._log.genesis
        self._pool = Pool()
        self.memory = Cache()
        self.answerer = Answerer(settings.root)
        self._begin(boot)
        self.index = IndexView(self._log, lambda: self._quorum)
        self.addresses = Addresses(settings)
        tables, log = settings.tables(PART, erasing=False), self._log
        self.readers = Readership(tables, self.record, log.state.known_in, log.leaves, self.now)

    def _open(self) -> PublishedLog:
        self._written = self.config.open_log(self._lease)
        return self._written

    def _begin(self, boot: Callable[[], float] | None) -> None:
        """Whatever goes on beside reading: the writer, those who watch it, the background pass."""
        settings, clock, log = self.config, self._clock, self._written
        self._gate = Gate(log, settings.policy.log(settings.origin))
        if boot is None:
            boot = boot_time if clock is config.clock else clock
        self.seal_clock = SealClock(
            settings.root, clock, boot, lambda patience: self.circle.cosigning.offsets(patience)  # noqa: PLW0108
        )
        self._sequencer = Sequencer(log, self._cache, self.genesis, clock, Opinions(self.memory), self._may_seal)
        self._gate.on_open = self._sequencer.wake
        self.circle = Circle(log, self._gate, clock, settings, self.submit)
        self.seal_clock.watch(lambda: log.state.last_at)
        ahead = log.state.last_at - clock()
        if ahead > 0:
            _logger.warning("the last seal is dated %d seconds ahead of this machine's clock", ahead)
        self._scrubber = Scrubber(log)

    @property
    def _quorum(self) -> Quorum:
        return self.circle.cosigning  # another one, once the policy has changed

    def _may_seal(self) -> Problem | None:
        """Asked by the writer before each batch."""
        return self._gate.refusal() or self.seal_clock.refusal(self._log.state.last_at)

    @classmethod
    def open(cls, root: Path, *, clock: config.Clock = config.clock) -> Service:
        """The registry in the folder ``root``, which no other process may be writing to."""
        return cls(config.load(root), clock=clock)

    def close(self) -> None:
        """Finish what is waiting and let go of the folder. Once is enough; again does nothing."""
        if not self._closed:
            self._closed = True
            for callback in self._before_close:
                callback()
            self._hush()
            self.readers.close()
            self._end()
            self._pool.close()
            self.answerer.close()
            self._log.close()
            self._unlock()

    def _hush(self) -> None:
        self.seal_clock.close()
        self._scrubber.close()
        self.circle.hush()

    def _end(self) -> None:
        self._sequencer.close()
        self.circle.close()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def before_close(self, callback: Callable[[], None]) -> None:
        """Have something that rests on this registry end before it does."""
        self._before_close.append(callback)

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.config.origin

    # ---- writing

    def submit(self, raw: Sequence[bytes], *, require: bool = False, sender: str = "") -> list[Outcome]:
        """One outcome for each submission, in order, once all are durable and published or refused.

        With ``require``, what would not be authorised (a usage) or in force (a consent) is refused. ``sender`` is the
        network that it comes from: of many that wait, each network's turn comes.
        """
        outcomes: list[Outcome] = []
        # While some are written the next are checked, and those after them wait at the workers; ``raw``'s order stays.
        checking: deque[Callable[[], list[CheckedSubmission | Problem]]] = deque()
        writing: deque[tuple[list[CheckedSubmission | Problem], Waiting]] = deque()
        parts = _parts(raw)
        while True:
            for part in islice(parts, AHEAD - len(checking)):
                checking.append(self._pool.start(part))
            if not checking:
                break
            checked = checking.popleft()()
            good = [one for one in checked if isinstance(one, CheckedSubmission)]
            writing.append((checked, self._hand_over(good, require=require, sender=sender)))
            if len(writing) > AHEAD:
                outcomes += _outcomes(*writing.popleft())
        for one, waiting in writing:
            outcomes += _outcomes(one, waiting)
        return outcomes

    def _hand_over(self, checked: Sequence[CheckedSubmission], *, require: bool, sender: str) -> Waiting:
        return self._sequencer.submit(checked, require=require)

    def hand_in(self, raw: Sequence[bytes], *, require: bool = False, sender: str = "") -> list[Taken]:
        """For whoever need not know what becomes of them: here it is known as soon as it is asked."""
        return list(self.submit(raw, require=require, sender=sender))

    def submission(self, id: str) -> Submitted | Outcome | None:
        """What became of a submission with this statement id (64 hex digits); None if nothing is known of any."""
        index = self._log.state.ids.get(bytes.fromhex(id))
        if index is None or index >= self._log.published.checkpoint.size or self._log.state.is_seal(index):
            return None
        return Logged(id=id, index=index, repeated=True, published=self._log.published, log=self._log)

    def beginning_with(self, digits: str) -> list[str]:
        """The ids of statements in the published log that begin with these hex digits: at most two of them."""
        return self._log.state.ids_beginning_with(digits, self.published.checkpoint.size)[:2]

    def dry_run(self, raw: bytes, rights: Rights | None, record: Record | None = None) -> DryRun | Problem:
        """What would become of a submission, all checks included, with nothing appended, as far as a reader may know.

        Signatures may be missing. Who is no party of what is submitted is refused, whatever it says. With None all is
        seen, which nobody may be told. ``record`` is the log as those rights show it, counted with what else is read.
        """
        checked = check_submission(raw, signed=False)
        if isinstance(checked, Problem):
            return checked
        if rights is not None and not rights.is_party(checked.statement):
            return Problem(code="refused", detail="refused")
        if record is None:
            whole = self.record()
            record = whole if rights is None else ReaderRecord(MeteredRecord(whole, Meter(OWN)), rights)
        at = max(self._clock(), self._log.state.logged(record.size))
        entry = Entry(index=record.size + 1, logged=at, statement=checked.statement, signers=checked.signers)
        if record.find(checked.statement.id):
            return Problem(code="logged_already", detail="this statement is in the log already")
        memory = self.memory if rights is None else Cache()  # self.memory has seen all
        asker = STRANGER if rights is None else rights.reader
        found = may_i(record, Used(self._log), entry, checked.sections, memory, asker)
        statement, model = checked.statement, checked.statement.parties.model
        if rights is None or not isinstance(statement, Consent) or found.clashes is None or model is None:
            return found
        if rights.is_model_side(model) or self.readers.read_all_exclusivity(model, rights):
            return found
        left = self.readers.count_question(model, rights.reader.party, {"consent": statement.id})
        clashing = None if isinstance(left, Problem) else is_clashing(self.record(), entry, checked.sections)
        return replace(found, is_clashing=clashing)

    def book(self, plan: Plan, rights: Rights | None) -> tuple[Booking, Published] | Problem:
        """Whether anybody's exclusivity is in the way of a plan, and the checkpoint as of which it is answered.

        With ``rights`` it is what that reader may know; with None all is seen, and no more than yes or no may be told.
        """
        published = self._log.published
        whole = LogRecord(self._log, self._cache, self.genesis, published.checkpoint.size)
        record = whole if rights is None else ReaderRecord(whole, rights)
        found = book(record, plan, max(self._clock(), self._log.state.logged(record.size)))
        return found if isinstance(found, Problem) else (found, published)

    # ---- readers

    def now(self) -> int:
        """The time that answers are given for (POSIX seconds): this machine's, and not before the last seal's."""
        return max(self._clock(), self._log.state.logged(self._log.published.checkpoint.size - 1))

    # ---- reading

    def checkpoint(self) -> str:
        """The checkpoint that readers are shown, a signed note."""
        return self.shown.note

    @property
    def shown(self) -> Published:
        """Where the trust policy asks for a quorum, the newest checkpoint that has met it, if there is one.

        The newest of all is not cosigned yet when it is published, and on a busy log it never is before it is outgrown.
        """
        return self._quorum.cosigned(0, 0) or self.published

    @property
    def published(self) -> Published:
        """The newest checkpoint, whoever has cosigned it."""
        return self._log.published

    def record(self) -> LogRecord:
        """The log at the published checkpoint, for the rules."""
        return self.record_at(self._log.published.checkpoint.size)

    def record_at(self, size: int) -> LogRecord:
        """The log's first ``size`` entries, which are published, for the rules."""
        return LogRecord(self._log, self._cache, self.genesis, size)

    def entry(self, id: str) -> Found | None:
        """The entry of a statement id (64 hex digits); None if the published log has none."""
        record = self.record()
        for index in record.find(id):
            entry = record.entry(index)
            assert entry is not None
            shown = self.shown
            published = shown if index < shown.checkpoint.size else self.published
            return Found(
                entry=entry,
                leaf=self._log.leaf(index),
                proof=Logged(id=id, index=index, repeated=True, published=published, log=self._log).proof,
                disclosures=self._log.disclosures(index),
                erased=self._log.store.erased(index),
            )
        return None

    def logged(self, index: int) -> int:
        """The logged time (POSIX seconds) of an entry of the published log, or of the seal that stands there."""
        return self._log.state.logged(index)

    def disclosures(self, index: int) -> Mapping[str, str]:
        """All sections of an entry of the published log that there are, by their names: for those entitled to them."""
        return self._log.disclosures(index)

    def leaf(self, index: int) -> bytes | None:
        """The bytes of an entry of the published log."""
        return self._log.leaf(index) if 0 <= index < self._log.published.checkpoint.size else None

    def inclusion(self, index: int, size: int) -> list[bytes] | Problem:
        """The proof that entry ``index`` is in the tree of the first ``size`` entries."""
        if not 0 <= index < size <= self._published_size():
            return self._beyond(f"there is no entry {index} in a tree of size {size}")
        return self._log.inclusion(index, size)

    def consistency(self, old: int, size: int) -> list[bytes] | Problem:
        """The proof that the tree of ``size`` entries begins with that of ``old``."""
        if not 0 <= old <= size <= self._published_size():
            return self._beyond(f"no tree of size {size} has grown from size {old}")
        return self._log.consistency(old, size)

    def _beyond(self, detail: str) -> Problem:
        return Problem(code="not_found", detail=f"{detail}; the log has {self._published_size()} entries")

    def _published_size(self) -> int:
        return min(self._log.published.checkpoint.size, MAX_SIZE)

    def health(self) -> dict[str, Json]:
        """How the registry is, for its operator's alarms: ``ok``, and what is not. It tells nothing about terms."""
        pending = self._log.eraser.pending
        damaged: list[Json] = list(self._scrubber.damaged)
        late = pending is not None and self._clock() - pending.since > NAMED_AFTER
        clock, waits = self.seal_clock.told(self._log.state.last_at), self._gate.refusal()
        is_sealing = waits is None and clock not in (ClockState.DOUBTED, ClockState.BEHIND)
        found: dict[str, Json] = {
            "clock": clock.value,
            "damaged": damaged,
            "ok": is_sealing and not damaged and not late,
            "questions": self.answerer.state,
            "sealing": waits.code if waits is not None else "yes" if is_sealing else "clock",
        }
        if pending is not None:
            found["erasure_pending"] = {"reason": pending.reason, "since": format_instant(pending.since)}
        return found

    def served_at(self, address: str) -> None:
        """Have those who find the folder taken know where its process is asked."""
        if self._lock is not None:
            self._lock.note(address)

    def witnesses(self) -> list[Json]:
        """Whom this registry has its checkpoints cosigned by, and how that goes."""
        return self._quorum.report()

    def await_quorum(self) -> None:
        """Wait until what is published now has met the quorum, for at most :data:`QUORUM_WAIT` seconds."""
        self._quorum.cosigned(self._log.published.checkpoint.size, QUORUM_WAIT)

    def may_pass(self, least: int) -> bool:
        """Whether what is shown of ``least`` entries has met the quorum that the trust policy asks for, if it does."""
        if self._quorum.view is None:
            return True
        cosigned = self._quorum.cosigned(0, 0)
        return cosigned is not None and cosigned.checkpoint.size >= least

    def snapshot(
        self, lists: Lists, least: int = 0, meter: Meter | None = None, wait: float = QUORUM_WAIT
    ) -> Snapshot | Problem:
        """The log at one checkpoint with the proofs of ``lists(record)``, whatever is written meanwhile.

        Where the trust policy asks for a quorum, it is the newest checkpoint that has met it, if that has ``least``
        entries: the one that is published now, if its cosignatures come within ``wait`` seconds. ``meter``
        counts what the choice of the lists costs.
        """
        meter = meter or Meter(OWN)
        found = self.proved_lists(lambda size: self._choose(lists, size, meter), least, wait)
        return found if isinstance(found, Problem) else self._snapshot(found)

    def proved_lists(self, choose: Choose, least: int = 0, wait: float = QUORUM_WAIT) -> ProvedLists | Problem:
        """The lists that ``choose`` says, with their proofs, at the checkpoint of a :meth:`snapshot`."""
        return self._cosigned_lists(choose, least, wait) or self._newest_lists(choose)

    def _cosigned_lists(self, choose: Choose, least: int, wait: float) -> ProvedLists | Problem | None:
        """At the newest checkpoint that has met the quorum; None if there is none of ``least`` entries."""
        cosigning = self._quorum
        view = cosigning.view
        cosigned = cosigning.cosigned(self._log.published.checkpoint.size, wait)
        for _ in range(CHOICES):
            if view is None or cosigned is None or cosigned.checkpoint.size < least:
                return None
            chosen = choose(cosigned.checkpoint.size)
            with view.holding() as cosigned:
                if cosigned is not None and self._still_fits(chosen, cosigned.checkpoint.size):
                    proofs = view.held_proofs(cosigned.checkpoint.size, chosen.wanted)
                    return ProvedLists(published=cosigned, wanted=chosen.wanted, proofs=proofs)
        return _grows_too_fast()

    def _newest_lists(self, choose: Choose) -> ProvedLists | Problem:
        try:
            for _ in range(CHOICES):
                chosen = choose(self._log.published.checkpoint.size)
                with self._log.reading() as published:
                    if self._still_fits(chosen, published.checkpoint.size):
                        proofs = self._log.index_proofs(chosen.wanted)
                        return ProvedLists(published=published, wanted=chosen.wanted, proofs=proofs)
        except LogUnavailable as error:
            return Problem(code="unavailable", detail=str(error))
        return _grows_too_fast()

    def _choose(self, lists: Lists, size: int, meter: Meter) -> Chosen:
        """The lists as of ``size``, chosen while nobody waits for it: neither the writer nor the witnesses' news."""
        record = MeteredRecord(LogRecord(self._log, self._cache, self.genesis, size), meter)
        wanted = tuple(lists(record))
        for subject in wanted:
            record.rows(subject)
        return Chosen(wanted=wanted, read=record.read)

    def _still_fits(self, chosen: Chosen, size: int) -> bool:
        """Whether the same lists would be chosen at ``size``: none that was looked at has grown. Quick, as all wait."""
        state = self._log.state
        return all(
            bisect_left(state.rows(subject_key(subject)), size) == length for subject, length in chosen.read.items()
        )

    def _snapshot(self, found: ProvedLists) -> Snapshot:
        record = LogRecord(self._log, self._cache, self.genesis, found.published.checkpoint.size)
        shown = {
            subject: self._log.subject_proof(found.published, rows, proof)
            for subject, (rows, proof) in zip(found.wanted, found.proofs, strict=True)
        }
        return Snapshot(self._log, record, found.published, shown)

    def tile(self, tile: Tile) -> bytes | None:
        """The bytes of a tile or an entry bundle; None where the published log has none of this width."""
        return self._log.read_tile(tile)


__all__ = ["Booking", "DryRun", "Found", "Logged", "Outcome", "Plan", "Problem", "Service", "Snapshot"]
