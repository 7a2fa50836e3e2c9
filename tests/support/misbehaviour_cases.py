"""Misbehaviour files: proofs of every kind, and files that prove nothing, each wrong in one thing.

A case is a function named after its vector in tests/vectors/misbehaviour; it returns a :class:`Case`.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.support.lies import Stage, stage
from tests.support.world import World, key
from verifier.base import canonical
from verifier.log.log_proof import LogProof
from verifier.log.note import Signer, format_note, parse_note
from verifier.log.proofs import prove_consistency
from verifier.misbehaviour.accuse import (
    Heap,
    LeafAtHand,
    about,
    fork_by_notes,
    fork_by_tree,
    judged,
    read_leaf,
)
from verifier.misbehaviour.file import CODES, Misbehaviour, Whole, format_misbehaviour


@dataclass(frozen=True, kw_only=True)
class Case:
    """A file, the reader's policy, and what must come of it: members of the outcome's JSON."""

    data: bytes
    policy: str
    expected: Mapping[str, Any]


CASES: dict[str, Callable[[], Case]] = {}


def case(make: Callable[[], Case]) -> Callable[[], Case]:
    """Register a case under its vector's name."""
    CASES[make.__name__.replace("_", "-")] = make
    return make


def leaf_of(world: World, index: int) -> LeafAtHand:
    """A leaf in the tree of a world as it is now, under a checkpoint that only the log signed."""
    return read_leaf(world.checkpoint(cosigners=[]), index, world.log.leaf(index), world.log.inclusion(index))


def proven(claim: Misbehaviour, world: World, *entries: int, **more: Any) -> Case:
    """A case that convicts."""
    expected = {"outcome": "proven", "kind": claim.kind, "origin": world.origin, **more}
    if entries:
        expected["entries"] = list(entries)
    return Case(data=format_misbehaviour(claim), policy=world.policy(), expected=expected)


def last(world: World) -> int:
    """The index of the last entry."""
    return world.log.size - 1


def shown_list(world: World, subject: str) -> Any:
    """A list as the world's index has it."""
    from verifier.evidence.build import show_list

    return show_list(subject, tuple(world.log.rows(subject)), world.log.index_proof(subject))


# ---- proofs


@case
def fork_of_one_size() -> Case:
    one, other = stage(), stage(used=("other.jpg",))
    claim = fork_by_notes(one.world.checkpoint(), other.world.checkpoint())
    return proven(claim, one.world, sizes=[16, 16])


@case
def fork_of_two_sizes() -> Case:
    """With the hashes of the larger tree alone: nobody needs to have seen what the smaller was made of."""
    one, other = stage(), stage(used=("other.jpg",))
    other.world.usage(other.consent)
    claim = fork_by_tree(one.world.checkpoint(), 16, other.world.checkpoint(), 18, other.world.log.read_node)
    return proven(claim, one.world, sizes=[16, 18])


@case
def fork_whose_smaller_tree_is_a_power_of_two() -> Case:
    one, other = World(), World(genesis={"nonce": b"another genesis "})
    for world in (one, other):
        world.party("anna", roles=["model"])
    other.party("brand", roles=["licensee"])
    claim = fork_by_tree(one.checkpoint(), 4, other.checkpoint(), 6, other.log.read_node)
    return proven(claim, one, sizes=[4, 6])


@case
def fork_from_a_root_of_nothing() -> Case:
    """The smaller checkpoint's root is no tree's at all."""
    one = stage()
    smaller = one.world.checkpoint(size=5, root=b"\x07" * 32)
    claim = fork_by_tree(smaller, 5, one.world.checkpoint(), one.world.log.size, one.world.log.read_node)
    return proven(claim, one.world, sizes=[5, 16])


@case
def fork_from_an_empty_tree_with_a_root() -> Case:
    one = stage()
    smaller = one.world.checkpoint(size=0, root=b"\x07" * 32)
    claim = fork_by_tree(smaller, 0, one.world.checkpoint(), one.world.log.size, one.world.log.read_node)
    return proven(claim, one.world, sizes=[0, 16])


