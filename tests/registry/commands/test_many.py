"""A booker's day: drafts out of a table, the files that they name by hash, and many signatures with one yes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from registry.cli import main
from registry.commands.common import Failure
from registry.commands.row_drafts import Basis, draft_rows
from registry.intake.submission import parse_submission
from tests.support.running import running
from tests.support.served import Served, raw
from verifier.programs.keys import format_key
from verifier.programs.language import choose
from verifier.statements.sections import UsageTerms
from verifier.statements.types import Usage

PHRASE = "correct horse battery staple"
HEADER = "asset,starts,ends,channels,countries,category,targeted,placement\n"


def run(*arguments: str | Path, input: str | None = None) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments], input=input)


def done(*arguments: str | Path, input: str | None = None) -> Result:
    result = run(*arguments, input=input)
    assert result.exit_code == 0, result.output + repr(result.exception)
    return result


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A consent's signed file, the brand's key, and three photos."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    served = Served(tmp_path / "registry")
    consent, everybody = served.story()
    served.service.close()
    (tmp_path / "consent.signed.json").write_bytes(raw(consent))
    brand = everybody[1]
    key = brand.keys[0]  # type: ignore[union-attr]
    (tmp_path / "brand.key").write_bytes(format_key(key, PHRASE.encode(), passes=1, memory=8 * 1024))
    (tmp_path / "phrase").write_text(PHRASE + "\n")
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        (tmp_path / name).write_bytes(name.encode())
    return tmp_path


def table(*rows: str, header: str = HEADER) -> Path:
    Path("uses.csv").write_text(header + "".join(f"{row}\n" for row in rows))
    return Path("uses.csv")


def row(asset: str = "a.jpg", starts: str = "2026-12-01", countries: str = "DE FR") -> str:
    return f"{asset},{starts},2026-12-31,social,{countries},1093,true,organic"


def drafted(*more: str) -> Result:
    return run("draft", "usage", "--csv", "uses.csv", "--on", "consent.signed.json", "-o", "drafts", *more)


def signed(*files: Path, input: str | None = None) -> Result:
    return run("sign", *files, "--key", "brand.key", "--passphrase-file", "phrase", input=input)


class TestAssets:
    @pytest.mark.parametrize("kind", ["usage", "approval"])
    def test_files_are_named_by_hash(self, desk: Path, kind: str) -> None:
        files = ("--asset", "b.jpg", "a.jpg", "--asset", "a.jpg")
        text = done("draft", kind, "--on", "consent.signed.json", *files).stdout
        wanted = sorted(sha256(name).hexdigest() for name in (b"a.jpg", b"b.jpg"))
        assert "assets = [" + ", ".join(f'"{one}"' for one in wanted) + "]" in text

    def test_a_twin_too(self, desk: Path) -> None:
        assert sha256(b"a.jpg").hexdigest() in done("draft", "twin", "--asset", "a.jpg").stdout

    @pytest.mark.parametrize(
        "arguments",
        [("consent", "--asset", "a.jpg"), ("usage", "a.jpg"), ("usage", "--asset", "no.jpg"), ("usage", "--with", "x"),
         ("usage", "--csv", "a.jpg"), ("consent", "--csv", "a.jpg", "-o", "x")],
    )  # fmt: skip
    def test_not_elsewhere(self, desk: Path, arguments: tuple[str, ...]) -> None:
        assert run("draft", *arguments).exit_code == 2

    def test_a_mandate_with_an_agency(self, desk: Path) -> None:
        assert f'agency = "{"ab" * 32}"' in done("draft", "mandate", "--with", "ab" * 32).stdout


class TestTable:
    def test_one_draft_a_row(self, desk: Path) -> None:
        table(row(), row("b.jpg;c.jpg", countries='"DE, FR"'))
        result = drafted()
        assert result.exit_code == 0, result.output
        first, second = sorted(Path("drafts").iterdir())
        assert (first.name, second.name) == ("uses-2.toml", "uses-3.toml")
        done("sign", second, "--key", "brand.key", "--passphrase-file", "phrase", "--yes")
        submission = parse_submission(Path("drafts/uses-3.signed.json").read_bytes())
        usage = submission.statement()
        assert isinstance(usage, Usage)
        assert usage.assets == tuple(sorted(sha256(name).hexdigest() for name in (b"b.jpg", b"c.jpg")))
        _, terms = submission.opened()["terms"]
        assert isinstance(terms, UsageTerms)
        assert (terms.countries, terms.channels, terms.targeted) == (("DE", "FR"), ("social",), True)

    def test_what_all_rows_stand_on_is_asked_for_once(self, desk: Path) -> None:
        table(row(), row("b.jpg"), row("c.jpg"))
        for on in ("ab" * 32, "no.signed.json"):
            result = run("draft", "usage", "--csv", "uses.csv", "--on", on, "-o", "drafts")
            assert result.exit_code == 2 and len(result.stderr.splitlines()) == 1 and not Path("drafts").exists()

    def test_what_some_rows_stand_on_is_asked_for_once(self, desk: Path) -> None:
        """It would cost a passphrase, or a question to the registry, for each of them."""
        tried: list[str | None] = []

        def basis(on: str | None) -> Basis:
            tried.append(on)
            raise Failure(f"no {on}")

        header = HEADER.replace("asset", "on,asset")
        lines = [f"{on},{row()}" for on in ("ab" * 32, "cd" * 32) for _ in range(3)]
        path = table(*lines, header=header)
        assert not draft_rows(path, "usage", None, Path("drafts"), basis, choose("en"))
        assert tried == ["ab" * 32, "cd" * 32]

    def test_a_bad_row_stops_no_other_and_is_told_by_its_number(self, desk: Path) -> None:
        table(row(), row("missing.jpg"), row(starts="01/12/2026"), "", row("b.jpg", countries="XX"), row("c.jpg"))
        result = drafted()
        assert result.exit_code == 2
        assert [file.name for file in sorted(Path("drafts").iterdir())] == ["uses-2.toml", "uses-7.toml"]
        told = [line for line in result.stderr.splitlines() if ", row " in line]
        assert [line.split(":")[0] for line in told] == [f"uses.csv, row {number}" for number in (3, 4, 6)]
        assert "missing.jpg" in told[0] and "starts" in told[1]
        # The mended table is given again; what was good stays as it is.
        before = Path("drafts/uses-2.toml").stat().st_mtime_ns
        table(row(), row("b.jpg"), row(), "", row("b.jpg"), row("c.jpg"))
        assert drafted().exit_code == 0
        assert len(list(Path("drafts").iterdir())) == 5
        assert Path("drafts/uses-2.toml").stat().st_mtime_ns == before

    def test_a_draft_that_somebody_changed_is_not_overwritten(self, desk: Path) -> None:
        table(row())
        drafted()
        Path("drafts/uses-2.toml").write_text("mine")
        result = drafted()
        assert result.exit_code == 2 and "exists already" in result.stderr
        assert Path("drafts/uses-2.toml").read_text() == "mine"

    @pytest.mark.parametrize("bom", ["", "\ufeff"])
    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_as_spreadsheets_write_it(self, desk: Path, bom: str, end: str, delimiter: str) -> None:
        text = f"{HEADER}{row()}\n".replace(",", delimiter).replace("\n", end)
        Path("uses.csv").write_bytes((bom + text).encode())
        assert drafted().exit_code == 0

    def test_consent_and_name_by_row(self, desk: Path) -> None:
        table(f"{row()},consent.signed.json,hero", header=HEADER.strip() + ",on,draft\n")
        done("draft", "usage", "--csv", "uses.csv", "-o", "drafts")
        assert Path("drafts/hero.toml").exists()

    @pytest.mark.parametrize(
        "data, said",
        [
            (b"asset,startz\n", "'startz': starts?"),
            (b"asset,asset\n", "two columns"),
            (b"\xff\xfe", "UTF-8"),
            (b"", "names no column"),
            (b'asset\n"a', "not a table"),
        ],
    )
    def test_what_is_no_table(self, desk: Path, data: bytes, said: str) -> None:
        Path("uses.csv").write_bytes(data)
        result = drafted()
        assert result.exit_code == 2 and said in result.stderr, result.output
        assert not Path("drafts").exists()

    @pytest.mark.parametrize("name", ["../x", "/x", ".x", "a/b"])
    def test_a_name_does_not_leave_the_folder(self, desk: Path, name: str) -> None:
        table(f"{row()},{name}", header=HEADER.strip() + ",draft\n")
        assert drafted().exit_code == 2
        assert list(Path("drafts").iterdir()) == []


class TestSignMany:
    def test_one_summary_one_yes(self, desk: Path) -> None:
        table(*(row() for _ in range(20)))
        drafted()
        result = signed(*sorted(Path("drafts").glob("*.toml")), input="y\n")
        assert result.exit_code == 0, result.output
        assert result.stderr.count("[y/N]") == 1 and "Sign all 20?" in result.stderr
        assert "1 file under consent" in result.stdout and "DE, FR" in result.stdout
        files = list(Path("drafts").glob("*.signed.json"))
        assert len(files) == 20
        assert all(len(parse_submission(file.read_bytes()).signatures) == 1 for file in files)

    def test_no_signs_nothing(self, desk: Path) -> None:
        table(row(), row())
        drafted()
        assert signed(*sorted(Path("drafts").glob("*.toml")), input="n\n").exit_code == 1
        assert list(Path("drafts").glob("*.signed.json")) == []

    def test_one_bad_file_stops_none(self, desk: Path) -> None:
        table(row(), row())
        drafted()
        Path("drafts/bad.toml").write_text("kembar = 2\n")
        files = [*sorted(Path("drafts").glob("*.toml")), Path("a.jpg")]
        result = signed(*files, input="y\n")
        assert result.exit_code == 2
        assert result.stderr.count("LEFT OUT") == 2
        assert result.stderr.index("LEFT OUT") < result.stderr.index("Sign all 2?")
        assert len(list(Path("drafts").glob("*.signed.json"))) == 2

    def test_what_is_no_usage_is_shown_in_full(self, desk: Path) -> None:
        table(row())
        drafted()
        result = signed(Path("drafts/uses-2.toml"), Path("consent.signed.json"), input="n\n")
        assert "channels" in result.stdout.lower() and result.stdout.count("\n") > 20

    def test_for_scripts(self, desk: Path) -> None:
        table(row(), row())
        drafted()
        files = sorted(Path("drafts").glob("*.toml"))
        result = run("sign", *files, "a.jpg", "--key", "brand.key", "--passphrase-file", "phrase", "--yes", "--json")
        assert result.exit_code == 2
        values = [json.loads(line) for line in result.stdout.splitlines()]
        assert [sorted(one) for one in values] == [["file", "id", "signedNow", "type"]] * 2 + [["error", "file"]]

    def test_a_registry_is_asked_whose_keys_are_live(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        for url in _a_brand_s_registry(tmp_path):
            table(row(), row())
            drafted()
            files = sorted(Path("drafts").glob("*.toml"))
            strange = run("sign", *files, "--key", "stranger.key", "--registry", url, "--yes")
            assert strange.exit_code == 2 and "not asked for" in strange.stderr
            assert run("sign", *files, "--key", "brand.key", "--registry", url, "--yes").exit_code == 0


def _a_brand_s_registry(folder: Path) -> Iterator[str]:
    served = Served(folder / "registry")
    consent, everybody = served.story()
    served.accept(*everybody)
    served.service.close()
    (folder / "consent.signed.json").write_bytes(raw(consent))
    (folder / "brand.key").write_bytes(format_key(everybody[1].keys[0], None))  # type: ignore[union-attr]
    (folder / "a.jpg").write_bytes(b"a.jpg")
    done("keygen", "stranger.key", "--no-passphrase")
    with running(folder / "registry") as server:
        yield server.url
