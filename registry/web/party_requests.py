"""What a party sends to the registry about her own affairs, and is answered: JSON both ways, and nobody keeps it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from flask import Response, request

from registry.desk.pending import DeskRefusal
from registry.intake.submission import MAX_SUBMISSION
from registry.web.body import JSON, media_type, whole
from registry.web.errors import ProblemError, fail
from registry.web.readers import reader
from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.errors import KembarError
from verifier.base.strict import is_hex64, parse_instant

Done = TypeVar("Done")
MAX_BODY = MAX_SUBMISSION + 64 * 1024


def json_answer(value: Json) -> Response:
    """To one reader."""
    response = Response(canonical.encode(value), content_type=JSON)
    response.headers["Cache-Control"] = "no-store"
    return response


def names_json(called: Mapping[str, str]) -> Json:
    """Names by the ids of those whose they are."""
    return [{"name": name, "party": one} for one, name in called.items()]


def done(act: Callable[[], Done]) -> Done:
    """What the desk did; what it does not do is a problem."""
    try:
        return act()
    except DeskRefusal as refusal:
        raise ProblemError(refusal.problem) from None


def asking_party() -> str:
    """Who asks; a registrar's key stands for no party."""
    party = reader().party
    if not party:
        raise fail("refused", "a registrar's key is no party's: sign with the key of one")
    return party


def hex_id(text: str) -> str:
    """An id in an address; what is none is not found."""
    if not is_hex64(text):
        raise fail("not_found", "an id is 64 lower-case hex digits", "id")
    return text


def members(needed: set[str], optional: set[str]) -> dict[str, Json]:
    """The JSON object that was sent, with all of ``needed`` and nothing that is in neither."""
    if media_type(request) != JSON:
        raise fail("media_type", f"the body is not {JSON}")
    try:
        value = canonical.parse(whole(request, MAX_BODY), limit=MAX_BODY)
    except KembarError as error:
        raise fail("not_canonical", error.message, error.where) from None
    if not isinstance(value, dict) or not needed <= value.keys() <= needed | optional:
        names = ", ".join(sorted(needed) + [f"{name}?" for name in sorted(optional)])
        raise fail("bad_request", f"the body is an object with {names} and nothing else")
    return value


def text(body: dict[str, Json], name: str) -> str:
    """A member that is a text."""
    value = body[name]
    if not isinstance(value, str):
        raise fail("bad_request", "is a text", name)
    return value


def instant(body: dict[str, Json], name: str) -> int:
    """A member that is an instant, in POSIX seconds."""
    try:
        return parse_instant(text(body, name))
    except KembarError as error:
        raise fail("bad_request", error.message, name) from None
