"""The verifier as a page, with this registry's trust policy in it.

It is the page that ``verifier page`` writes, byte for byte: its hash stands at ``/``. Here a service worker keeps it on
the device. A service worker may answer for every page below its own folder, so there is one, and one address for it.
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, abort, request

from registry.config import POLICY
from registry.service import Service
from registry.web.routes import Views
from verifier.programs.page.built import content_policy, page_hash, with_policy

FOLDER = Path(__file__).parent / "verify"
WORKER = "worker.js"
MEDIA_TYPES = {
    WORKER: "text/javascript; charset=utf-8",
    "manifest.json": "application/manifest+json",
}
WORKER_POLICY = "default-src 'none'; connect-src 'self'"
"""The worker fetches what it keeps."""


def views(service: Service) -> Views:
    """The page, and the files beside it."""

    def page() -> bytes:
        return with_policy((service.config.root / POLICY).read_bytes())

    def verify() -> Response:
        return _page(page())

    def verify_file(name: str) -> Response:
        if name not in MEDIA_TYPES:
            abort(404)
        data = (FOLDER / name).read_bytes()
        if name == WORKER:
            data = data.replace(b"HASH", page_hash(page()).encode())  # another page is another worker
        response = Response(data, content_type=MEDIA_TYPES[name])
        if name == WORKER:
            response.headers["Content-Security-Policy"] = WORKER_POLICY
        return _revalidated(response)

    return {"verify": verify, "verify_file": verify_file}


def served_hash(service: Service) -> str:
    """SHA-256 of the page as it is served here, policy and all: what a browser that saves it has."""
    return page_hash(with_policy((service.config.root / POLICY).read_bytes()))


def install(app: Flask) -> None:
    """No other address gives a browser a service worker, whatever it would answer otherwise."""

    @app.before_request
    def only_one_worker() -> None:
        here = (request.view_args or {}).get("name")
        if "Service-Worker" in request.headers and (request.endpoint, here) != ("verify_file", WORKER):
            abort(404)


def _page(page: bytes) -> Response:
    is_packed = request.accept_encodings["gzip"] > 0
    response = Response(_packed(page) if is_packed else page, content_type="text/html; charset=utf-8")
    if is_packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Content-Security-Policy"] = f"{content_policy()}; frame-ancestors 'none'"
    return _revalidated(response)


@lru_cache(maxsize=2)
def _packed(page: bytes) -> bytes:
    return gzip.compress(page, 9, mtime=0)


def _revalidated(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response
