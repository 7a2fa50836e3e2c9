"""A registry that dies at one write of a batch: ``python -m tests.support.crash_writer FOLDER FILE POINT WHEN``.

It submits what FILE holds; when it comes to the write POINT (``append``, ``guard``, ``signed-checkpoint`` or
``checkpoint``) the process ends at once, ``before`` or ``after`` the write, as kill -9 ends it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from registry.log import durable, publication
from registry.log.guard import Guard
from registry.log.sqlite_store import SqliteStore
from registry.service import Service
from tests.support.fault_writer import NOW

DIED = 77
"""The exit status of a process that came to its point."""


def main() -> None:
    folder, file, point, when = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
    with Service.open(folder, clock=lambda: NOW) as service:
        replace = durable.replace_file

        def replaced(path: Path, data: bytes, **named: Any) -> None:
            dying(lambda: replace(path, data, **named), path.name == point, when)

        setattr(publication, "replace_file", replaced)  # noqa: B010 -- mypy knows it by its own name
        for kind, name in ((Guard, "swap"), (SqliteStore, "append")):
            write: Callable[..., Any] = getattr(kind, name)
            is_point = point == {"swap": "guard"}.get(name, name)
            setattr(kind, name, _wrapped(write, is_point, when))
        service.submit(file.read_bytes().splitlines())


def dying(write: Callable[[], Any], is_point: bool, when: str) -> Any:
    """Do the write, and die before or after it if it is the one."""
    if is_point and when == "before":
        os._exit(DIED)
    found = write()
    if is_point:
        os._exit(DIED)
    return found


def _wrapped(write: Callable[..., Any], is_point: bool, when: str) -> Callable[..., Any]:
    return lambda *given, **named: dying(lambda: write(*given, **named), is_point, when)


if __name__ == "__main__":
    main()
