"""The table of calls: it is all that is served, and what it does not name is refused."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from registry.web import routes
from registry.web.app import create_app
from registry.web.routes import PLAIN, ROUTES, Caller, Route, RouteError
from tests.support.asking import post, problem
from tests.support.served import Served, enrolment

ID = "ab" * 32
PAPERS = {"ask", "debtor"}
"""What else links of pages have: those to papers, which are no pages."""
STRICT = [route for route in ROUTES if route.parameters is not None]


class TestSlips:
    @pytest.mark.parametrize("name", ["dryrun", "dry-run", "Dry_run", "dry_run[]", "required"])
    def test_nothing_is_logged_by_a_slip(self, served: Served, stranger: FlaskClient, name: str) -> None:
        before = served.service.checkpoint()
        found = problem(post(stranger, enrolment(served), f"?{name}=true"), 400, "bad_request")
        assert found["where"] == name and "dry_run, require" in found["detail"]
        assert served.service.checkpoint() == before

    @pytest.mark.parametrize(
        ("path", "where"),
        [
            (f"/evidence/asset/{ID}?section=terms", "section"),
            (f"/evidence/asset/{ID}?sections=terms&sections=money", "sections"),
            (f"/entries/{ID}?sections=terms", "sections"),
            (f"/subjects/party:{ID}?size=2", "size"),
            ("/proofs/inclusion?index=0&sise=2", "sise"),
            ("/proofs/inclusion?index=0&index=1", "index"),
            ("/proofs/consistency?old=1&new=2", "new"),
        ],
    )
    def test_nothing_else_is_answered(self, client: FlaskClient, path: str, where: str) -> None:
        assert problem(client.get(path), 400, "question_malformed")["where"] == where

    def test_what_may_be_cached_is_served_all_the_same(self, client: FlaskClient) -> None:
        for path in ("/checkpoint", "/tile/0/000.p/2", "/trust.policy"):
            assert client.get(f"{path}?t=1").data == client.get(path).data


class TestTable:
    def test_it_is_all_that_is_served(self, app: Flask) -> None:
        served = {(rule.endpoint, rule.rule) for rule in app.url_map.iter_rules()}
        assert served == {(route.name, route.path) for route in ROUTES}

    def test_names_and_calls_stand_once(self) -> None:
        assert len({route.name for route in ROUTES}) == len({route.shown for route in ROUTES}) == len(ROUTES)

    def test_a_view_without_its_row_is_refused_at_start(
        self, served: Served, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(routes, "ROUTES", ROUTES[1:])
        with pytest.raises(RouteError, match="submit"):
            create_app(served.service)

    def test_a_row_without_its_view_is_refused_at_start(self, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(routes, "ROUTES", (*ROUTES, Route(name="more", path="/more")))
        with pytest.raises(RouteError, match="more"):
            create_app(served.service)

    def test_no_address_of_a_page_holds_what_a_person_types(self) -> None:
        """An amount, a reason or a name goes in a body: all that a page's address takes is listed (ASVS 8.3.1)."""
        assert {name for route in ROUTES if route.page for name in route.parameters or ()} == PLAIN - PAPERS

    def test_a_route_that_passes_the_table_by_is_refused(self, app: Flask) -> None:
        app.add_url_rule("/aside", "aside", lambda: "aside")
        with pytest.raises(RouteError, match="/aside"):
            routes.check(app)

    def test_a_stranger_is_refused_before_anything_is_read(self, stranger: FlaskClient) -> None:
        for route in ROUTES:
            if route.caller is Caller.READER:
                found = problem(stranger.open(f"{route.path}?nonsense=1", method=route.method), 422, "refused")
                assert found["detail"] == "refused"

    @pytest.mark.parametrize("route", STRICT, ids=lambda route: route.name)
    def test_no_call_takes_more_than_its_row_says(self, client: FlaskClient, route: Route) -> None:
        path = route.path.replace("<id>", ID).replace("<kind>", "asset").replace("<subject>", f"party:{ID}")
        path = path.replace("<name>", "scene")
        path = path.replace("<token>", ID).replace("<sha256>", ID)
        for name in ("nonsense", *[f"{name}s" for name in route.parameters or ()]):
            answer = client.open(f"{path}?{name}=1", method=route.method)
            kind = "bad_request" if route.method == "POST" else "question_malformed"
            assert problem(answer, 400, kind)["where"] == name
