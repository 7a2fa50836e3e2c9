"""A question as JSON: how evidence and verdicts write it."""

from __future__ import annotations

from verifier.base.canonical import Json
from verifier.rules.model.question import Question


def format_question(question: Question) -> dict[str, Json]:
    """The inverse of :func:`verifier.rules.model.question.parse_question`."""
    found: dict[str, Json] = {question.kind: question.id}
    if question.ask is not None:
        found["ask"] = question.ask
    if question.consent is not None:
        found["consent"] = question.consent
    return found
