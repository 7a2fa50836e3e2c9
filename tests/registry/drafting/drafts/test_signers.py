"""Who must sign: what people are told equals what the kernel asks, for every kind of statement and every cast.

Each statement is signed by every set of the people around it. The kernel takes a set exactly if it is one that the
words allow: with what a header tells alone, and with what a registry knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, product

import pytest

from registry.drafting.drafts.signers import Group, Need, Signatory, needed
from tests.support.cast import Cast, Logged, key
from tests.support.world import Actor, World
from verifier.rules.model.context import Context, Standing
from verifier.rules.model.record import Entry
from verifier.rules.standing.keys import key_state
from verifier.rules.standing.parties import judge_parties
from verifier.rules.standing.signers import judge_signers
from verifier.statements.kinds import KINDS, SignedBy, SignedInForms, kind_name
from verifier.statements.types import Mandate

CASTS: dict[str, Callable[[Cast], object]] = {
    "all of age": lambda c: c.anna,
    "the model is a ward": lambda c: c.ward(),
    "the model is a ward without keys": lambda c: c.ward(keys=0),
    "the model was a ward": lambda c: (c.ward(until="2026-02-01T00:00:00Z"), c.world.advance("60d")),
    "another payee is a ward": lambda c: c.ward("crew", guardian="dad"),
    "another payee is a ward without keys": lambda c: c.ward("crew", keys=0, guardian="dad"),
    "both are wards": lambda c: (c.ward(), c.ward("crew", guardian="dad")),
    "both are wards of one, without keys": lambda c: (c.ward(keys=0), c.ward("crew", keys=0)),
}


def live_guardian(c: Cast, ward: Actor) -> Actor | None:
    guardian, until = c.world.guardians.get(ward.id, (None, 0))
    return guardian if c.world.now < until else None


def paid(c: Cast, payee: Actor) -> dict[str, Actor | None]:
    """The author of a statement about money: a payee's guardian who is not named otherwise."""
    guardian, named = live_guardian(c, payee), live_guardian(c, c.anna)
    return {"author": guardian} if payee is not c.anna and guardian is not named else {}


def payment(payer: str, payee: str, provider: str | None = None) -> Callable[[Cast], Logged]:
    return lambda c: c.world.payment(
        c.deal, payer=c.actor(payer), payee=c.actor(payee), amount=1, parties=paid(c, c.actor(payee)),
        provider=c.actor(provider) if provider else None, signers=[c.stranger],
    )  # fmt: skip


def receipt(payee: str) -> Callable[[Cast], Logged]:
    return lambda c: c.world.receipt(c.deal, payee=c.actor(payee), amount=1, parties=paid(c, c.actor(payee)))


def adjustment(kind: str, payer: str, payee: str, provider: str | None = None) -> Callable[[Cast], Logged]:
    return lambda c: c.world.adjustment(
        c.deal, kind=kind, payer=c.actor(payer), payee=c.actor(payee), amount=1, parties=paid(c, c.actor(payee)),
        provider=c.actor(provider) if provider else None, of=[c.deal] if kind == "return" else [],
    )  # fmt: skip


def under_another(c: Cast) -> Logged:
    """A mandate of the model with an agency that the consent does not name."""
    return c.world.mandate(model=c.anna, agency=c.actor("otto", roles=["agency"]))


