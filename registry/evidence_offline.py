"""The evidence file of one reader, made by the operator out of the registry's folder, served or not.

It is what that reader gets over HTTP: the same table, the same grants, the newest checkpoint that readers are shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from registry import config
from registry.evidence import MeteredView, least_size
from registry.log.image import LogImage
from registry.log.log_error import LogError
from registry.log.log_reader import LogReader
from registry.log.publication import DATABASE, PUBLIC, FolderPublication, Published, read_checkpoint
from registry.log.published_log import SubjectProof
from registry.log.record import EntryCache, LogRecord
from registry.log.sqlite_store import SqliteStore
from registry.metering import OWN, Meter, MeteredRecord, TooMuch
from registry.problems import Problem, too_large
from registry.readers.disclosing import Reading
from registry.readers.reader import Reader
from registry.readers.reader_store import READERS
from registry.readers.readership import Readership
from registry.readers.rights import Rights
from registry.service import Snapshot
from registry.tables.sqlite_tables import SqliteTables
from registry.witnesses.rounds import cosigned_before, waits_for_quorum
from verifier.evidence.build import TooLarge, build_evidence
from verifier.index.proofs import subject_key
from verifier.log.tiles import CHECKPOINT_PATH
from verifier.log.trust import Policy
from verifier.rules.model.question import Question
from verifier.rules.needs import lists_needed
from verifier.statements.types import SECTION_NAMES, Party


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A file, the policy that the registry hands out, and how many entries the log has."""

    data: bytes
    policy: Policy
    size_now: int


def evidence_for(
    root: Path,
    question: Question,
    party: str,
    only: frozenset[str] = frozenset(SECTION_NAMES),
    *,
    clock: config.Clock = config.clock,
) -> Made | Problem:
    """What ``party`` (an id) gets over HTTP with a live key, no more than the sections ``only``.

    That it read them is noted, as it is there. Raises :class:`~registry.config.ConfigError` and
    :class:`~registry.log.log_error.LogError`.
    """
    policy = config.load(root).policy
    log = FolderLog(root)
    try:
        newest = log.record(log.published.checkpoint.size)
        if not any(isinstance(getattr(newest.entry(index), "statement", None), Party) for index in newest.find(party)):
            return Problem(code="not_found", detail="no party with this id is in the log", where="party")
        least = least_size(newest, question)
        if isinstance(least, Problem):
            return least
        kept = cosigned_before(FolderPublication(root), policy, log.state.nodes) if waits_for_quorum(policy) else None
        shown = kept if kept is not None and kept.checkpoint.size >= least else log.published
        now = max(clock(), log.state.logged(newest.size))
        tables = SqliteTables(root / READERS, erasing=False)
        readers = Readership(tables, lambda: newest, log.state.known_in, log.leaves, lambda: now)
        try:
            rights = readers.rights(Reader(party=party), only)
            reading = Reading(rights)
            data = _build(log, question, shown, rights, reading)
            reading.note(readers)
        finally:
            readers.close()
        return Made(data=data, policy=policy, size_now=log.published.checkpoint.size)
    except (TooMuch, TooLarge) as error:
        return too_large(error)
    finally:
        log.store.close()


def _build(log: FolderLog, question: Question, shown: Published, rights: Rights, reading: Reading) -> bytes:
    """Raises TooMuch and TooLarge."""
    meter, record = Meter(OWN), log.record(shown.checkpoint.size)
    wanted = tuple(lists_needed(MeteredRecord(record, meter), question, rights.may_see))
    view = MeteredView(Snapshot(log, record, shown, log.lists(shown, wanted)), meter)
    return build_evidence(question, view, shown.note, wanted, reading.gives)


class FolderLog(LogReader):
    """The log in the folder ``root`` as it was published last, with the proofs of its lists; nothing is written.

    Raises :class:`~registry.log.log_error.LogError`, and :class:`~registry.log.damage.Damaged` as reading does.
    """

    def __init__(self, root: Path) -> None:
        published = read_checkpoint(root / PUBLIC / CHECKPOINT_PATH)  # before the rows: those go on being written
        if published is None:
            raise LogError(f"{root / PUBLIC / CHECKPOINT_PATH} is missing: nothing is published yet.")
        self.published = published
        self.store = SqliteStore(root / DATABASE, readonly=True)
        self.state = LogImage()
        try:
            size = published.checkpoint.size
            self.state.load(takewhile(lambda batch: batch.size < size, self.store.batches(leaves=False)))
            if self.state.size != size or self.state.nodes.root(size) != published.checkpoint.root:
                raise LogError(f"{root / DATABASE} does not hold the tree that {CHECKPOINT_PATH} signs: registry fsck.")
            self._cache = EntryCache(self)
            first = self._cache.entry(0)
            assert first is not None
            self._genesis = first.statement.id
        except BaseException:
            self.store.close()
            raise

    def record(self, size: int) -> LogRecord:
        """The first ``size`` entries, for the rules."""
        return LogRecord(self, self._cache, self._genesis, size)

    def lists(self, published: Published, subjects: Iterable[str]) -> dict[str, SubjectProof]:
        """The lists of these subjects at a checkpoint, the published one or one before. The index is left there."""
        size = published.checkpoint.size
        self.state.index.update(self.state.lists_at(size))
        return {
            subject: SubjectProof(
                published=published,
                rows=tuple((row, self.state.logged(row)) for row in self.state.rows(key) if row < size),
                proof=self.state.index.prove(key),
            )
            for subject in subjects
            for key in [subject_key(subject)]
        }
