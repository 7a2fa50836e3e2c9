"""What readers make of single members."""

from __future__ import annotations

from verifier.base import canonical
from verifier.statements.readers import record
from verifier.statements.sections import ReportTerms


def test_words_that_come_again_are_kept_once() -> None:
    """In thousands of lines of reports each would take as much memory as its line has bytes."""
    text = canonical.encode({"lines": [{"channel": "social", "country": "ID", "impressions": 1}]})
    [one], [other] = (record(ReportTerms)(canonical.parse(text, limit=len(text))).lines for _ in range(2))
    assert one == other and one.channel is other.channel and one.country is other.country
