"""One desk for all tests of a module: making its evidence takes longest."""

from __future__ import annotations

import pytest

from tests.support.check_desk import Desk, make_desk


@pytest.fixture(scope="package")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return make_desk(tmp_path_factory.mktemp("batch"))
