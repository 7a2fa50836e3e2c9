"""A registry on several machines, on this one: a database, a bucket, candidates in processes of their own, front ends.

Each machine has a folder of its own, copied from the one that ``registry init`` made.
"""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any

from registry import config
from registry.front import FrontService
from registry.log.bucket import Bucket, BucketAway
from registry.log.publication import Published, parse_published
from tests.support.buckets import Buckets
from tests.support.clusters import Cluster
from tests.support.root import ROOT
from tests.support.world import World

PATIENCE = 60.0
"""Seconds that anything may take here before it is a failure: two or three on an idle machine."""


class Candidate:
    """A process that is sequencer, or waits to be; ``within`` is the command that runs it."""

    def __init__(
        self, root: Path, *arguments: str, within: Sequence[str] = (), env: Mapping[str, str] | None = None
    ) -> None:
        self.log = (root / "sequencer.log").open("ab")
        self.process = subprocess.Popen(
            [*within, sys.executable, "-m", "tests.support.shared_sequencer", str(root), *arguments],
            env={**os.environ, **(env or {})},
            stdin=subprocess.PIPE,
            stdout=self.log,
            stderr=self.log,
            cwd=ROOT,
        )
        self.path = root / "sequencer.log"

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self) -> int:
        """In good order."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        code = self.process.wait(PATIENCE)
        self.log.close()
        return code

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.log.close()

    def said(self) -> str:
        return self.path.read_text()


class SharedRegistry:
    """``world`` makes statements; ``machine()`` is a folder more."""

    def __init__(self, folder: Path, cluster: Cluster, buckets: Buckets, **given: Any) -> None:
        self.folder = folder
        self.world = World()
        self.store, self.publish = given.pop("store", None) or cluster.database(), buckets.bucket()
        self.first = folder / "machine 1"
        config.create(
            self.first,
            self.world.origin,
            profile=self.world.profile,
            now=lambda: self.world.now,
            log_key=self.world.log_key,
            registrar_key=self.world.registrar,
            store=self.store,
            publish=self.publish,
            single=True,
            **given,
        )
        self._machines = 1
        self._candidates: list[Candidate] = []
        self.numbers = itertools.count()
        with self.front(self.first) as front:
            self.world.genesis_id = front.genesis
        self.bucket = Bucket(self.publish)

    def machine(self, *, key: bool = True) -> Path:
        """The folder of another machine; without the log's ``key`` it is never sequencer."""
        self._machines += 1
        root = self.folder / f"machine {self._machines}"
        copytree(self.first, root, ignore=ignore_patterns("armed", "sequencer.log", "lock"))
        if not key:
            (root / "keys" / "log.key").unlink()
        return root

    def front(self, root: Path) -> FrontService:
        return FrontService(config.load(root), clock=lambda: self.world.now)

    def candidate(self, root: Path, *arguments: str, **given: Any) -> Candidate:
        made = Candidate(root, str(self.world.now), *arguments, **given)
        self._candidates.append(made)
        return made

    def close(self) -> None:
        for one in self._candidates:
            one.kill()
        self.bucket.close()

    def shown(self) -> Published:
        """What the world reads."""
        stored = self.bucket.get("checkpoint")
        assert stored is not None
        return parse_published(stored.data, "checkpoint")


class Watcher:
    """Writes down every checkpoint that the bucket ever holds."""

    def __init__(self, bucket: Bucket) -> None:
        self.seen: dict[tuple[int, bytes], str] = {}
        self._bucket = bucket
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._ending.wait(0.05):
            with suppress(BucketAway):  # too busy to answer: it is asked again
                self._look()

    def _look(self) -> None:
        for name in ("checkpoint", "signed-checkpoint"):
            stored = self._bucket.get(name)
            if stored is not None:
                one = parse_published(stored.data, name).checkpoint
                self.seen.setdefault((one.size, one.root), name)

    def close(self) -> None:
        self._ending.set()
        self._thread.join()

    def check(self, front: FrontService) -> None:
        """All of them are one tree, as it stands in the end."""
        for size, root in self.seen:
            assert front._log.state.nodes.root(size) == root, f"a fork at size {size}"


def until(holds: Callable[[], object], what: str, patience: float = PATIENCE) -> float:
    """Wait for it; how many seconds that took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < patience, what
        time.sleep(0.02)
    return time.monotonic() - began
