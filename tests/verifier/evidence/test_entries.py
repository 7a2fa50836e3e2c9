"""Entries are cut out of a file while it is read: what it says, and what is wrong with it, stays the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.record_books import record_book
from tests.support.root import ROOT
from tests.support.running import environment
from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.strict import MAX_INTEGER
from verifier.evidence import file, rows
from verifier.evidence.entries import cut_entries
from verifier.evidence.file import Evidence, Invalid, parse_evidence

BOOK = record_book(10).evidence


def outcome(data: bytes) -> object:
    try:
        return parse_evidence(data)
    except Invalid as invalid:
        return invalid.step, invalid.where


def both(monkeypatch: pytest.MonkeyPatch, data: bytes) -> object:
    """What comes of a file, which is the same where nothing is cut out of it."""
    found = outcome(data)
    with monkeypatch.context() as uncut:
        uncut.setattr(file, "cut_entries", lambda data: None)
        expected = outcome(data)
    if isinstance(found, tuple) and found[1] == "outside the entries":
        found = found[0], ""
    assert found == expected
    return found


def changed(member: str, value: Json, place: int = 3) -> bytes:
    book = canonical.parse(BOOK, limit=len(BOOK))
    book["entries"][place][member] = value
    return canonical.encode(book)


def test_all_of_them_are_cut_out(monkeypatch: pytest.MonkeyPatch) -> None:
    cut = cut_entries(BOOK)
    assert cut is not None and len(cut[1]) == len(canonical.parse(BOOK, limit=len(BOOK))["entries"])
    assert b'"leaf"' not in cut[0]
    found = both(monkeypatch, BOOK)
    assert isinstance(found, Evidence) and [entry.index for entry in found.entries] == [one.index for one in cut[1]]


def test_every_byte_that_is_changed_has_the_same_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    end = BOOK.index(b'"format"')
    for place in range(0, end, 1_009):
        for byte in b'"]},A=\\ ':
            if BOOK[place] != byte:
                both(monkeypatch, BOOK[:place] + bytes([byte]) + BOOK[place + 1 :])
    for place in range(0, end, 1_999):
        both(monkeypatch, BOOK[:place] + BOOK[place + 1 :])


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("index", MAX_INTEGER + 1), ("index", -1), ("index", "1"), ("index", 2), ("proof", []), ("proof", ["B" * 44]),
        ("proof", ["A" * 43 + "="] * 65), ("proof", ["A" * 42 + "B="]), ("disclosures", ["a"]), ("disclosures", [""]),
        ("disclosures", ["abcd"] * 7), ("disclosures", ["abcd"] * 6), ("leaf", {}), ("leaf", []), ("more", 1),
    ],
    ids=str,
)  # fmt: skip
def test_an_entry_that_is_not_as_it_must_be_is_read_with_the_rest(
    monkeypatch: pytest.MonkeyPatch, member: str, value: Json
) -> None:
    both(monkeypatch, changed(member, value))


def test_other_spellings_stay_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for one, other in (
        (b'"index":0,', b'"index":00,'),
        (b'"index":0,', b'"index": 0,'),
        (b'"index":0,', b'"index":0,"index":0,'),
        (b'},{"disclosures"', b'}, {"disclosures"'),
        (b'},{"disclosures"', b'},,{"disclosures"'),
        (b'"entries":[', b'"entries":[1,'),
        (b'"entries":[', b'"entries":[],"entries":['),
        (b'],"format"', b',],"format"'),
        (b'{"checkpoint":"', b'{ "checkpoint":"'),
        (b'{"checkpoint":"', b'{"checkpoint":1,"checkpoint":"'),
        (b'{"checkpoint":"', b'[{"checkpoint":"'),
    ):
        assert BOOK.count(one)
        assert isinstance(both(monkeypatch, BOOK.replace(one, other, 1)), tuple)


def test_what_is_wrong_beside_the_entries_says_so() -> None:
    with pytest.raises(Invalid) as caught:
        parse_evidence(BOOK.replace(b'"format":', b'"format": '))
    assert (caught.value.step, caught.value.where) == (1, "outside the entries")
    for one, what in ((BOOK + b"\n", "line break"), (b"\xef\xbb\xbf" + BOOK, "byte order mark")):
        with pytest.raises(Invalid, match=what) as caught:
            parse_evidence(one)
        assert caught.value.where == ""


def test_a_file_that_is_large_beside_good_entries_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MAX_REST", 20_000)
    assert isinstance(parse_evidence(BOOK), Evidence)
    assert outcome(changed("leaf", {"payload": "A" * 30_000})) == (1, "")


PEAK = """
import resource, sys
from verifier.evidence.verify import verify
from verifier.evidence.verdict import Verdict
from verifier.log.trust import parse_policy
path, policy, instant = sys.argv[1:]
trust = parse_policy(policy)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with open(path, "rb") as opened:
    data = opened.read()
assert isinstance(verify(data, trust, instant=int(instant)), Verdict)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 / len(data))
"""


def test_a_file_full_of_entries_costs_less_memory_than_four_times_its_text(tmp_path: Path) -> None:
    """File, entries and what the rules work out of them, at once; as JSON it took seven times as much."""
    book = record_book(4_000)
    (tmp_path / "book.evidence.json").write_bytes(book.evidence)
    done = subprocess.run(
        [sys.executable, "-c", PEAK, str(tmp_path / "book.evidence.json"), book.policy, str(book.instant)],
        cwd=ROOT, env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert float(done.stdout) < 4
