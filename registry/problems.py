"""What the registry says when it does not do what it was asked: one shape everywhere (RFC 9457).

A :class:`Problem` is a value, not an exception: a submission of many lines gets one result a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verifier.base.canonical import Json
from verifier.base.errors import KembarError
from verifier.evidence.explain import explain_code
from verifier.evidence.verdict_json import finding_json
from verifier.programs.language import english
from verifier.rules.model.results import Result, RuleResult

PREFIX = "urn:kembar:problem:"

STATUSES: dict[str, int] = {
    "not_canonical": 400,
    "submission_malformed": 400,
    "leaf_malformed": 400,
    "signature_wrong": 400,
    "disclosure_wrong": 400,
    "too_large": 413,
    "too_many": 413,
    "too_many_questions": 429,
    "too_often": 429,
    "type_not_accepted": 422,
    "wrong_registry": 422,
    "signatures_missing": 422,
    "refused": 422,
    "not_allowed": 422,
    "section_missing": 422,
    "section_repeated": 422,
    "section_erased": 409,
    "key_seen": 422,
    "key_not_held": 422,
    "unavailable": 503,
    "stopped": 503,
    "not_confirmed": 503,
    "clock": 503,
    "busy": 503,
    "not_cosigned": 503,
    "too_slow": 408,
    "logged_already": 409,
    "not_authenticated": 401,
    "session_reads": 403,
    "foreign_page": 403,
    "draft_ended": 409,
    "too_many_drafts": 429,
    "not_found": 404,
    "no_paper": 409,
    "bad_request": 400,
    "no_such_call": 404,
    "method_not_allowed": 405,
    "media_type": 415,
    "body_too_large": 413,
    "damaged": 500,
    "internal": 500,
    "evidence_too_large": 413,
    "prefix_crowded": 413,
    "question_malformed": 400,
}
"""Every code with its HTTP status. In the catalogue of words are its title (``problem.busy``) and what to do
(``hint.busy``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """``code`` is stable, ``detail`` a plain sentence, ``where`` a path into what was sent ("" = all of it).

    ``rules`` is the rule report of a refusal; who may see it is for the web layer to decide.
    """

    code: str
    detail: str
    where: str = ""
    rules: Sequence[RuleResult] = ()

    @property
    def type(self) -> str:
        """A stable URI."""
        return PREFIX + self.code

    @property
    def status(self) -> int:
        """The HTTP status that fits."""
        return STATUSES[self.code]

    @property
    def title(self) -> str:
        """The same sentence for every problem of this code."""
        return english().say(f"problem.{self.code}")

    @property
    def hint(self) -> str:
        """What to do about it."""
        return english().say(f"hint.{self.code}")

    def to_json(self) -> Json:
        """The members of RFC 9457, and ``where``, ``hint`` and ``rules`` (absent where empty)."""
        members = {
            "type": self.type,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "hint": self.hint,
        }
        if self.where:
            members["where"] = self.where
        if self.rules:
            members["rules"] = [finding_json(one) for one in self.rules]
        return members


def problem(code: str, error: KembarError, prefix: str = "") -> Problem:
    """The problem that an error about a submission's bytes is."""
    seen = error.at(prefix) if prefix else error
    return Problem(code=code, detail=seen.message, where=seen.where)


def too_large(error: Exception) -> Problem:
    """What an answer that would be too much comes to; the error says of what, and what to do."""
    return Problem(code="evidence_too_large", detail=str(error))


_CODES = {
    "wrong_registry": "wrong_registry",
    "section_needed": "section_missing",
    "digest_repeated": "section_repeated",
    "key_repeated": "key_seen",
}
"""Refusals that say no more than the submitter knows, so that they can be told to anybody."""

_PLACES = {
    "wrong_registry": "envelope.payload.registry",
    "void_ahead": "envelope.payload.at",
    "void_late": "envelope.payload.at",
    "void_signers": "envelope.signatures",
    "void_power": "envelope.payload.under",
    "void_replaced": "envelope.payload.replaces",
    "minor": "disclosures",
    "bad_terms": "disclosures",
    "section_needed": "disclosures",
    "digest_repeated": "envelope.payload.sections",
}
"""Where to look, by reason code; elsewhere it is the statement as a whole."""


def refusal(findings: Sequence[RuleResult]) -> Problem:
    """The problem that findings of admission come to, at least one of which is a FAIL."""
    failed = [finding for finding in findings if finding.result is Result.FAIL]
    codes = {_CODES.get(finding.code, "refused") for finding in failed}
    return Problem(
        code=codes.pop() if len(codes) == 1 else "refused",
        detail=" ".join(explain_code(one.rule, one.code, english()) for one in failed),
        where=_PLACES.get(failed[0].code, "envelope.payload"),
        rules=tuple(findings),
    )
