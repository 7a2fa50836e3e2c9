"""Cases from the JSON files in tests/vectors."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

import pytest

from tests.support.root import VECTORS

Case: TypeAlias = dict[str, Any]



def each_case(path: str) -> pytest.MarkDecorator:
    """Run a test, which takes ``case``, once for every case of a file."""
    cases = json.loads((VECTORS / path).read_text("utf-8"))["cases"]
    return pytest.mark.parametrize("case", cases, ids=[case["name"] for case in cases])
