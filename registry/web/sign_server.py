"""The page that holds keys, served alone on an origin of its own: one file, and no call besides.

It is the page that ``scripts/page`` builds, with a trust policy in it, as :mod:`registry.web.verify_page` serves the
verifier. Nothing of a registry is needed for it.
"""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

from verifier.programs import serving
from verifier.programs.page.built import SIGN, content_policy, with_policy

HEADERS = {
    "Cache-Control": "no-cache",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}
THREADS = 8


def sign_app(policy: bytes) -> Flask:
    """The page under a trust policy, at ``/``."""
    app = Flask("registry.web.sign_server", static_folder=None)
    page = with_policy(policy, SIGN)
    packed = gzip.compress(page, 9, mtime=0)
    csp = f"{content_policy(SIGN)}; frame-ancestors 'none'"

    @app.get("/")
    def sign_page() -> Response:
        is_packed = request.accept_encodings["gzip"] > 0
        response = Response(packed if is_packed else page, content_type="text/html; charset=utf-8")
        if is_packed:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Content-Security-Policy"] = csp
        response.headers.update(HEADERS)
        response.add_etag()
        response.make_conditional(request)
        return response

    return app


def run(policy: bytes, host: str, port: int) -> None:
    """Serve it until a signal comes. Raises SystemExit if the worker could not start or died."""

    def start() -> serving.ServedApp:
        return serving.ServedApp(sign_app(policy), lambda: None)

    serving.run("sign.html", start, host, port, THREADS, serving.Limits(body=0))
