"""``/desk/calendars``: the addresses of a party's calendar. ``/calendar/<token>.ics``: calendar programs read it."""

from __future__ import annotations

from flask import Response

from registry.desk.calendar_file import MEDIA_TYPE
from registry.desk.calendar_store import CalendarAddress
from registry.desk.desk import Desk
from registry.web.errors import fail
from registry.web.party_requests import asking_party, done, json_answer, members, text
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.base.canonical import Json
from verifier.base.strict import format_instant


def views(desk: Desk) -> Views:
    """Making an address, listing them, ending one; and the calendar itself."""

    def calendars() -> Response:
        return json_answer({"calendars": [_address(one) for one in desk.calendars.addresses(asking_party())]})

    def make() -> Response:
        asking_party()
        body = members(set(), {"language", "names"})
        names = body.get("names", False)
        if not isinstance(names, bool):
            raise fail("bad_request", "is true or false", "names")
        language = text(body, "language") if "language" in body else "en"
        one, token = done(lambda: desk.calendars.make(reader(), names=names, language=language))
        return json_answer({**_address(one), "path": f"/calendar/{token}.ics"})

    def end(id: str) -> Response:
        party = asking_party()
        done(lambda: desk.calendars.end(party, id))
        return json_answer({"ended": True, "id": id})

    def calendar(token: str) -> Response:
        response = Response(done(lambda: desk.calendars.file(token)), content_type=f"{MEDIA_TYPE}; charset=utf-8")
        response.headers["Cache-Control"] = "no-store"
        return response

    return {"calendars": calendars, "calendar_make": make, "calendar_end": end, "calendar": calendar}


def _address(one: CalendarAddress) -> dict[str, Json]:
    """Without its secret, which is not kept."""
    value: dict[str, Json] = {
        "at": format_instant(one.at), "id": one.id, "key": one.key, "language": one.language, "names": one.names,
    }  # fmt: skip
    if one.used is not None:
        value["used"] = format_instant(one.used)
    return value
