"""Parameters in an address that a call does not take."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from registry.web.parameters import TAKES
from tests.support.asking import post, problem
from tests.support.served import Served, enrolment

ID = "ab" * 32


class TestSlips:
    @pytest.mark.parametrize("name", ["dryrun", "dry-run", "Dry_run", "dry_run[]", "required"])
    def test_nothing_is_logged_by_a_slip(self, served: Served, client: FlaskClient, name: str) -> None:
        before = served.service.checkpoint()
        found = problem(post(client, enrolment(served), f"?{name}=true"), 400, "bad_request")
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


def test_every_call_that_is_listed_is_there(app: Flask) -> None:
    assert TAKES.keys() <= app.view_functions.keys()
