"""Requests from pages of other origins (CORS, the Fetch standard): a signed one is answered to any, a cookie to none.

A page that holds keys is alone on an origin of its own. It needs no leave: what its signature opens, it opens from
anywhere. No answer ever says that credentials count, so no browser shows another origin what a cookie opened.
"""

from __future__ import annotations

from collections.abc import Set

from flask import Flask, Response, request

from registry.web.readers import was_by_cookie

SIGNED = "Signature-Input"
_ASKED = "Access-Control-Request-Method"
_LEAVE = {
    "Access-Control-Allow-Headers": "Content-Digest, Content-Type, Prefer, Signature, Signature-Input",
    "Access-Control-Allow-Methods": "DELETE, GET, POST, PUT",
    "Access-Control-Max-Age": "7200",
}
_TOLD = "Date, Retry-After"
"""Beside the body: by ``Date`` a client corrects its clock."""


def install(app: Flask, anywhere: Set[str]) -> None:
    """Answer browsers that ask before they send, and let any page read what a signature was answered with, and what the
    endpoints ``anywhere`` answer, at which no cookie counts.

    To be installed before whatever else looks at requests: a browser asks without a signature.
    """

    @app.before_request
    def before_it_is_sent() -> Response | None:
        if request.method != "OPTIONS" or _ASKED not in request.headers:
            return None
        return Response(status=204, headers=_LEAVE)

    @app.after_request
    def to_any_origin(response: Response) -> Response:
        is_asked = response.status_code == 204 and request.method == "OPTIONS"
        is_for_all = SIGNED in request.headers or request.endpoint in anywhere
        if is_asked or (is_for_all and not was_by_cookie()):
            response.headers["Access-Control-Allow-Origin"] = "*"
            response.headers["Access-Control-Expose-Headers"] = _TOLD
        return response
