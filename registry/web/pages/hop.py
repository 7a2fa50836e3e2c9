"""A page between another site's link and a page of a party's own.

A browser that follows such a link sends no session's cookie (SameSite=Strict), and none would count. So it is sent here
first, and from here, which is the registry's own page, on to where it was going. What stands behind the ``#`` stays.
"""

from __future__ import annotations

from collections.abc import Set
from urllib.parse import urlencode

from flask import Flask, Response, redirect, request

from registry.web.auth.sessions import SITE
from registry.web.errors import fail
from registry.web.pages.rendering import page
from registry.web.pages.viewing import Viewing
from registry.web.routes import Views
from verifier.base.values import value

MODE, ELSEWHERE = "Sec-Fetch-Mode", ("cross-site", "same-site")
MAX_PATH = 2048


@value
class Hop:
    """``to`` is a path of this registry."""

    to: str


def views() -> Views:
    """``/hop``."""

    def hop() -> Hop:
        to = request.args.get("to") or "/"
        if not to.startswith("/") or to[1:2] in ("/", "\\") or len(to) > MAX_PATH or not to.isprintable():
            raise fail("question_malformed", "is a path of this registry", "to")
        return Hop(to=to)

    return page("hop", hop, scripted=True)


def install(app: Flask, own: Set[str]) -> None:
    """Send browsers that come from elsewhere to one of the endpoints ``own`` over that page."""

    @app.before_request
    def from_elsewhere() -> Response | None:
        if request.method != "GET" or request.endpoint not in own:
            return None
        if request.headers.get(MODE) != "navigate" or request.headers.get(SITE) not in ELSEWHERE:
            return None
        answer = redirect(f"{Viewing.path('/hop')}?{urlencode({'to': request.full_path.rstrip('?')})}", 303)
        answer.headers["Cache-Control"] = "no-store"
        return Response(answer.get_data(), 303, dict(answer.headers))
