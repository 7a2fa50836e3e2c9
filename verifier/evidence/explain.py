"""A verdict in plain sentences: what is answered, why, and what the answer rests on.

The sentences are a catalogue's (:mod:`verifier.words.catalogue`). The same verdict gives the same text on every
machine. Statements and parties are named by the first 12 digits of their ids, entries by their index in the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from verifier.base.values import value
from verifier.evidence.about import About
from verifier.evidence.file import Invalid
from verifier.evidence.verdict import AsOf, Outcome, Verdict
from verifier.rules.model.question import Question
from verifier.rules.model.results import Remark, Result, RuleResult
from verifier.rules.model.timeline import Segment
from verifier.rules.money.money_rules import CANNOT_TELL, Paid
from verifier.words.catalogue import Catalogue
from verifier.words.category_names import CATEGORY_NAMES


@value
class Paragraph:
    """A heading, and sentences under it."""

    heading: str
    lines: tuple[str, ...]


def explain(outcome: Outcome, words: Catalogue) -> list[Paragraph]:
    """The verdict for people, most important first."""
    if isinstance(outcome, Invalid):
        where = words.say("explain.where", where=outcome.where) if outcome.where else ""
        step = words.say(
            "explain.invalid_step", step=str(outcome.step), code=outcome.code, message=outcome.message, where=where
        )
        lines = (words.say(f"step.{outcome.step}"), step, words.say("explain.invalid_answers_nothing"))
        return [Paragraph(heading=words.say("explain.invalid"), lines=lines)]
    paragraphs = [*_answers(outcome, words), *_reasons(outcome.decision.rules, words)]
    paragraphs += _notes(words.say("explain.warnings"), outcome.decision.warnings, words)
    paragraphs += _notes(words.say("explain.faults"), outcome.decision.faults, words)
    return [*paragraphs, basis(outcome.as_of, outcome.instant, words), _all_rules(outcome.decision.rules, words)]


def short(id: str) -> str:
    """The first digits of an id, to tell one from another in a text."""
    return id[:12]


def explain_code(rule: str, code: str, words: Catalogue) -> str:
    """A reason code's sentence, and where to look it up."""
    sentence = words.say(f"code.{code}").removesuffix(".")
    return words.say("code_and_rule", sentence=sentence, rule=rule, code=code)


# ---- answers


def _answers(verdict: Verdict, words: Catalogue) -> list[Paragraph]:
    decision, question = verdict.decision, verdict.question
    match question.kind:
        case "usage":
            return _about_usage(verdict, words)
        case "consent":
            lines = [*_now_and_then(verdict, words)]
            lines.append(words.say("explain.asked_consent", id=question.id, at=words.moment(verdict.instant)))
            lines += _about(verdict.about, words)
            if decision.answer is None:
                return [_paid(decision.paid, verdict.about, words, (*lines,))]
            answers = [Paragraph(heading=words.say(f"answer.{decision.answer}"), lines=tuple(lines))]
            return [*answers, *([] if decision.paid is None else [_paid(decision.paid, verdict.about, words)])]
        case "party":
            if question.consent is not None:
                lines = [words.say("explain.asked_book_of", id=question.id, consent=question.consent)]
            else:
                lines = [words.say("explain.asked_party", id=question.id)]
            if decision.answer == "COMPLETE":
                lines.append(words.say("explain.complete" if question.consent is None else "explain.complete_of"))
            if question.ask == "complete":
                lines.append(words.say("explain.by_headers"))
                return [Paragraph(heading=words.say(f"answer.{decision.answer}"), lines=tuple(lines))]
            lines.append(words.say("explain.consents", consents=len(decision.consents)))
            for id, consent in decision.consents.items():
                said = _and_paid(consent.answer, consent.paid, question, words)
                lines.append(words.say("explain.consent", consent=short(id), answer=said))
                lines += [f"    {line}" for line in _payees(consent.paid, verdict.about, words)]
            lines.append(words.say("explain.uses", uses=len(decision.usages)))
            for id, usage in decision.usages.items():
                said = _and_paid(usage.authorised, usage.paid, question, words)
                lines.append(words.say("explain.use", usage=short(id), answer=said))
                lines += [f"    {line}" for line in _segments(usage.segments, words)]
                lines += [f"    {line}" for line in _payees(usage.paid, verdict.about, words)]
        case "asset":
            lines = [words.say("explain.asked_asset", id=question.id), *_registered(verdict, words)]
    return [Paragraph(heading=words.say(f"answer.{decision.answer or 'CANNOT_TELL'}"), lines=tuple(lines))]


