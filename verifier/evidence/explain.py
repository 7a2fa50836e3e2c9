"""A verdict in plain sentences: what is answered, why, and what the answer rests on.

The same verdict gives the same text on every machine. Statements and parties are named by the first 12 digits of their
ids, entries by their index in the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from verifier.base.currencies import format_money
from verifier.base.strict import format_instant
from verifier.base.values import value
from verifier.evidence.file import Invalid
from verifier.evidence.verdict import AsOf, Outcome, Verdict
from verifier.rules.decision import Paid
from verifier.rules.model.codes import SENTENCES
from verifier.rules.model.results import Remark, Result, RuleResult
from verifier.rules.model.timeline import Segment


@value
class Paragraph:
    """A heading, and sentences under it."""

    heading: str
    lines: tuple[str, ...]


STEPS: Final = {
    1: "It is not one canonical JSON text.",
    2: "Something outside its log entries is not as the format says.",
    3: "A log entry in it cannot be read.",
    4: "Its checkpoint cannot be read.",
    5: "Its checkpoint is not signed by a log that your trust policy names.",
    6: "The witnesses that your trust policy asks for did not sign its checkpoint.",
    7: "A log entry in it is not in the log.",
    8: "It does not begin with the log's first entry and end with a seal that fits the checkpoint.",
    9: "A signature in the log does not verify. That proves a fault of the registry: keep this file.",
    10: "A disclosed section is not the one that was signed.",
    11: "A list in it is not the one that the log's index holds.",
    12: "Its lists and its log entries do not say the same: something was left out.",
    13: "It is not this registry's, or not signed by the registry's own key.",
    14: "What it answers about is not in it.",
}
"""What it means that a step of the protocol's section 7.2 fails."""

TITLES: Final = {
    "T2": "time and basis of the log", "T4": "declared in time", "T6": "not dated ahead", "T7": "nothing backwards",
    "T8": "logged in time", "A0": "stands on good statements", "A1": "right signatures", "A2": "agency's mandate",
    "A3": "registered twin and file", "A4": "covered by a consent", "A5": "not suspended or replaced",
    "A6": "not revoked", "A7": "purpose and product", "A8": "channels and rights", "A9": "countries",
    "A10": "term", "A11": "caps", "A12": "manipulations", "A13": "derivatives and training", "A14": "approval",
    "A15": "disclosure label", "A16": "exclusivity", "A17": "sub-licensee", "A18": "money conditions",
    "A19": "notice and form", "A20": "disputes and rulings", "M1": "what is due", "M2": "splits",
    "M3": "through the agency", "M4": "what was received", "M5": "transfers", "M6": "dates of payment",
    "M7": "independent words", "M8": "everyone paid",
}  # fmt: skip
"""What each rule is about."""

ANSWERS: Final = {
    "AUTHORISED": "AUTHORISED", "NOT_AUTHORISED": "NOT AUTHORISED", "CANNOT_TELL": "CANNOT TELL",
    "PAID": "PAID", "NOT_PAID": "NOT PAID",
    "IN_FORCE": "IN FORCE", "NOT_IN_FORCE": "NOT IN FORCE",
    "REGISTERED": "REGISTERED", "NOT_REGISTERED": "NOT REGISTERED", "COMPLETE": "COMPLETE",
}  # fmt: skip

BASES: Final = {
    "audited": "An auditor that you trust replayed the whole log and confirmed its index.",
    "witnessed": "Witnesses that you trust saw that the log only grew; the registry's index was not audited.",
    "claimed": "Only the registry itself vouches for it: no witness was asked for, and the registry's index was not "
    "audited.",
}

LEGS: Final = {
    "direct": "directly",
    "to_agency": "to the agency, for all who are paid through it",
    "from_agency": "passed on by the agency",
}

NOTES: Final = {
    "stale": "The checkpoint is too old to say whether something changed since.",
    "clashes": "Another licensee's exclusive scope meets this consent.",
}
"""Sentences for warnings that say more than their code's own."""


