"""What a process needs of memory at most, counted for itself (Linux)."""

from __future__ import annotations

import os
from pathlib import Path


def peak(process: int | str = "self") -> int:
    """Resident bytes at most, since the process's program began or :func:`forget_peak`.

    ``ru_maxrss`` is no measure of it: there the memory of the process that started it is counted too.
    """
    said = Path(f"/proc/{process}/status").read_text("ascii")
    return int(said.split("VmHWM:")[1].split()[0]) * 1024


def forget_peak() -> None:
    """Count this process's peak from now on."""
    Path("/proc/self/clear_refs").write_text("5", "ascii")


def children() -> list[int]:
    """The processes that this one started, and that run."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii")
    return [int(one) for one in listed.split()]
