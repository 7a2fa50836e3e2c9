"""A registry under load, to be killed: ``python -m tests.support.fault_writer FOLDER FILE THREADS``.

It submits the lines of FILE, from the first that it is told to skip, and writes ``id index`` for each answer.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from registry.sequencer import Logged
from registry.service import Service


def main() -> None:
    folder, file, skip, threads = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    lines = iter(file.read_bytes().splitlines()[skip:])
    taking = threading.Lock()
    service = Service.open(folder, clock=lambda: NOW)

    def send() -> None:
        while True:
            with taking:
                some = [line for line, _ in zip(lines, range(3), strict=False)]
            if not some:
                return
            for outcome in service.submit(some):
                if isinstance(outcome, Logged):
                    os.write(1, f"{outcome.id} {outcome.index}\n".encode())
                else:
                    os.write(2, f"{outcome}\n".encode())

    workers = [threading.Thread(target=send) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    service.close()


NOW = 1_790_000_000

if __name__ == "__main__":
    main()
