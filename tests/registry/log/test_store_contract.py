"""What every store owes a log: append, read, forget, and the compare-and-swap of the log's end."""

from __future__ import annotations

import pkgutil
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from importlib import import_module

import pytest

import registry.log
from registry.log.batch import Batch
from registry.log.store import Store, StoreRefused
from tests.support.stores import KINDS, StoreKind, batch

FIRST = batch(0, 1)
NEXT = batch(2, 4, at=101)


@pytest.fixture(params=KINDS, ids=lambda store: store.__name__)
def kind(request: pytest.FixtureRequest) -> StoreKind:
    return KINDS[request.param](request)


def test_every_store_is_asked() -> None:
    """Every class of a log's that has the methods of a store, in whichever file."""
    methods = {name for name, one in vars(Store).items() if callable(one) and not name.startswith("_")}
    names = [f"registry.log.{one.name}" for one in pkgutil.iter_modules(registry.log.__path__)]
    classes = [one for name in names for one in vars(import_module(name)).values() if isinstance(one, type)]
    assert {one for one in classes if one is not Store and methods <= set(dir(one))} == set(KINDS)


@pytest.fixture
def store(kind: StoreKind) -> Iterator[Store]:
    made = kind.make()
    made.append(FIRST, [(0, "terms", "secret ¤"), (0, "money", "amount")])
    yield made
    made.close()


class TestAppend:
    def test_what_was_appended_is_read(self, store: Store) -> None:
        store.append(NEXT, [(2, "person", "name"), (3, "terms", "other")])
        assert list(store.batches()) == [FIRST, NEXT]
        assert (store.size(), store.last_at()) == (5, 101)
        assert store.disclosures_between(0, 4) == [
            (0, "money", "amount"), (0, "terms", "secret ¤"), (2, "person", "name"), (3, "terms", "other"),
        ]  # fmt: skip

    def test_an_empty_one_holds_nothing(self, kind: StoreKind) -> None:
        with closing(kind.make()) as store:
            assert (store.size(), store.last_at(), list(store.batches())) == (0, 0, [])
            assert (store.disclosures(0), store.erased(0), store.all_erased()) == ({}, frozenset(), set())

    @pytest.mark.parametrize(
        "wrong",
        [FIRST, batch(1, 3), batch(3, 4), batch(2, 2), replace(NEXT, at=99)],
        ids=["again", "overlaps", "leaves a gap", "empty", "earlier in time"],
    )
    def test_a_batch_goes_where_the_last_one_ended(self, store: Store, wrong: Batch) -> None:
        with pytest.raises(StoreRefused):
            store.append(wrong, [(wrong.first + 2, "name", "lost")], [(0, "terms")])
        assert list(store.batches()) == [FIRST]
        assert (store.disclosures(wrong.first + 2), store.all_erased()) == ({}, set())
        assert store.disclosures(0) == {"money": "amount", "terms": "secret ¤"}
        store.append(NEXT)
        assert store.size() == 5

    def test_a_batch_whose_sections_are_refused_is_not_kept(self, store: Store) -> None:
        with pytest.raises(StoreRefused):
            store.append(NEXT, [(2, "terms", "a"), (0, "terms", "replaced")])
        assert (store.size(), store.disclosures(2)) == (2, {})
        assert store.disclosures(0) == {"money": "amount", "terms": "secret ¤"}

    def test_one_who_reads_sees_it_once_it_is_whole(self, kind: StoreKind, store: Store) -> None:
        with closing(kind.open()) as other:
            assert list(other.batches()) == [FIRST]
            store.append(NEXT, [(2, "person", "name")])
            assert list(other.batches(2)) == [NEXT] and other.disclosures(2) == {"person": "name"}

    def test_it_opens_again_and_is_what_it_was(self, kind: StoreKind, store: Store) -> None:
        store.append(NEXT, erased=[(0, "money")])
        with closing(kind.open()) as again:
            assert list(again.batches()) == [FIRST, NEXT]
            assert (again.disclosures(0), again.erased(0)) == ({"terms": "secret ¤"}, frozenset({"money"}))
            assert again.check() == []


