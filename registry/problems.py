"""What the registry says when it does not do what it was asked: one shape everywhere (RFC 9457).

A :class:`Problem` is a value, not an exception: a submission of many lines gets one result a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verifier.base.canonical import Json
from verifier.base.errors import KembarError
from verifier.evidence.explain import explain_code
from verifier.evidence.verdict import finding_json
from verifier.programs.language import english
from verifier.rules.model.results import Result, RuleResult

PREFIX = "urn:kembar:problem:"

KINDS: dict[str, tuple[int, str, str]] = {
    # code: (HTTP status, title, what to do)
    "not_canonical": (400, "The bytes are not canonical JSON.", "Send what the client writes, byte for byte."),
    "submission_malformed": (
        400,
        "This is not a submission.",
        'Send {"disclosures": [...], "envelope": {...}} and nothing else.',
    ),
    "leaf_malformed": (400, "The envelope or its statement cannot be read.", "Correct the member and sign again."),
    "signature_wrong": (400, "A signature does not verify.", "Sign exactly these statement bytes (DSSE v1, Ed25519)."),
    "disclosure_wrong": (
        400,
        "A disclosure is malformed or is not what the statement commits to.",
        "Send the disclosures with which the statement was made.",
    ),
    "too_large": (413, "The submission is too large.", "Split it, or shorten its sections."),
    "too_many": (413, "There are too many submissions in one request.", "Send them in several requests."),
    "type_not_accepted": (422, "Only the registry itself appends this type.", "Nothing is to be done."),
    "wrong_registry": (422, "The statement is for another registry.", "Make it for this one: see its genesis id."),
    "signatures_missing": (422, "Nobody has signed the statement.", "Sign it, or ask for a dry run."),
    "refused": (
        422,
        "The registry refuses this.",
        "Those who may read the terms see which rules fail, and in a dry run what to do about each.",
    ),
    "not_allowed": (
        422,
        "The answer is not yes.",
        "A dry run says what to do about each rule that fails; without require=yes it is logged all the same.",
    ),
    "section_missing": (422, "A section that a rule needs was not disclosed.", "Send its disclosure along."),
    "section_repeated": (
        422,
        "A section's digest stands in the log already.",
        "Draw a fresh salt for every section of every statement.",
    ),
    "section_erased": (409, "The section was erased, and cannot be disclosed again.", "Nothing is to be done."),
    "key_seen": (422, "A key that would become live was seen before.", "Make a fresh key."),
    "key_not_held": (
        422,
        "The registry does not hold the new log key.",
        "Put its key file into the registry's keys folder and restart it first.",
    ),
    "unavailable": (
        503,
        "The registry could not finish writing.",
        "Submit the same bytes again: what was logged is answered with its first proof.",
    ),
    "stopped": (
        503,
        "The registry has stopped writing, so as not to contradict what it signed.",
        "Its operator has to run registry recover; reading goes on.",
    ),
    "not_confirmed": (
        503,
        "The registry waits for somebody who knows that it holds the newest state of its log.",
        "Try again in a while: it asks its witnesses and mirrors; reading goes on.",
    ),
    "busy": (503, "There is too much to do.", "Try again in a moment."),
    "too_slow": (408, "The body came too slowly.", "Send less at a time, or over a faster line."),
    "logged_already": (409, "The statement is in the log already.", "Submit it, without a dry run, to get its proof."),
    "not_found": (404, "The log has no such thing.", "Check the id or the place: the log may not have grown so far."),
    "bad_request": (400, "The request cannot be read.", "Correct the request."),
    "no_such_call": (404, "There is nothing at this address.", "See the list of calls at /."),
    "method_not_allowed": (405, "This address does not take this method.", "See the Allow header."),
    "media_type": (415, "The body has the wrong type.", "Send application/json or application/x-ndjson."),
    "body_too_large": (413, "The body is too large.", "Send less at a time."),
    "internal": (500, "The server made a mistake.", "Try again; if it stays, tell the operator."),
    "evidence_too_large": (413, "The evidence is larger than one file may be.", "Ask about less at a time."),
    "question_malformed": (400, "The question cannot be read.", "Correct the parameter."),
}


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
        return KINDS[self.code][0]

    @property
    def title(self) -> str:
        """The same sentence for every problem of this code."""
        return KINDS[self.code][1]

    @property
    def hint(self) -> str:
        """What to do about it."""
        return KINDS[self.code][2]

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
