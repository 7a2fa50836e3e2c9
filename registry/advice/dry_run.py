"""What can be asked before anything is signed: "may I?" of a draft, and "whose exclusivity is in the way?" of a plan.

Both are answered from the log at its published checkpoint, and append nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from registry.advice.cache import Cache
from registry.advice.clashes import CLEAR, Clashes, Span, WaysOut, clashes, clear_spans, planned, ways_out
from registry.advice.cures import Cure, cures
from registry.advice.effects import Effect, effects
from registry.advice.opinion import Opinion, clashes_of, on_top, opinion, remarks_on, void_opinion
from registry.problems import Problem
from registry.readers.reader import STRANGER, Reader
from verifier.base.canonical import Json
from verifier.base.strict import format_instant
from verifier.rules.admit import UsedUp, admit
from verifier.rules.decide import in_order
from verifier.rules.model.context import Context
from verifier.rules.model.record import Entry, Record
from verifier.rules.model.results import Result, RuleResult
from verifier.rules.model.scope import ALL, WORLD, Scope, categories_known, territory
from verifier.rules.standing.judged import JudgedContext
from verifier.statements.sections import Section
from verifier.statements.types import Party, Payment, Receipt, Revocation, Statement, Twin, Usage
from verifier.statements.vocabulary import CHANNELS

NOT_VOID = frozenset(
    "void_signers wrong_registry section_needed digest_repeated key_repeated minor bad_terms quota no_effect".split()
)
"""Why a registry refuses what would have effect all the same, or will once everybody has signed: a draft is asked about
as if it were handed in rightly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What would become of a submission.

    ``admitted``: it would be logged as it is. ``admission`` are the findings that this turns on (A1 among them, which
    fails as long as signatures are missing), ``opinion`` is what the contract would say of it once everybody has
    signed. ``clashes`` is whose exclusivity is in the way, None where that is no question; ``cures`` say what to do;
    ``effects`` are what a revocation would do. ``is_clashing`` is set where the caller may not know whose exclusivity
    there is, and only whether any is in the way: it alone has seen all.
    """

    admitted: bool
    admission: tuple[RuleResult, ...]
    opinion: Opinion
    clashes: Clashes | None = None
    cures: tuple[Cure, ...] = ()
    effects: tuple[Effect, ...] = ()
    is_clashing: bool | None = None


def may_i(
    record: Record, seen: UsedUp, entry: Entry, sections: Mapping[str, Section], memory: Cache, asker: Reader = STRANGER
) -> DryRun:
    """Judge a candidate at the place and time that it would get; ``record`` shows of the published log below it what
    the caller may know. Whose word an unsigned revocation is turns on who signs it: it is taken to be its licensee's
    where that is the ``asker``, else the model's side's."""
    context = JudgedContext(record, instant=entry.logged, as_of=entry.logged)
    admission = tuple(admit(context, seen, entry, sections))
    if (signed := _as_signed_by(entry, asker)) is not entry:
        missing = [finding for finding in admission if finding.rule == "A1"]  # signatures are missing all the same
        others = [finding for finding in admit(context, seen, signed, sections) if finding.rule != "A1"]
        admission, entry = (*others, *missing), signed
    void = any(finding.result is Result.FAIL and finding.code not in NOT_VOID for finding in admission)
    top = on_top(record, entry, sections, good=not void)
    if void or not isinstance(entry.statement, Usage | Payment | Receipt):
        return _answer(top, entry, sections, admission, void=void)
    with memory.lent(context, top, entry.statement.consent, money=True):
        return _answer(top, entry, sections, admission, void=void)


def _as_signed_by(entry: Entry, asker: Reader) -> Entry:
    """A revocation that nobody has signed yet, as its licensee would sign it who asks about it."""
    statement = entry.statement
    is_hers = isinstance(statement, Revocation) and not entry.signers and statement.under is None
    if not is_hers or not asker.party or statement.parties.licensee != asker.party:
        return entry
    return Entry(index=entry.index, logged=entry.logged, statement=statement, signers=frozenset([asker.key]))


def _answer(
    top: Context,
    entry: Entry,
    sections: Mapping[str, Section],
    admission: tuple[RuleResult, ...],
    *,
    void: bool,
) -> DryRun:
    signed = all(finding.result is not Result.FAIL for finding in admission)
    found = void_opinion(entry, admission) if void else opinion(top, entry, signed=signed)
    if not signed and not void:
        found = _with_signatures(found, admission)
    if not void:
        found = dataclasses.replace(found, warnings=(*found.warnings, *remarks_on(top, entry)))
    clashing = None if void else clashes_of(top, entry)
    rows = (*admission, *found.findings)
    return DryRun(
        admitted=signed,
        admission=admission,
        opinion=found,
        clashes=clashing,
        cures=tuple(cures(top, entry, sections, rows, found.warnings, clashing)),
        effects=() if void else effects(top, entry),
    )


def _with_signatures(found: Opinion, admission: tuple[RuleResult, ...]) -> Opinion:
    """An opinion as if everybody had signed, with the row of A1 as it is now: every rule has one."""
    if not found.findings:
        return found
    signers = [finding for finding in admission if finding.rule == "A1"]
    return dataclasses.replace(found, findings=in_order([*found.findings, *signers]))


def is_clashing(record: Record, entry: Entry, sections: Mapping[str, Section]) -> bool:
    """Whether anybody's exclusivity is in the way of a candidate, or may be: one bit of what ``record`` shows."""
    found = clashes_of(on_top(record, entry, sections), entry)
    return found is not None and found.answer != CLEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a booker has in mind, as it was asked: ids, codes and instants (POSIX seconds)."""

    twin: str
    brand: str
    categories: tuple[str, ...] = (ALL,)
    channels: tuple[str, ...] = tuple(sorted(CHANNELS))
    countries: tuple[str, ...] = (WORLD,)
    starts: int
    ends: int

    def to_json(self) -> dict[str, Json]:
        """As it was asked."""
        return {
            "brand": self.brand,
            "categories": list(self.categories),
            "channels": list(self.channels),
            "countries": list(self.countries),
            "ends": format_instant(self.ends),
            "starts": format_instant(self.starts),
            "twin": self.twin,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """The answer to a plan. ``free``: when within its window nothing clashes; ``ways_out``: what else would be free."""

    plan: Plan
    model: str
    clashes: Clashes
    free: tuple[Span, ...]
    ways_out: WaysOut


def book(record: Record, plan: Plan, now: int) -> Booking | Problem:
    """Whether anybody's exclusivity over this person, whichever twin of hers it was granted on, meets the plan."""
    twin = _statement(record, plan.twin, Twin)
    if not isinstance(twin, Twin):
        return Problem(code="not_found", detail="no twin with this id is in the log", where="twin")
    brand = _statement(record, plan.brand, Party)
    if not isinstance(brand, Party):
        return Problem(code="not_found", detail="no party with this id is in the log", where="brand")
    if "licensee" not in brand.roles:
        return Problem(code="question_malformed", detail="this party is not enrolled as a licensee", where="brand")
    scope = _scope(plan)
    if isinstance(scope, Problem):
        return scope
    use = planned(record, twin=twin, licensee=plan.brand, scope=scope, window=(plan.starts, plan.ends), now=now)
    found = clashes(use)
    return Booking(
        plan=plan,
        model=str(twin.parties.model),
        clashes=found,
        free=tuple(clear_spans(use)),
        ways_out=WaysOut() if found.answer == CLEAR else ways_out(use, found.found),
    )


def _statement(record: Record, id: str, kind: type[Statement]) -> Statement | None:
    for index in record.find(id):
        entry = record.entry(index)
        if entry is not None and isinstance(entry.statement, kind):
            return entry.statement
    return None


def _scope(plan: Plan) -> Scope | Problem:
    """What the plan would take in, or which of its words is none."""

    def wrong(where: str, detail: str) -> Problem:
        return Problem(code="question_malformed", detail=detail, where=where)

    where = territory(plan.countries)
    if not plan.countries or where is None:
        return wrong("countries", "countries are two capital letters each (DE, FR), or WORLD alone")
    if not plan.channels or not CHANNELS.issuperset(plan.channels):
        return wrong("channels", f"channels are: {', '.join(sorted(CHANNELS))}")
    if not plan.categories or not categories_known(plan.categories):
        return wrong("categories", "categories are codes of the IAB Ad Product Taxonomy 2.0, or all alone")
    if plan.starts >= plan.ends:
        return wrong("ends", "must be after starts")
    return Scope(plan.categories, frozenset(plan.channels), where)
