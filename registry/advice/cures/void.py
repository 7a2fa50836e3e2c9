"""Cures of what would make the statement void: what it stands on, whom it names, who signs it (A0, A1, A2, A5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from registry.advice.cures.asked import FailedRow, listed, moment
from registry.drafting.drafts.signers import needed
from verifier.rules.model.calendar import add_months
from verifier.rules.model.context import Context, Standing
from verifier.rules.model.record import Entry
from verifier.rules.standing.keys import key_state
from verifier.rules.standing.parties import ground, named, wrong_relation
from verifier.rules.standing.power import LONGEST_MANDATE
from verifier.rules.standing.signers import signer_groups
from verifier.statements.kinds import SignedBy, kind_of
from verifier.statements.types import Consent, Erasure, Mandate, Revocation, Statement, Twin


def _by_parties(statement: Statement) -> bool:
    """Whether parties sign it with their live keys, so that there are groups of them."""
    return isinstance(kind_of(statement).signed, SignedBy)


def _parties(asked: FailedRow) -> str | None:
    """What it stands on and is not there, whom it names wrongly, and who was not enrolled for the role."""
    found = [*_missing(asked), *_misnamed(asked), *_enrolled(asked)]
    if (wrong := wrong_relation(asked.entry.statement)) is not None:
        found.append(": ".join(wrong))
    if not found:
        return "Check what it stands on, and that those belong together: registry draft --on fills in ids and parties."
    return f"Correct {'; '.join(found)}. registry draft --on fills in ids and parties."


def _missing(asked: FailedRow) -> Iterator[str]:
    record, entry = asked.context.record, asked.entry
    members = [on.member for on in kind_of(entry.statement).on]
    for member in [*members, "of"] if isinstance(entry.statement, Erasure) else members:
        id: str | None = getattr(entry.statement, member)
        if id is None:
            continue
        below = [other for index in record.find(id) if index < entry.index and (other := record.entry(index))]
        if not below:
            yield f"{member}: the log has no {id}"
        elif all(asked.context.standing(one).standing is Standing.VOID for one in below):
            yield f"{member}: {id} is void"


def _misnamed(asked: FailedRow) -> Iterator[str]:
    """Roles by the kernel's own list of whom it must name."""
    base = ground(asked.context, asked.entry)
    if base.worst.standing is not Standing.GOOD:
        return
    expected, _ = named(asked.context, asked.entry, base)
    if expected is None:
        yield "parties: a role that it needs is not there"
        return
    own = asked.entry.statement.parties
    for role in sorted({*own.roles(), *expected.roles}):
        wanted, given = expected.roles.get(role), own.role(role)
        if wanted != given:
            yield f"parties.{role}: " + (f"must be {wanted}" if wanted else "does not belong there")
    if own.payees != expected.payees:
        yield f"parties.payees: must be {listed(expected.payees) or 'left out'}"


def _enrolled(asked: FailedRow) -> Iterator[str]:
    """Who signs in a role was enrolled with it."""
    if not _by_parties(asked.entry.statement):
        return
    for group in _groups(asked):
        for party, role in group:
            enrolled = key_state(asked.context, party, asked.entry.index).enrolled
            if enrolled is None:
                yield f"the {role or 'party'} {party}: is not enrolled"
            elif role is not None and role not in enrolled.statement.roles:
                yield f"the {role} {party}: is enrolled as {listed(enrolled.statement.roles)} only"


def _groups(asked: FailedRow) -> list[list[tuple[str, str | None]]]:
    """Who signs: one of each group; nothing where that turns on what is wrong."""
    if ground(asked.context, asked.entry).worst.standing is not Standing.GOOD:
        return []
    groups = signer_groups(asked.context, asked.entry) or []
    return [[(signer.party, signer.role) for signer in group] for group in groups]