def _and_paid(answer: str | None, paid: Paid | None, question: Question, words: Catalogue) -> str:
    """One of many in a record book: how it stands, and whether what it owes was paid, as far as that is asked."""
    said = [] if answer is None else [words.say(f"answer.{answer}")]
    if question.money:
        said.append(words.say("explain.nothing_owed" if paid is None else f"answer.{paid.answer}"))
    return ", ".join(said)


def _about_usage(verdict: Verdict, words: Catalogue) -> list[Paragraph]:
    """Whether it was authorised, and paid; what comes first also says what is known of now, and what it is about."""
    decision, question = verdict.decision, verdict.question
    first = [*_now_and_then(verdict, words)]
    paragraphs = []
    if decision.authorised is not None:
        lines = [*first, words.say("explain.asked_usage", id=question.id), *_about(verdict.about, words)]
        lines += [*_segments(decision.segments, words), *_files(verdict, words)]
        paragraphs.append(Paragraph(heading=words.say(f"answer.{decision.authorised}"), lines=tuple(lines)))
        first = []
    if question.money or decision.paid is not None:
        paid = _paid(decision.paid, verdict.about, words)
        about = _about(verdict.about, words) if first or not paragraphs else []
        paragraphs.append(Paragraph(heading=paid.heading, lines=(*first, *about, *paid.lines)))
    return paragraphs


def _now_and_then(verdict: Verdict, words: Catalogue) -> Iterator[str]:
    """Of a stale verdict first that nobody can tell what holds now, and then what held when somebody last looked."""
    now, then = verdict.decision, verdict.decision.then
    if then is None:
        return
    pairs = [(now.answer, then.answer), (now.authorised, then.authorised)]
    pairs.append((now.paid.answer if now.paid else None, then.paid.answer if then.paid else None))
    known = [was for _, was in pairs if was is not None and was != CANNOT_TELL]
    if any(is_ == CANNOT_TELL and was in known for is_, was in pairs):
        yield words.say("explain.stale_now", at=words.moment(verdict.as_of.at))
    elif any(is_ == CANNOT_TELL for is_, _ in pairs):
        yield words.say("explain.stale_nothing", at=words.moment(verdict.as_of.at))
    if known:
        yield words.say("explain.then", answers=words.listed(words.say(f"answer_within.{was}") for was in known))
    if len(known) < sum(was is not None for _, was in pairs):
        yield words.say("explain.then_open")
    yield words.say("explain.fetch_newer", kind=verdict.question.kind, id=verdict.question.id)


def _about(about: About | None, words: Catalogue) -> Iterator[str]:
    """Who takes part, by the names that a registrar vouched for, and what a use is."""
    if about is None:
        return
    who = []
    for one in about.parties:
        role, id = words.code("role", one.role), short(one.party)
        unnamed = words.say("explain.participant", role=role, id=id)
        who.append(words.say("explain.named_participant", role=role, name=one.name, id=id) if one.name else unnamed)
    if any(one.name for one in about.parties):
        yield words.say("explain.about_named", who="; ".join(who))
    else:
        yield words.say("explain.about_parties", who="; ".join(who))
    use = about.use
    if use is not None:
        name = CATEGORY_NAMES.get(use.category, use.category)
        yield words.say(
            "explain.about_use",
            purpose=words.code("purpose", use.purpose),
            category=name if use.product is None else f"{name}, {use.product}",
            placement=words.code("placement", use.placement),
            channels=", ".join(words.code("channel", channel) for channel in use.channels),
            countries=", ".join(use.countries),
            files=words.say("describe.files", n=about.files or 0),
        )


def _registered(verdict: Verdict, words: Catalogue) -> list[str]:
    entries = next((row.entries for row in verdict.decision.rules if row.rule == "T2"), ())
    lines = []
    if verdict.decision.answer == "REGISTERED":
        lines.append(words.say("explain.named", n=len(entries), entries=entry_list(entries, words)))
    elif verdict.decision.answer == "NOT_REGISTERED":
        lines.append(words.say("explain.not_named"))
    if not verdict.files:
        lines.append(words.say("explain.digest_alone"))
    elif verdict.question.id in verdict.files:
        lines.append(words.say("explain.file_is_it"))
    others = [digest for digest in verdict.files if digest != verdict.question.id]
    if others:
        lines.append(words.say("explain.file_is_another", digests=", ".join(others)))
    return lines


def _files(verdict: Verdict, words: Catalogue) -> list[str]:
    if not verdict.files:
        return [words.say("explain.file_not_compared")]
    return [words.say("explain.file_compared", digest=digest) for digest in verdict.files]


