"""Every scenario, asked of both verifiers from the same vectors: verdicts, sentences and conclusions are the same."""

from __future__ import annotations

import pytest

from tests.support.both import check_both
from tests.support.scenario_vectors import modules, read


@pytest.mark.parametrize("module", modules())
def test_both_say_what_the_vectors_say(module: str) -> None:
    cases = read(module)
    assert cases
    assert [
        one.name for one in cases if check_both(one.evidence, one.policy, **one.reader) != one.verdict.encode()
    ] == []
