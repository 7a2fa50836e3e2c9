"""An evidence file checked by both verifiers, which must say and conclude the same, in every language."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.support.browser_verifier import browser_verifier, told
from verifier.evidence.conclude import conclude
from verifier.evidence.explain import explain
from verifier.evidence.file import Invalid
from verifier.evidence.verdict_json import format_verdict
from verifier.evidence.verify import verify
from verifier.log.trust import parse_policy
from verifier.programs.language import catalogue, languages

HEARD: list[Callable[[bytes, str, Mapping[str, Any], bytes], None]] = []
"""Who is told of every check: evidence, policy, reader, and the verdict as canonical JSON. While somebody is,
the other verifier is not asked: what they hear becomes a vector, of which both are asked."""


def check_both(evidence: bytes, policy: str, **reader: Any) -> bytes:
    """The verdict's canonical JSON. ``reader``: what ``verify`` takes, the maximal age among it."""
    outcome = verify(evidence, parse_policy(policy), **reader)
    said = format_verdict(outcome)
    for hear in HEARD:
        hear(evidence, policy, reader, said)
    other = browser_verifier()
    if HEARD or other is None:
        return said
    assert told(other.verdict(evidence, policy, **reader)) == told(said.decode())
    for language in languages():
        explained = explain(outcome, catalogue(language))
        paragraphs: list[dict[str, Any]] = [{"heading": one.heading, "lines": list(one.lines)} for one in explained]
        if isinstance(outcome, Invalid):
            del paragraphs[0]["lines"][1]  # the step, with the reader's own words for what is wrong
        conclusion = "invalid" if isinstance(outcome, Invalid) else conclude(outcome)
        assert json.loads(other.explained(said, language)) == {"paragraphs": paragraphs, "conclusion": conclusion}
    return said
