"""Every vector of tests/vectors/evidence comes out as it says, and is what its case still makes."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from tests.support import evidence_cases  # noqa: F401 -- which adds its cases
from tests.support.evidence_making import CASES
from tests.vectors.make_evidence_vectors import HERE, vector
from verifier.base import canonical
from verifier.base.strict import parse_instant
from verifier.evidence.file import CODES
from verifier.evidence.verdict_json import format_verdict
from verifier.evidence.verify import verify
from verifier.log.trust import parse_policy

VECTORS = sorted(HERE.glob("*.json"), key=lambda path: path.name)


def run(value: dict[str, Any]) -> dict[str, Any]:
    """The verdict on a vector, by nothing but what is in it."""
    text = value.get("evidence")
    outcome = verify(
        b64decode(value["evidence_b64"]) if text is None else text.encode(),
        parse_policy(value["policy"]),
        instant=parse_instant(value["instant"]),
        max_age=value["max_age"],
        files=value["files"],
    )
    verdict: dict[str, Any] = canonical.parse(format_verdict(outcome), limit=1 << 28)
    return verdict


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_vector(path: Path) -> None:
    value = json.loads(path.read_text("utf-8"))
    verdict = run(value)
    assert {name: verdict.get(name) for name in value["expected"]} == value["expected"], verdict.get("where")


@pytest.mark.parametrize("name", CASES)
def test_vector_is_up_to_date(name: str) -> None:
    """``python -m tests.vectors.make_evidence_vectors`` writes them anew."""
    assert json.loads((HERE / f"{name}.json").read_text("utf-8")) == vector(name, CASES[name]())


def test_every_vector_has_a_case() -> None:
    assert {path.stem for path in VECTORS} == set(CASES)


@pytest.mark.parametrize("step", CODES)
def test_every_step_has_vectors(step: int) -> None:
    assert sum(name.startswith(f"step{step:02d}-") for name in CASES) >= 3
