"""``registry recover`` where several machines share the log: a database that lost commits goes on from the bucket.

The bucket does not go back, so it says what was signed last; its tiles have the entries, and ``sections/`` has the
private ones. Nothing there is changed. It is done as sequencer: no other may be one meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from registry.config import Config
from registry.log.lease import Lease, take
from registry.log.log_error import LogError
from registry.log.publication import SIGNED_CHECKPOINT
from registry.log.shared import SharedLog
from registry.recover import Recovered, Recovery, Seen
from verifier.log.tiles import CHECKPOINT_PATH

Say = Callable[[str], None]
WAIT = 10.0
"""Seconds that a sequencer that runs may take to be gone."""


def recover_shared(settings: Config, sources: Sequence[str], say: Say) -> Recovered:
    """Take up the registry that ``settings`` are of with what its bucket, and ``sources``, hold."""
    shared = settings.shared()
    lease = take_now(shared)
    try:
        store = shared.open_store(lease)
        try:
            return SharedRecovery(settings, store, say).run((*sources, settings.public))
        finally:
            store.close()
    finally:
        lease.close()


def take_now(shared: SharedLog) -> Lease:
    """Be sequencer within some seconds. Raises :class:`LogError` where another is."""
    stop = threading.Event()
    timer = threading.Timer(WAIT, stop.set)
    timer.start()
    try:
        lease = take(shared.store, _lost, stop, single=shared.is_single)
    finally:
        timer.cancel()
    if lease is None:
        raise LogError("another process is sequencer: end it first")
    return lease


class SharedRecovery(Recovery):
    """One run over database and bucket."""

    def _ask_folder(self) -> None:
        publication = self._settings.publication()
        signed, shown = publication.read_signed(), publication.read_shown()
        if signed is not None:
            self._add(SIGNED_CHECKPOINT, signed.note.encode())
        if shown is not None:
            self._add(CHECKPOINT_PATH, shown.note.encode(), self._settings.public)

    def _ask_guard(self) -> bool:
        return any(one.who == SIGNED_CHECKPOINT for one in self._seen)

    def _finish(self, target: Seen) -> None:
        """The bucket holds what was signed; only which sections it has is to be said in the database again."""
        kept = self._settings.shared().sections()
        try:
            wanted = [(bytes.fromhex(id), name) for _, id, name in self._sections]
            texts = kept.get(wanted)
        finally:
            kept.close()
        there = [
            (index, name, text)
            for (index, _, name), text in zip(self._sections, texts, strict=True)
            if text is not None
        ]
        self.store.add_disclosures(there)
        found = {(index, name) for index, name, _ in there}
        self._sections = [one for one in self._sections if (one[0], one[2]) not in found]


def _lost(why: str) -> None:
    raise LogError(f"this process is sequencer no more: {why}")