@case
def fork_with_an_extension_line() -> Case:
    """Our logs may write none, which makes what it signed no less signed."""
    one, other = stage(), stage(used=("other.jpg",))
    text = parse_note(other.world.checkpoint()).text + "an extension line\n"
    signed = format_note(text, [Signer(one.world.origin, one.world.log_key).sign(text)])
    return proven(fork_by_notes(one.world.checkpoint(), signed), one.world, sizes=[16, 16])


@case
def fork_under_two_keys_of_one_log() -> Case:
    """The log changed its key in between; both keys are its own by the policy."""
    one, other = stage(), stage(used=("other.jpg",))
    new = key("the log's next key")
    policy = f"log {one.world.vkey()}\nlog {one.world.vkey(new)}\nquorum none\n"
    claim = fork_by_notes(one.world.checkpoint(), other.world.checkpoint(signer=new))
    made = proven(claim, one.world, sizes=[16, 16])
    return Case(data=made.data, policy=policy, expected=made.expected)


@case
def rewritten() -> Case:
    one, other = stage(), stage(used=("other.jpg",))
    other.world.usage(other.consent)
    return proven(about("rewritten", leaf_of(one.world, 14), leaf_of(other.world, 14)), one.world, 14, 14)


@case
def rewritten_beside_the_entry() -> Case:
    """The two proofs of one and the same genesis differ in what stands beside it, in trees of different sizes."""
    one, other = stage(), stage(used=("other.jpg",))
    for made in (one, other, other):
        made.world.usage(made.consent)
    return proven(about("rewritten", leaf_of(one.world, 0), leaf_of(other.world, 0)), one.world, 0, 0)


@case
def restarted() -> Case:
    one, other = stage(), stage(genesis={"nonce": b"another genesis "})
    return proven(about("rewritten", leaf_of(one.world, 0), leaf_of(other.world, 0)), one.world, 0, 0)


@case
def unsealed() -> Case:
    one, other = stage(), stage()
    one.world.log.append(other.world.usage(other.consent).leaf)
    return proven(about("unsealed", leaf_of(one.world, 16)), one.world, 16)


@case
def bad_seal_of_another_size() -> Case:
    one = sealed(size=99)
    return proven(about("bad_seal", leaf_of(one.world, 17)), one.world, 17)


@case
def bad_seal_of_nothing() -> Case:
    one = stage()
    one.world.seal()
    return proven(about("bad_seal", leaf_of(one.world, 16)), one.world, 16)


@case
def bad_seal_with_an_overlap() -> Case:
    one = sealed(first=14)
    return proven(about("bad_seal", leaf_of(one.world, 15), leaf_of(one.world, 17)), one.world, 15, 17)


@case
def bad_seal_with_a_gap() -> Case:
    one = stage()
    with one.world.batch(first=17):
        one.world.usage(one.consent)
        one.world.usage(one.consent)
    return proven(about("bad_seal", leaf_of(one.world, 16), leaf_of(one.world, 18)), one.world, 16, 18)


@case
def bad_seal_that_runs_backwards() -> Case:
    one = stage()
    one.world.advance("-1s")
    one.world.usage(one.consent)
    return proven(about("bad_seal", leaf_of(one.world, 15), leaf_of(one.world, 17)), one.world, 15, 17)


@case
def bad_signature() -> Case:
    one = stage()
    bad = one.world.usage(one.consent, wrong_signatures=True)
    return proven(about("bad_signature", leaf_of(one.world, bad.index)), one.world, bad.index)


@case
def repeated_statement() -> Case:
    one = stage()
    again = one.world.leaf(one.usage.leaf)
    return proven(about("repeated", leaf_of(one.world, 14), leaf_of(one.world, again)), one.world, 14, again)


@case
def repeated_digest() -> Case:
    one = stage()
    again = one.world.usage(one.consent, members={"sections": dict(one.usage.statement.sections)})
    return proven(about("repeated", leaf_of(one.world, 14), leaf_of(one.world, again.index)), one.world)


@case
def repeated_digest_in_one_entry() -> Case:
    one = stage()
    digest = one.usage.statement.sections["terms"]
    again = one.world.usage(one.consent, members={"sections": {"person": digest, "terms": digest}})
    return proven(about("repeated", leaf_of(one.world, again.index)), one.world, again.index)


