"""Every error of every call in one shape: ``application/problem+json`` (RFC 9457), Flask's own included.

A view raises :class:`ProblemError`; nothing else needs to know about status codes.
"""

from __future__ import annotations

import logging

from flask import Flask, Response
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.http import http_date

from registry.log.damage import Damaged
from registry.log.log_error import LogError, LogUnavailable
from registry.metering import HasLeft, TooMuch
from registry.problems import Problem, too_large
from registry.seal_clock import AGAIN
from verifier.base import canonical

PROBLEM = "application/problem+json"

_BY_STATUS = {
    400: ("bad_request", "The request cannot be read."),
    404: ("no_such_call", "There is no such address here. What there is: see /."),
    405: ("method_not_allowed", "This address does not take this method."),
    413: ("body_too_large", "The body is larger than this registry reads."),
    414: ("bad_request", "The address is too long."),
    415: ("media_type", "Send application/json, or application/x-ndjson for many."),
    431: ("bad_request", "The headers are too long."),
}
RETRY_AFTER = 5
"""Seconds after which whoever got a 503 may come again, but for the clock's: witnesses are asked once a minute."""

_log = logging.getLogger("registry.web")


class ProblemError(Exception):
    """Ends a request with a problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


def fail(code: str, detail: str, where: str = "") -> ProblemError:
    """The error to raise for a problem of one of ``registry.problems.KINDS``."""
    return ProblemError(Problem(code=code, detail=detail, where=where))


def problem_response(problem: Problem) -> Response:
    """A whole response that says what is wrong, where, and what to do."""
    response = Response(canonical.encode(problem.to_json()), status=problem.status, content_type=PROBLEM)
    response.headers["Cache-Control"] = "no-store"
    if problem.status == 503:
        response.headers["Retry-After"] = str(int(AGAIN) if problem.code == "clock" else RETRY_AFTER)
    if problem.status == 401:
        response.headers["Date"] = http_date()  # a client whose clock is wrong goes by it
        response.headers["WWW-Authenticate"] = 'Signature realm="kembar"'
    return response


def install(app: Flask) -> None:
    """Make every error of ``app`` a problem: ours, Flask's pages for 404, 405, ..., and what nobody foresaw."""

    @app.errorhandler(ProblemError)
    def ours(error: ProblemError) -> Response:
        return problem_response(error.problem)

    @app.errorhandler(HasLeft)
    def left(error: HasLeft) -> Response:
        return problem_response(Problem(code="busy", detail="the client has hung up"))  # nobody reads it

    @app.errorhandler(TooMuch)
    def too_much(error: TooMuch) -> Response:
        return problem_response(too_large(error))

    @app.errorhandler(LogUnavailable)
    def unavailable(error: LogUnavailable) -> Response:
        return problem_response(Problem(code="unavailable", detail=str(error)))

    @app.errorhandler(LogError)
    def away(error: LogError) -> Response:
        """What several machines share is away; anything else is a mistake."""
        if not isinstance(error, OSError):
            return unforeseen(error)
        _log.error("%s", error)
        return problem_response(Problem(code="unavailable", detail="what this registry rests on does not answer now"))

    @app.errorhandler(Damaged)
    def damaged(error: Damaged) -> Response:
        _log.error("%s", error)
        return problem_response(Problem(code="damaged", detail=str(error)))

    @app.errorhandler(HTTPException)
    def flasks(error: HTTPException) -> Response:
        status = error.code or 500
        code, detail = _BY_STATUS.get(status, ("bad_request" if status < 500 else "internal", "The request failed."))
        response = problem_response(Problem(code=code, detail=detail))
        if status == 405 and (allowed := error.get_headers()):
            response.headers.extend([(name, value) for name, value in allowed if name == "Allow"])
        if isinstance(error, RequestEntityTooLarge):
            response.headers["Connection"] = "close"
        return response

    @app.errorhandler(Exception)
    def unforeseen(error: Exception) -> Response:
        _log.exception("a request failed", exc_info=error)
        return problem_response(Problem(code="internal", detail="The registry made a mistake of its own."))
