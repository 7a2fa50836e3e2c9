"""Where a party's own pages begin, and what a browser is shown instead of a page: what is wrong, and what to do."""

from __future__ import annotations

import json

from flask import Flask, Response, redirect, render_template, request

from registry.look import Zone
from registry.service import Service
from registry.web.errors import PROBLEM, ProblemError, fail
from registry.web.pages.reader_view import ReaderView
from registry.web.pages.rendering import PLAIN, POLICY, ROLES, helpers
from registry.web.pages.viewing import Viewing, viewing
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.programs.language import DEFAULT, catalogue, languages, tell

HOMES = tuple(ROLES)
"""Roles that have pages, in the order in which a party of several begins."""


def views(service: Service) -> Views:
    """``/mine`` leads to the pages of the reader's role; a wider choice is in their navigation."""

    def mine() -> Response:
        if reader().is_registrar:
            return _to("/registrar")
        if not reader().party:
            raise fail("refused", "refused")
        roles = ReaderView(service, reader()).roles(reader().party)
        role = next((one for one in HOMES if _enrolled(one) in roles), None)
        if role is None:
            raise fail("not_found", "there is no page for a party of this role", "of")
        return _to(f"/{role}")

    return {"mine": mine}


def _to(path: str) -> Response:
    """Elsewhere, for this reader alone."""
    answer = redirect(viewing().address(path), 303)
    answer.headers["Cache-Control"] = "no-store"
    return Response(answer.get_data(), 303, dict(answer.headers))


def _enrolled(place: str) -> str:
    """The role that the pages at a place are for."""
    return "licensee" if place == "brand" else place


def install(app: Flask) -> None:
    """Have browsers shown a page where programs get a problem."""

    @app.after_request
    def shown(response: Response) -> Response:
        if response.mimetype != PROBLEM:
            return response
        kinds = request.accept_mimetypes
        if kinds["text/html"] <= kinds[PROBLEM]:
            return response
        problem = json.loads(response.get_data())
        look = _look()
        code, told = problem["type"].split(":")[-1], tell(problem["detail"], look.words)
        text = render_template("problem.html", problem=problem, code_=code, told=told, **helpers(look))
        response.set_data(text)
        response.headers["Content-Type"] = "text/html; charset=utf-8"
        response.headers["Content-Language"] = look.words.language
        response.headers["Content-Security-Policy"] = POLICY + PLAIN
        return response


def _look() -> Viewing:
    """As the address says, unless that is what is wrong."""
    try:
        return viewing()
    except ProblemError:
        words = catalogue(request.accept_languages.best_match(languages(), DEFAULT))
        return Viewing(words=words, zone=Zone("UTC"))
