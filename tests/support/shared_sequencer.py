"""A candidate by a clock of its own: ``python -m tests.support.shared_sequencer DIR NOW [POINT WHEN HOW]``.

When it comes to the write POINT once the file DIR/armed is there, ``before`` or ``after`` it, HOW says what becomes of
it: ``kill`` ends it as kill -9 does, ``stop`` stops it until somebody sends SIGCONT. The file is gone then.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from registry import sequencing
from registry.log.bucket_publication import BucketPublication
from registry.log.postgresql_store import PostgresStore
from registry.log.queue import Queue
from registry.service import Service

ARMED = "armed"

POINTS: dict[str, tuple[Any, str]] = {
    "append": (PostgresStore, "append"),
    "sign": (BucketPublication, "swap_signed"),
    "tiles": (BucketPublication, "put"),
    "show": (BucketPublication, "show"),
    "announce": (PostgresStore, "announce"),
    "resolve": (Queue, "resolve"),
}
"""The writes of a batch, in order."""


def main() -> None:
    now = int(sys.argv.pop(2))
    defaults = Service.__init__.__kwdefaults__  # bound when it was defined
    assert defaults is not None
    defaults["clock"] = lambda: now
    if len(sys.argv) > 2:
        point, when, how = sys.argv[2:5]
        kind, name = POINTS[point]
        setattr(kind, name, _wrapped(getattr(kind, name), when, how, Path(sys.argv[1]) / ARMED))
    sequencing.main()


def _wrapped(write: Callable[..., Any], when: str, how: str, armed: Path) -> Callable[..., Any]:
    def struck() -> None:
        if armed.exists():
            armed.unlink()
            os.kill(os.getpid(), signal.SIGKILL if how == "kill" else signal.SIGSTOP)

    def attempt(*given: Any, **named: Any) -> Any:
        if when == "before":
            struck()
        found = write(*given, **named)
        if when == "after":
            struck()
        return found

    return attempt


if __name__ == "__main__":
    main()
