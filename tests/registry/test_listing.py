"""A subject's whole list: the same answer from either process, counted while it is written."""

from __future__ import annotations

import pytest

from registry import listing, metering
from registry.answerer import Answerer, CannotStart
from registry.listing import rows_text, subject_answer
from registry.metering import STRANGER, Bounds, HasLeft, Meter, TooMuch
from registry.problems import Problem
from tests.support.served import Served, proved_list
from tests.support.world import DAY
from verifier.base import canonical
from verifier.evidence.build import list_json, show_list
from verifier.evidence.file import parse_list

USAGES = 600
NOTHING = Bounds(lists=0, entries=0, size=0, seconds=0.0)


@pytest.fixture
def subject(served: Served) -> str:
    consent, story = served.story()
    served.accept(*story)
    served.world.advance(DAY)
    for start in range(0, USAGES, 100):
        served.accept(*[served.world.usage(consent, assets=[str(start + number)]) for number in range(100)])
        served.world.advance(60)
    return f"uses:{consent.id}"


def is_running(served: Served) -> bool:
    """Whether there is a process beside."""
    return served.service.answerer._process is not None


def here() -> bool:
    return False


def test_both_processes_say_the_same(served: Served, subject: str, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = subject_answer(served.service, subject, STRANGER, here)
    assert not is_running(served)
    monkeypatch.setattr(listing, "AT_FIRST", NOTHING)
    beside = subject_answer(served.service, subject, STRANGER, here)
    assert is_running(served)
    assert isinstance(at_once, bytes) and beside == at_once
    value, proved = canonical.parse(at_once, limit=1 << 20), proved_list(served.service, subject)
    assert not isinstance(proved, Problem) and len(proved.rows) == USAGES
    assert value.pop("checkpoint") == served.service.shown.note and value.pop("seal")["index"]
    assert value == list_json(show_list(subject, proved.rows, proved.proof))
    assert parse_list(value).rows == proved.rows


@pytest.mark.parametrize("at_first", [metering.AT_FIRST, NOTHING], ids=["here", "beside"])
def test_bounds(served: Served, subject: str, at_first: Bounds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "AT_FIRST", at_first)
    found = subject_answer(served.service, subject, Bounds(lists=1, entries=0, size=5_000, seconds=2.0), here)
    assert isinstance(found, Problem) and (found.code, found.status) == ("evidence_too_large", 413)
    assert "more than 5,000 bytes" in found.detail


def test_it_stops_at_the_first_byte_too_many_and_once_nobody_waits() -> None:
    written: list[int] = []

    def logged(index: int) -> int:
        written.append(index)
        return 0

    with pytest.raises(TooMuch):
        rows_text(range(1_000_000), logged, Meter(Bounds(lists=1, entries=1, size=10_000, seconds=60.0)))
    assert len(written) < 3_000
    with pytest.raises(HasLeft):
        rows_text(range(1_000_000), logged, Meter(STRANGER, lambda: True))
    assert len(written) < 30_000


def test_where_there_is_no_process_it_is_written_here(
    served: Served, subject: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = subject_answer(served.service, subject, STRANGER, here)

    def refuse(*_: object) -> None:
        raise CannotStart

    monkeypatch.setattr(listing, "AT_FIRST", NOTHING)
    monkeypatch.setattr(Answerer, "ask", refuse)
    assert subject_answer(served.service, subject, STRANGER, here) == expected


def test_the_last_seal_is_read_once_until_another_follows(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    consent, story = served.story()
    served.accept(*story)
    store, read = served.service._log.store, []
    real = store.read_leaves

    def read_leaves(first: int, offset: int, length: int) -> bytes:
        read.append(first)
        return real(first, offset, length)

    monkeypatch.setattr(store, "read_leaves", read_leaves)

    def seal_shown() -> int:
        answer = subject_answer(served.service, f"uses:{consent.id}", STRANGER, here)
        assert isinstance(answer, bytes)
        index: int = canonical.parse(answer, limit=1 << 20)["seal"]["index"]
        return index

    assert seal_shown() == seal_shown() == served.service.published.checkpoint.size - 1
    assert len(read) <= 1
    served.accept(served.world.usage(consent))
    read.clear()
    assert seal_shown() == seal_shown() == served.service.published.checkpoint.size - 1
    assert len(read) <= 1
