"""A log in memory: leaves, seals' index, tree and proofs, exactly as a registry would publish them, and no rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from verifier.base.errors import Malformed
from verifier.index.proofs import list_leaf, list_value, subject_key
from verifier.index.shown import Absence, Presence
from verifier.index.tree import IndexTree
from verifier.log.hashing import CompactTree, leaf_hash, node_hash
from verifier.log.provers import prove_inclusion
from verifier.statements.envelope import parse_envelope
from verifier.statements.parse import parse_statement
from verifier.statements.subjects import subjects
from verifier.statements.types import Statement


def read_leaf(leaf: bytes) -> Statement | None:
    """The statement in a leaf, None if it cannot be read."""
    try:
        return parse_statement(parse_envelope(leaf).payload)
    except Malformed:
        return None


@dataclass
class MemoryLog:
    """Everything that was appended. Proofs are for the log as it is now, so ask when it ends with a seal."""

    leaves: list[bytes] = field(default_factory=list)
    lists: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    disclosed: dict[int, dict[str, str]] = field(default_factory=dict)
    index_tree: IndexTree = field(default_factory=IndexTree)
    _lists: dict[str, CompactTree] = field(default_factory=dict)
    _nodes: dict[tuple[int, int], bytes] = field(default_factory=dict)
    _pending: list[int] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.leaves)

    def append(self, leaf: bytes, disclosures: Mapping[str, str] | None = None) -> int:
        """Add a leaf, readable or not; its index. It is in no list until :meth:`close_batch`."""
        index = self.append_seal(leaf)
        self._pending.append(index)
        self.disclosed[index] = dict(disclosures or {})
        return index

    def append_seal(self, leaf: bytes) -> int:
        """Add a leaf that touches nothing."""
        self.leaves.append(leaf)
        return len(self.leaves) - 1

    def close_batch(self, logged: int) -> bytes:
        """Put what was appended into the lists, all of it logged at this instant; the index root for the seal."""
        changed = set()
        for index in self._pending:
            statement = read_leaf(self.leaves[index])
            for subject in () if statement is None else subjects(statement):
                self.lists.setdefault(subject, []).append((index, logged))
                self._lists.setdefault(subject, CompactTree()).append(leaf_hash(list_leaf(index, logged)))
                changed.add(subject)
        self._pending.clear()
        trees = ((subject, self._lists[subject]) for subject in changed)
        self.index_tree.update({subject_key(subject): list_value(tree.size, tree.root()) for subject, tree in trees})
        return self.index_tree.root()

    def lie(self, subject: str, rows: Sequence[tuple[int, int]]) -> None:
        """Replace a whole list, as a dishonest registry would; the next seal's index root vouches for it."""
        tree = self._lists[subject] = CompactTree()
        for index, logged in rows:
            tree.append(leaf_hash(list_leaf(index, logged)))
        self.lists[subject] = list(rows)
        self.index_tree.update({subject_key(subject): list_value(tree.size, tree.root()) if rows else None})

    # What a builder of evidence reads

    def root(self) -> bytes:
        tree = CompactTree()
        for leaf in self.leaves:
            tree.append(leaf_hash(leaf))
        return tree.root()

    def rows(self, subject: str) -> Sequence[tuple[int, int]]:
        return self.lists.get(subject, ())

    def leaf(self, index: int) -> bytes:
        return self.leaves[index]

    def inclusion(self, index: int) -> Sequence[bytes]:
        return prove_inclusion(index, self.size, self.read_node)

    def index_proof(self, subject: str) -> Presence | Absence:
        return self.index_tree.prove(subject_key(subject))

    def disclosures(self, index: int) -> Mapping[str, str]:
        return self.disclosed.get(index, {})

    def read_node(self, level: int, index: int) -> bytes:
        """The root of a complete subtree; complete subtrees never change, so each is computed once."""
        node = self._nodes.get((level, index))
        if node is None:
            if level:
                node = node_hash(self.read_node(level - 1, 2 * index), self.read_node(level - 1, 2 * index + 1))
            else:
                node = leaf_hash(self.leaves[index])
            self._nodes[level, index] = node
        return node
