"""All that is kept about readers, in a file and in a database that front ends share."""

from __future__ import annotations

import pytest

from registry.readers.reader_store import (
    DAY,
    GRANTS,
    IDLE,
    LONGEST,
    QUESTION_DAYS,
    QUESTIONS,
    READS_KEPT,
    SESSIONS,
    Question,
    ReaderStore,
)
from tests.support.kept_tables import KINDS, Opened, tables_of

NOW = 1_000 * DAY


@pytest.fixture(params=KINDS)
def opened(request: pytest.FixtureRequest) -> Opened:
    return tables_of(request.param, request)


def test_grants(opened: Opened) -> None:
    one, other = ReaderStore(opened()), ReaderStore(opened())
    made = one.grant("anna", "brand", ["terms", "money"], NOW, NOW + 10)
    assert made is not None and made.sections == ("money", "terms")
    assert other.grant("anna", "brand", ["money", "terms"], NOW + 1, NOW + 10) == made, "who lost the answer asks again"
    assert other.grants("anna", NOW) == ([made], []) and other.grants("brand", NOW + 9) == ([], [made])
    assert other.grants("anna", NOW + 10) == ([], [])
    assert not other.revoke("brand", made.id) and other.revoke("anna", made.id)
    assert one.grants("anna", NOW) == ([], [])
    given = [one.grant("anna", f"p{at}", ["terms"], NOW, NOW + 1) for at in range(GRANTS + 1)]
    assert given.count(None) == 1 and given[-1] is None
    assert other.grant("anna", "brand", ["terms"], NOW + 1, NOW + 2) is not None, "the others are over"


def test_reads(opened: Opened) -> None:
    one, other = ReaderStore(opened()), ReaderStore(opened())
    one.note_reads("brand", {"anna": 2, "ben": 1, "brand": 7}, NOW)
    other.note_reads("brand", {"anna": 3}, NOW)
    other.note_reads("maker", {"anna": 1}, NOW + DAY)
    assert one.reads_of("anna", NOW) == [(NOW // DAY + 1, "maker", 1), (NOW // DAY, "brand", 5)]
    assert one.reads_of("brand", NOW) == []
    one.note_reads("maker", {"anna": 1}, NOW + READS_KEPT * DAY)
    assert other.tables.rows("SELECT count(*) FROM reads WHERE owner = ?", "anna") == [(2,)]


def test_questions(opened: Opened) -> None:
    one, other = ReaderStore(opened()), ReaderStore(opened())
    stores = [one, other] * QUESTIONS
    left = [stores[at].ask("anna", "brand", "owner", {"b": 1, "a": [at]}, NOW + at) for at in range(QUESTIONS)]
    assert left == list(range(QUESTIONS - 1, -1, -1))
    assert one.ask("anna", "rival", "owner", {}, NOW) is None, "of all under one controller"
    assert one.ask("anna", "rival", "rival", {}, NOW) == QUESTIONS - 1
    assert other.questions_about(["ben"]) == []
    assert other.questions_about(["anna"])[0] == Question(
        at=NOW + QUESTIONS - 1, model="anna", asker="brand", plan={"a": [QUESTIONS - 1], "b": 1}
    )
    assert other.ask("anna", "brand", "owner", {}, NOW + QUESTIONS + QUESTION_DAYS * DAY) == QUESTIONS - 1


def test_sessions(opened: Opened) -> None:
    one, other = ReaderStore(opened()), ReaderStore(opened())
    one.begin_session(b"\x00" * 32, "key", NOW)
    assert other.session_key(b"\x00" * 32, NOW + IDLE - 1) == "key"
    assert one.session_key(b"\x00" * 32, NOW + 2 * IDLE - 2) == "key", "it went on at the other"
    assert one.session_key(b"\x00" * 32, NOW + 3 * IDLE - 2) is None
    one.begin_session(b"\x01" * 32, "key", NOW)
    other.end_session(b"\x01" * 32)
    assert one.session_key(b"\x01" * 32, NOW) is None
    for at in range(SESSIONS + 1):
        (one, other)[at % 2].begin_session(bytes([2, at]) * 16, "many", NOW + at)
    live = [one.session_key(bytes([2, at]) * 16, NOW + SESSIONS) for at in range(SESSIONS + 1)]
    assert live == [None, *["many"] * SESSIONS]
    assert other.session_key(bytes([2, 1]) * 16, NOW + LONGEST + 1) is None
