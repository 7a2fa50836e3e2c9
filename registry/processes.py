"""Processes beside the registry's own: programs of this package that are started, and frames that go to and fro.

They are programs of their own (``python -m``), not forks of a process that has threads. What goes in the frames is
:mod:`marshal` of plain values: both ends are of one version, and nobody else can write into them.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

_LENGTH = 4
Raw = IO[bytes] | socket.SocketIO
"""A pipe or a socket without a buffer."""


def start(
    module: str, arguments: Sequence[str] = (), *, stdin: int, stdout: int | None = None
) -> subprocess.Popen[bytes]:
    """Run a module of ours. Raises OSError."""
    paths = [str(Path(__file__).parent.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=stdin,
        stdout=stdout,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        bufsize=0,
        start_new_session=True,  # Ctrl-C is for the registry, which ends its processes when it is done with them
    )


def write_frame(sink: Raw, data: bytes) -> None:
    """``sink`` is not buffered. Raises OSError."""
    view = memoryview(len(data).to_bytes(_LENGTH, "big") + data)
    while view:
        view = view[sink.write(view) :]


def read_frame(source: Raw) -> bytes | None:
    """One frame; None at the end, be it in the middle of a frame."""
    head = _read_exactly(source, _LENGTH)
    return None if head is None else _read_exactly(source, int.from_bytes(head, "big"))


def _read_exactly(source: Raw, size: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        part = source.read(size - len(parts))
        if not part:
            return None
        parts += part
    return bytes(parts)