MADE: dict[str, Sequence[Callable[[Cast], Logged]]] = {
    "mandate": [lambda c: c.mandate],
    "consent create": [lambda c: c.world.creation(model=c.anna, maker=c.studio)],
    "consent use": [lambda c: c.deal, lambda c: c.consent(), lambda c: c.consent(simple=True)],
    "twin": [lambda c: c.world.twin(c.anna, creation=c.world.creation(model=c.anna, maker=c.studio))],
    "approval approve": [
        lambda c: c.world.approval(c.deal, ["a"]),
        lambda c: c.world.approval(c.deal, ["a"], under=c.mandate),
        lambda c: c.world.approval(c.deal, ["a"], under=under_another(c)),
    ],
    "approval reject": [
        lambda c: c.world.approval(c.deal, ["a"], decision="reject"),
        lambda c: c.world.approval(c.deal, ["a"], decision="reject", under=c.mandate),
    ],
    "usage": [lambda c: c.world.usage(c.deal), lambda c: c.world.usage(c.deal, sublicensee=c.sub)],
    "report": [
        lambda c: c.world.report(c.world.usage(c.deal)),
        lambda c: c.world.report(c.world.usage(c.deal, sublicensee=c.sub)),
    ],
    "payment": [
        payment("brand", "anna"), payment("brand", "crew"), payment("gina", "crew"), payment("crew", "anna"),
        payment("gina", "anna", "bank"),
    ],
    "receipt": [receipt("anna"), receipt("crew"), receipt("gina")],
    "adjustment credit": [adjustment("credit", "brand", "anna"), adjustment("credit", "brand", "crew")],
    "adjustment return": [
        adjustment("return", "brand", "anna"), adjustment("return", "brand", "crew", "bank"),
        adjustment("return", "gina", "crew"), adjustment("return", "crew", "gina"),
    ],
    "exercise": [lambda c: c.world.exercise(c.consent(exercise_by="+30d"))],
    "revocation consent": [
        lambda c: c.world.revocation(consent=c.deal),
        lambda c: c.world.revocation(consent=c.deal, under=c.mandate),
        lambda c: c.world.revocation(consent=c.deal, under=under_another(c)),
    ],
    "revocation exclusive": [
        lambda c: c.world.revocation(consent=c.deal, part="exclusive", ground="unpaid"),
    ],
    "revocation mandate": [lambda c: c.world.revocation(mandate=c.mandate)],
    "revocation twin": [
        lambda c: c.world.revocation(twin=c.world.twin_of(c.anna)),
        lambda c: c.world.revocation(twin=c.world.twin_of(c.anna), under=c.mandate),
    ],
    "suspension": [
        lambda c: c.world.suspension(c.deal),
        lambda c: c.world.suspension(c.consent(simple=True)),
    ],
    "resumption": [
        lambda c: c.world.resumption(c.deal),
        lambda c: c.world.resumption(c.consent(simple=True)),
    ],
    "dispute": [
        lambda c: c.world.dispute(c.deal, [c.deal], author=c.anna),
        lambda c: c.world.dispute(c.deal, [c.deal], author=c.crew),
        lambda c: c.world.dispute(c.deal, [c.deal], author=c.brand),
    ],
    "ruling": [lambda c: c.world.ruling(c.deal, [c.deal])],
}  # fmt: skip
"""At least one statement for each row of the table that parties sign by their live keys."""


class Truth:
    """What a registry knows at one entry."""

    def __init__(self, context: Context, entry: Entry) -> None:
        self.context = context
        self.entry = entry

    def guardian_of(self, party: str) -> str | None:
        return key_state(self.context, party, self.entry.index).guardian_at(self.entry.logged)

    def has_keys(self, party: str) -> bool:
        return bool(key_state(self.context, party, self.entry.index).live)

    def agency_of(self, mandate: str) -> str | None:
        found, _ = self.context.named(f"mandate:{mandate}", mandate, self.entry.index)
        assert found is not None and isinstance(found.statement, Mandate)
        return found.statement.parties.agency

    def groups(self, group: Group) -> list[set[str]]:
        """A group of the words, its conditions met or not."""
        found: set[str] = set()
        for one in group:
            party = one.party
            if party is None:
                party = self.agency_of(getattr(self.entry.statement, "under"))  # noqa: B009 -- only such name nobody
            assert party is not None
            guardian = self.guardian_of(party) if one.ward else None
            if one.keyed and not self.has_keys(party):
                continue
            if guardian is not None and not one.stops:
                assert len(group) == 1
                return [{guardian}, {party}] if self.has_keys(party) else [{guardian}]
            found |= {party} if guardian is None else {party, guardian}
        return [found] if found else []


def allowed(needs: Sequence[Need], truth: Truth) -> Iterator[list[set[str]]]:
    """Every way in which all that is needed is there: groups, one of each of which signs, and nobody else."""
    choices = []
    for need in needs:
        most = 1 if need.either else len(need.sides)
        choices.append([sides for count in range(1, most + 1) for sides in combinations(need.sides, count)])
    for chosen in product(*choices):
        yield [found for sides in chosen for side in sides for group in side for found in truth.groups(group)]


