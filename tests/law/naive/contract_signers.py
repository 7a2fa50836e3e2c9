"""Whose keys are live, who is a guardian, and who must sign: PROTOCOL 4 and 4.1, and A1."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tests.law.naive.contract import History
from verifier.rules.model.record import Entry
from verifier.statements.types import (
    Adjustment,
    Approval,
    Consent,
    Dispute,
    Erasure,
    Exercise,
    Genesis,
    Guardian,
    Key,
    Mandate,
    Party,
    Payment,
    Receipt,
    Registry,
    Report,
    Resumption,
    Revocation,
    Ruling,
    Suspension,
    Twin,
    Usage,
)

# ---- 4.1: keys and guardians


@dataclass
class Keys:
    live: frozenset[str] = frozenset()
    retired: frozenset[str] = frozenset()
    recovery: frozenset[str] = frozenset()
    threshold: int = 1
    ever: bool = False


def keys(history: History, party: str, index: int) -> Keys:
    """The keys of a party as an entry at ``index`` finds them."""
    return history.once(("keys", party, index), lambda: _keys(history, party, index))


def _keys(history: History, party: str, index: int) -> Keys:
    state = Keys()
    for entry in history.touching(f"keys:{party}"):
        said = entry.statement
        own = isinstance(said, Party) and said.id == party and entry.index <= index
        if not own and entry.index >= index:
            break
        if isinstance(said, Party) and own and (entry.index == index or history.good(entry)):
            state = Keys(live=frozenset(said.keys or ()), ever=bool(said.keys))
            if said.recovery:
                state = replace(state, recovery=frozenset(said.recovery.keys), threshold=said.recovery.threshold)
        elif isinstance(said, Key) and said.parties.author == party and history.good(entry):
            state = after(state, said)
    return state


def after(state: Keys, said: Key) -> Keys:
    """What a ``key`` statement makes of the keys before it."""
    if said.keys is None:
        retired = state.retired | set(said.retire or ())
        live = (state.live | set(said.add or ())) - retired
        return replace(state, live=live, retired=retired, ever=state.ever or bool(live))
    live = frozenset(said.keys)
    state = replace(state, live=live, retired=state.retired | (state.live - live), ever=True)
    if said.recovery:
        state = replace(state, recovery=frozenset(said.recovery.keys), threshold=said.recovery.threshold)
    return state


def live(history: History, party: str, index: int) -> frozenset[str]:
    return keys(history, party, index).live


def guardian_of(history: History, ward: str | None, entry: Entry) -> str | None:
    """The guardian who is live for somebody when an entry is logged."""
    if ward is None:
        return None
    return history.once(("guardian", ward, entry.index), lambda: _guardian_of(history, ward, entry))


def _guardian_of(history: History, ward: str, entry: Entry) -> str | None:
    last = None
    for _other, said in history.of_before(f"keys:{ward}", Guardian, entry.index):
        if said.parties.model == ward:
            last = said
    return last.parties.guardian if last is not None and entry.logged < last.until else None


@dataclass
class Desk:
    """Who speaks for the registry."""

    key: frozenset[str] = frozenset()
    registrars: frozenset[str] = frozenset()


def desk(history: History, index: int) -> Desk:
    return history.once(("desk", index), lambda: _desk(history, index))


def _desk(history: History, index: int) -> Desk:
    state = Desk()
    for entry in history.touching(f"registry:{history.genesis}"):
        said = entry.statement
        if entry.index >= index or not isinstance(said, Genesis | Registry) or not history.good(entry):
            continue
        if said.log is not None:
            state = replace(state, key=frozenset([_key_inside(said.log)]))
        if said.registrars is not None:
            state = replace(state, registrars=frozenset(said.registrars))
    return state


def _key_inside(vkey: str) -> str:
    from base64 import b64decode

    return b64decode(vkey.split("+", 2)[2])[1:].hex()


# ---- A1: who must sign


Way = dict[str, frozenset[str]]
"""A signer (a party, ``registrar`` or ``registry``) -> the keys that speak for it. All of them must sign."""


def signers_wrong(history: History, entry: Entry, ruled: bool) -> set[str]:
    """The signatures are complete, right, and nobody else's, in one of the ways that there are."""
    said = entry.statement
    if isinstance(said, Key):
        return set() if _key_is_signed(history, entry, said) else {"void_signers"}
    if isinstance(said, Party):
        desks = desk(history, entry.index).registrars - set(said.keys or ())
        listed = set(said.keys or ()) | set(said.recovery.keys if said.recovery else ())
        fine = listed <= entry.signers and bool(entry.signers - listed) and entry.signers - listed <= desks
        return set() if fine else {"void_signers"}
    ways = ways_to_sign(history, entry, ruled)
    for key in entry.signers:
        if len({party for way in ways for party, theirs in way.items() if key in theirs}) > 1:
            return {"void_signers"}  # live for two of those who may sign, it counts for neither
    return set() if any(complete(entry.signers, way) for way in ways) else {"void_signers"}


def complete(signers: Iterable[str], way: Way) -> bool:
    heard = set()
    for key in signers:
        whose = [party for party, theirs in way.items() if key in theirs]
        if len(whose) != 1:
            return False
        heard.add(whose[0])
    return heard == set(way)