@case
def wrong_registry() -> Case:
    one = stage()
    bad = one.world.usage(one.consent, registry="ab" * 32)
    claim = about("wrong_registry", leaf_of(one.world, 0), leaf_of(one.world, bad.index))
    return proven(claim, one.world, 0, bad.index)


@case
def wrong_registry_second_genesis() -> Case:
    one, other = stage(), stage(genesis={"nonce": b"another genesis "})
    index = one.world.leaf(other.world.genesis.leaf)
    return proven(about("wrong_registry", leaf_of(one.world, index)), one.world, index)


@case
def wrong_registry_genesis_of_another_origin() -> Case:
    world = World(genesis={"members": {"origin": "other.example/log"}})
    return proven(about("wrong_registry", leaf_of(world, 0)), world, 0)


@case
def wrong_registry_without_a_genesis() -> Case:
    one = stage()
    one.world.log.leaves[0] = one.world.log.leaves[2]
    return proven(about("wrong_registry", leaf_of(one.world, 0)), one.world, 0)


@case
def omitted() -> Case:
    one, _, claim = hidden()
    return proven(claim, one.world, 16, 19, subject=f"consent:{one.consent.id}")


@case
def omitted_from_nothing_at_all() -> Case:
    """The list is proven empty."""
    one = stage()
    subject = f"uses:{one.consent.id}"
    one.world.log.lie(subject, [])
    one.world.party("eve", roles=["licensee"])
    claim = about("omitted", leaf_of(one.world, 14), leaf_of(one.world, 17), rows=shown_list(one.world, subject))
    return proven(claim, one.world, 14, 17, subject=subject)


@case
def omitted_with_the_proof_of_an_older_tree() -> Case:
    """What she got when she handed it in, against what readers are shown later."""
    one = stage()
    revocation = one.world.revocation(consent=one.consent)
    mine = leaf_of(one.world, revocation.index)
    subject = f"consent:{one.consent.id}"
    one.world.log.lie(subject, one.world.log.rows(subject)[:-1])
    one.world.party("eve", roles=["licensee"])
    claim = about("omitted", mine, leaf_of(one.world, last(one.world)), rows=shown_list(one.world, subject))
    return proven(claim, one.world, 16, 19, sizes=[18, 20])


@case
def foreign() -> Case:
    one = stage()
    subject = f"uses:{one.consent.id}"
    one.world.log.lie(subject, [(one.consent.index, one.consent.logged), *one.world.log.rows(subject)])
    one.world.party("eve", roles=["licensee"])
    claim = about(
        "foreign", leaf_of(one.world, one.consent.index), leaf_of(one.world, 17), rows=shown_list(one.world, subject)
    )
    return proven(claim, one.world, one.consent.index, 17)


@case
def foreign_from_the_future() -> Case:
    one = stage()
    subject = f"uses:{one.consent.id}"
    one.world.log.lie(subject, [*one.world.log.rows(subject), (17, one.usage.logged)])
    one.world.party("eve", roles=["licensee"])
    claim = about("foreign", leaf_of(one.world, 17), rows=shown_list(one.world, subject))
    return proven(claim, one.world, 17)


@case
def logged_wrong() -> Case:
    one = stage()
    subject = f"uses:{one.consent.id}"
    one.world.log.lie(subject, [(one.usage.index, one.usage.logged - 1)])
    one.world.party("eve", roles=["licensee"])
    claim = about("logged_wrong", leaf_of(one.world, 15), leaf_of(one.world, 17), rows=shown_list(one.world, subject))
    return proven(claim, one.world, 15, 17)


@case
def logged_wrong_by_the_seal_itself() -> Case:
    one = stage()
    with one.world.batch(at="2026-01-01T00:00:01Z"):
        one.world.usage(one.consent)
    subject = f"uses:{one.consent.id}"
    claim = about("logged_wrong", leaf_of(one.world, 17), rows=shown_list(one.world, subject))
    return proven(claim, one.world, 17)


@case
def wrong_index() -> Case:
    one = stage()
    with one.world.batch(index="47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="):
        one.world.usage(one.consent)
    one.world.usage(one.consent)
    return proven(whole(one.world, 18), one.world, 17, sizes=[20])


@case
def wrong_index_of_an_empty_list() -> Case:
    one, _, _ = hidden()
    return proven(whole(one.world, 20), one.world, 19)


