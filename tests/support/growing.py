"""Has a log of a test's witness cosigned one entry further, again and again, and prints each size once it is."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.witnessed_logs import MemoryLog, witness


def main(folder: Path) -> None:
    log = MemoryLog()
    one = witness(folder, log)
    size = one.store.known(log.origin).size
    while True:
        assert one.add_checkpoint(log.request(size, size + 1)).status == 200
        size += 1
        print(size, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
