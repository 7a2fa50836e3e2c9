"""Serving a registry: the service lives in the one worker process of :mod:`verifier.programs.serving`, for a log has
one writer.

The service is opened in the worker and closed when it ends: after a signal the requests that are being answered finish,
then the writer, then the process.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from registry.config import Lock, load
from registry.service import Service
from registry.web.app import create_app
from registry.web.body import MAX_BODY
from verifier.programs import serving


def run(
    folder: Path,
    host: str,
    port: int,
    threads: int,
    per_address: int = 0,
    *,
    trusted: bool = False,
    asked: Sequence[str] = (),
) -> None:
    """Serve until a signal comes. Raises SystemExit if the worker could not start or died.

    ``trusted`` and ``asked`` are as in :class:`registry.config.Config`.
    """
    Lock(folder).release()  # whether the folder is free is told better here than by a worker that dies
    hint = f" (registry fsck {folder} may know more)"
    limits = serving.Limits(body=MAX_BODY, per_address=per_address)
    served = [f"http://{name}:{port}" for name in dict.fromkeys((_in_url(host), "127.0.0.1", "localhost", "[::1]"))]
    serving.run(str(folder), partial(_open, folder, trusted, asked, served), host, port, threads, limits, hint)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _open(folder: Path, trusted: bool, asked: Sequence[str], served: Sequence[str]) -> serving.Opened:
    service = Service(load(folder, trusted=trusted, asked=asked, served=served))
    service.settle()
    service.served_at(served[0])
    return create_app(service), service.close
