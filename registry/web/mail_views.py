"""``/desk/address``: where a party wants to be reminded by mail of what waits for it."""

from __future__ import annotations

from flask import Response

from registry.desk.address_store import MailAddress
from registry.desk.desk import Desk
from registry.web.party_requests import asking_party, done, json_answer, members, text
from registry.web.routes import Views
from verifier.base.canonical import Json
from verifier.base.strict import format_instant


def views(desk: Desk) -> Views:
    """Showing, setting, confirming, removing."""

    def show() -> Response:
        return json_answer(_address(desk.reminders.address(asking_party())))

    def put() -> Response:
        party, body = asking_party(), members({"address"}, {"language"})
        address, language = text(body, "address"), text(body, "language") if "language" in body else "en"
        return json_answer(_address(done(lambda: desk.reminders.set_address(party, address, language))))

    def confirm() -> Response:
        party, code = asking_party(), text(members({"code"}, set()), "code")
        return json_answer(_address(done(lambda: desk.reminders.confirm(party, code))))

    def remove() -> Response:
        party = asking_party()
        done(lambda: desk.reminders.remove_address(party))
        return json_answer(_address(None))

    return {"address": show, "address_set": put, "address_confirm": confirm, "address_remove": remove}


def _address(one: MailAddress | None) -> dict[str, Json]:
    if one is None:
        return {"confirmed": False}
    value: dict[str, Json] = {
        "address": one.address, "confirmed": one.confirmed is not None, "language": one.language,
    }  # fmt: skip
    if one.reminded is not None:
        value["reminded"] = format_instant(one.reminded)
    return value
