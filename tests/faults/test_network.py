"""A sequencer from which no packet comes any more, nor goes to it: nobody closes anything, and another goes on."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pytest

from registry.log import postgresql
from registry.log.postgresql import ANSWER_SECONDS, DatabaseError, ReaderPool, connect, telling
from registry.sequencer import Logged
from registry.sequencing import LOST
from registry.settings import read_settings, write_settings
from tests.support.buckets import Buckets
from tests.support.clusters import Cluster
from tests.support.lines import Line
from tests.support.networks import network
from tests.support.served import Served, raw
from tests.support.shared_registry import PATIENCE, SharedRegistry, until

WITHIN = 5.0


@pytest.mark.parametrize("how", ["packets", "silence"])
def test_another_goes_on_within_five_seconds(how: str, tmp_path: Path, cluster: Cluster, buckets: Buckets) -> None:
    with ExitStack() as stack:
        registry = stack.enter_context(closing(SharedRegistry(tmp_path, cluster, buckets)))
        front = stack.enter_context(registry.front(registry.machine(key=False)))
        name = str(psycopg.conninfo.conninfo_to_dict(registry.store)["dbname"])
        given: dict[str, Any] = {}
        if how == "packets":
            apart = stack.enter_context(network())
            line = stack.enter_context(closing(Line(str(cluster.socket), apart.host)))
            port = int(buckets.address.rpartition(":")[2])
            store = stack.enter_context(closing(Line(port, apart.host)))
            given = {"within": apart.within, "env": {"AWS_ENDPOINT_URL": f"http://{store.authority}"}}
            cut = apart.cut
        else:
            line = stack.enter_context(closing(Line(str(cluster.socket))))
            cut = line.cut
        write_settings(registry.first, replace(read_settings(registry.first), store=line.url(name)))
        first = registry.candidate(registry.first, **given)
        until(lambda: "it took over" in first.said(), "nobody is sequencer", 60)
        root = registry.machine()
        write_settings(root, replace(read_settings(root), store=registry.store))
        heir = registry.candidate(root)
        until(lambda: "is a candidate" in heir.said(), "it does not start", 60)
        cut()
        made = Served.entry(registry.world.party("anna", roles=["model"]))
        sent = Thread(target=front.submit, args=([raw(made)],))
        sent.start()
        took = until(lambda: "this process is sequencer" in heir.said(), "nobody took over")
        print(f"another has the lease after {took:.2f} s")
        sent.join()
        assert front.entry(made.id) is not None
        assert first.process.wait(PATIENCE) == LOST, first.said()
        assert took < 2 * WITHIN, "that is not the machine's being busy"
        [again] = front.submit([raw(made)])
        assert isinstance(again, Logged) and again.repeated


def test_a_connection_is_watched_by_the_kernel(cluster: Cluster) -> None:
    with closing(Line(str(cluster.socket))) as line, closing(connect(line.url("postgres"))) as conn:
        wire = socket.socket(fileno=conn.fileno())
        try:
            found = [wire.getsockopt(socket.IPPROTO_TCP, one) for one in (
                socket.TCP_USER_TIMEOUT, socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)]  # fmt: skip
            assert found == [1000 * ANSWER_SECONDS, 1, 1, 4]
            assert wire.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        finally:
            wire.detach()


class TestReaders:
    """Of a server that stands still, which no kernel sees."""

    def test_one_that_says_nothing_is_given_up(self, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(postgresql, "HELD_SECONDS", 1.0)
        with closing(Line(str(cluster.socket))) as line, closing(ReaderPool(line.url("postgres"))) as pool:
            with pool.connection() as conn:
                assert conn.execute("SELECT 1").fetchall() == [(1,)]
            line.cut()
            began = time.monotonic()
            with pytest.raises(DatabaseError), telling(line.url("postgres")), pool.connection() as conn:
                conn.execute("SELECT 1")
            assert time.monotonic() - began < 10
            line.mend()
            until(lambda: _answers(pool), "it is not asked again")

    def test_what_was_held_too_long_counts_as_not_done(self, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(postgresql, "HELD_SECONDS", 0.1)
        with closing(ReaderPool(cluster.url())) as pool:
            with pytest.raises(psycopg.OperationalError), pool.connection() as conn:
                conn.execute("SELECT 1")
                time.sleep(2.0)
            assert _answers(pool)

    def test_a_server_that_warns_has_not_done_it(self, cluster: Cluster) -> None:
        with closing(ReaderPool(cluster.url())) as pool:
            with pytest.raises(psycopg.OperationalError, match="not as it should"), pool.connection() as conn:
                conn.execute("DO $$ BEGIN RAISE WARNING 'canceling wait for synchronous replication'; END $$")
            assert _answers(pool)


def _answers(pool: ReaderPool) -> bool:
    try:
        with pool.connection() as conn:
            return conn.execute("SELECT 1").fetchall() == [(1,)]
    except postgresql.ERRORS:
        return False
