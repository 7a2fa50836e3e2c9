"""Writes tests/vectors/misbehaviour/*.json: files that prove that a log lied, and files that prove nothing.

Run as ``python -m tests.vectors.make_misbehaviour_vectors``. One file per case, named after it:

- ``misbehaviour``: the file's exact text; ``policy``: C2SP tlog-policy text;
- ``expected``: members that the outcome must have: ``outcome`` ``proven`` with ``kind`` and so on, or ``not_proven``
  with the first ``step`` of the protocol's section 9.1 that fails, and its ``code``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support import misbehaviour_cases  # noqa: F401 -- which adds its cases
from tests.support.misbehaviour_making import CASES, Case

HERE = Path(__file__).parent / "misbehaviour"


def vector(name: str, case: Case) -> dict[str, Any]:
    """A case as JSON."""
    return {
        "name": name,
        "misbehaviour": case.data.decode("utf-8"),
        "policy": case.policy,
        "expected": dict(case.expected),
    }


def main() -> None:
    HERE.mkdir(exist_ok=True)
    for old in HERE.glob("*.json"):
        if old.stem not in CASES:
            old.unlink()
    for name, case in CASES.items():
        text = json.dumps(vector(name, case()), indent=1, sort_keys=True) + "\n"
        (HERE / f"{name}.json").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
