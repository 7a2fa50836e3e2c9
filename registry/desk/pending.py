"""A draft on the desk as it lies there, what each party did with it, and what goes wrong at a desk."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from registry.problems import Problem

State = Literal["open", "logged", "declined", "withdrawn", "expired"]
"""``open`` waits for signatures; whatever is not open has lost its text and its signatures."""


class DeskRefusal(Exception):
    """The desk does not do what it was asked; ``problem`` says why."""

    def __init__(self, code: str, detail: str, where: str = "") -> None:
        super().__init__(detail)
        self.problem = Problem(code=code, detail=detail, where=where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What one party did with a draft. Times are POSIX seconds; ``signature`` (64 bytes) is by the key ``keyid``."""

    read: int | None = None
    signed: int | None = None
    keyid: str = ""
    signature: bytes = b""
    declined: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingDraft:
    """``id`` is the statement's. ``text`` is the submission without signatures, empty once the draft is not open.

    ``deadline`` is when text and signatures go; it is never later than ``latest``, after which the statement could not
    be logged any more (rule T8). ``turns``: parties that come before others; who is in none comes last. ``entry`` is
    the place in the log; ``problem`` the code of what the registry said when all had signed, if it did not log it.
    ``strangers``: who had to sign it and had never signed anything with its proposer.
    """

    id: str
    proposer: str
    controller: str
    type: str
    proposed: int
    deadline: int
    latest: int
    require: bool
    turns: Sequence[Sequence[str]]
    text: bytes
    state: State = "open"
    entry: int | None = None
    problem: str = ""
    strangers: Collection[str] = ()
    marks: Mapping[str, Mark] = field(default_factory=dict)

    def mark(self, party: str) -> Mark:
        """What a party did with it so far."""
        return self.marks.get(party, Mark())

    def turn(self, party: str) -> int:
        """Whose turn it is after whose: 0 is first."""
        return next((place for place, parties in enumerate(self.turns) if party in parties), len(self.turns))
