"""Sequencers are killed, stopped and cut off at every step, round after round: nothing answered is lost, and no fork.

``--rounds 200`` is the whole; by default there are a few. Each round a candidate waits beside the sequencer, which ends
or stands still at one write of a batch; the candidate takes over, and the old one, once it goes on, ends without having
written a thing. All the while somebody submits, and somebody else writes down every checkpoint that is shown or signed.
"""

from __future__ import annotations

import random
import signal
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from registry.candidates import UNFIT
from registry.front import FrontService
from registry.log.lease import LOCK
from registry.sequencer import Logged
from registry.sequencing import LOST
from registry.settings import Settings, read_settings, write_settings
from tests.support.buckets import Buckets
from tests.support.clusters import Cluster, copied
from tests.support.lines import Line
from tests.support.served import Served, raw
from tests.support.shared_registry import PATIENCE, Candidate, SharedRegistry, Watcher, until
from tests.support.shared_sequencer import ARMED, POINTS

WITHIN = 5.0
"""Seconds within which another takes over; on a busy machine starting up is not counted."""
STARTING = 120.0
"""Seconds in which a process has started, on a busy machine."""
CUTS = ("cut", "silence")
"""A connection that the server ends, and one on which nothing passes any more and nothing is closed."""
FAULTS = [(point, when, how) for point in POINTS for when in ("before", "after") for how in ("kill", "stop")]


@pytest.fixture
def registry(tmp_path: Path, cluster: Cluster, buckets: Buckets) -> Iterator[SharedRegistry]:
    with closing(SharedRegistry(tmp_path, cluster, buckets)) as made:
        yield made


class Sender:
    """Submits all the while, and remembers what was answered."""

    def __init__(self, registry: SharedRegistry, front: FrontService) -> None:
        self.answered: dict[str, int] = {}
        self._registry, self._front = registry, front

    def send(self, count: int = 1) -> None:
        names = [f"p{next(self._registry.numbers)}" for _ in range(count)]
        made = [Served.entry(self._registry.world.party(name, roles=["model"])) for name in names]
        for one, outcome in zip(made, self._front.submit([raw(one) for one in made]), strict=True):
            assert isinstance(outcome, Logged), outcome
            self.answered[one.id] = outcome.index

    def check(self) -> None:
        assert len(set(self.answered.values())) == len(self.answered)
        for id, index in self.answered.items():
            found = self._front.entry(id)
            assert found is not None and found.entry.index == index


def test_rounds(registry: SharedRegistry, cluster: Cluster, request: pytest.FixtureRequest) -> None:
    rounds: int = request.config.getoption("--rounds")
    chance = random.Random(rounds)
    faults = [*FAULTS, *[("", "", how) for how in CUTS] * 3]
    order = [faults[at % len(faults)] for at in chance.sample(range(rounds), rounds)]
    machines = [registry.first, registry.machine()]
    elsewhere = registry.machine(key=False)
    lines = [_apart(registry, root, cluster) for root in machines]
    took: list[tuple[float, str]] = []
    unplanned = 0
    with registry.front(elsewhere) as front, closing(Watcher(registry.bucket)) as watcher:
        sender = Sender(registry, front)
        now = _candidate(registry, machines[0], order[0])
        until(lambda: "it took over" in now.said(), "nobody is sequencer")
        for number, fault in enumerate(order):
            root = machines[(number + 1) % 2]
            (root / "sequencer.log").unlink(missing_ok=True)
            following = order[number + 1] if number + 1 < rounds else ("", "", "cut")
            heir = _candidate(registry, root, following)
            until(lambda heir=heir: "is a candidate" in heir.said(), "it does not start", STARTING)  # type: ignore[misc]
            time.sleep(chance.random())
            if fault[2] not in CUTS:
                (machines[number % 2] / ARMED).touch()
            sending = threading.Thread(target=sender.send, args=(chance.randint(1, 4),))
            sending.start()
            if fault[2] == "cut":
                _cut(registry.store)
            elif fault[2] == "silence":
                lines[number % 2].cut()
            began = time.monotonic()
            until(lambda heir=heir: "this process is sequencer" in heir.said(), f"nobody took over: {fault}")  # type: ignore[misc]
            took.append((time.monotonic() - began, " ".join(fault)))
            while heir.process.poll() == LOST:  # a bucket that is too busy to answer: it is begun again, as in serving
                heir.kill()
                heir = _candidate(registry, root, following)
                until(lambda heir=heir: "it took over" in heir.said() or heir.process.poll() is not None, "no end")  # type: ignore[misc]
            sending.join()
            if fault[2] == "stop":
                time.sleep(60.0 if number == rounds - 2 and rounds >= 100 else chance.random())
                now.send(signal.SIGCONT)
            code = now.process.wait(PATIENCE)
            wanted = -signal.SIGKILL if fault[2] == "kill" else LOST
            unplanned += code != wanted
            assert code in (wanted, LOST), (fault, now.said())  # it may have been too busy before it came to its point
            now.kill()
            lines[number % 2].mend()
            if (number + 1) % 20 == 0:
                print(f"round {number + 1}: {max(took)[0]:.2f} s at most", flush=True)
            now = heir
        sender.send()
        assert now.end() == 0, now.said()
        sender.check()
        watcher.check(front)
    for line in lines:
        line.close()
    slowest = max(took)
    median = statistics.median(seconds for seconds, _ in took)
    print(
        f"{rounds} rounds: taken over after {median:.2f} s, {slowest[0]:.2f} s at most ({slowest[1]}); "
        f"{len(sender.answered)} answered; {unplanned} ended before their point"
    )
    for how in ("kill", "stop", *CUTS):
        those = [seconds for seconds, fault in took if fault.endswith(how)]
        if those:
            print(f"  {how}: {len(those)} rounds, {statistics.median(those):.2f} s, {max(those):.2f} s at most")
    assert median < WITHIN and unplanned <= rounds // 4


