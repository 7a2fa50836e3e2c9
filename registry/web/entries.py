"""``/entries``: submitting statements, one or many, asking "may I?", and reading one back."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import IO

from flask import Response, request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from registry.evidence import Verdicts
from registry.intake.short_ids import is_short_id
from registry.intake.submission import MAX_SUBMISSION, parse_submission
from registry.metering import TooMuch
from registry.problems import Problem, refusal, too_large
from registry.readers.disclosing import Reading
from registry.readers.reader import Reader
from registry.readers.rights import Rights
from registry.service import DryRun, Logged, Service
from registry.snapshot import Submitted
from registry.web.body import JSON, NDJSON, lines, media_type, whole
from registry.web.errors import fail, problem_response
from registry.web.readers import came_by, reader
from registry.web.refusals import prefix
from registry.web.request_limits import MAX_BODY, MAX_LINES
from registry.web.routes import Views
from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.errors import KembarError
from verifier.base.strict import is_hex64
from verifier.evidence.verdict_json import finding_json, note_json, paid_json, verdict_json
from verifier.rules.model.results import Result
from verifier.statements.leaf import parse_leaf
from verifier.statements.types import Consent, Statement, Usage

AT_ONCE = 500
"""Lines that are handed to the writer together."""
_IN_MEMORY = 8 * 1024 * 1024
_TELLING = frozenset({"refused", "not_allowed", "section_missing", "section_erased"})
"""Problems that would tell a stranger something about terms that he may not read."""

_log = logging.getLogger(__name__)


def views(service: Service) -> Views:
    """Submitting, and reading one entry back."""

    def submit() -> Response:
        kind = media_type(request)
        require, dry_run = _flag("require", "yes"), _flag("dry_run", "true")
        if dry_run and reader().is_stranger:
            return problem_response(_refused())
        if not dry_run and came_by().session is not None:
            raise fail("session_reads", "sign the request with the key, or send it without the session's cookie")
        desk = _Submitter(service, require=require, dry_run=dry_run, reader=reader())
        if not dry_run and service.defers and _prefers_not_to_wait():
            coming = [whole(request, MAX_SUBMISSION + 1)] if kind == JSON else lines(request.stream, MAX_SUBMISSION)
            return _accepted(desk, coming)
        if kind == JSON:
            [answer] = desk.answers([whole(request, MAX_SUBMISSION + 1)])
            return problem_response(answer) if isinstance(answer, Problem) else _json(answer)
        return _ndjson(desk, request.stream)

    def entry(id: str) -> Response:
        id = _whole(service, id)
        found = service.entry(id)
        if found is None:
            raise fail("not_found", "no statement with this id is in the log", "id")
        reading = Reading(service.readers.rights(reader()))
        names = [name for name in sorted(found.disclosures) if reading.gives(found.entry.statement, name)]
        reading.note(service.readers)
        value = {
            "disclosures": [found.disclosures[name] for name in names],
            "envelope": canonical.parse(found.leaf, limit=len(found.leaf)),
            "id": id,
            "index": found.entry.index,
            "proof": found.proof,
        }
        return _json(value)

    def submission(id: str) -> Response:
        found = service.submission(id) if is_hex64(id) else None
        if found is None:
            raise fail("not_found", "no submission of a statement with this id is known of the last day", "id")
        value: dict[str, Json] = {"id": id}
        if isinstance(found, Submitted):
            value["state"] = "waiting"
        elif isinstance(found, Problem):  # whoever may know more is told when she submits it again
            value |= {"problem": (_refused() if found.code in _TELLING else found).to_json(), "state": "refused"}
        else:
            value |= {"index": found.index, "proof": found.proof, "state": "logged"}
        return _json(value)

    return {"submit": submit, "entry": entry, "submission": submission}


class _Submitter:
    """Answers submissions of one request, each with a JSON value or a problem, as far as this reader may know."""

    def __init__(self, service: Service, *, require: bool, dry_run: bool, reader: Reader) -> None:
        self._service = service
        self._require = require
        self._dry_run = dry_run
        self._reader = reader

    def answers(self, raw: list[bytes]) -> list[Json | Problem]:
        """One for each, in order; when it returns, what was logged is durable and published."""
        if self._dry_run:
            rights = self._service.readers.rights(self._reader)
            return [self._asked(one, rights) for one in raw]
        taken = [not self._require or self._may_require(one) for one in raw]
        submitted = [one for one, is_taken in zip(raw, taken, strict=True) if is_taken]
        outcomes = iter(self._service.submit(submitted, require=self._require, sender=_sender()))
        found = [next(outcomes) if is_taken else _refused() for is_taken in taken]
        rights = self._service.readers.rights(self._reader)  # as the log is now, with what was submitted
        with Verdicts(self._service, rights) as verdicts:
            return [self._seen(one, outcome, rights, verdicts) for one, outcome in zip(raw, found, strict=True)]

    def taken(self, raw: list[bytes]) -> list[Json | Problem]:
        """One for each, in order, before anything is known but that its bytes are right."""
        may = [not self._require or self._may_require(one) for one in raw]
        handed = [one for one, is_fit in zip(raw, may, strict=True) if is_fit]
        found = iter(self._service.hand_in(handed, require=self._require, sender=_sender()))
        said = [next(found) if is_fit else _refused() for is_fit in may]
        return [one if isinstance(one, Problem) else {"id": one.id, "state": "waiting"} for one in said]

    def _may_require(self, raw: bytes) -> bool:
        """``require`` tells yes or no, so it is for the parties; of most statements there is nothing to be told."""
        statement = _statement(raw)
        rights = self._service.readers.rights(self._reader)
        return not isinstance(statement, Usage | Consent) or rights.is_party(statement)

    def _asked(self, raw: bytes, rights: Rights) -> Json | Problem:
        outcome = self._told(raw, rights)
        return outcome if isinstance(outcome, Problem) else dry_run_json(outcome)

    def _told(self, raw: bytes, rights: Rights) -> DryRun | Problem:
        """One that would take too much is no answer to all the others."""
        try:
            return self._service.dry_run(raw, rights)
        except TooMuch as error:
            return too_large(error)

    def _seen(
        self, raw: bytes, outcome: Logged | DryRun | Problem, rights: Rights, verdicts: Verdicts
    ) -> Json | Problem:
        if isinstance(outcome, Problem):
            return self._why(raw, outcome, rights) if outcome.code in _TELLING else outcome
        assert isinstance(outcome, Logged)
        value: dict[str, Json] = {"id": outcome.id, "index": outcome.index, "proof": outcome.proof}
        if outcome.erasure is not None:
            state = outcome.erasure
            value["erasure"] = {"reason": state.pending, "state": "pending"} if state.pending else {"state": "done"}
        if not self._reader.is_stranger and (said := self._verdict(outcome, rights, verdicts)) is not None:
            value["verdict"] = said
        return value

    def _why(self, raw: bytes, refused: Problem, rights: Rights) -> Problem:
        """Why not, as far as this reader may know: A1 rests on what is public; the rest is worked out from what she may
        read, and where that says nothing, she is refused without a reason."""
        statement = _statement(raw)
        if statement is not None and rights.is_party(statement):
            asked = self._told(raw, rights)
            if isinstance(asked, DryRun):
                rows = (*asked.admission, *(one for one in asked.opinion.findings if one not in asked.admission))
                failed = [one for one in rows if one.result is Result.FAIL]
                if refused.code != "refused":
                    return replace(refused, rules=tuple(rows))
                if failed:
                    return refusal(rows)
        signers = [one for one in refused.rules if one.rule == "A1" and one.result is Result.FAIL]
        return refusal(signers) if signers else _refused()

    def _verdict(self, logged: Logged, rights: Rights, verdicts: Verdicts) -> Json | None:
        """The answer about a usage or a consent. It is logged already: whatever happens here does not undo that."""
        leaf = self._service.leaf(logged.index)
        assert leaf is not None
        statement = parse_leaf(leaf).statement
        if not rights.is_party(statement):
            return None
        try:
            verdict = verdicts.about(statement)
        except Exception:
            _log.exception("no verdict on entry %d", logged.index)
            return None
        return None if verdict is None else verdict_json(verdict)


def _statement(raw: bytes) -> Statement | None:
    """The statement of a submission; None where it cannot be read."""
    try:
        return parse_submission(raw).statement()
    except KembarError:
        return None


def _ndjson(desk: _Submitter, stream: IO[bytes]) -> Response:
    """Many at once: handed on as they come in, answered when all are through. What one line is does not touch another.

    Results are kept on disk where they are many, and sent only then: a client that still sends does not read.
    """
    results: IO[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 -- closed when it has been sent
    coming = lines(stream, MAX_SUBMISSION)
    taken = 0
    try:
        while chunk := list(islice(coming, AT_ONCE)):
            room = MAX_LINES - taken
            _write(results, _answer_lines(desk, chunk[:room]))
            taken += len(chunk[:room])
            if len(chunk) > room:
                detail = f"one request takes {MAX_LINES} lines; what comes after them was not read"
                _write(results, iter([Problem(code="too_many", detail=detail)]))
                break
    except ClientDisconnected:
        detail = "the body ended early; what was answered before is as it says"
        _write(results, iter([Problem(code="bad_request", detail=detail)]))
    except RequestEntityTooLarge:
        detail = f"one request takes {MAX_BODY} bytes; what comes after them was not read"
        _write(results, iter([Problem(code="body_too_large", detail=detail)]))
    length = results.tell()
    results.seek(0)
    response = Response(_blocks(results), content_type=NDJSON)
    response.headers["Content-Length"] = str(length)
    response.headers["Cache-Control"] = "no-store"
    response.call_on_close(results.close)
    return response


def _answer_lines(desk: _Submitter, chunk: list[bytes | None]) -> Iterator[Json | Problem]:
    answers = iter(desk.answers([line for line in chunk if line is not None]))
    for line in chunk:
        if line is None:
            yield Problem(code="too_large", detail=f"the line is longer than {MAX_SUBMISSION} bytes")
        else:
            yield next(answers)


def _write(results: IO[bytes], answers: Iterator[Json | Problem]) -> None:
    for answer in answers:
        value = answer.to_json() if isinstance(answer, Problem) else answer
        results.write(canonical.encode(value) + b"\n")


def _blocks(results: IO[bytes]) -> Iterator[bytes]:
    with results:
        while block := results.read(64 * 1024):
            yield block


def dry_run_json(outcome: DryRun) -> Json:
    """ "May I?": whether it would be logged, what the contract would say of it, what clashes, and what to change."""
    opinion = outcome.opinion
    value: dict[str, Json] = {
        "admission": [finding_json(finding) for finding in outcome.admission],
        "admitted": outcome.admitted,
        "allowed": opinion.allowed,
        "cures": [{"code": cure.code, "cure": cure.sentence, "rule": cure.rule} for cure in outcome.cures],
        "rules": [finding_json(finding) for finding in opinion.findings],
    }
    if opinion.answer is not None:
        value["answer"] = opinion.answer
    if opinion.warnings:
        value["warnings"] = [note_json(note) for note in opinion.warnings]
    if opinion.paid is not None:
        value["paid"] = paid_json(opinion.paid)
    if outcome.effects:
        value["effects"] = [effect.to_json() for effect in outcome.effects]
    if outcome.is_clashing is not None:
        value["clashes"] = outcome.is_clashing
    elif outcome.clashes is not None:
        value["clashes"] = [clash.to_json() for clash in outcome.clashes.found]
    return value


def _prefers_not_to_wait() -> bool:
    """``Prefer: respond-async`` (RFC 7240)."""
    preferences = ",".join(request.headers.getlist("Prefer")).lower().split(",")
    return any(one.partition(";")[0].strip() == "respond-async" for one in preferences)


def _accepted(desk: _Submitter, coming: Iterable[bytes | None]) -> Response:
    """202: taken, or not, and what becomes of it is to be asked for."""
    raw = list(islice(coming, AT_ONCE + 1))
    if len(raw) > AT_ONCE:
        raise fail("too_many", f"one request hands in {AT_ONCE} lines at most without waiting; nothing was taken")
    if any(one is None for one in raw):
        raise fail("too_large", f"a line is longer than {MAX_SUBMISSION} bytes; nothing was taken")
    answers = desk.taken([one for one in raw if one is not None])
    if media_type(request) == JSON:
        [answer] = answers
        if isinstance(answer, Problem):
            return problem_response(answer)
        response = _json(answer)
        assert isinstance(answer, dict)
        response.headers["Location"] = f"/submissions/{answer['id']}"
    else:
        values = [one.to_json() if isinstance(one, Problem) else one for one in answers]
        response = Response(b"".join(canonical.encode(one) + b"\n" for one in values), content_type=NDJSON)
        response.headers["Cache-Control"] = "no-store"
    response.status_code = 202
    response.headers["Preference-Applied"] = "respond-async"
    return response


def _sender() -> str:
    """The network that a request comes from, by which those who wait have their turns."""
    return prefix(request.remote_addr or "", request.headers.get("X-Forwarded-For", ""))


def _whole(service: Service, id: str) -> str:
    """An id, or the one that a party means by its first digits."""
    if is_hex64(id):
        return id
    if not is_short_id(id):
        raise fail("not_found", "an id is 64 lower-case hex digits", "id")
    if reader().is_stranger:  # all ids are looked through, which is for those to ask whom the log knows
        raise fail("not_found", "an id is 64 lower-case hex digits; with fewer, sign the request", "id")
    found = service.beginning_with(id)
    if not found:
        raise fail("not_found", "no statement with this id is in the log", "id")
    if len(found) > 1:
        raise fail("bad_request", "several statements have an id that begins so: give more digits", "id")
    return found[0]


def _refused() -> Problem:
    """What a stranger is told, whatever the reason, so that nobody reads terms by probing."""
    return Problem(code="refused", detail="refused")


def _flag(name: str, yes: str) -> bool:
    """A parameter that is left out or says ``yes``."""
    value = request.args.get(name)
    if value not in (None, yes):
        raise fail("bad_request", f"{name} is left out or says {yes}", name)
    return value is not None


def _json(value: Json) -> Response:
    response = Response(canonical.encode(value), content_type=JSON)
    response.headers["Cache-Control"] = "no-store"
    return response
