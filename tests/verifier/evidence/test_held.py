"""Sections that a reader holds already: with them a file says what the whole one says, and nothing else changes it."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable

import pytest

from tests.support import evidence_cases  # noqa: F401 -- which adds its cases
from tests.support.evidence_making import CASES, Case
from tests.support.money_story import Story
from tests.support.world import World
from verifier.base import canonical
from verifier.base.strict import format_b64
from verifier.evidence.file import Invalid, parse_evidence
from verifier.evidence.find_disclosures import disclosures_in
from verifier.evidence.held import fits, lay_in
from verifier.evidence.verdict import Verdict
from verifier.evidence.verdict_json import format_verdict
from verifier.evidence.verify import verify
from verifier.log.trust import parse_policy
from verifier.statements.disclosure import digest, parse_disclosure
from verifier.statements.making import format_disclosure

GOOD = [name for name, make in CASES.items() if make().step == 0 and not name.startswith("pdf-")]
SALT = bytes(range(16))


def by_digest(texts: Iterable[str]) -> dict[str, str]:
    return {digest(text): text for text in texts}


def disclosed(evidence: bytes) -> list[str]:
    return [text for entry in parse_evidence(evidence).entries for text in entry.disclosures]


def without(evidence: bytes, hidden: Iterable[str]) -> bytes:
    """The same file, with these disclosures taken out."""
    value, gone = canonical.parse(evidence, limit=1 << 28), set(hidden)
    for entry in value["entries"]:
        entry["disclosures"] = [text for text in entry["disclosures"] if text not in gone]
    return canonical.encode(value)


def said(evidence: bytes, case: Case, held: dict[str, str]) -> bytes:
    outcome = verify(
        evidence, parse_policy(case.policy), instant=case.instant, max_age=case.max_age, files=case.files, held=held
    )
    return format_verdict(outcome)


@pytest.mark.parametrize("name", GOOD)
def test_a_verdict_with_them_is_the_whole_files(name: str) -> None:
    case = CASES[name]()
    texts, draw = disclosed(case.evidence), random.Random(name)
    whole = said(case.evidence, case, {})
    for hidden in (texts, [text for text in texts if draw.random() < 0.5]):
        short = without(case.evidence, hidden)
        assert lay_in(parse_evidence(short), by_digest(hidden)) == parse_evidence(case.evidence)
        assert said(short, case, by_digest(hidden)) == whole
    assert said(case.evidence, case, by_digest(texts)) == whole, "what is shown already changes nothing"


def test_they_make_a_difference() -> None:
    s = Story()
    usage = s.use()
    s.receipt(10_000)
    evidence, policy = s.world.evidence(usage), parse_policy(s.world.policy())
    short = without(evidence, disclosed(evidence))
    bare, full = (
        verify(short, policy, instant=s.world.now, held=held) for held in ({}, by_digest(disclosed(evidence)))
    )
    assert isinstance(bare, Verdict) and isinstance(full, Verdict)
    assert bare.decision.authorised == "CANNOT_TELL" and full.decision.authorised == "AUTHORISED"


class TestWhatFitsNothing:
    def test_other_words_and_the_same_words_under_another_salt(self) -> None:
        s = Story()
        usage = s.use()
        evidence, policy = s.world.evidence(usage), parse_policy(s.world.policy())
        short = without(evidence, usage.disclosures.values())
        forged = format_disclosure("terms", {"rights": ["image"]}, SALT)
        again = format_disclosure("terms", parse_disclosure(usage.disclosures["terms"]).value, SALT)
        strangers = [forged, again]
        assert lay_in(parse_evidence(short), by_digest(strangers)) == parse_evidence(short)
        assert format_verdict(verify(short, policy, instant=s.world.now, held=by_digest(strangers))) == format_verdict(
            verify(short, policy, instant=s.world.now)
        )

    def test_a_text_under_a_digest_that_is_not_its_own(self) -> None:
        s = Story()
        usage = s.use()
        evidence = without(s.world.evidence(usage), usage.disclosures.values())
        lie = format_disclosure("terms", {"rights": ["image"]}, SALT)
        assert lay_in(parse_evidence(evidence), {usage.statement.sections["terms"]: lie}) == parse_evidence(evidence)

    def test_a_section_that_cannot_be_read_makes_no_file_invalid(self) -> None:
        """Its digest is in the log, and it is no section: whoever signed that cannot break others' files with it."""
        s, bad = Story(), format_disclosure("terms", {"nonsense": 1}, SALT)
        usage = s.world.usage(s.consent, members={"sections": {"terms": digest(bad)}})
        evidence, policy = s.world.evidence(usage, hide_sections=[(usage, "terms")]), parse_policy(s.world.policy())
        assert usage.statement.sections["terms"] == digest(bad) and not fits(usage.statement, bad)
        bare = verify(evidence, policy, instant=s.world.now)
        assert not isinstance(bare, Invalid)
        held = verify(evidence, policy, instant=s.world.now, held=by_digest([bad]))
        assert format_verdict(held) == format_verdict(bare)

    @pytest.mark.parametrize("name", [name for name in CASES if name not in GOOD and not name.startswith("pdf-")])
    def test_a_file_that_is_wrong_stays_wrong(self, name: str) -> None:
        case = CASES[name]()
        texts = by_digest(disclosures_in(case.evidence))
        assert json.loads(said(case.evidence, case, texts))["step"] == case.step


class TestFinding:
    def test_in_files_of_every_kind(self) -> None:
        world = World()
        usage_texts = list(world.party("anna", roles=["model"]).entry.disclosures.values())  # type: ignore[union-attr]
        [text] = usage_texts
        envelope = {"payload": format_b64(b'{"a":1}' * 20), "signatures": []}
        spelled = [
            text,
            f"\ufeff{text}\r\n",
            json.dumps({"disclosures": [text], "envelope": envelope}),
            json.dumps({"submission": {"disclosures": [text]}}, indent=4),
            "\n".join(json.dumps({"disclosures": [one]}) for one in (text, text)),
            f"Dear brand,\n> {text}\nregards",
            f"'{text}',\"x\"",
        ]
        for one in spelled:
            assert set(disclosures_in(one.encode())) == {text}, one[:60]
        assert set(disclosures_in(json.dumps({"disclosures": [text]}).encode("utf-16"))) == set()

    def test_what_is_longer_than_a_disclosure_may_be(self) -> None:
        assert list(disclosures_in(b"WyI" + b"A" * 70_000)) == []

    def test_what_only_begins_like_one_costs_little(self) -> None:
        assert not any(map(str.strip, disclosures_in(b"WyI " * 1_000_000)))
