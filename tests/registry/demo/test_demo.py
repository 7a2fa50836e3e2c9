"""The demo as a newcomer runs it: a process, a folder, a table; and what it leaves when it is ended early."""

from __future__ import annotations

import fcntl
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from registry.config import LOCK
from registry.demo.browser import PASSPHRASE, lend_keys
from registry.demo.folder import EXPECTED, MARKER, POLICY, REGISTRY
from registry.demo.javascript import find_node
from registry.demo.runner import environment
from registry.demo.story import LEFT_OUT, SCENES, VARIANTS
from registry.demo.table import doors
from tests.support.samples import SAMPLES, needs_samples
from tests.support.verifier_page import MISSING, PRESENT, opened
from verifier.programs.keys import read_key

PATIENCE = 120
WAIT = 20

ANSWERS = {
    "agency-paid-model-not": {"authorised": "AUTHORISED", "paid": "NOT_YET_DUE"},
    "authorised-and-not-yet-due": {"authorised": "AUTHORISED", "paid": "NOT_YET_DUE"},
    "authorised-and-paid": {"authorised": "AUTHORISED", "paid": "PAID"},
    "authorised-and-unpaid": {"authorised": "AUTHORISED", "paid": "NOT_PAID"},
    "consent-expired": {"authorised": "NOT_AUTHORISED", "paid": "NOT_PAID"},
    "consent-in-force": {"answer": "IN_FORCE"},
    "exclusive-scope-withheld": {"authorised": "CANNOT_TELL", "paid": "PAID"},
    "exclusive-to-another-brand": {"authorised": "NOT_AUTHORISED", "paid": "PAID"},
    "file-nobody-registered": {"answer": "NOT_REGISTERED"},
    "list-left-out": {"authorised": "CANNOT_TELL", "paid": "CANNOT_TELL"},
    "models-record-book": {"answer": "COMPLETE"},
    "money-withheld": {"authorised": "AUTHORISED", "paid": "CANNOT_TELL"},
    "paid-on-the-payers-word": {"authorised": "AUTHORISED", "paid": "CANNOT_TELL"},
    "revoked-before-the-start": {"authorised": "NOT_AUTHORISED", "paid": "PAID"},
    "revoked-midway": {"authorised": "NOT_AUTHORISED", "paid": "PAID"},
    "territory-outside": {"authorised": "NOT_AUTHORISED", "paid": "NOT_YET_DUE"},
    "ward-and-guardian": {"authorised": "AUTHORISED", "paid": "PAID"},
}


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-P", "-m", "registry", "demo", *map(str, arguments)]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )


