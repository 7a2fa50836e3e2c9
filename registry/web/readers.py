"""Who is asking, for a view: ``reader()``. Authority is by key, never by address (:mod:`registry.web.auth`)."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import IO, cast

from flask import Flask, Request, Response, g, request

from registry.problems import Problem
from registry.readers.reader import STRANGER, Reader
from registry.web.auth.authority import Authority
from registry.web.auth.sessions import Sessions, is_own_page, may_read
from registry.web.auth.signatures import HttpRequest, SignedBy
from registry.web.errors import ProblemError

FORGET = '"cache"'
"""What a browser is to forget where a session begins or ends (Clear-Site-Data): what the other reader was shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CameBy:
    """How somebody asks: with a signature (``signed``) or a session's cookie (``session``); a stranger has neither.

    ``is_over``: the browser came with a session that has ended.
    """

    reader: Reader = STRANGER
    signed: SignedBy | None = None
    session: str | None = None
    is_over: bool = False


def reader() -> Reader:
    """Who signed the request that is being answered, or whose session it is; a stranger where nobody did."""
    return came_by().reader


def came_by() -> CameBy:
    """How the request that is being answered is asked."""
    found: CameBy = g.kembar_came_by
    return found


def was_by_cookie() -> bool:
    """Whether a session's cookie counted in the request that is being answered; False where nobody was asked yet."""
    how: CameBy = g.get("kembar_came_by", CameBy())
    return how.session is not None


def install(app: Flask, authority: Authority, sessions: Sessions, public: Set[str]) -> None:
    """Judge the signature of every request, or its session, before anything else of it is looked at.

    ``public`` are the endpoints that answer everybody alike: no cookie counts there, and answers may be cached.
    """

    @app.before_request
    def judge() -> None:
        body = cast("IO[bytes]", request.environ["wsgi.input"])
        found = authority.signed(as_signed(request), request.stream)
        if isinstance(found, Problem):
            raise ProblemError(found)
        if found is None:
            g.kembar_came_by = CameBy() if request.endpoint in public else _by_session(sessions, request)
            return
        g.kembar_came_by = CameBy(reader=found[1], signed=found[0])
        if request.content_length:
            body.seek(0)  # it has been read, to compare its digest; the view reads it again
            request.__dict__.pop("stream", None)

    @app.after_request
    def keep_to_oneself(response: Response) -> Response:
        how: CameBy = g.get("kembar_came_by", CameBy())
        if not how.reader.is_stranger and request.endpoint not in public:
            response.headers["Cache-Control"] = "no-store"
            response.headers.pop("ETag", None)
        if how.is_over:
            forget(response, sessions)
        return response


def forget(response: Response, sessions: Sessions) -> None:
    """Have a browser forget its session, and what it was shown."""
    if (place := sessions.place) is not None:
        response.delete_cookie(place.cookie, secure=not place.is_trial, httponly=True, samesite="Strict")
        response.headers["Clear-Site-Data"] = FORGET


def as_signed(asked: Request) -> HttpRequest:
    """What is signed of a request: never Host, Forwarded or the like."""
    return HttpRequest(
        method=asked.method,
        path=asked.path,
        query=asked.query_string.decode("latin-1"),
        headers=_headers(asked),
        has_body=bool(asked.content_length),
    )


def _headers(asked: Request) -> dict[str, str]:
    return {name.lower(): value for name, value in asked.headers.items()}


def _by_session(sessions: Sessions, asked: Request) -> CameBy:
    """Whose session a request has. What another site has a browser send is a stranger's request."""
    place = sessions.place
    token = None if place is None else asked.cookies.get(place.cookie)
    if place is None or token is None:
        return CameBy()
    headers = _headers(asked)
    if not (may_read(headers) if asked.method in ("GET", "HEAD") else is_own_page(headers, place)):
        return CameBy()
    reader = sessions.reader(token)
    return CameBy(is_over=True) if reader is None else CameBy(reader=reader, session=token)
