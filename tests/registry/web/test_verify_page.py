"""``/verify/``: the verifier's page with this registry's policy, and the one service worker that it has."""

from __future__ import annotations

import gzip
import json
from hashlib import sha256

import pytest
from flask.testing import FlaskClient

from registry.config import POLICY
from registry.web.routes import ROUTES, Route
from tests.support.served import Served
from verifier.programs.page.built import content_policy, page_hash, shipped_page, split_page

WORKER = {"Service-Worker": "script"}


def test_it_is_our_page_with_this_registrys_policy(served: Served, stranger: FlaskClient) -> None:
    answer = stranger.get("/verify/")
    found = split_page(answer.data)
    assert (found.bare, found.policy) == (shipped_page(), (served.root / POLICY).read_bytes())
    assert answer.headers["Content-Security-Policy"] == f"{content_policy()}; frame-ancestors 'none'"
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("text/html", "no-cache")


def test_it_is_packed_and_asked_for_again(stranger: FlaskClient) -> None:
    plain = stranger.get("/verify/")
    packed = stranger.get("/verify/", headers={"Accept-Encoding": "gzip"})
    assert (packed.headers["Content-Encoding"], gzip.decompress(packed.data)) == ("gzip", plain.data)
    again = stranger.get("/verify/", headers={"If-None-Match": plain.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_its_hash_stands_on_the_first_page(stranger: FlaskClient) -> None:
    first = stranger.get("/").text
    assert page_hash(shipped_page()) in first
    assert sha256(stranger.get("/verify/").data).hexdigest() in first


def test_without_the_slash_it_is_found(stranger: FlaskClient) -> None:
    answer = stranger.get("/verify")
    assert (answer.status_code, answer.headers["Location"].endswith("/verify/")) == (308, True)


def test_what_a_device_keeps(stranger: FlaskClient) -> None:
    manifest = json.loads(stranger.get("/verify/manifest.json").data)
    assert (manifest["scope"], manifest["start_url"]) == ("./", "./")
    worker = stranger.get("/verify/worker.js", headers=WORKER)
    assert (worker.status_code, worker.mimetype) == (200, "text/javascript")
    assert "Service-Worker-Allowed" not in worker.headers
    assert sha256(stranger.get("/verify/").data).hexdigest() in worker.text


def test_another_policy_is_another_worker(served: Served, stranger: FlaskClient) -> None:
    before = stranger.get("/verify/worker.js").data
    path = served.root / POLICY
    path.write_bytes(path.read_bytes() + b"# changed\n")
    assert stranger.get("/verify/worker.js").data != before


@pytest.mark.parametrize("name", ["worker.jsx", "..", "verify_page.py", "icon.svg"])
def test_nothing_else_is_there(stranger: FlaskClient, name: str) -> None:
    assert stranger.get(f"/verify/{name}").status_code == 404


@pytest.mark.parametrize("route", [route for route in ROUTES if route.name != "verify_file"], ids=lambda one: one.name)
def test_no_other_address_gives_a_service_worker(stranger: FlaskClient, route: Route) -> None:
    path = route.path.replace("<path:path>", "kembar.css").replace("<kind>", "usage")
    path = path.replace("<subject>", "registry").replace("<id>", "0" * 64)
    for method in ("GET", route.method):
        assert stranger.open(path, method=method, headers=WORKER).status_code == 404, path


def test_not_even_beside_it(stranger: FlaskClient) -> None:
    for path in ("/verify/", "/verify/manifest.json", "/worker.js", "/static/worker.js"):
        assert stranger.get(path, headers=WORKER).status_code == 404, path
