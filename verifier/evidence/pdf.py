"""Evidence in a PDF: found by the marks around it, and nothing else of the PDF is read (protocol, section 7.5).

What a PDF's pages say is never looked at: whoever makes the file can write there what she likes.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final

from verifier.base.errors import Malformed

MAGIC: Final = b"%PDF-"
MARK: Final = b"\n/KembarEvidence ("
"""Where it begins. A line feed stands in no canonical JSON, so that a mark is never a part of evidence."""
BEFORE: Final = b")\n>>\nstream\n"
AFTER: Final = b"\nendstream\n"

_SAID = re.compile(rb"([0-9]{10}) ([0-9a-f]{64})" + re.escape(BEFORE))
_LENGTH = 10 + 1 + 64 + len(BEFORE)


def is_pdf(data: bytes) -> bool:
    """Whether a file says that it is a PDF. No evidence begins so."""
    return data.startswith(MAGIC)


def evidence_in(pdf: bytes, limit: int) -> bytes:
    """What a PDF of at most ``limit`` bytes holds once and whole; else raises :class:`Malformed`. A file that is no PDF
    is all evidence, or none."""
    if not is_pdf(pdf):
        return pdf
    if len(pdf) > limit:
        raise Malformed(f"a PDF of {len(pdf)} bytes, at most {limit} are allowed")
    mark = pdf.find(MARK)
    if mark < 0:
        raise Malformed("this PDF holds no evidence")
    if pdf.find(MARK, mark + 1) >= 0:
        raise Malformed("this PDF holds evidence more than once")
    start = mark + len(MARK) + _LENGTH
    said = _SAID.fullmatch(pdf[mark + len(MARK) : start])
    if said is None:
        raise Malformed("the mark of the evidence in this PDF is not as it must be")
    end = start + int(said[1])
    if pdf[end : end + len(AFTER)] != AFTER:
        raise Malformed("the evidence in this PDF has another length than its mark says")
    evidence = pdf[start:end]
    if sha256(evidence).hexdigest() != said[2].decode("ascii"):
        raise Malformed("the evidence in this PDF has another SHA-256 than its mark says")
    return evidence
