"""What a command needs for a file, whole: reading it, checking it, and printing what comes of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.record_books import record_book, wordy_book
from tests.support.root import ROOT
from tests.support.running import environment
from verifier.base.strict import format_instant
from verifier.misbehaviour.file import SHOWS
from verifier.programs.console import CANNOT_TELL, INVALID, NO, NOT_YET_DUE
from verifier.statements.envelope import PAYLOAD_TYPE

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
        status, found = run(*given, "--trust", str(policy), "--at", at)
        assert status in (NO, CANNOT_TELL, NOT_YET_DUE)  # half of the brands have not paid
        return found

    assert (peak(large) - peak(small)) / large.stat().st_size < 4


def test_a_file_of_nothing_but_short_words_costs_no_more(books: tuple[Path, Path, Path, str], tmp_path: Path) -> None:
    """Read, each takes ten times its text: a party may write thousands of different ones into its sections."""
    small, _, policy, at = books
    book, file = wordy_book(300), tmp_path / "wordy"
    file.write_bytes(book.evidence)
    assert book.policy == policy.read_text()
    least, most = (run("check", str(one), "--trust", str(policy), "--at", at)[1] for one in (small, file))
    assert (most - least) / len(book.evidence) < 4


def run(*arguments: str) -> tuple[int, int]:
    """The exit status of a command, and its peak of memory in bytes."""
    done = subprocess.run(
        [sys.executable, "-c", APART, *arguments],
        cwd=ROOT, env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    status, peak = map(int, done.stdout.split())
    return status, peak


def evidence(checkpoint: str = "", entries: str = "", subjects: str = "") -> str:
    question = f'"question":{{"party":"{"ab" * 32}"}}'
    return (
        f'{{"checkpoint":"{checkpoint}","entries":[{entries}],"format":"kembar-evidence/2",{question},'
        f'"subjects":[{subjects}]}}'
    )


def misbehaviour(checkpoint: str, leaves: str) -> str:
    return (
        f'{{"checkpoints":["{checkpoint}"],"format":"kembar-misbehaviour/2","kind":"wrong_index","leaves":[{leaves}],'
        f'"proof":[],"shows":"{SHOWS["wrong_index"]}"}}'
    )


def path(number: int) -> str:
    """Of 256 steps, none like another."""
    return ",".join(f'[{bit},"{number * 256 + bit:042}A="]' for bit in reversed(range(256)))


def deep(number: int) -> str:
    """A list with a path of 256 steps."""
    return f'{{"list":[[1,2]],"path":[{path(number)}],"subject":"party:{number:064x}"}}'


def entry(index: int) -> str:
    """As small as it can be."""
    signature = f'{{"keyid":"{"ab" * 32}","sig":"{"A" * 86}=="}}'
    kind = f'"payloadType":"{PAYLOAD_TYPE}"'
    leaf = f'{{"payload":"eyJh",{kind},"signatures":[{signature}]}}'
    return f'{{"disclosures":[],"index":{index},"leaf":{leaf},"proof":[]}}'


HOSTILE = {
    "an emoji before letters": lambda: evidence("\N{GRINNING FACE}" + "a" * 20_000_000),
    "small values": lambda: evidence(entries=",".join(["[[1000]]"] * 1_500_000)),
    "small objects": lambda: evidence(entries=",".join(['{"a":1}'] * 1_500_000)),
    "small strings": lambda: evidence(subjects='"' + '","'.join(["ab"] * 3_000_000) + '"'),
    "long paths": lambda: evidence(subjects=",".join(map(deep, range(1_000)))),
    "short lists": lambda: evidence(
        subjects=",".join(['{"list":[' + ",".join(["[0,0]"] * 8) + '],"path":[],"subject":"x"}'] * 200_000)
    ),
    "small entries": lambda: evidence(entries=",".join(map(entry, range(49_999)))),
    "what stands for entries": lambda: evidence(entries=",".join(['" 1"'] * 2_000_000)),
    "leaves": lambda: misbehaviour("\N{GRINNING FACE}", ",".join([f'"{"A" * 2_400}"'] * 8_000)),
    "small leaves": lambda: misbehaviour("a", ",".join(['"AAAA"'] * 2_000_000)),
    "evidence that does not end": lambda: '{"format":"kembar-misbehaviour/2","x":' + '{"evidence":{' * 1_000_000,
    "small values and no evidence": lambda: misbehaviour("a", ",".join(["[[1000]]"] * 1_500_000)),
}  # fmt: skip


@pytest.mark.parametrize("made", HOSTILE.values(), ids=list(HOSTILE))
def test_a_hostile_file_costs_no_more(
    books: tuple[Path, Path, Path, str], tmp_path: Path, made: Callable[[], str]
) -> None:
    small, _, policy, _ = books
    file = tmp_path / "file"
    file.write_text(made(), "utf-8")
    (_, least), (status, most) = (run("check", str(one), "--trust", str(policy)) for one in (small, file))
    assert status == INVALID
    assert (most - least) / file.stat().st_size < 4