@case
def void() -> Case:
    one = stage()
    bad = one.world.revocation(consent=one.consent, signers=[one.world.party("stranger", roles=["holder"])])
    claim = judged(one.world.evidence(one.usage, checkpoint=one.world.checkpoint()), bad.index)
    return proven(claim, one.world, bad.index, code="void_signers")


@case
def void_of_a_statement_signed_after_it_was_logged() -> Case:
    one = stage()
    bad = one.world.usage(one.consent, at="+6m")
    return proven(judged(one.world.evidence(bad), bad.index), one.world, bad.index, code="void_ahead")


@case
def void_beneath_a_ruling_that_came_before() -> Case:
    world = World()
    anna, brand, judge = (
        world.party(name, roles=[role])
        for name, role in [("anna", "model"), ("brand", "licensee"), ("judge", "arbiter")]
    )
    consent = world.consent(model=anna, licensee=brand, arbiter=judge)
    world.ruling(consent, [consent])
    bad = world.usage(consent)
    return proven(judged(world.evidence(bad), bad.index), world, bad.index, code="void_parties")


def sealed(**members: Any) -> Stage:
    """A stage with one more use, whose seal lies."""
    one = stage()
    with one.world.batch(**members):
        one.world.usage(one.consent)
    return one


@cache
def hidden() -> tuple[Stage, LogProof, Misbehaviour]:
    """A revocation that the index hides, with her log proof of it and the claim that it is hidden."""
    one = stage()
    revocation = one.world.revocation(consent=one.consent)
    subject = f"consent:{one.consent.id}"
    one.world.log.lie(subject, one.world.log.rows(subject)[:-1])
    one.world.party("eve", roles=["licensee"])
    mine = leaf_of(one.world, revocation.index)
    claim = about("omitted", mine, leaf_of(one.world, 19), rows=shown_list(one.world, subject))
    return one, LogProof(index=mine.index, proof=mine.proof, checkpoint=mine.checkpoint), claim


def whole(world: World, size: int) -> Misbehaviour:
    """That the last of the first ``size`` leaves has a wrong index root."""
    proof = tuple(prove_consistency(size, world.log.size, world.log.read_node))
    leaves = tuple(world.log.leaves[:size])
    return Misbehaviour(
        kind="wrong_index", material=Whole(checkpoints=(world.checkpoint(cosigners=[]),), leaves=leaves, proof=proof)
    )


# ---- what proves nothing


def nothing(data: bytes, step: int, policy: str | None = None) -> Case:
    """A case that fails at a step."""
    expected = {"outcome": "not_proven", "step": step, "code": CODES[step]}
    return Case(data=data, policy=policy or stage().world.policy(), expected=expected)


def edited(data: bytes, change: Callable[[Any], object]) -> bytes:
    """A file with one change, still canonical JSON."""
    value = canonical.parse(data, limit=1 << 24)
    change(value)
    return canonical.encode(value)


def flipped(text: str, place: int = 0) -> str:
    """Base64 text with one bit of its bytes flipped."""
    raw = bytearray(b64decode(text))
    raw[place] ^= 1
    return b64encode(raw).decode()


def put(path: str, item: Any) -> Callable[[Any], None]:
    """Set a member, as in ``entries.1.proof.0``; a function is given what was there."""

    def change(value: Any) -> None:
        *inner, name = [int(one) if one.isdigit() else one for one in path.split(".")]
        for one in inner:
            value = value[one]
        value[name] = item(value[name]) if callable(item) else item

    return change


def add(name: str, step: int, of: str, change: Callable[[Any], object]) -> None:
    """A case that is one edit of a proof."""

    def make() -> Case:
        proof = CASES[of]()
        return nothing(edited(proof.data, change), step, proof.policy)

    CASES[f"step{step}-{name}"] = make


@case
def step1_white_space() -> Case:
    return nothing(CASES["rewritten"]().data + b"\n", 1)


@case
def step1_cut_short() -> Case:
    return nothing(CASES["rewritten"]().data[:-1], 1)


@case
def step1_member_twice() -> Case:
    return nothing(CASES["rewritten"]().data.replace(b'"kind":', b'"kind":"fork","kind":', 1), 1)


