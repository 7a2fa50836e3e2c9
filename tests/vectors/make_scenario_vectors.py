"""Writes tests/vectors/scenarios/*.json.gz: every check that the scenarios make, for any implementation to make again.

Run as ``python -m tests.vectors.make_scenario_vectors``. It runs the scenarios, which say what must hold, and writes
down what they ask; if one fails it writes nothing. ``tests/support/scenario_vectors.py`` says what the files hold.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.support import both
from tests.support.root import ROOT
from tests.support.scenario_vectors import FOLDER, Case, case, written

SCENARIOS = ROOT / "tests" / "law" / "scenarios"


class Recorder:
    """Told of checks while pytest runs; ``cases`` by module."""

    def __init__(self) -> None:
        self.cases: dict[str, list[Case]] = {}
        self._module = self._name = ""
        self._count = 0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._module, self._name, self._count = item.path.stem, item.nodeid.partition("::")[2], 0
        return (yield)

    def hear(self, evidence: bytes, policy: str, reader: Mapping[str, Any], verdict: bytes) -> None:
        self._count += 1
        name = self._name if self._count == 1 else f"{self._name} #{self._count}"
        self.cases.setdefault(self._module, []).append(case(name, evidence, policy, reader, verdict))


def main() -> int:
    recorder = Recorder()
    both.HEARD.append(recorder.hear)
    failed = pytest.main(["-q", "-p", "no:cacheprovider", str(SCENARIOS)], plugins=[recorder])
    if failed:
        return int(failed)
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.json.gz"):
        path.unlink()
    for module, cases in recorder.cases.items():
        (FOLDER / f"{module}.json.gz").write_bytes(written(cases))
    return 0


if __name__ == "__main__":
    sys.exit(main())
