"""Files that prove nothing, by the step of the check at which they fail."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

from tests.support.lies import Stage, stage
from tests.support.misbehaviour_making import CASES, Case, case, leaf_of, shown_list, whole
from tests.support.world import World, key
from verifier.base import canonical
from verifier.log.note import parse_note
from verifier.log.writing import format_note
from verifier.misbehaviour.accuse import (
    about,
    fork_by_notes,
    fork_by_tree,
    judged,
)
from verifier.misbehaviour.file import CODES, Misbehaviour, format_misbehaviour

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
