"""PDFs with evidence that are nearly right: marks, lengths, digests changed, doubled, moved; a function of a number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from tests.support.evidence_pdf_cases import HEAD, TAIL, framed
from tests.support.mutants import Right, right_ones
from verifier.evidence.pdf import AFTER, BEFORE, MARK

Change = Callable[[Random, bytes], bytes]


def pdf_mutant(number: int) -> Right:
    """A right PDF, and what was done to it; some are left as they are."""
    random = Random(f"pdf {number}")
    right = random.choice(right_ones())
    data = HEAD + framed(right.evidence) + TAIL
    for _ in range(random.choice((0, 1, 1, 1, 2))):
        data = random.choice(CHANGES)(random, data)
    return replace(right, evidence=data)


def _near_a_mark(random: Random, data: bytes) -> bytes:
    """A byte flipped, added or gone where the mark and what frames the evidence stand."""
    edges = [data.find(MARK), data.find(MARK) + len(MARK) + 10, data.find(BEFORE), data.rfind(AFTER)]
    place = max(0, min(len(data) - 1, random.choice(edges) + random.randrange(-6, 24)))
    match random.randrange(3):
        case 0:
            return data[:place] + bytes([data[place] ^ 1 << random.randrange(8)]) + data[place + 1 :]
        case 1:
            return data[:place] + random.choice((b" ", b"\n", b"\r", b"0", b"(", b"\xff")) + data[place:]
    return data[:place] + data[place + 1 :]


def _anywhere(random: Random, data: bytes) -> bytes:
    """A byte flipped."""
    place = random.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << random.randrange(8)]) + data[place + 1 :]


def _mark_more(random: Random, data: bytes) -> bytes:
    """A mark, or a piece of one, put somewhere."""
    place = random.randrange(len(data))
    return data[:place] + MARK[: random.choice((len(MARK), len(MARK) - 1, 9))] + data[place:]


def _twice(random: Random, data: bytes) -> bytes:
    """A stretch of it once more, from the mark on or from anywhere."""
    start = random.choice((max(data.find(MARK), 0), random.randrange(len(data))))
    stretch = data[start : start + random.choice((30, 200, len(data)))]
    place = random.randrange(len(data))
    return data[:place] + stretch + data[place:]


def _other_number(random: Random, data: bytes) -> bytes:
    """Another length in the mark."""
    start = data.find(MARK) + len(MARK)
    old = data[start : start + 10]
    length = int(old) if old.isdigit() else 0
    new = random.choice((length + random.randrange(-3, 4), 0, 10**10 - 1, length * 2, random.randrange(10**9)))
    return data[:start] + b"%010d" % max(new, 0) + data[start + 10 :]


def _evidence_more(random: Random, data: bytes) -> bytes:
    """The evidence longer or shorter, the mark with it or not."""
    end = data.rfind(AFTER)
    return data[: end - random.randrange(3)] + random.choice((b"", b"\n", b" ", b"}")) + data[end:]


def _cut(random: Random, data: bytes) -> bytes:
    return data[: random.randrange(1, len(data))]


CHANGES: tuple[Change, ...] = (
    _near_a_mark, _near_a_mark, _anywhere, _mark_more, _twice, _other_number, _evidence_more, _cut,
)  # fmt: skip
