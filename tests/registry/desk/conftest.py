"""A deal that goes over a registry's desk."""

from __future__ import annotations

import pytest

from tests.support.desk_clients import Deal
from tests.support.served import Served


@pytest.fixture
def deal(served: Served) -> Deal:
    return Deal(served)
