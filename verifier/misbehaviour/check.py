"""The check of a misbehaviour file: the numbered steps of the protocol's section 9.1, and nothing else.

  1  size, canonical JSON                                                  not_canonical
  2  members, types, alphabets, lengths, order, limits                     misbehaviour_malformed
  3  the checkpoints' syntax                                               checkpoint_malformed
  4  the policy names their log, and one of its keys stands on each        log_unknown
  5  the signature by that key                                             log_untrusted
  6  every leaf and every tree is in the tree that it is shown for         not_included
  7  the list is the one that the seal's index root vouches for            list_wrong
  8  what the kind says does follow                                        not_shown

Cosignatures, the policy's quorum and the clock play no part: the log is convicted by what it signed itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.errors import Malformed
from verifier.base.values import value
from verifier.evidence.file import Invalid, ShownList, parse_evidence
from verifier.evidence.row_search import holds_entry, rows_between
from verifier.evidence.verify import open_evidence
from verifier.index import proofs as index
from verifier.index.proofs import list_leaf, list_value, subject_key
from verifier.index.tree import IndexTree
from verifier.log.checkpoint import Checkpoint, parse_any_checkpoint
from verifier.log.consistency import check_consistency
from verifier.log.hashing import CompactTree, leaf_hash
from verifier.log.note import Note, by_known_keys, parse_note, verify_ed25519
from verifier.log.proofs import ProofError, check_inclusion
from verifier.log.trust import Policy
from verifier.misbehaviour.file import (
    Fork,
    JudgedVoid,
    Listed,
    Misbehaviour,
    NotProven,
    ShownLeaf,
    Whole,
    check_entries,
    parse_misbehaviour,
)
from verifier.rules.decide import RULE_SETS
from verifier.rules.model.context import Standing
from verifier.rules.model.record import ShownRecord
from verifier.rules.standing.judged import JudgedContext
from verifier.statements.envelope import check_signatures, parse_envelope
from verifier.statements.leaf import statement_in
from verifier.statements.subjects import subjects
from verifier.statements.types import Genesis, Seal, Statement


@value
class Proven:
    """The log named ``origin`` lied, in what it signed as trees of these ``sizes``, about these ``entries`` (indices).

    ``code`` is the reason code of a void entry, "" of all other kinds; ``subject`` is the list's, or "".
    """

    kind: str
    origin: str
    sizes: tuple[int, ...]
    entries: tuple[int, ...]
    subject: str = ""
    code: str = ""


Outcome: TypeAlias = Proven | NotProven


def check(data: bytes, policy: Policy) -> Outcome:
    """Check a misbehaviour file under a trust policy. Never raises for what is in the file."""
    return judge(read(data), policy)


def read(data: bytes) -> Misbehaviour | NotProven:
    """Steps 1 and 2, for who need not keep the bytes."""
    try:
        return parse_misbehaviour(data)
    except NotProven as failed:
        return failed


def judge(claim: Misbehaviour | NotProven, policy: Policy) -> Outcome:
    """What comes of a claim that was read."""
    try:
        return claim if isinstance(claim, NotProven) else prove(claim, policy)
    except NotProven as failed:
        return failed


def prove(misbehaviour: Misbehaviour, policy: Policy) -> Proven:
    """Steps 3 to 8, of a file or of a claim that is yet to be one. Raises :class:`NotProven` with the first that fails.
    """
    kind, material = misbehaviour.kind, misbehaviour.material
    match material:
        case Fork():
            trees = _open_all(material.checkpoints, policy)
            return _proven(kind, trees, _fork(material, *trees))
        case Whole():
            trees = _open_all(material.checkpoints, policy)
            return _proven(kind, trees, _wrong_index(material, *trees))
        case JudgedVoid():
            return _void(material, policy)
    try:
        check_entries(kind, material)
    except Malformed as error:
        raise NotProven(2, error.message, error.where) from None
    trees = _open_all(material.checkpoints, policy)
    leaves = [_read(one) for one in material.entries]
    for place, one in enumerate(material.entries):
        _check_included(one, trees[one.checkpoint], f"entries[{place}].proof")
    if isinstance(material, Listed):
        seal = leaves[-1]
        check_list(material.list, seal.statement)
        holds = LISTED[kind](material.list, seal, leaves[:-1])
    else:
        sizes = [trees[one.checkpoint].size for one in material.entries]
        is_rewriting = kind == "rewritten"
        holds = _rewritten(material.entries, min(sizes)) if is_rewriting else ENTRIES[kind](leaves, trees[0])
    if not holds:
        raise NotProven(8, "what is shown may well be so in an honest log", "entries")
    subject = material.list.subject if isinstance(material, Listed) else ""
    return _proven(kind, trees, tuple(one.index for one in material.entries), subject)


def _proven(kind: str, trees: list[Checkpoint], entries: tuple[int, ...], subject: str = "") -> Proven:
    sizes = tuple(tree.size for tree in trees)
    return Proven(kind=kind, origin=trees[0].origin, sizes=sizes, entries=entries, subject=subject)


# ---- steps 3 to 5: checkpoints


def _open_all(notes: tuple[str, ...], policy: Policy) -> list[Checkpoint]:
    trees = [open_signed(note, policy, f"checkpoints[{place}]") for place, note in enumerate(notes)]
    if len({tree.origin for tree in trees}) != 1:
        raise NotProven(8, "the checkpoints are of two logs", "checkpoints")
    return trees


def open_signed(note_text: str, policy: Policy, where: str) -> Checkpoint:
    """A checkpoint that a log of the policy signed, whoever cosigned it. Raises :class:`NotProven`.

    Extension lines, which our logs must not write, change nothing about what the log signed; nor do bad lines beside a
    good one.
    """
    # Step 3: the checkpoint's syntax.
    try:
        note, checkpoint = read_signed(note_text)
    except Malformed as error:
        raise NotProven(3, error.message, error.at(where).where) from None

    # Step 4: whose it is.
    keys = policy.log(checkpoint.origin)
    claimed, _ = by_known_keys(note, keys)
    if not claimed:
        raise NotProven(4, f"the policy names no key of the log {checkpoint.origin} that signed it", where)

    # Step 5: the signature.
    if not any(verify_ed25519(verifier, note.text, line.signature) for verifier, line in claimed):
        raise NotProven(5, f"the signature by {claimed[0][0]} does not verify", where)
    return checkpoint


def read_signed(note_text: str) -> tuple[Note, Checkpoint]:
    """A checkpoint in a note, nothing verified. Raises :class:`Malformed`."""
    note = parse_note(note_text)
    return note, parse_any_checkpoint(note.text)


# ---- step 6: leaves and trees


@value
class OpenedLeaf:
    """A leaf as far as it can be read; ``statement`` is None where it cannot."""

    index: int
    leaf: bytes
    statement: Statement | None

    @property
    def touched(self) -> tuple[str, ...]:
        return () if self.statement is None else subjects(self.statement)


def _read(shown: ShownLeaf) -> OpenedLeaf:
    return OpenedLeaf(index=shown.index, leaf=shown.leaf, statement=statement_in(shown.leaf))


def _check_included(shown: ShownLeaf, tree: Checkpoint, where: str) -> None:
    try:
        check_inclusion(leaf_hash(shown.leaf), shown.index, tree.size, shown.proof, tree.root)
    except ProofError as error:
        raise NotProven(6, error.message, where) from None


def _check_begins(size: int, root: bytes, tree: Checkpoint, proof: tuple[bytes, ...]) -> None:
    """That ``tree`` begins with the tree of this size and root."""
    try:
        check_consistency(size, root, tree.size, tree.root, proof)
    except ProofError as error:
        raise NotProven(6, error.message, "proof") from None


def _fork(shown: Fork, smaller: Checkpoint, larger: Checkpoint) -> tuple[int, ...]:
    """The larger tree begins with one root, and the log signed another for the same size."""
    _check_begins(smaller.size, shown.root, larger, shown.proof)
    if smaller.root == shown.root:
        raise NotProven(8, "the larger tree begins with the smaller", "checkpoints")
    return ()


# ---- step 8 of what one or two leaves show


def _rewritten(entries: tuple[ShownLeaf, ...], size: int) -> bool:
    """Two leaves; or the hashes of two subtrees beside one leaf, which both trees, of ``size`` and more, have whole."""
    one, other = entries
    beside, others = (hashes_beside(leaf.index, leaf.proof, size) for leaf in entries)
    return one.leaf != other.leaf or beside != others


def hashes_beside(index: int, proof: Sequence[bytes], size: int) -> dict[int, bytes]:
    """By level, what an inclusion proof says of the subtrees beside a leaf that a tree of ``size`` has whole."""
    levels = range((index ^ (size - 1)).bit_length())
    return {level: proof[level] for level in levels if ((index >> level ^ 1) + 1) << level <= size}


def _unsealed(leaves: list[OpenedLeaf], tree: Checkpoint) -> bool:
    """A later version of the protocol may have seals that this one cannot read, so the leaf must be readable."""
    last = leaves[-1]
    is_end = len(leaves) == 1 and last.index == tree.size - 1
    return is_end and last.statement is not None and not isinstance(last.statement, Seal)


def _bad_seal(leaves: list[OpenedLeaf], tree: Checkpoint) -> bool:
    seal, at = leaves[-1].statement, leaves[-1].index
    if not isinstance(seal, Seal):
        return False
    if len(leaves) == 1:
        return seal.size != at or seal.first >= at  # not its own index; nothing covered
    other, place = leaves[0].statement, leaves[0].index
    if isinstance(other, Seal):
        return other.at > seal.at or place >= seal.first  # time runs backwards; it covers an earlier seal
    return other is not None and place == seal.first - 1  # the entry before its first is no seal: a gap


def _bad_signature(leaves: list[OpenedLeaf], tree: Checkpoint) -> bool:
    try:
        return len(leaves) == 1 and check_signatures(parse_envelope(leaves[0].leaf)) is not None
    except Malformed:
        return False


def _repeated(leaves: list[OpenedLeaf], tree: Checkpoint) -> bool:
    read = [one.statement for one in leaves if one.statement is not None]
    ids = [statement.id for statement in read]
    digests = [digest for statement in read for digest in statement.sections.values()]
    return len(read) == len(leaves) and (len(set(ids)) < len(ids) or len(set(digests)) < len(digests))


def _wrong_registry(leaves: list[OpenedLeaf], tree: Checkpoint) -> bool:
    first, last = leaves[0], leaves[-1]
    if last.statement is None or first.statement is None:
        return False
    if len(leaves) == 1:
        if first.index:
            return isinstance(first.statement, Genesis)
        return not isinstance(first.statement, Genesis) or first.statement.origin != tree.origin
    is_genesis = first.index == 0 and isinstance(first.statement, Genesis)
    return is_genesis and last.statement.registry not in (None, first.statement.id)


ENTRIES: Mapping[str, Callable[[list[OpenedLeaf], Checkpoint], bool]] = {
    "unsealed": _unsealed,
    "bad_seal": _bad_seal,
    "bad_signature": _bad_signature,
    "repeated": _repeated,
    "wrong_registry": _wrong_registry,
}


# ---- steps 7 and 8 of what a list shows


def check_list(shown: ShownList, seal: Statement | None) -> None:
    """That the list is the one that a seal's index root vouches for. Raises :class:`NotProven`."""
    if not isinstance(seal, Seal):
        raise NotProven(7, "the last entry that is shown is not a seal", "entries")
    try:
        if shown.other is None:
            held = list_value(len(shown.rows), index.list_root(shown.rows))
            index.check_presence(seal.index, shown.subject, held, shown.path)
        else:
            index.check_absence(seal.index, shown.subject, *shown.other, shown.path)
    except ProofError as error:
        raise NotProven(7, error.message, "list") from None


