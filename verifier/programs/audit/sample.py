"""The quick look: a few random entries and subjects, each with its proofs against the current checkpoint.

It shows that the log is there and grows from what was seen before, not that all of it is right: for that, replay it.
Lists are asked for with ``GET /subjects/<subject>`` (protocol, section 8), which a folder of files does not answer.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from verifier.base.canonical import Json
from verifier.base.errors import KembarError, Malformed
from verifier.base.strict import parse_b64
from verifier.base.values import field, value
from verifier.evidence.apart import parse_apart
from verifier.evidence.file import ShownList, parse_list
from verifier.evidence.row_search import holds_entry
from verifier.evidence.rows import lists_apart
from verifier.index import proofs as index
from verifier.log.checkpoint import Checkpoint
from verifier.log.hashing import leaf_hash
from verifier.log.proofs import ProofError, check_inclusion
from verifier.log.tiles import WIDTH
from verifier.log.trust import Policy, open_checkpoint
from verifier.programs.audit.replayer import Replayer
from verifier.programs.source import Broken, Source, get_bundle, get_tile
from verifier.replay import findings
from verifier.replay.authentic_tree import AuthenticTree, WrongTile
from verifier.replay.findings import Finding
from verifier.replay.leaves import read_leaf
from verifier.statements.envelope import envelope_from_json
from verifier.statements.parse import parse_statement
from verifier.statements.subjects import subjects
from verifier.statements.types import Seal, Statement

MAX_LIST = 64 * 1024 * 1024
"""Bytes of the answer about one subject."""


@value(frozen=False)
class Sample:
    """What was looked at. ``lists`` is None where the source proves none; ``grew_from`` the size of the largest tree
    that was seen before, of which this one is shown to be a continuation; None if there was none, or it is not.
    """

    checkpoint: Checkpoint
    grew_from: int | None = None
    entries: list[int] = field(default_factory=list)
    lists: int | None = 0
    findings: list[Finding] = field(default_factory=list)


def take_sample(
    replayer: Replayer, source: Source, policy: Policy, count: int, random: Callable[[int], int]
) -> Sample:
    """Look at ``count`` entries and as many subjects, or at all that there are; ``random(n)`` gives a number below n.

    Raises like :meth:`Replayer.advance`; :class:`Broken` too for a proof that does not hold.
    """
    seen = [head.size for head, _ in replayer.store.heads()]
    run, tree = replayer.open(source)
    checkpoint = run.trusted.checkpoint
    sample = Sample(checkpoint=checkpoint, findings=run.now)
    if tree is None:
        return sample
    sample.grew_from = max((size for size in seen if size <= checkpoint.size), default=None)
    try:
        last = _leaf(source, tree, checkpoint, checkpoint.size - 1) if checkpoint.size else b""
        if not isinstance(read_leaf(last).statement, Seal):
            sample.findings.append(findings.misbehaviour(max(0, checkpoint.size - 1), "unsealed"))
        sample.entries = _choose(count, checkpoint.size, random)
        for place in sample.entries:
            _look(source, tree, policy, sample, place, random)
        if sample.lists is not None:
            nothing = sha256(b"%d" % random(1 << 128)).hexdigest()
            _check_list(source, tree, policy, sample, f"asset:{nothing}", None)
    except (WrongTile, ProofError, Malformed) as error:
        raise Broken(f"{source.name}: {error}") from None
    return sample


def _choose(count: int, size: int, random: Callable[[int], int]) -> list[int]:
    """So many different numbers below ``size``, rising."""
    if count >= size:
        return list(range(size))
    chosen: set[int] = set()
    while len(chosen) < count:
        chosen.add(random(size))
    return sorted(chosen)


def _look(
    source: Source, tree: AuthenticTree, policy: Policy, sample: Sample, place: int, random: Callable[[int], int]
) -> None:
    """One entry, and one of the subjects that it touches; for a seal, one of the batch that it covers."""
    leaf = read_leaf(_leaf(source, tree, sample.checkpoint, place))
    if leaf.statement is None:
        sample.findings.append(findings.misbehaviour(place, "leaf_unreadable", fault=str(leaf.fault)))
        return
    if leaf.bad is not None:
        sample.findings.append(findings.misbehaviour(place, "signature_wrong", place=leaf.bad))
    if sample.lists is None:
        return
    statement: Statement | None = leaf.statement
    if isinstance(statement, Seal) and statement.first < statement.size <= place:
        place = statement.first + random(statement.size - statement.first)
        statement = read_leaf(_leaf(source, tree, sample.checkpoint, place)).statement
    touched = () if statement is None else subjects(statement)
    if touched:
        _check_list(source, tree, policy, sample, touched[random(len(touched))], place)


def _leaf(source: Source, tree: AuthenticTree, checkpoint: Checkpoint, place: int) -> bytes:
    """An entry, shown to be in the tree."""
    number, offset = divmod(place, WIDTH)
    width = min(WIDTH, checkpoint.size - number * WIDTH)
    leaf = get_bundle(source, number, width)[offset]
    check_inclusion(leaf_hash(leaf), place, checkpoint.size, tree.inclusion(place), checkpoint.root)
    return leaf


def _check_list(
    source: Source, tree: AuthenticTree, policy: Policy, sample: Sample, subject: str, place: int | None
) -> None:
    """That the index has the list that the source shows, with ``place`` in it, or proves that there is none."""
    data = source.get(f"subjects/{subject}", MAX_LIST)
    if data is None:
        sample.lists = None
        return
    value = parse_apart(data, *lists_apart(), limit=MAX_LIST)
    if type(value) is not dict or type(value.get("checkpoint")) is not str or type(value.get("seal")) is not dict:
        raise Malformed("the answer about a subject lacks its checkpoint or seal")
    note, seal = value.pop("checkpoint"), value.pop("seal")
    shown = parse_list(value)
    if shown.subject != subject:
        raise Malformed(f"the answer is about {shown.subject}, not {subject}")
    try:
        theirs = open_checkpoint(note, policy).checkpoint
    except KembarError as error:
        raise Malformed(f"the checkpoint of the answer about a subject: {error}") from None
    if theirs != sample.checkpoint:  # the log has grown since, or answers from a while ago
        _check_fits(source, tree, sample.checkpoint, theirs)
    root = _index_root(seal, theirs)
    if shown.other is None:
        _check_rows(shown, root)
    else:
        index.check_absence(root, subject, *shown.other, shown.path)
    if place is not None and place < theirs.size - 1 and not holds_entry(shown.rows, place):
        sample.findings.append(
            findings.misbehaviour(place, "list_incomplete", subject=subject, size=theirs.size)
        )
    sample.lists = (sample.lists or 0) + 1


def _check_rows(shown: ShownList, root: bytes) -> None:
    if not shown.rows:
        raise Malformed("an empty list without the entry that stands in its place")
    value = index.list_value(len(shown.rows), index.list_root(shown.rows))
    index.check_presence(root, shown.subject, value, shown.path)


def _check_fits(source: Source, tree: AuthenticTree, ours: Checkpoint, theirs: Checkpoint) -> None:
    if theirs.origin != ours.origin:
        raise Malformed(f"an answer about a subject of the log {theirs.origin}")
    if theirs.size <= ours.size:
        tree.check_consistency(theirs)
    else:
        AuthenticTree(theirs, lambda tile: get_tile(source, tile)).check_consistency(ours)


def _index_root(seal: Json, checkpoint: Checkpoint) -> bytes:
    """The index root in the last seal of a checkpoint's tree, which the answer shows with its inclusion proof."""
    if seal.get("index") != checkpoint.size - 1 or type(seal.get("proof")) is not list:
        raise Malformed("the seal in the answer is not the last entry")
    envelope = envelope_from_json(seal.get("leaf"))
    proof = [parse_b64(one, 32) if type(one) is str else b"" for one in seal["proof"]]
    check_inclusion(leaf_hash(envelope.leaf), checkpoint.size - 1, checkpoint.size, proof, checkpoint.root)
    statement = parse_statement(envelope.payload)
    if not isinstance(statement, Seal):
        raise Malformed("the last entry is no seal")
    return statement.index