def ways_to_sign(history: History, entry: Entry, ruled: bool) -> list[Way]:
    """Each way in which a statement can be signed."""
    said, index, named = entry.statement, entry.index, entry.statement.parties
    office = desk(history, index)

    def party(id: str | None) -> Way:
        return {id or "nobody": live(history, id, index) if id else frozenset()}

    def person(id: str | None, *, stops: bool = False) -> list[Way]:
        """A party that may be a ward."""
        guardian = guardian_of(history, id, entry)
        if guardian is None:
            return [party(id)]
        hers = live(history, id or "", index)
        both = {**party(guardian), **(party(id) if hers else {})}
        return [both, party(guardian), party(id)] if stops else [both]

    model = person(named.model)
    stopping = person(named.model, stops=True)
    agency = [party(named.agency)]
    if under := getattr(said, "under", None):
        mandate = history.first_good(f"mandate:{under}", under, index, ruled)
        agency = [party(mandate.statement.parties.agency)] if mandate else []
    if isinstance(said, Registry):
        new = {"new log key": frozenset([_key_inside(said.log)])} if said.log else {}
        return [{"registry": office.key, **new}]
    if isinstance(said, Guardian):
        return _guardian_ways(history, entry, said, {**party(named.guardian), "registrar": office.registrars})
    if isinstance(said, Mandate):
        return _each(model, agency)
    if (isinstance(said, Consent) and said.act == "create") or isinstance(said, Twin):
        return _each(model, [party(named.maker)])
    if isinstance(said, Consent):
        return _each(model, [party(named.licensee)], agency if said.under else [{}])
    if isinstance(said, Approval):
        return agency if said.under else stopping if said.decision == "reject" else model
    if isinstance(said, Exercise):
        return [party(named.licensee)]
    if isinstance(said, Usage | Report):
        if named.sublicensee is None:
            return [party(named.licensee)]
        listed = named.sublicensee in listed_under(history, said.consent, index)
        return [party(named.sublicensee)] if listed else _each([party(named.sublicensee)], [party(named.licensee)])
    if isinstance(said, Payment):
        return [party(named.provider)] if named.provider else person(named.payer)
    if isinstance(said, Receipt) or (isinstance(said, Adjustment) and said.kind == "credit"):
        return person(named.payee)
    if isinstance(said, Adjustment):
        payer, payee = person(named.payer), person(named.payee)
        provider = [party(named.provider)] if named.provider else []
        return [*payer, *payee, *provider, *_each(payer, payee), *_each(payer, provider), *_each(payee, provider),
                *_each(payer, payee, provider)]  # fmt: skip
    if isinstance(said, Revocation):
        if said.under:
            return agency
        others = agency if said.mandate else []
        if said.consent and named.licensee and said.part is None:
            others = [party(named.licensee)]
        return [*stopping, *others, *_each(stopping, others)] if others else stopping
    if isinstance(said, Suspension | Resumption):
        union = [party(named.union)] if named.union else []
        return [*stopping, *union, *_each(stopping, union)] if isinstance(said, Suspension) else [*model, *union]
    if isinstance(said, Dispute):
        return person(named.author, stops=True)
    if isinstance(said, Ruling):
        return [party(named.arbiter)]
    assert isinstance(said, Erasure)
    return [{"registrar": office.registrars}]


def listed_under(history: History, id: str, before: int) -> tuple[str, ...]:
    """The sub-licensees whom a consent lists, ruled void or not; all others need the licensee's signature too."""
    consent = history.first_good(f"consent:{id}", id, before, ruled=False)
    return (consent.statement.sublicensees or ()) if consent and isinstance(consent.statement, Consent) else ()


def _each(*choices: list[Way]) -> list[Way]:
    """One of each together."""
    found: list[Way] = [{}]
    for ways in choices:
        found = [{**one, **other} for one in found for other in ways]
    return found


def _guardian_ways(history: History, entry: Entry, said: Guardian, office: Way) -> list[Way]:
    model = said.parties.model or ""
    hers = keys(history, model, entry.index)
    if not hers.ever:  # the former guardian need not sign, and may
        before = guardian_of(history, model, entry)
        return [office, *([{**office, before: live(history, before, entry.index)}] if before else [])]
    # She or the guardian until then, or both; her own recovery keys do, beside her live ones too.
    recovery = {one: frozenset([one]) for one in entry.signers & hers.recovery}
    ways: list[Way] = [{model: hers.live}, {model: hers.live, **recovery}]
    if len(recovery) >= hers.threshold:
        ways.append(recovery)
    former = guardian_of(history, model, entry)
    if former is not None:
        word = {former: live(history, former, entry.index)}
        ways += [word, *({**word, **way} for way in ways)]
    return [{**office, **way} for way in ways]


def _key_is_signed(history: History, entry: Entry, said: Key) -> bool:
    author = said.parties.author or ""
    before, office = keys(history, author, entry.index), desk(history, entry.index).registrars
    now = after(before, said)
    new = set(now.live - before.live)
    if said.recovery:
        new |= set(said.recovery.keys) - before.recovery
    if not new <= entry.signers:
        return False
    others = entry.signers - new
    if "name" in said.sections:  # a registrar vouches for a name
        vouching = others & office - before.live - before.recovery
        if not vouching:
            return False
        if said.keys is None and said.add is None and others <= vouching:
            return True
        if said.keys is None or before.ever:
            others -= vouching
    if said.keys is None:
        if others and others <= before.live - office:
            return True
        return said.add is None and bool(others) and others <= office - before.live
    if set(said.keys) & before.retired:
        return False
    if before.ever:
        return len(others & before.recovery) >= before.threshold and others <= before.recovery
    guardian = guardian_of(history, author, entry)
    way = {"registrar": office} | ({guardian: live(history, guardian, entry.index)} if guardian else {})
    return said.recovery is not None and complete(others, way)
