"""A registry behind Flask's test client, which asks about everything as a party of it, or as a stranger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.served import Served
from tests.support.signed_requests import app_at, party_client


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    registry = Served(tmp_path / "registry")
    yield registry
    registry.service.close()


@pytest.fixture
def app(served: Served) -> Flask:
    return app_at(served.service)


@pytest.fixture
def client(served: Served, app: Flask) -> FlaskClient:
    return party_client(served, app)


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    return app.test_client()
