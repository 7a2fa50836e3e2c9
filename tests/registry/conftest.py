"""A registry in a temporary folder, and an hour on a clock that only tests move."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.web.pages import kept, union
from tests.support.served import Served


@pytest.fixture(autouse=True, scope="session")
def no_hurry() -> Iterator[None]:
    """How much of an answer comes at once is decided by a clock; what tests see must not depend on the machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(union, "BUDGET", 600.0)
        patch.setattr(kept, "PATIENCE", 600.0)
        yield


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path / "registry")
    yield made
    made.service.close()
