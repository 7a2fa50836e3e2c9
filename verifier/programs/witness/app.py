"""A witness over HTTP, as a WSGI application that needs nothing but the standard library.

    POST <prefix>/add-checkpoint     C2SP tlog-witness
    POST <prefix>/entries            an auditor's only: a statement that a registry might withhold (protocol, section 8)
    GET  <prefix>/entries            an auditor's only: what was handed in and the log does not have yet
    GET  <prefix>/<hash>/checkpoint  the newest checkpoint cosigned of a log: SHA-256 of its origin, in hex
    GET  <prefix>/                   who this is and how far each log is cosigned, in plain text
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.strict import format_instant
from verifier.log.witness_protocol import MAX_REQUEST
from verifier.programs.witness.auditor import MAX_HANDED, Auditors, HandIn
from verifier.programs.witness.decision import TEXT, Reply, refuse
from verifier.programs.witness.witness import WitnessServer

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

PROBLEM = "application/problem+json"
JSON, NDJSON = "application/json", "application/x-ndjson"
MAX_LINES = 100
MAX_BODY = MAX_LINES * (MAX_HANDED + 1)
"""Statements, and bytes, of one request to ``/entries``."""

_REASONS = {
    200: "OK", 202: "Accepted", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    409: "Conflict", 413: "Content Too Large", 415: "Unsupported Media Type", 422: "Unprocessable Content",
    429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable",
}  # fmt: skip

_NEWEST = re.compile("/([0-9a-f]{64})/checkpoint")

_log = logging.getLogger(__name__)


class App:
    """Answers for one witness under a URL prefix such as ``/witness``, or the root. For any number of threads."""

    def __init__(self, witness: WitnessServer, auditors: Auditors | None = None, prefix: str = "") -> None:
        self._witness = witness
        self._auditors = auditors
        self._prefix = prefix
        self._calls: dict[str, Mapping[str, Callable[[WSGIEnvironment], Reply]]] = {
            "/add-checkpoint": {"POST": self._add_checkpoint},
            "/": {"GET": self._home},
        }
        if auditors is not None:
            self._calls["/entries"] = {"GET": self._waiting, "POST": self._entries}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        headers: list[tuple[str, str]] = []
        try:
            answer = self._answer(environ, headers)
        except Exception:
            _log.exception("a request failed")
            answer = refuse(500, "this server made a mistake of its own")
        if answer.status in (429, 503):
            headers.append(("Retry-After", "10"))
        headers += [
            ("Content-Type", answer.content_type),
            ("Content-Length", str(len(answer.body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        start_response(f"{answer.status} {_REASONS[answer.status]}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]

    def _answer(self, environ: WSGIEnvironment, headers: list[tuple[str, str]]) -> Reply:
        path = str(environ.get("PATH_INFO", ""))
        place = (path.removeprefix(self._prefix) or "/") if path.startswith(self._prefix) else ""
        calls = self._calls.get(place)
        if calls is None and (newest := _NEWEST.fullmatch(place)) is not None:
            calls = {"GET": lambda environ: self._witness.newest(newest[1])}
        if calls is None:
            return refuse(404, "there is nothing at this address")
        asked = str(environ["REQUEST_METHOD"])
        view = calls.get("GET" if asked == "HEAD" else asked)
        if view is None:
            allowed = ", ".join(calls).replace("GET", "GET, HEAD")
            headers.append(("Allow", allowed))
            return refuse(405, f"this address takes {allowed}")
        return view(environ)

    def _add_checkpoint(self, environ: WSGIEnvironment) -> Reply:
        body = _read(environ, MAX_REQUEST)
        if body is None:
            return refuse(413, f"a request has at most {MAX_REQUEST} bytes")
        return self._witness.add_checkpoint(body)

    def _home(self, environ: WSGIEnvironment) -> Reply:
        witness = self._witness
        lines = [str(witness.verifier), ""]
        for origin in sorted({log.verifier.name for log in witness.logs.logs}):
            at = witness.store.cosigned_at(origin)
            size = witness.store.known(origin).size
            said = f"size {size}, cosigned {format_instant(at)}" if at else "not cosigned yet"
            lines.append(f"{origin}: {said}")
            if why := witness.kept_back(origin):
                lines.append(f"  nothing is cosigned: {why}")
            if self._auditors is not None:
                lines += [f"  refused: {why}" for why in self._auditors.reasons(origin)]
        return Reply(status=200, body="".join(f"{line}\n" for line in lines).encode("utf-8"), content_type=TEXT)

    # ---- statements handed to an auditor

    def _waiting(self, environ: WSGIEnvironment) -> Reply:
        """For the registry, which may never have got them. They are what stands in the log once it has them: public."""
        assert self._auditors is not None
        body = b"".join(b'{"envelope":' + leaf + b"}\n" for leaf in self._auditors.waiting())
        return Reply(status=200, body=body, content_type=NDJSON)

    def _entries(self, environ: WSGIEnvironment) -> Reply:
        kind = str(environ.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()
        if kind not in (JSON, NDJSON):
            return _problem(HandIn(status=415, code="media_type", detail=f"send {JSON}, or {NDJSON} for many"))
        body = _read(environ, MAX_BODY if kind == NDJSON else MAX_HANDED)
        if body is None:
            return _problem(HandIn(status=413, code="body_too_large", detail="the body is larger than is read here"))
        assert self._auditors is not None
        if kind == JSON:
            [result] = self._auditors.hand_in([body])
            if result.status != 202:
                return _problem(result)
            return Reply(status=202, body=canonical.encode(_json(result)), content_type=JSON)
        lines = body.removesuffix(b"\n").split(b"\n") if body else []
        if len(lines) > MAX_LINES:
            return _problem(HandIn(status=413, code="too_many", detail=f"one request takes {MAX_LINES} lines"))
        results = self._auditors.hand_in(lines)
        text = b"".join(canonical.encode(_json(result)) + b"\n" for result in results)
        return Reply(status=202, body=text, content_type=NDJSON)


def _json(result: HandIn) -> Json:
    """What is said of one statement: its id, and where it is logged if it is; or a problem (RFC 9457)."""
    if result.status == 202:
        return {"id": result.id} if result.index is None else {"id": result.id, "index": result.index}
    return {
        "type": f"urn:kembar:problem:{result.code}",
        "title": "The auditor does not take this.",
        "status": result.status,
        "detail": result.detail,
    }


def _problem(result: HandIn) -> Reply:
    return Reply(status=result.status, body=canonical.encode(_json(result)), content_type=PROBLEM)


def _read(environ: WSGIEnvironment, limit: int) -> bytes | None:
    """The body, or None if it has more than ``limit`` bytes. Nothing past its end, where a server waits (PEP 3333)."""
    text = str(environ.get("CONTENT_LENGTH") or "")
    if text.isascii() and text.isdecimal():
        length = int(text[:20])
    else:
        length = limit + 1 if "HTTP_TRANSFER_ENCODING" in environ else 0
    if length > limit and text:
        return None
    stream: Any = environ["wsgi.input"]
    body = b""
    while len(body) < length:
        block: bytes = stream.read(length - len(body))
        if not block:
            break
        body += block
    return body if len(body) <= limit else None
