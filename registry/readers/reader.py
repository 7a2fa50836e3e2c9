"""Somebody who asks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who is asking, as the newest seal has it. ``party`` is a party's id, ``key`` the key (hex) that is live for it.

    Both are empty for a stranger. A registrar's key stands for no party.
    """

    party: str = ""
    key: str = ""
    is_registrar: bool = False

    @property
    def is_stranger(self) -> bool:
        """Whether no live key has signed."""
        return not self.party and not self.is_registrar


STRANGER = Reader()
