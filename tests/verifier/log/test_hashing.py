"""Known trees: the eight leaves that every implementation of RFC 6962 is tested with, and merkletools as an oracle."""

from __future__ import annotations

from hashlib import sha256
from importlib.util import find_spec
from typing import Any

import pytest

from verifier.log.consistency import check_consistency
from verifier.log.hashing import EMPTY_ROOT, CompactTree, leaf_hash, root
from verifier.log.proofs import check_inclusion
from verifier.log.provers import prove_consistency, prove_inclusion, range_root

# Leaves, roots and proofs as in certificate-transparency's merkle_tree_test (Apache-2.0).
LEAVES = [
    leaf_hash(bytes.fromhex(leaf))
    for leaf in ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = {
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}

needs_merkletools = pytest.mark.skipif(find_spec("merkletools") is None, reason="merkletools is not installed")


def read_node(level: int, index: int) -> bytes:
    return root(LEAVES[index << level : (index + 1) << level])


@pytest.mark.parametrize("size", range(9))
def test_roots(size: int) -> None:
    assert root(LEAVES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize("index, size", INCLUSION)
def test_inclusion(index: int, size: int) -> None:
    proof = prove_inclusion(index, size, read_node)
    assert [item.hex() for item in proof] == INCLUSION[index, size]
    check_inclusion(LEAVES[index], index, size, proof, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize("old, size", CONSISTENCY)
def test_consistency(old: int, size: int) -> None:
    proof = prove_consistency(old, size, read_node)
    assert [item.hex() for item in proof] == CONSISTENCY[old, size]
    check_consistency(old, bytes.fromhex(ROOTS[old]), size, bytes.fromhex(ROOTS[size]), proof)


def test_the_empty_range() -> None:
    assert range_root(3, 3, read_node) == EMPTY_ROOT


def test_a_compact_tree_wants_as_many_peaks_as_its_size_has_ones() -> None:
    for size, peaks in [(-1, []), (0, LEAVES[:1]), (3, LEAVES[:1]), (4, LEAVES[:2])]:
        with pytest.raises(ValueError, match="peaks"):
            CompactTree(size, peaks)


def test_a_copy_grows_alone() -> None:
    tree = CompactTree()
    tree.append(LEAVES[0])
    copy = tree.copy()
    copy.append(LEAVES[1])
    assert (tree.root().hex(), copy.root().hex()) == (ROOTS[1], ROOTS[2])


@pytest.mark.parametrize("index, size", [(-1, 3), (3, 3), (0, 0), (0, 2**63)])
def test_nobody_proves_what_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        prove_inclusion(index, size, read_node)


@pytest.mark.parametrize("old, size", [(-1, 3), (4, 3), (1, 2**63)])
def test_nobody_proves_a_shrunk_tree(old: int, size: int) -> None:
    with pytest.raises(ValueError, match="grown"):
        prove_consistency(old, size, read_node)


def merkletools_tree(leaves: list[bytes]) -> Any:
    """Another project's tree, with the hash of RFC 6962's inner nodes put in the place of its own."""
    import merkletools

    tree = merkletools.MerkleTools()
    tree.hash_function = lambda data: sha256(b"\x01" + bytes(data))
    tree.leaves = [bytearray(leaf) for leaf in leaves]
    tree.make_tree()
    return tree


@needs_merkletools
@pytest.mark.parametrize("size", [*range(1, 34), 63, 64, 65, 100, 127, 128, 129])
def test_merkletools_agrees(size: int) -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(size)]
    tree = merkletools_tree(leaves)
    assert root(leaves).hex() == tree.get_merkle_root()
    for index in range(size):
        theirs = [next(iter(step.values())) for step in tree.get_proof(index)]
        ours = prove_inclusion(index, size, lambda level, at: root(leaves[at << level : (at + 1) << level]))
        assert [item.hex() for item in ours] == theirs
