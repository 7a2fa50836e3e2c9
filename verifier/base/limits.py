"""Numbers that hold in several rooms: each stands here once, with what it bounds."""

from __future__ import annotations

from typing import Final

LEEWAY: Final = 300
"""Seconds that the clocks of honest parties may lie apart: how far a claimed time may lie after its logged one (T6), a
seal after what vouches for it or before the one below it, a cosignature beside our own clock."""