def _segments(segments: Sequence[Segment], words: Catalogue) -> list[str]:
    return [
        words.say(
            "explain.segment",
            start=words.moment(one.from_),
            end=words.moment(one.to),
            answer=words.say(f"answer_within.{one.authorised}"),
        )
        for one in segments
    ]


def _paid(paid: Paid | None, about: About | None, words: Catalogue, first: tuple[str, ...] = ()) -> Paragraph:
    if paid is None:
        return Paragraph(heading=words.say("explain.no_payment"), lines=(words.say("explain.no_payment_why"),))
    lines = (*first, words.say("explain.asked_paid"), *_payees(paid, about, words))
    return Paragraph(heading=words.say(f"answer.{paid.answer}"), lines=lines)


def _payees(paid: Paid | None, about: About | None, words: Catalogue) -> list[str]:
    if paid is None:
        return []
    names = {one.party: one.name for one in about.parties if one.name} if about else {}
    lines = []
    for one in paid.payees:
        if one.of == "consent" and one.answer == "PAID" and not one.due:
            continue  # it owes nothing itself, as most do
        when = "" if one.due_at is None else words.say("explain.due_at", at=words.moment(one.due_at))
        late = words.say("explain.late", days_late=words.say("days_late", n=one.days_late)) if one.days_late else ""
        line = words.say(
            "explain.payee" if one.of == "usage" else "explain.payee_of_consent",
            payee=_called(one.payee, names),
            leg=words.say(f"leg.{one.leg}"),
            due=words.money(one.due, paid.currency),
            received=words.money(one.received, paid.currency),
            outstanding=words.money(one.outstanding, paid.currency),
            when=when,
            late=late,
            answer=words.say(f"answer_within.{one.answer}"),
        )
        lines.append(line)
    return lines


def _called(party: str, names: Mapping[str, str]) -> str:
    return f"{names[party]} ({short(party)})" if party in names else short(party)


# ---- reasons


def _reasons(rules: Iterable[RuleResult], words: Catalogue) -> list[Paragraph]:
    rows = list(rules)
    paragraphs = []
    headings = ((Result.FAIL, words.say("explain.against")), (Result.UNKNOWN, words.say("explain.cannot_tell")))
    for result, heading in headings:
        found = tuple(_finding(row, words) for row in rows if row.result is result)
        if found:
            paragraphs.append(Paragraph(heading=heading, lines=found))
    return paragraphs


def _finding(row: RuleResult, words: Catalogue) -> str:
    title, sentence = words.say(f"rule.{row.rule}"), words.say(f"code.{row.code}")
    return words.say("explain.reason", rule=row.rule, title=title, sentence=sentence) + _resting(row.entries, words)


def _notes(heading: str, notes: Iterable[Remark], words: Catalogue) -> list[Paragraph]:
    lines = []
    for one in notes:
        sentence = words.say(f"note.{one.code}" if f"note.{one.code}" in words else f"code.{one.code}")
        lines.append(sentence + _resting(one.entries, words))
    return [Paragraph(heading=heading, lines=tuple(lines))] if lines else []


def _all_rules(rules: Iterable[RuleResult], words: Catalogue) -> Paragraph:
    rows = list(rules)
    lines = []
    for result in Result:
        names = [row.rule for row in rows if row.result is result]
        if names:
            said = words.say(f"result.{result.value}")
            lines.append(words.say("explain.rules_with_result", result=said, rules=", ".join(names)))
    return Paragraph(heading=words.say("explain.all_rules"), lines=tuple(lines))


# ---- what it rests on


def basis(as_of: AsOf, instant: int, words: Catalogue) -> Paragraph:
    """What an answer for ``instant`` rests on."""
    log = words.say("explain.basis_log", at=words.moment(as_of.at), size=as_of.size, rules=as_of.rules)
    return Paragraph(
        heading=words.say("explain.basis"),
        lines=(
            log,
            words.say("explain.basis_instant", at=words.moment(instant)),
            words.say("explain.basis_complete", basis=words.say(f"basis.{as_of.basis}")),
            words.say("explain.basis_limits"),
        ),
    )


def _resting(entries: Sequence[int], words: Catalogue) -> str:
    return words.say("explain.resting", entries=entry_list(entries, words)) if entries else ""


def entry_list(entries: Sequence[int], words: Catalogue) -> str:
    """As in "entries 3, 5 and 8"; of many, the first ten."""
    return words.say("entries", n=len(entries), entries=words.listed(map(str, entries)))
