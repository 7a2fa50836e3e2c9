"""The package's comment is a short specification; its worked example is run."""

from __future__ import annotations

import doctest

import verifier.log


def test_the_worked_example() -> None:
    result = doctest.testmod(verifier.log)
    assert result.attempted > 15
    assert result.failed == 0
