"""The verifier's commands in another language than English: no English sentence is left in what they say."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.support.audited_logs import publish
from tests.support.english import english_in
from tests.support.evidence_making import edit, put
from tests.support.world import World
from verifier.base.strict import format_instant
from verifier.programs.cli import main
from verifier.programs.language import DEFAULT, english, languages

OTHERS = [language for language in languages() if language != DEFAULT]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Evidence of all kinds, with yes, no and unknown; and the log that it is from."""
    folder = tmp_path_factory.mktemp("desk")
    world = World(witnesses=["ada"], quorum="1")
    anna, brand = world.party("anna", roles=["model"]), world.party("brand", roles=["licensee"])
    consent = world.consent(model=anna, licensee=brand)
    usage = world.usage(consent)
    world.receipt(consent, payee=anna, amount=100_000)
    denied = world.usage(consent, ["denied.jpg"], terms={"purpose": "editorial"})
    void = world.usage(consent, ["void.jpg"], signers=[anna])
    world.revocation(consent=consent)
    world.seal()
    files = {
        "usage": world.evidence(usage),
        "nothing": world.evidence(usage, only_sections=[]),
        "denied": world.evidence(denied),
        "void": world.evidence(void),
        "consent": world.evidence(consent),
        "party": world.evidence(anna),
        "asset": world.evidence("hero.jpg"),
        "unknown": world.evidence("unknown.jpg"),
        "invalid": edit(put("entries.1.index", 10**6), world.evidence(usage)),
    }
    for name, data in files.items():
        (folder / f"{name}.evidence.json").write_bytes(data)
    (folder / "policy").write_text(world.policy(), "utf-8")
    (folder / "at").write_text(format_instant(world.now + 90 * 86_400))
    (folder / "party").write_text(anna.id)
    publish(world, folder / "log")
    return folder


@pytest.fixture(params=OTHERS)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def said(capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str) -> str:
    main([one.replace("DIR", str(folder)) for one in arguments])
    out, err = capsys.readouterr()
    return out + err


NAMES = ["usage", "nothing", "denied", "void", "consent", "party", "asset", "unknown", "invalid"]
TRUST = ("--trust", "DIR/policy")


class TestNoEnglish:
    @pytest.mark.parametrize("name", NAMES)
    def test_check(self, name: str, folder: Path, language: str, capsys: pytest.CaptureFixture[str]) -> None:
        at = ("--at", (folder / "at").read_text(), "--max-age", "9999")
        text = said(capsys, folder, "check", f"DIR/{name}.evidence.json", *TRUST, *at, "--language", language)
        assert len(text) > 200 and english_in(text, language) == {}

    @pytest.mark.parametrize("name", ["usage", "party", "nothing"])
    def test_statement(self, name: str, folder: Path, language: str, capsys: pytest.CaptureFixture[str]) -> None:
        text = said(capsys, folder, "statement", f"DIR/{name}.evidence.json", *TRUST, "--language", language)
        assert len(text) > 200 and english_in(text, language) == {}

    @pytest.mark.parametrize("name", ["usage", "unknown"])
    def test_inspect(self, name: str, folder: Path, language: str, capsys: pytest.CaptureFixture[str]) -> None:
        text = said(capsys, folder, "inspect", f"DIR/{name}.evidence.json", "--language", language)
        assert len(text) > 200 and english_in(text, language) == {}

    def test_many_and_their_reports(
        self, folder: Path, tmp_path: Path, language: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        page, table = tmp_path / "r.html", tmp_path / "r.csv"
        reports = ("--report", str(page), "--report", str(table))
        text = said(capsys, folder, "check", "DIR", *TRUST, *reports, "--language", language)
        assert english_in(text, language) == {}
        html = page.read_text("utf-8")
        assert f'<html lang="{language}">' in html and english_in(html, language) == {}
        rows = list(csv.reader(table.read_text("utf-8").splitlines()))
        assert len(rows) > 3 and english_in("\n".join(" ".join(row) for row in rows), language) == {}

    @pytest.mark.parametrize("more", [(), ("--sample", "5")])
    def test_audit(
        self, more: tuple[str, ...], folder: Path, language: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        text = said(capsys, folder, "audit", "DIR/log", *TRUST, "--jobs", "1", *more, "--language", language)
        assert len(text) > 100 and english_in(text, language) == {}

    def test_watch(self, folder: Path, tmp_path: Path, language: str, capsys: pytest.CaptureFixture[str]) -> None:
        party = (folder / "party").read_text()
        once = ("--party", party, "--from-start", "--once", "-o", str(tmp_path))
        text = said(capsys, folder, "watch", "DIR/log", *TRUST, *once, "--language", language)
        assert len(text) > 400 and english_in(text, language) == {}

    @pytest.mark.parametrize("name", ["usage", "unknown"])
    def test_compare(
        self, name: str, folder: Path, tmp_path: Path, language: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        out = ("-o", str(tmp_path), "--language", language)
        text = said(capsys, folder, "compare", f"DIR/{name}.evidence.json", *TRUST, *out)
        assert text and english_in(text, language) == {}

    @pytest.mark.parametrize(
        "arguments",
        [
            ("check", "DIR/missing", *TRUST),
            ("check", "DIR/usage.evidence.json", "--trust", "DIR/missing"),
            ("check", "DIR/consent.evidence.json", *TRUST, "--ask", "paid"),
            ("check", "DIR/a", "DIR/b", *TRUST, "--asset", "DIR/policy"),
            ("statement", "DIR/usage.evidence.json", *TRUST, "--payee", "x"),
            ("watch", "DIR/log", *TRUST),
        ],
    )
    def test_what_cannot_be_used(
        self, arguments: tuple[str, ...], folder: Path, language: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        text = said(capsys, folder, *arguments, "--language", language)
        assert text and english_in(text, language) == {}


def test_json_is_the_same_in_every_language(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in NAMES:
        arguments = ("check", f"DIR/{name}.evidence.json", *TRUST, "--at", (folder / "at").read_text(), "--json")
        texts = {said(capsys, folder, *arguments, "--language", language) for language in languages()}
        assert len(texts) == 1


def test_the_locale_is_followed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "id_ID.UTF-8")
    text = said(capsys, folder, "inspect", "DIR/usage.evidence.json")
    assert text.startswith("TIDAK ADA YANG DIPERIKSA DI BAWAH INI.")


def test_english_is_found() -> None:
    text = english().say("explain.invalid_answers_nothing").replace("neither", "neither\n   ")
    assert english_in(text) == {"explain.invalid_answers_nothing": "It answers nothing, neither yes nor no"}
