"""What stops a consent: revocations, suspensions and resumptions, and when they take effect (T7, A5, A6)."""

from __future__ import annotations

from dataclasses import dataclass, field

from verifier.rules.contract import Contract, Judgement, Missing, Standing
from verifier.rules.record import Entry
from verifier.rules.signers import model_side
from verifier.rules.timeline import FOREVER
from verifier.statements.sections import Exclusive, Terms
from verifier.statements.statement import Consent, Resumption, Revocation, Statement, Suspension, Twin


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Nothing may run in [start, end) (POSIX seconds) but what a sell-off allows."""

    entry: Entry
    start: int
    end: int
    code: str
    judgement: Judgement

    @property
    def sure(self) -> bool:
        """Whether the entry behind it is good."""
        return self.judgement.standing is Standing.GOOD


@dataclass(slots=True, kw_only=True)
class Stops:
    """All stops of one consent. ``missing`` names why there may be more, or why their effect cannot be told."""

    revocations: list[Stop] = field(default_factory=list)
    suspensions: list[Stop] = field(default_factory=list)
    replaced_by: list[tuple[Entry, Judgement]] = field(default_factory=list)
    missing: Missing | None = None


def notice_of(contract: Contract, section: Terms | Exclusive) -> int:
    """Seconds of notice that a revocation by the model must give; none under the profile ``eu`` (T7)."""
    profiles = {contract.profile, section.profile if isinstance(section, Terms) else None}
    return 0 if "eu" in profiles else section.notice


def stops_of(contract: Contract, consent: Entry, section: Terms | Exclusive | Missing, *, onward: bool) -> Stops:
    """Everything that stops a consent: on it, on its twin, on that twin's creation; ``onward``: and on its successors.

    ``section`` gives the notice: the consent's terms, or for A16 its exclusivity.
    """
    found = Stops()
    statement = consent.statement
    assert isinstance(statement, Consent)
    notice = 0
    if isinstance(section, Missing):
        found.missing = section
    else:
        notice = notice_of(contract, section)
    chain = _onward(contract, consent, found) if onward else [statement.id]
    if not onward:
        found.replaced_by = _successors(contract, statement.id, found)
    for id in chain:
        _revocations(contract, f"consent:{id}", notice, found)
        _suspensions(contract, id, notice, found)
    if statement.twin is not None:
        _revocations(contract, f"twin:{statement.twin}", notice, found)
        twin, _ = contract.named(f"twin:{statement.twin}", statement.twin, consent.index)
        if twin is not None and isinstance(twin.statement, Twin):
            _revocations(contract, f"consent:{twin.statement.creation}", notice, found)
        else:
            found.missing = found.missing or Missing("list_missing")
    # A notice that is not known moves no stop forward in time past a year; without stops it does not matter at all.
    if isinstance(section, Missing) and found.missing is section and not found.revocations and not found.suspensions:
        found.missing = None
    return found


def _successors(contract: Contract, id: str, found: Stops) -> list[tuple[Entry, Judgement]]:
    listed = contract.listed(f"consent:{id}", Consent)
    if listed is None:
        found.missing = Missing("list_missing")
        return []
    return [pair for pair in listed if isinstance(pair[0].statement, Consent) and pair[0].statement.replaces == id]


def _onward(contract: Contract, consent: Entry, found: Stops) -> list[str]:
    """The consent's id and those of all that replace it, directly or through others; notes the direct successors."""
    ids, place = [consent.statement.id], 0
    while place < len(ids):
        successors = _successors(contract, ids[place], found)
        if place == 0:
            found.replaced_by = successors
        ids.extend(entry.statement.id for entry, _ in successors if entry.statement.id not in ids)
        place += 1
    return ids


def _revocations(contract: Contract, subject: str, notice: int, found: Stops) -> None:
    kind, _, target = subject.partition(":")
    listed = contract.listed(subject, Revocation)
    if listed is None:
        found.missing = Missing("list_missing")
        return
    for entry, judgement in listed:
        assert isinstance(entry.statement, Revocation)
        if entry.statement.target != (kind, target):
            continue
        start = max(entry.statement.effective, entry.logged + notice)
        found.revocations.append(
            Stop(entry=entry, start=start, end=FOREVER, code="revoked", judgement=judgement)
        )


def _suspensions(contract: Contract, consent: str, notice: int, found: Stops) -> None:
    """Each suspension lasts until its own signer's side resumes; a union's takes effect at once."""
    listed = contract.listed(f"consent:{consent}", Suspension, Resumption)
    if listed is None:
        found.missing = Missing("list_missing")
        return
    for entry, judgement in listed:
        statement: Statement = entry.statement
        if not isinstance(statement, Suspension):
            continue
        by_model = model_side(contract, entry)
        start = max(statement.effective, entry.logged + (notice if by_model else 0))
        lifted = [
            (max(other.statement.effective, other.logged), standing.standing is Standing.GOOD)
            for other, standing in listed
            if isinstance(other.statement, Resumption)
            and other.index > entry.index
            and model_side(contract, other) == by_model
        ]
        end = min((at for at, sure in lifted if sure), default=FOREVER)
        maybe = min((at for at, sure in lifted if not sure), default=FOREVER)
        if start < min(end, maybe):
            found.suspensions.append(
                Stop(entry=entry, start=start, end=min(end, maybe), code="suspended", judgement=judgement)
            )
        if maybe < end:
            unsure = Judgement(Standing.DOUBTFUL, "A5", "list_missing")
            found.suspensions.append(
                Stop(entry=entry, start=max(start, maybe), end=end, code="suspended", judgement=unsure)
            )
