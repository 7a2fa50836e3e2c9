"""What this registry is, for a person with a browser (plain HTML, no scripts), and what it says of itself."""

from __future__ import annotations

from pathlib import Path

from flask import Response, render_template, request, send_from_directory

from registry.config import POLICY
from registry.service import Service
from registry.web.body import JSON
from registry.web.routes import ROUTES, Views
from verifier.base import canonical
from verifier.base.strict import format_instant
from verifier.programs.language import DEFAULT, catalogue, languages

STATIC = Path(__file__).parent / "static"


def views(service: Service) -> Views:
    """The page at ``/`` and what it is drawn with, the trust policy, the witnesses, its health."""

    def home() -> Response:
        size = service.published.checkpoint.size
        words = catalogue(request.accept_languages.best_match(languages(), DEFAULT))
        text = render_template(
            "home.html",
            origin=service.origin,
            genesis=service.genesis,
            vkeys=[str(key) for key in service.config.policy.log(service.origin)],
            size=size,
            sealed=format_instant(service.logged(size - 1)),
            policy=POLICY,
            witnesses=service.witnesses(),
            calls=[(one.shown, words.say(f"call.{one.name}")) for one in ROUTES if f"call.{one.name}" in words],
            language=words.language,
            say=words.say,
        )
        response = Response(text, content_type="text/html; charset=utf-8")
        response.headers["Content-Language"] = words.language
        response.headers["Vary"] = "Accept-Language"
        response.headers["Cache-Control"] = "no-cache"
        return response

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

    return {"home": home, "policy": policy, "witnesses": witnesses, "health": health, "static": static}