def explain(outcome: Outcome) -> list[Paragraph]:
    """The verdict for people, most important first."""
    if isinstance(outcome, Invalid):
        where = f" ({outcome.where})" if outcome.where else ""
        return [
            Paragraph(
                heading="INVALID EVIDENCE",
                lines=(
                    STEPS[outcome.step],
                    f"Step {outcome.step}, {outcome.code}: {outcome.message}{where}.",
                    "It answers nothing, neither yes nor no.",
                ),
            )
        ]
    paragraphs = [*_answers(outcome), *_reasons(outcome.decision.rules)]
    paragraphs += _notes("Warnings", outcome.decision.warnings)
    paragraphs += _notes("Entries without effect", outcome.decision.faults)
    return [*paragraphs, basis(outcome.as_of, outcome.instant), _all_rules(outcome.decision.rules)]


def short(id: str) -> str:
    """The first digits of an id, to tell one from another in a text."""
    return id[:12]


# ---- answers


def _answers(verdict: Verdict) -> list[Paragraph]:
    decision, question = verdict.decision, verdict.question
    match question.kind:
        case "usage":
            segments = _segments(decision.segments)
            authorised = Paragraph(
                heading=ANSWERS[decision.authorised or "CANNOT_TELL"],
                lines=(f"The question was whether the use {question.id} is authorised.", *segments, *_files(verdict)),
            )
            return [authorised, _paid(decision.paid)]
        case "consent":
            lines = [f"The question was whether the consent {question.id} is in force at {moment(verdict.instant)}."]
        case "party":
            lines = [f"The question was for all that the log holds about the party {question.id}."]
            if decision.answer == "COMPLETE":
                lines.append("Every entry that names this party is in the file; that is all that COMPLETE says.")
            lines.append(f"Uses among them: {len(decision.usages)}.")
            for usage in decision.usages:
                paid = "nothing owed" if usage.paid is None else ANSWERS[usage.paid.answer]
                lines.append(f"Use {short(usage.usage)}: {ANSWERS[usage.authorised]}, {paid}.")
                lines += [f"    {line}" for line in _segments(usage.segments)]
                lines += [f"    {line}" for line in _payees(usage.paid)]
        case "asset":
            lines = [f"The question was whether a statement names the file with SHA-256 {question.id}."]
            lines += _registered(verdict)
    return [Paragraph(heading=ANSWERS[decision.answer or "CANNOT_TELL"], lines=tuple(lines))]


def _registered(verdict: Verdict) -> list[str]:
    entries = next((row.entries for row in verdict.decision.rules if row.rule == "T2"), ())
    lines = []
    if verdict.decision.answer == "REGISTERED":
        named = "1 entry names" if len(entries) == 1 else f"{len(entries)} entries name"
        lines.append(f"{named} this exact file: {_entries(entries)}. That counts entries, good or not; it is no right.")
    elif verdict.decision.answer == "NOT_REGISTERED":
        lines.append("This exact file is named by no statement. A file that differs in one byte is another file.")
    if not verdict.files:
        lines.append("No file was compared: the answer is about the digest alone.")
    elif verdict.question.id in verdict.files:
        lines.append("The file that was compared is the one that is asked about.")
    others = [digest for digest in verdict.files if digest != verdict.question.id]
    if others:
        lines.append(f"The answer is NOT about the file with SHA-256 {', '.join(others)} that was compared.")
    return lines


def _files(verdict: Verdict) -> list[str]:
    if not verdict.files:
        return ["No file was compared: whether what you look at is what was declared is for you to check."]
    return [f"The file with SHA-256 {digest} was compared." for digest in verdict.files]


def _segments(segments: Sequence[Segment]) -> list[str]:
    return [
        f"From {moment(one.from_)} to {moment(one.to)}: {_word(ANSWERS[one.authorised])}." for one in segments
    ]


