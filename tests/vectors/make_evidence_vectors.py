"""Writes tests/vectors/evidence/*.json: files that fail at each step of the protocol's section 7.2, and good ones.

Run as ``python -m tests.vectors.make_evidence_vectors``. One file per case, named after it:

- ``evidence``: the file's exact text, in UTF-8, or ``evidence_b64`` where it is none;
- ``policy`` (C2SP tlog-policy text), ``instant``, ``max_age`` (seconds), ``files`` (digests compared);
- ``expected``: ``outcome``, with ``step`` and ``code`` of an invalid one, or members that the verdict must have
  (null: must not have).
"""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

from tests.support import evidence_cases  # noqa: F401 -- which adds its cases
from tests.support.evidence_making import CASES, Case
from verifier.base.strict import format_instant
from verifier.evidence.file import CODES

HERE = Path(__file__).parent / "evidence"


def vector(name: str, case: Case) -> dict[str, Any]:
    """A case as JSON."""
    try:
        evidence = {"evidence": case.evidence.decode("utf-8")}
    except UnicodeDecodeError:
        evidence = {"evidence_b64": b64encode(case.evidence).decode()}
    if case.step:
        expected: dict[str, Any] = {"outcome": "invalid", "step": case.step, "code": CODES[case.step]}
    else:
        expected = {"outcome": "verdict", **(case.expected or {})}
    return {
        "name": name,
        **evidence,
        "policy": case.policy,
        "instant": format_instant(case.instant),
        "max_age": case.max_age,
        "files": list(case.files),
        "expected": expected,
    }


def make() -> dict[str, str]:
    """File name -> text of every vector."""
    made = {name: vector(name, case()) for name, case in CASES.items()}
    return {f"{name}.json": json.dumps(value, indent=1, sort_keys=True) + "\n" for name, value in made.items()}


def main() -> None:
    HERE.mkdir(exist_ok=True)
    files = make()
    for old in HERE.glob("*.json"):
        if old.name not in files:
            old.unlink()
    for name, content in files.items():
        (HERE / name).write_text(content, "utf-8")


if __name__ == "__main__":
    main()