@dataclass(frozen=True, slots=True)
class _Found:
    """What the log says of parties where the candidate would stand: what ``needed`` asks it."""

    context: Context
    entry: Entry

    def guardian_of(self, party: str) -> str | None:
        return key_state(self.context, party, self.entry.index).guardian_at(self.entry.logged)

    def has_keys(self, party: str) -> bool:
        return bool(key_state(self.context, party, self.entry.index).live)

    def agency_of(self, mandate: str) -> str | None:
        found, _ = self.context.named(f"mandate:{mandate}", mandate, self.entry.index)
        return found.statement.parties.agency if found is not None else None


def _signers(asked: FailedRow) -> str:
    """Who must sign and has not, as far as that can be told, and keys that do not belong."""
    entry = asked.entry
    needs = needed(entry.statement, _Found(asked.context, entry))
    who = "; ".join(need.who + (f" {need.key}" if need.key else "") for need in needs)
    said = f"Have it signed by: {who}."
    if not entry.signers:
        return f"{said} Nobody has signed yet."
    if not _by_parties(entry.statement):
        return f"{said} So far {len(entry.signers)} signed."
    known: set[str] = set()
    waiting = []
    for group in _groups(asked):
        live = [key_state(asked.context, party, entry.index).live for party, _ in group]
        known = known.union(*live)
        if not any(entry.signers & keys for keys in live):
            waiting.append(" or ".join(f"the {role or 'party'} {party}" for party, role in group))
    if waiting:
        said += f" Still missing: {'; '.join(waiting)}."
    if strange := sorted(entry.signers - known):
        said += f" These keys are live for none of them: {listed(strange)}."
    return said


def _power(asked: FailedRow) -> str | None:
    """What the mandate lacks."""
    under = getattr(asked.entry.statement, "under", None)
    mandate, _ = asked.context.named(f"mandate:{under}", under or "", asked.entry.index)
    statement = mandate.statement if mandate is not None else None
    if not isinstance(statement, Mandate):
        return None
    ends = min(statement.ends, add_months(statement.starts, LONGEST_MANDATE))
    power = kind_of(asked.entry.statement).power
    said = f"The mandate runs from {moment(statement.starts)} until {moment(ends)}, with {listed(statement.powers)}"
    if power is not None and power not in statement.powers:
        return f"{said}: it lacks {power}. Have the model sign herself, or give the agency a mandate with that power."
    if asked.context.listed(f"mandate:{under}", Revocation):
        said += ", and a revocation of it is logged"
    return f"{said}. Have the model sign herself, or name a mandate that is in force."


def _replaced(asked: FailedRow) -> str | None:
    """The newest consent of the chain, which can still be replaced."""
    statement = asked.entry.statement
    at: str | None = statement.follows if isinstance(statement, Consent) else None
    newest, seen = at, {at, statement.id}
    while newest is not None:
        following = [
            one.statement.id
            for one, judgement in asked.context.listed(f"consent:{newest}", Consent) or ()
            if one.statement.follows == newest
            and judgement.standing is Standing.GOOD and one.statement.id not in seen
        ]  # fmt: skip
        if not following:
            break
        newest = following[0]
        seen.add(newest)
    if newest is None or newest == at:
        return None
    member = "renews" if isinstance(statement, Consent) and statement.renews is not None else "replaces"
    how = "Renew" if member == "renews" else "Replace"
    return f"{how} the newest consent of the chain: {newest}. Or make one of its own, without {member}."


def _twin(asked: FailedRow) -> str | None:
    """A twin that is there, but not as the consent needs it."""
    statement = asked.entry.statement
    if not isinstance(statement, Consent) or statement.twin is None:
        return None
    twins = [
        other
        for index in asked.context.record.rows(f"party:{statement.parties.model}") or ()
        if (other := asked.context.record.entry(index)) and isinstance(other.statement, Twin)
        and not asked.context.listed(f"twin:{other.statement.id}", Revocation)
    ]  # fmt: skip
    if not twins:
        return None
    return f"Consent to the use of a twin that is not retired: {listed(one.statement.id for one in twins)}."


SENTENCES: Mapping[str, Callable[[FailedRow], str | None]] = {
    "void_parties": _parties,
    "void_signers": _signers,
    "void_power": _power,
    "void_replaced": _replaced,
    "twin_retired": _twin,
    "twin_not_registered": _twin,
}