add("format-1", 2, "rewritten", put("format", "kembar-misbehaviour/1"))
add("kind-unknown", 2, "rewritten", put("kind", "rude"))
add("kind-of-another-shape", 2, "rewritten", put("kind", "fork"))
add("shows-something-else", 2, "rewritten", put("shows", "The log is honest."))
add("shows-missing", 2, "rewritten", lambda value: value.pop("shows"))
add("member-unknown", 2, "rewritten", put("note", "x"))
add("checkpoints-missing", 2, "rewritten", lambda value: value.pop("checkpoints"))
add("checkpoint-not-used", 2, "unsealed", lambda value: value["checkpoints"].append(value["checkpoints"][0]))
add("checkpoint-not-there", 2, "unsealed", put("entries.0.checkpoint", 1))
add("one-checkpoint-of-a-fork", 2, "fork-of-one-size", lambda value: value["checkpoints"].pop())
add("three-checkpoints", 2, "fork-of-one-size", lambda value: value["checkpoints"].append("x"))
add("no-entries", 2, "unsealed", put("entries", []))
add("three-entries", 2, "rewritten", lambda value: value["entries"].append(value["entries"][0]))
add("entries-fall", 2, "bad-seal-with-an-overlap", lambda value: value["entries"].reverse())
add("rewritten-at-two-places", 2, "rewritten", put("entries.0.index", 13))
add("leaf-padded", 2, "unsealed", put("entries.0.leaf", lambda leaf: leaf + "===="))
add("leaf-too-long", 2, "unsealed", put("entries.0.leaf", "AAAA" * 21846))
add("proof-hash-short", 2, "unsealed", put("entries.0.proof.0", "AAAA"))
add("list-rows-fall", 2, "foreign", lambda value: value["list"]["list"].reverse())
add("list-missing", 2, "omitted", lambda value: value.pop("list"))
add("root-short", 2, "fork-of-two-sizes", put("root", "AAAA"))
add("evidence-not-an-object", 2, "void", put("evidence", "x"))
add("evidence-malformed", 2, "void", put("evidence.subjects", "x"))
add("evidence-leaf-malformed", 2, "void", put("evidence.entries.0.leaf.payloadType", "x"))
add("evidence-with-disclosures", 2, "void", put("evidence.entries.1.disclosures", ["AAAA"]))
add("leaves-none", 2, "wrong-index", put("leaves", []))
add("checkpoint-not-a-note", 3, "rewritten", put("checkpoints.0", "hello"))
add("checkpoint-of-two-lines", 3, "rewritten", put("checkpoints.1", lambda note: note.replace("\n18\n", "\n", 1)))
add("checkpoint-of-evidence-not-a-note", 3, "void", put("evidence.checkpoint", "hello"))


@case
def step4_log_that_the_policy_does_not_name() -> Case:
    return nothing(CASES["rewritten"]().data, 4, World(origin="other.example/log").policy())


@case
def step4_key_that_the_policy_does_not_name() -> Case:
    one = stage()
    policy = f"log {one.world.vkey(key('some other key'))}\nquorum none\n"
    return nothing(CASES["rewritten"]().data, 4, policy)


@case
def step4_evidence_of_a_log_that_the_policy_does_not_name() -> Case:
    return nothing(CASES["void"]().data, 4, World(origin="other.example/log").policy())


@case
def step4_signed_by_witnesses_alone() -> Case:
    world = World(witnesses=["ada"], quorum="1")
    text = parse_note(world.checkpoint()).text
    note = format_note(text, [world.cosigner(world.witnesses[0]).sign(text, world.now)])
    return nothing(format_misbehaviour(fork_by_notes(note, note)), 4, world.policy())


def _other_root(note: str) -> str:
    lines = note.split("\n")
    lines[2] = flipped(lines[2])
    return "\n".join(lines)


add("root-changed", 5, "fork-of-one-size", put("checkpoints.1", _other_root))
add("size-changed", 5, "rewritten", put("checkpoints.1", lambda note: note.replace("\n18\n", "\n19\n", 1)))
add("evidence-of-another-size", 5, "void", put("evidence.checkpoint", lambda note: note.replace("\n20\n", "\n21\n", 1)))


