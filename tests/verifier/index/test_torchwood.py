"""The index's hashes and proofs against cases that torchwood's authors wrote for their Merkle Patricia tree.

Theirs has keys and values of any length; cases with keys of other than 32 bytes, and proofs about prefixes, do not
apply. Entries there have values of 32 bytes, so the folding is done here with our node hash and their entry hash.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from hashlib import sha256

import pytest

from tests.law.naive.index import index_root, uv
from tests.support.samples import SAMPLES, needs_samples
from verifier.index.proofs import EMPTY_INDEX_ROOT, bit_of, entry_hash, node_hash

FOLDER = SAMPLES / "vectors/torchwood-mpt"

pytestmark = needs_samples


def lines(name: str) -> Iterator[list[str]]:
    for line in (FOLDER / name).read_text("utf-8").splitlines():
        if words := shlex.split(line, comments=True):
            yield words


def test_tree_hashes() -> None:
    """The definition that the naive index follows, and so IndexTree, is torchwood's."""
    items: dict[bytes, bytes] = {}
    checked = 0
    for kind, *rest in lines("treehash_transcribed.txt"):
        if kind == "kv":
            items[bytes.fromhex(rest[0])] = bytes.fromhex(rest[1])
        else:
            if all(len(key) == 32 for key in items):
                assert index_root(items).hex() == rest[0]
                checked += 1
            items = {}
    assert checked == 13


def their_entry_hash(key: bytes, value: bytes) -> bytes:
    return sha256(b"\x00" + uv(len(key)) + key + uv(len(value)) + value).digest()


def test_an_entry_hash_is_theirs() -> None:
    assert entry_hash(bytes(32), bytes(40)) == their_entry_hash(bytes(32), bytes(40))


class NotApplicable(Exception):
    """A case with a key of another length than ours."""


def proves(root: bytes, key: bytes, value: bytes | None, proof: bytes) -> bool:
    """Their rules of presence (a value) and absence (None), with our hashes and bits."""
    try:
        if value is not None:
            return follow(root, key, key, value, proof)
        if not proof:
            return root == EMPTY_INDEX_ROOT
        found, proof = take(*read_uv(proof))
        other, proof = take(*read_uv(proof))
        return found != key and follow(root, key, found, other, proof)
    except EOFError:
        return False


def follow(root: bytes, key: bytes, found: bytes, value: bytes, proof: bytes) -> bool:
    if len(key) != 32 or len(found) != 32:
        raise NotApplicable
    result = their_entry_hash(found, value)
    above = 256
    while proof:
        bit, proof = read_uv(proof)
        sibling, proof = take(32, proof)
        if bit >= above or bit_of(found, bit) != bit_of(key, bit):
            return False
        above = bit
        result = node_hash(bit, sibling, result) if bit_of(found, bit) else node_hash(bit, result, sibling)
    return result == root


def take(size: int, data: bytes) -> tuple[bytes, bytes]:
    if len(data) < size:
        raise EOFError
    return data[:size], data[size:]


def read_uv(data: bytes) -> tuple[int, bytes]:
    number = shift = 0
    for at, byte in enumerate(data):
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return number, data[at + 1 :]
    raise EOFError


def test_proofs() -> None:
    state: dict[str, list[str]] = {}
    counts = {"true": 0, "false": 0}
    for kind, *rest in lines("verify_transcribed.txt"):
        if kind != "verify":
            state[kind] = rest
            continue
        value = None if state["val"] == ["-"] else bytes.fromhex(state["val"][0])
        root, key, proof = (bytes.fromhex("".join(state[name])) for name in ("snap", "key", "proof"))
        try:
            answer = proves(root, key, value, proof)
        except NotApplicable:
            continue
        assert answer == (rest == ["true"]), state
        counts[rest[0]] += 1
    assert counts == {"true": 11, "false": 13}


@pytest.mark.parametrize("bit, prefix", [(0, "0100"), (127, "017f"), (128, "018001"), (255, "01ff01")])
def test_bits_are_varints(bit: int, prefix: str) -> None:
    assert node_hash(bit, bytes(32), bytes(32)) == sha256(bytes.fromhex(prefix) + bytes(64)).digest()