def _candidate(registry: SharedRegistry, root: Path, fault: tuple[str, str, str]) -> Candidate:
    (root / ARMED).unlink(missing_ok=True)
    return registry.candidate(root, *(fault if fault[2] not in CUTS else ()))


def _apart(registry: SharedRegistry, root: Path, cluster: Cluster) -> Line:
    """Have a machine come to the database on a line of its own."""
    made, settings = Line(str(cluster.socket)), read_settings(root)
    name = psycopg.conninfo.conninfo_to_dict(settings.store)["dbname"]
    write_settings(root, replace(settings, store=made.url(str(name))))
    return made


def _cut(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = %s",
            (LOCK & 0xFFFFFFFF,),
        )


def test_a_database_that_lost_commits_is_found_out(registry: SharedRegistry, cluster: Cluster) -> None:
    """A standby that lacked the last commits is promoted: it is behind what the bucket says was signed."""
    now = registry.candidate(registry.first)
    with registry.front(registry.machine(key=False)) as front, copied(cluster) as behind:
        Sender(registry, front).send(2)
        now.kill()
        root = registry.machine()
        write_settings(root, _elsewhere(read_settings(root), behind))
        heir = registry.candidate(root)
        assert heir.process.wait(PATIENCE) == UNFIT
        assert "the database ends at size 2, but a checkpoint of size" in heir.said()
        heir.kill()


def test_of_two_primaries_one_alone_gets_on(
    registry: SharedRegistry, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A standby is promoted while its primary lives on: each has a sequencer that its database lets write."""
    monkeypatch.setattr("registry.front.PATIENCE", 8.0)  # of one whose submission is answered by nobody
    first = registry.candidate(registry.first)
    until(lambda: "it took over" in first.said(), "nobody is sequencer")
    root, other = registry.machine(), registry.machine(key=False)
    with registry.front(registry.machine(key=False)) as front, closing(Watcher(registry.bucket)) as watcher:
        Sender(registry, front).send(1)
        with copied(cluster) as promoted:
            for folder in (root, other):
                write_settings(folder, _elsewhere(read_settings(folder), promoted))
            second = registry.candidate(root)
            until(lambda: "it took over" in second.said(), "the other does not start")
            with registry.front(other) as there:
                Sender(registry, there).send(1)  # signed there first
                entry = Served.entry(registry.world.party("lost", roles=["model"]))
                sent = threading.Thread(target=front.submit, args=([raw(entry)],), daemon=True)
                sent.start()
                assert first.process.wait(PATIENCE) == LOST
                assert "another sequencer goes on" in first.said()
                first.kill()
                again = registry.candidate(registry.first)
                assert again.process.wait(PATIENCE) == UNFIT, "its database went another way, and is refused"
                again.kill()
                Sender(registry, there).send(1)
                watcher.check(there)
                size = there.published.checkpoint.size
            assert second.end() == 0
        assert front.published.checkpoint.size < size, "what the old database holds is not shown"



def _elsewhere(settings: Settings, cluster: Cluster) -> Settings:
    """The same database, as this cluster has it."""
    name = psycopg.conninfo.conninfo_to_dict(settings.store)["dbname"]
    return replace(settings, store=cluster.url(str(name)))
