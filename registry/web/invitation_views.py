"""``/invitations``: made and taken back by a registrar's key, looked at and accepted by whoever has the code."""

from __future__ import annotations

import re

from flask import Response

from registry.enrolling.invitations import Invitation, Invitations
from registry.intake.submission import submission_from_json
from registry.service import Service
from registry.web.errors import fail
from registry.web.party_requests import done, hex_id, json_answer, members, text
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.base.canonical import Json
from verifier.base.errors import KembarError
from verifier.base.strict import format_instant, is_hex64

_CODE = re.compile(r"[0-9a-f]{32}\Z", re.ASCII)


def views(service: Service, invitations: Invitations) -> Views:
    """Listing, making, taking back; looking, accepting."""

    def listed() -> Response:
        _registrar()
        return json_answer({"invitations": [_json(one) for one in invitations.all()]})

    def make() -> Response:
        body = members({"id", "name", "role"}, set())
        id = text(body, "id")
        if not is_hex64(id):
            raise fail("bad_request", "is the hash of a code, in 64 hex digits", "id")
        name, role = text(body, "name"), text(body, "role")
        return json_answer(_json(done(lambda: invitations.make(_registrar(), id, name, role))))

    def take_back(id: str) -> Response:
        _registrar()
        return json_answer(_json(done(lambda: invitations.take_back(hex_id(id)))))

    def look() -> Response:
        found = done(lambda: invitations.look(code_in(members({"code"}, set()))))
        about: dict[str, Json] = {"name": found.name, "role": found.role, "until": format_instant(found.until)}
        return json_answer({**about, "genesis": service.genesis})

    def accept() -> Response:
        body = members({"code", "submission"}, set())
        try:
            submission = submission_from_json(body["submission"])
        except KembarError as error:
            raise fail("bad_request", error.message, error.where) from None
        found = done(lambda: invitations.accept(code_in(body), submission))
        return json_answer({"id": found.party, "state": found.state})

    return {
        "invitations": listed,
        "invitation_make": make,
        "invitation_end": take_back,
        "invitation_look": look,
        "invitation_accept": accept,
    }


def code_in(body: dict[str, Json], name: str = "code") -> str:
    """The code of an invitation."""
    code = text(body, name)
    if not _CODE.match(code):
        raise fail("bad_request", "is a code of 32 hex digits", name)
    return code


def _registrar() -> str:
    """The registrar's key that asks."""
    if not reader().is_registrar:
        raise fail("refused", "refused")
    return reader().key


def _json(one: Invitation) -> dict[str, Json]:
    """As a registrar is shown it: without the keys in it, which the person reads out to her."""
    value: dict[str, Json] = {
        "id": one.id,
        "made": format_instant(one.made),
        "name": one.name,
        "role": one.role,
        "state": one.state,
        "until": format_instant(one.until),
    }
    return {**value, "party": one.party} if one.party else value
