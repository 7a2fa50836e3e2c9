"""The stamp of the environment that runs this: what it was made for, and whether it is still whole.

``env_stamp.py write KEY`` records KEY and every distribution in the environment. ``env_stamp.py check KEY`` exits with
0 if that was recorded with this KEY and nothing has gone since, neither a distribution nor a file of one; else with 1.
"""

from __future__ import annotations

import sys
from importlib.metadata import distributions
from pathlib import Path

STAMP = Path(sys.prefix) / "kembar-stamp"


def contents() -> set[str]:
    return {f"{distribution.name} {distribution.version}" for distribution in distributions()}


def files_are_there() -> bool:
    return all(
        Path(str(file.locate())).exists()
        for distribution in distributions()
        for file in distribution.files or ()
        if file.suffix != ".pyc"
    )


def is_current(key: str) -> bool:
    if not STAMP.is_file():
        return False
    recorded_key, *recorded = STAMP.read_text("utf-8").splitlines()
    return recorded_key == key and contents().issuperset(recorded) and files_are_there()


def main(action: str, key: str) -> int:
    if action == "write":
        STAMP.write_text("\n".join([key, *sorted(contents())]) + "\n", "utf-8")
        return 0
    return 0 if is_current(key) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
