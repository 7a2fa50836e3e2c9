"""Where a party is signed in: its browsers' sessions, each of which it can end from here, or all others at once.

A session reads and signs nothing; ending one is all that a page does by itself. It does so for a form of its own alone,
as signing out does: what another site sends has no session.
"""

from __future__ import annotations

from flask import Response, redirect, request

from registry.readers.reader import Reader
from registry.service import Service
from registry.web.auth.sessions import Sessions
from registry.web.errors import fail
from registry.web.pages.atoms import Instant
from registry.web.pages.reader_view import ReaderView
from registry.web.pages.rendering import page
from registry.web.pages.viewing import viewing
from registry.web.readers import came_by, forget, reader
from registry.web.routes import Views
from verifier.base.values import value
from verifier.rules.standing.keys import key_state

MAX_FORM = 1024
"""Bytes of the form that is sent."""


@value
class SessionRow:
    """One session; ``own`` is that of the browser that asks."""

    id: str
    began: Instant
    seen: Instant
    own: bool


@value
class SessionList:
    """Those of all keys of the reader, the one that was used last first."""

    sessions: tuple[SessionRow, ...]
    as_of: Instant


def views(service: Service, sessions: Sessions) -> Views:
    """``/sessions``."""

    def listed() -> SessionList:
        found = sessions.of(_keys(service, reader()), came_by().session)
        return SessionList(
            sessions=tuple(
                SessionRow(id=one.id, began=Instant(one.began), seen=Instant(one.seen), own=one.is_own)
                for one in found
            ),
            as_of=Instant(service.now()),
        )

    def end() -> Response:
        token = came_by().session
        if token is None:
            raise fail("refused", "a session is ended from a page of the registry's own, by who is signed in")
        if (request.content_length or 0) > MAX_FORM:
            raise fail("too_large", f"the form is larger than {MAX_FORM} bytes")
        keys, id = _keys(service, reader()), request.form.get("end", "")
        if id == "others":
            sessions.end_others(keys, token)
        elif not sessions.end_one(keys, id):
            raise fail("not_found", "this reader has no such session; it may have ended", "end")
        is_out = sessions.reader(token) is None
        answer = redirect(viewing().address("/sign-in" if is_out else "/sessions"), 303)
        response = Response(answer.get_data(), 303, dict(answer.headers))
        response.headers["Cache-Control"] = "no-store"
        if is_out:
            forget(response, sessions)
        return response

    return {**page("sessions", listed, sends=True), "sessions_end": end}


def _keys(service: Service, own: Reader) -> tuple[str, ...]:
    """The keys that are live for a reader: her party's, or the registrar's own."""
    if not own.party:
        return (own.key,)
    view = ReaderView(service, own)
    return tuple(sorted(key_state(view.context, own.party, view.record.size + 1).live))