def _paid(paid: Paid | None) -> Paragraph:
    if paid is None:
        return Paragraph(heading="NO PAYMENT", lines=("The declaration has no effect, so nothing is owed for it.",))
    lines = ["The question was whether everyone was paid for it.", *_payees(paid)]
    return Paragraph(heading=ANSWERS[paid.answer], lines=tuple(lines))


def _payees(paid: Paid | None) -> list[str]:
    lines = []
    for one in paid.payees if paid is not None else ():
        assert paid is not None
        money = [
            f"{name} {format_money(amount, paid.currency)}"
            for name, amount in (("due", one.due), ("received", one.received), ("outstanding", one.outstanding))
        ]
        when = "" if one.due_at is None else f", due at {moment(one.due_at)}"
        late = f", {one.days_late} {'day' if one.days_late == 1 else 'days'} late" if one.days_late else ""
        said = _word(ANSWERS[one.answer])
        lines.append(f"To {short(one.payee)} {LEGS[one.leg]}: {', '.join(money)}{when}{late}: {said}.")
    return lines


# ---- reasons


def _reasons(rules: Iterable[RuleResult]) -> list[Paragraph]:
    rows = list(rules)
    paragraphs = []
    for result, heading in ((Result.FAIL, "What speaks against it"), (Result.UNKNOWN, "What cannot be told")):
        found = [row for row in rows if row.result is result]
        if found:
            paragraphs.append(Paragraph(heading=heading, lines=tuple(_finding(row) for row in found)))
    return paragraphs


def _finding(row: RuleResult) -> str:
    return f"{row.rule} ({TITLES[row.rule]}): {SENTENCES[row.code]}{_resting(row.entries)}"


def _notes(heading: str, notes: Iterable[Remark]) -> list[Paragraph]:
    lines = tuple(f"{NOTES.get(note.code, SENTENCES[note.code])}{_resting(note.entries)}" for note in notes)
    return [Paragraph(heading=heading, lines=lines)] if lines else []


def _all_rules(rules: Iterable[RuleResult]) -> Paragraph:
    rows = list(rules)
    lines = []
    for result in Result:
        names = [row.rule for row in rows if row.result is result]
        if names:
            lines.append(f"{result.value.replace('_', ' ')}: {', '.join(names)}.")
    return Paragraph(heading="Every rule that was applied", lines=tuple(lines))


# ---- what it rests on


def basis(as_of: AsOf, instant: int) -> Paragraph:
    """What an answer for ``instant`` rests on."""
    return Paragraph(
        heading="What this rests on",
        lines=(
            f"The log as of {moment(as_of.at)}, {as_of.size:,} entries, rule set {as_of.rules}.",
            f"Asked for the instant {moment(instant)}.",
            f"That nothing was left out: {BASES[as_of.basis]}",
            "A registrar vouches for who the parties are; a use that nobody declared does not show.",
        ),
    )


# ---- words


def moment(instant: int) -> str:
    """As in ``2026-11-23 18:05:15 UTC``."""
    text = format_instant(instant)
    return f"{text[:10]} {text[11:19]} UTC"


def _word(answer: str) -> str:
    """An answer inside a sentence."""
    return {
        "AUTHORISED": "authorised", "NOT AUTHORISED": "not authorised", "CANNOT TELL": "cannot be told",
        "PAID": "paid", "NOT PAID": "not paid",
    }[answer]  # fmt: skip


def _resting(entries: Sequence[int]) -> str:
    return f" ({_entries(entries)})" if entries else ""


def _entries(entries: Sequence[int]) -> str:
    """As in "entries 3, 5 and 8"; of many, the first ten."""
    if len(entries) == 1:
        return f"entry {entries[0]}"
    shown = [str(index) for index in entries[:10]]
    if len(entries) > len(shown):
        return f"entries {', '.join(shown)} and {len(entries) - len(shown)} more"
    return f"entries {', '.join(shown[:-1])} and {shown[-1]}"
