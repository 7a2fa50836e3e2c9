"""One run of an audit: fetch what is new, show that it belongs, replay it, keep a mirror. For the command and auditors.

    with Replayer(Path("store"), policy, jobs=2) as replayer:
        report = replayer.advance(open_source("https://registry.example/log"))
        if report.may_cosign: ...

An auditor's server calls :meth:`Replayer.advance` whenever there is a new checkpoint, :meth:`Replayer.cosigned` after
each cosignature (the next seals may not claim an earlier time), and :meth:`Replayer.index_of` to see whether a
statement that it was handed is in the log.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType

from verifier.base.errors import Malformed
from verifier.base.values import field, value
from verifier.evidence.following import NewLogKey, new_key_in
from verifier.index.tree import IndexTree
from verifier.log.checkpoint import Checkpoint, parse_checkpoint
from verifier.log.note import parse_note
from verifier.log.proofs import ProofError
from verifier.log.tiles import CHECKPOINT_PATH, WIDTH, Tile, format_entries, new_tiles
from verifier.log.trust import Policy, TrustedCheckpoint, open_checkpoint
from verifier.programs.audit.accusing import FOLDER, Accuser
from verifier.programs.audit.disclosed import Disclosed
from verifier.programs.audit.partial import Partials
from verifier.programs.audit.store import AuditStore, AuditStoreError
from verifier.programs.audit.workers import Bundle, CheckedBundle, Fetcher, Workers, check_here
from verifier.programs.collecting import rare_collections
from verifier.programs.source import Broken, Source, Unreachable, get_bundle, get_checkpoint, get_tile
from verifier.replay import findings
from verifier.replay.authentic_tree import AuthenticTree, WrongTile
from verifier.replay.findings import Finding, Severity
from verifier.replay.growing_lists import Lists
from verifier.replay.judge import JudgedUses, OpenRecord, judge_uses
from verifier.replay.record import ReplayRecord
from verifier.replay.replay import NotReplayable, Replay, Times
from verifier.rules.standing.judged import JudgedContext

COMMIT_SECONDS = 20
"""Between commits: so much work is lost at most when the process is killed."""

COMMIT_SHARE = 20
"""... or so many times as long as the last commit took."""

SHOWN_REFUSALS = 100


@value
class Progress:
    """How far a run is: entries of the log, and what it did itself so far."""

    size: int
    total: int
    entries: int
    signatures: int


@value
class AuditReport:
    """What a run found out.

    ``size`` is how far the log has been replayed, ``checkpoint`` what the source shows, ``note`` its signed text.
    ``finished``: every entry of it was replayed. ``codes`` counts all findings that there are, of earlier runs too;
    ``now`` are those that are only about the source as it is now, and so are not kept. ``refusals`` are the first
    reasons for which an auditor does not cosign.
    """

    checkpoint: Checkpoint
    note: bytes
    as_of: int | None
    size: int
    finished: bool
    entries: int
    signatures: int
    seconds: float
    codes: dict[tuple[Severity, str], int]
    now: tuple[Finding, ...]
    refusals: tuple[Finding, ...]

    @property
    def may_cosign(self) -> bool:
        """Whether an auditor that has only this to go by cosigns ``checkpoint`` (protocol, section 9)."""
        return self.finished and self.size == self.checkpoint.size and not self.refusals

    @property
    def has_misbehaviour(self) -> bool:
        """Whether the registry did what it must not, by this run or an earlier one."""
        kinds = {severity for severity, _ in self.codes} | {finding.severity for finding in self.now}
        return Severity.MISBEHAVIOUR in kinds

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong: no misbehaviour, no void entry."""
        kinds = {severity for severity, _ in self.codes} | {finding.severity for finding in self.now}
        return not kinds & {Severity.MISBEHAVIOUR, Severity.VOID}


@value(frozen=False, kw_only=False)
class AuditRun:
    """What one run has to do with: the checkpoint, its note, and what was found out about it ``now``."""

    trusted: TrustedCheckpoint
    note: bytes
    started: float
    entries: int = 0
    signatures: int = 0
    committed: float = 0.0
    commit_took: float = 0.0
    now: list[Finding] = field(default_factory=list)


