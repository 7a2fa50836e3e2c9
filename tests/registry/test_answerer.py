"""Long questions are answered in a process beside the writer's: the same answers, whatever happens to it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from registry import answerer, evidence
from registry.answerer import Channel
from registry.evidence import evidence_beside
from registry.metering import OWN, STRANGER, Bounds, HasLeft
from registry.problems import Problem
from registry.readers.reader import Reader
from registry.readers.rights import Permission
from tests.support.served import Served
from tests.support.world import DAY, Logged
from verifier.rules.model.question import Question
from verifier.statements.types import SECTION_NAMES

ALL = frozenset(SECTION_NAMES)
NOTHING: frozenset[str] = frozenset()


def here() -> bool:
    return False


@pytest.fixture(autouse=True)
def every_question_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "AT_FIRST", Bounds(lists=1, entries=1, size=1, seconds=0.0))


@pytest.fixture
def usages(served: Served) -> list[Logged]:
    consent, story = served.story()
    served.accept(*story)
    served.world.advance(DAY)
    made = [served.world.usage(consent, assets=[str(number)]) for number in range(20)]
    served.accept(*made)
    return made


def party(usages: list[Logged]) -> Question:
    return Question(kind="party", id=str(usages[0].statement.parties.model))


def asked(served: Served, question: Question, names: frozenset[str] = NOTHING, bounds: Bounds = STRANGER) -> Any:
    return evidence_beside(served.service, question, may(served, names), bounds, here)


def answered_here(served: Served, question: Question, names: frozenset[str]) -> bytes | Problem:
    return evidence.evidence(served.service, question, served.service.readers.admit(may(served, names)))


def may(served: Served, names: frozenset[str]) -> Permission:
    """The model's, and no more than the sections ``names``."""
    [anna] = [one for one in served.world.actors.values() if one.name == "anna"]
    return served.service.readers.permission(Reader(party=anna.id), names)


def process(served: Served) -> int:
    """The pid of the process that answers."""
    running = served.service.answerer._process
    assert running is not None
    return running._process.pid


