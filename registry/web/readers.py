"""Who is asking, for a view: ``reader()``. Authority is by key, never by address (:mod:`registry.web.auth`)."""

from __future__ import annotations

from typing import IO, cast

from flask import Flask, Request, g, request

from registry.problems import Problem
from registry.readers.reader import Reader
from registry.web.auth.authority import Authority
from registry.web.auth.signatures import HttpRequest
from registry.web.errors import ProblemError


def reader() -> Reader:
    """Whoever signed the request that is being answered; a stranger where nobody did."""
    found: Reader = g.kembar_reader
    return found


def install(app: Flask, authority: Authority) -> None:
    """Judge the signature of every request before anything else of it is looked at."""

    @app.before_request
    def judge() -> None:
        body = cast("IO[bytes]", request.environ["wsgi.input"])
        found = authority.reader(as_signed(request), request.stream)
        if isinstance(found, Problem):
            raise ProblemError(found)
        g.kembar_reader = found
        if not found.is_stranger and request.content_length:
            body.seek(0)  # it has been read, to compare its digest; the view reads it again
            request.__dict__.pop("stream", None)


def as_signed(asked: Request) -> HttpRequest:
    """What is signed of a request: never Host, Forwarded or the like."""
    return HttpRequest(
        method=asked.method,
        path=asked.path,
        query=asked.query_string.decode("latin-1"),
        headers={name.lower(): value for name, value in asked.headers.items()},
        has_body=bool(asked.content_length),
    )
