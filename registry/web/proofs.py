"""Proofs for those who do not read tiles, subjects with their lists, and evidence files."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, request

from registry.evidence import evidence_beside, least_size
from registry.listing import subject_answer
from registry.metering import OWN, STRANGER
from registry.problems import Problem
from registry.service import Service
from registry.web.body import JSON
from registry.web.errors import ProblemError, fail
from registry.web.questions import Questions
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.errors import KembarError, Malformed
from verifier.base.strict import format_b64, is_hex64, parse_decimal
from verifier.evidence.file import MEDIA_TYPE
from verifier.programs.rsgi import HAS_LEFT
from verifier.rules.model.question import KINDS, Kind, Question, parse_question
from verifier.statements.subjects import parse_subject
from verifier.statements.types import SECTION_NAMES


def views(service: Service) -> Views:
    """Proofs, lists, and evidence."""
    questions = Questions()

    def inclusion() -> Response:
        index, size = _number("index"), _number("size", service.shown.checkpoint.size)
        hashes = _found(service.inclusion(index, size))
        return _json({"index": index, "proof": [format_b64(one) for one in hashes], "size": size})

    def consistency() -> Response:
        old, size = _number("old"), _number("size", service.shown.checkpoint.size)
        hashes = _found(service.consistency(old, size))
        return _json({"old": old, "proof": [format_b64(one) for one in hashes], "size": size})

    def subject_list(subject: str) -> Response:
        """The list as evidence files show it, the checkpoint, and the seal that holds the index root."""
        try:
            parse_subject(subject)
        except KembarError as error:
            raise fail("question_malformed", error.message, "subject") from None

        bounds = STRANGER if reader().is_stranger else OWN

        def make(has_left: Callable[[], bool]) -> bytes | Problem:
            return subject_answer(service, subject, bounds, has_left)

        if not reader().is_stranger:
            service.await_quorum()
        has_left = request.environ.get(HAS_LEFT, lambda: False)
        data = questions.answer(("subject", subject, bounds), make, has_left, keep=False)
        if isinstance(data, Problem):
            raise ProblemError(data)
        response = Response(data, content_type=JSON)
        response.headers["Cache-Control"] = "no-cache"
        return response

    def evidence_file(kind: str, id: str) -> Response:
        if kind not in KINDS:
            raise fail("question_malformed", f"what can be asked about is {', '.join(KINDS)}", "kind")
        if not is_hex64(id):
            raise fail("question_malformed", "an id is 64 lower-case hex digits", "id")
        question = _question(kind, id)
        names, who = _sections(), reader()

        def make(has_left: Callable[[], bool]) -> bytes | Problem:
            bounds = STRANGER if who.is_stranger else OWN
            return evidence_beside(service, question, service.readers.permission(who, names), bounds, has_left)

        if not who.is_stranger:  # before it takes a place; a stranger gets what has its quorum already
            service.await_quorum()
        if not _flag("newest") and (problem := not_cosigned(service, question)) is not None:
            raise ProblemError(problem)
        # A stranger's answer discloses public names alone, so that nothing is kept which an erasure would have to find.
        has_left = request.environ.get(HAS_LEFT, lambda: False)
        data = questions.answer((question, names, who), make, has_left, keep=who.is_stranger)
        if isinstance(data, Problem):
            raise ProblemError(data)
        response = Response(data, content_type=MEDIA_TYPE)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Content-Disposition"] = f'attachment; filename="{kind}-{id[:16]}.evidence.json"'
        return response

    return {
        "inclusion": inclusion,
        "consistency": consistency,
        "subject": subject_list,
        "evidence": evidence_file,
    }


def _question(kind: Kind, id: str) -> Question:
    """``?ask=authorised``: for this answer alone; left out, for all. ``?consent=ID``: of a party, under this one."""
    asked: dict[str, Json] = {kind: id}
    for name in ("ask", "consent"):
        if (text := request.args.get(name)) is not None:
            if name == "consent" and kind != "party":
                raise fail("question_malformed", "only a party's record book has parts", "consent")
            asked[name] = text
    try:
        return parse_question(asked)
    except Malformed as error:
        raise fail("question_malformed", error.message, error.where) from None


def not_cosigned(service: Service, question: Question) -> Problem | None:
    """What says that a file would not pass yet: no quorum has cosigned a log that holds what is asked about."""
    least = least_size(service.record(), question)
    if isinstance(least, Problem):
        return least
    if service.may_pass(least):
        return None
    detail = "what is asked about is in the log, and no quorum has cosigned a checkpoint that holds it yet"
    return Problem(code="not_cosigned", detail=detail)


def _flag(name: str) -> bool:
    """A parameter that is left out or says ``yes``."""
    text = request.args.get(name)
    if text not in (None, "yes"):
        raise fail("question_malformed", f"{name} is left out or says yes", name)
    return text is not None


def _sections() -> frozenset[str]:
    """``?sections=terms,person``: no more than these; left out, all that the reader may see."""
    text = request.args.get("sections")
    if text is None:
        return frozenset(SECTION_NAMES)
    names = frozenset(name for name in text.split(",") if name)
    for name in sorted(names - set(SECTION_NAMES)):
        raise fail("question_malformed", f"{name[:40]!r} is none of {', '.join(SECTION_NAMES)}", "sections")
    return names


def _number(name: str, default: int | None = None) -> int:
    text = request.args.get(name)
    if text is None:
        if default is None:
            raise fail("question_malformed", "is missing", name)
        return default
    try:
        return parse_decimal(text)
    except KembarError as error:
        raise fail("question_malformed", error.message, name) from None


def _found(proof: list[bytes] | Problem) -> list[bytes]:
    if isinstance(proof, Problem):
        raise ProblemError(proof)
    return proof


def _json(value: Json) -> Response:
    response = Response(canonical.encode(value), content_type=JSON)
    response.headers["Cache-Control"] = "no-cache"
    return response
