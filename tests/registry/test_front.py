"""A registry on several machines: front ends that take and show, one sequencer, and what becomes of it."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from shutil import copytree, ignore_patterns

import psycopg
import pytest

from registry.config import clock, load, write_policy
from registry.front import FrontService
from registry.log.postgresql_store import BucketEraser
from registry.log.store import PendingErasure
from registry.log.told_health import HealthTeller
from registry.problems import Problem
from registry.seal_clock import ClockState
from registry.sequencer import Logged
from registry.web.app import create_app
from registry.witnesses.membership import joined
from tests.support.buckets import Buckets
from tests.support.clusters import Cluster
from tests.support.running import command, environment, running
from tests.support.served import Served, proved_list, raw
from tests.support.shared_registry import PATIENCE, Candidate, SharedRegistry, until
from tests.support.shared_served import SharedServed
from tests.support.witness_serving import serving
from tests.support.world import Actor, World
from tests.support.world import Logged as Made
from verifier.base.private_keys import SigningKey
from verifier.base.strict import format_instant
from verifier.base.values import replace
from verifier.log.trust import Policy, open_checkpoint
from verifier.log.writing import Cosigner
from verifier.programs.http import HttpAnswer, ask_once
from verifier.programs.keys import read_key
from verifier.programs.witness.app import App
from verifier.programs.witness.store import WitnessStore
from verifier.programs.witness.witness import WitnessServer


@pytest.fixture
def registry(tmp_path: Path, cluster: Cluster, buckets: Buckets) -> Iterator[SharedRegistry]:
    with closing(SharedRegistry(tmp_path, cluster, buckets)) as made:
        yield made


@pytest.fixture
def sequencer(registry: SharedRegistry) -> Iterator[Candidate]:
    made = registry.candidate(registry.first)
    yield made
    made.kill()


@pytest.fixture
def front(registry: SharedRegistry) -> Iterator[FrontService]:
    with registry.front(registry.machine(key=False)) as made:
        yield made


def accept(front: FrontService, *made: Made | Actor) -> list[Logged]:
    outcomes = front.submit([raw(Served.entry(one)) for one in made])
    for outcome in outcomes:
        assert isinstance(outcome, Logged), outcome
    return [outcome for outcome in outcomes if isinstance(outcome, Logged)]


def waiting(registry: SharedRegistry) -> Candidate:
    """One more, which waits for the lease."""
    made = registry.candidate(registry.machine())
    until(lambda: "is a candidate" in made.said(), "it does not start")
    return made


def test_what_one_front_end_takes_all_show(
    registry: SharedRegistry, sequencer: Candidate, front: FrontService
) -> None:
    anna = registry.world.party("anna", roles=["model"])
    [found] = accept(front, anna)
    assert (found.index, found.repeated) == (2, False)
    with registry.front(registry.machine(key=False)) as other:
        assert anna.entry is not None
        entry = other.entry(anna.entry.id)
        assert entry is not None and entry.disclosures == anna.entry.disclosures
        [again] = accept(other, anna)
        assert again.repeated and again.index == 2
        assert other.published.checkpoint == front.published.checkpoint == registry.shown().checkpoint
        proved = proved_list(other, f"party:{anna.entry.id}")
        assert not isinstance(proved, Problem)


def test_a_killed_sequencer_is_followed(registry: SharedRegistry, front: FrontService) -> None:
    first = registry.candidate(registry.first)
    accept(front, registry.world.party("anna", roles=["model"]))
    second = waiting(registry)
    first.kill()
    took = until(lambda: "it took over" in second.said(), "nobody took over")
    accept(front, registry.world.party("ben", roles=["model"]))
    print(f"took over after {took:.2f} s")
    second.kill()


def test_a_stopped_sequencer_is_followed_and_writes_no_more(registry: SharedRegistry, front: FrontService) -> None:
    first = registry.candidate(registry.first)
    accept(front, registry.world.party("anna", roles=["model"]))
    second = waiting(registry)
    first.send(signal.SIGSTOP)
    took = until(lambda: "it took over" in second.said(), "nobody took over")
    print(f"took over after {took:.2f} s")
    accept(front, registry.world.party("ben", roles=["model"]))
    first.send(signal.SIGCONT)
    assert first.process.wait(PATIENCE) == 75
    accept(front, registry.world.party("eve", roles=["model"]))
    first.kill()
    second.kill()


def test_readers_are_shown_what_met_the_quorum(tmp_path: Path, cluster: Cluster, buckets: Buckets) -> None:
    served = SharedServed(tmp_path / "sequencer", cluster, buckets)
    cosigner, store = Cosigner("w.example", SigningKey(b"\x42" * 32)), WitnessStore(tmp_path / "witness.db")
    log = replace(served.service.config.policy.logs[0], url=None)
    known = Policy(logs=(log,), witnesses=(), groups=(), quorum=None)
    with serving(App(WitnessServer(cosigner, known, store, served.clock))) as url:
        policy = joined(served.service.config.policy, cosigner.verifier, url, None)
        write_policy(served.root, policy)
        assert served.service.circle.look()
        served.accept(served.world.party("anna", roles=["model"]))
        until(lambda: served.service.shown == served.service.published, "the witness does not cosign")
        copytree(served.root, tmp_path / "front", ignore=ignore_patterns("lock"))
        with FrontService(load(tmp_path / "front"), clock=served.clock) as front:
            for name in ("ben", "eve"):
                open_checkpoint(front.checkpoint(), policy)
                proof = proved_list(front, "party:" + "00" * 32)
                assert not isinstance(proof, Problem)
                open_checkpoint(proof.published.note, policy)
                assert proof.published.checkpoint == served.service.published.checkpoint
                served.accept(served.world.party(name, roles=["model"]))
                size = served.service.published.checkpoint.size
                until(lambda size=size: front.shown.checkpoint.size == size, "it does not follow")  # type: ignore[misc]
    served.end()
    store.close()


def test_what_the_sequencer_knows_of_its_health_every_front_end_tells(
    tmp_path: Path, cluster: Cluster, buckets: Buckets, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its clock, what its disk has changed, what is not erased yet; and what stops it from sealing."""
    served = SharedServed(tmp_path / "sequencer", cluster, buckets)
    settings = served.service.config.settings
    copytree(served.root, tmp_path / "front", ignore=ignore_patterns("lock"))
    with (
        FrontService(load(tmp_path / "front"), clock=served.clock) as front,
        closing(HealthTeller(settings.store, 1, served.service.health)),
    ):
        client = create_app(front).test_client()

        def told(status: int, **wanted: object) -> bool:
            answer = client.get("/healthz")
            said = json.loads(answer.data)
            return answer.status_code == status and {**said, **wanted} == said

        assert told(200, clock="not_asked", damaged=[], ok=True, queue=0, sealing="yes")
        served.accept(served.world.party("anna", roles=["model"]))
        until(lambda: told(200, clock="unchecked", sealing="yes"), "it does not tell that nobody checks the clock")
        served.service.seal_clock.state = ClockState.DOUBTED
        until(lambda: told(503, clock="doubted", sealing="clock"), "it does not tell of the doubted clock")
        served.service.seal_clock.state = ClockState.CONFIRMED
        served.service._scrubber.damaged = [3]
        until(lambda: told(503, clock="confirmed", sealing="yes", damaged=[3]), "it does not tell of damage")
        served.service._scrubber.damaged = []
        pending = PendingErasure(since=served.world.now, reason="the bucket does not answer")
        with monkeypatch.context() as patched:
            patched.setattr(BucketEraser, "pending", pending)
            shown = {"reason": pending.reason, "since": format_instant(pending.since)}
            until(lambda: told(200, erasure_pending=shown), "it does not tell of the erasure")
        until(lambda: "erasure_pending" not in json.loads(client.get("/healthz").data), "the erasure is told still")
        assert front.hand_in([raw(Served.entry(served.world.party("ben", roles=["licensee"])))])
        until(lambda: told(200, ok=True, queue=1), "it does not tell what waits")
    served.end()


