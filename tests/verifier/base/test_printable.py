"""Text of others as it is shown: by a fixed list of code points, the protocol's."""

from __future__ import annotations

import json
import re

import pytest

from tests.support.root import ROOT, VECTORS
from verifier.base.printable import flat, printable

CASES = json.loads((VECTORS / "encoding" / "printable.json").read_text())["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_vectors(case: dict[str, str]) -> None:
    assert printable(case["input"]) == case["printable"]
    assert flat(case["input"]) == case["flat"]


def test_a_half_of_a_pair_is_written_out() -> None:
    assert printable("a\ud800b") == "a\\u{d800}b"
    assert flat("a\udfffb") == "a b"


def test_the_list_is_that_of_the_protocol() -> None:
    text = (ROOT / "docs" / "protocol.md").read_text().partition("### 4.4 ")[2].partition("\n## 5.")[0]
    table, _, after = text.partition("*Written out:*")
    spaces = after.partition("each\nspace (")[2].partition(")")[0]
    unseen = points(" ".join(line.split("|")[1] for line in table.split("\n") if re.match(r"\| [0-9A-F]{4}", line)))
    every = [chr(point) for point in range(0x110000)]
    assert {ord(one) for one in every if printable(one) != one} == unseen
    assert {ord(one) for one in every if flat(one) == ""} == unseen | points(spaces)


def points(text: str) -> set[int]:
    spans = [span.partition("–") for span in re.findall(r"[0-9A-F]{4,5}(?:–[0-9A-F]{4,5})?", text)]
    return {point for first, _, last in spans for point in range(int(first, 16), int(last or first, 16) + 1)}
