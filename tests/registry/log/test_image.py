"""What is kept in memory: grown batch by batch, read back from rows, and compared with what the definitions say."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.log import image
from registry.log.batch import Batch, pack_lengths, split_hashes
from registry.log.image import LONG_LIST, LogImage, Nodes, extend
from verifier.index.proofs import list_root, list_value
from verifier.index.tree import IndexTree
from verifier.log.hashing import CompactTree, root
from verifier.log.provers import prove_inclusion


def h(number: int) -> bytes:
    return sha256(b"%d" % number).digest()


Touches = list[list[int]]
touches = st.lists(st.lists(st.integers(0, 6), max_size=4, unique=True), min_size=1, max_size=12)
histories = st.lists(st.tuples(touches, st.integers(0, 3)), min_size=1, max_size=6)


def grow(history: list[tuple[Touches, int]]) -> tuple[LogImage, list[Batch], dict[bytes, list[tuple[int, int]]]]:
    """A state, its rows, and the lists as they should be."""
    state, batches, lists, at = LogImage(), [], {}, 100  # type: ignore[var-annotated]  # filled below
    for entries, later in history:
        at += later
        first = state.size
        touched = [tuple(h(subject) for subject in entry) for entry in entries]
        staged = state.stage(first, touched, at)
        size = first + len(entries)
        hashes = b"".join(h(1000 + index) for index in range(first, size + 1))
        batch = Batch(
            first=first,
            size=size,
            at=at,
            leaves=b"",
            lengths=pack_lengths([b"x" * (index % 7) for index in range(first, size + 1)]),
            hashes=hashes,
            ids=b"".join(h(2000 + index) for index in range(first, size + 1)),
            touches=staged.touches,
            subjects=staged.subjects,
            digests=h(3000 + first),
            keys=h(4000 + first),
            tree=state.nodes.root_with(hashes),
            index=state.index.root(),
        )
        state.apply(batch, staged)
        batches.append(batch)
        for index, keys in enumerate(touched, first):
            for key in keys:
                lists.setdefault(key, []).append((index, at))
    return state, batches, lists


def facts(state: LogImage) -> tuple[object, ...]:
    subjects = [h(number) for number in range(8)]
    return (
        state.size,
        state.index.root(),
        state.nodes.root(state.size),
        [list(state.rows(key)) for key in subjects],
        [(state.logged(index), state.is_seal(index), state.span(index)) for index in range(state.size)],
        state.ids.column,
        state.digests.column,
        state.keys,
        state.last_at,
    )


class TestState:
    @given(histories)
    @settings(max_examples=30, deadline=None)
    def test_lists_and_index_are_what_the_entries_say(self, history: list[tuple[Touches, int]]) -> None:
        state, batches, lists = grow(history)
        assert {key: list(state.rows(key)) for key in lists} == {k: [i for i, _ in rows] for k, rows in lists.items()}
        naive = IndexTree({key: list_value(len(rows), list_root(rows)) for key, rows in lists.items()})
        assert state.index.root() == naive.root()
        assert [index for index in range(state.size) if state.is_seal(index)] == [batch.size for batch in batches]

    @given(histories)
    @settings(max_examples=30, deadline=None)
    def test_it_is_the_same_read_back_at_once_and_one_by_one(self, history: list[tuple[Touches, int]]) -> None:
        state, batches, _ = grow(history)
        loaded, applied = LogImage(), LogImage()
        loaded.load(batches)
        for batch in batches:
            applied.apply(batch)
        assert facts(loaded) == facts(state) == facts(applied)
        # and it grows on from there alike
        more = [(h(1), h(50)), (h(1),)]
        touches = state.stage(state.size, more, 999).touches
        for one in (loaded, applied):
            assert one.stage(one.size, more, 999).touches == touches
            assert one.index.root() == state.index.root()

    @given(histories, st.integers(0, 5), st.integers(1, 3))
    @settings(max_examples=40, deadline=None)
    def test_it_is_the_same_on_top_of_what_was_derived_earlier(
        self, history: list[tuple[Touches, int]], count: int, together: int
    ) -> None:
        state, batches, _ = grow(history)
        earlier, later = LogImage(), LogImage()
        earlier.load(batches[:count])
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(image, "TOGETHER", together)
            later.load(batches, earlier.size, earlier.derived)
        assert facts(later) == facts(state)
        more = [(h(1), h(50)), (h(1),)]
        assert later.stage(later.size, more, 999).touches == state.stage(state.size, more, 999).touches
        assert later.index.root() == state.index.root()

    def test_many_lists_are_the_same_read_back(self) -> None:
        touched = [[[n, n + 1, 10_000 + n % 3] for n in range(at, at + 400)] for at in (0, 399, 798)]
        state, batches, _ = grow([(entries, 1) for entries in touched])
        loaded = LogImage()
        loaded.load(batches)
        assert loaded.subject_count() == len(loaded.index) > 1_200
        assert facts(loaded) == facts(state)

    @given(histories)
    @settings(max_examples=30, deadline=None)
    def test_the_lists_at_an_earlier_size(self, history: list[tuple[Touches, int]]) -> None:
        """The index of then is the index of now with these put back."""
        state, batches, _ = grow(history)
        for count in range(1, len(batches) + 1):
            then = LogImage()
            then.load(batches[:count])
            now = LogImage()
            now.load(batches)
            now.index.update(state.lists_at(then.size))
            assert now.index.root() == then.index.root()

    @given(histories)
    @settings(max_examples=30, deadline=None)
    def test_what_is_unstaged_leaves_nothing(self, history: list[tuple[Touches, int]]) -> None:
        state, _, _ = grow(history)
        before = facts(state)
        state.unstage(state.stage(state.size, [(h(0), h(77)), (h(78),)], 999))
        assert facts(state) == before
        again = state.stage(state.size, [(h(78), h(0)), (h(79),)], 999)
        assert split_hashes(again.subjects) == [key for key in (h(78), h(0), h(79)) if not state.rows(key)]
        assert not state.rows(h(78)) and not state.rows(h(79))  # staged, and nobody's to see yet

    def test_a_long_list_keeps_its_frontier(self) -> None:
        state, _, lists = grow([([[1]] * 5, 1)] * 20)
        rows = lists[h(1)]
        assert len(rows) > LONG_LIST
        assert state.index.get(h(1)) == list_value(len(rows), list_root(rows))


class TestExtend:
    @given(st.integers(0, 40), st.integers(0, 40))
    @settings(max_examples=80, deadline=None)
    def test_it_is_appending_one_by_one(self, old: int, more: int) -> None:
        together, single = CompactTree(), CompactTree()
        for index in range(old):
            together.append(h(index))
            single.append(h(index))
        extend(together, [h(old + index) for index in range(more)])
        for index in range(more):
            single.append(h(old + index))
        assert (together.size, together.peaks) == (single.size, single.peaks)


class TestNodes:
    def test_roots_and_proofs_of_every_size(self) -> None:
        nodes = Nodes()
        leaves = [h(index) for index in range(70)]
        for size, leaf in enumerate(leaves):
            assert nodes.root(size) == root(leaves[:size])
            nodes.extend(leaf)
        together = Nodes()
        together.extend(b"".join(leaves))
        assert together.levels == nodes.levels
        for index in range(70):
            assert prove_inclusion(index, 70, together.read) == prove_inclusion(index, 70, nodes.read)
