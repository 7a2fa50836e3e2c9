"""A1: everyone who must sign has signed with a key that is live, and nobody else has (protocol, sections 4 and 4.1).

What must sign is written as *groups*: each group is a set of parties any one of whom suffices, and every group must be
met. A key that is live for two of a statement's signers counts for neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from verifier.base.values import value
from verifier.rules.model.context import GOOD, Context, Judgement, doubtful, void
from verifier.rules.model.record import Entry, holds
from verifier.rules.standing.keys import KeyState, becoming, key_state, named_keys, registry_state
from verifier.rules.standing.parties import ground
from verifier.statements.kinds import SignedBy, SignedWith, SigningRole, kind_of, signing_roles
from verifier.statements.types import Consent, Guardian, Key, Report, Revocation, Usage

WRONG = void("A1", "void_signers")
MISSING = doubtful("A1", "list_missing")


@value(kw_only=False)
class AllowedSigner:
    """A party that may sign, and the role that it must have been enrolled with (``None``: any)."""

    party: str
    role: str | None


Groups = Sequence[Sequence[AllowedSigner]]


def judge_signers(context: Context, entry: Entry) -> Judgement:
    """A1 for one entry."""
    statement, signed = entry.statement, kind_of(entry.statement).signed
    if isinstance(signed, SignedBy):
        groups = signer_groups(context, entry)
        return MISSING if groups is None else _judge_groups(context, entry, groups)
    if isinstance(signed, SignedWith):
        return _judge_keys(context, entry, signed)
    if isinstance(statement, Guardian):
        return _guardian(context, entry, statement)
    assert isinstance(statement, Key)
    return _key(context, entry, statement)


# -- parties that sign by their live keys


def signer_groups(context: Context, entry: Entry) -> Groups | None:
    """The groups for a statement that parties sign with their live keys; ``None`` where lists are missing."""
    statement, row = entry.statement, kind_of(entry.statement)
    signed = row.signed
    if not isinstance(signed, SignedBy):
        raise ValueError(f"a {statement.type} is not signed by groups of parties")
    if row.power is not None and getattr(statement, "under", None) is not None:
        under = ground(context, entry).entries.get("under")
        agency = under.statement.parties.agency if under is not None else None
        return None if agency is None else [[AllowedSigner(agency, "agency")]]
    roles = signing_roles(statement)
    if signed.how == "side" and len(roles) > 1:
        by_first = _signed_by(context, entry, statement.parties.role(roles[0].role) or "")
        if by_first is None:
            return None
        roles = roles[:1] if by_first else roles[1:]
    sides: list[Groups] = []
    for role in roles:
        side = _side(context, entry, role, stops=signed.how == "one")
        if side is None:
            return None
        sides.append(side)
    groups = [group for side in sides for group in side]
    match signed.how:
        case "one":
            return [[signer for group in groups for signer in group]]
        case "some":
            return _sides_that_signed(context, entry, sides)
        case "first":
            return _with_countersigner(context, entry, groups)
        case "all" | "side":
            return groups
        case _:
            assert_never(signed.how)


def _with_countersigner(context: Context, entry: Entry, groups: Groups) -> Groups | None:
    """A sub-licensee's groups, and the licensee's where the consent does not list her and is ``countersigned``."""
    statement, sublicensee = entry.statement, entry.statement.parties.sublicensee
    if sublicensee is None or not isinstance(statement, Usage | Report):
        return groups
    consent = ground(context, entry).entries.get("consent")
    if not holds(consent, Consent):
        return None
    if consent.statement.sublicense != "countersigned" or sublicensee in (consent.statement.sublicensees or ()):
        return groups
    licensee = statement.parties.licensee
    return None if licensee is None else [*groups, [AllowedSigner(licensee, "licensee")]]


def _side(context: Context, entry: Entry, signer: SigningRole, *, stops: bool) -> Groups | None:
    """A party, and where a guardian is live for her, the guardian too: whoever can, and to stop something either."""
    party = entry.statement.parties.role(signer.role)
    if party is None:  # the header lacks her: void, if only it were shown what it stands on
        return None
    hers = [AllowedSigner(party, signer.enrolled)]
    if not signer.ward:
        return [hers]
    state = key_state(context, party, entry.index)
    if state.unknown or state.guardian_unknown:
        return None
    guardian = state.guardian_at(entry.logged)
    if guardian is None:
        return [hers]
    guardians = [AllowedSigner(guardian, "guardian")]
    return [guardians, hers] if stops or state.live else [guardians]


def _sides_that_signed(context: Context, entry: Entry, sides: Sequence[Groups | None]) -> Groups | None:
    """A return is signed by one side or by several (M5): those are asked for whose signatures are complete, and the
    first where none is."""
    complete: list[Sequence[AllowedSigner]] = []
    for side in sides:
        if side is None:
            return None
        signed = [[_signed_by(context, entry, signer.party) for signer in group] for group in side]
        if any(None in group for group in signed):
            return None
        if all(any(group) for group in signed):
            complete.extend(side)
    return complete or sides[0]


def _signed_by(context: Context, entry: Entry, party: str) -> bool | None:
    """Whether a key that is live for the party is on the entry; ``None`` where her keys are not shown."""
    state = key_state(context, party, entry.index)
    return None if state.unknown else bool(entry.signers & state.live)


def _judge_groups(context: Context, entry: Entry, groups: Groups) -> Judgement:
    states: dict[str, KeyState] = {}
    for group in groups:
        for signer in group:
            if signer.party not in states:
                state = states[signer.party] = key_state(context, signer.party, entry.index)
                if state.unknown:
                    return MISSING
    holders: dict[str, list[str]] = {key: [] for key in entry.signers}
    for party, state in states.items():
        for key in entry.signers & state.live:
            holders[key].append(party)
    if any(not parties for parties in holders.values()):
        return WRONG
    signed = {parties[0] for parties in holders.values() if len(parties) == 1}
    for group in groups:
        present = [signer for signer in group if signer.party in signed]
        if not present:
            return WRONG
        for signer in present:
            enrolled = states[signer.party].enrolled
            if enrolled is None:
                return WRONG
            if signer.role is not None and signer.role not in enrolled.statement.roles:
                return void("A0", "void_parties", enrolled.index)
    return GOOD


# -- statements that are signed by rules of their own


def _judge_keys(context: Context, entry: Entry, signed: SignedWith) -> Judgement:
    """The keys that the statement names, the registry's and a registrar's; a key that is both counts for neither."""
    wanted = named_keys(entry.statement, *signed.new)
    if signed.registry or signed.registrar:
        state = registry_state(context, entry.index)
        if state is None:
            return MISSING
        if signed.registrar:
            return _with_registrar(entry.signers, wanted, state.registrars)
        wanted |= {state.key}
    return GOOD if entry.signers == wanted else WRONG


def _with_registrar(signers: frozenset[str], wanted: frozenset[str], registrars: frozenset[str]) -> Judgement:
    vouching = (signers & registrars) - wanted
    good = wanted <= signers and not wanted & registrars and bool(vouching) and signers <= wanted | registrars
    return GOOD if good else WRONG


def _key(context: Context, entry: Entry, statement: Key) -> Judgement:
    """One of the three forms of section 4.1, or a first key that a registrar vouches for.

    Beside a new name a registrar signs in each: with a key that is none of those that sign for the form itself.
    """
    author = statement.parties.author or ""
    state = key_state(context, author, entry.index)
    registry = registry_state(context, entry.index)
    if state.unknown or registry is None:
        return MISSING
    if state.enrolled is None:
        return void("A0", "void_parties")
    signers = entry.signers
    new = becoming(state, statement)
    old = frozenset(state.recovery.keys if state.recovery is not None else ())
    new_recovery = frozenset(statement.recovery.keys if statement.recovery else ())
    vouched = "name" not in statement.sections
    if not vouched:
        own = state.live | new if statement.keys is None else new | new_recovery | old
        vouched, signers = bool((signers & registry.registrars) - own), signers - (registry.registrars - own)
    if statement.keys is None:
        by_holder = bool(signers & (state.live - registry.registrars))
        if by_holder and vouched and new <= signers and signers <= state.live | new:
            return GOOD
        by_registrar = bool(entry.signers) and entry.signers <= registry.registrars - state.live
        return GOOD if by_registrar and statement.add is None else WRONG

    if any(map(state.is_retired, statement.keys)):
        return WRONG
    required = new | (new_recovery - old)
    if (
        state.recovery is not None
        and vouched
        and len(signers & old) >= state.recovery.threshold
        and required <= signers <= required | new_recovery | old
    ):
        return GOOD
    signers, wanted = entry.signers, new | new_recovery
    if state.had_key or statement.recovery is None or not vouched or not wanted <= signers:
        return WRONG
    # Her first keys: a registrar vouches, and the guardian where one is live.
    if state.guardian_unknown:
        return MISSING
    guardian = state.guardian_at(entry.logged)
    if guardian is None:
        return _with_registrar(signers, wanted, registry.registrars)
    guardian_state = key_state(context, guardian, entry.index)
    if guardian_state.unknown:
        return MISSING
    by_guardian = (signers & guardian_state.live) - wanted - registry.registrars
    return _with_registrar(signers - by_guardian, wanted, registry.registrars) if by_guardian else WRONG


def _guardian(context: Context, entry: Entry, statement: Guardian) -> Judgement:
    """The new guardian and a registrar; and if the model ever had a key, she or the guardian until then."""
    parties = statement.parties
    registry = registry_state(context, entry.index)
    model = key_state(context, parties.model or "", entry.index)
    new = key_state(context, parties.guardian or "", entry.index)
    if registry is None or model.unknown or model.guardian_unknown or new.unknown:
        return MISSING
    if model.enrolled is None or new.enrolled is None:
        return void("A0", "void_parties")
    recovery = frozenset(model.recovery.keys if model.recovery else ())
    sets = {"registrar": registry.registrars, "guardian": new.live, "model": model.live | recovery}
    old = model.guardian_at(entry.logged)
    if old is not None and old != parties.guardian:
        state = key_state(context, old, entry.index)
        if state.unknown:
            return MISSING
        sets["old"] = state.live
    if any(not any(key in keys for keys in sets.values()) for key in entry.signers):
        return WRONG
    counted = {
        name: {key for key in entry.signers & keys if sum(key in other for other in sets.values()) == 1}
        for name, keys in sets.items()
    }
    if not counted["registrar"] or not counted["guardian"]:
        return WRONG
    by_recovery = model.recovery is not None and len(counted["model"] & recovery) >= model.recovery.threshold
    by_model = bool(counted["model"] & model.live) or by_recovery
    by_old = bool(counted.get("old")) or old == parties.guardian
    if model.had_key and not (by_model or by_old):
        return WRONG
    for role, enrolled in (("guardian", new.enrolled), ("model", model.enrolled)):
        if counted[role] and role not in enrolled.statement.roles:
            return void("A0", "void_parties", enrolled.index)
    return GOOD


def licensee_signed(context: Context, entry: Entry) -> tuple[bool, bool] | None:
    """Of a revocation, whether the licensee signed it, and whether nobody did for the model; ``None``: cannot be told.

    An agency signs instead of the model, and then nobody else may (A1).
    """
    parties = entry.statement.parties
    assert isinstance(entry.statement, Revocation)
    if parties.licensee is None or entry.statement.under is not None:
        return False, False
    signed = [_signed_by(context, entry, one) if one else False for one in (parties.licensee, parties.model)]
    guardian = _signed_by(context, entry, parties.guardian) if parties.guardian else False
    if None in signed or guardian is None:
        return None
    return bool(signed[0]), bool(signed[0]) and not signed[1] and not guardian


def model_side(context: Context, entry: Entry) -> bool | None:
    """Whether a suspension or resumption was signed by the model's side, not by the union; ``None``: cannot be told."""
    union = entry.statement.parties.union
    by_union = union is not None and _signed_by(context, entry, union)
    return None if by_union is None else not by_union
