"""Evidence files whose log, checkpoint or proofs are wrong, by the step of the check."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

from tests.support.evidence_making import (
    Case,
    add,
    base,
    case,
    delete,
    edit,
    entry_at,
    flip,
    on_line,
    put,
    seal_past_cosignature,
    small,
    unsealed,
    wrong,
)
from tests.support.world import World, file, key
from verifier.base import canonical
from verifier.base.private_keys import SigningKey
from verifier.statements.envelope import Signature, pae
from verifier.statements.making import format_envelope

ORDER = 2**252 + 27742317777372353535851937790883648493
"""Of Ed25519's group: S and S + ORDER satisfy the same equation, and only the first is canonical."""


# ---- step 5: log_untrusted


@case
def step05_log_not_in_the_policy() -> Case:
    other = World(origin="other.example/log")
    return wrong(5, base().data, policy=other.policy())


@case
def step05_origin_of_another_log() -> Case:
    """The key is the policy's; the checkpoint is for an origin that the policy does not name."""
    b = base()
    note = b.world.checkpoint(origin="other.example/log")
    return wrong(5, edit(put("checkpoint", note)))


@case
def step05_log_line_missing() -> Case:
    return wrong(5, edit(put("checkpoint", lambda note: on_line(4, lambda line: "")(note).replace("\n\n\n", "\n\n"))))


@case
def step05_log_signature_flipped() -> Case:
    def change(line: str) -> str:
        name, _, text = line.rpartition(" ")
        return f"{name} {flip(text, 20)}"

    return wrong(5, edit(put("checkpoint", on_line(4, change))))


@case
def step05_signed_by_a_key_that_only_has_the_name() -> Case:
    note = base().world.checkpoint(signer=key("a stranger"))
    return wrong(5, edit(put("checkpoint", note)))


@case
def step05_log_signs_a_good_and_a_bad_line() -> Case:
    """Every line by a key of the policy must verify."""

    def change(line: str) -> str:
        name, _, text = line.rpartition(" ")
        return f"{line}\n{name} {flip(text, 20)}"

    return wrong(5, edit(put("checkpoint", on_line(4, change))))


# ---- step 6: quorum_missing


@case
def step06_no_cosignature() -> Case:
    return wrong(6, edit(put("checkpoint", base().world.checkpoint(cosigners=[]))))


@case
def step06_one_cosignature_of_two() -> Case:
    b = base()
    return wrong(6, edit(put("checkpoint", b.world.checkpoint(cosigners=b.world.witnesses))))


@case
def step06_cosignature_of_a_stranger() -> Case:
    b = base()
    note = b.world.checkpoint(cosigners=[*b.world.witnesses, "eve.example/witness"])
    return wrong(6, edit(put("checkpoint", note)))


@case
def step06_one_witness_twice() -> Case:
    b = base()
    note = b.world.checkpoint(cosigners=b.world.witnesses * 2)
    return wrong(6, edit(put("checkpoint", note)))


def _flip_cosignature(place: int) -> Callable[[str], str]:
    def change(line: str) -> str:
        name, _, text = line.rpartition(" ")
        return f"{name} {flip(text, place)}"

    return on_line(5, change)


@case
def step06_cosignature_flipped() -> Case:
    return wrong(6, edit(put("checkpoint", _flip_cosignature(30))))


@case
def step06_cosignature_time_changed() -> Case:
    return wrong(6, edit(put("checkpoint", _flip_cosignature(11))))


@case
def step06_bad_cosignature_though_no_quorum_is_asked() -> Case:
    """A line by a key of the policy that does not verify condemns the note, needed or not."""
    b = base()
    return wrong(6, edit(put("checkpoint", _flip_cosignature(30))), policy=b.world.policy(quorum="none"))


@case
def step06_cosignature_of_another_checkpoint() -> Case:
    b = base()
    other = b.world.checkpoint(root=bytes(32)).split("\n")
    return wrong(6, edit(put("checkpoint", on_line(5, lambda line: other[5]))))


# ---- step 7: not_included

add("proof-hash-flipped", 7, put("entries.1.proof.0", flip))
add("proof-short", 7, put("entries.1.proof", lambda proof: proof[:-1]))
add("proof-long", 7, put("entries.1.proof", lambda proof: [*proof, proof[0]]))
add("proof-empty", 7, put("entries.1.proof", []))
add("proof-reversed", 7, lambda value: value["entries"][1]["proof"].reverse())
add("index-of-the-neighbour", 7, put("entries.1.index", lambda index: index + 1))
add("index-past-the-end", 7, put("entries.-1.index", lambda index: index + 1))
add("index-2-53-minus-1", 7, put("entries.-1.index", 2**53 - 1))


