"""Entries are cut out of a file while it is read: what it says, and what is wrong with it, stays the same."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.full_deal import full_deal
from tests.support.record_books import record_book
from tests.support.root import ROOT
from tests.support.running import environment
from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.errors import Malformed
from verifier.base.strict import MAX_INTEGER
from verifier.evidence import file
from verifier.evidence.apart import parse_apart
from verifier.evidence.entries import RawEntry, entries_apart
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
        uncut.setattr(file, "parse_apart", lambda data, *parts, limit: canonical.parse(data, limit=limit))
        expected = outcome(data)
    if isinstance(found, tuple) and found[1] == "beside entries and lists":
        found = found[0], ""
    assert found == expected
    return found


def changed(member: str, value: Json, place: int = 3) -> bytes:
    book = canonical.parse(BOOK, limit=len(BOOK))
    book["entries"][place][member] = value
    return canonical.encode(book)


def test_all_of_them_are_cut_out(monkeypatch: pytest.MonkeyPatch) -> None:
    cut = parse_apart(BOOK, entries_apart(99), limit=len(BOOK))["entries"]
    assert len(cut) == len(canonical.parse(BOOK, limit=len(BOOK))["entries"])
    assert all(isinstance(one, RawEntry) for one in cut)
    found = both(monkeypatch, BOOK)
    assert isinstance(found, Evidence) and [entry.index for entry in found.entries] == [one.index for one in cut]


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
    assert (caught.value.step, caught.value.where) == (1, "beside entries and lists")
    for one, what in ((BOOK + b"\n", "line break"), (b"\xef\xbb\xbf" + BOOK, "byte order mark")):
        with pytest.raises(Invalid, match=what) as caught:
            parse_evidence(one)
        assert caught.value.where == ""


def test_one_bad_entry_hides_no_good_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are cut out all the same, so that a large file with one bad entry is read as far as to that."""
    bad = changed("leaf", {"payload": "A" * 1_000_000})
    assert outcome(bad) == both(monkeypatch, bad) == (3, "entries[3].leaf")
    cut = parse_apart(bad, entries_apart(99), limit=len(bad))["entries"]
    assert [place for place, one in enumerate(cut) if not isinstance(one, RawEntry)] == [3]


def test_a_file_that_is_large_beside_good_entries_is_refused_unread() -> None:
    assert outcome(changed("leaf", {"payload": "A" * 3_000_000})) == (1, "")
    assert outcome(changed("leaf", {"payload": ["A"] * 300_000})) == (1, "")


@pytest.mark.parametrize("place", [b'"entries":[', b'"subjects":[', b'"question":', b'"leaf":', b'"signatures":['])
def test_an_entry_that_stands_elsewhere_is_no_entry(monkeypatch: pytest.MonkeyPatch, place: bytes) -> None:
    entry = BOOK[BOOK.index(b'{"disclosures"') : BOOK.index(b',{"disclosures"')]
    changed = BOOK.replace(place, place + entry + (b"," if place.endswith(b"[") else b',"x":'), 1)
    monkeypatch.setattr(file, "parse_apart", lambda data, *parts, limit: canonical.parse(data, limit=limit))
    expected = outcome(changed)
    monkeypatch.undo()
    found = outcome(changed)
    assert isinstance(found, tuple) and isinstance(expected, tuple) and found[0] == expected[0]


def test_nothing_stands_for_an_entry_but_the_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that writes what stands where one was cut out, on purpose."""
    start, end = BOOK.index(b'{"disclosures"'), BOOK.index(b',{"disclosures"')
    for mark in (b'" 0"', b'" 2"', b'" x"', b'" "'):
        assert both(monkeypatch, BOOK[:start] + mark + BOOK[end:]) == (2, "entries[0]")
        both(monkeypatch, BOOK[:end] + b"," + mark + BOOK[end:])


@pytest.mark.parametrize("depth", range(9, 17))
def test_what_is_cut_out_is_as_deep_as_it_is(depth: int) -> None:
    entry = BOOK[BOOK.index(b'{"disclosures"') : BOOK.index(b',{"disclosures"')]
    data = b"[" * depth + entry + b"]" * depth

    def said(parse: Callable[..., Json]) -> str:
        try:
            parse(data, limit=len(data))
        except Malformed as error:
            return error.message
        return ""

    assert said(canonical.parse) == said(lambda data, limit: parse_apart(data, entries_apart(99), limit=limit))


PEAK = """
import sys
from tests.support.memory import peak
from verifier.evidence.verify import verify
from verifier.evidence.verdict import Verdict
from verifier.log.trust import parse_policy
path, policy, instant = sys.argv[1:]
trust = parse_policy(policy)
before = peak()
with open(path, "rb") as opened:
    data = opened.read()
assert isinstance(verify(data, trust, instant=int(instant)), Verdict)
print((peak() - before) / len(data))
"""


def test_a_file_full_of_entries_costs_less_memory_than_four_times_its_text(tmp_path: Path) -> None:
    """File, entries and what the rules work out of them, at once; as JSON it took seven times as much.

    It is a tenth of the fullest file there is, which takes as many times its bytes (scripts/bench_limits.py).
    """
    cast, usage = full_deal(10)
    world = cast.world
    (tmp_path / "full.evidence.json").write_bytes(world.evidence(usage))
    done = subprocess.run(
        [sys.executable, "-c", PEAK, str(tmp_path / "full.evidence.json"), world.policy(), str(world.now)],
        cwd=ROOT, env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert float(done.stdout) < 4
