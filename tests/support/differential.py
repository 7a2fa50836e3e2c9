"""The two verifiers, side by side: mutants of evidence files, hostile signatures, random histories."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

from tests.law.happenings import draw
from tests.support.browser_verifier import BrowserVerifier, decided, told
from tests.support.hostile_signatures import hostile_signatures
from tests.support.mutants import Right, mutant
from verifier.base.crypto import verify as holds
from verifier.evidence.verdict_json import format_verdict
from verifier.evidence.verify import verify
from verifier.log.trust import parse_policy
from verifier.rules.decide import Facts, decide
from verifier.rules.model.question import Kind, Question
from verifier.statements.types import Consent, Statement, Usage

KINDS: tuple[tuple[Kind, type[Statement]], ...] = (("usage", Usage), ("consent", Consent))


def on_mutants(
    other: BrowserVerifier, seed: int, count: int, make: Callable[[int], Right] = mutant
) -> Iterator[str]:
    """Where the two part on files that are nearly right."""
    for number in range(seed, seed + count):
        one = make(number)
        reader = {"instant": one.instant, "max_age": one.max_age, "files": one.files}
        mine = format_verdict(
            verify(one.evidence, parse_policy(one.policy), instant=one.instant, max_age=one.max_age, files=one.files)
        ).decode()
        his = other.verdict(one.evidence, one.policy, require_audited=False, by_clock=False, **reader)
        if told(mine) != told(his):
            yield f"mutant {number}: {mine[:300]}, but {his[:300]}"


def on_signatures(other: BrowserVerifier, seed: int, count: int) -> Iterator[str]:
    """Where the two part on signatures."""
    for number, (key, message, signature) in enumerate(hostile_signatures(seed, count)):
        mine = str(holds(key, message, signature)).lower()
        if mine != (his := other.holds(key, message, signature)):
            yield f"signature {number} of {seed}: {mine}, but {his}: {key.hex()} {message.hex()} {signature.hex()}"


def on_histories(other: BrowserVerifier, seed: int, count: int) -> Iterator[str]:
    """Where the two part on what the rules say of histories, with money; of every third some sections are hidden."""
    for number in range(seed, seed + count):
        drawn = draw(number)
        if number % 3 == 0:
            hidden = Random(number).sample(sorted(drawn.sections), len(drawn.sections) // 4)
            drawn = replace(drawn, sections={at: one for at, one in drawn.sections.items() if at not in hidden})
        record = drawn.record()
        facts = Facts(
            instant=drawn.instant,
            as_of=drawn.as_of,
            basis="audited",
            rules=2,
            max_age=drawn.max_age,
            by_clock=drawn.by_clock,
        )
        asked = [
            Question(kind=kind, id=entry.statement.id) for kind, type_ in KINDS for entry in drawn.first_copies(type_)
        ]
        mine = decided(decide(record, question, facts) for question in asked)
        his = other.decisions(drawn.genesis, drawn.entries, drawn.sections, facts, asked)
        if mine != his:
            place = next((at for at, (a, b) in enumerate(zip(mine, his, strict=False)) if a != b), 0)
            around = slice(max(0, place - 80), place + 120)
            yield f"history {number}: …{mine[around]}, but …{his[around]}"
