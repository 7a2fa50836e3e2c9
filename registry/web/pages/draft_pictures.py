"""Pictures are brought to a draft, and taken away from it, from its page.

A session changes nothing, and the page that holds keys sends no files. So the proposer's key first permits it, for one
draft and one hour: what the registry answers comes back to the draft's page, whose script sends it along with each
file. It is good only in a session of the same party, and is kept nowhere.
"""

from __future__ import annotations

import hmac

from flask import Response, request

from registry.desk.desk import Desk
from registry.desk.limits import PICTURE
from registry.service import Service
from registry.web.body import BYTES, whole
from registry.web.errors import fail
from registry.web.party_requests import asking_party, done, hex_id, json_answer
from registry.web.routes import Views
from verifier.base.strict import format_instant, is_hex64

HOUR = 3_600
"""Seconds that a permit lasts."""


class Permits:
    """``secret`` (32 bytes) makes them: whoever has the same takes them. A permit is 64 hex digits, the first 16 of
    which say until when it is good."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def give(self, party: str, draft: str, until: int) -> str:
        """One for a party's draft."""
        text = f"{party} {draft} {until}".encode()
        return f"{until:016x}" + hmac.digest(self._secret, text, "sha256")[:24].hex()

    def check(self, permit: str, party: str, draft: str, now: int) -> None:
        """Raises a problem where it is none, or none any more."""
        until = int(permit[:16], 16) if is_hex64(permit) else 0
        if not hmac.compare_digest(permit.encode(), self.give(party, draft, until).encode()) or until <= now:
            raise fail("refused", "the key has not permitted it, or more than an hour ago: permit it anew", "permit")


def views(service: Service, desk: Desk) -> Views:
    """The permit, and what it permits."""
    permits = Permits(service.config.secret("pictures"))

    def permit(id: str) -> Response:
        party, until = asking_party(), desk.now() + HOUR
        done(lambda: desk.check_pictures(party, hex_id(id)))
        return json_answer({"id": id, "permit": permits.give(party, id, until), "until": format_instant(until)})

    def bring(id: str, sha256: str) -> Response:
        party = _permitted(permits, desk, id)
        if request.mimetype != BYTES:
            raise fail("media_type", f"the body is not {BYTES}")
        data = whole(request, PICTURE)
        done(lambda: desk.attach(party, hex_id(id), hex_id(sha256), data))
        return json_answer({"id": id, "sha256": sha256, "size": len(data)})

    def take_away(id: str, sha256: str) -> Response:
        party = _permitted(permits, desk, id)
        done(lambda: desk.detach(party, hex_id(id), hex_id(sha256)))
        return json_answer({"id": id, "sha256": sha256})

    return {"desk_pictures_permit": permit, "draft_picture_bring": bring, "draft_picture_take_away": take_away}


def _permitted(permits: Permits, desk: Desk, id: str) -> str:
    """Who asks, if her key permitted it."""
    party = asking_party()
    permits.check(request.args.get("permit", ""), party, hex_id(id), desk.now())
    return party
