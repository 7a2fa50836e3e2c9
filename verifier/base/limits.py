"""Numbers that hold in several rooms: each stands here once, with what it bounds."""

from __future__ import annotations

from typing import Final

LEEWAY: Final = 300
"""Seconds that the clocks of honest parties may lie apart: how far a claimed time may lie after its logged one (T6), a
seal after what vouches for it or before the one below it, a cosignature beside our own clock."""

FOLLOW_AFTER: Final = 7 * 86_400
"""Seconds after which a reader's policy may follow a log's new key: so long she, and everybody, could object to it."""
