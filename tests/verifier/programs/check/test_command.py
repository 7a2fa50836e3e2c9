"""``verifier check`` of many files, as it is called: what is found, printed and written, and the exit status."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from tests.support.check_desk import OUTCOMES, Desk
from verifier.base import canonical
from verifier.programs.check import batch_pool
from verifier.programs.check.batch import CheckedFile, check_file
from verifier.programs.check.batch_command import find
from verifier.programs.check.batch_pool import check_all, check_path, shown
from verifier.programs.cli import main


@pytest.fixture
def folder(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the desk, in which the command runs."""
    copytree(desk.folder, tmp_path / "desk")
    monkeypatch.chdir(tmp_path / "desk")
    return tmp_path / "desk"


def check(desk: Desk, *arguments: str) -> int:
    return main(["check", "--trust", "policy", "--at", desk.now, *arguments])


def name(one: str) -> str:
    return f"files/{one}.evidence.json"


class TestExitStatus:
    @pytest.mark.parametrize(
        "files, status",
        [
            (["paid", "consent"], 0),
            (["paid", "late"], 0),
            (["paid", "terms"], 3),
            (["terms", "denied", "paid"], 1),
            (["invalid", "denied"], 4),
            (["paid", "absent"], 3),
            (["denied", "absent"], 1),
        ],
    )
    def test_the_worst_of_all(self, desk: Desk, folder: Path, files: list[str], status: int) -> None:
        assert check(desk, "--jobs", "1", *map(name, files)) == status

    def test_ask(self, desk: Desk, folder: Path) -> None:
        assert check(desk, "--jobs", "1", "--ask", "authorised", name("paid"), name("terms"), name("unpaid")) == 0
        assert check(desk, "--jobs", "1", "--ask", "paid", name("paid"), name("denied"), name("consent")) == 0

    def test_a_fault_of_ours_is_told_of_its_file_and_stops_nothing(
        self, desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        real = check_file

        def odd(file: str, *rest: Any) -> CheckedFile:
            if "denied" in file:
                raise KeyError(file)
            return real(file, *rest)

        monkeypatch.setattr(batch_pool, "check_file", odd)
        assert check(desk, "--jobs", "1", name("denied"), name("paid")) == 70
        assert "FAULT        files/denied.evidence.json: KeyError" in capsys.readouterr().out


class TestFinding:
    def test_a_folder_is_searched_in_order_and_links_are_not_followed(self, desk: Desk, folder: Path) -> None:
        (folder / "files/deep/er").mkdir(parents=True)
        (folder / "files/deep/er/x.evidence.json").write_bytes(desk.files["paid"])
        (folder / "files/readme.json").write_bytes(b"{}")
        (folder / "files/link.evidence.json").symlink_to(folder / "policy")
        (folder / "files/loop").symlink_to(folder / "files")
        (folder / "files/odd.evidence.json").mkdir()
        found = find(["files"], None)
        assert found == sorted([*map(name, OUTCOMES), "files/deep/er/x.evidence.json"])

    def test_a_list(self, desk: Desk, folder: Path) -> None:
        (folder / "list").write_bytes(b"a b.evidence.json\r\n\nb.evidence.json\nfiles/\xff\nb.evidence.json")
        found = find(["x"], "list")
        assert found == ["x", "a b.evidence.json", "b.evidence.json", os.fsdecode(b"files/\xff")]

    @pytest.mark.parametrize(
        "arguments, sentence",
        [
            ([], "no evidence file was named"),
            (["empty"], "empty holds no *.evidence.json"),
            (["-", "x"], "- is standard input, which is one file"),
            (["files", "--asset", "x"], "--asset compares files with one evidence file"),
            (["files", "--report", "x.pdf"], "a report's name ends in .csv, .json or .html"),
            (["files", "--report", "absent/x.csv"], "cannot write absent/x.csv: No such file or directory"),
            (["--list", "absent"], "cannot read absent"),
        ],
    )
    def test_called_wrongly(
        self, desk: Desk, folder: Path, arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (folder / "empty").mkdir()
        assert check(desk, *arguments) == 2
        printed = capsys.readouterr()
        assert (sentence in printed.err, printed.out) == (True, "")

    def test_names_that_cannot_be_printed_are_spelt_out(self) -> None:
        assert shown(os.fsdecode(b"a\xff\x1b[2J\xe2\x80\xae\xc3\xa9\n")) == r"a\xff\u{1b}[2J\u{202e}é\u{a}"


class TestOutput:
    def test_a_line_for_each_and_the_sums(
        self, desk: Desk, folder: Path, capsysbinary: pytest.CaptureFixture[bytes]
    ) -> None:
        assert check(desk, "files") == 4
        lines = capsysbinary.readouterr().out.decode().splitlines()
        assert [line.split(":")[0].split()[-1] for line in lines[: len(OUTCOMES)]] == sorted(map(name, OUTCOMES))
        assert "NO           files/denied.evidence.json: NOT AUTHORISED, PAID" in lines
        assert "yes          files/late.evidence.json: AUTHORISED, PAID, LATE" in lines
        assert any(line.startswith("INVALID      files/invalid.evidence.json: Something outside") for line in lines)
        assert "Not paid: EUR 1,000.00, of it late EUR 1,000.00." in lines
        assert any(line.startswith("Files: 12; every answer is yes 5; ") for line in lines)

    def test_json_has_the_verdict_of_a_check_alone(
        self, desk: Desk, folder: Path, capsysbinary: pytest.CaptureFixture[bytes]
    ) -> None:
        check(desk, "files", "--json", "--jobs", "2")
        lines = [canonical.parse(line, limit=1 << 24) for line in capsysbinary.readouterr().out.splitlines()]
        assert lines.pop()["totals"]["checked"] == len(OUTCOMES)
        for line in lines:
            check(desk, line["file"], "--json")
            assert canonical.encode(line["verdict"]) + b"\n" == capsysbinary.readouterr().out

    def test_one_file_is_checked_as_ever(
        self, desk: Desk, folder: Path, capsysbinary: pytest.CaptureFixture[bytes]
    ) -> None:
        assert check(desk, name("denied")) == 1
        assert capsysbinary.readouterr().out.startswith(b"NOT AUTHORISED\n")


class TestReports:
    def test_all_forms_at_once(self, desk: Desk, folder: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        assert check(desk, "files", "--report", "r.csv", "--report", "r.json", "--report", "r.html") == 4
        assert json.loads((folder / "r.json").read_bytes())["totals"]["exceptions"] == 8
        assert (folder / "r.csv").read_bytes().startswith(b"file,exception,question,id,")
        assert b"<h1>Exceptions: 8 of 12 evidence files</h1>" in (folder / "r.html").read_bytes()
        assert list(folder.glob("*.part")) == []

    def test_a_report_of_one_file(self, desk: Desk, folder: Path) -> None:
        assert check(desk, name("paid"), "--report", "r.json") == 0
        assert json.loads((folder / "r.json").read_bytes())["exceptions"] == []

    def test_an_older_report_stays_until_the_new_one_is_whole(
        self, desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (folder / "r.csv").write_text("old", "utf-8")

        def interrupted(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(batch_pool, "check_all", interrupted)
        assert check(desk, "files", "--report", "r.csv") == 130
        assert (folder / "r.csv").read_text("utf-8") == "old"
        assert list(folder.glob("*.part")) == []


class TestProcesses:
    def test_order_and_outcome_do_not_depend_on_how_many(self, desk: Desk, folder: Path) -> None:
        paths = find(["files"], None) * 3
        once = list(check_all(paths, desk.settings(), 1))
        assert [one.file for one in once] == paths
        assert list(check_all(paths, desk.settings(), 3)) == once

    def test_a_process_that_ends_costs_only_the_file_that_ended_it(
        self, desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = check_file

        def deadly(file: str, *rest: Any) -> CheckedFile:
            if "denied" in file:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(file, *rest)

        monkeypatch.setattr(batch_pool, "check_file", deadly)
        paths = [*map(name, OUTCOMES), *(name("paid") for _ in range(40)), name("denied"), name("paid")]
        found = list(check_all(paths, desk.settings(), 2))
        assert [one.file for one in found] == paths
        assert [one.conclusion for one in found] == [
            "fault" if "denied" in path else OUTCOMES[path.split("/")[1].split(".")[0]] for path in paths
        ]

    @pytest.mark.parametrize("path", ["/dev/zero", "files", "absent", "nul\0"])
    def test_what_is_no_file(self, desk: Desk, folder: Path, path: str) -> None:
        assert check_path(path, desk.settings()).conclusion == "unreadable"

    def test_a_pipe_without_a_writer_holds_nobody_up(
        self, desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("verifier.programs.files.WAIT", 0.1)
        os.mkfifo(folder / "pipe")
        assert check_path("pipe", desk.settings()).message.startswith("it is a pipe, and nothing has come for")
