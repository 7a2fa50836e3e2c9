"""Evidence in a PDF: the verdict is that of the evidence alone; what is not one whole file between marks is refused."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.support import evidence_cases  # noqa: F401 -- which adds its cases
from tests.support.evidence_making import CASES, base
from tests.support.evidence_pdf_cases import HEAD, framed, pdf
from verifier.base.errors import Malformed
from verifier.evidence.build import marked
from verifier.evidence.file import MAX_EVIDENCE, Invalid
from verifier.evidence.pdf import evidence_in, is_pdf
from verifier.evidence.verdict_json import format_verdict
from verifier.evidence.verify import open_evidence, verify
from verifier.log.trust import parse_policy
from verifier.programs.cli import main

NONE = "this PDF holds no evidence"
TWICE = "this PDF holds evidence more than once"
MARK = "the mark of the evidence in this PDF is not as it must be"
LENGTH = "the evidence in this PDF has another length than its mark says"
DIGEST = "the evidence in this PDF has another SHA-256 than its mark says"

WHY = {
    "none": NONE, "bare": NONE, "compressed": NONE, "carriage-returns": MARK, "twice": TWICE, "twice-another": TWICE,
    "second-mark-alone": TWICE, "mark-alone-before": TWICE, "marks-within-evidence": TWICE, "mark-at-the-end": MARK,
    "mark-cut-short": MARK, "length-of-nine-digits": MARK, "length-of-eleven-digits": MARK, "length-with-a-sign": MARK,
    "length-in-other-digits": MARK, "digest-in-capitals": MARK, "dictionary-goes-on": MARK, "length-one-less": LENGTH,
    "length-one-more": LENGTH, "length-of-all-the-rest": LENGTH, "length-beyond-the-end": LENGTH,
    "length-of-nothing": LENGTH, "length-largest": LENGTH, "no-end": LENGTH, "end-without-line-feed": LENGTH,
    "digest-of-another": DIGEST, "byte-of-evidence-changed": DIGEST,
}  # fmt: skip
"""Why each wrong case is refused."""
CONTENT = {"pdf-within", "not-canonical", "empty", "not-at-the-beginning", "another-beginning"}
"""What is between the marks, or stands there instead of a PDF, is no evidence."""


def said(evidence: bytes) -> bytes:
    b = base()
    return format_verdict(verify(evidence, parse_policy(b.world.policy()), instant=b.world.now))


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("pdf-")])
def test_the_verdict_is_that_of_the_evidence_alone(name: str) -> None:
    case = CASES[name]()
    assert is_pdf(case.evidence)
    assert evidence_in(case.evidence, MAX_EVIDENCE) == base().data
    assert said(case.evidence) == said(base().data)


@pytest.mark.parametrize("name", WHY)
def test_each_is_refused_for_its_own_reason(name: str) -> None:
    case = CASES[f"step01-pdf-{name}"]()
    with pytest.raises(Invalid) as refused:
        open_evidence(case.evidence, parse_policy(case.policy), instant=case.instant)
    assert (refused.value.step, refused.value.message) == (1, WHY[name])


def test_every_case_has_its_reason() -> None:
    names = {name.removeprefix("step01-pdf-") for name in CASES if name.startswith("step01-pdf-")}
    assert names == WHY.keys() | CONTENT


def test_the_file_may_be_as_large_as_evidence_and_no_larger() -> None:
    whole = pdf(framed(base().data))
    assert evidence_in(whole, len(whole)) == base().data
    with pytest.raises(Malformed, match="at most"):
        evidence_in(whole, len(whole) - 1)


@pytest.mark.parametrize("unit", [b"\n", b"\n/KembarEvidence", b"\n/KembarEvidence "])
def test_the_largest_are_refused_in_time(unit: bytes) -> None:
    data = HEAD + unit * ((MAX_EVIDENCE - len(HEAD)) // len(unit))
    started = time.monotonic()
    with pytest.raises(Malformed, match=NONE):
        evidence_in(data, MAX_EVIDENCE)
    assert time.monotonic() - started < 10


def test_the_mark_says_length_and_digest_in_fixed_places() -> None:
    assert marked(b"abc") == (
        b"\n/KembarEvidence (0000000003 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad)\n>>\nstream\n"
    )


def test_the_commands_say_so(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """That the pages were not checked."""
    b = base()
    (tmp_path / "trust.policy").write_text(b.world.policy())
    (tmp_path / "one.evidence.json").write_bytes(b.data)
    (tmp_path / "one.pdf").write_bytes(pdf(framed(b.data)))
    sentence = {"en": b"What its pages say was not.", "id": b"bukan isi halamannya."}
    for command in ("check", "statement"):
        for language, words in sentence.items():
            told, status = {}, {}
            for name in ("one.evidence.json", "one.pdf"):
                more = ["--trust", str(tmp_path / "trust.policy"), "--language", language]
                status[name] = main([command, str(tmp_path / name), *more])
                told[name] = capfdbinary.readouterr().out
            assert words in told["one.pdf"] and words not in told["one.evidence.json"]
            assert status["one.pdf"] == status["one.evidence.json"] == 3
    files = [str(tmp_path / name) for name in ("one.pdf", "one.evidence.json")]
    main(["check", *files, "--trust", str(tmp_path / "trust.policy")])
    first, second, *_ = capfdbinary.readouterr().out.splitlines()
    assert sentence["en"] in first and sentence["en"] not in second
