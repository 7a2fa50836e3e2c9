"""A process beside a front end that is sequencer, or waits to be: it is started, and another when it ends."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

from registry.processes import start

UNFIT = 78
"""How one ends that no restart helps, until somebody has done something (sysexits.h: CONFIG)."""
AGAIN, LATER = 1.0, 30.0
"""Seconds before another is started, after an end that may well be the last, and after one that may not."""

_log = logging.getLogger(__name__)


class CandidateKeeper:
    """Keeps one for the folder ``root`` until :meth:`close`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._ending = threading.Event()
        self._pipe: int | None = None
        self._thread = threading.Thread(target=self._run, name="candidate", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Have it finish what it writes, and end; its lease is free for others then."""
        self._ending.set()
        if (pipe := self._pipe) is not None:
            self._pipe = None
            os.close(pipe)
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.is_set():
            theirs, self._pipe = os.pipe()
            try:
                process = start("registry.sequencing", [str(self._root)], stdin=theirs)
            except OSError as error:
                _log.error("there can be no sequencer beside this front end: %s", error)
                self._ending.wait(LATER)
                continue
            finally:
                os.close(theirs)
            code = process.wait()
            if not self._ending.is_set():
                _log.warning("the sequencer beside this front end has ended (%d); another takes its place", code)
                self._ending.wait(LATER if code == UNFIT else AGAIN)
            if (pipe := self._pipe) is not None:
                self._pipe = None
                os.close(pipe)