def _omitted(shown: ShownList, seal: OpenedLeaf, others: list[OpenedLeaf]) -> bool:
    return len(others) == 1 and shown.subject in others[0].touched and not holds_entry(shown.rows, others[0].index)


def _foreign(shown: ShownList, seal: OpenedLeaf, others: list[OpenedLeaf]) -> bool:
    """An entry that does not touch the subject; or, with the seal alone, one that was not there yet."""
    if not others:
        return bool(shown.rows) and shown.rows[-1][0] >= seal.index
    [entry] = others
    return entry.statement is not None and shown.subject not in entry.touched and holds_entry(shown.rows, entry.index)


def _logged_wrong(shown: ShownList, seal: OpenedLeaf, others: list[OpenedLeaf]) -> bool:
    """The entry that is shown besides is the seal that covers a row; without one, the list's own seal is."""
    covering = others[0] if others else seal
    said = covering.statement
    return isinstance(said, Seal) and any(
        logged != said.at for _, logged in rows_between(shown.rows, said.first, covering.index)
    )


LISTED: Mapping[str, Callable[[ShownList, OpenedLeaf, list[OpenedLeaf]], bool]] = {
    "omitted": _omitted,
    "foreign": _foreign,
    "logged_wrong": _logged_wrong,
}


# ---- steps 6 and 8 of what takes more


