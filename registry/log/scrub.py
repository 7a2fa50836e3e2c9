"""The background pass: within each week every leaf and every section is read once and compared, whoever asks for it.

Damage that nobody reads is found while a mirror or a backup still has the good copy. How far the pass has come is kept
in the folder, so that a registry which is started every day gets through all of its log too.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from registry.log.damage import Damaged, check_disclosures, check_leaf
from registry.log.durable import replace_file
from registry.log.published_log import PublishedLog

WEEK = 7 * 24 * 3600
"""Seconds that a pass takes, and after which the next one begins."""
STEP = 256
"""Entries that are read together."""
MAX_NAMED = 100
"""Damaged entries that are kept; there is no use in naming more."""
PLACE = "background-pass"
"""The file that says when the pass began (POSIX seconds), and with which entry it goes on."""

_log = logging.getLogger(__name__)


class Scrubber:
    """Reads ``log`` in a thread of its own until :meth:`close`. ``damaged`` are the entries found, lowest first."""

    def __init__(self, log: PublishedLog, clock: Callable[[], int] = lambda: int(time.time())) -> None:
        self.damaged: list[int] = []
        self._log = log
        self._clock = clock
        self._path = log.root / PLACE
        self._closing = threading.Event()
        self._began, self._next = _read(self._path)
        self._thread = threading.Thread(target=self._run, name="background-pass", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop where it is."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closing.wait(self._pause()):
            try:
                self.step()
            except Exception:  # a disk that cannot be read at all; what it says is in the log, and it is tried again
                _log.exception("the background pass could not read the log")

    def _pause(self) -> float:
        """Seconds until the next step: spread over the week, or what is left of it once the pass is through."""
        size, since = self._log.published.checkpoint.size, self._clock() - self._began
        if self._next >= size:
            return max(1.0, float(WEEK - since))
        return max(0.1, min(WEEK * STEP / size, 60.0 if since > WEEK else WEEK))

    def step(self) -> None:
        """Read the next entries; from the first again once the week is over."""
        now, size = self._clock(), self._log.published.checkpoint.size
        if self._next >= size and now - self._began >= WEEK:
            self._next = 0
        if self._next == 0:
            self._began = now
        end = min(self._next + STEP, size)
        for index in range(self._next, end):
            try:
                self._read(index)
            except Damaged as error:
                _log.error("%s. It may be restored from a copy or a mirror.", error)
                if index not in self.damaged and len(self.damaged) < MAX_NAMED:
                    self.damaged = sorted([*self.damaged, index])
            else:
                self.damaged = [one for one in self.damaged if one != index]
        self._next = end
        place = {"began": self._began, "next": self._next}
        replace_file(self._path, json.dumps(place).encode())

    def _read(self, index: int) -> None:
        log = self._log
        leaf = check_leaf(index, log.store.read_leaves(*log.state.span(index)), log.state.nodes.read(0, index))
        check_disclosures(index, leaf, log.store.disclosures(index))


def _read(path: Path) -> tuple[int, int]:
    """When the pass began and where it stands; a new one where there is no such file, or none that can be read."""
    try:
        place = json.loads(path.read_bytes())
        return int(place["began"]), int(place["next"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0, 0