@pytest.mark.parametrize("cast", CASTS)
@pytest.mark.parametrize(("kind", "place"), [(kind, place) for kind in MADE for place in range(len(MADE[kind]))])
def test_words_and_kernel_agree(kind: str, place: int, cast: str) -> None:
    c = Cast()
    CASTS[cast](c)
    made = MADE[kind][place](c)
    assert kind_name(made.statement) == kind
    context, entry = c.context(), c.world.entry(made)
    assert judge_parties(context, entry).standing is Standing.GOOD
    truth = Truth(context, entry)
    told, known = needed(made.statement), needed(made.statement, truth)
    assert all(need.who and need.key is None for need in told)
    assert not any(one.keyed or one.ward or one.party is None for need in known for one in signatories(need))
    by_words, by_registry = list(allowed(told, truth)), list(allowed(known, truth))
    people = {party: actor for party, actor in c.world.actors.items() if actor.keys}
    around = set().union(*(group for way in by_words for group in way)) | set(made.statement.parties.ids())
    around |= {guardian for party in around if (guardian := truth.guardian_of(party)) is not None}
    signing = [*sorted(around & people.keys()), c.stranger.id]
    for count in range(1, min(len(signing), 4) + 1):
        for some in combinations(signing, count):
            signers = frozenset(c.world.actors[party].keys[0].public.hex() for party in some)
            signed = Entry(index=entry.index, logged=entry.logged, statement=entry.statement, signers=signers)
            taken = judge_signers(context, signed).standing is Standing.GOOD
            for ways in (by_words, by_registry):
                said = any(all(one & set(some) for one in way) and set(some) <= set().union(*way) for way in ways)
                assert said == taken, ([c.world.actors[party].name for party in some], [need.who for need in told])


def signatories(need: Need) -> Iterator[Signatory]:
    return (one for side in need.sides for group in side for one in group)


def test_every_kind_that_parties_sign_is_tried() -> None:
    assert set(MADE) == {name for name, row in KINDS.items() if isinstance(row.signed, SignedBy)}


WARD: dict[str, tuple[Callable[[Cast], Logged], str]] = {
    # kind: (a statement about a ward with keys, the smallest sets of people who can sign it)
    "consent use": (lambda c: c.consent(), "anna brand mum"),
    "approval approve": (lambda c: c.world.approval(c.deal, ["a"]), "anna mum"),
    "approval reject": (lambda c: c.world.approval(c.deal, ["a"], decision="reject"), "anna, mum"),
    "payment": (payment("crew", "anna"), "crew dad"),
    "receipt": (receipt("anna"), "anna mum"),
    "adjustment credit": (adjustment("credit", "brand", "crew"), "crew dad"),
    "adjustment return": (adjustment("return", "crew", "anna"), "anna mum, crew dad"),
    "revocation mandate": (lambda c: c.world.revocation(mandate=c.mandate), "anna, gina, mum"),
    "suspension": (lambda c: c.world.suspension(c.deal), "anna, mum, ulla"),
    "resumption": (lambda c: c.world.resumption(c.deal), "anna mum, ulla"),
    "dispute": (lambda c: c.world.dispute(c.deal, [c.deal], author=c.crew), "crew, dad"),
}


@pytest.mark.parametrize("kind", WARD)
def test_for_a_ward_the_protocol_says(kind: str) -> None:
    """By hand from the protocol's own words (section 4): so that table and words cannot be wrong together."""
    c = Cast()
    CASTS["both are wards"](c)
    make, wanted = WARD[kind]
    made = make(c)
    context, entry = c.context(), c.world.entry(made)
    names = {party: actor.name for party, actor in c.world.actors.items()}
    told = [set().union(*way) for way in allowed(needed(made.statement), Truth(context, entry))]
    smallest = {frozenset(one.split()) for one in wanted.split(", ")}
    assert {names[party] for way in told for party in way} == set().union(*smallest)
    for some in smallest:
        signers = frozenset(c.actor(name).keys[0].public.hex() for name in some)
        signed = Entry(index=entry.index, logged=entry.logged, statement=entry.statement, signers=signers)
        assert judge_signers(context, signed).standing is Standing.GOOD
        for one in signers:
            fewer = Entry(index=entry.index, logged=entry.logged, statement=entry.statement, signers=signers - {one})
            assert judge_signers(context, fewer).standing is not Standing.GOOD


