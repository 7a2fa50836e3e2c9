"""All answers of a verdict in one word, for exit statuses and lists of many files."""

from __future__ import annotations

from verifier.evidence.verdict import Verdict
from verifier.rules.money.money_rules import NOT_YET_DUE


def conclude(verdict: Verdict, ask: str | None = None) -> str:
    """All answers in one word: ``no`` if any is, else ``cannot_tell`` if any is that, else ``not_yet_due`` if any is,
    else ``yes``.

    ``ask`` leaves out all answers about uses and consents but ``authorised`` or ``in_force``, or ``paid``. Of the
    consents in a record book only what was paid counts: that one ran out is no fault of anybody.
    """
    decision = verdict.decision
    whole = decision.answer if ask != "paid" or verdict.question.kind != "consent" else None
    answers = [whole] if whole is not None else []
    judged = [decision, *decision.usages.values()]
    for one in judged:
        if ask != "paid" and one.authorised is not None:
            answers.append(one.authorised)
    for owing in (*judged, *decision.consents.values()):
        if ask in (None, "paid") and owing.paid is not None:
            answers.append(owing.paid.answer)
    if verdict.question.kind == "asset" and any(digest != verdict.question.id for digest in verdict.files):
        answers.append("CANNOT_TELL")  # a yes would be taken for the file that was compared
    if any(answer.startswith("NOT_") and answer != NOT_YET_DUE for answer in answers):
        return "no"
    if "CANNOT_TELL" in answers or not answers:
        return "cannot_tell"
    return "not_yet_due" if NOT_YET_DUE in answers else "yes"
