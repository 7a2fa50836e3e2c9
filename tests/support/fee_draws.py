"""Fees and events, drawn."""

from __future__ import annotations

from hypothesis import strategies as st

small = st.integers(0, 12)
KINDS = ("flat", "use", "image", "day", "month", "mille")
