"""What this registry says of itself to programs: its trust policy, its witnesses, its health; and the pages' files."""

from __future__ import annotations

from pathlib import Path

from flask import Response, send_from_directory

from registry.config import POLICY
from registry.service import Service
from registry.web.body import JSON
from registry.web.routes import Views
from verifier.base import canonical

STATIC = Path(__file__).parent / "static"


def views(service: Service) -> Views:
    """The trust policy, the witnesses, its health, and what pages are drawn with."""

    def policy() -> Response:
        """A trust policy for this log and the witnesses that cosign it. A reader may write one of her own."""
        text = (service.config.root / POLICY).read_bytes()
        response = Response(text, content_type="text/plain; charset=utf-8")
        response.headers["Cache-Control"] = "no-cache"
        return response

    def witnesses() -> Response:
        """Who cosigns this log, and how that goes: which witness is slow or out of order."""
        response = Response(canonical.encode(service.witnesses()), content_type=JSON)
        response.headers["Cache-Control"] = "no-store"
        return response

    def health() -> Response:
        """What is wrong with this registry, if anything is; 503 where something is, as load balancers read it."""
        found = service.health()
        response = Response(canonical.encode(found), status=200 if found["ok"] else 503, content_type=JSON)
        response.headers["Cache-Control"] = "no-store"
        return response

    def static(path: str) -> Response:
        return send_from_directory(STATIC, path)

    return {"policy": policy, "witnesses": witnesses, "health": health, "static": static}
