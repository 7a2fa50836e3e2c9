"""``python -m registry.sequencing DIR``: a candidate; the process that is sequencer once it has the lease.

A front end with the log's key starts one beside itself, and another if it ends. It ends by itself as soon as its right
is in doubt, in the middle of whatever it does: every step that it may have left half done is taken up by the next on
the way that a registry starts, and none of those who wait has been told anything.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Never

from registry.candidates import UNFIT
from registry.config import load
from registry.front import problem_bytes
from registry.log.bucket import BucketAway
from registry.log.lease import NotDurable, take
from registry.log.log_error import LogError
from registry.log.postgresql import DatabaseError
from registry.log.queue import Queue, Queued, QueueOutcome
from registry.log.told_health import HealthTeller
from registry.problems import Problem
from registry.sequencer import MAX_BATCH, Outcome
from registry.service import Service
from verifier.base import canonical
from verifier.base.errors import KembarError

LOST = 75
"""How a process ends that lost its lease, or whose database or bucket is away (sysexits.h: TEMPFAIL)."""
LOOK = 0.02
"""Seconds between two looks into an empty queue."""
SWEEP = 60.0
"""Seconds between two sweeps of old outcomes."""

_log = logging.getLogger(__name__)


def main() -> None:
    """Until the other end of standard input is closed, or a signal comes."""
    logging.basicConfig(format="[sequencer] %(message)s", level=logging.INFO)
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    logging.getLogger("botocore").setLevel(logging.WARNING)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=_watch_parent, args=(stop,), daemon=True).start()
    try:
        run(Path(sys.argv[1]), stop)
    except (LogError, KembarError) as error:
        _log.error("%s", error)
        may_pass = isinstance(error, BucketAway | DatabaseError) and not isinstance(error, NotDurable)
        sys.exit(LOST if may_pass else UNFIT)


def run(root: Path, stop: threading.Event) -> None:
    """Be candidate, then sequencer, until ``stop``."""
    settings = load(root)
    shared = settings.shared()
    _log.info("this process is a candidate")
    lease = take(shared.store, lost, stop, single=shared.is_single)
    if lease is None:
        return
    _log.info("this process is sequencer, epoch %d", lease.epoch)
    began = time.monotonic()
    with Service(settings, lease=lease) as service:
        queue, teller = settings.queue(lease), HealthTeller(shared.store, lease.epoch, service.health)
        _log.info("it took over at size %d, after %.1f s", service.published.checkpoint.size, time.monotonic() - began)
        try:
            QueueWriter(service, queue).run(stop)
        finally:
            teller.close()
            queue.close()
    lease.close()


def lost(why: str) -> Never:
    """The lease is in doubt: nothing more is done, and nothing is tidied up."""
    _log.error("this process is sequencer no more: %s", why)
    os._exit(LOST)


class QueueWriter:
    """Hands what waits in the queue to the writer, and says there what became of it."""

    def __init__(self, service: Service, queue: Queue) -> None:
        self._service = service
        self._queue = queue
        self._swept = time.monotonic()

    def run(self, stop: threading.Event) -> None:
        """Until ``stop``, or the lease is lost."""
        while not stop.is_set():
            try:
                if not self.step():  # nothing waits, or nothing may be sealed now
                    stop.wait(LOOK)
            except OSError as error:  # the bucket or the database is away; the lease says if it is for good
                _log.warning("the queue cannot be worked on: %s", error)
                stop.wait(0.5)

    def step(self) -> int:
        """Take what is waiting, up to a batch; of how many it is known what became of them."""
        if time.monotonic() - self._swept > SWEEP:
            self._queue.sweep()
            self._swept = time.monotonic()
        runs = groupby(self._queue.take(MAX_BATCH), key=lambda one: one.require)
        return sum(self._write(list(some), require=require) for require, some in runs)

    def _write(self, queued: Sequence[Queued], *, require: bool) -> int:
        texts = self._queue.sections(queued)
        raw = [_submission(one, its) for one, its in zip(queued, texts, strict=True)]
        outcomes = self._service.submit(raw, require=require)
        size = self._service.published.checkpoint.size
        said = {one.ticket: _said(one, outcome, size) for one, outcome in zip(queued, outcomes, strict=True)}
        done = [one for one in said.values() if one is not None]
        if done:
            self._queue.resolve(done, [one for one in queued if said[one.ticket] is not None])
        return len(done)


def _submission(queued: Queued, texts: Sequence[str]) -> bytes:
    return b'{"disclosures":' + canonical.encode(list(texts)) + b',"envelope":' + queued.envelope + b"}"


def _said(queued: Queued, outcome: Outcome, size: int) -> QueueOutcome | None:
    """For the queue; None for what is to be tried again: it stays there."""
    if isinstance(outcome, Problem):
        if outcome.status == 503:
            return None
        return QueueOutcome(
            ticket=queued.ticket, id=queued.id, entry=None, repeated=None, erasure=None,
            problem=problem_bytes(outcome), size=size,
        )  # fmt: skip
    erasure = None if outcome.erasure is None else outcome.erasure.pending
    return QueueOutcome(
        ticket=queued.ticket, id=queued.id, entry=outcome.index, repeated=outcome.repeated, erasure=erasure,
        problem=None, size=outcome.published.checkpoint.size,
    )  # fmt: skip


def _watch_parent(stop: threading.Event) -> None:
    while os.read(0, 4096):  # not through sys.stdin, whose lock would be held when the process ends
        pass
    stop.set()


if __name__ == "__main__":
    main()
