"""A registry behind Flask's test client, which asks as a caller on the loopback interface."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from registry.web.app import create_app
from tests.support.served import Served


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    registry = Served(tmp_path / "registry")
    yield registry
    registry.service.close()


@pytest.fixture
def app(served: Served) -> Flask:
    return create_app(served.service)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
