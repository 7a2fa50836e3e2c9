"""The writer of a registry that machines share, in this process, as tests have that of a folder."""

from __future__ import annotations

import threading
from pathlib import Path

from registry import config
from registry.log.lease import Lease, take
from registry.log.log_error import LogError
from registry.service import Service
from tests.support.buckets import Buckets
from tests.support.clusters import Cluster
from tests.support.served import Served
from tests.support.world import World


class SharedServed(Served):
    """``service`` is the sequencer's, without a queue."""

    def __init__(self, root: Path, cluster: Cluster, buckets: Buckets) -> None:
        self.root = root
        self.world = World()
        config.create(
            root,
            self.world.origin,
            profile=self.world.profile,
            now=self.clock,
            log_key=self.world.log_key,
            registrar_key=self.world.registrar,
            store=cluster.database(),
            publish=buckets.bucket(),
            single=True,
        )
        self._lease: Lease | None = None
        self.open()
        self.world.genesis_id = self.service.genesis

    def let_go(self) -> None:
        """Be sequencer no more, with the service closed."""
        if self._lease is not None:
            self._lease.close()
        self._lease = None

    def open(self) -> None:
        self.let_go()
        settings = config.load(self.root)
        self._lease = take(settings.settings.store, _lost, threading.Event(), single=True)
        assert self._lease is not None
        self.service = Service(settings, clock=self.clock, lease=self._lease)

    def end(self) -> None:
        super().end()
        self.let_go()


def _lost(why: str) -> None:
    raise LogError(why)
