"""What the scenarios ask stands in the vectors, of which every implementation is asked: none is forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from tests.support import both
from tests.support.scenario_vectors import case, read


@cache
def known(module: str) -> frozenset[tuple[object, ...]]:
    """What the vectors of a module ask, and the verdicts."""
    return frozenset(one.asked for one in read(module))


@pytest.fixture(autouse=True)
def vectors(request: pytest.FixtureRequest) -> Iterator[None]:
    missing = []

    def hear(evidence: bytes, policy: str, reader: Mapping[str, Any], verdict: bytes) -> None:
        one = case(request.node.nodeid, evidence, policy, reader, verdict)
        if one.asked not in known(request.path.stem):
            missing.append(one.name)

    if both.HEARD:  # the maker of the vectors is listening
        yield
        return
    both.HEARD.append(hear)
    yield
    both.HEARD.remove(hear)
    assert missing == [], "the vectors are old: run python -m tests.vectors.make_scenario_vectors"
