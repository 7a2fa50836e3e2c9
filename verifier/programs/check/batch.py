"""One file of many: what a check of it comes to, as far as a list of exceptions shows it, and what many add up to.

Every file is checked by :func:`verifier.evidence.verify.open_evidence` and asked as if it were alone, so its verdict
is the one that a check of it alone gives. What becomes of it is *concluded* in one word of :data:`CONCLUSIONS`; what
somebody has to look at are *exceptions*, one for each answer that is not yes and for each payment that is late.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from verifier.base import canonical
from verifier.base.values import field, replace, value
from verifier.evidence.conclude import conclude
from verifier.evidence.file import Invalid, parse_evidence
from verifier.evidence.pdf import is_pdf
from verifier.evidence.record_book import BookPart, gaps, part_of
from verifier.evidence.verdict import AsOf, Outcome, Verdict
from verifier.evidence.verdict_json import verdict_json
from verifier.evidence.verify import DEFAULT_MAX_AGE, Opened, open_evidence
from verifier.log.trust import Policy
from verifier.rules.decide import Decision
from verifier.rules.model.question import Question, narrowed
from verifier.rules.model.results import Result, RuleResult
from verifier.rules.model.timeline import Segment
from verifier.rules.money.money_rules import NOT_YET_DUE, Paid, PayeeLine, own_lines
from verifier.rules.money.splits import LegKind
from verifier.statements.types import Usage

CONCLUSIONS: Final = ("fault", "invalid", "no", "cannot_tell", "unreadable", "not_yet_due", "yes")
"""What becomes of a file, the worst first: this program failed on it; it is not what it says; some answer is no; some
answer cannot be told; it cannot be read; what has fallen due is paid and more falls due later; every answer that was
asked for is yes."""

KINDS: Final = (
    "fault", "invalid", "unreadable", "not_in_force", "not_registered", "unauthorised", "unpaid", "late", "missing",
    "behind", "cannot_tell",
)  # fmt: skip
"""What an exception is about, in the order in which they are shown. ``late`` is a payment that came, or still has not
come, after it was due; ``missing`` and ``behind`` a consent whose file is not in a record book, or too old for it."""

_KIND_OF: Final = {
    "NOT_IN_FORCE": "not_in_force", "NOT_REGISTERED": "not_registered", "NOT_AUTHORISED": "unauthorised",
    "NOT_PAID": "unpaid", "CANNOT_TELL": "cannot_tell",
}  # fmt: skip


@value
class Settings:
    """How every file is checked: as ``verifier check`` has it. ``ask`` is ``authorised``, ``paid`` or, for both, None.

    ``keep_verdicts`` keeps every whole verdict beside what is told of it here. ``held`` are disclosures by digest.
    """

    policy: Policy
    instant: int
    max_age: int = DEFAULT_MAX_AGE
    require_audited: bool = False
    by_clock: bool = False
    ask: str | None = None
    keep_verdicts: bool = False
    held: Mapping[str, str] = field(default_factory=dict)


@value
class Item:
    """What is not as it should be about one question: the file's own, or one of the uses in a record book.

    ``kinds`` are of :data:`KINDS`; ``reasons`` the rules that fail or cannot be told and bear on them; ``segments``
    when a use is not authorised, or cannot be told to be; ``paid`` what it owes.
    """

    question: Question
    kinds: tuple[str, ...]
    answer: str | None = None
    authorised: str | None = None
    paid: Paid | None = None
    segments: tuple[Segment, ...] = ()
    reasons: tuple[RuleResult, ...] = ()


@value
class CheckedFile:
    """A file and what became of it. ``file`` is its name, fit to be shown.

    A file that was not judged has a ``code`` and a ``message``, and an invalid one the ``step`` that failed.
    ``answers`` are all answers with how often each is given, ``items`` the exceptions among them, ``accounts`` what
    each use in it (by id) owes and got, ``part`` what the file is for a record book that is a folder; ``is_pdf``: it is
    evidence in a PDF, whose pages nobody has checked.
    """

    file: str
    conclusion: str
    step: int = 0
    code: str = ""
    message: str = ""
    question: Question | None = None
    as_of: AsOf | None = None
    answers: tuple[tuple[str, int], ...] = ()
    items: tuple[Item, ...] = ()
    accounts: tuple[tuple[str, Paid], ...] = ()
    verdict: bytes | None = None
    part: BookPart | None = None
    is_pdf: bool = False

    @property
    def is_exception(self) -> bool:
        """Whether somebody has to look at it: a late payment is one, though its answer is yes."""
        return self.conclusion not in ("not_yet_due", "yes") or bool(self.items)


def check_file(file: str, evidence: bytes, settings: Settings) -> CheckedFile:
    """Check one evidence file. Never raises for what is in it."""
    in_pdf = is_pdf(evidence)
    try:
        parsed = parse_evidence(evidence)
        del evidence  # what is read is not kept beside what it says
        opened = open_evidence(
            parsed,
            settings.policy,
            instant=settings.instant,
            max_age=settings.max_age,
            require_audited=settings.require_audited,
            by_clock=settings.by_clock,
            held=settings.held,
        )
        del parsed
    except Invalid as invalid:
        where = f" ({invalid.where})" if invalid.where else ""
        kept = _encoded(invalid) if settings.keep_verdicts else None
        return CheckedFile(
            file=file,
            conclusion="invalid",
            step=invalid.step,
            code=invalid.code,
            message=f"{invalid.message}{where}",
            verdict=kept,
        )
    verdict = opened.ask(narrowed(opened.question, settings.ask))
    return CheckedFile(
        file=file,
        conclusion=conclude(verdict, settings.ask),
        question=verdict.question,
        as_of=verdict.as_of,
        answers=_answers(verdict, settings.ask),
        items=tuple(_items(opened, verdict, settings.ask)),
        accounts=_accounts(opened, verdict),
        verdict=_encoded(verdict) if settings.keep_verdicts else None,
        part=part_of(opened),
        is_pdf=in_pdf,
    )


def _encoded(outcome: Outcome) -> bytes:
    """A verdict's canonical JSON; a long one is never beside itself as text."""
    found = bytearray()
    for piece in canonical.pieces(verdict_json(outcome)):
        found += piece.encode("utf-8")
    return bytes(found)


