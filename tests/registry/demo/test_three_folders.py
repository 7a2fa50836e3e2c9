"""A whole deal by three parties from three folders, as processes that know the registry's address alone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from registry.demo.runner import environment
from registry.demo.three_folders import EXPECTED, TRUST
from tests.support.root import ROOT
from verifier.evidence.file import parse_evidence
from verifier.evidence.others import others_in
from verifier.log.note import parse_note
from verifier.programs.cli import main
from verifier.statements.types import Consent, Party

PATIENCE = 600


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The folder, whose path has a space in it, and what was printed."""
    folder = tmp_path_factory.mktemp("a deal") / "left here"
    done = subprocess.run(
        [str(ROOT / "scripts" / "demo"), "--remote", "--out", str(folder)],
        env=environment(), stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", timeout=PATIENCE,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder, done


def test_each_proves_what_the_deal_came_to(told: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, done = told
    for reader, answers in EXPECTED.items():
        assert re.search(rf"^{reader} +[0-9]+ +{answers[0]} +{answers[1]} +yes$", done.stdout, re.MULTILINE), reader
    for name in ("ayu", "senja", "larasati"):
        own = folder / "parties" / name
        assert main(["check", str(own / "use.evidence.json"), "--trust", str(own / TRUST), "--require", "audited"]) == 0


def test_nobody_needs_the_operators_folder(told: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """Each command is told an address and files of its own folder, and none a path."""
    folder, _ = told
    lines = (folder / "commands.txt").read_text("utf-8").splitlines()
    typed = [line for line in lines if re.match(r"(ayu|senja|larasati|stranger)\$ ", line)]
    operators = [line for line in lines if line not in typed]
    assert [line.split()[1] for line in operators] == ["init", "enrol", "enrol", "enrol"]
    assert len(typed) > 60 and {line.split("$")[0] for line in typed} == {"ayu", "senja", "larasati", "stranger"}
    assert not [line for line in typed if "/" in re.sub(r"http://127\.0\.0\.1:\d+", "", line)]
    last = max(lines.index(line) for line in operators)
    for name in ("ayu", "senja", "larasati"):
        assert any(line.startswith(f"{name}$ registry desk sign ") for line in lines[last:])


def test_three_have_signed_one_consent(told: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, _ = told
    entries = parse_evidence((folder / "parties" / "ayu" / "use.evidence.json").read_bytes()).entries
    [consent] = [one for one in entries if isinstance(one.statement, Consent) and one.statement.act == "use"]
    keys = {one.statement.id: set(one.statement.keys or ()) for one in entries if isinstance(one.statement, Party)}
    signed = {one.keyid for one in consent.envelope.signatures}
    parties = consent.statement.parties
    assert len(signed) == 3
    for party in (parties.model, parties.agency, parties.licensee):
        assert party is not None and signed & keys[party]


def test_nobody_is_given_what_is_others(told: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, _ = told
    for name in ("ayu", "senja", "larasati"):
        own = folder / "parties" / name
        login = json.loads((own / "home" / ".config" / "kembar" / "logins.json").read_text())["logins"][0]
        evidence = parse_evidence((own / "use.evidence.json").read_bytes())
        found = others_in(evidence, login["party"])
        assert found is not None and not found.sections, name


def test_the_operators_file_for_a_party_is_the_one_that_she_was_given(
    told: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    """At the checkpoint that the auditor cosigned. Its line may be a later one, if it has cosigned it again since."""
    folder, _ = told
    own = folder / "parties" / "larasati"
    login = json.loads((own / "home" / ".config" / "kembar" / "logins.json").read_text())["logins"][0]
    given = json.loads((own / "use.evidence.json").read_bytes())
    done = subprocess.run(
        [sys.executable, "-P", "-m", "registry", "evidence", str(folder / "registry"), "usage",
         given["question"]["usage"], "--for", login["party"], "-o", str(tmp_path / "for.json")],
        env=environment(), stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", timeout=PATIENCE,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    made = json.loads((tmp_path / "for.json").read_bytes())
    notes = [parse_note(one.pop("checkpoint")) for one in (given, made)]
    assert given == made and notes[0].text == notes[1].text
    assert [len(note.signatures) for note in notes] == [2, 2], "the log's, and the auditor's"
