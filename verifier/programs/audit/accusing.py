"""What a replay found, made into proofs that anybody can check (protocol, section 9.1): files in a folder.

Not every finding has one. What only the auditor's clock or its earlier cosignatures tell (a seal that is dated back or
ahead) and what takes the whole log to see (the order within a batch, whose key signed a seal) stays the auditor's word;
the mirror shows the latter to whoever replays it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from verifier.base.errors import KembarError
from verifier.evidence.build import build_evidence
from verifier.index.proofs import subject_key
from verifier.index.shown import Absence, Presence
from verifier.index.tree import IndexTree
from verifier.log.provers import prove_consistency
from verifier.log.tiles import WIDTH
from verifier.log.trust import Policy
from verifier.misbehaviour.accuse import LeafAtHand, about, convict, fork_by_tree, judged, read_leaf
from verifier.misbehaviour.file import MAX_LEAVES, SUFFIX, Misbehaviour, Whole
from verifier.programs.audit.store import AuditStore
from verifier.programs.source import Broken, Source, Unreachable, get_bundle
from verifier.replay.authentic_tree import AuthenticTree, WrongTile
from verifier.replay.findings import Finding
from verifier.replay.record import ReplayRecord
from verifier.rules.model.question import Question
from verifier.rules.needs import lists_of_standing
from verifier.statements.types import Seal

FOLDER = "misbehaviour"
MAX_FILES = 100
"""Proofs in one folder; more would convict nobody twice."""

_ALONE = {
    "signature_wrong": "bad_signature",
    "genesis_repeated": "wrong_registry",
    "genesis_wrong": "wrong_registry",
    "seal_size": "bad_seal",
    "batch_empty": "bad_seal",
    "unsealed": "unsealed",
}
"""Findings that their entry proves by itself, and the kind of the proof."""


class Accuser:
    """Writes proofs into ``folder``, each once. ``policy`` names the log."""

    def __init__(self, folder: Path, store: AuditStore, policy: Policy) -> None:
        self.folder = folder
        self._store = store
        self._policy = policy
        self._tried: set[str] = set()

    def files(self) -> list[Path]:
        """All proofs that are there."""
        return sorted(self.folder.glob(f"*{SUFFIX}"))

    def fork(self, smaller: bytes, size: int, larger: bytes, tree: AuthenticTree) -> None:
        """Two signed notes that do not fit; ``tree`` is the larger one's."""
        claim = fork_by_tree(smaller.decode(), size, larger.decode(), tree.size, tree.read_node)
        self._write(f"fork-{size}-{tree.size}", [claim])

    def findings(self, found: Iterable[Finding], note: bytes, tree: AuthenticTree, source: Source) -> None:
        """All that can be proved of what a replay found in the tree of the signed ``note``."""
        book = _Book(note.decode(), tree, self._store, source)
        is_index_wrong = False
        for finding in found:
            if finding.code == "index_wrong":
                if is_index_wrong:
                    continue  # the first is the shortest to prove, and the others follow from it
                is_index_wrong = True
            name = f"{finding.code}-{finding.index}"
            if name in self._tried:
                continue
            self._tried.add(name)
            try:
                self._write(name, book.claims(finding))
            except (KembarError, Unreachable, Broken, WrongTile, FileNotFoundError):
                continue  # the source is gone, or the log does not give what its checkpoint calls for

    def _write(self, name: str, claims: Iterable[Misbehaviour]) -> None:
        """Keep the first claim that convicts."""
        path = self.folder / (name + SUFFIX)
        if path.exists() or len(self.files()) >= MAX_FILES:
            return
        for claim in claims:
            proved = convict(claim, self._policy)
            if proved is not None:
                self.folder.mkdir(parents=True, exist_ok=True)
                path.write_bytes(proved[0])
                return


class _Book:
    """The log of one checkpoint, as a replay knows it: a source of leaves, proofs and lists."""

    def __init__(self, note: str, tree: AuthenticTree, store: AuditStore, source: Source) -> None:
        self.size = tree.size
        self._note = note
        self._tree = tree
        self._store = store
        self._source = source
        self._index: IndexTree | None = None

    # ---- what a finding claims

    def claims(self, finding: Finding) -> Iterator[Misbehaviour]:
        """Claims that may prove a finding, the plainest first."""
        at, code = finding.index, finding.code
        if code in _ALONE:
            yield about(_ALONE[code], self._leaf(at))
        elif code == "registry_wrong":
            yield about("wrong_registry", self._leaf(0), self._leaf(at))
        elif code in ("digest_repeated", "repeated"):
            yield about("repeated", *map(self._leaf, (*finding.entries[:1], at)))
        elif code in ("seal_first", "seal_backwards"):
            yield from self._seal(self._leaf(at))
        elif code == "index_wrong" and at < MAX_LEAVES:
            yield self._whole(at + 1)
        elif code.startswith("void_"):
            yield judged(self._evidence(at), at)

    def _seal(self, seal: LeafAtHand) -> Iterator[Misbehaviour]:
        """A seal beside the one before it, the entry before its first, and the last seal with a later time."""
        statement = seal.statement
        assert isinstance(statement, Seal)
        store = self._store
        places = {
            store.seal_before(seal.index), statement.first - 1, store.seal_before(seal.index, later_than=statement.at),
        }  # fmt: skip
        for place in sorted(place for place in places if place is not None and 0 <= place < seal.index):
            yield about("bad_seal", self._leaf(place), seal)

    def _whole(self, size: int) -> Misbehaviour:
        leaves = tuple(map(self.leaf, range(size)))
        proof = tuple(prove_consistency(size, self.size, self._tree.read_node))
        return Misbehaviour(
            kind="wrong_index", material=Whole(checkpoints=(self._note,), leaves=leaves, proof=proof)
        )

    def _evidence(self, at: int) -> bytes:
        """An evidence file that shows what the standing of an entry turns on. Its question is about nothing."""
        position = self._store.position()
        record = ReplayRecord(self._store, position.genesis, position.size, self._store.bad())
        entry = record.entry(at)
        if entry is None or position.size != self.size:
            return b""
        self._rows = record
        nothing = Question(kind="asset", id="0" * 64)
        lists = [*lists_of_standing(record, entry), f"asset:{nothing.id}"]
        return build_evidence(nothing, self, self._note, lists)

    def _leaf(self, index: int) -> LeafAtHand:
        return read_leaf(self._note, index, self.leaf(index), self.inclusion(index))

    # ---- what a builder of evidence reads

    def leaf(self, index: int) -> bytes:
        """A leaf's bytes, from the mirror or else the source."""
        try:
            return self._store.mirror.leaf(index)
        except (FileNotFoundError, IndexError):
            number, place = divmod(index, WIDTH)
            return get_bundle(self._source, number, min(WIDTH, self.size - number * WIDTH))[place]

    def inclusion(self, index: int) -> Sequence[bytes]:
        """The inclusion proof of a leaf."""
        return self._tree.inclusion(index)

    def rows(self, subject: str) -> Sequence[tuple[int, int]]:
        """A list whose rows the rules read; others are only asked for where they are empty."""
        if subject.startswith("asset:"):
            return ()
        return [(row, self._store.logged(row)) for row in self._rows.rows(subject)]

    def index_proof(self, subject: str) -> Presence | Absence:
        """The proof in the right index, which is the log's unless that is found to be wrong too."""
        if self._index is None:
            self._index = self._store.load_index(self._store.position().size)
        return self._index.prove(subject_key(subject))

    def disclosures(self, index: int) -> Mapping[str, str]:
        """None: no voidness turns on them, and they are private."""
        return {}
