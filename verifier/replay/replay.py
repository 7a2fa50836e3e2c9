"""The replay: a state machine that takes a log's leaves in order and says what is wrong (protocol, sections 5, 6, 9).

It does no I/O of its own. What it has to remember of the log lies in a *store*. It works in whole batches, for only
its seal tells when the entries of a batch were logged; between two batches everything that it knows is what
:class:`Position`, the store and the lists hold. That is where a run can stop and another go on.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from verifier.base.errors import KembarError
from verifier.base.limits import LEEWAY
from verifier.base.strict import format_instant
from verifier.base.values import value
from verifier.log.trust import TrustedCheckpoint
from verifier.replay import findings
from verifier.replay.findings import Finding
from verifier.replay.growing_lists import GrowingLists
from verifier.replay.leaves import ReadLeaf
from verifier.replay.record import ReplayRecord, ReplayStore, judge_last
from verifier.rules.admit import new_keys
from verifier.rules.batch_order import comes_first
from verifier.rules.model.context import Standing
from verifier.rules.model.record import Entry
from verifier.rules.no_effect import is_stop
from verifier.rules.quotas import beyond_quota
from verifier.rules.standing.judged import JudgedContext
from verifier.rules.standing.keys import registry_state
from verifier.rules.standing.rulings import consent_touched
from verifier.statements.types import Genesis, Ruling, Seal

MAX_BATCH = 65_536
"""Entries of one batch that are held until its seal comes. The protocol sets no limit; a registry seals far sooner."""


class NotReplayable(KembarError):
    """Nothing after this point can be judged; ``finding`` says why, where that is the log's fault."""

    finding: Finding | None = None


@value(kw_only=False)
class Position:
    """How far a replay is: ``size`` entries in whole batches, the latest seal's time, the genesis id ("" at first)."""

    size: int = 0
    last_at: int = 0
    genesis: str = ""


@value
class Times:
    """What a replay may hold against a seal's time.

    ``now`` is the replayer's clock. ``floors`` are (size, instant): the log was seen to have ``size`` entries at that
    instant, so a seal at an index of ``size`` or more was made after it.
    """

    now: int
    floors: Sequence[tuple[int, int]] = ()

    def rising(self) -> tuple[list[int], list[int]]:
        """Sizes, rising, and for each the latest instant at which the log had that size or less."""
        floors = sorted(self.floors)
        return [size for size, _ in floors], list(accumulate((instant for _, instant in floors), max))


