"""Laws of the index: one class for each, against the naive index, which is a map and a recursion over bits."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.law.naive.index import NaiveIndex, index_root
from tests.law.naive.merkle import mth
from verifier.index.proofs import (
    check_absence,
    check_presence,
    list_leaf,
    list_root,
    list_value,
    node_hash,
    subject_key,
)
from verifier.index.shown import Absence, Presence
from verifier.index.tree import IndexTree
from verifier.log.hashing import leaf_hash
from verifier.log.proofs import ProofError


class CrowdedTree(IndexTree):
    """The same tree with limits so low that heaps grow and buckets overflow all the time."""

    LOAD = 2
    CROWDED = 3


hashes = st.binary(min_size=32, max_size=32)
values = st.builds(list_value, st.integers(1, 2**64 - 1), hashes)
# Random keys part within a few bits; so many share all but their last bytes, or all but their first.
keys = st.one_of(
    hashes,
    st.binary(min_size=1, max_size=1).map(lambda tail: bytes(31) + tail),
    st.binary(min_size=1, max_size=1).map(lambda head: head + bytes(31)),
    st.binary(min_size=2, max_size=2).map(lambda tail: b"\xa5" * 20 + tail + bytes(10)),
)
maps = st.dictionaries(keys, values, max_size=40)
histories = st.lists(st.dictionaries(keys, st.none() | values, max_size=25), max_size=6)
subjects = st.sampled_from(["party", "consent", "asset"]).flatmap(
    lambda kind: st.integers(0, 40).map(lambda number: f"{kind}:{number:064x}")
)
trees = st.sampled_from([IndexTree, CrowdedTree])


class TestTheTreeIsTheMap:
    @given(histories, trees)
    def test_after_any_history(self, history: list[dict[bytes, bytes | None]], kind: type[IndexTree]) -> None:
        tree, naive = kind(), NaiveIndex()
        for changes in history:
            tree.update(changes)
            naive.update(changes)
            assert tree.root() == naive.root()
        assert list(tree.items()) == sorted(naive.map.items())
        assert len(tree) == len(naive.map)

    @given(maps, trees)
    def test_it_finds_every_value(self, items: dict[bytes, bytes], kind: type[IndexTree]) -> None:
        tree = kind(items)
        assert {key: tree.get(key) for key in items} == items
        assert tree.get(sha256(b"not there").digest()) is None

    @settings(max_examples=10)
    @given(st.integers(100, 400), trees)
    def test_at_some_size(self, size: int, kind: type[IndexTree]) -> None:
        items = {sha256(b"%d" % number).digest(): list_value(number + 1, bytes(32)) for number in range(size)}
        assert kind(items).root() == index_root(items)


class TestTheRootForgetsHistory:
    @given(maps)
    def test_any_order_and_any_batches(self, items: dict[bytes, bytes]) -> None:
        shuffled = sorted(items, key=lambda key: sha256(key).digest())
        tree = CrowdedTree()
        for key in shuffled:
            tree.update({key: items[key]})
        assert tree.root() == IndexTree(items).root()

    @given(maps, st.dictionaries(keys, st.none() | values, max_size=25), trees)
    def test_undo(self, items: dict[bytes, bytes], changes: dict[bytes, bytes | None], kind: type[IndexTree]) -> None:
        tree = kind(items)
        before = tree.root()
        undo = tree.update(changes)
        assert undo == {key: items.get(key) for key in changes}
        tree.update(undo)
        assert (tree.root(), dict(tree.items())) == (before, items)


class TestProofsAreTheDefinitions:
    @given(st.dictionaries(keys, values, max_size=15), keys, trees)
    def test_prove(self, items: dict[bytes, bytes], key: bytes, kind: type[IndexTree]) -> None:
        tree, naive = kind(items), NaiveIndex()
        naive.map = items
        for sought in [key, *items]:
            assert tree.prove(sought) == naive.prove(sought)


def of_subjects(rows: dict[str, bytes]) -> dict[bytes, bytes]:
    return {subject_key(subject): entry for subject, entry in rows.items()}


class TestProofsAreComplete:
    @given(st.dictionaries(subjects, values, max_size=30), subjects)
    def test_present_or_absent(self, rows: dict[str, bytes], sought: str) -> None:
        tree = IndexTree(of_subjects(rows))
        for subject in [sought, *rows]:
            match tree.prove(subject_key(subject)):
                case Presence(value=found, path=path):
                    assert rows[subject] == found
                    check_presence(tree.root(), subject, found, path)
                case Absence(other_k=other_k, other_v=other_v, path=path):
                    assert subject not in rows
                    check_absence(tree.root(), subject, other_k, other_v, path)


class TestProofsAreSound:
    @given(st.dictionaries(subjects, values, min_size=1, max_size=30), subjects, values)
    def test_no_other_value(self, rows: dict[str, bytes], subject: str, other: bytes) -> None:
        tree = IndexTree(of_subjects(rows))
        assume(rows.get(subject) != other)
        with pytest.raises(ProofError):
            check_presence(tree.root(), subject, other, tree.prove(subject_key(subject)).path)

    @given(st.dictionaries(subjects, values, min_size=1, max_size=30), st.data())
    def test_what_is_present_cannot_be_denied(self, rows: dict[str, bytes], data: st.DataObject) -> None:
        tree = IndexTree(of_subjects(rows))
        subject = data.draw(st.sampled_from(sorted(rows)))
        for key, entry in tree.items():
            with pytest.raises(ProofError):
                check_absence(tree.root(), subject, key, entry, tree.prove(key).path)
        with pytest.raises(ProofError):
            check_absence(tree.root(), subject, None, None, ())

    @given(st.dictionaries(subjects, values, min_size=2, max_size=30), st.data())
    def test_no_other_path(self, rows: dict[str, bytes], data: st.DataObject) -> None:
        tree = IndexTree(of_subjects(rows))
        subject = data.draw(st.sampled_from(sorted(rows)))
        path = list(tree.prove(subject_key(subject)).path)
        at = data.draw(st.integers(0, len(path) - 1))
        bit, sibling = path[at]
        step = data.draw(
            st.sampled_from(
                [
                    [],
                    [(bit, sibling), (bit, sibling)],
                    [(bit, sha256(sibling).digest())],
                    [(bit, sibling[:-1])],
                    [(bit - 1, sibling)],
                    [(bit + 1, sibling)],
                    [(bit + 256, sibling)],
                    [(-1, sibling)],
                ]
            )
        )
        with pytest.raises(ProofError):
            check_presence(tree.root(), subject, rows[subject], [*path[:at], *step, *path[at + 1 :]])

    @given(hashes, subjects, st.binary(max_size=41), st.lists(st.tuples(st.integers(-1, 300), hashes), max_size=5))
    def test_any_input_gets_an_answer(
        self, root: bytes, subject: str, entry: bytes, path: list[tuple[int, bytes]]
    ) -> None:
        with pytest.raises(ProofError):
            check_presence(root, subject, entry, path)
        with pytest.raises(ProofError):
            check_absence(root, subject, entry[:32], entry, path)


class TestAPathCannotBeReadTwoWays:
    @given(st.dictionaries(subjects, values, min_size=2, max_size=30), st.integers(0, 255))
    def test_a_node_in_place_of_an_entry(self, rows: dict[str, bytes], bit: int) -> None:
        """Half of a node's preimage is no entry: entries and nodes begin differently and differ in length."""
        tree = IndexTree(of_subjects(rows))
        subject = min(rows)
        path = tree.prove(subject_key(subject)).path
        inner = node_hash(bit, path[0][1], path[0][1])
        with pytest.raises(ProofError):
            check_presence(tree.root(), subject, inner + bytes(8), path[1:])


class TestLists:
    @given(st.lists(st.tuples(st.integers(0, 2**53 - 1), st.integers(0, 253402300799)), max_size=40))
    def test_root(self, rows: list[tuple[int, int]]) -> None:
        assert list_root(rows) == mth([leaf_hash(list_leaf(index, logged)) for index, logged in rows])
