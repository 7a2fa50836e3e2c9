"""A part of the index that is asked for by a prefix: what follows from it is what the tree itself proves, and nothing
else passes."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from random import Random

import pytest

from verifier.base.values import replace
from verifier.index.prefixes import IndexPart, bits_for, check_part, find, number_of, prefix_hex
from verifier.index.proofs import list_value, subject_key
from verifier.index.shown import Absence
from verifier.index.tree import IndexTree
from verifier.log.proofs import ProofError


def subject(number: int) -> str:
    return f"asset:{sha256(b'%d' % number).hexdigest()}"


@dataclass(frozen=True, kw_only=True)
class Index:
    tree: IndexTree
    bits: int

    def part(self, about: str) -> IndexPart:
        found = self.tree.prove_prefix(self.bits, self.number(about), 2_000)
        assert found is not None
        return found

    def number(self, about: str) -> int:
        return number_of(subject_key(about), self.bits)


def index(count: int) -> Index:
    entries = {subject_key(subject(i)): list_value(i + 1, sha256(b"%d" % i).digest()) for i in range(count)}
    return Index(tree=IndexTree(entries), bits=bits_for(count))


LARGE = index(3_000)


@pytest.mark.parametrize(
    ("count", "bits"), [(0, 0), (191, 0), (192, 0), (383, 0), (384, 1), (767, 1), (768, 2), (192 * 2**20, 20)]
)
def test_bits(count: int, bits: int) -> None:
    assert bits_for(count) == bits


@pytest.mark.parametrize(
    ("number", "bits", "text"),
    [(0, 0, ""), (1, 1, "8"), (0, 1, "0"), (5, 3, "a"), (5, 4, "5"), (5, 5, "28"), (1023, 10, "ffc")],
)
def test_a_prefix_is_written_from_the_left(number: int, bits: int, text: str) -> None:
    assert prefix_hex(number, bits) == text


@pytest.mark.parametrize("count", [1, 2, 400, 3_000])
def test_what_follows_is_what_the_tree_proves(count: int) -> None:
    made, draw = index(count), Random(count)
    for number in [draw.randrange(2 * count) for _ in range(100)]:
        about = subject(number)
        part = made.part(about)
        check_part(made.tree.root(), made.bits, made.number(about), part)
        assert find(made.tree.root(), about, part) == made.tree.prove(subject_key(about))


def test_a_part_is_all_that_begins_with_the_prefix() -> None:
    keys = sorted(subject_key(subject(number)) for number in range(3_000))
    for number in range(1 << LARGE.bits):
        part = LARGE.tree.prove_prefix(LARGE.bits, number, 2_000)
        assert part is not None
        assert [key for key, _ in part.entries] == [key for key in keys if number_of(key, LARGE.bits) == number]


def test_keys_that_were_chosen_to_begin_alike() -> None:
    crowd = {b"\xa5" * 8 + sha256(b"%d" % n).digest()[8:]: list_value(n + 1, bytes(32)) for n in range(300)}
    tree = IndexTree({key: value for key, value in LARGE.tree.items()} | crowd)
    number = number_of(b"\xa5" * 32, 4)
    part = tree.prove_prefix(4, number, 2_000)
    assert part is not None and len(part.entries) > 300
    check_part(tree.root(), 4, number, part)
    assert tree.prove_prefix(4, number, 300) is None
    deep = tree.prove_prefix(70, number_of(min(crowd), 70), 2_000)
    assert deep is not None and 0 < len(deep.entries) < 300
    check_part(tree.root(), 70, number_of(min(crowd), 70), deep)


def test_where_nothing_begins_with_it() -> None:
    few = IndexTree({subject_key(subject(1)): list_value(1, bytes(32))})
    about = next(subject(n) for n in range(2, 99) if number_of(subject_key(subject(n)), 1) != number_of(few_key(), 1))
    part = few.prove_prefix(1, number_of(subject_key(about), 1), 2_000)
    assert part is not None and part.entries == () and part.other is not None
    check_part(few.root(), 1, number_of(subject_key(about), 1), part)
    assert find(few.root(), about, part) == few.prove(subject_key(about))
    with pytest.raises(ProofError):
        find(few.root(), subject(1), part)


def few_key() -> bytes:
    return subject_key(subject(1))


def test_the_empty_index() -> None:
    part = IndexTree().prove_prefix(0, 0, 2_000)
    assert part == IndexPart(entries=(), path=())
    assert find(IndexTree().root(), subject(1), part) == Absence(other_k=None, other_v=None, path=())
    with pytest.raises(ProofError):
        find(LARGE.tree.root(), subject(1), part)


class TestLies:
    """About one subject that is there, in an index of three thousand."""

    about = subject(7)
    root = LARGE.tree.root()
    bits, number = LARGE.bits, LARGE.number(about)
    part = LARGE.part(about)

    def refused(self, part: IndexPart, number: int | None = None) -> None:
        with pytest.raises(ProofError):
            check_part(self.root, self.bits, self.number if number is None else number, part)

    def test_the_truth_passes(self) -> None:
        check_part(self.root, self.bits, self.number, self.part)

    def test_every_entry_left_out_is_noticed(self) -> None:
        for at in range(len(self.part.entries)):
            left = (*self.part.entries[:at], *self.part.entries[at + 1 :])
            self.refused(replace(self.part, entries=left))

    def test_an_entry_more_another_value_another_order(self) -> None:
        entries = self.part.entries
        last = (entries[-1][0][:-1] + bytes([entries[-1][0][-1] ^ 1]), entries[-1][1])
        self.refused(replace(self.part, entries=tuple(sorted((*entries, last)))))
        self.refused(replace(self.part, entries=((entries[0][0], entries[1][1]), *entries[1:])))
        self.refused(replace(self.part, entries=entries[::-1]))
        self.refused(replace(self.part, entries=(entries[0], *entries)))
        self.refused(replace(self.part, entries=((entries[0][0], bytes(40)), *entries[1:])))
        self.refused(replace(self.part, entries=((entries[0][0][:-1], entries[0][1]), *entries[1:])))

    def test_another_prefix(self) -> None:
        other = LARGE.tree.prove_prefix(self.bits, self.number ^ 1, 2_000)
        assert other is not None
        self.refused(other)
        self.refused(self.part, self.number ^ 1)

    def test_another_path(self) -> None:
        path = tuple(self.part.path)
        for at, (bit, sibling) in enumerate(path):
            self.refused(replace(self.part, path=path[:at] + path[at + 1 :]))
            self.refused(replace(self.part, path=(*path[:at], (bit, bytes(32)), *path[at + 1 :])))
            self.refused(replace(self.part, path=(*path[:at], (bit, sibling[:-1]), *path[at + 1 :])))
        self.refused(replace(self.part, path=((self.bits, bytes(32)), *path)))
        self.refused(replace(self.part, other=self.part.entries[0]))

    def test_absence_that_is_not(self) -> None:
        """Nothing is shown under the prefix, and an entry from elsewhere stands for it."""
        elsewhere = LARGE.tree.prove_prefix(self.bits, self.number ^ 1, 2_000)
        assert elsewhere is not None
        key, entry = elsewhere.entries[0]
        proof = LARGE.tree.prove(key)
        part = IndexPart(entries=(), path=proof.path, other=(key, entry))
        check_part(self.root, self.bits, self.number, part)
        with pytest.raises(ProofError):
            find(self.root, self.about, part)
        with pytest.raises(ProofError):
            find(self.root, self.about, IndexPart(entries=(), path=()))
