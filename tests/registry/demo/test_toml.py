"""Filling in drafts: whatever is written is read back alike, and gaps go."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.drafting.drafts.templates import KINDS, template
from registry.drafting.drafts.toml import fill_in, format_toml

NAMES = st.text("abcdefgh_", min_size=1, max_size=8)
SCALARS = st.text() | st.integers(-(2**53), 2**53) | st.booleans()
ROWS = st.lists(SCALARS | st.dictionaries(NAMES, SCALARS | st.lists(SCALARS, max_size=2), max_size=3), max_size=3)
TABLES = st.recursive(
    st.dictionaries(NAMES, SCALARS | ROWS, max_size=4),
    lambda inner: st.dictionaries(NAMES, SCALARS | ROWS | inner, max_size=4),
    max_leaves=6,
)


@given(TABLES)
def test_what_is_written_is_read_back(value: dict[str, Any]) -> None:
    assert tomllib.loads(format_toml(value)) == value


def test_values_are_laid_over_member_by_member() -> None:
    draft = 'a = "kept"\nb = ""\nc = [""]\n[d]\ne = ""\nf = 1\n[g]\nh = ""\n[i.j]\nk = 2\n'
    values = {"b": "filled", "d": {"f": None, "x": [1]}, "i": {"j": {"k": 3}}, "gone": None}
    filled = tomllib.loads(fill_in(draft, values))
    assert filled == {"a": "kept", "b": "filled", "d": {"x": [1]}, "i": {"j": {"k": 3}}}


@pytest.mark.parametrize("kind", KINDS)
def test_every_template_can_be_filled_in(kind: str) -> None:
    filled = tomllib.loads(fill_in(template(kind), {"registry": "0" * 64}))
    assert filled["registry"] == "0" * 64
    assert '""' not in format_toml(filled)
