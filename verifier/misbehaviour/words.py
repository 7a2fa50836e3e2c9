"""What a check of a misbehaviour file comes to, in plain sentences."""

from __future__ import annotations

from typing import Final

from verifier.evidence.explain import Paragraph
from verifier.misbehaviour.check import Outcome
from verifier.misbehaviour.file import SHOWS, NotProven
from verifier.rules.model.codes import SENTENCES

STEPS: Final = {
    1: "It is not one canonical JSON text.",
    2: "It is not as the format says.",
    3: "A checkpoint in it cannot be read.",
    4: "It is about a log, or a key of it, that your trust policy does not name.",
    5: "A checkpoint in it was not signed by the log.",
    6: "An entry or a tree in it is not in the tree that the log signed.",
    7: "The list in it is not one that the log's index holds.",
    8: "All that it shows may be so in an honest log.",
}
"""What it means that a step of the protocol's section 9.1 fails."""


def explain(outcome: Outcome) -> list[Paragraph]:
    """The outcome for people."""
    if isinstance(outcome, NotProven):
        where = f" ({outcome.where})" if outcome.where else ""
        lines = [STEPS[outcome.step], f"Step {outcome.step}, {outcome.code}: {outcome.message}{where}."]
        return [Paragraph(heading="NOTHING IS PROVEN", lines=tuple(lines))]
    lines = [SHOWS[outcome.kind], *([SENTENCES[outcome.code]] if outcome.code else [])]
    facts = [f"log: {outcome.origin}", f"{_named('tree', outcome.sizes)} of {_listed(outcome.sizes)} entries"]
    if outcome.entries:
        facts.append(f"{_named('entry', outcome.entries)}: {_listed(outcome.entries)}")
    if outcome.subject:
        facts.append(f"list: {outcome.subject}")
    rests = "The log's own signatures prove it. Nobody else's word counts here, and anybody can check this file."
    return [
        Paragraph(heading="THE LOG LIED", lines=tuple(lines)),
        Paragraph(heading="Where", lines=tuple(facts)),
        Paragraph(heading="What this rests on", lines=(rests,)),
    ]


def _named(word: str, numbers: tuple[int, ...]) -> str:
    many = {"tree": "trees", "entry": "entries"}
    return many[word] if len(set(numbers)) > 1 else word


def _listed(numbers: tuple[int, ...]) -> str:
    return " and ".join(map(str, dict.fromkeys(numbers)))
