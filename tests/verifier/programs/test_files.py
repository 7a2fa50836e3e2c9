"""What a command is given as a file: devices, folders and silent pipes end with a sentence, and all is bounded."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from registry.cli import main as registry
from tests.support.root import ROOT
from tests.support.running import environment
from tests.support.world import Logged, World
from verifier.base.strict import format_instant
from verifier.evidence.file import Invalid, parse_evidence
from verifier.programs import files
from verifier.programs.cli import main
from verifier.programs.files import digest_input, read_input, read_line
from verifier.programs.keys import KeyFileError, read_key, read_public


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "WAIT", 0.1)


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def usage(world: World) -> Logged:
    anna, brand = world.party("anna", roles=["model"]), world.party("brand", roles=["licensee"])
    return world.usage(world.consent(model=anna, licensee=brand), ["hero.jpg"])


@pytest.fixture
def folder(world: World, usage: Logged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Current: a policy, evidence, a picture, a folder, and a pipe without a writer."""
    (tmp_path / "policy").write_text(world.policy(), "utf-8")
    (tmp_path / "e.evidence.json").write_bytes(world.evidence(usage))
    (tmp_path / "hero.jpg").write_bytes(b"hero.jpg")
    (tmp_path / "other.jpg").write_bytes(b"other.jpg")
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(world: World, *arguments: str) -> int:
    return main(["check", "--trust", "policy", "--at", format_instant(world.now), *arguments])


ODD = {
    "/dev/zero": "it is a device, not a file",
    "empty": "it is a folder, not a file",
    "pipe": "it is a pipe, and nothing has come for 0.1 seconds",
    "absent": "No such file or directory",
    "nul\0": "not the name of a file",
}


def test_a_public_key_out_of_a_silent_pipe(folder: Path) -> None:
    os.mkfifo("a.pub")
    with pytest.raises(KeyFileError, match="nothing has come"):
        read_public(Path("a.pub"))


@pytest.mark.parametrize("path", ODD)
class TestOddFiles:
    def test_reading(self, path: str, folder: Path) -> None:
        for read in (lambda: read_input(path, 10), lambda: digest_input(path), lambda: read_line(path, 10)):
            with pytest.raises(OSError) as caught:
                read()
            assert caught.value.strerror == ODD[path]

    def test_keys(self, path: str, folder: Path) -> None:
        with pytest.raises(KeyFileError) as caught:
            read_key(Path(path))
        assert ODD[path] in str(caught.value)

    @pytest.mark.parametrize(
        "line",
        [
            "check PATH --trust policy",
            "check e.evidence.json --trust PATH",
            "check e.evidence.json --trust policy --asset PATH",
            "check --list PATH --trust policy",
            "inspect PATH",
            "statement PATH --trust policy",
            "compare PATH --trust policy",
            "audit empty --trust PATH",
            f"watch empty --trust policy --once --party {'ab' * 32} --state PATH",
        ],
    )
    def test_commands(self, path: str, line: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        if line.startswith("check PATH") and path == "empty":
            pytest.skip("a folder is checked file by file")
        if "--state" in line and path == "absent":
            pytest.skip("a state that is not there is made")
        assert main([word.replace("PATH", path) for word in line.split()]) == 2
        assert ODD[path] in capsys.readouterr().err

    def test_keys_and_the_registrys_commands(self, path: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(KeyFileError):
            read_key(Path(path))
        if "\0" in path:
            return  # no shell can pass that
        with pytest.raises(SystemExit) as ended:
            registry(["memo", path], prog_name="registry")
        assert ended.value.code == 2
        assert "Traceback" not in capsys.readouterr().err


class TestGoodFiles:
    def test_bounds(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert read_input("hero.jpg", 100) == b"hero.jpg"
        assert read_input("hero.jpg", 3) == b"hero"
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"hero.jpg")))
        assert read_input("-", 3) == b"hero"

    def test_a_pipe_with_a_writer(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """As a shell makes one for <(command)."""
        monkeypatch.setattr(files, "WAIT", 30)
        for read in (lambda: read_input("pipe", 1 << 20), lambda: digest_input("pipe")):
            writer = threading.Thread(target=(folder / "pipe").write_bytes, args=(b"x" * 300_000,))
            writer.start()
            found = read()
            writer.join()
            assert found in (b"x" * 300_000, hashlib.sha256(b"x" * 300_000).hexdigest())


class TestAssets:
    def test_by_digest_and_from_standard_input(
        self, world: World, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        digest = hashlib.sha256(b"hero.jpg").hexdigest()
        for asset in ("hero.jpg", f"sha256:{digest}", "-"):
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"hero.jpg")))
            assert check(world, "e.evidence.json", "--ask", "authorised", "--asset", asset) == 0
            assert f"The file with SHA-256 {digest} was compared." in capsys.readouterr().out

    def test_one_that_differs_shows_both_digests(
        self, world: World, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert check(world, "e.evidence.json", "--asset", "other.jpg", "--asset", "hero.jpg") == 1
        said = capsys.readouterr().out
        assert f"other.jpg is another file: its SHA-256 is {hashlib.sha256(b'other.jpg').hexdigest()}." in said
        assert f"  The use names {hashlib.sha256(b'hero.jpg').hexdigest()}." in said
        assert "hero.jpg is another file" not in said

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (["e.evidence.json", "--asset", "sha256:abc"], "a digest is sha256: and 64 lower-case hex digits"),
            (["-", "--asset", "-"], "standard input (-) can be read only once"),
            (["e.evidence.json", "--asset", "-", "--asset", "-"], "standard input (-) can be read only once"),
        ],
    )
    def test_that_are_none(
        self, world: World, folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str,
        capsys: pytest.CaptureFixture[str],
    ) -> None:  # fmt: skip
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((folder / "e.evidence.json").read_bytes())))
        assert check(world, *arguments) == 2
        assert sentence in capsys.readouterr().err