def _wrong_index(shown: Whole, tree: Checkpoint) -> tuple[int, ...]:
    """All lists as of the last of these leaves, a seal, made anew."""
    hashed = CompactTree()
    for leaf in shown.leaves:
        hashed.append(leaf_hash(leaf))
    _check_begins(hashed.size, hashed.root(), tree, shown.proof)
    lists: dict[str, CompactTree] = {}
    pending: list[tuple[int, tuple[str, ...]]] = []
    seal: Statement | None = None
    for place, leaf in enumerate(shown.leaves):
        seal = statement_in(leaf)
        if seal is None:
            raise NotProven(8, f"entry {place} cannot be read, so that it cannot be told what it touches", "leaves")
        if not isinstance(seal, Seal):
            pending.append((place, subjects(seal)))
            continue
        for row, touched in pending:
            for subject in touched:
                lists.setdefault(subject, CompactTree()).append(leaf_hash(list_leaf(row, seal.at)))
        pending.clear()
    if not isinstance(seal, Seal):
        raise NotProven(8, "the last leaf is not a seal", "leaves")
    right = IndexTree({subject_key(name): list_value(rows.size, rows.root()) for name, rows in lists.items()}).root()
    if seal.index == right:
        raise NotProven(8, "the index root is right", "leaves")
    return (hashed.size - 1,)


