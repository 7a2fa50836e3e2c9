"""A log that another process writes, followed as it is published: what a front end reads and proves.

It shows a checkpoint only if that stands in the bucket, for only there one sequencer alone gets on: what a database
holds beyond it may be lost in a failover, or be another's.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from itertools import takewhile
from pathlib import Path

from registry.log.damage import Damaged
from registry.log.log_error import LogError
from registry.log.publication import Publication, Published
from registry.log.published_log import PublishedLog
from registry.log.store import PendingErasure, Store
from registry.log.told_health import EVERY, HeardHealth
from verifier.base.errors import KembarError
from verifier.statements.envelope import parse_envelope

LOOK = 0.1
"""Seconds between two looks at what was published."""
ANYWAY = 30.0
"""Seconds after which the bucket is looked at even if nothing was announced."""

_log = logging.getLogger(__name__)


class FollowedLog(PublishedLog):
    """The log of ``store`` as far as ``publication`` shows it. ``edition`` counts what was announced there, ``heard``
    is what the sequencer says of itself.

    ``on_quorum`` is given each checkpoint that met the quorum, as the sequencer has kept it. ``sequencer`` is what was
    heard last, and ``heard_at`` when its beat went on (by the monotonic clock).
    """

    def __init__(
        self,
        root: Path,
        origin: str,
        store: Store,
        publication: Publication,
        edition: Callable[[], int],
        heard: Callable[[], HeardHealth],
    ) -> None:
        super().__init__(store)
        self.root = root
        self.origin = origin
        self.publication = publication
        self.eraser = Elsewhere()
        self.on_quorum: Callable[[Published], None] = lambda published: None
        self.sequencer: HeardHealth | None = None
        self._edition = edition
        self._heard = heard
        self._seen = -1
        self.looked_at = self.heard_at = self._looked = time.monotonic()
        self._asked = 0.0
        self._grown = threading.Condition()
        self._closing = threading.Event()
        self._looking = threading.Lock()
        try:
            self._begin()
        except BaseException:
            store.close()
            raise
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)
        self._thread.start()

    def _begin(self) -> None:
        shown = self.publication.read_shown()
        if shown is None:
            raise LogError("nothing is published in the bucket yet: is its sequencer running?")
        size = shown.checkpoint.size
        self.state.load(takewhile(lambda batch: batch.size < size, self.store.batches(leaves=False)))
        self._check(shown)
        self.genesis = sha256(parse_envelope(self.leaf(0)).payload).hexdigest()
        self._published, self._unpublished = shown, []

    def close(self) -> None:
        """Follow no more."""
        self._closing.set()
        self._thread.join()
        self.store.close()

    def await_size(self, size: int, patience: float) -> bool:
        """Wait until a checkpoint of ``size`` or more is shown here; False if that takes longer than ``patience``."""
        with self._grown:
            return self._grown.wait_for(lambda: self.published.checkpoint.size >= size, patience)

    def catch_up(self) -> None:
        """Look now, if anything was announced since the last look. Raises OSError and :class:`LogError`."""
        edition = self._edition()
        if edition != self._seen:
            self._look(edition)

    def _run(self) -> None:
        told = ""
        while not self._closing.wait(LOOK):
            try:
                edition = self._edition()
                self.looked_at = time.monotonic()
                if edition != self._seen or time.monotonic() - self._looked > ANYWAY:
                    self._look(edition)
                if time.monotonic() - self._asked > EVERY:
                    self._hear()
                told = ""
            except (OSError, LogError, Damaged, KembarError) as error:
                if told != str(error):  # once; what is shown stays
                    _log.warning("the log cannot be followed: %s", error)
                told = str(error)

    def _hear(self) -> None:
        self._asked = time.monotonic()
        heard = self._heard()
        if self.sequencer is None or heard.beat != self.sequencer.beat:
            self.heard_at = time.monotonic()
        self.sequencer = heard

    def _look(self, edition: int) -> None:
        with self._looking:
            shown = self.publication.read_shown()
            kept = self.publication.read_quorum()
            if shown is not None:
                self._take(shown)
            if kept is not None:
                self.on_quorum(kept)
            self._seen, self._looked = edition, time.monotonic()

    def _take(self, shown: Published) -> None:
        size = shown.checkpoint.size
        if size < self.published.checkpoint.size:
            return
        fresh = list(takewhile(lambda batch: batch.size < size, self.store.batches(self.state.size, leaves=False)))
        hashes = b"".join(batch.hashes for batch in fresh)  # before anything is taken: nothing is taken back
        if self.state.size + len(hashes) // 32 != size or self.state.nodes.root_with(hashes) != shown.checkpoint.root:
            raise _lost(size)
        with self._lock:
            for batch in fresh:
                undo = self.state.apply(batch)
                if self.follower is not None:
                    self.follower.grew(batch.size + 1, list(undo))
            self._published = shown
        with self._grown:
            self._grown.notify_all()

    def _check(self, shown: Published) -> None:
        size = shown.checkpoint.size
        if size != self.state.size or shown.checkpoint.root != self.state.nodes.root(size):
            raise _lost(size)


def _lost(size: int) -> LogError:
    return LogError(
        f"the database does not hold the tree of size {size} that is published: it lost commits, or is another"
    )


class Elsewhere:
    """Erasures are finished by the sequencer (:class:`registry.log.store.Erasing`)."""

    pending: PendingErasure | None = None

    def erased(self) -> PendingErasure | None:
        return None

    def close(self) -> None:
        pass
