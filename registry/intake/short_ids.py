"""A short id: the first digits of a statement's id, enough that nobody finds a second statement that begins so."""

from __future__ import annotations

import re
from typing import Final

LEAST: Final = 16
"""Hex digits of the shortest that is taken: 2^64 tries for whoever would imitate one."""

_SHORT = re.compile(rf"[0-9a-f]{{{LEAST},63}}\Z", re.ASCII)


def is_short_id(text: str) -> bool:
    """Whether a text can be one; a whole id is none."""
    return _SHORT.match(text) is not None
