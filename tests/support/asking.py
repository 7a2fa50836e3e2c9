"""What the tests of the web share: asking, and reading answers strictly."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from registry.web.body import JSON, NDJSON
from registry.web.errors import PROBLEM
from registry.web.routes import ROUTES
from verifier.base import canonical


def value(data: bytes) -> Any:
    """Every answer is canonical JSON."""
    return canonical.parse(data, limit=1 << 28)


def post(client: FlaskClient, data: bytes, query: str = "", **more: Any) -> TestResponse:
    return client.post(f"/entries{query}", data=data, content_type=JSON, **more)


def opened(client: FlaskClient, address: str) -> TestResponse:
    """A page, as a link or a form leads there: what may not stand in its address is sent as its form."""
    path, _, query = address.partition("?")
    given, calls = parse_qs(query, keep_blank_values=True), client.application.url_map.bind("localhost")
    rows = {route.name: set(route.parameters or ()) for route in ROUTES}
    taken = set(calls.allowed_methods(path)) & {"GET", "POST"}
    kept: dict[str, set[str]] = {method: rows[calls.match(path, method)[0]] for method in taken}
    if "POST" not in kept or ("GET" in kept and given.keys() <= kept["GET"]):
        return client.get(address)
    about = {name: texts for name, texts in given.items() if name in kept["POST"]}
    typed = {name: texts for name, texts in given.items() if name not in kept["POST"]}
    return client.post(f"{path}?{urlencode(about, doseq=True)}", data=typed)


def post_lines(client: FlaskClient, data: bytes, query: str = "", **more: Any) -> list[Any]:
    response = client.post(f"/entries{query}", data=data, content_type=NDJSON, **more)
    assert response.status_code == 200
    assert response.content_type == NDJSON
    return [value(line) for line in response.data.splitlines()]


def problem(response: TestResponse, status: int, kind: str) -> Any:
    """The members of the problem that the response must be."""
    found = value(response.data)
    assert (response.status_code, response.content_type) == (status, PROBLEM), found
    assert found["type"] == f"urn:kembar:problem:{kind}", found
    assert found["status"] == status
    for member in ("title", "detail", "hint"):
        assert found[member]
    return found
