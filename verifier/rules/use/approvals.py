"""A14, and wherever else terms ask for an approval (A12, A13): decisions on exactly these files."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.base.values import value
from verifier.rules.model.context import Unread
from verifier.rules.model.record import Entry
from verifier.rules.model.results import Result, TimedResult
from verifier.rules.model.scope import (
    Territory,
    categories_known,
    categories_meet,
    category_within,
    territory,
    use_territory,
)
from verifier.rules.model.timeline import FOREVER, always, during
from verifier.rules.use.case import UsageCase
from verifier.statements.sections import ApprovalTerms, UsageTerms
from verifier.statements.types import Approval
from verifier.statements.vocabulary import CHANNELS

PASS, FAIL, UNKNOWN = Result.PASS, Result.FAIL, Result.UNKNOWN

MAX_WAYS = 27
"""In how many ways the decisions on a file may turn out before it is not worked out any more what they come to."""


@value
class ApprovalDecision:
    """One decision that meets the use. ``contains``: an approval covers the whole of it."""

    entry: Entry
    approves: bool
    contains: bool
    by_agency: bool


def judge_approval(case: UsageCase) -> list[TimedResult]:
    """A14: every asset approved, where the terms want each one approved."""
    if case.allowed.approval == "none":
        return [always(Result.NOT_APPLICABLE, "not_applicable")]
    return approved(case)


def approved(case: UsageCase) -> list[TimedResult]:
    """Whether each asset of the usage was approved, and from when on."""
    use = case.use_terms
    reach = use_territory(use)
    if reach is None or not categories_known([use.category]) or not CHANNELS.issuperset(use.channels):
        return [always(UNKNOWN, "bad_terms", case.usage.index)]
    return [timed for asset in case.statement.assets for timed in _asset(case, use, reach, asset)]


def _asset(case: UsageCase, use: UsageTerms, reach: Territory, asset: str) -> list[TimedResult]:
    """One file's result: the same in every way in which the decisions that cannot be told may turn out."""
    listed = case.context.listed(f"approval:{case.statement.consent}.{asset}", Approval)
    if listed is None:
        return [always(UNKNOWN, "list_missing", case.usage.index)]
    ways: list[list[ApprovalDecision]] = [[]]
    unsure: TimedResult | None = None
    for entry, judgement in listed:
        found = _read(case, use, reach, entry)
        code = found.code if isinstance(found, Unread) else judgement.code if found is not None else "ok"
        if code == "ok":
            if isinstance(found, ApprovalDecision):
                if not found.by_agency and entry.index < case.usage.index:
                    ways, unsure = [[]], None  # whatever was decided before: her own word is the last
                for way in ways:
                    way.append(found)
            continue
        unsure = unsure or always(UNKNOWN, code, entry.index)
        if len(ways) <= MAX_WAYS:
            ways = [[*way, *more] for way in ways for more in _may_be(entry, found)]
    outcomes = [_decided(case, use, way) for way in ways]
    if unsure is not None and (len(ways) > MAX_WAYS or any(_told(one) != _told(outcomes[0]) for one in outcomes)):
        return [unsure]
    return outcomes[0]


def _may_be(entry: Entry[Approval], found: ApprovalDecision | Unread | None) -> list[list[ApprovalDecision]]:
    """What a decision that is doubtful or cannot be read may come to: nothing at all, or what it says."""
    if isinstance(found, ApprovalDecision):
        return [[], [found]]
    approves, by_agency = entry.statement.decision == "approve", entry.statement.under is not None
    whole, part = (
        ApprovalDecision(entry=entry, approves=approves, contains=contains, by_agency=by_agency)
        for contains in (True, False)
    )
    return [[], [whole], [part]]


def _told(results: list[TimedResult]) -> list[tuple[int, int, Result]]:
    return [(timed.start, timed.end, timed.result) for timed in results]


def _decided(case: UsageCase, use: UsageTerms, decisions: list[ApprovalDecision]) -> list[TimedResult]:
    """One file's result by the decisions that meet the use, in log order."""
    before = [decision for decision in decisions if decision.entry.index < case.usage.index]
    counted = list(_counted(decisions))
    earlier = [decision for decision in counted if decision.entry.index < case.usage.index]
    if earlier and earlier[-1].approves and earlier[-1].contains:
        return [always(PASS, "ok", earlier[-1].entry.index)]
    later = [d for d in counted if d.entry.index > case.usage.index and d.approves and d.contains]
    if not before:
        silent = _silence(case, use, [decision.entry for decision in decisions])
        if silent is not None:
            return [silent]
    code = "rejected" if earlier and not earlier[-1].approves else "not_approved"
    refused = [case.usage.index, *[decision.entry.index for decision in earlier[-1:]]]
    if not later:
        return [always(FAIL, code, *refused)]
    since = later[0].entry
    return [
        during(-FOREVER + 1, since.logged, FAIL, code, *refused),
        during(since.logged, FOREVER, PASS, "ok", since.index),
    ]


def covers(case: UsageCase, approval: Entry[Approval]) -> bool | Unread:
    """Whether an approval, as far as its own terms limit it, contains the whole use; or why that cannot be told."""
    if "terms" not in approval.statement.sections:
        return True
    use = case.use_terms
    reach = use_territory(use)
    if reach is None or not categories_known([use.category]):
        return Unread("bad_terms")
    found = _read(case, use, reach, approval)
    return found if isinstance(found, Unread) else found is not None and found.contains


def _read(
    case: UsageCase, use: UsageTerms, reach: Territory, entry: Entry[Approval]
) -> ApprovalDecision | Unread | None:
    """A decision, if it meets the use; why it cannot be told, if its own terms are hidden or make no sense."""
    statement = entry.statement
    limits: ApprovalTerms = ApprovalTerms()
    if "terms" in statement.sections:
        section = case.context.section(entry, "terms", ApprovalTerms)
        if isinstance(section, Unread):
            return section
        limits = section
    meets = contains = True
    if limits.category is not None:
        if not categories_known([limits.category]):
            return Unread("bad_terms")
        meets = meets and categories_meet([limits.category], [use.category])
        contains = contains and category_within(use.category, [limits.category])
    if limits.channels:
        if not CHANNELS.issuperset(limits.channels):
            return Unread("bad_terms")
        meets = meets and not set(limits.channels).isdisjoint(use.channels)
        contains = contains and set(use.channels) <= set(limits.channels)
    if limits.countries:
        where = territory(limits.countries)
        if where is None:
            return Unread("bad_terms")
        meets = meets and where.meets(reach)
        contains = contains and where.contains(reach)
    if not meets:
        return None
    return ApprovalDecision(
        entry=entry,
        approves=statement.decision == "approve",
        contains=contains,
        by_agency=statement.under is not None,
    )


def _counted(decisions: list[ApprovalDecision]) -> Iterator[ApprovalDecision]:
    """The decisions that count: an agency's approval never overturns the model's own rejection."""
    rejected_by_her = False
    for decision in decisions:
        if not decision.by_agency:
            rejected_by_her = not decision.approves
        elif decision.approves and rejected_by_her:
            continue
        yield decision


def _silence(case: UsageCase, use: UsageTerms, decisions: list[Entry]) -> TimedResult | None:
    """The result of silence where the terms let it approve; ``None`` where it is a refusal."""
    silence = case.allowed.silence
    if silence is None:
        return None
    ends = case.usage.logged + silence
    if ends > use.starts or any(entry.logged < ends for entry in decisions):
        return None
    if case.context.as_of < ends:
        return always(UNKNOWN, "not_yet", case.usage.index)
    return always(PASS, "silence", case.usage.index)