FORMS: dict[str, tuple[Callable[[Cast], Logged], list[str]]] = {
    # form of section 4.1: (a statement, what is needed in words)
    "add": (
        lambda c: c.world.key(c.anna, add=[key("new")]), ["a key that {} has now", "an added key"]
    ),
    "add and retire": (
        lambda c: c.world.key(c.anna, add=[key("new"), key("gone")], retire=[key("gone")], drop=[key("gone")]),
        ["a key that {} has now", "an added key"],
    ),
    "retire": (
        lambda c: c.world.key(c.anna, retire=[c.anna.keys[0]]), ["a key that {} has now, or a registrar"]
    ),
    "retire by a registrar": (
        lambda c: c.world.key(c.anna, retire=[c.anna.keys[0]], by_registrar=True),
        ["a key that {} has now, or a registrar"],
    ),
    "recover": (
        lambda c: c.world.key(c.anna, keys=[key("new")], recovery=[key("spare")]),
        ["enough recovery keys of {}; or a registrar, if it never had a key", "a new key", "a new recovery key"],
    ),
    "first keys": (
        lambda c: c.world.key(c.actor("anna", keys=0), keys=[key("new")], recovery=[key("spare")]),
        ["enough recovery keys of {}; or a registrar, if it never had a key", "a new key", "a new recovery key"],
    ),
    "first keys of a ward": (
        lambda c: c.world.key(c.ward(keys=0), keys=[key("new")], recovery=[key("spare")],
                              signers=[c.world.registrar, c.mum, key("new"), key("spare")]),
        ["enough recovery keys of {}; or a registrar and the guardian {mum}, if it never had a key",
         "a new key", "a new recovery key"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_forms_of_a_change_of_keys(form: str) -> None:
    """As many signatures as there are needs (or one more, of the guardian), each of them wanted."""
    c = Cast()
    make, words = FORMS[form]
    made = make(c)
    context, entry = c.context(), c.world.entry(made)
    guardian = made.statement.parties.guardian
    told = needed(made.statement)
    assert [need.who for need in told] == [one.format(made.statement.parties.author, mum=guardian) for one in words]
    assert len(entry.signers) == len(told) + (guardian is not None)
    assert {need.key for need in told if need.key is not None} <= entry.signers
    assert judge_signers(context, entry).standing is Standing.GOOD
    for one in entry.signers:
        fewer = Entry(
            index=entry.index, logged=entry.logged, statement=entry.statement, signers=entry.signers - {one}
        )
        assert judge_signers(context, fewer).standing is not Standing.GOOD


def registry_changes(w: World) -> Logged:
    return w.registry(log=key("new log"), registrars=[key("another")])


SIGNED_WITH: dict[str, Callable[[World], Logged]] = {
    "registry": registry_changes,
    "party": lambda w: found(w.party("berta", roles=["model"], keys=2).entry),
    "erasure": lambda w: w.erasure(found(w.party("berta", roles=["model"]).entry), erased=["person"]),
}


def found(made: Logged | None) -> Logged:
    assert made is not None
    return made


@pytest.mark.parametrize("kind", SIGNED_WITH)
def test_keys_that_the_statement_names(kind: str) -> None:
    """The kernel takes what the words ask for and nothing less: the keys, the log's key, a registrar."""
    c = Cast()
    log, registrar = c.world.log_key.public.hex(), c.world.registrar.public.hex()
    made = SIGNED_WITH[kind](c.world)
    context, entry = c.context(), c.world.entry(made)
    stand_for = {"the registry's log key": log, "a registrar": registrar}
    asked_for = [need.key or stand_for[need.who] for need in needed(made.statement)]
    everybody = sorted({*asked_for, c.stranger.keys[0].public.hex()})
    for count in range(1, len(everybody) + 1):
        for some in combinations(everybody, count):
            signed = Entry(
                index=entry.index, logged=entry.logged, statement=entry.statement, signers=frozenset(some)
            )
            assert (judge_signers(context, signed).standing is Standing.GOOD) == (set(some) == set(asked_for))


def test_every_other_kind_is_tried() -> None:
    """Nobody drafts a genesis or a seal; a guardian's appointment is said in test_words.py."""
    others = {name for name, row in KINDS.items() if not isinstance(row.signed, SignedBy)}
    forms = {name for name, row in KINDS.items() if isinstance(row.signed, SignedInForms)}
    assert others - forms == {*SIGNED_WITH, "genesis", "seal"}
    assert forms == {"key", "guardian"}
