"""The verifier in JavaScript: its types, the vectors, and that it says what the kernel says.

Every scenario is asked of both as well, where the scenarios are (:meth:`tests.support.world.World.check`).
``scripts/differential`` asks many more of what is drawn at random.
"""

from __future__ import annotations

import json
import re
import subprocess
from base64 import b64decode
from collections import Counter
from pathlib import Path

import pytest

from tests.support.both import check_both
from tests.support.browser_verifier import FOLDER, MISSING, NODE, PRESENT, BrowserVerifier, browser_verifier
from tests.support.differential import on_histories, on_mutants, on_signatures
from tests.support.mutants import mutant
from tests.support.pdf_mutants import pdf_mutant
from tests.support.root import VECTORS
from tests.support.samples import SAMPLES, needs_samples
from verifier.base.crypto import verify as holds
from verifier.base.strict import parse_instant
from verifier.evidence.file import Invalid
from verifier.evidence.verdict_json import format_verdict
from verifier.evidence.verify import verify
from verifier.log.trust import parse_policy

pytestmark = pytest.mark.skipif(not PRESENT, reason=MISSING)

MAX_LINES = 8_000
"""Of code, without comments: what somebody can still read who has to believe its verdicts."""
SHOWING = {"drop", "lookup", "page", "sign", "words"}
"""What shows, hashes or signs, and makes no verdict."""
COMMENT = re.compile(r"/\*\*.*?\*/", re.DOTALL)
MUTANTS, PDFS, SIGNATURES, HISTORIES = 20_000, 5_000, 3_000, 2_000
"""How many of each both are asked; some four minutes of one processor, in pieces that several can share."""
EVIDENCE = sorted((VECTORS / "evidence").glob("*.json"))


@pytest.fixture(scope="module")
def other() -> BrowserVerifier:
    found = browser_verifier()
    assert found is not None
    return found


def sources() -> list[Path]:
    return [
        path
        for path in FOLDER.rglob("*.js")
        if not {"node_modules", "tests", "tools"} & set(path.relative_to(FOLDER).parts)
    ]


def test_its_types_hold() -> None:
    done = subprocess.run(
        [str(NODE), "node_modules/typescript/bin/tsc", "-p", "."],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_its_own_tests_pass() -> None:
    files = sorted(str(path.relative_to(FOLDER)) for path in (FOLDER / "tests").glob("*.test.js"))
    done = subprocess.run([str(NODE), "--test", *files], cwd=FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


def test_it_can_be_read() -> None:
    judging = [path for path in sources() if path.relative_to(FOLDER).parts[0] not in SHOWING]
    lines = [line.strip() for path in judging for line in COMMENT.sub("", path.read_text()).splitlines()]
    assert sum(bool(line) and not line.startswith("//") for line in lines) <= MAX_LINES


@pytest.mark.parametrize("word", ["JSON.parse", "atob(", "Date(", "Date.", "\\p{", "normalize(", "eval(", "innerHTML"])
def test_what_engines_read_in_their_own_way_is_not_used(word: str) -> None:
    clock = FOLDER / "page" / "clock.js"  # what this device says is no input
    names = FOLDER / "sign" / "statements.js"  # whoever admits a name compares it anew
    may = {"Date(": clock, "Date.": clock, "normalize(": names}
    assert [str(path) for path in sources() if word in path.read_text() and path != may.get(word)] == []


@pytest.mark.parametrize("path", EVIDENCE, ids=lambda path: path.stem)
def test_the_vectors_yield_the_same(path: Path) -> None:
    one = json.loads(path.read_text())
    text = one.get("evidence")
    evidence = b64decode(one["evidence_b64"]) if text is None else text.encode()
    reader = {"instant": parse_instant(one["instant"]), "max_age": one["max_age"], "files": tuple(one["files"])}
    check_both(evidence, one["policy"], require_audited=False, by_clock=False, **reader)


@pytest.mark.parametrize("seed", range(0, MUTANTS, 2_000))
def test_files_that_are_nearly_right(seed: int, other: BrowserVerifier) -> None:
    assert list(on_mutants(other, seed, 2_000)) == []


@pytest.mark.parametrize("seed", range(0, PDFS, 2_500))
def test_pdfs_that_are_nearly_right(seed: int, other: BrowserVerifier) -> None:
    assert list(on_mutants(other, seed, 2_500, pdf_mutant)) == []


def test_some_pdfs_are_still_verdicts() -> None:
    """And the others are refused for every reason that there is."""
    why: Counter[str] = Counter()
    for number in range(1_000):
        one = pdf_mutant(number)
        outcome = verify(one.evidence, parse_policy(one.policy), instant=one.instant)
        why[outcome.message if isinstance(outcome, Invalid) else "a verdict"] += 1
    assert why["a verdict"] > 100
    assert len([one for one in why if "PDF" in one]) == 5, why


def test_some_mutants_are_still_verdicts() -> None:
    """So that what is compared is not all refused at the door."""
    made = [mutant(number) for number in range(300)]
    told = [
        verify(one.evidence, parse_policy(one.policy), instant=one.instant, max_age=one.max_age, files=one.files)
        for one in made
    ]
    assert sum(b'"outcome":"verdict"' in format_verdict(one) for one in told) >= 15
    assert len({getattr(one, "step", 0) for one in told}) >= 8


def test_hostile_signatures(other: BrowserVerifier) -> None:
    assert list(on_signatures(other, 0, SIGNATURES)) == []


@needs_samples
def test_signatures_that_nobody_here_made(other: BrowserVerifier) -> None:
    for one in json.loads((SAMPLES / "vectors" / "cctv" / "ed25519vectors.json").read_text()):
        key, message, signature = bytes.fromhex(one["key"]), one["msg"].encode(), bytes.fromhex(one["sig"])
        assert other.holds(key, message, signature) == str(holds(key, message, signature)).lower(), one["number"]


@pytest.mark.parametrize("seed", range(0, HISTORIES, 250))
def test_random_histories(seed: int, other: BrowserVerifier) -> None:
    assert list(on_histories(other, seed, 250)) == []
