"""Serving a registry: the service lives in the one worker process of :mod:`verifier.programs.serving`, for a log has
one writer.

The service is opened in the worker and closed when it ends: after a signal the requests that are being answered finish,
then the writer, then the process. The process that started the worker only waits, so it loads none of what is served.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from registry.config import Lock, load
from registry.web.request_limits import MAX_BODY
from verifier.programs import serving
from verifier.programs.collecting import collect_rarely
from verifier.programs.rsgi import RequestScope
from verifier.words.catalogue import Sentence

if TYPE_CHECKING:
    from registry.service import Service


def run(
    folder: Path,
    host: str,
    port: int,
    threads: int,
    per_address: int = 0,
    *,
    trusted: bool = False,
    asked: Sequence[str] = (),
    json_log: bool = False,
    metrics: str | None = None,
) -> None:
    """Serve until a signal comes. Raises SystemExit if the worker could not start or died.

    ``trusted`` and ``asked`` are as in :class:`registry.config.Config`, ``metrics`` is where its numbers are shown
    (:func:`registry.web.metrics.where`), ``json_log`` has everything logged as lines of JSON.
    """
    Lock(folder).release()  # whether the folder is free is told better here than by a worker that dies
    hint = Sentence("serve.fsck", folder=str(folder))
    limits = serving.Limits(body=MAX_BODY, per_address=per_address)
    served = [f"http://{name}:{port}" for name in dict.fromkeys((_in_url(host), "127.0.0.1", "localhost", "[::1]"))]
    start = partial(_open, folder, trusted, asked, served, json_log, metrics)
    serving.run(str(folder), start, host, port, threads, limits, hint)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _open(
    folder: Path, trusted: bool, asked: Sequence[str], served: Sequence[str], json_log: bool, metrics: str | None
) -> serving.ServedApp:
    if json_log:
        from registry.web import logs

        logs.install()
    from registry.web.app import create_app
    from registry.web.pages.rendering import prepare
    from registry.web.refusals import RefusalCount

    service, closing = _open_service(folder, trusted, asked, served)
    refusals = RefusalCount()
    refusals.start()
    closing, counting = [refusals.close, *closing], []
    if metrics is not None:
        from registry.web.metrics import Metrics, show, where

        numbers = Metrics(service)
        counting.append(numbers.add)
        closing.insert(0, show(numbers, where(metrics))[1])

    def watch(scope: RequestScope, status: int, seconds: float) -> None:
        refusals.add(scope.client.rpartition(":")[0], scope.headers.get("x-forwarded-for") or "", status)
        for count in counting:
            count(status, seconds)

    def close() -> None:
        for one in closing:
            one()

    app = create_app(service)
    prepare(app)
    collect_rarely()
    return serving.ServedApp(app, close, watch)


def _open_service(
    folder: Path, trusted: bool, asked: Sequence[str], served: Sequence[str]
) -> tuple[Service, list[Callable[[], None]]]:
    """And what closes it, in this order."""
    from registry.service import Service

    settings = load(folder, trusted=trusted, asked=asked, served=served)
    if not settings.settings.is_shared:
        service = Service(settings)
        service.served_at(served[0])
        return service, [service.close]
    from registry.candidates import CandidateKeeper
    from registry.front import FrontService

    candidate = CandidateKeeper(folder) if settings.log_keys else None
    front = FrontService(settings)
    front.served_at(served[0])
    return front, [front.close] if candidate is None else [front.close, candidate.close]
