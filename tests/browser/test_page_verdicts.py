"""What the page answers is what the kernel answers: of every vector, of bad files, and of files as large as may be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from tests.support.chromium import Chromium, Page, chromium
from tests.support.mutants import mutant
from tests.support.root import VECTORS
from tests.support.verifier_page import CAPTURE, MISSING, PRESENT, Case, at, vector, write_page
from verifier.evidence.file import MAX_EVIDENCE
from verifier.evidence.verdict_json import format_verdict
from verifier.evidence.verify import verify
from verifier.log.trust import parse_policy

pytestmark = pytest.mark.skipif(not PRESENT, reason=MISSING)

NAMES = sorted(path.stem for path in (VECTORS / "evidence").glob("*.json"))
MUTANTS = 150


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with chromium(tmp_path_factory.mktemp("profile")) as made:
        yield made


def ask(browser: Chromium, folder: Path, cases: list[Case]) -> list[object]:
    """Verdicts of files that are handed in at once, under the policy and at the instant of the first."""
    page = browser.page()
    page.before(CAPTURE)
    at(page, cases[0].instant)
    page.open(write_page(folder / "verifier.html", cases[0].policy).as_uri())
    files = []
    for place, case in enumerate(cases):
        files.append(folder / f"{place}.json")
        files[-1].write_bytes(case.evidence)
    page.choose("input[type=file]", files)
    page.until(f"checked.length === {len(cases)} && !document.querySelector('.progress')", patience=180)
    found: list[object] = page.run("checked.map(({verdict}) => verdict)")
    assert_well(page)
    page.close()
    return found


def assert_well(page: Page) -> None:
    page.settle(0.1)
    assert page.errors == []
    assert page.run("document.querySelector('h1').innerText")


def kernel(case: Case) -> object:
    outcome = verify(case.evidence, parse_policy(case.policy), instant=case.instant, by_clock=True)
    found = json.loads(format_verdict(outcome))
    if found["outcome"] == "invalid":
        found.pop("where", None)  # for people
    return found


def without_where(verdict: object) -> object:
    assert isinstance(verdict, dict)
    if verdict["outcome"] == "invalid":
        verdict.pop("where", None)
    return verdict


def test_every_vector(browser: Chromium, tmp_path: Path) -> None:
    cases = sorted((vector(name) for name in NAMES), key=lambda case: (case.policy, case.instant))
    steps = set()
    for _, group in groupby(cases, key=lambda case: (case.policy, case.instant)):
        some = list(group)
        for case, found in zip(some, ask(browser, tmp_path, some), strict=True):
            assert without_where(found) == kernel(case), case.name
            assert isinstance(found, dict)
            steps.add(found.get("step", 0))
    assert steps == set(range(15))


def test_files_that_are_nearly_right(browser: Chromium, tmp_path: Path) -> None:
    made = [mutant(number) for number in range(MUTANTS)]
    cases = [
        Case(name=str(number), evidence=one.evidence, policy=one.policy, instant=one.instant)
        for number, one in enumerate(made)
    ]
    cases.sort(key=lambda case: (case.policy, case.instant))
    for _, group in groupby(cases, key=lambda case: (case.policy, case.instant)):
        some = list(group)
        for case, found in zip(some, ask(browser, tmp_path, some), strict=True):
            assert without_where(found) == kernel(case), case.name


def filled(head: bytes, unit: bytes, tail: bytes) -> bytes:
    """As large as evidence may be, and no larger."""
    return head + unit * ((MAX_EVIDENCE - len(head) - len(tail)) // len(unit)) + tail


LARGE = {
    "one string": (b'{"checkpoint":"', b"a", b'"}', 2),
    "numbers": (b'{"checkpoint":"x","entries":[0', b",0", b"]}", 2),
    "objects": (b'{"checkpoint":"x","entries":[{}', b",{}", b"]}", 2),
    "objects in a leaf": (
        b'{"checkpoint":"x","entries":[{"disclosures":[],"index":0,"leaf":[{}',
        b",{}",
        b'],"proof":[]}],"format":"kembar-evidence/2","question":{"asset":"' + b"0" * 64 + b'"},"subjects":[]}',
        3,
    ),
    "not UTF-8": (b'{"checkpoint":"', b"\xff", b'"}', 1),
    "a PDF of line feeds": (b"%PDF-1.7", b"\n", b"", 1),
    "a PDF of marks that are cut short": (b"%PDF-1.7", b"\n/KembarEvidence", b"", 1),
}


@pytest.mark.parametrize("name", LARGE)
def test_the_largest_files_leave_the_page_alive(browser: Chromium, tmp_path: Path, name: str) -> None:
    head, unit, tail, step = LARGE[name]
    one = vector("verdict-usage")
    case = Case(name=name, evidence=filled(head, unit, tail), policy=one.policy, instant=one.instant)
    (found,) = ask(browser, tmp_path, [case])
    assert isinstance(found, dict)
    assert (found["outcome"], found["step"]) == ("invalid", step)


def test_one_byte_more_is_refused_unread(browser: Chromium, tmp_path: Path) -> None:
    one = vector("verdict-usage")
    case = Case(name="more", evidence=bytes(MAX_EVIDENCE + 1), policy=one.policy, instant=one.instant)
    assert ask(browser, tmp_path, [case]) == [{"outcome": "invalid", "step": 1, "code": "not_canonical"}]
