"""``verifier check`` of one file: most of its time is Python's start, so it loads nothing that only others need."""

from __future__ import annotations

import subprocess
import sys

from tests.support.check_desk import Desk

NEEDLESS = {"csv", "concurrent.futures", "importlib.resources", "logging", "multiprocessing", "socket", "tempfile"}
"""Of the standard library, each some 3 to 40 ms; many files, tables and the network need them."""


def loaded(desk: Desk, *files: str) -> set[str]:
    """The modules that a check, as a process of its own, has loaded in the end."""
    code = "import sys; from verifier.programs.cli import main; main(sys.argv[1:]); print(*sys.modules, sep='\\n')"
    command = ["check", "--trust", "policy", "--at", desk.now, "--json", "--jobs", "2", *files]
    done = subprocess.run(
        [sys.executable, "-c", code, *command], cwd=desk.folder, capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines())


def test_a_check_of_one_file_loads_nothing_that_only_many_need(desk: Desk) -> None:
    one, two = (f"files/{name}.evidence.json" for name in ("paid", "terms"))
    assert not NEEDLESS & loaded(desk, one)
    assert NEEDLESS & loaded(desk, one, two) >= {"concurrent.futures", "multiprocessing"}
