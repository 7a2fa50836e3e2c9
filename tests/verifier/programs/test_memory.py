"""What a command needs for a file, whole: reading it, checking it, and printing what comes of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.record_books import record_book
from tests.support.root import ROOT
from tests.support.running import environment
from verifier.base.strict import format_instant
from verifier.programs.console import CANNOT_TELL, NO, NOT_YET_DUE

APART = """
import resource, subprocess, sys
done = subprocess.run([sys.executable, "-m", "verifier", *sys.argv[1:]], stdout=subprocess.DEVNULL)
print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
"""
"""Runs the command from a small process: a new one is counted with the memory of the one that it came from."""


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path, str]:
    """A small record book, a large one, the policy that both are under, and when they are checked."""
    folder = tmp_path_factory.mktemp("books")
    small, large = record_book(10), record_book(2_500)
    for name, book in (("small", small), ("large", large)):
        (folder / name).write_bytes(book.evidence)
    assert small.policy == large.policy
    (folder / "policy").write_text(large.policy)
    return folder / "small", folder / "large", folder / "policy", format_instant(large.instant)


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "FILE"), ("check", "FILE", "--json"), ("check", "FILE", "FILE", "--json", "--jobs", "1"),
        ("statement", "FILE", "--json"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_command_costs_less_memory_than_four_times_its_file(
    books: tuple[Path, Path, Path, str], arguments: tuple[str, ...]
) -> None:
    small, large, policy, at = books

    def peak(file: Path) -> int:
        given = [str(file) if one == "FILE" else one for one in arguments]
        done = subprocess.run(
            [sys.executable, "-c", APART, *given, "--trust", str(policy), "--at", at],
            cwd=ROOT, env=environment(), capture_output=True, text=True, check=True,
        )  # fmt: skip
        status, found = map(int, done.stdout.split())
        assert status in (NO, CANNOT_TELL, NOT_YET_DUE), done.stderr  # half of the brands have not paid
        return found

    assert (peak(large) - peak(small)) / large.stat().st_size < 4
