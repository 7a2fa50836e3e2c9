"""Papers as files: the same bytes every time, PDF/A-3 as far as that shows, and evidence that both verifiers find."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, cast

import pytest
from pypdf import PdfReader
from pypdf.generic import IndirectObject

from registry.paper.account import statement
from registry.paper.archive import TooMuchEvidence
from registry.paper.certificate import certificate
from registry.paper.memo import memo
from registry.paper.sheet import Sheet
from tests.support.papers import Deal, attached
from tests.support.root import ROOT
from verifier.base.strict import format_instant
from verifier.evidence.file import MAX_EVIDENCE, MEDIA_TYPE
from verifier.evidence.pdf import evidence_in
from verifier.evidence.verdict_json import format_verdict
from verifier.evidence.verify import verify
from verifier.log.trust import parse_policy


@pytest.fixture(scope="module")
def deal() -> Deal:
    made = Deal()
    made.use()
    made.pay(ayu=80_000, senja=20_000)
    return made


@pytest.fixture(scope="module")
def papers(deal: Deal) -> dict[str, bytes]:
    use = deal.use("second.jpg")
    deal.pay(ayu=80_000, senja=20_000)
    return {
        "certificate": certificate(deal.basis(use, url="https://registry.example/")),
        "statement": statement(deal.basis(deal.ayu)),
        "memo": memo(deal.basis(deal.consent, "id")),
    }


def opened(pdf: bytes) -> Any:
    """Its catalogue."""
    return PdfReader(io.BytesIO(pdf), strict=True).trailer["/Root"].get_object()


def test_the_same_evidence_makes_the_same_bytes_in_another_process_at_another_time(deal: Deal, tmp_path: Path) -> None:
    (tmp_path / "trust.policy").write_text(deal.world.policy())
    (tmp_path / "book.evidence.json").write_bytes(deal.world.evidence(deal.ayu))
    made = []
    for seed, zone in (("1", "UTC"), ("2", "Pacific/Auckland")):
        output = tmp_path / f"{seed}.pdf"
        command = ["paper", "statement", "book.evidence.json", "--trust", "trust.policy", "-o", str(output)]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(ROOT), "LANG": "C"}
        environment["XDG_CONFIG_HOME"] = str(tmp_path / "config")
        subprocess.run([sys.executable, "-m", "registry", *command], cwd=tmp_path, env=environment, check=True)
        made.append(output.read_bytes())
        time.sleep(1.1)  # a file that says when it was written says another second
    assert made[0] == made[1]


@pytest.mark.parametrize("name", ["certificate", "statement", "memo"])
class TestEach:
    def test_the_evidence_is_in_it_once_and_as_it_is(self, papers: dict[str, bytes], deal: Deal, name: str) -> None:
        evidence = evidence_in(papers[name], MAX_EVIDENCE)
        assert papers[name].count(evidence) == 1
        assert list(attached(papers[name]).values()) == [evidence], "a reader of PDFs finds the same"

    def test_its_verdict_is_that_of_the_evidence(self, papers: dict[str, bytes], deal: Deal, name: str) -> None:
        policy, now = parse_policy(deal.world.policy()), deal.world.now
        evidence = evidence_in(papers[name], MAX_EVIDENCE)
        said = format_verdict(verify(papers[name], policy, instant=now))
        assert said == format_verdict(verify(evidence, policy, instant=now))
        assert b'"outcome":"verdict"' in said

    def test_it_says_what_it_is(self, papers: dict[str, bytes], deal: Deal, name: str) -> None:
        root = opened(papers[name])
        xmp = root["/Metadata"].get_object().get_data().decode()
        assert "<pdfaid:part>3</pdfaid:part>" in xmp and "<pdfaid:conformance>B</pdfaid:conformance>" in xmp
        made = format_instant(deal.basis(deal.ayu).opened.facts.as_of)[:10]
        assert set(re.findall(r"Date>(\d{4}-\d\d-\d\d)T", xmp)) == {made}
        assert re.search(r"x-default\">[A-Z][a-z ]+</rdf:li></rdf:Alt></dc:title>", xmp)
        assert root["/Lang"] == ("id" if name == "memo" else "en")

    def test_colours_and_fonts_are_in_it(self, papers: dict[str, bytes], name: str) -> None:
        root = opened(papers[name])
        [intent] = root["/OutputIntents"].get_object()
        assert intent.get_object()["/S"] == "/GTS_PDFA1"
        assert b"acsp" in intent.get_object()["/DestOutputProfile"].get_object().get_data()
        fonts = 0
        for page in PdfReader(io.BytesIO(papers[name])).pages:
            for font in cast(Any, page)["/Resources"]["/Font"].values():
                fonts += 1
                [below] = font.get_object()["/DescendantFonts"].get_object()
                assert "/FontFile2" in below.get_object()["/FontDescriptor"].get_object()
                assert "/ToUnicode" in font.get_object()
        assert fonts

    def test_the_evidence_is_an_associated_file(self, papers: dict[str, bytes], name: str) -> None:
        [spec] = opened(papers[name])["/AF"].get_object()
        assert spec.get_object()["/AFRelationship"] == "/Source"
        assert spec.get_object()["/EF"]["/F"].get_object()["/Subtype"].strip("/").replace("#2F", "/") == MEDIA_TYPE

    def test_what_stands_there_is_tagged_in_reading_order(self, papers: dict[str, bytes], name: str) -> None:
        root = opened(papers[name])
        assert root["/MarkInfo"].get_object()["/Marked"].value is True
        [document] = root["/StructTreeRoot"].get_object()["/K"]
        kinds = [one.get_object()["/S"] for one in document.get_object()["/K"]]
        assert kinds[0] == "/H1" and {"/H2", "/P"} <= set(kinds)
        for page in PdfReader(io.BytesIO(papers[name])).pages:
            content = page.get_contents()
            assert content is not None
            opening = re.findall(rb"/(\w+) (?:<</MCID \d+>> BDC|BMC)", content.get_data())
            assert len(opening) == content.get_data().count(b"\nEMC")

    def test_its_table_of_objects_is_right(self, papers: dict[str, bytes], name: str) -> None:
        data = papers[name]
        start = int(data.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
        assert data[start:].startswith(b"xref\n")
        for number, at in enumerate(re.findall(rb"(\d{10}) 00000 n", data[start:]), 1):
            assert data[int(at) :].startswith(b"%d 0 obj\n" % number)


def test_evidence_that_no_paper_can_carry_is_refused() -> None:
    sheet = Sheet("Statement", "en", 0)
    with pytest.raises(TooMuchEvidence):
        sheet.finish(bytes(MAX_EVIDENCE), "large.evidence.json")


def test_a_paper_without_evidence_says_so_to_a_verifier(deal: Deal) -> None:
    made = Sheet("Memo", "en", 0).finish(None, "")
    said = format_verdict(verify(made, parse_policy(deal.world.policy()), instant=deal.world.now))
    assert said == b'{"code":"not_canonical","outcome":"invalid","step":1}'
    assert attached(made) == {}


def test_the_id_of_the_file_is_made_of_its_bytes(papers: dict[str, bytes]) -> None:
    ids = {name: PdfReader(io.BytesIO(pdf)).trailer["/ID"] for name, pdf in papers.items()}
    assert len({str(one) for one in ids.values()}) == len(papers)
    assert not any(isinstance(one, IndirectObject) for one in ids.values())
