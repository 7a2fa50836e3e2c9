"""Packed hashes and the packed index, beside a dictionary and the plain tree, which they must agree with."""

from __future__ import annotations

from array import array
from hashlib import sha256
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.log.packed import PackedHashes
from registry.log.subject_index import SubjectIndex, Subjects
from verifier.index.proofs import list_leaf, list_value
from verifier.index.tree import IndexTree
from verifier.log.hashing import leaf_hash


def h(number: int) -> bytes:
    return sha256(b"%d" % number).digest()


class TestHashes:
    @given(st.lists(st.integers(0, 200), max_size=300), st.integers(1, 9))
    @settings(max_examples=40, deadline=None)
    def test_each_has_the_place_where_it_came_first(self, numbers: list[int], together: int) -> None:
        packed, places = PackedHashes(), dict[bytes, int]()
        for at in range(0, len(numbers), together):
            packed.extend(b"".join(map(h, numbers[at : at + together])))
        for place, number in enumerate(numbers):
            places.setdefault(h(number), place)
        assert len(packed) == len(numbers)
        assert [packed.get(h(number)) for number in range(210)] == [places.get(h(number)) for number in range(210)]
        assert all((h(number) in packed) == (h(number) in places) for number in range(210))
        assert [place for place, _ in packed.beginning_with(b"")] == list(range(len(numbers)))

    def test_hashes_that_begin_alike_stand_in_it_too(self) -> None:
        packed = PackedHashes()
        alike = [bytes(8) + h(number)[8:] for number in range(40)]
        packed.extend(b"".join(alike))
        assert [packed[one] for one in alike] == list(range(40))
        with pytest.raises(KeyError):
            packed[bytes(32)]


def crowded(number: int) -> bytes:
    """Keys of which many begin with the same 48 bits, as can be chosen."""
    return (b"\x5a" * 6 + h(number)[6:]) if number % 2 else h(number)


class TestIndex:
    """``plain`` is the oracle. Lists of one row have the value of their first entry, ``10 * serial``."""

    def made(self, count: int) -> tuple[Subjects, SubjectIndex, IndexTree]:
        subjects = Subjects(array("Q", range(0, 100_000, 7)), array("Q", range(100_000 // 7 + 1)))
        index, plain = SubjectIndex(subjects), IndexTree()
        self.grow(subjects, index, plain, range(count))
        return subjects, index, plain

    def grow(self, subjects: Subjects, index: SubjectIndex, plain: IndexTree, numbers: range) -> None:
        start = len(subjects)
        subjects.keys += b"".join(map(crowded, numbers))
        subjects.firsts.extend(10 * number for number in numbers)
        changes = {start + at: self.single(number) for at, number in enumerate(numbers)}
        undo = index.change(map(crowded, numbers), changes)
        assert undo == plain.update({subjects.key(serial): value for serial, value in changes.items()})

    def single(self, number: int) -> bytes | None:
        return list_value(1, leaf_hash(list_leaf(10 * number, 10 * number // 7)))

    def agree(self, index: SubjectIndex, plain: IndexTree, numbers: range) -> None:
        assert (len(index), index.root()) == (len(plain), plain.root())
        assert dict(index.items()) == dict(plain.items())
        for number in numbers:
            assert index.get(crowded(number)) == plain.get(crowded(number))
            assert index.prove(crowded(number)) == plain.prove(crowded(number))
        for number in range(16):
            assert index.prove_prefix(4, number, 20) == plain.prove_prefix(4, number, 20)

    @pytest.mark.parametrize("count", [0, 1, 5, 60, 700])
    def test_it_is_the_plain_tree(self, count: int) -> None:
        _, index, plain = self.made(count)
        self.agree(index, plain, range(0, count + 9, 3))

    @pytest.mark.parametrize("seed", range(4))
    def test_after_any_history(self, seed: int) -> None:
        """Lists grow, batches are taken back, new ones come; a copy stays behind and catches up."""
        random = Random(seed)
        subjects, index, plain = self.made(40)
        behind, late = index.copy(), dict[bytes, bytes | None]()
        kept = dict(plain.items())
        for step in range(30):
            known = len(subjects)
            self.grow(subjects, index, plain, range(known, known + random.choice([0, 1, 30])))
            fresh = {subjects.key(serial): None for serial in range(known, len(subjects))}
            values = [list_value(random.randrange(2, 9), h(step)), list_value(3, h(step)), None]
            changes = {subjects.key(random.randrange(len(subjects))): random.choice(values) for _ in range(5)}
            undo = plain.update(changes)
            assert index.update(changes) == undo
            assert index.root() == plain.root()
            if random.random() < 0.5:
                assert index.update({**undo, **fresh}).keys() >= undo.keys()
                plain.update({**undo, **fresh})
                index.forget(known)
            else:
                late |= {key: plain.get(key) for key in (*fresh, *changes)}
        self.agree(index, plain, range(0, 99, 7))
        assert (dict(behind.items()), behind.root()) == (kept, IndexTree(kept).root())
        behind.update(late)
        self.agree(behind, plain, range(0, 99, 7))

    @pytest.mark.parametrize("count", [0, 1, 9, 500])
    def test_made_at_once(self, count: int) -> None:
        subjects, index, plain = self.made(count)
        values = {serial: list_value(2, h(serial)) for serial in range(0, count, 11)}
        for tree in (index, plain):
            tree.update({subjects.key(serial): value for serial, value in values.items()})
        again = SubjectIndex(subjects)
        again.link()
        again.rebuild(values.items())
        self.agree(again, plain, range(0, count, 5))
        assert again.root() == index.root()
        self.grow(subjects, again, plain, range(count, count + 90))
        assert again.root() == plain.root()

    def test_what_has_a_value_is_not_forgotten(self) -> None:
        _, index, _ = self.made(3)
        with pytest.raises(ValueError, match="has a value"):
            index.forget(1)
        with pytest.raises(KeyError):
            index.update({h(77): None})
        with pytest.raises(ValueError, match="32 bytes"):
            index.update({b"x": None})
