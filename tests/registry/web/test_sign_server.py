"""The page that holds keys is served alone: one file, byte for byte the one that is built, and nothing else."""

from __future__ import annotations

import gzip

import pytest

from registry.web.sign_server import sign_app
from tests.support.served import Served
from verifier.programs.page.built import SIGN, content_policy, with_policy


def test_is_the_page_that_is_built(served: Served) -> None:
    policy = (served.root / "trust.policy").read_bytes()
    client = sign_app(policy).test_client()
    answer = client.get("/")
    assert answer.data == with_policy(policy, SIGN)
    assert answer.headers["Content-Security-Policy"] == f"{content_policy(SIGN)}; frame-ancestors 'none'"
    assert "Access-Control-Allow-Origin" not in answer.headers and "Set-Cookie" not in answer.headers
    packed = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == answer.data
    assert client.get("/", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(("method", "path"), [("GET", "/entries"), ("POST", "/"), ("GET", "/sign.html"), ("GET", "/x")])
def test_nothing_else_is(served: Served, method: str, path: str) -> None:
    client = sign_app((served.root / "trust.policy").read_bytes()).test_client()
    assert client.open(path, method=method).status_code in (404, 405)
