"""A14, and wherever else terms ask for an approval (A12, A13): decisions on exactly these files."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.rules.contract import Missing, Standing
from verifier.rules.logic import Piece, Result
from verifier.rules.record import Entry
from verifier.rules.scope import Territory, categories_known, categories_meet, category_within, territory, use_territory
from verifier.rules.timeline import FOREVER, always, during
from verifier.rules.usage import Case
from verifier.statements.sections import ApprovalTerms, UsageTerms
from verifier.statements.statement import Approval
from verifier.statements.vocabulary import CHANNELS
from verifier.values import dataclass

PASS, FAIL, UNKNOWN = Result.PASS, Result.FAIL, Result.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision that meets the use. ``contains``: an approval covers the whole of it."""

    entry: Entry
    approves: bool
    contains: bool
    by_agency: bool


def judge_approval(case: Case) -> list[Piece]:
    """A14: every asset approved, where the terms want each one approved."""
    if isinstance(case.terms, Missing):
        return [always(UNKNOWN, case.terms.code, *(case.terms.entries or (case.consent.index,)))]
    if case.terms.approval == "none":
        return [always(Result.NOT_APPLICABLE, "not_applicable")]
    return approved(case)


def approved(case: Case) -> list[Piece]:
    """Whether each asset of the usage was approved, and from when on."""
    if isinstance(case.use, Missing):
        return [always(UNKNOWN, case.use.code, *(case.use.entries or (case.usage.index,)))]
    reach = use_territory(case.use)
    if reach is None or not categories_known([case.use.category]) or not CHANNELS.issuperset(case.use.channels):
        return [always(UNKNOWN, "bad_terms", case.usage.index)]
    return [piece for asset in case.statement.assets for piece in _asset(case, case.use, reach, asset)]


def _asset(case: Case, use: UsageTerms, reach: Territory, asset: str) -> list[Piece]:
    listed = case.contract.listed(f"approval:{case.statement.consent}.{asset}", Approval)
    if listed is None:
        return [always(UNKNOWN, "list_missing", case.usage.index)]
    decisions: list[Decision] = []
    unsure: Piece | None = None
    settled: bool | None = None
    for entry, judgement in listed:
        if settled is None and entry.index > case.usage.index:
            settled = unsure is None and _approved(case, decisions) is not None
        if settled:
            break  # nothing that comes after the usage bears on it
        found = _read(case, use, reach, entry)
        if isinstance(found, Missing):
            unsure = unsure or always(UNKNOWN, found.code, entry.index)
        elif found is not None and judgement.standing is not Standing.GOOD:
            unsure = unsure or always(UNKNOWN, judgement.code, entry.index)
        elif found is not None:
            decisions.append(found)
            if not found.by_agency and entry.index < case.usage.index:
                unsure = None  # whatever was decided before: her own word is the last
    if unsure is not None:
        return [unsure]
    before = [decision for decision in decisions if decision.entry.index < case.usage.index]
    counted = list(_counted(decisions))
    earlier = [decision for decision in counted if decision.entry.index < case.usage.index]
    if (approval := _approved(case, decisions)) is not None:
        return [always(PASS, "ok", approval.entry.index)]
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


def _approved(case: Case, decisions: list[Decision]) -> Decision | None:
    """The last decision before the usage that counts, if it is an approval that contains the use."""
    earlier = [decision for decision in _counted(decisions) if decision.entry.index < case.usage.index]
    return earlier[-1] if earlier and earlier[-1].approves and earlier[-1].contains else None


def covers(case: Case, approval: Entry) -> bool | Missing:
    """Whether an approval, as far as its own terms limit it, contains the whole use; or why that cannot be told."""
    if "terms" not in approval.statement.sections:
        return True
    assert isinstance(case.use, UsageTerms)
    reach = use_territory(case.use)
    if reach is None or not categories_known([case.use.category]):
        return Missing("bad_terms")
    found = _read(case, case.use, reach, approval)
    return found if isinstance(found, Missing) else found is not None and found.contains


def _read(case: Case, use: UsageTerms, reach: Territory, entry: Entry) -> Decision | Missing | None:
    """A decision, if it meets the use; why it cannot be told, if its own terms are hidden or make no sense."""
    statement = entry.statement
    assert isinstance(statement, Approval)
    limits: ApprovalTerms = ApprovalTerms()
    if "terms" in statement.sections:
        section = case.contract.section(entry, "terms")
        if isinstance(section, Missing):
            return section
        assert isinstance(section, ApprovalTerms)
        limits = section
    meets = contains = True
    if limits.category is not None:
        if not categories_known([limits.category]):
            return Missing("bad_terms")
        meets = meets and categories_meet([limits.category], [use.category])
        contains = contains and category_within(use.category, [limits.category])
    if limits.channels:
        if not CHANNELS.issuperset(limits.channels):
            return Missing("bad_terms")
        meets = meets and not set(limits.channels).isdisjoint(use.channels)
        contains = contains and set(use.channels) <= set(limits.channels)
    if limits.countries:
        where = territory(limits.countries)
        if where is None:
            return Missing("bad_terms")
        meets = meets and where.meets(reach)
        contains = contains and where.contains(reach)
    if not meets:
        return None
    return Decision(
        entry=entry,
        approves=statement.decision == "approve",
        contains=contains,
        by_agency=statement.under is not None,
    )


def _counted(decisions: list[Decision]) -> Iterator[Decision]:
    """The decisions that count: an agency's approval never overturns the model's own rejection."""
    rejected_by_her = False
    for decision in decisions:
        if not decision.by_agency:
            rejected_by_her = not decision.approves
        elif decision.approves and rejected_by_her:
            continue
        yield decision


def _silence(case: Case, use: UsageTerms, decisions: list[Entry]) -> Piece | None:
    """The result of silence where the terms let it approve; ``None`` where it is a refusal."""
    assert not isinstance(case.terms, Missing)
    if case.terms.silence is None:
        return None
    ends = case.usage.logged + case.terms.silence
    if ends > use.starts or any(entry.logged < ends for entry in decisions):
        return None
    if case.contract.as_of < ends:
        return always(UNKNOWN, "not_yet", case.usage.index)
    return always(PASS, "silence", case.usage.index)