def test_health_of_a_sequencer_that_has_gone_is_not_told_as_if_it_were_there(
    registry: SharedRegistry, front: FrontService, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = registry.candidate(registry.first)
    accept(front, registry.world.party("anna", roles=["model"]))
    until(lambda: front.health()["clock"] == "unchecked", "the sequencer does not tell how it is")
    assert front.health()["ok"]
    monkeypatch.setattr("registry.front.SILENT", 3.0)
    first.kill()
    until(lambda: front.health()["sealing"] == "unavailable", "nobody misses it")
    assert not front.health()["ok"]
    second = registry.candidate(registry.machine())
    until(lambda: front.health()["ok"], "nobody notices that there is another")
    second.kill()


def test_only_the_sequencer_says_how_it_is(registry: SharedRegistry, front: FrontService) -> None:
    """One that was followed by another says nothing more; and a registry of earlier days gets its table."""
    with psycopg.connect(registry.store, autocommit=True) as conn:
        conn.execute("DROP TABLE sequencer_health")
        time.sleep(1.5)  # a front end looks meanwhile, and finds nothing said
        assert front.health()["ok"]
        [(epoch,)] = conn.execute("UPDATE head SET epoch = epoch + 1 RETURNING epoch").fetchall()
        with closing(HealthTeller(registry.store, epoch, lambda: {"clock": "confirmed"})):
            until(lambda: front.health()["clock"] == "confirmed", "it is not heard")
            with closing(HealthTeller(registry.store, epoch - 1, lambda: {"clock": "doubted"})):
                time.sleep(2.5)
            assert front.health()["clock"] == "confirmed"


def test_the_commands_serve_it(tmp_path: Path, cluster: Cluster, buckets: Buckets) -> None:
    """``registry init`` and two ``registry serve``, one of which has the log's key."""
    root, other = tmp_path / "a machine", tmp_path / "front end"
    shared = ["--store", cluster.database(), "--publish", buckets.bucket(), "--single-database"]
    made = subprocess.run(
        command("init", root, "--origin", "registry.example/log", *shared, "--json"), capture_output=True, check=True,
        env=environment(),
    )  # fmt: skip
    world = World(start=clock())
    world.genesis_id = json.loads(made.stdout)["id"]
    world.registrar = read_key(root / "keys" / "registrar.key").open()
    copytree(root, other)
    (other / "keys" / "log.key").unlink()
    with running(root) as first, running(other) as second:
        for number, server in enumerate((second, first, second)):
            sent = raw(Served.entry(world.party(f"name{number}", roles=["licensee"], recovery=0)))
            answer = ask("POST", f"{server.url}/entries", sent)
            assert answer.status == 200, answer.body
            assert json.loads(answer.body)["index"] == 2 + 2 * number
        here, there = f"{first.url}/checkpoint", f"{second.url}/checkpoint"
        until(lambda: ask("GET", here).body == ask("GET", there).body, "they do not show the same")
        assert json.loads(ask("GET", f"{second.url}/healthz").body)["ok"]


def ask(method: str, url: str, body: bytes | None = None) -> HttpAnswer:
    return ask_once(method, url, "test", body=body, media_type="application/json", timeout=30.0, limit=1 << 20)
