"""Writes that fail: the n-th one raises, before it was done or after."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from registry.log import durable, publication
from registry.log.bucket_publication import BucketPublication
from registry.log.guard import Guard
from registry.log.postgresql_store import PostgresStore
from registry.log.publication import Published
from registry.log.sqlite_store import SqliteStore


class Broken(OSError):
    """What a failed write raises here."""


class Faults:
    """Counts the writes of a registry and lets some of them fail: one in a folder, or one that machines share.

    ``fail_at(n, kept=...)``: the n-th write from now on raises, having been done or not. ``names`` are the writes that
    were asked for, in order; ``checkpoints`` every checkpoint that was published.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: list[str] = []
        self.checkpoints: list[str] = []
        self._fail: dict[int, bool] = {}
        for store in (SqliteStore, PostgresStore):
            for name in ("append", "add_disclosures"):
                monkeypatch.setattr(store, name, self._wrapped(name, getattr(store, name)))
        for name, said in (("swap_signed", "signed-checkpoint"), ("put", "tiles"), ("show", "checkpoint")):
            monkeypatch.setattr(BucketPublication, name, self._wrapped(said, getattr(BucketPublication, name)))
        show = BucketPublication.show

        def noted(publication: BucketPublication, shown: Published) -> None:
            try:
                show(publication, shown)
            finally:
                there = publication.read_shown()
                if there is not None:
                    self.checkpoints.append(there.note)

        monkeypatch.setattr(BucketPublication, "show", noted)
        monkeypatch.setattr(Guard, "swap", self._wrapped("guard", Guard.swap))
        monkeypatch.setattr(publication, "replace_file", self._wrapped_file(durable.replace_file))
        monkeypatch.setattr(publication, "write_new", self._wrapped("tile", durable.write_new))

    def fail_at(self, *places: int, kept: bool) -> None:
        """Of the writes from now on, those at ``places`` (0 is the next) fail."""
        self.names.clear()
        self._fail = dict.fromkeys(places, kept)

    def heal(self) -> None:
        """No more failures."""
        self._fail.clear()

    def _wrapped(self, name: str, write: Callable[..., Any]) -> Callable[..., Any]:
        def attempt(*args: Any, **kwargs: Any) -> Any:
            place = len(self.names)
            self.names.append(name)
            kept = self._fail.get(place)
            if kept is False:
                raise Broken(f"{name} failed and was not kept")
            found = write(*args, **kwargs)
            if kept:
                raise Broken(f"{name} failed and was kept")
            return found

        return attempt

    def _wrapped_file(self, write: Callable[..., None]) -> Callable[..., None]:
        def attempt(path: Path, data: bytes, **kwargs: Any) -> None:
            self._wrapped(path.name if path.name[0].isalpha() else "tile", write)(path, data, **kwargs)

        def noted(path: Path, data: bytes, **kwargs: Any) -> None:
            try:
                attempt(path, data, **kwargs)
            finally:
                if path.name == "checkpoint" and path.exists():
                    self.checkpoints.append(path.read_text())

        return noted
