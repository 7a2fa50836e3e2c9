"""The page at ``/``: what this registry is, for a person with a browser. Plain HTML, no scripts."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from registry.config import POLICY
from registry.service import Service
from registry.web.body import JSON
from verifier.base import canonical
from verifier.base.strict import format_instant


def blueprint(service: Service) -> Blueprint:
    """``GET /``, ``GET /trust.policy`` and ``GET /witnesses``."""
    pages = Blueprint("pages", __name__, template_folder="templates")

    @pages.get("/")
    def home() -> Response:
        size = service.published.checkpoint.size
        text = render_template(
            "home.html",
            origin=service.origin,
            genesis=service.genesis,
            vkeys=[str(key) for key in service.config.policy.log(service.origin)],
            size=size,
            sealed=format_instant(service.logged(size - 1)),
            policy=POLICY,
            witnesses=service.witnesses(),
        )
        response = Response(text, content_type="text/html; charset=utf-8")
        response.headers["Cache-Control"] = "no-cache"
        return response

    @pages.get(f"/{POLICY}")
    def policy() -> Response:
        """A trust policy for this log and the witnesses that cosign it. A reader may write one of her own."""
        text = (service.config.root / POLICY).read_bytes()
        response = Response(text, content_type="text/plain; charset=utf-8")
        response.headers["Cache-Control"] = "no-cache"
        return response

    @pages.get("/witnesses")
    def witnesses() -> Response:
        """Who cosigns this log, and how that goes: which witness is slow or out of order."""
        response = Response(canonical.encode(service.witnesses()), content_type=JSON)
        response.headers["Cache-Control"] = "no-store"
        return response

    return pages
