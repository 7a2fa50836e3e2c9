"""``/lockers``: where browsers leave copies of keys that a passkey opens. Opened by whoever knows its id, filled and
emptied by whose it is."""

from __future__ import annotations

from flask import Response

from registry.enrolling.invitations import Invitations
from registry.web.errors import fail
from registry.web.invitation_views import code_in
from registry.web.party_requests import done, hex_id, json_answer, members, text
from registry.web.readers import came_by
from registry.web.routes import Views
from verifier.base.canonical import Json
from verifier.base.errors import KembarError
from verifier.base.strict import format_b64, format_instant, parse_b64


def views(invitations: Invitations) -> Views:
    """Listing one's own, opening, filling, emptying."""
    lockers = invitations.lockers

    def listed() -> Response:
        found: list[Json] = [
            {"at": format_instant(one.at), "id": one.id, "size": one.size} for one in lockers.of(_owner())
        ]
        return json_answer({"lockers": found})

    def open_(id: str) -> Response:
        blob = done(lambda: lockers.open(hex_id(id), invitations.now()))
        if blob is None:
            raise fail("not_found", "there is no such locker", "id")
        return json_answer({"blob": format_b64(blob)})

    def fill(id: str) -> Response:
        body = members({"blob"}, {"invitation"})
        try:
            blob = parse_b64(text(body, "blob"))
        except KembarError as error:
            raise fail("bad_request", error.message, "blob") from None
        by_code = came_by().signed is None
        if by_code and "invitation" not in body:
            raise fail("refused", "a locker is filled by a live key, or with an open invitation")
        owner = done(lambda: invitations.look(code_in(body, "invitation"))).owner if by_code else _owner()
        made = done(lambda: lockers.put(hex_id(id), owner, blob, invitations.now()))
        return json_answer({"id": made.id, "size": made.size})

    def empty(id: str) -> Response:
        if not lockers.remove(hex_id(id), _owner()):
            raise fail("not_found", "no locker of yours has this id", "id")
        return json_answer({"id": id, "removed": True})

    return {"lockers": listed, "locker": open_, "locker_fill": fill, "locker_empty": empty}


def _owner() -> str:
    """Whose lockers the key that asks fills: its party's, or a registrar's own."""
    asking = came_by().reader
    return asking.party or asking.key