class Replayer:
    """Audits one log, in one folder. ``clock`` gives POSIX seconds; ``progress`` is called between bundles.

    ``should_stop`` is asked between bundles: a run that is stopped commits what it has, and the next goes on there.
    """

    def __init__(
        self,
        store: Path,
        policy: Policy,
        *,
        jobs: int = 1,
        clock: Callable[[], float] = time.time,
        progress: Callable[[Progress], None] | None = None,
        should_stop: Callable[[], bool] = lambda: False,
        commit_seconds: float = COMMIT_SECONDS,
        misbehaviour: Path | None = None,
        is_anew: bool = False,
        partials: Partials | None = None,
    ) -> None:
        """``misbehaviour``: where proofs of what is found are written; by default a folder in ``store``. ``partials``
        have found out something about leaves already.

        ``is_anew`` is as in :class:`~verifier.programs.audit.store.AuditStore`.
        """
        self._policy = policy
        self._clock = clock
        self._progress = progress
        self._should_stop = should_stop
        self._commit_seconds = commit_seconds
        self._workers = Workers(jobs)
        try:
            self.store = AuditStore(store, is_anew=is_anew)
        except BaseException:
            self._workers.__exit__(None, None, None)
            raise
        self.accuser = Accuser(misbehaviour or store / FOLDER, self.store, policy)
        self._partials = partials
        self._lists: Lists | None = None

    def __enter__(self) -> Replayer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.store.close()
        self._workers.__exit__(kind, error, traceback)

    # ---- what else an auditor asks

    def index_of(self, id: str) -> int | None:
        """Where the statement with this id stands, in the log as far as it was replayed."""
        position = self.store.position()
        found = ReplayRecord(self.store, position.genesis, position.size, self.store.bad()).find(id)
        return found[0] if found else None

    def new_log_key(self, as_of: int | None) -> NewLogKey | None:
        """The log's key in force, where this policy does not name it, in the log as far as it was replayed; ``as_of``
        is when the policy's quorum cosigned that, None where it asks for none."""
        position = self.store.position()
        record = ReplayRecord(self.store, position.genesis, position.size, self.store.bad())
        context = JudgedContext(record, instant=position.last_at, as_of=position.last_at)
        return new_key_in(context, position.size, as_of or position.last_at, self._policy)

    def cosigned(self, size: int, instant: int) -> None:
        """The checkpoint of ``size`` was cosigned at ``instant``: no seal after it may claim a time long before."""
        self.store.vouch(size, instant)
        self.store.commit()

    def judge(self, folder: Path, disclosed: Disclosed) -> tuple[JudgedUses, Iterator[Finding]]:
        """Open the sections in ``folder`` and judge every use that they bear on, at the last seal's time.

        The counts are complete when the findings have been taken. Raises
        :class:`verifier.programs.console.Unusable`.
        """
        position = self.store.position()
        judged = JudgedUses()
        record = OpenRecord(self.store, position.genesis, position.size, self.store.bad(), disclosed.read)
        disclosed.load(folder, record)
        return judged, judge_uses(record, disclosed.consents(), position.last_at, judged)

    # ---- a run

    def advance(self, source: Source) -> AuditReport:
        """Replay what ``source`` has and this store has not.

        Raises :class:`verifier.base.errors.KembarError` for a checkpoint that the policy does not accept,
        :class:`verifier.programs.source.Unreachable` or ``Broken``,
        :class:`verifier.programs.audit.store.AuditStoreError`, and :class:`verifier.replay.replay.NotReplayable`. What
        was replayed until then stays.
        """
        run, tree = self.open(source)
        finished = False
        if tree is not None:
            try:
                with self.store.mirror.checked_by(self._earlier(source, tree)):
                    finished = self._replay(source, tree, run)
                if finished and run.trusted.checkpoint.size >= self.store.position().size:
                    self._publish(tree, run)
            except WrongTile as error:
                raise Broken(f"{source.name}: {error}") from None
            if finished or run.now:
                self.accuser.findings((*self.store.findings(), *run.now), run.note, tree, source)
        return self._report(run, finished)

    def open(self, source: Source) -> tuple[AuditRun, AuthenticTree | None]:
        """Accept the source's checkpoint, if it fits every one before it; no tree if it does not.

        Raises like :meth:`advance`.
        """
        note = get_checkpoint(source)
        run = AuditRun(open_checkpoint(note, self._policy), note, time.monotonic())
        self.store.bind(run.trusted.checkpoint.origin)
        try:
            tree = AuthenticTree(run.trusted.checkpoint, self.store.mirror.tile, lambda tile: get_tile(source, tile))
            return run, tree if self._accept(tree, run) else None
        except WrongTile as error:
            raise Broken(f"{source.name}: {error}") from None

    def _accept(self, tree: AuthenticTree, run: AuditRun) -> bool:
        """That the checkpoint fits every one that was ever accepted; if so, it is accepted too.

        It is enough to look at the *heads*: every other accepted tree is the beginning of one of them.
        """
        checkpoint, begins, is_head = run.trusted.checkpoint, [], True
        fork: tuple[Checkpoint, bytes] | None = None
        for head, note in self.store.heads():
            older, newer = (head, tree) if head.size <= checkpoint.size else (checkpoint, self._mirrored(head))
            if older is checkpoint:
                run.now.append(findings.misbehaviour(checkpoint.size, "shrunk", size=head.size))
            if newer is None:
                continue  # both are heads: a later checkpoint has to fit the two
            try:
                newer.check_consistency(older)
            except ProofError:
                fork = head, note
                smaller, larger = (note, run.note) if older is head else (run.note, note)
                self.accuser.fork(smaller, older.size, larger, newer)
                break
            if older is checkpoint:
                is_head = False
            elif head != checkpoint:
                begins.append(head)
        if fork is None:
            self.store.accept(checkpoint, run.note, int(self._clock()), run.trusted.as_of or 0, begins, is_head)
        elif self.store.add_fork(fork[1], run.note):
            sizes = sorted((fork[0].size, checkpoint.size))
            self.store.add_findings([findings.misbehaviour(sizes[0], "fork", smaller=sizes[0], larger=sizes[1])])
        self.store.commit()
        return fork is None

    def _mirrored(self, checkpoint: Checkpoint) -> AuthenticTree | None:
        """The tree of a checkpoint that has been replayed, from the mirror alone."""
        try:
            return AuthenticTree(checkpoint, self.store.mirror.tile)
        except WrongTile:
            return None

    def _replay(self, source: Source, tree: AuthenticTree, run: AuditRun) -> bool:
        """Take every entry that is new; False if that was stopped."""
        checkpoint = run.trusted.checkpoint
        position = self.store.position()
        if position.size > checkpoint.size:
            return True
        is_new = position.size < checkpoint.size
        if self._lists is None and is_new:
            self._lists = Lists(self.store.load_index(position.size), self.store)
        lists = self._lists or Lists(IndexTree(), self.store)
        times = Times(now=int(self._clock()), floors=self.store.floors())
        replay = Replay(self.store, lists, position, self.store.bad(), checkpoint.origin, times)
        if not is_new:
            run.now += replay.end(run.trusted)
            return True
        run.committed = time.monotonic()
        try:
            with rare_collections():
                is_done = self._take_all(source, tree, run, replay)
        except (Unreachable, Broken, WrongTile):
            self._commit(replay, run)
            raise
        except NotReplayable as error:
            self._forget()
            if error.finding is None:
                raise
            run.now.append(error.finding)
            return False
        except BaseException:
            self._forget()
            raise
        if is_done:
            run.now += replay.end(run.trusted)
        self._commit(replay, run)
        return is_done

    def _take_all(self, source: Source, tree: AuthenticTree, run: AuditRun, replay: Replay) -> bool:
        size = run.trusted.checkpoint.size
        bundles = Fetcher(source.is_remote).map(*self._wanted(source, replay.next, size))
        for bundle in self._workers.check(map(self._with_facts, bundles)):
            checked = self._keep(source, tree, bundle)
            found: list[Finding] = []
            for leaf in checked.leaves:
                run.signatures += len(leaf.signers)
                found += replay.take(leaf)
            self.store.add_findings(found)
            run.entries += len(checked.leaves)
            if self._progress is not None:
                self._progress(
                    Progress(size=replay.next, total=size, entries=run.entries, signatures=run.signatures)
                )
            if self._should_stop():
                return replay.next == size
            if time.monotonic() - run.committed >= max(self._commit_seconds, COMMIT_SHARE * run.commit_took):
                self._commit(replay, run)
        return True

    def _wanted(self, source: Source, start: int, end: int) -> tuple[Callable[[int], Bundle], Sequence[int]]:
        """How to get an entry bundle, and which are needed for the entries from ``start`` to ``end``."""

        def get(number: int) -> Bundle:
            return self._get(source, number, end, max(0, start - number * WIDTH))

        return get, range(start // WIDTH, -(-end // WIDTH)) if start < end else ()

    def _with_facts(self, bundle: Bundle) -> Bundle:
        if self._partials is None:
            return bundle
        start = bundle.number * WIDTH
        return bundle._replace(facts=self._partials.facts(start + bundle.skip, start + bundle.width))

    def _get(self, source: Source, number: int, end: int, skip: int) -> Bundle:
        """A bundle of a log of ``end`` entries, from the mirror or else the source."""
        width = min(WIDTH, end - number * WIDTH)
        there = self.store.mirror.entries(number, width)
        entries = get_bundle(source, number, width) if there is None else there[:width]
        return Bundle(number, entries, skip, there is not None)

    def _earlier(self, source: Source, tree: AuthenticTree) -> Callable[[int], Sequence[bytes]]:
        """Reads bundles of before, where the rules look back: each is shown to be the log's once a run, and mended."""
        sound: set[int] = set()

        def read(number: int) -> Sequence[bytes]:
            try:
                bundle = self._get(source, number, tree.size, WIDTH)
                if number not in sound:
                    bundle = self._keep(source, tree, check_here(bundle)).bundle
                    sound.add(number)
            except (Unreachable, Broken, WrongTile) as error:  # half-way through a batch: nothing of it stays
                raise AuditStoreError(
                    f"{self.store.mirror.root} has lost entries from {number * WIDTH} on, and they cannot be had again "
                    f"now ({error}): audit again when {source.name} gives them"
                ) from None
            return bundle.entries

        return read

    def _keep(self, source: Source, tree: AuthenticTree, checked: CheckedBundle) -> CheckedBundle:
        """Show that a bundle is the log's, and mirror it."""
        bundle, hashes = checked.bundle, checked.hashes()
        try:
            tree.check_bundle(bundle.number, hashes)
        except WrongTile:
            if not bundle.is_mirrored:
                raise
            # The mirror was damaged: the source is asked after all.
            entries = get_bundle(source, bundle.number, bundle.width)
            checked = check_here(bundle._replace(entries=entries, is_mirrored=False))
            bundle, hashes = checked.bundle, checked.hashes()
            tree.check_bundle(bundle.number, hashes)
        mirror = self.store.mirror
        if not bundle.is_mirrored:
            path = Tile(level=None, index=bundle.number, width=bundle.width).path
            mirror.put(path, format_entries(bundle.entries))
        mirror.put(Tile(level=0, index=bundle.number, width=bundle.width).path, b"".join(hashes))
        return checked

    def _publish(self, tree: AuthenticTree, run: AuditRun) -> None:
        """Show the checkpoint in the mirror, once all of its tiles are there."""
        mirror, size = self.store.mirror, run.trusted.checkpoint.size
        shown = mirror.get(CHECKPOINT_PATH)
        try:
            old = 0 if shown is None else min(size, parse_checkpoint(parse_note(shown).text).size)
        except Malformed:
            old = 0
        for tile in new_tiles(old, size):
            if tile.level or tile.width < WIDTH:  # the others came with their entries
                mirror.put(tile.path, tree.tile(tile))
        mirror.publish(run.note, old, size)

    def _commit(self, replay: Replay, run: AuditRun) -> None:
        """Make what was replayed so far what the next run begins with."""
        began = time.monotonic()
        assert self._lists is not None
        self._lists.flush()
        self.store.commit(replay.position, self._lists.tree)
        run.committed = time.monotonic()
        run.commit_took = run.committed - began

    def _forget(self) -> None:
        """After a failure half-way through a batch: back to the last commit."""
        self._lists = None
        self.store.roll_back()

    def _report(self, run: AuditRun, finished: bool) -> AuditReport:
        refusals = [one for one in (*self.store.findings(Severity.MISBEHAVIOUR), *run.now) if findings.refuses(one)]
        return AuditReport(
            checkpoint=run.trusted.checkpoint,
            note=run.note,
            as_of=run.trusted.as_of,
            size=self.store.position().size,
            finished=finished,
            entries=run.entries,
            signatures=run.signatures,
            seconds=time.monotonic() - run.started,
            codes=self.store.codes(),
            now=tuple(run.now),
            refusals=tuple(refusals[:SHOWN_REFUSALS]),
        )
