"""What the sequencer says of its health, told to the front ends of its registry: one row beside the log's end.

Only the sequencer knows its clock, what it seals, which entries its disk has changed and which erasures wait. Whether
it lives at all is told by its beat (:mod:`registry.log.lease`).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import LiteralString

from registry.log.log_error import LogError
from registry.log.postgresql import connect, telling
from verifier.base import canonical
from verifier.base.canonical import Json

EVERY = 1.0
"""Seconds between two looks at whether it has changed."""
MAX_HEALTH = 1 << 20

TABLE: LiteralString = """
    CREATE TABLE IF NOT EXISTS sequencer_health (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        health bytea NOT NULL  -- canonical JSON, as /healthz shows it
    )
"""
BEAT: LiteralString = "SELECT beat, (SELECT count(*) FROM queue) FROM head"
HEALTH: LiteralString = "SELECT health FROM sequencer_health"
_TELL: LiteralString = """
    INSERT INTO sequencer_health (health) SELECT %s FROM head WHERE epoch = %s
    ON CONFLICT (one) DO UPDATE SET health = excluded.health
"""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardHealth:
    """``beat`` goes on while there is a sequencer, ``waiting`` are submissions in the queue. ``health`` is what the
    last one said of itself, as :meth:`registry.service.Service.health` does; nothing if none has.
    """

    beat: int
    waiting: int
    health: dict[str, Json]


def parse_health(data: bytes) -> dict[str, Json]:
    """What stands in the row."""
    found = canonical.parse(data, limit=MAX_HEALTH)
    assert isinstance(found, dict)
    return found


class HealthTeller:
    """Tells ``health`` whenever it has changed, in a thread of its own until :meth:`close`.

    ``epoch`` is the sequencer's: once there is another, nothing that this one says is written. While the database is
    away nothing is told; what follows from that is the lease's.
    """

    def __init__(self, url: str, epoch: int, health: Callable[[], dict[str, Json]]) -> None:
        self._url = url
        self._epoch = epoch
        self._health = health
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="health", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Tell nothing more."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                self._tell()
                return
            except LogError as error:
                _log.warning("the front ends are not told how the sequencer is: %s", error)
            except Exception:  # whatever it is, the next look may do better
                _log.exception("the front ends are not told how the sequencer is")
            if self._closing.wait(EVERY):
                return

    def _tell(self) -> None:
        conn = connect(self._url)
        try:
            with telling(self._url):
                conn.execute(TABLE)  # a registry that was made before there was any
                told = b""
                while True:
                    health = canonical.encode(self._health())
                    if health != told:
                        conn.execute(_TELL, (health, self._epoch))
                        told = health
                    if self._closing.wait(EVERY):
                        return
        finally:
            conn.close()
