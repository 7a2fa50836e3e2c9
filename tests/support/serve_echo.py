"""A WSGI application on a real server, as a process of its own: ``python -m tests.support.serve_echo PORT LIMITS``.

``POST /`` answers with the body's length and its SHA-256, ``GET /stay`` works until its client has left and then says
so on standard output, ``GET /huge`` and ``GET /pieces`` answer with more than a socket holds.
"""

from __future__ import annotations

import json
import sys
import time
from hashlib import sha256
from typing import TYPE_CHECKING

from verifier.programs import serving
from verifier.programs.rsgi import HAS_LEFT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    path = environ["PATH_INFO"]
    if path == "/stay":
        while not environ[HAS_LEFT]():
            time.sleep(0.02)
        sys.stdout.write("left\n")
        sys.stdout.flush()
    if path == "/huge":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"x" * (64 * 1024 * 1024)]
    if path == "/pieces":
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(64 * 1024 * 1024))])
        return (bytes([piece % 251]) * 65536 for piece in range(1024))
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body: bytes = environ["wsgi.input"].read()
    if len(body) != length:
        start_response("413 Content Too Large", [("Content-Type", "text/plain")])
        return [b"too large"]
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{length} {sha256(body).hexdigest()} {path}".encode("latin-1")]


def main(port: int, limits: serving.Limits) -> None:
    serving.run("echo", lambda: serving.ServedApp(app, lambda: None), "127.0.0.1", port, 4, limits)


if __name__ == "__main__":
    given = json.loads(sys.argv[2])
    serving.UNREAD = given.pop("unread", serving.UNREAD)
    main(int(sys.argv[1]), serving.Limits(**given))
