"""``--sections FOLDER`` of ``check`` and ``statement``: what is in it, how much of it, and what it opens."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.support.money_story import Story
from tests.support.served import raw
from tests.support.world import Logged
from verifier.base import canonical
from verifier.base.strict import format_instant
from verifier.programs import section_folder
from verifier.programs.cli import main
from verifier.programs.console import Unusable
from verifier.programs.section_folder import held_in
from verifier.statements.disclosure import digest


class Desk:
    """A use, in a file that shows all of it, and in one that shows nothing; and a folder of what its parties hold."""

    def __init__(self, folder: Path) -> None:
        s = self.story = Story()
        self.folder, self.held = folder, folder / "held"
        self.usage = s.use()
        s.receipt(10_000)
        self.whole, self.bare, self.record = folder / "whole.json", folder / "bare.json", folder / "record.json"
        self.whole.write_bytes(s.world.evidence(self.usage))
        self.bare.write_bytes(s.world.evidence(self.usage, only_sections=[]))
        self.record.write_bytes(s.world.evidence(s.anna, only_sections=[]))
        (folder / "policy").write_text(s.world.policy())
        (self.held / "deal" / "2026").mkdir(parents=True)
        self.now = format_instant(s.world.now)

    def options(self, *more: str) -> list[str]:
        return ["--trust", str(self.folder / "policy"), "--at", self.now, *more]

    def put(self, name: str, *made: Logged) -> None:
        """A signed file, as people save them."""
        for number, one in enumerate(made):
            text = json.dumps(json.loads(raw(one)), indent=2)
            (self.held / "deal" / f"{name}-{number}.signed.json").write_text(text)

    def check(self, path: Path, *more: str) -> int:
        return main(["check", str(path), *self.options(*more)])


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


class TestOpening:
    def test_what_parties_hold_makes_it_whole(self, desk: Desk, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        assert desk.check(desk.whole, "--json") == 0
        whole = capsysbinary.readouterr().out
        assert desk.check(desk.bare, "--json") == 3
        bare = capsysbinary.readouterr().out
        desk.put("all", *desk.story.world.entries.values())
        assert desk.check(desk.bare, "--json", "--sections", str(desk.held)) == 0
        held = capsysbinary.readouterr().out
        assert held == whole != bare

    def test_evidence_lies_there_too(self, desk: Desk) -> None:
        (desk.held / "deal" / "2026" / "use.evidence.json").write_bytes(desk.whole.read_bytes())
        assert desk.check(desk.bare, "--sections", str(desk.held)) == 0
        files = ["check", str(desk.bare), str(desk.whole), *desk.options("--jobs", "2")]
        assert main(files) == 3
        assert main([*files, "--sections", str(desk.held)]) == 0, "of many"

    def test_a_statement_of_account(self, desk: Desk, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        assert main(["statement", str(desk.record), *desk.options("--json")]) == 3
        capsysbinary.readouterr()
        desk.put("all", *desk.story.world.entries.values())
        status = main(["statement", str(desk.record), *desk.options("--json", "--sections", str(desk.held))])
        with_them = capsysbinary.readouterr().out
        record = desk.folder / "whole-record.json"
        record.write_bytes(desk.story.world.evidence(desk.story.anna))
        assert main(["statement", str(record), *desk.options("--json")]) == status
        assert canonical.parse(with_them.strip(), limit=1 << 20) == canonical.parse(
            capsysbinary.readouterr().out.strip(), limit=1 << 20
        )


class TestBounds:
    def test_links_are_not_followed(self, desk: Desk) -> None:
        (desk.held / "link.json").symlink_to(desk.whole)
        (desk.held / "round").symlink_to(desk.held)
        assert held_in(str(desk.held)) == {}

    def test_pipes_and_sockets_are_passed_by(self, desk: Desk) -> None:
        os.mkfifo(desk.held / "pipe.json")
        assert held_in(str(desk.held)) == {}

    @pytest.mark.parametrize(
        ("name", "limit", "said"),
        [
            ("MAX_FILES", 2, "at most 2 files"), ("MAX_BYTES", 1000, "1,?000 bytes"),
            ("MAX_HELD", 100, "more disclosures"), ("MAX_DEPTH", 1, "deeper than 1"),
        ],
    )  # fmt: skip
    def test_an_end(self, desk: Desk, monkeypatch: pytest.MonkeyPatch, name: str, limit: int, said: str) -> None:
        desk.put("all", *desk.story.world.entries.values())
        assert held_in(str(desk.held))
        monkeypatch.setattr(section_folder, name, limit)
        with pytest.raises(Unusable, match=said):
            held_in(str(desk.held))

    def test_what_is_no_folder(self, desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
        for path in (desk.whole, desk.folder / "nowhere"):
            assert desk.check(desk.bare, "--sections", str(path)) == 2
            assert f"{path} is not a folder" in capsys.readouterr().err

    @pytest.mark.skipif(os.getuid() == 0, reason="root reads everything")
    def test_what_cannot_be_read(self, desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
        (desk.held / "secret").write_text("x")
        (desk.held / "secret").chmod(0)
        assert desk.check(desk.bare, "--sections", str(desk.held)) == 2
        assert "cannot read" in capsys.readouterr().err

    def test_nothing_is_kept_twice(self, desk: Desk) -> None:
        [text] = [desk.usage.disclosures["terms"]]
        (desk.held / "a").write_text(text)
        (desk.held / "b").write_text(f"{text}\n{text}\n")
        assert held_in(str(desk.held)) == {digest(text): text}

    def test_none(self, desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
        assert held_in(None) == {}
        assert desk.check(desk.bare, "--sections", str(desk.held)) == 3
        assert f"{desk.held} holds no sections" in capsys.readouterr().err
