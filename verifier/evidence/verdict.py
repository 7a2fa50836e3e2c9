"""The verdict: what a check of an evidence file comes to (protocol, section 7.3)."""

from __future__ import annotations

from typing import TypeAlias

from verifier.base.values import value
from verifier.evidence.about import About
from verifier.evidence.file import Invalid
from verifier.rules.decide import Decision
from verifier.rules.model.question import Question


@value
class AsOf:
    """What the answer holds for: the tree's ``size``, its time ``at`` (POSIX seconds), on what completeness rests
    (``audited``, ``witnessed`` or ``claimed``), and the rule set in force."""

    size: int
    at: int
    basis: str
    rules: int


@value
class Verdict:
    """An answer. ``instant`` is the question's, ``files`` the digests that were compared, ``about`` is for people."""

    question: Question
    instant: int
    as_of: AsOf
    files: tuple[str, ...]
    decision: Decision
    about: About | None = None


Outcome: TypeAlias = Verdict | Invalid
"""Invalid evidence yields no verdict at all."""