@case
def step07_root_of_another_tree() -> Case:
    """A checkpoint that log and witnesses signed, for a tree with these leaves nowhere in it."""
    return wrong(7, edit(put("checkpoint", base().world.checkpoint(root=bytes(32)))))


@case
def step07_signature_changed_after_logging() -> Case:
    def change(value: Any) -> None:
        entry = entry_at(value, base().usage.index)
        entry["leaf"]["signatures"][0]["sig"] = flip(entry["leaf"]["signatures"][0]["sig"])

    return wrong(7, edit(change))


@case
def step07_entry_of_another_log() -> Case:
    """The same statement, logged elsewhere with the same words but another nonce."""
    other = World(origin="other.example/log")
    brand = other.party("brand", roles=["licensee"])
    assert brand.entry is not None
    leaf = json.loads(brand.entry.leaf)
    return wrong(7, edit(put("entries.1.leaf", leaf)))


# ---- step 8: seal_wrong

add("without-genesis", 8, delete("entries.0"))
add("without-last-seal", 8, delete("entries.-1"))
add("without-entries", 8, put("entries", []))


@case
def step08_last_leaf_not_a_seal() -> Case:
    world, _, _, consent = small()
    usage = world.usage(consent)
    world.log.leaves.pop()
    world.log.leaves.pop()
    world.log.append_seal(usage.leaf)
    return wrong(8, unsealed(world, usage), world=world)


@case
def step08_seal_of_another_size() -> Case:
    world, _, _, consent = small()
    with world.batch(size=world.log.size):
        usage = world.usage(consent)
    return wrong(8, unsealed(world, usage), world=world)


@case
def step08_entry_0_not_genesis() -> Case:
    """A log whose first leaf is a party of another log."""
    world, anna, _, consent = small()
    usage = world.usage(consent)
    assert anna.entry is not None
    data = unsealed(world, usage)
    world.log.leaves[0] = anna.entry.leaf
    world.log._nodes.clear()
    value = json.loads(data)
    value["checkpoint"] = world.checkpoint()
    for entry in value["entries"]:
        entry["proof"] = [b64encode(one).decode() for one in world.log.inclusion(entry["index"])]
    value["entries"][0]["leaf"] = json.loads(anna.entry.leaf)
    return wrong(8, canonical.encode(value), world=world)


@case
def step08_genesis_of_another_origin() -> Case:
    world = World(genesis={"members": {"origin": "other.example/log"}})
    data = world.evidence("hero.jpg", lists=[f"registry:{world.genesis.id}", f"asset:{file('hero.jpg')}"])
    return wrong(8, data, world=world)


@case
def step08_seal_301_seconds_past_as_of() -> Case:
    return seal_past_cosignature(301)


# ---- step 9: signature_wrong


@case
def step09_signature_over_other_bytes() -> Case:
    world, _, _, consent = small()
    usage = world.usage(consent, wrong_signatures=True)
    return wrong(9, unsealed(world, usage), world=world)


def _signed_otherwise(sign: Callable[[SigningKey, bytes], Signature]) -> Case:
    """A log that took a usage whose one signature was made in a way of its own."""
    world, _, brand, consent = small()
    made = world.usage(consent)
    payload = b64decode(json.loads(made.leaf)["payload"])
    leaf = format_envelope(payload, [sign(brand.keys[0], pae(payload))])
    other, _, _, consent = small()
    index = other.leaf(leaf)
    return wrong(9, unsealed(other, other.entries[index]), world=other)


@case
def step09_scalar_not_canonical() -> Case:
    """S + L satisfies the equation just as S does; libsodium refuses it, some libraries do not."""

    def sign(signer: SigningKey, message: bytes) -> Signature:
        good = signer.sign(message)
        scalar = int.from_bytes(good[32:], "little") + ORDER
        return Signature(keyid=signer.public.hex(), sig=good[:32] + scalar.to_bytes(32, "little"))

    return _signed_otherwise(sign)


@case
def step09_key_of_small_order() -> Case:
    """The neutral element as key, the neutral element as R and S = 0: "good" for every message, if let through."""
    neutral = b"\x01" + bytes(31)
    return _signed_otherwise(lambda signer, message: Signature(keyid=neutral.hex(), sig=neutral + bytes(32)))


@case
def step09_statement_signed_without_pae() -> Case:
    def sign(signer: SigningKey, message: bytes) -> Signature:
        return Signature(keyid=signer.public.hex(), sig=signer.sign(message.split(b" ", 4)[4]))

    return _signed_otherwise(sign)


@case
def step09_seal_with_a_wrong_signature() -> Case:
    world, _, _, consent = small()
    usage = world.usage(consent)
    leaf = json.loads(world.log.leaves.pop())
    leaf["signatures"][0]["sig"] = flip(leaf["signatures"][0]["sig"])
    world.log.append_seal(canonical.encode(leaf))
    return wrong(9, unsealed(world, usage), world=world)
