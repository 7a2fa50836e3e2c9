"""A clock that leaps dates no seal before somebody outside has confirmed the time."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import CliRunner

import registry.seal_clock
from registry import config
from registry.cli import main
from registry.client import Client
from registry.commands.remote import _tell_clock
from registry.config import create
from registry.problems import Problem
from registry.seal_clock import ACCEPTED, ACCEPTED_FOR, AGAIN, ClockState, SealClock, accept
from registry.service import Service
from tests.support.running import running
from tests.support.served import Served, raw
from tests.support.witness_serving import eventually, serving
from verifier.base.private_keys import SigningKey
from verifier.log.trust import Policy, TrustedLog
from verifier.log.writing import Cosigner, format_policy
from verifier.programs.language import choose
from verifier.programs.witness.app import App
from verifier.programs.witness.store import WitnessStore
from verifier.programs.witness.witness import WitnessServer

DAY = 86_400


class Desk:
    """A clock beside a boot clock, and witnesses whose clocks are right: ``true`` is the time."""

    def __init__(self, root: Path, answering: int = 3) -> None:
        self.true = 1_800_000_000
        self.wrong_by = 0
        self.answering = answering
        self.wrong_witnesses = 0
        self.asked = 0
        self.leaping = 0
        self.root = root
        self.clock = SealClock(root, lambda: self.true + self.wrong_by, lambda: self.true - 1_000.0, self.ask)

    def ask(self, patience: float) -> list[int]:
        self.asked += 1
        right = [-self.wrong_by] * (self.answering - self.wrong_witnesses)
        self.wrong_by, self.leaping = self.wrong_by + self.leaping, 0
        return right + [5 * DAY] * self.wrong_witnesses

    def may_seal(self, last_at: int = 0) -> bool:
        found = self.clock.refusal(last_at)
        assert found is None or (found.code == "clock" and found.status == 503)
        return found is None


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


class TestLeaps:
    def test_a_start_that_witnesses_confirm_asks_them_once(self, desk: Desk) -> None:
        for _ in range(5):
            assert desk.may_seal()
            desk.true += DAY
        assert desk.asked == 1 and desk.clock.state is ClockState.CONFIRMED

    def test_a_start_with_a_wrong_clock(self, desk: Desk) -> None:
        desk.wrong_by = 3 * DAY
        assert not desk.may_seal()
        desk.wrong_by = 0  # set right: the next question, a minute later, finds it so
        assert not desk.may_seal() and desk.asked == 1
        desk.true += int(AGAIN)
        assert desk.may_seal() and desk.asked == 2

    def test_a_start_where_nobody_answers_is_sealed_and_said(
        self, desk: Desk, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        desk.answering = 0
        assert desk.may_seal()
        assert desk.clock.state is ClockState.UNCHECKED and "nobody checks this clock" in caplog.text

    @pytest.mark.parametrize("leap", [121, -121, 30 * DAY])
    def test_a_leap_in_a_running_process(self, desk: Desk, leap: int, caplog: pytest.LogCaptureFixture) -> None:
        assert desk.may_seal()
        desk.wrong_by = leap
        assert not desk.may_seal()
        assert "cannot be trusted: witnesses are" in caplog.text
        desk.true += int(AGAIN)
        assert not desk.may_seal() and desk.asked == 3
        desk.wrong_by = 0
        desk.true += int(AGAIN)
        assert desk.may_seal()

    @pytest.mark.parametrize("leap", [120, -120, 0])
    def test_what_is_no_leap(self, desk: Desk, leap: int) -> None:
        assert desk.may_seal()
        desk.wrong_by = leap
        assert desk.may_seal() and desk.asked == 1

    def test_a_leap_to_the_right_time_needs_no_human(self, desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
        """As NTP does at boot: the machine began with a wrong clock and nobody to ask."""
        caplog.set_level(logging.INFO)
        desk.answering, desk.wrong_by = 0, -DAY
        assert desk.may_seal()
        desk.answering, desk.wrong_by = 3, 0
        assert desk.may_seal()
        assert desk.clock.state is ClockState.CONFIRMED and "3 of 3 witnesses agree" in caplog.text

    def test_a_leap_that_nobody_can_judge_waits_for_the_operator(self, desk: Desk) -> None:
        desk.answering = 0
        assert desk.may_seal()
        desk.wrong_by = DAY
        assert not desk.may_seal()
        desk.true += 10 * int(AGAIN)
        assert not desk.may_seal()
        accept(desk.root, desk.true - 1_000)
        assert desk.may_seal() and desk.clock.state is ClockState.ACCEPTED
        assert not (desk.root / ACCEPTED).exists()
        desk.wrong_by = 0
        assert not desk.may_seal(), "one word is for one leap"

    def test_or_until_somebody_answers(self, desk: Desk) -> None:
        desk.answering = 0
        assert desk.may_seal()
        desk.wrong_by = DAY
        assert not desk.may_seal()
        desk.wrong_by, desk.answering = DAY, 2
        desk.true += int(AGAIN)
        assert not desk.may_seal()
        desk.wrong_by = 0
        desk.true += int(AGAIN)
        assert desk.may_seal()

    @pytest.mark.parametrize("answering", [0, 3])
    def test_a_leap_while_witnesses_are_asked_is_none_that_they_confirmed(self, desk: Desk, answering: int) -> None:
        """What they say is of the clock as it was: nothing is sealed by the new one before they are asked again."""
        desk.answering, desk.leaping = answering, DAY
        assert not desk.may_seal() and desk.asked == 1
        desk.wrong_by = 0
        assert desk.may_seal()

    @pytest.mark.parametrize(
        ("wrong", "answering", "sealed"), [(1, 2, True), (2, 4, True), (2, 3, False), (1, 1, False)]
    )
    def test_half_or_more_decide(self, desk: Desk, wrong: int, answering: int, sealed: bool) -> None:
        desk.wrong_witnesses, desk.answering = wrong, answering
        assert desk.may_seal() is sealed


class TestBehindTheLastSeal:
    """Once a clock was ahead, and was sealed with; now it is right."""

    def test_up_to_two_minutes_the_seal_takes_the_last_ones_time(self, desk: Desk) -> None:
        assert desk.may_seal(desk.true + 120)
        assert not desk.may_seal(desk.true + 121)

    def test_one_word_is_enough_where_the_clock_has_leapt_there(self, desk: Desk) -> None:
        desk.answering = 0
        last = desk.true
        assert desk.may_seal(last)
        desk.wrong_by = -DAY
        assert not desk.may_seal(last)
        accept(desk.root, desk.true - 1_000)
        assert desk.may_seal(last)

    def test_it_is_told(self, desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
        assert desk.clock.told(desk.true + 120) is ClockState.STARTED
        last = desk.true + 7 * DAY
        assert desk.clock.told(last) is ClockState.BEHIND
        assert not desk.may_seal(last) and not desk.may_seal(last)
        assert caplog.text.count("604800 seconds before the last seal: nothing is sealed until then, or until") == 1
        accept(desk.root, desk.true - 1_000)
        assert desk.may_seal(last) and desk.clock.told(last) is ClockState.CONFIRMED

    def test_the_operator_may_accept_it(self, desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
        last = desk.true + 7 * DAY
        assert not desk.may_seal(last)
        accept(desk.root, desk.true - 1_000)
        assert desk.may_seal(last) and desk.may_seal(last)
        assert "auditors refuse until then" in caplog.text
        assert not desk.may_seal(last + DAY), "another seal ahead is another matter"


class TestByItself:
    """Nobody need write for a registry to find that its clock is right again: an alarm keeps writers away."""

    def test_a_doubted_clock_that_is_set_right(self, desk: Desk) -> None:
        assert desk.may_seal()
        desk.wrong_by = DAY
        desk.clock.look(0)
        assert desk.asked == 1, "a leap that nobody writes after is nobody's question"
        assert not desk.may_seal()
        desk.wrong_by = 0
        desk.clock.look(0)
        assert desk.asked == 2 and desk.clock.told(0) is ClockState.DOUBTED
        desk.true += int(AGAIN)
        desk.clock.look(0)
        assert desk.asked == 3 and desk.clock.told(0) is ClockState.CONFIRMED

    def test_the_operators_word(self, desk: Desk) -> None:
        last = desk.true + DAY
        assert not desk.may_seal(last)
        accept(desk.root, desk.true - 1_000)
        desk.clock.look(last)
        assert desk.clock.told(last) is ClockState.CONFIRMED and desk.may_seal(last)


class TestAcceptance:
    @pytest.mark.parametrize("later", [-1, ACCEPTED_FOR + 1])
    def test_a_word_that_was_not_needed_is_not_kept(self, desk: Desk, later: int) -> None:
        desk.answering = 0
        assert desk.may_seal()
        accept(desk.root, desk.true - 1_000)
        desk.true += later
        desk.wrong_by = DAY
        assert not desk.may_seal()

    @pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b'{"boot":"other","format":"kembar-clock/1","uptime":5}'])
    def test_anything_else_is_no_word(self, desk: Desk, data: bytes) -> None:
        desk.answering = 0
        assert desk.may_seal()
        (desk.root / ACCEPTED).write_bytes(data)
        desk.wrong_by = DAY
        assert not desk.may_seal()


class Scene:
    """A registry whose clock and boot clock part, with a witness whose clock is right."""

    def __init__(self, root: Path, stack: ExitStack) -> None:
        self.served = Served(root / "registry")
        self.wrong_by = 0
        world = self.served.world
        cosigner = Cosigner("w.example", SigningKey(bytes([100]) * 32))
        store = WitnessStore(root / "witness.db")
        stack.callback(store.close)
        log = self.served.service.config.policy.logs[0]
        logs = Policy(logs=(TrustedLog(verifier=log.verifier),), witnesses=(), groups=(), quorum=None)
        url = stack.enter_context(serving(App(WitnessServer(cosigner, logs, store, lambda: world.now))))
        policy = config.trust_policy(log, [(cosigner.verifier, url)])
        (self.served.root / config.POLICY).write_text(format_policy(policy))
        self.start()

    def start(self) -> None:
        self.served.service.close()
        world = self.served.world
        self.served.service = Service(
            config.load(self.served.root), clock=lambda: world.now + self.wrong_by, boot=lambda: float(world.now)
        )

    def code(self, name: str) -> str:
        made = self.served.entry(self.served.world.party(name, roles=["model"]))
        [found] = self.served.service.submit([raw(made)])
        return found.code if isinstance(found, Problem) else "logged"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with ExitStack() as stack:
        made = Scene(tmp_path, stack)
        stack.callback(lambda: made.served.service.close())  # noqa: PLW0108 -- the one of then
        yield made


class TestService:
    def test_a_leap_dates_nothing(self, scene: Scene) -> None:
        assert scene.code("anna") == "logged"
        scene.wrong_by = 30 * DAY
        assert scene.code("ben") == "clock"
        size = scene.served.service.published.checkpoint.size
        scene.wrong_by = 0
        scene.served.world.now += int(AGAIN)
        assert scene.code("eve") == "logged"
        assert scene.served.service.logged(size) < scene.served.world.now + DAY

    def test_what_is_set_right_goes_on_by_itself(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(registry.seal_clock, "EVERY", 0.01)
        scene.start()
        scene.wrong_by = 30 * DAY
        assert scene.code("anna") == "clock"
        health = scene.served.service.health()
        assert (health["clock"], health["sealing"], health["ok"]) == ("doubted", "clock", False)
        scene.wrong_by = 0
        scene.served.world.now += int(AGAIN)
        eventually(lambda: scene.served.service.health()["ok"] is True)

    def test_a_clock_before_the_last_seal_is_an_alarm(self, scene: Scene) -> None:
        assert scene.code("anna") == "logged"
        scene.served.world.now -= 121
        health = scene.served.service.health()
        assert (health["clock"], health["sealing"], health["ok"]) == ("behind", "clock", False)
        assert scene.code("ben") == "clock"

    def test_a_wrong_clock_at_start(self, scene: Scene) -> None:
        scene.wrong_by = -2 * DAY
        scene.start()
        assert scene.code("anna") == "clock"

    def test_the_start_says_when_the_last_seal_is_ahead(
        self, scene: Scene, caplog: pytest.LogCaptureFixture
    ) -> None:
        assert scene.code("anna") == "logged"
        scene.wrong_by = -400
        scene.start()
        assert "seconds ahead of this machine's clock" in caplog.text


class TestCommand:
    def test_shows_and_accepts(self, tmp_path: Path) -> None:
        ahead = config.clock() + 5_000
        root = create(tmp_path / "r", "registry.example/log", now=lambda: ahead).root
        shown = CliRunner().invoke(main, ["clock", str(root)])
        assert shown.exit_code == 0 and "seconds ahead of this clock" in shown.stdout
        assert not (root / ACCEPTED).exists()
        done = CliRunner().invoke(main, ["clock", str(root), "--accept", "--json"])
        value = json.loads(done.stdout)
        assert value["accepted"] and 4_900 < value["ahead"] <= 5_000
        with Service(config.load(root)) as service:
            assert service.seal_clock.refusal(ahead) is None
            assert service._log.state.last_at == ahead

    def test_fsck_says_what_is_to_be_known(self, tmp_path: Path) -> None:
        ahead = config.clock() + 5_000
        root = create(tmp_path / "r", "registry.example/log", now=lambda: ahead).root
        done = CliRunner().invoke(main, ["fsck", str(root)])
        assert done.exit_code == 0
        assert "seconds ahead of this machine's clock" in done.stdout and "nobody checks the clock" in done.stdout
        assert len(json.loads(CliRunner().invoke(main, ["fsck", str(root), "--json"]).stdout)["remarks"]) == 2

    def test_submit_says_when_the_last_seal_is_ahead_of_its_clock(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        ahead = config.clock() + 5_000
        root = create(tmp_path / "r", "registry.example/log", now=lambda: ahead).root
        with running(root) as server, Client(server.url) as client:
            assert client.sealed_at() == ahead
            _tell_clock(client, choose("en"))
            said = capsys.readouterr().err
            server.stop()
            _tell_clock(client, choose("en"))  # what was logged is logged, whoever answers by now
        assert "seconds ahead of this machine's clock: one of the two clocks is wrong" in said
        assert capsys.readouterr().err == ""
