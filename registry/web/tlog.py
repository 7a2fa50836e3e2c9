"""The log as C2SP tlog-tiles: the checkpoint, tiles and entry bundles. Public, and the same for everybody."""

from __future__ import annotations

import gzip

from flask import Response, request

from registry.service import Service
from registry.web.errors import fail
from registry.web.routes import Views
from verifier.base.errors import KembarError
from verifier.log.tiles import WIDTH, parse_tile_path

IMMUTABLE = "public, max-age=31536000, immutable"
SHORT = "public, max-age=60"
_GZIP_LEVEL = 6


def views(service: Service) -> Views:
    """The checkpoint, for auditors the newest one, and tiles."""

    def checkpoint() -> Response:
        return _note(service.checkpoint())

    def newest() -> Response:
        """What an auditor replays to before it cosigns: nobody may have cosigned it yet."""
        return _note(service.published.note)

    def tile(path: str) -> Response:
        try:
            wanted = parse_tile_path(f"tile/{path}")
        except KembarError as error:
            raise fail("not_found", f"{error.message} (C2SP tlog-tiles)") from None
        data = service.tile(wanted)
        if data is None:
            raise fail("not_found", "the log has no such tile, or not of this width, at its newest checkpoint")
        response = Response(data, content_type="application/octet-stream")
        if wanted.level is None:
            _compress(response, data)
        response.headers["Cache-Control"] = IMMUTABLE if wanted.width == WIDTH else SHORT
        return response

    return {"checkpoint": checkpoint, "newest": newest, "tile": tile}


def _note(checkpoint: str) -> Response:
    response = Response(checkpoint.encode("utf-8"), content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response


def _compress(response: Response, data: bytes) -> None:
    """Entry bundles shrink well, hashes do not. What a cache keeps depends on what was asked for."""
    response.headers["Vary"] = "Accept-Encoding"
    if request.accept_encodings["gzip"] > 0:
        response.set_data(gzip.compress(data, _GZIP_LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