_STEPS = {1: 1, 2: 2, 3: 2, 4: 3, 5: 5, 7: 6, 11: 7}
"""Steps of section 7.2 that are steps of this check too; the others make step 8 fail."""


def _void(shown: JudgedVoid, policy: Policy) -> Proven:
    """The entry as admission found it: with what stood below it in the log, and nothing that came after."""
    try:
        evidence = parse_evidence(shown.evidence)
        tree = open_signed(evidence.checkpoint, policy, "evidence.checkpoint")
        if any(entry.disclosures for entry in evidence.entries):
            raise NotProven(2, "disclosures are private, and no voidness turns on them", "evidence.entries")
        opened = open_evidence(evidence, _logs_only(policy), instant=0)
    except Invalid as invalid:
        where = f"evidence.{invalid.where}" if invalid.where else "evidence"
        raise NotProven(_STEPS.get(invalid.step, 8), invalid.message, where) from None
    if opened.facts.rules not in RULE_SETS:
        raise NotProven(8, "the log's rule set is one that this verifier does not know", "evidence")
    at = shown.index
    below = {one.subject: [row for row, _ in one.rows if row <= at] for one in evidence.subjects}
    record = ShownRecord(opened.record.genesis, below)
    for entry in opened.record.shown():
        if entry.index <= at:
            record.fold(entry)
    accused = record.entry(at)
    if accused is None:
        raise NotProven(8, f"entry {at} is not shown", "index")
    judgement = JudgedContext(record, instant=0, as_of=0).standing(accused)
    if judgement.standing is not Standing.VOID:
        raise NotProven(8, f"entry {at} is not shown to be void", "index")
    return Proven(kind="void", origin=tree.origin, sizes=(tree.size,), entries=(at,), code=judgement.code)


def _logs_only(policy: Policy) -> Policy:
    return Policy(logs=policy.logs, witnesses=(), groups=(), quorum=None)


# ---- the outcome as JSON


def format_outcome(outcome: Outcome) -> bytes:
    """Canonical JSON. Members that do not apply are left out."""
    if isinstance(outcome, NotProven):
        members: dict[str, Json] = {
            "outcome": "not_proven", "step": outcome.step, "code": outcome.code, "where": outcome.where,
        }  # fmt: skip
    else:
        members = {
            "outcome": "proven", "kind": outcome.kind, "origin": outcome.origin, "sizes": list(outcome.sizes),
            "entries": list(outcome.entries), "subject": outcome.subject, "code": outcome.code,
        }  # fmt: skip
    return canonical.encode({name: one for name, one in members.items() if one not in ("", [])})
