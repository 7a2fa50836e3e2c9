"""Evidence in PDFs, right and wrong: none of them, two of them, other lengths and digests than their marks say.

A case has as much of a PDF as it takes: no reader of evidence looks at more.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

from tests.support.evidence_making import CASES, Case, base, case, edit, put, wrong
from verifier.evidence.build import marked
from verifier.evidence.pdf import AFTER

HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<\n/Type /EmbeddedFile\n/Length 0"
TAIL = b"endobj\ntrailer\n<<\n/Root 2 0 R\n>>\n%%EOF\n"


def framed(evidence: bytes) -> bytes:
    """Evidence between its marks."""
    return marked(evidence) + evidence + AFTER


def pdf(*parts: bytes) -> bytes:
    """What begins and ends as a PDF does."""
    return b"".join((HEAD, *parts, TAIL))


def good(evidence: bytes) -> Case:
    """A case under the base's policy that yields a verdict: that of the evidence alone, which shows too few lists."""
    b = base()
    expected = {"outcome": "verdict", "authorised": "CANNOT_TELL"}
    return Case(evidence=evidence, policy=b.world.policy(), instant=b.world.now, step=0, expected=expected)


@case
def pdf_with_evidence() -> Case:
    return good(pdf(framed(base().data)))


@case
def pdf_with_what_is_nearly_a_mark() -> Case:
    """Only what begins a line is a mark, and text in canonical JSON never does."""
    nearly = b" /KembarEvidence (\n/KembarEvidences (\n/KembarEvidence(\r/KembarEvidence ("
    return good(pdf(nearly, framed(base().data), b"\nstream\n"))


@case
def pdf_that_is_cut_short_after_the_evidence() -> Case:
    return good(HEAD + framed(base().data))


def _wrong(name: str, make: Callable[[bytes], bytes]) -> None:
    CASES[f"step01-pdf-{name}"] = lambda: wrong(1, make(base().data))


def _mark_changed(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def make(data: bytes) -> bytes:
        mark = marked(data)
        assert old in mark
        return pdf(mark.replace(old, new, 1), data, AFTER)

    return make


def _other_length(by: int) -> Callable[[bytes], bytes]:
    return lambda data: pdf(marked(data).replace(b"%010d" % len(data), b"%010d" % (len(data) + by)), data, AFTER)


_wrong("none", lambda data: pdf())
_wrong("bare", lambda data: pdf(b"\nstream\n", data, AFTER))
_wrong("compressed", lambda data: pdf(b"\n>>\nstream\n", zlib.compress(data, 9), AFTER))
_wrong("twice", lambda data: pdf(framed(data), framed(data)))
_wrong("twice-another", lambda data: pdf(framed(data), framed(edit(put("checkpoint", "x")))))
_wrong("second-mark-alone", lambda data: pdf(framed(data), b"\n/KembarEvidence ("))
_wrong("mark-alone-before", lambda data: pdf(b"\n/KembarEvidence (", framed(data)))
_wrong("mark-at-the-end", lambda data: HEAD + b"\n/KembarEvidence (")
_wrong("mark-cut-short", lambda data: HEAD + marked(data)[:-1])
_wrong("marks-within-evidence", lambda data: pdf(framed(framed(data))))
_wrong("pdf-within", lambda data: pdf(framed(pdf(framed(data)[1:]))))
_wrong("length-one-less", _other_length(-1))
_wrong("length-one-more", _other_length(1))
_wrong("length-of-all-the-rest", _other_length(len(AFTER + TAIL)))
_wrong("length-beyond-the-end", _other_length(1 << 20))
_wrong("length-of-nothing", lambda data: _other_length(-len(data))(data))
_wrong("length-largest", lambda data: _mark_changed(b"%010d" % len(data), b"9999999999")(data))
_wrong("length-of-nine-digits", _mark_changed(b"(0", b"("))
_wrong("length-of-eleven-digits", _mark_changed(b"(0", b"(00"))
_wrong("length-with-a-sign", _mark_changed(b"(0", b"(+"))
_wrong("length-in-other-digits", _mark_changed(b"(00", b"(\xd9\xa0"))  # an Arabic-Indic zero
_wrong("digest-of-another", lambda data: pdf(marked(data[:-2] + b"0}"), data, AFTER))
_wrong("digest-in-capitals", lambda data: pdf(framed(data)[:28], framed(data)[28:93].upper(), framed(data)[93:]))
_wrong("byte-of-evidence-changed", lambda data: pdf(marked(data), data[:-3] + b"!" + data[-2:], AFTER))
_wrong("carriage-returns", lambda data: pdf(framed(data)).replace(b"\n", b"\r\n"))
_wrong("dictionary-goes-on", _mark_changed(b")\n>>", b")\n/X 1\n>>"))
_wrong("no-end", lambda data: pdf(marked(data), data, b"\nendobj\n"))
_wrong("end-without-line-feed", lambda data: pdf(marked(data), data, b"endstream\n"))
_wrong("not-canonical", lambda data: pdf(framed(data + b"\n")))
_wrong("empty", lambda data: pdf(framed(b"")))
_wrong("not-at-the-beginning", lambda data: b"\n" + pdf(framed(data)))
_wrong("another-beginning", lambda data: pdf(framed(data)).replace(b"%PDF-", b"%pdf-", 1))