class TestSwap:
    def test_of_two_who_go_on_from_the_same_end_one_does(self, kind: StoreKind, store: Store) -> None:
        with closing(kind.open()) as rival:
            rival.append(batch(2, 4, at=101, mark=b"rival"))
            with pytest.raises(StoreRefused):
                store.append(NEXT)
        assert [one.lengths for one in store.batches(2)] == [b"rival"]

    def test_of_many_at_once_one_does(self, kind: StoreKind, store: Store) -> None:
        writers = [kind.open() for _ in range(4)]
        outcomes: list[str] = []
        ready = threading.Barrier(len(writers))

        def append(number: int, writer: Store) -> None:
            ready.wait()
            try:
                writer.append(batch(2, 4, at=101, mark=b"%d" % number), [(2, "person", str(number))])
                outcomes.append(str(number))
            except StoreRefused:
                pass

        threads = [threading.Thread(target=append, args=one) for one in enumerate(writers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for writer in writers:
            writer.close()
        [winner] = outcomes
        assert [one.lengths for one in store.batches(2)] == [winner.encode()]
        assert store.disclosures(2) == {"person": winner}


class TestRead:
    def test_batches_without_their_leaves(self, store: Store) -> None:
        store.append(NEXT)
        assert list(store.batches(2, leaves=False)) == [replace(NEXT, leaves=b"")]
        assert list(store.batches(5)) == []

    def test_many_batches_come_in_order_from_wherever_they_are_asked_for(self, store: Store) -> None:
        rows = [FIRST, *(batch(2 * place, 2 * place + 1) for place in range(1, 50))]
        for row in rows[1:]:
            store.append(row)
        bare = [replace(row, leaves=b"") for row in rows]
        for start in (0, 1, 17, 33, 49, 50):
            assert list(store.batches(2 * start)) == rows[start:]
            assert list(store.batches(2 * start, leaves=False)) == bare[start:]

    def test_leaves_are_read_in_parts(self, store: Store) -> None:
        assert (store.read_leaves(0, 6, 4), store.read_leaves(0, 0, 6)) == (b"seal", b"leaves")

    def test_a_checksum_is_that_of_its_row(self, store: Store) -> None:
        assert (store.checksum(0), store.checksum(2)) == (FIRST.checksum(), None)


class TestForget:
    def test_what_is_erased_is_gone_and_stays_gone(self, store: Store) -> None:
        store.append(NEXT, erased=[(0, "terms")])
        assert (store.disclosures(0), store.erased(0)) == ({"money": "amount"}, frozenset({"terms"}))
        with pytest.raises(StoreRefused):
            store.add_disclosures([(0, "terms", "secret ¤")])
        store.append(batch(5, 6, at=101), erased=[(0, "terms")])  # again: nothing happens
        assert store.all_erased() == {(0, "terms")}
        assert store.disclosures_between(0, 2) == [(0, "money", "amount")]

    def test_what_was_never_disclosed_is_erased_too(self, store: Store) -> None:
        store.append(NEXT, erased=[(0, "person")])
        assert store.erased(0) == {"person"}
        with pytest.raises(StoreRefused):
            store.add_disclosures([(0, "person", "late")])
        assert store.disclosures(0) == {"money": "amount", "terms": "secret ¤"}

    def test_it_is_pending_until_the_text_is_gone(self, store: Store) -> None:
        with closing(store.eraser()) as eraser:
            assert eraser.pending is None
            store.append(NEXT, erased=[(0, "terms")])
            eraser.erased()
            assert eraser.pending is None
        assert store.disclosures(0) == {"money": "amount"}


class TestLateDisclosures:
    def test_they_are_added_once(self, store: Store) -> None:
        store.add_disclosures([(0, "person", "late")])
        assert store.disclosures(0) == {"money": "amount", "person": "late", "terms": "secret ¤"}
        with pytest.raises(StoreRefused):
            store.add_disclosures([(0, "evidence", "new"), (0, "person", "other")])
        assert store.disclosures(0) == {"money": "amount", "person": "late", "terms": "secret ¤"}
