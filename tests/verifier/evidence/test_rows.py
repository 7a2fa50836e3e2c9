"""Long lists are packed while a text is read: what it says, and what is wrong with it, stays the same."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.root import ROOT
from tests.support.running import environment
from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.errors import Malformed
from verifier.base.strict import MAX_INTEGER
from verifier.evidence.apart import parse_apart
from verifier.evidence.row_search import holds_entry, rows_between
from verifier.evidence.rows import PackedRows, lists_apart

LIMIT = 1 << 20
LONG = [[index, 1763921115 + index // 3] for index in range(3, 1203, 2)]


def written(rows: object, **more: object) -> bytes:
    return canonical.encode({"list": rows, "subject": "party:x", **more})


def parse_packing(data: bytes, *, limit: int) -> Json:
    return parse_apart(data, *lists_apart(2), limit=limit)


def outcome(parse: Any, data: bytes) -> object:
    try:
        return parse(data, limit=LIMIT)
    except Malformed as error:
        return error.message


def test_a_long_list_is_packed() -> None:
    rows = parse_packing(written(LONG), limit=LIMIT)["list"]
    assert isinstance(rows, PackedRows)
    expected = [tuple(row) for row in LONG]
    assert rows == expected and list(rows) == expected and len(rows) == len(expected)
    assert (rows[0], rows[-1], rows[2:5]) == (expected[0], expected[-1], tuple(expected[2:5]))
    assert rows != expected[1:] and rows != [*expected[:-1], (0, 0)]
    with pytest.raises(IndexError):
        rows[len(expected)]


def test_short_lists_and_others_are_as_they_were() -> None:
    for value in (written(LONG[:7]), written([]), written(" 0"), canonical.encode([LONG])):
        assert parse_packing(value, limit=LIMIT) == canonical.parse(value, limit=LIMIT)


@pytest.mark.parametrize(
    "row",
    [[1], [1, 2, 3], [-1, 2], [MAX_INTEGER, 2], [10**16 - 1, 2], [1, "2"], [1, True], [1, []], 7, {"a": 1}],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("place", [0, 300, len(LONG)])
def test_rows_that_are_not_as_they_must_be_are_read_with_the_rest(row: object, place: int) -> None:
    data = written([*LONG[:place], row, *LONG[place:]])
    found, expected = outcome(parse_packing, data), outcome(canonical.parse, data)
    if isinstance(found, dict) and isinstance(found["list"], PackedRows):
        found["list"] = [list(one) for one in found["list"]]
    assert found == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"[3,", b"[03,"),
        (b"[3,", b"[ 3,"),
        (b"[3,", b"[3.0,"),
        (b"[3,", b"[+3,"),
        (b"[3,", b"[-0,"),
        (b'"list"', b'"l\\u0069st"'),
    ],
)
def test_other_spellings_stay_refused(one: bytes, other: bytes) -> None:
    data = written(LONG).replace(one, other)
    assert isinstance(outcome(parse_packing, data), str)


def test_nothing_stands_for_a_list_but_the_list() -> None:
    """A file that writes what stands where a list was cut out, on purpose."""
    data = canonical.encode([{"list": " 0"}, {"list": LONG}, {"other": " 0"}, {"x": [["y"]]}])
    assert parse_packing(data, limit=LIMIT) == canonical.parse(data, limit=LIMIT)
    data = canonical.encode([{"list": LONG}, {"other": " 0"}, {"x": [["y"]]}])
    _, other, x = parse_packing(data, limit=LIMIT)
    assert (other, x) == ({"other": " 0"}, {"x": [["y"]]})


def test_a_list_within_a_text_is_text() -> None:
    for text in (written(LONG).decode(), '"list":' + str(LONG).replace(" ", "")):
        data = canonical.encode({"says": text, "list": LONG})
        assert parse_packing(data, limit=LIMIT)["says"] == text


@given(st.sets(st.integers(0, MAX_INTEGER), min_size=1, max_size=30), st.integers(0, MAX_INTEGER))
def test_rows_between(indices: set[int], at: int) -> None:
    rows = tuple((index, 7) for index in sorted(indices))
    for first in (at, *indices):
        assert holds_entry(rows, first) == (first in indices)
        wanted = tuple(row for row in rows if first <= row[0] < MAX_INTEGER)
        assert rows_between(rows, first, MAX_INTEGER) == wanted


PEAK = """
from tests.support.memory import forget_peak, peak
from verifier.evidence.file import parse_evidence
rows = ",".join(f"[{index},{1763921115 + index}]" for index in range(1_000_000))
party = "ab" * 32
subject = f'{{"list":[{rows}],"path":[],"subject":"party:{party}"}}'
del rows
text = (
    f'{{"checkpoint":"","entries":[],"format":"kembar-evidence/2","question":{{"party":"{party}"}},'
    f'"subjects":[{subject}]}}'
).encode()
del subject
forget_peak()
before = peak()
assert len(parse_evidence(text).subjects[0].rows) == 1_000_000
print((peak() - before) / len(text))
"""


def test_a_million_rows_cost_less_memory_than_four_times_their_text() -> None:
    """As arrays and numbers of JSON they took ten times as much."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 4
