"""``/session``: a browser signs in with its reader's key, asks who it is, and signs out (protocol, section 8.1)."""

from __future__ import annotations

from flask import Response, request

from registry.web.auth.sessions import OFFER, Place, Sessions, is_own_page
from registry.web.body import JSON
from registry.web.errors import fail
from registry.web.readers import FORGET, as_signed, came_by, forget
from registry.web.routes import Views
from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.programs.language import english


def views(sessions: Sessions) -> Views:
    """Beginning a session, asking about it, ending it."""

    def session() -> Response:
        """Who is asking, and to a browser without a session the nonce that a key signs for it."""
        if came_by().signed is not None:
            return _json(_who(sessions.place))
        place = _place(sessions)
        response = _json(_who(place))
        if came_by().session is None:
            cookie, nonce = sessions.offer(request.cookies.get(place.offered))
            response.set_data(canonical.encode({"nonce": nonce, **_who(place)}))
            _set(response, place, place.offered, cookie, 2 * OFFER)
        return response

    def begin() -> Response:
        place, how = _place(sessions), came_by()
        _refuse_others(place)
        assert how.signed is not None  # the row of the call says so
        if how.signed.url not in place.origins:
            raise fail("not_authenticated", f"sessions begin at {' or '.join(place.origins)}, and nowhere else")
        if not sessions.is_offered(request.cookies.get(place.offered), how.signed.nonce):
            detail = "the nonce is not the one that GET /session gave this browser: ask, sign that"
            raise fail("not_authenticated", detail)
        if old := request.cookies.get(place.cookie):
            sessions.end(old)
        response = _json(_who(place))
        _set(response, place, place.cookie, sessions.begin(how.signed), None)
        response.delete_cookie(place.offered, secure=not place.is_trial, httponly=True, samesite="Strict")
        response.headers["Clear-Site-Data"] = FORGET
        return response

    def end() -> Response:
        place = _place(sessions)
        _refuse_others(place)
        if token := request.cookies.get(place.cookie):
            sessions.end(token)
        response = _json({"ended": True})
        forget(response, sessions)
        return response

    return {"session": session, "session_begin": begin, "session_end": end}


def _place(sessions: Sessions) -> Place:
    place = sessions.place
    if place is None:
        raise fail("no_such_call", "this registry has no sessions: they need a public URL without a path, over TLS")
    return place


def _refuse_others(place: Place) -> None:
    """A session begins and ends by a page of the registry's own."""
    if not is_own_page(as_signed(request).headers, place):
        raise fail("foreign_page", f"sessions begin and end from a page of {' or '.join(place.origins)}")


def _who(place: Place | None) -> dict[str, Json]:
    """The key that asks and the party for which it is live; none of a stranger. On trial, what that means."""
    reader = came_by().reader
    said: dict[str, Json] = {}
    if not reader.is_stranger:
        said = {"key": reader.key, **({"party": reader.party} if reader.party else {"registrar": True})}
    return {**said, **({"warning": english().say("session.trial")} if place and place.is_trial else {})}


def _set(response: Response, place: Place, name: str, value: str, seconds: int | None) -> None:
    response.set_cookie(name, value, seconds, secure=not place.is_trial, httponly=True, samesite="Strict")


def _json(value: Json) -> Response:
    response = Response(canonical.encode(value), content_type=JSON)
    response.headers["Cache-Control"] = "no-store"
    return response
