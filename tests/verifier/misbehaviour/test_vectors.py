"""Every vector of tests/vectors/misbehaviour comes out as it says, and is what its case still makes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support import misbehaviour_cases  # noqa: F401 -- which adds its cases
from tests.support.misbehaviour_making import CASES
from tests.vectors.make_misbehaviour_vectors import HERE, vector
from verifier.base import canonical
from verifier.log.trust import parse_policy
from verifier.misbehaviour.check import check, format_outcome
from verifier.misbehaviour.file import CODES, SHAPES

VECTORS = sorted(HERE.glob("*.json"), key=lambda path: path.name)


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_vector(path: Path) -> None:
    value = json.loads(path.read_text("utf-8"))
    outcome = check(value["misbehaviour"].encode(), parse_policy(value["policy"]))
    said = canonical.parse(format_outcome(outcome), limit=1 << 20)
    assert {name: said.get(name) for name in value["expected"]} == value["expected"], str(outcome)


@pytest.mark.parametrize("name", CASES)
def test_vector_is_up_to_date(name: str) -> None:
    """``python -m tests.vectors.make_misbehaviour_vectors`` writes them anew."""
    assert json.loads((HERE / f"{name}.json").read_text("utf-8")) == vector(name, CASES[name]())


def test_every_vector_has_a_case() -> None:
    assert {path.stem for path in VECTORS} == set(CASES)


def test_every_kind_and_every_step_has_vectors() -> None:
    expected = [CASES[name]().expected for name in CASES]
    assert {one["kind"] for one in expected if one["outcome"] == "proven"} == set(SHAPES)
    assert {one["step"] for one in expected if one["outcome"] == "not_proven"} == set(CODES)
