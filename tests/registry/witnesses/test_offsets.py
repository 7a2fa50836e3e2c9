"""What witnesses say of this machine's clock: only what they were asked after the question counts."""

from __future__ import annotations

import threading
from typing import Any

import pytest

import registry.witnesses.rounds
from tests.support.running import dead_url
from tests.support.witness_scene import LONG, Scene, met
from tests.support.witness_serving import eventually, saying


def test_an_answer_that_was_on_its_way_does_not_count(scene: Scene) -> None:
    """Its time is that of the question before, and the clock may have been set since: it is asked once more."""
    held, gate, asked = threading.Event(), threading.Event(), []

    def holding(app: Any) -> Any:
        def answer(environ: Any, start: Any) -> Any:
            found = list(app(environ, start))
            if environ["REQUEST_METHOD"] == "POST":  # the witness has dated its cosignature
                asked.append(scene.served.clock())
                held.set()
                gate.wait()
            return found

        return answer

    scene.stack.callback(gate.set)
    scene.trust(scene.witness(holding))
    assert held.wait(LONG)
    began = scene.served.clock()
    scene.served.world.now += 7 * 86_400
    found: list[list[int]] = []
    asker = threading.Thread(target=lambda: found.append(scene.service.circle.cosigning.offsets(LONG)))
    asker.start()
    eventually(lambda: scene.service.circle.cosigning._asked[0].wanted > 0)
    gate.set()
    asker.join()
    assert found == [[0]] and asked == [began, began + 7 * 86_400]


@pytest.mark.parametrize("leap", [400, 7 * 86_400])
def test_a_clock_that_is_set_while_a_witness_is_asked_convicts_nobody(scene: Scene, leap: int) -> None:
    """The witness's time is compared with the clock's before and after: it is ahead of neither."""

    def setting(app: Any) -> Any:
        def answer(environ: Any, start: Any) -> Any:
            found = list(app(environ, start))
            if environ["REQUEST_METHOD"] == "POST":
                scene.served.world.now += leap
            return found

        return answer

    scene.trust(scene.witness(setting))
    assert scene.service.circle.cosigning.offsets(LONG) == [0]


def test_one_that_failed_and_answers_then_is_asked_for_the_next_checkpoint_at_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry.witnesses.rounds, "RETRY", (10 * LONG, 10 * LONG))
    works = [False]

    def sometimes(app: Any) -> Any:
        return lambda environ, start: (app if works[0] else saying(503))(environ, start)  # noqa: PLW0108

    policy = scene.trust(scene.witness(sometimes))
    eventually(lambda: scene.states() == {"witness1": "failing"})
    works[0] = True
    assert scene.service.circle.cosigning.offsets(LONG) == [0]
    scene.served.accept(scene.served.world.party("anna", roles=["model"]))
    eventually(lambda: scene.service.shown == scene.service.published and met(scene, policy))


@pytest.mark.parametrize("late", [200, -200])
def test_a_witness_that_is_behind_or_ahead(scene: Scene, late: int) -> None:
    scene.trust(scene.witness(late=late), (scene.witness()[0], dead_url()))
    assert scene.service.circle.cosigning.offsets(LONG) == [-late]
