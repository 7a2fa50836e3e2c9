"""A registry whose witnesses the tests make, with all the patience that a busy machine asks for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import registry.service
import registry.witnesses.rounds
from tests.support.witness_scene import LONG, Scene


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """Rounds and readers have all the patience that a busy machine asks for: who has to wait for it waits for LONG."""
    monkeypatch.setattr(registry.witnesses.rounds, "ROUND", LONG)
    monkeypatch.setattr(registry.service, "QUORUM_WAIT", LONG)
    with ExitStack() as stack:
        made = Scene(tmp_path, stack)
        stack.callback(lambda: made.served.service.close())  # noqa: PLW0108 -- the one of then
        yield made