def check(folder: Path, name: str, *arguments: str | Path) -> tuple[int, dict[str, Any]]:
    """The verifier's exit status and verdict on one of the files."""
    file = folder / "evidence" / f"{name}.evidence.json"
    words = ["check", file, "--trust", folder / POLICY, "--json", *arguments]
    done = subprocess.run(
        [sys.executable, "-P", "-m", "verifier", *map(str, words)],
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode, json.loads(done.stdout)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The second of two demos in one folder, whose path has a space in it."""
    folder = tmp_path_factory.mktemp("a demo") / "left here"
    first = run("--out", folder, "--json")
    assert first.returncode == 0, first.stderr
    said = json.loads(first.stdout)
    assert said["agrees"] is True
    assert all(one["answered_in_javascript"] in (None, one["answered"]) for one in said["files"].values())
    assert said["files"].keys() == {f"{name}.evidence.json" for name in ANSWERS}
    return folder, run("--out", folder)


class TestDefault:
    def test_the_second_run_is_told_as_a_table(self, told: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
        _, done = told
        assert done.returncode == 0, done.stderr
        for name, answers in ANSWERS.items():
            first = answers.get("authorised") or answers["answer"]
            said = rf"{first} +{answers.get('paid', '-')} +"
            twice = said * 2 if find_node() else said
            assert re.search(rf"^{name} +{twice}✓$", done.stdout, re.MULTILINE), name
        assert f"{len(ANSWERS)} of {len(ANSWERS)} as the story expects" in done.stdout
        assert max(map(len, done.stderr.splitlines())) < 160

    def test_expected_answers_are_the_storys(self, told: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
        folder, _ = told
        expected = json.loads((folder / EXPECTED).read_text("utf-8"))
        assert expected == {f"{name}.evidence.json": answers for name, answers in ANSWERS.items()}
        assert {path.name for path in (folder / "evidence").iterdir()} == expected.keys()

    def test_the_command_that_it_shows_works(self, told: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
        _, done = told
        [line] = [line for line in done.stdout.splitlines() if line.startswith("  ") and " check " in line]
        checked = subprocess.run(
            line, shell=True, env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert checked.returncode == 0, checked.stderr
        assert checked.stdout.startswith("AUTHORISED")

    def test_segments_of_the_use_that_was_revoked_midway(
        self, told: tuple[Path, subprocess.CompletedProcess[str]]
    ) -> None:
        folder, done = told
        status, verdict = check(folder, "revoked-midway")
        assert status == 1
        assert [one["authorised"] for one in verdict["segments"]] == ["AUTHORISED", "NOT_AUTHORISED"]
        [cut] = {one["to"] for one in verdict["segments"]} & {one["from"] for one in verdict["segments"]}
        assert f"    {cut} to " in done.stdout

    @pytest.mark.parametrize(
        "name, rule, code",
        [
            ("agency-paid-model-not", "M3", "not_due"),
            ("authorised-and-not-yet-due", "M4", "not_due"),
            ("authorised-and-unpaid", "M4", "unpaid"),
            ("consent-expired", "A10", "expired"),
            ("exclusive-scope-withheld", "A16", "not_disclosed"),
            ("exclusive-to-another-brand", "A16", "clashes"),
            ("list-left-out", "A4", "list_missing"),
            ("money-withheld", "M1", "not_disclosed"),
            ("paid-on-the-payers-word", "M4", "own_word"),
            ("revoked-before-the-start", "A6", "revoked"),
            ("revoked-midway", "A6", "revoked"),
            ("territory-outside", "A9", "country_denied"),
        ],
    )
    def test_the_answer_is_not_a_yes_for_the_reason_that_the_story_gives(
        self, told: tuple[Path, subprocess.CompletedProcess[str]], name: str, rule: str, code: str
    ) -> None:
        _, verdict = check(told[0], name)
        assert code in [row["code"] for row in verdict["rules"] if row["rule"] == rule]
        failed = {row["rule"] for row in verdict["rules"] if row["result"] == "FAIL" and row["rule"][0] == "A"}
        assert failed <= {rule}
        assert verdict.get("faults", []) == []

    def test_another_picture_is_not_the_one_that_was_declared(
        self, told: tuple[Path, subprocess.CompletedProcess[str]]
    ) -> None:
        folder, _ = told
        assert check(folder, "authorised-and-paid", "--asset", folder / "assets" / "authorised-and-paid.png")[0] == 0
        assert check(folder, "authorised-and-paid", "--asset", folder / "assets" / "revoked-midway.png")[0] == 1

    def test_the_record_book_answers_about_every_use_of_her_twin(
        self, told: tuple[Path, subprocess.CompletedProcess[str]]
    ) -> None:
        """What is owed with the signatures stands with the consents: none of it is a usage's own."""
        _, verdict = check(told[0], "models-record-book")
        hers = [ANSWERS[scene.question.name] for scene in SCENES if scene.model == "ayu"]
        assert sorted(one["authorised"] for one in verdict["usages"]) == sorted(one["authorised"] for one in hers)
        assert {one["paid"]["answer"] for one in verdict["usages"]} == {"PAID"}
        money = [one["paid"]["answer"] for one in verdict["consents"] if "paid" in one]
        assert sorted(money) == sorted(one["paid"] for one in hers)

    def test_each_use_has_a_file_of_its_own(self, told: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
        pictures = list((told[0] / "assets").iterdir())
        assert len({sha256(path.read_bytes()).digest() for path in pictures}) == len(pictures) == len(SCENES) + 3

    def test_nobody_serves_the_registry_any_more(self, told: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
        assert is_free(told[0] / REGISTRY)

    def test_the_keys_to_sign_in_with_are_there_and_open(
        self, told: tuple[Path, subprocess.CompletedProcess[str]]
    ) -> None:
        keys = lend_keys(told[0], told[0] / REGISTRY / "keys" / "registrar.key")
        said = doors(told[0], keys, "http://127.0.0.1:8080")
        assert "sign-in http://127.0.0.1:8080 CODE --key" in said
        paths = [Path(line[22:]) for line in said.splitlines() if line.endswith(".key") and " --key " not in line]
        assert len({read_key(path).open(PASSPHRASE.encode()).public for path in paths}) == len(paths) == 7

    def test_keys_are_for_their_owner_alone(self, told: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
        assert (told[0] / "keys").stat().st_mode & 0o077 == 0


# ---- other people's terms and pictures


@needs_samples
def test_with_terms_and_a_photograph_of_others(tmp_path: Path) -> None:
    photo = SAMPLES / "c2pa" / "adobe-20220124-CA.jpg"
    done = run("--out", tmp_path, "--terms", SAMPLES / "adcp" / "acquire_rights-01.json", "--photo", photo)
    assert done.returncode == 0, done.stdout + done.stderr
    expected = json.loads((tmp_path / EXPECTED).read_text("utf-8"))
    for name, answers in ANSWERS.items():
        # Impressions are priced and nothing was reported yet: what they come to is open, and not due for a month.
        changed = {"paid": "NOT_YET_DUE"} if answers.get("paid") == "PAID" else {}
        assert expected[f"{name}.evidence.json"] == answers | changed
    assert "price impressions" in done.stdout
    hero = tmp_path / "assets" / "authorised-and-paid.jpg"
    assert hero.read_bytes() == photo.read_bytes()
    assert check(tmp_path, "authorised-and-paid", "--asset", photo, "--ask", "authorised")[0] == 0
    assert "moved to the run" in (tmp_path / "terms.txt").read_text("utf-8")


@needs_samples
@pytest.mark.parametrize("name", ["acquire_rights-02.json", "get_rights-01.json"])
def test_terms_that_are_none(tmp_path: Path, name: str) -> None:
    done = run("--out", tmp_path / "demo", "--terms", SAMPLES / "adcp" / name)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: ") and name in done.stderr
    assert not (tmp_path / "demo").exists()


def test_a_folder_of_somebody_else(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")
    done = run("--out", tmp_path)
    assert done.returncode == 2
    assert "choose another" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_help_names_what_it_leaves() -> None:
    done = run("--help")
    assert done.returncode == 0
    for word in (POLICY, EXPECTED, "evidence/", "registry/", "--terms", "--photo", "--out"):
        assert word in done.stdout


def test_names_are_told_apart() -> None:
    names = [scene.question.name for scene in SCENES] + [one.name for _, one in (*VARIANTS, LEFT_OUT)]
    assert len(set(names)) == len(names) == len(ANSWERS) - 3


# ---- ended early


def is_free(folder: Path) -> bool:
    """Whether no process has the right to write to a registry's folder."""
    descriptor = os.open(folder / LOCK, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def read_until(process: subprocess.Popen[bytes], words: bytes) -> None:
    """Read its standard error until it says so."""
    assert process.stderr is not None
    said, deadline = b"", time.monotonic() + WAIT
    while words not in said:
        ready, _, _ = select.select([process.stderr], [], [], deadline - time.monotonic())
        assert ready, f"it did not say so: {said!r}"
        said += (data := os.read(process.stderr.fileno(), 65536))
        assert data, f"it ended: {said!r}"


@pytest.mark.parametrize(
    "number, status", [(signal.SIGINT, 1), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGKILL, -9)]
)
def test_the_server_ends_with_the_demo(tmp_path: Path, number: signal.Signals, status: int) -> None:
    def listen() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a process in the background may have been told to ignore it

    with subprocess.Popen(
        command("--out", tmp_path),
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=listen,  # noqa: PLW1509 -- the tests have one thread
    ) as process:
        read_until(process, b"parties are enrolled")
        assert not is_free(tmp_path / REGISTRY)
        process.send_signal(number)
        assert process.wait(WAIT) == status
    deadline = time.monotonic() + WAIT
    while not is_free(tmp_path / REGISTRY):
        assert time.monotonic() < deadline, "the server is still there"
        time.sleep(0.05)
    assert (tmp_path / MARKER).is_file()


@pytest.mark.skipif(not PRESENT, reason=MISSING)
def test_the_page_in_a_browser_answers_what_the_story_expects(
    told: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    folder, _ = told
    expected = json.loads((folder / EXPECTED).read_text())
    with opened(tmp_path, (folder / POLICY).read_text()) as page:
        page.choose("input[type=file]", [folder / "evidence" / name for name in expected])
        page.until(f"checked.length === {len(expected)} && !document.querySelector('.progress')", patience=PATIENCE)
        verdicts = page.run("checked.map(({verdict}) => verdict)")
        assert page.run("document.querySelectorAll('.list .badge svg').length") == len(expected)
        page.settle(0.1)
        assert page.errors == []
    for (name, answers), verdict in zip(expected.items(), verdicts, strict=True):
        said = {word: verdict[word]["answer"] if word == "paid" else verdict[word] for word in answers}
        assert said == answers, name
