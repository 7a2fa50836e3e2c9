"""Misbehaviour files: proofs of every kind, and files that prove nothing, each wrong in one thing.

A case is a function named after its vector in tests/vectors/misbehaviour; it returns a :class:`Case`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from tests.support import misbehaviour_refused  # noqa: F401 -- which adds its cases
from tests.support.lies import Stage, stage
from tests.support.misbehaviour_making import Case, case, leaf_of, shown_list, whole
from tests.support.world import World, key
from verifier.log.log_proof import LogProof
from verifier.log.note import parse_note
from verifier.log.writing import Signer, format_note
from verifier.misbehaviour.accuse import (
    Heap,
    about,
    fork_by_notes,
    fork_by_tree,
    judged,
)
from verifier.misbehaviour.file import Misbehaviour, format_misbehaviour


def proven(claim: Misbehaviour, world: World, *entries: int, **more: Any) -> Case:
    """A case that convicts."""
    expected = {"outcome": "proven", "kind": claim.kind, "origin": world.origin, **more}
    if entries:
        expected["entries"] = list(entries)
    return Case(data=format_misbehaviour(claim), policy=world.policy(), expected=expected)


def last(world: World) -> int:
    """The index of the last entry."""
    return world.log.size - 1


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


def heap_of(*worlds: World) -> Heap:
    """Every leaf of some worlds, with proofs, and their checkpoints."""
    made = Heap()
    for world in worlds:
        note = world.checkpoint(cosigners=[])
        for index, leaf in enumerate(world.log.leaves):
            made.add_leaf(note, index, leaf, world.log.inclusion(index))
    return made
