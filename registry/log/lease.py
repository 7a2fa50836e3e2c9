"""Who is sequencer: one process at a time, found dead within seconds, whatever has become of it.

The sequencer holds an advisory lock on the one connection that it writes with. A killed process frees it at once; one
that is stopped, or whose machine is cut off, does not. So it also counts a *beat* in the row ``head`` each second, and
a candidate that sees no new beat for three seconds by its own clock ends that connection from the server's side.
Whoever gets the lock raises the *epoch*, by a synchronous commit, before it reads the log: from then on every write of
a sequencer before it changes no row.

None of this holds where the database itself is two, after a failover. That is what the signed checkpoint in the bucket
is for (:mod:`registry.log.bucket_publication`).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import LiteralString

import psycopg

from registry.log.postgresql import ANSWER_SECONDS, ERRORS, Connection, DatabaseError, connect, shown, telling

LOCK = 0x6B656D626172
"""The advisory lock's number in the registry's database: ``kembar``."""
BEAT = 1.0
"""Seconds between two beats."""
SILENCE = 3.0
"""Seconds without a new beat after which a sequencer is given up."""
LOOK = 0.2
"""Seconds between two looks of a candidate."""

_log = logging.getLogger(__name__)

_RAISE: LiteralString = "UPDATE head SET epoch = epoch + 1, beat = beat + 1 RETURNING epoch"
_SETTINGS: LiteralString = """
    SELECT name, setting FROM pg_settings WHERE name IN ('synchronous_commit', 'synchronous_standby_names')
"""
_END_HOLDER: LiteralString = """
    SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND classid = %s AND objid = %s AND granted
"""


class Lease:
    """The right to write, held by ``conn`` as ``epoch``. ``on_lost`` is called, once, as soon as it is in doubt.

    ``writing`` is held by whoever uses the connection. No answer within some seconds is a loss: whoever calls
    ``on_lost`` must not go on.
    """

    def __init__(self, conn: Connection, epoch: int, on_lost: Callable[[str], None]) -> None:
        self.conn = conn
        self.epoch = epoch
        self.writing = _Watched(lambda: self.lose("the database did not answer in time"))
        self._on_lost = on_lost
        self._lost = threading.Lock()
        self._closing = threading.Event()
        conn.add_notice_handler(self._noticed)
        self._thread = threading.Thread(target=self._beat, name="beat", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Let another be sequencer."""
        self._closing.set()
        self._thread.join()
        self.writing.close()
        self.conn.close()

    def _beat(self) -> None:
        while not self._closing.wait(BEAT):
            try:
                with self.writing:
                    done = self.conn.execute("UPDATE head SET beat = beat + 1 WHERE epoch = %s", (self.epoch,))
                if done.rowcount != 1:
                    self.lose("another process is sequencer")
            except ERRORS as error:
                self.lose(f"the database does not answer ({type(error).__name__})")

    def _noticed(self, notice: psycopg.errors.Diagnostic) -> None:
        """A commit that was cancelled while it waited for a standby succeeds, with no more than this warning."""
        if notice.severity_nonlocalized == "WARNING":
            self.lose(f"the database warns: {notice.message_primary}")

    def lose(self, why: str) -> None:
        """It is in doubt: whoever holds it must not go on."""
        if not self._closing.is_set() and self._lost.acquire(blocking=False):
            self._on_lost(why)


class _Watched:
    """A lock; ``on_late`` is called if it is held for longer than an answer may take."""

    def __init__(self, on_late: Callable[[], None]) -> None:
        self._lock = threading.Lock()
        self._on_late = on_late
        self._since: float | None = None
        self._closing = threading.Event()
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def __enter__(self) -> None:
        self._lock.acquire()
        self._since = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self._since = None
        self._lock.release()

    def close(self) -> None:
        self._closing.set()

    def _watch(self) -> None:
        while not self._closing.wait(LOOK):
            since = self._since
            if since is not None and time.monotonic() - since > ANSWER_SECONDS:
                self._on_late()
                return


def take(url: str, on_lost: Callable[[str], None], stop: threading.Event, *, single: bool = False) -> Lease | None:
    """Wait until this process is sequencer; None if ``stop`` is set first.

    ``single``: the operator vouches that there is one database and no standby. Raises :class:`DatabaseError` where
    commits are not kept as a log needs it. A database that is away is waited for.
    """
    while not stop.is_set():
        try:
            conn = connect(url)
        except DatabaseError as error:
            _log.warning("%s; it is tried again", error)
            stop.wait(1.0)
            continue
        try:
            with telling(url):
                check_durable(conn, url, single=single)
                if not _wait_for_lock(conn, stop):
                    break
                [(epoch,)] = conn.execute(_RAISE).fetchall()
            return Lease(conn, epoch, on_lost)
        except DatabaseError as error:
            conn.close()
            if isinstance(error, NotDurable):
                raise
            _log.warning("%s; it is tried again", error)
            stop.wait(LOOK)
        except BaseException:
            conn.close()
            raise
    return None


class NotDurable(DatabaseError):
    """The database may lose what it has committed."""


def check_durable(conn: Connection, url: str, *, single: bool) -> None:
    """Whether a commit that was answered outlives the loss of one machine. Raises :class:`NotDurable`."""
    settings: dict[str, str] = dict(conn.execute(_SETTINGS).fetchall())
    if settings["synchronous_commit"] not in ("on", "remote_apply"):
        raise NotDurable(f"{shown(url)}: synchronous_commit is {settings['synchronous_commit']}: it must be on")
    if not settings["synchronous_standby_names"] and not single:
        raise NotDurable(
            f"{shown(url)} names no synchronous standby, so the loss of its machine loses what was answered: set "
            f"synchronous_standby_names, or take that upon you with --single-database"
        )


def _wait_for_lock(conn: Connection, stop: threading.Event) -> bool:
    """Have the lock, at the latest some seconds after its holder fell silent."""
    seen: tuple[int, int] | None = None
    looked = since = time.monotonic()
    while not stop.is_set():
        if conn.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone() == (True,):
            return True
        now = time.monotonic()
        beat = conn.execute("SELECT epoch, beat FROM head").fetchone()
        if beat != seen or now - looked > SILENCE / 2:  # the latter: it was this process that stood still
            seen, since = beat, now
        elif now - since > SILENCE:
            _log.warning("the sequencer has been silent for %.1f s: its connection is ended", now - since)
            conn.execute(_END_HOLDER, (LOCK >> 32, LOCK & 0xFFFFFFFF))
            since = now
        looked = now
        stop.wait(LOOK)
    return False