add("leaf-changed", 6, "unsealed", put("entries.0.leaf", lambda leaf: flipped(leaf, 9)))
add("leaf-empty", 6, "bad-signature", put("entries.0.leaf", ""))
add("leaf-at-another-index", 6, "bad-signature", put("entries.0.index", 13))
add("leaf-beyond-the-tree", 6, "bad-signature", put("entries.0.index", 99))
add("proof-changed", 6, "rewritten", put("entries.1.proof.2", flipped))
add("proof-short", 6, "rewritten", lambda value: value["entries"][1]["proof"].pop())
add("leaf-of-the-other-tree", 6, "rewritten", lambda value: value["checkpoints"].reverse())
add("fork-proof-changed", 6, "fork-of-two-sizes", put("proof.0", flipped))
add("fork-root-changed", 6, "fork-of-two-sizes", put("root", flipped))
add("fork-the-larger-first", 6, "fork-of-two-sizes", lambda value: value["checkpoints"].reverse())
add("fork-with-a-proof-of-nothing", 6, "fork-of-one-size", put("proof", ["A" * 43 + "="]))
add("whole-leaf-changed", 6, "wrong-index", put("leaves.3", lambda leaf: flipped(leaf, 9)))
add("whole-leaf-missing", 6, "wrong-index", lambda value: value["leaves"].pop(3))
add("whole-proof-changed", 6, "wrong-index", put("proof.0", flipped))
add("evidence-proof-changed", 6, "void", put("evidence.entries.1.proof.0", flipped))
add("row-missing", 7, "foreign", lambda value: value["list"]["list"].pop())
add("row-changed", 7, "foreign", put("list.list.0.1", lambda logged: logged + 1))
add("path-changed", 7, "logged-wrong", put("list.path.0.1", flipped))
add("subject-of-another-list", 7, "omitted", put("list.subject", f"consent:{'ab' * 32}"))
add("absence-of-somebody-else", 7, "omitted-from-nothing-at-all", put("list.other.k", flipped))
add("evidence-list-changed", 7, "void", put("evidence.subjects.0.path.0.1", flipped))


def add_honest(name: str, make: Callable[[Stage], Misbehaviour]) -> None:
    """A claim about an honest log, all of whose material is right."""

    def build() -> Case:
        one = stage()
        one.world.usage(one.consent)
        return nothing(format_misbehaviour(make(one)), 8)

    CASES[f"step8-{name}"] = build


def _listed(one: Stage, kind: str, subject: str, *places: int) -> Misbehaviour:
    return about(kind, *(leaf_of(one.world, place) for place in places), rows=shown_list(one.world, subject))


add_honest("one-checkpoint-twice", lambda one: fork_by_notes(one.world.checkpoint(), one.world.checkpoint()))
add_honest("a-tree-that-grew", lambda one: fork_by_tree(
    stage().world.checkpoint(), 16, one.world.checkpoint(), 18, one.world.log.read_node))  # fmt: skip