def with_book(checked: CheckedFile, parts: Iterable[BookPart]) -> CheckedFile:
    """The list of a record book, held against the files of its consents: whether together they are complete."""
    assert checked.part is not None
    items = tuple(
        Item(question=Question(kind="consent", id=one.consent), kinds=(one.kind,)) for one in gaps(checked.part, parts)
    )
    if not items:
        return checked
    conclusion = "cannot_tell" if checked.conclusion == "yes" else checked.conclusion
    return replace(checked, conclusion=conclusion, items=(*checked.items, *items))


def unread(file: str, message: str) -> CheckedFile:
    """A file that cannot be read."""
    return CheckedFile(file=file, conclusion="unreadable", code="unreadable", message=message)


def failed(file: str, message: str) -> CheckedFile:
    """A file that this program could not finish checking, which is a mistake of its own."""
    return CheckedFile(file=file, conclusion="fault", code="fault", message=message)


# ---- what to show of a verdict


def is_late(line: PayeeLine) -> bool:
    """Whether it came, or has still not come, after it was due; what cannot be told is not late."""
    return bool(line.days_late) and line.answer != "CANNOT_TELL"


def _answers(verdict: Verdict, ask: str | None) -> tuple[tuple[str, int], ...]:
    """Answers with how often each is given; those about uses as ``ask`` says, of a book's consents what was paid."""
    counts: dict[str, int] = {}
    decision = verdict.decision
    for one in (decision, *decision.usages.values()):
        own = one.answer
        if ask == "paid" and verdict.question.kind == "consent":
            own = None
        paid = one.paid.answer if one.paid is not None else None
        for answer in (own, None if ask == "paid" else one.authorised, paid if ask in (None, "paid") else None):
            if answer is not None:
                counts[answer] = counts.get(answer, 0) + 1
    for consent in decision.consents.values() if ask in (None, "paid") else ():
        if consent.paid is not None:
            counts[consent.paid.answer] = counts.get(consent.paid.answer, 0) + 1
    return tuple(counts.items())


def _accounts(opened: Opened, verdict: Verdict) -> tuple[tuple[str, Paid], ...]:
    """What each use, and each consent, owes itself."""
    decision, question = verdict.decision, verdict.question
    found = [(id, one.paid) for id, one in (*decision.usages.items(), *decision.consents.items())]
    if question.kind == "consent":
        found.append((question.id, decision.paid))
    if question.kind == "usage" and decision.paid is not None:
        found.append((question.id, own_lines(decision.paid, "usage")))
        for index in opened.record.find(question.id)[:1]:
            entry = opened.record.entry(index)
            if entry is not None and isinstance(entry.statement, Usage):
                found.append((entry.statement.consent, own_lines(decision.paid, "consent")))
    return tuple((id, paid) for id, paid in found if paid is not None)


def _items(opened: Opened, verdict: Verdict, ask: str | None) -> Iterator[Item]:
    decision, question = verdict.decision, verdict.question
    ask = question.ask or ask  # of a file that was made for one answer the other says nothing
    if question.kind == "usage":
        one = replace(decision, authorised=decision.authorised or "CANNOT_TELL")
        kinds = _kinds_of_use(one, ask)
        if kinds:
            yield _item(question.id, one, kinds, decision.rules, ask)
        return
    found = {_KIND_OF.get(decision.answer or "CANNOT_TELL")}
    if question.kind == "consent":
        found = {*(found if ask != "paid" else ()), *_kinds_of_paid(decision.paid, ask)}
    kinds = tuple(kind for kind in KINDS if kind in found)
    if kinds:
        reasons = tuple(row for row in decision.rules if row.result in (Result.FAIL, Result.UNKNOWN))
        paid = decision.paid if ask in (None, "paid") else None
        yield Item(question=question, kinds=kinds, answer=decision.answer, paid=paid, reasons=reasons)
    for id, consent in decision.consents.items():
        kinds = tuple(kind for kind in KINDS if kind in _kinds_of_paid(consent.paid, ask))
        if kinds:
            asked = Question(kind="consent", id=id)
            rules = opened.ask(replace(asked, ask="paid")).decision.rules
            bear = tuple(row for row in rules if row.rule[0] == "M" and row.result in (Result.FAIL, Result.UNKNOWN))
            yield Item(question=asked, kinds=kinds, paid=consent.paid, reasons=bear)
    for id, usage in decision.usages.items():
        kinds = _kinds_of_use(usage, ask)
        if kinds:
            rules = opened.ask(Question(kind="usage", id=id)).decision.rules
            yield _item(id, usage, kinds, rules, ask)


