"""What the tests of the web share: asking, and reading answers strictly."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from registry.web.body import JSON, NDJSON
from registry.web.errors import PROBLEM
from verifier.base import canonical


def value(data: bytes) -> Any:
    """Every answer is canonical JSON."""
    return canonical.parse(data, limit=1 << 28)


def post(client: FlaskClient, data: bytes, query: str = "", **more: Any) -> TestResponse:
    return client.post(f"/entries{query}", data=data, content_type=JSON, **more)


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
