"""``python -m tests.support.kept FOLDER USER PROGRAM [ARGUMENT ...]``: a program that lives as long as who started it.

It runs until standard input is closed, which the kernel does for a run that was killed: then it is ended at once
(SIGQUIT), and FOLDER, which is its own, goes. SIGINT and SIGTERM are for the program to end in its own way. USER is a
number, or empty for who calls.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from typing import Any


def main() -> int:
    folder, user, *command = sys.argv[1:]
    given: dict[str, Any] = {"user": int(user), "extra_groups": []} if user else {}
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, cwd=folder, **given)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: process.send_signal(number))
    is_left = threading.Event()

    def watch() -> None:
        while os.read(0, 4096):
            pass
        is_left.set()
        process.send_signal(signal.SIGQUIT)

    threading.Thread(target=watch, daemon=True).start()
    code = process.wait()
    if is_left.is_set():
        shutil.rmtree(folder, ignore_errors=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
