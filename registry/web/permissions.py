"""What a party is told about its readers: who read its sections, who asked, and the grants that it gives and has."""

from __future__ import annotations

from flask import Response, request

from registry.readers.reader_store import DAY, GRANT_DAYS, GRANTS, Grant
from registry.service import Service
from registry.web.body import JSON, media_type, whole
from registry.web.errors import fail
from registry.web.party_requests import asking_party, json_answer, names_json
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.errors import KembarError
from verifier.base.strict import format_instant, is_hex64, parse_instant
from verifier.statements.types import SECTION_NAMES, Party

MAX_GRANT = 4096
"""Bytes of what asks for a grant."""


def views(service: Service) -> Views:
    """``/reads`` and ``/grants``."""
    readers = service.readers

    def reads() -> Response:
        """By day, who read sections of statements that name this party; and who asked about a model of hers."""
        party, now = asking_party(), readers.now()
        rights = readers.rights(reader())
        rows = readers.store.reads_of(party, now)
        models = {party, *rights.models()}
        questions = readers.store.questions_about(sorted(models))
        known = [by for _, by, _ in rows if is_hex64(by)] + [id for one in questions for id in (one.asker, one.model)]
        value: dict[str, Json] = {
            "names": names_json(readers.names(reader(), known)),
            "questions": [
                {"at": format_instant(one.at), "by": one.asker, "model": one.model, "plan": dict(one.plan)}
                for one in questions
            ],
            "reads": [
                {"by": by, "day": format_instant(day * DAY)[:10], "sections": sections} for day, by, sections in rows
            ],
        }
        return json_answer(value)

    def grants() -> Response:
        given, taken = readers.store.grants(asking_party(), readers.now())
        called = readers.names(reader(), [id for one in (*given, *taken) for id in (one.giver, one.taker)])
        both = {"given": [_grant(one) for one in given], "taken": [_grant(one) for one in taken]}
        return json_answer({**both, "names": names_json(called)})

    def grant() -> Response:
        party, now = asking_party(), readers.now()
        to, sections, until = _asked()
        if not _is_party(service, to) or to == party:
            raise fail("question_malformed", "is no other party of this log", "to")
        if not now < until <= now + GRANT_DAYS * DAY:
            raise fail("question_malformed", f"is at most {GRANT_DAYS} days from now", "until")
        made = readers.store.grant(party, to, sections, now, until)
        if made is None:
            raise fail("too_many", f"a party gives at most {GRANTS} grants at a time")
        return json_answer({**_grant(made), "names": names_json(readers.names(reader(), [to]))})

    def ungrant(id: str) -> Response:
        if not readers.store.revoke(asking_party(), id):
            raise fail("not_found", "this party has given no such grant", "id")
        return json_answer({"id": id, "revoked": True})

    return {"reads": reads, "grants": grants, "grant": grant, "ungrant": ungrant}


def _asked() -> tuple[str, tuple[str, ...], int]:
    """``{"sections": [...], "to": id, "until": instant}``."""
    if media_type(request) != JSON:
        raise fail("media_type", f"the body is not {JSON}")
    try:
        value = canonical.parse(whole(request, MAX_GRANT), limit=MAX_GRANT)
    except KembarError as error:
        raise fail("question_malformed", error.message) from None
    if not isinstance(value, dict) or set(value) != {"sections", "to", "until"}:
        raise fail("question_malformed", "a grant has sections, to and until, and nothing else")
    to, sections, until = value["to"], value["sections"], value["until"]
    if not isinstance(to, str) or not is_hex64(to):
        raise fail("question_malformed", "an id is 64 lower-case hex digits", "to")
    if not isinstance(sections, list) or not sections or not all(one in SECTION_NAMES for one in sections):
        raise fail("question_malformed", f"is one or more of {', '.join(SECTION_NAMES)}", "sections")
    try:
        return to, tuple(sorted(set(sections))), parse_instant(str(until))
    except KembarError as error:
        raise fail("question_malformed", error.message, "until") from None


def _is_party(service: Service, id: str) -> bool:
    found = service.entry(id)
    return found is not None and isinstance(found.entry.statement, Party)


def _grant(grant: Grant) -> dict[str, Json]:
    return {
        "at": format_instant(grant.at),
        "by": grant.giver,
        "id": grant.id,
        "sections": list(grant.sections),
        "to": grant.taker,
        "until": format_instant(grant.until),
    }