add_honest("one-leaf-in-two-trees", lambda one: about("rewritten", leaf_of(stage().world, 3), leaf_of(one.world, 3)))
add_honest("genesis-in-two-trees", lambda one: about("rewritten", leaf_of(stage().world, 0), leaf_of(one.world, 0)))
add_honest("ends-with-a-seal", lambda one: about("unsealed", leaf_of(one.world, 17)))
add_honest("entry-in-the-middle", lambda one: about("unsealed", leaf_of(one.world, 16)))
add_honest("good-seal", lambda one: about("bad_seal", leaf_of(one.world, 17)))
add_honest("two-good-seals", lambda one: about("bad_seal", leaf_of(one.world, 15), leaf_of(one.world, 17)))
add_honest("a-seal-and-an-earlier-entry", lambda one: about("bad_seal", leaf_of(one.world, 14), leaf_of(one.world, 17)))
add_honest("a-seal-and-its-own-entry", lambda one: about("bad_seal", leaf_of(one.world, 16), leaf_of(one.world, 17)))
add_honest("an-entry-is-no-seal", lambda one: about("bad_seal", leaf_of(one.world, 16)))
add_honest("good-signature", lambda one: about("bad_signature", leaf_of(one.world, 14)))
add_honest("two-signatures", lambda one: about("bad_signature", leaf_of(one.world, 14), leaf_of(one.world, 16)))
add_honest("two-statements", lambda one: about("repeated", leaf_of(one.world, 14), leaf_of(one.world, 16)))
add_honest("one-statement", lambda one: about("repeated", leaf_of(one.world, 14)))
add_honest("own-registry", lambda one: about("wrong_registry", leaf_of(one.world, 0), leaf_of(one.world, 16)))
add_honest("own-genesis", lambda one: about("wrong_registry", leaf_of(one.world, 0)))
add_honest("no-genesis-shown", lambda one: about("wrong_registry", leaf_of(one.world, 3), leaf_of(one.world, 16)))
add_honest("entry-in-its-list", lambda one: _listed(one, "omitted", f"uses:{one.consent.id}", 14, 17))
add_honest("list-that-it-does-not-touch", lambda one: _listed(one, "omitted", f"keys:{one.brand.id}", 14, 17))
add_honest("entry-after-the-seal", lambda one: _listed(one, "omitted", f"uses:{'ab' * 32}", 17))
add_honest("nothing-foreign", lambda one: _listed(one, "foreign", f"uses:{one.consent.id}", 14, 17))
add_honest("nothing-from-the-future", lambda one: _listed(one, "foreign", f"uses:{one.consent.id}", 17))
add_honest("logged-right", lambda one: _listed(one, "logged_wrong", f"uses:{one.consent.id}", 15, 17))
add_honest("logged-right-by-the-seal", lambda one: _listed(one, "logged_wrong", f"uses:{one.consent.id}", 17))
add_honest("right-index", lambda one: whole(one.world, 16))
add_honest("index-without-a-seal", lambda one: whole(one.world, 15))
add_honest("good-entry", lambda one: judged(one.world.evidence(one.usage), one.usage.index))
add_honest("entry-not-shown", lambda one: judged(one.world.evidence(one.usage), 1))


@case
def step8_two_logs() -> Case:
    one, other = World(), World(origin="other.example/log")
    policy = f"log {one.vkey()}\nlog {other.vkey()}\nquorum none\n"
    return nothing(format_misbehaviour(fork_by_notes(one.checkpoint(), other.checkpoint())), 8, policy)


@case
def step8_unreadable_last_leaf() -> Case:
    """It may be a seal of a later version, for all that this one can tell."""
    one = stage()
    one.world.log.append(b"hello")
    return nothing(format_misbehaviour(about("unsealed", leaf_of(one.world, 16))), 8)


@case
def step8_unreadable_leaf_in_the_whole() -> Case:
    one = stage()
    one.world.leaf(b"hello")
    return nothing(format_misbehaviour(whole(one.world, 18)), 8)


@case
def step8_void_by_a_later_ruling() -> Case:
    """When the registry took it, it was good."""
    world = World()
    anna, brand, judge = (
        world.party(name, roles=[role])
        for name, role in [("anna", "model"), ("brand", "licensee"), ("judge", "arbiter")]
    )
    consent = world.consent(model=anna, licensee=brand, arbiter=judge)
    usage = world.usage(consent)
    world.ruling(consent, [consent, usage])
    return nothing(format_misbehaviour(judged(world.evidence(usage), usage.index)), 8, world.policy())


@case
def step8_void_only_by_a_list_that_is_not_shown() -> Case:
    one = stage()
    bad = one.world.revocation(consent=one.consent, signers=[one.world.party("stranger", roles=["holder"])])
    evidence = one.world.evidence(one.usage, hide_lists=["keys"])
    return nothing(format_misbehaviour(judged(evidence, bad.index)), 8)


@case
def step8_void_in_a_rule_set_of_tomorrow() -> Case:
    world = World(rules=3)
    anna, brand = world.party("anna", roles=["model"]), world.party("brand", roles=["licensee"])
    consent = world.consent(model=anna, licensee=brand)
    bad = world.usage(consent, at="+6m")
    return nothing(format_misbehaviour(judged(world.evidence(bad), bad.index)), 8, world.policy())


def heap_of(*worlds: World) -> Heap:
    """Every leaf of some worlds, with proofs, and their checkpoints."""
    made = Heap()
    for world in worlds:
        note = world.checkpoint(cosigners=[])
        for index, leaf in enumerate(world.log.leaves):
            made.add_leaf(note, index, leaf, world.log.inclusion(index))
    return made
