"""``registry paper``: from an evidence file to a PDF, offline; exit codes that say why there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from registry.cli import main
from tests.support.papers import Deal, attached, text_of
from tests.support.served import raw
from tests.support.world import DAY
from verifier.base.strict import format_instant
from verifier.programs.cli import main as verifier


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Evidence about a use that is paid, one that is late, one that is not due, a record book and a consent."""
    folder, deal = tmp_path_factory.mktemp("papers"), Deal()
    uses = {"paid": deal.use("paid.jpg")}
    deal.pay(ayu=80_000, senja=20_000)
    uses["late"] = deal.use("late.jpg")
    deal.world.advance(70 * DAY)
    uses["due"] = deal.use("due.jpg")
    for name, about in {**uses, "book": deal.ayu, "consent": deal.consent}.items():
        (folder / f"{name}.evidence.json").write_bytes(deal.world.evidence(about))
    (folder / "consent.signed.json").write_bytes(raw(deal.consent))
    (folder / "trust.policy").write_text(deal.world.policy())
    (folder / "ids.json").write_text(json.dumps({"ayu": deal.ayu.id, "larasati": deal.larasati.id}))
    (folder / "at").write_text(format_instant(deal.world.now))
    return folder


@pytest.fixture(autouse=True)
def here(desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["paper", *(str(one) for one in arguments)])


def made(tmp_path: Path, *arguments: object) -> bytes:
    result = run(*arguments, "--trust", "trust.policy", "-o", tmp_path / "made.pdf", "--replace")
    assert result.exit_code == 0, result.output
    return (tmp_path / "made.pdf").read_bytes()


def test_each_paper(desk: Path, tmp_path: Path) -> None:
    titles = {
        ("certificate", "paid.evidence.json"): "Certificate of clearance",
        ("certificate", "due.evidence.json", "--ask", "authorised"): "Certificate of clearance",
        ("statement", "book.evidence.json"): "Statement of account",
        ("overdue", "consent.evidence.json"): "Overdue notice",
        ("memo", "consent.evidence.json"): "Deal memo",
    }
    for arguments, title in titles.items():
        pdf = made(tmp_path, *arguments)
        assert text_of(pdf).startswith(f"Kembar {title}")
        assert list(attached(pdf).values()) == [(desk / arguments[1]).read_bytes()]


def test_whoever_gets_it_checks_it(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    made(tmp_path, "certificate", "paid.evidence.json")
    instant = Path("at").read_text()
    assert verifier(["check", str(tmp_path / "made.pdf"), "--trust", "trust.policy", "--at", instant]) == 0
    assert b"What its pages say was not." in capfdbinary.readouterr().out


def test_of_a_pdf_the_same_is_made(tmp_path: Path) -> None:
    first = made(tmp_path, "statement", "book.evidence.json", "--language", "id", "--zone", "Asia/Jakarta")
    (tmp_path / "first.pdf").write_bytes(first)
    assert made(tmp_path, "statement", tmp_path / "first.pdf", "--language", "id", "--zone", "Asia/Jakarta") == first
    assert "UTC+7" in text_of(first) and "Laporan pembayaran" in text_of(first)


@pytest.mark.parametrize("name, status", [("late", 1), ("due", 5)])
def test_no_certificate_says_why(tmp_path: Path, name: str, status: int) -> None:
    result = run("certificate", f"{name}.evidence.json", "--trust", "trust.policy", "-o", tmp_path / "none.pdf")
    assert result.exit_code == status
    assert "No certificate: it is made only where the answer is yes." in result.output
    assert not (tmp_path / "none.pdf").exists()


def test_a_statement_of_a_span_and_a_party(tmp_path: Path) -> None:
    ids = json.loads(Path("ids.json").read_text())
    span = ["--payee", ids["ayu"], "--to", Path("at").read_text()]
    text = text_of(made(tmp_path, "statement", "consent.evidence.json", *span))
    assert "The beginning to" in text and "EUR 800.00" in text
    assert "--from" in run("statement", "book.evidence.json", "--trust", "trust.policy", "-o", tmp_path / "x.pdf",
                           "--from", "yesterday").output  # fmt: skip


def test_an_overdue_notice_to_a_debtor(tmp_path: Path) -> None:
    ids = json.loads(Path("ids.json").read_text())
    text = text_of(made(tmp_path, "overdue", "book.evidence.json", "--debtor", ids["larasati"], "--payee", ids["ayu"]))
    assert "Larasati owes EUR 800.00" in text
    assert run("overdue", "paid.evidence.json", "--trust", "trust.policy", "-o", tmp_path / "x.pdf").exit_code == 2


def test_a_qr_code_leads_to_the_registry_that_is_named(tmp_path: Path) -> None:
    assert "https://registry.example/mine" in text_of(
        made(tmp_path, "statement", "book.evidence.json", "--url", "https://registry.example/")
    )
    assert "https://" not in text_of(made(tmp_path, "statement", "book.evidence.json"))


def test_what_is_not_in_the_log_has_a_memo_without_evidence(tmp_path: Path) -> None:
    pdf = made(tmp_path, "memo", "consent.signed.json")
    assert "there is no evidence of it" in text_of(pdf) and attached(pdf) == {}
    assert made(tmp_path, "memo", "consent.signed.json") == pdf


def test_what_is_no_evidence_is_told_by_its_exit_code(tmp_path: Path) -> None:
    (tmp_path / "forged.evidence.json").write_bytes(Path("book.evidence.json").read_bytes()[:-1])
    (tmp_path / "empty.pdf").write_bytes(b"%PDF-1.7\n")
    for name in ("forged.evidence.json", "empty.pdf"):
        result = run("statement", tmp_path / name, "--trust", "trust.policy", "-o", tmp_path / "x.pdf")
        assert result.exit_code == 4, result.output
    assert "this PDF holds no evidence" in result.output
    assert not (tmp_path / "x.pdf").exists()


def test_a_file_that_is_there_is_left(tmp_path: Path) -> None:
    made(tmp_path, "statement", "book.evidence.json")
    before = (tmp_path / "made.pdf").stat().st_mtime_ns
    assert run("statement", "book.evidence.json", "--trust", "trust.policy", "-o", tmp_path / "made.pdf").exit_code == 2
    assert (tmp_path / "made.pdf").stat().st_mtime_ns == before


@pytest.mark.parametrize(
    "arguments, words",
    [(["--zone", "Mars/Base"], "no zone"), (["--at", "now"], "--at"), ([], "Whom do you trust?")],
)
def test_a_wrong_call_is_told(tmp_path: Path, arguments: list[str], words: str) -> None:
    trust = ["--trust", "trust.policy"] if arguments else []
    result = run("statement", "book.evidence.json", *trust, "-o", tmp_path / "x.pdf", *arguments)
    assert result.exit_code == 2 and words in result.output


def test_for_scripts(tmp_path: Path) -> None:
    result = run("statement", "book.evidence.json", "--trust", "trust.policy", "-o", tmp_path / "x.pdf", "--json")
    said = json.loads(result.output)
    size = (tmp_path / "x.pdf").stat().st_size
    assert said == {"at": Path("at").read_text(), "bytes": size, "file": str(tmp_path / "x.pdf")}
