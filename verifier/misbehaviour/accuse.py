"""Finds what can be proved in a heap of signed material: evidence files, log proofs, checkpoints, from any place.

Whatever this finds was put through the check before it is handed out, so a mistake here can cost a proof, and never
accuse anybody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import combinations, pairwise

from verifier.base.errors import Malformed
from verifier.base.values import field, value
from verifier.evidence.file import Invalid, ShownList, parse_evidence
from verifier.evidence.verify import open_evidence
from verifier.log.checkpoint import Checkpoint
from verifier.log.hashing import leaf_hash
from verifier.log.log_proof import LogProof
from verifier.log.proofs import ProofError, check_inclusion
from verifier.log.provers import ReadNode, prove_consistency, range_root
from verifier.log.trust import Policy
from verifier.misbehaviour.check import (
    ENTRIES,
    LISTED,
    OpenedLeaf,
    check,
    check_list,
    hashes_beside,
    open_signed,
    prove,
    read_signed,
)
from verifier.misbehaviour.file import (
    Entries,
    Fork,
    JudgedVoid,
    Listed,
    Material,
    Misbehaviour,
    NotProven,
    ShownLeaf,
    format_misbehaviour,
)
from verifier.rules.model.context import Standing
from verifier.rules.standing.judged import JudgedContext
from verifier.statements.leaf import statement_in
from verifier.statements.subjects import subjects
from verifier.statements.types import Seal, Statement

_DISCLOSED = re.compile(rb'\{"disclosures":\[[^]]*\]')
"""In evidence that has been read, where it can stand in no string."""


@value
class LeafAtHand:
    """A leaf, and why it is in the tree of ``checkpoint`` (a signed note)."""

    checkpoint: str
    index: int
    leaf: bytes
    proof: tuple[bytes, ...]
    statement: Statement | None = None


@value(frozen=False)
class Heap:
    """Signed material. ``lists`` stand each with the leaf of the seal that is to vouch for it."""

    notes: list[str] = field(default_factory=list)
    leaves: list[LeafAtHand] = field(default_factory=list)
    lists: list[tuple[LeafAtHand, ShownList]] = field(default_factory=list)
    evidence: list[bytes] = field(default_factory=list)

    def add_note(self, note: str) -> None:
        """A checkpoint, whoever showed it."""
        if note not in self.notes:
            self.notes.append(note)

    def add_leaf(self, checkpoint: str, index: int, leaf: bytes, proof: Iterable[bytes]) -> LeafAtHand:
        """A leaf with its proof."""
        made = read_leaf(checkpoint, index, leaf, proof)
        self.add_note(checkpoint)
        self.leaves.append(made)
        return made

    def try_log_proof(self, shown: LogProof, leaf: bytes) -> bool:
        """A log proof, and a leaf that it may be about; whether it is."""
        try:
            _, tree = read_signed(shown.checkpoint)
            check_inclusion(leaf_hash(leaf), shown.index, tree.size, shown.proof, tree.root)
        except (Malformed, ProofError):
            return False
        self.add_leaf(shown.checkpoint, shown.index, leaf, shown.proof)
        return True

    def add_evidence(self, data: bytes) -> None:
        """An evidence file, good or not, as far as it can be read. Raises :class:`verifier.evidence.file.Invalid`."""
        evidence = parse_evidence(data)
        self.add_note(evidence.checkpoint)
        self.leaves += [
            LeafAtHand(
                checkpoint=evidence.checkpoint,
                index=entry.index,
                leaf=entry.envelope.leaf,
                proof=entry.proof,
                statement=entry.statement,
            )
            for entry in evidence.entries
        ]
        if evidence.entries:
            seal = self.leaves[-1]
            self.lists += [(seal, shown) for shown in evidence.subjects]
        self.evidence.append(data)


def read_leaf(checkpoint: str, index: int, leaf: bytes, proof: Iterable[bytes]) -> LeafAtHand:
    """A leaf with what it says, if it can be read."""
    return LeafAtHand(checkpoint=checkpoint, index=index, leaf=leaf, proof=tuple(proof), statement=statement_in(leaf))


def accuse(
    heap: Heap, policy: Policy, told: Callable[[int, int], None] = lambda done, total: None
) -> Iterator[bytes]:
    """Misbehaviour files for what the heap proves against logs of the policy; each thing once, most telling first.

    Trees that are shown not to fit are not held against one another any further. ``told`` is called now and then with
    the lists and files that were looked through, and those in all.
    """
    known: set[tuple[str, tuple[int, ...], str]] = set()
    torn: dict[frozenset[str], str] = {}
    for claim in _claims(heap, policy, told):
        material = claim.material
        notes = frozenset(material.checkpoints) if not isinstance(material, JudgedVoid) else frozenset()
        if torn.get(notes) == "rewritten" or (notes in torn and claim.kind != "rewritten"):
            continue
        proved = convict(claim, policy)
        if proved is None:
            continue
        if claim.kind in ("fork", "rewritten"):
            torn[notes] = claim.kind
        key = (claim.kind, proved[1], proved[2])
        if key not in known:
            known.add(key)
            yield proved[0]


def _signed(heap: Heap, policy: Policy) -> list[Heap]:
    """What each log of the policy signed. The rest proves nothing, and claims made of it would cost as much as true
    ones.
    """
    trees: dict[str, Checkpoint] = {}
    for note in dict.fromkeys([*heap.notes, *(one.checkpoint for one in heap.leaves)]):
        with suppress(NotProven):
            trees[note] = open_signed(note, policy, "")
    logs = {tree.origin: Heap() for tree in trees.values()}
    for note, tree in trees.items():
        logs[tree.origin].notes.append(note)
    leaves = {(one.checkpoint, one.index, one.leaf): one for one in heap.leaves if one.checkpoint in trees}
    for key, one in list(leaves.items()):
        tree = trees[one.checkpoint]
        try:
            check_inclusion(leaf_hash(one.leaf), one.index, tree.size, one.proof, tree.root)
        except ProofError:
            del leaves[key]
        else:
            logs[tree.origin].leaves.append(one)
    for seal, shown in heap.lists:
        if (seal.checkpoint, seal.index, seal.leaf) in leaves:
            with suppress(NotProven):
                check_list(shown, seal.statement)
                logs[trees[seal.checkpoint].origin].lists.append((seal, shown))
    return list(logs.values())


def convict(claim: Misbehaviour, policy: Policy) -> tuple[bytes, tuple[int, ...], str] | None:
    """The file that makes a claim, with the indices and the subject that it is about; None if it proves nothing."""
    try:
        prove(claim, policy)
    except NotProven:
        return None
    data = format_misbehaviour(claim)
    proven = check(data, policy)  # as anybody will, from the bytes
    return None if isinstance(proven, NotProven) else (data, proven.entries or proven.sizes, proven.subject)


# ---- claims from what is known of the log


def fork_by_notes(one: str, other: str) -> Misbehaviour:
    """Two checkpoints of one size with two roots: they are proof by themselves. For a witness that refused one."""
    _, tree = read_signed(other)
    return Misbehaviour(kind="fork", material=Fork(checkpoints=(one, other), proof=(), root=tree.root))


def fork_by_tree(smaller: str, size: int, larger: str, larger_size: int, read_node: ReadNode) -> Misbehaviour:
    """Two checkpoints that do not fit, proved by the hashes of the larger tree: how it begins, and not as signed."""
    return Misbehaviour(
        kind="fork",
        material=Fork(
            checkpoints=(smaller, larger),
            proof=tuple(prove_consistency(size, larger_size, read_node)),
            root=range_root(0, size, read_node),
        ),
    )


def about(kind: str, *leaves: LeafAtHand, rows: ShownList | None = None) -> Misbehaviour:
    """A claim about one or two leaves, and perhaps a list."""
    notes = tuple(dict.fromkeys(one.checkpoint for one in leaves))
    entries = tuple(
        ShownLeaf(checkpoint=notes.index(one.checkpoint), index=one.index, leaf=one.leaf, proof=one.proof)
        for one in leaves
    )
    material: Material = Entries(checkpoints=notes, entries=entries)
    if rows is not None:
        material = Listed(checkpoints=notes, entries=entries, list=rows)
    return Misbehaviour(kind=kind, material=material)


def judged(evidence: bytes, index: int) -> Misbehaviour:
    """That the entry at ``index`` is void, by an evidence file that shows it; its disclosures are left out."""
    shown = _DISCLOSED.sub(b'{"disclosures":[]', evidence)
    return Misbehaviour(kind="void", material=JudgedVoid(evidence=shown, index=index))


# ---- claims that a heap may bear out


def _claims(heap: Heap, policy: Policy, told: Callable[[int, int], None]) -> Iterator[Misbehaviour]:
    logs = _signed(heap, policy)
    done, total = 0, sum(len(log.lists) for log in logs) + len(heap.evidence)
    for log in logs:
        yield from _forks(log.notes)
        yield from _rewritten(log.leaves)
        distinct = [same[0] for _, same in sorted(_grouped(log.leaves, lambda one: [(one.index, one.leaf)]).items())]
        for one in distinct:
            yield from _borne_out("bad_signature", one)
            yield from _borne_out("wrong_registry", one)
        for one in log.leaves:
            yield from _borne_out("unsealed", one)
        yield from _seals(distinct)
        yield from _repeats(distinct)
        touching = _grouped(distinct, lambda one: () if one.statement is None else subjects(one.statement))
        at_index = _grouped(distinct, lambda one: [one.index])
        seals = [one for one in distinct if isinstance(one.statement, Seal)]
        for seal, shown in log.lists:
            told(done, total)
            listed = [one for row, _ in shown.rows for one in at_index.get(row, ())]
            yield from _listed(seal, shown, dict.fromkeys((*touching.get(shown.subject, ()), *listed, *seals)))
            done += 1
    for data in heap.evidence:
        told(done, total)
        yield from _void(data, policy)
        done += 1


def _borne_out(kind: str, *leaves: LeafAtHand) -> Iterator[Misbehaviour]:
    """The claim about leaves that are in their trees, if what they say bears it out."""
    _, tree = read_signed(leaves[0].checkpoint)
    if ENTRIES[kind]([_read(one) for one in leaves], tree):
        yield about(kind, *leaves)


def _grouped(
    leaves: Iterable[LeafAtHand], keys: Callable[[LeafAtHand], Iterable[object]]
) -> dict[object, list[LeafAtHand]]:
    groups: dict[object, list[LeafAtHand]] = {}
    for one in leaves:
        for key in keys(one):
            groups.setdefault(key, []).append(one)
    return groups


def _forks(notes: Iterable[str]) -> Iterator[Misbehaviour]:
    trees: dict[int, dict[bytes, str]] = {}
    for note in notes:
        _, tree = read_signed(note)
        trees.setdefault(tree.size, {}).setdefault(tree.root, note)
    for same in trees.values():
        for one, other in combinations(same.values(), 2):
            yield fork_by_notes(one, other)


def _rewritten(leaves: Iterable[LeafAtHand]) -> Iterator[Misbehaviour]:
    """Leaves that differ at an index, and then hashes beside one; each is held against the first that was shown."""
    beside = []
    for same in _grouped(leaves, lambda one: [one.index]).values():
        known: dict[int, tuple[bytes, LeafAtHand]] = {}
        for one in same if len(same) > 1 else ():
            if one.leaf != same[0].leaf:
                yield about("rewritten", same[0], one)
                continue
            _, tree = read_signed(one.checkpoint)
            for level, hashed in hashes_beside(one.index, one.proof, tree.size).items():
                first, shower = known.setdefault(level, (hashed, one))
                if first != hashed:
                    beside.append(about("rewritten", shower, one))
    yield from beside


def _seals(leaves: Sequence[LeafAtHand]) -> Iterator[Misbehaviour]:
    seals = [one for one in leaves if isinstance(one.statement, Seal)]
    places = {one.index: one for one in leaves}
    for earlier, later in zip([None, *seals], seals, strict=False):
        yield from _borne_out("bad_seal", later)
        assert isinstance(later.statement, Seal)
        before = places.get(later.statement.first - 1)
        for other in (earlier, before):
            if other is not None and other.index < later.index:
                yield from _borne_out("bad_seal", other, later)


def _repeats(leaves: Sequence[LeafAtHand]) -> Iterator[Misbehaviour]:
    genesis = next((one for one in leaves if one.index == 0), None)
    for one in leaves:
        if genesis is not None and one.index:
            yield from _borne_out("wrong_registry", genesis, one)
        yield from _borne_out("repeated", one)

    def marks(one: LeafAtHand) -> Iterable[object]:
        return () if one.statement is None else (one.statement.id, *one.statement.sections.values())

    for same in _grouped(leaves, marks).values():
        for one, other in pairwise(same):
            if one.index < other.index:
                yield from _borne_out("repeated", one, other)


def _listed(seal: LeafAtHand, shown: ShownList, leaves: Iterable[LeafAtHand]) -> Iterator[Misbehaviour]:
    others = [[], *([one] for one in leaves if one.index < seal.index)]
    end = _read(seal)
    for beside in others:
        for kind, holds in LISTED.items():
            if holds(shown, end, [_read(one) for one in beside]):
                yield about(kind, *beside, seal, rows=shown)


def _read(one: LeafAtHand) -> OpenedLeaf:
    return OpenedLeaf(index=one.index, leaf=one.leaf, statement=one.statement)


def _void(data: bytes, policy: Policy) -> Iterator[Misbehaviour]:
    """The entries that an evidence file shows to be void; most of them, not those that a ruling made so, were so at
    their place already."""
    try:
        opened = open_evidence(data, Policy(logs=policy.logs, witnesses=(), groups=(), quorum=None), instant=0)
    except Invalid:
        return
    context = JudgedContext(opened.record, instant=0, as_of=0)
    for entry in opened.record.shown():
        if context.standing(entry).standing is Standing.VOID:
            yield judged(data, entry.index)
