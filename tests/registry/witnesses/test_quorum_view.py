"""The view at the newest checkpoint that met the quorum."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from registry.witnesses.quorum_view import CosignedView
from verifier.index.proofs import list_leaf, list_value, subject_key
from verifier.index.shown import Presence
from verifier.index.tree import IndexTree
from verifier.log.hashing import leaf_hash, root
from verifier.log.proofs import ProofError


class FakeState:
    def __init__(self) -> None:
        self.index = IndexTree()
        self.lists: dict[bytes, list[int]] = {}

    def rows(self, key: bytes) -> list[int]:
        return self.lists.get(key, [])

    def lists_at(self, size: int) -> dict[bytes, bytes | None]:
        return {key: self.value(key, size) for key, rows in self.lists.items() if rows[-1] >= size}

    def value(self, key: bytes, size: int) -> bytes | None:
        rows = [row for row in self.lists[key] if row < size]
        return list_value(len(rows), root([leaf_hash(list_leaf(row, 0)) for row in rows])) if rows else None


class FakeLog:
    """A log that holds nothing but lists: what a view of it needs."""

    def __init__(self) -> None:
        self.state = FakeState()
        self.size = 0
        self.roots = {0: self.state.index.root()}

    @contextmanager
    def reading(self) -> Iterator[Any]:
        yield published(self.size)

    def batch(self, subjects: list[str]) -> list[bytes]:
        """One entry for each subject, and a seal."""
        keys = []
        for subject in subjects:
            key = subject_key(subject)
            self.state.lists.setdefault(key, []).append(self.size)
            keys.append(key)
            self.size += 1
        self.size += 1
        self.state.index.update({key: self.value(key, self.size) for key in keys})
        self.roots[self.size] = self.state.index.root()
        return keys

    def value(self, key: bytes, size: int) -> bytes:
        rows = [row for row in self.state.lists[key] if row < size]
        return list_value(len(rows), root([leaf_hash(list_leaf(row, 0)) for row in rows]))


def published(size: int) -> Any:
    from registry.log.publication import Published
    from verifier.log.checkpoint import Checkpoint

    return Published(checkpoint=Checkpoint(origin="x", size=size, root=bytes(32)), note=f"note {size}")


SUBJECTS = [f"asset:{number:064x}" for number in range(12)]


class TestView:
    @pytest.mark.parametrize("seed", range(30))
    def test_it_is_the_index_as_it_was(self, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        """Any order of batches, quorums at any of them or at none, trimming, and failures in between."""
        from verifier.index.proofs import check_absence, check_presence

        chance = random.Random(seed)
        monkeypatch.setattr("registry.witnesses.quorum_view.MAX_PENDING", chance.choice([3, 10, 1000]))
        log: Any = FakeLog()
        view = CosignedView(log)
        view.begin()
        sizes, last = [0], None
        for _ in range(120):
            match chance.randrange(6):
                case 0 | 1 | 2:
                    keys = log.batch(chance.choices(SUBJECTS, k=chance.randrange(1, 5)))
                    view.grew(log.size, keys)
                    sizes.append(log.size)
                case 3 | 4:
                    at = chance.choice(sizes[-5:])
                    before = view.published
                    is_met = view.met(published(at))
                    assert not is_met or view.published == published(at)
                    assert is_met or view.published in (before, last)
                    last = view.published
                case _:
                    view.trim()
                    if chance.random() < 0.1:
                        log.batch(["asset:" + "f" * 64])
                        sizes.append(log.size)
                        view.restarted()
            if view.published is None:
                continue
            at = view.published.checkpoint.size
            found = view.index_proofs(at, SUBJECTS)
            assert found is not None
            for subject, (rows, proof) in zip(SUBJECTS, found, strict=True):
                assert list(rows) == [row for row in log.state.rows(subject_key(subject)) if row < at]
                if isinstance(proof, Presence):
                    check_presence(log.roots[at], subject, log.value(subject_key(subject), at), proof.path)
                else:
                    assert not rows
                    check_absence(log.roots[at], subject, proof.other_k, proof.other_v, proof.path)
            assert view.index_proofs(at + 1, SUBJECTS) is None

    def test_a_wrong_root_would_be_seen(self) -> None:
        """The check above can fail."""
        from verifier.index.proofs import check_presence

        log: Any = FakeLog()
        log.batch([SUBJECTS[0]])
        proof = log.state.index.prove(subject_key(SUBJECTS[0]))
        log.batch([SUBJECTS[0]])
        with pytest.raises(ProofError):
            check_presence(log.roots[log.size], SUBJECTS[0], log.value(subject_key(SUBJECTS[0]), 2), proof.path)
