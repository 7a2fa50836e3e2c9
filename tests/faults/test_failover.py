"""A primary with a synchronous standby: what was answered outlives the primary, and what was not is answered once."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import quote

import psycopg
import pytest

from registry.front import FrontService
from registry.log.lease import NotDurable, take
from registry.log.publication import SIGNED_CHECKPOINT, parse_published
from registry.problems import Problem
from registry.sequencer import Logged
from registry.sequencing import LOST
from registry.settings import read_settings, write_settings
from tests.support.buckets import Buckets
from tests.support.clusters import SUPERUSER, Cluster, cluster, copied
from tests.support.served import Served, raw
from tests.support.shared_registry import PATIENCE, Candidate, SharedRegistry, Watcher, until

BUSY = 120.0
"""Seconds that starting may take on a busy machine."""


class Databases:
    """A primary, and two standbys of which one at least has every commit that was answered."""

    def __init__(self, primary: Cluster, *standbys: Cluster) -> None:
        self.primary = primary
        self.standbys = dict(zip("ab", standbys, strict=True))
        primary.set("synchronous_standby_names", "ANY 1 (a, b)")
        self.await_standbys(primary, 2)

    def fail_over(self) -> Cluster:
        """The primary dies; the standby that is ahead takes its place, and the other follows it."""
        os.kill(self.primary.pid, signal.SIGKILL)
        query = "SELECT pg_last_wal_receive_lsn() - '0/0'"
        ahead = {name: _ask(one, query)[0][0] for name, one in self.standbys.items()}
        best = max(ahead, key=lambda name: ahead[name])
        [(name, other)] = [(name, one) for name, one in self.standbys.items() if name != best]
        promoted = self.standbys[best]
        promoted.set("synchronous_standby_names", f"ANY 1 ({name})")
        other.set("primary_conninfo", f"{promoted.url()}&application_name={name}")
        promoted.promote()
        return promoted

    @staticmethod
    def await_standbys(primary: Cluster, count: int) -> None:
        query = "SELECT FROM pg_stat_replication WHERE sync_state = 'quorum'"
        until(lambda: len(_ask(primary, query)) == count, "the standbys do not follow")


def _ask(cluster: Cluster, query: LiteralString) -> list[Any]:
    with psycopg.connect(cluster.url(), autocommit=True) as conn:
        return conn.execute(query).fetchall()


class Redundant:
    """A registry over them, whose machines go to the one that may be written to."""

    def __init__(self, folder: Path, databases: Databases, buckets: Buckets) -> None:
        self.databases = databases
        everybody = [databases.primary, *databases.standbys.values()]
        name = psycopg.conninfo.conninfo_to_dict(databases.primary.database())["dbname"]
        hosts = ",".join(quote(str(one.folder)) for one in everybody)
        url = f"postgresql:///{name}?host={hosts}&user={SUPERUSER}&target_session_attrs=read-write"
        self.registry = SharedRegistry(folder, databases.primary, buckets, store=url)
        write_settings(self.registry.first, replace(read_settings(self.registry.first), single=False))

    def candidate(self) -> Candidate:
        made = self.registry.candidate(self.registry.machine())
        until(lambda: "is a candidate" in made.said(), "it does not start", BUSY)
        return made

    def close(self) -> None:
        self.registry.close()


@pytest.fixture
def shared(tmp_path: Path, buckets: Buckets) -> Iterator[Redundant]:
    with (
        cluster() as primary,
        copied(primary, "a") as one,
        copied(primary, "b") as other,
        closing(Redundant(tmp_path, Databases(primary, one, other), buckets)) as made,
    ):
        yield made


class Sender:
    """Submits until it is closed, and remembers what was answered."""

    def __init__(self, shared: Redundant, front: FrontService) -> None:
        self.answered: dict[str, int] = {}
        self._registry, self._front = shared.registry, front
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._closing.is_set():
            made = Served.entry(self._registry.world.party(f"p{next(self._registry.numbers)}", roles=["model"]))
            [outcome] = self._front.submit([raw(made)])
            if isinstance(outcome, Logged):
                self.answered[made.id] = outcome.index

    def close(self) -> None:
        self._closing.set()
        self._thread.join()

    def check(self) -> None:
        """All of it is there, each in its own place."""
        assert len(set(self.answered.values())) == len(self.answered)
        for id, index in self.answered.items():
            found = self._front.entry(id)
            assert found is not None and found.entry.index == index


def test_the_primary_dies_and_nothing_answered_is_lost(
    shared: Redundant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.front.PATIENCE", 10.0)
    monkeypatch.setattr("registry.log.postgresql.HELD_SECONDS", 5.0)
    for _ in range(2):
        shared.candidate()
    with (
        shared.registry.front(shared.registry.machine(key=False)) as front,
        closing(Watcher(shared.registry.bucket)) as watcher,
        closing(Sender(shared, front)) as sender,
    ):
        until(lambda: len(sender.answered) >= 5, "nothing is answered", BUSY)
        promoted = shared.databases.fail_over()
        count, began = len(sender.answered), time.monotonic()
        until(lambda: len(sender.answered) > count + 2, "nobody goes on", BUSY)
        print(f"it went on {time.monotonic() - began:.1f} s after the promotion")
        sender.close()
        Databases.await_standbys(promoted, 1)
        sender.check()
        watcher.check(front)


def test_a_commit_that_no_standby_has_is_not_answered(shared: Redundant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both standbys are gone: the sequencer waits, gives itself up, and what it wrote is neither signed nor shown."""
    monkeypatch.setattr("registry.front.PATIENCE", 3.0)
    monkeypatch.setattr("registry.log.postgresql.HELD_SECONDS", 3.0)
    now = shared.candidate()
    standbys = shared.databases.standbys.values()
    with shared.registry.front(shared.registry.machine(key=False)) as front:
        until(lambda: "it took over" in now.said(), "nobody is sequencer", BUSY)
        for one in standbys:
            one.stop()
        shown = shared.registry.shown()
        made = Served.entry(shared.registry.world.party("anna", roles=["model"]))
        [outcome] = front.submit([raw(made)])  # neither the queue nor the sequencer says that it has it
        assert isinstance(outcome, Problem) and outcome.code == "unavailable"
        assert now.process.wait(PATIENCE) == LOST
        signed = shared.registry.bucket.get(SIGNED_CHECKPOINT)
        assert signed is not None and parse_published(signed.data, SIGNED_CHECKPOINT).checkpoint == shown.checkpoint
        heir = shared.candidate()
        time.sleep(1.0)
        assert "it took over" not in heir.said(), "it waits for a standby, as every commit does"
        next(iter(standbys)).start()
        until(lambda: "it took over" in heir.said(), "nobody took over", BUSY)
        [outcome] = front.submit([raw(made)])
        assert isinstance(outcome, Logged), outcome


def test_a_cancelled_wait_ends_the_sequencer(shared: Redundant) -> None:
    """The server then answers as if all were well, but for a warning; the row may be on no other machine."""
    now = shared.candidate()
    until(lambda: "it took over" in now.said(), "nobody is sequencer", BUSY)
    for one in shared.databases.standbys.values():
        one.stop()
    query: LiteralString = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    until(lambda: _ask(shared.databases.primary, query), "nobody waits for a standby")
    assert now.process.wait(PATIENCE) == LOST
    assert "canceling wait for synchronous replication" in now.said(), now.said()


def test_without_a_standby_nobody_is_sequencer(cluster: Cluster) -> None:
    with pytest.raises(NotDurable, match="names no synchronous standby"):
        take(cluster.database(), print, threading.Event())
