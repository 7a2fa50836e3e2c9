"""The booker's question, whether anybody's exclusivity is in the way of a plan."""

from __future__ import annotations

from flask import Response, request

from registry.problems import Problem
from registry.readers.rights import Rights
from registry.service import Booking, Plan, Service
from registry.web.body import JSON
from registry.web.errors import ProblemError, fail
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.errors import KembarError
from verifier.base.strict import MAX_INSTANT, format_instant, is_hex64, parse_instant

MAX_CODES = 512
"""Codes in one parameter."""


def views(service: Service) -> Views:
    """``GET /clashes?twin=&brand=&starts=&ends=`` and, with commas, ``categories``, ``channels``, ``countries``.

    Left out, these three are all that there is. Who may read whose exclusivity it is, is told; another licensee learns
    yes or no for her own whole plan, a few times a month. All others are refused alike, whatever they ask.
    """

    def clashes() -> Response:
        plan, rights = _plan(), service.readers.rights(reader())
        found = service.book(plan, rights)
        if isinstance(found, Problem):
            raise ProblemError(found)
        booking, published = found
        size = published.checkpoint.size
        value: dict[str, Json] = {"as_of": {"at": format_instant(service.logged(size - 1)), "size": size}}
        is_hers = rights.acts_for(plan.brand)
        is_open = is_hers and service.readers.read_all_exclusivity(booking.model, rights)
        if is_open or rights.is_model_side(booking.model):
            value |= booking_json(booking)
        else:
            if not is_hers:
                raise fail("refused", "refused")
            value |= _one_bit(service, rights, plan, booking.model)
        response = Response(canonical.encode(value), content_type=JSON)
        response.headers["Cache-Control"] = "no-store"
        return response

    return {"clashes": clashes}


def _one_bit(service: Service, rights: Rights, plan: Plan, model: str) -> dict[str, Json]:
    """Yes or no, which sees all and says nothing besides; and how many more questions there are this month."""
    left = service.readers.count_question(model, rights.reader.party, plan.to_json())
    if isinstance(left, Problem):
        raise ProblemError(left)
    whole = service.book(plan, None)
    assert not isinstance(whole, Problem)
    return {"answer": whole[0].clashes.answer, "left": left, "model": model}


def booking_json(booking: Booking) -> dict[str, Json]:
    """The answer for those who may read whose exclusivity it is: ``answer``, ``clashes``, and what would be free."""
    ways = booking.ways_out
    instead: dict[str, Json] = {
        "categories": list(ways.categories),
        "channels": list(ways.channels),
        "countries": list(ways.countries),
        "countries_excluded": list(ways.but),
    }
    instead = {name: codes for name, codes in instead.items() if codes}
    if ways.window is not None:
        instead["window"] = _span(*ways.window)
    return {
        "answer": booking.clashes.answer,
        "clashes": [clash.to_json() for clash in booking.clashes.found],
        "free": [_span(*span) for span in booking.free],
        "instead": instead,
        "model": booking.model,
    }


def _span(start: int, end: int) -> Json:
    return {"from": format_instant(start), "to": format_instant(min(end, MAX_INSTANT))}


def _plan() -> Plan:
    codes = {name: _codes(name) for name in ("categories", "channels", "countries") if name in request.args}
    return Plan(twin=_id("twin"), brand=_id("brand"), starts=_instant("starts"), ends=_instant("ends"), **codes)


def _given(name: str) -> str:
    text = request.args.get(name)
    if text is None:
        raise fail("question_malformed", "is missing", name)
    return text


def _id(name: str) -> str:
    text = _given(name)
    if not is_hex64(text):
        raise fail("question_malformed", "an id is 64 lower-case hex digits", name)
    return text


def _instant(name: str) -> int:
    try:
        return parse_instant(_given(name))
    except KembarError as error:
        raise fail("question_malformed", error.message, name) from None


def _codes(name: str) -> tuple[str, ...]:
    codes = tuple(sorted(set(_given(name).split(","))))
    if "" in codes or len(codes) > MAX_CODES:
        raise fail("question_malformed", f"is 1 to {MAX_CODES} codes with commas between them", name)
    return codes
