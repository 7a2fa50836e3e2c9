"""Finds what can be proved in a heap of signed material: evidence files, log proofs, checkpoints, from any place.

Whatever this finds was put through the check before it is handed out, so a mistake here can cost a proof, and never
accuse anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations, pairwise

from verifier.base import canonical
from verifier.base.errors import Malformed
from verifier.base.values import field, value
from verifier.evidence.file import MAX_EVIDENCE, Invalid, ShownList, parse_evidence
from verifier.evidence.verify import open_evidence
from verifier.log.hashing import leaf_hash
from verifier.log.log_proof import LogProof
from verifier.log.proofs import ProofError, ReadNode, check_inclusion, prove_consistency, range_root
from verifier.log.trust import Policy
from verifier.misbehaviour.check import check, open_signed, prove, read_signed
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
        for entry in evidence.entries:
            self.add_leaf(evidence.checkpoint, entry.index, entry.envelope.leaf, entry.proof)
        if evidence.entries:
            seal = self.leaves[-1]
            self.lists += [(seal, shown) for shown in evidence.subjects]
        self.evidence.append(data)


def read_leaf(checkpoint: str, index: int, leaf: bytes, proof: Iterable[bytes]) -> LeafAtHand:
    """A leaf with what it says, if it can be read."""
    return LeafAtHand(checkpoint=checkpoint, index=index, leaf=leaf, proof=tuple(proof), statement=statement_in(leaf))


def accuse(heap: Heap, policy: Policy) -> Iterator[bytes]:
    """Misbehaviour files for what the heap proves against logs of the policy; each thing once, most telling first.

    Trees that are shown not to fit are not held against one another any further.
    """
    known: set[tuple[str, tuple[int, ...], str]] = set()
    torn: dict[frozenset[str], str] = {}
    for claim in _claims(heap, policy):
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
    value = canonical.parse(evidence, limit=MAX_EVIDENCE)
    for entry in value["entries"]:
        entry["disclosures"] = []
    return Misbehaviour(kind="void", material=JudgedVoid(evidence=value, index=index))


# ---- claims that a heap may bear out


def _claims(heap: Heap, policy: Policy) -> Iterator[Misbehaviour]:
    yield from _forks(heap.notes, policy)
    leaves = list({(one.checkpoint, one.index, one.leaf): one for one in heap.leaves}.values())
    by_index = _grouped(leaves, lambda one: [one.index])
    pairs = [(one, other) for same in by_index.values() for one, other in combinations(same, 2)]
    for one, other in sorted(pairs, key=lambda pair: pair[0].leaf == pair[1].leaf):  # two leaves tell more
        if one.checkpoint != other.checkpoint:
            yield about("rewritten", one, other)
    distinct = [same[0] for _, same in sorted(_grouped(leaves, lambda one: [(one.index, one.leaf)]).items())]
    for one in distinct:
        yield about("bad_signature", one)
        yield about("wrong_registry", one)
    for one in leaves:
        yield about("unsealed", one)
    yield from _seals(distinct)
    yield from _repeats(distinct)
    for seal, shown in heap.lists:
        yield from _listed(seal, shown, distinct)
    for data in heap.evidence:
        yield from _void(data, policy)


def _grouped(
    leaves: Iterable[LeafAtHand], keys: Callable[[LeafAtHand], Iterable[object]]
) -> dict[object, list[LeafAtHand]]:
    groups: dict[object, list[LeafAtHand]] = {}
    for one in leaves:
        for key in keys(one):
            groups.setdefault(key, []).append(one)
    return groups


def _forks(notes: Sequence[str], policy: Policy) -> Iterator[Misbehaviour]:
    trees: dict[tuple[str, int], dict[bytes, str]] = {}
    for note in notes:
        try:
            tree = open_signed(note, policy, "")
        except NotProven:
            continue
        trees.setdefault((tree.origin, tree.size), {}).setdefault(tree.root, note)
    for same in trees.values():
        for one, other in combinations(same.values(), 2):
            yield fork_by_notes(one, other)


def _seals(leaves: Sequence[LeafAtHand]) -> Iterator[Misbehaviour]:
    seals = [one for one in leaves if isinstance(one.statement, Seal)]
    places = {one.index: one for one in leaves}
    for earlier, later in zip([None, *seals], seals, strict=False):
        yield about("bad_seal", later)
        assert isinstance(later.statement, Seal)
        before = places.get(later.statement.first - 1)
        for other in (earlier, before):
            if other is not None and other.index < later.index:
                yield about("bad_seal", other, later)


def _repeats(leaves: Sequence[LeafAtHand]) -> Iterator[Misbehaviour]:
    genesis = next((one for one in leaves if one.index == 0), None)
    for one in leaves:
        if genesis is not None and one.index:
            yield about("wrong_registry", genesis, one)
        yield about("repeated", one)

    def marks(one: LeafAtHand) -> Iterable[object]:
        return () if one.statement is None else (one.statement.id, *one.statement.sections.values())

    for same in _grouped(leaves, marks).values():
        for one, other in pairwise(same):
            if one.index < other.index:
                yield about("repeated", one, other)


def _listed(seal: LeafAtHand, shown: ShownList, leaves: Sequence[LeafAtHand]) -> Iterator[Misbehaviour]:
    rows = dict(shown.rows)
    yield about("foreign", seal, rows=shown)
    yield about("logged_wrong", seal, rows=shown)
    for one in leaves:
        if one.index >= seal.index or one.statement is None:
            continue
        if isinstance(one.statement, Seal):
            yield about("logged_wrong", one, seal, rows=shown)
        touches = shown.subject in subjects(one.statement)
        if touches != (one.index in rows):
            yield about("omitted" if touches else "foreign", one, seal, rows=shown)


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