def test_an_empty_folder_stops_none_of_the_others(
    world: World, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(world, "empty", "e.evidence.json", "--ask", "authorised") == 3
    out = capsys.readouterr().out
    assert "UNREADABLE   empty: a folder that holds no *.evidence.json" in out
    assert "yes          e.evidence.json" in out


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda data: data + b"\n", "ends with a line break, which an editor may have added"),
        (lambda data: data + b"\r\n", "ends with a line break"),
        (lambda data: b"\xef\xbb\xbf" + data, "begins with a byte order mark, which an editor may have added"),
    ],
)
def test_what_an_editor_adds_has_a_sentence_of_its_own(
    world: World, folder: Path, change: object, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "e.evidence.json"
    assert callable(change)
    path.write_bytes(change(path.read_bytes()))
    assert check(world, "e.evidence.json") == 4
    assert sentence in " ".join(capsys.readouterr().out.split())


DENSE = """
from tests.support.memory import peak
from verifier.evidence.file import Invalid, parse_evidence
text = TEXT
before = peak()
try:
    parse_evidence(text)
except Invalid as error:
    assert error.step == 1, error
print((peak() - before) / len(text))
"""


@pytest.mark.parametrize("text", ['b"[" + b"{}," * 11_000_000 + b"{}]"', 'b"[" + b"[]," * 11_000_000 + b"[]]"'])
def test_a_dense_text_is_refused_before_it_is_read(text: str) -> None:
    """It costs no more memory than it has bytes; read, it would cost 24 times as much."""
    done = subprocess.run(
        [sys.executable, "-c", DENSE.replace("TEXT", text)],
        cwd=ROOT, env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert float(done.stdout) < 1


def test_a_million_rows_are_not_too_dense() -> None:
    rows = ",".join(f"[{index},1763921115]" for index in range(1_000_000))
    with pytest.raises(Invalid) as caught:
        parse_evidence(f'[{{"list":[{rows}]}}]'.encode())
    assert (caught.value.step, caught.value.message) == (2, "must be an object")