def forks(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def wait_until(so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("names", [NOTHING, ALL, frozenset({"terms"})])
@pytest.mark.parametrize("kind", ["party", "usage", "consent", "asset"])
def test_the_answer_is_the_one_that_would_be_given_here(
    served: Served, usages: list[Logged], kind: str, names: frozenset[str]
) -> None:
    ids = {"usage": usages[0].id, "consent": usages[0].statement.consent, "asset": "ab" * 32}  # type: ignore[attr-defined]
    question = party(usages) if kind == "party" else Question(kind=kind, id=ids[kind])  # type: ignore[arg-type]
    found = asked(served, question, names, OWN)
    assert isinstance(found, bytes)
    assert found == answered_here(served, question, names)


def test_it_follows_the_log(served: Served, usages: list[Logged]) -> None:
    asked(served, party(usages))
    before = process(served)
    served.accept(served.world.party("b", roles=["model"]))
    found = asked(served, party(usages))
    assert found == answered_here(served, party(usages), NOTHING)
    assert process(served) == before


def test_an_erased_section_is_not_in_it(served: Served, usages: list[Logged]) -> None:
    question = Question(kind="usage", id=usages[0].id)
    before = asked(served, question, ALL, OWN)
    served.accept(served.world.erasure(of=usages[0]))
    after = asked(served, question, ALL, OWN)
    assert after == answered_here(served, question, ALL) and len(after) != len(before)


def test_its_bounds_hold_there_too(served: Served, usages: list[Logged]) -> None:
    found = asked(served, party(usages), NOTHING, Bounds(lists=2000, entries=10, size=1 << 20, seconds=2.0))
    assert isinstance(found, Problem) and (found.code, found.status) == ("evidence_too_large", 413)
    assert "more than 10 entries" in found.detail


def test_what_is_not_there_is_not_found(served: Served, usages: list[Logged]) -> None:
    found = asked(served, Question(kind="usage", id="ab" * 32))
    assert isinstance(found, Problem) and found.code == "not_found"


def test_who_has_left_is_not_worked_for(served: Served, usages: list[Logged], monkeypatch: pytest.MonkeyPatch) -> None:
    asked(served, party(usages))
    pid = process(served)
    wait_until(lambda: forks(pid) == [])
    channel = served.service.answerer.ask(here)
    wait_until(lambda: len(forks(pid)) == 1)
    with channel:
        os.kill(forks(pid)[0], signal.SIGSTOP)  # so that it is still at work
        monkeypatch.setattr(channel, "_has_left", lambda: True)
        with pytest.raises(HasLeft):
            channel.choose(party(usages), may(served, NOTHING), STRANGER, 3)
    os.kill(forks(pid)[0], signal.SIGCONT)
    wait_until(lambda: forks(pid) == [])


def test_a_process_that_was_killed_is_replaced(served: Served, usages: list[Logged]) -> None:
    first = asked(served, party(usages))
    killed = process(served)
    os.kill(killed, signal.SIGKILL)
    assert asked(served, party(usages)) == first
    assert process(served) != killed
    assert served.service.health()["questions"] == "beside"


def test_one_whose_end_is_not_noted_yet_is_replaced_too(
    served: Served, usages: list[Logged], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, running = asked(served, party(usages)), served.service.answerer._process
    assert running is not None

    def gone(sock: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(running, "hand_over", gone)
    assert asked(served, party(usages)) == first
    assert served.service.answerer._process is not running


def test_a_process_that_nobody_asks_ends_and_the_next_question_gets_another(
    served: Served, usages: list[Logged], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its copy of the log takes half as much memory as the writer's process."""
    monkeypatch.setattr(answerer, "IDLE", 1.0)
    first = asked(served, party(usages))
    ended = process(served)
    wait_until(lambda: not Path(f"/proc/{ended}").exists())
    assert asked(served, party(usages)) == first
    assert process(served) != ended
    assert "has ended" not in caplog.text


def test_an_answer_that_breaks_off_is_made_again(
    served: Served, usages: list[Logged], monkeypatch: pytest.MonkeyPatch
) -> None:
    choose, dead = Channel.choose, list[int]()

    def kill(self: Channel, *arguments: Any) -> answerer.Chosen:
        if len(dead) < 1:
            pid = process(served)
            wait_until(lambda: len(forks(pid)) == 1)  # the first question of this process
            dead.append(forks(pid)[0])
            os.kill(dead[0], signal.SIGKILL)
        return choose(self, *arguments)

    monkeypatch.setattr(Channel, "choose", kill)
    assert isinstance(asked(served, party(usages)), bytes)
    assert len(dead) == 1


def test_a_question_that_kills_who_answers_it_is_given_up(
    served: Served, usages: list[Logged], monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(self: Channel, *arguments: Any) -> answerer.Chosen:
        raise answerer.Died

    monkeypatch.setattr(Channel, "choose", die)
    found = asked(served, party(usages))
    assert isinstance(found, Problem) and (found.code, found.status) == ("internal", 500)


def test_where_there_can_be_no_process_it_is_answered_here_and_said(
    served: Served, usages: list[Logged], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def refuse(*arguments: Any, **named: Any) -> None:
        tried.append(1)
        raise OSError("no more processes")

    monkeypatch.setattr(answerer, "start", refuse)
    assert served.service.health()["questions"] == "beside"
    for _ in range(2):
        assert asked(served, party(usages)) == answered_here(served, party(usages), NOTHING)
    assert tried == [1]
    assert served.service.health()["questions"] == "here"
    monkeypatch.undo()
    monkeypatch.setattr(evidence, "AT_FIRST", Bounds(lists=1, entries=1, size=1, seconds=0.0))
    monkeypatch.setattr(answerer, "AGAIN", 0.0)
    assert isinstance(asked(served, party(usages)), bytes)
    assert served.service.health()["questions"] == "beside"


def test_one_that_cannot_read_the_log_is_no_process(
    served: Served, usages: list[Logged], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(served.service.answerer, "_root", tmp_path / "nowhere")
    assert asked(served, party(usages)) == answered_here(served, party(usages), NOTHING)
    assert served.service.health()["questions"] == "here"


def test_it_ends_with_the_registry(served: Served, usages: list[Logged]) -> None:
    asked(served, party(usages))
    pid = process(served)
    served.service.close()
    assert not Path(f"/proc/{pid}").exists()
