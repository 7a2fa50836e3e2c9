"""The index tree at its edges: what it refuses, and how it copes with keys that were chosen to hurt it."""

from __future__ import annotations

from hashlib import sha256

import pytest

from tests.law.naive.index import index_root
from verifier.index.proofs import EMPTY_INDEX_ROOT, list_leaf, list_value, subject_key
from verifier.index.shown import Absence, Presence
from verifier.index.tree import IndexTree

VALUE = list_value(1, bytes(32))


def key_of(number: int) -> bytes:
    return sha256(b"%d" % number).digest()


def test_the_empty_index() -> None:
    tree = IndexTree()
    assert tree.root() == EMPTY_INDEX_ROOT == sha256(b"").digest()
    assert tree.prove(key_of(1)) == Absence(other_k=None, other_v=None, path=())
    tree.update({key_of(1): VALUE})
    tree.update({key_of(1): None})
    assert (tree.root(), len(tree)) == (EMPTY_INDEX_ROOT, 0)


def test_one_entry() -> None:
    tree = IndexTree({key_of(1): VALUE})
    assert tree.prove(key_of(1)) == Presence(value=VALUE, path=())
    assert tree.prove(key_of(2)) == Absence(other_k=key_of(1), other_v=VALUE, path=())


@pytest.mark.parametrize("key, entry", [(bytes(31), VALUE), (bytes(33), VALUE), (bytes(32), VALUE[:-1]), (b"", None)])
def test_wrong_lengths_change_nothing(key: bytes, entry: bytes | None) -> None:
    tree = IndexTree({key_of(1): VALUE})
    before = tree.root()
    with pytest.raises(ValueError, match="32 bytes"):
        tree.update({key_of(2): VALUE, key: entry})
    assert (tree.root(), len(tree)) == (before, 1)


@pytest.mark.parametrize("size, root", [(0, bytes(32)), (1, bytes(31)), (-1, bytes(32))])
def test_a_list_in_the_index_is_not_empty(size: int, root: bytes) -> None:
    with pytest.raises(ValueError, match="at least one row"):
        list_value(size, root)


def test_a_subject_is_ascii() -> None:
    assert subject_key("party:" + "0" * 64) == sha256(b"kembar/subject\nparty:" + b"0" * 64).digest()
    with pytest.raises(UnicodeEncodeError):
        subject_key("party:é")


def test_a_row_is_two_big_endian_numbers() -> None:
    assert list_leaf(7, 1763921115).hex() == "00000000000000070000000069234cdb"


@pytest.mark.parametrize("shared", [1, 4, 8, 30])
def test_keys_that_begin_alike(shared: int) -> None:
    """Somebody looked for file digests whose keys share their first bytes, and registered them all."""
    crowd = {b"\xa5" * shared + key_of(number)[shared:]: list_value(number + 1, bytes(32)) for number in range(200)}
    crowd = {key[:31] + bytes([number]): entry for number, (key, entry) in enumerate(crowd.items())}
    others = {key_of(number): list_value(number + 1, bytes(32)) for number in range(1000, 1200)}
    tree = IndexTree(others)
    undo = tree.update(crowd)
    assert tree.root() == index_root(others | crowd)
    for key, entry in (others | crowd).items():
        assert tree.get(key) == entry
    tree.update(undo)
    assert tree.root() == index_root(others)