def _kinds_of_use(usage: Decision, ask: str | None) -> tuple[str, ...]:
    found: set[str | None] = set()
    if ask != "paid":
        found.add(_KIND_OF.get(usage.authorised or "CANNOT_TELL"))
    found |= _kinds_of_paid(usage.paid, ask)
    return tuple(kind for kind in KINDS if kind in found)


def _kinds_of_paid(paid: Paid | None, ask: str | None) -> set[str | None]:
    if paid is None or ask not in (None, "paid"):
        return set()
    late = {"late"} if any(is_late(line) for line in paid.payees) else set[str]()
    return {_KIND_OF.get(paid.answer), *late}


def _item(id: str, usage: Decision, kinds: tuple[str, ...], rules: Iterable[RuleResult], ask: str | None) -> Item:
    """Of the rules, those that bear on an answer that is not yes: M on paid, the others on authorised, T2 on both."""
    authorised = ask != "paid" and usage.authorised != "AUTHORISED"
    paid = ask != "authorised" and usage.paid is not None and usage.paid.answer not in (NOT_YET_DUE, "PAID")
    reasons = []
    for row in rules:
        bears = (authorised or paid) if row.rule == "T2" else paid if row.rule.startswith("M") else authorised
        if bears and row.result in (Result.FAIL, Result.UNKNOWN):
            reasons.append(row)
    return Item(
        question=Question(kind="usage", id=id),
        kinds=kinds,
        authorised=None if ask == "paid" else usage.authorised,
        paid=None if ask == "authorised" else usage.paid,
        segments=usage.segments if authorised else (),
        reasons=tuple(reasons),
    )


# ---- what many add up to


@value(frozen=False)
class Money:
    """Sums of one currency in minor units, of what is certainly not paid: ``owed`` by those who license, ``owed_late``
    of it past its due date; ``held`` by agencies that have to pass it on, ``held_late`` of it past its due date. Apart
    from these ``not_yet_due``, what those who license owe later.
    """

    owed: int = 0
    owed_late: int = 0
    held: int = 0
    held_late: int = 0
    not_yet_due: int = 0


@value(frozen=False, kw_only=False)
class BatchTotals:
    """What the files that were added come to. ``files`` counts conclusions, ``items`` the kinds of exceptions.

    A use that several files are about is owed for once: what the file with the latest checkpoint says counts.
    """

    files: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CONCLUSIONS, 0))
    items: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    exceptions: int = 0
    _lines: dict[tuple[bytes, bytes, str], tuple[int, str, int, str]] = field(default_factory=dict)

    def add(self, checked: CheckedFile) -> None:
        """One more file."""
        self.files[checked.conclusion] += 1
        self.exceptions += checked.is_exception
        if checked.conclusion in self.items:
            self.items[checked.conclusion] += 1
        for item in checked.items:
            for kind in item.kinds:
                self.items[kind] += 1
        for usage, paid in checked.accounts:
            assert checked.as_of is not None
            for line in paid.payees:
                key = bytes.fromhex(usage), bytes.fromhex(line.payee), line.leg
                open_ = line.outstanding if line.answer in ("NOT_PAID", NOT_YET_DUE) else 0
                age = "not_yet_due" if line.answer == NOT_YET_DUE else "late" if is_late(line) else ""
                known = self._lines.get(key)
                if known is None or known[0] < checked.as_of.at:
                    self._lines[key] = checked.as_of.at, paid.currency or "", open_, age

    @property
    def conclusion(self) -> str:
        """The worst of all files."""
        return next((one for one in CONCLUSIONS if self.files[one]), "yes")

    @property
    def checked(self) -> int:
        """How many files there were."""
        return sum(self.files.values())

    def money(self) -> dict[str, Money]:
        """What is owed, by currency."""
        found: dict[str, Money] = {}
        for (_, _, leg), (_, currency, amount, age) in self._lines.items():
            if amount:
                sums, late = found.setdefault(currency, Money()), age == "late"
                if age == "not_yet_due":
                    sums.not_yet_due += 0 if leg == LegKind.FROM_AGENCY.value else amount
                elif leg == LegKind.FROM_AGENCY.value:
                    sums.held += amount
                    sums.held_late += amount if late else 0
                else:
                    sums.owed += amount
                    sums.owed_late += amount if late else 0
        return dict(sorted(found.items()))
