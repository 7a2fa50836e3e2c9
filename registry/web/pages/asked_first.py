"""What the registry would say of a draft, as pages show it: the answer, what is in its way with its cure, the cost."""

from __future__ import annotations

from registry.advice.clashes import Clash
from registry.drafting.drafts.reading import complete, parse_draft
from registry.intake.submission import Submission, format_submission
from registry.problems import Problem
from registry.service import DryRun, Service
from registry.web.pages.atoms import Instant, Person, Sum
from registry.web.pages.reader_view import ReaderView
from registry.web.pages.use_lines import NO, UNTOLD, YES
from verifier.base.errors import KembarError
from verifier.base.strict import MAX_INSTANT
from verifier.base.values import value
from verifier.rules.model.results import Result

SURE = {"AUTHORISED": YES, "IN_FORCE": YES, "NOT_AUTHORISED": NO, "NOT_IN_FORCE": NO}
"""How an answer is drawn."""


@value
class AgainstIt:
    """What stands against it: a reason code, the first of the rules that say so, and the registry's sentence about what
    to do (in English; the page has it in its own language where the catalogue does). ``sure``: it is so, else it cannot
    be told."""

    rule: str
    code: str
    sure: bool
    cure: str


@value
class InTheWay:
    """Whose exclusivity it meets, from when to when."""

    consent: str
    brand: Person | None
    starts: Instant
    ends: Instant


@value
class WouldCost:
    """What it would make due to somebody."""

    payee: Person | None
    amount: Sum
    at: Instant | None


@value
class AskedFirst:
    """``kind`` is the answer as pages draw it, ``answer`` the contract's word. ``refused``: the registry's code for why
    it cannot even be asked, with its own sentence in ``detail``. ``is_clashing``: somebody's exclusivity is in the way,
    and whose may not be told."""

    kind: str
    answer: str | None = None
    against: tuple[AgainstIt, ...] = ()
    warnings: tuple[AgainstIt, ...] = ()
    in_the_way: tuple[InTheWay, ...] = ()
    is_clashing: bool | None = None
    costs: tuple[WouldCost, ...] = ()
    refused: str | None = None
    detail: str | None = None


def ask_first(service: Service, view: ReaderView, draft: str) -> tuple[AskedFirst, Submission | None]:
    """The answer about a draft (TOML), and what it comes to; None where it says nothing that can be signed."""
    try:
        submission = complete(parse_draft(draft), draft, view.now)
    except KembarError as error:
        return AskedFirst(kind=UNTOLD, refused="submission_malformed", detail=f"{error.where}: {error.message}"), None
    return ask_about(service, view, submission), submission


def ask_about(service: Service, view: ReaderView, submission: Submission) -> AskedFirst:
    """The answer about a statement that nobody need have signed."""
    found = service.dry_run(format_submission(submission), view.rights, view.answering)
    if isinstance(found, Problem):
        return AskedFirst(kind=UNTOLD, refused=found.code, detail=found.detail)
    statement = submission.statement()
    currency = None if found.opinion.paid is None else found.opinion.paid.currency
    agency = statement.parties.agency
    return AskedFirst(
        kind=_kind(found),
        answer=found.opinion.answer,
        against=tuple(_against(found)),
        warnings=tuple(_warnings(found)),
        in_the_way=tuple(
            _in_the_way(view, clash) for clash in (found.clashes.found if found.clashes else ()) if clash.windows
        ),
        is_clashing=found.is_clashing,
        costs=tuple(
            WouldCost(
                payee=view.person(line.payee, "agency" if line.payee == agency else "payee"),
                amount=Sum(line.due, currency),
                at=None if line.due_at is None else Instant(line.due_at),
            )
            for line in (found.opinion.paid.payees if found.opinion.paid else ())
            if line.due and line.leg != "from_agency" and currency is not None
        ),
    )


def _kind(found: DryRun) -> str:
    """What admission refuses, but for signatures that are missing, is a no whatever the contract says of it."""
    refused = [one for one in found.admission if one.result is Result.FAIL and one.code != "void_signers"]
    return NO if refused else SURE.get(found.opinion.answer or "", UNTOLD if found.opinion.answer else YES)


def _against(found: DryRun) -> list[AgainstIt]:
    """What is wrong before what cannot be told; what a use costs is no objection, and stands elsewhere."""
    cures = {(cure.rule, cure.code): cure.sentence for cure in found.cures}
    rows: dict[str, AgainstIt] = {}
    for result in (Result.FAIL, Result.UNKNOWN):
        for row in (*found.admission, *found.opinion.findings):
            if row.result is result and row.code != "void_signers" and not row.rule.startswith("M"):
                cure = cures.get((row.rule, row.code), "")
                is_sure = result is Result.FAIL
                rows.setdefault(row.code, AgainstIt(rule=row.rule, code=row.code, sure=is_sure, cure=cure))
    return list(rows.values())


def _warnings(found: DryRun) -> list[AgainstIt]:
    cures = {cure.code: cure for cure in found.cures}
    return [
        AgainstIt(
            rule=cures[one.code].rule if one.code in cures else "",
            code=one.code,
            sure=True,
            cure=cures[one.code].sentence if one.code in cures else "",
        )
        for one in found.opinion.warnings
    ]


def _in_the_way(view: ReaderView, clash: Clash) -> InTheWay:
    start, end = clash.windows[0][0], clash.windows[-1][1]
    return InTheWay(
        consent=clash.entry.statement.id,
        brand=view.person(clash.licensee, "licensee"),
        starts=Instant(start),
        ends=Instant(min(end, MAX_INSTANT)),
    )
