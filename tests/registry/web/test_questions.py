"""Questions that cost much: bounded while the log is walked, few at a time, shared where they are equal."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient

from registry import metering
from registry.evidence import evidence
from registry.metering import OWN, Bounds, HasLeft, Meter, TooMuch
from registry.problems import Problem
from registry.readers import reader
from registry.service import Lists
from registry.web import questions
from registry.web.questions import AT_ONCE, SHARING, WAITING, Found, Questions
from tests.support.asking import value
from tests.support.served import Served
from tests.support.world import DAY, Logged
from verifier.rules.model.question import Question
from verifier.rules.model.record import Record

STRANGER = {"REMOTE_ADDR": "192.0.2.7"}


def here() -> bool:
    return False


def gone() -> bool:
    return True


@pytest.fixture
def consent(served: Served) -> Logged:
    made, story = served.story()
    served.accept(*story)
    served.world.advance(DAY)
    return made


@pytest.fixture
def usages(served: Served, consent: Logged) -> list[Logged]:
    """Some, under one consent."""
    made = [served.world.usage(consent, assets=[str(number)]) for number in range(40)]
    served.accept(*made)
    return made


def bounds(**less: float) -> Bounds:
    return Bounds(**{"lists": 2000, "entries": 20_000, "size": 1 << 24, "seconds": 60.0, **less})  # type: ignore[arg-type]


def asked(served: Served, usages: list[Logged], **less: float) -> bytes | Problem:
    party = Question(kind="party", id=str(usages[0].statement.parties.model))
    return evidence(served.service, party, served.service.readers.rights(reader.STRANGER), Meter(bounds(**less)))


class TestBounds:
    @pytest.mark.parametrize(
        ("less", "what"),
        [
            ({"lists": 10}, "10 lists"), ({"entries": 30}, "30 entries"), ({"size": 10_000}, "10,000 bytes"),
            ({"seconds": 0.0}, "0 s of work"),
        ],
    )  # fmt: skip
    def test_the_first_that_is_spent_ends_it(
        self, served: Served, usages: list[Logged], less: dict[str, float], what: str
    ) -> None:
        found = asked(served, usages, **less)
        assert isinstance(found, Problem) and (found.status, found.code) == (413, "evidence_too_large")
        assert f"more than {what}" in found.detail and "one usage or consent at a time" in found.detail

    def test_within_them_it_is_answered(self, served: Served, usages: list[Logged]) -> None:
        assert isinstance(asked(served, usages), bytes)

    def test_the_walk_ends_there_and_not_after_it(
        self, served: Served, usages: list[Logged], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen = []
        entry = metering.MeteredRecord.entry

        def note(self: metering.MeteredRecord, index: int) -> object:
            seen.append(index)
            return entry(self, index)

        monkeypatch.setattr(metering.MeteredRecord, "entry", note)
        asked(served, usages, entries=5)
        assert len(set(seen)) == 6

    def test_a_stranger_has_less_than_the_operator(
        self, client: FlaskClient, stranger: FlaskClient, usages: list[Logged], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("registry.web.proofs.STRANGER", bounds(entries=30))
        path = f"/evidence/party/{usages[0].statement.parties.model}"
        refused = stranger.get(path)
        assert (refused.status_code, value(refused.data)["type"]) == (413, "urn:kembar:problem:evidence_too_large")
        assert client.get(path).status_code == 200

    def test_who_has_left_is_not_worked_for(self, served: Served, usages: list[Logged]) -> None:
        party = Question(kind="party", id=str(usages[0].statement.parties.model))
        with pytest.raises(HasLeft):
            evidence(served.service, party, served.service.readers.rights(reader.STRANGER), Meter(OWN, gone))

    def test_time_is_looked_at_now_and_then(self) -> None:
        meter = Meter(bounds(seconds=0.0))
        with pytest.raises(TooMuch):
            for _ in range(metering.EVERY):
                meter.bytes(1)


class TestLists:
    """They are chosen while nobody waits for it, and still are those of the checkpoint that they are shown at."""

    def grows(self, served: Served, consent: Logged, subject: str, times: int, seen: list[int]) -> Lists:
        """Chooses ``subject``; while it does, that list grows so many times."""

        def lists(record: Record) -> list[str]:
            assert not served.service._log._lock.locked()
            seen.append(len(record.rows(subject) or ()))
            if len(seen) <= times:
                served.accept(served.world.usage(consent, assets=[f"more{len(seen)}"]))
            return [subject]

        return lists

    def test_what_grows_elsewhere_is_no_matter(self, served: Served, consent: Logged) -> None:
        seen: list[int] = []
        subject = f"keys:{consent.statement.parties.model}"
        snapshot = served.service.snapshot(self.grows(served, consent, subject, 1, seen))
        assert not isinstance(snapshot, Problem)
        assert len(seen) == 1 and snapshot.size == served.service.published.checkpoint.size

    def test_they_are_chosen_anew_where_one_has_grown(self, served: Served, consent: Logged) -> None:
        seen: list[int] = []
        subject = f"uses:{consent.id}"
        snapshot = served.service.snapshot(self.grows(served, consent, subject, 2, seen))
        assert not isinstance(snapshot, Problem)
        assert seen == [0, 1, 2] and len(snapshot.rows(subject)) == 2

    def test_one_that_always_grows_is_told_to_come_again(self, served: Served, consent: Logged) -> None:
        found = served.service.snapshot(self.grows(served, consent, f"uses:{consent.id}", 99, []))
        assert isinstance(found, Problem) and (found.status, found.code) == (503, "busy")


class TestPlaces:
    @pytest.fixture
    def pool(self) -> Iterator[ThreadPoolExecutor]:
        with ThreadPoolExecutor(64) as pool:
            yield pool

    def test_two_at_a_time_eight_waiting_and_the_rest_come_again(self, pool: ThreadPoolExecutor) -> None:
        desk, go, running, most = Questions(), threading.Event(), [0], [0]
        lock = threading.Lock()

        def make(has_left: Callable[[], bool]) -> Found:
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            go.wait()
            with lock:
                running[0] -= 1
            return b"file"

        asked = [pool.submit(desk.answer, number, make, here, keep=False) for number in range(AT_ONCE + WAITING)]
        time.sleep(0.3)
        refused = desk.answer("one more", make, here, keep=False)
        assert isinstance(refused, Problem) and (refused.status, refused.code) == (503, "busy")
        go.set()
        assert [one.result() for one in asked] == [b"file"] * (AT_ONCE + WAITING)
        assert most == [AT_ONCE]
        assert desk.answer("one more", make, here, keep=False) == b"file"

    def test_equal_questions_share_one_answer(self, pool: ThreadPoolExecutor) -> None:
        desk, go, made = Questions(), threading.Event(), []

        def make(has_left: Callable[[], bool]) -> Found:
            made.append(1)
            go.wait()
            return b"file"

        asked = [pool.submit(desk.answer, "same", make, here, keep=False) for _ in range(1 + SHARING)]
        time.sleep(0.3)
        assert isinstance(desk.answer("same", make, here, keep=False), Problem)  # nor may all threads wait for one
        go.set()
        assert {one.result() for one in asked} == {b"file"} and made == [1]

    def test_it_is_given_up_once_all_have_left(self, pool: ThreadPoolExecutor) -> None:
        desk, left = Questions(), threading.Event()

        def make(has_left: Callable[[], bool]) -> Found:
            while not has_left():
                time.sleep(0.01)
            raise HasLeft

        asked = [pool.submit(desk.answer, "same", make, left.is_set, keep=False) for _ in range(3)]
        time.sleep(0.3)
        assert not any(one.done() for one in asked)
        left.set()
        for one in asked:
            with pytest.raises(HasLeft):
                one.result(timeout=5)
        assert desk.answer("same", lambda has_left: b"file", here, keep=False) == b"file"  # and nothing is left over

    def test_a_failure_is_nobodys_answer(self) -> None:
        desk = Questions()

        def make(has_left: Callable[[], bool]) -> Found:
            raise ValueError

        with pytest.raises(ValueError):
            desk.answer("same", make, here, keep=True)
        assert desk.answer("same", lambda has_left: b"file", here, keep=True) == b"file"

    def test_an_answer_is_kept_for_a_while_where_it_may_be(self, monkeypatch: pytest.MonkeyPatch) -> None:
        desk, answers = Questions(), iter([b"1", b"2", b"3", b"4"])

        def ask(*, keep: bool) -> Found:
            return desk.answer("same", lambda has_left: next(answers), here, keep=keep)

        assert [ask(keep=True), ask(keep=True), ask(keep=False)] == [b"1", b"1", b"2"]
        monkeypatch.setattr(questions, "KEPT_SECONDS", 0.0)
        time.sleep(0.01)
        assert ask(keep=True) == b"3"

    def test_what_is_kept_is_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(questions, "KEPT_BYTES", 1000)
        desk = Questions()
        for number in range(50):
            desk.answer(number, lambda has_left: bytes(400), here, keep=True)
        assert desk._bytes <= 1400 and len(desk._kept) <= 3


def test_a_strangers_answer_is_kept_and_the_operators_is_not(
    served: Served, client: FlaskClient, stranger: FlaskClient, usages: list[Logged]
) -> None:
    path = f"/evidence/usage/{usages[0].id}"
    before = stranger.get(path).data, client.get(path).data
    served.accept(served.world.party("later", roles=["model"]))
    assert stranger.get(path).data == before[0]
    assert client.get(path).data != before[1]


@pytest.mark.parametrize("path", ["/evidence/usage/{id}", "/subjects/keys:{id}"])
def test_witnesses_are_waited_for_in_no_place_and_for_no_stranger(
    served: Served,
    client: FlaskClient,
    stranger: FlaskClient,
    usages: list[Logged],
    monkeypatch: pytest.MonkeyPatch,
    path: str,
) -> None:
    happened: list[str] = []
    answer = Questions.answer

    def noted(self: Questions, *arguments: Any, **named: Any) -> Found:
        happened.append("place")
        return answer(self, *arguments, **named)

    monkeypatch.setattr(served.service, "await_quorum", lambda: happened.append("wait"))
    monkeypatch.setattr(Questions, "answer", noted)
    address = path.format(id=usages[0].id)
    stranger.get(address)
    client.get(address)
    assert happened == ["place", "wait", "place"]


def test_a_503_says_when_to_come_again(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "AT_ONCE", 0)
    monkeypatch.setattr(questions, "WAITING", 0)
    answer = client.get(f"/evidence/asset/{'ab' * 32}")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
