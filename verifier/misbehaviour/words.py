"""What a check of a misbehaviour file comes to, in plain sentences."""

from __future__ import annotations

from verifier.evidence.explain import Paragraph
from verifier.misbehaviour.check import Outcome
from verifier.misbehaviour.file import NotProven
from verifier.words.catalogue import Catalogue


def explain(outcome: Outcome, words: Catalogue) -> list[Paragraph]:
    """The outcome for people."""
    if isinstance(outcome, NotProven):
        where = words.say("explain.where", where=outcome.where) if outcome.where else ""
        step = words.say(
            "explain.invalid_step", step=str(outcome.step), code=outcome.code, message=outcome.message, where=where
        )
        lines = (words.say(f"misbehaviour_step.{outcome.step}"), step)
        return [Paragraph(heading=words.say("misbehaviour.not_proven"), lines=lines)]
    lied = [words.say(f"shows.{outcome.kind}"), *([words.say(f"code.{outcome.code}")] if outcome.code else [])]
    sizes, entries = dict.fromkeys(outcome.sizes), dict.fromkeys(outcome.entries)
    facts = [
        words.say("misbehaviour.log", origin=outcome.origin),
        words.say("misbehaviour.trees", n=len(sizes), sizes=words.listed(map(str, sizes))),
    ]
    if entries:
        facts.append(words.say("misbehaviour.entries", n=len(entries), entries=words.listed(map(str, entries))))
    if outcome.subject:
        facts.append(words.say("misbehaviour.list", subject=outcome.subject))
    return [
        Paragraph(heading=words.say("misbehaviour.proven"), lines=tuple(lied)),
        Paragraph(heading=words.say("misbehaviour.where"), lines=tuple(facts)),
        Paragraph(heading=words.say("misbehaviour.basis"), lines=(words.say("misbehaviour.basis_log"),)),
    ]