class Replay:
    """Takes leaves with :meth:`take`, in log order; findings come once a batch is sealed."""

    def __init__(
        self, store: ReplayStore, lists: GrowingLists, position: Position, bad: Iterable[int], origin: str, times: Times
    ) -> None:
        self.position = position
        self._store = store
        self._lists = lists
        self._origin = origin
        self._now = times.now
        self._sizes, self._instants = times.rising()
        self._pending: list[ReadLeaf] = []
        self._record = ReplayRecord(store, position.genesis, position.size, bad)
        self._context = JudgedContext(self._record, instant=0, as_of=0)

    @property
    def next(self) -> int:
        """The index of the leaf that comes next."""
        return self.position.size + len(self._pending)

    @property
    def record(self) -> ReplayRecord:
        """The log as far as it has been judged."""
        return self._record

    def take(self, leaf: ReadLeaf) -> list[Finding]:
        """One more leaf, which has been shown to be in the log; what is wrong with the batch that it closes, if any."""
        if self.next == 0:
            self._begin(leaf)
        if isinstance(leaf.statement, Seal):
            return self._close(leaf, leaf.statement)
        if len(self._pending) >= MAX_BATCH:
            raise NotReplayable(f"{MAX_BATCH} entries from {self.position.size} on have no seal")
        self._pending.append(leaf)
        return []

    def end(self, trusted: TrustedCheckpoint) -> list[Finding]:
        """What is wrong with the end of the checkpoint's tree, all of whose leaves have been taken."""
        found = []
        size = self.position.size
        if self._pending or not size:
            tail = enumerate(self._pending, size)
            found += [finding for index, leaf in tail for finding in self._bytes(index, leaf)]
            found.append(findings.misbehaviour(max(0, self.next - 1), "unsealed"))
        state = registry_state(self._context, size) if self.position.genesis else None
        if state is not None and not _signed(trusted, state.log):
            found.append(findings.misbehaviour(max(0, self.next - 1), "checkpoint_signer"))
        if trusted.as_of is not None and self.position.last_at > trusted.as_of + LEEWAY:
            as_of = format_instant(trusted.as_of)
            found.append(findings.misbehaviour(max(0, size - 1), "seal_ahead", as_of=as_of))
        return found

    # ---- the parts of a batch

    def _begin(self, leaf: ReadLeaf) -> None:
        statement = leaf.statement
        if not isinstance(statement, Genesis):
            kind = "cannot be read" if statement is None else f"is a {statement.type}"
            error = NotReplayable(f"entry 0 {kind}, where a log begins with its genesis")
            error.finding = findings.misbehaviour(0, "genesis_wrong")
            raise error
        self.position = Position(genesis=statement.id)
        self._record.genesis = statement.id

    def _close(self, leaf: ReadLeaf, seal: Seal) -> list[Finding]:
        """A whole batch: its bytes, its seal, its order, its lists, and the standing of every entry in it."""
        first, index = self.position.size, self.next
        batch, self._pending = self._pending, []
        found = [finding for at, one in enumerate(batch, first) for finding in self._bytes(at, one)]
        found += self._bytes(index, leaf)
        found += self._numbers(index, seal)
        found += self._order(first, batch)
        self._lists.append(first, seal.at, [one.touches for one in batch])
        if seal.index != self._lists.root():
            found.append(findings.misbehaviour(index, "index_wrong"))
        self._store.add_seal(index, seal.at)
        for at, one in enumerate(batch, first):
            if one.statement is not None:
                entry = Entry(index=at, logged=seal.at, statement=one.statement, signers=one.signers)
                found += self._standing(entry, one)
        self._record.size = index + 1
        state = registry_state(self._context, index)
        if state is None or leaf.signers != {state.key}:
            found.append(findings.misbehaviour(index, "seal_signer"))
        self.position = Position(index + 1, max(seal.at, self.position.last_at), self.position.genesis)
        found.sort(key=lambda finding: finding.index)
        return found

    def _bytes(self, index: int, leaf: ReadLeaf) -> Iterator[Finding]:
        """What the leaf's own bytes show."""
        statement = leaf.statement
        if statement is None:
            yield findings.misbehaviour(index, "leaf_unreadable", fault=str(leaf.fault))
            return
        if leaf.bad is not None:
            yield findings.misbehaviour(index, "signature_wrong", place=leaf.bad)
        if not isinstance(statement, Genesis):
            if statement.registry != self.position.genesis:
                yield findings.misbehaviour(index, "registry_wrong")
        elif index:
            yield findings.misbehaviour(index, "genesis_repeated")
        elif statement.origin != self._origin:
            yield findings.misbehaviour(0, "genesis_wrong")

    def _numbers(self, index: int, seal: Seal) -> Iterator[Finding]:
        """Which entries the seal says it covers, and when."""
        first, last_at = self.position.size, self.position.last_at
        if index == first:
            yield findings.misbehaviour(index, "batch_empty")
        if seal.first != first:
            yield findings.misbehaviour(index, "seal_first", said=seal.first, is_=first)
        if seal.size != index:
            yield findings.misbehaviour(index, "seal_size", said=seal.size)
        if seal.at < last_at:
            at, before = format_instant(seal.at), format_instant(last_at)
            yield findings.misbehaviour(index, "seal_backwards", at=at, before=before)
        known = bisect_right(self._sizes, index)
        floor = self._instants[known - 1] if known else 0
        if seal.at < floor - LEEWAY:
            at, seen = format_instant(seal.at), format_instant(floor)
            yield findings.misbehaviour(index, "seal_back_dated", at=at, seen=seen)
        if seal.at > self._now + LEEWAY:
            yield findings.misbehaviour(index, "seal_ahead", at=format_instant(seal.at))

    def _order(self, first: int, batch: Sequence[ReadLeaf]) -> Iterator[Finding]:
        """That what stops something comes first."""
        record = self._record

        def id_is_earlier(id: str) -> bool:
            return bool(record.find(id))

        def key_is_earlier(key: str) -> bool:
            return record.key_place(key, first) is not None

        passed = False
        for index, leaf in enumerate(batch, first):
            if leaf.statement is None or not comes_first(leaf.statement, leaf.signers, id_is_earlier, key_is_earlier):
                passed = True
            elif passed:
                yield findings.misbehaviour(index, "order_wrong")

    def _standing(self, entry: Entry, leaf: ReadLeaf) -> list[Finding]:
        """Whether the entry is good at its place, and what it uses that was used before."""
        record, context, index = self._record, self._context, entry.index
        statement = entry.statement
        record.fold(entry, leaf)
        found: list[Finding] = []
        judgement = judge_last(context, record, entry)
        if judgement.standing is Standing.VOID:
            found.append(findings.void(index, judgement.rule, judgement.code, judgement.entries))
        elif judgement.standing is Standing.DOUBTFUL:
            found.append(findings.judgement(index, judgement.rule, judgement.code, judgement.entries))
        seen: set[str] = set()
        for digest in statement.sections.values():
            place = record.digest_place(digest, index)
            if place is not None or digest in seen:
                found.append(findings.misbehaviour(index, "digest_repeated", () if place is None else (place,)))
            seen.add(digest)
        if judgement.standing is not Standing.VOID:
            for key in sorted(new_keys(context, entry)):
                place = record.key_place(key, index)
                if place is not None:
                    found.append(findings.misbehaviour(index, "key_repeated", (place,), key=key))
            beyond = None if is_stop(entry) else beyond_quota(context, entry)
            if beyond is not None:
                found.append(findings.misbehaviour(index, "quota", most=beyond.most))
        record.use_up(entry)
        if isinstance(statement, Ruling) and judgement.standing is Standing.GOOD and statement.outcome == "void":
            found += self._ruled_void(entry, statement)
        return found

    def _ruled_void(self, entry: Entry, ruling: Ruling) -> Iterator[Finding]:
        """What a ruling takes the effect of; what rests on that has none either, and is not told one by one."""
        for id in ruling.of:
            for index in self._record.find(id):
                target = self._record.entry(index)
                if target is not None and index < entry.index and consent_touched(target.statement) == ruling.consent:
                    judgement = self._context.standing(target)
                    if judgement.rule == "A20" and judgement.standing is Standing.VOID:
                        yield findings.judgement(index, "A20", judgement.code, judgement.entries)


def _signed(trusted: TrustedCheckpoint, vkey: str) -> bool:
    from verifier.log.note import parse_vkey

    return trusted.signed_by(parse_vkey(vkey))
