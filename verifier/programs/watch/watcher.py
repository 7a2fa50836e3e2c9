"""One look at a source: what is new about each subject, and what no honest log would show.

The order is that of trust. The checkpoint is opened under the policy and has to begin with the one that was accepted
before; each list has to be the one that its seal vouches for, in a tree that fits; each new entry has to be in that
tree. Only then is anything remembered, and only when the caller says so (:meth:`Watcher.keep`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypeAlias

from verifier.base.errors import KembarError, Malformed
from verifier.base.strict import format_instant
from verifier.evidence.following import NewLogKey, new_key_in
from verifier.evidence.rows import Rows
from verifier.log.checkpoint import Checkpoint
from verifier.log.hashing import leaf_hash
from verifier.log.note import by_known_keys
from verifier.log.proofs import ProofError, check_inclusion
from verifier.log.provers import prove_consistency
from verifier.log.tiles import WIDTH
from verifier.log.trust import Policy, TrustedCheckpoint, open_checkpoint
from verifier.misbehaviour.accuse import LeafAtHand, about, convict, fork_by_notes, fork_by_tree, read_leaf
from verifier.misbehaviour.file import Misbehaviour
from verifier.programs.source import Broken, Source, Unreachable, get_bundle, get_checkpoint, get_tile
from verifier.programs.watch.known import SeenList, WatchState
from verifier.programs.watch.lists import (
    MAX_ANSWER,
    Change,
    ProvenList,
    compare,
    format_answer,
    open_answer,
    parse_answer,
)
from verifier.programs.watch.news import Before, NewEntry, News, read_entry
from verifier.replay.authentic_tree import AuthenticTree, WrongTile
from verifier.rules.model.record import Entry, ShownRecord
from verifier.rules.standing.judged import JudgedContext
from verifier.statements.envelope import check_signatures, parse_envelope
from verifier.statements.leaf import parse_leaf
from verifier.statements.subjects import subjects
from verifier.statements.types import Seal
from verifier.words.catalogue import Sentence


@dataclass(frozen=True, kw_only=True)
class LogFault:
    """What no honest log shows. ``proofs`` are misbehaviour files (protocol, section 9.1), where there is one;
    ``notes`` the checkpoints that it is about, as they were signed.
    """

    kind: str
    sentence: Sentence
    subject: str = ""
    entries: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    proofs: tuple[bytes, ...] = ()

    @property
    def digest(self) -> str:
        """What tells it from others: of trees that do not fit, the one that was known, however it is cosigned."""
        about = self.notes[0].partition("\n\n")[0] if self.kind in ("fork", "shrunk") else ""
        return sha256("\n".join((self.kind, self.subject, about, *map(str, self.entries))).encode()).hexdigest()


@dataclass(kw_only=True)
class Look:
    """What one look found. ``news`` has one item for each subject whose list was looked at: without entries where
    nothing was added. ``as_of`` is the time for which the policy vouches, None where nothing was accepted;
    ``new_log_key`` the log's key in force, where the policy does not name it.
    """

    news: list[News] = field(default_factory=list)
    faults: list[LogFault] = field(default_factory=list)
    as_of: int | None = None
    basis: str = "claimed"
    new_log_key: NewLogKey | None = None
    known: WatchState = field(default_factory=WatchState)


@dataclass(frozen=True, kw_only=True)
class _Tree:
    note: str
    trusted: TrustedCheckpoint
    tree: AuthenticTree

    @property
    def checkpoint(self) -> Checkpoint:
        return self.trusted.checkpoint


_Read: TypeAlias = dict[str, list[tuple[int, int]]]
"""The rows of each subject that reading entry by entry gave."""


class Watcher:
    """Looks at ``source`` for ``watched`` subjects. With ``read_all`` every entry is read too, and held against the
    lists, so that a list which leaves one out is found without an auditor.
    """

    def __init__(
        self, source: Source, policy: Policy, watched: Sequence[str], known: WatchState, *, read_all: bool = False
    ) -> None:
        self.known = known
        self._source = source
        self._policy = policy
        self._watched = watched
        self._read_all = read_all

    def keep(self, look: Look) -> None:
        """What the look found has been told: the next goes on from there."""
        self.known = look.known

    def look(self, *, from_start: bool = False) -> Look:
        """Look once. A subject that was never seen has no news but its list; with ``from_start`` all of it is news.

        Raises :class:`verifier.base.errors.KembarError` for what the policy or a check does not accept,
        ``Unreachable`` and ``Broken`` (``verifier.programs.source``).
        """
        former = self.known
        known = WatchState(
            note=former.note, seen=dict(former.seen), faults=list(former.faults), waiting=dict(former.waiting)
        )
        look = Look(known=known)
        try:
            head = self._accept(get_checkpoint(self._source).decode("utf-8", "strict"), look)
            if head is None:
                return look
            read = self._read(head, look) if self._read_all else None
            for subject in self._watched:
                head = self._look_at(subject, head, look, read, from_start)
        except WrongTile as error:
            raise Broken(f"{self._source.name}: {error}") from None
        except UnicodeDecodeError:
            raise Broken(f"{self._source.name}: the checkpoint is not UTF-8") from None
        look.known.note = head.note
        trusted = head.trusted
        look.basis = "audited" if trusted.audited else "claimed" if trusted.quorum_none else "witnessed"
        look.as_of = self._as_of(head)
        look.new_log_key = self._new_log_key(head, look, look.as_of)
        return look

    # ---- the log's own key

    def follow(self, policy: Policy) -> None:
        """The next look is under this policy."""
        self._policy = policy

    def _new_log_key(self, head: _Tree, look: Look, as_of: int) -> NewLogKey | None:
        """Read from the registry's own statements, where the checkpoint has a line by a key of the log's name that the
        policy does not name.
        """
        _, strange = by_known_keys(head.trusted.note, self._policy.verifiers())
        if all(line.name != head.checkpoint.origin for line in strange):
            return None
        genesis = parse_leaf(self._leaf(head, 0)[1]).statement.id
        subject = f"registry:{genesis}"
        data = self._source.get(f"subjects/{subject}", MAX_ANSWER)
        if data is None:
            tree, rows = head, tuple(self._read_from(0, head, {subject}).get(subject, ()))
        else:
            answer = parse_answer(data, subject, self._policy)
            fitting = self._fit(answer, head, look)
            if fitting is None:
                return None
            tree, rows = fitting[0], tuple(answer.rows)
        record = ShownRecord(genesis, {subject: [at for at, _ in rows]})
        for at, logged in rows:
            leaf = parse_leaf(self._leaf(tree, at)[1])
            if check_signatures(leaf.envelope) is None:
                signers = leaf.envelope.signers
                record.fold(Entry(index=at, logged=logged, statement=leaf.statement, signers=signers))
        size = tree.checkpoint.size
        record.skip(size - 1)
        return new_key_in(JudgedContext(record, instant=as_of, as_of=as_of), size, as_of, self._policy)

    # ---- checkpoints

    def _tree(self, checkpoint: Checkpoint) -> AuthenticTree:
        return AuthenticTree(checkpoint, lambda tile: get_tile(self._source, tile))

    def _accept(self, note: str, look: Look) -> _Tree | None:
        """A checkpoint that begins with the last one that was accepted; None, and a fault, if it does not."""
        trusted = open_checkpoint(note, self._policy)
        made = _Tree(note=note, trusted=trusted, tree=self._tree(trusted.checkpoint))
        if look.known.note is None or look.known.checkpoint is None:
            return made
        known, now = look.known.checkpoint, trusted.checkpoint
        if known.origin != now.origin:
            raise Malformed(f"{self._source.name} is the log {now.origin}; what is remembered is about {known.origin}")
        if now.size < known.size:
            self._shrunk(known, made, look)
            return None
        try:
            made.tree.check_consistency(known)
        except ProofError:
            claim = fork_by_tree(look.known.note, known.size, note, now.size, made.tree.read_node)
            self._forked(claim, known, now, (look.known.note, note), look)
            return None
        return made

    def _shrunk(self, known: Checkpoint, shown: _Tree, look: Look) -> None:
        """A smaller tree than before: a source that lies behind, or a fork, which the larger tree's tiles tell."""
        assert look.known.note is not None
        notes, now = (look.known.note, shown.note), shown.checkpoint
        try:
            larger = self._tree(known)
            larger.check_consistency(now)
        except ProofError:
            claim = fork_by_tree(shown.note, now.size, look.known.note, known.size, larger.read_node)
            self._forked(claim, known, now, notes, look)
            return
        except (WrongTile, Unreachable, Malformed):
            pass  # it does not have the tiles of what it forgot
        sentence = Sentence("fault.shrunk", now=now.size, before=known.size)
        self._fault(look, LogFault(kind="shrunk", sentence=sentence, notes=notes))

    def _forked(
        self, claim: Misbehaviour, known: Checkpoint, now: Checkpoint, notes: tuple[str, str], look: Look
    ) -> None:
        sentence = Sentence("fault.fork", before=known.size, now=now.size)
        self._fault(look, LogFault(kind="fork", sentence=sentence, notes=notes, proofs=self._convict([claim])))

    def _convict(self, claims: Iterable[Misbehaviour]) -> tuple[bytes, ...]:
        found = (convict(claim, self._policy) for claim in claims)
        return tuple(proven[0] for proven in found if proven is not None)

    def _fault(self, look: Look, fault: LogFault) -> None:
        if fault.digest not in look.known.faults:
            look.known.faults.append(fault.digest)
            look.faults.append(fault)

    def _as_of(self, head: _Tree) -> int:
        """The time for which the policy vouches; without a quorum, that of the last seal."""
        if head.trusted.as_of is not None:
            return head.trusted.as_of
        _, seal = self._leaf(head, head.checkpoint.size - 1)
        statement = parse_leaf(seal).statement
        if not isinstance(statement, Seal):
            raise Malformed("the last entry of the log is not a seal")
        return statement.at

    # ---- subjects

    def _look_at(self, subject: str, head: _Tree, look: Look, read: _Read | None, from_start: bool) -> _Tree:
        """What became of one subject; the largest tree that is accepted by now."""
        seen = look.known.seen.get(subject)
        if seen is not None and seen.size == head.checkpoint.size:
            return head
        data = self._source.get(f"subjects/{subject}", MAX_ANSWER)
        if data is None:
            read = read or self._read(head, look)
            self._by_reading(subject, head, look, read, from_start)
            return head
        answer = parse_answer(data, subject, self._policy)
        fitting = self._fit(answer, head, look)
        if fitting is None:
            return head
        tree, head = fitting
        if seen is not None and answer.checkpoint.size < seen.size:
            raise Unreachable(f"{self._source.name}: the answer about {subject} is older than the last one")
        self._by_index(subject, tree, answer, look, from_start)
        if read is not None:
            self._hold_against(subject, tree, answer, look, read)
        return head

    def _fit(self, answer: ProvenList, head: _Tree, look: Look) -> tuple[_Tree, _Tree] | None:
        """The tree of an answer, and the larger of it and ``head``; None, and a fault, where these do not fit."""
        ours, theirs = head.checkpoint, answer.checkpoint
        if theirs == ours:
            return head, head
        if theirs.origin != ours.origin:
            raise Malformed(f"an answer about a subject of the log {theirs.origin}")
        if theirs.size == ours.size:
            self._forked(fork_by_notes(head.note, answer.note), ours, theirs, (head.note, answer.note), look)
            return None
        larger, small, note = head, theirs, answer.note
        if theirs.size > ours.size:
            larger, small, note = self._tree_of(answer), ours, head.note
        try:
            larger.tree.check_consistency(small)
        except ProofError:
            large = larger.checkpoint
            claim = fork_by_tree(note, small.size, larger.note, large.size, larger.tree.read_node)
            self._forked(claim, small, large, (note, larger.note), look)
            return None
        return (larger if larger is not head else self._tree_of(answer)), larger

    def _tree_of(self, answer: ProvenList) -> _Tree:
        return _Tree(note=answer.note, trusted=answer.trusted, tree=self._tree(answer.checkpoint))

    def _by_index(self, subject: str, tree: _Tree, answer: ProvenList, look: Look, from_start: bool) -> None:
        seen = look.known.seen.get(subject) or SeenList(size=0, rows=())
        is_first = subject not in look.known.seen
        change = compare(seen.rows, seen.size, answer.rows)
        if not change.is_honest:
            self._changed(subject, tree, answer, look, change)
        fresh = change.fresh if from_start or not is_first else ()
        entries = tuple(self._entries(subject, tree, fresh, look, answer))
        look.news.append(self._news(subject, tree, entries, look, len(answer.rows), answer=answer))
        look.known.seen[subject] = SeenList(size=answer.checkpoint.size, rows=answer.rows, answer=format_answer(answer))

    def _by_reading(self, subject: str, head: _Tree, look: Look, read: _Read, from_start: bool) -> None:
        seen = look.known.seen.get(subject) or SeenList(size=0, rows=())
        is_first = subject not in look.known.seen
        rows = tuple(row for row in read.get(subject, ()) if row[0] >= seen.size)
        entries = tuple(self._entries(subject, head, rows if from_start or not is_first else (), look, None))
        span = seen.size, head.checkpoint.size
        look.news.append(self._news(subject, head, entries, look, len(seen.rows) + len(rows), read=span))
        look.known.seen[subject] = SeenList(size=head.checkpoint.size, rows=(*seen.rows, *rows))

    def _news(
        self,
        subject: str,
        tree: _Tree,
        entries: tuple[NewEntry, ...],
        look: Look,
        rows: int,
        *,
        answer: ProvenList | None = None,
        read: tuple[int, int] | None = None,
    ) -> News:
        seen, note = look.known.seen.get(subject), look.known.note
        before: Before | None = None
        consistency: tuple[bytes, ...] = ()
        size = tree.checkpoint.size
        if seen is not None and (known := self._note_of(seen, note)) is not None:
            before = Before(note=known, size=seen.size, rows=seen.rows)
            consistency = tuple(prove_consistency(seen.size, size, tree.tree.read_node))
        return News(
            subject=subject,
            note=tree.note,
            checkpoint=tree.checkpoint,
            as_of=answer.as_of if answer is not None else self._as_of(tree),
            rows=rows,
            entries=entries,
            answer=answer,
            read=read,
            before=before,
            consistency=consistency,
        )

    @staticmethod
    def _note_of(seen: SeenList, note: str | None) -> str | None:
        """The checkpoint as of which a list was seen."""
        return note if seen.answer is None else str(seen.answer["checkpoint"])

    def _entries(
        self, subject: str, tree: _Tree, rows: Rows, look: Look, answer: ProvenList | None
    ) -> Iterator[NewEntry]:
        for at, logged in rows:
            proof, leaf = self._leaf(tree, at)
            try:
                statement = read_entry(leaf, subject)
            except Malformed as error:
                sentence = Sentence("fault.foreign", at=str(at), subject=subject, why=str(error))
                self._list_fault("foreign", sentence, subject, tree, [answer], at, look)
                continue
            if check_signatures(parse_envelope(leaf)) is not None:
                sentence = Sentence("fault.bad_signature", at=str(at))
                claim = about("bad_signature", read_leaf(tree.note, at, leaf, proof))
                fault = LogFault(kind="bad_signature", sentence=sentence, entries=(at,), proofs=self._convict([claim]))
                self._fault(look, fault)
            yield NewEntry(index=at, logged=logged, leaf=leaf, proof=proof, statement=statement)

    def _leaf(self, tree: _Tree, at: int) -> tuple[tuple[bytes, ...], bytes]:
        """An entry's inclusion proof and its bytes, shown to be in the tree."""
        number, offset = divmod(at, WIDTH)
        size = tree.checkpoint.size
        leaf = get_bundle(self._source, number, min(WIDTH, size - number * WIDTH))[offset]
        proof = tuple(tree.tree.inclusion(at))
        try:
            check_inclusion(leaf_hash(leaf), at, size, proof, tree.checkpoint.root)
        except ProofError as error:
            raise Broken(f"{self._source.name}: {error}") from None
        return proof, leaf

    # ---- lists that lie

    def _changed(self, subject: str, tree: _Tree, answer: ProvenList, look: Look, change: Change) -> None:
        """A list that is not what it was: it is wrong about what touches the subject, or about when, now or then."""
        known = look.known.seen[subject]
        then = None if known.answer is None else open_answer(known.answer, subject, self._policy)
        was, now = dict(change.lost), dict(change.slipped_in)
        for at in sorted({*was, *now}):
            if at not in now:
                before, after = len(known.rows), len(answer.rows)
                sentence = Sentence("fault.lost", at=str(at), subject=subject, before=before, now=after)
                self._list_fault("omitted", sentence, subject, tree, [answer], at, look)
            elif at not in was:
                sentence = Sentence("fault.kept_out", at=str(at), subject=subject)
                self._list_fault("omitted", sentence, subject, tree, [then], at, look)
            else:
                then_, now_ = format_instant(was[at]), format_instant(now[at])
                sentence = Sentence("fault.other_time", subject=subject, at=str(at), then=then_, now=now_)
                self._list_fault("logged_wrong", sentence, subject, tree, [answer, then], at, look)

    def _list_fault(
        self,
        kind: str,
        sentence: Sentence,
        subject: str,
        tree: _Tree,
        answers: Sequence[ProvenList | None],
        at: int,
        look: Look,
    ) -> None:
        """A fault of a list about one entry, proven by an answer that lies, where there is one."""
        lists = [answer for answer in answers if answer is not None]
        proofs: tuple[bytes, ...] = ()
        if lists:
            shown = self._covering(tree, at) if kind == "logged_wrong" else self._read_leaf(tree, at)
            proofs = self._convict(_list_claim(kind, shown, answer) for answer in lists)[:1]
        notes = tuple(dict.fromkeys((*(answer.note for answer in lists), tree.note)))
        fault = LogFault(kind=kind, sentence=sentence, subject=subject, entries=(at,), notes=notes, proofs=proofs)
        self._fault(look, fault)

    def _covering(self, tree: _Tree, at: int) -> LeafAtHand:
        """The seal that covers an entry: the next that there is."""
        size = tree.checkpoint.size
        for number in range(at // WIDTH, -(-size // WIDTH)):
            entries = get_bundle(self._source, number, min(WIDTH, size - number * WIDTH))
            for place, leaf in enumerate(entries, number * WIDTH):
                if place > at and isinstance(read_leaf(tree.note, place, leaf, ()).statement, Seal):
                    return self._read_leaf(tree, place)
        raise Malformed("the last entry of the log is not a seal")

    def _read_leaf(self, tree: _Tree, at: int) -> LeafAtHand:
        proof, leaf = self._leaf(tree, at)
        return read_leaf(tree.note, at, leaf, proof)

    def _hold_against(self, subject: str, tree: _Tree, answer: ProvenList, look: Look, read: _Read) -> None:
        """What was read entry by entry, against the list."""
        listed, size = dict(answer.rows), answer.checkpoint.size
        for at, logged in read.get(subject, ()):
            if at >= size - 1:
                continue  # the answer is of an earlier tree
            if at not in listed:
                sentence = Sentence("fault.not_listed", at=str(at), subject=subject)
                self._list_fault("omitted", sentence, subject, tree, [answer], at, look)
            elif listed[at] != logged:
                sentence = Sentence("fault.not_the_seals", subject=subject, at=str(at))
                self._list_fault("logged_wrong", sentence, subject, tree, [answer], at, look)

    # ---- reading entry by entry

    def _read(self, head: _Tree, look: Look) -> _Read:
        """Every entry that is new to any of the subjects, each shown to be in the tree."""
        sizes = [seen.size for subject in self._watched if (seen := look.known.seen.get(subject)) is not None]
        start = min(sizes) if len(sizes) == len(self._watched) else 0
        return self._read_from(start, head, frozenset(self._watched))

    def _read_from(self, start: int, head: _Tree, wanted: Collection[str]) -> _Read:
        size = head.checkpoint.size
        rows: _Read = {}
        waiting: list[tuple[int, list[str]]] = []
        for number in range(start // WIDTH, -(-size // WIDTH)):
            entries = get_bundle(self._source, number, min(WIDTH, size - number * WIDTH))
            head.tree.check_bundle(number, [leaf_hash(leaf) for leaf in entries])
            for at, leaf in enumerate(entries, number * WIDTH):
                if at < start:
                    continue
                try:
                    statement = parse_leaf(leaf).statement
                except KembarError:
                    continue  # it touches nothing
                if not isinstance(statement, Seal):
                    touched = [one for one in subjects(statement) if one in wanted]
                    if touched:
                        waiting.append((at, touched))
                elif statement.size == at:
                    for index, touched in waiting:
                        for subject in touched:
                            rows.setdefault(subject, []).append((index, statement.at))
                    waiting.clear()
        if waiting:
            raise Malformed("the last entry of the log is not a seal")
        return rows


def _list_claim(kind: str, shown: LeafAtHand, answer: ProvenList) -> Misbehaviour:
    """That a list lies, by an entry that is ``shown`` besides; if that is the list's own seal, by it alone."""
    seal = read_leaf(answer.note, answer.seal.size, answer.seal_leaf, answer.seal_proof)
    return about(kind, *((seal,) if shown.index == seal.index else (shown, seal)), rows=answer.shown)
